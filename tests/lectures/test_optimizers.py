"""Lecture 6: numbers against NumPy and Keras, pictures against numbers, every sentence too."""

import re
from functools import cache

import keras
import matplotlib as mpl
import nbformat
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons import optimizers as lesson
from lessons.explorable import theme
from tests.lectures import sweep
from tests.lectures.pictures import picture_of
from tests.strict import no_warnings

pytestmark = no_warnings

COMPARE = settings(derandomize=True, max_examples=30, deadline=None)
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
def printed(cell):
    """Return the lines that a cell has printed; nbval holds them to what it prints now."""
    (found,) = (c for c in nbformat.read(NOTEBOOK, as_version=4).cells if c.id == cell)
    return "".join(output.text for output in found.outputs).splitlines()


def numbers_in(line):
    return [float(word) for word in re.findall(r"-?\d+(?:\.\d*)?(?:e[+-]\d+)?", line)]


def prose(cell):
    (found,) = (c for c in nbformat.read(NOTEBOOK, as_version=4).cells if c.id == cell)
    return found.source


# ---- 1 and 2 · inside a step --------------------------------------------------------------------


@COMPARE
@given(
    st.sampled_from(lesson.PLACES),
    st.floats(0.002, 20),
    st.sampled_from([1, 16, 256, 4096, 65536]),
    st.floats(0.01, 100),
)
def test_a_step_is_followed_as_by_hand(place, second, scale, bound):
    found = lesson.inside_a_step(place, second, scale, bound)
    taped = [scale * 10, scale * second]
    unscaled = [(clipped(n, bound) if place == TAPE else n) / scale for n in taped]
    mean = sum(clipped(n, bound) if place == UNSCALED else n for n in unscaled) / 2
    step = 0.1 * (clipped(mean, bound) if place == MEAN else mean)
    assert list(found) == ["tape", "unscaled", "mean", "step"]
    for got, expected in zip(found.values(), (taped, unscaled, [mean], [step]), strict=True):
        assert got.shape == (len(expected),)
        np.testing.assert_allclose(got, expected, rtol=1e-5)


@pytest.mark.parametrize(("second", "bound"), [(0.2, 1.0), (20.0, 1.0), (0.2, 8.0), (3.0, 0.01)])
def test_after_the_mean_is_what_keras_does(second, bound):
    scale, w = 256.0, tf.Variable([0.0])
    optimizer = keras.optimizers.SGD(
        0.1, clipnorm=bound, loss_scale_factor=scale, gradient_accumulation_steps=2
    )
    for gradient in (10.0, second):
        optimizer.apply_gradients([(tf.constant([scale * gradient]), w)])
    step = lesson.inside_a_step(MEAN, second, scale, bound)["step"]
    np.testing.assert_allclose(-w.numpy(), step, rtol=1e-5)


@pytest.mark.parametrize("at", [0, 61, 2.5])
def test_there_is_no_spike_at_a_step_that_is_not_taken(at):
    with pytest.raises(ValueError, match=f"at is {at}"):
        lesson.gradients_with_a_spike(1e4, at, 60)


def test_there_is_no_other_place():
    with pytest.raises(ValueError, match=r"place is 'before'.*after unscaling"):
        lesson.inside_a_step("before", 1.0, 1.0, 1.0)


def step_at(place, second=0.2, scale=256, bound=1.0):
    return lesson.inside_a_step(place, second, scale, bound)["step"][0]


def test_the_steps_that_the_notes_of_section_2_name():
    assert step_at(MEAN) == pytest.approx(0.1)
    assert step_at(UNSCALED) == pytest.approx(0.06)
    assert step_at(NOWHERE) == pytest.approx(0.51)
    assert step_at(NOWHERE) / step_at(MEAN) == pytest.approx(5.1)
    assert printed("place-numbers") == [
        "mean 5.1, clipped nowhere: a step of 0.51",
        "mean 0.6, clipped after unscaling: 0.06",
    ]
    for scale in (16, 256, 4096, 65536):
        # Both are cut to the bound, and the step is shorter by the scale.
        assert step_at(TAPE, scale=scale) == pytest.approx(0.1 / scale)


