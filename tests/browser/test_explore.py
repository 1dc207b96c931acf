"""Sliders and pictures in a real JupyterLab, moved by the keyboard as a person would."""

import base64
import re
import shutil

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

from ipywidgets import FloatLogSlider, IntRangeSlider, VBox
from IPython.display import display
from lessons.explorable import Prediction, explore
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
    "pondering": "explore(Pondering(), level=(0.0, 2.0, 1.0))",
    "training": "explore(Training(), level=(0.0, 5.0, 1.0))",
    "picky": "explore(Picky(), level=(0.0, 4.0, 1.0))",
    "hostile": "explore(Hostile(), level=(0.0, 4.0, 1.0))",
    "function": "explore(parabola, a=(1.0, 3.0, 1.0))",
    "first_of_two": """twice = explore(Wave(), level=(-1.0, 1.0, 0.1))
twice.controls[0].widget.value = 0.5
display(twice, VBox([twice]))""",
    "second_of_two": None,
    "asked_first": """up = {"at": {}, "right": lambda scene, level: "yes", "because": "It is."}
ask = Prediction("Up?", ("yes", "no"), **up)
asked = explore(Wave(), level=(-1.0, 1.0, 0.1), predict=ask)
display(asked, asked)""",
    "asked_too": None,
    "descent": "explore(Descent(), rate=(-1.0, 1.0, 0.5))",
    "again": "explore(Wave(), level=(-1.0, 1.0, 0.1))",
    "descent_too": "explore(Descent(), rate=(-1.0, 1.0, 0.5))",
}


def write_notebook(folder, name, cells):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / name)


@pytest.fixture(scope="module")
def notebook(chromium, lab):
    shutil.copy(scenes.__file__, lab.folder)
    write_notebook(lab.folder, "scenes.ipynb", [IMPORTS, *filter(None, CELLS.values())])
    opened = Notebook(chromium, lab, "scenes.ipynb", has_touch=True)
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
    overflow = one.box.evaluate("(each) => getComputedStyle(each).overflow")
    assert overflow == "visible", "at the edge of the box nothing of it is cut off"


def test_keys_move_every_kind_of_control(explorer):
    one = explorer("every_kind")
    for name, key, words in [
        ("level", "Home", "is at −1,"),
        ("level", "ArrowRight", "is at −0.9,"),
        ("level", "ArrowUp", "is at −0.8,"),
        ("level", "ArrowLeft", "is at −0.9,"),
        ("level", "End", "is at 1,"),
        ("level", "PageDown", "is at 0.5,"),
        ("level", "PageUp", "is at 1,"),
        ("rate", "Home", "rate 1e-6,"),
        ("kind", "ArrowDown", "The cosine wave"),
        ("span", "ArrowRight", "from 2 to 3"),
    ]:
        one.press(name, key)
        assert words in one.readout()
    one.press("title", "End", "s", "Enter")
    assert "The cosine waves is" in one.readout()
    before = one.svg()
    one.press("flip", "Space")
    assert one.svg() != before


def click(page, x, y):
    page.mouse.click(x, y)


def tap(page, x, y):
    page.touchscreen.tap(x, y)


@pytest.mark.parametrize("touch", [click, tap])
def test_pointer_and_finger_move_every_kind_of_control(notebook, explorer, touch):
    one = explorer("every_kind")

    def at(name, share, part=".noUi-base"):
        element = one.box.locator(f".lessons-control-{name} {part}")
        element.scroll_into_view_if_needed()
        box = element.bounding_box()
        touch(notebook.page, box["x"] + share * box["width"], box["y"] + box["height"] / 2)
        one.settle()
        notebook.page.wait_for_timeout(350)  # a handle glides, and takes no other click meanwhile

    for share, words in [(0.99, "is at 1,"), (0.01, "is at −1,")]:
        at("level", share)
        assert words in one.readout()
    at("rate", 0.99)
    assert "rate 100," in one.readout()
    at("span", 0.99)
    assert "to 5." in one.readout()
    notebook.page.keyboard.press("ArrowLeft")
    one.settle()
    assert "to 4." in one.readout()
    before = one.svg()
    at("flip", 0.5, "input")
    assert one.svg() != before
    # The list that opens belongs to the system, not to the page.
    for word in ("cosine", "sine"):
        one.control("kind").select_option(word)
        one.settle()
        assert f"The {word} wave" in one.readout()


