"""explore(scene, **sliders): sliders that move a picture.

The browser leads. It watches the sliders, shows a position at once if it has that position, and
otherwise asks the kernel for it; while an answer is on its way only the newest position is kept, so
that no queue of old ones can form. When a slider is grabbed, the browser also asks for the rest of
that slider's range, a few positions at a time, and from then on serves the drag by itself.
"""

import base64
import json
import logging
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import anywidget
from ipywidgets import VBox
from traitlets import Bool, Dict, List, Unicode

from lessons.explorable.controls import Control, make_controls, states, unknown_slider, values
from lessons.explorable.positions import check_counts
from lessons.explorable.scene import Frame, FunctionPicture, Picture, Scene, pack

_HERE = Path(__file__).parent
_LOG = logging.getLogger("lessons")

# The kernel answers a request for positions ahead within this time, so that a slider moved in the
# meantime does not wait longer than about one picture on the screen.
_AHEAD_SECONDS = 0.02
_PROGRESS_SECONDS = 0.05
_FRAMES_KEPT = 512
# The stored picture is 960 pixels wide.
_PNG_DPI = 96


class Stage(anywidget.AnyWidget):
    """The picture, its readout and its progress bar, in the browser."""

    _esm = _HERE / "js" / "view.js"
    _css = _HERE / "js" / "view.css"

    still = Unicode().tag(sync=True)
    first = Dict().tag(sync=True)
    alt = Unicode().tag(sync=True)
    controls = List().tag(sync=True)
    ahead = Bool(True).tag(sync=True)


class Explorer(VBox):
    """Sliders above a picture; what `explore` returns.

    Attributes:
        picture: The scene, drawn.
        controls: The sliders, in the order given.
        counts: How many positions a slider keeps on slides and pages, if not all.
        stage: The picture in the browser.
    """

    def __init__(
        self,
        picture: Picture | FunctionPicture,
        controls: list[Control],
        counts: Mapping[str, int],
    ):
        self.picture, self.controls, self.counts = picture, controls, dict(counts)
        self._frame_at = lru_cache(maxsize=_FRAMES_KEPT)(self._compute)
        start = self.frame(**self.values)
        self.stage = Stage(
            still=picture.still,
            first=pack([(states(controls), start)]),
            alt=picture.alt,
            controls=[_for_the_browser(control) for control in controls],
            ahead=picture.ahead and not picture.slow,
        )
        for control in controls:
            control.widget.add_class(f"lessons-control-{control.name}")
        super().__init__([*(control.widget for control in controls), self.stage])
        self.add_class("lessons-explore")
        self.stage.on_msg(self._on_message)
        picture.on_progress(self._send_progress())

    @property
    def values(self) -> dict[str, Any]:
        """The value of every slider now, by name."""
        return values(self.controls, states(self.controls))

    def frame(self, **moved: Any) -> Frame:
        """Return the frame at the sliders' present values, with `moved` in place of some of them.

        Raises:
            TypeError: There is no such slider.
            SceneError: The scene cannot show that position.
        """
        at = states(self.controls)
        by_name = {control.name: control for control in self.controls}
        for name, value in moved.items():
            if name not in by_name:
                raise TypeError(unknown_slider(self.picture.name, name, list(by_name)))
            at[name] = by_name[name].state_of(value)
        return self._at(at)

    def _at(self, at: Mapping[str, Any]) -> Frame:
        # The browser sends 3 for 3.0: what means the same position is computed once.
        same = {c.name: c.state_of(c.value_of(at[c.name])) for c in self.controls}
        return self._frame_at(json.dumps(same))

    def _compute(self, at: str) -> Frame:
        return self.picture.frame(**values(self.controls, json.loads(at)))

    def _on_message(self, _: Any, content: dict, __: Any) -> None:
        if content["kind"] == "show":
            self._show(content["at"])
        elif content["kind"] == "ahead":
            self._send_ahead(content["at"])

    def _show(self, at: dict[str, Any]) -> None:
        try:
            frame = self._at(at)
        except (Exception, KeyboardInterrupt) as error:
            # Shown in place of the readout; the kernel's log has where it happened. An interrupted
            # kernel has to answer too, or the browser would wait for it and ask no more.
            _LOG.exception("%s could not be shown", self.picture.name)
            message = str(error) or type(error).__name__
            self.stage.send({"kind": "problem", "at": at, "message": message})
        else:
            self.stage.send({"kind": "frames", **pack([(at, frame)])})

    def _send_ahead(self, positions: list[dict[str, Any]]) -> None:
        """Send as many of the positions as can be had quickly, one at the least."""
        frames = []
        until = time.perf_counter() + _AHEAD_SECONDS
        for at in positions:
            try:
                frames.append((at, self._at(at)))
            except Exception:
                # Nobody has moved there yet. Whoever does asks again, and is told.
                break
            if time.perf_counter() > until:
                break
        self.stage.send({"kind": "ahead", **pack(frames)})

    def _send_progress(self) -> Callable[[int, int], None]:
        sent = 0.0

        def send(done: int, total: int) -> None:
            nonlocal sent
            now = time.perf_counter()
            if now - sent > _PROGRESS_SECONDS or done == total:
                sent = now
                self.stage.send({"kind": "progress", "done": done, "total": total})

        return send

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        """Return the widget, and beside it what a reader without a kernel sees."""
        picture, values = self.picture, self.values
        stored, metadata = _stored(
            picture.png(_PNG_DPI, **values), picture.alt, self.frame().readout
        )
        return {**super()._repr_mimebundle_(**kwargs), **stored}, metadata


