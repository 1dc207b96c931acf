"""Checks for the exercises of ``notebooks/04_exploding_gradients.ipynb``."""

from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import tensorflow as tf

from lessons.digits.network import BATCH, flat_digits
from lessons.exercises.checks import Answer, Case, Function, tensor
from lessons.exercises.kinds import Call, Kind, Numbers, Tensors
from lessons.exercises.patterns import ANY, Between

# After how many sigmoids is at most a millionth of a gradient left?
layers_until_gone = Answer(
    1,
    Numbers("Give one number."),
    "Put a number in place of None.",
    (10, "A quarter, ten times over, is 0.00000095; nine times over it is still 0.0000038."),
    (9, "A quarter to the power 9 is 0.0000038: still above a millionth."),
    (6, "That is six factors of a tenth. Here each factor is a quarter."),
    (
        Between(low=250_000),
        "The factors are multiplied, not added: each layer passes on a quarter of what reaches it.",
    ),
    "Which power of 1/4 is the first below a millionth?",
)

# By what must Glorot's weights be multiplied, so that ReLU layers keep a norm?
flat_scale = Answer(
    2,
    Numbers("Give one number, the position of the slider of the weights."),
    "Move the slider, then put a number in place of None.",
    (Between(1.35, 1.45), "The root of 2, about 1.41: just what He's initialisation builds in."),
    (1, "With s = 1 each layer leaves 0.71 of the gradient: it vanishes."),
    (2, "He's variance is 2 times Glorot's. The slider multiplies the weights."),
    (Between(high=1.35), "Too small: the gradient of the outputs still shrinks towards layer 1."),
    "Too large: the gradient of the outputs grows towards layer 1.",
)


class _OneForEachLayer(Kind):
    """A list with as many numbers as the call has layers."""

    def read(self, given: Any, call: Call) -> list[float]:
        layers = len(call.arguments[0])
        return Numbers(self.words.replace("{layers}", str(layers)), (layers,)).read(given, call)


# Of three small layers: weights, and the gradients that a student's function should find.
_WEIGHTS = [[[2.0, 0.5]], [[1.0, -1.0], [0.5, 2.0]], [[3.0], [1.0]]]
_OF_OUTPUTS = [1.5630898, 1.428733, 1.4142135]
_OF_WEIGHTS = [0.082008883, 0.14232114, 0.047613081]

# The norm of the gradient with respect to the output of each tanh layer.
output_norms = Function(
    3,
    _OneForEachLayer(
        "{name} should return a list of {layers} numbers, one norm for each layer, not {kind}."
    ),
    "One call of tape.gradient, and a gradient for every layer.",
    Case(
        (list(map(tensor, _WEIGHTS)), tensor([[0.3], [-0.2]])),
        _OF_OUTPUTS,
        (
            _OF_WEIGHTS,
            "These are the gradients of the weights, which can look flat while those of the "
            "outputs explode. Differentiate with respect to each h.",
        ),
        (_OF_OUTPUTS[::-1], "Right numbers, wrong way round: the first layer comes first."),
        ([norm**2 for norm in _OF_OUTPUTS], "These are the squares of the norms."),
        (
            [ANY, *_OF_OUTPUTS[:2]],
            "One layer too early: these belong to what goes into each layer. Differentiate with "
            "respect to what comes out.",
        ),
        (
            [1.5042268, 1.1776675, 0.4518050],
            "These are the norms with respect to h @ w. Differentiate with respect to h, after "
            "the tanh.",
        ),
        (
            [ANY, ANY, _OF_OUTPUTS[2]],
            "The last norm is right, and so is the loss. The norms are [1.563, 1.429, 1.414]; you "
            "return {given}. Is every layer h = tf.tanh(h @ w), the last one too?",
        ),
        "For three small layers the norms are [1.563, 1.429, 1.414]; you return {given}. Is the "
        "loss the sum of the last outputs?",
    ),
    # Other networks have other depths.
    Case(
        (list(map(tensor, _WEIGHTS[:2])), tensor([[0.3], [-0.2]])),
        [3.2619596, 2.0],
        "With three layers it is right, with two it is not: the norms are [3.262, 2.000]; you "
        "return {given}.",
    ),
    at_none="A tape records only what it watches.",
)

# A network for the digits that is too deep for careless weights.
_LAYERS = (784, *[64] * 10, 10)


class _TrainedWeights(Tensors):
    """Trained weights, read as the share of digits they get right, their loss and its gradient."""

    def read(self, given: Any, call: Call | None = None) -> dict[str, Any]:
        tensors = super().read(given, call)
        if list(map(np.shape, tensors)) != list(pairwise(_LAYERS)):
            raise self.refused(given, call)
        weights = [tf.constant(w, tf.float32) for w in tensors]
        images, labels, test_images, test_labels = flat_digits(255.0)
        with tf.GradientTape() as tape:
            tape.watch(weights)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                labels[:BATCH], _logits(weights, images[:BATCH])
            )
            loss = tf.reduce_mean(losses)
        norm = tf.linalg.global_norm(tape.gradient(loss, weights))
        right = tf.argmax(_logits(weights, test_images), axis=1).numpy() == test_labels.numpy()
        # One digit: the others depend on how a processor rounds.
        rounded = {"loss": float(f"{loss:.1g}"), "norm": float(f"{norm:.1g}")}
        return {"percent": float(f"{100 * right.mean():.0f}"), **rounded}


def _logits(weights: list[tf.Tensor], images: tf.Tensor) -> tf.Tensor:
    h = images
    for w in weights[:-1]:
        h = tf.nn.relu(h @ w)
    return h @ weights[-1]


# Repair a deep network whose first weights let the gradient vanish; a clip has not helped.
deep_program = Function(
    4,
    _TrainedWeights(
        "Return the list of 11 weights, of the same shapes as before; this is {kind}.", count=11
    ),
    "{percent}% of the test digits after two epochs. The initialisation did what no bound could: "
    "now there are gradients to clip.",
    Case(
        (
            partial(lambda: flat_digits(255.0)[0]),
            partial(lambda: flat_digits(255.0)[1]),
            0.2,
            1.0,
        ),
        {"percent": Between(low=50)},
        (
            {"norm": Between(high=0.02)},
            "Still guessing, {percent}%. At the end the norm of all gradients together is {norm}: "
            "far below the bound, so the clip never acts. By what does each layer multiply them?",
        ),
        (
            {"loss": Between(low=5)},
            "{percent}%, and the loss of the first batch is {loss}: now the outputs explode on "
            "their way forward. By what does each layer multiply them?",
        ),
        (
            {"loss": Between(high=5)},
            "{percent}%, and the norm of all gradients is {norm}. Closer. Are these the weights "
            "that are made for ReLU, and is the clip still there?",
        ),
        "The loss is NaN by now: {percent}%. Are the weights too large, or the steps?",
    ),
)
