"""Typical answers to the exercises of lecture 4, each with the hint that helps."""

import numpy as np
import tensorflow as tf

from lessons.exercises import exploding_gradients as check
from tests.exercises.answers import KIND, MISSING, NAN, RIGHT, WRONG, broken, nothing


def gradients_of(weights, x, loss_of=tf.reduce_sum):
    with tf.GradientTape() as tape:
        tape.watch(weights)
        h, outputs = x, []
        for w in weights:
            h = tf.tanh(h @ w)
            outputs.append(h)
        loss = loss_of(h)
    return tape.gradient(loss, [outputs, weights])


def of_outputs(weights, x):
    return [tf.norm(g) for g in gradients_of(weights, x)[0]]


def unwatched(weights, x):
    with tf.GradientTape() as tape:
        h = x
        for w in weights:
            h = tf.tanh(h @ w)
        loss = tf.reduce_sum(h)
    return [tf.norm(g) for g in tape.gradient(loss, weights)]


def loop(clip):
    def descend(gradient, place, rate, c, steps):
        for _ in range(steps):
            place = place - rate * clip(gradient(place), c)
        return place

    return descend


def clips_the_step(gradient, place, rate, c, steps):
    for _ in range(steps):
        place = place - tf.clip_by_norm(rate * gradient(place), c)
    return place


def by_value(g, c):
    return tf.clip_by_value(g, -c, c)


def right_then(other):
    """Clipped for the first call, then as `other` has it: of what comes after the first check."""
    calls = []

    def descend(*args):
        calls.append(args)
        return (loop(tf.clip_by_norm) if len(calls) < 2 else other)(*args)

    return descend


def step(clip):
    return lambda w, gradient, rate, c: w - rate * clip(gradient, c)


CASES = {
    check.layers_until_gone: [
        (None, MISSING, "in place of None"),
        ("10", KIND, "one number"),
        ([10], KIND, "one number"),
        (9, WRONG, "still above"),
        (6, WRONG, "a quarter"),
        (250_000, WRONG, "multiplied, not added"),
        (10**400, WRONG, "multiplied, not added"),
        (20, WRONG, "Which power of 1/4"),
        (10, RIGHT, "Depth counts"),
        (np.float32(10), RIGHT, ""),
        (tf.constant(10), RIGHT, ""),
    ],
    check.flat_scale: [
        (None, MISSING, "Move the slider"),
        ("1.4", KIND, "one number"),
        ((1.4,), KIND, "one number"),
        (1, WRONG, "it vanishes"),
        (2.0, WRONG, "He's variance"),
        (1.2, WRONG, "Too small"),
        (1.6, WRONG, "Too large"),
        (1.4, RIGHT, "root of 2"),
        (1.45, RIGHT, ""),
        (np.sqrt(2), RIGHT, ""),
    ],
    check.output_norms: [
        (nothing, MISSING, "returns None"),
        (lambda weights, x: tf.constant(1.0), KIND, "a list of 3 numbers"),
        (lambda weights, x: gradients_of(weights, x)[0], KIND, "not a list"),
        (lambda weights, x: [NAN] * 3, KIND, "a list of 3 numbers"),
        (lambda weights, x: of_outputs(weights, x)[1:], KIND, "a list of 3 numbers"),
        (broken, WRONG, "raised ValueError: oh no"),
        (unwatched, WRONG, "only what it watches"),
        (
            lambda weights, x: [tf.norm(g) for g in gradients_of(weights, x)[1]],
            WRONG,
            "gradients of the weights",
        ),
        (lambda weights, x: of_outputs(weights, x)[::-1], WRONG, "wrong way round"),
        (lambda weights, x: [n**2 for n in of_outputs(weights, x)], WRONG, "squares of the norms"),
        (
            lambda weights, x: [tf.norm(g) for g in gradients_of(weights, x, tf.reduce_mean)[0]],
            WRONG,
            "sum of the last outputs",
        ),
        (of_outputs, RIGHT, "every layer"),
        (lambda weights, x: np.array(of_outputs(weights, x)), RIGHT, ""),
    ],
    check.clipped_descent: [
        (nothing, MISSING, "returns None"),
        (lambda *args: 3.0, KIND, "not 3.0"),
        (lambda *args: "down", KIND, "not a str"),
        (lambda *args: [NAN, NAN], KIND, "not a list"),
        (broken, WRONG, "raised ValueError"),
        (loop(lambda g, c: g), WRONG, "without a clip"),
        (loop(by_value), WRONG, "clip by value"),
        (clips_the_step, WRONG, "before the learning rate"),
        (loop(lambda g, c: -tf.clip_by_norm(g, c)), WRONG, "lead to [2.82, 3.76]"),
        (loop(lambda g, c: c * tf.math.l2_normalize(g)), WRONG, "This one normalises"),
        (right_then(broken), WRONG, "raised ValueError"),
        (loop(tf.clip_by_norm), RIGHT, "ends at [4.287, -2.15]"),
        (loop(lambda g, c: g * c / tf.maximum(tf.norm(g), c)), RIGHT, ""),
    ],
    check.mended_step: [
        (nothing, MISSING, "returns None"),
        (lambda *args: None, MISSING, "returns None"),
        (lambda *args: tf.constant(3.0), KIND, "not 3.0"),
        (lambda *args: [1.0, 2.0, 3.0], KIND, "not a list"),
        (broken, WRONG, "raised ValueError"),
        (lambda w, g, rate, c: tf.clip_by_norm(w - rate * g, c), WRONG, "w itself has norm 5"),
        (step(lambda g, c: g), WRONG, "Nothing is clipped"),
        (
            lambda w, g, rate, c: w - tf.clip_by_norm(rate * g, c),
            WRONG,
            "after the learning rate",
        ),
        (step(by_value), WRONG, "leads to [29.7, 39.6]"),
        (step(lambda g, c: c * tf.math.l2_normalize(g)), WRONG, "never makes longer"),
        (step(tf.clip_by_norm), RIGHT, "before the update"),
        (lambda w, g, rate, c: (w - rate * tf.clip_by_norm(g, c)).numpy(), RIGHT, ""),
    ],
}
