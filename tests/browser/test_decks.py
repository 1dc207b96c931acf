"""How a deck behaves: its keys, its sliders, the lecturer's window, and what it is on paper."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from lessons.explorable.live import explore, show
from lessons.explorable.picture import Picture
from lessons.explorable.words import typeset
from lessons.publish.html import document
from tests.browser.files import AT, FAMILIES, PIXEL, SHOWN, picture_of, still_of, written
from tests.explorable.scenes import Wave
from tests.publish.notebooks import cell

pytestmark = pytest.mark.browser

CODE = 'def clip(t, low, high):\n    # from the inside\n    return np.maximum(low, "t")'


def explorer():
    """Return a picture with every kind of control that there is without a kernel."""
    scene = Wave()
    scene.telling = {"level": 1.0}  # on paper, and not where it starts
    return explore(scene, level=(-1.0, 1.0, 0.25), kind=["sine", "cosine"], flip=False)


def frame(at):
    """Return what the live picture shows where the controls of `explorer` stand like this."""
    values = {"level": -1 + at["level"] / 4, "kind": ["sine", "cosine"][at["kind"]]}
    return Picture(Wave()).frame(flip=bool(at["flip"]), **values)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A deck with everything that may stand on one; slides 0 and 1, 2 to 4, and 5."""
    folder = tmp_path_factory.mktemp("deck")
    pasted = cell("![a dot](attachment:dot.png)\n\n| $a$ | `b` |\n|---|---|\n| 1 | [c](#bounds) |")
    pasted.attachments = {"dot.png": {"image/png": PIXEL}}
    cells = [
        cell("# A deck\n\nwith *words*", "slide"),
        cell(
            "<details><summary><b>For the lecturer · 3 minutes</b></summary>\n\nAsk.\n\n</details>",
            "notes",
        ),
        cell("first", "fragment"),
        cell("second", "fragment"),
        cell("## Bounds\n\n$$\\lVert t \\rVert \\le c$$\n\n- one\n- two", "subslide"),
        cell(CODE, "slide", code=True),
        cell("a hidden cell", "skip"),
        cell("> **For the lecturer · 4 minutes.** Look at $c$.", "notes"),
        pasted,
        cell("explore(...)", "subslide", code=True, outputs=[picture_of(explorer(), folder)]),
        cell("## Late", "subslide"),
        cell("show(...)", "slide", code=True, outputs=[still_of(show(Wave()))]),
    ]
    return written(folder, cells, "deck")["deck"]


@pytest.fixture
def deck(path, open_file):
    return open_file(path)


# ---- turning slides -----------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["ArrowRight", "Space", "PageDown", "ArrowDown"])
def test_one_key_goes_through_all_slides_and_steps_in_order(key, deck):
    seen = []
    for _ in range(8):
        steps = deck.page.evaluate(
            "Reveal.getCurrentSlide().querySelectorAll('.fragment.visible').length"
        )
        seen.append((deck.slide(), steps))
        deck.page.keyboard.press(key)
    assert seen == [(0, 0), (0, 1), (0, 2), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0)]


def test_every_slide_has_a_heading_and_words_alone_stand_in_the_middle(deck):
    page = deck.page
    for column, row in ((0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 0)):
        page.evaluate(f"Reveal.slide({column}, {row})")
        assert page.locator("section.present section.present :is(h1, h2):visible").count() == 1
    page.evaluate("Reveal.slide(0, 1)")
    words = page.locator("[data-words] li:visible").last.bounding_box()
    assert 300 < words["y"] < 500
    page.evaluate("Reveal.slide(1, 0)")
    code, table = (page.locator(f".present > .present {each}") for each in (".code", "table"))
    above, end = code.bounding_box()["y"], table.bounding_box()
    assert above > 100
    assert above == pytest.approx(720 - end["y"] - end["height"], abs=60)
    assert page.evaluate(FAMILIES) == ["DejaVu Sans", "DejaVu Sans Mono", "STIX Two Math"]


