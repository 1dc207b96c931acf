"""Run notebooks and write them so that a diff shows what a person changed.

``python -m lessons.publish.normalise notebooks`` executes every notebook of the folder in place;
with ``--check`` it runs nothing, changes nothing, and fails if a file is not as it would write it.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from lessons.files import write_whole
from lessons.publish.kernel import PROBLEM_TYPE, PROGRESS_TYPE

_SECONDS_A_CELL = 120
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_COLOURS = re.compile(r"\x1b\[[\d;]*m")
_KEPT_CELL_METADATA = ("jupyter", "slideshow", "tags")
# A view without its state shows as an error; the PNG beside it shows what the widget would.
_WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class NotebookError(RuntimeError):
    """A notebook cannot be stored or published: it is damaged, or raises, or writes to stderr."""


def find(paths: Sequence[Path]) -> list[Path]:
    """Return the notebooks among `paths`, and those directly inside of its folders, sorted.

    Raises:
        FileNotFoundError: A path does not exist, or a folder holds no notebook.
    """
    found = []
    for path in paths:
        inside = sorted(path.glob("*.ipynb")) if path.is_dir() else [path]
        if not inside or not inside[0].is_file():
            raise FileNotFoundError(f"{path}: there is no notebook")
        found += inside
    return found


def parsed(text: bytes, name: str) -> NotebookNode:
    """Return the notebook in a file with this content.

    Args:
        text: The content.
        name: What it is called in messages.

    Raises:
        NotebookError: It is no notebook.
    """
    try:
        notebook = nbformat.reads(text.decode(), as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # the library raises what it happens to run into
        why = str(error).partition("\n")[0]
        raise NotebookError(
            f"{name} is damaged: {why}. Take an earlier version of the file, or mend its text"
        ) from error
    return notebook


def normal(notebook: NotebookNode) -> NotebookNode:
    """Return a copy of `notebook` with what changes from run to run left out."""
    numbers = count(1)
    cells = [_normal_cell(cell, numbers) for cell in notebook.cells]
    metadata = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    return nbformat.from_dict(
        {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    )


def _normal_cell(cell: NotebookNode, numbers: Iterator[int]) -> dict:
    metadata = {key: cell.metadata[key] for key in _KEPT_CELL_METADATA if key in cell.metadata}
    if metadata.get("slideshow", {}).get("slide_type") == "-":
        # A cell that goes on where the last one ended says nothing: jupyterlab-slideshow would hide
        # one that says so.
        del metadata["slideshow"]
    kept = {"cell_type": cell.cell_type, "id": cell.id, "metadata": metadata, "source": cell.source}
    if cell.cell_type == "code":
        # As if run once from top to bottom: nbval takes outputs without a number for unrun.
        number = next(numbers)
        outputs = [_normal_output(output, number) for output in cell.outputs]
        kept |= {"execution_count": number, "outputs": outputs}
    return kept


def _normal_output(output: NotebookNode, number: int) -> dict:
    kept = dict(output)
    if "execution_count" in kept:
        kept["execution_count"] = number
    if "data" in kept:
        kept["data"] = {kind: data for kind, data in output.data.items() if kind != _WIDGET_VIEW}
    return kept


def as_text(notebook: NotebookNode) -> str:
    """Return the text of a notebook's file, the same on every platform."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT, ensure_ascii=False) + "\n"


class _Client(NotebookClient):
    """Runs a notebook; what its scenes say of their progress is told, and not stored.

    Attributes:
        at: The number, counted from the top, and the id of the cell that ran last.
    """

    def __init__(self, notebook: NotebookNode, on_progress: Callable[[dict], None], **settings):
        super().__init__(notebook, **settings)
        self._on_progress = on_progress
        self.at = "before its first cell"
        self.on_cell_start = self._remember

    def _remember(self, cell: NotebookNode, cell_index: int) -> None:
        self.at = f"cell {cell_index + 1} ({cell.id!r})"

    def process_message(self, msg: dict, cell: NotebookNode, cell_index: int) -> Any:
        progress = msg["content"].get("data", {}).get(PROGRESS_TYPE)
        if msg["msg_type"] == "display_data" and progress is not None:
            self._on_progress(progress)
            return None
        return super().process_message(msg, cell, cell_index)


