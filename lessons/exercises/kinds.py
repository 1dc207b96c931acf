"""Kinds of answer: each reads what is given as plain data, or says what is asked for instead."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from numbers import Real
from sys import float_info
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from lessons.exercises.feedback import Judged, missing, wrong_kind


@dataclass(frozen=True)
class Call:
    """The call of a student's function that gave an answer."""

    name: str
    arguments: Sequence
    tape: tf.GradientTape


@dataclass(frozen=True)
class Kind:
    """A kind of answer.

    Attributes:
        words: What is said about any other kind. {kind} is what was given instead; {name} is the
            name of the function that returned it.
        watched: How many of the arguments the tape watches.
    """

    words: str
    watched: ClassVar[int] = 0

    def read(self, given: Any, call: Call | None = None) -> Any:
        """Return an answer as floats, texts, lists and dicts; raise the verdict on another kind."""
        raise NotImplementedError

    def for_page(self) -> dict[str, Any] | None:
        """Return what a page needs to read such an answer; None if reading it takes Python."""
        return None

    def refused(self, given: Any, call: Call | None) -> Judged:
        """Return the verdict on an answer of another kind."""
        if call is None:
            return wrong_kind(self.words.format(kind=kind_of(given)))
        if given is None:
            return missing(f"{call.name} returns None. Write its body.")
        return wrong_kind(self.words.format(kind=kind_of(given), name=call.name))


@dataclass(frozen=True)
class Numbers(Kind):
    """Finite numbers: one, or a list, tuple, array or tensor of `shape`; NaN where it may be."""

    shape: tuple[int, ...] = ()
    may_be_nan: bool = False

    def read(self, given: Any, call: Call | None = None) -> Any:
        """Return one as a float, several as a list."""
        numbers = as_floats(given)
        if numbers is None or np.shape(numbers) != self.shape:
            raise self.refused(given, call)
        if not np.all(np.isfinite(numbers) | (self.may_be_nan & np.isnan(numbers))):
            raise self.refused(given, call)
        return numbers

    def for_page(self) -> dict[str, Any]:
        """Return the shape."""
        return {"shape": list(self.shape)}


@dataclass(frozen=True)
class Choices(Kind):
    """A dict with one of `choices` for each of `keys`, or a list if these count from 1.

    While a choice is None, the hint is `missing`, which may name its {key}.
    """

    missing: str
    keys: Collection
    choices: Collection

    def read(self, given: Any, call: Call | None = None) -> dict:
        """Return the dict."""
        entries = dict(enumerate(plain(given), 1)) if _is_list(plain(given)) else given
        if not isinstance(entries, dict) or set(entries) != set(self.keys):
            raise self.refused(given, call)
        chosen = {key: plain(entries[key]) for key in self.keys}
        for key, choice in chosen.items():
            if choice is None:
                raise missing(self.missing.format(key=key))
            # The number 0 is not False, although they are equal.
            if not any(type(choice) is type(each) and choice == each for each in self.choices):
                raise self.refused(given, call)
        return chosen

    def for_page(self) -> dict[str, Any]:
        """Return the keys, the choices, and what is said while one is missing."""
        choices = {"keys": list(self.keys), "choices": list(self.choices)}
        return {**choices, "missing": self.missing}


@dataclass(frozen=True)
class Tensor(Kind):
    """A tensor like the first argument: its values, and the gradient of their sum as slopes."""

    words: str = (
        "{name} returns {kind}. Build it from TensorFlow operations: outside of TensorFlow no "
        "gradient is recorded."
    )

    watched: ClassVar[int] = 1

    def read(self, given: Any, call: Call) -> dict[str, list]:
        """Return values and slopes, nested as the tensor is."""
        x = call.arguments[0]
        if not isinstance(given, (tf.Tensor, tf.Variable)):
            raise self.refused(given, call)
        if (given.dtype, given.shape) != (x.dtype, x.shape):
            raise wrong_kind(f"{call.name} returns {kind_of(given)}; it was given {kind_of(x)}.")
        slopes = call.tape.gradient(given, x, unconnected_gradients="zero")
        return {"given": as_floats(given), "slopes": as_floats(tf.convert_to_tensor(slopes))}


@dataclass(frozen=True)
class Tensors(Kind):
    """A list of `count` tensors."""

    count: int

    def read(self, given: Any, call: Call | None = None) -> list:
        """Return a list of nested lists of floats."""
        if not _is_list(given) or len(given) != self.count:
            raise self.refused(given, call)
        if len(given) == 2 and _is_list(given[0]) and isinstance(as_floats(given[1]), float):
            raise wrong_kind("This is a list and its norm. Return the list alone.")
        tensors = list(map(as_floats, given))
        for entry, tensor in zip(given, tensors, strict=True):
            if tensor is None:
                raise wrong_kind(f"A list of tensors is asked for; yours holds {kind_of(entry)}.")
        return tensors


def plain(answer: Any) -> Any:
    """Return arrays, tensors and tuples as lists, and what holds one number as that number."""
    if isinstance(answer, (tf.Tensor, tf.Variable)):
        answer = answer.numpy()
    if isinstance(answer, (np.ndarray, np.generic)):
        return answer.tolist()
    return [plain(entry) for entry in answer] if _is_list(answer) else answer


def as_floats(answer: Any) -> Any:
    """Return a number, or lists of them that could be one tensor, as floats; None for all else."""
    if isinstance(answer, (tf.Tensor, tf.Variable)):
        answer = answer.numpy()
    # One by one, the three million grey values of the digits would take seconds.
    if type(answer) is np.ndarray and answer.dtype.kind in "iuf":
        return answer.astype(float).tolist()
    answer = answer if _is_list(answer) else plain(answer)
    if _is_list(answer):
        numbers = [as_floats(entry) for entry in answer]
        is_tensor = None not in numbers and len(set(map(np.shape, numbers))) < 2
        return numbers if is_tensor else None
    is_number = isinstance(answer, (Real, Decimal)) and not isinstance(answer, bool)
    if not is_number:
        return None
    try:
        return float(answer)
    except OverflowError:  # an int may have any number of digits
        return float_info.max if answer > 0 else -float_info.max


def above_zero(name: str, given: Any) -> float:
    """Return a finite number above 0 as a float; raise the verdict, which names it, on all else."""
    number = as_floats(given)
    if not isinstance(number, float) or not 0 < number < inf:
        raise wrong_kind(f"{name} should be a number above 0; it is {given!r}.")
    return number


def kind_of(answer: Any) -> str:
    """Return what kind of thing an answer is, in words."""
    if isinstance(answer, (tf.Tensor, tf.Variable)) and answer.shape.rank:
        return f"a tensor of shape {tuple(answer.shape)} and type {answer.dtype.name}"
    if answer is None or isinstance(plain(answer), float):
        return str(plain(answer))
    name = type(answer).__name__
    return f"{'an' if name[0] in 'aeioAEIO' or name == 'ndarray' else 'a'} {name}"


def shown(value: Any, unlike: Any = None) -> str:
    """Return numbers, in lists or alone, to four digits, or to as many as tell them from others."""
    for digits in (4, 8, 17):
        text = _written(value, digits)
        if text != _written(unlike, digits):
            break
    return text


def _written(value: Any, digits: int) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_written(entry, digits) for entry in value)}]"
    # Adding 0 makes -0 a 0.
    return f"{value + 0:.{digits}g}" if type(value) in (int, float) else str(value)


def _is_list(answer: Any) -> bool:
    return isinstance(answer, (list, tuple))
