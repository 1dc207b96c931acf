"""A student's answers to the exercises of a lecture: the cells that give them, in a small file."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from IPython import get_ipython

from lessons.exercises.checks import checks_of, progress
from lessons.files import write_whole

_IMPORT = re.compile(r"^from lessons\.exercises import (\w+) as check$", re.MULTILINE)
_CALL = re.compile(r"^check\.(\w+)\(", re.MULTILINE)
# How the names of the files that `hand_in` writes end.
ENDING = ".answers.json"
_LARGEST_FILE = 20_000_000


class UnreadableError(ValueError):
    """A file holds no answers."""


def answering(cells: Iterable[str]) -> tuple[str, list[str]]:
    """Pick the cells that answer exercises.

    Args:
        cells: The sources of code cells, in the order in which they ran.

    Returns:
        The lecture, and the cells: first the last one that imports its checks, then for each
        exercise the last one that calls its check.

    Raises:
        UnreadableError: No cell imports the checks of a lecture.
    """
    imports: str | None = None
    calls: dict[str, str] = {}
    for cell in cells:
        if _IMPORT.search(cell):
            imports = cell
        elif found := _CALL.findall(cell):
            # If a cell calls several, the notebook shows the last, so that one is judged.
            calls.pop(found[-1], None)
            calls[found[-1]] = cell
    if imports is None:
        raise UnreadableError("no cell imports the checks of a lecture")
    return _IMPORT.findall(imports)[-1], [imports, *calls.values()]


def read(path: Path) -> tuple[str, list[str]]:
    """Return the lecture and the answering cells of a notebook or of a file of `hand_in`.

    Raises:
        UnreadableError: The file holds no answers; the message says why.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise UnreadableError(f"larger than {_LARGEST_FILE // 10**6} MB")
        stored = json.loads(path.read_bytes())
        cells = [cell for cell in stored["cells"] if cell["cell_type"] == "code"]
        return answering("".join(cell["source"]) for cell in cells)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError(f"not a notebook or a file from hand_in ({error!r:.80})") from error


def hand_in(lecture: ModuleType) -> None:
    """Print which exercises of a lecture are done, and write the answers to a file in this folder.

    Args:
        lecture: Its checks, as the notebook imports them.

    Raises:
        RuntimeError: Called outside a notebook, where nobody remembers the cells.
    """
    shell = get_ipython()
    if shell is None:
        raise RuntimeError("hand_in collects the cells of a notebook: call it in one")
    name, cells = answering(shell.user_ns["In"])
    path = Path(name + ENDING)
    as_notebook = {"cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    write_whole(path, json.dumps(as_notebook, ensure_ascii=False, indent=1) + "\n")
    print(progress(checks_of(lecture)))
    print(f"Your answers are in {path}. Put your name before the file's name, and hand it in.")