def test_the_code_for_a_phone_stands_on_the_band_and_covers_no_word_of_a_long_title(
    tmp_path, open_file
):
    path, address = tmp_path / "deck.html", "https://example.org/a.html"
    title = cell("# " + "A long title " * 5 + "\n\nwith words", "slide")
    path.write_text(document("deck", [title], tmp_path, address=address), encoding="utf-8")
    page = open_file(path).page
    link = page.get_by_role("link", name=f"This lecture as a page: {address}")
    code, band = link.bounding_box(), page.locator("h1 + p").bounding_box()
    assert code["width"] >= 150
    assert code["x"] + code["width"] <= 1280 - 56
    assert code["y"] + code["height"] <= band["y"] + band["height"]
    right = """(title) => {
      const words = document.createRange();
      words.selectNodeContents(title);
      return words.getBoundingClientRect().right;
    }"""
    assert 600 < page.locator("h1").evaluate(right) < code["x"]


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (3840, 2160), (844, 390), (390, 844)])
def test_what_stands_above_and_below_a_task_keeps_off_the_edges(width, height, tmp_path, open_file):
    task = cell("**Your turn.**\n\n1. First?\n2. Second?", "subslide", id="a-task")
    scene = cell("explore(...)", code=True, outputs=[picture_of(explorer(), tmp_path)])
    cells = [cell("## A section\n\nand words", "slide"), task, scene]
    path = written(tmp_path, cells, "deck")["deck"]
    deck = open_file(path, width=width, height=height)
    assert deck.page.evaluate("Reveal.getScale()") == pytest.approx(min(width / 1280, height / 720))
    assert not deck.page.evaluate("Reveal.isScrollView()")
    deck.page.evaluate("Reveal.slide(0, 1)")
    heading, words, below, bar = (
        deck.page.locator(part).bounding_box()
        for part in (
            *("section.present section.present > .section", ".present .present > .task"),
            *(".present .present .readout:not(.room)", ".progress"),
        )
    )
    assert heading["y"] >= height / 120
    assert heading["y"] + heading["height"] <= words["y"]
    assert below["y"] + below["height"] <= bar["y"]


def test_code_in_a_table_breaks_between_words_only(tmp_path, open_file):
    row = [f"`optimizer.{letter * 18}(t, c)`" for letter in "abcd"]
    table = f"|{'|'.join(row)}|\n|{'---|' * 4}\n|{'|'.join(row)}|"
    path = written(tmp_path, [cell(table, "slide")], "deck")["deck"]
    codes = open_file(path).page.locator("td code").all()
    assert len(codes) == 4
    for code in codes:
        tops = code.evaluate("(each) => [...each.getClientRects()].map(({ top }) => top)")
        assert len(set(tops)) == 2


def test_arrows_to_click_stand_in_the_margins_and_lead_on_and_back(deck):
    page = deck.page
    assert page.locator(".controls .highlight").count() == 0, "none of them jumps"
    for _ in range(3):
        page.locator(".navigate-right").click()
    assert deck.slide() == 1
    page.locator(".navigate-left").click()
    assert deck.slide() == 0
    box = page.locator(".navigate-right").bounding_box()
    assert box["x"] > 1280 - 56


def test_the_first_slide_says_which_keys_there_are(deck):
    keys = deck.page.locator(".keys")
    assert keys.is_visible()
    assert deck.page.locator("h1").bounding_box()["y"] < 1, "its band begins at the top"
    for key in "SDXFBGO":
        assert keys.locator(f"kbd:text-is('{key}')").count() == 1


def test_a_question_mark_covers_nothing(deck):
    deck.page.keyboard.press("Shift+?")
    deck.page.keyboard.press("ArrowRight")
    assert deck.page.locator(".reveal .r-overlay, .reveal .overlay").count() == 0
    assert deck.page.locator(".reveal .fragment.visible").count() == 1


def test_a_number_leads_to_its_slide_and_its_field_goes_away(deck):
    page, field = deck.page, deck.page.locator(".jump-to-slide")
    page.keyboard.press("g")
    covers = "(input) => getComputedStyle(input).backgroundColor"
    assert field.locator("input").evaluate(covers) == "rgb(255, 255, 255)"
    page.keyboard.press("Escape")
    for keys in ("4 Enter", "2 Escape"):
        # reveal hides the field once more a millisecond after it has lost the focus.
        page.evaluate("new Promise((done) => setTimeout(done, 10))")
        page.keyboard.press("g")
        for key in keys.split():
            field.locator("input").press(key)
        field.wait_for(state="hidden")
        assert deck.slide() == 3
    page.keyboard.press("ArrowRight")
    assert deck.slide() == 4


