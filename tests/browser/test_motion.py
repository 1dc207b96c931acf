"""Sliders of pages and decks that play, that go back to their start, and that a link has moved."""

import pytest

from lessons.explorable.live import explore, show
from tests.browser.files import AT, SHOWN, picture_of, still_of, written
from tests.explorable.scenes import Descent, Wave, Waves
from tests.publish.notebooks import cell

pytestmark = pytest.mark.browser

READOUT = ".readout:not(.room)"


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """A page and a deck with the same two pictures."""
    folder = tmp_path_factory.mktemp("motion")
    wave = explore(Wave(), level=(-1.0, 1.0, 0.5), kind=["sine", "cosine"], flip=False)
    waves = explore(Waves(), low=(-1.0, 1.0, 0.5))
    cells = [
        cell("# Motion", "slide"),
        cell("explore(a)", "slide", code=True, id="wave", outputs=[picture_of(wave, folder)]),
        cell("## Two", "slide"),
        cell("first", "fragment"),
        cell("explore(b)", "fragment", code=True, id="waves", outputs=[picture_of(waves, folder)]),
    ]
    return written(folder, cells, "page", "deck")


def level_of(scene):
    return scene.locator("[data-control=level]")


# ---- playing -------------------------------------------------------------------------------------


def watch(scene):
    """Remember in which states the slider is seen."""
    scene.evaluate(
        """(scene) => {
             const output = [...scene.querySelectorAll("output")].at(-1);
             window.seen = [];
             const look = () => window.seen.push(output.textContent);
             new MutationObserver(look).observe(output, { childList: true });
           }"""
    )


@pytest.mark.parametrize("template", ["page", "deck"])
def test_a_slider_plays_through_its_range_and_back_and_stops(template, paths, open_file):
    opened = open_file(paths[template])
    scene = opened.scene()
    before = scene.evaluate(SHOWN)
    here = opened.slide() if template == "deck" else None
    watch(scene)
    scene.get_by_role("button", name="Play: level ℓ").press("Space")
    scene.get_by_role("button", name="Pause: level ℓ").wait_for()
    sign = scene.locator(".lessons-play path")
    assert sign.get_attribute("d").count("M") == 2, "two bars"
    box = sign.bounding_box()
    assert min(box["width"], box["height"]) >= 10
    fill, ground = "getComputedStyle(each).fill", "getComputedStyle(each.closest('button'))"
    inked = sign.evaluate(f"(each) => [{fill}, {ground}.backgroundColor]")
    assert inked == ["rgb(34, 34, 34)", "rgb(255, 255, 255)"]
    opened.page.keyboard.press("Tab")
    for words in (scene.locator(READOUT), scene.locator("output")):
        assert words.get_attribute("aria-live") == "off"
    scene.get_by_role("button", name="Play: level ℓ").wait_for(timeout=10_000)
    assert sign.get_attribute("d").count("M") == 1
    expected = ["0.5", "1.0", "0.5", "0.0", "−0.5", "−1.0", "−0.5", "0.0"]
    assert opened.page.evaluate("window.seen") == expected
    assert scene.evaluate(SHOWN) == before
    assert scene.locator(READOUT).get_attribute("aria-live") == "polite"
    assert here is None or opened.slide() == here
    assert opened.complaints == []


def press_a_key(scene):
    level_of(scene).press("ArrowRight")


def touch_the_picture(scene):
    scene.locator("[role=img]").tap()


def press_its_button(scene):
    scene.get_by_role("button", name="Pause: level ℓ").tap()


@pytest.mark.parametrize("take_over", [press_a_key, touch_the_picture, press_its_button])
def test_it_pauses_as_soon_as_somebody_takes_over(take_over, paths, open_file):
    opened = open_file(paths["page"], has_touch=True)
    scene = opened.scene()
    scene.get_by_role("button", name="Play: level ℓ").tap()
    take_over(scene)
    # By itself it would end too, three seconds after it began.
    scene.get_by_role("button", name="Play: level ℓ").wait_for(timeout=2000)
    at = scene.evaluate(AT)
    opened.page.wait_for_timeout(900)
    assert scene.evaluate(AT) == at


