"""Checks for the exercises of ``notebooks/05_cliff.ipynb``."""

import tensorflow as tf

from lessons.cliff import cliff_gradient
from lessons.exercises.checks import Answer, Case, Function, tensor
from lessons.exercises.kinds import Numbers
from lessons.exercises.patterns import ANY, Between

# The bound with which no step changes the error by more than 0.01: slope 0.36, learning rate 0.2.
largest_bound = Answer(
    1,
    Numbers("Give one number, the bound."),
    "Put a number in place of None.",
    (
        Between(0.137, 0.141),
        "A step is at most 0.2 c long, and changes the error by at most 0.36 times that.",
    ),
    (0.05, "That bounds the length of the step. How much can the error change along it?"),
    (Between(0.027, 0.029), "A step is not as long as the bound: the learning rate shortens it."),
    (
        Between(0.0007, 0.00073),
        "Divide by the slope and by the learning rate: steeper ground needs a smaller bound.",
    ),
    (
        Between(0.0279, 0.137),
        "With it no step changes the error by more than 0.01, but a larger bound will do too.",
    ),
    "How long is the longest step, and how steep is the ground along it?",
)

_PLACE = Numbers("{name} should return a place, not {kind}.", (2,))


def _bowl(place: tf.Tensor) -> tf.Tensor:
    return 5 * place


# Gradient descent whose gradients are clipped by norm.
clipped_descent = Function(
    2,
    _PLACE,
    "On the cliff, from (5.2, -2.3), your loop ends at {given}.",
    Case(
        (_bowl, tensor([3.0, 4.0]), 0.1, 1.0, 3),
        [2.82, 3.76],
        ([0.375, 0.5], "It goes exactly as far as without a clip."),
        ([2.7, 3.7], "That is a clip by value: the path is turned. Clip the norm."),
        (
            [1.2, 1.6],
            "Each step is c long, and should be rate · c. Was the step clipped, or the rate left "
            "out? Clip the gradient, then multiply it by the rate.",
        ),
        "Three steps from [3, 4] on a bowl, with rate 0.1 and c = 1, lead to [2.82, 3.76]; yours "
        "lead to {given}.",
    ),
    Case(
        (_bowl, tensor([0.6, 0.8]), 0.15, 4.0, 2),
        [0.06, 0.08],
        (
            [-0.12, -0.16],
            "From [0.6, 0.8], with rate 0.15 and c = 4, both steps are 0.6 long. At the second one "
            "the gradient is [1.2, 1.6]: shorter than c, it should be left alone.",
        ),
        "Two steps from [0.6, 0.8], with rate 0.15 and c = 4, lead to [0.06, 0.08]; yours lead to "
        "{given}. Does your loop use rate, c and steps as they come in?",
    ),
    Case(
        (cliff_gradient, tensor([5.2, -2.3], tf.float64), 0.2, 0.5, 200),
        [ANY, ANY],
        "On the cliff your loop ends at {given}.",
    ),
)

_W = tensor([30.0, 40.0])
_W_IS_CLIPPED = (
    "w had norm 50 and now has norm 5: it moved by 45 or more, where 0.1 times c is 0.5. Which "
    "number does the clip bound here?"
)

# Repair a step in which the wrong thing is clipped.
mended_step = Function(
    3,
    _PLACE,
    "The clip goes after the gradient and before the update, and never on w.",
    Case(
        (_W, tensor([600.0, 800.0]), 0.1, 5.0),
        [29.7, 39.6],
        ([-3, -4], _W_IS_CLIPPED),
        ([3, 4], _W_IS_CLIPPED),
        ([-30, -40], "Nothing is clipped: the step is 100 long."),
        (
            [27, 36],
            "The step is 5 long, which is c, and should be rate · c. Clip the gradient itself, and "
            "multiply it by the rate afterwards.",
        ),
        "From [30, 40], gradient [600, 800], rate 0.1, c = 5, the step leads to [29.7, 39.6]; "
        "yours leads to {given}.",
    ),
    Case(
        (_W, tensor([16.0, -12.0]), 0.5, 50.0),
        [22, 46],
        (
            [10, 55],
            "A gradient shorter than c should be left alone. A clip never makes it longer.",
        ),
        "From [30, 40], gradient [16, -12], rate 0.5, c = 50, the step leads to [22, 46]; yours "
        "leads to {given}. A gradient shorter than c should be left alone.",
    ),
)