def test_notes_are_not_on_the_slides(deck):
    assert "For the lecturer" not in deck.page.locator(".slides").inner_text()


# ---- controls -----------------------------------------------------------------------------------


def assert_shows(scene, at):
    """Check that controls stand at these states, and that the picture is that of the live code."""
    assert scene.evaluate(AT) == at
    assert scene.evaluate(SHOWN)["readout"] == typeset(frame(at).readout)


def test_every_kind_of_control_is_moved_by_keys(deck):
    scene, page = deck.scene(), deck.page
    here, pictures = deck.slide(), [scene.evaluate(SHOWN)["parts"]]
    for name, key, expected in [
        ("level", "Home", {"level": 0, "kind": 0, "flip": 0}),
        ("level", "ArrowRight", {"level": 1, "kind": 0, "flip": 0}),
        ("level", "End", {"level": 8, "kind": 0, "flip": 0}),
        ("kind", "ArrowDown", {"level": 8, "kind": 1, "flip": 0}),
        ("flip", "Space", {"level": 8, "kind": 1, "flip": 1}),
    ]:
        scene.locator(f"[data-control={name}]").press(key)
        assert_shows(scene, expected)
        pictures.append(scene.evaluate(SHOWN)["parts"])
    assert len(set(pictures)) == len(pictures)
    level = scene.locator("[data-control=level]")
    assert level.get_attribute("aria-valuetext") == "1.00"
    assert level.locator("+ output").inner_text().strip() == "1.00"
    assert deck.slide() == here
    # A presenter's remote sends this, wherever the focus is.
    level.focus()
    page.keyboard.press("PageUp")
    assert deck.slide() == here - 1
    assert deck.complaints == []


def test_every_kind_of_control_is_moved_by_the_pointer(deck):
    scene = deck.scene()
    bar = scene.locator("[data-control=level]").bounding_box()
    middles = scene.locator(".lessons-slider").first.evaluate(
        """(row) => [...row.children].map((each) => each.getBoundingClientRect())
            .map(({ top, bottom }) => (top + bottom) / 2)"""
    )
    assert middles == pytest.approx([middles[0]] * 4, abs=1), "label, button, slider and value"
    deck.page.mouse.click(bar["x"] + bar["width"] - 2, bar["y"] + bar["height"] / 2)
    assert_shows(scene, {"level": 8, "kind": 0, "flip": 0})
    # The list that opens belongs to the system, not to the page.
    scene.locator("[data-control=kind]").select_option(index=1)
    box = scene.locator("[data-control=flip]")
    assert box.bounding_box()["width"] >= 20, "as large as the letters"
    box.click()
    assert_shows(scene, {"level": 8, "kind": 1, "flip": 1})


def drag_by_finger(deck, start, end, y):
    """Draw a finger across the screen, level."""
    touch = deck.context.new_cdp_session(deck.page)
    at = [{"x": start + (end - start) * i / 8, "y": y} for i in range(9)]
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": at[:1]})
    for point in at[1:]:
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_finger_that_moves_a_slider_turns_no_slide_and_one_beside_it_does(path, open_file):
    deck = open_file(path, width=740, height=360, has_touch=True, is_mobile=True)
    page, scene = deck.page, deck.scene()
    assert page.evaluate("document.documentElement.scrollWidth") <= 740
    here = deck.slide()
    bar = scene.locator("[data-control=level]").bounding_box()
    y, left, right = bar["y"] + bar["height"] / 2, bar["x"] + 8, bar["x"] + bar["width"] - 8
    drag_by_finger(deck, right, left, y)
    assert scene.evaluate(AT)["level"] == 0
    assert deck.slide() == here
    words = scene.locator(".readout:not(.room)").bounding_box()
    drag_by_finger(deck, 600, 150, words["y"] + 5)
    assert deck.slide() == here + 1


def test_tab_leads_only_to_what_the_slide_in_sight_has(deck):
    page = deck.page
    page.evaluate("Reveal.slide(1, 1)")
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        focused = page.evaluate_handle("document.activeElement")
        ring = focused.evaluate("(each) => parseFloat(getComputedStyle(each).outlineWidth)")
        assert ring >= 3, "and it is seen from the back row"
        reached.append(focused.evaluate("(each) => each.ariaLabel ?? each.dataset.control"))
    link = "Copy a link to this position"
    assert reached == ["Play: level ℓ", "level", "kind", "flip", link]
    page.evaluate("Reveal.toggleOverview(true)")
    assert page.locator(".code").first.is_visible()


