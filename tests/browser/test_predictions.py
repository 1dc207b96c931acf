"""A prediction on a page and in a deck, made by key and by pointer."""

import itertools

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.files import AT, picture_of, written
from tests.explorable.test_prediction import ASKED, COUNTED, explored
from tests.publish.notebooks import cell

pytestmark = pytest.mark.browser

START, PROOF = {"low": 4, "high": 6}, {"low": 4, "high": 2}


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """A page, a deck and a print with two predictions: with options, and of a number."""
    folder = tmp_path_factory.mktemp("predictions")
    pictures = [
        cell(
            "explore(...)",
            "subslide",
            code=True,
            id=name,
            outputs=[picture_of(explored(predict), folder)],
        )
        for name, predict in {"asked": ASKED, "counted": COUNTED}.items()
    ]
    pictures.insert(1, cell("Move it.", id="first-task"))
    return written(folder, [cell("# A", "slide"), *pictures], "page", "deck", "handout")


def verdict(scene):
    return scene.locator(".lessons-verdict").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_prediction_on_a_page_is_made_by_keys(scheme, paths, open_file):
    opened = open_file(paths["page"], color_scheme=scheme)
    scene, page = opened.scene(), opened.page
    group = page.get_by_role("group", name="Predict first. Which wave is higher at −1?").first
    slider = scene.locator("[data-control=high]")
    assert Axe().run(page).violations_count == 0
    answers = [each.bounding_box() for each in scene.locator(".lessons-predict label").all()]
    for left, right in itertools.pairwise(answers):
        assert right["x"] - left["x"] - left["width"] >= 10, "each stands for itself"
    circle, letters = (
        scene.locator(f".lessons-predict {each}").first for each in ("input", "label")
    )
    size = letters.evaluate("(each) => parseFloat(getComputedStyle(each).fontSize)")
    assert min(circle.bounding_box()[side] for side in ("width", "height")) >= size
    assert scene.locator(".lessons-sliders :is(input, select, button):enabled").count() == 0
    group.get_by_role("radio", name="neither").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "first" in verdict(scene)
    assert slider.is_disabled()
    group.get_by_role("radio", name="the first").press("Space")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert verdict(scene).startswith("You said: neither. The answer: the first.")
    assert scene.get_by_role("status").first.inner_text() == verdict(scene)
    assert scene.evaluate(AT) == PROOF
    assert Axe().run(page).violations_count == 0
    # Who answered by keys stays where the answer stands, and a screen reader with them.
    focused = scene.locator(".lessons-verdict:focus")
    ring = focused.evaluate("(each) => getComputedStyle(each).outlineStyle")
    assert ring == "none", "it is no control"
    # The next stop is the first slider, and it moves.
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert scene.evaluate(AT) == PROOF | {"low": 5}
    reply = verdict(scene)
    page.evaluate("location.hash = '#scene=asked&low=0.0'")
    page.wait_for_function(f"(scene) => ({AT})(scene).low === 4", arg=scene.element_handle())
    assert verdict(scene) == reply, "a link that is followed later leaves it"
    assert opened.complaints == []


def test_it_can_be_passed_over_and_a_link_to_a_position_passes_over_it(paths, open_file):
    opened = open_file(paths["page"])
    scene, page = opened.scene(), opened.page
    page.get_by_text("Just let me move it").first.click()
    assert "first" not in verdict(scene)
    assert scene.evaluate(AT) == START
    assert not scene.get_by_role("button", name="Back to the start").is_visible()
    assert scene.locator("[data-control=high]").is_enabled()
    linked = open_file(paths["page"], query="#scene=counted&low=1.0&high=0.0").scene(1)
    assert linked.evaluate(AT) == {"low": 6, "high": 4}
    assert linked.locator("[data-control=high]").is_enabled()


def test_a_number_is_typed_and_a_finger_finds_everything(paths, open_file):
    opened = open_file(paths["page"], width=390, height=844, has_touch=True, is_mobile=True)
    scene = opened.scene(1)
    for each in scene.locator(".lessons-predict :is(label, button)").all():
        assert each.bounding_box()["height"] >= 44
    assert scene.locator("form").get_attribute("autocomplete") == "off", "no answers of others"
    scene.get_by_role("spinbutton", name="Which wave is higher at −1?").fill("1.5")
    scene.get_by_text("That is my answer").tap()
    assert verdict(scene).startswith("You said: 1.5. The answer: 1.")
    assert scene.evaluate(AT) == PROOF


def test_a_deck_counts_hands_and_no_digit_turns_a_slide(paths, open_file):
    opened = open_file(paths["deck"])
    scene, page = opened.scene(), opened.page
    here = opened.slide()
    for option, hands in {"neither": "12", "the first": "9"}.items():
        scene.get_by_role("spinbutton", name=f"Hands for: {option}").focus()
        page.keyboard.type(hands)
    page.keyboard.press("ArrowUp")
    none = scene.get_by_role("spinbutton", name="Hands for: the second")
    none.fill("0")
    none.press("ArrowDown")
    assert none.input_value() == "0", "no fewer hands than none"
    assert opened.slide() == here
    page.keyboard.press("PageUp")
    assert opened.slide() == here - 1, "but a presenter's remote does"
    page.keyboard.press("PageDown")
    scene.get_by_role("button", name="Show").click()
    assert verdict(scene).startswith("The answer: the first. 10 of 22 said so.")
    assert scene.evaluate(AT) == PROOF
    scene.get_by_role("button", name="Go on").click()
    assert scene.locator(".lessons-predict").count() == 0
    assert scene.locator("[data-control=high]").is_visible()
    assert page.get_by_text("Move it.").is_visible(), "although the next slide asks"
    page.keyboard.press("ArrowRight")
    assert opened.slide() == here + 1
    # A class may say its number aloud.
    scene = opened.scene(1)
    scene.get_by_role("button", name="Show").click()
    assert verdict(scene).startswith("The answer: 1.")
    again = open_file(paths["deck"]).scene(1)
    again.get_by_role("spinbutton").fill("3")
    again.get_by_role("button", name="Show").click()
    assert verdict(again).startswith("You said: 3. The answer: 1.")
    assert opened.complaints == []


@pytest.mark.parametrize(("template", "query"), [("handout", ""), ("deck", "?print-pdf")])
def test_on_paper_the_question_is_asked_and_not_answered(template, query, paths, open_file):
    page = open_file(paths[template], query).page
    page.emulate_media(media="print")
    assert page.locator(".lessons-predict input[type=radio]:visible").count() == 3
    assert page.locator(".lessons-predict button:visible").count() == 0
    assert page.locator(".lessons-sliders input:disabled").count() == 0
    assert page.locator(".lessons-verdict").first.inner_text() == ""
