"""Every notebook in a real JupyterLab: each slider is moved from end to end, by the keyboard."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.driver import Notebook

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).parents[2] / "notebooks"
# The last position of this slider measures for many seconds.
TOO_LONG = {"repeats": ("ArrowRight", "Home")}


@pytest.fixture(scope="module", params=sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def notebook(request, chromium, lab):
    shutil.copy(request.param, lab.folder)
    opened = Notebook(chromium, lab, request.param.name)
    opened.run_all()
    opened.path = lab.folder / request.param.name
    opened.lab = lab
    yield opened
    opened.page.close()


def explorers(notebook):
    return [notebook.explorer(i) for i in range(notebook.page.locator(".lessons-explore").count())]


def controls(explorer):
    classes = explorer.box.locator("[class*=lessons-control-]").evaluate_all(
        "(found) => found.map((each) => each.className.match(/lessons-control-(\\w+)/)[1])"
    )
    return list(dict.fromkeys(classes))


def test_every_explore_cell_shows_its_sliders_and_its_picture(notebook):
    cells = nbformat.read(notebook.path, as_version=4).cells
    asked_for = sum(cell.source.startswith("explore(") for cell in cells)
    found = explorers(notebook)
    assert len(found) == asked_for > 0
    for explorer in found:
        assert controls(explorer)
        picture = explorer.box.locator(".lessons-view [role=img]")
        assert picture.bounding_box()["height"] > 100
        assert len(re.findall("<(path|text|image)", explorer.svg())) > 10


def test_every_slider_goes_from_end_to_end(notebook):
    for explorer in explorers(notebook):
        for name in controls(explorer):
            at_start, seen = explorer.svg(), set()
            with explorer.put_back(name):
                for key in keys_of(explorer, name):
                    explorer.press(name, key)
                    seen.add(explorer.svg())
                    assert explorer.box.locator(".problem").count() == 0, explorer.readout()
            assert seen - {at_start}, f"the slider {name} moves nothing"


def keys_of(explorer, name):
    options = explorer.control(name).locator("option").count()
    if options:
        return ["End", *["ArrowUp"] * (options - 1)]
    return TOO_LONG.get(name, ("Home", "End", "PageDown"))


def test_every_control_and_every_picture_has_a_name(notebook):
    for explorer in explorers(notebook):
        for name in controls(explorer):
            assert explorer.control(name).get_attribute("aria-label")
        assert explorer.box.locator("[role=img]").get_attribute("aria-label").endswith(".")
        assert explorer.box.locator(".readout").get_attribute("aria-live") == "polite"


def test_axe_finds_nothing(notebook):
    found = Axe().run(notebook.page, context=".lessons-explore")
    assert found.violations_count == 0, found.generate_report()


def test_nothing_was_complained_of(notebook):
    assert notebook.complaints == []
    assert notebook.lab.errors() == []


def test_a_click_on_a_sliders_bar_gives_it_the_keys(notebook):
    # So that a lecturer can click, and look at the class while the arrow keys move it.
    explorer = explorers(notebook)[0]
    name = next(
        each
        for each in controls(explorer)
        if explorer.box.locator(f".lessons-control-{each} .noUi-base").count()
    )
    with explorer.put_back(name):
        bar = explorer.box.locator(f".lessons-control-{name} .noUi-base")
        bar.scroll_into_view_if_needed()
        box = bar.bounding_box()
        notebook.page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + box["height"] / 2)
        explorer.settle()
        clicked = explorer.control(name).get_attribute("aria-valuenow")
        notebook.page.keyboard.press("ArrowLeft")
        explorer.settle()
        assert explorer.control(name).get_attribute("aria-valuenow") != clicked
