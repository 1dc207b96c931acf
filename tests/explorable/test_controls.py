"""From what a notebook writes to the positions of a slider, and back."""

import datetime
import json
from inspect import Parameter

import numpy as np
import pytest
from ipywidgets import (
    BoundedFloatText,
    BoundedIntText,
    Checkbox,
    ColorPicker,
    Combobox,
    DatePicker,
    Dropdown,
    FloatLogSlider,
    FloatRangeSlider,
    FloatSlider,
    FloatText,
    IntRangeSlider,
    IntSlider,
    IntText,
    RadioButtons,
    SelectionRangeSlider,
    SelectionSlider,
    SelectMultiple,
    TagsInput,
    Text,
    ToggleButton,
    ToggleButtons,
)

from lessons.explorable.controls import Control, make_controls, position_of, steps, values_at

EMPTY = Parameter.empty


def controls_for(given, defaults=None, labels=None, colours=None, slow=False):
    return make_controls(
        "Ball",
        dict.fromkeys(given, EMPTY) if defaults is None else defaults,
        given,
        labels=labels or {},
        colours=colours or {},
        slow=slow,
    )


def control_for(short, default=EMPTY, **how):
    (control,) = controls_for({"radius": short}, {"radius": default}, **how)
    return control


# ---- short forms ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("short", "default", "kind", "value"),
    [
        ((0, 10), EMPTY, IntSlider, 5),
        ((0, 10), 3, IntSlider, 3),
        ((0, 10), 3.0, IntSlider, 3),
        ((0, 10, 2), 4, IntSlider, 4),
        ((np.int64(0), np.int64(10)), 3, IntSlider, 3),
        ((0.0, 1.0), EMPTY, FloatSlider, 0.5),
        ((0, 1.0), 0.3, FloatSlider, 0.3),
        ((0, 9, 0.5), 2.5, FloatSlider, 2.5),
        ((0.0, 10.0), 3, FloatSlider, 3.0),
        ((np.float32(0), np.float32(1)), 0.5, FloatSlider, 0.5),
        ((-1.0, 1.0, 0.25), -0.75, FloatSlider, -0.75),
        (["loss", "gradient"], EMPTY, Dropdown, "loss"),
        (["loss", "gradient"], "gradient", Dropdown, "gradient"),
        ([1, 2, 4], 4, Dropdown, 4),
        ([("one", 1), ("two", 2)], 2, Dropdown, 2),
        ({"one": 1, "two": 2}, 2, Dropdown, 2),
        (True, EMPTY, Checkbox, True),
        (False, EMPTY, Checkbox, False),
        ("words", EMPTY, Text, "words"),
    ],
)
def test_a_short_form_is_a_widget_at_the_default(short, default, kind, value):
    widget = control_for(short, default).widget
    assert type(widget) is kind
    assert widget.value == value
    assert type(widget.value) is type(value)


def test_a_widget_is_taken_as_it_is():
    widget = FloatSlider(min=0, max=7, step=0.5, value=6.5)
    assert control_for(widget, default=100.0).widget is widget
    assert (widget.min, widget.max, widget.step, widget.value) == (0, 7, 0.5, 6.5)


# ---- possible values --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("short", "values"),
    [
        ((0, 4), [0, 1, 2, 3, 4]),
        ((-3, 7, 5), [-3, 2, 7]),
        (IntSlider(value=2, min=-3, max=8, step=5), [-3, 2, 7, 8]),  # the end can be reached
        ((0.0, 0.4), [0.0, 0.1, 0.2, 0.3, 0.4]),
        ((0.0, 1.0, 0.25), [0.0, 0.25, 0.5, 0.75, 1.0]),
        ((-0.1, 0.3, 0.1), [-0.1, 0.0, 0.1, 0.2, 0.3]),
        (FloatSlider(value=0.25, min=0, max=0.3, step=0.1), [0.0, 0.1, 0.2, 0.25, 0.3]),
        (["a", "b", "c"], ["a", "b", "c"]),
        ({"a": 10, "b": 20}, [10, 20]),
        (True, [False, True]),
        ("words", None),
        (IntSlider(min=1, max=3), [1, 2, 3]),
        (BoundedIntText(min=1, max=3), [1, 2, 3]),
        (BoundedFloatText(min=0, max=1, step=0.5), [0.0, 0.5, 1.0]),
        (BoundedFloatText(min=0, max=1), None),  # without a step, any number
        (FloatLogSlider(min=-2, max=1, step=1), [0.01, 0.1, 1.0, 10.0]),
        (FloatLogSlider(base=2, min=0, max=1.5, step=1), [1.0, 2.0, 2**1.5]),
        (ToggleButton(), [False, True]),
        (ToggleButtons(options=["a", "b"]), ["a", "b"]),
        (RadioButtons(options=["a", "b"]), ["a", "b"]),
        (SelectionSlider(options=["a", "b"]), ["a", "b"]),
        (SelectMultiple(options=["a", "b"]), None),
        (SelectionRangeSlider(options=["a", "b"]), None),
        (FloatRangeSlider(min=0, max=1), None),
        (IntRangeSlider(min=0, max=1), None),
        (FloatText(value=1), None),
        (IntText(value=1), None),
        (ColorPicker(), None),
        (DatePicker(), None),
        (DatePicker(min=datetime.date(2024, 1, 1), max=datetime.date(2024, 2, 1)), None),
        (Combobox(options=["a", "b"]), None),
        (TagsInput(value=["a"]), None),
    ],
    ids=repr,
)
def test_possible_values_are_those_a_widget_can_be_moved_to(short, values):
    control = control_for(short)
    is_log = isinstance(short, FloatLogSlider)
    assert control.values == (pytest.approx(values, rel=1e-11) if is_log else values)
    if values is not None:
        assert list(map(type, control.values)) == list(map(type, values))
        assert control.states(1) == list(range(len(values)))


