"""Lecture 1: clipping by value, ReLU as a clip, and the gradient of a clip.

Behind ``notebooks/01_clip_by_value_and_relu.ipynb``, whose first scene is in
``lessons/transfer_curve.py``. First the numbers, all of them computed by TensorFlow, then the
scenes that draw them.
"""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from lessons.explorable import theme
from lessons.explorable.scene import Scene
from lessons.geometry import degrees_between
from lessons.transfer_curve import moved_up_and_down

FUNCTIONS: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "clip_by_value(x, −1, 1)": lambda x: tf.clip_by_value(x, -1.0, 1.0),
    "relu(x)": tf.nn.relu,
    "maximum(x, 0)": lambda x: tf.maximum(x, 0.0),
    "relu6(x)": tf.nn.relu6,
    "clip_by_value(x, 0, 6)": lambda x: tf.clip_by_value(x, 0.0, 6.0),
}


# ---- numbers ----------------------------------------------------------------------------------


def clip(values: Sequence[float] | np.ndarray, low: float, high: float) -> np.ndarray:
    """Return `values` as float32, clipped to ``[low, high]`` by ``tf.clip_by_value``."""
    return tf.clip_by_value(tf.constant(values, tf.float32), low, high).numpy()


def value_and_slope(
    function: Callable[[tf.Tensor], tf.Tensor], x: Sequence[float] | np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``function(x)`` and its derivative at each element of `x`.

    Args:
        function: Acts element by element, built from TensorFlow operations.
        x: Any shape.

    Returns:
        Two float32 arrays of the shape of `x`.
    """
    x = tf.constant(x, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return y.numpy(), tape.gradient(y, x).numpy()


def noisy(image: np.ndarray, noise: float) -> np.ndarray:
    """Return an image of 0 to 255 as 0 to 1, with the same noise at every call.

    Args:
        image: Shape ``(28, 28)``, uint8.
        noise: Standard deviation of the noise, in units of white.
    """
    grains = np.random.default_rng(0).normal(size=image.shape)
    return (image / 255 + noise * grains).astype(np.float32)


def turned(gradient: Sequence[float], bound: float) -> tuple[np.ndarray, float]:
    """Clip a gradient by value and measure how far that turns it.

    Args:
        gradient: Any numbers, not all zero.
        bound: Above 0; every number is clipped to ``[-bound, bound]``.

    Returns:
        The clipped gradient, and its angle to `gradient` in degrees.
    """
    clipped = clip(gradient, -bound, bound)
    return clipped, degrees_between(gradient, clipped)


# ---- scenes -----------------------------------------------------------------------------------


class NoisyDigit(Scene):
    """A handwritten digit with noise, before and after a clip, and its histogram.

    Args:
        image: Shape ``(28, 28)``, uint8, white on black.
    """

    alt = (
        "A noisy handwritten digit before and after clipping, and a histogram of its pixels in "
        "which the clipped pixels pile up at the bounds."
    )
    labels = {"noise": "noise σ", "low": "lower bound a", "high": "upper bound b"}
    colours = {"noise": theme.RAW, "low": theme.BOUND, "high": theme.BOUND}
    size = (10.0, 3.9)
    shown = (-1.0, 2.0)

    def __init__(self, image: np.ndarray):
        self.image = image
        self.edges = np.linspace(*self.shown, 61)

    def draw(self) -> None:
        """Draw the frames of both pictures and of the histogram."""
        before, after, histogram = self.figure.subplots(1, 3, width_ratios=[1, 1, 1.5])
        self.before, self.after = (
            self.moves(
                axes.imshow(self.image / 255, cmap="gray", vmin=self.shown[0], vmax=self.shown[1])
            )
            for axes in (before, after)
        )
        for axes, title in ((before, "before"), (after, "after")):
            axes.set_title(title)
            axes.axis("off")
        histogram.set(
            xlim=self.shown, ylim=(0.7, 1200), yscale="log", xlabel="pixel value", ylabel="pixels"
        )
        empty = np.ones(len(self.edges) - 1)
        self.bars_before = self.moves(
            histogram.stairs(
                empty, self.edges, baseline=0.7, fill=True, color=theme.FILL[theme.RAW]
            )
        )
        self.bars_after = self.moves(
            histogram.stairs(empty, self.edges, baseline=0.7, color=theme.CLIPPED, lw=2)
        )
        self.bounds = self.moves(*(histogram.axvline(0, **theme.BOUND_STYLE) for _ in range(2)))
        self.bars_before.set_label("before")
        self.bars_after.set_label("after")
        histogram.legend(loc="upper right")

    def update(self, noise: float = 0.2, low: float = 0.0, high: float = 1.0) -> str:
        """Add noise of standard deviation `noise`, then clip to ``[low, high]``."""
        raw = noisy(self.image, noise)
        out = clip(raw, low, high)
        self.before.set_data(raw)
        self.after.set_data(out)
        for bars, pixels in ((self.bars_before, raw), (self.bars_after, out)):
            counts, _ = np.histogram(np.clip(pixels, *self.shown), self.edges)
            # A count of 0 has no place on a log axis; 0.7 is its floor.
            bars.set_data(np.maximum(counts, 0.7))
        for line, bound in zip(self.bounds, (low, high), strict=True):
            line.set_xdata([bound, bound])
        if low > high:
            return f"The lower bound {low:g} is above the upper one: every pixel becomes {low:g}."
        up, down = moved_up_and_down(raw, out)
        return (
            f"{up + down} of {out.size} pixels clipped: {up} raised to {low:g}, "
            f"{down} lowered to {high:g}."
        )


class SlopeOfClip(Scene):
    """A clip above, its derivative below: where that is 0, nothing upstream learns."""

    alt = (
        "Above, a function that is flat on one side or on both. Below, its gradient: 1 on the "
        "slope, 0 on the flat parts, which are shaded. Dots mark the gradient at the corners."
    )
    labels = {"function": "function", "x": "input x"}
    colours = {"x": theme.RAW}
    size = (10.0, 4.8)
    span = (-3.0, 8.0)
    corners = (-1.0, 0.0, 1.0, 6.0)

    def draw(self) -> None:
        """Draw two panels over one axis; compute the curves of every function."""
        above, below = self.figure.subplots(2, 1, sharex=True, height_ratios=[1.5, 1])
        above.set(xlim=self.span, ylim=(-1.6, 8.4), ylabel="output")
        below.set(ylim=(-0.25, 1.35), yticks=[0, 1], ylabel="gradient", xlabel="input x")
        # An even number of points: none falls on a corner, where the slope jumps.
        self.grid = np.linspace(*self.span, 440)
        self.curves = {name: value_and_slope(f, self.grid) for name, f in FUNCTIONS.items()}
        self.silent = self.moves(
            below.fill_between(
                self.grid, -0.25, 1.35, color=theme.FILL[theme.BOUND], label="nothing learns"
            )
        )
        self.value = self.moves(*above.plot([], [], color=theme.CLIPPED))
        self.slope = self.moves(*below.plot([], [], color=theme.GRADIENT))
        self.at_corners = self.moves(*below.plot([], [], "o", color=theme.GRADIENT))
        self.here = self.moves(
            *(axes.axvline(0, color=theme.RAW, ls=":", lw=2) for axes in (above, below))
        )
        self.dots = self.moves(
            # Not cut off at the ends of the slider, where they stand on the edge.
            *above.plot([0], [0], ls="", ms=11, clip_on=False, **theme.CLIPPED_STYLE),
            *below.plot([0], [0], "D", color=theme.GRADIENT, ms=11, clip_on=False),
        )
        below.legend(loc="center right", handlelength=1.2)

    def update(self, function: str = "clip_by_value(x, −1, 1)", x: float = 2.0) -> str:
        """Show `function` and its gradient, at `x` in particular."""
        value, slope = self.curves[function]
        self.value.set_data(self.grid, value)
        self.slope.set_data(self.grid, np.where(self._jumps(slope), np.nan, slope))
        self.silent.set_data(self.grid, -0.25, 1.35, where=slope == 0)
        corners = [c for c in self.corners if np.ptp(slope[np.abs(self.grid - c) < 0.1]) > 0]
        self.at_corners.set_data(corners, value_and_slope(FUNCTIONS[function], corners)[1])
        y, dy = value_and_slope(FUNCTIONS[function], x)
        for line, dot, height in zip(self.here, self.dots, (y, dy), strict=True):
            line.set_xdata([x, x])
            dot.set_data([x], [height])
        place = " This is a corner." if x in corners else ""
        learns = "What lies upstream learns." if dy else "Nothing upstream learns."
        return f"{function} at x = {x:g} is {y:g}; its gradient there is {dy:g}.{place} {learns}"

    @staticmethod
    def _jumps(slope: np.ndarray) -> np.ndarray:
        """Return where the slope differs from its left neighbour: the line breaks there."""
        return np.diff(slope, prepend=slope[0]) != 0


class BentArrow(Scene):
    """A gradient of two numbers, clipped number by number: it ends in the corner of a box."""

    alt = (
        "Left: an arrow, and the same arrow clipped to a square box. Right: the angle between them "
        "against the size of the box."
    )
    labels = {"bound": "bound c"}
    colours = {"bound": theme.BOUND}
    gradient = (3.0, 4.0)
    bounds = (0.5, 5.0)

    def draw(self) -> None:
        """Draw the gradient that comes in, and the angle for every bound."""
        plane, angle = self.figure.subplots(1, 2)
        plane.set(xlim=(-0.4, 5.4), ylim=(-0.4, 5.4), aspect="equal")
        plane.set(xlabel="first number", ylabel="second number")
        arrow = {**theme.ARROW_STYLE, "width": 0.018}
        plane.quiver(0, 0, *self.gradient, color=theme.RAW, label="gradient", **arrow)
        self.clipped = self.moves(
            plane.quiver(0, 0, 1, 1, color=theme.CLIPPED, label="clipped", **arrow)
        )
        self.box = self.moves(*plane.plot([], [], **theme.BOUND_STYLE, label="bound"))
        theme.legend_above(plane, loc="outside upper left")
        angle.set(xlim=(0, 5.2), ylim=(-0.5, 10), xlabel="bound c", ylabel="turned by (degrees)")
        grid = np.linspace(*self.bounds, 181)
        angle.plot(grid, [turned(self.gradient, c)[1] for c in grid], color=theme.GRADIENT)
        self.here = self.moves(*angle.plot([0], [0], ls="", ms=11, **theme.CLIPPED_STYLE))

    def update(self, bound: float = 1.0) -> str:
        """Clip both numbers to ``[-bound, bound]``."""
        clipped, degrees = turned(self.gradient, bound)
        self.clipped.set_UVC(*clipped)
        self.box.set_data([-0.4, bound, bound], [bound, bound, -0.4])
        self.here.set_data([bound], [degrees])
        return (
            f"[3, 4] clipped to ±{bound:g} is [{clipped[0]:g}, {clipped[1]:g}], of length "
            f"{np.linalg.norm(clipped):.2f} instead of 5, turned by {degrees:.2f} degrees."
        )