def test_turning_a_slide_gives_the_keys_back(deck):
    scene, page = deck.scene(), deck.page
    here, slider = deck.slide(), scene.locator("[data-control=level]")
    slider.focus()
    was = slider.input_value()
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowLeft")
    assert deck.slide() == here
    assert slider.input_value() == was
    slider.focus()
    page.keyboard.press("Escape")
    assert not page.evaluate("Reveal.isOverview()")
    page.keyboard.press("ArrowRight")
    assert deck.slide() == here + 1
    assert slider.input_value() == was


@pytest.mark.parametrize("key", ["Space", "Enter"])
def test_one_button_leads_back_to_the_start_and_turns_no_slide(key, deck):
    scene = deck.scene()
    here, at_start, start = deck.slide(), scene.evaluate(AT), scene.evaluate(SHOWN)
    reset = scene.get_by_role("button", name="Back to the start")
    assert not reset.is_visible()
    for name, move in {"level": "Home", "kind": "ArrowDown", "flip": "Space"}.items():
        scene.locator(f"[data-control={name}]").press(move)
        assert reset.is_visible(), "one that has moved is enough"
    reset.press(key)
    assert scene.evaluate(AT) == at_start
    assert scene.evaluate(SHOWN) == start
    assert scene.locator("output").inner_text().strip() == "0.00"
    assert not reset.is_visible()
    assert deck.slide() == here


class Talkative(Wave):
    """Says little, and much at the end of its slider."""

    def update(self, level=0.0):
        super().update(level)
        return "Little." if level < 1 else "Much is said. " * 20


def test_the_picture_and_its_words_keep_their_place_when_a_slider_moves(tmp_path, open_file):
    made = explore(Talkative(), level=(-1.0, 1.0, 0.25))
    shown = cell("explore(...)", "slide", code=True, outputs=[picture_of(made, tmp_path)])
    scene = open_file(written(tmp_path, [shown], "deck")["deck"]).scene()

    def places():
        words = scene.locator(".readout:not(.room)").bounding_box()
        return scene.locator("[role=img]").bounding_box(), words["y"]

    bar = scene.locator("[data-control=level]").bounding_box()
    assert bar["width"] > 600, "it takes what its row has"
    drawn = scene.locator("[role=img]").evaluate(
        "(picture) => picture.shadowRoot.querySelector('svg').getBoundingClientRect().width"
    )
    assert drawn == scene.locator("[role=img]").bounding_box()["width"], "in the middle"
    at_start = places()
    for key in ("Home", "ArrowRight", "End"):
        scene.locator("[data-control=level]").press(key)
        assert places() == at_start, key


# ---- the pen ------------------------------------------------------------------------------------


def strokes(page):
    """Return the boxes of what is drawn, in pixels of the screen, on all slides."""
    found = page.locator(".sheet path").evaluate_all(
        "(all) => all.map((path) => path.getBoundingClientRect().toJSON())"
    )
    return [[round(box[side]) for side in ("left", "top", "right", "bottom")] for box in found]


def draw(page, *places):
    """Draw a line by the mouse."""
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()


