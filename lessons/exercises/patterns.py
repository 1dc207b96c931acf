"""Patterns: the answers in a table, as plain data, and what fits them."""

from dataclasses import dataclass
from math import inf, isclose, isnan
from typing import Any

# How far a number may be from the one in the table: relative to it, and at zero.
TOLERANCE, NEAR_ZERO = 1e-4, 1e-8


@dataclass(frozen=True)
class Between:
    """Every number from `low` to `high`, both included."""

    low: float = -inf
    high: float = inf


# Whatever is not None.
ANY = object()


def matches(pattern: Any, value: Any) -> bool:
    """Return whether `value`, as a kind of answer has read it, fits `pattern`.

    Lists fit entry by entry; in a dict only the entries that the pattern names count. A pattern
    that is not a dict is compared with the first entry.
    """
    if isinstance(pattern, dict):
        return all(matches(entry, value[name]) for name, entry in pattern.items())
    if isinstance(value, dict):
        value = next(iter(value.values()))
    if pattern is ANY:
        return value is not None
    if isinstance(pattern, list):
        same_length = isinstance(value, list) and len(value) == len(pattern)
        return same_length and all(map(matches, pattern, value))
    if not isinstance(value, float):
        return value == pattern
    if isinstance(pattern, Between):
        return pattern.low <= value <= pattern.high
    near = isclose(value, pattern, rel_tol=TOLERANCE, abs_tol=NEAR_ZERO)
    return near or (isnan(value) and isnan(pattern))
