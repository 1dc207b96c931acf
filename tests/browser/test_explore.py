"""Sliders and pictures in a real JupyterLab, moved by the keyboard as a person would."""

import base64
import shutil
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe

from lessons.explorable.picture import Picture
from tests.browser.driver import Notebook
from tests.explorable import scenes

pytestmark = pytest.mark.browser

IMPORTS = """
import logging

logging.getLogger("lessons").addHandler(logging.FileHandler("lessons.log"))

from ipywidgets import FloatLogSlider, IntRangeSlider
from IPython.display import display
from lessons.explorable.live import explore
import scenes
from scenes import *
"""
# By name, in the order in which they stand in the notebook.
CELLS = {
    "every_kind": """explore(
    Wave(),
    level=(-1.0, 1.0, 0.1),
    rate=FloatLogSlider(value=0.1, min=-6, max=2, step=0.5),
    kind=["sine", "cosine"],
    flip=False,
    title="wave",
    span=IntRangeSlider(value=(1, 3), min=0, max=5),
)""",
    "wave": "explore(Wave(), level=(-1.0, 1.0, 0.1))",
    "sluggish": """sluggish = explore(Sluggish(), level=(-20.0, 20.0, 1.0))
sluggish.view.ahead = False
sluggish""",
    "training": "explore(Training(), level=(0.0, 5.0, 1.0))",
    "picky": "explore(Picky(), level=(0.0, 4.0, 1.0))",
    "hostile": "explore(Hostile(), level=(0.0, 4.0, 1.0))",
    "function": "explore(parabola, a=(1.0, 3.0, 1.0))",
    "first_of_two": "twice = explore(Wave(), level=(-1.0, 1.0, 0.1))\ndisplay(twice, twice)",
    "second_of_two": None,
    "again": "explore(Wave(), level=(-1.0, 1.0, 0.1))",
}


def write_notebook(folder, name, cells):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / name)


@pytest.fixture(scope="module")
def notebook(chromium, lab):
    shutil.copy(scenes.__file__, lab.folder)
    write_notebook(lab.folder, "scenes.ipynb", [IMPORTS, *filter(None, CELLS.values())])
    opened = Notebook(chromium, lab, "scenes.ipynb")
    opened.run_all()
    opened.lab = lab
    return opened


@pytest.fixture
def explorer(notebook):
    """How a test gets at the explore cell with a name."""
    return lambda name: notebook.explorer(list(CELLS).index(name))


@pytest.fixture(autouse=True)
def nothing_complained_of(notebook):
    yield
    assert notebook.complaints == []
    assert notebook.lab.errors() == []


def expected_svg(notebook, scene, **values):
    """Return what the browser makes of the drawing that this process computes."""
    picture = Picture(scene)
    return notebook.page.evaluate(
        """({ background, parts }) => {
             const holder = document.createElement('div');
             holder.innerHTML = background;
             const svg = holder.firstElementChild;
             svg.removeAttribute('width');
             svg.removeAttribute('height');
             for (const [name, fragment] of Object.entries(parts)) {
               svg.querySelector(`[data-part=${name}]`).innerHTML = fragment;
             }
             return svg.outerHTML;
           }""",
        {"background": picture.background, "parts": picture.frame(**values).parts},
    )


def computed(notebook, name):
    """Return the levels that a scene of the notebook was asked for, in that order."""
    return eval(notebook.ask(f"print(scenes.COMPUTED.get({name!r}))"))


def is_focused(control):
    return control.evaluate("(element) => element === document.activeElement")


# ---- the keyboard ------------------------------------------------------------------------------


def test_tab_reaches_every_control_and_each_shows_that_it_has_the_focus(notebook, explorer):
    one = explorer("every_kind")
    one.control("level").focus()
    seen = set()
    for _ in range(20):
        at = notebook.page.evaluate(
            """() => {
                 const { activeElement } = document;
                 const box = activeElement.closest('[class*=lessons-control-]');
                 const style = getComputedStyle(activeElement);
                 return {
                   name: box?.className.match(/lessons-control-(\\w+)/)[1] ?? null,
                   label: activeElement.getAttribute('aria-label'),
                   outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 1,
                   handle: activeElement.matches('.noUi-handle, input, select'),
                 };
               }"""
        )
        if at["name"] is None:
            break
        seen.add(at["name"])
        assert at["label"], at
        assert at["outline"], at
        notebook.page.keyboard.press("Tab")
    assert seen == {"level", "rate", "kind", "flip", "title", "span"}


def test_arrows_page_keys_and_ends_move_a_slider(explorer):
    one = explorer("wave")
    for key, level in [
        ("Home", -1.0),
        ("ArrowRight", -0.9),
        ("ArrowUp", -0.8),
        ("ArrowLeft", -0.9),
        ("End", 1.0),
        ("ArrowDown", 0.9),
    ]:
        one.press("level", key)
        assert f"is at {level:g}," in one.readout()
    one.press("level", "End", "PageDown")
    assert "is at 1," not in one.readout()
    one.press("level", "PageUp")
    assert "is at 1," in one.readout()