def test_the_pen_draws_erases_and_leaves_slides_and_sliders_alone(deck):
    page, scene = deck.page, deck.scene()
    at, here = scene.evaluate(AT), deck.slide()
    draw(page, (300, 300), (500, 400))
    assert strokes(page) == []
    assert page.get_by_role("button", name="Erase").count() == 0
    page.keyboard.press("d")
    assert page.get_by_role("button", name="Draw on the slides", pressed=True).count() == 1
    page.mouse.move(300, 300)
    page.mouse.down()
    page.mouse.move(500, 400, steps=4)
    assert strokes(page) == [[300, 300, 500, 400]], "it is seen while it is drawn"
    page.mouse.up()
    page.mouse.move(400, 350)  # over it, with nothing pressed
    bar = scene.locator("[data-control=level]").bounding_box()
    draw(page, (bar["x"], bar["y"] + 8), (bar["x"] + bar["width"], bar["y"] + 8))
    assert strokes(page)[0] == [300, 300, 500, 400]
    tool = page.get_by_role("button", name="A spot").bounding_box()
    on_tool = tool["x"] + 5, tool["y"] + 5
    draw(page, on_tool, (400, 350))
    assert len(strokes(page)) == 2, "what began on a button neither draws nor erases"
    assert (scene.evaluate(AT), deck.slide()) == (at, here)
    page.keyboard.press("ArrowRight")
    assert page.locator(".sheet path:visible").count() == 0
    draw(page, (300, 300), (500, 400))
    page.keyboard.press("ArrowLeft")
    for is_on in (True, False, True):
        page.get_by_role("button", name="Erase strokes").press("Space")
        assert page.get_by_role("button", name="Erase strokes", pressed=is_on).count() == 1
    draw(page, (540, 420), (540, 430))
    draw(page, (260, 280), (260, 290))
    assert len(strokes(page)) == 3, "beyond the ends of a stroke there is nothing to erase"
    page.mouse.click(425, 384)
    assert len(strokes(page)) == 3, "18 pixels beside it neither"
    page.mouse.click(425, 374)  # at 10
    draw(page, on_tool, (bar["x"] + 20, bar["y"] + 8), (bar["x"] + 90, bar["y"] + 8))
    assert len(strokes(page)) == 2, "the next slide's stays, in the same place"
    page.get_by_role("button", name="Erase all strokes on this slide").click()
    assert len(strokes(page)) == 1
    page.keyboard.press("ArrowRight")
    assert page.locator(".present > .sheet path").count() == 1
    page.keyboard.press("ArrowLeft")
    for _ in ("put away", "taken up again"):
        page.get_by_role("button", name="Draw on the slides").click()
    draw(page, (300, 300), (500, 400))
    assert len(strokes(page)) == 2, "it draws, although it erased last"
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Erase strokes").press("Space")
    draw(page, (420, 320), (420, 420))
    assert len(strokes(page)) == 1, "the stroke on the slide before stays"
    for erases in (False, True):
        page.get_by_role("button", name="Erase strokes").press("Space")
        page.mouse.click(600, 300)
        assert len(strokes(page)) == 2 - erases, "a dot is drawn, and erased"
    page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="Draw on the slides").click()
    page.mouse.click(bar["x"] + bar["width"] - 2, bar["y"] + bar["height"] / 2)
    assert scene.evaluate(AT)["level"] == 8
    assert deck.complaints == []


def test_what_is_drawn_stays_while_the_deck_is_open_and_is_on_its_print(deck, path):
    page = deck.page
    page.keyboard.press("d")
    draw(page, (320, 360), (640, 540), (20, 700))  # over the tools
    address = page.url.partition("#")[0]
    for query in ("", "?print-pdf"):
        page.goto(address + query)
        page.wait_for_selector("html[data-ready]", state="attached")
        page.wait_for_selector(".pdf-page" if query else ".present .sheet", state="attached")
        assert strokes(page) == [pytest.approx([20, 360, 640, 700], abs=2)]
    other = path.with_name("other.html")
    other.write_bytes(path.read_bytes())
    page.goto(other.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    assert strokes(page) == [], "another deck in the same tab has none"


def test_the_pen_draws_where_the_browser_keeps_nothing(deck):
    page = deck.page
    page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw Error('refused'); } })"
    )
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    page.keyboard.press("d")
    for count in (1, 2):
        draw(page, (300, 100 * count), (500, 100 * count))
        assert len(strokes(page)) == count
    assert deck.complaints == []


def test_a_finger_and_a_stylus_draw_and_its_other_end_erases(path, open_file):
    deck = open_file(path, width=844, height=390, has_touch=True, is_mobile=True)
    page, here = deck.page, deck.slide()
    page.get_by_role("button", name="Draw on the slides").tap()
    for tool in page.locator(".tools button").all():
        box = tool.bounding_box()
        assert min(box["width"], box["height"]) >= 44
    drag_by_finger(deck, 600, 200, 200)
    assert deck.slide() == here
    assert page.locator(".fragment.visible").count() == 0
    stylus = deck.context.new_cdp_session(page)
    for kind, x in (("mousePressed", 300), ("mouseMoved", 400), ("mouseReleased", 400)):
        moved = {"type": kind, "x": x, "y": 250, "button": "left", "buttons": 1, "clickCount": 1}
        stylus.send("Input.dispatchMouseEvent", moved | {"pointerType": "pen"})
    assert [box[1] for box in strokes(page)] == [200, 250]
    # The button of an eraser is one that the browser's own interface cannot press.
    page.locator(".present > .sheet").dispatch_event(
        "pointerdown", {"pointerId": 1, "buttons": 32, "clientX": 350, "clientY": 201}
    )
    assert [box[1] for box in strokes(page)] == [250]
    for kind, buttons in (("pointerdown", 1), ("pointercancel", 0)):
        at = {"pointerId": 1, "buttons": buttons, "clientX": 350, "clientY": 300}
        page.locator(".present > .sheet").dispatch_event(kind, at)
    assert [box[1] for box in strokes(page)] == [250], "what is cancelled is not drawn"