def test_whoever_wants_no_motion_gets_one_step_at_a_time(paths, open_file):
    opened = open_file(paths["page"], reduced_motion="reduce")
    scene = opened.scene()
    play = scene.get_by_role("button", name="One step: level ℓ")
    for state in (3, 4, 3):
        play.click()
        opened.page.wait_for_timeout(500)
        assert scene.evaluate(AT)["level"] == state


@pytest.mark.parametrize(("made", "name"), [("paths", "level ℓ"), ("runs", "step")])
def test_a_picture_whose_slide_is_turned_away_waits(made, name, request, open_file):
    opened = open_file(request.getfixturevalue(made)["deck"])
    page, scene = opened.page, opened.scene()
    watch(scene)
    scene.get_by_role("button", name=f"Play: {name}").click()
    page.keyboard.press("PageDown")
    steps = page.evaluate("window.seen.length")
    page.wait_for_timeout(900)
    assert page.evaluate("window.seen.length") == steps
    page.keyboard.press("PageUp")
    page.wait_for_function("(steps) => window.seen.length > steps", arg=steps)


def test_only_what_has_an_order_plays_and_nothing_does_on_paper(paths, runs, open_file):
    scene = open_file(paths["page"]).scene()
    assert scene.locator(".lessons-play").count() == 1
    for deck in (paths["deck"], runs["deck"]):
        printed = open_file(deck, "?print-pdf").page
        assert printed.locator(".lessons-button, .lessons-run").count() == 0


def test_a_picture_that_cannot_be_shown_says_so_and_the_others_move(paths, open_file):
    html, mark = paths["page"].read_text(encoding="utf-8"), '<script type="text/plain">'
    damaged = paths["page"].with_name("damaged.html")
    damaged.write_text(html.replace(mark, f"{mark}?", 1), encoding="utf-8")
    first, second = open_file(damaged).page.locator(".lessons-embedded").all()
    assert "cannot show the picture" in first.inner_text()
    second.locator("[data-control=low]").press("End")
    assert "A sine at 1 " in second.evaluate(SHOWN)["readout"]


# ---- a run, step by step -------------------------------------------------------------------------

RUN = """(scene) => {
  const picture = scene.querySelector("[role=img]").shadowRoot;
  return [...picture.querySelectorAll("[data-part^=run]")].map((run) => {
    const line = run.querySelector("g > path:not(defs *)");
    const path = line?.getAttribute("d") ?? "";
    const end = String(path.match(/[0-9.]+/g)?.slice(-2).map(Number));
    const place = (each) => String(["cx", "cy"].map((name) => Number(each.getAttribute(name))));
    const looks = (each) =>
      each.getAttribute("r") > 3 && each.getAttribute("fill") === line.style.stroke;
    const marks = (each) => place(each) === end && looks(each);
    return [
      path.match(/[ML]/g)?.length ?? 0,
      [...run.querySelectorAll("use")].filter((each) => each.checkVisibility()).length,
      [...run.querySelectorAll("circle")].filter(marks).length,
    ];
  });
}"""
WHOLE = [[5, 5, 0], [3, 0, 0], [0, 1, 0]]


