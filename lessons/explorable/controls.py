"""Sliders and other controls: from the short forms that `interact` knows to named widgets.

Where a control stands is its *state*. A control whose possible values can be listed has the
states 0, 1, 2 and so on, in Python and in the browser: a state is an index into the list. Any other
control (a text, a range with two handles, several choices at once, a slider with very many steps)
has its frontend value as its state: what the browser holds for it. A *position* of a scene is the
tuple of the states of all its controls, in their order.
"""

import difflib
from collections.abc import Mapping, Sequence
from inspect import Parameter
from math import isclose, isfinite
from numbers import Real
from typing import Any

from ipywidgets import FloatLogSlider, Layout, SelectionSlider, ValueWidget, interactive

from lessons.explorable import host
from lessons.explorable.words import typeset

State = Any
Position = tuple[State, ...]

# Nobody steps through more values than this one by one.
_MOST_LISTED = 1000
# In letters: a slider has to keep some room beside its label.
_WIDEST_LABEL = 32


class Control:
    """One widget that moves one parameter of a scene.

    Args:
        name: The parameter of the scene's ``update``.
        label: What a person would call it.
        widget: Any ipywidgets value widget.

    Attributes:
        values: Every value that the widget can be moved to, its present one among them; None if
            they cannot be listed.
    """

    def __init__(self, name: str, label: str, widget: ValueWidget):
        self.name, self.label, self.widget = name, label, widget
        self.is_choice = widget.has_trait("index") and widget.has_trait("options")
        self.values = self._possible_values()

    def _possible_values(self) -> list | None:
        if self.is_choice:
            return None if self.takes_several else self.choices()
        if isinstance(self.widget.value, bool):
            return [False, True]
        values = steps(self.widget, _MOST_LISTED)
        return None if values is None else _with_start(values, self.widget.value)

    @property
    def is_ordered(self) -> bool:
        """Whether its values have an order, so that some of them stand for all."""
        return isinstance(self.widget, SelectionSlider) or not (
            self.is_choice or isinstance(self.widget.value, bool)
        )

    @property
    def takes_several(self) -> bool:
        """Whether this is a choice of any number of options, or of a first and a last one."""
        return self.is_choice and isinstance(self.widget.index, tuple)

    @property
    def state(self) -> State:
        """Where the widget stands now; None for a choice where nothing is chosen."""
        return self.widget.index if self.is_choice else self.state_of(self.widget.value)

    def state_of(self, value: Any) -> State:
        """Return the state with this value, or the one with the nearest.

        Raises:
            ValueError: The value is not one of the options.
        """
        if self.takes_several:
            return tuple(map(self.choices().index, value))
        if self.is_choice:
            choices = self.choices()
            return None if value is None and None not in choices else choices.index(value)
        if self.values is not None:
            return nearest(self.values, value)
        to_json = self.widget.trait_metadata("value", "to_json")
        return to_json(value, self.widget) if to_json else value

    def value_of(self, state: State) -> Any:
        """Return the value that `state` stands for, of the widget's own type and in its range."""
        if self.takes_several:
            return tuple(self.choices()[i] for i in state)
        if self.values is not None:
            return None if state is None else self.values[state]
        from_json = self.widget.trait_metadata("value", "from_json")
        value = from_json(state, self.widget) if from_json else state
        # The trait knows its type and its range: a browser sends 3 where a float is meant.
        return _rounded(self.widget.traits()["value"]._validate(self.widget, value))

    def states(self, most: int) -> list[State] | None:
        """Return every state, in order, or None if there is no list of them.

        Args:
            most: A range that has more steps than this is not listed.
        """
        if self.values is not None:
            return list(range(len(self.values)))
        values = None if self.is_choice else steps(self.widget, most)
        return None if values is None else _with_start(values, self.widget.value)

    def choices(self) -> list:
        """Return the values that a choice offers."""
        return [value for _, value in self._options()]

    def words(self) -> list[str]:
        """Return what a choice calls the values that it offers."""
        return [str(word) for word, _ in self._options()]

    def _options(self) -> list[tuple[Any, Any]]:
        options = self.widget.options
        if isinstance(options, Mapping):
            return list(options.items())
        # ipywidgets takes options for (label, value) pairs only if all of them look like one.
        pairs = all(isinstance(option, (list, tuple)) and len(option) == 2 for option in options)
        return [tuple(option) if pairs else (option, option) for option in options]

    def shown(self, state: State) -> str:
        """Return what the widget writes beside the slider in this state."""
        if self.is_choice:
            return self.words()[state]
        value = self.value_of(state)
        code = getattr(self.widget, "readout_format", "")
        # In a browser, where the widget formats, a g keeps its zeros.
        return typeset(
            format(value, f"#{code}").rstrip(".") if code.endswith("g") else format(value, code)
        )