def test_more_than_a_thousand_values_are_listed_only_if_asked_for():
    assert control_for((0, 999)).values == list(range(1000))
    many = control_for((0, 1000))
    assert many.values is None
    assert many.states(1000) is None
    assert many.states(1001) == list(range(1001))


def test_a_start_that_no_step_meets_to_the_last_digit_is_kept_as_it_is():
    start, lowest = 0.25, np.log10(0.25) - 1
    slider = FloatLogSlider(value=start, min=lowest, max=lowest + 3, step=0.1)
    on_steps = steps(slider, 100)
    assert start not in on_steps
    values = control_for(slider).values
    assert start in values
    assert len(values) == len(on_steps)


@pytest.mark.parametrize(
    "short",
    [
        (-3, 7, 5),
        (-1.0, 1.0, 0.1),
        ["a", "b"],
        True,
        FloatLogSlider(),
        SelectionSlider(options=[1]),
    ],
    ids=repr,
)
def test_a_widget_can_be_set_to_each_of_its_values(short):
    control = control_for(short)
    for state, value in enumerate(control.values):
        control.widget.value = value
        assert control.state == control.state_of(value) == state
        assert control.value_of(state) == value


# ---- states -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("short", "value", "state"),
    [
        ((0.0, 1.0, 0.25), 0.3, 1),
        ((0.0, 1.0, 0.25), 0.45, 2),
        ((0.0, 1.0, 0.1), 0.1 + 0.2, 3),
        ((0.0, 1.0, 0.25), 99, 4),
        ((0, 10), 3.0, 3),
        (FloatLogSlider(min=0, max=3, step=1), 120.0, 2),
    ],
)
def test_the_nearest_value_stands_for_one_between(short, value, state):
    assert control_for(short).state_of(value) == state


@pytest.mark.parametrize(
    ("widget", "value", "state"),
    [
        (FloatRangeSlider(max=10), (2.5, 7.5), [2.5, 7.5]),
        (IntRangeSlider(max=10), (2, 7), [2, 7]),
        (FloatSlider(max=2000), 2.5, 2.5),
        (BoundedFloatText(max=10), 2.5, 2.5),
        (Text(), "words", "words"),
        (ColorPicker(), "red", "red"),
        (TagsInput(), ["a"], ["a"]),
        (DatePicker(), None, None),
        (DatePicker(), datetime.date(2024, 3, 1), {"year": 2024, "month": 2, "date": 1}),
        (SelectMultiple(options=["a", "b", "c"]), ("c", "a"), [2, 0]),
        (SelectMultiple(options=["a", "b", "c"]), (), []),
        (SelectionRangeSlider(options=["a", "b", "c"]), ("b", "c"), [1, 2]),
    ],
    ids=repr,
)
def test_what_cannot_be_listed_has_what_the_browser_holds_as_its_state(widget, value, state):
    control = control_for(widget)
    widget.value = value
    # As it comes out of JSON.
    assert json.loads(json.dumps(control.state)) == state
    assert json.loads(json.dumps(control.state_of(value))) == state
    held = widget.get_state()["index" if control.is_choice else "value"]
    assert json.loads(json.dumps(held)) == state
    assert control.value_of(state) == value
    assert type(control.value_of(state)) is type(value)


@pytest.mark.parametrize(
    ("options", "value"),
    [
        ({"one": 1, "two": 2}, 2),
        ([("one", 1), ("two", 2)], 2),
        ([["one", 1], ["two", 2]], 2),
        ([2, ("a", 1)], ("a", 1)),  # not all are pairs, so none is
    ],
)
def test_the_state_of_a_choice_is_the_index_of_its_option(options, value):
    control = control_for(Dropdown(options=options, value=value))
    assert control.state == control.state_of(value) == control.widget.get_state()["index"] == 1
    assert control.value_of(1) == value


