"""A matplotlib figure as SVG whose moving artists can be redrawn one by one.

The background is drawn once. Every moving artist has a named group of its own in that drawing, in
its place in the drawing order; afterwards only artists that changed are drawn again, alone, as the
new content of their group. It is blitting, for vectors.

matplotlib's own SVG renderer draws both. Its public way to draw one artist is a whole document with
nothing else in it. That takes half as long again, and the result is three times as long, because it
has every number with six decimals. So `_FragmentRenderer`, and nothing else, reaches below its
surface; ``pyproject.toml`` names the minor versions with which ``tests/explorable/test_svg.py``
passes.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import _path
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from lessons.explorable.words import typeset

# A hundredth of a point is a fortieth of a screen pixel; six digits, the default, double the size.
_DECIMALS = 2
_CLIP_DECIMALS = 3
# Nothing is left out of a run, however close its points are.
_DECIMALS_OF_RUNS = 1

# The names of lines on which every point is a step begin like this: each point is drawn, wherever
# it lies. The number of the first step follows, for run.js.
RUN = "run"

# These are looked up while drawing, not when an artist is made.
_SVG_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "lecture",
    "svg.image_inline": True,
    "image.composite_image": False,
}

_BETWEEN_TAGS = re.compile(r">\s*\n\s*<")

# Marked even when set to the value that they have: their marks only say where to look closer.
_OVERMARKED = (Line2D, Rectangle, Text)
# What these hold but do not show: marks, values as they were given, and what follows from others.
_NOT_SEEN = {
    *("_stale", "_invalidx", "_invalidy"),
    *("_original_edgecolor", "_original_facecolor", "_original_hatchcolor", "_xorig", "_yorig"),
    *("_path", "_renderer", "_subslice", "_transformed_path", "_x_filled", "_xy"),
}

# Their `stale` flag only repeats that something inside them changed.
_CONTAINERS = (Axes, Axis, Figure)


@contextmanager
def _svg_settings() -> Iterator[None]:
    # rc_context would copy all 300 settings, at every move of a slider.
    before: dict[Any, Any] = {name: mpl.rcParams[name] for name in _SVG_SETTINGS}
    mpl.rcParams.update(_SVG_SETTINGS)
    try:
        yield
    finally:
        mpl.rcParams.update(before)


def _compact(svg: str) -> str:
    """Drop the line ends: indentation between tags, and one space is enough within path data."""
    return _BETWEEN_TAGS.sub("><", svg).replace(" \n", " ").replace("\n", " ").strip()


class _FragmentRenderer(RendererSVG):
    """matplotlib's SVG renderer, able to draw an artist without a document around it."""

    def __init__(self, width: float, height: float):
        self._buffer = io.StringIO()
        super().__init__(width, height, self._buffer, metadata={"Date": None})
        self._known_clips: dict = {}
        self._draws_all_points = False

    def open_group(self, s, gid=None):
        # matplotlib numbers its groups as it goes; the same artist must give the same text.
        self.writer.start("g", attrib={"data-part": gid} if gid else {})

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        super().draw_text(gc, x, y, s if ismath else typeset(s), prop, angle, ismath, mtext)

    def _get_clip_attrs(self, gc):
        # The last bit of a frame differs after drawing at another resolution, and in another
        # process; to the renderer that would be a new region, with a definition of its own.
        if (frame := gc.get_clip_rectangle()) is not None:
            gc.set_clip_rectangle(Bbox.from_bounds(*np.round(frame.bounds, _CLIP_DECIMALS)))
        return super()._get_clip_attrs(gc)

    def _get_clippath_id(self, clippath):
        # matplotlib numbers clip paths too, by the order in which it meets the objects.
        codes = b"" if clippath.codes is None else clippath.codes.tobytes()
        places = np.round(clippath.vertices, _CLIP_DECIMALS) + 0.0
        return self._make_id("", places.tobytes() + codes)

    def _convert_path(self, path, transform=None, clip=None, simplify=None, sketch=None):
        bounds, decimals = (0.0, 0.0, self.width, self.height) if clip else None, _DECIMALS
        if self._draws_all_points:
            bounds, simplify, decimals = None, False, _DECIMALS_OF_RUNS
        commands = [b"M", b"L", b"Q", b"C", b"z"]
        return _path.convert_to_string(  # type: ignore[attr-defined]
            path, transform, bounds, simplify, sketch, decimals, commands, False
        ).decode("ascii")

    def document(self, draw: Callable[[RendererSVG], None]) -> str:
        """Return the SVG element of a whole drawing; fragments may use its clip regions."""
        draw(self)
        self._known_clips = dict(self._clipd)
        self.finalize()
        return _without_prolog(self._buffer.getvalue())

    def fragment(self, name: str, artist: Artist) -> str:
        """Return what the artist called `name` draws now, with the definitions that it needs."""
        self._draws_all_points = name.startswith(RUN)
        buffer = io.StringIO()
        self.writer = type(self.writer)(buffer)
        # Definitions belong to the fragment: another fragment that holds them may be replaced.
        self._markers, self._glyph_map, self._hatchd = {}, {}, {}
        self._path_collection_id = 0
        self._clipd = dict(self._known_clips)
        artist.draw(self)
        self._clipd = {k: v for k, v in self._clipd.items() if k not in self._known_clips}
        self._write_clips()
        self._write_hatches()
        self.writer.flush()
        return _compact(buffer.getvalue())


