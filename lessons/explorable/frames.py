"""Computes a scene at every position that is kept of it, unless that would be too large."""

import gzip
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

from lessons.explorable.controls import Control, values
from lessons.explorable.positions import FrozenError, all_positions, start_of
from lessons.explorable.scene import Frame, FunctionPicture, Picture

MOST_POSITIONS = 5_000
MOST_BYTES = 256 * 1024

_REPORT_SECONDS = 0.25

Report = Callable[[dict[str, Any]], None]


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


def too_large(
    scene: str, controls: Sequence[Control], kept: Mapping[str, list], why: str
) -> FrozenError:
    """Return the error that says by what a scene is too large, and what to do.

    Args:
        scene: Its name.
        controls: Its sliders.
        kept: States of each slider, of `kept_positions`.
        why: What it has, and of how much at most.
    """
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

    sample = [(at, compute(at)) for at in _sample(kept, start_of(controls, kept))]
    size = _estimated_bytes(sample, kept)
    # A guess, and often too high: only what is beyond doubt is not even tried.
    if size > 4 * MOST_BYTES:
        raise too_large(
            picture.name,
            controls,
            kept,
            f"about {size // 1024:,} KB, of at most {MOST_BYTES // 1024}",
        )
    told = {"scene": picture.name, "total": count, "bytes": size}
    report({**told, "done": 0, "seconds": count * statistics.fmean(seconds)})
    frames = []
    for done, at in enumerate(all_positions(kept), start=1):
        frames.append((at, compute(at)))
        if clock() - reported > _REPORT_SECONDS:
            reported = clock()
            left = (count - done) * statistics.fmean(seconds[-200:])
            report({**told, "done": done, "seconds": left})
    return frames