def test_keys_on_a_control_are_no_commands_to_jupyterlab(notebook, explorer):
    cells = notebook.page.locator(".jp-Notebook .jp-Cell")
    for name, key in [("level", "b"), ("kind", "b"), ("kind", "ArrowUp"), ("flip", "ArrowDown")]:
        explorer("every_kind").press(name, key)
        assert is_focused(explorer("every_kind").control(name))
    assert cells.count() == 1 + len([cell for cell in CELLS.values() if cell])
    assert notebook.asks_to_be_saved()
    explorer("every_kind").press("level", "ControlOrMeta+s")
    is_saved = "() => !window.jupyterapp.shell.currentWidget.context.model.dirty"
    notebook.page.wait_for_function(is_saved)


# ---- names and words ---------------------------------------------------------------------------


def test_what_is_read_out_is_what_is_seen(explorer):
    one = explorer("every_kind")
    for name in ("level", "rate"):
        handle = one.control(name)
        shown = one.box.locator(f".lessons-control-{name} .widget-readout")
        for key in ("Home", "ArrowRight", "End"):
            one.press(name, key)
            assert handle.get_attribute("aria-valuetext") == shown.text_content()


def test_controls_are_named_by_their_labels(explorer):
    one = explorer("every_kind")
    for name, label in [("level", "level ℓ"), ("rate", "rate η"), ("kind", "kind of wave")]:
        assert one.control(name).get_attribute("aria-label") == label
    assert "Backspace" in one.control("level").get_attribute("title")
    handles = one.box.locator(".lessons-control-span .noUi-handle")
    names = handles.evaluate_all("(found) => found.map((each) => each.ariaLabel)")
    assert names == ["span, from", "span, to"]


THEME = "(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })"


def test_axe_finds_nothing_by_day_and_by_night(notebook):
    assert notebook.page.locator(".lessons-explore").count() == len(CELLS)
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        notebook.page.evaluate(THEME, theme)
        notebook.page.wait_for_selector(f"[data-jp-theme-name='{theme}']", state="attached")
        found = Axe().run(notebook.page, context=".lessons-explore")
        assert found.violations_count == 0, found.generate_report()
        # Of white on white, axe says nothing.
        words = notebook.page.locator(".lessons-view .readout").first
        assert words.evaluate("(each) => getComputedStyle(each).color") == "rgb(34, 34, 34)"


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


# On a busy machine all may be over before a question from here arrives.
WATCH_PROGRESS = """(box) => new MutationObserver(() => {
  const partly = "progress[max='5'][value]:not([value='5'], [hidden])";
  window.progressWasSeen ||= box.querySelector(`[aria-busy=true] ${partly}`) !== null;
}).observe(box, { subtree: true, attributes: true })"""


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
    one.box.evaluate(WATCH_PROGRESS)
    mouse.up()
    notebook.page.wait_for_function("() => window.progressWasSeen")
    one.settle()
    bar.wait_for(state="hidden")
    assert computed(notebook, "Training") == [0.0, 5.0]
    one.press("level", "Home")
    one.press("level", "End")
    assert "is at 5," in one.readout()
    assert computed(notebook, "Training") == [0.0, 5.0]


# What would come later comes after one second, the words that ask for patience too.
IMPATIENT = """() => {
  window.patient = window.setTimeout;
  window.setTimeout = (act, after) => window.patient(act, Math.min(after ?? 0, 1000));
}"""


def test_whoever_sees_how_far_a_scene_is_needs_no_words_about_waiting(notebook, explorer):
    one = explorer("pondering")
    notebook.page.evaluate(IMPATIENT)
    one.control("level").focus()
    notebook.page.keyboard.press("End")
    one.box.locator("progress[value='1']").wait_for()
    notebook.page.wait_for_timeout(1500)
    assert one.box.locator("progress").is_visible()
    assert one.box.locator(".note").text_content() == ""
    one.settle()
    assert "is at 2," in one.readout()
    notebook.page.evaluate("() => { window.setTimeout = window.patient; }")
    one.press("level", "Home")


def test_while_the_kernel_computes_the_picture_shows_that_it_waits(notebook, explorer):
    one = explorer("pondering")
    bar, note = one.box.get_by_role("progressbar", name="computing"), one.box.locator(".note")
    one.control("level").focus()
    notebook.page.keyboard.press("ArrowRight")
    bar.wait_for(state="visible", timeout=2000)
    assert bar.get_attribute("value") is None, "nobody knows how long"
    assert note.text_content() == ""
    colour = "(each) => getComputedStyle(each).color"
    readout = one.box.locator(".readout")
    stale = readout.evaluate(colour)
    note.filter(has_text="To stop it, press ■").wait_for(timeout=8000)
    one.settle()
    assert "is at 1," in one.readout()
    assert not bar.is_visible()
    assert note.text_content() == ""
    assert readout.evaluate(colour) != stale, "grey, what was said of the place before"


