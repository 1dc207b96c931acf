"""Run notebooks and write them so that a diff shows what a person changed.

``python -m lessons.publish.normalise notebooks`` executes every notebook of the folder in place.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from lessons.explorable.live import WIDGET_VIEW
from lessons.files import write_whole
from lessons.publish.hosts import for_hosts, repository
from lessons.publish.notebook import KERNEL, NotebookError, find, read, run

_SECONDS_A_CELL = 120
_KEPT_CELL_METADATA = ("jupyter", "slideshow", "tags")


def normal(notebook: NotebookNode) -> NotebookNode:
    """Return a copy of `notebook` with what changes from run to run left out."""
    numbers = count(1)
    cells = [_normal_cell(cell, numbers) for cell in notebook.cells]
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return nbformat.from_dict(
        {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    )


def _normal_cell(cell: NotebookNode, numbers: Iterator[int]) -> dict:
    metadata = {key: cell.metadata[key] for key in _KEPT_CELL_METADATA if key in cell.metadata}
    if metadata.get("slideshow", {}).get("slide_type") == "-":
        # A cell that goes on where the last one ended is stored without its type "-":
        # jupyterlab-slideshow would hide a cell of that type.
        del metadata["slideshow"]
    kept = {"cell_type": cell.cell_type, "id": cell.id, "metadata": metadata, "source": cell.source}
    if cell.get("attachments"):
        kept["attachments"] = cell.attachments
    if cell.cell_type == "code":
        # As if run once from top to bottom: nbval takes a cell without a number for one not run.
        number = next(numbers)
        outputs = [_normal_output(output, number) for output in cell.outputs if _is_kept(output)]
        kept |= {"execution_count": number, "outputs": outputs}
    return kept


def _is_kept(output: NotebookNode) -> bool:
    # A view without its state shows as an error; the PNG before it shows what the widget would.
    return set(output.get("data", {})) != {WIDGET_VIEW}


def _normal_output(output: NotebookNode, number: int) -> dict:
    kept = dict(output)
    if "execution_count" in kept:
        kept["execution_count"] = number
    if "data" in kept:
        kept["data"] = {kind: data for kind, data in output.data.items() if kind != WIDGET_VIEW}
    return kept


def as_text(notebook: NotebookNode) -> str:
    """Return the text of a notebook's file, the same on every platform."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT, ensure_ascii=False) + "\n"


def write_executed(path: Path) -> bool:
    """Execute the notebook at `path` in place; return whether its file changed.

    Raises:
        NotebookError: The notebook cannot be stored, or the address of the repository is not one
            that hosts can open; the file stays as it was.
    """
    notebook = read(path.read_bytes(), path.name)
    before = path.read_text(encoding="utf-8")
    notebook = for_hosts(notebook, path.name, repository())
    done = run(notebook, path.name, path.parent, seconds_a_cell=_SECONDS_A_CELL)
    after = as_text(normal(asyncio.run(done)))
    if after == before:
        return False
    write_whole(path, after)
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    """Normalise the notebooks named on the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m lessons.publish.normalise", description=__doc__
    )
    parser.add_argument("paths", nargs="+", type=Path, help="notebooks, or folders of them")
    options = parser.parse_args(arguments)
    try:
        for path in find(options.paths):
            print(f"{path}: {'written' if write_executed(path) else 'unchanged'}", flush=True)
    except (OSError, NotebookError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; the notebook that was running is as it was.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
