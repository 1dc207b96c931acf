"""Scenes, plain functions, and what they are told when they break the rules."""

from functools import partial

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

from lessons.explorable.picture import FunctionPicture, Picture, in_words
from lessons.explorable.scene import Scene, SceneError


class Dot(Scene):
    """A dot, words beside it, and a line that stands."""

    alt = "A dot on a line."

    def draw(self):
        self.axes = self.figure.subplots()
        self.axes.set(xlim=(0, 10), ylim=(0, 10), xticks=[], yticks=[])
        (self.line,) = self.axes.plot([0, 10], [0, 10])
        self.dot = self.moves(*self.axes.plot([], [], "o"))
        self.words = self.moving_text(self.axes, 1, 9)

    def update(self, x=1.0, y=2.0):
        self.dot.set_data([x], [y])
        self.words.set_text("low" if x < 5 else "high")
        return f"The dot is at {x:g}, {y:g}."


def anew(scene_type, **values):
    return Picture(scene_type()).frame(**values)


def test_a_frame_has_every_moving_part_and_the_readout():
    frame = anew(Dot, x=3.0, y=4.0)
    assert list(frame.parts) == ["m0", "m1"]
    assert "low" in frame.parts["m1"]
    assert frame.readout == "The dot is at 3, 4."


def test_a_frame_is_the_same_whatever_was_shown_before():
    picture = Picture(Dot())
    for x in (6.0, 3.0, 9.0):
        picture.frame(x=x)
        picture.png(30, x=x)
    assert picture.frame(x=3.0) == anew(Dot, x=3.0)


def test_values_left_out_are_the_scenes_own():
    assert anew(Dot) == anew(Dot, x=1.0, y=2.0)


@pytest.mark.parametrize("what", ["labels", "colours", "telling"])
def test_a_name_that_is_no_slider_is_told(what):
    wrong = type("Wrong", (Dot,), {what: {"x": "red", "xx": "red"}})
    with pytest.raises(SceneError, match=rf"Wrong.{what} names 'xx'.* it has x, y"):
        Picture(wrong())


def test_a_scene_that_moves_less_than_the_one_it_is_made_from_keeps_its_labels():
    class Labelled(Dot):
        labels = {"x": "across", "y": "up"}

    class Fewer(Labelled):
        def update(self, y=1.0):
            return super().update(2.0, y)

    assert anew(Fewer, y=3.0).readout == "The dot is at 2, 3."


def test_a_part_that_stays_is_shared_between_positions():
    picture = Picture(Dot())
    here, there = picture.frame(x=1.0).parts, picture.frame(x=2.0).parts
    assert here["m1"] == there["m1"]
    assert here["m0"] != there["m0"]


def test_moves_returns_what_it_was_given():
    class Several(Dot):
        def draw(self):
            super().draw()
            bars = self.axes.bar([1, 2], [1, 2])
            assert self.moves(*bars) == tuple(bars)
            assert self.moves(self.line) is self.line

    assert list(Picture(Several()).frame().parts) == ["m0", "m1", "m2", "m3", "m4"]


def test_an_artist_declared_twice_moves_once():
    class Twice(Dot):
        def draw(self):
            super().draw()
            assert self.moves(self.dot) is self.dot

    assert anew(Twice, x=3.0) == anew(Dot, x=3.0)


def test_what_is_no_artist_cannot_move():
    class AList(Dot):
        def draw(self):
            super().draw()
            self.moves(self.axes.plot([1], [1]))

    with pytest.raises(TypeError, match=r"AList: \[.*one by one, as in self\.moves\(\*bars\)"):
        Picture(AList())


def test_draw_finds_the_lectures_style_and_update_leaves_the_callers():
    seen = {}

    class Styled(Dot):
        def draw(self):
            super().draw()
            seen["draw"] = mpl.rcParams["font.size"]

        def update(self, x=1.0, y=2.0):
            seen["update"] = mpl.rcParams["font.size"]
            return super().update(x, y)

    with mpl.rc_context({"font.size": 5}):
        Picture(Styled()).frame()
        assert mpl.rcParams["font.size"] == 5
    assert seen == {"draw": 14, "update": 5}


