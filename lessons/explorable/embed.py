"""A scene whose sliders need no kernel, as one piece of HTML for slides and pages.

Every position was computed beforehand. The piece needs the script ``embedded.js`` once on its
page; it fetches nothing. Its controls are the browser's own: where one stands is the index of a
state that its slider keeps, and the frames stand in row-major order of these.
"""

import base64
import functools
import gzip
import itertools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from lessons.explorable.cache import scene_key
from lessons.explorable.controls import Control, State, values_at
from lessons.explorable.live import Explorer, Still
from lessons.explorable.picture import Frame, FunctionPicture, Picture, pack
from lessons.explorable.precompute import (
    DEFAULT_BUDGET,
    Budget,
    EmbeddingError,
    Plan,
    Report,
    estimate,
    frames,
    make_plan,
    told,
    too_large,
)
from lessons.explorable.words import typeset
from lessons.files import write_whole

Bundle = tuple[dict[str, Any], dict[str, Any]]

# A hundredth of a point cannot be seen; matplotlib writes the places of marks with six digits.
_LONG_NUMBER = re.compile(r"(\d+\.\d\d)\d+")
_TAG = re.compile(r"<[^>]*>")
_numbers = itertools.count(1)


def embedded_explorer(
    explorer: Explorer, folder: Path, report: Report, budget: Budget = DEFAULT_BUDGET
) -> Bundle:
    """Return sliders and picture as HTML, with the readout beside it and a mark that it is ours.

    Args:
        explorer: What `explore` returned. Its sliders start where they stand now.
        folder: Where frames are kept, so that a second build need not compute them.
        report: Told how far it is, as by `told`.
        budget: What it may take.

    Raises:
        EmbeddingError: There are too many positions, or what they take is too large, or the
            positions of a slider cannot be listed, or the one that settles a prediction is not
            kept.
        SceneError: The scene cannot show a position.
    """
    plan = make_plan(explorer.picture, explorer.controls, explorer.keep, budget)
    place = _place(explorer, plan, folder)
    if place and place.is_file():
        data = place.read_bytes()
        place.touch()  # still in use: files that are not are deleted after a build
    else:
        data = _computed(explorer, plan, report)
        if place:
            write_whole(place, data)
    number = next(_numbers)
    sliders = "".join(
        _control(control, states, f"scene-{number}-{control.name}", explorer.picture.colours)
        for control, states in zip(explorer.controls, plan.kept, strict=True)
        if len(states) > 1
    )
    return _bundle(
        explorer.picture.alt, explorer.frame().readout, sliders, data, _prediction(explorer, plan)
    )


def _prediction(explorer: Explorer, plan: Plan) -> str:
    """Return an attribute that says what is asked before the sliders come free; or nothing.

    Raises:
        EmbeddingError: The position that settles it is not kept.
    """
    if explorer.prediction is None:
        return ""
    if plan.index_of(explorer.proof) == plan.count:
        raise EmbeddingError(
            f"{plan.scene}: slides and pages do not keep the position "
            f"{explorer.prediction.at!r} that settles the prediction; keep more positions there, "
            "or settle it at one that is kept"
        )
    proof = [
        states.index(state)
        for states, state in zip(plan.kept, explorer.proof, strict=True)
        if len(states) > 1
    ]
    asked = explorer.asked() | {"proof": proof}
    return f' data-prediction="{escape(json.dumps(asked, ensure_ascii=False))}"'


def embedded_still(still: Still) -> Bundle:
    """Return a scene at one position, without sliders, as HTML."""
    data = _packed(still.picture, [still.frame], sizes=[], start=[], telling=[], telling_frame=0)
    return _bundle(still.picture.alt, still.frame.readout, "", data)


