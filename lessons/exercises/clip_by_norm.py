"""Checks for the exercises of ``notebooks/02_clip_by_norm_keeps_direction.ipynb``."""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from lessons.exercises.feedback import (
    Feedback,
    as_numbers,
    called,
    missing,
    name_of,
    right,
    shown,
    values_and_slopes,
    wrong,
    wrong_kind,
)
from lessons.geometry import degrees_between


def prediction(answer: Sequence[float] | None) -> Feedback:
    """Exercise 1: what does ``tf.clip_by_norm([6., 8.], 5.)`` return?"""
    if answer is None:
        return missing("Put a list of two numbers in place of None.")
    pair = as_numbers(answer, 2)
    if pair is None:
        return wrong_kind("Give a list of two numbers, such as [1, 2].")
    if np.allclose(pair, [3, 4]):
        return right("The length 10 becomes 5: both numbers are halved.")
    if np.allclose(pair, [5, 5]):
        return wrong("That is a clip by value. Here the length is bounded, not each number.")
    if np.allclose(pair, [0.6, 0.8]):
        return wrong("That has length 1. The bound is 5.")
    return wrong("First the length of [6, 8]. Then: by which factor must it shrink?")


def bent(answer: Sequence[float] | None) -> Feedback:
    """Exercise 2: a gradient that a clip by value at 2 turns by more than 20 degrees."""
    if answer is None:
        return missing("Move the sliders, then put a list of two numbers in place of None.")
    pair = as_numbers(answer, 2)
    if pair is None:
        return wrong_kind("Give a list of two numbers, the positions of the two sliders.")
    if not np.any(pair):
        return wrong("The zero gradient has no direction that could turn.")
    clipped = tf.clip_by_value(tf.constant(pair, tf.float32), -2.0, 2.0).numpy()
    turned = degrees_between(pair, clipped)
    if turned > 20:
        return right(f"It is turned by {turned:.1f} degrees. By norm it would be 0.0.")
    if np.max(np.abs(pair)) <= 2:
        return wrong("This lies inside the box: nothing is clipped, and nothing turns.")
    if np.isclose(turned, 0, atol=1e-4):
        return wrong("This is turned by 0.0 degrees: both numbers shrink alike, or one is 0.")
    return wrong(f"It is turned by {turned:.1f} degrees. Let one number be large, one near 2.")


def clip_by_norm(answer: Callable[..., tf.Tensor]) -> Feedback:
    """Exercise 3: write ``clip_by_norm(t, c)`` without ``tf.clip_by_norm``."""
    long = values_and_slopes(answer, [3.0, 4.0], 1.0)
    if isinstance(long, Feedback):
        return long
    if not np.allclose(long[0], [0.6, 0.8]):
        return wrong(f"[3, 4] clipped to 1 should be [0.6, 0.8]; you return {shown(long[0])}.")
    short = values_and_slopes(answer, [0.3, 0.4], 1.0)
    if isinstance(short, Feedback):
        return short
    if not np.allclose(short[0], [0.3, 0.4]):
        return wrong(
            f"[0.3, 0.4] is shorter than the bound 1 and should stay; you return "
            f"{shown(short[0])}. This normalises. A clip never makes longer."
        )
    if not np.any(short[1]):
        return wrong("The values are right, but no gradient flows: only TensorFlow records it.")
    zero = values_and_slopes(answer, [0.0, 0.0], 1.0)
    if isinstance(zero, Feedback):
        return zero
    if not np.array_equal(zero[0], [0, 0]):
        return wrong(f"Zeros should stay zeros; you return {shown(zero[0])}. What is divided by 0?")
    return right("One factor for all numbers: the direction stays.")


def clip_rows(answer: Callable[..., tf.Tensor]) -> Feedback:
    """Exercise 4: clip each row of a matrix, one gradient per example, to the norm c."""
    rows = tf.constant([[3.0, 4.0], [0.3, 0.4], [0.0, 5.0]])
    got = called(answer, rows, 1.0)
    if isinstance(got, Feedback):
        return got
    if not tf.is_tensor(got) or got.shape != rows.shape or not got.dtype.is_floating:
        return wrong_kind(f"{name_of(answer)} should return a tensor of the shape it was given.")
    norms = np.linalg.norm(got, axis=1)
    if np.allclose(got, tf.clip_by_norm(rows, 1.0, axes=[1])):
        return right("Long rows are cut to 1, the short one is left alone.")
    if np.allclose(got, tf.clip_by_norm(rows, 1.0)):
        return wrong("One norm was taken over the whole matrix. Each row needs its own.")
    if np.allclose(got, tf.clip_by_norm(rows, 1.0, axes=[0])):
        return wrong("One norm was taken over each column. Which axis runs along a row?")
    return wrong(f"The rows now have the norms {shown(norms)}; [1, 0.5, 1] would be right.")


def clip_large(answer: Callable[..., tf.Tensor]) -> Feedback:
    """Exercise 5: repair a clip that turns a very large gradient into zeros."""
    large = values_and_slopes(answer, [1e20, 1e20], 1.0)
    if isinstance(large, Feedback):
        return large
    if not np.any(large[0]):
        return wrong("[1e20, 1e20] still becomes [0, 0]. Which number on the way is too large?")
    if not np.allclose(large[0], [np.sqrt(0.5)] * 2):
        return wrong(f"[1e20, 1e20] should become [0.707, 0.707], not {shown(large[0])}.")
    usual = values_and_slopes(answer, [3.0, 4.0], 1.0)
    if isinstance(usual, Feedback):
        return usual
    if not np.allclose(usual[0], [0.6, 0.8]):
        return wrong(f"Now [3, 4] clipped to 1 is {shown(usual[0])}, not [0.6, 0.8].")
    short = values_and_slopes(answer, [0.3, 0.4], 1.0)
    if isinstance(short, Feedback):
        return short
    if not np.allclose(short[0], [0.3, 0.4]):
        return wrong(f"Now [0.3, 0.4], shorter than 1, becomes {shown(short[0])}. It should stay.")
    if not np.any(short[1]):
        return wrong("The values are right, but no gradient flows: only TensorFlow records it.")
    return right("Divided by its largest number first, no square leaves the range of float32.")