def test_the_figure_has_the_scenes_size():
    class Wide(Dot):
        size = (12.0, 3.0)

    picture = Picture(Wide())
    assert tuple(picture.scene.figure.get_size_inches()) == (12, 3)
    assert 'viewBox="0 0 864 216"' in picture.background


def test_a_scene_stays_as_its_author_made_it():
    scene = Dot()
    scene.colour = "red"
    Picture(scene).frame(x=3.0)
    assert vars(scene) == {"colour": "red"}


def test_a_scene_drawn_twice_keeps_both_pictures_right():
    scene = Dot()
    first, second = Picture(scene), Picture(scene)
    second.frame(x=9.0)
    assert first.frame(x=3.0) == anew(Dot, x=3.0)
    assert second.frame(x=4.0) == anew(Dot, x=4.0)


def test_a_slow_scene_tells_how_far_it_is():
    class Slow(Dot):
        slow = True

        def update(self, x=1.0):
            for i in range(3):
                self.progress(i + 1, 3)
            return super().update(x)

    picture = Picture(Slow())
    picture.frame()  # before anyone listens
    heard = []
    picture.on_progress(lambda *at: heard.append(at))
    picture.frame()
    assert heard == [(1, 3), (2, 3), (3, 3)]


# ---- png --------------------------------------------------------------------------------------


def counted(scene_type):
    """Return a picture of a scene, and a list of the positions that it computes."""
    calls = []

    class Counted(scene_type):
        def update(self, x=1.0, y=2.0):
            calls.append(x)
            return super().update(x, y)

    return Picture(Counted()), calls


def test_a_stored_picture_is_of_the_position_asked_for():
    picture, calls = counted(Dot)
    at_one = picture.png(30, x=1.0)
    assert picture.png(30, x=8.0) != at_one
    assert picture.png(30, x=1.0) == at_one
    assert calls == [1.0, 8.0, 1.0]


def test_a_stored_picture_of_the_frame_just_shown_computes_nothing():
    picture, calls = counted(Dot)
    picture.frame(x=3.0)
    picture.png(30, x=3.0)
    assert calls == [3.0]


# ---- scenes that break the rules --------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "members", "message"),
    [
        (Scene, {"update": Dot.update, "alt": "Nothing."}, r"^Lacking has no draw\(\)"),
        (Scene, {"draw": Dot.draw, "alt": "Nothing."}, r"^Lacking has no update\(\)"),
        (Dot, {"alt": ""}, "^Lacking needs `alt`"),
        (Dot, {"alt": " \n"}, "^Lacking needs `alt`"),
    ],
)
def test_a_scene_without_one_of_its_pieces_is_told_which(base, members, message):
    with pytest.raises(SceneError, match=message):
        Picture(type("Lacking", (base,), members)())


class Breaks(Dot):
    """Shows any position but x = 7, where it first moves everything and then breaks a rule."""

    def __init__(self, wrong):
        self.wrong = wrong

    def update(self, x=1.0):
        self.axes.set_xlim(0, 10)
        readout = super().update(x)
        return self.wrong(self) if x == 7 else readout


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda scene: 1 / 0, "raised ZeroDivisionError: division by zero"),
        (lambda scene: None, "returned None; it has to return the readout"),
        (lambda scene: "  ", "returned '  '; it has to return the readout"),
        (lambda scene: 7, "returned 7; it has to return the readout"),
        (
            lambda scene: scene.line.set_color("r") or "fine",
            r"changed <.*Line2D.*only artists that draw\(\) passed",
        ),
        (
            lambda scene: f"fine, {scene.axes.set_xlim(0, 70)}",
            "changed the limits of axes 0; only artists",
        ),
        (
            lambda scene: scene.dot.set_data([1, 2], [1, 2, 3]) or "fine",
            "cannot be drawn: shape mismatch",
        ),
        (lambda scene: scene.words.set_text(r"$\frac$") or "fine", "cannot be drawn: "),
    ],
)
def test_an_error_names_what_is_wrong_each_time_and_the_next_position_is_right(wrong, message):
    picture = Picture(Breaks(wrong))
    for show in (picture.frame, picture.frame, lambda x: picture.png(30, x=x)):
        with pytest.raises(SceneError, match=message) as caught:
            show(x=7.0)
        assert "Breaks.update(x=7.0)" in str(caught.value)
    # At 8 the words are those of 7: they changed only in the frame that was not shown.
    assert picture.frame(x=8.0) == anew(Dot, x=8.0)
    assert picture.frame(x=1.0) == anew(Dot, x=1.0)