def _bundle(alt: str, readout: str, sliders: str, data: bytes, asked: str = "") -> Bundle:
    readout = typeset(readout)
    html = (
        f'<div class="lessons-embedded"{asked}><div class="lessons-sliders">{sliders}</div>'
        f"<noscript><p>{escape(alt)} {escape(readout)}</p></noscript>"
        f'<script type="text/plain">{base64.b64encode(data).decode("ascii")}</script></div>'
    )
    return {"text/html": html, "text/plain": readout}, {"text/html": {"embedded": True}}


def _place(explorer: Explorer, plan: Plan, folder: Path) -> Path | None:
    """Return the file in which these frames are kept; None if no key tells them apart for sure."""
    # A state is an index, which says nothing about the value that it stands for.
    meant = [
        [control.value_of(state) for state in states]
        for control, states in zip(explorer.controls, plan.kept, strict=True)
    ]
    telling = values_at(explorer.controls, plan.telling)
    key = scene_key(explorer.picture.original, plan, meant, telling)
    return folder / key if key else None


def _computed(explorer: Explorer, plan: Plan, report: Report) -> bytes:
    """Return the picture and all of its frames, for ``embedded.js``, compressed."""
    expected, most = estimate(plan, explorer.frame_at), plan.budget.bytes
    # A guess, and often too high: give up before trying only where there is no doubt.
    if expected.bytes > 4 * most:
        raise too_large(plan, f"about {expected.bytes // 1024:,} KB; at most {most // 1024} fit")
    shown = [i for i, states in enumerate(plan.kept) if len(states) > 1]
    data = _packed(
        explorer.picture,
        told(frames(plan, explorer.frame_at), plan, expected, report),
        sizes=[len(plan.kept[i]) for i in shown],
        start=[plan.kept[i].index(plan.start[i]) for i in shown],
        telling=[plan.kept[i].index(plan.telling[i]) for i in shown],
        telling_frame=plan.index_of(plan.telling),
    )
    if len(data) > most:
        raise too_large(plan, f"{len(data) // 1024:,} KB; at most {most // 1024} fit")
    return data


def _packed(
    picture: Picture | FunctionPicture, computed: Iterable[Frame], **positions: Any
) -> bytes:
    # Most fragments come again at other positions.
    shortened = functools.cache(_shortened)
    short = (
        Frame({name: shortened(svg) for name, svg in frame.parts.items()}, frame.readout)
        for frame in computed
    )
    content = {**pack(short), **positions}
    # Only now: a function has no figure before it is called.
    content |= {"background": picture.background, "alt": picture.alt}
    return gzip.compress(json.dumps(content, ensure_ascii=False).encode(), mtime=0)


def _shortened(svg: str) -> str:
    return _TAG.sub(lambda tag: _LONG_NUMBER.sub(r"\1", tag.group()), svg)


def _control(control: Control, kept: Sequence[State], name: str, colours: Mapping[str, str]) -> str:
    """Return a control of the browser's own: a choice, a box to tick, or a range over `kept`."""
    label = f'<label for="{name}">{escape(control.label)}</label>'
    about = f'id="{name}" data-control="{escape(control.name)}"'
    here = kept.index(control.state)
    if control.is_choice and not control.is_ordered:
        options = "".join(
            f"<option{' selected' if i == here else ''}>{escape(word)}</option>"
            for i, word in enumerate(control.words())
        )
        return f'<div class="lessons-slider">{label}<select {about}>{options}</select></div>'
    if not control.is_ordered:
        ticked = " checked" if control.widget.value else ""
        return f'<div class="lessons-slider">{label}<input type="checkbox" {about}{ticked}></div>'
    words = [control.shown(state) for state in kept]
    shown, width = json.dumps(words, ensure_ascii=False), max(map(len, words)) + 1
    colour = f' style="accent-color: {colours[control.name]}"' if control.name in colours else ""
    return (
        f'<div class="lessons-slider">{label}'
        f'<input type="range" min="0" max="{len(kept) - 1}" step="1" value="{here}" {about}'
        f' data-shown="{escape(shown)}"{colour}>'
        f'<output for="{name}" aria-live="off" style="min-width: {width}ch">'
        f"{escape(words[here])}</output></div>"
    )
