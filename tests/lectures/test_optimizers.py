"""Lecture 6: numbers against NumPy and Keras, what its pictures must show, and its words."""

import re
from functools import cache

import keras
import matplotlib as mpl
import nbformat
import numpy as np
import pytest
import tensorflow as tf

from lessons import optimizers as lesson
from lessons.explorable import theme
from tests.lectures import sweep
from tests.lectures.pictures import picture_of
from tests.strict import no_warnings

pytestmark = no_warnings

NOTEBOOK = sweep.NOTEBOOKS / "06_clipping_in_optimizers.ipynb"
TAPE, UNSCALED, MEAN, NOWHERE = lesson.PLACES


def clipped(number, bound):
    return number * bound / max(abs(number), bound)


def ran(*cells):
    """Run cells of the notebook after its imports; return what they leave in the kernel."""
    namespace = {"__name__": "__main__"}
    with sweep.in_the_notebooks_folder():
        for cell in ("imports", *cells):
            sweep.run(sweep.code_cells(NOTEBOOK)[cell], namespace, f"lecture 6, {cell}")
    return namespace


@cache
def stored_cells():
    return {cell.id: cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells}


def printed(cell):
    """Return the lines that a cell has printed; nbval holds them to what it prints now."""
    return "".join(output.text for output in stored_cells()[cell].outputs).splitlines()


def numbers_in(line):
    return [float(word) for word in re.findall(r"-?\d+(?:\.\d*)?(?:e[+-]\d+)?", line)]


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
    # Two positive gradients on one side of the bound: after unscaling is after the mean.
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
    both = ran("then-loop", "now-loop")
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


# ---- 5 · what comes after the clip --------------------------------------------------------------


def keras_steps(optimizer, gradients):
    w = tf.Variable([0.0])
    weights = [0.0]
    for gradient in gradients:
        optimizer.apply_gradients([(tf.constant([float(gradient)]), w)])
        weights.append(w.numpy()[0])
    return np.array(weights)


@pytest.mark.parametrize(("rate", "momentum", "bound"), [(1.0, 0.9, 1.0), (0.5, 0.5, 2.0)])
def test_momentum_steps_are_those_of_keras_times_the_learning_rate(rate, momentum, bound):
    optimizer = keras.optimizers.SGD(rate, momentum=momentum, clipnorm=bound)
    steps = -np.diff(keras_steps(optimizer, [50.0] * 20))
    np.testing.assert_allclose(rate * lesson.momentum_steps(momentum, bound, 20), steps, rtol=1e-4)


@pytest.mark.parametrize("momentum", [0.0, 0.9, 0.95])
@pytest.mark.parametrize("bound", [0.25, 2.0])
def test_momentum_draws_step_gradient_and_limit(momentum, bound):
    made = picture_of(lesson.Momentum)
    scene = made.scene
    readout = made.frame(momentum=momentum, bound=bound).readout
    lengths = bound * (1 - momentum ** np.arange(1, 61)) / (1 - momentum)
    np.testing.assert_allclose(scene.step.get_data(), [range(1, 61), lengths], rtol=1e-4)
    assert set(scene.clipped.get_ydata()) == {bound}
    limit = bound / (1 - momentum)
    np.testing.assert_allclose(scene.limit.get_ydata(), limit)
    told = re.search(
        r"length (\S+), step 10 (\S+) and step 60 (\S+); the limit is (\S+)\.$", readout
    )
    expected = [*lengths[[0, 9, 59]], limit]
    np.testing.assert_allclose([float(n) for n in told.groups()], expected, rtol=6e-3)


def test_what_the_lecture_says_of_momentum():
    steps = lesson.momentum_steps(0.9, 1.0, 300)
    assert steps[-1] == pytest.approx(10, abs=1e-3)
    assert "learning rate of 1" in stored_cells()["momentum-text"].source
    assert numbers_in(printed("momentum-keras")[0].split(":")[1]) == [1, 1.9, 6.51, 9.98]
    np.testing.assert_allclose(steps[[0, 1, 9, 59]], [1, 1.9, 6.51, 9.98], atol=5e-3)
    # The tasks: 10 again, and no other momentum stays within the bound.
    assert lesson.momentum_steps(0.95, 0.5, 500)[-1] == pytest.approx(10, abs=1e-3)
    assert [m for m in np.arange(0, 1, 0.05) if lesson.momentum_steps(m, 1.0, 60).max() <= 1] == [0]
    # Exercise 1, over all bounds of the slider.
    assert max(c for c in np.arange(0.25, 2.25, 0.25) if c / (1 - 0.75) <= 2) == 0.5
    # Weight decay comes after the clip: with it, 50 + 1 would be cut to 1 and w would be 9.
    assert numbers_in(printed("after-decay")[0])[0] == 8