def test_a_spot_follows_the_pointer(deck):
    page, spot = deck.page, deck.page.locator(".spot")
    button = page.get_by_role("button", name="A spot that follows the pointer", pressed=False)
    assert not spot.is_visible()
    assert page.get_by_title("A spot that follows the pointer (X)").is_visible()
    assert button.count() == 1
    page.keyboard.press("x")
    assert button.count() == 0
    page.mouse.move(400, 300)
    box = spot.bounding_box()
    assert (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) == (400, 300)
    page.keyboard.press("x")
    assert not spot.is_visible()


# ---- the lecturer's window ----------------------------------------------------------------------


def speaker_window(deck):
    with deck.context.expect_page() as opening:
        deck.page.keyboard.press("s")
    return opening.value


def test_the_lecturers_window_has_notes_time_and_this_slide_and_the_next(deck):
    window = speaker_window(deck)
    assert "Ask." in window.locator("main").inner_text()
    clock = window.locator(".clock").inner_text()
    assert re.search(r"^\d\d:\d\d.* · used 0:\d\d · planned 3:00 · slide 1 of 6", clock)
    seen = window.locator(".previews > .reveal")
    assert [seen.nth(i).locator("h1, h2").inner_text() for i in range(2)] == ["A deck", "Bounds"]
    assert seen.nth(1).locator("math").bounding_box()["height"] > 0
    assert seen.nth(1).bounding_box()["width"] < seen.nth(0).bounding_box()["width"] < 640
    assert seen.nth(0).get_by_text("second").is_visible(), "with all of its steps"
    for key in ("ArrowRight", "Space", "PageDown", "Space"):
        window.keyboard.press(key)
    assert deck.slide() == 2
    assert "planned 7:00" in window.locator(".clock").inner_text()
    assert window.locator("main math").count() == 1
    picture = window.locator(".previews [role=img]")
    assert picture.evaluate("(each) => each.shadowRoot.querySelectorAll('path').length") > 5
    assert window.locator(".previews [inert] [data-control]").count() == 3
    assert deck.complaints == []
    assert deck.other_requests() == []
    found = Axe().run(window)
    assert found.violations_count == 0, found.generate_report()


def test_the_lecturer_sees_words_and_code_where_the_class_does(deck):
    window = speaker_window(deck)
    deck.page.evaluate("Reveal.slide(1, 0)")

    def place(slide):
        code, whole = slide.locator(".program").bounding_box(), slide.bounding_box()
        return (code["y"] - whole["y"]) / whole["height"]

    shown = place(deck.page.locator("section.still.present:has(.program)"))
    seen = window.locator("section.present:not(.stack):has(.program)").first
    assert shown > 0.3, "in the middle of its slide, not under the heading"
    assert place(seen) == pytest.approx(shown, abs=0.01)


def test_a_slide_without_a_note_borrows_those_of_its_section(deck):
    window, said = speaker_window(deck), []
    for column, row in ((0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 0)):
        deck.page.evaluate(f"Reveal.slide({column}, {row})")
        said.append(window.locator("main").inner_text())
    title, bounds, code, scene, late, still = said
    borrows = "This slide has no note of its own. Its section, of {} minutes, has:"
    assert borrows.format(3) in bounds
    assert "Ask." in bounds
    for words in (scene, late):
        assert borrows.format(4) in words
        assert "Look at" in words
    assert "no note" not in title + code
    assert still == "Nobody has written a note for this section."


