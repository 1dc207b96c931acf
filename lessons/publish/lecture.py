"""A notebook on its way to what is handed out; what was run or made before is not redone."""

import base64
import hashlib
import json
import time
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import nbformat
from nbformat import NotebookNode

from lessons.explorable.cache import package_key
from lessons.files import write_whole
from lessons.publish import resources
from lessons.publish.cards import StoredPicture
from lessons.publish.cells import is_picture, title_of, with_tag, without_title
from lessons.publish.html import document
from lessons.publish.kernel import kernel_arguments
from lessons.publish.notebook import NotebookError, read, run

# A scene that trains may have hundreds of positions.
_SECONDS_A_CELL = 3600
# A file system may tell the time in steps as long as this.
_CLOCK_SECONDS = 2.0


class Say(Protocol):
    """Tells the builder, in words, how far something is."""

    def __call__(self, words: str, *, passing: bool = False) -> None:
        """Take words; those that are `passing` may be left out, for others follow soon."""


class Lecture:
    """A notebook, as it stood when the build began: what is edited later is for the next build.

    Args:
        path: The notebook.
        out: The folder in which everything is built.
        say: Takes what the builder should know.

    Attributes:
        name: What its files are called.
        title: Its first heading.
        has_answers: Whether it holds model answers.
        cache: Where everything is kept that need not be made twice.

    Raises:
        NotebookError: It is damaged, or empty.
    """

    def __init__(self, path: Path, out: Path, say: Say):
        self.path, self.out, self.say = path, out, say
        self.name, self.cache = path.stem, out / "cache"
        self.text = path.read_bytes()
        self._stored = read(self.text, path.name)
        if not self._stored.cells:
            raise NotebookError(f"{path.name} is empty: write a cell, and save it")
        self.title = title_of(self._stored.cells)
        self.has_answers = bool(with_tag(self._stored.cells, "solution"))
        self._programs = [cell for cell in self._stored.cells if cell.cell_type == "code"]
        code = [(cell.source, cell.metadata.get("tags")) for cell in self._programs]
        # A changed sentence does not change the key of a run.
        run_key = _hash(json.dumps(code).encode(), package_key())
        self._outputs = self.cache / "runs" / f"{self.name}-{run_key[:16]}.json"
        self._key = _hash(self.text, resources.cache_key().encode())

    async def run(self) -> None:
        """Run the notebook with its scenes embedded, unless that has been done.

        Raises:
            NotebookError: It is damaged, or a cell failed, or a scene cannot be embedded.
        """
        if self._outputs.is_file():
            return
        self.say(f"{self.name}: starting its kernel")
        # A folder for each notebook: a file that a whole run of it did not use is no longer needed.
        scenes = (self.cache / "scenes" / self.name).resolve()
        begun = time.time() - _CLOCK_SECONDS
        done = await run(
            read(self.text, self.path.name),
            self.path.name,
            self.path.parent,
            kernel_arguments=kernel_arguments(scenes),
            seconds_a_cell=_SECONDS_A_CELL,
            on_progress=lambda progress: self.say(
                f"{self.name}: {_in_words(progress)}", passing=True
            ),
        )
        outputs = [cell.outputs for cell in done.cells if cell.cell_type == "code"]
        write_whole(self._outputs, json.dumps(outputs))
        for scene in scenes.glob("*"):
            if scene.stat().st_mtime < begun:
                scene.unlink()
        for old in self._outputs.parent.glob(f"{self.name}-*.json"):
            if old != self._outputs:
                old.unlink()

    @cached_property
    def cells(self) -> list[NotebookNode]:
        """Its cells, with the outputs of its run.

        Raises:
            FileNotFoundError: It has not been run.
        """
        outputs = json.loads(self._outputs.read_text(encoding="utf-8"))
        for program, shown in zip(self._programs, outputs, strict=True):
            program.outputs = nbformat.from_dict(shown)
        return self._stored.cells

    def document(self, template: str, **given: Any) -> str:
        """Return the lecture, which has run, in one of the templates, filled with what is `given`.

        Raises:
            NotebookError: Formulas or pictures cannot be shown; a line names each.
        """
        kept = self.cache / "fonts" / f"{self.name}-{template}.css"
        try:
            return document(template, self.cells, self.path.parent, kept_fonts=kept, **given)
        except NotebookError as error:
            lines = [f"{self.path.name}, {line}" for line in str(error).splitlines()]
            raise NotebookError("\n".join(lines)) from error

    def about(self) -> NotebookNode:
        """Return the first cell without the title: minutes, and what one will be able to do."""
        first = self._stored.cells[0]
        return NotebookNode(first | {"source": without_title(first.source)})

    def stored_pictures(self) -> list[StoredPicture]:
        """Return the pictures that its scenes left in the notebook, in order."""
        shown = [cell for cell in read(self.text, self.path.name).cells if is_picture(cell)]
        return [
            StoredPicture(base64.b64decode(packed), output.metadata["image/png"]["alt"])
            for output in (output for cell in shown for output in cell.outputs)
            if (packed := output.get("data", {}).get("image/png"))
        ]

    @property
    def number(self) -> str:
        """Its number in the series, with which its name begins; empty if there is none."""
        first = self.name.partition("_")[0]
        return str(int(first)) if first.isdecimal() else ""

    def is_made(self, target: Path, **given: Any) -> bool:
        """Return whether `target` exists, made from this lecture and from what is `given`."""
        stamp = self._stamp(target)
        if not (target.is_file() and stamp.is_file()):
            return False
        return stamp.read_text(encoding="utf-8") == self._state(target, given)

    def mark_made(self, target: Path, **given: Any) -> None:
        """Remember what `target` was made from."""
        write_whole(self._stamp(target), self._state(target, given))

    def _stamp(self, target: Path) -> Path:
        return self.cache / "made" / f"{target.parent.name}-{target.name}"

    def _state(self, target: Path, given: dict[str, Any]) -> str:
        return _hash(self._key.encode(), json.dumps(given).encode(), target.read_bytes())


def _hash(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _in_words(progress: dict[str, Any]) -> str:
    left = f"{progress['seconds']:.0f} s left"
    if not progress["done"]:
        return (
            f"{progress['scene']}: {progress['total']:,} positions, "
            f"about {progress['bytes'] / 1024:,.0f} KB, {left}"
        )
    return f"{progress['scene']}: {progress['done']:,} of {progress['total']:,} positions, {left}"