@pytest.mark.parametrize("second", [0.002, 0.2, 2.0, 20.0])
@pytest.mark.parametrize("bound", [0.01, 1.0, 8.0, 100.0])
def test_after_unscaling_is_after_the_mean_for_positive_gradients_on_one_side_of_the_bound(
    second, bound
):
    both, one = step_at(MEAN, second, bound=bound), step_at(UNSCALED, second, bound=bound)
    if (second > bound) == (bound < lesson.FIRST_BATCH):
        assert one == pytest.approx(both, rel=1e-5)
    else:
        assert one < 0.99 * both


def test_with_different_signs_it_makes_a_difference_though_both_are_above_the_bound():
    assert step_at(MEAN, -9.0) == pytest.approx(0.05)
    assert step_at(UNSCALED, -9.0) == 0


def test_loss_scaling_is_undone_before_the_clip():
    taped, wrong, right, kept = map(numbers_in, printed("scaling-numbers"))
    assert taped == [768, 1024]
    np.testing.assert_allclose(wrong, np.array([0.6, 0.8]) / 256, atol=5e-6)
    np.testing.assert_allclose(right, [0.6, 0.8], atol=1e-6)
    np.testing.assert_allclose(kept, [0.6, 0.8], atol=1e-5)


def test_why_a_loss_is_scaled():
    tiny = tf.constant(1e-8)
    assert tf.cast(tiny, tf.float16) == 0
    assert tf.cast(tiny * 256, tf.float16) > 0


def test_accumulation_is_clipped_after_the_mean():
    lines = map(numbers_in, printed("accumulation-numbers"))
    assert list(lines) == [[0], [0], [0.5], [0.5]]


@pytest.mark.parametrize("place", lesson.PLACES)
@pytest.mark.parametrize("scale", [1, 65536])
@pytest.mark.parametrize("bound", [0.01, 1.0, 100.0])
def test_inside_a_step_draws_its_numbers(place, scale, bound):
    made = picture_of(lesson.InsideAStep)
    scene = made.scene
    readout = made.frame(place=place, second=2.0, scale=scale, bound=bound).readout
    found = lesson.inside_a_step(place, 2.0, scale, bound)
    numbers = np.concatenate(list(found.values()))
    tops = [bar.get_y() + bar.get_height() for bar in scene.bars]
    np.testing.assert_allclose(tops, numbers, rtol=1e-2)
    for text, number in zip(scene.numbers, numbers, strict=True):
        assert float(text.get_text()) == pytest.approx(number, rel=0.06)
        assert text.get_position()[1] > number
    assert list(scene.line.get_ydata()) == [bound, bound]
    # The clip stands behind the station at which it acts, and colours what comes after it.
    stations = np.array([0, 0, 1, 1, 2, 3])
    cut = {TAPE: 0.5, UNSCALED: 1.5, MEAN: 2.5}.get(place)
    assert scene.clip.get_visible() == (cut is not None)
    if cut is not None:
        assert list(scene.clip.get_xdata()) == [cut, cut]
    for station, bar in zip(stations, scene.bars, strict=True):
        after = cut is not None and station > cut
        expected = theme.CLIPPED if after else theme.RAW
        assert bar.get_facecolor() == mpl.colors.to_rgba(expected)
        assert bar.get_hatch() == ("//" if after else "")
        centre = bar.get_x() + bar.get_width() / 2
        assert abs(centre - station) < 0.3
    step, wanted = numbers[-1], step_at(MEAN, 2.0, scale, bound)
    stated = re.match(rf"Clipped {place}: a step of (\S+), ", readout)
    assert float(stated[1]) == pytest.approx(step, rel=0.06)
    if step == pytest.approx(wanted, rel=1e-5):
        assert readout.endswith(", as long as it should be.")
    else:
        told = re.search(r", (\S+) times too (\w+): .* would be (\S+)\.$", readout)
        ratio = step / wanted
        assert float(told[1]) == pytest.approx(max(ratio, 1 / ratio), rel=0.06)
        assert told[2] == ("short" if ratio < 1 else "long")
        assert float(told[3]) == pytest.approx(wanted, rel=0.06)


def test_the_first_picture_is_the_one_that_its_text_describes():
    found = lesson.inside_a_step(MEAN, 0.2, 256, 1.0)
    np.testing.assert_allclose(found["tape"], [2560, 51.2])
    np.testing.assert_allclose(found["unscaled"], [10, 0.2])
    np.testing.assert_allclose(found["step"], 0.1)
    assert lesson.RATE == 0.1


# ---- 3 · then and now ---------------------------------------------------------------------------