def test_every_other_control_moves_the_picture(notebook, explorer):
    one = explorer("every_kind")
    one.press("kind", "ArrowDown")
    assert "The cosine wave" in one.readout()
    before = one.svg()
    one.press("flip", "Space")
    assert one.svg() != before
    one.press("title", "End", "s", "Enter")
    assert "The cosine waves is" in one.readout()
    one.press("span", "ArrowRight")
    assert "from 2 to 3" in one.readout()


def test_keys_on_a_control_are_no_commands_to_jupyterlab(notebook, explorer):
    cells = notebook.page.locator(".jp-Notebook .jp-Cell")
    for name, key in [("level", "b"), ("kind", "b"), ("kind", "ArrowUp"), ("flip", "ArrowDown")]:
        explorer("every_kind").press(name, key)
        assert is_focused(explorer("every_kind").control(name))
    assert cells.count() == 1 + len([cell for cell in CELLS.values() if cell])


# ---- names and words ---------------------------------------------------------------------------


def test_what_is_read_out_is_what_is_seen(explorer):
    one = explorer("every_kind")
    for name in ("level", "rate"):
        handle = one.control(name)
        shown = one.box.locator(f".lessons-control-{name} .widget-readout")
        for key in ("Home", "ArrowRight", "ArrowRight", "PageUp", "End", "ArrowLeft"):
            one.press(name, key)
            assert handle.get_attribute("aria-valuetext") == shown.text_content()


def test_the_two_handles_of_a_range_have_names_of_their_own(explorer):
    handles = explorer("every_kind").box.locator(".lessons-control-span .noUi-handle")
    names = handles.evaluate_all("(found) => found.map((each) => each.ariaLabel)")
    assert names == ["span, from", "span, to"]


def test_controls_are_named_by_their_labels(explorer):
    one = explorer("every_kind")
    for name, label in [("level", "level ℓ"), ("rate", "rate η"), ("kind", "kind of wave")]:
        assert one.control(name).get_attribute("aria-label") == label


def test_pictures_and_readouts_have_their_roles(notebook):
    for i in range(len(CELLS)):
        one = notebook.explorer(i)
        assert one.box.locator("[role=img]").get_attribute("aria-label")
        assert one.box.locator(".readout").get_attribute("aria-live") == "polite"


def test_axe_finds_nothing(notebook):
    assert notebook.page.locator(".lessons-explore").count() == len(CELLS)
    found = Axe().run(notebook.page, context=".lessons-explore")
    assert found.violations_count == 0, found.generate_report()


def test_words_are_shown_as_words(notebook, explorer):
    one = explorer("hostile")
    one.press("level", "ArrowRight")
    assert one.readout() == scenes.Hostile.words_at(1.0)
    assert one.box.locator("[role=img]").get_attribute("aria-label") == scenes.Hostile.alt
    label = scenes.Hostile.labels["level"]
    assert one.control("level").get_attribute("aria-label") == label
    assert one.box.locator(".widget-label").first.text_content() == label
    assert one.svg() == expected_svg(notebook, scenes.Hostile(), level=1.0)
    assert one.box.locator("b, script, img, .lessons-view i").count() == 0
    assert notebook.page.locator("#injected").count() == 0


# ---- the picture follows -----------------------------------------------------------------------


def test_the_picture_is_the_one_of_the_kernel(notebook, explorer):
    one = explorer("wave")
    one.press("level", "Home")
    for key, level in [("ArrowRight", -0.9), ("End", 1.0), ("ArrowLeft", 0.9)]:
        one.press("level", key)
        assert one.svg() == expected_svg(notebook, scenes.Wave(), level=level)


def test_a_held_slider_brings_its_whole_range(notebook, explorer):
    one = explorer("again")
    one.control("level").focus()
    notebook.page.wait_for_timeout(500)
    had = len(computed(notebook, "Wave"))
    one.press("level", "Home", *["ArrowRight"] * 20)
    assert "is at 1," in one.readout()
    assert len(computed(notebook, "Wave")) == had


def test_positions_between_are_left_out_when_the_kernel_cannot_keep_up(notebook, explorer):
    one = explorer("sluggish")
    one.press("level", "Home")
    had = len(computed(notebook, "Sluggish"))
    one.press("level", *["ArrowRight"] * 19)
    assert "is at -1," in one.readout()
    assert one.svg() == expected_svg(notebook, scenes.Wave(), level=-1.0)
    seen = computed(notebook, "Sluggish")[had:]
    assert seen[-1] == -1.0
    assert seen == sorted(seen)
    assert len(seen) <= 6


