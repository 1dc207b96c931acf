"""Checks for the exercises of ``notebooks/01_clip_by_value_and_relu.ipynb``."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from lessons.exercises.feedback import (
    Feedback,
    as_numbers,
    called,
    is_number,
    missing,
    name_of,
    right,
    values_and_slopes,
    wrong,
    wrong_kind,
)


def prediction(answer: Sequence[float] | None) -> Feedback:
    """Exercise 1: what does ``tf.clip_by_value([-3., 0.5, 7.], 5., 2.)`` return?"""
    if answer is None:
        return missing("Put a list of three numbers in place of None.")
    numbers = as_numbers(answer, 3)
    if numbers is None:
        return wrong_kind("Give a list of three numbers, such as [1, 2, 3].")
    if numbers == [5, 5, 5]:
        return right("The lower bound is applied last, so it wins.")
    if numbers == [2, 2, 2]:
        return wrong("That is NumPy's answer. Which of the two bounds does TensorFlow apply last?")
    return wrong("Go from the inside out: first minimum(t, 2), then maximum(…, 5).")


def farthest_start(answer: float | None) -> Feedback:
    """Exercise 2: with c = 2, from how far above the target do all four runs still arrive?"""
    if answer is None:
        return missing("Move the slider w₀, then put the number in place of None.")
    if not is_number(answer):
        return wrong_kind("Give one number, the position of the slider w₀.")
    if answer == 2:
        return right("At w = c the activation stands on its bound, where the gradient is still 1.")
    if answer > 2:
        return wrong(f"From w₀ = {answer:g} not all four arrive. Read the sentence below the plot.")
    return wrong(f"From w₀ = {answer:g} all four arrive, or you came too low. Go on to the right.")


def clip(answer: Callable[..., tf.Tensor]) -> Feedback:
    """Exercise 3: write ``clip(t, low, high)`` from ``tf.maximum`` and ``tf.minimum``."""
    t = [-3.0, -1.0, 0.5, 2.0, 7.0]
    got = values_and_slopes(answer, t, -1.0, 2.0)
    if isinstance(got, Feedback):
        return got
    if not np.allclose(got[0], [-1, -1, 0.5, 2, 2]):
        return wrong(f"Between -1 and 2 the values {t} became {got[0].tolist()}.")
    if not np.allclose(got[1][[0, 2, 4]], [0, 1, 0]):
        return wrong("The values are right; the gradient has to be 1 inside and 0 outside.")
    crossed = values_and_slopes(answer, t, 5.0, 2.0)
    if isinstance(crossed, Feedback) or not np.allclose(crossed[0], 5.0):
        return wrong("Right while low ≤ high. With low = 5 and high = 2, TensorFlow returns 5.")
    return right("These two operations, in this order, are all that clip_by_value is.")


def leaky_clip(answer: Callable[..., tf.Tensor]) -> Feedback:
    """Exercise 4: a clip that lets a tenth through outside, so that its gradient is never 0."""
    t = [-3.0, -1.5, 0.5, 1.5, 7.0]
    got = values_and_slopes(answer, t, -1.0, 1.0)
    if isinstance(got, Feedback):
        return got
    values, slopes = got
    outside = [0, 1, 3, 4]
    if np.allclose(values, np.clip(t, -1, 1)):
        return wrong("This is the plain clip. Add a tenth of what lies beyond the bound.")
    if np.allclose(values[outside], 0.1 * np.asarray(t)[outside]):
        return wrong("Outside, this jumps: at 1.5 the output should be 1 + 0.1 · 0.5, not 0.15.")
    if not np.allclose(values, [-1.2, -1.05, 0.5, 1.05, 1.6]):
        return wrong(f"With low = -1 and high = 1 the values {t} became {np.round(values, 3)}.")
    if not np.allclose(slopes, [0.1, 0.1, 1, 0.1, 0.1]):
        return wrong(f"The values are right, but the gradient is {np.round(slopes, 3)}.")
    return right("The gradient is 0.1 outside: small, and never silent.")


def fixed_step(answer: Callable[..., Any]) -> Feedback:
    """Exercise 5: repair a step that clips the loss; it should clip the gradient."""
    moved = {}
    for start in (6.0, -4.0, 1.5):
        after = called(answer, tf.constant(start), 2.0)
        if isinstance(after, Feedback):
            return after
        if not is_number(after):
            return wrong_kind(f"{name_of(answer)} should return the new weight, one number.")
        moved[start] = float(after)
    if moved[6.0] == 6:
        return wrong("From w = 6 nothing moves: the gradient is still 0. What is it taken of?")
    if np.isclose(moved[6.0], 5.5):
        return wrong("It moves, by the whole gradient of 5. Where did the bound of 2 go?")
    if np.isclose(moved[6.0], 2):
        return wrong("That clips the weight. The weight may be large; the gradient may not.")
    if np.isclose(moved[6.0], 5.8) and not np.isclose(moved[-4.0], -3.8):
        return wrong("Right from above. From w = -4 the gradient is -5: clip on both sides.")
    if not np.allclose([moved[6.0], moved[-4.0], moved[1.5]], [5.8, -3.8, 1.45]):
        return wrong(
            f"From 6, -4 and 1.5 the step leads to {[round(m, 3) for m in moved.values()]}."
        )
    return right("The loss is whole, its gradient is bounded, and the weight learns.")
