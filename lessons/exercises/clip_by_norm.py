"""Checks for the exercises of ``notebooks/02_clip_by_norm_keeps_direction.ipynb``."""

from typing import Any

import numpy as np

from lessons.exercises.checks import Answer, Case, Function, tensor
from lessons.exercises.kinds import Call, Numbers, Tensor
from lessons.exercises.patterns import ANY, Between
from lessons.geometry import degrees_between

# Which points of the box and of the ball of c = 5 are nearest to the gradient [6, 8]?
nearest_points = Answer(
    1,
    Numbers("Give a list of four numbers, such as [1, 2, 3, 4].", (4,)),
    "Put a list of four numbers in place of None.",
    ([5, 5, 3, 4], "The box cuts each number by itself, the ball shortens both by one factor."),
    ([3, 4, 5, 5], "Both points are right; the box should come first."),
    (
        [3.75, 5, ANY, ANY],
        "[3.75, 5] is where the arrow leaves the box. Another of its points is nearer to the tip.",
    ),
    ([5, 5, 5, 5], "The box is right. [5, 5] has length 7.07: it does not lie in the ball."),
    ([5, 5, 0.6, 0.8], "The box is right. [0.6, 0.8] lies in the ball, but is only 1 long."),
    ([5, 5, 6, 8], "The box is right. [6, 8] has length 10: it does not lie in the ball."),
    ([5, 5, ANY, ANY], "The box is right. For the ball: by which factor must [6, 8] shrink?"),
    ([ANY, ANY, 3, 4], "The ball is right. In the box, what is the largest each number may be?"),
    "Two points, four numbers. In the box each number is at most 5, in the ball the length is.",
)


class _TurnedByTheBox(Numbers):
    """Two numbers, and by how many degrees, to a tenth, a clip by value at 2 turns them."""

    def for_page(self) -> dict[str, Any]:
        return {**super().for_page(), "turnedByBox": 2}

    def read(self, given: Any, call: Call | None = None) -> dict[str, Any]:
        numbers = super().read(given, call)
        if not any(numbers):
            return {"given": numbers, "turned": 0.0}
        # Scaled to a size that can be squared; scaling turns nothing.
        arrows = [arrow / np.max(np.abs(arrow)) for arrow in (numbers, np.clip(numbers, -2, 2))]
        return {"given": numbers, "turned": round(degrees_between(*arrows), 1)}


# Find a gradient that a clip by value at 2 turns by more than 20 degrees.
bent = Answer(
    2,
    _TurnedByTheBox("Give a list of two numbers, the positions of the two sliders.", (2,)),
    "Move the sliders, then put a list of two numbers in place of None.",
    (
        {"turned": Between(low=20.1)},
        "The clip by value turns it by {turned} degrees. By norm it would be 0.0.",
    ),
    ([0, 0], "The zero gradient points nowhere, so nothing can turn it."),
    ([Between(-2, 2)] * 2, "This lies inside the box: nothing is clipped, and nothing turns."),
    (
        {"turned": 0},
        "This is turned by 0.0 degrees: both numbers shrink by the same factor, or one is 0.",
    ),
    "It is turned by {turned} degrees. Which gradients end in a corner, but point almost along an "
    "axis?",
)

# L = 20, c = 0.5, rate 0.1: by how much can ten steps raise the loss at most?
most_damage = Answer(
    3,
    Numbers("Give one number."),
    "Put a number in place of None.",
    (10, "Each step is at most 0.1 · 0.5 long, and so changes the loss by 20 · 0.05 = 1 at most."),
    (1, "That is a single step. What do ten of them add up to?"),
    (0.5, "That is how far ten steps lead. How steep can the loss be on the way?"),
    (20, "You left out the bound: that would be gradients of length 1."),
    (400, "Without the clip a gradient could be as long as L. It is clipped to 0.5."),
    (40, "That is a single step without the clip. With it, the gradient has at most length 0.5."),
    (100, "You left out the learning rate: a step is rate times gradient."),
    "How long is a step at most? Multiply by the steepest slope, then by ten.",
)

_LONG, _SHORT = (tensor([3.0, 4.0]), 2.0), (tensor([0.3, 0.4]), 1.0)
_KEPT = {"given": [0.3, 0.4], "slopes": [1, 1]}
_NO_SLOPES = (
    {"given": [0.3, 0.4], "slopes": [0, 0]},
    "The values are right, but no gradient flows: it is recorded only inside TensorFlow.",
)
_OTHER_SLOPES = (
    [0.3, 0.4],
    "[0.3, 0.4] stays, as it should; but its gradient is {slopes}, where [1, 1] would be right.",
)

# Repair a clip that turns a very large gradient into zeros.
clip_large = Function(
    4,
    Tensor(),
    "After dividing by the largest number, no square leaves the range of float32.",
    Case(
        (tensor([1e20, 1e20]), 1.0),
        [0.5**0.5, 0.5**0.5],
        ([0, 0], "[1e20, 1e20] still becomes [0, 0]. Which intermediate number is too large?"),
        "[1e20, 1e20] should become [0.707, 0.707], not {given}.",
    ),
    Case(_LONG, [1.2, 1.6], "Now [3, 4] clipped to 2 is {given}, not [1.2, 1.6]."),
    Case(
        _SHORT,
        _KEPT,
        _NO_SLOPES,
        _OTHER_SLOPES,
        "Now [0.3, 0.4], shorter than 1, becomes {given}. It should stay.",
    ),
)