def executed(
    notebook: NotebookNode,
    name: str,
    folder: Path,
    *,
    kernel_arguments: Sequence[str] = (),
    seconds_a_cell: int = _SECONDS_A_CELL,
    on_progress: Callable[[dict], None] = lambda progress: None,
) -> NotebookNode:
    """Return `notebook` in normal form, with the outputs of a fresh kernel started in `folder`.

    Args:
        notebook: What is run; it is changed.
        name: What it is called in messages.
        folder: Where its kernel starts.
        kernel_arguments: What the kernel is started with, beside what every kernel is.
        seconds_a_cell: A cell that takes longer has failed.
        on_progress: Told what scenes say of how far they are.

    Raises:
        NotebookError: A cell raised, took too long, ended its kernel, shows a scene that cannot be
            embedded, or wrote to stderr, which no reader is meant to see.
    """
    client = _Client(
        notebook,
        on_progress,
        timeout=seconds_a_cell,
        kernel_name=_KERNEL["name"],
        extra_arguments=["--IPKernelApp.log_level=ERROR", *kernel_arguments],
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        # Its own way to run leaves an event loop open in every thread that it is used in.
        done = asyncio.run(client.async_execute())
    except CellExecutionError as error:
        raise NotebookError(
            f"{name}, {client.at} raised:\n{_COLOURS.sub('', str(error))}"
        ) from error
    except CellTimeoutError as error:
        raise NotebookError(
            f"{name}, {client.at} took longer than {seconds_a_cell} s: let it compute less"
        ) from error
    except DeadKernelError as error:
        raise NotebookError(
            f"{name}, {client.at}: its kernel died, most likely for want of memory: close other "
            "programs, and try again"
        ) from error
    cells = enumerate(done.cells, start=1)
    if faults := [fault for place, cell in cells for fault in _faults(place, cell)]:
        raise NotebookError("\n".join(f"{name}, {fault}" for fault in faults))
    return normal(done)


def _faults(place: int, cell: NotebookNode) -> Iterator[str]:
    """Yield what is wrong with the outputs of a cell."""
    for output in cell.get("outputs", []):
        if output.get("name") == "stderr":
            yield f"cell {place} ({cell.id!r}) wrote to stderr:\n{output.text}"
        elif problem := output.get("data", {}).get(PROBLEM_TYPE):
            yield f"cell {place} ({cell.id!r}): {problem}"


def write_executed(path: Path) -> bool:
    """Execute the notebook at `path` in place; return whether its file changed.

    Raises:
        NotebookError: The notebook cannot be stored; its file stays as it was.
    """
    notebook = parsed(path.read_bytes(), path.name)
    before = path.read_text(encoding="utf-8")
    after = as_text(executed(notebook, path.name, path.parent))
    if after == before:
        return False
    write_whole(path, after)
    return True


def is_normal(path: Path) -> bool:
    """Return whether `path` is as `write_executed` writes it, its outputs taken as given.

    Raises:
        NotebookError: The file holds no notebook.
    """
    notebook = parsed(path.read_bytes(), path.name)
    return path.read_text(encoding="utf-8") == as_text(normal(notebook))


def main(arguments: Sequence[str] | None = None) -> int:
    """Normalise the notebooks named on the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m lessons.publish.normalise", description=__doc__
    )
    parser.add_argument("paths", nargs="+", type=Path, help="notebooks, or folders of them")
    parser.add_argument("--check", action="store_true", help="change nothing, only say")
    options = parser.parse_args(arguments)
    try:
        notebooks = find(options.paths)
        if options.check:
            return _report_abnormal(notebooks)
        for path in notebooks:
            print(f"{path}: {'written' if write_executed(path) else 'unchanged'}", flush=True)
    except (FileNotFoundError, NotebookError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _report_abnormal(notebooks: Sequence[Path]) -> int:
    abnormal = [path for path in notebooks if not is_normal(path)]
    for path in abnormal:
        print(f"{path} is not normal: run `make notebooks`", file=sys.stderr)
    return 1 if abnormal else 0


if __name__ == "__main__":
    sys.exit(main())
