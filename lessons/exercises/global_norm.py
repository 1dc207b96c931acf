"""Checks for the exercises of ``notebooks/03_clip_by_global_norm.ipynb``."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from lessons.exercises.feedback import (
    Feedback,
    are_near,
    called,
    hint_at_none,
    is_list,
    is_number,
    kind_of,
    missing,
    name_of,
    right,
    wrong,
    wrong_kind,
)

# Two tensors of norm 5 and 12, so that the norm of both is 13, and an unused variable between.
_GRADIENTS = [[3.0, 4.0], None, [12.0]]
_HALVED = [[1.5, 2.0], None, [6.0]]


def returned_norm(answer: float | None) -> Feedback:
    """Exercise 1: what is the second thing that ``tf.clip_by_global_norm`` returns?"""
    if answer is None:
        return missing("Put a number in place of None.")
    if not is_number(answer):
        return wrong_kind("Give one number.")
    if np.isclose(answer, 5):
        return right("It is the norm from before the clip: the one to write into a log.")
    if answer == 1:
        return wrong("That would be the norm after the clip, which everybody knows: it is c.")
    if answer in (7, 25):
        return wrong("The global norm is the root of the sum of the squares.")
    return wrong("Think of both tensors as one arrow, [3, 4]. Was it measured before or after?")


def what_is_left(answer: float | None) -> Feedback:
    """Exercise 2: 16 long tensors, each clipped to 2 by its norm; what global norm is left?"""
    if answer is None:
        return missing("Move the sliders, then put a number in place of None.")
    if not is_number(answer):
        return wrong_kind("Give one number, read off the sentence below the picture.")
    if np.isclose(answer, 8):
        return right("Two times the root of 16. With 400 tensors it would be 40.")
    if answer == 2:
        return wrong("That is what is left when they are clipped together.")
    if answer == 32:
        return wrong("Lengths of tensors do not add up. Their squares do.")
    return wrong("Set K = 16 and c = 2, and read the sentence below the picture.")


def global_norm(answer: Callable[[list], Any]) -> Feedback:
    """Exercise 3: write ``global_norm(gradients)``; None entries are left out."""
    got = _called(answer)
    if isinstance(got, Feedback):
        return got
    if not is_number(got):
        return wrong_kind(f"{name_of(answer)} should return one number, not {kind_of(got)}.")
    if np.isclose(got, 17):
        return wrong("5 + 12 is 17, but lengths do not add up. Add their squares.")
    if np.isclose(got, 169):
        return wrong("That is the sum of the squares. The norm is its root.")
    if not np.isclose(got, 13):
        return wrong(f"For norms 5 and 12 it should be 13; you return {float(got):.4g}.")
    return right("Root of 5² + 12². The unused variable had no say.")


def clip_together(answer: Callable[[list, float], Any]) -> Feedback:
    """Exercise 4: write ``clip_together(gradients, c)``, which returns the list and the norm."""
    got = _list_and_norm(answer, 6.5)
    if isinstance(got, Feedback):
        return got
    clipped, norm = got
    if not np.isclose(norm, 13):
        return wrong(f"The norm from before the clip is 13; you return {float(norm):.4g}.")
    if not are_near(clipped, _HALVED):
        return wrong("With c = 6.5 every number should be halved: one factor for all.")
    left = _list_and_norm(answer, 26.0)
    if isinstance(left, Feedback):
        return left
    if not are_near(left[0], _GRADIENTS):
        return wrong("A bound above the norm should change nothing: a clip never makes longer.")
    return right("One norm, one factor, and the direction of the whole stays.")


def mended_clip(answer: Callable[[list, float], Any]) -> Feedback:
    """Exercise 5: a loop that clips each gradient by its own norm; it should keep the direction."""
    got = _list_alone(answer, 6.5)
    if isinstance(got, Feedback):
        return got
    if are_near(got, [[3, 4], None, [6.5]]):
        return wrong("Still each by its own norm: [12] shrinks, [3, 4] does not.")
    if not are_near(got, _HALVED):
        return wrong("With c = 6.5 every number should be halved.")
    left = _list_alone(answer, 26.0)
    if isinstance(left, Feedback):
        return left
    if not are_near(left, _GRADIENTS):
        return wrong("A bound above the norm should change nothing: a clip never makes longer.")
    return right("Both shrink by the same factor: the step goes where it wanted to go.")


def _gradients() -> list[tf.Tensor | None]:
    return [None if g is None else tf.constant(g) for g in _GRADIENTS]


def _called(answer: Any, *args: float) -> Any:
    return hint_at_none(called(answer, _gradients(), *args), "Leave the None out first.")


def _list_and_norm(answer: Any, c: float) -> tuple[list, float] | Feedback:
    """Call a student's function; return the list and the norm that it gives, or the feedback."""
    got = _called(answer, c)
    if isinstance(got, Feedback):
        return got
    if not is_list(got) or len(got) != 2 or not is_list(got[0]):
        return wrong_kind(
            f"Return a list of tensors and the norm before; with c = {c:g} this is {kind_of(got)}."
        )
    if not is_number(got[1]):
        return wrong_kind(
            f"The second thing should be one number, the norm; it is {kind_of(got[1])}."
        )
    return _wrong_length(got[0]) or got


def _list_alone(answer: Any, c: float) -> list | Feedback:
    """Call a student's function; return the list that it gives, or the feedback."""
    got = _called(answer, c)
    if isinstance(got, Feedback):
        return got
    if is_list(got) and len(got) == 2 and is_list(got[0]):
        return wrong_kind("This is a list and its norm. Return the list alone.")
    if not is_list(got):
        return wrong_kind(
            f"Return a list, like the one that came in; with c = {c:g} this is {kind_of(got)}."
        )
    return _wrong_length(got) or got


def _wrong_length(clipped: Sequence) -> Feedback | None:
    if len(clipped) != len(_GRADIENTS) or clipped[1] is not None:
        return wrong("The list should be as long as before, with None where None was.")
    return None