@pytest.mark.parametrize(("height", "at", "bound"), [(1e4, 4, 1e9), (1e6, 20, 0.01)])
def test_adam_is_that_of_keras(height, at, bound):
    gradients = lesson.gradients_with_a_spike(height, at, 25)
    weights, roots = lesson.adam(lesson.each_clipped(gradients, bound))
    optimizer = keras.optimizers.Adam(0.1, clipnorm=bound)
    np.testing.assert_allclose(weights, keras_steps(optimizer, gradients)[1:], rtol=1e-4, atol=1e-5)
    (square,) = (v for v in optimizer.variables if "velocity" in v.path)
    root = np.sqrt(np.asarray(square)[0] / (1 - 0.999**25))
    assert roots[-1] == pytest.approx(root, rel=1e-4)


def test_a_spike_stands_at_one_of_the_steps():
    assert lesson.gradients_with_a_spike(7, 2, 4).numpy().tolist() == [0.5, 7, 0.5, 0.5]
    for at in (0, 61, 2.5):
        with pytest.raises(ValueError, match=f"at is {at}"):
            lesson.gradients_with_a_spike(1e4, at, 60)


def test_adam_hides_the_clip_of_a_constant_gradient():
    assert [line.split()[-1] for line in printed("adam-constant")] == ["-0.300"] * 3
    for bound in (0.01, 1.0, 100.0):
        weights, roots = lesson.adam(lesson.each_clipped(tf.fill([30], 50.0), bound))
        np.testing.assert_allclose(weights, -0.1 * np.arange(1, 31), rtol=1e-3)
        # Its corrected memory is the gradient itself, as the formula of the notebook has it.
        np.testing.assert_allclose(roots, min(50.0, bound), rtol=1e-3)


def after_60(height=1e4, at=4, bound=1e9):
    gradients = lesson.gradients_with_a_spike(height, at, 60)
    return lesson.adam(lesson.each_clipped(gradients, bound))[0]


def test_what_a_spike_leaves_after_12_steps():
    ends = [float(line.split()[-1]) for line in printed("adam-spike")]
    assert ends == [-1.200, -0.618, -1.160]
    ours = [after_60(height=0.5)[11], after_60()[11], after_60(bound=1.0)[11]]
    assert ours == pytest.approx(ends, abs=6e-4)


def test_the_answers_to_the_task_on_adam():
    # 1: the unclipped path only, and from 1000 on it hardly changes.
    assert np.ptp([after_60(height, bound=1.0)[-1] for height in (10.0, 1e3, 1e6)]) < 1e-3
    assert np.ptp([after_60(height)[-1] for height in (1e3, 1e4, 1e5, 1e6)]) < 0.02
    assert after_60(10.0)[-1] < after_60(100.0)[-1] - 1 < after_60(1e6)[-1] - 1
    # 2: below 0.5 it is the path without a spike.
    calm = after_60(0.5)
    for bound in (0.01, 0.1, 0.4):
        np.testing.assert_allclose(after_60(bound=bound), calm, rtol=1e-3)
    # 3: a late spike stops the weight just the same: from 15 steps after it, a tenth of a step.
    for at in (4, 20, 40):
        assert np.abs(np.diff(after_60(at=at)))[at + 15 :].max() < 0.02
    assert after_60(at=40)[-1] < after_60(at=20)[-1] < after_60(at=4)[-1]


def test_a_late_spike_of_the_other_sign_is_worse_than_standing_still_unless_it_is_clipped():
    def moved(steps, bound):
        gradients = lesson.gradients_with_a_spike(-1e4, 301, 310)
        weights, _ = lesson.adam(lesson.each_clipped(gradients, bound))
        return weights[299 + steps] - weights[299]

    assert moved(1, 1e9) == pytest.approx(0.161, abs=1e-3), "the wrong way"
    told = [float(line.rsplit(" ", 1)[1].rstrip(".")) for line in printed("adam-memory")[2:]]
    assert [moved(10, 1e9), moved(10, 1.0)] == pytest.approx(told, abs=0.05)
    assert told[0] > 0 > told[1]
    # No step of one spike is longer than Adam's limit, in learning rates.
    weights, _ = lesson.adam(lesson.gradients_with_a_spike(-1e6, 5000, 5000))
    assert np.diff(weights)[-1] / lesson.ADAM_RATE == pytest.approx(3.2, abs=0.1)
    assert numbers_in(printed("adam-memory")[1]) == [3.2]


