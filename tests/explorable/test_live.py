"""What the kernel answers to a browser, and what a notebook stores: no browser here."""

import base64
import json
import logging

import pytest
from ipywidgets import Dropdown, FloatSlider, SelectMultiple
from matplotlib.figure import Figure

from lessons.explorable import live as kit
from lessons.explorable.live import explore, pack, show
from lessons.explorable.scene import Frame, Scene, SceneError


class Dot(Scene):
    """A dot at x, in one of two colours; it breaks at x = 4, in a way of its own at x = 4.5."""

    alt = "A dot on a line."
    labels = {"x": "place x"}
    colours = {"x": "#123456"}
    size = (4.0, 2.0)

    def draw(self):
        axes = self.figure.subplots()
        axes.set(xlim=(0, 10), ylim=(0, 1), xticks=[], yticks=[])
        self.dot = self.moves(*axes.plot([], [], "o"))
        self.words = self.moves(axes.text(1, 1, ""))
        self.seen = []

    def update(self, x=1.0, colour="black"):
        self.seen.append((x, colour))
        self.dot.set_data([x], [0.5])
        self.words.set_text(colour)
        if x == 4:
            raise ValueError("nothing at 4")
        if x == 4.5:
            raise KeyboardInterrupt
        return f"The dot is {colour}, at {x!r}."


class Slow(Dot):
    slow = True

    def update(self, x=1.0, colour="black"):
        for i in range(5):
            self.progress(i + 1, 5)
        return super().update(x, colour)


class Browser:
    """Stands in for the browser: sends what it would send, keeps what it is sent."""

    def __init__(self, explorer):
        self.explorer, self.heard = explorer, []
        explorer.stage.send = self.hear

    def hear(self, content, buffers=None):
        self.heard.append(json.loads(json.dumps(content)))

    def say(self, **content):
        """Return the answers to one message."""
        before = len(self.heard)
        self.explorer.stage._handle_custom_msg(json.loads(json.dumps(content)), [])
        return self.heard[before:]

    def show(self, **at):
        (answer,) = self.say(kind="show", at=at)
        return answer

    def ahead(self, *positions):
        (answer,) = self.say(kind="ahead", at=list(positions))
        return answer


def unpacked(message):
    """Return the frames of a message as the browser unpacks them."""
    return [
        (f["at"], Frame({k: message["fragments"][i] for k, i in f["parts"].items()}, f["readout"]))
        for f in message["frames"]
    ]


@pytest.fixture
def explorer():
    return explore(Dot(), x=(0, 10, 0.5), colour=["black", "red"])


@pytest.fixture
def browser(explorer):
    return Browser(explorer)


@pytest.fixture
def seen(explorer):
    """Return the positions that the scene computes from now on."""
    explorer.picture.scene.seen.clear()
    return explorer.picture.scene.seen


@pytest.fixture
def clock(monkeypatch):
    """Return a clock that only the test moves."""

    class Clock:
        now = 100.0

        @classmethod
        def perf_counter(cls):
            return cls.now

    monkeypatch.setattr(kit, "time", Clock)
    return Clock


# ---- what the browser starts with -------------------------------------------------------------


def test_the_start_is_there_without_asking(explorer):
    ((at, frame),) = unpacked(explorer.stage.first)
    assert at == {"x": 1.0, "colour": 0}
    assert frame == explorer.frame()
    assert frame.readout == "The dot is black, at 1.0."
    assert all(f'data-part="{name}"' in explorer.stage.still for name in frame.parts)


def test_the_browser_learns_of_every_control(explorer):
    x, colour = explorer.stage.controls
    slider, choice = explorer.children[:2]
    assert x == {
        "name": "x",
        "label": "place x",
        "model": f"IPY_MODEL_{slider.model_id}",
        "key": "value",
        "positions": [i / 2 for i in range(21)],
    }
    assert (colour["key"], colour["positions"]) == ("index", [0, 1])
    assert colour["model"] == f"IPY_MODEL_{choice.model_id}"
    # The front end knows a control by these classes.
    assert "lessons-control-x" in slider._dom_classes
    assert "lessons-control-colour" in choice._dom_classes
    assert "lessons-explore" in explorer._dom_classes


