"""Run a function in a Python process of its own; lecture 6 divides a processor into two devices."""

import inspect
import subprocess
import sys
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).parents[1]


def run_alone(function: Callable[[], None]) -> None:
    """Run a function in a Python process of its own, and print what it prints there, warnings too.

    For what has to be settled before TensorFlow starts, such as how many devices there are.

    Args:
        function: It takes nothing, and imports all that it needs.

    Raises:
        RuntimeError: The process failed; the message is what it left behind.
    """
    source = textwrap.dedent(inspect.getsource(function))
    # lessons comes first, as in a notebook: it asks TensorFlow to keep its log to itself.
    printed, warned = _written_alone(f"import lessons\n\n{source}\n\n{function.__name__}()")
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
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout, done.stderr
