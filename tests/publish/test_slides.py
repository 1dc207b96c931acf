"""Which cells stand on which slide, and where code is large."""

import base64
import io
import re

import nbformat
import pytest
from nbformat import v4
from PIL import Image

from lessons.publish import cells, slides
from lessons.publish.cards import StoredPicture, small
from lessons.publish.html import document
from tests.publish.notebooks import NOTEBOOKS, cell


def test_slides_steps_and_notes_are_as_the_cells_say():
    columns = slides.columns(
        [
            cell("before all", "notes"),
            cell("# T", "slide", id="one"),
            cell("note", "notes"),
            cell("more"),
            cell("step", "fragment"),
            cell("same step"),
            cell("next", "subslide", id="two"),
            cell("hidden", "skip"),
            cell("late"),
            cell("## U", "slide", id="three"),
        ]
    )
    assert [[slide.name for slide in column] for column in columns] == [["one", "two"], ["three"]]
    first, second = columns[0]
    assert [[c.source for c in step] for step in first.steps] == [
        ["# T", "more"],
        ["step", "same step"],
    ]
    assert [c.source for c in first.notes] == ["note"]
    assert [[c.source for c in step] for step in second.steps] == [["next", "late"]]


def test_a_slide_without_a_heading_has_that_of_its_section():
    columns = slides.columns(
        [
            cell("# Title", "slide"),
            cell("words", "subslide"),
            cell("1", "slide", code=True),
            cell("## 1 · `Bounds`\n\nwords", "slide"),
            cell("# no heading, but a comment", "subslide", code=True),
            cell("```python\n# a comment too\n```", "subslide"),
            cell("words", "subslide"),
            cell("### Its own", "subslide"),
            cell("### Its second"),
            cell("words", "subslide"),
        ]
    )
    found = [slide.section for column in columns for slide in column]
    assert found == ["", "Title", "Title", "", *["1 · Bounds"] * 3, "", "Its second"]
    assert cells.title_of([cell("```\n# a\n```"), cell("# Title")]) == "Title"


@pytest.mark.parametrize(
    ("shown", "alone", "few"),
    [
        ([cell("Words.")], True, True),
        ([cell("Words."), cell("w" * 324, "fragment")], True, True),
        ([cell("Words."), cell("w" * 325, "fragment")], True, False),
        ([cell("| a |\n|---|\n| 1 |")], False, False),
        ([cell("```\nx\n```")], False, False),
        ([cell("Words."), cell("1", code=True)], False, False),
    ],
)
def test_words_alone_are_large_and_larger_if_they_are_few(shown, alone, few):
    assert (slides.is_words_alone(slide_of(*shown)), slides.has_few_words(slide_of(*shown))) == (
        alone,
        few,
    )


def test_a_card_says_what_stands_below_the_title():
    assert cells.without_title("# T\n\n45 minutes") == "45 minutes"


def test_the_picture_of_a_card_keeps_its_shape():
    wide = io.BytesIO()
    Image.new("RGB", (640, 360)).save(wide, "PNG")
    card = small(StoredPicture(wide.getvalue(), "a dot"))
    assert (card["width"], card["height"]) == (320, 180)
    _, _, packed = card["address"].partition(",")
    assert Image.open(io.BytesIO(base64.b64decode(packed))).size == (480, 270), "sharper than that"


def slide_of(*shown):
    ((slide,),) = slides.columns(shown)
    return slide


def program(rows, *outputs, letters=82):
    made = cell("\n".join(["a" * letters] * rows), code=True)
    made.outputs = [v4.new_output("stream", text=text) for text in outputs]
    return made


def fenced(rows):
    return "\n".join(["```python", *["a" * 60] * rows, "```"])


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ([program(17, letters=66)], "largest"),
        ([program(18, letters=66)], "large"),
        ([program(1, letters=67)], "large"),
        ([program(21)], "large"),
        ([program(22)], "medium"),
        ([program(1, letters=83)], "medium"),
        ([program(24, letters=94)], "medium"),
        ([program(25, letters=94)], "small"),
        ([program(1, letters=95)], "small"),
        ([program(14, letters=66), cell("w" * 3 * 67)], "largest"),
        ([program(14, letters=66), cell("w" * 3 * 67 + "w")], "large"),
        ([program(13, letters=66), cell("w" * 4 * 67)], "large"),
        ([cell("Before.\n\n```python\nx = 1\n```")], "largest"),
        ([cell(f"Before.\n\n```python\n{'x' * 83}\n```")], "medium"),
        ([cell(f"{fenced(15)}\n\n{fenced(1)}")], "largest"),
        ([cell(f"{fenced(14)}\n\n{fenced(1)}\n\nwords")], "largest"),
        ([cell(f"{fenced(15)}\n\n{fenced(1)}\n\nwords")], "large"),
        ([cell("| a | table |\n|---|---|\n| 1 | 2 |")], "small"),
        ([program(1), program(1, "b" * 83)], "medium"),
        ([program(10, "b\n" * 10)], "large"),
        ([program(10, "b\n" * 11)], "medium"),
        ([program(19), cell("One line.")], "large"),
        ([program(19), cell("One line.\n\nAnother one.")], "medium"),
        ([program(19), cell("One line, " * 9)], "medium"),
        ([program(21), cell("step", "fragment"), program(3)], "small"),
        ([program(17), cell("$$x$$\n\nwords")], "large"),
        ([program(18), cell("$$x$$\n\nwords")], "medium"),
    ],
)
def test_code_is_as_large_as_its_lines_and_their_length_allow(shown, expected):
    assert slides.code_size(slide_of(*shown)).name == expected


