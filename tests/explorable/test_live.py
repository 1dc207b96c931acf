"""What the kernel answers to a browser, and what a notebook stores: no browser here."""

import base64
import datetime
import json
import logging
from functools import partial

import pytest
from ipywidgets import DatePicker, Dropdown, FloatRangeSlider, FloatSlider, SelectMultiple, Text
from matplotlib.figure import Figure

from lessons.explorable import live
from lessons.explorable.live import explore, show
from lessons.explorable.picture import Frame, pack
from lessons.explorable.scene import Scene, SceneError
from tests.explorable.embedded import unpacked


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
        explorer.view.send = self.hear

    def hear(self, content):
        self.heard.append(json.loads(json.dumps(content)))

    def say(self, **content):
        """Return the answers to one message."""
        before = len(self.heard)
        self.explorer.view._handle_custom_msg(json.loads(json.dumps(content)), [])
        return self.heard[before:]

    def show(self, *position):
        (answer,) = self.say(kind="show", position=position)
        return answer

    def ahead(self, *positions):
        (answer,) = self.say(kind="ahead", positions=positions)
        return answer


def explored():
    return explore(Dot(), x=(0, 10, 0.5), colour=["black", "red"])


@pytest.fixture
def explorer():
    return explored()


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

    monkeypatch.setattr(live, "time", Clock)
    return Clock


# ---- what the browser starts with -------------------------------------------------------------


def test_the_start_is_there_without_asking(explorer):
    first = explorer.view.first
    assert first["positions"] == [(2, 0)]
    assert unpacked(first) == [explorer.frame()]
    assert explorer.frame().readout == "The dot is black, at 1.0."
    for name in explorer.frame().parts:
        assert f'data-part="{name}"' in explorer.view.background


def test_the_browser_learns_of_every_control(explorer):
    x, colour = explorer.view.controls
    slider, choice = explorer.children[:2]
    assert x == {
        "name": "x",
        "label": "place x",
        "model": f"IPY_MODEL_{slider.model_id}",
        "trait": "value",
        "values": [i / 2 for i in range(21)],
        "count": 21,
        "is_ordered": True,
    }
    assert (colour["trait"], colour["values"], colour["count"]) == ("index", None, 2)
    assert not colour["is_ordered"]
    assert colour["model"] == f"IPY_MODEL_{choice.model_id}"
    # The front end knows a control by these classes.
    assert "lessons-control-x" in slider._dom_classes
    assert "lessons-control-colour" in choice._dom_classes
    assert "lessons-explore" in explorer._dom_classes


def test_sliders_stand_above_the_picture_in_the_order_given(explorer):
    assert [c.widget for c in explorer.controls] == list(explorer.children[:-1])
    assert explorer.children[-1] is explorer.view
    assert explorer.view.alt == Dot.alt
    state = json.loads(json.dumps(explorer.view.get_state()))
    assert state["alt"] == Dot.alt
    assert state.keys() >= {"background", "first", "controls", "ahead", "prediction"}
    assert explorer.children[0].style.handle_color == "#123456"


@pytest.mark.parametrize(
    ("scene", "ahead", "follows"),
    [(Dot(), True, True), (Slow(), False, False), (lambda x=1.0: Figure(), False, True)],
    ids=["scene", "slow", "function"],
)
def test_only_a_quick_scene_is_asked_ahead_and_only_a_slow_one_waits(scene, ahead, follows):
    explorer = explore(scene, x=(0, 10, 0.5))
    assert explorer.view.ahead is ahead
    assert explorer.children[0].continuous_update is follows


# ---- a position is asked for --------------------------------------------------------------------


def test_a_position_is_answered_with_its_frame(explorer, browser):
    answer = browser.show(7, 1)
    assert answer["kind"] == "frame"
    assert answer["positions"] == [[7, 1]]
    (frame,) = unpacked(answer)
    assert frame.readout == "The dot is red, at 3.5."
    assert frame == explorer.frame(x=3.5, colour="red")


