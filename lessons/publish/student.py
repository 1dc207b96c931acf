"""Pack the lectures for students, without model answers and lecturer's notes.

``python -m lessons.publish.student`` writes one zip. Unpacked, it is all that a student needs: the
notebooks, the Python behind them, the checks, and the command that opens them.
"""

import argparse
import io
import sys
import zipfile
from collections.abc import Iterator, Sequence
from copy import deepcopy
from pathlib import Path

import nbformat
from nbformat import NotebookNode, v4

from lessons.files import write_whole
from lessons.publish.cells import has_tag, slide_kind
from lessons.publish.nbgrader import course
from lessons.publish.normalise import as_text, normal
from lessons.publish.notebook import NotebookError, find, read

_ROOT = Path(__file__).parents[2]
_NOTEBOOKS = _ROOT / "notebooks"
_NAME = "clipping-lectures"
_ALSO = (
    "LICENSE",
    "Makefile",
    "assets",
    "environment.yml",
    "lessons",
    "make.py",
    "pyproject.toml",
    "requirements.lock",
)
_README = """# Clipping lectures

Interactive lectures on clipping tensors and gradients in TensorFlow. In this folder, type

```
make lecture
```

or, on Windows, `py make.py lecture`. The first time, it sets everything up, which takes a minute or
two, a network, and Python 3.11, 3.12 or 3.13. Then JupyterLab opens at
[`notebooks/00_start_here.ipynb`](notebooks/00_start_here.ipynb).

**To hand in.** The last cell of each lecture says which exercises are done, and writes your answers
to a small file beside the notebook. Put your name before the file's name, and hand it in. For each
exercise it holds the last cell that called the check, so let that cell hold everything it needs.
"""
# What is said of model answers, by the id of the cell, and what is said instead.
_INSTEAD = {
    "how-exercises-solutions": (
        "The last cell of each lecture writes your answers to a file, to be handed in."
    ),
    "exercises-how": (
        "Fill in your answer, run the cell, and read what the check says. The last cell of this "
        "notebook writes your answers to a file, to be handed in."
    ),
}
_HAND_IN = """from lessons.exercises.answers import hand_in

hand_in(check)"""
_UNSEEN = {"slideshow": {"slide_type": "skip"}}


def for_students(notebook: NotebookNode) -> NotebookNode:
    """Return a copy of a lecture's notebook without model answers and lecturer's notes.

    Where there are exercises, a cell at the end hands in the answers.
    """
    cells = []
    asked = False
    for cell in deepcopy(notebook.cells):
        if has_tag(cell, "solution") or slide_kind(cell) == "notes":
            continue
        cell.source = _INSTEAD.get(cell.id, cell.source)
        asked = asked or has_tag(cell, "exercise")
        if asked:
            # An experiment among the exercises would show what they ask for.
            cell.outputs = []
        cells.append(cell)
    if asked:
        last = len(cells) - has_tag(cells[-1], "navigation")
        cells.insert(last, v4.new_code_cell(_HAND_IN, id="hand-in", metadata=_UNSEEN))
    return normal(nbformat.from_dict({**notebook, "cells": cells}))


def _files() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each file that students get."""
    yield "README.md", _README.encode()
    for path in find([_NOTEBOOKS]):
        notebook = for_students(read(path.read_bytes(), path.name))
        yield f"notebooks/{path.name}", as_text(notebook).encode()
    for name in _ALSO:
        top = _ROOT / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            inside = path.relative_to(_ROOT)
            is_hidden = any(part.startswith(".") for part in inside.parts)
            if path.is_file() and path.suffix != ".pyc" and not is_hidden:
                yield inside.as_posix(), path.read_bytes()


def packed() -> bytes:
    """Return the zip.

    Raises:
        NotebookError: A notebook is damaged.
    """
    packing = io.BytesIO()
    with zipfile.ZipFile(packing, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _files():
            archive.writestr(f"{_NAME}/{name}", content)
    return packing.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the zip; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lessons.publish.student", description=__doc__)
    default = _ROOT / "build" / f"{_NAME}.zip"
    parser.add_argument("--out", type=Path, default=default, metavar="FILE", help="default: build")
    parser.add_argument(
        "--nbgrader", type=Path, metavar="FOLDER", help="write a course for nbgrader instead"
    )
    options = parser.parse_args(arguments)
    out = options.nbgrader or options.out
    try:
        if options.nbgrader:
            for name, text in course(find([_NOTEBOOKS])):
                write_whole(out / name, text)
        else:
            write_whole(out, packed())
    except (NotebookError, OSError) as error:
        print(f"lessons.publish.student: {error}", file=sys.stderr)
        return 1
    print(f"{out} is ready to hand out.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