def test_sliders_stand_above_the_picture_in_the_order_given(explorer):
    assert [c.widget for c in explorer.controls] == list(explorer.children[:-1])
    assert explorer.children[-1] is explorer.stage
    assert explorer.stage.alt == Dot.alt
    assert explorer.children[0].style.handle_color == "#123456"


def test_what_the_browser_is_sent_is_json(explorer):
    state = explorer.stage.get_state()
    for key in ("still", "first", "alt", "controls", "ahead"):
        json.dumps(state[key])


@pytest.mark.parametrize(
    ("scene", "ahead"),
    [(Dot(), True), (Slow(), False), (lambda x=1.0: Figure(), False)],
    ids=["scene", "slow", "function"],
)
def test_only_a_quick_scene_is_asked_ahead(scene, ahead):
    assert explore(scene, x=(0, 10, 0.5)).stage.ahead is ahead


def test_a_slow_scene_waits_until_the_slider_is_let_go():
    assert explore(Slow(), x=(0, 10, 0.5)).children[0].continuous_update is False
    assert explore(Dot(), x=(0, 10, 0.5)).children[0].continuous_update is True


# ---- show -------------------------------------------------------------------------------------


def test_a_position_is_answered_with_its_frame(explorer, browser):
    answer = browser.show(x=3.5, colour=1)
    assert answer["kind"] == "frames"
    ((at, frame),) = unpacked(answer)
    assert at == {"x": 3.5, "colour": 1}
    assert frame.readout == "The dot is red, at 3.5."
    assert frame == explore(Dot(), x=(0, 10, 0.5), colour=["black", "red"]).frame(
        x=3.5, colour="red"
    )


def test_a_position_is_computed_once(browser, seen):
    first = browser.show(x=2.0, colour=0)
    browser.show(x=3.0, colour=0)
    assert browser.show(x=2.0, colour=0) == first
    assert seen == [(2.0, "black"), (3.0, "black")]


def test_the_start_is_not_computed_again(browser, seen):
    browser.show(x=1.0, colour=0)
    assert seen == []


@pytest.mark.parametrize(
    ("as_sent", "as_meant"),
    [
        ({"x": 3, "colour": 0}, {"x": 3.0, "colour": 0}),
        ({"x": 0.1 + 0.2, "colour": 0}, {"x": 0.3, "colour": 0}),
        ({"colour": 0, "x": 2.0}, {"x": 2.0, "colour": 0}),
        ({"x": 99, "colour": 0}, {"x": 10.0, "colour": 0}),
    ],
)
def test_a_position_written_otherwise_is_the_same_position(browser, seen, as_sent, as_meant):
    meant = browser.show(**as_meant)
    sent = browser.show(**as_sent)
    assert len(seen) == 1
    assert unpacked(sent)[0][1] == unpacked(meant)[0][1]
    # The browser finds the answer by its own spelling.
    assert list(sent["frames"][0]["at"].items()) == list(as_sent.items())


def test_the_oldest_positions_are_forgotten_first(monkeypatch):
    monkeypatch.setattr(kit, "_FRAMES_KEPT", 3)
    explorer = explore(Dot(), x=(0, 10, 0.5))
    seen = explorer.picture.scene.seen
    seen.clear()
    for x in (2.0, 3.0, 1.0, 5.0, 1.0, 2.0):
        explorer.frame(x=x)
    assert [x for x, _ in seen] == [2.0, 3.0, 5.0, 2.0]


def test_a_control_can_choose_several():
    class Names(Dot):
        def update(self, names=("a",)):
            return "Seen: " + " ".join(names)

    choice = SelectMultiple(options=["a", "b", "c"], value=["a"])
    browser = Browser(explore(Names(), names=choice))
    assert unpacked(browser.explorer.stage.first)[0][0] == {"names": (0,)}
    assert browser.show(names=[2, 0])["frames"][0]["readout"] == "Seen: c a"


def test_a_choice_can_be_empty():
    class Name(Dot):
        def update(self, name="a"):
            return f"Seen: {name}"

    browser = Browser(explore(Name(), name=Dropdown(options=["a", "b"], value=None)))
    assert browser.show(name=None)["frames"][0]["readout"] == "Seen: None"
    assert browser.show(name=1)["frames"][0]["readout"] == "Seen: b"


