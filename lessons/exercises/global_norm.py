"""Checks for the exercises of ``notebooks/03_clip_by_global_norm.ipynb``."""

from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from lessons.broken_steps import IMAGES_WHOLE, LABELS_SHIFTED
from lessons.digits.runs import loss_of
from lessons.exercises.checks import Answer, Case, Function
from lessons.exercises.feedback import wrong
from lessons.exercises.kinds import Call, Numbers, Tensors
from lessons.exercises.patterns import ANY, Between
from lessons.geometry import as_arrow, degrees_between

# What is the second thing that tf.clip_by_global_norm([[3.0], [4.0]], 1.0) returns?
returned_norm = Answer(
    1,
    Numbers("Give one number."),
    "Put a number in place of None.",
    (5, "It is the norm before the clip, the one to log."),
    (1, "That would be the norm after the clip. Nobody needs to be told that: it is c."),
    (7, "The global norm is the root of the sum of the squares."),
    (25, "The global norm is the root of the sum of the squares."),
    "Think of both tensors as one arrow, [3, 4]. Is it measured before or after the clip?",
)

# 16 long tensors, each clipped to 2 by its norm: what global norm is left?
what_is_left = Answer(
    2,
    Numbers("Give one number, read off the sentence below the picture."),
    "Move the sliders, then put a number in place of None.",
    (8, "Two times the root of 16. With 400 tensors it would be 40."),
    (2, "That is what is left when they are clipped together."),
    (32, "Lengths of tensors do not add up. Their squares do."),
    "Set K = 16 and c = 2, and read the sentence below the picture.",
)

# At which step of the log were the images not divided by 255, and at which were the labels wrong?
broken_steps = Answer(
    3,
    Numbers("Give a list of two steps, such as [1, 2].", (2,)),
    "Put a list of two steps in place of None.",
    (
        [IMAGES_WHOLE, LABELS_SHIFTED],
        "The gradient of a W is the error times the input of its layer, that of a b is the error "
        "alone: larger images raise only the W. Wrong labels raise the error, and so all six.",
    ),
    (
        [LABELS_SHIFTED, IMAGES_WHOLE],
        "These are the two steps, the other way round. Larger images make the input of every layer "
        "larger. What does that do to W, and what to b?",
    ),
    ([IMAGES_WHOLE, ANY], "The images are right. Which of the six norms would wrong labels raise?"),
    (
        [ANY, LABELS_SHIFTED],
        "The labels are right. Which of the six norms would larger images raise?",
    ),
    "Compare each step with the one before. Two of them are several times as long as usual.",
)

# Three layers, small enough for a check that runs at once.
_SIZES = ((6, 5), (5, 4), (4, 10))
_RATE = 0.1


def _weights() -> list[tf.Tensor]:
    draw = np.random.default_rng(0)
    shapes = [shape for pair in _SIZES for shape in (pair, pair[1:])]
    return [tf.constant(draw.normal(size=shape), tf.float32) for shape in shapes]


def _batches(count: int) -> list[tuple[tf.Tensor, tf.Tensor]]:
    draw = np.random.default_rng(1)
    return [
        (tf.constant(draw.normal(size=(8, 6)), tf.float32), tf.constant(draw.integers(0, 10, 8)))
        for _ in range(count)
    ]


def _trained(count: int, c: float) -> list[tf.Tensor]:
    """Return the weights after training on `count` batches, clipped together."""
    weights = _weights()
    for images, labels in _batches(count):
        with tf.GradientTape() as tape:
            tape.watch(weights)
            loss = loss_of(weights, images, labels, output="linear", loss="cross-entropy")
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, weights), c)
        weights = [w - _RATE * g for w, g in zip(weights, gradients, strict=True)]
    return weights


class _Moved(Tensors):
    """Six trained weights, read as how far and in which direction they have moved.

    `given` is the distance moved over rate times bound, `turned` the angle to the right direction
    in degrees, `left` the distance left to the right weights, as a share of the right distance.
    """

    def read(self, given: Any, call: Call | None = None) -> dict[str, float]:
        assert call is not None
        _, batches, _, c = call.arguments
        trained = super().read(given, call)
        right = _trained(len(batches), c)
        if [np.shape(t) for t in trained] != [tuple(w.shape) for w in right]:
            raise self.refused(given, call)
        start = as_arrow(_weights())
        way, wanted = (as_arrow(each) - start for each in (trained, right))
        if not np.isfinite(way).all():
            raise wrong("After training some of the weights are NaN or infinite.")
        length, whole = np.linalg.norm(way), np.linalg.norm(wanted)
        return {
            "given": round(length / (_RATE * c), 3),
            "turned": round(degrees_between(way, wanted), 1) if length else 0.0,
            "left": round(float(np.linalg.norm(way - wanted) / whole), 3),
        }


# Repair a training program in which each layer is clipped by itself.
trained = Function(
    4,
    _Moved("{name} should return the list of six weights, not {kind}.", 6),
    "One norm for all six: the step is as long as it may be, and goes where it should.",
    Case(
        (partial(_weights), partial(_batches, 1), _RATE, 0.1),
        {"left": Between(high=0.001)},
        (
            {"given": 1.732},
            "With one batch and c = 0.1, the step is 1.732 times as long as rate · c, which is the "
            "root of 3, and is turned by {turned} degrees. What does the network have three of?",
        ),
        (
            {"given": 2.449},
            "With one batch and c = 0.1, the step is 2.449 times as long as rate · c, which is the "
            "root of 6, and is turned by {turned} degrees. What does the network have six of?",
        ),
        ({"given": 0, "turned": 0}, "The weights that come back have not moved."),
        (
            {"given": 10, "turned": Between(high=0.1)},
            "With one batch, c = 0.1 and a rate of 0.1, the step is as long as c, and should be as "
            "long as rate · c. Clip the gradients, and multiply them by the rate afterwards.",
        ),
        (
            {"given": Between(low=3), "turned": Between(high=0.1)},
            "With one batch and c = 0.1, the step is {given} times as long as rate · c. It is not "
            "clipped at all.",
        ),
        (
            {"given": 1},
            "The step is as long as it may be, but is turned by {turned} degrees.",
        ),
        "With one batch and c = 0.1, the step is {given} times as long as rate · c, and is turned "
        "by {turned} degrees. It should be exactly that long, and not turned.",
    ),
    Case(
        (partial(_weights), partial(_batches, 3), _RATE, 1000.0),
        {"left": Between(high=0.001)},
        "Right for a step that is too long. But with three batches and a bound that nothing "
        "reaches, the weights should end where they would without a clip.",
    ),
)