def test_a_slow_scene_is_computed_once_the_slider_is_let_go(notebook, explorer):
    one = explorer("training")
    bar = one.box.locator("progress")
    one.box.scroll_into_view_if_needed()
    handle = one.control("level").bounding_box()
    track = one.box.locator(".noUi-base").bounding_box()
    mouse, y = notebook.page.mouse, handle["y"] + handle["height"] / 2
    mouse.move(handle["x"] + handle["width"] / 2, y)
    mouse.down()
    for part in (0.4, 0.7, 1.0):
        mouse.move(track["x"] + part * track["width"], y)
        notebook.page.wait_for_timeout(50)
    assert computed(notebook, "Training") == [0.0]
    mouse.up()
    bar.wait_for(state="visible")
    assert one.is_waiting()
    one.settle()
    bar.wait_for(state="hidden")
    assert computed(notebook, "Training") == [0.0, 5.0]
    one.press("level", "Home")
    one.press("level", "End")
    assert "is at 5," in one.readout()
    assert computed(notebook, "Training") == [0.0, 5.0]


def test_a_position_that_fails_says_so_and_the_next_is_right_again(notebook, explorer):
    one = explorer("picky")
    one.press("level", "ArrowRight", "ArrowRight")
    problem = one.box.locator(".readout.problem")
    assert "Picky.update(level=2.0) raised ValueError: 2 is <b>too</b> much" in one.readout()
    assert problem.count() == 1
    log = (notebook.lab.folder / "lessons.log").read_text(encoding="utf-8")
    assert "Picky could not be shown" in log
    assert "Traceback" in log
    one.press("level", "ArrowRight")
    assert problem.count() == 0
    assert "is at 3," in one.readout()


def test_a_plain_function_is_explored(explorer):
    one = explorer("function")
    before = one.svg()
    one.press("a", "ArrowRight")
    assert one.readout() == "a=2.0"
    assert one.svg() != before


def test_cells_do_not_disturb_each_other(explorer):
    one, other = explorer("wave"), explorer("again")
    other.press("level", "End")
    before = other.svg()
    one.press("level", "Home")
    assert other.svg() == before
    assert "is at 1," in other.readout()


def test_one_explorer_shown_twice_moves_in_both_places(notebook, explorer):
    one, other = explorer("first_of_two"), explorer("second_of_two")
    one.press("level", "End")
    other.settle()
    assert one.readout() == other.readout()
    assert one.svg() == other.svg() == expected_svg(notebook, scenes.Wave(), level=1.0)
    other.press("level", "Home")
    one.settle()
    assert one.svg() == other.svg() == expected_svg(notebook, scenes.Wave(), level=-1.0)


def test_a_cell_that_is_run_again_starts_anew(notebook, explorer):
    one = explorer("wave")
    one.press("level", "End")
    notebook.run_cell(1 + list(CELLS).index("wave"))
    one.box.locator(".readout", has_text="is at 0,").wait_for()
    assert notebook.page.locator(".lessons-explore").count() == len(CELLS)
    one.press("level", "ArrowRight")
    assert "is at 0.1," in one.readout()


# ---- without a kernel --------------------------------------------------------------------------


def test_what_is_saved_has_pixels_and_words(notebook):
    notebook.page.keyboard.press("Escape")
    notebook.page.keyboard.press("Control+s")
    notebook.page.wait_for_function(
        "() => !window.jupyterapp.shell.currentWidget.context.model.dirty"
    )
    saved = nbformat.read(Path(notebook.lab.folder) / "scenes.ipynb", as_version=4)
    outputs = [output for cell in saved.cells for output in cell.outputs]
    assert len(outputs) == len(CELLS)
    for output in outputs:
        assert base64.b64decode(output.data["image/png"]).startswith(b"\x89PNG")
        assert output.metadata["image/png"]["alt"].endswith(output.data["text/plain"])


@pytest.mark.parametrize("gone", ["restartKernel", "shutdown"])
def test_without_its_kernel_the_picture_stays_and_says_what_to_do(chromium, lab, notebook, gone):
    write_notebook(lab.folder, f"{gone}.ipynb", [IMPORTS, CELLS["sluggish"]])
    opened = Notebook(chromium, lab, f"{gone}.ipynb")
    opened.run_all()
    one = opened.explorer(0)
    one.press("level", "ArrowRight")
    before = one.svg()
    opened.page.evaluate(f"() => window.jupyterapp.shell.currentWidget.sessionContext.{gone}()")
    one.press("level", "ArrowRight")
    assert "Run the cell again." in one.readout()
    assert one.svg() == before
    one.press("level", "ArrowLeft")
    assert "is at 1," in one.readout()
    # ipywidgets tells the console that it could not keep the slider's value in the kernel.
    assert not [each for each in opened.complaints if "widget sync message" not in each]
    opened.page.close()