def test_an_error_keeps_its_cause_and_leaves_no_picture_of_itself():
    picture = Picture(Breaks(lambda scene: 1 / 0))
    stored = picture.png(30, x=1.0)
    with pytest.raises(SceneError) as caught:
        picture.frame(x=7.0)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert picture.png(30, x=1.0) == stored


# ---- sliders ----------------------------------------------------------------------------------


def test_every_parameter_is_a_slider_with_its_default():
    def update(a, b=2, *, c=3.0):
        pass

    sliders = FunctionPicture(update).sliders
    assert list(sliders) == ["a", "b", "c"]
    assert (sliders["b"], sliders["c"]) == (2, 3.0)


@pytest.mark.parametrize(
    ("update", "parameter"),
    [
        (lambda *numbers: "", r"\*numbers"),
        (lambda **named: "", r"\*\*named"),
        (lambda x, /: "", "x"),
    ],
)
def test_a_parameter_without_a_name_of_its_own_is_refused(update, parameter):
    with pytest.raises(TypeError, match=f"{parameter} cannot be a slider; name each one"):
        FunctionPicture(update)


def test_a_refused_parameter_is_told_with_the_scenes_name():
    class Stars(Dot):
        def update(self, **values):
            return "fine"

    with pytest.raises(TypeError, match=r"Stars\.update: \*\*values"):
        Picture(Stars())


def test_a_function_whose_parameters_nobody_knows_is_told_what_to_do():
    with pytest.raises(TypeError, match="parameters of max; wrap it in a function of your own"):
        FunctionPicture(max)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, ""),
        ({"low": -1.0}, "low=-1.0"),
        ({"low": -1, "where": "loss"}, "low=-1, where='loss'"),
    ],
)
def test_values_are_spelled_as_a_call_would(values, words):
    assert in_words(values) == words


# ---- plain functions --------------------------------------------------------------------------


def curve(x=1.0):
    """A curve.

    More about it.
    """
    figure = Figure(figsize=(5, 3))
    figure.subplots().plot([0, x])
    return figure


def curve_with_words(x=1.0):
    return curve(x), f"It ends at {x:g}."


def curve_of_pyplot(x=1.0):
    figure, axes = plt.subplots()
    axes.plot([0, x])
    return figure


@pytest.fixture
def pyplot():
    """Leave pyplot as it was found, on a backend that needs no screen."""
    backend = mpl.get_backend()
    plt.switch_backend("agg")
    plt.close("all")
    yield plt
    plt.close("all")
    plt.switch_backend(backend)


@pytest.mark.parametrize(
    ("function", "readout"), [(curve, "x=2.0"), (curve_with_words, "It ends at 2.")]
)
def test_a_function_gives_its_figure_as_one_part(function, readout):
    picture = FunctionPicture(function)
    frame = picture.frame(x=2.0)
    assert list(frame.parts) == ["figure"]
    assert frame.parts["figure"].startswith("<svg")
    assert frame.readout == readout
    assert frame == picture.frame(x=2.0)
    assert frame.parts != picture.frame(x=3.0).parts


@pytest.mark.parametrize("dpi", [72, 150])
def test_a_functions_place_has_the_figures_size_whatever_its_resolution(dpi):
    picture = FunctionPicture(lambda x=1.0: Figure(figsize=(5, 3), dpi=dpi))
    picture.frame(x=2.0)
    assert 'viewBox="0 0 360 216"' in picture.background
    assert '<g data-part="figure"></g>' in picture.background


