"""Run a function in a Python process of its own; lecture 6 divides a processor into two devices."""

import inspect
import subprocess
import sys
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def run_alone(function: Callable[[], None]) -> None:
    """Run a function in a Python process of its own, and print what it prints there.

    For what has to be settled before TensorFlow starts, such as how many devices there are.

    Args:
        function: It takes nothing, and imports all that it needs.

    Raises:
        RuntimeError: The process failed; the message is what it left behind.
    """
    source = textwrap.dedent(inspect.getsource(function))
    # lessons comes first, as in a notebook: it asks TensorFlow to keep its log to itself.
    print(_printed_alone(f"import lessons\n\n{source}\n\n{function.__name__}()"), end="")


@cache
def _printed_alone(source: str) -> str:
    # From the folder of the lectures, so that `import lessons` works there too.
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, cwd=_ROOT, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout
