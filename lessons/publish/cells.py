"""What the cells of a notebook are for, and what they show."""

import ast
import base64
import re
from collections.abc import Sequence
from itertools import pairwise

from nbformat import NotebookNode

from lessons.explorable.live import WIDGET_VIEW
from lessons.publish.kernel import QUESTION_TYPE

_FOLDED = re.compile(r"<details><summary><b>(.+?)</b></summary>\n\n(.*)\n\n</details>", re.DOTALL)
# What display() shows for an object without words: <IPython.core.display.HTML object>, or, as
# IPython itself says it, <pandas.io.formats.style.Styler at 0x7f3a>.
_OBJECT = re.compile(r"<[\w.<>]+( object)?( object| at 0x[\da-fA-F]+)>")
_IMAGE_KINDS = ("image/svg+xml", "image/png", "image/jpeg", "image/gif")
# Code in a text.
FENCED = re.compile(r"^```\w*\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
_COLOURS = re.compile(r"\x1b\[[\d;]*m")


def slide_kind(cell: NotebookNode) -> str:
    """Return what a cell is on a slide: slide, subslide, fragment, skip, notes or -."""
    return cell.metadata.get("slideshow", {}).get("slide_type") or "-"


def has_tag(cell: NotebookNode, tag: str) -> bool:
    """Return whether a cell has a tag: such as *exercise*, *solution* or *navigation*."""
    return tag in cell.metadata.get("tags", [])


def with_tag(cells: Sequence[NotebookNode], tag: str) -> list[NotebookNode]:
    """Return the cells that have a tag."""
    return [cell for cell in cells if has_tag(cell, tag)]


def with_notes(cells: Sequence[NotebookNode]) -> bool:
    """Return whether any of the cells is for the lecturer alone."""
    return any(slide_kind(cell) == "notes" for cell in cells)


def is_task(cell: NotebookNode) -> bool:
    """Return whether a text asks the reader to move a slider; its id ends in -task if it does."""
    return (
        cell.cell_type == "markdown" and cell.id.endswith("-task") and slide_kind(cell) != "notes"
    )


def has_sliders(cell: NotebookNode) -> bool:
    """Return whether a cell shows a scene with sliders."""
    return cell.cell_type == "code" and cell.source.startswith("explore(")


def is_for_notebooks(cell: NotebookNode) -> bool:
    """Return whether a cell is of use in a notebook only, such as a word on how to run it."""
    return has_tag(cell, "navigation") or has_tag(cell, "notebook-only")


def is_picture(cell: NotebookNode) -> bool:
    """Return whether a cell does nothing but show a scene."""
    return cell.cell_type == "code" and cell.source.startswith(("explore(", "show("))


def is_setup(cell: NotebookNode) -> bool:
    """Return whether a cell does nothing but import, and set up, what the others need."""
    return cell.cell_type == "code" and cell.id == "imports"


def as_read(cells: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Return the cells in the order of a page: what they import stands before the first program."""
    left = shown_once(cells)
    setups = [cell for cell in left if is_setup(cell)]
    others = [cell for cell in left if not is_setup(cell)]
    programs = [cell for cell in others if cell.cell_type == "code" and not is_picture(cell)]
    place = others.index(programs[0]) if programs else len(others)
    return [*others[:place], *setups, *others[place:]]


def shown_once(cells: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Return the cells without stills that show again what comes next with sliders.

    A still is a step on slides; on a page it is the same picture twice. The sliders take its
    place, and their task and their notes follow them there.
    """
    left = list(cells)
    pictures = [cell for cell in left if is_picture(cell)]
    for still, sliders in pairwise(pictures):
        if not (has_sliders(sliders) and _scene(still.source, "show") == _scene(sliders.source)):
            continue
        place = left.index(sliders)
        first, last = place, place + 1
        while is_task(left[first - 1]):
            first -= 1
        while last < len(left) and slide_kind(left[last]) == "notes":
            last += 1
        group = [sliders, *left[first:place], *left[place + 1 : last]]
        del left[first:last]
        place = left.index(still)
        left[place : place + 1] = group
    return left


def _scene(source: str, how: str = "explore") -> str | None:
    """Return how a cell makes the scene that it shows, at its start; None if it does not."""
    try:
        call = ast.parse(source, mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(call, ast.Call) or len(call.args) != 1 or ast.unparse(call.func) != how:
        return None
    # A still with values is another picture.
    return None if how == "show" and call.keywords else ast.unparse(call.args[0])


def question(output: NotebookNode) -> NotebookNode | None:
    """Return what a page asks in place of an output, its kind and its table; None if nothing."""
    return output.get("data", {}).get(QUESTION_TYPE)


def asks(*cells: NotebookNode) -> bool:
    """Return whether any of the cells asks for an answer that can be given on a page."""
    return any(question(output) for cell in cells for output in cell.get("outputs", []))


def title_of(cells: Sequence[NotebookNode]) -> str:
    """Return the first heading of a notebook, as plain words."""
    for cell in cells:
        found = re.search(r"^# +(.+)$", FENCED.sub("", cell.source), re.MULTILINE)
        if cell.cell_type == "markdown" and found:
            return found.group(1).strip()
    return "Untitled"


def without_title(source: str) -> str:
    """Return what the first cell says below the title: minutes, and what one will be able to do."""
    return re.sub(r"^# .*\n+", "", source)


def unfolded(source: str) -> str:
    """Return the Markdown of a text cell, its heading in front where a notebook folds it."""
    return _FOLDED.sub(r"**\1.** \2", source)


def is_embedded(output: NotebookNode) -> bool:
    """Return whether an output is a scene, in HTML of ours."""
    return bool(output.get("metadata", {}).get("text/html", {}).get("embedded"))


def image(output: NotebookNode) -> tuple[str, str] | None:
    """Return the address that holds an output's picture, and its words; None if it has none."""
    data = output.get("data", {})
    for kind in _IMAGE_KINDS:
        if kind in data:
            packed = data[kind].strip()
            if kind == "image/svg+xml":
                packed = base64.b64encode(packed.encode()).decode("ascii")
            alt = output.metadata.get(kind, {}).get("alt") or printed(output)
            return f"data:{kind};base64,{packed}", alt
    return None


def unshowable(output: NotebookNode) -> list[str]:
    """Return the kinds of data of an output that has no words, no picture and no scene of ours."""
    data = output.get("data", {})
    kinds = [kind for kind in data if kind not in ("text/plain", QUESTION_TYPE)]
    words = data.get("text/plain")
    says_nothing = WIDGET_VIEW in data or words is None or _OBJECT.fullmatch(words)
    return kinds if says_nothing else []


def without_colours(text: str) -> str:
    """Return what a terminal would show in colours, such as a traceback, as plain text."""
    return _COLOURS.sub("", text)


def printed(output: NotebookNode) -> str:
    """Return the text of an output that is not a picture."""
    if output.output_type == "stream":
        return output.text.rstrip()
    if output.output_type == "error":
        return without_colours("\n".join(output.traceback)).rstrip()
    return output.data.get("text/plain", "").rstrip()
