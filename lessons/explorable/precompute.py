"""Computes beforehand what the sliders of a scene can show: a plan, and the frames it asks for."""

import gzip
import itertools
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from lessons.explorable.controls import (
    Control,
    Position,
    State,
    nearest,
    position_of,
    unknown_slider,
)
from lessons.explorable.picture import Frame, FunctionPicture, Picture

# A list of more would fill the memory.
_MOST_KEPT = 1_000_000
_REPORT_SECONDS = 0.25

Report = Callable[[dict[str, Any]], None]
# How many states a slider keeps, or the values of those that it keeps.
Keep = int | list[Any]


class EmbeddingError(RuntimeError):
    """A scene cannot be embedded: too many positions, too large, or a slider without a list."""


@dataclass(frozen=True)
class Budget:
    """What one scene may take.

    Attributes:
        positions: How many of them are computed at most.
        bytes: How large they are, compressed, at most.
    """

    positions: int = 5_000
    bytes: int = 256 * 1024


DEFAULT_BUDGET = Budget()


@dataclass(frozen=True)
class Plan:
    """Which positions of a scene are computed.

    Attributes:
        scene: Its name.
        sliders: Their names, in order.
        kept: The states at which each slider can stand.
        start: Where the sliders start; one of the kept positions.
        telling: The position for paper. Where a slider keeps a single state, it may be another.
        can_keep_fewer: The sliders for which some states can stand for all.
        budget: What it may take.
    """

    scene: str
    sliders: tuple[str, ...]
    kept: tuple[tuple[State, ...], ...]
    start: Position
    telling: Position
    can_keep_fewer: frozenset[str]
    budget: Budget

    @property
    def count(self) -> int:
        """How many positions the sliders can be moved to."""
        return prod(map(len, self.kept))

    def kept_positions(self) -> Iterator[Position]:
        """Yield them in row-major order: the last slider moves first."""
        return itertools.product(*self.kept)

    def index_of(self, position: Position) -> int:
        """Return the index of a position among all; one past the last if it is not kept."""
        positions = enumerate(self.kept_positions())
        return next((index for index, kept in positions if kept == position), self.count)


def make_plan(
    picture: Picture | FunctionPicture,
    controls: Sequence[Control],
    keep: Mapping[str, Keep],
    budget: Budget,
) -> Plan:
    """Return which positions of a scene to compute.

    Args:
        picture: What is computed.
        controls: Its sliders, standing where they start.
        keep: How many positions a slider keeps, or a list of them, if not all; `check_keep` has
            accepted them. The start and the telling position are kept too, and for a number also
            both ends. With 1 a slider stays where it starts, and is not shown.
        budget: What it may take.

    Raises:
        EmbeddingError: The states of a slider cannot be listed, nothing is chosen at its start, or
            there are too many positions.
    """
    kept = tuple(tuple(_kept(picture, c, keep.get(c.name))) for c in controls)
    plan = Plan(
        scene=picture.name,
        sliders=tuple(control.name for control in controls),
        kept=kept,
        start=position_of(controls),
        telling=tuple(
            _telling(picture, control, states)
            for control, states in zip(controls, kept, strict=True)
        ),
        can_keep_fewer=frozenset(control.name for control in controls if control.is_ordered),
        budget=budget,
    )
    if plan.count > budget.positions:
        raise too_large(plan, f"{plan.count:,} positions; at most {budget.positions:,} fit")
    return plan


