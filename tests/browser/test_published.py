"""Decks, pages and prints in a real browser without a network: what a student is handed out."""

import itertools
import json
import os
import re
import subprocess
import sys
from math import prod

import nbformat
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat import v4

from lessons.explorable.embed import embedded_explorer, embedded_still
from lessons.explorable.live import explore, show
from lessons.explorable.picture import Frame, Picture
from lessons.explorable.precompute import DEFAULT_BUDGET, make_plan
from lessons.publish import cells as roles
from lessons.publish import slides
from lessons.publish.browser import Browser
from lessons.publish.html import document
from lessons.publish.notebook import find
from lessons.publish.overflow import overflows
from tests.explorable.embedded import assert_same
from tests.explorable.scenes import Wave
from tests.lectures import sweep

pytestmark = pytest.mark.browser

NOTEBOOKS = find([sweep.NOTEBOOKS])
NAMES = [path.stem for path in NOTEBOOKS]
COMPARED = 20
# What it shows is measured anew each time.
MEASURES = {"Cost"}

each_lecture = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Everything that `make pages` writes, and what it said the first and the second time."""
    folder = tmp_path_factory.mktemp("published")
    said = [
        subprocess.run(
            [sys.executable, "-m", "lessons.publish", "pages", "--out", str(folder)],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        for _ in range(2)
    ]
    assert [each.returncode for each in said] == [0, 0], said[0].stderr + said[1].stderr
    found = folder / "site"
    found_said = [each.stdout for each in said]
    return found, found_said


class Opened:
    """A file of ours in a browser without a network; what went wrong is kept.

    Args:
        browser: A running browser.
        path: The file.
        query: What follows its name, such as ``?print-pdf``.
        **settings: Of the browser's context.
    """

    def __init__(self, browser, path, query="", width=1280, height=720, **settings):
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, offline=True, **settings
        )
        self.page = self.context.new_page()
        self.requests, self.complaints = [], []
        self.page.on("request", lambda request: self.requests.append(request))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.goto(path.resolve().as_uri() + query)
        self.page.wait_for_selector("html[data-ready]", state="attached")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def other_requests(self):
        own = self.page.url.partition("#")[0].partition("?")[0]
        # What the policy forbids is not asked for.
        asked = [each.url for each in self.requests if "csp" not in (each.failure or "")]
        return [url for url in asked if not url.startswith((own, "data:"))]


# What a scene shows now: the fragment of each part, and the sentence.
SHOWN = """(root) => {
  const parts = root.querySelector("[role=img]").shadowRoot.querySelectorAll("[data-part]");
  return {
    parts: Object.fromEntries([...parts].map((part) => [part.dataset.part, part.innerHTML])),
    readout: root.querySelector(".readout").textContent,
  };
}"""
MOVE = """(root, positions) => {
  for (const [name, position] of Object.entries(positions)) {
    const control = root.querySelector(`[data-control=${name}]`);
    if (control.type === "checkbox") control.checked = Boolean(position);
    else if (control.type === "range") control.value = position;
    else control.selectedIndex = position;
  }
  root.dispatchEvent(new Event("input"));
}"""


def embedded_explorers(path):
    """Return each explorer of a notebook with the states at which its embedded sliders stand."""
    return [(explorer, kept_by(explorer)) for explorer in sweep.explorers(path)]


def kept_by(explorer):
    """Return the states that each slider keeps, by its name."""
    plan = make_plan(explorer.picture, explorer.controls, explorer.counts, DEFAULT_BUDGET)
    return dict(zip(plan.sliders, plan.kept, strict=True))


def some(kept):
    """Return about `COMPARED` positions, spread over all of them, by the index of each slider."""
    count = prod(map(len, kept.values()))
    spread = sorted(set(np.linspace(0, count - 1, COMPARED).round().astype(int)))
    every = itertools.product(*(range(len(states)) for states in kept.values()))
    wanted = set(spread)
    return [dict(zip(kept, at, strict=True)) for i, at in enumerate(every) if i in wanted]


def live(explorer, kept, at):
    values = {
        control.name: control.value_of(kept[control.name][at[control.name]])
        for control in explorer.controls
    }
    return explorer.picture.frame(**values)


def embedded_scenes(page):
    """Return the scenes of a page that have sliders, in their order."""
    return page.locator(".lessons-embedded:has([data-control])")


# ---- every file ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def opened_files(site, chromium):
    """What each deck and page was when it was opened, by its path."""
    found = {}
    for path in [site[0] / "index.html"] + [
        site[0] / folder / f"{name}.html" for name in NAMES for folder in ("", "slides")
    ]:
        with Opened(chromium, path) as opened:
            # The number of a slide is a link that reveal.js itself answers.
            links = opened.page.locator("a[href]:not(.slide-number a)")
            found[path] = {
                "title": opened.page.title(),
                "complaints": opened.complaints,
                "requests": opened.other_requests(),
                "links": links.evaluate_all("(all) => all.map((a) => a.getAttribute('href'))"),
                # Without those inside of pictures, which have a tree of their own.
                "ids": opened.page.evaluate(
                    "() => [...document.querySelectorAll('[id]')].map((each) => each.id)"
                ),
                "pictures": opened.page.locator(".lessons-view [role=img]").count(),
            }
    return found


def test_every_deck_and_page_opens_and_asks_for_nothing(opened_files):
    assert len(opened_files) == 2 * len(NAMES) + 1
    for path, found in opened_files.items():
        assert found["title"], path
        assert found["complaints"] == [], path
        assert found["requests"] == [], path


def test_every_picture_of_a_notebook_is_in_its_deck_and_on_its_page(site, opened_files):
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        pictures = [cell for cell in cells if roles.is_picture(cell)]
        on_slides = [cell for cell in pictures if roles.kind_of(cell) != "skip"]
        assert opened_files[site[0] / f"{path.stem}.html"]["pictures"] == len(pictures)
        assert opened_files[site[0] / "slides" / f"{path.stem}.html"]["pictures"] == len(on_slides)


def test_every_link_of_the_site_leads_somewhere(site, opened_files):
    for path, found in opened_files.items():
        assert len(found["ids"]) == len(set(found["ids"])), path
        for link in found["links"]:
            if link.startswith("#"):
                assert link[1:] in found["ids"], f"{path.name} links to {link}"
            elif "://" not in link:
                assert (path.parent / link).is_file(), f"{path.name} links to {link}"
    links = opened_files[site[0] / "index.html"]["links"]
    for name in NAMES:
        assert {f"{name}.html", f"slides/{name}.html", f"pdf/{name}.pdf"} <= set(links)


def test_a_deck_is_small(site):
    for name in NAMES:
        assert (site[0] / "slides" / f"{name}.html").stat().st_size < 1.5e6


def test_the_second_time_nothing_is_computed_or_looked_at(site):
    first, second = site[1]
    assert "positions, " in first
    assert "looking at every slide" in first
    assert "positions, " not in second
    assert "looking at every slide" not in second
    assert "starting its kernel" not in second


# ---- what the sliders show ----------------------------------------------------------------------


@each_lecture
def test_what_a_page_shows_is_what_the_live_code_gives(name, site, chromium):
    path = sweep.NOTEBOOKS / f"{name}.ipynb"
    with Opened(chromium, site[0] / f"{name}.html") as opened:
        scenes = embedded_scenes(opened.page)
        explorers = embedded_explorers(path)
        assert scenes.count() == len(explorers) > 0
        for number, (explorer, kept) in enumerate(explorers):
            if explorer.picture.name in MEASURES:
                continue
            root = scenes.nth(number)
            start = root.evaluate(SHOWN)
            assert_same(Frame(**start), explorer.picture.frame(**explorer.values))
            positions = some(kept)
            assert len(positions) == min(COMPARED, prod(map(len, kept.values())))
            for at in positions:
                root.evaluate(MOVE, {n: i for n, i in at.items() if len(kept[n]) > 1})
                assert_same(Frame(**root.evaluate(SHOWN)), live(explorer, kept, at))


def show_slide_of(page, root):
    root.evaluate(
        "(each) => { const { h, v } = Reveal.getIndices(each.closest('section'));"
        " Reveal.slide(h, v, 99); }"
    )


def positions_of(root):
    return root.locator("[data-control]").evaluate_all(
        "(found) => Object.fromEntries(found.map((each) => [each.dataset.control,"
        " each.type === 'range' ? each.valueAsNumber"
        " : each.type === 'checkbox' ? Number(each.checked) : each.selectedIndex]))"
    )


@each_lecture
def test_every_slider_of_a_deck_moves_by_keyboard_and_by_pointer(name, site, chromium):
    path = sweep.NOTEBOOKS / f"{name}.ipynb"
    with Opened(chromium, site[0] / "slides" / f"{name}.html") as opened:
        page, scenes = opened.page, embedded_scenes(opened.page)
        for number, (explorer, kept) in enumerate(embedded_explorers(path)):
            root = scenes.nth(number)
            show_slide_of(page, root)
            here = page.evaluate("JSON.stringify(Reveal.getIndices())")
            fixed = {control: 0 for control, states in kept.items() if len(states) == 1}
            for control in positions_of(root):
                element = root.locator(f"[data-control={control}]")
                moves = [by_keyboard, by_pointer]
                if element.get_attribute("type") != "checkbox":
                    # Each move has to change something: first to the end where it does not stand.
                    at_start = positions_of(root)[control] == 0
                    moves = [*((to_end, to_start) if at_start else (to_start, to_end)), *moves]
                seen = [root.evaluate(SHOWN)]
                for move in moves:
                    was = positions_of(root)[control]
                    move(page, element)
                    at = positions_of(root)
                    assert at[control] != was, f"{control}, {move.__name__}"
                    if move in (to_start, to_end):
                        assert at[control] == (len(kept[control]) - 1 if move is to_end else 0)
                    seen.append(root.evaluate(SHOWN))
                    if explorer.picture.name not in MEASURES:
                        assert_same(Frame(**seen[-1]), live(explorer, kept, fixed | at))
                assert any(each != seen[0] for each in seen), f"{control} moves nothing"
                if element.get_attribute("type") == "range":
                    said = element.get_attribute("aria-valuetext")
                    assert said == element.locator("+ output").inner_text().strip()
            assert page.evaluate("JSON.stringify(Reveal.getIndices())") == here
        assert opened.complaints == []


def to_start(page, element):
    element.press("Home")


def to_end(page, element):
    element.press("End")


def by_keyboard(page, element):
    element.focus()
    kind = element.get_attribute("type")
    if kind == "checkbox":
        page.keyboard.press("Space")
    elif kind == "range":
        at_end = element.evaluate("(each) => each.value === each.max")
        page.keyboard.press("ArrowLeft" if at_end else "ArrowRight")
    else:
        last = element.evaluate("(each) => each.selectedIndex === each.length - 1")
        page.keyboard.press("ArrowUp" if last else "ArrowDown")


def by_pointer(page, element):
    kind = element.get_attribute("type")
    if kind == "checkbox":
        element.click()
    elif kind == "range":
        box = element.bounding_box()
        share = 0.25 if element.evaluate("(each) => each.value / each.max > 0.5") else 0.8
        page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
    else:
        # The list that opens belongs to the system, not to the page.
        options = element.evaluate("(each) => each.length")
        element.select_option(index=(element.evaluate("(e) => e.selectedIndex") + 1) % options)


# ---- how a deck behaves -------------------------------------------------------------------------

WITH_SLIDERS = "01_clip_by_value_and_relu"


@pytest.fixture
def deck(site, chromium):
    with Opened(chromium, site[0] / "slides" / f"{WITH_SLIDERS}.html") as opened:
        yield opened


def test_arrow_keys_turn_slides_unless_a_slider_has_the_focus(deck):
    page = deck.page
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == 1
    root = embedded_scenes(page).first
    show_slide_of(page, root)
    here = page.evaluate("JSON.stringify(Reveal.getIndices())")
    slider = root.locator("input[type=range]").first
    slider.focus()
    was = slider.input_value()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    assert int(slider.input_value()) == int(was) + 2
    assert page.evaluate("JSON.stringify(Reveal.getIndices())") == here
    # A presenter's remote sends this, wherever the focus is.
    page.keyboard.press("PageDown")
    assert page.evaluate("JSON.stringify(Reveal.getIndices())") != here
    page.keyboard.press("PageUp")
    slider.focus()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("JSON.stringify(Reveal.getIndices())") != here
    assert int(slider.input_value()) == int(was) + 2


def test_fragments_appear_one_after_the_other(deck):
    page = deck.page
    steps = page.locator(".fragment")
    assert steps.count() >= 1
    slide = steps.first.evaluate(
        "(each) => { const { h, v } = Reveal.getIndices(each.closest('section'));"
        " Reveal.slide(h, v); return [h, v]; }"
    )
    assert not steps.first.is_visible()
    page.keyboard.press("Space")
    assert steps.first.is_visible()
    assert page.evaluate("[Reveal.getIndices().h, Reveal.getIndices().v]") == slide


def test_notes_and_skipped_cells_are_not_on_the_slides(deck):
    assert not deck.page.locator("aside.notes").first.is_visible()
    assert "For the lecturer" not in deck.page.locator(".slides").inner_text()
    assert deck.page.locator("aside.notes").count() >= 3


def test_the_lecturers_window_has_notes_a_clock_and_what_comes_next(deck):
    with deck.context.expect_page() as opening:
        deck.page.keyboard.press("s")
    window = opening.value
    notes = deck.page.locator("aside.notes").first.text_content().strip()
    assert (
        " ".join(window.locator("main").inner_text().split())[:60] == " ".join(notes.split())[:60]
    )
    assert re.search(r"\d+:\d\d", window.locator(".clock").inner_text())
    assert "Two bounds" in window.locator(".next").inner_text()
    window.keyboard.press("ArrowRight")
    assert deck.page.evaluate("Reveal.getIndices().h") == 1
    assert " ".join(notes.split())[:60] not in " ".join(window.locator("main").inner_text().split())
    assert deck.complaints == []
    assert deck.other_requests() == []


def test_the_lecturers_window_opened_twice_turns_one_slide_at_a_time(tmp_path, chromium):
    path = tmp_path / "deck.html"
    cells = [slide(f"# {number}", id=f"slide-{number}") for number in range(4)]
    path.write_text(document("deck", cells, tmp_path), "utf-8")
    with Opened(chromium, path) as opened:
        with opened.context.expect_page() as opening:
            opened.page.keyboard.press("s")
        opened.page.keyboard.press("s")
        opening.value.keyboard.press("ArrowRight")
        assert opened.page.evaluate("Reveal.getIndices().h") == 1
        opening.value.keyboard.press("PageUp")
        assert opened.page.evaluate("Reveal.getIndices().h") == 0
        assert opened.complaints == []


@each_lecture
def test_printed_each_slide_has_a_page_and_axe_finds_nothing(name, site, chromium):
    # All slides stand on one page there, so that axe sees each of them.
    with Opened(chromium, site[0] / "slides" / f"{name}.html", "?print-pdf") as opened:
        opened.page.wait_for_selector(".pdf-page")
        slides = opened.page.evaluate("Reveal.getSlides().length")
        assert opened.page.locator(".pdf-page").count() == slides
        printed = opened.page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == slides
        found = Axe().run(opened.page)
        assert found.violations_count == 0, found.generate_report()


def test_it_works_on_a_phone_held_sideways(site, chromium):
    path = site[0] / "slides" / f"{WITH_SLIDERS}.html"
    with Opened(chromium, path, width=740, height=360, has_touch=True, is_mobile=True) as opened:
        page = opened.page
        assert page.evaluate("document.documentElement.scrollWidth") <= 740
        assert page.locator(".controls .navigate-right").is_visible()
        root = embedded_scenes(page).first
        show_slide_of(page, root)
        slider = root.locator("input[type=range]").first
        box, was = slider.bounding_box(), slider.input_value()
        page.touchscreen.tap(box["x"] + 0.6 * box["width"], box["y"] + box["height"] / 2)
        assert slider.input_value() != was


# ---- pages and prints ---------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_on_any_page(scheme, width, site, chromium):
    for path in [site[0] / "index.html", *(site[0] / f"{name}.html" for name in NAMES)]:
        with Opened(chromium, path, width=width, color_scheme=scheme) as opened:
            opened.page.locator("details").evaluate_all(
                "(all) => all.forEach((d) => d.open = true)"
            )
            assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
            found = Axe().run(opened.page)
            assert found.violations_count == 0, f"{path.name}: {found.generate_report()}"


def test_a_page_tells_day_from_night(site, chromium):
    grounds = set()
    for scheme in ("light", "dark"):
        with Opened(chromium, site[0] / "index.html", color_scheme=scheme) as opened:
            grounds.add(opened.page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2


@each_lecture
def test_a_print_has_room_to_write_and_answers_at_the_end(name, site, chromium):
    printed = (site[0] / "pdf" / f"{name}.pdf").read_bytes()
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 2
    path = sweep.NOTEBOOKS / f"{name}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    with Opened(chromium, site[0].parent / "cache" / "drafts" / f"{name}-print.html") as opened:
        page = opened.page
        exercises = [c for c in cells if roles.has_tag(c, "exercise")]
        assert page.locator(".room-to-write").count() == len(exercises)
        answers = roles.with_tag(cells, "solution")
        assert page.locator(".solutions .program").count() == len(answers)
        words = page.locator("main").inner_text()
        if answers:
            assert words.rindex("Model answers") > words.rindex("Exercises")
        assert "For the lecturer" not in words


@pytest.mark.parametrize(
    ("template", "query", "on_paper"),
    [("handout", "", True), ("deck", "?print-pdf", True), ("deck", "", False)],
)
def test_on_paper_a_picture_and_its_sliders_stand_where_they_tell_most(
    template, query, on_paper, tmp_path, chromium
):
    class Steps(Wave):
        telling = {"level": 1.5, "kind": "cosine"}

    made = explore(Steps(), level=(-2, 2, 0.25), kind=["sine", "cosine"], export={"level": 4})
    data, metadata = embedded_explorer(made, tmp_path, lambda progress: None)
    output = v4.new_output("execute_result", data=data, metadata=metadata)
    cell = slide("explore(Steps())", code=True, outputs=[output])
    path = tmp_path / "paper.html"
    path.write_text(document(template, [cell], tmp_path), encoding="utf-8")
    at = {"level": 1.5, "kind": "cosine"} if on_paper else {"level": 0.0, "kind": "sine"}
    with Opened(chromium, path, query) as opened:
        root = embedded_scenes(opened.page).first
        assert_same(Frame(**root.evaluate(SHOWN)), Picture(Steps()).frame(**at))
        # It keeps -2, 0, 1.5 and 2.
        assert positions_of(root) == {"level": 2 if on_paper else 1, "kind": int(on_paper)}
        assert root.locator("output").inner_text().strip() == f"{at['level']:.2f}"
        assert opened.complaints == []


# ---- what must not happen -----------------------------------------------------------------------

EVIL = "<script>window.evil = 1</script><img src=x onerror='window.evil = 2'>"


def hostile():
    output = v4.new_output("execute_result", data={"text/html": EVIL, "text/plain": EVIL})
    claimed = v4.new_output(
        "execute_result",
        data={"text/html": EVIL, "text/plain": "x"},
        metadata={"text/html": {"embedded": True}},
    )
    cells = [
        v4.new_markdown_cell(f"# Title {EVIL}\n\n{EVIL}\n\n[link](javascript:window.evil=3)"),
        v4.new_code_cell(f"# {EVIL}", outputs=[v4.new_output("stream", text=EVIL), output]),
        v4.new_code_cell("1", outputs=[claimed]),
    ]
    return cells


@pytest.mark.parametrize("template", ["deck", "page"])
def test_a_notebook_cannot_run_a_script_in_its_reader(template, tmp_path, chromium):
    path = tmp_path / "hostile.html"
    given = {} if template == "deck" else {"links": [], "before": None, "after": None}
    path.write_text(document(template, hostile(), tmp_path, **given), encoding="utf-8")
    with Opened(chromium, path) as opened:
        opened.page.wait_for_timeout(200)
        assert opened.page.evaluate("window.evil") is None
        # What claims to be a picture is stopped by the policy, which says so.
        assert any("Content Security Policy" in each for each in opened.complaints)
        assert opened.other_requests() == []
        assert "<script>" in opened.page.locator("main").inner_text()


def misfits_of(chromium, folder, *cells):
    path = folder / "deck.html"
    path.write_text(document("deck", cells, folder), "utf-8")
    return overflows(Browser(chromium), path)


def slide(source, code=False, outputs=(), id="guilty"):
    made = v4.new_code_cell(source, outputs=list(outputs)) if code else v4.new_markdown_cell(source)
    made.metadata = {"slideshow": {"slide_type": "slide"}}
    made.id = id
    return made


@pytest.mark.parametrize(
    ("guilty", "words"),
    [
        (slide("\n\n".join(["Many words stand here."] * 40)), "passes the bottom edge by"),
        (slide("\n".join(["a = 1"] * 40), code=True), "code passes the bottom edge"),
        (slide(f"word = {'very' * 40!r}", code=True), "too wide by|passes the right edge"),
        (slide("# " + "W" * 60), "passes the right edge"),
        (slide("| " + " | ".join(["wide column"] * 14) + " |\n" + "|---" * 14 + "|"), "right edge"),
    ],
)
def test_a_slide_that_does_not_fit_is_named_with_by_how_much(guilty, words, tmp_path, chromium):
    found = misfits_of(chromium, tmp_path, slide("# Fine", id="fine"), guilty)
    assert [re.search(r"at (\d+x\d+)", line).group(1) for line in found] == [
        "1280x720",
        "1920x1080",
    ]
    for line in found:
        assert line.startswith("slide 2.1 (cell 'guilty')")
        assert re.search(words, line), line
        assert re.search(r"\d px", line)


def test_code_fits_in_large_letters_wherever_it_is_given_them(tmp_path, chromium):
    line = "m" * 82
    printed = v4.new_output("stream", text="\n".join([line] * 10))
    cells = [
        slide("\n".join([line] * 21), code=True, id="code"),
        slide("\n".join([line] * 10), code=True, outputs=[printed], id="output"),
        slide("## A title\n\n" + "Many words stand here. " * 9 + "\n\n$$\\frac{a}{b}$$", id="text"),
        v4.new_code_cell("\n".join([line] * 9)),
        v4.new_markdown_cell("- one\n- two"),
    ]
    columns = slides.columns(cells)
    assert [slides.has_room(each) for (each,) in columns] == [True] * 3
    assert misfits_of(chromium, tmp_path, *cells) == []
    with Opened(chromium, tmp_path / "deck.html") as opened:
        sizes = opened.page.locator(".code, .output").evaluate_all(
            "(all) => all.map((each) => getComputedStyle(each).fontSize)"
        )
    assert sizes == ["23px"] * 4


def piece(scene):
    data, metadata = embedded_still(show(scene))
    return v4.new_output("execute_result", data=data, metadata=metadata)


def test_small_print_and_an_empty_picture_are_found(tmp_path, chromium):
    from lessons.explorable.scene import Scene

    class Small(Scene):
        alt = "A curve with a caption that nobody can read."

        def draw(self):
            axes = self.figure.subplots()
            axes.plot([0, 1])
            self.moves(axes.text(0, 0.5, "tiny words", size=7))

        def update(self):
            return "Small."

    class Empty(Scene):
        alt = "Nothing."

        def draw(self):
            self.moves(self.figure.text(0.5, 0.5, ""))
            self.figure.patch.set_visible(False)

        def update(self):
            return "Nothing."

    small = slide("show(Small())", code=True, outputs=[piece(Small())])
    lines = misfits_of(chromium, tmp_path, small)
    assert all(
        '"tiny words" in the picture has' in line and "of at least 18" in line for line in lines
    )
    empty = slide("show(Empty())", code=True, outputs=[piece(Empty())])
    lines += misfits_of(chromium, tmp_path, empty)
    assert len(lines) == 4
    assert all("the picture is empty" in line for line in lines[2:])


def test_pictures_and_sentences_keep_their_place_when_a_slider_moves(deck):
    root = embedded_scenes(deck.page).last
    show_slide_of(deck.page, root)
    boxes = set()
    for key in ("Home", "ArrowRight", "End"):
        root.locator("input[type=range]").first.press(key)
        box = root.locator("[role=img]").bounding_box()
        boxes.add(json.dumps(box))
    assert len(boxes) == 1
