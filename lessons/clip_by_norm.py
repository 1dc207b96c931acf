"""Lecture 2: clipping by norm keeps the direction.

Behind ``notebooks/02_clip_by_norm_keeps_direction.ipynb``. First the numbers, all of them computed
by TensorFlow, then the scenes that draw them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from lessons.explorable import theme
from lessons.explorable.scene import Scene
from lessons.geometry import degrees_between

PATHS = ("unclipped", "by value", "by norm")
STEPS = 40
NEAR = 0.1

# The axes over which one norm is taken; None is the whole matrix.
SLICES = {"the whole matrix": None, "each row": 1, "each column": 0}


# ---- numbers ----------------------------------------------------------------------------------


def by_norm(gradient: Sequence[float] | np.ndarray, bound: float) -> np.ndarray:
    """Return `gradient` as float32, clipped by ``tf.clip_by_norm`` to the length `bound`."""
    return tf.clip_by_norm(tf.constant(gradient, tf.float32), bound).numpy()


def by_value(gradient: Sequence[float] | np.ndarray, bound: float) -> np.ndarray:
    """Return `gradient` as float32, every number clipped to ``[-bound, bound]``."""
    return tf.clip_by_value(tf.constant(gradient, tf.float32), -bound, bound).numpy()


def length_out(length: Sequence[float] | np.ndarray, bound: float) -> dict[str, np.ndarray]:
    """Return how long arrows of the given lengths are after clipping, and after normalising.

    Args:
        length: Shape ``(n,)``, not negative.
        bound: Of the clip, and the length to which normalised arrows are scaled.

    Returns:
        ``"clipped"`` and ``"normalised"``, float32 of shape ``(n,)``.
    """
    arrows = tf.constant(length, tf.float32)[:, None] * tf.constant([[0.6, 0.8]])
    return {
        "clipped": tf.norm(tf.clip_by_norm(arrows, bound, axes=[1]), axis=1).numpy(),
        "normalised": tf.norm(bound * tf.math.l2_normalize(arrows, axis=1), axis=1).numpy(),
    }


def bowl(w: tf.Tensor) -> tf.Tensor:
    """Return a loss 25 times as steep across the valley as along it; `w` is ``(..., 2)``."""
    return 0.1 * (w[..., 0] ** 2 + 25.0 * w[..., 1] ** 2)


def canyon(w: tf.Tensor) -> tf.Tensor:
    """Return a loss that is nearly flat between two cliffs; `w` has shape ``(..., 2)``."""
    beyond = tf.nn.relu(tf.abs(w[..., 0]) - 2.0)
    return 0.05 * (w[..., 0] ** 2 + w[..., 1] ** 2) + 0.5 * beyond**3


LOSSES: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "a narrow valley": bowl,
    "a floor between cliffs": canyon,
}


@tf.function
def _three_paths(loss: Callable, start: tf.Tensor, rate: tf.Tensor, bound: tf.Tensor) -> tuple:
    w = tf.tile(start[None], [len(PATHS), 1])
    places = tf.TensorArray(tf.float32, STEPS + 1).write(0, w)
    losses = tf.TensorArray(tf.float32, STEPS + 1).write(0, loss(w))
    for step in tf.range(1, STEPS + 1):
        with tf.GradientTape() as tape:
            tape.watch(w)
            height = loss(w)
        plain, value, norm = tf.unstack(tape.gradient(height, w))
        value = tf.clip_by_value(value, -bound, bound)
        norm = tf.clip_by_norm(norm, bound)
        w = w - rate * tf.stack([plain, value, norm])
        places = places.write(step, w)
        losses = losses.write(step, loss(w))
    return places.stack(), losses.stack()


def three_paths(
    loss: str, start: Sequence[float], rate: float, bound: float
) -> tuple[np.ndarray, np.ndarray]:
    """Descend from `start` three times: unclipped, clipped by value, clipped by norm (`PATHS`).

    Args:
        loss: A key of `LOSSES`.
        start: Two numbers.
        rate: The learning rate.
        bound: Of both clips.

    Returns:
        The places, shape ``(STEPS + 1, 3, 2)``, and the losses, ``(STEPS + 1, 3)``. A
        path that diverges goes on to infinity and NaN.
    """
    arguments = (tf.constant(each, tf.float32) for each in (start, rate, bound))
    places, losses = _three_paths(LOSSES[loss], *arguments)
    return places.numpy(), losses.numpy()


def clip_slices(matrix: np.ndarray, bound: float, over: str) -> tuple[np.ndarray, np.ndarray]:
    """Clip a matrix by the norm of its slices.

    Args:
        matrix: Shape ``(rows, columns)``.
        bound: The largest norm a slice may keep.
        over: A key of `SLICES`.

    Returns:
        The clipped matrix, and the norms of its slices before, each float32.
    """
    axes = SLICES[over]
    matrix = tf.constant(matrix, tf.float32)
    norms = tf.norm(matrix, axis=axes)
    return tf.clip_by_norm(matrix, bound, axes=axes).numpy(), np.atleast_1d(norms.numpy())


# ---- scenes -----------------------------------------------------------------------------------


class ArrowAndBall(Scene):
    """A gradient of two numbers, clipped by norm to a ball and by value to a box."""

    alt = (
        "A gradient as an arrow, a ball and a box around the origin. The arrow clipped by norm "
        "ends on the ball and points the same way; clipped by value it ends on the box."
    )
    labels = {
        "first": "first number",
        "second": "second number",
        "bound": "bound c",
        "how": "clip",
    }
    colours = {"first": theme.RAW, "second": theme.RAW, "bound": theme.BOUND}
    size = (10.0, 5.2)

    def draw(self) -> None:
        """Draw the plane and, beside it, bars for the lengths."""
        plane, bars = self.figure.subplots(1, 2, width_ratios=[1.15, 1])
        plane.set(xlim=(-5.6, 5.6), ylim=(-5.6, 5.6), aspect="equal")
        plane.set(xlabel="first number", ylabel="second number")
        arrow = {**theme.ARROW_STYLE, "width": 0.016}
        looks = {"gradient": theme.RAW, "by norm": theme.CLIPPED, "by value": theme.GRADIENT}
        self.arrows = {
            name: self.moves(plane.quiver(0, 0, 1, 1, color=colour, label=name, **arrow))
            for name, colour in looks.items()
        }
        self.ball, self.box = self.moves(
            *plane.plot([], [], color=theme.CLIPPED, ls=theme.BOUND_LINE, lw=1.8),
            *plane.plot([], [], color=theme.GRADIENT, ls=":", lw=2.2),
        )
        theme.legend_above(plane)
        bars.set(xlim=(-0.6, 2.6), ylim=(0, 8.4), ylabel="length", xticks=range(3))
        bars.set_xticklabels(looks)
        bars.grid(axis="x", visible=False)
        self.bars = self.moves(*bars.bar(range(3), 0, color=looks.values(), width=0.6))
        self.numbers = [self.moving_text(bars, i, 0, ha="center", va="bottom") for i in range(3)]

    def update(
        self, first: float = 3.0, second: float = 4.0, bound: float = 2.0, how: str = "by norm"
    ) -> str:
        """Clip ``[first, second]`` to `bound`."""
        raw = np.array([first, second], np.float32)
        clips = {"by norm": by_norm, "by value": by_value}
        shown = {n: f(raw, bound) for n, f in clips.items() if how in (n, "both")}
        for i, (name, arrow) in enumerate(self.arrows.items()):
            ends = raw if name == "gradient" else shown.get(name, np.zeros(2))
            arrow.set_UVC(*ends)
            visible = name == "gradient" or name in shown
            arrow.set_visible(visible)
            length = np.linalg.norm(ends)
            self.bars[i].set_height(length)
            self.numbers[i].set(text=f"{length:.2f}" if visible else "", y=length + 0.1)
        turn = np.linspace(0, 2 * np.pi, 91)
        self.ball.set_data(bound * np.cos(turn), bound * np.sin(turn))
        self.box.set_data(
            bound * np.array([-1, 1, 1, -1, -1]), bound * np.array([-1, -1, 1, 1, -1])
        )
        self.ball.set_visible("by norm" in shown)
        self.box.set_visible("by value" in shown)
        if not raw.any():
            return "The gradient is zero. Every clip leaves it at zero, and it points nowhere."
        told = (
            f"clipped {name}: [{v[0]:.2f}, {v[1]:.2f}], length {np.linalg.norm(v):.2f}, turned by "
            f"{degrees_between(raw, v):.1f} degrees"
            for name, v in shown.items()
        )
        start = f"[{first:g}, {second:g}] has length {np.linalg.norm(raw):.2f}"
        return f"{start}; {'; '.join(told)}."


class InAndOut(Scene):
    """The length of an arrow after clipping and after normalising, against its length before."""

    alt = (
        "Length after against length before. The clip follows the diagonal and goes flat at the "
        "bound. Normalising is flat everywhere: it lengthens short arrows."
    )
    labels = {"length": "length before r", "bound": "bound c"}
    colours = {"length": theme.RAW, "bound": theme.BOUND}
    span = (0.0, 8.0)

    def draw(self) -> None:
        """Draw the diagonal, on which nothing would change."""
        axes = self.figure.subplots()
        axes.set(xlim=self.span, ylim=(0, 8.4), xlabel="length before", ylabel="length after")
        axes.plot(self.span, self.span, color=theme.RAW, lw=1.5, label="unchanged")
        # Not from 0 itself, where the normalised length jumps.
        self.grid = np.linspace(0.02, self.span[1], 200)
        self.here = self.moves(axes.axvline(0, color=theme.RAW, ls=":", lw=2))
        styles: dict[str, dict[str, Any]] = {
            "normalised": {"color": theme.MUTED, "ls": "--", "marker": "D"},
            "clipped": {"ls": "-", **theme.CLIPPED_STYLE},
        }
        self.curves, self.dots = {}, {}
        for name, look in styles.items():
            marker = look.pop("marker")
            self.curves[name] = self.moves(*axes.plot([], [], label=name, **look))
            self.dots[name] = self.moves(
                *axes.plot([0], [0], marker, color=look["color"], ms=11, clip_on=False)
            )
        axes.legend(loc="upper left")

    def update(self, length: float = 0.5, bound: float = 2.0) -> str:
        """Send an arrow of `length` through both."""
        curves, points = length_out(self.grid, bound), length_out([length], bound)
        for name, curve in self.curves.items():
            curve.set_data(self.grid, curves[name])
            self.dots[name].set_data([length], points[name])
        self.here.set_xdata([length, length])
        clipped, normalised = (float(points[n][0]) for n in ("clipped", "normalised"))
        if length == 0:
            return "An arrow of length 0 stays at 0 in both: it has no direction to keep."
        told = (
            f"An arrow of length {length:g} has length {clipped:.2f} after the clip and "
            f"{normalised:.2f} after normalising."
        )
        times = normalised / length
        if abs(times - 1) < 1e-6:
            return told
        return f"{told} Normalising makes it {times:.2f} times as long."


class DownTheValley(Scene):
    """Gradient descent on two landscapes, unclipped, clipped by value and clipped by norm."""

    alt = (
        "Left: a loss as contour lines with three paths of gradient descent. Right: the loss at "
        "each step. A path ends with a cross where it leaves the picture."
    )
    labels = {
        "loss": "landscape",
        "rate": "learning rate η",
        "bound": "bound c",
        "start": "start w₁",
    }
    colours = {"rate": theme.RAW, "bound": theme.BOUND}
    size = (10.0, 4.9)
    view = (5.0, 3.0)
    start_height = 2.5
    heights = (1e-6, 1e3)
    looks = (theme.RAW_STYLE, {"color": theme.GRADIENT, "marker": "^"}, theme.CLIPPED_STYLE)

    def draw(self) -> None:
        """Draw the contours of both landscapes; one of them is shown at a time."""
        plane, loss = self.figure.subplots(1, 2, width_ratios=[1.4, 1])
        wide, high = self.view
        plane.set(xlim=(-wide, wide), ylim=(-high, high), xlabel="weight w₁", ylabel="weight w₂")
        plane.grid(visible=False)
        loss.set(xlim=(-1, STEPS + 1), ylim=self.heights, yscale="log")
        loss.set(xlabel="step", ylabel="loss")
        x, y = np.meshgrid(np.linspace(-wide, wide, 81), np.linspace(-high, high, 49))
        points = tf.constant(np.stack([x, y], -1), tf.float32)
        self.contours = {
            name: self.moves(
                plane.contour(x, y, f(points), levels=np.geomspace(0.02, 20, 10), colors="#c4c4c4")
            )
            for name, f in LOSSES.items()
        }
        plane.plot([0], [0], "*", color=theme.TRUE, ms=16)
        self.lines, self.ends = [], []
        for name, look in zip(PATHS, self.looks, strict=True):
            style = {"lw": 2, "ms": 5, "markevery": 1, **look}
            self.lines.append(
                self.runs(
                    *plane.plot([], [], label=name, **style),
                    *loss.plot([], [], **(style | {"markevery": 6})),
                )
            )
            self.ends.append(self.runs(*plane.plot([], [], "X", color=look["color"], ms=13)))
        theme.legend_above(plane)

    def update(
        self,
        loss: str = "a floor between cliffs",
        rate: float = 2.0,
        bound: float = 0.5,
        start: float = 3.5,
    ) -> str:
        """Take `STEPS` steps of size `rate` from ``(start, 2.5)``."""
        for name, contour in self.contours.items():
            contour.set_visible(name == loss)
        places, losses = three_paths(loss, [start, self.start_height], rate, bound)
        told = []
        for path, (line, curve) in enumerate(self.lines):
            inside = self._steps_inside(places[:, path])
            seen = places[:inside, path]
            line.set_data(*seen.T)
            curve.set_data(np.arange(inside), np.clip(losses[:inside, path], *self.heights))
            left = inside <= STEPS
            self.ends[path].set_data(*(seen[-1:].T if left else ([], [])))
            distance = np.hypot(*seen[-1])
            outcome = (
                f"leaves the picture at step {inside}"
                if left
                else "arrives"
                if distance < NEAR
                else f"ends {distance:.2f} from the minimum"
            )
            told.append(f"{PATHS[path]}: {outcome}")
        return f"η = {rate:.3g}, c = {bound:.3g}, after {STEPS} steps. {'; '.join(told)}."

    def _steps_inside(self, path: np.ndarray) -> int:
        """Return how many places of `path`, from the first, lie in the picture."""
        inside = np.all(np.abs(path) <= self.view, axis=1)
        return len(path) if inside.all() else int(np.argmin(inside))


class MatrixByNorm(Scene):
    """A matrix clipped as a whole, row by row, or column by column."""

    alt = (
        "A matrix of numbers before and after clipping by norm, as a heat map. Slices whose norm "
        "is above the bound are paler afterwards; the norms stand beside them."
    )
    labels = {"bound": "bound c", "over": "one norm for"}
    colours = {"bound": theme.BOUND}
    shape = (4, 5)

    def __init__(self):
        self.matrix = 2 * tf.random.stateless_normal(self.shape, seed=[2, 0]).numpy()

    def draw(self) -> None:
        """Draw the matrix before, and empty cells for the one after."""
        rows, columns = self.shape
        before, after = self.figure.subplots(1, 2)
        colours = {"cmap": "PuOr", "vmin": -9, "vmax": 9}
        before.imshow(self.matrix, **colours)
        self.after = self.moves(after.imshow(self.matrix, **colours))
        self.cells = []
        for (row, column), number in np.ndenumerate(self.matrix):
            before.text(column, row, f"{number:.1f}", ha="center", va="center")
            self.cells.append(self.moving_text(after, column, row, ha="center", va="center"))
        for axes, title in ((before, "before"), (after, "after")):
            axes.set_title(title)
            axes.axis("off")
        # The norm of a row stands to its right, that of a column below it.
        self.margins: dict[str, list[tuple[float, float]]] = {
            "each row": [(columns - 0.4, row) for row in range(rows)],
            "each column": [(column, rows - 0.2) for column in range(columns)],
            "the whole matrix": [(columns - 0.4, (rows - 1) / 2)],
        }
        most = max(map(len, self.margins.values()))
        self.norms = [
            [
                self.moving_text(axes, 0, 0, color=theme.BOUND, weight="bold", clip_on=False)
                for _ in range(most)
            ]
            for axes in (before, after)
        ]
        for axes in (before, after):
            axes.set(xlim=(-0.5, columns + 0.6), ylim=(rows + 0.1, -0.5))

    def update(self, bound: float = 3.0, over: str = "each row") -> str:
        """Clip every slice of the matrix to the norm `bound`."""
        clipped, norms = clip_slices(self.matrix, bound, over)
        self.after.set_data(clipped)
        for cell, number in zip(self.cells, clipped.ravel(), strict=True):
            # A small negative number would read -0.0.
            cell.set_text(f"{np.round(number, 1) + 0.0:.1f}")
        for texts, lengths in zip(self.norms, (norms, np.minimum(norms, bound)), strict=True):
            for i, text in enumerate(texts):
                used = i < len(lengths)
                place = self.margins[over][i] if used else (0, 0)
                text.set(text=f"{lengths[i]:.1f}" if used else "", x=place[0], y=place[1])
                text.set(ha="center" if over == "each column" else "left", va="center")
        cut = int(np.sum(norms > bound))
        what = f"{cut} of {len(norms)} norms" if len(norms) > 1 else f"{cut} of 1 norm"
        turned = degrees_between(self.matrix, clipped)
        return (
            f"One norm for {over}: {what} above {bound:g}. The whole matrix had norm "
            f"{np.linalg.norm(self.matrix):.2f} and now has {np.linalg.norm(clipped):.2f}; it is "
            f"turned by {turned:.1f} degrees (cosine {np.cos(np.radians(turned)):.3f})."
        )