def test_other_messages_are_left_unanswered(browser):
    assert browser.say(kind="greeting") == []


# ---- problems ---------------------------------------------------------------------------------


def test_a_problem_is_sent_in_words_and_logged(browser, caplog):
    with caplog.at_level(logging.ERROR, logger="lessons"):
        answer = browser.show(x=4, colour=0)
    assert answer == {
        "kind": "problem",
        "at": {"x": 4, "colour": 0},
        "message": "Dot.update(x=4.0, colour='black') raised ValueError: nothing at 4",
    }
    (record,) = caplog.records
    assert record.name == "lessons"
    assert "Dot" in record.getMessage()
    assert isinstance(record.exc_info[1], SceneError)


def test_after_a_problem_the_next_position_is_right(browser, explorer):
    browser.show(x=4, colour=1)
    ((_, frame),) = unpacked(browser.show(x=5, colour=1))
    assert frame == explore(Dot(), x=(0, 10, 0.5), colour=["black", "red"]).frame(
        x=5.0, colour="red"
    )


def test_a_problem_is_not_kept(browser, seen):
    for _ in range(2):
        assert browser.show(x=4, colour=0)["kind"] == "problem"
    assert len(seen) == 2


def test_an_interrupted_kernel_answers_too(browser):
    # The browser asks for nothing more until it has its answer.
    answer = browser.show(x=4.5, colour=0)
    assert (answer["kind"], answer["message"]) == ("problem", "KeyboardInterrupt")
    assert browser.show(x=5, colour=0)["kind"] == "frames"


def test_what_cannot_be_drawn_is_a_problem_too():
    class Uneven(Dot):
        def update(self, x=1.0):
            self.dot.set_data([0, 1], [0, 1] if x < 5 else [0, 1, 2])
            return "A dot."

    browser = Browser(explore(Uneven(), x=(0, 10, 0.5)))
    assert "cannot be drawn" in browser.show(x=6)["message"]
    assert browser.ahead({"x": 6.5})["frames"] == []
    assert browser.show(x=2)["kind"] == "frames"


def test_a_scene_that_breaks_at_its_start_is_an_error_in_the_cell():
    with pytest.raises(SceneError, match="nothing at 4"):
        explore(Dot(), x=FloatSlider(value=4.0))


# ---- ahead ------------------------------------------------------------------------------------


def positions(*places):
    return [{"x": x, "colour": 0} for x in places]


def test_positions_ahead_come_together_in_the_order_asked(browser, clock):
    answer = browser.ahead(*positions(2.0, 3.0, 1.5))
    assert answer["kind"] == "ahead"
    assert [at for at, _ in unpacked(answer)] == positions(2.0, 3.0, 1.5)
    assert unpacked(answer)[1][1] == browser.explorer.frame(x=3.0)


def test_positions_ahead_are_computed_once(browser, clock, seen):
    browser.ahead(*positions(2.0, 3.0))
    browser.ahead(*positions(2.0, 3.0))
    browser.show(x=3, colour=0)
    assert [x for x, _ in seen] == [2.0, 3.0]


def test_ahead_stops_when_its_time_is_over(browser, clock, monkeypatch):
    update = Dot.update

    def slower(self, x, colour):
        clock.now += 0.4 * kit._AHEAD_SECONDS
        return update(self, x, colour)

    monkeypatch.setattr(Dot, "update", slower)
    answer = browser.ahead(*positions(2.0, 3.0, 5.0, 6.0, 7.0))
    assert [at["x"] for at, _ in unpacked(answer)] == [2.0, 3.0, 5.0]


def test_ahead_sends_one_at_the_least(browser, clock, monkeypatch):
    update = Dot.update

    def slow(self, x, colour):
        clock.now += 10
        return update(self, x, colour)

    monkeypatch.setattr(Dot, "update", slow)
    assert len(unpacked(browser.ahead(*positions(2.0, 3.0)))) == 1


