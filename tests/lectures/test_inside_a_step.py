"""Lecture 7: numbers against NumPy and Keras, what its picture must show, and its words."""

import re
from functools import cache, partial

import keras
import matplotlib as mpl
import numpy as np
import pytest
import tensorflow as tf

from lessons import inside_a_step as lesson
from lessons.digits.map import ENOUGH, outcome
from lessons.digits.runs import train
from lessons.exercises import inside_a_step as check
from lessons.explorable import theme
from tests.lectures import printed as stored
from tests.lectures import sweep
from tests.lectures.pictures import picture_of
from tests.lectures.printed import numbers_in
from tests.strict import no_warnings

pytestmark = no_warnings

NOTEBOOK = sweep.NOTEBOOKS / "07_inside_a_step.ipynb"
TAPE, UNSCALED, MEAN, NOWHERE = lesson.PLACES

printed = partial(stored.printed, NOTEBOOK)


def clipped(number, bound):
    return number * bound / max(abs(number), bound)


def ran(*cells):
    """Run cells of the notebook after its imports; return what they leave in the kernel."""
    namespace = {"__name__": "__main__"}
    with sweep.in_the_notebooks_folder():
        for cell in ("imports", *cells):
            sweep.run(sweep.code_cells(NOTEBOOK)[cell], namespace, f"lecture 7, {cell}")
    return namespace


# ---- 1 and 2 · inside a step --------------------------------------------------------------------


@pytest.mark.parametrize("place", lesson.PLACES)
@pytest.mark.parametrize(("second", "scale", "bound"), [(2.0, 65536, 1.0), (20.0, 1, 0.01)])
def test_inside_a_step_follows_two_gradients_and_colours_what_is_clipped(
    place, second, scale, bound
):
    taped = [scale * 10, scale * second]
    unscaled = [(clipped(n, bound) if place == TAPE else n) / scale for n in taped]
    mean = sum(clipped(n, bound) if place == UNSCALED else n for n in unscaled) / 2
    step = 0.1 * (clipped(mean, bound) if place == MEAN else mean)
    wanted = 0.1 * clipped((10 + second) / 2, bound)
    numbers = [*taped, *unscaled, mean, step]

    made = picture_of(lesson.InsideAStep)
    scene = made.scene
    readout = made.frame(place=place, second=second, scale=scale, bound=bound).readout
    tops = [bar.get_y() + bar.get_height() for bar in scene.bars]
    np.testing.assert_allclose(tops, numbers, rtol=1e-4)
    for text, number in zip(scene.numbers, numbers, strict=True):
        assert float(text.get_text()) == pytest.approx(number, rel=0.06)
        assert text.get_position()[1] > number
    assert list(scene.line.get_ydata()) == [bound, bound]
    # The clip stands behind the station at which it acts, and colours what comes after it.
    cut = {TAPE: 0.5, UNSCALED: 1.5, MEAN: 2.5}.get(place)
    assert scene.clip.get_visible() == (cut is not None)
    for bar in scene.bars:
        after = cut is not None and bar.get_x() > scene.clip.get_xdata()[0] == cut
        assert bar.get_facecolor() == mpl.colors.to_rgba(theme.CLIPPED if after else theme.RAW)
        assert bar.get_hatch() == ("//" if after else "")
    assert numbers_in(re.match(rf"Clipped {place}: a step of (\S+), ", readout)[1]) == [
        pytest.approx(step, rel=0.06)
    ]
    if step == pytest.approx(wanted, rel=1e-5):
        assert readout.endswith(", as long as it should be.")
    else:
        ratio, word, told = re.search(r", (\S+) times too (\w+): .* (\S+)\.$", readout).groups()
        assert float(ratio) == pytest.approx(max(step / wanted, wanted / step), rel=0.06)
        assert word == ("short" if step < wanted else "long")
        assert float(told) == pytest.approx(wanted, rel=0.06)


