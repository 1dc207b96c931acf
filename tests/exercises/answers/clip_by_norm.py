"""Typical answers to the exercises of lecture 2, each with the hint that helps."""

import numpy as np
import tensorflow as tf

from lessons.exercises import clip_by_norm as check
from tests.exercises.answers import KIND, MISSING, NAN, RIGHT, WRONG, broken, nothing


def right_norm(t, c):
    return t * c / tf.maximum(tf.norm(t), c)


def normalised(t, c):
    return c * t / tf.norm(t)


def clipped_by_value(t, c):
    return tf.clip_by_value(t, -c, c)


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
    check.nearest_points: [
        (None, MISSING, "in place of None"),
        (5.0, KIND, "list of four"),
        ("5534", KIND, "list of four"),
        ([5, 5], KIND, "list of four"),
        ([[5, 5], [3, 4]], KIND, "list of four"),
        ([NAN, 5, 3, 4], KIND, "list of four"),
        ([3, 4, 5, 5], WRONG, "the box should come first"),
        ([3.75, 5, 3, 4], WRONG, "where the arrow leaves the box"),
        ([5, 5, 5, 5], WRONG, "does not lie in the ball"),
        (np.array([5, 5, 0.6, 0.8]), WRONG, "only 1 long"),
        ([5, 5, 6, 8], WRONG, "has length 10"),
        ([5, 5, 3, 3], WRONG, "by which factor"),
        ([6, 8, 3, 4], WRONG, "The ball is right"),
        ([10**400, -(10**400), 1, 1], WRONG, "Two points"),
        ([5, 5, 3, 4], RIGHT, "by one factor"),
        (tf.constant([5.0, 5.0, 3.0, 4.0]), RIGHT, ""),
    ],
    check.bent: [
        (None, MISSING, "Move the sliders"),
        (5, KIND, "list of two"),
        ([NAN, 2.0], KIND, "list of two"),
        ([float("inf"), 2.0], KIND, "list of two"),
        ([0, 0], WRONG, "points nowhere"),
        (np.zeros(2), WRONG, "points nowhere"),
        ([-2, 2], WRONG, "inside the box"),
        ([5, 5], WRONG, "0.0 degrees"),
        ([2.5, 1], WRONG, "It is turned by 4.8 degrees"),
        ([-2.5, 1], WRONG, "It is turned by 4.8 degrees"),
        ([5, 0], WRONG, "0.0 degrees"),
        ([3, 4], WRONG, "It is turned by 8.1 degrees"),
        ([4.2, 2], WRONG, "It is turned by 19.5 degrees"),
        # More than 20 are asked for, to a tenth.
        ([4.28, 2], WRONG, "It is turned by 20 degrees"),
        ([4.3, 2], RIGHT, "by 20.1 degrees"),
        ([5, 2], RIGHT, "23.2"),
        ([1e300, 1], RIGHT, "26.6"),
        ([4.5, 2], RIGHT, "by 21 degrees"),
        ([-5, 2], RIGHT, "23.2"),
        (np.array([5.0, 2.0]), RIGHT, ""),
        (tf.constant([5.0, 2.0]), RIGHT, ""),
        ((5.0, 2.0), RIGHT, ""),
    ],
    check.most_damage: [
        (None, MISSING, "in place of None"),
        ("10", KIND, "one number"),
        ([10], KIND, "one number"),
        (1, WRONG, "a single step"),
        (tf.constant(0.5), WRONG, "how far"),
        (20, WRONG, "left out the bound"),
        (40, WRONG, "without the clip"),
        (400, WRONG, "as long as L"),
        (100, WRONG, "left out the learning rate"),
        (7, WRONG, "steepest slope"),
        (10, RIGHT, "20 · 0.05 = 1"),
        (10 * 20 * 0.1 * 0.5, RIGHT, ""),
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
        (lambda t, c: right_large(t, 1.0), WRONG, "clipped to 2"),
        (large_without_gradient, WRONG, "no gradient flows"),
        (lambda t, c: 2 * right_large(t, c) - tf.stop_gradient(right_large(t, c)), WRONG, "[2, 2]"),
        (lambda t, c: right_large(t, c) if tf.norm(t) > c else [0.3, 0.4], KIND, "a list"),
        (lambda t, c: tf.sparse.from_dense(t), KIND, "a SparseTensor"),
        (lambda t, c: tf.cast(right_large(t, c), tf.float16), KIND, "type float16; it was given"),
        (right_large, RIGHT, "no square"),
    ],
}
