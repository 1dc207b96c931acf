"""What a notebook is made of: slides, notes, exercises and their model answers."""

import re
from dataclasses import dataclass, field

from nbformat import NotebookNode

SHOWN_ON_SLIDES = ("slide", "subslide", "fragment", "-")


@dataclass
class Slide:
    """One slide.

    Attributes:
        steps: Its cells: first those that stand there at once, then what each key press adds.
        notes: The cells that only the lecturer sees.
    """

    steps: list[list[NotebookNode]] = field(default_factory=lambda: [[]])
    notes: list[NotebookNode] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The id of its first cell, by which an author finds it."""
        return self.steps[0][0].id


def kind_of(cell: NotebookNode) -> str:
    """Return what a cell is on a slide: slide, subslide, fragment, skip, notes or -."""
    return cell.metadata.get("slideshow", {}).get("slide_type") or "-"


def columns(notebook: NotebookNode) -> list[list[Slide]]:
    """Return the slides of a notebook: each *slide* cell begins a column of them."""
    found: list[list[Slide]] = []
    for cell in notebook.cells:
        kind = kind_of(cell)
        if kind in ("slide", "subslide") or (not found and kind in SHOWN_ON_SLIDES):
            if kind == "slide" or not found:
                found.append([])
            found[-1].append(Slide([[cell]]))
        elif kind == "notes" and found:
            found[-1][-1].notes.append(cell)
        elif kind == "fragment":
            found[-1][-1].steps.append([cell])
        elif kind == "-":
            found[-1][-1].steps[-1].append(cell)
    return found


def title_of(notebook: NotebookNode) -> str:
    """Return the first heading of a notebook, as plain words."""
    for cell in notebook.cells:
        found = re.search(r"^# +(.+)$", cell.source, re.MULTILINE)
        if cell.cell_type == "markdown" and found:
            return found.group(1).strip()
    return "Untitled"


def is_picture(cell: NotebookNode) -> bool:
    """Return whether a cell does nothing but show a scene."""
    return cell.cell_type == "code" and cell.source.startswith(("explore(", "show("))


def has_tag(cell: NotebookNode, tag: str) -> bool:
    """Return whether a cell has a tag: *exercise* or *solution*."""
    return tag in cell.metadata.get("tags", [])


def solutions(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the model answers of a notebook."""
    return [cell for cell in notebook.cells if has_tag(cell, "solution")]


def opening(notebook: NotebookNode) -> str:
    """Return what the first cell says below the title: minutes, and what one will be able to do."""
    return re.sub(r"^# .*\n+", "", notebook.cells[0].source) if notebook.cells else ""
