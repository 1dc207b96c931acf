"""explore(scene, **sliders): sliders that move a picture.

The browser leads. It watches the sliders, shows a position at once if it has that position, and
otherwise asks the kernel for it; while an answer is on its way only the newest position is kept, so
that no queue of old ones can form. When a slider is grabbed, the browser also asks for the rest of
that slider's range, a few positions at a time, and from then on serves the drag by itself.
"""

import base64
import logging
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape
from typing import Any

import anywidget
from IPython.display import display
from ipywidgets import VBox
from traitlets import Bool, Dict, List, Unicode

from lessons.explorable import host
from lessons.explorable.controls import (
    Control,
    Position,
    make_controls,
    position_of,
    unknown_slider,
    values_at,
)
from lessons.explorable.picture import Frame, FunctionPicture, Picture, pack
from lessons.explorable.precompute import Keep, check_keep
from lessons.explorable.prediction import Prediction, PredictionError
from lessons.explorable.scene import Scene
from lessons.explorable.script import script, style
from lessons.explorable.words import typeset

_LOG = logging.getLogger("lessons")

# The kernel answers a request for positions ahead within this time, so that a slider moved in the
# meantime does not wait longer than about one picture on the screen.
_AHEAD_SECONDS = 0.02
_PROGRESS_SECONDS = 0.05
_FRAMES_KEPT = 512
# The stored picture is 960 pixels wide.
_PNG_DPI = 96

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_VIEW_VERSION = {"version_major": 2, "version_minor": 0}
# Where the notebook is trusted, the rule hides JupyterLab's message that a widget has no kernel.
_HOW_TO_MOVE = (
    "<em>To move the sliders, choose Run → Run All Above Selected Cell, "
    "then press Shift+Enter.</em><style>.jp-OutputArea-child:has(.lessons-stored) + "
    ".jp-OutputArea-child:not(:has(.lessons-explore)) { display: none; }</style>"
)


class View(anywidget.AnyWidget):
    """The picture, its readout and its progress bar, in the browser."""

    _esm = script("live.js")
    _css = style("view.css") + style("live.css")

    background = Unicode().tag(sync=True)
    first = Dict().tag(sync=True)
    alt = Unicode().tag(sync=True)
    controls: List = List().tag(sync=True)
    ahead = Bool().tag(sync=True)
    # What has to be answered before the sliders come free; empty from then on.
    prediction = Dict().tag(sync=True)


