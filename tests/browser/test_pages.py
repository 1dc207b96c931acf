"""How pages, the index and prints behave, and what no notebook can make them do."""

import base64
import io
import re
import zlib

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat import v4
from PIL import Image

from lessons.exercises import after_the_clip, clip_by_norm
from lessons.explorable.live import explore
from lessons.publish.browser import Browser
from lessons.publish.cards import StoredPicture, small
from lessons.publish.handout import as_pdf
from lessons.publish.html import document
from tests.browser.files import AT, FAMILIES, PIXEL, SHOWN, picture_of, question_of
from tests.explorable.scenes import Wave
from tests.publish.notebooks import cell

pytestmark = pytest.mark.browser

NEIGHBOURS = {
    "links": [("pdf/x.pdf", "PDF to print")],
    "before": ("01", "Before"),
    "after": ("03", "After"),
}


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """A file of each kind that is no deck, with everything that may stand on it."""
    folder = tmp_path_factory.mktemp("pages")
    made = explore(Wave(), level=(-1.0, 1.0, 0.25), kind=["sine", "cosine"], flip=False)
    cells = [
        cell("# A page\n\n45 minutes\n\n$$\\lVert t \\rVert \\le c$$"),
        cell("> **For the lecturer · 4 minutes.** Look.", "notes"),
        cell("import this", code=True, id="imports"),
        cell("## One\n\n| size $a$ | `b` |\n|---|---|\n| 1 | [two](#two) |"),
        cell("print(6 * 7)", code=True, outputs=[v4.new_output("stream", text="42 " * 60)]),
        cell("explore(...)", code=True, id="wave", outputs=[picture_of(made, folder)]),
        cell("## Two\n\n```python\nx = " + "1 + " * 60 + "1\n```"),
        cell("# do it" + " again" * 40, "skip", ["exercise"], code=True),
        cell("check", "skip", ["exercise"], code=True, outputs=[question_of(clip_by_norm.bent)]),
        cell("check", "skip", ["exercise"], code=True, outputs=[question_of(after_the_clip.quiz)]),
        cell("# A model answer", "skip", ["solution"], code=True),
    ]
    lecture = {
        "name": "02",
        "number": "2",
        "title": "A page",
        "about": cells[0],
        "picture": small(StoredPicture(base64.b64decode(PIXEL), "a dot")),
        "links": NEIGHBOURS["links"],
    }
    opening = {"name": "02", "title": "A page", "scene": cells[5].outputs[0].data["text/html"]}
    found = {}
    for template, shown, given in [
        ("page", cells, NEIGHBOURS),
        ("handout", cells, {}),
        ("answers", cells, {}),
        ("index", [], {"lectures": [lecture], "opening": opening}),
    ]:
        found[template] = folder / f"{template}.html"
        found[template].write_text(document(template, shown, folder, **given), encoding="utf-8")
    return found


@pytest.mark.parametrize("template", ["page", "index", "handout", "answers"])
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_by_day_and_by_night_wide_and_narrow(
    template, scheme, width, paths, open_file
):
    opened = open_file(paths[template], width=width, color_scheme=scheme)
    opened.page.locator("details").evaluate_all("(all) => all.forEach((d) => d.open = true)")
    opened.page.locator("#notes").evaluate_all("(all) => all.forEach((each) => each.click())")
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(opened.page)
    assert found.violations_count == 0, found.generate_report()
    assert opened.complaints == []


def test_a_page_tells_day_from_night_and_paper_does_not(paths, open_file):
    expected = {"page": True, "index": True, "handout": False, "answers": False}
    for template, differ in expected.items():
        page, grounds = open_file(paths[template]).page, set()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert (len(grounds) == 2) == differ, template
        page.emulate_media(media="print")
        assert page.locator(".lessons-button:visible").count() == 0, template


def test_sliders_of_a_page_move_by_keys_and_by_the_pointer_and_by_a_finger(paths, open_file):
    opened = open_file(paths["page"], width=390, has_touch=True, is_mobile=True)
    scene = opened.scene()
    level, before = scene.locator("[data-control=level]"), scene.evaluate(SHOWN)
    # Below the picture there is room for the longest sentence from the start.
    assert "The cosine wave is at −0.75" in scene.locator(".room").text_content()
    assert not scene.locator(".room").is_visible()
    level.press("ArrowRight")
    assert scene.evaluate(AT) == {"level": 5, "kind": 0, "flip": 0}
    assert "is at 0.25" in scene.evaluate(SHOWN)["readout"]
    scene.locator("[data-control=kind]").select_option(index=1)
    scene.locator("[data-control=flip]").click()
    level.scroll_into_view_if_needed()
    bar = level.bounding_box()
    opened.page.touchscreen.tap(bar["x"] + bar["width"] - 2, bar["y"] + bar["height"] / 2)
    assert scene.evaluate(AT) == {"level": 8, "kind": 1, "flip": 1}
    assert scene.evaluate(SHOWN)["parts"] != before["parts"]


