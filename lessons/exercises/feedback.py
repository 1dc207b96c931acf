"""What a check says: a verdict and a hint."""

from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any


class Verdict(Enum):
    """How far an answer has come."""

    MISSING = "○ No answer yet."
    KIND = "△ Not the kind of answer that is asked for."
    WRONG = "✗ Not yet."
    RIGHT = "✓ Right."


@dataclass(frozen=True)
class Feedback:
    """What the `check` of an exercise returns; as the last line of a cell it shows itself."""

    verdict: Verdict
    hint: str
    check: Any

    @property
    def is_right(self) -> bool:
        """Whether nothing is left to do."""
        return self.verdict is Verdict.RIGHT

    def __repr__(self) -> str:
        """Return the words that a student reads."""
        return f"{self.verdict.value} {self.hint}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # An exercise counts as done once the notebook shows that it is. The model answers below
        # the exercises are asserted and show nothing, so that running all cells marks nothing.
        printer.text(repr(self) + (self.check.mark_done() if self.is_right else ""))


class Judged(Exception):  # noqa: N818 - a verdict is no error
    """Raised where an answer turns out not to be right, and caught by `Check`."""

    def __init__(self, verdict: Verdict, hint: str):
        super().__init__(hint)
        self.verdict, self.hint = verdict, hint


# Nothing is filled in yet; of a type or shape that the check cannot judge; not the right answer.
missing = partial(Judged, Verdict.MISSING)
wrong_kind = partial(Judged, Verdict.KIND)
wrong = partial(Judged, Verdict.WRONG)