def test_the_clock_of_the_lecturers_window_can_be_started_again(deck):
    window = speaker_window(deck)
    deck.page.evaluate("() => { const now = Date.now; Date.now = () => now() + 65000; }")
    window.locator(".clock", has_text=re.compile(r"used 1:[0-5]\d ·")).wait_for()
    window.locator("button").click()
    assert "used 0:00" in window.locator(".clock").inner_text()
    # It keeps the key that presses it, and no other.
    window.keyboard.press("Space")
    window.keyboard.press("PageDown")
    assert deck.page.locator(".fragment.visible").count() == 1


def test_opened_twice_the_lecturers_window_keeps_its_clock_and_turns_one_slide_at_a_time(deck):
    window = speaker_window(deck)
    deck.page.evaluate("() => { const now = Date.now; Date.now = () => now() + 65000; }")
    deck.page.keyboard.press("s")
    window.locator(".clock", has_text="used 1:").wait_for()
    for _ in range(3):
        window.keyboard.press("ArrowRight")
    assert deck.slide() == 1
    window.keyboard.press("PageUp")
    assert deck.slide() == 0
    window.keyboard.press("ArrowLeft")
    assert deck.page.locator(".fragment.visible").count() == 1


def test_the_lecturers_window_of_a_deck_that_was_loaded_again_says_so(deck):
    window = speaker_window(deck)
    deck.page.evaluate("Reveal.slide(1, 1)")
    # reveal.js writes it there at most once a second.
    deck.page.wait_for_url("**#/1/1")
    deck.page.reload()
    assert "loaded again: close this window" in window.locator(".clock").inner_text()
    assert window.locator(".previews > *, main > *").count() == 0
    deck.page.wait_for_selector("html[data-ready]", state="attached")
    assert "slide 4 of 6" in speaker_window(deck).locator(".clock").inner_text()


# ---- on paper, and for everybody ----------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?print-pdf"])
def test_the_questions_of_a_task_are_asked_one_after_the_other(query, tmp_path, open_file):
    asks = cell("**Your turn.**\n\n1. First?\n2. Second?\n3. Third?", "slide", id="a-task")
    scene = cell("explore(...)", code=True, outputs=[picture_of(explorer(), tmp_path)])
    path = written(tmp_path, [asks, scene], "deck")["deck"]
    opened = open_file(path, query)
    questions = opened.page.locator(".task li")
    seen = []
    for _ in range(3):
        seen.append([questions.nth(i).is_visible() for i in range(3)])
        opened.page.keyboard.press("ArrowRight")
    one_each = [[True, False, False], [False, True, False], [False, False, True]]
    assert seen == ([[True] * 3] * 3 if query else one_each)


def test_printed_each_slide_has_a_page_and_axe_finds_nothing(path, open_file):
    # All slides stand on one page there, so that axe sees each of them.
    opened = open_file(path, "?print-pdf")
    assert opened.page.locator(".pdf-page").count() == 6
    printed = opened.page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 6
    found = Axe().run(opened.page)
    assert found.violations_count == 0, found.generate_report()


def test_axe_finds_nothing_on_a_slide(deck):
    found = Axe().run(deck.page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(
    ("template", "query", "on_paper"),
    [("handout", "", True), ("deck", "?print-pdf", True), ("deck", "", False)],
)
def test_on_paper_a_picture_and_its_sliders_stand_where_they_tell_most(
    template, query, on_paper, tmp_path, open_file
):
    class Steps(Wave):
        telling = {"level": 1.5, "kind": "cosine", "rate": 0.3}

    held = {"rate": (0.1, 0.3, 0.1), "export": {"level": 4, "rate": 1}}
    made = explore(Steps(), level=(-2, 2, 0.25), kind=["sine", "cosine"], **held)
    scene = cell("explore(...)", "slide", code=True, outputs=[picture_of(made, tmp_path)])
    path = written(tmp_path, [scene], template)[template]
    at = {"level": 0.0, "kind": "sine", "rate": 0.1}
    if on_paper:
        at = Steps.telling
    opened = open_file(path, query)
    root = opened.scene()
    assert root.evaluate(SHOWN)["readout"] == Picture(Steps()).frame(**at).readout
    # It keeps -2, 0, 1.5 and 2.
    assert root.evaluate(AT) == {"level": 2 if on_paper else 1, "kind": int(on_paper)}
    assert root.locator("output").inner_text().strip() == f"{at['level']:.2f}"
    assert opened.complaints == []
