"""Scenes: pictures drawn once, with parts that move and a sentence that says what is seen.

A lecture's scene subclasses `Scene`. `explore` puts sliders above it in a notebook; slides and
pages show the same frames, computed beforehand. Neither is known here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lessons.explorable.svg import RUN


class SceneError(RuntimeError):
    """A scene broke its own rules, or raised, at some position of its sliders."""


class Scene:
    """A picture whose background is drawn once and whose moving parts follow the sliders.

    Subclasses write two methods. ``draw(self)`` builds `figure` and passes every artist that will
    change through `moves`. ``update(self, **values)`` sets data on those artists and returns one
    sentence; its parameters are the sliders, their defaults the starting position. Axes limits stay
    as `draw` left them, so that what moves on the screen is what matters.

    Attributes:
        alt: Alternative text: what the picture shows, whatever the sliders say.
        labels: What a person would call each slider, with its symbol or unit.
        colours: The colour of each slider's handle: that of the thing which it moves.
        size: Width and height of the figure in inches.
        telling: Slider values at which the picture says most, for paper, where nothing moves.
        first_step: The number of the first point of a run; 0 is the state before any step.
        slow: Computed only when a slider is let go, with progress, and never ahead.
        figure: The matplotlib figure, there from `draw` on.
    """

    alt: str = ""
    labels: Mapping[str, str] = {}
    colours: Mapping[str, str] = {}
    telling: Mapping[str, Any] = {}
    size: tuple[float, float] = (10.0, 4.4)
    first_step: int = 0
    slow: bool = False

    figure: Figure
    _moving: dict[str, Artist]
    _report: Callable[[int, int], None] | None = None

    def draw(self) -> None:
        """Draw the background and declare what moves."""
        raise NotImplementedError

    def update(self, **values: Any) -> str:
        """Set data on the moving artists; return the readout."""
        raise NotImplementedError

    def moves(self, *artists: Artist) -> Any:
        """Declare artists that `update` will change; return them, a single one by itself."""
        return self._declare("m", artists)

    def runs(self, *lines: Line2D) -> Any:
        """Declare moving lines on which every point is a step: they can be played, step by step.

        Their points are numbered alike, from `first_step`, and may be missing only at the end of a
        line. A line of markers only, such as a cross at the end, is seen at the last step. Return
        them, a single one by itself.
        """
        return self._declare(f"{RUN}{self.first_step}-", lines)

    def _declare(self, kind: str, artists: Sequence[Artist]) -> Any:
        for artist in artists:
            if not isinstance(artist, Artist):
                raise TypeError(
                    f"{type(self).__name__}: {artist!r} cannot move, it is not an artist; "
                    "pass several one by one, as in self.moves(*bars)"
                )
            if artist not in self._moving.values():
                self._moving[f"{kind}{len(self._moving)}"] = artist
        return artists[0] if len(artists) == 1 else artists

    def moving_text(self, axes: Axes, x: float, y: float, **style: Any) -> Any:
        """Add an empty text at ``(x, y)`` in data coordinates, and declare that it moves."""
        return self.moves(axes.text(x, y, "", **style))

    def progress(self, done: int, total: int) -> None:
        """Tell the learner how far a slow `update` is: `done` of `total` steps."""
        if self._report is not None:
            self._report(done, total)