def adam_by_hand(gradients_at, weights, steps, rate, beta_1, beta_2=0.999, epsilon=1e-8):
    """Kingma and Ba's algorithm 1 in float64, each tensor clipped to a norm of 5."""
    means = [np.zeros_like(w) for w in weights]
    squares = [np.zeros_like(w) for w in weights]
    for t in range(1, steps + 1):
        for i, g in enumerate(gradients_at(weights)):
            g = g * 5 / max(np.linalg.norm(g), 5)
            means[i] = beta_1 * means[i] + (1 - beta_1) * g
            squares[i] = beta_2 * squares[i] + (1 - beta_2) * g**2
            mean, square = means[i] / (1 - beta_1**t), squares[i] / (1 - beta_2**t)
            weights[i] = weights[i] - rate * mean / (np.sqrt(square) + epsilon)
    return np.concatenate(weights)


@cache
def then_and_now():
    return ran("then-loop", "now-loop")


def test_the_old_loop_and_todays_give_the_same_numbers():
    both = then_and_now()
    assert np.abs(both["then"] - both["now"]).max() < 2e-5
    by_hand = adam_by_hand(
        lambda weights: (4 * weights[0] ** 3, 2 * weights[1]),
        [np.array([3.0, -2.0]), np.array([1.0])],
        steps=10,
        rate=0.1,
        beta_1=0.5,
    )
    for way in ("then", "now"):
        np.testing.assert_allclose(both[way], by_hand, atol=2e-5)


def test_both_loops_clip_skip_what_is_none_and_leave_it():
    both = then_and_now()
    # It clips at the start: 108 and -32 have a norm far above 5.
    assert np.linalg.norm([4 * 27, 4 * 8]) > 100
    assert both["unused"].numpy() == [7]
    assert len(both["pairs"]) == 2
    assert len(both["variables"]) == 3


def test_the_old_optimizer_gives_none_for_what_the_loss_does_not_use():
    with tf.Graph().as_default():
        w, unused = tf.Variable(1.0), tf.Variable(1.0)
        optimizer = tf.compat.v1.train.AdamOptimizer(0.1, beta1=0.5)
        (used, _), (none, variable) = optimizer.compute_gradients(w**2)
        assert used is not None
        assert none is None
        assert variable is unused


def test_minimize_and_lr_are_gone_and_epsilon_is_another():
    assert printed("lines-changed") == [
        "minimize: True False",
        "epsilon:  1e-08 1e-07",
        "SGD(lr=0.1)  raises ValueError",
    ]
    assert float(keras.optimizers.SGD(learning_rate=0.1).learning_rate) == pytest.approx(0.1)


# ---- 4 · Keras's three arguments ----------------------------------------------------------------


@cache
def by_hand():
    return ran("hand-run", "hand-compare")


@pytest.mark.parametrize("name", ["clipvalue", "clipnorm", "global_clipnorm"])
@pytest.mark.parametrize(
    "optimizer",
    [
        lambda **clip: keras.optimizers.SGD(0.5, momentum=0.9, **clip),
        lambda **clip: keras.optimizers.Adam(0.5, **clip),
    ],
    ids=["momentum", "adam"],
)
def test_each_argument_is_the_operation_by_hand(name, optimizer):
    after, clips = by_hand()["after"], by_hand()["by_hand"]
    theirs, ours = after(optimizer(**{name: 1.0})), after(optimizer(), clips[name])
    np.testing.assert_allclose(theirs, ours, atol=2e-6)
    if "SGD" in optimizer().name.upper():
        assert np.abs(theirs - after(optimizer())).max() > 0.1


def test_the_three_arguments_end_in_three_places():
    lines = [numbers_in(line.partition("differs")[0]) for line in printed("hand-compare")]
    assert len({tuple(line) for line in lines}) == 3
    assert [line.rpartition(" ")[2] for line in printed("hand-compare")] == ["0.0000"] * 3


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


def test_a_bound_of_0_is_off_in_keras_and_zeros_in_tensorflow():
    variable = tf.Variable([0.0])
    optimizer = keras.optimizers.SGD(1.0, global_clipnorm=0.0)
    optimizer.apply_gradients([(tf.constant([3.0]), variable)])
    assert variable.numpy() == [-3]
    assert tf.clip_by_global_norm([tf.constant([3.0])], 0.0)[0][0].numpy() == [0]