def _without_prolog(document: str) -> str:
    """Cut the XML prolog, and the metadata that no browser shows."""
    svg = document[document.index("<svg") :]
    return _compact(re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL))


def figure_as_svg(figure: Figure) -> str:
    """Return `figure` as one SVG element, for a picture that is new at every move."""
    buffer = io.StringIO()
    with _svg_settings():
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    # A width in points is a third too wide inside a picture that counts in units.
    return re.sub(r' (?:width|height)="[^"]*pt"', "", _without_prolog(buffer.getvalue()), count=2)


def png(figure: Figure, dpi: float) -> bytes:
    """Return `figure` as the bytes of a PNG file, the same ones in every run."""
    buffer = io.BytesIO()
    # The software's name and version would change the file with every release.
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()


class VectorFigure:
    """A figure drawn once, and the fragments of the artists that move.

    Args:
        figure: A finished figure at 72 dots an inch. Its layout is fixed here.
        moving: The artists that will change, by the name of their group.

    Attributes:
        background: The SVG element. Each moving artist fills a ``<g data-part="NAME">``.
    """

    def __init__(self, figure: Figure, moving: Mapping[str, Artist]):
        self.figure = figure
        self.moving = dict(moving)
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        width, height = figure.bbox.size
        with _svg_settings():
            self._renderer = _FragmentRenderer(width, height)
            self.background = self._draw_background()
            self._parts = {
                name: self._renderer.fragment(name, a) for name, a in self.moving.items()
            }
        # The parts of a legend or a table change without telling the whole.
        self._inside = {name: artist.findobj() for name, artist in self.moving.items()}
        self._looks = {name: _look(artist) for name, artist in self.moving.items()}
        own = {id(part) for inside in self._inside.values() for part in inside}
        self._others = [
            artist
            for artist in figure.findobj()
            if id(artist) not in own and not isinstance(artist, _CONTAINERS)
        ]
        self._shape = self._shape_now()
        self._settle(self._others, *self._inside.values())

    def _draw_background(self) -> str:
        for name, artist in self.moving.items():
            _draw_in_group(artist, name)
        try:
            return self._renderer.document(self.figure.draw)
        finally:
            for artist in self.moving.values():
                del artist.draw

    def _shape_now(self) -> dict:
        """Return what a move must leave alone: limits, ticks, and which artists there are."""
        shape: dict[str, Any] = {
            "the number of artists in the figure": len(self.figure.get_children())
        }
        for index, axes in enumerate(self.figure.axes):
            shape[f"the limits of axes {index}"] = (*axes.get_xlim(), *axes.get_ylim())
            shape[f"the number of artists in axes {index}"] = len(axes.get_children())
            both = (axes.xaxis, axes.yaxis)
            seen = [artist.get_visible() for artist in (axes, *both)]
            shape[f"whether axes {index} can be seen"] = [axes.axison, *seen]
            shape[f"the ticks of axes {index}"] = [
                (axis.get_major_locator(), axis.get_major_formatter()) for axis in both
            ]
        return shape

    @staticmethod
    def _settle(*groups: Iterable[Artist]) -> None:
        for artist in chain.from_iterable(groups):
            artist.stale = False

    def parts(self) -> dict[str, str]:
        """Return the fragment of every moving artist; only those that changed are drawn."""
        with _svg_settings():
            for name, artist in self.moving.items():
                is_marked = any(part.stale for part in self._inside[name])
                is_overmarked = type(artist) in _OVERMARKED
                if is_overmarked and not is_marked:
                    continue
                look = _look(artist)
                if (is_marked and not is_overmarked) or look != self._looks[name]:
                    self._parts[name] = self._renderer.fragment(name, artist)
                    # Only drawing places the box around a text.
                    self._looks[name] = _look(artist) if isinstance(artist, Text) else look
                self._settle(self._inside[name])
        return dict(self._parts)

    def png(self, dpi: float) -> bytes:
        """Return the figure as it stands, as the bytes of a PNG file."""
        self.parts()
        image = png(self.figure, dpi)
        # Drawing at another resolution marks everything as changed.
        self._settle(self._others, *self._inside.values())
        return image

    def strays(self) -> list[str]:
        """Return what changed although it was not declared to move, in words."""
        changed = [repr(artist) for artist in self._others if artist.stale]
        shape = self._shape_now()
        changed += [what for what, before in self._shape.items() if shape.get(what) != before]
        if changed:
            # What moves stays marked: its new look has not been drawn yet.
            self._settle(self._others)
        return changed


