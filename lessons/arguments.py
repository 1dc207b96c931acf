"""Errors for an argument that a function cannot take: its name, its value, and what would do."""

from collections.abc import Collection
from math import isfinite
from numbers import Integral, Real
from typing import Any


def check_choice(name: str, value: Any, known: Collection) -> None:
    """Raise a ValueError unless `value` is one of `known`."""
    if value not in known:
        raise ValueError(f"{name} is {value!r}. It should be one of {', '.join(map(repr, known))}.")


def check_integer(name: str, value: Any, low: int, high: int) -> None:
    """Raise a ValueError unless `value` is a whole number from `low` to `high`."""
    if not isinstance(value, Integral) or isinstance(value, bool) or not low <= int(value) <= high:
        raise ValueError(f"{name} is {value!r}. It should be a whole number from {low} to {high}.")


def check_positive(name: str, value: Any) -> None:
    """Raise a ValueError unless `value` is a finite number above 0."""
    if not isinstance(value, Real) or not (isfinite(value) and float(value) > 0):
        raise ValueError(f"{name} is {value!r}. It should be a finite number above 0.")