def test_ahead_is_answered_within_a_picture_or_so():
    assert kit._AHEAD_SECONDS <= 0.05


def test_ahead_stops_at_a_failing_position_and_keeps_the_ones_before(browser, clock, caplog):
    answer = browser.ahead(*positions(2.0, 3.0, 4.0, 5.0))
    assert [at["x"] for at, _ in unpacked(answer)] == [2.0, 3.0]
    # Nobody has moved there, so nobody is told.
    assert caplog.records == []
    assert [m["kind"] for m in browser.heard] == ["ahead"]


def test_ahead_is_answered_even_if_nothing_can_be_had(browser, clock):
    assert browser.ahead(*positions(4.0)) == {"kind": "ahead", "fragments": [], "frames": []}
    assert browser.ahead({"nonsense": 1})["frames"] == []
    assert browser.ahead()["frames"] == []


# ---- progress ---------------------------------------------------------------------------------


def test_progress_is_told_now_and_then_and_at_the_end(clock):
    browser = Browser(explore(Slow(), x=(0, 10, 0.5)))
    answers = browser.say(kind="show", at={"x": 2.0})
    # All five steps take no time here: the first and the last are told.
    assert [(m["kind"], m.get("done")) for m in answers] == [
        ("progress", 1),
        ("progress", 5),
        ("frames", None),
    ]
    assert answers[0]["total"] == 5


def test_progress_is_told_again_after_a_while(clock):
    explorer = explore(Dot(), x=(0, 10, 0.5))
    browser = Browser(explorer)
    for done in range(1, 8):
        explorer.picture.scene.progress(done, 100)
        clock.now += 0.4 * kit._PROGRESS_SECONDS
    assert [m["done"] for m in browser.heard] == [1, 4, 7]


# ---- packing ----------------------------------------------------------------------------------


def test_a_fragment_that_positions_share_is_sent_once():
    frames = [
        ({"x": 1}, Frame({"m0": "<a/>", "m1": "<b/>"}, "One.")),
        ({"x": 2}, Frame({"m0": "<c/>", "m1": "<b/>"}, "Two.")),
        ({"x": 3}, Frame({"m0": "<b/>", "m1": "<a/>"}, "Three.")),
    ]
    packed = pack(frames)
    assert sorted(packed["fragments"]) == ["<a/>", "<b/>", "<c/>"]
    assert unpacked(packed) == frames


def test_frames_of_a_drag_share_what_does_not_change(browser, clock):
    answer = browser.ahead(*positions(2.0, 3.0, 5.0))
    assert len(answer["fragments"]) == 4  # three dots, one text


def test_nothing_is_packed_as_nothing():
    assert pack([]) == {"fragments": [], "frames": []}


# ---- from Python ------------------------------------------------------------------------------


def test_values_follow_the_sliders(explorer):
    assert explorer.values == {"x": 1.0, "colour": "black"}
    explorer.children[0].value = 0.1 + 0.2
    explorer.children[1].value = "red"
    assert explorer.values == {"x": 0.3, "colour": "red"}
    assert explorer.frame().readout == "The dot is red, at 0.3."


def test_a_frame_can_be_had_elsewhere_without_moving_a_slider(explorer, seen):
    frame = explorer.frame(x=5, colour="red")
    assert frame.readout == "The dot is red, at 5.0."
    assert explorer.values == {"x": 1.0, "colour": "black"}
    assert explorer.frame(x=5.0, colour="red") is frame
    assert len(seen) == 1


def test_a_frame_of_an_unknown_slider_is_refused(explorer):
    with pytest.raises(TypeError, match=r"Dot has no slider 'color'.*mean 'colour'\?"):
        explorer.frame(color="red")


def test_a_parameter_with_a_default_needs_no_slider():
    explorer = explore(Dot(), x=(0, 10, 0.5))
    assert explorer.values == {"x": 1.0}
    assert explorer.frame().readout == "The dot is black, at 1.0."


def test_a_function_is_explored_like_a_scene():
    def circle(x=1.0):
        """A circle."""
        figure = Figure()
        figure.text(0, 0, f"radius {x}")
        return figure, f"The radius is {x}."

    browser = Browser(explore(circle, x=(0, 10, 0.5)))
    assert browser.explorer.stage.alt == "A circle."
    ((_, frame),) = unpacked(browser.show(x=3))
    assert frame.readout == "The radius is 3.0."
    assert "radius 3.0" in frame.parts["figure"]