def test_a_position_that_fails_says_so_and_the_next_is_right_again(notebook, explorer):
    one = explorer("picky")
    one.press("level", "ArrowRight", "ArrowRight")
    problem = one.box.locator(".readout.problem")
    assert "Picky.update(level=2.0) raised ValueError: 2 is <b>too</b> much" in one.readout()
    assert problem.count() == 1
    for look in ("color", "backgroundColor"):
        colour = problem.evaluate(f"(each) => getComputedStyle(each).{look}")
        red, green, blue = map(int, re.findall(r"\d+", colour))
        assert red > max(green, blue), f"{look} is {colour}, not red"
    log = (notebook.lab.folder / "lessons.log").read_text(encoding="utf-8")
    assert "Picky could not be shown" in log
    assert "Traceback" in log
    one.press("level", "ArrowRight")
    assert problem.count() == 0
    assert "is at 3," in one.readout()


def test_a_plain_function_is_explored(notebook, explorer):
    one = explorer("function")
    before = one.svg()
    one.press("a", "ArrowRight")
    assert one.readout() == "a=2.0"
    assert one.svg() != before
    notebook.page.wait_for_timeout(600)
    assert not one.box.locator("progress").is_visible(), "it was answered before a bar was due"


def test_cells_do_not_disturb_each_other(explorer):
    one, other = explorer("wave"), explorer("again")
    other.press("level", "End")
    before = other.svg()
    one.press("level", "Home")
    assert other.svg() == before
    assert "is at 1," in other.readout()


def test_one_explorer_shown_twice_moves_in_both_places(notebook, explorer):
    one, other = explorer("first_of_two"), explorer("second_of_two")
    for shown in (one, other):
        shown.box.locator(".readout", has_text="is at 0.5,").wait_for()
        assert shown.box.get_by_role("button", name="Back to the start").is_visible()
    assert explorer("function").box.is_visible(), "nothing of the cell before is hidden"
    one.press("level", "End")
    other.settle()
    assert one.readout() == other.readout()
    assert one.svg() == other.svg() == expected_svg(notebook, scenes.Wave(), level=1.0)
    other.press("level", "Home")
    one.settle()
    assert one.svg() == other.svg() == expected_svg(notebook, scenes.Wave(), level=-1.0)


def test_a_prediction_that_is_answered_in_one_place_asks_no_more_in_the_other(notebook, explorer):
    one, other = explorer("asked_first"), explorer("asked_too")
    assert other.box.locator(".lessons-play").is_disabled()
    one.box.get_by_text("Just let me move it").click()
    other.box.locator(".lessons-answers").wait_for(state="detached")
    assert other.box.locator(".lessons-play").is_enabled()
    kept = notebook.ask("print(asked.view.prediction, asked.controls[0].widget.disabled)")
    assert kept.split() == ["{}", "False"], "so a page that is loaded anew asks no more"
    other.press("level", "End")
    assert "is at 1," in other.readout()


def test_a_cell_that_is_run_again_starts_anew(notebook, explorer):
    one = explorer("wave")
    one.press("level", "End")
    one.control("level").press("Shift+Enter")
    one.box.locator(".readout", has_text="is at 0,").wait_for()
    assert notebook.page.locator(".lessons-explore").count() == len(CELLS)
    one.press("level", "ArrowRight")
    assert "is at 0.1," in one.readout()


# ---- numbers that are typed, and the way back ---------------------------------------------------


@pytest.mark.parametrize(
    ("leave", "typed", "shown"), [("Tab", "−0,44", "−0.4"), ("Enter", "0,3", "0.3")]
)
def test_a_typed_number_moves_the_slider_to_the_nearest_value(explorer, leave, typed, shown):
    one = explorer("wave")
    one.press("level", "Home")
    number = one.box.get_by_role("textbox", name="level ℓ, as a number")
    before = number.text_content()
    number.click()
    number.fill(typed)
    number.press(leave)
    one.settle()
    assert number.inner_html() == shown
    assert f"is at {shown.replace('-', '−')}," in one.readout()
    number.fill(before)
    number.press("Enter")
    one.settle()
    assert "is at −1," in one.readout(), "typed back"


