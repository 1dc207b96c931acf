"""Lecture 4: numbers against NumPy, what its pictures must show, and its words."""

import re

import numpy as np
import pytest
import tensorflow as tf

from lessons import exploding_gradients as lesson
from lessons.geometry import norms
from tests.lectures.pictures import picture_of
from tests.strict import no_warnings

pytestmark = no_warnings

WIDTHS = (64, 128, 256)


def factor(scale, activation, initial, width):
    return lesson.factor_per_layer(lesson.layer_norms(50, scale, activation, initial, width)[0])


# ---- too long, too short ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (0.02, "by 0.96. It crawls: after 30 steps the loss is 0.35."),
        (0.1, "It arrives"),
        (0.5, "by 0. It arrives: after 30 steps the loss is 0."),
        (0.52, "by -0.04. It swings over the minimum and comes nearer"),
        (1.0, "by -1. It swings to and fro for ever: after 30 steps the loss is 4."),
        (1.1, "by -1.2. It swings, farther each time, and flies away"),
    ],
)
def test_the_parabola_draws_a_descent_that_multiplies_w_and_says_how_it_goes(rate, words):
    made = picture_of(lesson.Parabola)
    scene = made.scene
    assert words in made.frame(rate=rate).readout
    expected = 2 * (1 - 2 * rate) ** np.arange(31)
    x, y = scene.path.get_data()
    assert len(x) == (31 if rate <= 1 else 4)  # 2 times 1.2 to the power 4 is beyond 4
    np.testing.assert_allclose(x, expected[: len(x)], atol=1e-12)
    np.testing.assert_allclose(y, x**2)
    np.testing.assert_allclose(scene.curve.get_ydata(), np.clip(expected**2, 1e-8, 1e6), rtol=1e-9)


# ---- through the layers -------------------------------------------------------------------------

SLOPES = {
    "linear": (lambda z: z, np.ones_like),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda h: h * (1 - h)),
    "tanh": (np.tanh, lambda h: 1 - h**2),
    "ReLU": (lambda z: np.maximum(z, 0), lambda h: (h > 0).astype(float)),
}


@pytest.mark.parametrize("activation", lesson.ACTIVATIONS)
def test_layer_norms_are_those_of_backpropagation(activation):
    act, slope = SLOPES[activation]
    depth, scale, initial, width = 6, 1.5, "He", 128
    weights = scale * np.asarray(lesson.unscaled_weights(initial, width), float)[:depth]
    h, readout, labels = (np.asarray(each) for each in lesson.random_batch(width))
    layers = [h.astype(float)]
    for w in weights:
        layers.append(act(layers[-1] @ w))
    logits = layers[-1] @ readout
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    back = (shares - np.eye(10)[labels]) / 16 @ readout.T
    of_outputs, of_weights = [], []
    for w, before, after in zip(weights[::-1], layers[-2::-1], layers[:0:-1], strict=True):
        of_outputs.insert(0, np.linalg.norm(back))
        through = back * slope(after)
        of_weights.insert(0, np.linalg.norm(before.T @ through))
        back = through @ w.T
    got = lesson.layer_norms(depth, scale, activation, initial, width)
    np.testing.assert_allclose(got, [of_outputs, of_weights], rtol=1e-3)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_weights_have_the_spread_of_their_initialisation(width):
    for initial, variance in (("Glorot", 2 / (width + width)), ("He", 2 / width)):
        drawn = lesson.unscaled_weights(initial, width)
        assert np.std(drawn) == pytest.approx(np.sqrt(variance), rel=0.01)
    course = lesson.unscaled_weights("0.1", width).numpy()
    # A normal of 0.1, cut off at 0.2, spreads by 0.088.
    assert np.abs(course).max() <= 0.2
    assert course.std() == pytest.approx(0.088, abs=0.0005)