@pytest.mark.parametrize("put", [explore, show])
@pytest.mark.parametrize(
    ("what", "message"),
    [
        (Dot, r"not <class '.*Dot'>; did you mean Dot\(\.\.\.\)\?"),
        (42, r"takes a Scene or a function, not 42$"),
        (None, r"not None$"),
        (Figure(), r"not <Figure"),
    ],
    ids=str,
)
def test_what_is_neither_scene_nor_function_is_refused(put, what, message):
    with pytest.raises(TypeError, match=rf"^{put.__name__}\(\) .*{message}"):
        put(what, x=(0, 1))


# ---- what a notebook stores -------------------------------------------------------------------


def test_a_notebook_stores_the_widget_and_what_is_seen_without_it(explorer, seen):
    bundle, metadata = explorer._repr_mimebundle_()
    assert set(bundle) == {
        "application/vnd.jupyter.widget-view+json",
        "image/png",
        "text/plain",
    }
    view = bundle["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == explorer.model_id
    assert bundle["text/plain"] == "The dot is black, at 1.0."
    assert metadata == {"image/png": {"alt": f"{Dot.alt} The dot is black, at 1.0."}}
    image = base64.b64decode(bundle["image/png"])
    assert image.startswith(b"\x89PNG")
    assert int.from_bytes(image[16:20]) == 4 * 96
    assert seen == []  # it had been computed for the browser


def test_a_notebook_stores_where_the_sliders_stand(explorer):
    before, _ = explorer._repr_mimebundle_()
    explorer.children[0].value = 6.0
    after, metadata = explorer._repr_mimebundle_()
    assert after["text/plain"] == "The dot is black, at 6.0."
    assert "at 6.0" in metadata["image/png"]["alt"]
    assert after["image/png"] != before["image/png"]
    still, _ = show(Dot(), x=6.0)._repr_mimebundle_()
    assert after["image/png"] == still["image/png"]


def test_a_stored_picture_leaves_the_frames_as_they_are(explorer, browser):
    before = browser.show(x=5, colour=1)
    explorer._repr_mimebundle_()
    explorer._frame_at.cache_clear()
    assert browser.show(x=5, colour=1) == before


# ---- show -------------------------------------------------------------------------------------


def test_a_still_has_picture_words_and_alternative_text():
    bundle, metadata = show(Dot(), x=3.0)._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == {"image/png", "text/plain"}
    assert bundle["text/plain"] == "The dot is black, at 3.0."
    assert metadata == {"image/png": {"alt": f"{Dot.alt} The dot is black, at 3.0."}}
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")


def test_a_still_is_computed_once():
    still = show(Dot())
    still._repr_mimebundle_()
    assert len(still.picture.scene.seen) == 1


def test_a_still_stays_what_it_was():
    scene = Dot()
    still = show(scene, x=3.0)
    before = still._repr_mimebundle_()
    show(scene, x=5.0)
    assert still._repr_mimebundle_() == before


def test_a_still_of_a_function():
    def circle(x=1.0):
        return Figure(), f"The radius is {x}."

    bundle, _ = show(circle, x=2.0)._repr_mimebundle_()
    assert bundle["text/plain"] == "The radius is 2.0."


def test_a_still_with_an_unknown_value_is_refused():
    with pytest.raises(TypeError, match=r"Dot has no slider 'color'; it has x, colour\..*'colour'"):
        show(Dot(), color="red")


def test_a_still_that_cannot_be_shown_is_an_error():
    with pytest.raises(SceneError, match=r"Dot\.update\(x=4\.0\) raised ValueError"):
        show(Dot(), x=4.0)


def test_a_scene_can_be_shown_still_and_explored():
    scene = Dot()
    explorer = explore(scene, x=(0, 10, 0.5))
    show(scene, x=5.0)
    assert explorer.frame(x=6.0) == explore(Dot(), x=(0, 10, 0.5)).frame(x=6.0)
