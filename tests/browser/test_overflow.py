"""What the look at every slide finds."""

import base64
import io
import re
from dataclasses import replace

import pytest
from nbformat import v4
from PIL import Image

from lessons.explorable.live import show
from lessons.explorable.scene import Scene
from lessons.publish.browser import Browser
from lessons.publish.html import document
from lessons.publish.overflow import overflows
from tests.browser.files import picture_of, still_of
from tests.explorable.test_prediction import ASKED, explored
from tests.publish.notebooks import cell

pytestmark = pytest.mark.browser


@pytest.fixture
def found_on(chromium, tmp_path):
    """Makes a deck, and returns what does not fit on it."""

    def look(*shown, rule=""):
        path = tmp_path / "deck.html"
        html = document("deck", shown, tmp_path)
        path.write_text(html.replace("</head>", f"<style>{rule}</style></head>"), "utf-8")
        return overflows(Browser(chromium), path)

    return look


def slide(source, code=False, outputs=(), id="guilty"):
    return cell(source, "slide", code=code, outputs=outputs, id=id)


@pytest.mark.parametrize(
    ("guilty", "words"),
    [
        (slide("\n\n".join(["Many words stand here."] * 40)), "passes the bottom edge by"),
        (slide("\n".join(["a = 1"] * 40), code=True), "code passes the bottom edge"),
        (slide(f"word = {'very' * 40!r}", code=True), "too wide by|passes the right edge"),
        (slide("m" * 108, code=True), r"code is too wide by \d+ px"),
        (slide("# " + "W" * 60), "passes the right edge"),
        (slide("| " + " | ".join(["wide column"] * 14) + " |\n" + "|---" * 14 + "|"), "right edge"),
    ],
)
def test_a_slide_that_does_not_fit_is_named_with_by_how_much(guilty, words, found_on):
    found = found_on(slide("# Fine", id="fine"), guilty)
    assert [re.search(r"at (\d+x\d+)", line).group(1) for line in found] == [
        "1280x720",
        "1920x1080",
    ]
    for line in found:
        assert line.startswith("slide 2.1 (cell 'guilty')")
        assert re.search(words, line), line
        assert re.search(r"\d px", line)


def test_what_comes_by_a_key_press_is_looked_at_too(found_on):
    late = cell("\n\n".join(["Many words stand here."] * 40), "fragment")
    found = found_on(slide("Fine."), slide("Few.", id="few"), late)
    assert len(found) == 2, "one for each screen"
    assert all(re.search("2.1 .* passes the bottom edge", line) for line in found)


@pytest.mark.parametrize("place", ["verdict", "task"])
def test_what_comes_after_a_prediction_is_looked_at_too(place, found_on, tmp_path):
    long = "Many words stand here. " * 200
    asked = replace(ASKED, because=long) if place == "verdict" else ASKED
    task = cell(long if place == "task" else "Move it.", "slide", id="a-task")
    scene = cell("explore(...)", code=True, outputs=[picture_of(explored(asked), tmp_path)])
    assert re.search("1.1 .* at 1280x720: .*passes the bottom edge", found_on(task, scene)[0])


def test_what_is_wrong_before_and_after_a_prediction_is_named_once(found_on, tmp_path):
    scene = cell("explore(...)", code=True, outputs=[picture_of(explored(ASKED), tmp_path)])
    small = ".reveal .text { font-size: 12px !important; }"
    line, _ = found_on(slide("Fine words."), scene, rule=small)
    assert line.count('"Fine words." is 12.0 px high') == 1


def test_two_neighbours_that_overlap_are_found(found_on):
    words = [slide("Words stand here."), cell("More words stand below.")]
    assert found_on(*words) == []
    found = found_on(*words, rule=".text { margin-bottom: -40px; }")
    assert len(found) == 2, "one for each screen"
    assert all(re.search(r": text and text overlap by \d+ px$", line) for line in found)


def code(rows, letters, *printed, id=None):
    outputs = [v4.new_output("stream", text="\n".join(["m" * n] * rows)) for n in printed]
    return slide("\n".join(["m" * letters] * rows), code=True, outputs=outputs, id=id)


def test_code_fits_in_the_letters_that_it_is_given(found_on, tmp_path, open_file):
    cells = [
        code(17, 66, id="largest"),
        code(17, 40, 19, id="beside"),
        code(21, 82, id="large"),
        code(10, 82, 82, id="output"),
        code(24, 94, id="medium"),
        slide("## A title\n\n" + "Many words stand here. " * 9 + "\n\n$$\\frac{a}{b}$$", id="text"),
        v4.new_code_cell("\n".join(["m" * 82] * 9)),
        v4.new_markdown_cell("- one\n- two"),
    ]
    assert found_on(*cells) == []
    opened = open_file(tmp_path / "deck.html")
    sizes = opened.page.locator(".code, .output").evaluate_all(
        "(all) => all.map((each) => getComputedStyle(each).fontSize)"
    )
    assert sizes == ["28px"] * 3 + ["23px"] * 3 + ["20px", "23px"]
    opened.page.evaluate("Reveal.slide(1)")
    shown = opened.page.locator("section.present section.present > .program > *")
    left, right = (each.bounding_box() for each in shown.all())
    assert (left["y"], left["x"] + left["width"] <= right["x"]) == (right["y"], True)


def test_small_print_and_an_empty_picture_are_found(found_on):
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

    tiny = found_on(slide("Fine words."), rule=".reveal .text { font-size: 12px !important; }")
    assert len(tiny) == 2
    assert '"Fine words." is 12.0 px high, not at least 18' in tiny[0]
    small = slide("show(Small())", code=True, outputs=[still_of(show(Small()))])
    lines = found_on(small)
    assert all(
        '"tiny words" in the picture is' in line and "not at least 18" in line for line in lines
    )
    empty = slide("show(Empty())", code=True, outputs=[still_of(show(Empty()))])
    lines += found_on(empty)
    assert len(lines) == 4
    assert all("the picture is empty" in line for line in lines[2:])


def image(width, height):
    """Return a picture that a cell displays."""
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, "PNG")
    data = {"image/png": base64.b64encode(file.getvalue()).decode(), "text/plain": "a picture"}
    return v4.new_output("display_data", data)


def test_a_large_picture_is_made_to_fit_and_one_below_too_many_words_is_named(found_on):
    tall, wide = (
        slide("draw()", code=True, outputs=[image(*size)]) for size in ((300, 3000), (3000, 300))
    )
    assert found_on(tall, wide) == []
    words = cell("Many words stand here. " * 30)
    below = cell("draw()", code=True, outputs=[image(300, 3000)])
    line, _ = found_on(slide("## A heading"), words, below)
    assert re.search(r": img passes the bottom edge by \d+ px", line)
    line, _ = found_on(slide("Words."), below, rule=".program { margin-top: -90px }")
    assert re.search(r"text and img overlap by \d+ px", line)


def test_a_scene_without_its_drawing_is_found(found_on):
    html = '<div class="lessons-view"><div role="img"></div></div>'
    scene = v4.new_output("display_data", {"text/html": html})
    scene.metadata = {"text/html": {"embedded": True}}
    lines = found_on(slide("show(...)", code=True, outputs=[scene]))
    assert [line.rpartition(": ")[2] for line in lines] == ["the picture is missing"] * 2


def test_a_picture_that_shows_nothing_is_found(found_on):
    damaged = slide("![a dot](attachment:dot.png)")
    damaged.attachments = {"dot.png": {"image/png": "iVBORw0KGgo="}}
    lines = found_on(damaged)
    assert len(lines) == 2
    assert all('the picture "a dot" is damaged' in line for line in lines)