def check_keep(picture: Picture | FunctionPicture, controls: Sequence[Control], keep: Any) -> None:
    """Check which positions each slider is to keep.

    Args:
        picture: What is computed.
        controls: Its sliders, standing where they start.
        keep: How many positions a slider keeps, or a list of them, by its name.

    Raises:
        TypeError: `keep` is not a dict, a slider is unknown or has no range, or it is given neither
            a whole number nor a list.
        ValueError: A number is below 1, or too small for both ends, the start and the telling
            position; or a position in a list is not one of the slider's.
        EmbeddingError: A slider whose positions cannot be listed is to keep more than one of them.
    """
    if not isinstance(keep, Mapping):
        example = controls[0].name if controls else "low"
        raise TypeError(
            f"{picture.name}, export={keep!r}: give a dict that says how many positions a slider "
            f"keeps, such as export={{{example!r}: 5}}"
        )
    by_name = {control.name: control for control in controls}
    for name, own in keep.items():
        if name not in by_name:
            raise TypeError(unknown_slider(picture.name, name, list(by_name)))
        control = by_name[name]
        can_be_thinned = control.is_ordered or control.takes_several
        if not can_be_thinned or not isinstance(own, int | list) or isinstance(own, bool):
            raise TypeError(
                f"{picture.name}, export={{{name!r}: {own!r}}}: give a whole number of "
                "positions or a list of them, for a slider that has a range"
            )
        _kept(picture, control, own)


def _kept(
    picture: Picture | FunctionPicture, control: Control, keep: Keep | None
) -> Sequence[State]:
    if keep == 1:
        return [control.state]
    states = control.states(_MOST_KEPT)
    if states is None:
        raise EmbeddingError(
            f"{picture.name}, slider {control.name!r}: its positions cannot be listed, so they "
            f"cannot be computed beforehand for slides and pages; say export={{{control.name!r}: "
            "1}} to hold it at its start there"
        )
    if control.state is None:
        raise EmbeddingError(
            f"{picture.name}, slider {control.name!r}: nothing is chosen at its start; choose one, "
            "as in Dropdown(options=[1, 2], value=1)"
        )
    if keep is None:
        return states
    fixed = {nearest(states, control.state)}
    if control.name in picture.telling:
        fixed.add(nearest(states, _telling_state(picture, control)))
    if isinstance(keep, list):
        named = {_place_of(value, picture, control, states) for value in keep}
        return [states[i] for i in sorted(fixed | named)]
    last = len(states) - 1
    fixed |= {0, last}
    if keep < len(fixed):
        raise ValueError(
            f"{picture.name}, export={{{control.name!r}: {keep}}}: keep at least {len(fixed)}, "
            "its two ends, its start and the position that its scene names as telling, or 1, its "
            "start alone"
        )
    spread = {round(i * last / (keep - 1)) for i in range(keep)}
    for missing in fixed - spread:
        spread.remove(min(spread - fixed, key=lambda i: abs(i - missing)))
        spread.add(missing)
    return [states[i] for i in sorted(spread)]


def _place_of(
    value: Any, picture: Picture | FunctionPicture, control: Control, states: Sequence[State]
) -> int:
    """Return the place of the state with this value among all states."""
    with suppress(TypeError, ValueError):  # not one of its choices, or not a number
        place = nearest(states, control.state_of(value))
        found = control.value_of(states[place])
        if control.is_choice or np.allclose(found, value, rtol=1e-9, atol=1e-9):
            return place
    raise ValueError(
        f"{picture.name}, export={{{control.name!r}: […]}}: {value!r} is not a position of this "
        "slider"
    )


def _telling(picture: Picture | FunctionPicture, control: Control, kept: Sequence[State]) -> State:
    if control.name not in picture.telling:
        return control.state
    state = _telling_state(picture, control)
    # A control that is held at its start shows no slider that could contradict the picture.
    return state if len(kept) == 1 else kept[nearest(kept, state)]


def _telling_state(picture: Picture | FunctionPicture, control: Control) -> State:
    value = picture.telling[control.name]
    try:
        return control.state_of(value)
    except ValueError:
        raise EmbeddingError(
            f"{picture.name}, telling={{{control.name!r}: {value!r}}}: this is not one of the "
            f"choices {control.choices()!r}"
        ) from None


