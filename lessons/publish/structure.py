"""What a notebook is made of: slides, notes, exercises and their model answers."""

import re
from dataclasses import dataclass, field

from nbformat import NotebookNode

SHOWN_ON_SLIDES = ("slide", "subslide", "fragment", "-")

# Of a slide whose code is large, in pixels, as assets/slides.css sets it: what is between its
# margins, a line of code, how many letters go into it, the same of text, and what stands around
# a box of code and around a paragraph.
_HEIGHT = 674
_CODE_LINE = 30
_LETTERS = 82
_TEXT_LINE = 34
_LETTERS_OF_TEXT = 75
_AROUND_CODE = 28
_AROUND_TEXT = 14


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


_FOLDED = re.compile(r"<details><summary><b>(.+?)</b></summary>\n\n(.*)\n\n</details>", re.DOTALL)


def unfolded(source: str) -> str:
    """Return the Markdown of a text cell, its heading in front where a notebook folds it."""
    return _FOLDED.sub(r"**\1.** \2", source)


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


def has_room(slide: Slide) -> bool:
    """Return whether the code of a slide, and what it prints, have the room to be larger.

    Estimated from the number of lines, and rather denied than granted in vain: a browser is not
    asked, so that a deck is the same wherever it is built.
    """
    cells = [cell for step in slide.steps for cell in step]
    programs = [cell for cell in cells if cell.cell_type == "code"]
    printed = [_printed(cell) for cell in programs]
    if not programs or None in printed:
        return False
    blocks = [cell.source for cell in programs] + [text for texts in printed for text in texts]
    lines = [line for block in blocks for line in block.rstrip().split("\n")]
    if max(map(len, lines)) > _LETTERS:
        return False
    words = sum(_height_of_text(cell.source) for cell in cells if cell.cell_type == "markdown")
    return words + len(lines) * _CODE_LINE + len(blocks) * _AROUND_CODE <= _HEIGHT


def _printed(program: NotebookNode) -> list[str] | None:
    """Return each text that a program shows below it; None if it shows a picture."""
    texts = []
    for output in program.outputs:
        data = output.get("data", {})
        if "image/png" in data or "text/html" in data:
            return None
        texts += [text for text in (output.get("text"), data.get("text/plain")) if text]
    return texts


def _height_of_text(source: str) -> int:
    """Return about how many pixels high a text is: formulas, lists and tables are all lines."""
    blocks = source.strip().split("\n\n")
    lines = sum(-(-len(line) // _LETTERS_OF_TEXT) for line in source.split("\n"))
    formulas = source.count("$$") // 2
    return (lines + formulas) * _TEXT_LINE + len(blocks) * _AROUND_TEXT


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