def test_each_initialisation_fits_its_activation_and_a_tenth_one_width_only():
    for width in WIDTHS:
        assert factor(1.0, "linear", "Glorot", width) == pytest.approx(1, abs=0.03)
        assert factor(1.0, "ReLU", "He", width) == pytest.approx(1, abs=0.03)
        assert factor(1.0, "ReLU", "Glorot", width) == pytest.approx(0.71, abs=0.02)
        assert factor(1.0, "linear", "He", width) == pytest.approx(1.41, abs=0.03)
    linear = [factor(1.0, "linear", "0.1", width) for width in WIDTHS]
    np.testing.assert_allclose(linear, [0.70, 0.99, 1.40], atol=0.02)
    # At 256 it is by chance that of He.
    assert factor(1.0, "ReLU", "0.1", 256) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("initial", lesson.INITIALISATIONS)
def test_up_to_four_times_no_initialisation_lets_fifty_sigmoids_keep_their_gradient(initial):
    for width in WIDTHS:
        factors = [factor(scale, "sigmoid", initial, width) for scale in (0.5, 1.0, 2.0, 4.0)]
        assert max(factors) < 0.9
        assert factors == sorted(factors)


def test_ten_times_glorot_is_a_knifes_edge_for_fifty_sigmoids():
    for width in WIDTHS:
        eight, ten, twelve = (factor(s, "sigmoid", "Glorot", width) ** 49 for s in (8, 10, 12))
        assert eight < 0.01
        assert 0.5 < ten < 1
        assert twelve > 30


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
@pytest.mark.parametrize(("activation", "initial"), [("ReLU", "He"), ("linear", "Glorot")])
def test_the_trap_weight_gradients_are_flat_while_the_others_explode_or_vanish(
    scale, activation, initial
):
    of_outputs, of_weights = lesson.layer_norms(50, scale, activation, initial, 128)
    assert lesson.factor_per_layer(of_outputs) == pytest.approx(scale, rel=0.05)
    assert lesson.factor_per_layer(of_weights) == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize(("depth", "height"), [(10, 2e2), (20, 1e4), (50, 3e9)])
def test_the_grey_curve_is_flat_at_any_depth_and_higher_at_a_greater(depth, height):
    of_outputs, of_weights = lesson.layer_norms(depth, 1.5, "ReLU", "He", 128)
    assert of_weights.max() < 3 * of_weights.min()
    assert np.median(of_weights) == pytest.approx(height, rel=0.3)
    assert of_weights.min() > of_outputs.max() == of_outputs[0]


def test_relu_with_glorot_is_level_where_exercise_2_says():
    at = {scale: factor(scale, "ReLU", "Glorot", 256) for scale in (1.0, 1.35, 1.4, 1.5)}
    assert at[1.0] == pytest.approx(0.71, abs=0.01)
    assert at[1.4] == pytest.approx(1, abs=0.02)
    assert 0.95 < at[1.35] < at[1.5] < 1.07


@pytest.mark.parametrize(
    ("depth", "scale", "activation", "initial", "width"),
    [(50, 1.5, "ReLU", "He", 128), (30, 2.0, "tanh", "0.1", 256)],
)
def test_through_the_layers_draws_both_norms_and_says_them(
    depth, scale, activation, initial, width
):
    made = picture_of(lesson.ThroughTheLayers)
    scene = made.scene
    at = {"depth": depth, "scale": scale, "activation": activation}
    readout = made.frame(**at, initial=initial, width=width).readout
    found = lesson.layer_norms(depth, scale, activation, initial, width)
    for line, values, what in zip(
        (scene.outputs, scene.weights), found, ("outputs", "weights"), strict=True
    ):
        np.testing.assert_allclose(line.get_data(), [range(1, depth + 1), values])
        average = (values[0] / values[-1]) ** (1 / (depth - 1))
        assert (
            f"Gradient of the {what}: from {values[-1]:.2g} to {values[0]:.2g}, {average:.2f} times"
        ) in readout


def test_a_gradient_that_float32_cannot_hold_is_said_to_be_zero():
    made = picture_of(lesson.ThroughTheLayers)
    readout = made.frame(scale=0.5, activation="sigmoid", initial="Glorot").readout
    assert "to exactly 0, too small for float32" in readout
    assert made.scene.outputs.get_ydata()[0] == 1e-36, "parked at the edge"


