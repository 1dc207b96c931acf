"""Checks for the exercises of ``notebooks/02_clip_by_norm_keeps_direction.ipynb``."""

from typing import Any

import numpy as np
import tensorflow as tf

from lessons.exercises.checks import Answer, Case, Function, tensor
from lessons.exercises.kinds import Call, Numbers, Tensor
from lessons.exercises.patterns import Between
from lessons.geometry import degrees_between

# What does tf.clip_by_norm([6.0, 8.0], 5.0) return?
prediction = Answer(
    1,
    Numbers("Give a list of two numbers, such as [1, 2].", (2,)),
    "Put a list of two numbers in place of None.",
    ([3, 4], "The length 10 becomes 5: both numbers are halved."),
    ([5, 5], "That is a clip by value. Here the length is bounded, not each number."),
    ([0.6, 0.8], "That has length 1. The bound is 5."),
    "First the length of [6, 8]. Then: by which factor must it shrink?",
)


class _TurnedByTheBox(Numbers):
    """Two numbers, and by how many degrees, to a tenth, a clip by value at 2 turns them."""

    def for_page(self) -> dict[str, Any]:
        return {**super().for_page(), "turnedByBox": 2}

    def read(self, given: Any, call: Call | None = None) -> dict[str, Any]:
        numbers = super().read(given, call)
        if not any(numbers):
            return {"given": numbers, "turned": 0.0}
        # Brought to a size that can be squared; that turns nothing.
        arrows = [arrow / np.max(np.abs(arrow)) for arrow in (numbers, np.clip(numbers, -2, 2))]
        return {"given": numbers, "turned": round(degrees_between(*arrows), 1)}


# Find a gradient that a clip by value at 2 turns by more than 20 degrees.
bent = Answer(
    2,
    _TurnedByTheBox("Give a list of two numbers, the positions of the two sliders.", (2,)),
    "Move the sliders, then put a list of two numbers in place of None.",
    (
        {"turned": Between(low=20.1)},
        "It is turned by {turned} degrees. By norm it would be 0.0.",
    ),
    ([0, 0], "The zero gradient has no direction that could turn."),
    ([Between(-2, 2)] * 2, "This lies inside the box: nothing is clipped, and nothing turns."),
    ({"turned": 0}, "This is turned by 0.0 degrees: both numbers shrink alike, or one is 0."),
    "It is turned by {turned} degrees. Let one number be large, one near 2.",
)

_LONG, _SHORT = (tensor([3.0, 4.0]), 1.0), (tensor([0.3, 0.4]), 1.0)
_KEPT = {"given": [0.3, 0.4], "slopes": [1, 1]}
_NO_SLOPES = (
    {"given": [0.3, 0.4], "slopes": [0, 0]},
    "The values are right, but no gradient flows: only TensorFlow records it.",
)
_OTHER_SLOPES = (
    [0.3, 0.4],
    "[0.3, 0.4] stays, as it should; but its gradient is {slopes}, where [1, 1] would be right.",
)

# Write clip_by_norm(t, c).
clip_by_norm = Function(
    3,
    Tensor(),
    "One factor for all numbers: the direction stays.",
    Case(_LONG, [0.6, 0.8], "[3, 4] clipped to 1 should be [0.6, 0.8]; you return {given}."),
    Case(
        _SHORT,
        _KEPT,
        _NO_SLOPES,
        _OTHER_SLOPES,
        "[0.3, 0.4] is shorter than the bound 1 and should stay; you return {given}. This "
        "normalises. A clip never makes longer.",
    ),
    Case(
        (tensor([0.0, 0.0]), 1.0),
        [0, 0],
        "Zeros should stay zeros; you return {given}. What is divided by 0?",
    ),
    without=[tf.clip_by_norm, tf.clip_by_global_norm],
)

_ROWS = np.array([[3.0, 4.0], [0.3, 0.4], [0.0, 5.0]])
_BY_ONE_NORM = (_ROWS / np.linalg.norm(_ROWS)).tolist()
_BY_COLUMNS = (_ROWS / np.linalg.norm(_ROWS, axis=0)).tolist()
_NORMALISED = [[0.6, 0.8], [0.6, 0.8], [0, 1]]

# Clip each row of a matrix, one gradient per example, to the norm c.
clip_rows = Function(
    4,
    Tensor(),
    "Long rows are cut to 1, the short one is left alone.",
    Case(
        (tensor(_ROWS), 1.0),
        [[0.6, 0.8], [0.3, 0.4], [0, 1]],
        (_BY_ONE_NORM, "One norm was taken over the whole matrix. Each row needs its own."),
        (_BY_COLUMNS, "One norm was taken over each column. Which axis runs along a row?"),
        (_NORMALISED, "The rows now have the norms [1, 1, 1]; [1, 0.5, 1] would be right."),
        "The rows became {given}; the norms [1, 0.5, 1] would be right.",
    ),
)

# Repair a clip that turns a very large gradient into zeros.
clip_large = Function(
    5,
    Tensor(),
    "Divided by its largest number first, no square leaves the range of float32.",
    Case(
        (tensor([1e20, 1e20]), 1.0),
        [0.5**0.5, 0.5**0.5],
        ([0, 0], "[1e20, 1e20] still becomes [0, 0]. Which number on the way is too large?"),
        "[1e20, 1e20] should become [0.707, 0.707], not {given}.",
    ),
    Case(_LONG, [0.6, 0.8], "Now [3, 4] clipped to 1 is {given}, not [0.6, 0.8]."),
    Case(
        _SHORT,
        _KEPT,
        _NO_SLOPES,
        _OTHER_SLOPES,
        "Now [0.3, 0.4], shorter than 1, becomes {given}. It should stay.",
    ),
)
