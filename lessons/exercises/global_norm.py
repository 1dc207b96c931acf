"""Checks for the exercises of ``notebooks/03_clip_by_global_norm.ipynb``."""

import tensorflow as tf

from lessons.exercises.checks import Answer, Case, Function, tensor
from lessons.exercises.kinds import Numbers, Tensors, TensorsAndNorm
from lessons.exercises.patterns import ANY

# What is the second thing that tf.clip_by_global_norm([[3.0], [4.0]], 1.0) returns?
returned_norm = Answer(
    1,
    Numbers("Give one number."),
    "Put a number in place of None.",
    (5, "It is the norm from before the clip: the one to write into a log."),
    (1, "That would be the norm after the clip, which everybody knows: it is c."),
    (7, "The global norm is the root of the sum of the squares."),
    (25, "The global norm is the root of the sum of the squares."),
    "Think of both tensors as one arrow, [3, 4]. Was it measured before or after?",
)

# 16 long tensors, each clipped to 2 by its norm: what global norm is left?
what_is_left = Answer(
    2,
    Numbers("Give one number, read off the sentence below the picture."),
    "Move the sliders, then put a number in place of None.",
    (8, "Two times the root of 16. With 400 tensors it would be 40."),
    (2, "That is what is left when they are clipped together."),
    (32, "Lengths of tensors do not add up. Their squares do."),
    "Set K = 16 and c = 2, and read the sentence below the picture.",
)

# Two tensors of norm 5 and 12, so that the norm of both is 13, and an unused variable between.
_GIVEN = [tensor([3.0, 4.0]), None, tensor([12.0])]
_WHOLE, _HALVED, _EACH = [[3, 4], None, [12]], [[1.5, 2], None, [6]], [[3, 4], None, [6.5]]
_AS_LONG = [ANY, None, ANY]
_NOT_AS_LONG = "The list should be as long as before, with None where None was, and only there."
_LONGER = "A bound above the norm should change nothing: a clip never makes longer."
_LEAVE_OUT = "Leave the None out first."

# Write global_norm(gradients); None entries are left out.
global_norm = Function(
    3,
    Numbers("{name} should return one number, not {kind}."),
    "Root of 5² + 12². The unused variable had no say.",
    Case(
        (_GIVEN,),
        13,
        (17, "5 + 12 is 17, but lengths do not add up. Add their squares."),
        (169, "That is the sum of the squares. The norm is its root."),
        "For norms 5 and 12 it should be 13; you return {given}.",
    ),
    without=[tf.linalg.global_norm],
    at_none=_LEAVE_OUT,
)

# Write clip_together(gradients, c), which returns the list and the norm.
clip_together = Function(
    4,
    TensorsAndNorm(
        "Return a list of tensors and the norm before; with c = {arguments[1]} this is {kind}."
    ),
    "One norm, one factor, and the direction of the whole stays.",
    Case(
        (_GIVEN, 6.5),
        {"given": _HALVED, "norm": 13},
        (_HALVED, "The norm from before the clip is 13; you return {norm}."),
        (_AS_LONG, "With c = 6.5 every number should be halved: one factor for all."),
        _NOT_AS_LONG,
    ),
    Case((_GIVEN, 26.0), _WHOLE, (_AS_LONG, _LONGER), _NOT_AS_LONG),
    at_none=_LEAVE_OUT,
)

# Repair a loop that clips each gradient by its own norm; it should keep the direction of the step.
mended_clip = Function(
    5,
    Tensors("Return a list, like the one that came in; with c = {arguments[1]} this is {kind}."),
    "Both shrink by the same factor: the step goes where it wanted to go.",
    Case(
        (_GIVEN, 6.5),
        _HALVED,
        (_EACH, "Still each by its own norm: [12] shrinks, [3, 4] does not."),
        (_AS_LONG, "With c = 6.5 every number should be halved."),
        _NOT_AS_LONG,
    ),
    Case((_GIVEN, 26.0), _WHOLE, (_AS_LONG, _LONGER), _NOT_AS_LONG),
    at_none=_LEAVE_OUT,
)
