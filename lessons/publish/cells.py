"""What the cells of a notebook are for, and what they show."""

import re
from collections.abc import Sequence

from nbformat import NotebookNode

from lessons.publish.kernel import QUESTION_TYPE

_FOLDED = re.compile(r"<details><summary><b>(.+?)</b></summary>\n\n(.*)\n\n</details>", re.DOTALL)
_COLOURS = re.compile(r"\x1b\[[\d;]*m")


def kind_of(cell: NotebookNode) -> str:
    """Return what a cell is on a slide: slide, subslide, fragment, skip, notes or -."""
    return cell.metadata.get("slideshow", {}).get("slide_type") or "-"


def has_tag(cell: NotebookNode, tag: str) -> bool:
    """Return whether a cell has a tag: such as *exercise*, *solution* or *navigation*."""
    return tag in cell.metadata.get("tags", [])


def with_tag(cells: Sequence[NotebookNode], tag: str) -> list[NotebookNode]:
    """Return the cells that have a tag."""
    return [cell for cell in cells if has_tag(cell, tag)]


def is_task(cell: NotebookNode) -> bool:
    """Return whether a text asks to move a slider, which its id says by its end."""
    return cell.cell_type == "markdown" and cell.id.endswith("-task") and kind_of(cell) != "notes"


def has_sliders(cell: NotebookNode) -> bool:
    """Return whether a cell shows a scene with sliders."""
    return cell.cell_type == "code" and cell.source.startswith("explore(")


def is_for_notebooks(cell: NotebookNode) -> bool:
    """Return whether a cell is of use in a notebook only, such as a word on how to run it."""
    return has_tag(cell, "navigation") or has_tag(cell, "notebook-only")


def is_picture(cell: NotebookNode) -> bool:
    """Return whether a cell does nothing but show a scene."""
    return cell.cell_type == "code" and cell.source.startswith(("explore(", "show("))


def question(output: NotebookNode) -> NotebookNode | None:
    """Return what a page asks in place of an output, its kind and its table; None if nothing."""
    return output.get("data", {}).get(QUESTION_TYPE)


def asks(*cells: NotebookNode) -> bool:
    """Return whether any of the cells asks for an answer that can be given on a page."""
    return any(question(output) for cell in cells for output in cell.get("outputs", []))


def title_of(cells: Sequence[NotebookNode]) -> str:
    """Return the first heading of a notebook, as plain words."""
    for cell in cells:
        found = re.search(r"^# +(.+)$", cell.source, re.MULTILINE)
        if cell.cell_type == "markdown" and found:
            return found.group(1).strip()
    return "Untitled"


def opening(source: str) -> str:
    """Return what the first cell says below the title: minutes, and what one will be able to do."""
    return re.sub(r"^# .*\n+", "", source)


def unfolded(source: str) -> str:
    """Return the Markdown of a text cell, its heading in front where a notebook folds it."""
    return _FOLDED.sub(r"**\1.** \2", source)


def without_colours(text: str) -> str:
    """Return what a terminal would show in colours, such as a traceback, as plain text."""
    return _COLOURS.sub("", text)


def printed(output: NotebookNode) -> str:
    """Return the text of an output, for one that is no picture."""
    if output.output_type == "stream":
        return output.text.rstrip()
    if output.output_type == "error":
        return without_colours("\n".join(output.traceback)).rstrip()
    return output.data.get("text/plain", "").rstrip()