class Resting(Descent):
    """Takes no step at the rate 0."""

    def update(self, rate=1.0):
        words = super().update(rate)
        if rate == 0:
            for line in (*self.lines, self.cross):
                line.set_data([0], [0])
        return words


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A page and a deck with a descent that can be played, and one that stands still."""
    folder = tmp_path_factory.mktemp("runs")
    made = explore(Resting(), rate=(-1.0, 1.0, 0.5))
    scene = cell("explore(a)", code=True, id="descent", outputs=[picture_of(made, folder)])
    still = cell("show(a)", "slide", code=True, outputs=[still_of(show(Descent()))])
    return written(folder, [cell("# Runs"), scene, still], "page", "deck")


@pytest.mark.parametrize("template", ["page", "deck"])
def test_a_run_goes_step_by_step_with_a_marker_at_the_end_of_each_line(template, runs, open_file):
    opened = open_file(runs[template])
    scene = opened.scene()
    step = scene.get_by_role("slider", name="step")
    whole = scene.evaluate(SHOWN)
    assert opened.page.locator(".lessons-run").count() == 1, "a still has none"
    assert opened.page.locator(".lessons-sliders:empty").bounding_box() is None, "nor room for any"
    assert scene.evaluate(RUN) == WHOLE
    step.press("ArrowLeft")
    assert scene.evaluate(RUN) == [[4, 4, 1], [3, 0, 1], [0, 0, 0]]
    step.press("Home")
    assert scene.evaluate(RUN) == [[1, 1, 1], [1, 0, 1], [0, 0, 0]]
    output = scene.locator(".lessons-sliders > .lessons-run output")
    assert output.inner_text() == "1", "the number of its first step"
    assert output.get_attribute("aria-live") == "off"
    scene.locator("[data-control=rate]").press("ArrowLeft")
    assert "rate 0.5" in scene.evaluate(SHOWN)["readout"]
    assert scene.evaluate(RUN) == [[1, 1, 1], [1, 0, 1], [0, 0, 0]], "it stays at its step"
    scene.locator("[data-control=rate]").press("ArrowRight")
    step.press("End")
    assert scene.evaluate(SHOWN) == whole
    for key, is_visible in (("ArrowLeft", False), ("ArrowRight", True)):
        for _ in range(2):
            scene.locator("[data-control=rate]").press(key)
        assert step.is_visible() == is_visible, "a single point has no steps"
    assert scene.evaluate(SHOWN) == whole
    if template == "deck":
        step.press("PageDown")
        assert opened.slide() == 1, "as a presenter's remote does"
        assert scene.locator(".lessons-run input").input_value() == "5"
    assert opened.complaints == []


def test_a_run_plays_from_its_start_to_its_end(runs, open_file):
    scene = open_file(runs["page"]).scene()
    whole = scene.evaluate(SHOWN)
    scene.get_by_role("button", name="Play: step").click()
    scene.get_by_role("button", name="Pause: step").wait_for()
    assert scene.evaluate(RUN)[0][2] == 1
    scene.get_by_role("button", name="Play: step").wait_for(timeout=10_000)
    assert scene.evaluate(SHOWN) == whole


@pytest.mark.parametrize("template", ["page", "deck"])
def test_a_run_pauses_as_soon_as_somebody_takes_over(template, runs, open_file):
    scene = open_file(runs[template]).scene()
    step, picture = scene.get_by_role("slider", name="step"), scene.locator("[role=img]")
    rate = scene.locator("[data-control=rate]")
    for take_over in (
        lambda: step.press("Home"),
        lambda: rate.press("ArrowLeft"),
        picture.click,
    ):
        scene.get_by_role("button", name="Play: step").click()
        scene.get_by_role("button", name="Pause: step").wait_for()
        take_over()
        scene.get_by_role("button", name="Play: step").wait_for()
        assert step.input_value() != "5", "by itself it would end there"


def test_without_motion_a_press_is_one_step_of_a_run(runs, open_file):
    scene = open_file(runs["page"], reduced_motion="reduce").scene()
    for points in (1, 2):
        scene.get_by_role("button", name="One step: step").click()
        assert scene.evaluate(RUN)[0][0] == points


def test_a_link_carries_the_step_of_a_run_that_is_not_shown_whole(runs, open_file):
    opened = open_file(runs["page"])
    opened.page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    scene = opened.scene()
    step = scene.get_by_role("slider", name="step")
    for key, words in (("ArrowLeft", "&run.step=4"), ("End", "")):
        step.press(key)
        scene.get_by_role("button", name="Copy a link to this position").press("Enter")
        fragment = f"#scene=descent&rate=1.0{words}"
        opened.page.wait_for_url(f"**{fragment}")
        moved = open_file(runs["page"], fragment).scene()
        assert moved.evaluate(RUN) == scene.evaluate(RUN)


# ---- back to the start ---------------------------------------------------------------------------


@pytest.mark.parametrize("template", ["page", "deck"])
def test_backspace_or_a_double_click_puts_one_slider_back(template, paths, open_file):
    scene = open_file(paths[template]).scene()
    level = level_of(scene)
    start = scene.evaluate(SHOWN)
    assert "Backspace" in level.get_attribute("title")
    left = {"x": 9, "y": 9}
    for back in (lambda: level.press("Backspace"), lambda: level.dblclick(position=left)):
        level.press("End")
        assert scene.evaluate(AT)["level"] == 4
        back()
        assert scene.evaluate(AT)["level"] == 2
        assert scene.evaluate(SHOWN) == start
    scene.locator("[data-control=flip]").click()
    level.press("End")
    level.press("Backspace")
    assert scene.evaluate(AT) == {"level": 2, "kind": 0, "flip": 1}


# ---- links ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", ["page", "deck"])
def test_a_copied_link_opens_at_that_picture_and_position(template, paths, open_file):
    opened = open_file(paths[template], permissions=["clipboard-read", "clipboard-write"])
    scene = opened.scene()
    scene.locator("[data-control=level]").press("End")
    scene.locator("[data-control=kind]").select_option(index=1)
    scene.locator("[data-control=flip]").click()
    button = scene.get_by_role("button", name="Copy a link to this position")
    line = "(each) => getComputedStyle(each).stroke"
    assert button.locator("path").evaluate(line) != "none", "the chain is drawn"
    button.press("Enter")
    said = scene.get_by_role("status").filter(has_text="The link is copied.")
    said.wait_for()
    look = "(each) => [getComputedStyle(each).color, getComputedStyle(each).backgroundColor]"
    assert said.evaluate(look) == ["rgb(255, 255, 255)", "rgb(28, 28, 28)"]
    box, place, words = (each.bounding_box() for each in (button, said, scene.locator(READOUT)))
    assert box["x"] + box["width"] <= 1280
    assert abs(words["y"] - place["y"] - place["height"]) < 9, "over the end of the picture"
    assert "scene=" not in opened.page.url
    link = opened.page.evaluate("navigator.clipboard.readText()")
    path, mark, fragment = link.partition("#")
    assert path == paths[template].as_uri()
    assert fragment == "scene=wave&level=1.0&kind=cosine&flip=yes"
    again = open_file(paths[template], mark + fragment, height=400)
    assert again.page.locator("[data-scene=wave] [role=img]").is_visible()
    moved = again.page.locator("[data-scene=wave] .lessons-embedded")
    assert moved.evaluate(AT) == {"level": 4, "kind": 1, "flip": 1}
    assert moved.evaluate(SHOWN) == scene.evaluate(SHOWN)
    top = again.page.locator("[data-scene=wave] [role=img]").bounding_box()["y"]
    assert 0 <= top < 400
    assert again.complaints == opened.complaints == []


def test_a_link_leads_to_the_step_of_its_slide_and_a_second_one_to_another(paths, open_file):
    opened = open_file(paths["deck"], "#scene=waves&low=-1.0")
    picture = opened.page.locator("[data-scene=waves] [role=img]")
    picture.wait_for(state="visible")
    assert opened.slide() == 2
    assert "at −1 " in picture.locator("xpath=following::*[@class='readout']").first.inner_text()
    opened.page.evaluate("location.hash = '#scene=wave&level=0.5'")
    opened.page.locator("[data-scene=wave] [role=img]").wait_for(state="visible")
    assert opened.slide() == 1
    assert opened.page.locator("[data-scene=wave] output").inner_text().strip() == "0.5"


# What else may be wrong with an address is tried without a browser. A deck reads it too.
@pytest.mark.parametrize(
    ("template", "fragment"),
    [
        ("page", "#scene=gone&level=1.0"),
        ("deck", "#scene=wave&level=7&kind=%E0%A4%A"),
        ("deck", "#%&="),
    ],
)
def test_an_address_that_leads_nowhere_opens_at_the_start(template, fragment, paths, open_file):
    opened = open_file(paths[template], fragment)
    scene = opened.page.locator("[data-scene=wave] .lessons-embedded")
    assert scene.evaluate(AT) == {"level": 2, "kind": 0, "flip": 0}
    assert opened.complaints == []


# There is no clipboard at an address without https; and a reader may refuse it.
@pytest.mark.parametrize("clipboard", ["undefined", "{ writeText: () => Promise.reject() }"])
def test_where_nothing_can_be_copied_the_link_stands_in_the_address_bar(
    clipboard, paths, open_file
):
    opened = open_file(paths["page"])
    opened.page.evaluate(f"Object.defineProperty(navigator, 'clipboard', {{ value: {clipboard} }})")
    scene = opened.scene()
    level_of(scene).press("Home")
    scene.get_by_role("button", name="Copy a link to this position").click()
    said = scene.get_by_role("status").filter(has_text="address bar")
    said.wait_for()
    assert "#scene=wave&level=-1.0" in opened.page.url
    scene.locator("[role=status]").wait_for(state="hidden")
