"""Lecture 2, sections 2 and 5: a clip finds the nearest point, and limits the damage of a step.

Behind ``notebooks/02_clip_by_norm_keeps_direction.ipynb``. First the numbers, all of them computed
by TensorFlow, then the scenes that draw them.
"""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from lessons.clip_by_norm import by_norm, by_value
from lessons.explorable import theme
from lessons.explorable.scene import Scene

# The clip that belongs to a shape, and the order of the norm that is at most c in it.
SHAPES = {"ball": (by_norm, 2), "box": (by_value, np.inf)}

# The largest slope of `walls`.
STEEPEST = 4.0


# ---- numbers ----------------------------------------------------------------------------------


def border(shape: str, bound: float, degrees: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the points on the border of a shape around the origin that lie in some directions.

    Args:
        shape: A key of `SHAPES`.
        bound: The radius of the ball, or half the side of the box.
        degrees: Shape ``(n,)``, counted from the first axis.

    Returns:
        Shape ``(n, 2)``.
    """
    angles = np.radians(degrees)
    ways = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    _, order = SHAPES[shape]
    return bound * ways / np.linalg.norm(ways, ord=order, axis=-1, keepdims=True)


def walls(x: tf.Tensor) -> tf.Tensor:
    """Return a loss that is nearly flat between two walls, and nowhere steeper than `STEEPEST`."""
    floor = 0.1 * (tf.sqrt(1.0 + x**2) - 1.0)
    return floor + (STEEPEST - 0.1) * tf.math.softplus(4.0 * (tf.abs(x) - 2.0)) / 4.0


def two_steps(start: float, rate: float, bound: float) -> dict[str, tuple[float, float, float]]:
    """Take one step down `walls`, unclipped and clipped.

    Args:
        start: Where the step begins.
        rate: The learning rate.
        bound: Of the clip by norm.

    Returns:
        For ``"unclipped"`` and ``"clipped"``: where the step ends, the change of the loss, and the
        most that a step of this length could change it, ``STEEPEST`` times its length.
    """
    x = tf.constant([start], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = walls(x)
    gradient = tape.gradient(loss, x)
    found = {}
    for name, used in (("unclipped", gradient), ("clipped", tf.clip_by_norm(gradient, bound))):
        end = x - rate * used
        most = STEEPEST * rate * tf.norm(used)
        found[name] = (float(end[0]), float((walls(end) - loss)[0]), float(most))
    return found


# ---- scenes -----------------------------------------------------------------------------------


class NearestPoint(Scene):
    """A point that moves along the border of a ball or a box, and its distance from a gradient."""

    alt = (
        "Left: the gradient [3, 4] as an arrow, the border of a ball or a box, a point on it, and "
        "the clipped gradient. Right: the distance of each point of the border from the gradient. "
        "It is least where the clipped gradient is."
    )
    labels = {"shape": "allowed set", "direction": "your point, degrees", "bound": "bound c"}
    colours = {"direction": theme.TRUE, "bound": theme.BOUND}
    size = (10.0, 4.8)
    gradient = (3.0, 4.0)

    def draw(self) -> None:
        """Draw the gradient, and the axes of directions and distances."""
        plane, distance = self.figure.subplots(1, 2)
        plane.set(xlim=(-0.4, 5.4), ylim=(-0.4, 5.4), aspect="equal")
        plane.set(xlabel="first number", ylabel="second number")
        distance.set(xlim=(-3, 93), ylim=(-0.2, 5.2), xticks=range(0, 91, 15))
        distance.set(xlabel="direction (degrees)", ylabel="distance from the gradient")
        arrow = {**theme.ARROW_STYLE, "width": 0.016, "color": theme.RAW}
        plane.quiver(0, 0, *self.gradient, label="gradient", **arrow)
        self.grid = np.linspace(0, 90, 181)
        self.border, self.ways = self.moves(
            *plane.plot([], [], **theme.BOUND_STYLE, label="border"),
            *plane.plot([], [], color=theme.MUTED, ls=":", lw=1.8),
        )
        self.curve = self.moves(*distance.plot([], [], color=theme.BOUND, lw=1.8))
        yours = {"color": theme.TRUE, "marker": "D", "ms": 10, "ls": "", "label": "your point"}
        clipped = {**theme.CLIPPED_STYLE, "ms": 11, "ls": "", "label": "clipped"}
        self.clipped, self.yours = (
            self.moves(*(axes.plot([0], [0], **look)[0] for axes in (plane, distance)))
            for look in (clipped, yours)
        )
        theme.legend_above(plane)

    def update(self, shape: str = "ball", direction: int = 20, bound: float = 2.0) -> str:
        """Put the point on the border of `shape`, `direction` degrees from the first axis."""
        clip, _ = SHAPES[shape]
        gradient = np.array(self.gradient)
        nearest = clip(gradient, bound)
        (yours,) = border(shape, bound, [direction])
        edge = border(shape, bound, self.grid)
        self.border.set_data(*edge.T)
        self.curve.set_data(self.grid, np.linalg.norm(edge - gradient, axis=1))
        self.ways.set_data(*np.stack([nearest, gradient, yours]).T)
        far, near = (float(np.linalg.norm(point - gradient)) for point in (yours, nearest))
        angle = np.degrees(np.arctan2(nearest[1], nearest[0]))
        for place, dots, x, y in (
            (yours, self.yours, direction, far),
            (nearest, self.clipped, angle, near),
        ):
            dots[0].set_data([place[0]], [place[1]])
            dots[1].set_data([x], [y])
        told = (
            f"Your point [{yours[0]:.2f}, {yours[1]:.2f}] on the border of the {shape} is "
            f"{far:.3f} away from [3, 4]."
        )
        if near == 0:
            return f"{told} The gradient itself lies in the {shape}: it is its own nearest point."
        at = f"[{nearest[0]:.2f}, {nearest[1]:.2f}]"
        return f"{told} The clipped gradient {at} is {near:.3f} away."


class DamageOfAStep(Scene):
    """A loss between two walls: how much one step changes it, and how much it could at most."""

    alt = (
        "Left: a loss, flat between two walls, inside a cone of the steepest slope that opens at "
        "the start; marks show where the unclipped and the clipped step land. Right: the change "
        "of the loss by each step, within the range that the length of the step allows."
    )
    labels = {"start": "start x", "rate": "learning rate η", "bound": "bound c"}
    colours = {"start": theme.TRUE, "rate": theme.RAW, "bound": theme.BOUND}
    size = (10.0, 4.8)
    looks = {"unclipped": theme.RAW_STYLE, "clipped": theme.CLIPPED_STYLE}
    heights = (-4.0, 26.0)

    def draw(self) -> None:
        """Draw the loss, and the axis of changes."""
        plane, change = self.figure.subplots(1, 2, width_ratios=[1.5, 1])
        plane.set(xlim=(-8, 8), ylim=self.heights, xlabel="weight x", ylabel="loss")
        self.grid = np.linspace(-8, 8, 161)
        self.cone = self.moves(
            plane.fill_between(
                self.grid, 0, 1, color=theme.FILL[theme.BOUND], label="within slope ±L"
            )
        )
        plane.plot(self.grid, walls(tf.constant(self.grid, tf.float32)), color=theme.GRADIENT)
        self.start = self.moves(*plane.plot([0], [0], "D", color=theme.TRUE, ms=11, label="start"))
        change.set(xlim=(-0.6, 1.6), ylim=(-42, 42), ylabel="change of the loss")
        change.set_xticks(range(2), self.looks)
        change.grid(axis="x", visible=False)
        change.axhline(0, color=theme.MUTED, lw=1)
        self.ends, self.ranges = {}, {}
        for place, (name, look) in enumerate(self.looks.items()):
            self.ends[name] = self.moves(
                *plane.plot([0], [0], ls="", ms=11, label=name, **look),
                *change.plot([place], [0], ms=11, **look),
            )
            self.ranges[name] = self.moves(
                *change.plot([place] * 2, [0, 0], **(look | {"marker": "_"}), ms=26, mew=2)
            )
        theme.legend_above(plane)

    def update(self, start: float = 4.0, rate: float = 2.5, bound: float = 0.5) -> str:
        """Take a step from `start`, unclipped and clipped to `bound`."""
        loss = float(walls(tf.constant(start, tf.float32)))
        cone = STEEPEST * np.abs(self.grid - start)
        lower, upper = (np.clip(loss + side * cone, *self.heights) for side in (-1, 1))
        self.cone.set_data(self.grid, lower, upper)
        self.start.set_data([start], [loss])
        told = []
        for name, (end, change, most) in two_steps(start, rate, bound).items():
            on_plane, in_range = self.ends[name]
            on_plane.set_data([end], [loss + change])
            in_range.set_ydata([change])
            self.ranges[name].set_ydata([-most, most])
            told.append(f"{change:.2f} ({most:.2f} at the most)")
        return (
            f"From x = {start:g}, the unclipped step changes the loss by {told[0]}, the clipped "
            f"step by {told[1]}."
        )