def test_the_layers_for_the_digits_are_the_same_at_every_call():
    models = [keras.Sequential(lesson.digit_layers()) for _ in range(2)]
    shapes = []
    for model in models:
        model.build((None, 784))
        shapes.append([tuple(v.shape) for v in model.trainable_variables])
    assert shapes[0] == [(784, 32), (32,), (32, 10), (10,)]
    for one, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(one, other)


@cache
def logged():
    return ran("fit-data", "log-class", "log-run")


def test_fit_takes_each_argument_and_every_clip_slows_it_down():
    lines = [line.rsplit("mean loss ", 1) for line in printed("fit-run")]
    names = [name.strip() for name, _ in lines]
    assert names == ["no clip", "clipvalue", "clipnorm", "global_clipnorm"]
    losses = [float(loss) for _, loss in lines]
    # Far enough apart to be no accident of rounding.
    assert np.diff(losses).min() > 0.01
    assert losses[0] < 2


def test_the_train_step_logs_the_norm_from_before_the_clip_and_trains_as_fit_does():
    kernel = logged()
    norms = np.array(kernel["norms"])
    assert len(norms) == 32
    count, low, high = numbers_in(printed("log-run")[0])
    assert (count, low, high) == (32, round(norms.min(), 2), round(norms.max(), 2))
    assert numbers_in(printed("log-run")[1])[1] == pytest.approx(np.percentile(norms, 90), abs=6e-3)
    assert numbers_in(printed("log-run")[2]) == [round(100 * np.mean(norms > 1))]
    # No norm is so near to the bound that another machine would count it the other way.
    assert np.abs(norms - 1).min() > 1e-4
    plain = keras.Sequential(lesson.digit_layers())
    plain.compile(keras.optimizers.SGD(0.1, global_clipnorm=1.0), kernel["cross_entropy"])
    images, labels = kernel["images"], kernel["labels"]
    plain.fit(images, labels, 128, shuffle=False, verbose=0)
    for ours, theirs in zip(kernel["model"].get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_the_small_bounds_of_the_fits_act_at_every_step():
    images, labels = logged()["images"], logged()["labels"]
    sizes = []

    class Sizes(keras.Sequential):
        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                loss = self.compute_loss(x=x, y=y, y_pred=self(x, training=True))
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            return {
                "number": tf.reduce_max([tf.reduce_max(tf.abs(g)) for g in gradients]),
                "tensor": tf.reduce_max([tf.norm(g) for g in gradients]),
            }

    note = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: sizes.append((logs["number"], logs["tensor"]))
    )
    model = Sizes(lesson.digit_layers())
    model.compile(keras.optimizers.SGD(0.1), logged()["cross_entropy"])
    model.fit(images, labels, 128, shuffle=False, verbose=0, callbacks=[note])
    smallest = np.array(sizes, float).min(axis=0)
    assert (smallest > [0.01, 0.1]).all()


# ---- 5 · what comes after the clip --------------------------------------------------------------


@COMPARE
@given(
    st.lists(st.floats(-100, 100, width=16), min_size=1, max_size=12),
    st.sampled_from([0.0, 0.5, 0.9, 0.999]),
)
def test_what_is_remembered_is_the_decayed_sum(values, decay):
    total, expected = 0.0, []
    for value in values:
        total = decay * total + value
        expected.append(total)
    got = lesson.remembered(tf.constant(values, tf.float32), decay)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-3)


def keras_steps(optimizer, gradients):
    w = tf.Variable([0.0])
    weights = [0.0]
    for gradient in gradients:
        optimizer.apply_gradients([(tf.constant([float(gradient)]), w)])
        weights.append(w.numpy()[0])
    return np.array(weights)


@pytest.mark.parametrize(("momentum", "bound"), [(0.9, 1.0), (0.5, 2.0), (0.0, 0.25)])
def test_momentum_steps_are_those_of_keras(momentum, bound):
    optimizer = keras.optimizers.SGD(1.0, momentum=momentum, clipnorm=bound)
    steps = -np.diff(keras_steps(optimizer, [50.0] * 20))
    np.testing.assert_allclose(lesson.momentum_steps(momentum, bound, 20), steps, rtol=1e-4)


