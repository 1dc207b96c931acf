"""The slides of a deck, how large their code is, and whether its output is beside or below it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from nbformat import NotebookNode

from lessons.publish.cells import (
    FENCED,
    has_sliders,
    image,
    is_embedded,
    is_task,
    printed,
    slide_kind,
)

_MINUTES = re.compile(r"For the lecturer · (\d+) minute")
_HEADING = re.compile(r"^#{1,3} +(.+)$", re.MULTILINE)
_SHOWN = ("slide", "subslide", "fragment", "-")

# Words alone that are few enough to be set larger still.
_MOST_LETTERS_OF_FEW = 330

# In pixels, as assets/slides.css sets it: what is between the margins of a slide, and what stands
# around a box of code and around a paragraph.
_HEIGHT = 674
_AROUND_CODE = 28
_AROUND_TEXT = 14
# The gap between code and the output beside it takes the room of this many letters.
_BETWEEN = 7


@dataclass(frozen=True)
class CodeSize:
    """How large code stands on a slide, as assets/slides.css sets it.

    Attributes:
        name: What the style rules call it.
        letters: How many go into a line of code.
        line: The height of such a line, in pixels.
        letters_of_text: How many go into a line of text.
        text_line: The height of a line of text, in pixels.
    """

    name: str
    letters: int
    line: int
    letters_of_text: int = 75
    text_line: int = 34


_LARGER = (
    CodeSize("largest", 66, 37, 67, 38),
    CodeSize("large", 82, 30),
    CodeSize("medium", 94, 26),
)
_SMALL = CodeSize("small", 105, 24)


@dataclass
class Slide:
    """One slide.

    Attributes:
        steps: Its cells: first those that stand there at once, then what each key press adds.
        notes: The cells that only the lecturer sees.
        section: The heading of its section, for a slide that has none of its own; or nothing.
    """

    steps: list[list[NotebookNode]]
    notes: list[NotebookNode] = field(default_factory=list)
    section: str = ""

    @property
    def cells(self) -> list[NotebookNode]:
        """All cells that an audience sees."""
        return [cell for step in self.steps for cell in step]

    @property
    def name(self) -> str:
        """The id of its first cell, by which an author finds it."""
        return self.steps[0][0].id

    @property
    def minutes(self) -> int:
        """The minutes that its notes plan for it."""
        return sum(int(n) for cell in self.notes for n in _MINUTES.findall(cell.source))


def columns(cells: Sequence[NotebookNode]) -> list[list[Slide]]:
    """Return the slides of a notebook: each *slide* cell begins a column of them."""
    found: list[list[Slide]] = []
    for cell in cells:
        kind = slide_kind(cell)
        if kind in ("slide", "subslide") or (not found and kind in _SHOWN):
            if kind == "slide" or not found:
                found.append([])
            found[-1].append(Slide([[cell]]))
        elif kind == "notes" and found:
            found[-1][-1].notes.append(cell)
        elif kind == "fragment":
            found[-1][-1].steps.append([cell])
        elif kind == "-":
            found[-1][-1].steps[-1].append(cell)
    heading = ""
    for slide in (slide for column in found for slide in column):
        matches = [
            _HEADING.search(FENCED.sub("", cell.source)) for cell in slide.cells if _is_text(cell)
        ]
        own = [match[1] for match in matches if match]
        slide.section = "" if own else heading
        heading = own[-1].replace("`", "") if own else heading
    return found


def is_still(slide: Slide) -> bool:
    """Return whether a slide has no picture, which would take all room that the words leave."""
    return not any(_is_drawn(output) for cell in slide.cells for output in cell.get("outputs", []))


def is_words_alone(slide: Slide) -> bool:
    """Return whether a slide has nothing but words, which may be large and in the middle."""
    # A table or a piece of code takes the room that it needs.
    return all(
        _is_text(cell) and not re.search(r"^\||```", cell.source, re.M) for cell in slide.cells
    )


def has_few_words(slide: Slide) -> bool:
    """Return whether a slide of words alone has so few that they may be larger still."""
    letters = sum(len(cell.source) for cell in slide.cells)
    return is_words_alone(slide) and letters <= _MOST_LETTERS_OF_FEW


def _is_text(cell: NotebookNode) -> bool:
    return cell.cell_type == "markdown"


def lonely_tasks(cells: Sequence[NotebookNode]) -> list[str]:
    """Return what is wrong with tasks whose slider stands on another slide."""
    on_slides = [slide for column in columns(cells) for slide in column]
    return [
        f"cell {task.id!r} asks to move a slider, but is not on the slide of that slider: let the "
        "later one of the two go on where the other ends, without a slide type"
        for shown in (slide.cells for slide in on_slides)
        for task in filter(is_task, shown)
        if not any(map(has_sliders, shown))
    ]


def code_size(slide: Slide) -> CodeSize:
    """Return the largest size of code for which a slide has room.

    Estimated from the number of lines, and in doubt too small rather than too large: no browser is
    asked, so that a deck is the same wherever it is built.
    """
    return next((size for size in _LARGER if _has_room(slide, size)), _SMALL)


def prints_beside(cell: NotebookNode, size: CodeSize) -> bool:
    """Return whether what a program prints has room beside its code."""
    if cell.cell_type != "code" or len(cell.outputs) != 1 or _is_drawn(cell.outputs[0]):
        return False
    code, output = _lines(cell.source), _lines(printed(cell.outputs[0]))
    return _longest(code) + _BETWEEN + _longest(output) <= size.letters


def _has_room(slide: Slide, size: CodeSize) -> bool:
    has_code = any(not _is_text(cell) or FENCED.search(cell.source) for cell in slide.cells)
    if not has_code or not is_still(slide):
        return False
    height = 0
    for cell in slide.cells:
        if _is_text(cell):
            # Every second part of a text is code.
            parts = FENCED.split(cell.source)
            blocks = parts[1::2]
            height += sum(_height_of_text(text, size) for text in parts[::2] if text.strip())
        else:
            blocks = [cell.source, *map(printed, cell.outputs)]
        lines = list(map(_lines, blocks))
        if any(_longest(each) > size.letters for each in lines):
            return False
        heights = [len(each) * size.line + _AROUND_CODE for each in lines]
        height += max(heights) if prints_beside(cell, size) else sum(heights)
    return height <= _HEIGHT


def _lines(text: str) -> list[str]:
    return text.rstrip().split("\n")


def _longest(lines: list[str]) -> int:
    return max(map(len, lines))


def _is_drawn(output: NotebookNode) -> bool:
    return is_embedded(output) or image(output) is not None


def _height_of_text(source: str, size: CodeSize) -> int:
    """Return about how many pixels high a text is: formulas, lists and tables are all lines."""
    blocks = source.strip().split("\n\n")
    lines = sum(-(-len(line) // size.letters_of_text) for line in source.split("\n"))
    formulas = source.count("$$") // 2
    return (lines + formulas) * size.text_line + len(blocks) * _AROUND_TEXT
