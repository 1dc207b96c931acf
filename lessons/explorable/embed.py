"""A scene with every position of its sliders computed beforehand, as one piece of HTML.

For slides and pages, which have no kernel. The piece needs ``view.js`` and ``embedded.js`` once on
its page; it fetches nothing.
"""

import base64
import gzip
import hashlib
import itertools
import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from math import prod
from pathlib import Path
from typing import Any

from lessons.explorable.cache import of_scene
from lessons.explorable.controls import Control, states, values
from lessons.explorable.frames import MOST_BYTES, MOST_POSITIONS, Report, frames_of, too_large
from lessons.explorable.live import Explorer, Still
from lessons.explorable.positions import kept_positions, place_of, start_of, telling_of
from lessons.explorable.scene import Frame, FunctionPicture, Picture, pack
from lessons.files import write_whole

# A hundredth of a point cannot be seen; matplotlib writes the places of marks with six digits.
_LONG_NUMBER = re.compile(r"(\d+\.\d\d)\d+")
_TAG = re.compile(r"<[^>]*>")
_numbers = itertools.count(1)


Bundle = tuple[dict[str, str], dict[str, Any]]


def explorer(made: Explorer, folder: Path, report: Report) -> Bundle:
    """Return sliders and picture as one piece of HTML, with its words and what marks it as ours.

    Args:
        made: What `explore` returned. Its sliders start where they stand now.
        folder: Where frames are remembered, so that a second build need not compute them.
        report: As for `frames_of`.

    Raises:
        FrozenError: There are too many positions, or what they take is too large, or the positions
            of a slider cannot be listed.
    """
    picture, controls = made.picture, made.controls
    kept = kept_positions(picture, controls, made.counts)
    count = prod(map(len, kept.values()))
    if count > MOST_POSITIONS:
        raise too_large(
            picture.name, controls, kept, f"{count:,} positions, of at most {MOST_POSITIONS:,}"
        )
    place = _remembered(picture, controls, kept, folder)
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


def still(made: Still) -> Bundle:
    """Return a scene at one position, without sliders, as one piece of HTML."""
    data = _compressed(made.picture, [({}, made.frame)], states={}, start={}, telling={})
    return _piece(made.picture.alt, made.frame.readout, "", data)


def _piece(alt: str, readout: str, sliders: str, data: bytes) -> Bundle:
    html = (
        f'<div class="lessons-frozen"><div class="lessons-sliders">{sliders}</div>'
        f"<noscript><p>{escape(alt)} {escape(readout)}</p></noscript>"
        f'<script type="text/plain">{base64.b64encode(data).decode("ascii")}</script></div>'
    )
    return {"text/html": html, "text/plain": readout}, {"text/html": {"frozen": True}}


def _remembered(
    picture: Picture | FunctionPicture,
    controls: Sequence[Control],
    kept: Mapping[str, list],
    folder: Path,
) -> Path | None:
    """Return where these frames are remembered; None if they are not."""
    digest = of_scene(picture.original)
    if digest is None:
        return None
    # The state of a choice is an index, which says nothing of what is chosen.
    meant = {c.name: [c.value_of(state) for state in kept[c.name]] for c in controls}
    try:
        key = json.dumps([meant, kept, states(controls), dict(picture.telling)])
    except TypeError:
        return None  # an option that is no number and no word, such as a function of the notebook
    return folder / hashlib.sha256(digest + key.encode()).hexdigest()


def _data(
    picture: Picture | FunctionPicture,
    controls: Sequence[Control],
    kept: Mapping[str, list],
    report: Report,
) -> bytes:
    """Return the picture and all of its frames, for ``embedded.js``, compressed."""
    frames = frames_of(picture, controls, kept, report)
    start = start_of(controls, kept)
    telling = start | {
        control.name: telling_of(picture, control)
        for control in controls
        if control.name in picture.telling
    }
    for name, positions in kept.items():
        # One that is held at its start has no slider which could stand elsewhere.
        if len(positions) > 1:
            telling[name] = positions[place_of(telling[name], positions)]
    if telling not in [at for at, _ in frames]:
        frames.append((telling, picture.frame(**values(controls, telling))))
    data = _compressed(picture, frames, states=kept, start=start, telling=telling)
    if len(data) > MOST_BYTES:
        raise too_large(
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


def _shortened(frame: Frame) -> Frame:
    parts = {
        name: _TAG.sub(lambda tag: _LONG_NUMBER.sub(r"\1", tag.group()), svg)
        for name, svg in frame.parts.items()
    }
    return Frame(parts, frame.readout)


def _slider(control: Control, kept: list, name: str, colours: Mapping[str, str]) -> str:
    """Return a native control: a choice, a box to tick, or a range whose steps are positions."""
    label = f'<label for="{name}">{escape(control.label)}</label>'
    about = f'id="{name}" data-control="{escape(control.name)}"'
    here = place_of(control.state, kept)
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