def nearest(values: Sequence, value: Any) -> int:
    """Return the index of `value`, or of the number nearest to it."""
    if value in values:
        return values.index(value)
    return min(range(len(values)), key=lambda i: abs(values[i] - value))


def steps(widget: ValueWidget, most: int) -> list | None:
    """Return every value on a step of a slider, or None if there are too many, or no steps."""
    # A date has bounds and a step too, but no numbers to count through.
    if not all(isinstance(getattr(widget, n, None), Real) for n in ("min", "max", "step")):
        return None
    if isinstance(widget.value, tuple) or not widget.step:
        return None
    count = int((widget.max - widget.min) / widget.step + 1e-9)
    if count >= most:
        return None
    # Rounded as a slider rounds: 0.1 * 3 is meant to be 0.3.
    found = [round(widget.min + i * widget.step, 10) for i in range(count + 1)]
    if not _is_close(found[-1], widget.max):
        found.append(widget.max)
    return [_rounded(widget.base**s) for s in found] if _is_log(widget) else found


def _is_log(widget: ValueWidget) -> bool:
    return isinstance(widget, FloatLogSlider)


def _with_start(values: list, start: Any) -> list:
    """Return the values, including the one at which the widget starts."""
    # A power of ten is not exact to the last digit, and that can decide a chaotic run.
    start = _rounded(start)
    here = nearest(values, start)
    if _is_close(values[here], start):
        return [*values[:here], start, *values[here + 1 :]]
    return sorted([*values, start])


def _is_close(one: float, other: float) -> bool:
    return isclose(one, other, abs_tol=1e-9)


def _rounded(value: Any) -> Any:
    """Return floats without the noise of sums in binary: 0.30000000000000004 is meant to be 0.3."""
    if isinstance(value, tuple):
        return tuple(map(_rounded, value))
    return float(f"{value:.12g}") if isinstance(value, float) else value


def make_controls(
    scene: str,
    defaults: Mapping[str, Any],
    given: Mapping[str, Any],
    *,
    labels: Mapping[str, str],
    colours: Mapping[str, str],
    slow: bool,
) -> list[Control]:
    """Return a control for each slider in `given`, in that order.

    Args:
        scene: The scene's name, for messages.
        defaults: The parameters of its ``update``; `inspect.Parameter.empty` where there is none.
        given: What the notebook wrote: ``(min, max)``, ``(min, max, step)``, a list, a dict, a
            bool, a string, or a value widget.
        labels: What a person would call each slider.
        colours: Colours of the handles.
        slow: Whether the scene is computed only when a slider is let go.

    Raises:
        TypeError: A slider is unknown, missing, or not given in one of these forms.
        ValueError: A range is empty, or the default lies outside it.
    """
    for name in given:
        if name not in defaults:
            raise TypeError(unknown_slider(scene, name, list(defaults)))
    for name, default in defaults.items():
        if name not in given and default is Parameter.empty:
            raise TypeError(
                f"{scene} needs a slider for {name!r}: pass {name}=(min, max, step), a list, "
                "or a widget"
            )
    words = {name: _own_words(short) or labels.get(name, name) for name, short in given.items()}
    # One width for all labels, so that the sliders stand in one column; a longer label wraps.
    width = f"{min(max(map(len, words.values()), default=0), _WIDEST_LABEL)}ch"
    controls = []
    for name, short in given.items():
        widget = _widget(scene, name, short, defaults[name])
        _styled(widget, words[name], colours.get(name), label_width=width, slow=slow)
        controls.append(Control(name, words[name], widget))
    return controls