def too_large(plan: Plan, why: str) -> EmbeddingError:
    """Return the error that says what makes a scene too large, and what to do about it.

    Args:
        plan: What was to be computed.
        why: What it takes, and how much it may take.
    """
    sizes = dict(zip(plan.sliders, map(len, plan.kept), strict=True))
    # Halved, the longest first, down to a quarter of what is too much; a choice is kept whole.
    fewer: dict[str, int] = {}
    left = {name: sizes[name] for name in plan.sliders if name in plan.can_keep_fewer}
    wanted = min(plan.budget.positions, plan.count) / 4
    while (left := {name: n for name, n in left.items() if n > 4}) and (
        prod((sizes | fewer).values()) > wanted
    ):
        longest = max(left, key=lambda name: left[name])
        fewer[longest] = left[longest] = max(4, left[longest] // 2)
    advice = (
        f"Say in its cell how many to keep there, for example explore(..., export={fewer!r})."
        if fewer
        else "Give shorter lists, or fewer sliders."
    )
    return EmbeddingError(
        f"{plan.scene} is too large for a slide: {why}. Its sliders have "
        f"{' × '.join(f'{name} {count}' for name, count in sizes.items())} positions. {advice}"
    )


def frames(plan: Plan, frame_at: Callable[[Position], Frame]) -> Iterator[Frame]:
    """Yield the frame of every kept position, and last the one for paper if it is not kept.

    Args:
        plan: Which positions.
        frame_at: Gives the frame of one.
    """
    yield from map(frame_at, plan.kept_positions())
    if plan.index_of(plan.telling) == plan.count:
        yield frame_at(plan.telling)


@dataclass(frozen=True)
class Estimate:
    """What all frames may take.

    Attributes:
        bytes: Their size, compressed.
        seconds: The time to compute one.
    """

    bytes: int
    seconds: float


def estimate(plan: Plan, frame_at: Callable[[Position], Frame]) -> Estimate:
    """Guess from some positions: the start, and each slider moved to its ends and its middle.

    A part that follows one slider costs as many fragments as that slider has positions, and not
    as many as all of them together.
    """
    first = frame_at(plan.start)
    follows: dict[str, set[int]] = {part: set() for part in first.parts}
    fragments = set(first.parts.values())
    seconds = []
    for slider, states in enumerate(plan.kept):
        for state in (states[place] for place in {0, len(states) // 2, len(states) - 1}):
            if state == plan.start[slider]:
                continue
            begun = time.perf_counter()
            frame = frame_at((*plan.start[:slider], state, *plan.start[slider + 1 :]))
            seconds.append(time.perf_counter() - begun)
            fragments |= set(frame.parts.values())
            for part, fragment in frame.parts.items():
                if fragment != first.parts[part]:
                    follows[part].add(slider)
    to_come = sum(prod(len(plan.kept[i]) for i in sliders) for sliders in follows.values())
    together = len(gzip.compress("".join(sorted(fragments)).encode()))
    return Estimate(
        bytes=together * to_come // max(len(fragments), 1),
        seconds=statistics.fmean(seconds) if seconds else 0.0,
    )


def told(
    computed: Iterable[Frame], plan: Plan, expected: Estimate, report: Report
) -> Iterator[Frame]:
    """Yield frames as they come, and tell every now and then how far they are.

    Args:
        computed: The frames of a plan.
        plan: That plan.
        expected: Told first.
        report: Told the scene, positions done and in all, bytes expected, seconds left.
    """
    words = {"scene": plan.scene, "total": plan.count, "bytes": expected.bytes}
    report({**words, "done": 0, "seconds": plan.count * expected.seconds})
    begun = reported = time.perf_counter()
    for done, frame in enumerate(computed, start=1):
        now = time.perf_counter()
        if now - reported > _REPORT_SECONDS and done <= plan.count:
            reported = now
            left = (plan.count - done) * (now - begun) / done
            report({**words, "done": done, "seconds": left})
        yield frame
