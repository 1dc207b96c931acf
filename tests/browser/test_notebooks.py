"""A notebook in a real JupyterLab: what can only be seen there, of a lecture as it is taught.

First as a notebook, then as slides, with the same kernel behind it. That every slider of every
lecture moves its picture is proved without a browser.
"""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.driver import Notebook

pytestmark = pytest.mark.browser

PATH = Path(__file__).parents[2] / "notebooks" / "01_clip_by_value_and_relu.ipynb"
CELLS = nbformat.read(PATH, as_version=4).cells


@pytest.fixture(scope="module")
def notebook(chromium, lab):
    shutil.copy(PATH, lab.folder)
    opened = Notebook(chromium, lab, PATH.name)
    yield opened
    opened.page.close()


@pytest.fixture(scope="module")
def explorers(notebook):
    notebook.run_all()
    count = notebook.page.locator(".lessons-explore").count()
    return [notebook.explorer(i) for i in range(count)]


def controls(explorer):
    classes = explorer.box.locator("[class*=lessons-control-]").evaluate_all(
        "(found) => found.map((each) => each.className.match(/lessons-control-(\\w+)/)[1])"
    )
    return list(dict.fromkeys(classes))


def test_a_notebook_that_is_merely_opened_does_not_ask_to_be_saved(notebook):
    # What JupyterLab hears from the kernel, it has written by now.
    kernel = "window.jupyterapp.shell.currentWidget.context.model.sharedModel.metadata"
    notebook.page.wait_for_function(f"{kernel}.language_info.version")
    assert not notebook.asks_to_be_saved()


def test_answers_of_a_kernel_do_not_wait_for_the_network(notebook):
    # TCP would hold what follows a first small message for 40 ms, but not from the beginning.
    took = notebook.page.evaluate(
        """async () => {
             const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
             const took = [];
             for (let i = 0; i < 40; i += 1) {
               const asked = performance.now();
               await kernel.requestKernelInfo();
               took.push(performance.now() - asked);
             }
             return took;
           }"""
    )
    assert min(took[10:]) < 30


def test_every_explore_cell_shows_its_sliders_and_its_picture(explorers):
    assert len(explorers) == sum(cell.source.startswith("explore(") for cell in CELLS) > 0
    for explorer in explorers:
        picture = explorer.box.locator(".lessons-view [role=img]")
        assert picture.bounding_box()["height"] > 100
        assert len(re.findall("<(path|text|image)", explorer.svg())) > 10
        for name in controls(explorer):
            assert explorer.control(name).get_attribute("aria-label")
            row = explorer.box.locator(f".lessons-control-{name}").bounding_box()
            assert row["width"] <= 704, "on a wide screen too, a value stays near its label"
        assert picture.get_attribute("aria-label").endswith(".")
        assert explorer.box.locator(".readout").get_attribute("aria-live") == "polite"


def test_a_prediction_is_made_by_keys_before_the_sliders_come_free(explorers, notebook):
    explorer, page = explorers[0], notebook.page
    slider = explorer.control("low")
    assert explorer.box.locator(":scope > .lessons-predict:first-child").count() == 1
    assert slider.get_attribute("aria-disabled") == "true"
    before = slider.get_attribute("aria-valuenow")
    explorer.press("low", "ArrowRight")
    assert slider.get_attribute("aria-valuenow") == before
    explorer.box.get_by_role("radio", name="b everywhere").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    explorer.settle()
    verdict = explorer.box.get_by_role("status").first
    assert verdict.inner_text().startswith("You said: b everywhere. The answer: a everywhere.")
    assert slider.get_attribute("aria-disabled") == "false"
    assert explorer.readout() == (
        "The lower bound 7 is above the upper bound 3: every number becomes 7."
    )
    explorer.press("low", "ArrowRight")
    assert "7.5" in explorer.readout()
    for skip in explorer.page.get_by_text("Just let me move it").all():
        skip.click()
    assert page.locator(".lessons-predict :is(input, button)").count() == 0
    assert page.locator(".lessons-explore [aria-disabled=true]").count() == 0


def test_a_click_on_a_sliders_bar_gives_it_the_keys(explorers):
    # So that a lecturer can click, and look at the class while the arrow keys move it.
    explorer = explorers[0]
    name = controls(explorer)[0]
    bar = explorer.box.locator(f".lessons-control-{name} .noUi-base")
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    explorer.page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + box["height"] / 2)
    explorer.settle()
    clicked = explorer.control(name).get_attribute("aria-valuenow")
    explorer.page.keyboard.press("ArrowLeft")
    explorer.settle()
    assert explorer.control(name).get_attribute("aria-valuenow") != clicked


