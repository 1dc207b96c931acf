"""Checks for the exercises of ``notebooks/09_beyond_clipping.ipynb``."""

from functools import partial
from math import isfinite, nan
from typing import Any

import numpy as np
import tensorflow as tf

from lessons.digits.network import BATCH, EPOCH, flat_digits
from lessons.digits.rules import first_reader, how_many_right
from lessons.exercises.checks import Answer, Case, Function, tensor
from lessons.exercises.kinds import Call, Choices, Kind, Numbers, Tensors, as_floats
from lessons.exercises.patterns import ANY, Between

# Examples 0, 0, 0 and 12, each gradient clipped to 3: where does the descent end?
where_it_ends = Answer(
    1,
    Numbers("Give one number, the w at which the descent stands still."),
    "Put a number in place of None.",
    (1, "Three pulls of 1 to the left, one clipped pull of 3 to the right."),
    (3, "That is the mean of the four. The pull of the 12 is clipped there."),
    (0, "At 0 the three zeros do not pull at all, and the 12 does."),
    (1.5, "That is the answer for two zeros. Here there are three."),
    "Where does the sum of the four clipped pulls vanish? Which of them is clipped there?",
)


class _OneTensor(Kind):
    """A tensor of the shape of the first argument, as nested lists of floats."""

    def read(self, given: Any, call: Call) -> list:
        """Return the lists."""
        values = as_floats(given)
        if np.shape(values) != call.arguments[0].shape:
            raise self.refused(given, call)
        return values


_UNITS = (tensor([[0.0, 1.2, 1.0], [1.0, -1.6, 0.0]]), tensor([[3.0, 6.0, 0.0], [4.0, 8.0, 0.0]]))

# Repair a clip of each unit: it should let a unit whose weights are all 0 move.
clip_each_unit = Function(
    2,
    _OneTensor("{name} should return one tensor, not {kind}."),
    "A unit that starts at 0 may take small steps. Biases start that way.",
    Case(
        (*_UNITS, 0.1),
        [[0, 0.6, 0.0001], [0.5, -0.8, 0]],
        (
            [[0, 0.6, 0], [0.5, -0.8, 0]],
            "The third unit stands still: its gradient [1, 0] comes out as [0, 0]. At this bound "
            "of 0.1 it should be [0.0001, 0]. Which length is 0 there?",
        ),
        (
            [[0, 0.6, nan], [0.5, -0.8, nan]],
            "The third unit comes out as NaN, and should be [0.0001, 0]. What is divided by what "
            "there?",
        ),
        (
            [[0, 0.6, 0.001], [0.5, -0.8, 0]],
            "The third unit comes out ten times too long. A floor of 0.001 belongs under the norm "
            "of the weights, before it is multiplied by the bound.",
        ),
        (
            [[0, 0.6, ANY], [0.5, -0.8, 0]],
            "Two units are right. The third should come out as [0.0001, 0]: no norm of weights "
            "should count as less than 0.001.",
        ),
        "The three units should become [0, 0.5], [0.6, -0.8] and [0.0001, 0]; they are the "
        "columns of {given}.",
    ),
    Case(
        (*_UNITS, 1000.0),
        [[0, 1.2, 1], [1, -1.6, 0]],
        "A gradient below its bound should stay as it is.",
    ),
)

_GRADIENTS = [tensor([3.0, 4.0]), tensor([12.0])]
_BROKEN = [tensor([3.0, 4.0]), tensor([nan])]
_ZEROS, _HALVED = [[0, 0], [0]], [[1.5, 2], [6]]

# Write skip_or_clip(gradients, bound, most): zeros for a broken batch, or clipped gradients.
skip_or_clip = Function(
    3,
    Tensors("Return a list of two tensors, one for each gradient; this is {kind}.", count=2),
    "A broken batch changes nothing, a long one is shortened.",
    Case(
        (_GRADIENTS, 6.5, 15.0),
        _HALVED,
        ([[3, 4], [12]], "Their norm is 13. Clip them to 6.5."),
        ([[3, 4], [6.5]], "Each is clipped by its own norm. Clip them together."),
        (_ZEROS, "The norm is 13, which is below 15. This batch is not broken."),
        "A bound of 6.5 halves 3, 4 and 12.",
    ),
    Case(
        (_GRADIENTS, 26.0, 100.0),
        [[3, 4], [12]],
        ([[6, 8], [24]], "Their norm is 13, and the bound 26. A clip never makes them longer."),
        "Their norm is 13, below the bound of 26: they should stay as they are, not {given}.",
    ),
    Case(
        (_GRADIENTS, 6.5, 13.0),
        _ZEROS,
        (_HALVED, "Their norm is 13, which is not below the limit of 13: return zeros."),
        "Their norm is 13, which is not below the limit of 13: return zeros, in the same shapes.",
    ),
    Case(
        (_BROKEN, 6.5, 100.0),
        _ZEROS,
        (
            [[nan, nan], [nan]],
            "One gradient is NaN. A norm that is NaN is not above the limit, and not below it "
            "either; and 0 times NaN is NaN.",
        ),
        "One gradient is NaN, so the batch is broken: return zeros.",
    ),
)