@pytest.mark.parametrize(("second", "bound"), [(0.2, 1.0), (0.2, 8.0), (3.0, 0.01)])
def test_after_the_mean_is_what_keras_does(second, bound):
    scale, w = 256.0, tf.Variable([0.0])
    optimizer = keras.optimizers.SGD(
        0.1, clipnorm=bound, loss_scale_factor=scale, gradient_accumulation_steps=2
    )
    for gradient in (10.0, second):
        optimizer.apply_gradients([(tf.constant([scale * gradient]), w)])
    step = lesson.inside_a_step(MEAN, second, scale, bound)["step"]
    np.testing.assert_allclose(-w.numpy(), step, rtol=1e-5)


def step_at(place, second=0.2, scale=256, bound=1.0):
    return lesson.inside_a_step(place, second, scale, bound)["step"][0]


def test_the_steps_that_the_notes_of_section_2_name():
    assert [step_at(place) for place in (MEAN, UNSCALED, NOWHERE)] == pytest.approx(
        [0.1, 0.06, 0.51]
    )
    assert printed("place-numbers") == [
        "mean 5.1, clipped nowhere: a step of 0.51",
        "mean 0.6, clipped after unscaling: 0.06",
    ]
    for scale in (16, 65536):
        # Both are cut to the bound, and the step is shorter by the scale.
        assert step_at(TAPE, scale=scale) == pytest.approx(0.1 / scale)
    # Two positive gradients on one side of the bound: averaging first makes no difference.
    for second, bound in [(20.0, 1.0), (2.0, 100.0), (0.2, 1.0), (20.0, 11.0)]:
        same = (second > bound) == (bound < lesson.FIRST_BATCH)
        both, one = step_at(MEAN, second, bound=bound), step_at(UNSCALED, second, bound=bound)
        assert (one == pytest.approx(both, rel=1e-5)) == same
    # With different signs it makes a difference, though both are above the bound.
    assert step_at(MEAN, -9.0) == pytest.approx(0.05)
    assert step_at(UNSCALED, -9.0) == 0


def test_loss_scaling_is_undone_and_accumulation_ended_before_the_clip():
    taped, wrong, right, kept = map(numbers_in, printed("scaling-numbers"))
    assert taped == [768, 1024]
    np.testing.assert_allclose(wrong, np.array([0.6, 0.8]) / 256, atol=5e-6)
    np.testing.assert_allclose([right, kept], [[0.6, 0.8]] * 2, atol=1e-5)
    assert list(map(numbers_in, printed("accumulation-numbers"))) == [[0], [0], [0.5], [0.5]]
    # Why a loss is scaled at all.
    assert tf.cast(1e-8, tf.float16) == 0 < tf.cast(1e-8 * 256, tf.float16)


# ---- 3 · then and now ---------------------------------------------------------------------------


@pytest.mark.notebooks
def test_the_old_loop_and_todays_clip_alike_and_skip_what_is_none():
    both = ran("then-apart", "then-loop", "now-loop")
    # minimize, and what it is made of: w minus 0.01 times 4 w³.
    for taken_apart in (False, True):
        np.testing.assert_allclose(both["one_step"](taken_apart), [1.92, -1.68], rtol=1e-6)
    # Kingma and Ba's algorithm 1 in float64, each tensor clipped to a norm of 5.
    weights = [np.array([3.0, -2.0]), np.array([1.0])]
    means, squares = [0.0, 0.0], [0.0, 0.0]
    for t in range(1, 11):
        for i, g in enumerate((4 * weights[0] ** 3, 2 * weights[1])):
            g = g * 5 / max(np.linalg.norm(g), 5)
            means[i] = 0.5 * means[i] + 0.5 * g
            squares[i] = 0.999 * squares[i] + 0.001 * g**2
            mean, square = means[i] / (1 - 0.5**t), squares[i] / (1 - 0.999**t)
            weights[i] = weights[i] - 0.1 * mean / (np.sqrt(square) + 1e-8)
    for way in ("then", "now"):
        np.testing.assert_allclose(both[way], np.concatenate(weights), atol=2e-5)
    assert len(both["pairs"]) == 2
    assert both["unused"].numpy() == [7]
    assert printed("lines-changed")[0] == "minimize: True False"