def test_a_choice_of_which_nothing_is_chosen_has_no_index():
    control = control_for(Dropdown(options=["a", "b"], value=None))
    assert control.state is None
    assert control.state_of(None) is None
    assert control.value_of(None) is None


@pytest.mark.parametrize(
    ("widget", "state", "value"),
    [
        (FloatSlider(max=2000), 3, 3.0),
        (FloatSlider(max=2000), 0.30000000000000004, 0.3),
        (FloatRangeSlider(max=10), [2, 0.1 + 0.2 + 5], (2.0, 5.3)),
        (IntSlider(max=2000), 3.0, 3),
        (FloatSlider(max=2000), 2001.0, 2000.0),  # the widget knows its range
    ],
)
def test_a_number_as_a_browser_may_write_it_becomes_the_value_that_is_meant(widget, state, value):
    found = control_for(widget).value_of(state)
    assert found == value
    assert type(found) is type(value)


def test_a_value_that_is_no_choice_has_no_state():
    with pytest.raises(ValueError):
        control_for(["a", "b"]).state_of("c")


def test_a_position_is_the_states_of_all_controls_in_the_order_given():
    given = {"where": ["loss", "gradient"], "radius": (0, 10)}
    controls = controls_for(given, {"radius": 5, "where": "loss", "else": 1})
    assert position_of(controls) == (0, 5)
    assert values_at(controls, (1, 7)) == {"radius": 7, "where": "gradient"}
    assert list(values_at(controls, (1, 7))) == ["where", "radius"]
    with pytest.raises(ValueError):
        values_at(controls, (1,))


@pytest.mark.parametrize("short", [lambda: (0, 10), lambda: FloatSlider(value=5, max=2000)])
def test_looking_up_a_value_moves_nothing(short):
    control = control_for(short())
    control.value_of(control.state_of(9))
    assert control.widget.value == 5


# ---- what is told to whoever mistypes ---------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "defaults", "error", "message"),
    [
        ({"raduis": (0, 1)}, {"radius": 1}, TypeError, r"no slider 'raduis'; .*mean 'radius'\?"),
        ({"q": (0, 1)}, {"radius": 1, "x": 1}, TypeError, r"no slider 'q'; it has radius, x\.$"),
        ({"q": (0, 1)}, {}, TypeError, r"no slider 'q'; it has none\.$"),
        ({}, {"radius": EMPTY}, TypeError, r"needs a slider for 'radius': pass radius=\(min"),
    ],
)
def test_an_unknown_or_a_missing_slider_is_named(given, defaults, error, message):
    with pytest.raises(error, match=f"^Ball .*{message}"):
        controls_for(given, defaults)


@pytest.mark.parametrize(
    ("short", "default", "error", "message"),
    [
        ((5, 1), EMPTY, ValueError, r"range \(5, 1\) is empty: its start must be below its end"),
        ((5, 5), EMPTY, ValueError, "its start must be below its end"),
        ((5.0, 1.0, 0.1), 3.0, ValueError, "its start must be below its end"),
        ((0, 5, 0), EMPTY, ValueError, "the step 0 must be above 0"),
        ((0, 5, -0.5), EMPTY, ValueError, "the step -0.5 must be above 0"),
        ((0, 5), 7, ValueError, "the default 7 lies outside of 0 to 5"),
        ((0.0, 5.0), -0.1, ValueError, "the default -0.1 lies outside of 0.0 to 5.0"),
        ((0, 5), 2.5, ValueError, "the default 2.5 is not on a step; the nearest is 2"),
        ((0, 9, 0.5), 2.7, ValueError, "the default 2.7 is not on a step; the nearest is 2.5"),
        ((0, 9, 2), 8.9, ValueError, "the nearest is 9"),
        ((0, 1, 0.1), 0.29999, ValueError, "the nearest is 0.3"),
        ((0, 5), None, TypeError, "the default None is not a number.*a list or a widget"),
        ((0, 5), "three", TypeError, "the default 'three' is not a number"),
        ((1,), EMPTY, TypeError, r"\(1,\) is not a range; give \(min, max\) or \(min, max, step\)"),
        ((), EMPTY, TypeError, "is not a range"),
        ((1, 2, 3, 4), EMPTY, TypeError, "is not a range"),
        (("a", "b"), EMPTY, TypeError, "is not a range"),
        ((False, True), EMPTY, TypeError, "is not a range"),
        ((0, float("inf")), 1, TypeError, "is not a range"),
        ((0, float("nan")), 1, TypeError, "is not a range"),
        ([], EMPTY, ValueError, "there is nothing to choose from"),
        ({}, EMPTY, ValueError, "there is nothing to choose from"),
        (["a", "b"], "c", ValueError, r"the default 'c' is not one of \['a', 'b'\]"),
        ({"one": 1}, "one", ValueError, r"the default 'one' is not one of \[1\]"),
        ([("one", 1), ("two", 2)], 3, ValueError, r"the default 3 is not one of \[1, 2\]"),
        (5, EMPTY, TypeError, r"5 is not a slider; give \(min, max\), .* or an ipywidgets"),
        (2.5, EMPTY, TypeError, "2.5 is not a slider"),
        (None, EMPTY, TypeError, "None is not a slider"),
        (IntSlider, EMPTY, TypeError, "is not a slider"),
        ({1, 2}, EMPTY, TypeError, "is not a slider"),
    ],
)
def test_a_bad_slider_names_the_scene_itself_and_what_would_be_right(
    short, default, error, message
):
    with pytest.raises(error, match=f"^Ball, slider 'radius': .*{message}"):
        control_for(short, default)


