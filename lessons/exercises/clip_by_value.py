"""Checks for the exercises of ``notebooks/01_clip_by_value_and_relu.ipynb``."""

from lessons.exercises.checks import Answer, Case, Function, tensor
from lessons.exercises.kinds import Numbers, Tensor
from lessons.exercises.patterns import ANY, Between

# What does tf.clip_by_value([-3.0, 0.5, 7.0], [-1.0, 5.0, 0.0], 2.0) return?
returned_numbers = Answer(
    1,
    Numbers("Give a list of three numbers, such as [1, 2, 3].", (3,)),
    "Put a list of three numbers in place of None.",
    ([-1, 5, 2], "The lower bound is applied last, so in the middle 5 wins over 2."),
    ([-1, 2, 2], "That is NumPy's answer. Which of the two bounds does TensorFlow apply last?"),
    ([-1, 0.5, 2], "The number in the middle is below its lower bound, which is 5."),
    "Work from the inside out: first minimum(t, 2), then maximum with the three lower bounds.",
)

# With c = 2, what is the largest w₀ from which all four runs arrive?
farthest_start = Answer(
    2,
    Numbers("Give one number, the position of the slider w₀."),
    "Move the slider w₀, then put the number in place of None.",
    (2, "At w = c the activation stands on its bound, where the gradient is still 1."),
    (Between(low=2), "From w₀ = {given} not all four arrive. Read the sentence below the plot."),
    "There is a start farther to the right from which all four still arrive.",
)

_LEAKED = [-1.2, -1.05, 0.5, 1.05, 1.6]
_JUMPED = [-0.3, -0.15, ANY, 0.15, 0.7]

# Write a clip that lets a tenth through outside, so that its gradient is never 0.
leaky_clip = Function(
    3,
    Tensor(),
    "Outside, the gradient is 0.1: small, but never zero.",
    Case(
        (tensor([-3.0, -1.5, 0.5, 1.5, 7.0]), -1.0, 1.0),
        {"given": _LEAKED, "slopes": [0.1, 0.1, 1, 0.1, 0.1]},
        ([-1, -1, 0.5, 1, 1], "This is the plain clip. Add a tenth of what lies beyond the bound."),
        (_JUMPED, "Outside, this jumps: at 1.5 the output should be 1 + 0.1 · 0.5, not 0.15."),
        (_LEAKED, "The values are right, but the gradient is {slopes}."),
        "With low = -1 and high = 1 the values [-3, -1.5, 0.5, 1.5, 7] became {given}.",
    ),
    Case(
        (tensor([-2.0, 1.0, 8.0]), 0.0, 5.0),
        {"given": [-0.2, 1, 5.3], "slopes": [0.1, 1, 0.1]},
        "Right for bounds of -1 and 1. With low = 0 and high = 5 the values [-2, 1, 8] became "
        "{given}.",
    ),
)

_HUBER = [4, 0.125, 0, 1.125, 6]

# Write a loss of the errors e whose gradient is tf.clip_by_value(e, -c, c): Huber's.
huber = Function(
    4,
    Tensor(),
    "Its gradient is e, clipped to ±c. Clip the gradient of ½ e², and you train on this loss.",
    Case(
        (tensor([-3.0, -0.5, 0.0, 1.5, 4.0]), 2.0),
        {"given": _HUBER, "slopes": [-2, -0.5, 0, 1.5, 2]},
        (_HUBER, "The values are right, but the tape finds the gradient {slopes}."),
        (
            [2, 0.125, 0, 1.125, 2],
            "Beyond c this loss is flat, and its gradient 0: the mistake of section 5. It should "
            "go on with slope c.",
        ),
        (
            [4.5, 0.125, 0, 1.125, 8],
            "This is half the square everywhere: at e = 4 its gradient is 4, but should be 2.",
        ),
        (
            [6, 0.125, 0, 1.125, 8],
            "The slopes are right, but at e = 2 this loss jumps from 2 to 4. Where must the "
            "straight line begin?",
        ),
        (
            [-8, 0.125, 0, 1.125, 6],
            "Right for large positive errors. For e = -3 the loss is negative: it has to rise to "
            "the left too.",
        ),
        (
            [2.5, 0.125, 0, 1.125, 3.5],
            "Beyond c the slope is 1, which is right for c = 1 only. Here c is 2.",
        ),
        ([-2, -0.5, 0, 1.5, 2], "That is the gradient. Which loss has it?"),
        "With c = 2 the errors [-3, -0.5, 0, 1.5, 4] have the losses {given} and the gradient "
        "{slopes}; the gradient [-2, -0.5, 0, 1.5, 2] would be right.",
    ),
    Case(
        (tensor([-3.0, 0.25, 1.0]), 0.5),
        {"given": [1.375, 0.03125, 0.375], "slopes": [-0.5, 0.25, 0.5]},
        "Right for c = 2. With c = 0.5 the errors [-3, 0.25, 1] have the losses {given}; "
        "[1.375, 0.03125, 0.375] would be right.",
    ),
)

# Repair a step that clips the loss; it should clip the gradient.
fixed_step = Function(
    5,
    Numbers("{name} should return the new weight, one number, not {kind}."),
    "The loss is left alone, its gradient is bounded, and the weight learns.",
    Case(
        (tensor(6.0), 2.0),
        5.8,
        (6, "From w = 6 nothing moves: the gradient is still 0. What is it the gradient of?"),
        (5.5, "It moves, but by the full gradient of 5. Where did the bound of 2 go?"),
        (2, "That clips the weight. The weight may be large; the gradient may not."),
        "From w = 6, where the gradient is 5 and the bound 2, the step leads to {given}.",
    ),
    Case(
        (tensor(-4.0), 3.0),
        -3.7,
        "Right from above. From w = -4 the gradient is -5 and the bound 3: clip on both sides, to "
        "the bound.",
    ),
    Case(
        (tensor(1.5), 2.0),
        1.45,
        "From w = 1.5 the gradient is 0.5, within the bound of 2, and the step leads to {given}.",
    ),
)