def test_escape_takes_back_what_was_typed(explorer):
    one = explorer("wave")
    number, readout = one.box.locator(".widget-readout"), one.readout()
    before = number.text_content()
    number.click()
    number.fill("0.7")
    number.press("Escape")
    assert number.text_content() == before
    number.press("Tab")
    one.settle()
    assert (number.text_content(), one.readout()) == (before, readout)


def test_what_is_no_number_is_put_back_with_a_word_why(explorer):
    one = explorer("wave")
    one.press("level", "End")
    for name, box in {"level": one, "span": explorer("every_kind")}.items():
        number = box.box.locator(f".lessons-control-{name} .widget-readout")
        before = number.text_content()
        number.click()
        number.fill("oh")
        number.press("Tab")
        assert number.text_content() == before
        assert "“oh” is not a number" in box.box.get_by_role("status").last.text_content()
    one.press("level", "Home")
    assert one.box.locator(".note").text_content() == ""


def test_a_range_that_is_typed_counts_when_its_field_is_left(explorer):
    one = explorer("every_kind")
    number = one.box.locator(".lessons-control-span .widget-readout")
    number.click()
    number.fill("2 - 4")
    number.press("Tab")
    one.settle()
    assert "from 2 to 4" in one.readout()


def test_one_button_leads_back_to_the_start(notebook, explorer):
    one = explorer("every_kind")
    reset = one.box.get_by_role("button", name="Back to the start")
    for name, keys in {
        "level": ["Home"],
        "rate": ["End"],
        "kind": ["ArrowDown", "ArrowUp", "ArrowDown"],
        "span": ["Home"],
    }.items():
        one.press(name, *keys)
    one.press("title", "End", "!", "Enter")
    if not one.control("flip").is_checked():
        one.press("flip", "Space")
    reset.click()
    one.settle()
    assert one.svg() == expected_svg(notebook, scenes.Wave())
    assert one.readout() == "The sine wave is at 0, rate 0.1, from 1 to 3."
    assert one.box.locator(".lessons-control-level .widget-readout").text_content() == "0.0"
    assert not one.control("flip").is_checked()
    assert not reset.is_visible()
    one.press("level", "ArrowRight")
    assert reset.is_visible()


# ---- on a low screen ----------------------------------------------------------------------------

LOW = """explore(
    Labelled(),
    level=(-1.0, 1.0, 0.1),
    rate=FloatLogSlider(value=0.1, min=-6, max=2, step=0.5),
    kind=["sine", "cosine"],
    span=IntRangeSlider(value=(1, 3), min=0, max=5),
)"""


def test_sliders_and_picture_are_seen_together_on_a_low_screen(chromium, lab, notebook):
    write_notebook(lab.folder, "low.ipynb", [IMPORTS, LOW, *["1"] * 20])
    opened = Notebook(chromium, lab, "low.ipynb", viewport=(1366, 768))
    opened.run_all()
    page = opened.page
    # As a student does: run the cell again, and go on to the next.
    page.evaluate(
        """() => {
             const { content } = window.jupyterapp.shell.currentWidget;
             content.activeCellIndex = 1;
             content.activate();
           }"""
    )
    page.keyboard.press("Shift+Enter")
    page.wait_for_timeout(1500)
    one = opened.explorer(0)
    window = page.locator(".jp-WindowedPanel-outer").bounding_box()
    for each in (one.control("level"), one.control("span"), one.box.locator("[role=img]")):
        box = each.bounding_box()
        assert box["y"] >= window["y"]
        assert box["y"] + box["height"] <= window["y"] + window["height"]
        assert box["x"] + box["width"] <= window["x"] + window["width"]
    label = one.box.locator(".lessons-control-level .widget-label").bounding_box()
    assert label["height"] > 40, "200 letters take several lines"
    below = one.box.locator(".lessons-control-rate").bounding_box()
    assert label["y"] + label["height"] <= below["y"] + 1, "and cover no other slider"
    page.close()


ROOM = """(picture) =>
  parseFloat(getComputedStyle(picture.shadowRoot.querySelector("svg")).maxHeight)"""


def test_a_picture_leaves_room_for_its_sliders_and_for_a_question(explorer):
    plain, asked, many = (
        explorer(name).box.locator("[role=img]").evaluate(ROOM)
        for name in ("again", "asked_too", "every_kind")
    )
    assert plain - asked >= 60
    assert plain - many >= 150


# ---- sliders that play, and go back to their start -----------------------------------------------


