"""Run a function in a Python process of its own; lecture 8 splits a processor into two devices."""

import inspect
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path

from lessons import ASKED_OF_TENSORFLOW

_ROOT = Path(__file__).parents[1]


def run_alone(function: Callable[[], None]) -> None:
    """Run a function in a Python process of its own, and print what it prints there, warnings too.

    For what has to be settled before TensorFlow starts, such as how many devices there are.

    Args:
        function: It takes nothing, and imports all that it needs.

    Raises:
        RuntimeError: The process failed; the message is what it wrote to stderr.
    """
    source = textwrap.dedent(inspect.getsource(function))
    printed, warned = _written_alone(f"{source}\n\n{function.__name__}()")
    print(printed, end="")
    print(warned, end="", file=sys.stderr)


@cache
def _written_alone(source: str) -> tuple[str, str]:
    """Return what Python code writes to stdout and to stderr."""
    done = subprocess.run(
        # Without this, a pipe has the local code page on Windows, which lacks most symbols.
        [sys.executable, "-X", "utf8", "-c", source],
        capture_output=True,
        encoding="utf-8",
        # From the folder of the lectures, so that `import lessons` works there too.
        cwd=_ROOT,
        # The reader's own environment may ask TensorFlow for its log, which would be printed here.
        env=os.environ | ASKED_OF_TENSORFLOW,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout, done.stderr
