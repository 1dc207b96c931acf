"""Checks for the exercises of ``notebooks/08_after_the_clip.ipynb``."""

from lessons.exercises.checks import Answer
from lessons.exercises.kinds import Choices, Numbers
from lessons.exercises.patterns import Between

# The largest bound with which momentum 0.75 never steps further than 2; the learning rate is 1.
bound_for_momentum = Answer(
    1,
    Numbers("Give one number, the bound that you set."),
    "Move the sliders, then put a number in place of None.",
    (0.5, "A quarter of 2: with momentum 0.75 the steps grow to four times the bound."),
    (2, "That bounds the gradient. How long do the steps become?"),
    (8, "Other way round: the limit is the bound divided by 1 - 0.75."),
    (Between(0, 0.5), "No step is longer than 2 with it, but a larger bound will do too."),
    "Set momentum 0.75 and this bound: is the limit at most 2?",
)

# How many learning rates long the step at a huge spike is, with beta_1 0.9 and beta_2 0.99.
step_at_a_spike = Answer(
    2,
    Numbers("Give one number, in learning rates."),
    "Put a number in place of None.",
    (1, "(1 - 0.9) / sqrt(1 - 0.99): with so short a memory no spike makes a long step."),
    (Between(3.1, 3.2), "That is with Keras's default beta_2 of 0.999."),
    (10, "The denominator is the root of 1 - 0.99, not 1 - 0.99."),
    (0.1, "That is the share of the spike in the mean. What is it divided by?"),
    "A spike after many tiny gradients: its share in m, divided by the root of its share in v.",
)

# How much a late step can change a loss of slope 20: bound 0.5, learning rate 0.1, momentum 0.9.
most_change = Answer(
    3,
    Numbers("Give one number, the change of the loss."),
    "Put a number in place of None.",
    (10, "Slope times step: 20 times 0.1 times 0.5 / (1 - 0.9). Momentum makes it ten times 1."),
    (1, "That is the first step. How long is a step after many that point the same way?"),
    (0.5, "That is the length of the step. How much does the loss change along it?"),
    (100, "That is for a learning rate of 1."),
    (0.1, "Momentum makes steps longer, not shorter: what does the series add up to?"),
    (Between(low=1e-9, high=10), "A step can do more harm than that. How long can it become?"),
    "First the longest gradient, then the longest step, then the slope along it.",
)

# Ten statements, each of them true or false, with the hint if it is the first one judged wrongly.
_STATEMENTS = {
    1: (False, "each gradient keeps its direction; look at the angle of all of them together."),
    2: (True, "look at what [3, 4] and [12] become under clipnorm=1."),
    3: (False, "a clip never multiplies by more than 1."),
    4: (False, "take the gradient of a loss that lies above the bound."),
    5: (True, "compare 10 and -9.5, clipped before and after their sum."),
    6: (True, "the norm from after the clip would never exceed the bound: of no use in a log."),
    7: (False, "compare the direction of [3, 0.1] after both."),
    8: (False, "compare the steps for bounds of 1 and 0.01."),
    9: (False, "NaN times any factor is still NaN."),
    10: (False, "compare the norms of one network's gradient for two scales of its input."),
}
_TRUTH = {number: is_true for number, (is_true, _) in _STATEMENTS.items()}
_HINTS = [
    (
        {earlier: _TRUTH[earlier] for earlier in range(1, number)},
        f"{{right}} of 10. Statement {number}: {hint}",
    )
    for number, (_, hint) in reversed(_STATEMENTS.items())
]
_TEN = "Give a list of 10 answers, one for each statement: True or False, without quotation marks."

quiz = Answer(
    4,
    Choices(_TEN, "Statement {key} has no answer yet: True or False?", _TRUTH, (True, False)),
    _TEN,
    (_TRUTH, "All ten. The experiments below say why."),
    *_HINTS[:-1],
    _HINTS[-1][1],
)
