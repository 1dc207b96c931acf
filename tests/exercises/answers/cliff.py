"""Typical answers to the exercises of lecture 5, each with the hint that helps."""

import numpy as np
import tensorflow as tf

from lessons.exercises import cliff as check
from tests.exercises.answers import KIND, MISSING, NAN, RIGHT, WRONG, broken, nothing


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
    check.largest_bound: [
        (None, MISSING, "in place of None"),
        ("0.1", KIND, "one number"),
        (0.05, WRONG, "length of the step"),
        (0.0278, WRONG, "the learning rate shortens"),
        (0.00072, WRONG, "Divide by"),
        (0.13, WRONG, "a larger bound"),
        (0.03, WRONG, "a larger bound"),
        (0.15, WRONG, "How long"),
        (1, WRONG, "How long"),
        (0.139, RIGHT, "0.36 times"),
        (0.14, RIGHT, ""),
        (np.float32(0.1389), RIGHT, ""),
    ],
    check.clipped_descent: [
        (nothing, MISSING, "returns None"),
        (lambda *args: 3.0, KIND, "not 3.0"),
        (lambda *args: "down", KIND, "not a str"),
        (lambda *args: [NAN, NAN], KIND, "not a list"),
        (broken, WRONG, "raised ValueError"),
        (loop(lambda g, c: g), WRONG, "without a clip"),
        (loop(by_value), WRONG, "clip by value"),
        (clips_the_step, WRONG, "Each step is c long"),
        (loop(lambda g, c: -tf.clip_by_norm(g, c)), WRONG, "lead to [2.82, 3.76]"),
        (loop(lambda g, c: c * tf.math.l2_normalize(g)), WRONG, "shorter than c"),
        (loop(lambda g, c: tf.clip_by_norm(g, 1.0)), WRONG, "as they come in"),
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
        (lambda w, g, rate, c: tf.clip_by_norm(w - rate * g, c), WRONG, "now has norm 5"),
        (
            lambda *args: tf.clip_by_norm(step(tf.clip_by_norm)(*args), args[-1]),
            WRONG,
            "now has norm 5",
        ),
        (step(lambda g, c: g), WRONG, "Nothing is clipped"),
        (
            lambda w, g, rate, c: w - tf.clip_by_norm(rate * g, c),
            WRONG,
            "should be rate · c",
        ),
        (step(by_value), WRONG, "leads to [29.7, 39.6]"),
        (step(lambda g, c: c * tf.math.l2_normalize(g)), WRONG, "never makes it longer"),
        (step(lambda g, c: tf.clip_by_norm(g, 5.0)), WRONG, "leads to [22, 46]"),
        (step(tf.clip_by_norm), RIGHT, "before the update"),
        (lambda w, g, rate, c: (w - rate * tf.clip_by_norm(g, c)).numpy(), RIGHT, ""),
    ],
}