class Explorer(VBox):
    """Sliders above a picture; what `explore` returns.

    Attributes:
        picture: The scene, drawn.
        controls: The sliders, in the order given.
        keep: How many positions a slider keeps on slides and pages, or which, if not all.
        prediction: What is asked before the sliders come free, if anything.
        proof: The position that settles the prediction.
        view: The picture in the browser.
    """

    def __init__(
        self,
        picture: Picture | FunctionPicture,
        controls: list[Control],
        keep: Mapping[str, Keep],
        prediction: Prediction | None,
    ):
        self.picture, self.controls, self.keep = picture, controls, dict(keep)
        self.prediction = prediction
        self.proof = self._proof()
        self._cached_frame = lru_cache(maxsize=_FRAMES_KEPT)(self._compute)
        start = self.frame()
        self.view = View(
            background=picture.background,
            first=pack([start]) | {"positions": [position_of(controls)]},
            alt=picture.alt,
            controls=[_for_the_browser(control) for control in controls],
            ahead=picture.ahead and not picture.slow,
            prediction=self.asked(),
        )
        for control in controls:
            control.widget.add_class(f"lessons-control-{control.name}")
            if prediction and control.widget.has_trait("disabled"):
                control.widget.disabled = True
        super().__init__([*(control.widget for control in controls), self.view])
        self.add_class("lessons-explore")
        self.view.on_msg(self._on_message)
        picture.on_progress(self._send_progress())

    @property
    def values(self) -> dict[str, Any]:
        """The value of every slider now, by name."""
        return values_at(self.controls, position_of(self.controls))

    def frame(self, **moved: Any) -> Frame:
        """Return the frame at the sliders' present values, with `moved` in place of some of them.

        Raises:
            TypeError: There is no such slider.
            SceneError: The scene cannot show that position.
        """
        return self.frame_at(self._position(moved))

    def asked(self) -> dict[str, Any]:
        """Return what a browser asks before the sliders come free, and judges by."""
        if self.prediction is None:
            return {}
        values = values_at(self.controls, self.proof)
        return self.prediction.asked(self.picture.original, values) | {"proof": self.proof}

    def _position(self, moved: Mapping[str, Any]) -> Position:
        known = [control.name for control in self.controls]
        for name in moved:
            if name not in known:
                raise TypeError(unknown_slider(self.picture.name, name, known))
        return tuple(
            control.state_of(moved[control.name]) if control.name in moved else control.state
            for control in self.controls
        )

    def _proof(self) -> Position:
        """Return the position that settles the prediction; the start where nothing is asked."""
        at = self.prediction.at if self.prediction else {}
        position = self._position(at)
        for name, value in values_at(self.controls, position).items():
            if name in at and at[name] != value:
                raise PredictionError(
                    f"{self.picture.name}, at={{{name!r}: {at[name]!r}}}: its slider cannot stand "
                    f"there; the nearest is {value!r}"
                )
        return position

    def frame_at(self, position: Position) -> Frame:
        """Return the frame at a position, computed unless it is one of the last ones.

        Raises:
            SceneError: The scene cannot show that position.
        """
        try:
            hash(position)
        except TypeError:  # a date is a dict in the browser
            return self._compute(position)
        return self._cached_frame(position)

    def _compute(self, position: Position) -> Frame:
        return self.picture.frame(**values_at(self.controls, position))

    def _on_message(self, _: Any, content: dict, __: Any) -> None:
        if content["kind"] == "show":
            self._show(_from_json(content["position"]))
        elif content["kind"] == "ahead":
            self._send_ahead([_from_json(position) for position in content["positions"]])

    def _show(self, position: Position) -> None:
        try:
            frame = self.frame_at(position)
        except (Exception, KeyboardInterrupt) as error:
            # Shown in place of the readout; the kernel's log has where it happened. An interrupted
            # kernel has to answer too, or the browser would wait for it and ask no more.
            _LOG.exception("%s could not be shown", self.picture.name)
            message = str(error) or type(error).__name__
            self.view.send({"kind": "problem", "position": position, "message": message})
        else:
            self.view.send({"kind": "frame", "positions": [position], **pack([frame])})

    def _send_ahead(self, positions: list[Position]) -> None:
        """Send as many of the positions as can be had quickly, at least one."""
        frames: list[Frame] = []
        until = time.perf_counter() + _AHEAD_SECONDS
        for position in positions:
            try:
                frames.append(self.frame_at(position))
            except (Exception, KeyboardInterrupt):
                # Nobody has moved there yet. Whoever does asks again, and is told.
                break
            if time.perf_counter() > until:
                break
        self.view.send({"kind": "ahead", "positions": positions[: len(frames)], **pack(frames)})

    def _send_progress(self) -> Callable[[int, int], None]:
        sent = 0.0

        def send(done: int, total: int) -> None:
            nonlocal sent
            now = time.perf_counter()
            if now - sent > _PROGRESS_SECONDS or done == total:
                sent = now
                self.view.send({"kind": "progress", "done": done, "total": total})

        return send

    def stored(self) -> tuple[dict, dict]:
        """Return what a reader without a kernel sees, and its metadata: picture and readout."""
        image = self.picture.png(_PNG_DPI, **self.values)
        return _stored(image, self.picture.alt, self.frame().readout)

    def _ipython_display_(self) -> None:
        """Show what a reader without a kernel sees, and the widget, which hides it while it lives.

        In one output, JupyterLab would show the widget alone: an error, where there is no kernel.
        Where the host shows no widgets at all, sliders that need none come with the picture.
        """
        if not host.shows_widgets():
            # Here, because it needs the Explorer.
            from lessons.explorable.inline import inline

            display(inline(self), raw=True)
            return
        data, metadata = self.stored()
        display(data, metadata=metadata, raw=True)
        asked = self.prediction and f"Predict first. {escape(self.prediction.in_words())}<br>"
        hint = f'<p class="lessons-stored">{asked or ""}{_HOW_TO_MOVE}</p>'
        display({"text/html": hint}, raw=True)
        display({WIDGET_VIEW: _VIEW_VERSION | {"model_id": self.model_id}}, raw=True)


def _for_the_browser(control: Control) -> dict[str, Any]:
    """Return what the browser needs to tell a control's state, and to count through its states."""
    values = control.values
    return {
        "name": control.name,
        "label": control.label,
        "model": f"IPY_MODEL_{control.widget.model_id}",
        "trait": "index" if control.is_choice else "value",
        # The index of a choice is its state already.
        "values": None if control.is_choice else values,
        "count": 0 if values is None else len(values),
        "is_ordered": control.is_ordered,
    }


