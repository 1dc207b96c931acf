"""Typical answers to the exercises of lecture 3, each with the hint that helps."""

import numpy as np
import tensorflow as tf

from lessons.digits.runs import loss_of
from lessons.exercises import global_norm as check
from tests.exercises.answers import (
    KIND,
    MISSING,
    NAN,
    RIGHT,
    WRONG,
    always_to_the_bound,
    broken,
    each_tensor,
    nothing,
    together,
)


def program(clip, batches_used=slice(None)):
    """A training program whose gradients go through `clip`."""

    def train(weights, batches, rate, c):
        for images, labels in batches[batches_used]:
            with tf.GradientTape() as tape:
                tape.watch(weights)
                loss = loss_of(weights, images, labels, output="linear", loss="cross-entropy")
            gradients = clip(tape.gradient(loss, weights), c)
            weights = [w - rate * g for w, g in zip(weights, gradients, strict=True)]
        return weights

    return train


def each_layer(gradients, c):
    return [t for i in (0, 2, 4) for t in together(gradients[i : i + 2], c)]


def turned(gradients, c):
    return together([gradients[0], *(0 * g for g in gradients[1:])], c)


CASES = {
    check.returned_norm: [
        (None, MISSING, "in place of None"),
        ("5", KIND, "one number"),
        ([5.0], KIND, "one number"),
        (1, WRONG, "after the clip"),
        (7, WRONG, "root of the sum"),
        (tf.constant(25.0), WRONG, "root of the sum"),
        (3.5, WRONG, "before or after"),
        (5, RIGHT, "the one to log"),
        (5.0001, RIGHT, ""),
        (np.float32(5), RIGHT, ""),
        (tf.linalg.global_norm([[3.0], [4.0]]), RIGHT, ""),
    ],
    check.what_is_left: [
        (None, MISSING, "Move the sliders"),
        ("8", KIND, "one number"),
        ((8,), KIND, "one number"),
        (2, WRONG, "clipped together"),
        (32, WRONG, "do not add up"),
        (4, WRONG, "K = 16 and c = 2"),
        (8, RIGHT, "400 tensors"),
        (np.array(8.0), RIGHT, ""),
        (tf.sqrt(64.0), RIGHT, ""),
    ],
    check.broken_steps: [
        (None, MISSING, "in place of None"),
        (9, KIND, "list of two"),
        ("9, 4", KIND, "list of two"),
        ([9], KIND, "list of two"),
        ([NAN, 4], KIND, "list of two"),
        ([4, 9], WRONG, "the other way round"),
        ([9, 10], WRONG, "would wrong labels raise"),
        ([0, 4], WRONG, "would larger images raise"),
        ([0, 1], WRONG, "the one before"),
        ([9, 4], RIGHT, "all six"),
        (np.array([9, 4]), RIGHT, ""),
    ],
    check.trained: [
        (nothing, MISSING, "returns None"),
        (lambda weights, *_: weights[:5], KIND, "six weights, not a list"),
        (lambda weights, *_: weights[0], KIND, "six weights, not a tensor"),
        (lambda weights, *_: [w[:1] for w in weights], KIND, "six weights"),
        (lambda weights, *_: [None] * 6, KIND, "holds None"),
        (broken, WRONG, "raised ValueError"),
        (lambda weights, *_: weights, WRONG, "have not moved"),
        (lambda weights, *_: [w * NAN for w in weights], WRONG, "NaN or infinite"),
        (program(each_layer), WRONG, "the root of 3"),
        (program(each_tensor), WRONG, "the root of 6"),
        (program(lambda gradients, c: gradients), WRONG, "not clipped at all"),
        # The rate is 0.1, and left out.
        (program(lambda g, c: [t / 0.1 for t in together(g, c)]), WRONG, "by the rate afterwards"),
        (program(turned), WRONG, "as long as it may be, but is turned"),
        (program(lambda g, c: [tf.clip_by_value(t, -c, c) for t in g]), WRONG, "exactly that long"),
        (program(always_to_the_bound), WRONG, "would without a clip"),
        (program(together, slice(1)), WRONG, "with three batches"),
        (program(together), RIGHT, "goes where it should"),
    ],
}