def test_a_slider_plays_by_its_button_and_pauses_when_a_key_moves_it(notebook, explorer):
    one = explorer("wave")
    one.press("level", "Home")
    one.box.get_by_role("button", name="Play: level ℓ").press("Enter")
    one.box.locator(".readout", has_not_text="is at −1,").wait_for()
    assert one.box.locator(".readout").get_attribute("aria-live") == "off"
    one.press("level", "End")
    # By itself it would end there too, eight seconds later.
    one.box.get_by_role("button", name="Play: level ℓ").wait_for(timeout=3000)
    notebook.page.wait_for_timeout(500)
    assert "is at 1," in one.readout()
    assert one.svg() == expected_svg(notebook, scenes.Wave(), level=1.0)
    one.box.get_by_role("button", name="Play: level ℓ").click()
    one.box.locator(".lessons-control-level .noUi-base").click()
    one.box.get_by_role("button", name="Play: level ℓ").wait_for(timeout=3000)


def test_a_slow_scene_plays_as_fast_as_it_is_computed(notebook, explorer):
    one = explorer("training")
    one.press("level", "Home")
    one.box.get_by_role("button", name="Play: level ℓ").click()
    one.box.get_by_role("button", name="Play: level ℓ").wait_for()
    assert sorted(computed(notebook, "Training")) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_only_sliders_with_an_order_have_a_play_button(explorer):
    names = (
        explorer("every_kind")
        .box.locator(".lessons-play")
        .evaluate_all("(found) => found.map((each) => each.ariaLabel)")
    )
    assert names == ["Play: level ℓ", "Play: rate η"]


def test_backspace_or_a_double_click_puts_one_slider_back(explorer):
    one = explorer("every_kind")
    one.press("rate", "End")
    bar = one.box.locator(".lessons-control-level .noUi-base")
    for back in (lambda: one.press("level", "Backspace"), lambda: bar.dblclick()):
        one.press("level", "End")
        assert "is at 1," in one.readout()
        back()
        one.settle()
        assert "is at 0, rate 100," in one.readout()
    one.press("level", "End")
    number = one.box.locator(".lessons-control-level .widget-readout")
    number.click()
    number.press("End")
    number.press("Backspace")
    one.settle()
    assert number.text_content() == "1.", "in its field it deletes a letter"
    assert "is at 1," in one.readout(), "and moves nothing"
    number.press("Escape")


def test_what_is_around_a_slider_is_there_before_it_is_touched(notebook, explorer):
    one = explorer("again")
    one.press("level", "Home")
    notebook.run_cell(1 + [*filter(CELLS.get, CELLS)].index("again"))
    one.box.locator(".readout", has_text="is at 0,").wait_for()
    before = len(computed(notebook, "Wave"))
    one.box.locator(".lessons-control-level .noUi-base").hover(position={"x": 2, "y": 2})
    # On a busy machine one after the other comes.
    for _ in range(100):
        if len(computed(notebook, "Wave")) - before >= 20:
            break
        notebook.page.wait_for_timeout(100)
    notebook.page.wait_for_timeout(300)
    assert len(computed(notebook, "Wave")) - before == 20
    waiting = explorer("training")
    before = computed(notebook, "Training")
    waiting.box.locator(".lessons-control-level .noUi-base").hover()
    notebook.page.wait_for_timeout(300)
    assert computed(notebook, "Training") == before


def test_a_run_goes_step_by_step_here_too(explorer):
    one = explorer("descent")
    whole = one.svg()
    one.box.get_by_role("slider", name="step").press("Home")
    assert one.svg().count("<circle") == 2
    one.press("rate", "ArrowLeft")
    assert one.svg().count("<circle") == 2
    one.box.get_by_role("button", name="Play: step").click()
    one.press("rate", "ArrowRight")
    one.box.get_by_role("button", name="Play: step").wait_for()
    assert one.svg().count("<circle") == 2, "by itself it would end whole"
    one.box.get_by_role("slider", name="step").press("End")
    assert one.svg() == whole
    label = one.box.get_by_text("step", exact=True)
    assert label.evaluate("(each) => getComputedStyle(each).fontSize") == "16px"
    second = explorer("descent_too").box.get_by_role("slider", name="step")
    assert second.bounding_box()["width"] > 300, "each has its own name, and takes its row"


# ---- without a kernel --------------------------------------------------------------------------


def pictures_without_kernel(page):
    return page.locator(".jp-OutputArea-output img")


