"""Every lecture, published as `make pages` does it: its slides fit, and its files stand alone."""

import re

import nbformat
import pytest

from lessons.publish import build
from lessons.publish import cells as roles
from lessons.publish.browser import Browser
from lessons.publish.command import main
from lessons.publish.lecture import Lecture
from lessons.publish.site import Site
from tests.browser.files import LETTERS
from tests.publish.notebooks import NOTEBOOKS

# The one that is published twice.
QUICK = "00_start_here"


@pytest.fixture
def publish(chromium, monkeypatch, capsys):
    """Publishes a lecture, and returns what was said; in a browser that runs already."""
    monkeypatch.setattr(build, "Browser", lambda: Browser(chromium))

    def publish(path, out):
        code = main(["pages", str(path), "--out", str(out)])
        said = capsys.readouterr()
        assert code == 0, said.err
        return said.out

    return publish


def stands_alone(opened, pictures):
    """Check that a file shows what it holds, and asks for nothing else; return its page."""
    page = opened.page
    assert page.title()
    assert page.locator(".lessons-embedded [role=img]").count() == pictures
    # Without those inside of pictures, which have a tree of their own.
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(({ id }) => id)")
    assert len(ids) == len(set(ids))
    assert opened.complaints == []
    assert opened.other_requests() == []
    return page


@pytest.mark.browser
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_lecture_is_published(path, publish, open_file, tmp_path):
    said = publish(path, tmp_path)
    assert "looking at every slide" in said
    cells = nbformat.read(path, as_version=4).cells
    pictures = [cell for cell in roles.shown_once(cells) if roles.is_picture(cell)]
    drawn = filter(roles.is_picture, cells)
    on_slides = [cell for cell in drawn if roles.slide_kind(cell) != "skip"]
    site = tmp_path / "site"
    deck, page = site / "slides" / f"{path.stem}.html", site / f"{path.stem}.html"
    assert "data:image/webp" in (site / "index.html").read_text("utf-8"), "its card has a picture"
    assert deck.stat().st_size < 1.5e6
    assert page.stat().st_size < 1.2e6
    stands_alone(open_file(deck), len(on_slides))
    on_page = stands_alone(open_file(page, height=800), len(pictures))
    title, slider = (on_page.locator(each).first for each in ("h1", "[data-control]"))
    assert slider.bounding_box()["y"] - title.bounding_box()["y"] <= 800, "a screen below the title"
    phone = open_file(page, width=390, height=844, has_touch=True, is_mobile=True).page
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    for picture in phone.locator(".picture [role=img]").all():
        assert picture.evaluate(LETTERS) >= 10, picture.get_attribute("aria-label")
    # As wide as what an A4 sheet has between its margins.
    paper = open_file(tmp_path / "cache" / "drafts" / f"{path.stem}-handout.html", width=640).page
    cut_off = paper.locator(".table, .code, .output, .formula").evaluate_all(
        "(all) => all.filter((each) => each.scrollWidth > each.clientWidth + 1)"
        ".map((each) => each.textContent)"
    )
    assert cut_off == []
    has_answers = bool(roles.with_tag(cells, "solution"))
    prints = sorted((site / "pdf").iterdir())
    assert len(prints) == 1 + has_answers
    for path_of_print in prints:
        printed = path_of_print.read_bytes()
        assert printed.startswith(b"%PDF")
        assert re.search(rb"/Type\s*/Page\b", printed)
        assert b"/StructTreeRoot" in printed, "a screen reader finds its headings"
        assert b"/Outlines" in printed
    if path.stem == QUICK:
        told = []
        whole = Site([Lecture(each, tmp_path, told.append) for each in NOTEBOOKS])
        for _ in ("from nothing", "again"):
            whole.write_index()
        assert told == [str(whole.index)], "it is written once"
        assert whole.index.stat().st_size < 300e3
        index = stands_alone(open_file(whole.index), 1)
        shown = index.locator(".cards img").evaluate_all("(all) => all.map(({ src }) => src)")
        assert len(set(shown)) == len(shown) == len(NOTEBOOKS), "a picture each, no two the same"
        again = publish(path, tmp_path)
        assert "kernel" not in again
        assert "looking" not in again
