"""Which positions of its sliders a scene is frozen at, and where the frozen sliders start."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lessons.explorable.controls import Control, unknown_slider
from lessons.explorable.scene import FunctionPicture, Picture

# A list of more would fill the memory.
_MOST_LISTED = 1_000_000


class FrozenError(RuntimeError):
    """A scene cannot be frozen: it has too many positions, or is too large."""


def check_counts(
    picture: Picture | FunctionPicture, controls: Sequence[Control], counts: Mapping[str, int]
) -> None:
    """Check how many positions each slider is to keep.

    Args:
        picture: What is frozen.
        controls: Its sliders, standing where they start.
        counts: How many positions a slider keeps, by its name.

    Raises:
        TypeError: A slider is unknown, or has no range, or its count is no whole number.
        ValueError: A count is below 1, or too small for both ends, the start and the telling
            position.
        FrozenError: More than one position is to be kept of what cannot be listed.
    """
    by_name = {control.name: control for control in controls}
    for name, count in counts.items():
        if name not in by_name:
            raise TypeError(unknown_slider(picture.name, name, list(by_name)))
        control = by_name[name]
        can_be_thinned = control.is_range or control.takes_several
        if not can_be_thinned or not isinstance(count, int) or isinstance(count, bool):
            raise TypeError(
                f"{picture.name}, export={{{name!r}: {count!r}}}: give a whole number of "
                "positions, for a slider that has a range"
            )
        _thinned(picture, control, count)


def kept_positions(
    picture: Picture | FunctionPicture, controls: Sequence[Control], counts: Mapping[str, int]
) -> dict[str, list]:
    """Return the states at which each slider can stand when frozen, by the slider's name.

    Args:
        picture: What is frozen.
        controls: Its sliders, standing where they start.
        counts: How many positions a slider keeps, if not all; `check_counts` found them right.
            Both ends, the start and the telling position are kept; with a count of 1 it stays
            where it starts, and is not shown.

    Raises:
        FrozenError: The positions of a slider cannot be listed, or it starts at none of them.
    """
    return {
        control.name: _thinned(picture, control, counts.get(control.name)) for control in controls
    }


def _thinned(picture: Picture | FunctionPicture, control: Control, count: int | None) -> list:
    if count == 1:
        return [control.state]
    positions = control.positions(_MOST_LISTED)
    if positions is None:
        raise FrozenError(
            f"{picture.name}, slider {control.name!r}: its positions cannot be listed, so they "
            f"cannot be computed beforehand for slides and pages; say export={{{control.name!r}: "
            "1}} to hold it at its start there"
        )
    if control.state is None:
        raise FrozenError(
            f"{picture.name}, slider {control.name!r}: nothing is chosen at its start; choose one, "
            "as in Dropdown(options=[1, 2], value=1)"
        )
    here = place_of(control.state, positions)
    # A start at a power of ten is not met to the last digit, which can decide a chaotic run.
    positions = [*positions[:here], control.state, *positions[here + 1 :]]
    if count is None or count >= len(positions):
        return positions
    last = len(positions) - 1
    fixed = {0, last, here}
    if control.name in picture.telling:
        fixed.add(place_of(telling_of(picture, control), positions))
    if count < len(fixed):
        raise ValueError(
            f"{picture.name}, export={{{control.name!r}: {count}}}: keep at least {len(fixed)}, "
            "its two ends, its start and the position that its scene names as telling, or 1, its "
            "start alone"
        )
    kept = {round(i * last / (count - 1)) for i in range(count)}
    for missing in fixed - kept:
        kept.remove(min(kept - fixed, key=lambda i: abs(i - missing)))
        kept.add(missing)
    return [positions[i] for i in sorted(kept)]


def place_of(state: Any, positions: Sequence) -> int:
    """Return which position is nearest: a power of ten is not met to the last digit."""
    if state in positions:
        return positions.index(state)
    return min(range(len(positions)), key=lambda i: abs(positions[i] - state))


def start_of(controls: Sequence[Control], kept: Mapping[str, list]) -> dict[str, Any]:
    """Return where the frozen sliders start."""
    return {c.name: kept[c.name][place_of(c.state, kept[c.name])] for c in controls}


def telling_of(picture: Picture | FunctionPicture, control: Control) -> Any:
    """Return the state that the scene names for paper.

    Raises:
        FrozenError: Its value is none of the choices.
    """
    value = picture.telling[control.name]
    try:
        return control.state_of(value)
    except ValueError:
        raise FrozenError(
            f"{picture.name}, telling={{{control.name!r}: {value!r}}}: this is none of the "
            f"choices {control.choices()!r}"
        ) from None


def all_positions(kept: Mapping[str, list]) -> Iterator[dict[str, Any]]:
    """Give every combination of the kept states, by the name of each slider."""
    for combined in itertools.product(*kept.values()):
        yield dict(zip(kept, combined, strict=True))
