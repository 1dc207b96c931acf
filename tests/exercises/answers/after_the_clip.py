"""Typical answers to the exercises of lecture 8, each with the hint that helps."""

import numpy as np
import tensorflow as tf

from lessons.exercises import after_the_clip as check
from tests.exercises.answers import KIND, MISSING, NAN, RIGHT, WRONG

SO = [False, True, False, False, True, True, False, False, False, False]


def but(*numbers):
    """The right answers to the quiz, but for some of them."""
    return [given != (n in numbers) for n, given in enumerate(SO, 1)]


CASES = {
    check.bound_for_momentum: [
        (None, MISSING, "in place of None"),
        ("0.5", KIND, "one number"),
        ([0.5], KIND, "one number"),
        (NAN, KIND, "one number"),
        (2, WRONG, "bounds the gradient"),
        (8, WRONG, "Other way round"),
        (0.25, WRONG, "a larger bound"),
        (0.49, WRONG, "a larger bound"),
        (0.51, WRONG, "at most 2?"),
        (0, WRONG, "a larger bound"),
        (1, WRONG, "at most 2?"),
        (-1, WRONG, "at most 2?"),
        (0.5, RIGHT, "four times the bound"),
        (np.float32(0.5), RIGHT, ""),
        (tf.constant(0.5), RIGHT, ""),
    ],
    check.step_at_a_spike: [
        (None, MISSING, "in place of None"),
        ("1", KIND, "one number"),
        (3.16, WRONG, "beta_2 of 0.999"),
        (10, WRONG, "not 1 - 0.99"),
        (0.1, WRONG, "share of the spike"),
        (100, WRONG, "many tiny gradients"),
        (1, RIGHT, "short a memory"),
        (np.float32(1), RIGHT, ""),
    ],
    check.most_change: [
        (None, MISSING, "in place of None"),
        ("10", KIND, "one number"),
        ([10], KIND, "one number"),
        (1, WRONG, "the first step"),
        (0.5, WRONG, "the length of the step"),
        (100, WRONG, "a learning rate of 1"),
        (0.1, WRONG, "longer, not shorter"),
        (1.9, WRONG, "more harm"),
        (9.5, WRONG, "more harm"),
        (10.5, WRONG, "the longest gradient"),
        (20, WRONG, "the longest gradient"),
        (10, RIGHT, "ten times 1"),
        (tf.constant(10.0), RIGHT, ""),
    ],
    check.quiz: [
        ([None] * 10, MISSING, "Statement 1 has"),
        ([*SO[:9], None], MISSING, "Statement 10 has"),
        (None, MISSING, "a list of 10"),
        (True, KIND, "a list of 10"),
        (SO[:9], KIND, "a list of 10"),
        (["False"] * 10, KIND, "quotation marks"),
        ([0] * 10, KIND, "True or False"),
        *(
            (but(n), WRONG, f"9 of 10. Statement {n}: {words}")
            for n, words in enumerate(
                (
                    "each gradient keeps",
                    "look at what",
                    "a clip never multiplies",
                    "take the gradient",
                    "compare 10 and",
                    "the norm from after",
                    "compare the direction",
                    "compare the steps",
                    "NaN times",
                    "compare the norms",
                ),
                1,
            )
        ),
        (but(3, 7), WRONG, "8 of 10. Statement 3"),
        ([True] * 10, WRONG, "3 of 10. Statement 1"),
        (SO, RIGHT, "All ten"),
        (tuple(SO), RIGHT, ""),
        (np.array(SO), RIGHT, ""),
    ],
}