@pytest.mark.parametrize(("height", "bound", "at"), [(1e4, 1.0, 4), (1e6, 0.01, 50), (1, 1e6, 1)])
def test_adam_and_a_spike_draws_paths_and_memory(height, bound, at):
    made = picture_of(lesson.AdamAndASpike)
    scene = made.scene
    readout = made.frame(height=height, bound=bound, at=at).readout
    gradients = np.full(60, 0.5)
    gradients[at - 1] = height
    ends = []
    for name, taken in (("not clipped", gradients), ("clipped", np.minimum(gradients, bound))):
        weights, roots = lesson.adam(tf.constant(taken, tf.float32))
        for line, values in ((scene.paths[name], weights), (scene.roots[name], roots)):
            drawn = line.get_data()
            np.testing.assert_allclose(drawn, [range(1, 61), values], rtol=1e-4, atol=1e-5)
        ends += [weights[-1], roots[-1]]
    assert list(scene.line.get_ydata()) == [bound, bound]
    np.testing.assert_allclose(scene.calm, -0.1 * np.arange(1, 61), rtol=1e-4)
    told = re.search(
        r"w is (\S+) not clipped and (\S+) clipped; without a spike it would be -6.00. "
        r"Remembered: (\S+) not clipped, (\S+) clipped\.$",
        readout,
    )
    told = [float(n) for n in told.groups()]
    np.testing.assert_allclose(told[:2], ends[::2], atol=6e-3)
    np.testing.assert_allclose(told[2:], ends[1::2], rtol=6e-3)


# ---- 6 · several replicas -----------------------------------------------------------------------


def ball(vector, bound):
    return vector * bound / max(np.linalg.norm(vector), bound)


@pytest.mark.parametrize("angle", [0, 90, 135, 180])
@pytest.mark.parametrize(("length", "bound"), [(0.25, 3.0), (3.0, 0.5)])
def test_before_or_after_the_sum_draws_its_arrows_and_bars(angle, length, bound):
    made = picture_of(lesson.BeforeOrAfterTheSum)
    scene = made.scene
    readout = made.frame(angle=angle, length=length, bound=bound).readout
    first = np.array([3.0, 0.0])
    second = length * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    arrows = {
        "first": first,
        "second": second,
        "sum": first + second,
        "clipped before": ball(first, bound) + ball(second, bound),
        "clipped after": ball(first + second, bound),
    }
    norms = {name: np.linalg.norm(arrow) for name, arrow in arrows.items()}
    for name, arrow in arrows.items():
        drawn = scene.arrows[name]
        np.testing.assert_allclose([drawn.U[0], drawn.V[0]], arrow, atol=1e-5)
        shown = name in ("first", "second", "sum") and norms[name] > 1e-5
        assert bool(scene.words[name].get_text()) == shown
    for name, bar in scene.bars.items():
        assert bar.get_height() == pytest.approx(norms[name], abs=1e-5)
        assert float(scene.numbers[name].get_text()) == pytest.approx(norms[name], abs=6e-3)
    assert list(scene.line.get_ydata()) == [bound, bound]
    np.testing.assert_allclose(np.hypot(*scene.ball.get_data()), bound)
    before, after = norms["clipped before"], norms["clipped after"]
    assert f"the step has length {before:.2f}, clipped after it {after:.2f}" in readout
    if min(before, after, norms["sum"]) < 1e-5:
        assert "is zero and points nowhere" in readout
        return
    cosine = arrows["sum"] @ arrows["clipped before"] / norms["sum"] / before
    turned = float(re.search(r"turned by (\S+) degrees", readout)[1])
    assert turned == pytest.approx(np.degrees(np.arccos(min(1, cosine))), abs=0.1)


def test_the_answers_to_the_task_on_replicas():
    def lengths(angle, length, bound):
        arrows = lesson.two_replicas(angle, length, bound)
        return [np.linalg.norm(arrows[f"clipped {when}"]) for when in ("before", "after")]

    assert lengths(0, 3.0, 1.0) == pytest.approx([2, 1])
    # Shorter where both are clipped and nearly cancel.
    before, after = lengths(170, 2.0, 0.5)
    assert before < after / 2
    # No difference if nothing is clipped, or if they are opposite and equal.
    assert np.ptp(lengths(90, 0.25, 3.0)) < 0.02
    assert lengths(60, 0.25, 3.0)[0] > 3
    assert lengths(180, 3.0, 1.0) == pytest.approx([0, 0], abs=1e-6)
    assert np.ptp(lengths(120, 1.0, 3.0)) < 1e-6


