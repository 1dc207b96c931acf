"""Checks for the exercises of ``notebooks/01_clip_by_value_and_relu.ipynb``."""

import tensorflow as tf

from lessons.exercises.checks import Answer, Case, Function, tensor
from lessons.exercises.kinds import Numbers, Tensor
from lessons.exercises.patterns import ANY, Between

# What does tf.clip_by_value([-3.0, 0.5, 7.0], 5.0, 2.0) return?
prediction = Answer(
    1,
    Numbers("Give a list of three numbers, such as [1, 2, 3].", (3,)),
    "Put a list of three numbers in place of None.",
    ([5, 5, 5], "The lower bound is applied last, so it wins."),
    ([2, 2, 2], "That is NumPy's answer. Which of the two bounds does TensorFlow apply last?"),
    "Go from the inside out: first minimum(t, 2), then maximum(…, 5).",
)

# With c = 2, from how far above the target do all four runs still arrive?
farthest_start = Answer(
    2,
    Numbers("Give one number, the position of the slider w₀."),
    "Move the slider w₀, then put the number in place of None.",
    (2, "At w = c the activation stands on its bound, where the gradient is still 1."),
    (Between(low=2), "From w₀ = {given} not all four arrive. Read the sentence below the plot."),
    "From w₀ = {given} all four arrive, or you came too low. Go on to the right.",
)

_T = tensor([-3.0, -1.0, 0.5, 2.0, 7.0])
_CLIPPED = [-1, -1, 0.5, 2, 2]

# Write clip(t, low, high) from tf.maximum and tf.minimum.
clip = Function(
    3,
    Tensor(),
    "These two operations, in this order, are all that clip_by_value is.",
    Case(
        (_T, -1.0, 2.0),
        {"given": _CLIPPED, "slopes": [0, ANY, 1, ANY, 0]},
        (_CLIPPED, "The values are right; the gradient has to be 1 inside and 0 outside."),
        "Between -1 and 2 the values [-3, -1, 0.5, 2, 7] became {given}.",
    ),
    Case(
        (_T, 5.0, 2.0),
        [5] * 5,
        "Right while low ≤ high. With low = 5 and high = 2, TensorFlow returns 5.",
    ),
    without=[tf.clip_by_value],
)

_LEAKED = [-1.2, -1.05, 0.5, 1.05, 1.6]
_JUMPED = [-0.3, -0.15, ANY, 0.15, 0.7]

# Write a clip that lets a tenth through outside, so that its gradient is never 0.
leaky_clip = Function(
    4,
    Tensor(),
    "The gradient is 0.1 outside: small, and never silent.",
    Case(
        (tensor([-3.0, -1.5, 0.5, 1.5, 7.0]), -1.0, 1.0),
        {"given": _LEAKED, "slopes": [0.1, 0.1, 1, 0.1, 0.1]},
        ([-1, -1, 0.5, 1, 1], "This is the plain clip. Add a tenth of what lies beyond the bound."),
        (_JUMPED, "Outside, this jumps: at 1.5 the output should be 1 + 0.1 · 0.5, not 0.15."),
        (_LEAKED, "The values are right, but the gradient is {slopes}."),
        "With low = -1 and high = 1 the values [-3, -1.5, 0.5, 1.5, 7] became {given}.",
    ),
)

# Repair a step that clips the loss; it should clip the gradient.
fixed_step = Function(
    5,
    Numbers("{name} should return the new weight, one number, not {kind}."),
    "The loss is whole, its gradient is bounded, and the weight learns.",
    Case(
        (tensor(6.0), 2.0),
        5.8,
        (6, "From w = 6 nothing moves: the gradient is still 0. What is it taken of?"),
        (5.5, "It moves, by the whole gradient of 5. Where did the bound of 2 go?"),
        (2, "That clips the weight. The weight may be large; the gradient may not."),
        "From w = 6, where the gradient is 5 and the bound 2, the step leads to {given}.",
    ),
    Case(
        (tensor(-4.0), 2.0),
        -3.8,
        "Right from above. From w = -4 the gradient is -5: clip on both sides.",
    ),
    Case(
        (tensor(1.5), 2.0),
        1.45,
        "From w = 1.5 the gradient is 0.5, within the bound of 2, and the step leads to {given}.",
    ),
)
