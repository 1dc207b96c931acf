"""Lecture 4: gradients that explode or vanish, by long steps, many layers, or many time steps.

Behind ``notebooks/04_exploding_gradients.ipynb``. First the numbers, all of them computed by
TensorFlow, then the scenes.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
import tensorflow as tf

from lessons.arguments import check_choice, check_integer
from lessons.explorable import theme
from lessons.explorable.scene import Scene
from lessons.geometry import norms

DESCENT_STEPS = 30
PARABOLA_START = 2.0

DEEPEST = 50
BATCH = 16
CLASSES = 10
ACTIVATIONS: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "linear": tf.identity,
    "sigmoid": tf.sigmoid,
    "tanh": tf.tanh,
    "ReLU": tf.nn.relu,
}
# Glorot and Bengio 2010, section 4.2.1; He et al. 2015, section 2.2; the course's network.
INITIALISATIONS = ("Glorot", "He", "0.1")

LONGEST = 100
UNITS = 32

REMEDY_DEPTH = 30
REMEDY_WIDTH = 64


# ---- numbers ----------------------------------------------------------------------------------


@tf.function
def _down_the_parabola(start: tf.Tensor, rate: tf.Tensor) -> tf.Tensor:
    w = start
    places = tf.TensorArray(tf.float64, DESCENT_STEPS + 1).write(0, w)
    for step in tf.range(1, DESCENT_STEPS + 1):
        with tf.GradientTape() as tape:
            tape.watch(w)
            loss = w**2
        w = w - rate * tape.gradient(loss, w)
        places = places.write(step, w)
    return places.stack()


def down_the_parabola(rate: float) -> np.ndarray:
    """Return the places of gradient descent on ``w**2`` from 2, shape ``(DESCENT_STEPS + 1,)``."""
    arguments = (tf.constant(each, tf.float64) for each in (PARABOLA_START, rate))
    return _down_the_parabola(*arguments).numpy()


@cache
def unscaled_weights(initial: str, width: int) -> tf.Tensor:
    """Return random weights for `DEEPEST` square layers, shape ``(DEEPEST, width, width)``.

    Args:
        initial: One of `INITIALISATIONS`. Glorot's variance is ``2 / (n_in + n_out)``, He's
            ``2 / n_in``; "0.1" is a truncated normal of 0.1 for every width, as in Long Liangqu's
            course.
        width: Units in each layer.

    Raises:
        ValueError: `initial` is unknown.
    """
    check_choice("initial", initial, INITIALISATIONS)
    shape = [DEEPEST, width, width]
    if initial == "0.1":
        return tf.random.stateless_truncated_normal(shape, seed=[0, 0], stddev=0.1)
    variance = {"Glorot": 2 / (width + width), "He": 2 / width}[initial]
    return tf.random.stateless_normal(shape, seed=[0, 0], stddev=np.sqrt(variance))


def random_batch(width: int) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return inputs ``(BATCH, width)``, read-out weights ``(width, CLASSES)``, labels ``(BATCH,)``.

    The read-out follows Glorot and is never scaled: only the layers before it are compared.
    """
    inputs = tf.random.stateless_normal([BATCH, width], seed=[1, 0])
    readout = tf.random.stateless_normal([width, CLASSES], seed=[2, 0], stddev=width**-0.5)
    return inputs, readout, tf.range(BATCH) % CLASSES


def _norm_of_each(gradients: list[tf.Tensor]) -> tf.Tensor:
    # In float64: the square of a float32 gradient may be too small or too large for float32.
    flat = tf.reshape(tf.stack(gradients), [DEEPEST, -1])
    return tf.norm(tf.cast(flat, tf.float64), axis=1)