def test_with_momentum_0_9_and_bound_1_the_step_grows_to_10():
    steps = lesson.momentum_steps(0.9, 1.0, 300)
    assert (np.diff(steps) > -1e-5).all()
    assert steps[-1] == pytest.approx(10, abs=1e-3)
    assert "learning rate of 1" in prose("momentum-text")
    assert printed("momentum-keras") == ["Keras, steps 1, 2, 10 and 60: [1.   1.9  6.51 9.98]"]
    np.testing.assert_allclose(steps[[0, 1, 9, 59]], [1, 1.9, 6.51, 9.98], atol=5e-3)


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_the_learning_rate_multiplies_the_steps_of_momentum(rate):
    optimizer = keras.optimizers.SGD(rate, momentum=0.9, clipnorm=1.0)
    steps = -np.diff(keras_steps(optimizer, [50.0] * 60))
    np.testing.assert_allclose(steps, rate * lesson.momentum_steps(0.9, 1.0, 60), rtol=1e-3)


def test_the_answers_to_the_task_on_momentum():
    assert lesson.momentum_steps(0.95, 0.5, 500)[-1] == pytest.approx(10, abs=1e-3)
    for momentum in np.arange(0, 1, 0.05):
        bounded = lesson.momentum_steps(momentum, 1.0, 60).max() <= 1
        assert bounded == (momentum == 0)
    # Exercise 1, over all bounds of the slider.
    within = [c for c in np.arange(0.25, 2.25, 0.25) if c / (1 - 0.75) <= 2]
    assert max(within) == 0.5


def test_weight_decay_comes_after_the_clip():
    assert numbers_in(printed("after-decay")[0])[0] == 8
    # Clipped with the decay, 50 + 0.1 * 10 would be cut to 1 and w would be 9.
    assert 10 - clipped(50 + 0.1 * 10, 1) == 9


@pytest.mark.parametrize("momentum", [0.0, 0.9, 0.95])
@pytest.mark.parametrize("bound", [0.25, 1.0, 2.0])
def test_momentum_draws_step_gradient_and_limit(momentum, bound):
    made = picture_of(lesson.Momentum)
    scene = made.scene
    readout = made.frame(momentum=momentum, bound=bound).readout
    lengths = bound * (1 - momentum ** np.arange(1, 61)) / (1 - momentum)
    numbers, drawn = scene.step.get_data()
    np.testing.assert_array_equal(numbers, range(1, 61))
    np.testing.assert_allclose(drawn, lengths, rtol=1e-4)
    assert set(scene.clipped.get_ydata()) == {bound}
    limit = bound / (1 - momentum)
    np.testing.assert_allclose(scene.limit.get_ydata(), limit)
    assert readout.startswith(f"Every gradient is clipped to {bound:g}.")
    stated = re.search(
        r"length (\S+), step 10 (\S+) and step 60 (\S+); the limit is (\S+)\.$", readout
    )
    expected = [*lengths[[0, 9, 59]], limit]
    np.testing.assert_allclose([float(n) for n in stated.groups()], expected, rtol=6e-3)


@pytest.mark.parametrize(("height", "at", "bound"), [(1e4, 4, 1e9), (1e4, 4, 1.0), (1e6, 20, 0.01)])
def test_adam_is_that_of_keras(height, at, bound):
    gradients = lesson.gradients_with_a_spike(height, at, 25)
    weights, roots = lesson.adam(lesson.each_clipped(gradients, bound))
    optimizer = keras.optimizers.Adam(0.1, clipnorm=bound)
    np.testing.assert_allclose(weights, keras_steps(optimizer, gradients)[1:], rtol=1e-4, atol=1e-5)
    (square,) = (v for v in optimizer.variables if "velocity" in v.path)
    root = np.sqrt(np.asarray(square)[0] / (1 - 0.999**25))
    assert roots[-1] == pytest.approx(root, rel=1e-4)


def test_a_spike_stands_where_it_should():
    assert lesson.gradients_with_a_spike(7, 2, 4).numpy().tolist() == [0.5, 7, 0.5, 0.5]


@pytest.mark.parametrize("gradient", [50.0, 1.0])
def test_the_hats_of_adam_are_the_constant_gradient(gradient):
    # As the formula of the notebook has it, with Keras's defaults.
    optimizer = keras.optimizers.Adam(0.1)
    (beta_1, beta_2), m, v = (optimizer.beta_1, optimizer.beta_2), 0.0, 0.0
    assert (beta_1, beta_2) == (lesson.BETA_1, lesson.BETA_2)
    steps = -np.diff(keras_steps(optimizer, [gradient] * 5))
    for t, step in enumerate(steps, 1):
        m = beta_1 * m + (1 - beta_1) * gradient
        v = beta_2 * v + (1 - beta_2) * gradient**2
        mean, root = m / (1 - beta_1**t), np.sqrt(v / (1 - beta_2**t))
        assert mean == pytest.approx(gradient)
        assert root == pytest.approx(gradient)
        assert step == pytest.approx(0.1 * mean / root, rel=1e-4)


