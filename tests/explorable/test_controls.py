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
    Select,
    SelectionRangeSlider,
    SelectionSlider,
    SelectMultiple,
    TagsInput,
    Text,
    ToggleButton,
    ToggleButtons,
)

from lessons.explorable.controls import Control, make_controls, states, values

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


def test_controls_come_in_the_order_given():
    defaults = {"a": 1, "b": 1, "c": 1}
    controls = controls_for({"c": (0, 5), "a": (0, 5)}, defaults)
    assert [control.name for control in controls] == ["c", "a"]


def test_a_widget_is_taken_as_it_is():
    widget = FloatSlider(min=0, max=7, step=0.5, value=6.5)
    assert control_for(widget, default=100.0).widget is widget
    assert (widget.min, widget.max, widget.step, widget.value) == (0, 7, 0.5, 6.5)


# ---- positions --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("short", "positions"),
    [
        ((0, 4), [0, 1, 2, 3, 4]),
        ((-3, 8, 5), [-3, 2, 7, 8]),  # a slider's end can be reached, off a step or not
        ((0.0, 0.5), [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        ((0.0, 1.0, 0.25), [0.0, 0.25, 0.5, 0.75, 1.0]),
        ((0.05, 0.3, 0.1), [0.05, 0.15, 0.25, 0.3]),
        ((-0.1, 0.2, 0.1), [-0.1, 0.0, 0.1, 0.2]),
        (["a", "b", "c"], [0, 1, 2]),
        ({"a": 10, "b": 20}, [0, 1]),
        (True, [False, True]),
        ("words", None),
        (IntSlider(min=1, max=3), [1, 2, 3]),
        (BoundedIntText(min=1, max=3), [1, 2, 3]),
        (BoundedFloatText(min=0, max=1, step=0.5), [0.0, 0.5, 1.0]),
        (BoundedFloatText(min=0, max=1), None),  # without a step, any number
        (FloatLogSlider(min=-2, max=1, step=1), [0.01, 0.1, 1.0, 10.0]),
        (FloatLogSlider(base=2, min=0, max=1.5, step=1), [1.0, 2.0, 2**1.5]),
        (ToggleButton(), [False, True]),
        (ToggleButtons(options=["a", "b"]), [0, 1]),
        (RadioButtons(options=["a", "b"]), [0, 1]),
        (SelectionSlider(options=["a", "b"]), [0, 1]),
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
def test_positions_are_where_a_slider_can_stand(short, positions):
    found = control_for(short).positions()
    assert found == (positions if positions is None else pytest.approx(positions, rel=1e-12))
    json.dumps(found)


def test_more_than_a_thousand_positions_are_not_worth_a_list():
    assert control_for((0, 999)).positions() == list(range(1000))
    assert control_for((0, 1000)).positions() is None


def test_positions_are_written_as_people_write_them():
    # Added up in binary, these end in 0.30000000000000004.
    assert control_for((0.0, 0.5)).positions()[3] == 0.3
    assert control_for((-1.0, 1.0, 0.1)).positions()[10] == 0


@pytest.mark.parametrize(
    "short",
    [(-3, 8, 5), (0.05, 0.35, 0.1), (-1.0, 1.0, 0.1), ["a", "b"], True, FloatLogSlider()],
    ids=repr,
)
def test_a_widget_can_be_set_to_each_of_its_positions(short):
    control = control_for(short)
    for position in control.positions():
        control.widget.value = control.value_of(position)
        assert control.state == pytest.approx(position, rel=1e-11)


# ---- states and values ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("widget", "value", "state"),
    [
        (IntSlider(), 3, 3),
        (FloatSlider(), 3.5, 3.5),
        (FloatLogSlider(), 100.0, 100.0),
        (FloatRangeSlider(max=10), (2.5, 7.5), [2.5, 7.5]),
        (IntRangeSlider(max=10), (2, 7), [2, 7]),
        (BoundedFloatText(max=10), 2.5, 2.5),
        (Checkbox(), True, True),
        (Text(), "words", "words"),
        (ColorPicker(), "red", "red"),
        (TagsInput(), ["a"], ["a"]),
        (Dropdown(options=["a", "b"]), "b", 1),
        (Dropdown(options={"one": 1, "two": 2}), 2, 1),
        (Dropdown(options=[("one", 1), ("two", 2)]), 2, 1),
        (Dropdown(options=[["one", 1], ["two", 2]]), 2, 1),
        (Dropdown(options=[("a", 1), "b"]), ("a", 1), 0),  # not all are pairs, so none is
        (Dropdown(options=["a", "b"], value=None), None, None),
        (Select(options=["a", "b"]), "b", 1),
        (SelectionSlider(options=[0.1, 0.3]), 0.3, 1),
        (ToggleButtons(options=["a", "b"]), "b", 1),
        (SelectMultiple(options=["a", "b", "c"]), ("c", "a"), [2, 0]),
        (SelectMultiple(options=["a", "b", "c"]), (), []),
        (SelectionRangeSlider(options=["a", "b", "c"]), ("b", "c"), [1, 2]),
        (DatePicker(), None, None),
        (DatePicker(), datetime.date(2024, 3, 1), {"year": 2024, "month": 2, "date": 1}),
    ],
    ids=repr,
)
def test_a_value_and_its_state_belong_to_each_other(widget, value, state):
    control = control_for(widget)
    widget.value = value
    # The state is what the browser knows, as it comes out of JSON.
    assert json.loads(json.dumps(control.state)) == state
    assert json.loads(json.dumps(control.state_of(value))) == state
    assert control.value_of(state) == value
    assert type(control.value_of(state)) is type(value)


@pytest.mark.parametrize(
    "widget",
    [
        IntSlider(value=3),
        FloatSlider(value=3.5),
        FloatRangeSlider(value=(2.5, 7.5)),
        Checkbox(value=True),
        Dropdown(options=["a", "b"]),
        SelectMultiple(options=["a", "b"], value=["b"]),
    ],
    ids=repr,
)
def test_a_state_is_what_the_browser_is_sent(widget):
    control = control_for(widget)
    key = "index" if control.is_choice else "value"
    assert control.state == widget.get_state()[key]


@pytest.mark.parametrize(
    ("widget", "state", "value"),
    [
        (FloatSlider(max=10), 3, 3.0),
        (FloatSlider(max=10), 0.30000000000000004, 0.3),
        (FloatSlider(min=-1, max=1), -1 + 11 * 0.1, 0.1),
        (FloatLogSlider(min=-4), 10**-3.3, 10**-3.3),
        (FloatRangeSlider(max=10), [2, 0.1 + 0.2 + 5], (2.0, 5.3)),
        (IntSlider(max=10), 3.0, 3),
        (FloatSlider(max=10), 11.0, 10.0),  # the widget knows its range
        (IntSlider(min=2), 1, 2),
    ],
)
def test_a_state_as_a_browser_may_write_it_becomes_the_value_that_is_meant(widget, state, value):
    found = control_for(widget).value_of(state)
    assert found == pytest.approx(value, rel=1e-11)
    if value in (3.0, 0.3, 0.1):
        assert found == value
    assert type(found) is type(value)


def test_a_value_that_is_no_choice_has_no_state():
    with pytest.raises(ValueError):
        control_for(["a", "b"]).state_of("c")


def test_states_and_values_go_by_name():
    controls = controls_for({"radius": (0, 10), "where": ["loss", "gradient"]})
    assert states(controls) == {"radius": 5, "where": 0}
    assert values(controls, {"where": 1, "radius": 7}) == {"radius": 7, "where": "gradient"}
    with pytest.raises(KeyError, match="where"):
        values(controls, {"radius": 7})


def test_looking_up_a_value_moves_nothing():
    control = control_for((0, 10))
    control.value_of(9)
    control.state_of(8)
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


def test_a_default_is_on_a_step_if_it_only_looks_off_in_binary():
    assert control_for((0.0, 1.0, 0.1), 0.1 + 0.2).widget.value == pytest.approx(0.3)


# ---- looks ------------------------------------------------------------------------------------


def test_a_slider_bears_its_label():
    control = control_for((0, 5), labels={"radius": "radius r"})
    assert control.label == control.widget.description == control.widget.tooltip == "radius r"


def test_a_slider_without_a_label_bears_its_name():
    assert control_for((0, 5)).widget.description == "radius"


def test_a_widget_with_words_of_its_own_keeps_them():
    widget = IntSlider(description="my words", tooltip="more of them")
    control = control_for(widget, labels={"radius": "radius r"})
    # What is read aloud has to be what is seen.
    assert control.label == widget.description == "my words"
    assert widget.tooltip == "more of them"


def test_a_widget_that_is_used_again_keeps_its_looks():
    widget = FloatSlider(step=0.25)
    first = control_for(widget, labels={"radius": "radius r"}).widget.get_state()
    again = control_for(widget, labels={"radius": "radius r"}).widget.get_state()
    assert {k: v for k, v in first.items() if k != "layout"} == {
        k: v for k, v in again.items() if k != "layout"
    }


def test_all_labels_are_as_wide_as_the_longest():
    shorts = {"a": (0, 1), "b": (0, 1), "c": IntSlider(description="the longest one")}
    controls = controls_for(shorts, labels={"a": "short"})
    widths = {control.widget.style.description_width for control in controls}
    assert widths == {f"{len('the longest one')}ch"}


def test_no_controls_are_no_error():
    assert controls_for({}, {"radius": 1}) == []


def test_a_handle_has_the_colour_of_what_it_moves():
    colours = {"a": "#123456", "c": "#123456"}
    slider, plain, choice = controls_for(
        {"a": (0, 1), "b": (0, 1), "c": ["x", "y"]}, colours=colours
    )
    assert slider.widget.style.handle_color == "#123456"
    assert plain.widget.style.handle_color is None
    assert not choice.widget.style.has_trait("handle_color")


@pytest.mark.parametrize(
    ("short", "shown"),
    [
        ((0.0, 1.0), ".1f"),
        ((0.0, 1.0, 0.5), ".1f"),
        ((0.0, 1.0, 0.25), ".2f"),
        ((0.0, 1.0, 0.001), ".3f"),
        ((0.0, 4.0, 1.0), ".1f"),
        ((0.05, 1.05, 0.1), ".2f"),  # the steps begin at a hundredth
        (FloatRangeSlider(min=0, max=1, step=0.125), ".3f"),
        (FloatSlider(step=0.25, readout_format=".1e"), ".1e"),
        (FloatLogSlider(), FloatLogSlider().readout_format),
        ((0, 10), IntSlider().readout_format),
    ],
    ids=repr,
)
def test_the_number_beside_a_slider_has_the_decimals_of_its_positions(short, shown):
    assert control_for(short).widget.readout_format == shown


@pytest.mark.parametrize("short", [(0, 5), (0.0, 1.0), FloatLogSlider(), IntSlider()], ids=repr)
@pytest.mark.parametrize("slow", [False, True])
def test_a_slow_scene_waits_until_a_slider_is_let_go(short, slow):
    if not isinstance(short, tuple):
        short = type(short)()
    assert control_for(short, slow=slow).widget.continuous_update is not slow


def test_a_slow_scene_can_have_controls_that_are_no_sliders():
    assert control_for(["a", "b"], slow=True).widget.value == "a"
    assert control_for(True, slow=True).widget.value is True


def test_a_control_knows_whether_it_is_a_choice():
    for widget, is_choice, takes_several in [
        (Dropdown(options=["a"]), True, False),
        (SelectMultiple(options=["a"]), True, True),
        (Combobox(options=["a"]), False, False),
        (IntSlider(), False, False),
    ]:
        control = Control("radius", "radius r", widget)
        assert (control.is_choice, control.takes_several) == (is_choice, takes_several)
