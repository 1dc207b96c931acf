"""A scene with every position of its sliders computed beforehand, as one piece of HTML.

For slides and pages, which have no kernel. The piece needs ``stage.js`` and ``frozen.js`` once on
its page; it fetches nothing.
"""

import base64
import gzip
import hashlib
import itertools
import json
import os
import re
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from math import prod
from pathlib import Path
from typing import Any

from lessons.kit.controls import Control, states, unknown_slider, values
from lessons.kit.files import write_whole
from lessons.kit.scene import Frame, FunctionPicture, Picture, pack

MOST_POSITIONS = 5_000
MOST_BYTES = 256 * 1024
FOLDER_VARIABLE = "LESSONS_FROZEN"
PROGRESS_TYPE = "application/vnd.lessons.progress+json"

# A list of more would fill the memory.
_MOST_LISTED = 1_000_000
_REPORT_SECONDS = 0.25
# A hundredth of a point cannot be seen; matplotlib writes the places of marks with six digits.
_LONG_NUMBER = re.compile(r"(\d+\.\d\d)\d+")
_TAG = re.compile(r"<[^>]*>")
_numbers = itertools.count(1)

Report = Callable[[dict[str, Any]], None]


class FrozenError(RuntimeError):
    """A scene cannot be frozen: it has too many positions, or is too large."""


# ---- which positions ----------------------------------------------------------------------------


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
        FrozenError: The positions of a slider cannot be listed.
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
    if count is None or count >= len(positions):
        return positions
    last = len(positions) - 1
    fixed = {0, last, _place_of(control.state, positions)}
    if control.name in picture.telling:
        fixed.add(_place_of(_telling(picture, control), positions))
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


def _place_of(state: Any, positions: Sequence) -> int:
    """Return which position is nearest: a power of ten is not met to the last digit."""
    if state in positions:
        return positions.index(state)
    return min(range(len(positions)), key=lambda i: abs(positions[i] - state))


def _start(controls: Sequence[Control], kept: Mapping[str, list]) -> dict[str, Any]:
    """Return where the frozen sliders start."""
    return {c.name: kept[c.name][_place_of(c.state, kept[c.name])] for c in controls}


def _telling(picture: Picture | FunctionPicture, control: Control) -> Any:
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


def _all_positions(kept: Mapping[str, list]) -> Iterator[dict[str, Any]]:
    for combined in itertools.product(*kept.values()):
        yield dict(zip(kept, combined, strict=True))


# ---- before computing ---------------------------------------------------------------------------