def test_outputs_that_float32_cannot_hold_have_no_gradient_and_the_readout_says_why():
    made = picture_of(lesson.ThroughTheLayers)
    readout = made.frame(scale=10.0, activation="ReLU", initial="He").readout
    assert readout.startswith("By layer 50 the outputs are too large for float32")
    assert np.isnan(made.scene.outputs.get_ydata()).any(), "a gap"


# ---- through time -------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["linear", "tanh"])
@pytest.mark.parametrize(("radius", "length"), [(0.9, 40), (1.2, 100)])
def test_time_norms_are_those_of_backpropagation_through_time(activation, radius, length):
    act, slope = SLOPES[activation]
    inputs = 0.1 * np.asarray(tf.random.stateless_normal([16, 100, 32], seed=[4, 0]), float)
    wanted = np.asarray(tf.random.stateless_normal([16, 32], seed=[5, 0]), float)
    matrix = radius * lesson.recurrent_matrix()
    states = [np.zeros((16, 32))]
    for step in range(length):
        states.append(act(inputs[:, step] + states[-1] @ matrix))
    back, expected = wanted / 16, []
    for state in states[:0:-1]:
        through = back * slope(state)
        expected.append(np.linalg.norm(through))
        back = through @ matrix.T
    np.testing.assert_allclose(lesson.time_norms(radius, activation, length), expected, rtol=1e-2)


def test_far_back_a_linear_gradient_goes_with_the_powers_of_the_radius():
    assert np.abs(np.linalg.eigvals(lesson.recurrent_matrix())).max() == pytest.approx(1)
    for radius in (0.8, 1.0, 1.3, 1.5):
        back = lesson.time_norms(radius, "linear", 100)
        assert (back[99] / back[50]) ** (1 / 49) == pytest.approx(radius, rel=0.01)


def test_only_two_positions_keep_the_first_input_within_a_factor_of_ten():
    level = []
    for radius in np.round(np.arange(25, 76) * 0.02, 2):
        back = lesson.time_norms(float(radius), "linear", 100)
        level += [radius] if 0.1 <= back[-1] / back[0] <= 10 else []
    assert level == [1.0, 1.02]


def test_tanh_stops_the_explosion_and_not_the_vanishing():
    for radius in (1.2, 1.5):
        linear, tanh = (lesson.time_norms(radius, each, 100) for each in ("linear", "tanh"))
        assert tanh.max() < 100 < linear.max() / 1e3
    for radius in (0.5, 0.9):
        linear, tanh = (lesson.time_norms(radius, each, 100) for each in ("linear", "tanh"))
        assert (tanh <= linear).all()


@pytest.mark.parametrize(
    ("radius", "activation", "length"), [(1.2, "linear", 100), (0.5, "tanh", 100), (1, "tanh", 10)]
)
def test_through_time_draws_the_norms_beside_the_powers(radius, activation, length):
    made = picture_of(lesson.ThroughTime)
    scene = made.scene
    readout = made.frame(radius=radius, activation=activation, length=length).readout
    back = lesson.time_norms(radius, activation, length)
    powers = back[0] * radius ** np.arange(length)
    for line, values in ((scene.line, back), (scene.power, powers)):
        np.testing.assert_allclose(line.get_data(), [range(length), np.clip(values, 1e-12, 1e12)])
    assert f"{length - 1} steps back, weighs {back[-1] / back[0]:.2g} times" in readout
    assert f"ρ to the power {length - 1} is {radius ** (length - 1):.2g}." in readout


# ---- what clipping cannot do --------------------------------------------------------------------


@pytest.mark.parametrize("remedy", lesson.REMEDIES)
def test_no_clip_changes_the_first_layer_beside_the_last(remedy):
    made = picture_of(lesson.WhatHelps)
    scene = made.scene
    before = norms(lesson.remedy_gradients(remedy)[0])
    whole = np.linalg.norm(before)
    for bound in (0.01, 1.0, 100.0):
        readout = made.frame(remedy=remedy, bound=bound).readout
        after = before * min(1, bound / whole)
        for marks, values in ((scene.before, before), (scene.after, after)):
            shown = np.clip(values, *scene.span)
            np.testing.assert_allclose(marks.get_data(), [range(1, 31), shown], rtol=1e-4)
        assert scene.line.get_ydata() == [bound, bound]
        ratios = re.search(r"layer 1 is (\S+) times that .* the clip (\S+) times", readout)
        assert ratios[1] == ratios[2] == f"{before[0] / before[-1]:.1g}"
        assert ("changes nothing" in readout) == (whole <= bound)