def test_an_answer_is_judged_by_keyboard_and_by_a_finger(paths, open_file):
    opened = open_file(paths["page"], width=390, has_touch=True, is_mobile=True)
    one, ten = opened.page.locator("form").all()
    said = one.locator("[aria-live=polite]")
    opened.page.get_by_label("Your answer: 2 numbers").focus()
    keyboard = opened.page.keyboard
    keyboard.type("5, 5")
    keyboard.press("Enter")
    assert said.inner_text() == repr(clip_by_norm.bent([5, 5]))
    keyboard.press("Control+A")
    keyboard.type("5, 2")
    keyboard.press("Tab")
    keyboard.press("Space")
    assert said.inner_text() == repr(clip_by_norm.bent([5, 2]))
    for number, is_true in after_the_clip.quiz.right[0].items():
        ten.get_by_role("combobox", name=f"{number}", exact=True).select_option(str(is_true))
    assert ten.get_by_role("group", name="Your answers").get_by_role("combobox").count() == 10
    ten.get_by_role("button", name="Check").tap()
    assert ten.locator("[aria-live=polite]").inner_text().startswith("✓ Right. All ten.")
    found = Axe().run(opened.page)
    assert found.violations_count == 0, found.generate_report()
    opened.page.reload()
    assert opened.page.locator("form input").input_value() == ""
    assert opened.complaints == []
    assert opened.other_requests() == []


# ---- reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize("javascript", [True, False])
def test_one_switch_shows_all_notes_and_needs_no_script(javascript, paths, chromium):
    page = chromium.new_context(java_script_enabled=javascript).new_page()
    page.goto(paths["page"].as_uri())
    note, switch = page.get_by_text("Look."), page.get_by_label("Lecturer’s notes")
    assert not note.is_visible()
    switch.press("Space")
    assert note.is_visible()
    switch.press("Space")
    assert not note.is_visible()
    page.context.close()


def test_what_a_lecture_imports_is_folded(paths, open_file):
    page = open_file(paths["page"]).page
    assert not page.get_by_text("import this").is_visible()
    page.get_by_text("What this lecture imports").click()
    assert page.get_by_text("import this").is_visible()


REFUSES = "{ writeText: () => Promise.reject(new Error('not allowed')) }"


@pytest.mark.parametrize("clipboard", ["granted", "undefined", REFUSES])
def test_code_is_copied_by_a_key_or_else_selected(clipboard, paths, open_file):
    granted = ["clipboard-read", "clipboard-write"] if clipboard == "granted" else []
    page = open_file(paths["page"], permissions=granted).page
    if not granted:
        page.evaluate(f"Object.defineProperty(navigator, 'clipboard', {{ value: {clipboard} }})")
    box = page.locator(".copyable", has_text="print(6")
    assert box.get_by_title("Copy the code").count() == 1
    box.get_by_role("button", name="Copy the code").press("Enter")
    if granted:
        box.get_by_role("button", name="The code is copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()").strip() == "print(6 * 7)"
        box.get_by_role("button", name="Copy the code").wait_for()
    else:
        assert page.evaluate("String(getSelection())").strip() == "print(6 * 7)"


def test_the_contents_say_which_section_is_read(paths, open_file):
    page = open_file(paths["page"], height=400).page
    here = page.locator(".contents [aria-current]")
    assert here.count() == 0
    page.keyboard.press("Tab")
    assert page.get_by_role("link", name="Skip to the content").bounding_box()["x"] >= 0
    for words in ("Two", "One"):
        page.get_by_role("link", name=words, exact=True).click()
        page.wait_for_function(
            "(words) => document.querySelector('.contents [aria-current]')?.textContent === words",
            arg=words,
        )
        assert here.count() == 1
    contents, main = (page.locator(each).bounding_box() for each in (".contents", "main"))
    assert contents["x"] + contents["width"] <= main["x"], "beside what is read"
    two = page.get_by_role("link", name="Two", exact=True).bounding_box()
    assert 0 <= two["y"] < 400, "and in sight"
    assert page.evaluate(FAMILIES) == ["DejaVu Sans", "DejaVu Sans Mono", "STIX Two Math"]


