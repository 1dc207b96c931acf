"""Checks for the exercises of ``notebooks/06_training.ipynb``."""

from functools import partial
from math import nan
from typing import Any

import numpy as np

from lessons.digits.network import flat_digits, network, outputs
from lessons.digits.runs import LOSSES, OUTPUTS, PIECE, Setting, train
from lessons.exercises.checks import Answer, Case, Function
from lessons.exercises.feedback import wrong_kind
from lessons.exercises.kinds import Call, Choices, Kind, Numbers, above_zero, as_floats, plain
from lessons.exercises.patterns import ANY, Between

# The first squared error with a linear output, inputs over 100 instead of 50.
first_loss = Answer(
    1,
    Numbers("Give one number. It need not be exact."),
    "Put a number in place of None.",
    (Between(80, 95), "Half the input, half the output, a quarter of its square."),
    (Between(160, 190), "The outputs are halved. What happens to their squares?"),
    (
        Between(300, 400),
        "That is the loss for inputs over 50. Smaller inputs give smaller outputs.",
    ),
    (
        Between(60, 80),
        "That is about right for the one network of the logs below, whose first loss over 50 is "
        "270. What is it on average? Section 1 predicts that.",
    ),
    (Between(40, 50), "That is with a ReLU on the output. Here the output is linear."),
    "Start from the loss for inputs over 50. By how much does each output shrink?",
)

# The logs of exercise 2: output and loss, learning rate, bound.
LOGS = {
    "A": ("linear, cross-entropy", 0.1, 15.0),
    "B": ("ReLU, squared error", 0.01, None),
    "C": ("linear, squared error", 0.01, 1.0),
    "D": ("linear, squared error", 0.01, None),
}

# Which of four runs learns, which crawls, which explodes and which is dead?
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
        "By its loss alone B could pass for a run that is nearly done.",
    ),
    (
        {"B": "dead", "D": "explodes"},
        "Two are left. Compare their accuracies, and their norms with a bound of 1.",
    ),
    (
        {"B": "dead"},
        "In one log the norms grow from step to step until they are NaN.",
    ),
    "Look for the log whose norm is exactly 0. Its loss looks calm.",
)

# At which step of a log a batch came with wrong labels.
spike = Answer(
    3,
    Numbers("Give one number, the number of the step."),
    "Put the number of a step in place of None.",
    (90, "The norm is ten times that of its neighbours: the mark of a single bad batch."),
    (Between(0, 4), "Large norms at the very start are usual. Look for one among small ones."),
    (91, "One step too late: here you see what the bad step has done."),
    (89, "One too early. The first step has the number 0."),
    "Compare each norm with those around it, not with the largest of all.",
)

# A usual log, 1 to 29, with two wild steps and many NaN. However a percentile is defined between
# two numbers, the 90th of what is finite is 27 to 28.8.
_LOG = [1000.0, 500.0, *[nan] * 20, *range(29, 0, -1)]

# Write choose_bound(norms): the 90th percentile of those that are finite.
choose_bound = Function(
    4,
    Numbers("{name} should return one number, not {kind}.", may_be_nan=True),
    "The wild steps will be cut, the usual ones stay as they are.",
    Case(
        (partial(np.array, _LOG),),
        Between(27, 28.9),
        (nan, "The log holds a NaN, and so does your bound. Keep the finite norms only."),
        (1000, "The longest step is the one to be cut. With this bound nothing is clipped."),
        (1935 / 31, "Two wild steps have moved the mean far above every usual norm."),
        (26, "A NaN counted as 0 is a norm too, and a short one. Keep the finite norms only."),
        (16, "The median clips half of all steps: a second learning rate."),
        "90 of 100 norms should lie below the bound: see np.percentile.",
    ),
)


class _Repaired(Numbers):
    """The norms that a training program returns, and what it made of the weights."""

    def read(self, given: Any, call: Call) -> dict[str, Any]:
        found = as_floats(given)
        if found is None or np.shape(found) != self.shape:
            raise self.refused(given, call)
        _, _, variables, rate, bound = call.arguments
        moved = [np.abs(v - w).max() for v, w in zip(variables, network(0), strict=True)]
        right = train(Setting(rate, bound, output="linear", loss="cross-entropy"), PIECE).before
        _, _, images, labels = flat_digits(50.0)
        got = outputs(variables, images).numpy()
        return {
            "percent": 100 * float(np.mean(got.argmax(axis=1) == labels.numpy())),
            "moved": float(max(moved)),
            "is_finite": bool(np.isfinite(got).all()),
            "longest": float(np.max(found)),
            "logged": float(found[0]),
            "norm": float(f"{right[0]:.3g}"),
            "first": float(found[0] / right[0]),
            "second": float(found[1] / right[1]),
        }