def _from_json(position: list) -> Position:
    return tuple(tuple(state) if isinstance(state, list) else state for state in position)


class Still:
    """A scene at one position, without sliders; what `show` returns.

    Attributes:
        picture: The scene, drawn.
        frame: What is seen at that position.
    """

    def __init__(self, picture: Picture | FunctionPicture, values: dict[str, Any]):
        self.picture, self._values = picture, values
        self.frame = picture.frame(**values)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict, dict]:
        image = self.picture.png(_PNG_DPI, **self._values)
        return _stored(image, self.picture.alt, self.frame.readout)


def _stored(image: bytes, alt: str, readout: str) -> tuple[dict, dict]:
    """Return what a notebook stores of a picture: its pixels, its words, alternative text."""
    readout = typeset(readout)
    bundle = {"image/png": base64.b64encode(image).decode("ascii"), "text/plain": readout}
    return bundle, {"image/png": {"alt": f"{alt} {readout}"}}


def explore(
    scene: Scene | Callable,
    /,
    *by_position: Any,
    export: Mapping[str, Keep] | None = None,
    predict: Prediction | None = None,
    **sliders: Any,
) -> Explorer:
    """Put sliders above a picture.

    Args:
        scene: A `Scene`, or a plain function that returns a matplotlib figure.
        *by_position: Must be empty: each slider has a name.
        export: How many positions a slider keeps on slides and pages, where each is computed
            beforehand, or a list of them; all where nothing is said. With 1 a slider is held at
            its start.
        predict: A question that has to be answered, or passed over, before the sliders come free.
        **sliders: For each parameter of the scene's ``update`` (or of the function) its slider:
            ``(min, max)``, ``(min, max, step)``, a list, a dict, a bool, a string, or any
            ipywidgets value widget. A parameter with a default may be left out.

    Returns:
        A widget; as the last line of a cell it shows itself.

    Raises:
        TypeError: A slider is unknown, missing, without a name or of no known form, or `scene`
            cannot be explored.
        ValueError: A range is empty or does not hold its default, or `export` asks for too few
            positions, or for one that the slider does not have.
        SceneError: The scene cannot show its starting position.
        EmbeddingError: A slider whose positions cannot be listed is to keep more than one of them.
        PredictionError: A slider cannot stand where `predict` is settled, or its right answer is
            not one that can be given.
    """
    picture = _picture("explore", scene)
    _check_named(picture, by_position)
    for own in ("export", "predict"):
        if own in picture.sliders:
            raise TypeError(
                f"{picture.name} has a parameter {own!r}, a word that explore() needs for itself: "
                "give the parameter another name"
            )
    if not isinstance(predict, Prediction | None):
        raise TypeError(f"{picture.name}, predict={predict!r}: give a Prediction")
    controls = make_controls(
        picture.name,
        picture.sliders,
        sliders,
        labels=picture.labels,
        colours=picture.colours,
        slow=picture.slow,
    )
    keep = {} if export is None else export
    # A mistake is reported where it is written, and not only when slides are built.
    check_keep(picture, controls, keep)
    return Explorer(picture, controls, keep, predict)


def show(scene: Scene | Callable, /, *by_position: Any, **values: Any) -> Still:
    """Show a scene at one position, as a picture to look at before anything moves.

    Args:
        scene: A `Scene`, or a plain function that returns a matplotlib figure.
        *by_position: Must be empty: each value has a name.
        **values: Values for its ``update``; its own defaults stand for those left out.

    Raises:
        TypeError: A value has no name, or none that ``update`` knows, or `scene` cannot be shown.
        SceneError: The scene cannot show that position.
    """
    picture = _picture("show", scene)
    _check_named(picture, by_position)
    for name in values:
        if name not in picture.sliders:
            raise TypeError(unknown_slider(picture.name, name, list(picture.sliders)))
    return Still(picture, values)


def _picture(caller: str, scene: Scene | Callable) -> Picture | FunctionPicture:
    if isinstance(scene, Scene):
        return Picture(scene)
    if callable(scene) and not isinstance(scene, type):
        return FunctionPicture(scene)
    hint = f"; did you mean {scene.__name__}(...)?" if isinstance(scene, type) else ""
    raise TypeError(f"{caller}() takes a Scene or a function, not {scene!r}{hint}")


def _check_named(picture: Picture | FunctionPicture, by_position: tuple) -> None:
    if by_position:
        name = next(iter(picture.sliders), "name")
        raise TypeError(
            f"{picture.name}: {by_position[0]!r} has no name; say which parameter it is for, as in "
            f"{name}={by_position[0]!r}"
        )