def unknown_slider(scene: str, name: str, known: Sequence[str]) -> str:
    """Return what to tell someone who named a slider that is not there."""
    near = difflib.get_close_matches(name, known)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"{scene} has no slider {name!r}; it has {', '.join(known) or 'none'}.{hint}"


def _own_words(short: Any) -> str:
    return getattr(short, "description", "") if isinstance(short, ValueWidget) else ""


def _widget(scene: str, name: str, short: Any, default: Any) -> ValueWidget:
    """Return the widget that `short` stands for, starting at `default`."""
    where = f"{scene}, slider {name!r}"
    if isinstance(short, ValueWidget):
        return short
    if isinstance(short, tuple):
        _check_range(where, short, default)
    elif not isinstance(short, (list, Mapping, bool, str)):
        raise TypeError(
            f"{where}: {short!r} is not a slider; give (min, max), (min, max, step), a list, "
            "a dict, True or False, or an ipywidgets value widget"
        )
    widget = interactive.widget_from_abbrev(short, default)
    control = Control(name, name, widget)
    if control.is_choice:
        _check_choice(where, control.choices(), default)
    elif isinstance(short, tuple) and default is not Parameter.empty:
        _check_on_a_step(where, widget, default)
    return widget


def _check_range(where: str, short: Sequence, default: Any) -> None:
    if len(short) not in (2, 3) or not all(map(_is_number, short)):
        raise TypeError(f"{where}: {short!r} is not a range; give (min, max) or (min, max, step)")
    low, high = short[:2]
    if not low < high:
        raise ValueError(f"{where}: the range {short!r} is empty: its start must be below its end")
    if len(short) == 3 and not short[2] > 0:
        raise ValueError(f"{where}: the step {short[2]} must be above 0")
    if default is Parameter.empty:
        return
    if not isinstance(default, Real):
        raise TypeError(
            f"{where}: the default {default!r} is not a number, so no range holds it; "
            "give a list or a widget"
        )
    if not low <= default <= high:
        raise ValueError(f"{where}: the default {default!r} lies outside of {low} to {high}")


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)


def _check_on_a_step(where: str, widget: ValueWidget, default: Any) -> None:
    """A slider that cannot stand at the default would jump at the first touch."""
    values = steps(widget, _MOST_LISTED)
    if values and not _is_close(near := values[nearest(values, default)], default):
        raise ValueError(
            f"{where}: the default {default!r} is not on a step; the nearest is {near!r}"
        )


def _check_choice(where: str, choices: list, default: Any) -> None:
    if not choices:
        raise ValueError(f"{where}: there is nothing to choose from")
    if default is not Parameter.empty and default not in choices:
        raise ValueError(f"{where}: the default {default!r} is not one of {choices!r}")


def _styled(
    widget: ValueWidget, label: str, colour: str | None, *, label_width: str, slow: bool
) -> None:
    host.set_tooltip(widget, label)
    widget.layout = Layout(width="auto", max_width="44rem")
    # Not every value widget has words beside it: a box of tags has none.
    if widget.has_trait("description"):
        widget.description = label
        widget.style.description_width = label_width
        if colour and widget.style.has_trait("handle_color"):
            widget.style.handle_color = colour
    if slow and widget.has_trait("continuous_update"):
        widget.continuous_update = False
    if widget.has_trait("readout_format") and isinstance(getattr(widget, "step", None), float):
        _set_decimals(widget)


def _set_decimals(widget: ValueWidget) -> None:
    """Show as many decimals as the positions have, not always two, unless told otherwise."""
    if widget.readout_format != widget.traits()["readout_format"].default_value:
        return
    if not _is_log(widget):
        decimals = max(map(_decimals, (widget.min, widget.step)))
        widget.readout_format = f".{max(decimals, 1)}f"


def _decimals(number: float) -> int:
    return len(f"{number:.6f}".rstrip("0").partition(".")[2])


def position_of(controls: Sequence[Control]) -> Position:
    """Return where all controls stand now."""
    return tuple(control.state for control in controls)


def values_at(controls: Sequence[Control], position: Position) -> dict[str, Any]:
    """Return the values that a position stands for, by the name of each control.

    Raises:
        ValueError: It has more states than there are controls, or fewer.
    """
    pairs = zip(controls, position, strict=True)
    return {control.name: control.value_of(state) for control, state in pairs}
