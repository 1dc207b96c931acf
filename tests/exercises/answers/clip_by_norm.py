"""Typical answers to the exercises of lecture 2, each with the hint that helps."""

import functools

import numpy as np
import tensorflow as tf
from tensorflow import clip_by_norm as clip_by_other_name

from lessons.exercises import clip_by_norm as check
from tests.exercises.answers import KIND, MISSING, NAN, RIGHT, WRONG, broken, nothing


def right_norm(t, c):
    return t * c / tf.maximum(tf.norm(t), c)


def normalised(t, c):
    return c * t / tf.norm(t)


def clipped_by_value(t, c):
    return tf.clip_by_value(t, -c, c)


def nan_at_zero(t, c):
    return t * tf.minimum(1.0, c * (1.0 / tf.norm(t)) * (tf.norm(t) / tf.norm(t)))


def rounded(t, c):
    return tf.cast(tf.cast(right_norm(t, c), tf.float16), tf.float32)


@tf.function
def traced(t, c):
    return tf.clip_by_norm(t, c)


USES_OF_CLIP_BY_NORM = [
    tf.clip_by_norm,
    functools.partial(clip_by_other_name),
    lambda t, c: clip_by_other_name(t, c),
    lambda t, c: tf.clip_by_global_norm([t], c)[0][0],
    # Traced before the check calls them, so that no Python would run any more.
    traced,
    lambda t, c: traced(t, c),
]
for t in ([3.0, 4.0], [0.3, 0.4], [0.0, 0.0]):
    traced(tf.constant(t), 1.0)


def norm_without_gradient(t, c):
    return tf.constant(right_norm(t, c).numpy())


def a_list_if_short(t, c):
    return right_norm(t, c) if tf.norm(t) > c else [0.3, 0.4]


def each_row(gradients, c):
    return tf.clip_by_norm(gradients, c, axes=[1])


def right_large(t, c):
    largest = tf.maximum(tf.reduce_max(tf.abs(t)), c)
    return largest * right_norm(t / largest, c / largest)


def large_by_dividing(t, c):
    return c * normalised(t / tf.reduce_max(tf.abs(t)), 1.0)


def large_without_a_bound(t, c):
    return normalised(t / 1e20, 1.0)


def large_without_gradient(t, c):
    return tf.constant(right_large(t, c).numpy())


CASES = {
    check.prediction: [
        (None, MISSING, "in place of None"),
        (5.0, KIND, "list of two"),
        ("34", KIND, "list of two"),
        ([3.0], KIND, "list of two"),
        ([5, 5], WRONG, "clip by value"),
        (np.array([5.0, 5.0]), WRONG, "clip by value"),
        ([0.6, 0.8], WRONG, "length 1"),
        ([6, 8], WRONG, "by which factor"),
        ([10**400, -(10**400)], WRONG, "by which factor"),
        ([NAN, 3], KIND, "list of two"),
        ([3, 4], RIGHT, "halved"),
        ((3.0, 4.0), RIGHT, ""),
        (np.array([3.0, 4.0]), RIGHT, ""),
        (tf.constant([3.0, 4.0]), RIGHT, ""),
    ],
    check.bent: [
        (None, MISSING, "Move the sliders"),
        (5, KIND, "list of two"),
        ([NAN, 2.0], KIND, "list of two"),
        ([float("inf"), 2.0], KIND, "list of two"),
        ([0, 0], WRONG, "no direction"),
        (np.zeros(2), WRONG, "no direction"),
        ([1, 2], WRONG, "inside the box"),
        ([5, 5], WRONG, "0.0 degrees"),
        ([5, 0], WRONG, "0.0 degrees"),
        ([3, 4], WRONG, "It is turned by 8.1 degrees"),
        ([5, 2], RIGHT, "23.2"),
        ([1e300, 1], RIGHT, "26.6"),
        ([-2, 5], RIGHT, "23.2"),
        (np.array([5.0, 2.0]), RIGHT, ""),
        (tf.constant([5.0, 2.0]), RIGHT, ""),
        ((5.0, 2.0), RIGHT, ""),
    ],
    check.clip_by_norm: [
        (nothing, MISSING, "returns None"),
        (lambda t, c: t.numpy() * c / max(np.linalg.norm(t), c), KIND, "TensorFlow operations"),
        (a_list_if_short, KIND, "a list"),
        (lambda t, c: tf.sparse.from_dense(t), KIND, "a SparseTensor"),
        (lambda t, c: tf.cast(right_norm(t, c), tf.float16), KIND, "type float16; it was given"),
        (lambda t, c: tf.norm(t), KIND, "shape"),
        (broken, WRONG, "raised ValueError"),
        (clipped_by_value, WRONG, "should be [0.6, 0.8]; you return [1, 1]"),
        (rounded, WRONG, "should be [0.6, 0.8]; you return [0.6001, 0.7998]"),
        (normalised, WRONG, "This normalises"),
        (nan_at_zero, WRONG, "divided by 0"),
        (norm_without_gradient, WRONG, "no gradient flows"),
        (lambda t, c: 2 * right_norm(t, c) - tf.stop_gradient(right_norm(t, c)), WRONG, "[2, 2]"),
        *((use, WRONG, "should do without") for use in USES_OF_CLIP_BY_NORM),
        (right_norm, RIGHT, "direction stays"),
    ],
    check.clip_rows: [
        (nothing, MISSING, "returns None"),
        (lambda rows, c: rows.numpy(), KIND, "TensorFlow operations"),
        (lambda rows, c: rows[:1], KIND, "shape (1, 2)"),
        (lambda rows, c: tf.as_string(rows), KIND, "type string"),
        (broken, WRONG, "raised ValueError"),
        (tf.clip_by_norm, WRONG, "whole matrix"),
        (lambda rows, c: tf.clip_by_norm(rows, c, axes=[0]), WRONG, "each column"),
        (lambda rows, c: tf.math.l2_normalize(rows, axis=1), WRONG, "[1, 1, 1]; [1, 0.5, 1]"),
        (each_row, RIGHT, "left alone"),
    ],
    check.clip_large: [
        (nothing, MISSING, "returns None"),
        (lambda t, c: np.float32([0.7071068, 0.7071068]), KIND, "TensorFlow operations"),
        (lambda t, c: tf.reduce_max(t), KIND, "shape"),
        (broken, WRONG, "raised ValueError"),
        (right_norm, WRONG, "still becomes [0, 0]"),
        (clipped_by_value, WRONG, "should become [0.707, 0.707]"),
        (large_without_a_bound, WRONG, "Now [3, 4]|It should stay"),
        (large_by_dividing, WRONG, "It should stay"),
        (large_without_gradient, WRONG, "no gradient flows"),
        (right_large, RIGHT, "no square"),
    ],
}
