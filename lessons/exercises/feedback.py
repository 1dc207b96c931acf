"""What a check answers: no answer yet, wrong kind of answer, wrong value and why, or right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from math import isfinite
from numbers import Real
from typing import Any

import numpy as np
import tensorflow as tf


class Stage(Enum):
    """How far an answer has come."""

    MISSING = "○ No answer yet."
    KIND = "△ Not the kind of answer that is asked for."
    VALUE = "✗ Not yet."
    RIGHT = "✓ Right."


@dataclass(frozen=True, repr=False)
class Feedback:
    """The answer of a check; in a notebook it shows itself as the last line of a cell.

    Attributes:
        stage: How far the answer has come.
        hint: What to try next, or what the right answer shows.
        error: What a student's function raised, if it did.
    """

    stage: Stage
    hint: str
    error: Exception | None = None

    @property
    def is_right(self) -> bool:
        """Whether nothing is left to do."""
        return self.stage is Stage.RIGHT

    def __repr__(self) -> str:
        """Return the words that a student reads."""
        return f"{self.stage.value} {self.hint}"


def missing(hint: str) -> Feedback:
    """Nothing is filled in yet."""
    return Feedback(Stage.MISSING, hint)


def wrong_kind(hint: str) -> Feedback:
    """The answer is there, but of a type or shape that cannot be judged."""
    return Feedback(Stage.KIND, hint)


def wrong(hint: str) -> Feedback:
    """The answer can be judged, and is not right."""
    return Feedback(Stage.VALUE, hint)


def right(hint: str) -> Feedback:
    """The answer is right."""
    return Feedback(Stage.RIGHT, hint)


def plain(answer: Any) -> Any:
    """Return arrays, tensors and tuples as lists, and what holds one number as that number."""
    if isinstance(answer, (tf.Tensor, tf.Variable)):
        answer = answer.numpy()
    if isinstance(answer, (np.ndarray, np.generic)):
        return answer.tolist()
    if isinstance(answer, (list, tuple)):
        return [plain(entry) for entry in answer]
    return answer


def is_number(answer: Any) -> bool:
    """Return whether `answer` is one finite number; an array or tensor of one is one too."""
    answer = plain(answer)
    return isinstance(answer, Real) and not isinstance(answer, bool) and isfinite(answer)


def as_numbers(answer: Any, count: int) -> list[float] | None:
    """Return a list, tuple, array or tensor of `count` numbers as a list; None if it is none."""
    numbers = plain(answer)
    if not isinstance(numbers, list) or len(numbers) != count or not all(map(is_number, numbers)):
        return None
    return list(map(float, numbers))


def are_near(got: Any, expected: Sequence[Sequence[float] | None]) -> bool:
    """Return whether `got` is a list of these tensors, up to rounding, with None for None."""
    if not is_list(got) or len(got) != len(expected):
        return False
    try:
        return all(
            mine is None if wanted is None else np.allclose(np.asarray(mine, np.float64), wanted)
            for mine, wanted in zip(got, expected, strict=True)
        )
    except (TypeError, ValueError):  # a text, None, or another shape
        return False


def shown(numbers: Any) -> str:
    """Return numbers as a student would write them, with three digits."""
    return f"[{', '.join(f'{number:.3g}' for number in np.asarray(numbers))}]"


def is_list(answer: Any) -> bool:
    """Return whether `answer` is a list or a tuple, as the gradients of several tensors are."""
    return isinstance(answer, (list, tuple))


def name_of(function: Any) -> str:
    """Return what a student calls a function; not every callable has a name."""
    return getattr(function, "__name__", "your function")


def kind_of(answer: Any) -> str:
    """Return what kind of thing an answer is, in words."""
    if answer is None or isinstance(plain(answer), float):
        return str(plain(answer))
    if tf.is_tensor(answer):
        return f"a tensor of shape {tuple(answer.shape)}"
    name = type(answer).__name__
    return f"{'an' if name[0] in 'aeio' or name == 'ndarray' else 'a'} {name}"


def called(function: Any, *args: Any) -> Any:
    """Call a student's function; return what it gives, or the feedback if it gives nothing."""
    if function is None:
        return missing("Write the function, and put its name between the brackets of the check.")
    if not callable(function):
        return wrong_kind(
            f"The check takes the function itself, not {kind_of(function)}: its name, without "
            "brackets after it."
        )
    try:
        got = function(*args)
    except Exception as error:
        hint = f"{name_of(function)} raised {type(error).__name__}: {error}"
        return Feedback(Stage.VALUE, hint, error)
    return missing(f"{name_of(function)} returns None. Write its body.") if got is None else got


def hint_at_none(got: Any, hint: str) -> Any:
    """Return what `called` gave; where a None was in a function's way, with `hint` behind it."""
    if isinstance(got, Feedback) and got.error is not None and "None" in str(got.error):
        return wrong(f"{got.hint} {hint}")
    return got


def values_and_slopes(
    function: Callable[..., tf.Tensor], t: list[float], *args: float
) -> tuple[np.ndarray, np.ndarray] | Feedback:
    """Call a student's element-wise function; return its values and its gradient.

    Returns:
        Two arrays of the shape of `t`, or the feedback if there are none.
    """
    x = tf.constant(t, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = called(function, x, *args)
    if isinstance(y, Feedback):
        return y
    name = name_of(function)
    if not isinstance(y, (tf.Tensor, tf.Variable)):
        return wrong_kind(
            f"{name} returns {kind_of(y)}. Build it from TensorFlow operations: "
            "outside of TensorFlow no gradient is recorded."
        )
    if not y.dtype.is_floating:
        return wrong_kind(f"{name} returns {y.dtype.name}; it was given {x.dtype.name}.")
    if y.shape != x.shape:
        return wrong_kind(f"{name} returns shape {y.shape}; it was given {x.shape}.")
    slopes = tape.gradient(y, x)
    return y.numpy(), np.zeros_like(t) if slopes is None else slopes.numpy()