def test_axe_finds_nothing(notebook):
    found = Axe().run(notebook.page, context=".lessons-explore")
    assert found.violations_count == 0, found.generate_report()


# ---- as slides ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def deck(notebook):
    page = notebook.page
    page.set_viewport_size({"width": 1366, "height": 768})
    page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0; }")
    page.locator(".jp-Toolbar [title*='Deck'], [data-command='deck:toggle']").first.click()
    page.wait_for_selector("[data-jp-deck-mode='presenting']", state="attached")
    return page


def cells_of(page, kind):
    """Return the cells of the notebook that are this on a slide."""
    kinds = [cell.metadata.get("slideshow", {}).get("slide_type") for cell in CELLS]
    cells = page.locator(".jp-Notebook .jp-Cell")
    return [cells.nth(place) for place, found in enumerate(kinds) if found == kind]


def test_only_one_slide_is_seen_and_space_goes_on_to_the_next(deck):
    first, second, *_ = cells_of(deck, "slide")
    first.wait_for(state="visible")
    assert not second.is_visible()
    deck.keyboard.press("Space")
    second.wait_for(state="visible")
    assert not first.is_visible()
    assert not any(cell.is_visible() for kind in ("notes", "skip") for cell in cells_of(deck, kind))


def test_a_slider_moves_on_its_slide_and_the_slide_stays(deck, explorers):
    explorer = explorers[0]
    picture = explorer.box.locator("[role=img]")
    for _ in CELLS:
        if picture.is_visible():
            break
        deck.keyboard.press("Space")
        deck.wait_for_timeout(100)
    before = explorer.svg(), explorer.readout()
    explorer.press(controls(explorer)[0], "ArrowRight")
    assert explorer.svg() != before[0]
    assert explorer.readout() != before[1]
    assert picture.is_visible()


def test_sliders_picture_and_readout_fit_a_low_screen_and_words_are_large(deck, explorers):
    box = explorers[0].box
    for width, height in ((1920, 1080), (1366, 768)):
        deck.set_viewport_size({"width": width, "height": height})
        deck.wait_for_function(
            "(box) => box.querySelector('.readout').getBoundingClientRect().bottom <= innerHeight",
            arg=box.element_handle(),
        )
    picture = box.locator("[role=img]").element_handle()
    height = picture.bounding_box()["height"]
    assert height >= 200
    # Lower still, the picture gives way, down to a height; and it takes its room again.
    for screen, change in ((600, "< height"), (300, "== 200"), (768, "== height")):
        deck.set_viewport_size({"width": 1366, "height": screen})
        deck.wait_for_function(
            f"([picture, height]) => picture.getBoundingClientRect().height {change}",
            arg=[picture, height],
        )
    code = ".jp-Cell:has(.lessons-explore) .jp-InputArea-editor"
    assert deck.locator(code).first.bounding_box() is None, "it takes no room either"
    for words, least in {
        ".jp-RenderedMarkdown:visible": 20,
        ".lessons-explore .widget-label:visible": 18,
        ".lessons-explore .widget-readout:visible": 18,
        ".lessons-explore .readout:visible": 18,
        ".lessons-predict:visible": 18,
        ".jp-InputArea-editor .cm-editor": 17,
    }.items():
        found = deck.locator(words).first
        size = found.evaluate("(each) => parseFloat(getComputedStyle(each).fontSize)")
        assert size >= least, words


def test_a_presenters_remote_turns_the_slide_and_moves_no_slider(deck, explorers):
    slider = explorers[0].control(controls(explorers[0])[0])
    slider.focus()
    before = slider.get_attribute("aria-valuenow")
    deck.evaluate(
        """() => {
            window.turned = 0;
            addEventListener("click", (event) => {
                if (event.target.closest("[class*=jp-deck-mod-direction]")) window.turned += 1;
            }, true);
        }"""
    )
    # Cell by cell, as Space does.
    for key, state in ("PageDown", "hidden"), ("PageUp", "visible"):
        for _ in range(2):
            deck.keyboard.press(key)
            deck.evaluate("() => new Promise(requestAnimationFrame)")
        slider.wait_for(state=state)
    assert slider.get_attribute("aria-valuenow") == before
    assert deck.evaluate("window.turned") == 4, "one for each key, however many pictures there are"


def test_escape_leads_back_to_the_notebook_and_nothing_was_complained_of(
    deck, explorers, notebook, lab
):
    explorers[0].control(controls(explorers[0])[0]).focus()
    deck.keyboard.press("Escape")
    cells_of(deck, "skip")[0].wait_for(state="visible")
    assert notebook.complaints == []
    assert lab.errors() == []