def test_a_position_is_computed_once(browser, seen):
    first = browser.show(4, 0)
    browser.show(6, 0)
    assert browser.show(4, 0) == first
    browser.show(2, 0)  # the start
    assert seen == [(2.0, "black"), (3.0, "black")]


def test_the_oldest_positions_are_forgotten_first(monkeypatch):
    monkeypatch.setattr(live, "_FRAMES_KEPT", 3)
    explorer = explore(Dot(), x=(0, 10, 0.5))
    seen = explorer.picture.scene.seen
    seen.clear()
    for x in (2.0, 3.0, 1.0, 5.0, 1.0, 2.0):
        explorer.frame(x=x)
    assert [x for x, _ in seen] == [2.0, 3.0, 5.0, 2.0]


@pytest.mark.parametrize(
    ("widget", "state", "value"),
    [
        (SelectMultiple(options=["a", "b", "c"], value=["a"]), [2, 0], ("c", "a")),
        (FloatRangeSlider(value=(1, 2), max=5), [1, 3.5], (1.0, 3.5)),
        (Dropdown(options=["a", "b"], value=None), None, None),
        (Dropdown(options=["a", "b"], value=None), 1, "b"),
        (
            DatePicker(),
            {"year": 2024, "month": 2, "date": 1},
            datetime.date(2024, 3, 1),
        ),
        (Text("words"), "others", "others"),
    ],
    ids=repr,
)
def test_a_state_of_any_kind_is_answered(widget, state, value):
    class Names(Dot):
        def update(self, names=None):
            return f"Seen: {names!r}"

    (frame,) = unpacked(Browser(explore(Names(), names=widget)).show(state))
    assert frame.readout == f"Seen: {value!r}"


def test_other_messages_are_left_unanswered(browser):
    assert browser.say(kind="greeting") == []


# ---- problems ---------------------------------------------------------------------------------


def test_a_problem_is_sent_in_words_and_logged(browser, caplog):
    with caplog.at_level(logging.ERROR, logger="lessons"):
        answer = browser.show(8, 0)
    assert answer == {
        "kind": "problem",
        "position": [8, 0],
        "message": "Dot.update(x=4.0, colour='black') raised ValueError: nothing at 4",
    }
    (record,) = caplog.records
    assert record.name == "lessons"
    assert "Dot" in record.getMessage()
    assert isinstance(record.exc_info[1], SceneError)


def test_a_problem_is_not_kept_and_the_next_position_is_right(browser, seen):
    for _ in range(2):
        assert browser.show(8, 0)["kind"] == "problem"
    assert len(seen) == 2
    (frame,) = unpacked(browser.show(10, 1))
    assert frame == explored().frame(x=5.0, colour="red")


def test_an_interrupted_kernel_answers_too(browser):
    # The browser asks for nothing more until it has its answer.
    answer = browser.show(9, 0)
    assert (answer["kind"], answer["message"]) == ("problem", "KeyboardInterrupt")
    assert browser.show(10, 0)["kind"] == "frame"
    assert browser.ahead((9, 0), (10, 0))["positions"] == []


@pytest.mark.parametrize("position", [(), (1, 0, 0), (99, 0), ("x", 0)])
def test_a_position_that_is_none_is_a_problem(browser, position):
    assert browser.show(*position)["kind"] == "problem"


@pytest.mark.parametrize(("put", "x"), [(explore, FloatSlider(value=4.0)), (show, 4.0)])
def test_a_scene_that_breaks_at_its_start_is_an_error_in_the_cell(put, x):
    with pytest.raises(SceneError, match=r"Dot\.update\(x=4\.0\) raised ValueError: nothing at 4"):
        put(Dot(), x=x)


# ---- ahead ------------------------------------------------------------------------------------


def test_positions_ahead_come_together_in_the_order_asked(browser, clock):
    answer = browser.ahead((4, 0), (6, 0), (3, 0))
    assert answer["kind"] == "ahead"
    assert answer["positions"] == [[4, 0], [6, 0], [3, 0]]
    assert unpacked(answer)[1] == browser.explorer.frame(x=3.0)
    assert len(answer["fragments"]) == 4, "three dots, one text"