def test_adam_hides_the_clip_of_a_constant_gradient():
    assert [line.split()[-1] for line in printed("adam-constant")] == ["-0.300"] * 3
    for bound in (0.01, 1.0, 100.0):
        weights, _ = lesson.adam(lesson.each_clipped(tf.fill([30], 50.0), bound))
        np.testing.assert_allclose(weights, -0.1 * np.arange(1, 31), rtol=1e-3)


def test_what_a_spike_leaves_after_12_steps():
    ends = [float(line.split()[-1]) for line in printed("adam-spike")]
    assert ends == pytest.approx([-1.200, -0.618, -1.160], abs=1e-6)
    gradients = lesson.gradients_with_a_spike(1e4, 4, 12)
    calm, _ = lesson.adam(tf.fill([12], 0.5))
    assert calm[-1] == pytest.approx(ends[0], abs=6e-4)
    for bound, end in ((1e9, ends[1]), (1.0, ends[2])):
        weights, _ = lesson.adam(lesson.each_clipped(gradients, bound))
        assert weights[-1] == pytest.approx(end, abs=6e-4)


def after_60(height=1e4, at=4, bound=1e9):
    gradients = lesson.gradients_with_a_spike(height, at, 60)
    return lesson.adam(lesson.each_clipped(gradients, bound))[0]


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


def test_adam_remembers_a_square_for_hundreds_of_steps():
    assert np.log(0.5) / np.log(0.999) == pytest.approx(693, abs=0.5)
    assert printed("adam-memory") == ["halved after 693 steps"]


@pytest.mark.parametrize("height", [1.0, 1e4, 1e6])
@pytest.mark.parametrize("bound", [0.01, 1.0, 1e6])
@pytest.mark.parametrize("at", [1, 50])
def test_adam_and_a_spike_draws_paths_and_memory(height, bound, at):
    made = picture_of(lesson.AdamAndASpike)
    scene = made.scene
    readout = made.frame(height=height, bound=bound, at=at).readout
    gradients = np.full(60, 0.5)
    gradients[at - 1] = height
    ends = []
    for name, taken in (
        ("not clipped", gradients),
        ("clipped", np.minimum(gradients, bound)),
    ):
        weights, roots = lesson.adam(tf.constant(taken, tf.float32))
        for line, expected in ((scene.paths[name], weights), (scene.roots[name], roots)):
            np.testing.assert_array_equal(line.get_xdata(), range(1, 61))
            np.testing.assert_allclose(line.get_ydata(), expected, rtol=1e-4, atol=1e-5)
        ends += [weights[-1], roots[-1]]
    assert list(scene.line.get_ydata()) == [bound, bound]
    np.testing.assert_allclose(scene.calm, -0.1 * np.arange(1, 61), rtol=1e-4)
    stated = re.search(
        r"w is (\S+) not clipped and (\S+) clipped; without a spike it would be -6.00. "
        r"Remembered: (\S+) not clipped, (\S+) clipped\.$",
        readout,
    )
    told = [float(n) for n in stated.groups()]
    np.testing.assert_allclose(told[:2], [ends[0], ends[2]], atol=6e-3)
    np.testing.assert_allclose(told[2:], [ends[1], ends[3]], rtol=6e-3)


# ---- 6 · several replicas -----------------------------------------------------------------------


def ball(vector, bound):
    return vector * bound / max(np.linalg.norm(vector), bound)


@COMPARE
@given(st.floats(0, 180), st.floats(0.25, 3), st.floats(0.5, 3))
def test_two_replicas_are_clipped_as_by_hand(angle, length, bound):
    first = np.array([3.0, 0.0])
    second = length * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    expected = {
        "first": first,
        "second": second,
        "sum": first + second,
        "clipped before": ball(first, bound) + ball(second, bound),
        "clipped after": ball(first + second, bound),
    }
    found = lesson.two_replicas(angle, length, bound)
    assert list(found) == list(expected)
    for name, arrow in expected.items():
        np.testing.assert_allclose(found[name], arrow, atol=1e-4)


