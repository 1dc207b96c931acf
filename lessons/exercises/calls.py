"""How a check calls what a student has written."""

import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import tensorflow as tf

from lessons.exercises.feedback import missing, wrong, wrong_kind
from lessons.exercises.kinds import kind_of


def call(
    function: Any, arguments: Sequence, without: Sequence[Callable], at_none: str
) -> tuple[Any, str]:
    """Call a student's function; return what it gives, and the function's name.

    Args:
        function: What the student handed to the check.
        arguments: What to call it with.
        without: TensorFlow operations that it is asked to do without.
        at_none: What to say as well where a None among the arguments is in its way.

    Raises:
        Judged: There is no function, it raises, or it uses an operation of `without`.
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
        with _noticing(without) as used:
            got = function(*arguments)
    except (Exception, SystemExit) as error:
        hint = f"{name} raised {type(error).__name__}: {error}"
        if at_none and "None" in str(error):
            hint = f"{hint.removesuffix('.')}. {at_none}"
        raise wrong(hint + _line_of(function, error)) from None
    if used:
        raise wrong(f"{name} calls TensorFlow's {used[0]}. Here it should do without.")
    return got, name


def _line_of(function: Callable, error: BaseException) -> str:
    """Return the line of the file or cell of a function at which an error came up, on a new one."""
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.line for frame in frames if frame.filename == file and frame.line]
    return f"\nIt happened in this line: {lines[-1]}" if lines else ""


@contextmanager
def _noticing(operations: Sequence[Callable]) -> Iterator[list[str]]:
    """Note which of the operations run, whatever name they were imported by.

    They are known by their code. A function that TensorFlow has traced before would run without any
    Python, so all run eagerly meanwhile.
    """
    used: list[str] = []
    names = {inspect.unwrap(each).__code__: each.__name__ for each in operations}

    def notice(frame: Any, event: str, _: Any) -> None:
        if event == "call" and frame.f_code in names:
            used.append(names[frame.f_code])

    profiler, eager = sys.getprofile(), tf.config.functions_run_eagerly()
    if names:
        tf.config.run_functions_eagerly(True)
        sys.setprofile(notice)
    try:
        yield used
    finally:
        sys.setprofile(profiler)
        tf.config.run_functions_eagerly(eager)