def test_positions_ahead_are_computed_once(browser, clock, seen):
    browser.ahead((4, 0), (6, 0))
    browser.ahead((4, 0), (6, 0))
    browser.show(6, 0)
    assert [x for x, _ in seen] == [2.0, 3.0]


@pytest.mark.parametrize(("share", "sent"), [(0.4, 3), (500, 1)])
def test_ahead_stops_when_its_time_is_over(browser, clock, monkeypatch, share, sent):
    update = Dot.update

    def slower(self, x, colour):
        clock.now += share * live._AHEAD_SECONDS
        return update(self, x, colour)

    monkeypatch.setattr(Dot, "update", slower)
    wanted = [[4, 0], [6, 0], [10, 0], [12, 0], [14, 0]]
    assert browser.ahead(*wanted)["positions"] == wanted[:sent]


def test_ahead_is_answered_within_a_picture_or_so(browser, clock, monkeypatch):
    update = Dot.update

    def slower(self, x, colour):
        clock.now += 0.01
        return update(self, x, colour)

    monkeypatch.setattr(Dot, "update", slower)
    begun = clock.now
    browser.ahead(*[(state, 1) for state in range(8)])
    assert clock.now - begun <= 0.05


def test_ahead_stops_at_a_failing_position_and_keeps_the_ones_before(browser, clock, caplog):
    answer = browser.ahead((4, 0), (6, 0), (8, 0), (10, 0))
    assert answer["positions"] == [[4, 0], [6, 0]]
    # Nobody has moved there, so nobody is told.
    assert caplog.records == []
    assert [m["kind"] for m in browser.heard] == ["ahead"]


def test_ahead_is_answered_even_if_nothing_can_be_had(browser, clock):
    nothing = {"kind": "ahead", "positions": [], "fragments": [], "frames": []}
    assert browser.ahead((8, 0)) == nothing
    assert browser.ahead((1, 2, 3)) == nothing
    assert browser.ahead() == nothing


# ---- progress ---------------------------------------------------------------------------------


def test_progress_is_told_now_and_then_and_at_the_end(clock):
    browser = Browser(explore(Slow(), x=(0, 10, 0.5)))
    answers = browser.say(kind="show", position=[4])
    # All five steps take no time here: the first and the last are told.
    assert [(m["kind"], m.get("done")) for m in answers] == [
        ("progress", 1),
        ("progress", 5),
        ("frame", None),
    ]
    assert answers[0]["total"] == 5


def test_progress_is_told_again_after_a_while(clock):
    explorer = explore(Dot(), x=(0, 10, 0.5))
    browser = Browser(explorer)
    for done in range(1, 8):
        explorer.picture.scene.progress(done, 100)
        clock.now += 0.4 * live._PROGRESS_SECONDS
    assert [m["done"] for m in browser.heard] == [1, 4, 7]


# ---- packing ----------------------------------------------------------------------------------


def test_a_fragment_that_positions_share_is_sent_once():
    frames = [
        Frame({"m0": "<a/>", "m1": "<b/>"}, "One."),
        Frame({"m0": "<c/>", "m1": "<b/>"}, "Two."),
        Frame({"m0": "<b/>", "m1": "<a/>"}, "Three."),
    ]
    packed = pack(frames)
    assert sorted(packed["fragments"]) == ["<a/>", "<b/>", "<c/>"]
    assert unpacked(packed) == frames


# ---- from Python ------------------------------------------------------------------------------


def test_values_follow_the_sliders(explorer):
    assert explorer.values == {"x": 1.0, "colour": "black"}
    explorer.children[0].value = 1.4
    explorer.children[1].value = "red"
    assert explorer.values == {"x": 1.5, "colour": "red"}, "the nearest step"
    assert explorer.frame().readout == "The dot is red, at 1.5."


def test_a_frame_can_be_had_elsewhere_without_moving_a_slider(explorer, seen):
    frame = explorer.frame(x=5, colour="red")
    assert frame.readout == "The dot is red, at 5.0."
    assert explorer.values == {"x": 1.0, "colour": "black"}
    assert explorer.frame(x=5.0, colour="red") is frame
    assert len(seen) == 1