# ---- 4 · Keras's three arguments ----------------------------------------------------------------


def test_the_three_arguments_end_in_three_places_and_are_the_operations_by_hand():
    lines = [line.split("by hand differs by") for line in printed("hand-compare")]
    assert len({line for line, _ in lines}) == 3
    assert {apart.strip() for _, apart in lines} == {"0.0000"}


def test_the_tables_of_the_three_arguments():
    assert [re.split(r"  +", line)[1] for line in printed("three-table")] == [
        "[[3, 4], [12]]",
        "[[3, 3.5], [3.5]]",
        "[[3, 4], [6.5]]",
        "[[1.5, 2], [6]]",
    ]
    left_alone, not_a_number = "[[3, 4], [12]]", "[[nan, nan], [nan]]"
    assert dict(re.split(r"  +", line) for line in printed("odd-table")) == {
        "two of them": "raises ValueError",
        "one of them 0": "raises ValueError",
        "clipnorm=0": left_alone,
        "clipnorm=-1": left_alone,
        "clipvalue=inf": left_alone,
        "clipnorm=inf": not_a_number,
        "global_clipnorm=inf": not_a_number,
        "infinite gradient, clipnorm=1": "[[nan], [1]]",
        "infinite gradient, global_clipnorm=1": "[[nan], [nan]]",
    }


@cache
def logged():
    return ran("fit-data", "log-class", "log-run")


def test_every_clip_slows_the_fits_down():
    losses = [float(line.rsplit("mean loss ", 1)[1]) for line in printed("fit-run")]
    # Far enough apart to be no accident of rounding.
    assert np.diff(losses).min() > 0.01
    assert losses[0] < 2


def test_a_recurrent_network_in_fit_needs_its_clip():
    free, clipped = printed("fit-needs-run")
    assert free.endswith("above 10 in epoch 1: True, below 2 in epoch 2: False")
    assert clipped.endswith("above 10 in epoch 1: False, below 2 in epoch 2: True")


@pytest.mark.notebooks
def test_the_train_step_logs_the_norm_from_before_the_clip_and_trains_as_fit_does():
    kernel = logged()
    norms = np.array(kernel["norms"])
    assert norms.max() > 1.1, "from before the clip"
    # No norm is so near to the bound that another machine would count it the other way.
    assert np.abs(norms - 1).min() > 1e-4
    plain = keras.Sequential(lesson.digit_layers())
    plain.compile(keras.optimizers.SGD(0.1, global_clipnorm=1.0), kernel["cross_entropy"])
    plain.fit(kernel["images"], kernel["labels"], 128, shuffle=False, verbose=0)
    assert [w.shape for w in plain.get_weights()] == [(784, 32), (32,), (32, 10), (10,)]
    for ours, theirs in zip(kernel["model"].get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_there_is_no_other_place():
    with pytest.raises(ValueError, match=r"place is 'before'.*after unscaling"):
        lesson.inside_a_step("before", 1.0, 1.0, 1.0)


# ---- the run of exercise 1 ----------------------------------------------------------------------


@pytest.mark.training
def test_a_clip_saves_the_run_of_exercise_1_and_hardly_shortens_its_steps_on_average():
    free, clipped = (outcome("linear, cross-entropy", 0.3, bound) for bound in (None, 5.0))
    assert free.broke == 8
    assert clipped.right.min() > ENOUGH
    for seed in range(3):
        run = train(check.EXPLAINED._replace(seed=seed))
        left = 0.3 * np.minimum(1, 5.0 / run.before).mean()
        assert left == pytest.approx(check.AVERAGE_RATE, abs=0.005)