@cache
def _layer_norms_with(activation: str) -> Callable:
    act = ACTIVATIONS[activation]
    any_width = tf.TensorSpec([DEEPEST, None, None])

    # One graph of all 50 layers serves every depth: the loss is read from layer `depth`, and the
    # layers after it get no gradient.
    @tf.function(
        input_signature=[
            any_width,
            tf.TensorSpec([BATCH, None]),
            tf.TensorSpec([None, CLASSES]),
            tf.TensorSpec([BATCH], tf.int32),
            tf.TensorSpec([], tf.int32),
        ]
    )
    def layers(weights, inputs, readout, labels, depth):
        weights = tf.unstack(weights)
        h, outputs = inputs, []
        with tf.GradientTape() as tape:
            tape.watch(weights)
            for w in weights:
                h = act(h @ w)
                outputs.append(h)
            logits = tf.gather(tf.stack(outputs), depth - 1) @ readout
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_mean(losses)
        of_outputs, of_weights = tape.gradient(loss, [outputs, weights])
        return _norm_of_each(of_outputs), _norm_of_each(of_weights)

    return layers


def layer_norms(
    depth: int, scale: float, activation: str, initial: str, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the norms of the gradients in a deep network at its first batch.

    Args:
        depth: Number of layers, 1 to `DEEPEST`.
        scale: What the initial weights are multiplied by.
        activation: A key of `ACTIVATIONS`, used in all layers.
        initial: One of `INITIALISATIONS`.
        width: Units in each layer.

    Returns:
        The norm of the gradient with respect to the output of each layer, and to its weights, each
        float64 of shape ``(depth,)``. The network itself computes in float32.

    Raises:
        ValueError: `depth` is out of range, or `activation` or `initial` unknown.
    """
    check_integer("depth", depth, 1, DEEPEST)
    check_choice("activation", activation, ACTIVATIONS)
    weights = scale * unscaled_weights(initial, width)
    found = _layer_norms_with(activation)(weights, *random_batch(width), tf.constant(depth))
    return tuple(norm.numpy()[:depth] for norm in found)


def factor_per_layer(found: np.ndarray) -> float:
    """Return the factor by which a norm changes from a layer to the one before it, on average.

    Args:
        found: The norm at each layer, of two layers or more.
    """
    return float((found[0] / found[-1]) ** (1 / (len(found) - 1)))


@cache
def recurrent_matrix() -> np.ndarray:
    """Return a random ``(UNITS, UNITS)`` matrix of spectral radius 1."""
    matrix = tf.random.stateless_normal([UNITS, UNITS], seed=[3, 0], dtype=tf.float64).numpy()
    return matrix / np.abs(np.linalg.eigvals(matrix)).max()


@cache
def _recurrent(activation: str) -> tuple[tf.keras.layers.Layer, Callable]:
    """Return a layer, and a function that gives the gradient norm for each of its inputs."""
    layer = tf.keras.layers.SimpleRNN(
        UNITS, activation=activation, use_bias=False, return_sequences=True
    )
    inputs = 0.1 * tf.random.stateless_normal([BATCH, LONGEST, UNITS], seed=[4, 0])
    wanted = tf.random.stateless_normal([BATCH, UNITS], seed=[5, 0])
    layer.build(inputs.shape)

    @tf.function
    def of_each_input(length):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            last = tf.gather(layer(inputs), length - 1, axis=1)
            loss = tf.reduce_mean(tf.reduce_sum(wanted * last, axis=1))
        gradient = tf.cast(tape.gradient(loss, inputs), tf.float64)
        return tf.norm(gradient, axis=[0, 2])

    return layer, of_each_input


def time_norms(radius: float, activation: str, length: int) -> np.ndarray:
    """Return how much each input of a ``SimpleRNN`` weighs in the loss at its last step.

    The input weights are the identity, so an input has the same gradient as the state to which it
    is added (Pascanu, Mikolov and Bengio 2013, section 2).

    Args:
        radius: Spectral radius of the recurrent matrix.
        activation: "linear" or "tanh".
        length: Steps in time, 1 to `LONGEST`.

    Returns:
        The norm of the gradient with respect to the input of each step, by how many steps back it
        is: float64 of shape ``(length,)``.

    Raises:
        ValueError: `length` is out of range, or `activation` unknown.
    """
    check_integer("length", length, 1, LONGEST)
    check_choice("activation", activation, ("linear", "tanh"))
    layer, of_each_input = _recurrent(activation)
    layer.set_weights([np.eye(UNITS), radius * recurrent_matrix()])
    return of_each_input(tf.constant(length)).numpy()[:length][::-1]


def _normalised(h: tf.Tensor) -> tf.Tensor:
    mean, variance = tf.nn.moments(h, axes=[1], keepdims=True)
    return (h - mean) / tf.sqrt(variance + 1e-5)


def _gated(h: tf.Tensor, w: tf.Tensor, gate: tf.Tensor) -> tf.Tensor:
    # As in a highway network: at first the gate is about a tenth open.
    open_by = tf.sigmoid(h @ gate - 2.0)
    return open_by * tf.sigmoid(h @ w) + (1 - open_by) * h


# Layer normalisation (Ba, Kiros and Hinton 2016, section 3), residual connections (He, Zhang, Ren
# and Sun 2016, equation 1), gates (Srivastava, Greff and Schmidhuber 2015, equation 3).
REMEDIES: dict[str, Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]] = {
    "nothing": lambda h, w, _: tf.sigmoid(h @ w),
    "initialisation: weights × 4": lambda h, w, _: tf.sigmoid(h @ (4 * w)),
    "activation: ReLU, with He": lambda h, w, _: tf.nn.relu(h @ (np.sqrt(2) * w)),
    "normalisation": lambda h, w, _: _normalised(tf.sigmoid(h @ w)),
    "residual connections": lambda h, w, _: h + tf.sigmoid(h @ w),
    "gates": _gated,
}


@cache
def remedy_gradients(remedy: str) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
    """Return the gradients of a deep sigmoid network with one thing changed, layer by layer.

    Args:
        remedy: A key of `REMEDIES`.

    Returns:
        Those of its weights, `REMEDY_DEPTH` tensors of shape ``(REMEDY_WIDTH, REMEDY_WIDTH)``, and
        those of its layers' outputs, of shape ``(BATCH, REMEDY_WIDTH)``.

    Raises:
        ValueError: `remedy` is unknown.
    """
    check_choice("remedy", remedy, REMEDIES)
    inputs, readout, labels = random_batch(REMEDY_WIDTH)
    weights = tf.unstack(unscaled_weights("Glorot", REMEDY_WIDTH))[:REMEDY_DEPTH]
    gates = tf.random.stateless_normal(
        [REMEDY_DEPTH, REMEDY_WIDTH, REMEDY_WIDTH], seed=[6, 0], stddev=REMEDY_WIDTH**-0.5
    )
    with tf.GradientTape() as tape:
        tape.watch(weights)
        h, outputs = inputs, []
        for w, gate in zip(weights, gates, strict=True):
            h = REMEDIES[remedy](h, w, gate)
            outputs.append(h)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, h @ readout)
        loss = tf.reduce_mean(losses)
    return tape.gradient(loss, (weights, outputs))


# ---- scenes -----------------------------------------------------------------------------------


class Parabola(Scene):
    """Gradient descent on a parabola, with steps that are too short, right, and too long."""

    alt = (
        "Left: a parabola with the places that gradient descent visits. Right: the loss at each "
        "step on a log axis: nearly flat, falling, or rising, depending on the learning rate."
    )
    labels = {"rate": "learning rate η"}
    colours = {"rate": theme.RAW}
    wide, high = 4.0, 16.0
    heights = (1e-8, 1e6)

    def draw(self) -> None:
        """Draw the parabola and the axes of the loss."""
        hill, loss = self.figure.subplots(1, 2)
        hill.set(xlim=(-self.wide, self.wide), ylim=(-0.5, self.high), xlabel="w", ylabel="loss")
        w = np.linspace(-self.wide, self.wide, 121)
        hill.plot(w, w**2, color=theme.MUTED, lw=2)
        hill.plot([0], [0], "*", color=theme.TRUE, ms=16)
        look = {**theme.RAW_STYLE, "lw": 1.5, "ms": 6}
        self.path = self.runs(*hill.plot([], [], **look))
        loss.set(xlim=(-1, DESCENT_STEPS + 1), ylim=self.heights, yscale="log")
        loss.set(xlabel="step", ylabel="loss")
        self.curve = self.runs(*loss.plot([], [], **look))

    def update(self, rate: float = 0.02) -> str:
        """Take steps with the learning rate `rate`."""
        w = down_the_parabola(rate)
        out = np.abs(w) > self.wide
        inside = int(np.argmax(out)) if out.any() else len(w)
        self.path.set_data(w[:inside], w[:inside] ** 2)
        # A loss of exactly 0 has no place on a log axis.
        self.curve.set_data(np.arange(len(w)), np.clip(w**2, *self.heights))
        factor = round(1 - 2 * rate, 10)
        return (
            f"η = {rate:g}: each step multiplies w by {factor:g}. {_verdict(factor)}: after "
            f"{DESCENT_STEPS} steps the loss is {w[-1] ** 2:.2g}."
        )


def _verdict(factor: float) -> str:
    if factor < -1:
        return "It swings, farther each time, and flies away"
    if factor == -1:
        return "It swings to and fro for ever"
    if factor < 0:
        return "It swings over the minimum and comes nearer"
    return "It crawls" if factor > 0.8 else "It arrives"


class ThroughTheLayers(Scene):
    """The norm of the gradient at each layer of a deep network."""

    alt = (
        "Norm of the gradient at each layer of a network, on a log axis: one curve with respect "
        "to the outputs of the layers, one with respect to their weights. The loss is at the right."
    )
    labels = {
        "depth": "depth (layers)",
        "scale": "weights times s",
        "activation": "activation f",
        "initial": "initialisation",
        "width": "width n",
    }
    colours = {"scale": theme.GRADIENT}
    size = (10.0, 4.6)
    span = (1e-36, 1e24)

    def draw(self) -> None:
        """Draw the axes."""
        axes = self.figure.subplots()
        axes.set(xlim=(0, DEEPEST + 1), ylim=self.span, yscale="log")
        axes.set(xlabel="layer (1 is at the input)", ylabel="norm of the gradient")
        axes.set_yticks(10.0 ** np.arange(-36, 25, 12))
        axes.axhline(1, color=theme.MUTED, lw=1)
        self.outputs, self.weights = self.moves(
            *axes.plot([], [], "-o", color=theme.GRADIENT, ms=5, label="of the outputs"),
            *axes.plot([], [], "--D", color=theme.MUTED, ms=5, lw=1.5, label="of the weights"),
        )
        theme.legend_above(axes)

    def update(
        self,
        depth: int = 50,
        scale: float = 1.5,
        activation: str = "ReLU",
        initial: str = "He",
        width: int = 128,
    ) -> str:
        """Build the network, and take its gradients at the first batch."""
        of_outputs, of_weights = layer_norms(depth, scale, activation, initial, width)
        layers = np.arange(1, depth + 1)
        for line, values in ((self.outputs, of_outputs), (self.weights, of_weights)):
            line.set_data(layers, np.clip(values, *self.span))
        if np.isnan(of_outputs).any():
            return f"By layer {depth} the outputs are too large for float32: no gradient is finite."
        return (
            f"From layer {depth} back to layer 1. {_change('outputs', of_outputs)} "
            f"{_change('weights', of_weights)}"
        )


def _change(what: str, norms: np.ndarray) -> str:
    if norms[0] == 0:
        return f"Gradient of the {what}: from {norms[-1]:.2g} to exactly 0, too small for float32."
    return (
        f"Gradient of the {what}: from {norms[-1]:.2g} to {norms[0]:.2g}, "
        f"{factor_per_layer(norms):.2f} times per layer."
    )


class ThroughTime(Scene):
    """How much the inputs of a recurrent layer weigh, by how long ago they came."""

    alt = (
        "Norm of the gradient of the last loss with respect to each input of a SimpleRNN, against "
        "how many steps ago the input came, on a log axis, beside the powers of the radius."
    )
    labels = {"radius": "spectral radius ρ", "activation": "activation f", "length": "steps T"}
    colours = {"radius": theme.GRADIENT}
    span = (1e-12, 1e12)

    def draw(self) -> None:
        """Draw the axes."""
        axes = self.figure.subplots()
        axes.set(xlim=(-1, LONGEST), ylim=self.span, yscale="log")
        axes.set(xlabel="steps back in time k", ylabel="norm of the gradient")
        axes.set_yticks(10.0 ** np.arange(-12, 13, 4))
        self.power = self.moves(
            *axes.plot([], [], ls=":", color=theme.MUTED, lw=2, label="powers of ρ")
        )
        self.line = self.moves(
            *axes.plot([], [], "-o", color=theme.GRADIENT, ms=4, label="SimpleRNN")
        )
        axes.legend(loc="upper left", ncols=2)

    def update(self, radius: float = 1.2, activation: str = "linear", length: int = 100) -> str:
        """Go `length` steps through time, with a recurrent matrix of spectral radius `radius`."""
        back = time_norms(radius, activation, length)
        steps = np.arange(length)
        self.power.set_data(steps, np.clip(back[0] * radius**steps, *self.span))
        self.line.set_data(steps, np.clip(back, *self.span))
        share = back[-1] / back[0]
        small = "exactly 0 times" if share == 0 else f"{share:.2g} times"
        return (
            f"ρ = {radius:g}, {activation}: the first input, {length - 1} steps back, weighs "
            f"{small} as much as the last input. ρ to the power {length - 1} is "
            f"{radius ** (length - 1):.2g}."
        )


class WhatHelps(Scene):
    """Gradients of a deep sigmoid network, clipped together, and the changes that help instead."""

    alt = (
        "Norm of the gradient of the weights of each of 30 layers, on a log axis, before and after "
        "clipping by the global norm. Clipping lifts no gradient; changes to the network do."
    )
    labels = {"remedy": "what is changed", "bound": "bound c"}
    colours = {"bound": theme.BOUND}
    span = (1e-21, 1e3)

    def draw(self) -> None:
        """Draw the axes."""
        axes = self.figure.subplots()
        axes.set(xlim=(0, REMEDY_DEPTH + 1), ylim=self.span, yscale="log")
        axes.set(xlabel="layer (1 is at the input)", ylabel="norm of the gradient of the weights")
        axes.set_yticks(10.0 ** np.arange(-21, 4, 3))
        self.before = self.moves(
            *axes.plot([], [], ls="", ms=11, label="before the clip", **theme.RAW_STYLE)
        )
        self.after = self.moves(
            *axes.plot([], [], ls="", ms=5, label="after the clip", **theme.CLIPPED_STYLE)
        )
        self.line = self.moves(axes.axhline(1, **theme.BOUND_STYLE, label="bound"))
        axes.legend(loc="lower right")

    def update(self, remedy: str = "nothing", bound: float = 1.0) -> str:
        """Take the gradients with `remedy`, and clip them together to `bound`."""
        gradients, _ = remedy_gradients(remedy)
        clipped, norm = tf.clip_by_global_norm(gradients, bound)
        before, after = norms(gradients), norms(clipped)
        layers = np.arange(1, REMEDY_DEPTH + 1)
        self.before.set_data(layers, np.clip(before, *self.span))
        self.after.set_data(layers, np.clip(after, *self.span))
        self.line.set_ydata([bound, bound])
        did = (
            f"The global norm is {norm:.2g}, so a clip at {bound:.2g} changes nothing."
            if norm <= bound
            else f"The global norm is {norm:.2g} and is clipped to {bound:.2g}."
        )
        return (
            f"Changed: {remedy}. The gradient of layer 1 is {before[0] / before[-1]:.1g} times "
            f"that of layer {REMEDY_DEPTH}, and after the clip {after[0] / after[-1]:.1g} times. "
            f"{did}"
        )