def test_the_index_opens_with_a_scene_that_moves_and_shows_each_lecture(paths, open_file):
    opened = open_file(paths["index"])
    scene = opened.scene()
    box = scene.locator("[role=img]").bounding_box()
    assert box["y"] + box["height"] <= 720, "on its first screen"
    assert scene.locator(".lessons-link").count() == 0, "no address leads here"
    before = scene.evaluate(SHOWN)
    scene.locator("[data-control=level]").press("End")
    assert scene.evaluate(SHOWN) != before
    opened.page.get_by_role("navigation", name="the way").get_by_role("link").click()
    card = opened.page.locator(".cards > li")
    assert opened.page.url.endswith(f"#{card.get_attribute('id')}")
    picture, words = card.get_by_role("img", name="a dot"), card.get_by_text("45 minutes")
    assert picture.is_visible()
    box = picture.bounding_box()
    assert box["x"] + box["width"] <= words.bounding_box()["x"], "beside the words"
    assert card.get_by_role("link", name="PDF to print: A page").count() == 1
    assert opened.page.locator(".from a").get_attribute("href") == "02.html"


@pytest.mark.parametrize(
    ("template", "width", "has_touch"),
    [("page", 390, True), ("index", 390, True), ("page", 1024, True), ("page", 800, False)],
)
def test_on_a_phone_and_a_tablet_every_target_is_large_enough_for_a_finger(
    template, width, has_touch, paths, open_file
):
    touch = {"has_touch": has_touch, "is_mobile": has_touch}
    opened = open_file(paths[template], width=width, height=844, **touch)
    opened.page.locator("details").evaluate_all("(all) => all.forEach((d) => d.open = true)")
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    # A link in a sentence is as high as its line; a box to tick has its label.
    small = opened.page.evaluate(
        """() => [...document.querySelectorAll("a, button, input, select, summary, .switch")]
             .filter((each) => each.checkVisibility({ checkVisibilityCSS: true }))
             .filter((each) => !each.closest("p:not(.links), td, .skip, .switch > *"))
             .map((each) => [each.outerHTML.slice(0, 60), each.getBoundingClientRect()])
             .filter(([, { width, height }]) => Math.min(width, height) < 44)
             .map(([html, { width, height }]) => `${html} ${width} x ${height}`)"""
    )
    assert small == []


LINES = """(all) => all.flatMap((block) => {
  const range = document.createRange(), lines = new Map(), text = block.firstChild;
  for (let i = 0; i < text.length; i += 1) {
    range.setStart(text, i);
    range.setEnd(text, i + 1);
    const { top } = range.getBoundingClientRect();
    lines.set(top, (lines.get(top) ?? 0) + 1);
  }
  return [...lines.values()];
})"""


@pytest.mark.parametrize("template", ["deck", "page"])
def test_a_line_of_prose_has_at_most_75_letters(template, tmp_path, open_file):
    prose = "A clip bounds the length of a gradient, and what it cuts off is lost for good. " * 5
    shown = [
        cell(f"# Title\n\n45 minutes\n\n{prose}\n\n- {prose}"),
        cell(f"## Words\n\n{prose}", "slide"),
        cell(f"- {prose}", "slide"),
        cell("1", code=True),
    ]
    path = tmp_path / "prose.html"
    path.write_text(document(template, shown, tmp_path, **NEIGHBOURS), encoding="utf-8")
    opened = open_file(path)
    found = []
    for slide in range(3 if template == "deck" else 1):
        opened.page.evaluate("(slide) => window.Reveal?.slide(slide)", slide)
        seen = ".present > .present" if template == "deck" else "main"
        found += opened.page.locator(f"{seen} .text :is(p, li)").evaluate_all(LINES)
    assert len(found) > 20
    assert 60 <= max(found) <= 75


def test_a_picture_of_a_page_is_dark_at_night(paths, open_file):
    opened = open_file(paths["page"], color_scheme="dark")
    picture = opened.page.locator(".picture")
    turned = """(each) => {
      const svg = each.shadowRoot.querySelector("svg");
      const photograph = svg.appendChild(document.createElementNS(svg.namespaceURI, "image"));
      const { filter, imageRendering } = getComputedStyle(photograph);
      return [filter, imageRendering];
    }"""
    assert picture.locator("[role=img]").evaluate(turned) == [
        "invert(1) hue-rotate(180deg)",
        "pixelated",
    ]
    picture.scroll_into_view_if_needed()
    with Image.open(io.BytesIO(picture.screenshot())) as seen:
        assert np.asarray(seen.convert("L")).mean() < 60


