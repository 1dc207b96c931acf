"""What a check answers: no answer yet, wrong kind of answer, wrong value and why, or right."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
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
    """

    stage: Stage
    hint: str

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


def is_number(answer: Any) -> bool:
    """Return whether `answer` is one number."""
    return isinstance(answer, Real) and not isinstance(answer, bool)


def values_and_slopes(
    function: Callable[..., tf.Tensor], t: list[float], *args: float
) -> tuple[np.ndarray, np.ndarray] | Feedback:
    """Call a student's element-wise function; return its values and its gradient.

    Returns:
        Two arrays of the shape of `t`, or the feedback if there are none.
    """
    x = tf.constant(t, tf.float32)
    try:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x, *args)
    except Exception as error:
        return wrong(f"{function.__name__} raised {type(error).__name__}: {error}")
    if y is None:
        return missing(f"{function.__name__} returns None. Write its body.")
    if not tf.is_tensor(y):
        return wrong_kind(
            f"{function.__name__} returns {type(y).__name__}. Build it from TensorFlow operations: "
            "outside of TensorFlow no gradient is recorded."
        )
    if y.shape != x.shape:
        return wrong_kind(f"{function.__name__} returns shape {y.shape}; it was given {x.shape}.")
    slopes = tape.gradient(y, x)
    return y.numpy(), np.zeros_like(t) if slopes is None else slopes.numpy()
