"""How a live picture begins and ends, in a page that stands in for a notebook; without a kernel."""

import json

import pytest

from lessons.explorable.live import explore
from lessons.explorable.prediction import Prediction
from lessons.explorable.script import script, style
from tests.explorable.scenes import Wave

pytestmark = pytest.mark.browser

# Words, and a cell's outputs: the stored picture, how to make it move, and a box with a slider.
HTML = """<!DOCTYPE html><style>{style}</style>
<div style="height: 200px"></div>
<div><img alt="stored" src="data:,"></div>
<div><em class="lessons-stored">Run it.</em></div>
<div><div class="lessons-explore" id="box">
  <div class="lessons-control-level"><div class="slider-container"></div></div>
</div></div>"""
# The widgets' models: they hold values, and tell who listens. A kernel would compute the frames.
HOST = """async ([code, given]) => {
  class Model {
    heard = [];
    constructor(held) { this.held = held; }
    get(name) { return this.held[name]; }
    set(name, value) {
      this.held[name] = value;
      this.tell(`change:${name}`);
    }
    tell(event, ...given) {
      for (const [heard, act] of [...this.heard]) if (heard === event) act(...given);
    }
    save_changes() {}
    send({ position }) {
      this.tell("msg:custom", { ...this.held.first, kind: "frame", positions: [position] });
    }
    on(event, act) { this.heard.push([event, act]); }
    off(event, act) {
      this.heard = this.heard.filter((each) => each[0] !== event || each[1] !== act);
    }
  }
  const add = EventTarget.prototype.addEventListener;
  window.listening = [];
  EventTarget.prototype.addEventListener = function (type, act, options) {
    if ([window, document, box].includes(this)) listening.push([type, options?.signal]);
    return add.call(this, type, act, options);
  };
  window.level = new Model({ value: given.value });
  window.picture = new Model(given);
  picture.widget_manager = { get_model: async () => level };
  window.el = document.createElement("div");
  const module = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const { render } = (await import(module)).default;
  window.begin = async () => { window.end = await render({ model: picture, el }); };
}"""


@pytest.fixture
def host(chromium):
    """A page with the outputs of a cell, whose picture is to begin."""
    ask = Prediction("Up?", ("yes", "no"), at={}, right=lambda *_, **__: "yes", because="It is.")
    asked = explore(Wave(), level=(-1.0, 1.0, 0.5), predict=ask)
    names = ("background", "alt", "first", "controls", "prediction")
    given = {name: getattr(asked.view, name) for name in names} | {"value": 0}
    page = chromium.new_page(viewport={"width": 1000, "height": 600})
    page.clock.install()
    page.set_content(HTML.format(style=style("view.css") + style("live.css")))
    page.evaluate(HOST, [script("live.js"), json.loads(json.dumps(given))])
    yield page
    page.close()


STORED = "img, .lessons-stored"


def shown(page):
    return [each.is_visible() for each in page.locator(STORED).all()]


def test_a_picture_that_ends_gives_way_to_the_stored_one_and_leaves_nothing_behind(host):
    host.evaluate("box.append(el)")
    host.evaluate("begin()")
    assert shown(host) == [False, False]
    assert host.locator("form").count() == 1
    host.evaluate("picture.set('prediction', {})")
    host.get_by_role("button", name="Play: level ℓ").click()
    host.clock.run_for(400)
    at = host.evaluate("level.held.value")
    assert at > 0, "it plays"
    host.evaluate("end()")
    assert shown(host) == [True, True]
    assert host.locator("form, .lessons-play").count() == 0
    host.clock.run_for(9000)
    assert host.evaluate("level.held.value") == at
    # What outlives it: the models, which another view may show, the page, and the box.
    assert host.evaluate("[...level.heard, ...picture.heard].map(([event]) => event)") == []
    assert host.evaluate("listening.filter(([, signal]) => !signal?.aborted).map(String)") == []
    host.evaluate("box.querySelector('.slider-container').replaceChildren('anew')")
    assert host.locator(".lessons-play").count() == 0


def test_a_picture_that_ended_before_it_had_its_place_hides_nothing(host):
    host.evaluate("begin()")
    host.evaluate("end()")
    host.evaluate("box.append(el)")
    host.clock.run_for(100)
    assert shown(host) == [True, True]
    assert host.locator("form").count() == 0


def test_a_picture_fits_its_slide_as_soon_as_slides_are_shown_and_keeps_no_size_of_it(host):
    host.evaluate("box.append(el)")
    host.evaluate("begin()")
    room = "box.querySelector('.lessons-view').style.getPropertyValue('--picture-room')"
    host.clock.run_for(100)
    assert host.evaluate(room) == ""
    host.evaluate("document.body.dataset.jpDeckMode = 'presenting'")
    assert host.evaluate(room)
    words = host.locator(".readout").bounding_box()
    assert words["y"] + words["height"] == pytest.approx(600, abs=2)
    below = """(picture) => picture.getBoundingClientRect().bottom
      - picture.shadowRoot.querySelector("svg").getBoundingClientRect().bottom"""
    assert host.locator("[role=img]").evaluate(below) == pytest.approx(0, abs=1), "no gap"
    host.evaluate("delete document.body.dataset.jpDeckMode")
    assert host.evaluate(room) == ""
