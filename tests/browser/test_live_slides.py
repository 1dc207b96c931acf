"""A notebook shown as slides inside of JupyterLab, with its kernel behind it."""

import shutil
from pathlib import Path

import pytest

from tests.browser.driver import Notebook

pytestmark = pytest.mark.browser

PATH = Path(__file__).parents[2] / "notebooks" / "00_start_here.ipynb"


@pytest.fixture(scope="module")
def deck(chromium, lab):
    shutil.copy(PATH, lab.folder)
    opened = Notebook(chromium, lab, PATH.name, viewport=(1366, 768))
    opened.run_all()
    page = opened.page
    page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0; }")
    page.locator(".jp-Toolbar [title*='Deck'], [data-command='deck:toggle']").first.click()
    page.wait_for_selector("[data-jp-deck-mode='presenting']", state="attached")
    yield opened
    page.close()


def words(page, text):
    return page.locator(".jp-Notebook .jp-RenderedMarkdown", has_text=text).first


def test_only_one_slide_is_seen_and_space_goes_on_to_the_next(deck):
    page = deck.page
    first, second = words(page, "Ten minutes to find"), words(page, "Ten numbers, 0 to 9, go in")
    first.wait_for(state="visible")
    assert not second.is_visible()
    page.keyboard.press("Space")
    second.wait_for(state="visible")
    assert not first.is_visible()
    assert not words(page, "For the lecturer").is_visible()
    assert not words(page, "How sliders work here").is_visible(), "a cell to skip"


def test_a_slider_moves_on_its_slide_and_the_slide_stays(deck):
    explorer = deck.explorer(0)
    explorer.box.locator("[role=img]").wait_for(state="visible")
    before = explorer.svg(), explorer.readout()
    explorer.press("low", "ArrowRight")
    assert explorer.svg() != before[0]
    assert explorer.readout() != before[1]
    assert words(deck.page, "Ten numbers, 0 to 9, go in").is_visible()


def test_sliders_picture_and_readout_fit_a_low_screen_and_words_are_large(deck):
    page, box = deck.page, deck.explorer(0).box
    code = page.locator(".jp-CodeCell:has(.lessons-explore) .jp-InputArea-editor").first
    assert not code.is_visible()
    page.wait_for_function(
        "(box) => box.querySelector('.readout').getBoundingClientRect().bottom <= innerHeight",
        arg=box.element_handle(),
    )
    assert box.locator("[role=img]").bounding_box()["height"] >= 200
    size = "(each) => parseFloat(getComputedStyle(each).fontSize)"
    assert words(page, "Ten numbers, 0 to 9, go in").evaluate(size) >= 20


def test_a_presenters_remote_turns_the_slide_and_moves_no_slider(deck):
    page, slider = deck.page, deck.explorer(0).control("low")
    here = words(page, "Ten numbers, 0 to 9, go in")
    slider.focus()
    before = slider.get_attribute("aria-valuenow")
    # Cell by cell, as Space does; this slide has three.
    for key, state in ("PageUp", "hidden"), ("PageDown", "visible"):
        for _ in range(3):
            page.keyboard.press(key)
            page.evaluate("() => new Promise(requestAnimationFrame)")
        here.wait_for(state=state)
    assert slider.get_attribute("aria-valuenow") == before


def test_escape_leads_back_to_the_notebook_and_nothing_was_complained_of(deck):
    deck.page.keyboard.press("Escape")
    words(deck.page, "How sliders work here").wait_for(state="visible")
    assert deck.complaints == []