def test_one_spike_among_many_replicas_decides_a_sum_that_is_clipped_after():
    gradients = np.tile([0.0, 1.0], (100, 1))
    gradients[0] = [1e4, 0]
    before = sum(ball(g, 1.0) for g in gradients)
    after = ball(gradients.sum(axis=0), 1.0)
    assert np.degrees(np.arctan2(*before)) < 1
    assert np.degrees(np.arctan2(*after)) > 89


def test_keras_clips_in_each_replica_and_the_sum_can_be_clipped_by_hand():
    assert [line.split("moves w by ")[1] for line in printed("mirrored-run")] == ["0.0", "-0.5"]


# ---- 7 · other frameworks -----------------------------------------------------------------------


def test_compare_prints_what_is_computed_beside_what_is_stated(capsys):
    lesson.compare({"Halves": lambda gradients, c: [tf.constant([g / 2]) for g in gradients]})
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split("  ")[-1].strip() == "Optax 0.2.8"
    for row, (case, (gradients, _)) in zip(rows, lesson.ODD_CASES.items(), strict=True):
        assert row.startswith(case)
        stated = [left for each in lesson.ELSEWHERE.values() for left in each[case]]
        told = [float(n) for n in row[len(case) :].split()]
        np.testing.assert_allclose(told, [*(np.array(gradients) / 2), *stated])


def test_what_the_notebook_says_of_odd_cases():
    rows = {row[:14].strip(): row[14:].split() for row in printed("edges-functions")[2:]}
    assert list(rows) == list(lesson.ODD_CASES)
    # TensorFlow and Keras make everything NaN where something is infinite or too large.
    for case in ("one infinite", "one NaN", "very large", "infinite bound"):
        assert rows[case][:4] == ["nan"] * 4
    # The other two return one NaN and zeros for one infinity, zeros for a very large number.
    assert rows["one infinite"][4:] == ["0", "nan"] * 2
    assert rows["very large"][4:] == ["0", "0"] * 2
    assert rows["3 and 4 at 2.5"] == ["1.5", "2"] * 4
    assert rows["negative bound"] == ["3", "4", "3", "4", "-0.6", "-0.8", "-0.6", "-0.8"]
    assert rows["bound 0"] == ["0", "0", "3", "4", "0", "0", "0", "0"]
    assert rows["zeros, bound 0"] == ["nan", "nan", "0", "0", "0", "0", "nan", "nan"]


def test_the_versions_in_the_table_are_those_installed():
    head = stored_cells()["frameworks"].source.splitlines()[2]
    for name, version in (("TensorFlow", tf.__version__), ("Keras", keras.__version__)):
        short = f"{name} {'.'.join(version.split('.')[:2])}"
        assert f"{short} |" in head
        assert short in printed("edges-functions")[1]
    for name in lesson.ELSEWHERE:
        assert f"{name} |" in head


def test_there_is_no_other_place():
    with pytest.raises(ValueError, match=r"place is 'before'.*after unscaling"):
        lesson.inside_a_step("before", 1.0, 1.0, 1.0)


# ---- the experiments of the quiz ----------------------------------------------------------------


def test_the_experiments_show_what_the_quiz_asks():
    one, seven = printed("experiment-directions")
    assert numbers_in(one) == [0, 0, 20.9]
    by_value, by_norm = seven.split("by norm:")
    x, y = numbers_in(by_value)
    assert y / x == pytest.approx(3 * 0.1 / 3, rel=0.01)  # three times as steep as 0.1 / 3
    x, y = numbers_in(by_norm)
    assert y / x == pytest.approx(0.1 / 3, rel=0.02)

    two, six, nine = printed("experiment-norms")
    assert numbers_in(two)[-1] == 1.414
    assert numbers_in(six) == [13, 1]
    assert nine == "NaN becomes [nan nan]"

    three, four, five = printed("experiment-gradients")
    assert numbers_in(three)[1:] == [3e-6, 4e-6]
    assert numbers_in(four) == [6, 0]
    assert numbers_in(five) == [0, 0.5]

    adam, adam_less, far, near = printed("experiment-bounds")
    assert numbers_in(adam)[-1] == numbers_in(adam_less)[-1] == 0.1
    assert numbers_in(far)[1] > 10 * 100
    assert far.endswith("True")
    assert numbers_in(near)[1] < 0.9 * 100
    assert near.endswith("False")