def lengths(angle, length, bound):
    arrows = lesson.two_replicas(angle, length, bound)
    return [np.linalg.norm(arrows[f"clipped {when}"]) for when in ("before", "after")]


def test_the_answers_to_the_task_on_replicas():
    before, after = lengths(0, 3.0, 1.0)
    assert before == pytest.approx(2)
    assert after == pytest.approx(1)
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
    assert [line.split("moves w by ")[1] for line in printed("mirrored-run")] == [
        "0.0",
        "-0.5",
    ]


@pytest.mark.parametrize("angle", [0, 90, 135, 180])
@pytest.mark.parametrize("length", [0.25, 3.0])
@pytest.mark.parametrize("bound", [0.5, 3.0])
def test_before_or_after_the_sum_draws_its_arrows_and_bars(angle, length, bound):
    made = picture_of(lesson.BeforeOrAfterTheSum)
    scene = made.scene
    readout = made.frame(angle=angle, length=length, bound=bound).readout
    arrows = lesson.two_replicas(angle, length, bound)
    norms = {name: np.linalg.norm(arrow) for name, arrow in arrows.items()}
    for name, arrow in arrows.items():
        drawn = scene.arrows[name]
        np.testing.assert_allclose([drawn.U[0], drawn.V[0]], arrow, atol=1e-6)
        word = scene.words[name]
        shown = name in ("first", "second", "sum") and norms[name] > 1e-5
        assert bool(word.get_text()) == shown
    for name, bar in scene.bars.items():
        assert bar.get_height() == pytest.approx(norms[name], abs=1e-6)
        assert float(scene.numbers[name].get_text()) == pytest.approx(norms[name], abs=6e-3)
    assert list(scene.line.get_ydata()) == [bound, bound]
    radii = np.hypot(*scene.ball.get_data())
    np.testing.assert_allclose(radii, bound)
    before, after = norms["clipped before"], norms["clipped after"]
    assert f"the step has length {before:.2f}, clipped after it {after:.2f}" in readout
    if min(before, after, norms["sum"]) < 1e-5:
        assert "is zero and points nowhere" in readout
        return
    u, v = arrows["sum"] / norms["sum"], arrows["clipped before"] / before
    angle_between = np.degrees(np.arccos(np.clip(u @ v, -1, 1)))
    (stated,) = re.findall(r"turned by (\S+) degrees", readout)
    assert float(stated) == pytest.approx(angle_between, abs=0.1)


# ---- 7 · other frameworks -----------------------------------------------------------------------


def test_every_odd_case_is_stated_of_every_framework():
    for stated in lesson.ELSEWHERE.values():
        assert list(stated) == list(lesson.ODD_CASES)
        assert all(len(left) == 2 for left in stated.values())


def test_compare_prints_each_column(capsys):
    lesson.compare({"Halves": lambda gradients, c: [tf.constant([g / 2]) for g in gradients]})
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split("  ")[-1].strip() == "Optax 0.2.8"
    assert len(rows) == len(lesson.ODD_CASES)
    for row, (case, (gradients, _)) in zip(rows, lesson.ODD_CASES.items(), strict=True):
        assert row.startswith(case)
        cells = row[len(case) :].split()
        np.testing.assert_allclose([float(n) for n in cells[:2]], np.array(gradients) / 2)
        for n, stated in enumerate(lesson.ELSEWHERE.values(), 1):
            told = [float(n) for n in cells[2 * n : 2 * n + 2]]
            np.testing.assert_allclose(told, stated[case])


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
    head = prose("frameworks").splitlines()[2]
    for name, version in (("TensorFlow", tf.__version__), ("Keras", keras.__version__)):
        assert f"{name} {'.'.join(version.split('.')[:2])} |" in head
        assert f"{name} {'.'.join(version.split('.')[:2])}" in printed("edges-functions")[1]
    for name in lesson.ELSEWHERE:
        assert f"{name} |" in head


# ---- the experiments of the quiz ----------------------------------------------------------------


def test_the_experiments_show_what_the_quiz_asks():
    one, seven = printed("experiment-directions")
    assert numbers_in(one) == [0, 0, 20.9]
    assert np.degrees(np.arccos(0.934)) == pytest.approx(20.9, abs=0.1)
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
