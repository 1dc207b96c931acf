"""Typical answers to the exercises of lecture 9, each with the hint that helps."""

import numpy as np
import tensorflow as tf

from lessons.digits.network import outputs
from lessons.exercises import beyond_clipping as check
from tests.exercises.answers import KIND, MISSING, NAN, RIGHT, WRONG, broken, nothing, together


def unit(floor=1e-3, under=True, axis=0):
    """A clip of each unit, with a floor under the norm of the weights, or under the bound."""

    def clip_unit(gradient, weights, bound):
        norm = tf.norm(gradient, axis=axis, keepdims=True)
        length = tf.norm(weights, axis=axis, keepdims=True)
        most = bound * tf.maximum(length, floor) if under else tf.maximum(bound * length, floor)
        return gradient * most / tf.maximum(norm, most)

    return clip_unit


def divided(gradient, weights, bound):
    ratio = tf.norm(gradient, axis=0) / (bound * tf.norm(weights, axis=0))
    return (
        gradient
        / tf.where(ratio > 1, ratio, tf.where(ratio <= 1, 1.0, NAN))
        * (tf.norm(weights, axis=0) / tf.norm(weights, axis=0))
    )


def skipping(gradients, bound, most):
    clipped, norm = tf.clip_by_global_norm(gradients, bound)
    return clipped if norm < most else [tf.zeros_like(g) for g in gradients]


def above(gradients, bound, most):
    clipped, norm = tf.clip_by_global_norm(gradients, bound)
    return [tf.zeros_like(g) for g in gradients] if norm >= most else clipped


def without_nan(gradients, bound, most):
    return skipping([tf.where(tf.math.is_nan(g), 0.0, g) for g in gradients], bound, most)


def trainer(*, caps_loss=False, clips_weights=False, skips=True, last=None):
    """A training loop with some faults; `last` of its batches are left out."""

    def train(variables, batches):
        for images, labels in batches[:last]:
            with tf.GradientTape() as tape:
                logits = outputs(variables, images)
                losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
                loss = tf.reduce_mean(losses)
                loss = tf.clip_by_value(loss, 0.0, 1.0) if caps_loss else loss
            gradients = tape.gradient(loss, variables)
            if skips and not tf.linalg.global_norm(gradients) < 100:
                continue
            for v, g in zip(variables, gradients, strict=True):
                w = v - 0.3 * g
                v.assign(tf.clip_by_value(w, -0.05, 0.05) if clips_weights else w)
        return variables

    return train


SO = {
    "A": "clip",
    "B": "lower the rate",
    "C": "normalise",
    "D": "each unit",
    "E": "soft cap",
    "F": "skip",
}

CASES = {
    check.where_it_ends: [
        (None, MISSING, "in place of None"),
        ("1", KIND, "one number"),
        ([1], KIND, "one number"),
        (NAN, KIND, "one number"),
        (3, WRONG, "the mean of the four"),
        (0, WRONG, "three zeros do not pull"),
        (1.5, WRONG, "two zeros"),
        (12, WRONG, "sum of the four"),
        (1, RIGHT, "one clipped pull"),
        (np.float32(1), RIGHT, ""),
    ],
    check.clip_each_unit: [
        (nothing, MISSING, "returns None"),
        (lambda g, w, b: [g], KIND, "not a list"),
        (lambda g, w, b: "g", KIND, "not a str"),
        (lambda g, w, b: 1.0, KIND, "not 1.0"),
        (broken, WRONG, "raised ValueError"),
        (unit(floor=0), WRONG, "comes out as [0, 0]"),
        (unit(under=False), WRONG, "before it is multiplied"),
        (unit(floor=0.01), WRONG, "ten times too long"),
        (divided, WRONG, "divided by what"),
        (unit(floor=1e-6), WRONG, "less than 0.001"),
        (unit(axis=1), WRONG, "they are"),
        (lambda g, w, b: g, WRONG, "they are"),
        (lambda g, w, b: unit()(g, w, min(b, 0.1)), WRONG, "below its bound"),
        (unit(), RIGHT, "Biases start that way"),
    ],
    check.skip_or_clip: [
        (nothing, MISSING, "returns None"),
        (lambda g, c, m: g[0], KIND, "this is a tensor"),
        (lambda g, c, m: tf.clip_by_global_norm(g, c), KIND, "Return the list alone"),
        (broken, WRONG, "raised ValueError"),
        (lambda g, c, m: g, WRONG, "Clip them to 6.5"),
        (lambda g, c, m: [tf.clip_by_norm(t, c) for t in g], WRONG, "together"),
        (lambda g, c, m: [tf.zeros_like(t) for t in g], WRONG, "not broken"),
        (lambda g, c, m: [t / 4 for t in g], WRONG, "halves"),
        (lambda g, c, m: [t[:1] for t in skipping(g, c, m)], WRONG, "halves"),
        (lambda g, c, m: together(g, c), WRONG, "limit of 13: return zeros."),
        (lambda g, c, m: skipping(g, c, m + 0.01), WRONG, "not below the limit of 13"),
        (lambda g, c, m: skipping(g, 6.5, m), WRONG, "not [[1.5, 2], [6]]"),
        (
            lambda g, c, m: [t * c / tf.linalg.global_norm(g) for t in g],
            WRONG,
            "never makes them longer",
        ),
        (
            lambda g, c, m: together(g, c) if tf.linalg.global_norm(g) < m else g,
            WRONG,
            "in the same shapes",
        ),
        (above, WRONG, "not below it"),
        (without_nan, WRONG, "so the batch is broken"),
        (skipping, RIGHT, "changes nothing"),
    ],
    check.remedies: [
        (None, MISSING, "a dict"),
        (dict.fromkeys("ABCDEF"), MISSING, "in place of each None"),
        ({"A": "clip"}, KIND, "six letters"),
        (SO | {"F": "pray"}, KIND, "The words are"),
        (SO | {"A": "lower the rate"}, WRONG, "5 of 6. A:"),
        (SO | {"B": "clip"}, WRONG, "5 of 6. B:"),
        (SO | {"C": "clip"}, WRONG, "5 of 6. C:"),
        (SO | {"F": "clip"}, WRONG, "5 of 6. F:"),
        (SO | {"D": "skip", "E": "skip"}, WRONG, "4 of 6. Ask of each"),
        (SO, RIGHT, "All six"),
    ],
    check.repair: [
        (nothing, MISSING, "returns None"),
        (lambda v, b: v[:2], KIND, "Return the six variables"),
        (lambda v, b: list(reversed(v)), KIND, "Return the six variables"),
        (broken, WRONG, "raised ValueError"),
        # Those after it get batches of their own.
        (lambda v, b: b.clear() or v, WRONG, "No weight has moved"),
        (trainer(skips=False), WRONG, "After which batch"),
        (trainer(caps_loss=True), WRONG, "No weight has moved"),
        (trainer(clips_weights=True), WRONG, "the largest weight is 0.05"),
        (trainer(last=8), WRONG, "more than 80%"),
        (trainer(), RIGHT, "the broken batch"),
    ],
}