_SAME = Between(0.99, 1.01)

# Repair a training program whose loss is clipped, and whose gradients are clipped too late.
repaired = Function(
    5,
    _Repaired("{name} should return a list of 62 norms, one for each step, not {kind}.", (62,)),
    "{percent}% of the test digits after two epochs, and a log that shows what was cut.",
    Case(
        (
            partial(lambda: flat_digits(50.0)[0]),
            partial(lambda: flat_digits(50.0)[1]),
            partial(network, 0),
            0.3,
            5.0,
        ),
        {
            "percent": Between(low=75),
            "longest": Between(low=5.1),
            "first": _SAME,
            "second": _SAME,
        },
        (
            {"moved": Between(0, 1e-6), "longest": Between(low=1e-6)},
            "No weight has moved, although the log shows gradients. Change the variables "
            "themselves, with assign_sub, not copies.",
        ),
        (
            {"moved": Between(0, 1e-6)},
            "No weight has moved. Which line makes the gradient of a loss above 1 exactly 0?",
        ),
        (
            {"is_finite": False},
            "The weights have become infinite or NaN: the steps are as long as without a clip. "
            "Which gradients does the update use?",
        ),
        (
            {"percent": Between(low=75), "longest": Between(high=5.1)},
            "It learns, {percent}%. But the log shows {longest} at most, the bound. Log the norm "
            "from before the clip.",
        ),
        (
            {"percent": Between(low=75), "first": _SAME},
            "It learns, {percent}%, and the first norm is right, but not the second: the first "
            "step was not that of all gradients clipped together. Is each clipped by itself, or "
            "are rate and bound not the ones that come in?",
        ),
        (
            {"percent": Between(low=75)},
            "It learns, {percent}%. But the log begins with {logged}, and the norm of all "
            "gradients together is {norm} there.",
        ),
        "{percent}% of the test digits are right after two epochs. Compare your loop, line by "
        "line, with the one in section 2.",
    ),
)


class _Trained(Kind):
    """A setting, and how the course's network trains with it, until a seed stays below 90 %."""

    def read(self, given: Any, call: Call | None = None) -> dict[str, Any]:
        if not isinstance(given, dict) or set(given) != {"rate", "bound", "output", "loss"}:
            raise self.refused(given, call)
        output, loss = plain(given["output"]), plain(given["loss"])
        if output not in OUTPUTS or loss not in LOSSES:
            raise wrong_kind(f"output is one of {OUTPUTS}, loss one of {LOSSES}.")
        rate = above_zero("rate", given["rate"])
        bound = None if given["bound"] is None else above_zero("bound", given["bound"])
        shares, clipped = [], []
        for seed in range(3):
            run = train(Setting(rate, bound, output=output, loss=loss, seed=seed))
            shares.append(100 * float(run.accuracy[-1]))
            clipped.append(0 if bound is None else int(np.count_nonzero(run.before > bound)))
            if shares[-1] < 90:
                break
        return {
            "percent": min(shares),
            "seed": seed,
            "output": output,
            "loss": loss,
            "broke_at": run.broke_at,
            "zeros": float(np.mean(run.before == 0)),
            "clipped": float(clipped[-1]),
            "fewest": min(clipped),
            "most": max(clipped),
        }


_REACHED = "With the first weights of seed {seed} it reaches {percent}%."

# A dict with rate, bound, output and loss that reaches 90 % in 150 steps.
reach_90 = Answer(
    6,
    _Trained("Give a dict with rate, bound, output, loss, and nothing else."),
    "Put a dict in place of None, with your choice of all four.",
    (
        {"percent": Between(low=90)},
        "{percent}% in the worst of 3 runs, with {fewest} to {most} of 150 steps clipped. Does "
        "your explanation fit these counts?",
    ),
    (
        {"broke_at": ANY},
        "With the first weights of seed {seed} the loss is infinite or NaN from step {broke_at} "
        "on: the steps are too long. Which two of the four make them shorter?",
    ),
    (
        {"output": "ReLU", "zeros": Between(low=0.2)},
        f"{_REACHED} Many gradients are exactly 0: what can make all ten outputs 0?",
    ),
    (
        {"clipped": Between(low=136)},
        f"{_REACHED} {{clipped}} of 150 steps are clipped: every step is as long as rate times "
        "bound. Is that too short, or too long?",
    ),
    (
        {"loss": "squared error"},
        f"{_REACHED} Large outputs cost their square. Which loss is made for classes?",
    ),
    f"{_REACHED} Look at the map: which neighbour of this cell does better?",
)