@pytest.mark.parametrize(("default", "meant"), [(0.1 + 0.2, 0.3), (0.1 + 0.2 - 0.3, 0.0)])
def test_a_default_is_on_a_step_if_it_only_looks_off_in_binary(default, meant):
    control = control_for((0.0, 1.0, 0.1), default)
    assert control.widget.value == pytest.approx(meant)
    assert len(control.values) == 11


# ---- looks ------------------------------------------------------------------------------------


def test_a_slider_bears_its_own_words_or_its_label_or_its_name():
    labels = {"radius": "radius r"}
    control = control_for((0, 5), labels=labels)
    assert control.label == control.widget.description == control.widget.tooltip == "radius r"
    assert control_for((0, 5)).widget.description == "radius"
    widget = IntSlider(description="my words", tooltip="more of them")
    # What is read aloud has to be what is seen.
    assert control_for(widget, labels=labels).label == widget.description == "my words"
    assert widget.tooltip == "more of them"


def test_a_widget_that_is_used_again_keeps_its_looks():
    widget = FloatSlider(step=0.25)
    first, again = (
        control_for(widget, labels={"radius": "radius r"}).widget.get_state() for _ in range(2)
    )
    assert first | {"layout": again["layout"]} == again


def test_all_labels_are_as_wide_as_the_longest():
    shorts = {"a": (0, 1), "b": (0, 1), "c": IntSlider(description="the longest one")}
    controls = controls_for(shorts, labels={"a": "short"})
    widths = {control.widget.style.description_width for control in controls}
    assert widths == {f"{len('the longest one')}ch"}
    assert {control.widget.layout.width for control in controls} == {"auto"}


def test_a_handle_has_the_colour_of_what_it_moves():
    slider, plain = controls_for({"a": (0, 1), "b": (0, 1)}, colours={"a": "#123456"})
    assert slider.widget.style.handle_color == "#123456"
    assert plain.widget.style.handle_color is None


@pytest.mark.parametrize(
    ("short", "shown"),
    [
        ((0.0, 1.0), ".1f"),
        ((0.0, 1.0, 0.5), ".1f"),
        ((0.0, 1.0, 0.25), ".2f"),
        ((0.0, 1.0, 0.001), ".3f"),
        ((0.0, 4.0, 1.0), ".1f"),
        ((0.25, 2.0, 0.5), ".2f"),  # the steps begin at a hundredth
        (FloatRangeSlider(min=0, max=1, step=0.125), ".3f"),
        (FloatSlider(step=0.25, readout_format=".1e"), ".1e"),
        (FloatLogSlider(), FloatLogSlider().readout_format),
        ((0, 10), IntSlider().readout_format),
    ],
    ids=repr,
)
def test_the_number_beside_a_slider_has_the_decimals_of_its_positions(short, shown):
    assert control_for(short).widget.readout_format == shown


@pytest.mark.parametrize("widget", [Dropdown, SelectionSlider])
def test_a_choice_shows_the_word_and_not_what_it_stands_for(widget):
    assert control_for(widget(options=[("none", 0.0), ("half", 0.5)])).shown(1) == "half"


@pytest.mark.parametrize("short", [lambda: (0, 5), lambda: (0.0, 1.0), FloatLogSlider, IntSlider])
@pytest.mark.parametrize("slow", [False, True])
def test_a_slow_scene_waits_until_a_slider_is_let_go(short, slow):
    assert control_for(short(), slow=slow).widget.continuous_update is not slow


def test_a_control_knows_whether_it_is_a_choice():
    for widget, is_choice, takes_several in [
        (Dropdown(options=["a"]), True, False),
        (SelectMultiple(options=["a"]), True, True),
        (Combobox(options=["a"]), False, False),
        (IntSlider(), False, False),
    ]:
        control = Control("radius", "radius r", widget)
        assert (control.is_choice, control.takes_several) == (is_choice, takes_several)