def _for_the_browser(control: Control) -> dict[str, Any]:
    return {
        "name": control.name,
        "label": control.label,
        "model": f"IPY_MODEL_{control.widget.model_id}",
        "key": "index" if control.is_choice else "value",
        "positions": control.positions(),
    }


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


def show(scene: Scene | Callable, **values: Any) -> Still:
    """Show a scene at one position, as a picture to look at before anything moves.

    Args:
        scene: A `Scene`, or a plain function that returns a matplotlib figure.
        **values: Values for its ``update``; its own defaults stand for those left out.

    Raises:
        TypeError: A value has no name that ``update`` knows, or `scene` cannot be shown.
        SceneError: The scene cannot show that position.
    """
    picture = _picture("show", scene)
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


def _stored(image: bytes, alt: str, readout: str) -> tuple[dict, dict]:
    """Return what a notebook stores of a picture: its pixels, its words, alternative text."""
    bundle = {"image/png": base64.b64encode(image).decode("ascii"), "text/plain": readout}
    return bundle, {"image/png": {"alt": f"{alt} {readout}"}}


def explore(
    scene: Scene | Callable, *, export: Mapping[str, int] | None = None, **sliders: Any
) -> Explorer:
    """Put sliders above a picture.

    Args:
        scene: A `Scene`, or a plain function that returns a matplotlib figure.
        export: How many positions a slider keeps on slides and pages, where each is computed
            beforehand; all of them where nothing is said. With 1 a slider is held at its start.
        **sliders: For each parameter of the scene's ``update`` (or of the function) its slider:
            ``(min, max)``, ``(min, max, step)``, a list, a dict, a bool, a string, or any
            ipywidgets value widget. A parameter with a default may be left out.

    Returns:
        A widget; as the last line of a cell it shows itself.

    Raises:
        TypeError: A slider is unknown, missing or of no known form, or `scene` cannot be explored.
        ValueError: A range is empty or does not hold its default, or a count in `export` is too
            small.
        SceneError: The scene cannot show its starting position.
        FrozenError: Some, but not all, positions are to be kept of what cannot be listed.
    """
    picture = _picture("explore", scene)
    controls = make_controls(
        picture.name,
        picture.sliders,
        sliders,
        labels=picture.labels,
        colours=picture.colours,
        slow=picture.slow,
    )
    counts = export or {}
    # Told where it is written, and not only when slides are built.
    check_counts(picture, controls, counts)
    return Explorer(picture, controls, counts)
