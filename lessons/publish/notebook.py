"""Notebooks: found, read, and run in a kernel of their own."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from lessons.publish.cells import without_colours
from lessons.publish.kernel import PROBLEM_TYPE, PROGRESS_TYPE

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


class NotebookError(RuntimeError):
    """A notebook cannot be stored or published: it is damaged, or raises, or writes to stderr."""


def find(paths: Sequence[Path]) -> list[Path]:
    """Return the notebooks among `paths`, and those directly inside folders among them, sorted.

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


def read(text: bytes, name: str) -> NotebookNode:
    """Return the notebook in a file with this content.

    Args:
        text: The content.
        name: What it is called in messages.

    Raises:
        NotebookError: It is not a notebook.
    """
    try:
        decoded = text.decode()
        if not decoded.lstrip().startswith("{"):
            raise ValueError("it does not begin with a brace, as every notebook does")
        notebook = nbformat.reads(decoded, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # the library raises what it happens to run into
        why = str(error).partition("\n")[0]
        raise NotebookError(
            f"{name} is damaged: {why}. Take an earlier version of the file, or mend its text"
        ) from error
    return notebook


class _Client(NotebookClient):
    """Runs a notebook; what its scenes say about their progress is passed on, and not stored.

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

    async def async_start_new_kernel_client(self) -> Any:
        try:
            return await super().async_start_new_kernel_client()
        except RuntimeError:
            # Between choosing its ports and opening them, another program can take one.
            self.km = self.create_kernel_manager()
            await self.async_start_new_kernel()
            return await super().async_start_new_kernel_client()

    def process_message(self, msg: dict, cell: NotebookNode, cell_index: int) -> Any:
        progress = msg["content"].get("data", {}).get(PROGRESS_TYPE)
        if msg["msg_type"] == "display_data" and progress is not None:
            self._on_progress(progress)
            return None
        return super().process_message(msg, cell, cell_index)


async def run(
    notebook: NotebookNode,
    name: str,
    folder: Path,
    *,
    kernel_arguments: Sequence[str] = (),
    seconds_a_cell: int,
    on_progress: Callable[[dict], None] = lambda progress: None,
) -> NotebookNode:
    """Return `notebook` with the outputs of a fresh kernel started in `folder`.

    Args:
        notebook: What is run; it is changed.
        name: What it is called in messages.
        folder: Where its kernel starts.
        kernel_arguments: What the kernel is started with, beyond what every kernel gets.
        seconds_a_cell: A cell that takes longer has failed.
        on_progress: Told what scenes say about how far they are.

    Raises:
        NotebookError: A cell raised, took too long, ended its kernel, shows a scene that cannot be
            embedded, or wrote to stderr, which no reader is meant to see.
    """
    client = _Client(
        notebook,
        on_progress,
        timeout=seconds_a_cell,
        kernel_name=KERNEL["name"],
        extra_arguments=["--IPKernelApp.log_level=ERROR", *kernel_arguments],
        # Once a notebook has run, nothing in its kernel is worth waiting for.
        shutdown_kernel="immediate",
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        done = await client.async_execute()
    except CellExecutionError as error:
        raise NotebookError(
            f"{name}, {client.at} raised:\n{without_colours(str(error))}"
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
    return done


def _faults(place: int, cell: NotebookNode) -> Iterator[str]:
    """Yield what is wrong with the outputs of a cell."""
    for output in cell.get("outputs", []):
        if output.get("name") == "stderr":
            yield f"cell {place} ({cell.id!r}) wrote to stderr:\n{output.text}"
        elif problem := output.get("data", {}).get(PROBLEM_TYPE):
            yield f"cell {place} ({cell.id!r}): {problem}"