def test_output_stands_beside_code_where_both_go_into_a_line():
    short = program(12, "b\n" * 12, letters=58)
    size = slides.code_size(slide_of(short))
    assert size.name == "largest", "one above the other, they would not fit"
    assert slides.prints_beside(short, size)
    longer = program(12, "bb\n" * 12, letters=58)
    assert not slides.prints_beside(longer, size)
    assert slides.prints_beside(longer, slides.code_size(slide_of(longer)))
    for letters, has_room in {97: True, 98: False}.items():
        small = program(1, "b", letters=letters)
        assert slides.prints_beside(small, slides.code_size(slide_of(small))) == has_room
    for other in (cell("words"), program(1, letters=5), program(1, "b", "b", letters=5)):
        assert not slides.prints_beside(other, size)


@pytest.mark.parametrize("kind", ["image/png", "text/html"])
def test_code_beside_a_picture_is_not_large(kind):
    drawing = program(1)
    data = {kind: "eA==", "text/plain": "a picture"}
    ours = {"text/html": {"embedded": True}}
    drawing.outputs = [v4.new_output("display_data", data, metadata=ours)]
    assert not slides.is_still(slide_of(program(1), drawing))
    assert slides.code_size(slide_of(program(1), drawing)).name == "small"
    assert not slides.prints_beside(drawing, slides.code_size(slide_of(program(1))))


def test_a_deck_says_how_large_the_code_of_its_slides_is(tmp_path):
    shown = [program(1), program(30)]
    for each, name in zip(shown, ("roomy", "full"), strict=True):
        each.id, each.metadata = name, {"slideshow": {"slide_type": "slide"}}
    deck = document("deck", shown, tmp_path)
    assert re.search('<section data-cell="roomy"[^>]* data-code="large"', deck)
    assert re.search('<section data-cell="full"[^>]* data-code="small" class="still"', deck)


def test_output_stands_beside_code_in_a_later_step_too(tmp_path):
    first, later = program(1, "b", letters=5), program(1, "b", letters=5)
    later.metadata = {"slideshow": {"slide_type": "fragment"}}
    deck = document("deck", [first, later], tmp_path)
    assert deck.count('<div class="program beside">') == 2


def test_a_task_that_asks_for_a_slider_of_another_slide_is_named():
    asks, scene = cell("Move it.", "slide", id="a-task"), cell("explore(x)", code=True)
    assert slides.lonely_tasks([asks, scene]) == []
    assert slides.lonely_tasks([scene, cell("Move it.", id="b-task")]) == []
    (fault,) = slides.lonely_tasks([asks, cell("explore(x)", "subslide", code=True)])
    assert fault.startswith("cell 'a-task' asks to move a slider")


def test_a_notebook_without_slide_types_is_one_slide():
    plain = [v4.new_markdown_cell("words"), v4.new_markdown_cell("# Title `x`")]
    assert len(slides.columns(plain)) == 1
    assert len(slides.columns([cell("a", "fragment"), cell("b")])) == 1
    assert cells.title_of(plain) == "Title `x`"
    assert cells.title_of(plain[:1]) == "Untitled"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_cell_of_a_lecture_is_lost_or_shown_twice(path):
    read = nbformat.read(path, as_version=4).cells
    found = [slide for column in slides.columns(read) for slide in column]
    shown = [c.id for slide in found for step in slide.steps for c in step]
    noted = [c.id for slide in found for c in slide.notes]
    skipped = [c.id for c in read if cells.slide_kind(c) == "skip"]
    assert sorted(shown + noted + skipped) == sorted(c.id for c in read)
    assert slides.lonely_tasks(read) == []
