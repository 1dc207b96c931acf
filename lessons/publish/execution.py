"""Notebooks, run with their scenes frozen; what was run before is not run again."""

import hashlib
import time
from pathlib import Path
from typing import Any, Protocol

import nbformat
from nbformat import NotebookNode

from lessons.explorable.cache import of_code
from lessons.files import write_whole
from lessons.publish.kernel import kernel_arguments
from lessons.publish.normalise import executed, parsed

# A scene that trains may have hundreds of positions.
_SECONDS_A_CELL = 3600
# A file system may tell the time in steps as long as this.
_CLOCK_SECONDS = 2.0


class Report(Protocol):
    """Told, in words, how far something is."""

    def __call__(self, words: str, *, passing: bool = False) -> None:
        """Take words; those that are `passing` may be left out, for others follow soon."""


def frozen_notebook(path: Path, cache: Path, report: Report) -> NotebookNode:
    """Return a notebook whose scenes move without a kernel.

    Args:
        path: The notebook.
        cache: Folder for what need not be computed a second time.
        report: Told, in words, how far it is.

    Raises:
        NotebookError: It is damaged, or a cell failed, or a scene cannot be embedded.
    """
    text = path.read_bytes()
    kept = cache / "notebooks" / f"{path.stem}-{digest(text, path.name)}.ipynb"
    if kept.is_file():
        return nbformat.read(kept, as_version=4)
    report("starting its kernel")
    # A folder for each notebook: what a whole run of it did not use, nothing uses any more.
    scenes = (cache / "scenes" / path.stem).resolve()
    begun = time.time() - _CLOCK_SECONDS
    notebook = executed(
        parsed(text, path.name),
        path.name,
        path.parent,
        kernel_arguments=kernel_arguments(scenes),
        seconds_a_cell=_SECONDS_A_CELL,
        on_progress=lambda progress: report(_in_words(progress), passing=True),
    )
    write_whole(kept, nbformat.writes(notebook, version=nbformat.NO_CONVERT))
    for scene in scenes.glob("*"):
        if scene.stat().st_mtime < begun:
            scene.unlink()
    for old in kept.parent.glob(f"{path.stem}-*.ipynb"):
        if old != kept:
            old.unlink()
    return notebook


def digest(text: bytes, name: str) -> str:
    """Return what tells a run of a notebook with this text from all others.

    Args:
        text: Of the notebook's file.
        name: What it is called in messages.

    Raises:
        NotebookError: It is no notebook.
    """
    cells = parsed(text, name).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    return hashlib.sha256(text + of_code(code)).hexdigest()[:16]


def _in_words(progress: dict[str, Any]) -> str:
    left = f"{progress['seconds']:.0f} s left"
    if not progress["done"]:
        return (
            f"{progress['scene']}: {progress['total']:,} positions, "
            f"about {progress['bytes'] / 1024:,.0f} KB, {left}"
        )
    return f"{progress['scene']}: {progress['done']:,} of {progress['total']:,} positions, {left}"