# ---- on paper -----------------------------------------------------------------------------------


def test_a_sheet_has_its_number_at_the_foot_and_nothing_else_of_the_browsers(chromium, tmp_path):
    empty = tmp_path / "empty.html"
    style = "body { background: #f00 } p { height: 1px } p + p { break-before: page }"
    html = f"<html data-ready><title>A title</title><style>{style}</style><p></p><p></p>"
    empty.write_text(html, encoding="utf-8")
    with Browser(chromium) as browser:
        printed = as_pdf(browser, empty)
    streams = re.findall(rb"/FlateDecode.*?stream\r?\n(.*?)endstream", printed, re.DOTALL)
    drawn = b"".join(map(zlib.decompress, streams))
    from_the_top = [float(y) for y in re.findall(rb"([\d.]+) Tm\n", drawn)]
    assert from_the_top == [pytest.approx(1102, abs=5)] * 6, "1, /, 2: no date, no title"
    first, _, of, second, _, of_again = re.findall(rb"<(\w+)> Tj", drawn)
    assert first != of == second == of_again, "a 1 is another letter than a 2"
    assert b"1 0 0 rg" in drawn, "with its background"
    (sheet,) = set(re.findall(rb"/MediaBox \[0 0 (\S+) (\S+)\]", printed))
    millimetres = np.array(sheet, float) * 25.4 / 72
    assert millimetres == pytest.approx([210, 297], abs=1), "A4"


CODE = cell("1", code=True)
FOOT = """
  :is(p, h2, .program, .formula) { margin: 0 }
  .text:first-child { height: 800px }
  .text + .text > :is(p, h2):first-child { height: 60px }
  :is(.program, .formula) { height: 860px }
  .program + .program, .formula ~ .formula, p + p .formula { height: 90px }
"""


@pytest.mark.parametrize(
    ("shown", "rule", "sheets"),
    [
        # One after the other, each higher than half a sheet; cut, they would need one sheet less.
        ([CODE] * 3, ".program { height: 550px }", 3),
        ([cell("1", tags=["exercise"], code=True)] * 3, ".exercise { height: 550px }", 3),
        ([cell("show(x)", code=True)] * 3, ".picture { height: 550px }", 3),
        ([cell("$$x$$")] * 3, ".formula { height: 550px }", 3),
        ([cell("| a |\n|---|\n| b |")] * 3, "tr { height: 275px }", 3),
        ([cell("| a |\n|---|\n| b |\n| c |")], "tr { height: 550px }", 3),
        # The second words have room at the foot of the first sheet, and what follows them none.
        ([cell("words"), cell("Do this:"), CODE, CODE], FOOT, 3),
        ([cell("words"), cell("## Two\n\n$$x$$\n\n$$y$$")], FOOT, 3),
    ],
)
def test_on_paper_what_belongs_together_is_not_torn_apart(shown, rule, sheets, chromium, tmp_path):
    path = tmp_path / "handout.html"
    html = document("handout", shown, tmp_path)
    path.write_text(html.replace("</head>", f"<style>{rule}</style></head>"), "utf-8")
    with Browser(chromium) as browser:
        printed = as_pdf(browser, path)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == sheets


# ---- what must not happen -----------------------------------------------------------------------

EVIL = "<script>window.evil = 1</script><img src=x onerror='window.evil = 2'>"


@pytest.mark.parametrize("template", ["deck", "page"])
def test_a_notebook_cannot_run_a_script_in_its_reader(template, tmp_path, open_file):
    script, _ = EVIL.split("<img")
    output = v4.new_output("execute_result", data={"text/html": EVIL, "text/plain": EVIL})
    claimed = v4.new_output(
        "execute_result",
        data={"text/html": EVIL, "text/plain": "x"},
        metadata={"text/html": {"embedded": True}},
    )
    printed = v4.new_output("stream", text=EVIL)
    shown = [
        cell(f"# Title {script}\n\n{script}\n\n[link](javascript:window.evil=3)"),
        cell(f"# {EVIL}", code=True, outputs=[printed, output]),
        cell("1", code=True, outputs=[claimed]),
    ]
    path = tmp_path / "hostile.html"
    path.write_text(document(template, shown, tmp_path, **NEIGHBOURS), encoding="utf-8")
    opened = open_file(path)
    opened.page.wait_for_timeout(200)
    assert opened.page.evaluate("window.evil") is None
    # What claims to be a picture is stopped by the policy, which says so.
    assert any("Content Security Policy" in each for each in opened.complaints)
    assert opened.other_requests() == []
    assert "<script>" in opened.page.locator("main").inner_text()