@pytest.mark.parametrize(
    ("doc", "alt"),
    [
        ("A curve.\n\nMore.", "A curve."),
        (None, "Figure drawn by drawn"),
        ("", "Figure drawn by drawn"),
        ("\n  A curve\n  in two lines.", "A curve"),
    ],
)
def test_the_first_line_of_the_docstring_is_the_alternative_text(doc, alt):
    def drawn():
        return Figure()

    drawn.__doc__ = doc
    assert FunctionPicture(drawn).alt == alt


def test_what_is_called_like_a_function_needs_no_name():
    class Drawn:
        """A picture that is called."""

        def __call__(self, x=1.0):
            return curve(x)

    part, called = FunctionPicture(partial(curve, x=2.0)), FunctionPicture(Drawn())
    assert (part.name, part.alt) == ("curve", FunctionPicture(curve).alt)
    assert (called.name, called.alt) == ("the function", "A picture that is called.")
    assert called.frame(x=2.0) == part.frame(x=2.0) == FunctionPicture(curve).frame(x=2.0)


def test_a_function_draws_in_the_lectures_style():
    seen = []

    def look():
        seen.append(mpl.rcParams["font.size"])
        return Figure()

    with mpl.rc_context({"font.size": 5}):
        FunctionPicture(look).frame()
        assert mpl.rcParams["font.size"] == 5
    assert seen == [14]


def test_a_function_is_called_once_for_a_frame_and_its_stored_picture():
    calls = []

    def watched(x=1.0):
        calls.append(x)
        return curve(x)

    picture = FunctionPicture(watched)
    picture.frame(x=1.0)
    image = picture.png(30, x=1.0)
    assert calls == [1.0]
    assert picture.png(30, x=5.0) != image
    assert calls == [1.0, 5.0]


def test_figures_of_pyplot_are_closed(pyplot):
    FunctionPicture(curve_of_pyplot).frame(x=1.0)
    assert pyplot.get_fignums() == []


def test_a_figure_of_pyplot_made_before_is_closed_too(pyplot):
    figure, axes = pyplot.subplots()

    def cleared(x=1.0):
        axes.clear()
        axes.plot([0, x])
        return figure

    picture = FunctionPicture(cleared)
    before = picture.frame(x=1.0)
    assert pyplot.get_fignums() == []
    assert picture.frame(x=2.0) != before


def test_figures_that_the_function_did_not_open_stay(pyplot):
    mine = pyplot.figure()
    FunctionPicture(curve_of_pyplot).frame(x=1.0)
    assert pyplot.get_fignums() == [mine.number]


def of_a_broken_formula(x=1):
    figure = plt.figure()
    figure.text(0, 0, r"$\frac$")
    return figure


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: plt.figure() and None, "returned None; it has to return a matpl"),
        (lambda x: plt.subplots()[1], "it has to return a matplotlib figure"),
        (lambda x: plt.subplots(), "it has to return a matplotlib figure"),
        (lambda x: (plt.figure(), "one", "two"), "a matplotlib figure, or a figure and a sentence"),
        (lambda x: (plt.figure(), 5), "a matplotlib figure, or a figure and a sentence"),
        (lambda x: plt.figure() and 1 / 0, "raised ZeroDivisionError: division by zero"),
        (of_a_broken_formula, "cannot be drawn"),
    ],
)
def test_a_function_that_gives_no_figure_is_told_so_and_leaves_none_open(function, message, pyplot):
    with pytest.raises(SceneError, match=message) as caught:
        FunctionPicture(function).frame(x=3)
    assert f"{function.__name__}(x=3)" in str(caught.value)
    assert pyplot.get_fignums() == []


def test_a_functions_stored_picture_after_an_error_is_computed():
    calls = []

    def now_and_then(x=1.0):
        calls.append(x)
        if x > 5:
            raise ValueError("too far")
        return curve(x)

    picture = FunctionPicture(now_and_then)
    right = picture.png(30, x=1.0)
    for _ in range(2):
        with pytest.raises(SceneError):
            picture.png(30, x=6.0)
    assert picture.png(30, x=1.0) == right
    assert calls == [1.0, 6.0, 6.0, 1.0]
