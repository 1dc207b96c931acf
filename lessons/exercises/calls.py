"""How a check calls what a student has written."""

import traceback
from collections.abc import Callable, Sequence
from typing import Any

from lessons.exercises.feedback import missing, wrong, wrong_kind
from lessons.exercises.kinds import kind_of


def call(function: Any, arguments: Sequence, at_none: str) -> tuple[Any, str]:
    """Call a student's function; return what it gives, and the function's name.

    Args:
        function: What the student handed to the check.
        arguments: What to call it with.
        at_none: What to add to the hint where a None among the arguments makes it raise.

    Raises:
        Judged: There is no function, or it raises.
    """
    if function is None:
        raise missing("Write the function, and put its name between the brackets of the check.")
    if not callable(function):
        raise wrong_kind(
            f"The check takes the function itself, not {kind_of(function)}: its name, without "
            "brackets after it."
        )
    name = getattr(function, "__name__", "your function")
    try:
        return function(*arguments), name
    except (Exception, SystemExit) as error:
        hint = f"{name} raised {type(error).__name__}: {error}"
        if at_none and "None" in str(error):
            hint = f"{hint.removesuffix('.')}. {at_none}"
        raise wrong(hint + _line_of(function, error)) from None


def _line_of(function: Callable, error: BaseException) -> str:
    """Return, on a line of its own, the line of a function's file or cell that raised an error."""
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.line for frame in frames if frame.filename == file and frame.line]
    return f"\nIt happened in this line: {lines[-1]}" if lines else ""
