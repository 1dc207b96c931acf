"""Pictures: a scene, or a function that returns a figure, turned into the frame of any position."""

import copy
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from matplotlib.figure import Figure

from lessons.explorable import theme
from lessons.explorable.scene import Scene, SceneError
from lessons.explorable.svg import VectorFigure, figure_as_svg, png
from lessons.explorable.words import typeset


@dataclass(frozen=True)
class Frame:
    """What a scene shows at one position.

    Attributes:
        parts: The SVG fragment of each moving part, by the part's name.
        readout: One sentence that carries the same information as the picture.
    """

    parts: dict[str, str]
    readout: str


def pack(frames: Iterable[Frame]) -> dict[str, list]:
    """Return frames as the browser unpacks them, each distinct fragment stored once."""
    index: dict[str, int] = {}
    packed = []
    for frame in frames:
        parts = {name: index.setdefault(svg, len(index)) for name, svg in frame.parts.items()}
        packed.append({"parts": parts, "readout": typeset(frame.readout)})
    return {"fragments": list(index), "frames": packed}


def _parameters(function: Callable, name: str) -> dict[str, Any]:
    """Return the parameters of a function and their defaults (`inspect.Parameter.empty` if none).

    Raises:
        TypeError: They are not known, or one cannot be given by name, so no slider could move it.
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        raise TypeError(
            f"Python cannot tell the parameters of {name}; wrap it in a function of your own whose "
            "parameters are the sliders"
        ) from None
    found = {}
    for parameter in parameters:
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise TypeError(
                f"{name}: {parameter} cannot be a slider; name each one, "
                "as in update(self, low=-1.0, high=1.0)"
            )
        found[parameter.name] = parameter.default
    return found


def in_words(values: Mapping[str, Any]) -> str:
    """Return slider values as a call would spell them: ``low=-1.0, high=2.0``."""
    return ", ".join(f"{name}={value!r}" for name, value in values.items())


class Picture:
    """A scene, drawn, ready to give the frame of any position.

    Args:
        scene: The scene to draw. It stays as it is: what is drawn and moved is a copy.

    Attributes:
        original: The scene, as its author made it.
        scene: The copy that is drawn.
        background: The SVG element with an empty place for every moving part to fill.
        sliders: The names that `frame` takes, with the scene's own defaults.
    """

    ahead = True

    def __init__(self, scene: Scene):
        self.original = scene
        self.scene = scene = copy.copy(scene)
        self.name = type(scene).__name__
        for method in ("draw", "update"):
            if getattr(type(scene), method) is getattr(Scene, method):
                raise SceneError(f"{self.name} has no {method}(); every scene needs one")
        self.sliders = _parameters(scene.update, f"{self.name}.update")
        self.alt, self.slow = scene.alt, scene.slow
        self.labels, self.colours, self.telling = scene.labels, scene.colours, scene.telling
        if not self.alt.strip():
            raise SceneError(f"{self.name} needs `alt`: a sentence that says what it shows")
        self._check_names()
        scene._moving = {}
        scene.figure = theme.figure(*scene.size)
        with theme.applied():
            scene.draw()
        self._at: Mapping[str, Any] | None = None  # where the last frame left the figure
        self._vector = VectorFigure(scene.figure, scene._moving)
        self.background = self._vector.background

    def _check_names(self) -> None:
        """Check that labels, colours and telling positions name sliders that exist."""
        # A subclass may take fewer than the scene whose labels it has.
        updates = [
            vars(each)["update"] for each in type(self.scene).__mro__ if "update" in vars(each)
        ]
        known = {name for update in updates for name in inspect.signature(update).parameters}
        for what in ("labels", "colours", "telling"):
            for name in getattr(self, what):
                if name not in known | set(self.sliders):
                    raise SceneError(
                        f"{self.name}.{what} names {name!r}, which is not a parameter of "
                        f"its update(); it has {', '.join(self.sliders) or 'none'}"
                    )

    def png(self, dpi: float, **values: Any) -> bytes:
        """Return the picture at `values` as the bytes of a PNG file."""
        if values != self._at:
            self.frame(**values)
        return self._vector.png(dpi)

    def on_progress(self, report: Callable[[int, int], None]) -> None:
        """Have `report` called with (done, total) while a slow frame is computed."""
        self.scene._report = report

    def frame(self, **values: Any) -> Frame:
        """Move the scene to `values` and return what is seen there.

        Raises:
            SceneError: `update` raised, returned no sentence, touched what does not move, or left
                something that cannot be drawn.
        """
        call = f"{self.name}.update({in_words(values)})"
        self._at = None
        try:
            readout = self.scene.update(**values)
        except Exception as error:
            raise SceneError(f"{call} raised {type(error).__name__}: {error}") from error
        if not isinstance(readout, str) or not readout.strip():
            raise SceneError(
                f"{call} returned {readout!r}; it has to return the readout, one sentence"
            )
        if strays := self._vector.strays():
            raise SceneError(
                f"{call} changed {', '.join(strays)}; only artists "
                "that draw() passed through self.moves(...) may change"
            )
        try:
            parts = self._vector.parts()
        except Exception as error:
            raise SceneError(f"{call} left something that cannot be drawn: {error}") from error
        self._at = values
        return Frame(parts, readout)


class FunctionPicture:
    """A plain function that returns a figure, as a picture that is wholly new at every position.

    Args:
        function: Takes the slider values by name; returns a figure, or a figure and a sentence.
    """

    # A student's function may print or train: it is called only when a slider asks.
    ahead = False
    slow = False
    labels: Mapping[str, str] = {}
    colours: Mapping[str, str] = {}
    telling: Mapping[str, Any] = {}

    def __init__(self, function: Callable):
        self.original = self.function = function
        named = function.func if isinstance(function, partial) else function
        self.name = getattr(named, "__name__", "the function")
        self.sliders = _parameters(function, self.name)
        self.alt = (inspect.getdoc(named) or f"Figure drawn by {self.name}").splitlines()[0]
        self._at: Mapping[str, Any] | None = None  # where the last frame left the figure
        self._figure = Figure()

    def png(self, dpi: float, **values: Any) -> bytes:
        """Return the figure at `values` as the bytes of a PNG file."""
        if values != self._at:
            self.frame(**values)
        return png(self._figure, dpi)

    @property
    def background(self) -> str:
        """An SVG element of the last figure's size, with nothing in it but the place to fill."""
        width, height = self._figure.get_size_inches() * 72
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}">'
            '<g data-part="figure"></g></svg>'
        )

    def on_progress(self, report: Callable[[int, int], None]) -> None:
        """Do nothing: a plain function has no way to tell how far it is."""

    def frame(self, **values: Any) -> Frame:
        """Call the function; return its figure as one part.

        Raises:
            SceneError: The function raised, did not return a figure, or returned one that cannot
                be drawn.
        """
        call = f"{self.name}({in_words(values)})"
        self._at = None
        try:
            with theme.applied(), _nothing_left_open():
                result = self.function(**values)
        except Exception as error:
            raise SceneError(f"{call} raised {type(error).__name__}: {error}") from error
        match result:
            case Figure() as figure:
                readout = in_words(values)
            case (Figure() as figure, str(readout)):
                pass
            case _:
                raise SceneError(
                    f"{call} returned {result!r}; it has to return a matplotlib figure, "
                    "or a figure and a sentence"
                )
        try:
            drawing = figure_as_svg(figure)
        except Exception as error:
            raise SceneError(f"{call} returned something that cannot be drawn: {error}") from error
        self._figure, self._at = figure, values
        _close([figure])
        return Frame({"figure": drawing}, readout)


@contextmanager
def _nothing_left_open() -> Iterator[None]:
    """Close the figures that a function opens, even one that it fails to return."""
    before = _close([])
    try:
        yield
    finally:
        _close(_close([]) - before)


def _close(figures: Iterable[Figure | int]) -> set[int]:
    """Close figures of pyplot, or they would be drawn again below the cell; return those open."""
    import matplotlib.pyplot as plt  # not needed by any scene, and slow to import

    for figure in figures:
        plt.close(figure)
    return set(plt.get_fignums())
