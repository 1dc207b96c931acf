"""Typical answers to the exercises of lecture 3, each with the hint that helps."""

import numpy as np
import tensorflow as tf

from lessons.exercises import global_norm as check
from tests.exercises.answers import KIND, MISSING, NAN, RIGHT, WRONG, broken, nothing


def without_none(gradients):
    return [g for g in gradients if g is not None]


def of_each(gradients, function):
    return [None if g is None else function(g) for g in gradients]


def sum_of_norms(gradients):
    return tf.add_n([tf.norm(g) for g in without_none(gradients)])


def sum_of_squares(gradients):
    return tf.add_n([tf.reduce_sum(g**2) for g in without_none(gradients)])


def halves(gradients, c):
    return of_each(gradients, lambda g: g * 0.5)


def always_to_the_bound(gradients, c):
    norm = tf.linalg.global_norm(gradients)
    return of_each(gradients, lambda g: g * c / norm), norm


def together(gradients, c):
    return tf.clip_by_global_norm(gradients, c)


def list_and(norm):
    return lambda gradients, c: (together(gradients, c)[0], norm)


def shorter_gives(answer):
    """Right where there is something to clip, and something else where there is not."""
    return lambda gradients, c: together(gradients, c)[0] if c < 13 else answer


each_by_its_norm = lambda gradients, c: of_each(gradients, lambda g: tf.clip_by_norm(g, c))  # noqa: E731


CASES = {
    check.returned_norm: [
        (None, MISSING, "in place of None"),
        ("5", KIND, "one number"),
        ([5.0], KIND, "one number"),
        (1, WRONG, "after the clip"),
        (7, WRONG, "root of the sum"),
        (tf.constant(25.0), WRONG, "root of the sum"),
        (3.5, WRONG, "before or after"),
        (5, RIGHT, "into a log"),
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
    check.global_norm: [
        (nothing, MISSING, "returns None"),
        (lambda g: [5.0, 12.0], KIND, "not a list"),
        (lambda g: [5.0, [12.0]], KIND, "not a list"),
        (lambda g: {}, KIND, "not a dict"),
        (lambda g: "13", KIND, "not a str"),
        (lambda g: tf.constant(NAN), KIND, "not nan"),
        (lambda g: tf.constant([13.0]), KIND, "a tensor of shape (1,)"),
        (lambda g: sum(tf.norm(each) for each in g), WRONG, "Leave the None out"),
        (lambda g: sum(each**2 for each in g), WRONG, "'int'. Leave the None out"),
        (broken, WRONG, "raised ValueError: oh no"),
        (sum_of_norms, WRONG, "5 + 12 is 17"),
        (sum_of_squares, WRONG, "sum of the squares"),
        (lambda g: tf.linalg.global_norm(g), WRONG, "calls TensorFlow's global_norm"),
        (lambda g: tf.clip_by_global_norm(g, 1.0)[1], WRONG, "calls TensorFlow's global_norm"),
        (lambda g: 13.002, WRONG, "it should be 13; you return 13.002"),
        (lambda g: 12.0, WRONG, "it should be 13; you return 12"),
        (lambda g: tf.sqrt(sum_of_squares(g)), RIGHT, "no say"),
        (lambda g: float(np.sqrt(sum_of_squares(g))), RIGHT, ""),
    ],
    check.clip_together: [
        (nothing, MISSING, "returns None"),
        (halves, KIND, "a list of tensors and the norm"),
        (list_and(None), KIND, "one number, the norm, not None"),
        (list_and("13"), KIND, "not a str"),
        (list_and([13.0, 2.0]), KIND, "not a list"),
        (lambda g, c: tf.clip_by_norm(g[0], c), KIND, "a tensor of shape"),
        (lambda g, c: together(g, c) if c < 13 else None, MISSING, "returns None"),
        (lambda g, c: together(g, c) if c < 13 else g, KIND, "with c = 26 this is a list"),
        (lambda g, c: together(g, c) if c < 13 else 5.0, KIND, "with c = 26 this is 5.0"),
        (lambda g, c: together(g, c) if c < 13 else (None, 1.0), KIND, "a list of tensors"),
        (lambda g, c: together(g, c) if c < 13 else ([], 1.0), WRONG, "with None where None was"),
        (lambda g, c: [tf.clip_by_norm(each, c) for each in g], WRONG, "Leave the None out"),
        (broken, WRONG, "raised ValueError"),
        (lambda g, c: together(without_none(g), c), WRONG, "with None where None was"),
        (list_and(6.5), WRONG, "before the clip is 13; you return 6.5"),
        (lambda g, c: (each_by_its_norm(g, c), 13.0), WRONG, "one factor for all"),
        (lambda g, c: ([None, None, None], 13.0), WRONG, "with None where None was"),
        (lambda g, c: (["x", None, "y"], 13.0), KIND, "yours holds a str"),
        (always_to_the_bound, WRONG, "never makes longer"),
        (together, RIGHT, "direction of the whole"),
        (lambda g, c: list(together(g, c)), RIGHT, ""),
        (lambda g, c: (tuple(together(g, c)[0]), 13.0), RIGHT, ""),
    ],
    check.mended_clip: [
        (nothing, MISSING, "returns None"),
        (together, KIND, "Return the list alone"),
        (lambda g, c: g[0], KIND, "a tensor of shape (2,)"),
        (shorter_gives(5.0), KIND, "with c = 26 this is 5.0"),
        (shorter_gives([]), WRONG, "with None where None was"),
        (lambda g, c: np.ones(3), KIND, "an ndarray"),
        (lambda g, c: [tf.clip_by_norm(each, c) for each in g], WRONG, "Leave the None out"),
        (broken, WRONG, "raised ValueError"),
        (each_by_its_norm, WRONG, "Still each by its own norm"),
        (lambda g, c: together(without_none(g), c)[0], WRONG, "None where None was|list alone"),
        (lambda g, c: g, WRONG, "should be halved"),
        (lambda g, c: [None, None, None], WRONG, "with None where None was"),
        (lambda g, c: of_each(g, lambda each: each / 13), WRONG, "should be halved"),
        (lambda g, c: always_to_the_bound(g, c)[0], WRONG, "never makes longer"),
        (lambda g, c: together(g, c)[0], RIGHT, "same factor"),
        (lambda g, c: tuple(together(g, c)[0]), RIGHT, ""),
    ],
}
