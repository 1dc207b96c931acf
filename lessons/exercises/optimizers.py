"""Checks for the exercises of ``notebooks/06_clipping_in_optimizers.ipynb``."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lessons.exercises.feedback import (
    Feedback,
    Stage,
    are_near,
    called,
    is_number,
    kind_of,
    missing,
    name_of,
    plain,
    right,
    wrong,
    wrong_kind,
)

# Two tensors of norm 5 and 12, so that the norm of both is 13, and an unused variable between.
_GRADIENTS = [[3.0, 4.0], None, [12.0]]


def bound_for_momentum(answer: float | None) -> Feedback:
    """Exercise 1: the largest bound with which momentum 0.75 never steps further than 2.

    The learning rate is 1.
    """
    if answer is None:
        return missing("Move the sliders, then put a number in place of None.")
    if not is_number(answer):
        return wrong_kind("Give one number, the bound that you set.")
    if np.isclose(answer, 0.5):
        return right("A quarter of 2: with momentum 0.75 the steps grow to four times the bound.")
    if answer == 2:
        return wrong("That bounds the gradient. How long do the steps become?")
    if np.isclose(answer, 8):
        return wrong("Other way round: the limit is the bound divided by 1 - 0.75.")
    if 0 <= answer < 0.5:
        return wrong("No step is longer than 2 with it, but a larger bound does as well.")
    return wrong("Set momentum 0.75 and this bound: is the limit at most 2?")


def clipped_step(answer: Callable[..., Any]) -> Feedback:
    """Exercise 2: write ``clipped_step(optimizer, gradients, variables, c)``.

    It clips all gradients together, skips None, applies them, and returns the norm from before.
    """
    starts = [tf.zeros(2), tf.ones(1), tf.zeros(1)]
    variables = [tf.Variable(start) for start in starts]
    gradients = [None if g is None else tf.constant(g) for g in _GRADIENTS]
    got = called(answer, keras.optimizers.SGD(1.0), gradients, variables, 6.5)
    moved = np.concatenate([s - v for s, v in zip(starts, variables, strict=True)])
    if isinstance(got, Feedback):
        if got.stage is not Stage.MISSING or not moved.any():
            return got
        return missing("The variables moved. Return the norm from before the clip.")
    if not is_number(got):
        return wrong_kind(f"{name_of(answer)} should return one number, not {kind_of(got)}.")
    if not moved.any():
        return wrong("No variable has moved. The last line is optimizer.apply_gradients(...).")
    if np.allclose(moved, [3, 4, 0, 12]):
        return wrong("The gradients were applied as they came in. Clip them first.")
    if np.allclose(moved, [3, 4, 0, 6.5]):
        return wrong("Each is clipped by its own norm. Clip them together.")
    if not np.allclose(moved, [1.5, 2, 0, 6]):
        return wrong(f"With c = 6.5 the step should be half of 3, 4 and 12; it is {plain(moved)}.")
    if not np.isclose(got, 13):
        return wrong(f"The norm from before the clip is 13; you return {float(got):.4g}.")
    return right("Compute, clip, apply: this is what global_clipnorm does, and you have its norm.")


def unscaled_clip(answer: Callable[..., Any]) -> Feedback:
    """Exercise 3: a clip of the gradients of a scaled loss; it should be of the true ones."""
    got = called(answer, [tf.constant([300.0, 400.0]), tf.constant([1200.0])], 100.0, 6.5)
    if isinstance(got, Feedback):
        return got
    numbers = _flat(got, 3)
    if numbers is None:
        return wrong_kind(f"Return a list of two tensors, like the one that came in; {_this(got)}")
    if np.allclose(numbers, np.array([3, 4, 12]) / 200):
        return wrong("Still a hundred times too short: the clip has seen scaled gradients.")
    if np.allclose(numbers, [150, 200, 600]) or np.allclose(numbers, [3, 4, 6.5]):
        return wrong("Divide by the scale first, and clip all of them together then.")
    if np.allclose(numbers, [3, 4, 12]):
        return wrong("They are unscaled, and no longer clipped: their norm is 13.")
    if not np.allclose(numbers, [1.5, 2, 6]):
        return wrong("Unscaled, the gradients are 3, 4 and 12. A bound of 6.5 halves them.")
    left = called(answer, [tf.constant([300.0, 400.0]), tf.constant([1200.0])], 100.0, 26.0)
    if isinstance(left, Feedback):
        return left
    if not are_near(left, [[3, 4], [12]]):
        return wrong("A bound above the norm should change nothing but the scale.")
    return right("Unscale, then clip. The bound now means what it says, whatever the scale is.")


def accumulated(answer: Callable[..., Any]) -> Feedback:
    """Exercise 4: write ``accumulated(batches, c)``: one clipped gradient from several batches."""
    batches = [[tf.constant([6.0, 0.0]), tf.constant([24.0])], [tf.constant([0.0, 8.0]), [0.0]]]
    got = called(answer, [list(map(tf.constant, batch)) for batch in batches], 6.5)
    if isinstance(got, Feedback):
        return got
    numbers = _flat(got, 3)
    if numbers is None:
        return wrong_kind(f"Return a list of two tensors, one for each variable; {_this(got)}")
    if np.allclose(numbers, [3, 4, 12]):
        return wrong("That is the mean, and its norm is 13. Clip it.")
    if np.allclose(numbers, np.array([6, 8, 24]) * 6.5 / 26):
        # Sum and mean are clipped to the same; a bound between their norms tells them apart.
        other = called(answer, [list(map(tf.constant, batch)) for batch in batches], 20.0)
        if isinstance(other, Feedback):
            return other
        if are_near(other, [[3, 4], [12]]):
            return right("One optimizer step, one clip, whatever number of batches it took.")
        return wrong("With a bound of 20 nothing is to be clipped: the norm of the mean is 13.")
    first, second = np.array([6, 0, 24]), np.array([0, 8, 0])
    each = first * 6.5 / np.linalg.norm(first) + second * 6.5 / 8
    if np.allclose(numbers, each / 2) or np.allclose(numbers, each):
        return wrong("Each batch is clipped before the mean. Take the mean first.")
    return wrong("The mean over the batches is [3, 4] and [12]. A bound of 6.5 halves it.")


# What is right, and what to try: one for each statement of the quiz, in their order.
_QUIZ = (
    (False, "each gradient keeps its direction; look at the angle of all of them together."),
    (True, "look at what [3, 4] and [12] become under clipnorm=1."),
    (False, "a clip multiplies by 1 at the most."),
    (False, "take the gradient of a loss that lies above the bound."),
    (True, "compare 10 and -9.5, clipped before and after their sum."),
    (True, "the norm from after the clip would be the bound, and nothing for a log."),
    (False, "compare the direction of [3, 0.1] after both."),
    (False, "compare the steps for bounds of 1 and 0.01."),
    (False, "NaN times any factor is still NaN."),
    (False, "compare the norms of one network's gradient for two scales of its input."),
)


def quiz(answer: list[bool | None]) -> Feedback:
    """Exercise 5: ten statements, each of them true or false."""
    answers = plain(answer)
    if not isinstance(answers, list) or len(answers) != len(_QUIZ):
        return wrong_kind(f"Give a list of {len(_QUIZ)} answers, True or False, one a statement.")
    if None in answers:
        return missing(f"Statement {answers.index(None) + 1} has no answer yet: True or False?")
    if not all(isinstance(given, bool) for given in answers):
        return wrong_kind("Every answer is True or False, without quotation marks.")
    off = [
        n
        for n, (given, (is_so, _)) in enumerate(zip(answers, _QUIZ, strict=True), 1)
        if given is not is_so
    ]
    if not off:
        return right("All ten. The experiments below say why.")
    hint = _QUIZ[off[0] - 1][1]
    return wrong(f"{len(_QUIZ) - len(off)} of {len(_QUIZ)}. Statement {off[0]}: {hint}")


def _flat(got: Any, count: int) -> np.ndarray | None:
    """Return a list of two tensors as one array of `count` numbers; None if it is none."""
    if not isinstance(got, (list, tuple)) or len(got) != 2:
        return None
    try:
        numbers = np.concatenate([np.asarray(t, np.float64).ravel() for t in got])
    except (TypeError, ValueError):  # a text, or None
        return None
    return numbers if len(numbers) == count else None


def _this(got: Any) -> str:
    return f"this is {kind_of(got)}."
