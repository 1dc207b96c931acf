"""Checks for the exercises of ``notebooks/05_clipping_in_training.ipynb``."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from lessons.digits.runs import LOSSES, OUTPUTS, STEPS, Run, Setting, train
from lessons.exercises.feedback import (
    Feedback,
    are_near,
    called,
    is_list,
    is_number,
    kind_of,
    missing,
    name_of,
    plain,
    right,
    wrong,
    wrong_kind,
)

# The logs of exercise 2: output and loss, learning rate, bound.
LOGS = {
    "A": ("linear, cross-entropy", 0.1, 15.0),
    "B": ("ReLU, squared error", 0.01, None),
    "C": ("linear, squared error", 0.01, 1.0),
    "D": ("linear, squared error", 0.01, None),
}
_SEEN = {"A": "learns", "B": "dead", "C": "crawls", "D": "explodes"}
# Norm 13 together; 5 and 12 each.
_WEIGHTS, _GRADIENTS = [[10.0, 10.0], [10.0]], [[3.0, 4.0], [12.0]]
# A usual log, 1 to 19, with two wild steps and one that was no number; 19 is the 90th percentile.
_LOG = [1000.0, 500.0, float("nan"), *np.arange(19.0, 0.0, -1.0)]
_SEEDS = (0, 1, 2)
_KEYS = ("rate", "bound", "output", "loss")


def first_loss(answer: float | None) -> Feedback:
    """Exercise 1: the first squared error with a linear output, inputs over 100 instead of 50."""
    if answer is None:
        return missing("Put a number in place of None.")
    if not is_number(answer):
        return wrong_kind("Give one number. It need not be exact.")
    if 80 <= answer <= 95:
        return right("Half the input, half the output, a quarter of its square.")
    if 160 <= answer <= 190:
        return wrong("The outputs are halved. What happens to their squares?")
    if 300 <= answer <= 400:
        return wrong("That is the loss over 50. Smaller inputs give smaller outputs.")
    return wrong("Start from the loss over 50. By how much does each output shrink?")


def what_the_logs_say(answer: dict | None) -> Feedback:
    """Exercise 2: which of four logs is of a run that learns, crawls, explodes or is dead?"""
    if not isinstance(answer, dict):
        return missing("Write a dict.") if answer is None else wrong_kind("Keep the dict, A to D.")
    if set(answer) != set(_SEEN):
        return wrong_kind("Keep the four letters A to D, and give each of them one word.")
    if any(word is None for word in answer.values()):
        return missing("Put a word in place of each None.")
    if not all(isinstance(word, str) and word in _SEEN.values() for word in answer.values()):
        return wrong_kind(f"The words are {', '.join(sorted(_SEEN.values()))}.")
    if answer == _SEEN:
        return right("The loss alone would not have told B from a run that is nearly done.")
    if answer["B"] != "dead":
        return wrong("Look for the log whose norm is exactly 0. Its loss looks calm.")
    if answer["D"] != "explodes":
        return wrong("One of them has norms that grow from step to step until they are no numbers.")
    return wrong("Two are left. Compare their accuracies, and their norms with a bound of 1.")


def sgd_step(answer: Callable[[list, list, float, float], Any]) -> Feedback:
    """Exercise 3: write ``sgd_step(weights, gradients, rate, bound)``: new weights, norm to log."""
    got = called(answer, _tensors(_WEIGHTS), _tensors(_GRADIENTS), 0.25, 2.6)
    if isinstance(got, Feedback):
        return got
    if not is_list(got) or len(got) != 2 or not is_list(got[0]):
        return wrong_kind(f"Return a list of new weights and the norm; this is {kind_of(got)}.")
    moved, norm = got
    if not is_number(norm):
        return wrong_kind(f"The second thing should be one number, the norm, not {kind_of(norm)}.")
    cases = {
        "The gradients were not clipped.": [[9.25, 9.0], [7.0]],
        "Each was clipped by its own norm: that turns the step.": [[9.61, 9.48], [9.35]],
        "The step goes uphill: subtract it.": [[10.15, 10.2], [10.6]],
        "The step is as long as the bound. Clip the gradients, then multiply by the rate.": [
            [9.4, 9.2],
            [7.6],
        ],
    }
    if not are_near(moved, [[9.85, 9.8], [9.4]]):
        for hint, weights in cases.items():
            if are_near(moved, weights):
                return wrong(hint)
        return wrong("Weights [10, 10] and [10] should become [9.85, 9.8] and [9.4] here.")
    if not np.isclose(norm, 13):
        return wrong(f"Log the norm from before the clip, 13; you return {float(norm):.4g}.")
    return right("After the gradients, before the update, all together; and the norm is logged.")


def choose_bound(answer: Callable[[Sequence[float]], Any]) -> Feedback:
    """Exercise 4: write ``choose_bound(norms)``: the 90th percentile of those that are finite."""
    got = called(answer, np.array(_LOG))
    if isinstance(got, Feedback):
        return got
    if isinstance(plain(got), float) and np.isnan(got):
        return wrong("The log holds a NaN, and so does your bound. Keep the finite norms only.")
    if not is_number(got):
        return wrong_kind(f"{name_of(answer)} should return one number, not {kind_of(got)}.")
    if 18 <= got <= 25:
        return right("The wild steps will be cut, the usual ones stay as they are.")
    if np.isclose(got, 1000):
        return wrong("The longest step is the one to be cut. With this bound nothing is clipped.")
    if np.isclose(got, np.nanmean(_LOG)):
        return wrong("Two wild steps have moved the mean far above every usual norm.")
    if np.isclose(got, np.nanmedian(_LOG)):
        return wrong("The median clips half of all steps: a second learning rate.")
    return wrong("90 of 100 norms should lie below the bound: see np.percentile.")


def reach_90(answer: dict | None) -> Feedback:
    """Exercise 5: a dict with rate, bound, output and loss that reaches 90 % in 150 steps."""
    if answer is None:
        return missing("Put a dict in place of None, with your choice of all four.")
    if not isinstance(answer, dict) or set(answer) != set(_KEYS):
        return wrong_kind(f"Give a dict with {', '.join(_KEYS)}, and nothing else.")
    rate, bound, output, loss = (plain(answer[key]) for key in _KEYS)
    if output not in OUTPUTS or loss not in LOSSES:
        return wrong_kind(f"output is one of {OUTPUTS}, loss one of {LOSSES}.")
    for name, number in (("rate", rate), ("bound", bound)):
        if not (is_number(number) and number > 0) and not (name == "bound" and number is None):
            return wrong_kind(f"{name} should be a number above 0; it is {number!r}.")
    bound = None if bound is None else float(bound)
    shares, counts = [], []
    for seed in _SEEDS:
        setting = Setting(float(rate), bound, output=output, loss=loss, seed=seed)
        run = train(setting)
        if (hint := _what_went_wrong(run, setting)) is not None:
            return wrong(f"With the first weights of seed {seed}: {hint}")
        shares.append(float(run.accuracy[-1]))
        counts.append(_clipped(run, setting))
    return right(
        f"{min(shares):.1%} in the worst of {len(_SEEDS)} runs, with {min(counts)} to "
        f"{max(counts)} of {STEPS} steps clipped. Does your explanation fit these counts?"
    )


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


def _tensors(values: Sequence[Sequence[float]]) -> list[tf.Tensor]:
    return [tf.constant(value) for value in values]