@pytest.mark.parametrize("ask", [lambda **x: explored().frame(**x), partial(show, Dot())])
def test_an_unknown_slider_is_refused(ask):
    with pytest.raises(TypeError, match=r"Dot has no slider 'color'; it has x, colour\..*'colour'"):
        ask(color="red")


def test_a_function_is_explored_and_shown_like_a_scene():
    def circle(x=1.0):
        """A circle."""
        figure = Figure()
        figure.text(0, 0, f"radius {x}")
        return figure, f"The radius is {x}."

    browser = Browser(explore(circle, x=(0, 10, 0.5)))
    assert browser.explorer.view.alt == "A circle."
    (frame,) = unpacked(browser.show(6))
    assert frame.readout == "The radius is 3.0."
    assert "radius 3.0" in frame.parts["figure"]
    bundle, _ = show(circle, x=3.0)._repr_mimebundle_()
    assert bundle["text/plain"] == frame.readout


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


@pytest.mark.parametrize("put", [explore, show])
def test_a_slider_without_a_name_is_told_how_to_name_it(put):
    with pytest.raises(TypeError, match=r"^Dot: \(0, 1\) has no name; .* as in x=\(0, 1\)$"):
        put(Dot(), (0, 1))


def test_a_parameter_may_be_called_scene():
    def circle(scene=1):
        return Figure(), f"Scene {scene}."

    assert explore(circle, scene=(0, 3)).frame(scene=2).readout == "Scene 2."
    assert show(circle, scene=3).frame.readout == "Scene 3."


def test_a_parameter_called_export_is_told_to_change_its_name():
    def circle(export=1):
        return Figure()

    with pytest.raises(TypeError, match=r"circle has a parameter 'export'.*give .* another name"):
        explore(circle, export=(0, 3))
    with pytest.raises(TypeError, match=r"has a parameter 'predict'.*give .* another name"):
        explore(lambda predict=1: Figure(), predict=(0, 3))


# ---- what a notebook stores -------------------------------------------------------------------


@pytest.fixture
def shown(monkeypatch):
    """What is displayed."""
    found = []
    monkeypatch.setattr(live, "display", lambda data, **how: found.append((data, how)))
    return found


def test_a_notebook_shows_picture_and_words_then_how_to_move_it_then_the_widget(
    explorer, seen, shown
):
    explorer._ipython_display_()
    (stored, how), (hint, _), (view, _) = shown
    assert all(how["raw"] for _, how in shown)
    assert set(stored) == {"image/png", "text/plain"}
    assert stored["text/plain"] == "The dot is black, at 1.0."
    assert how["metadata"] == {"image/png": {"alt": f"{Dot.alt} The dot is black, at 1.0."}}
    image = base64.b64decode(stored["image/png"])
    assert image.startswith(b"\x89PNG")
    assert int.from_bytes(image[16:20]) == 4 * 96
    assert "Run All Above Selected Cell" in hint["text/html"]
    # What ipywidgets itself would show, and nothing beside it.
    assert view == {live.WIDGET_VIEW: explorer._repr_mimebundle_()[live.WIDGET_VIEW]}
    assert seen == []  # it had been computed for the browser


def test_a_notebook_stores_where_the_sliders_stand(explorer):
    before, _ = explorer.stored()
    explorer.children[0].value = 6.0
    after, metadata = explorer.stored()
    assert after["text/plain"] == "The dot is black, at 6.0."
    assert "at 6.0" in metadata["image/png"]["alt"]
    assert after["image/png"] != before["image/png"]
    still, _ = show(Dot(), x=6.0)._repr_mimebundle_()
    assert after["image/png"] == still["image/png"]


# ---- show -------------------------------------------------------------------------------------


def test_a_still_has_picture_words_and_alternative_text_and_is_computed_once():
    still = show(Dot(), x=3.0)
    bundle, metadata = still._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == {"image/png", "text/plain"}
    assert bundle["text/plain"] == "The dot is black, at 3.0."
    assert metadata == {"image/png": {"alt": f"{Dot.alt} The dot is black, at 3.0."}}
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert len(still.picture.scene.seen) == 1