@pytest.fixture(scope="module")
def spare(chromium, lab, notebook):
    """A notebook that is stored as it has run, and whose kernel may end."""
    # Only what is asked for is there, nothing that was sent ahead.
    cell = "wave = explore(Wave(), level=(-1.0, 1.0, 0.1))\nwave.view.ahead = False\nwave"
    write_notebook(lab.folder, "spare.ipynb", [IMPORTS, cell])
    opened = Notebook(chromium, lab, "spare.ipynb")
    opened.run_all()
    opened.save()
    yield opened
    opened.page.close()


END = "() => window.jupyterapp.shell.currentWidget.sessionContext.{}()"


def test_a_kernel_that_is_restarted_while_it_was_asked_is_waited_for_no_more(spare):
    spare.run_all()
    one = spare.explorer(0)
    spare.page.evaluate(
        """() => {
             const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
             kernel.requestExecute({ code: "import time; time.sleep(60)", store_history: false });
           }"""
    )
    one.control("level").focus()
    spare.page.keyboard.press("ArrowRight")
    one.box.locator("progress").wait_for()
    spare.page.evaluate(END.format("restartKernel"))
    one.box.locator(".readout", has_text="choose Run → Run All Above Selected Cell").wait_for()
    assert not one.box.locator("progress").is_visible()


@pytest.mark.parametrize("gone", ["restartKernel", "shutdown"])
def test_without_its_kernel_the_picture_stays_and_says_what_to_do(spare, gone):
    spare.run_all()
    one = spare.explorer(0)
    one.press("level", "ArrowRight")
    before, said = one.svg(), one.readout()
    spare.page.evaluate(END.format(gone))
    assert one.readout() == said, "whoever asks for nothing is told nothing"
    one.press("level", "ArrowRight")
    assert "choose Run → Run All Above Selected Cell" in one.readout()
    assert one.svg() == before
    one.press("level", "ArrowLeft")
    assert "is at 0.1," in one.readout()
    # ipywidgets tells the console that it could not keep the slider's value in the kernel.
    assert not [each for each in spare.complaints if "widget sync message" not in each]


def test_a_notebook_opened_without_its_kernel_shows_pictures_and_how_to_move_them(
    chromium, lab, spare
):
    stored, hint = pictures_without_kernel(spare.page), spare.page.locator(".lessons-stored")
    assert stored.count() == hint.count() == 1
    assert not stored.is_visible(), "the one that moves is there"
    assert not hint.is_visible()
    saved = nbformat.read(lab.folder / "spare.ipynb", as_version=4).cells[1].outputs[0]
    assert base64.b64decode(saved.data["image/png"]).startswith(b"\x89PNG")
    assert saved.metadata["image/png"]["alt"].endswith(saved.data["text/plain"])
    # With a kernel of its own, which knows nothing of the picture.
    shutil.copy(lab.folder / "spare.ipynb", lab.folder / "stored.ipynb")
    opened = Notebook(chromium, lab, "stored.ipynb")
    pictures_without_kernel(opened.page).wait_for(state="visible")
    hint = opened.page.locator(".lessons-stored")
    assert "Run All Above Selected Cell" in hint.text_content()
    assert hint.is_visible()
    opened.page.wait_for_timeout(1000)
    assert not opened.page.get_by_text("Error displaying widget").is_visible()
    opened.page.close()


def test_where_no_widgets_are_shown_sliders_move_without_them(chromium, lab, notebook):
    as_on_kaggle = "import os\nos.environ['KAGGLE_KERNEL_RUN_TYPE'] = 'Interactive'"
    write_notebook(lab.folder, "kaggle.ipynb", [as_on_kaggle, IMPORTS, *[CELLS["wave"]] * 2])
    opened = Notebook(chromium, lab, "kaggle.ipynb")
    opened.run_all()
    frames = opened.page.locator(".jp-OutputArea-output iframe")
    assert frames.count() == 2
    second = frames.nth(1).content_frame
    ground = "(each) => getComputedStyle(each).backgroundColor"
    assert second.locator("body").evaluate(ground) == "rgb(255, 255, 255)", "at night too"
    second.get_by_role("slider", name="level").press("ArrowRight")
    assert "is at 0.1," in second.locator(".readout:not(.room)").text_content()
    # All of it is seen, in place of the stored picture.
    assert not pictures_without_kernel(opened.page).first.is_visible()
    opened.page.wait_for_function(
        "(frame) => { const page = frame.contentDocument.body;"
        " return page.scrollHeight > 300 && page.scrollHeight === frame.clientHeight; }",
        arg=frames.nth(1).element_handle(),
    )
    assert opened.complaints == []
    opened.page.close()