_REMEDIES = {
    "A": "clip",
    "B": "lower the rate",
    "C": "normalise",
    "D": "each unit",
    "E": "soft cap",
    "F": "skip",
}
_CHOICES = ", ".join(_REMEDIES.values())

# Which remedy for which symptom?
remedies = Answer(
    4,
    Choices(
        f"Keep the dict with its six letters A to F. The words are {_CHOICES}.",
        "Put a word in place of each None.",
        tuple(_REMEDIES),
        tuple(_REMEDIES.values()),
    ),
    "Write a dict that gives each of the letters A to F a word.",
    (_REMEDIES, "All six. The chart of section 10 has more."),
    (
        {"A": "lower the rate"},
        "{right} of 6. A: a lower rate makes all the other steps pay for two wild norms.",
    ),
    (
        {"B": "clip"},
        "{right} of 6. B: if every step is clipped, the bound is a learning rate in disguise.",
    ),
    (
        {"C": "clip"},
        "{right} of 6. C: a clip never makes a gradient longer.",
    ),
    (
        {"F": "clip"},
        "{right} of 6. F: a clip of NaN is NaN.",
    ),
    "{right} of 6. Ask of each: is something too long, too short, or of no use at all?",
)


BROKEN_BATCH, BATCHES = 8, 62
ENOUGH = 80


def _start() -> list[tf.Variable]:
    return [tf.Variable(v) for v in first_reader(0)]


def _digit_batches() -> list[tuple[tf.Tensor, tf.Tensor]]:
    images, labels, *_ = flat_digits(255.0)
    starts = [BATCH * (n % EPOCH) for n in range(BATCHES)]
    batches = [(images[at : at + BATCH], labels[at : at + BATCH]) for at in starts]
    # In one of them a pixel is NaN.
    broken = batches[BROKEN_BATCH][0].numpy()
    broken[0, 400] = nan
    batches[BROKEN_BATCH] = tf.constant(broken), batches[BROKEN_BATCH][1]
    return batches


class _Trained(Kind):
    """What a network can do, how far its weights have moved, and the largest of them."""

    def read(self, given: Any, call: Call | None = None) -> dict[str, Any]:
        """Return the three."""
        tensors = Tensors(self.words, count=6).read(given, call)
        values = [np.float32(t) for t in tensors]
        start = first_reader(0)
        if [v.shape for v in values] != [v.shape for v in start]:
            raise self.refused(given, call)
        moved = max(np.abs(v - w).max() for v, w in zip(values, start, strict=True))
        *_, images, labels = flat_digits(255.0)
        return {
            "percent": how_many_right(values, images, labels) / 10,
            "moved": float(moved) if isfinite(moved) else nan,
            "largest": float(max(np.abs(v).max() for v in values)),
        }


# Repair a training script with three faults.
repair = Function(
    5,
    _Trained("Return the six variables of the network; this is {kind}."),
    "{percent}% of the test digits. Lecture 1 has the clipped loss, section 9 clipped weights, and "
    "section 8 the broken batch.",
    Case(
        (partial(_start), partial(_digit_batches)),
        {"percent": Between(low=ENOUGH)},
        (
            {"moved": nan},
            "The weights are NaN at the end. After which batch for the first time? Look at the "
            "norm of the gradients, step by step.",
        ),
        (
            {"moved": 0},
            "No weight has moved. Which line lets no gradient through while the loss is above 1?",
        ),
        (
            {"largest": Between(high=0.0501)},
            "{percent}%, and the largest weight is {largest}. Is it the weights that should be "
            "clipped?",
        ),
        "{percent}% of the test digits. With all three faults mended it is more than "
        f"{ENOUGH}%; the learning rate is not one of them.",
    ),
)