def test_every_remedy_helps_and_larger_weights_least():
    shares, of_outputs = {}, {}
    for remedy in lesson.REMEDIES:
        ratios = [own[0] / own[-1] for own in map(norms, lesson.remedy_gradients(remedy))]
        shares[remedy], of_outputs[remedy] = ratios
    nothing = shares.pop("nothing")
    assert nothing < 1e-17
    assert min(shares.values()) > 1e10 * nothing
    assert min(shares, key=shares.get) == "initialisation: weights × 4"
    for remedy in ("activation: ReLU, with He", "normalisation"):
        assert 1 / 3 < shares[remedy] < 3
    for remedy in ("residual connections", "gates"):
        assert 0.05 < shares[remedy] < 0.2
    # With residual connections nothing vanishes: the weights' gradients follow the outputs.
    assert 0.8 < of_outputs["residual connections"] < 1.5
    assert of_outputs["gates"] < 0.05
    # A network that vanishes has nothing to clip at the usual bound.
    assert np.linalg.norm(norms(lesson.remedy_gradients("nothing")[0])) < 1


def test_the_remedies_are_what_their_names_say():
    h = tf.random.stateless_normal([4, 64], seed=[9, 0])
    w = tf.random.stateless_normal([64, 64], seed=[9, 1], stddev=1 / 8)
    gate = tf.random.stateless_normal([64, 64], seed=[9, 2], stddev=1 / 8)
    made = {name: remedy(h, w, gate).numpy() for name, remedy in lesson.REMEDIES.items()}
    h, w, gate = (np.asarray(each, float) for each in (h, w, gate))
    sigmoid = SLOPES["sigmoid"][0]
    plain = sigmoid(h @ w)
    open_by = sigmoid(h @ gate - 2)
    expected = {
        "nothing": plain,
        "initialisation: weights × 4": sigmoid(4 * h @ w),
        "activation: ReLU, with He": np.maximum(np.sqrt(2) * h @ w, 0),
        "normalisation": (plain - plain.mean(axis=1, keepdims=True))
        / np.sqrt(plain.var(axis=1, keepdims=True) + 1e-5),
        "residual connections": h + plain,
        "gates": open_by * plain + (1 - open_by) * h,
    }
    assert set(made) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(made[name], values, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("opening", "kept"), [(10.0, True), (0.0, False), (-10.0, False)])
def test_an_lstm_passes_its_memory_on_through_time_only_while_its_forget_gate_is_open(
    opening, kept
):
    cell = tf.keras.layers.LSTMCell(1)
    cell.build([None, 1])
    # Input gate, forget gate, candidate, output gate.
    cell.set_weights([np.zeros((1, 4)), np.zeros((1, 4)), np.array([0, opening, 0, 0])])
    nothing, first = tf.zeros([1, 1]), tf.ones([1, 1])
    state = [nothing, first]
    with tf.GradientTape() as tape:
        tape.watch(first)
        for _ in range(50):
            _, state = cell(nothing, state)
        memory = state[1]
    carried = float(tape.gradient(memory, first)[0, 0])
    assert carried > 0.99 if kept else carried < 1e-10


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: lesson.layer_norms(51, 1.0, "ReLU", "He", 128), "depth is 51"),
        (lambda: lesson.layer_norms(50, 1.0, "relu", "He", 128), "activation is 'relu'"),
        (lambda: lesson.layer_norms(50, 1.0, "ReLU", "he", 128), "initial is 'he'"),
        (lambda: lesson.time_norms(1.0, "linear", 101), "length is 101"),
        (lambda: lesson.time_norms(1.0, "sigmoid", 50), "activation is 'sigmoid'"),
        (lambda: lesson.remedy_gradients("hope"), "remedy is 'hope'"),
    ],
)
def test_what_cannot_be_computed_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()
