"""Checks for the exercises of ``notebooks/07_inside_a_step.ipynb``."""

from functools import partial
from typing import Any

import keras
import tensorflow as tf

from lessons.exercises.checks import Case, Function, tensor
from lessons.exercises.feedback import missing
from lessons.exercises.kinds import Call, Numbers, Tensors, plain


class _StepAndNorm(Numbers):
    """How far a function has moved its variables, which all were 0, and the norm it returns."""

    def read(self, given: Any, call: Call) -> dict[str, Any]:
        moved = plain(-tf.concat(call.arguments[2], axis=0))
        if given is None and any(moved):
            raise missing("The variables moved. Return the norm from before the clip.")
        return {"given": moved, "norm": super().read(given, call)}


# Gradients of norm 5 and 12, so that the norm of both is 13, and an unused variable.
_GRADIENTS = [tensor([3.0, 4.0]), None, tensor([12.0])]
_VARIABLES = [partial(tf.Variable, [0.0] * size) for size in (2, 1, 1)]

# Write clipped_step(optimizer, gradients, variables, c): clip all gradients together, skip None,
# apply them, and return the norm from before.
clipped_step = Function(
    1,
    _StepAndNorm("{name} should return one number, not {kind}."),
    "Compute, clip, apply: this is what global_clipnorm does, and you have its norm.",
    Case(
        (partial(keras.optimizers.SGD, 1.0), _GRADIENTS, _VARIABLES, 6.5),
        {"given": [1.5, 2, 0, 6], "norm": 13},
        ([1.5, 2, 0, 6], "The norm from before the clip is 13; you return {norm}."),
        ([0] * 4, "No variable has moved. The last line is optimizer.apply_gradients(...)."),
        ([3, 4, 0, 12], "The gradients were applied as they came in. Clip them first."),
        ([3, 4, 0, 6.5], "Each is clipped by its own norm. Clip them together."),
        "With c = 6.5 the step should be half of 3, 4 and 12; it is {given}.",
    ),
)

_SCALED = ([tensor([300.0, 400.0]), tensor([1200.0])], 100.0)
_WHOLE, _HALVED = [[3, 4], [12]], [[1.5, 2], [6]]
_SCALE_FIRST = "Divide by the scale first, and clip all of them together then."

# Repair a clip of the gradients of a scaled loss; it should be of the true ones.
unscaled_clip = Function(
    2,
    Tensors("Return a list of two tensors, like the one that came in; this is {kind}.", count=2),
    "Unscale, then clip. The bound now means what it says, whatever the scale is.",
    Case(
        (*_SCALED, 6.5),
        _HALVED,
        (
            [[0.015, 0.02], [0.06]],
            "A hundred times too short: the norm comes out as 0.065, and the bound is 6.5. Look at "
            "the norm before and after each line.",
        ),
        ([[150, 200], [600]], _SCALE_FIRST),
        ([[3, 4], [6.5]], _SCALE_FIRST),
        (_WHOLE, "They are unscaled, and no longer clipped: their norm is 13."),
        "Unscaled, the gradients are 3, 4 and 12. A bound of 6.5 halves them.",
    ),
    Case((*_SCALED, 26.0), _WHOLE, "A bound above the norm should change nothing but the scale."),
)

_BATCHES = [[tensor([6.0, 0.0]), tensor([24.0])], [tensor([0.0, 8.0]), tensor([0.0])]]
_MEAN_FIRST = "Each batch is clipped before the mean. Take the mean first."

# Write accumulated(batches, c): one clipped gradient from several batches. The first bound clips
# sum and mean to the same; the second, between their norms, tells them apart.
accumulated = Function(
    3,
    Tensors("Return a list of two tensors, one for each variable; this is {kind}.", count=2),
    "One optimizer step, one clip, whatever number of batches it took.",
    Case(
        (_BATCHES, 6.5),
        _HALVED,
        (_WHOLE, "That is the mean, and its norm is 13. Clip it."),
        ([[1.5764816, 6.5], [6.3059263]], _MEAN_FIRST),
        ([[0.7882408, 3.25], [3.1529631]], _MEAN_FIRST),
        "The mean over the batches is [3, 4] and [12]. A bound of 6.5 halves it.",
    ),
    Case(
        (_BATCHES, 20.0),
        _WHOLE,
        "With a bound of 20 nothing is to be clipped: the norm of the mean is 13.",
    ),
)
