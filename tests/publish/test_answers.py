"""The answer to a task or an exercise is never in sight of it, in the files made of a notebook."""

import re
from html import unescape

import nbformat
import pytest

from lessons.publish import cells, html, slides
from lessons.publish.html import Markdown, document
from tests.publish.notebooks import NOTEBOOKS, PAGE

# What only the lecturer sees, on a page whoever asks for the notes; and what a reader has to open.
FOR_THE_LECTURER = re.compile(r"<aside class=\"notes\">.*?</aside>", re.DOTALL)
FOLDED = re.compile(
    rf"<details class=\"aside\">.*?</details>|{FOR_THE_LECTURER.pattern}", re.DOTALL
)
NOTHING = re.compile("(?!)")


@pytest.fixture(autouse=True)
def without_fonts(monkeypatch):
    """They hide no word, and to cut them takes longer than all else."""
    monkeypatch.setattr(html, "fonts", lambda *_: "")


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def lecture(request):
    """The cells of a lecture, not run."""
    read = nbformat.read(request.param, as_version=4).cells
    for cell in read:
        if cell.cell_type == "code":
            cell.outputs = []
    return read, request.param.parent


def shown(html):
    """The words of a page, without its scripts and styles, each space one space."""
    html = re.sub(r"<(script|style).*?</\1>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub("<[^>]*>", "", html)).split())


def notes(read):
    return [cell for cell in read if cells.slide_kind(cell) == "notes"]


@pytest.mark.parametrize(
    ("template", "hidden", "has_answers"),
    [
        ("page", FOLDED, True),
        ("deck", FOR_THE_LECTURER, False),
        ("handout", NOTHING, False),
        ("answers", NOTHING, True),
    ],
)
def test_in_a_file_they_are_folded_or_for_the_lecturer_or_not_there(
    template, hidden, has_answers, lecture
):
    read, folder = lecture
    made = document(template, read, folder, **PAGE)
    answers = [cell.source.splitlines()[0] for cell in cells.with_tag(read, "solution")]
    said = [shown(Markdown(folder)(cell)) for cell in notes(read)]
    in_sight = shown(hidden.sub("", made))
    if template == "answers":
        assert all(answer in in_sight for answer in answers)
    else:
        assert not [words for words in answers + said if words in in_sight]
    if template in ("page", "deck"):
        assert all(words in shown(made) for words in said + (answers if has_answers else []))


def test_on_a_slide_nothing_is_told_of_a_task_once_its_slider_has_moved(lecture):
    read, _ = lecture
    for slide in (slide for column in slides.columns(read) for slide in column):
        if any(map(cells.is_task, slide.cells)):
            places = [i for i, cell in enumerate(slide.cells) if cells.has_sliders(cell)]
            told = [c.id for c in slide.cells[max(places) :] if c.cell_type == "markdown"]
            assert not [id for id in told if not id.endswith("-task")], slide.name