def _sample(kept: Mapping[str, list], start: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the start, and each slider moved to its ends and its middle."""
    sample = [dict(start)]
    for name, positions in kept.items():
        stops = {json.dumps(state): state for state in (positions[0], positions[-1])}
        middle = positions[len(positions) // 2]
        stops[json.dumps(middle)] = middle
        sample += [{**start, name: state} for state in stops.values() if state != start[name]]
    return sample


def _estimated_bytes(
    sample: Sequence[tuple[Mapping[str, Any], Frame]], kept: Mapping[str, list]
) -> int:
    """Guess the compressed size of all positions from some.

    A part that follows one slider costs as many fragments as that slider has positions, and not
    as many as all of them together.
    """
    start, first = sample[0]
    seen, to_come = set(), 0
    for part in first.parts:
        seen |= {frame.parts[part] for _, frame in sample}
        follows = {
            name
            for at, frame in sample
            for name in kept
            if at[name] != start[name] and frame.parts[part] != first.parts[part]
        }
        to_come += prod(len(kept[name]) for name in follows)
    together = len(gzip.compress("".join(sorted(seen)).encode()))
    return together * to_come // max(len(seen), 1)


def _refuse(
    scene: str, controls: Sequence[Control], kept: Mapping[str, list], why: str
) -> FrozenError:
    sizes = {name: len(positions) for name, positions in kept.items()}
    # Halved, the longest first, down to a quarter of what is too much; a choice is kept whole.
    fewer: dict[str, int] = {}
    left = {c.name: sizes[c.name] for c in controls if c.is_range and sizes[c.name] > 4}
    while left and prod((sizes | fewer).values()) > min(MOST_POSITIONS, prod(sizes.values())) / 4:
        longest = max(left, key=left.get)
        fewer[longest] = left[longest] = max(4, left[longest] // 2)
        left = {name: count for name, count in left.items() if count > 4}
    advice = (
        f"Say in its cell how many to keep there, for example explore(..., export={fewer!r})."
        if fewer
        else "Give shorter lists, or fewer sliders."
    )
    return FrozenError(
        f"{scene} is too large for a slide: {why}. Its sliders have "
        f"{' × '.join(f'{name} {count}' for name, count in sizes.items())} positions. {advice}"
    )


# ---- computing ----------------------------------------------------------------------------------


def frames_of(
    picture: Picture | FunctionPicture,
    controls: Sequence[Control],
    kept: Mapping[str, list],
    report: Report,
) -> list[tuple[dict[str, Any], Frame]]:
    """Compute every position in `kept`; return each with its frame.

    Args:
        picture: What is frozen.
        controls: Its sliders, standing where they start.
        kept: States of each slider, of `kept_positions`.
        report: Told how far it is: scene, positions done and in all, seconds left, or the estimate.

    Raises:
        FrozenError: What they take is too large.
    """
    count = prod(map(len, kept.values()))
    clock = time.perf_counter
    found, seconds, reported = {}, [], clock()

    def compute(at: Mapping[str, Any]) -> Frame:
        key = json.dumps(at)
        if key not in found:
            begun = clock()
            found[key] = picture.frame(**values(controls, at))
            seconds.append(clock() - begun)
        return found[key]

    sample = [(at, compute(at)) for at in _sample(kept, _start(controls, kept))]
    size = _estimated_bytes(sample, kept)
    # A guess, and often too high: only what is beyond doubt is not even tried.
    if size > 4 * MOST_BYTES:
        raise _refuse(
            picture.name,
            controls,
            kept,
            f"about {size // 1024:,} KB, of at most {MOST_BYTES // 1024}",
        )
    told = {"scene": picture.name, "total": count, "bytes": size}
    report({**told, "done": 0, "seconds": count * statistics.fmean(seconds)})
    frames = []
    for done, at in enumerate(_all_positions(kept), start=1):
        frames.append((at, compute(at)))
        if clock() - reported > _REPORT_SECONDS:
            reported = clock()
            left = (count - done) * statistics.fmean(seconds[-200:])
            report({**told, "done": done, "seconds": left})
    return frames


def _shortened(frame: Frame) -> Frame:
    parts = {
        name: _TAG.sub(lambda tag: _LONG_NUMBER.sub(r"\1", tag.group()), svg)
        for name, svg in frame.parts.items()
    }
    return Frame(parts, frame.readout)


# ---- one piece of HTML --------------------------------------------------------------------------


class Piece:
    """A scene that needs no kernel; what `explore` and `show` return while slides are built.

    Attributes:
        html: The piece: sliders with their labels, and everything that the picture can become.
    """

    def __init__(self, html: str, readout: str):
        self.html, self._readout = html, readout

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict, dict]:
        return {"text/html": self.html, "text/plain": self._readout}, {
            "text/html": {"frozen": True}
        }


def folder() -> Path | None:
    """Return where frozen scenes are remembered if scenes are to be frozen; None if not."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else None


def freeze(
    picture: Picture | FunctionPicture,
    controls: Sequence[Control],
    kept: Mapping[str, list],
    digest: bytes | None,
    report: Report,
) -> Piece:
    """Return a scene as one piece of HTML.

    Args:
        picture: What is frozen.
        controls: Its sliders, standing where they start.
        kept: States of each slider, of `kept_positions`.
        digest: Of `digest.of_scene`; with one, what was frozen before is not computed again.
        report: As for `frames_of`.

    Raises:
        FrozenError: There are too many positions, or what they take is too large.
    """
    count = prod(map(len, kept.values()))
    if count > MOST_POSITIONS:
        raise _refuse(
            picture.name, controls, kept, f"{count:,} positions, of at most {MOST_POSITIONS:,}"
        )
    place = _remembered(picture, controls, kept, digest)
    if place and place.is_file():
        data = place.read_bytes()
        place.touch()  # still in use: what is not is deleted after a build
    else:
        data = _data(picture, controls, kept, report)
        if place:
            write_whole(place, data)
    number = next(_numbers)
    sliders = "".join(
        _slider(control, kept[control.name], f"scene-{number}-{control.name}", picture.colours)
        for control in controls
        if len(kept[control.name]) > 1
    )
    content = json.loads(gzip.decompress(data))
    readout = next(f["readout"] for f in content["frames"] if f["at"] == content["start"])
    return _piece(picture.alt, readout, sliders, data)


def still(picture: Picture | FunctionPicture, at: Mapping[str, Any]) -> Piece:
    """Return a scene at one position, without sliders, as one piece of HTML."""
    frame = picture.frame(**at)
    data = _compressed(picture, [({}, frame)], states={}, start={}, telling={})
    return _piece(picture.alt, frame.readout, "", data)


def _piece(alt: str, readout: str, sliders: str, data: bytes) -> Piece:
    return Piece(
        f'<div class="lessons-frozen"><div class="lessons-sliders">{sliders}</div>'
        f"<noscript><p>{escape(alt)} {escape(readout)}</p></noscript>"
        f'<script type="text/plain">{base64.b64encode(data).decode("ascii")}</script></div>',
        readout,
    )


def _remembered(
    picture: Picture | FunctionPicture,
    controls: Sequence[Control],
    kept: Mapping[str, list],
    digest: bytes | None,
) -> Path | None:
    """Return where these frames are remembered; None if they are not."""
    place = folder()
    if digest is None or place is None:
        return None
    # The state of a choice is an index, which says nothing of what is chosen.
    meant = {c.name: [c.value_of(state) for state in kept[c.name]] for c in controls}
    try:
        key = json.dumps([meant, kept, states(controls), dict(picture.telling)])
    except TypeError:
        return None  # an option that is no number and no word, such as a function of the notebook
    return place / hashlib.sha256(digest + key.encode()).hexdigest()


def _data(
    picture: Picture | FunctionPicture,
    controls: Sequence[Control],
    kept: Mapping[str, list],
    report: Report,
) -> bytes:
    """Return the picture and all of its frames, for ``frozen.js``, compressed."""
    frames = frames_of(picture, controls, kept, report)
    start = _start(controls, kept)
    telling = start | {
        control.name: _telling(picture, control)
        for control in controls
        if control.name in picture.telling
    }
    for name, positions in kept.items():
        # One that is held at its start has no slider which could stand elsewhere.
        if len(positions) > 1:
            telling[name] = positions[_place_of(telling[name], positions)]
    if telling not in [at for at, _ in frames]:
        frames.append((telling, picture.frame(**values(controls, telling))))
    data = _compressed(picture, frames, states=kept, start=start, telling=telling)
    if len(data) > MOST_BYTES:
        raise _refuse(
            picture.name,
            controls,
            kept,
            f"{len(data) // 1024:,} KB, of at most {MOST_BYTES // 1024}",
        )
    return data


def _compressed(
    picture: Picture | FunctionPicture,
    frames: Sequence[tuple[Mapping[str, Any], Frame]],
    **positions: Any,
) -> bytes:
    content = {
        "still": picture.still,
        "alt": picture.alt,
        **positions,
        **pack([(at, _shortened(frame)) for at, frame in frames]),
    }
    return gzip.compress(json.dumps(content, ensure_ascii=False).encode(), mtime=0)


def _slider(control: Control, kept: list, name: str, colours: Mapping[str, str]) -> str:
    """Return a native control: a choice, a box to tick, or a range whose steps are positions."""
    label = f'<label for="{name}">{escape(control.label)}</label>'
    about = f'id="{name}" data-control="{escape(control.name)}"'
    here = _place_of(control.state, kept)
    if isinstance(control.widget.value, bool):
        ticked = " checked" if control.widget.value else ""
        return f'<div class="lessons-slider">{label}<input type="checkbox" {about}{ticked}></div>'
    if not control.is_range:
        options = "".join(
            f"<option{' selected' if i == here else ''}>{escape(word)}</option>"
            for i, word in enumerate(control.words())
        )
        return f'<div class="lessons-slider">{label}<select {about}>{options}</select></div>'
    words = [control.shown(control.value_of(state)) for state in kept]
    shown, width = json.dumps(words, ensure_ascii=False), max(map(len, words)) + 1
    colour = f' style="accent-color: {colours[control.name]}"' if control.name in colours else ""
    return (
        f'<div class="lessons-slider">{label}'
        f'<input type="range" min="0" max="{len(kept) - 1}" step="1" value="{here}" {about}'
        f' data-shown="{escape(shown)}"{colour}>'
        f'<output for="{name}" style="min-width: {width}ch">{escape(words[here])}</output></div>'
    )
