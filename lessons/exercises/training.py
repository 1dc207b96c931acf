"""Checks for the exercises of ``notebooks/05_clipping_in_training.ipynb``."""

from math import inf, nan
from typing import Any

import numpy as np

from lessons.digits.runs import LOSSES, OUTPUTS, STEPS, Run, Setting, train
from lessons.exercises.checks import Answer, Case, Check, Function, tensor
from lessons.exercises.feedback import missing, wrong, wrong_kind
from lessons.exercises.kinds import Choices, Numbers, TensorsAndNorm, as_floats, plain
from lessons.exercises.patterns import Between

# The first squared error with a linear output, inputs over 100 instead of 50.
first_loss = Answer(
    1,
    Numbers("Give one number. It need not be exact."),
    "Put a number in place of None.",
    (Between(80, 95), "Half the input, half the output, a quarter of its square."),
    (Between(160, 190), "The outputs are halved. What happens to their squares?"),
    (Between(300, 400), "That is the loss over 50. Smaller inputs give smaller outputs."),
    "Start from the loss over 50. By how much does each output shrink?",
)

# The logs of exercise 2: output and loss, learning rate, bound.
LOGS = {
    "A": ("linear, cross-entropy", 0.1, 15.0),
    "B": ("ReLU, squared error", 0.01, None),
    "C": ("linear, squared error", 0.01, 1.0),
    "D": ("linear, squared error", 0.01, None),
}

# Which of four logs is of a run that learns, crawls, explodes or is dead?
what_the_logs_say = Answer(
    2,
    Choices(
        "Keep the dict with its four letters A to D. The words are crawls, dead, explodes, learns.",
        "Put a word in place of each None.",
        ("A", "B", "C", "D"),
        ("crawls", "dead", "explodes", "learns"),
    ),
    "Write a dict that gives each of the letters A to D a word.",
    (
        {"A": "learns", "B": "dead", "C": "crawls", "D": "explodes"},
        "The loss alone would not have told B from a run that is nearly done.",
    ),
    (
        {"B": "dead", "D": "explodes"},
        "Two are left. Compare their accuracies, and their norms with a bound of 1.",
    ),
    (
        {"B": "dead"},
        "One of them has norms that grow from step to step until they are no numbers.",
    ),
    "Look for the log whose norm is exactly 0. Its loss looks calm.",
)

_START = ([tensor([10.0, 10.0]), tensor([10.0])], [tensor([3.0, 4.0]), tensor([12.0])])
_MOVED, _UNCLIPPED, _BY_EACH = [[9.85, 9.8], [9.4]], [[9.25, 9], [7]], [[9.61, 9.48], [9.35]]
_UPHILL, _AS_LONG_AS_BOUND = [[10.15, 10.2], [10.6]], [[9.4, 9.2], [7.6]]

# Write sgd_step(weights, gradients, rate, bound): new weights, norm to log.
sgd_step = Function(
    3,
    TensorsAndNorm("Return a list of new weights and the norm; this is {kind}."),
    "After the gradients, before the update, all together; and the norm is logged.",
    Case(
        (*_START, 0.25, 2.6),
        {"given": _MOVED, "norm": 13},
        (_MOVED, "Log the norm from before the clip, 13; you return {norm}."),
        (_UNCLIPPED, "The gradients were not clipped."),
        (_BY_EACH, "Each was clipped by its own norm: that turns the step."),
        (_UPHILL, "The step goes uphill: subtract it."),
        (
            _AS_LONG_AS_BOUND,
            "The step is as long as the bound. Clip the gradients, then multiply by the rate.",
        ),
        "Weights [10, 10] and [10] should become [9.85, 9.8] and [9.4] here, not {given}.",
    ),
)

# A usual log, 1 to 19, with two wild steps and one that was no number; 19 is the 90th percentile.
_LOG = np.array([1000.0, 500.0, nan, *range(19, 0, -1)])

# Write choose_bound(norms): the 90th percentile of those that are finite.
choose_bound = Function(
    4,
    Numbers("{name} should return one number, not {kind}.", may_be_nan=True),
    "The wild steps will be cut, the usual ones stay as they are.",
    Case(
        (_LOG,),
        Between(18, 20),
        (nan, "The log holds a NaN, and so does your bound. Keep the finite norms only."),
        (1000, "The longest step is the one to be cut. With this bound nothing is clipped."),
        (1690 / 21, "Two wild steps have moved the mean far above every usual norm."),
        (11, "The median clips half of all steps: a second learning rate."),
        "90 of 100 norms should lie below the bound: see np.percentile.",
    ),
)

_KEYS = ("rate", "bound", "output", "loss")
_SEEDS = (0, 1, 2)


def _above_zero(name: str, given: Any) -> float:
    number = as_floats(given)
    if not isinstance(number, float) or not 0 < number < inf:
        raise wrong_kind(f"{name} should be a number above 0; it is {given!r}.")
    return number


def _clipped(run: Run, setting: Setting) -> int:
    return 0 if setting.bound is None else int(np.count_nonzero(run.before > setting.bound))


def _what_went_wrong(run: Run, setting: Setting) -> str | None:
    """Return a hint for a run that stays below 90 %; None if it does not."""
    share, count = run.accuracy[-1], _clipped(run, setting)
    if share >= 0.9:
        return None
    if run.broke_at is not None:
        return (
            f"the loss is no finite number from step {run.broke_at} on: the steps are too long. "
            "Which two of the four make them shorter?"
        )
    reached = f"it reaches {share:.0%}."
    if setting.output == "ReLU" and np.mean(run.before == 0) > 0.2:
        return f"{reached} Many gradients are exactly 0: what can make all ten outputs 0?"
    if count > 0.9 * STEPS:
        return (
            f"{reached} {count} of {STEPS} steps are clipped: every step is as long as rate "
            "times bound. Is that too short, or too long?"
        )
    if setting.loss != LOSSES[1]:
        return f"{reached} Large outputs cost their square. Which loss is made for classes?"
    return f"{reached} Look at the map: which neighbour of this cell does better?"


# A dict with rate, bound, output and loss that reaches 90 % in 150 steps.
class _Reach90(Check):
    exercise = 5

    def judge(self, answer: Any) -> str:
        if answer is None:
            raise missing("Put a dict in place of None, with your choice of all four.")
        if not isinstance(answer, dict) or set(answer) != set(_KEYS):
            raise wrong_kind(f"Give a dict with {', '.join(_KEYS)}, and nothing else.")
        output, loss = (plain(answer[name]) for name in ("output", "loss"))
        if output not in OUTPUTS or loss not in LOSSES:
            raise wrong_kind(f"output is one of {OUTPUTS}, loss one of {LOSSES}.")
        rate = _above_zero("rate", answer["rate"])
        bound = None if answer["bound"] is None else _above_zero("bound", answer["bound"])
        shares, counts = [], []
        for seed in _SEEDS:
            setting = Setting(rate, bound, output=output, loss=loss, seed=seed)
            run = train(setting)
            if (hint := _what_went_wrong(run, setting)) is not None:
                raise wrong(f"With the first weights of seed {seed}: {hint}")
            shares.append(float(run.accuracy[-1]))
            counts.append(_clipped(run, setting))
        return (
            f"{min(shares):.1%} in the worst of {len(_SEEDS)} runs, with {min(counts)} to "
            f"{max(counts)} of {STEPS} steps clipped. Does your explanation fit these counts?"
        )


reach_90 = _Reach90()