def _look(artist: Artist) -> list:
    """Return what reveals changes in an artist where its mark, `stale`, cannot be trusted."""
    own = vars(artist)
    if isinstance(artist, Line2D):
        artist.get_xydata()  # brings what it draws up to date
    look = _seen(artist) if type(artist) in _OVERMARKED else None
    # The tip of an annotation's arrow, the ends of a connection, and the numbers behind colours.
    points = [np.ravel(own[name]).tolist() for name in ("xy", "xy1", "xy2") if name in own]
    numbers = artist.get_array() if isinstance(artist, Collection) else None
    return [look, *points, None if numbers is None else numbers.tobytes()]


def _seen(artist: Artist) -> list:
    """Return all that an artist is drawn from, as it is now."""
    own = vars(artist)
    return [
        _HELD[type(value)](value) if type(value) in _HELD else value
        for value in _reader(tuple(own))(own)
    ]


@cache
def _reader(names: tuple[str, ...]) -> itemgetter:
    """Return what reads, from an artist with these attributes, all that it is drawn from."""
    return itemgetter(*(name for name in names if name not in _NOT_SEEN))


# What may change while it stays the same object, and what to compare instead. FancyBboxPatch is the
# box around a text.
_HELD: dict[type, Callable] = {
    np.ndarray: np.ndarray.tobytes,
    FontProperties: hash,
    FancyBboxPatch: _seen,
}


def _draw_in_group(artist: Artist, name: str) -> None:
    """Let `artist` draw itself inside a group called `name`, until the attribute is deleted."""
    draw = type(artist).draw

    def draw_in_group(renderer):
        renderer.open_group("part", gid=name)
        # What does not move must not borrow a marker from here: the first move would remove it.
        outside, renderer._markers = renderer._markers, {}
        draw(artist, renderer)
        renderer._markers = outside
        renderer.close_group("part")

    artist.draw = draw_in_group  # type: ignore[method-assign]
