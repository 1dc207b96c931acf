"""Lecture 5: the cliff of one recurrent unit, unrolled, and descent with and without clipping.

Behind ``notebooks/05_cliff.ipynb``. The unit is that of figure 6 and equation 8 of Pascanu, Mikolov
and Bengio (2013): ``x = w sigmoid(x) + b``, from ``x = 0.5``; the error after T steps is
``(sigmoid(x) - 0.7)**2``. First the numbers, all of them computed by TensorFlow in float64, then
the scenes.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import tensorflow as tf
from matplotlib.colors import LinearSegmentedColormap, PowerNorm

from lessons.arguments import check_choice, check_integer
from lessons.explorable import theme
from lessons.explorable.scene import Scene
from lessons.explorable.words import typeset

LONGEST = 50
STEPS = 200
FIRST_STATE = 0.5
TARGET = 0.7
# A descent has arrived in the valley if the median error of its last steps is below this. One step
# says little: a run that jumps over the wall and back is in the valley at every other step.
ARRIVED = 0.01
LAST_STEPS = 50
# Larger than any gradient, yet small enough that its product with one does not overflow.
NO_BOUND = 1e100

PLANE_W = np.linspace(3.9, 5.8, 96)
PLANE_B = np.linspace(-3.0, -1.8, 121)

# Where curvatures are taken, and the steepest place of the walk along w = 5.
PLACES = 600
STEEPEST = -2.6123

STARTS = ((4.6, -2.2), (4.8, -2.2), (5.0, -2.5), (5.3, -2.3))
RATES = (0.05, 0.1, 0.2, 0.4)
WAYS = ("unclipped", "clipped", "random direction")
NEARBY = 25
SHIFT = 0.02


# ---- numbers ----------------------------------------------------------------------------------


def _states(w: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Return the state after 1 to `LONGEST` steps, shape ``(LONGEST, *w.shape)``."""
    x = tf.fill(tf.shape(w), tf.constant(FIRST_STATE, tf.float64))
    states = []
    for _ in range(LONGEST):
        x = w * tf.sigmoid(x) + b
        states.append(x)
    return tf.stack(states)


@cache
def plane_outputs() -> np.ndarray:
    """Return ``sigmoid(x)`` over the plane, for every length.

    Returns:
        Shape ``(LONGEST, len(PLANE_B), len(PLANE_W))``; the first entry is for one step.
    """
    w, b = tf.meshgrid(tf.constant(PLANE_W), tf.constant(PLANE_B))
    return tf.sigmoid(_states(w, b)).numpy()


@cache
def valley(length: int) -> np.ndarray:
    """Return for each of `PLANE_W` the b at which the error is 0 after `length` steps.

    Returns:
        Shape ``(len(PLANE_W),)``; NaN where that b lies outside the plane.
    """
    columns = plane_outputs()[length - 1].T
    # The output rises with b, so its inverse can be read off.
    return np.array([np.interp(TARGET, c, PLANE_B, left=np.nan, right=np.nan) for c in columns])


@tf.function(input_signature=[tf.TensorSpec([2], tf.float64)])
def cliff_gradient(place: tf.Tensor) -> tf.Tensor:
    """Return the gradient of the error after `LONGEST` steps at `place`, w and b, in float64."""
    with tf.GradientTape() as tape:
        tape.watch(place)
        w, b = tf.unstack(place)
        error = (tf.sigmoid(_states(w, b)[-1]) - TARGET) ** 2
    return tape.gradient(error, place)


@cache
def norms_and_curvatures() -> tuple[np.ndarray, np.ndarray]:
    """Return the gradient norm and the curvature at places of the plane, wall included.

    Returns:
        At `PLACES` random places, and as many on a walk over the wall at w = 5: the norm of the
        gradient, and the largest eigenvalue of the Hessian by absolute value, float64 of shape
        ``(2 * PLACES,)``.
    """
    w = tf.random.stateless_uniform([PLACES], [9, 0], 4.4, 5.6, tf.float64)
    b = tf.random.stateless_uniform([PLACES], [9, 1], -3.0, -2.0, tf.float64)
    # Closer and closer to the steepest place, from both sides.
    near = np.geomspace(1e-8, 0.3, PLACES // 2)
    w = tf.concat([w, tf.fill([PLACES], tf.constant(5.0, tf.float64))], 0)
    b = tf.concat([b, STEEPEST - near, STEEPEST + near], 0)
    with tf.GradientTape(persistent=True) as outer:
        outer.watch([w, b])
        with tf.GradientTape() as tape:
            tape.watch([w, b])
            error = (tf.sigmoid(_states(w, b)[-1]) - TARGET) ** 2
        by_w, by_b = tape.gradient(error, [w, b])
    (ww, wb), bb = outer.gradient(by_w, [w, b]), outer.gradient(by_b, b)
    hessian = tf.reshape(tf.stack([ww, wb, wb, bb], axis=1), [-1, 2, 2])
    return np.hypot(by_w, by_b), np.abs(np.linalg.eigvalsh(hessian)).max(axis=1)


@tf.function(
    input_signature=[
        tf.TensorSpec([None, 2], tf.float64),
        tf.TensorSpec([None, 1], tf.float64),
        tf.TensorSpec([None, 1], tf.float64),
        tf.TensorSpec([STEPS + 1, None, 2], tf.float64),
        tf.TensorSpec([], tf.int32),
    ]
)
def _descend(start, rate, bound, instead, length):
    place = start
    places = tf.TensorArray(tf.float64, STEPS + 1)
    errors = tf.TensorArray(tf.float64, STEPS + 1)
    norms = tf.TensorArray(tf.float64, STEPS + 1)
    for step in tf.range(STEPS + 1):
        with tf.GradientTape() as tape:
            tape.watch(place)
            w, b = tf.unstack(place, axis=1)
            error = (tf.sigmoid(tf.gather(_states(w, b), length - 1)) - TARGET) ** 2
        gradient = tape.gradient(error, place)
        norm = tf.norm(gradient, axis=1, keepdims=True)
        places = places.write(step, place)
        errors = errors.write(step, error)
        norms = norms.write(step, norm[:, 0])
        clipped = tf.clip_by_norm(gradient, bound, axes=[1])
        blind = (norm > bound) & tf.reduce_any(instead[step] != 0, axis=1, keepdims=True)
        place = place - rate * tf.where(blind, bound * instead[step], clipped)
    return places.stack(), errors.stack(), norms.stack()


def descend(
    starts: Sequence[tuple[float, float]] | np.ndarray,
    rates: Sequence[float] | np.ndarray,
    bounds: Sequence[float] | np.ndarray,
    length: int = LONGEST,
    *,
    instead: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Descend the error for `STEPS` steps, many runs at once; the gradients come from the tape.

    Args:
        starts: w and b of each run, shape ``(n, 2)``.
        rates: Learning rate of each run.
        bounds: Norm to which the gradient of each run is clipped; `NO_BOUND` for no clip.
        length: Steps in time, 1 to `LONGEST`.
        instead: Directions of length 1, taken in place of each gradient that is longer than its
            bound, shape ``(STEPS + 1, n, 2)``; zeros for a run that is only clipped
            (Goodfellow, Bengio and Courville 2016, section 10.11.1).

    Returns:
        Places ``(STEPS + 1, n, 2)``, errors and norms of the gradient ``(STEPS + 1, n)``.

    Raises:
        ValueError: `length` is out of range.
    """
    check_integer("length", length, 1, LONGEST)
    starts = np.asarray(starts, np.float64)
    columns = (np.asarray(each, np.float64).reshape(-1, 1) for each in (rates, bounds))
    if instead is None:
        instead = np.zeros((STEPS + 1, *starts.shape))
    results = _descend(starts, *columns, instead, tf.constant(length))
    return tuple(result.numpy() for result in results)


@cache
def random_directions(runs: int) -> np.ndarray:
    """Return directions of length 1 for each step of each run, shape ``(STEPS + 1, runs, 2)``."""
    arrows = tf.random.stateless_normal([STEPS + 1, runs, 2], seed=[7, 0], dtype=tf.float64)
    return tf.math.l2_normalize(arrows, axis=2).numpy()


@cache
def arrivals(way: str, bound: float, shifted: bool) -> np.ndarray:
    """Return the share of runs that arrive in the valley, for each of `STARTS` and `RATES`.

    Args:
        way: One of `WAYS`.
        bound: Of the gradient's norm.
        shifted: Whether to try `NEARBY` starts around each of `STARTS`, each moved by up to
            `SHIFT` in w and in b, in place of that one start.

    Returns:
        Shape ``(len(STARTS), len(RATES))``.

    Raises:
        ValueError: `way` is unknown.
    """
    check_choice("way", way, WAYS)
    runs = NEARBY if shifted else 1
    shape = [len(STARTS), len(RATES), runs, 2]
    starts = np.broadcast_to(np.reshape(STARTS, (-1, 1, 1, 2)), shape)
    if shifted:
        around = tf.random.stateless_uniform(shape, [8, 0], -SHIFT, SHIFT, tf.float64)
        starts = starts + around.numpy()
    starts = starts.reshape(-1, 2)
    rates = np.broadcast_to(np.reshape(RATES, (1, -1, 1)), shape[:-1])
    bounds = np.full(len(starts), NO_BOUND if way == "unclipped" else bound)
    instead = random_directions(len(starts)) if way == "random direction" else None
    _, errors, _ = descend(starts, rates, bounds, instead=instead)
    arrived = np.median(errors[-LAST_STEPS:], axis=0) < ARRIVED
    return arrived.reshape(shape[:-1]).mean(axis=2)


# ---- scenes -----------------------------------------------------------------------------------


class Cliff(Scene):
    """The error over w and b, with its wall, and descent with and without clipping."""

    alt = (
        "Left: the error over w and b as shades, with a wall beside the valley, and two paths of "
        "descent; a cross marks where a path leaves the picture. Right: the norm of the gradient "
        "and the error at each step, on log axes."
    )
    labels = {
        "start_w": "start w",
        "start_b": "start b",
        "rate": "learning rate η",
        "bound": "bound c",
        "length": "steps in time T",
    }
    colours = {"rate": theme.RAW, "bound": theme.BOUND}
    size = (10.0, 5.0)
    norm_span = (1e-5, 1e5)
    error_span = (1e-7, 1.0)
    looks: tuple[dict[str, Any], ...] = (
        {**theme.RAW_STYLE, "label": "unclipped", "zorder": 3},
        {**theme.CLIPPED_STYLE, "label": "clipped", "zorder": 2},
    )

    def draw(self) -> None:
        """Draw the axes; the shades belong to the length, and move with it."""
        grid = self.figure.add_gridspec(2, 2, width_ratios=[1.35, 1])
        plane = self.figure.add_subplot(grid[:, 0])
        norm = self.figure.add_subplot(grid[0, 1])
        error = self.figure.add_subplot(grid[1, 1], sharex=norm)
        self.image = self.moves(
            plane.imshow(
                np.zeros((len(PLANE_B), len(PLANE_W))),
                origin="lower",
                extent=(PLANE_W[0], PLANE_W[-1], PLANE_B[0], PLANE_B[-1]),
                aspect="auto",
                # The root of the error, or all but the high ground would look alike.
                norm=PowerNorm(0.5, vmin=0, vmax=1),
                cmap="Greys",
            )
        )
        plane.set(xlim=PLANE_W[[0, -1]], ylim=PLANE_B[[0, -1]], xlabel="w", ylabel="b")
        plane.grid(visible=False)
        self.valley = self.moves(*plane.plot([], [], ":", color=theme.TRUE, lw=2, label="error 0"))
        norm.set(xlim=(-5, STEPS + 5), ylim=self.norm_span, yscale="log", ylabel="norm")
        error.set(ylim=self.error_span, yscale="log", xlabel="step", ylabel="error")
        norm.set_yticks([1e-4, 1e-2, 1, 1e2, 1e4])
        error.set_yticks([1e-6, 1e-4, 1e-2, 1])
        norm.tick_params(labelbottom=False)
        self.lines, self.ends = [], []
        for run, look in enumerate(self.looks):
            thin = {"color": look["color"], "lw": 1.6, "zorder": look["zorder"]}
            # Both begin alike; where they do, the thinner blue path lies on top.
            self.lines.append(
                self.runs(
                    *plane.plot([], [], lw=1.0 + 1.2 * run, ms=2.5 + run, **look),
                    *norm.plot([], [], **thin),
                    *error.plot([], [], **thin, marker=look["marker"], ms=5, markevery=25),
                )
            )
            end = plane.plot([], [], "X", color=look["color"], ms=14, clip_on=False)[0]
            self.ends.append(self.runs(end))
        self.start = self.moves(*plane.plot([], [], "D", color="black", ms=9))
        self.line = self.moves(norm.axhline(1, **theme.BOUND_STYLE))
        theme.legend_above(plane)

    def update(
        self,
        start_w: float = 5.2,
        start_b: float = -2.3,
        rate: float = 10**-0.7,
        bound: float = 0.25,
        length: int = 50,
    ) -> str:
        """Go down from ``(start_w, start_b)`` twice."""
        self.image.set_data((plane_outputs()[length - 1] - TARGET) ** 2)
        self.valley.set_data(PLANE_W, valley(length))
        self.start.set_data([start_w], [start_b])
        self.line.set_ydata([bound, bound])
        starts, rates = [(start_w, start_b)] * 2, [rate] * 2
        runs = descend(starts, rates, [NO_BOUND, bound], length)
        told = []
        for run, look in enumerate(self.looks):
            places, errors, norms = (result[:, run] for result in runs)
            seen, left = _inside(places)
            on_plane, on_norm, on_error = self.lines[run]
            on_plane.set_data(*seen.T)
            on_norm.set_data(np.arange(STEPS + 1), np.clip(norms, *self.norm_span))
            on_error.set_data(np.arange(STEPS + 1), np.clip(errors, *self.error_span))
            self.ends[run].set_data(*(seen[-1:].T if left else ([], [])))
            leaves = f"leaves the picture at step {left}, " if left else ""
            w, b = places[-1]
            told.append(
                f"{look['label']}, largest norm {norms.max():.3g}: {leaves}ends at w = {w:.2f}, "
                f"b = {b:.2f} with error {errors[-1]:.2g}"
            )
        return f"{STEPS} steps. {told[0].capitalize()}. {told[1].capitalize()}."


def _inside(places: np.ndarray) -> tuple[np.ndarray, int]:
    """Return a path up to where it leaves the plane, and the step at which it is out; 0 if never.

    If it leaves, its last place is where it crosses the edge.
    """
    low, high = np.array([PLANE_W[0], PLANE_B[0]]), np.array([PLANE_W[-1], PLANE_B[-1]])
    out = ((places < low) | (places > high)).any(axis=1)
    if not out.any():
        return places, 0
    left = int(np.argmax(out))
    last, step = places[left - 1], places[left] - places[left - 1]
    edge = np.where(step > 0, high, low)
    # The share of the step that leads to each edge; a coordinate that stands still reaches none.
    shares = np.divide(edge - last, step, out=np.full(2, np.inf), where=step != 0)
    return np.vstack([places[:left], last + shares.min() * step]), left


class SafeRate(Scene):
    """The learning rate that the curvature allows, by the norm of the gradient at the cliff."""

    alt = (
        "Dots on two log axes, one for each place of the plane: the norm of the gradient, and one "
        "over the curvature there, which falls as the norm grows. The fixed learning rate is a "
        "level line; the rate of a clipped step bends at the bound and falls too, but not as fast."
    )
    span = (1e-2, 1e4)

    def draw(self) -> None:
        """Draw the places; both lines move."""
        axes = self.figure.subplots()
        axes.set(xscale="log", yscale="log", xlim=self.span, ylim=(1e-9, 1e2))
        axes.set(xlabel="norm of the gradient", ylabel="learning rate")
        norms, curvatures = norms_and_curvatures()
        axes.plot(norms, 1 / curvatures, ".", color=theme.MUTED, ms=5, label="1 / curvature")
        self.norms = np.geomspace(*self.span, 121)
        self.fixed = self.moves(
            *axes.plot(self.norms, self.norms, color=theme.RAW, lw=2, label="not clipped: η")
        )
        self.clipped = self.moves(
            *axes.plot(
                [], [], "--", color=theme.CLIPPED, lw=3, label="clipped: η · min(1, c / norm)"
            )
        )
        theme.legend_above(axes)

    def update(self, rate: float = 10**-0.7, bound: float = 0.25) -> str:
        """Compare both rates with what the curvature allows."""
        self.fixed.set_ydata(np.full(len(self.norms), rate))
        self.clipped.set_data(self.norms, rate * np.minimum(1, bound / self.norms))
        steep = self.span[1] / 10
        return (
            f"Where the norm is {steep:g} a step has the rate {rate:.2g} without a clip, and "
            f"{rate * min(1, bound / steep):.1g} clipped at {bound:.2g}."
        )


class Arrivals(Scene):
    """Which descents arrive, for four starts and four learning rates."""

    alt = (
        "Three tables of four starts by four learning rates: unclipped, clipped, and with a step "
        "in a random direction in place of a clipped one. Each cell says how many runs arrive."
    )
    labels = {"bound": "bound c", "starts": "starts"}
    colours = {"bound": theme.BOUND}
    size = (10.0, 4.0)
    slow = True
    choices = ("these four", "25 around each")

    def draw(self) -> None:
        """Draw three empty tables."""
        pale = LinearSegmentedColormap.from_list("arrives", ["#f4f4f4", theme.FILL[theme.TRUE]])
        self.tables, self.cells = [], []
        shape = (len(STARTS), len(RATES))
        for way, axes in zip(WAYS, self.figure.subplots(1, 3, sharey=True), strict=True):
            self.tables.append(
                self.moves(axes.imshow(np.zeros(shape), cmap=pale, vmin=0, vmax=1, aspect="auto"))
            )
            self.cells.append(
                [
                    self.moving_text(axes, column, row, ha="center", va="center")
                    for row, column in np.ndindex(shape)
                ]
            )
            axes.set_title(way)
            axes.set_xticks(range(len(RATES)), RATES)
            # A minus is wider than the hyphen that the layout would measure.
            axes.set_yticks(range(len(STARTS)), [typeset(f"({w}, {b})") for w, b in STARTS])
            axes.set_xlabel("learning rate η")
            axes.grid(visible=False)
        self.figure.axes[0].set_ylabel("start (w, b)")

    def update(self, bound: float = 0.1, starts: str = "these four") -> str:
        """Run all descents with the bound `bound`."""
        shifted = starts == self.choices[1]
        runs = NEARBY if shifted else 1
        told = []
        for done, way in enumerate(WAYS):
            self.progress(done, len(WAYS))
            share = arrivals(way, bound, shifted)
            self.tables[done].set_data(share)
            for cell, own in zip(self.cells[done], share.ravel(), strict=True):
                single = "✓" if own else "✗"
                cell.set_text(f"{own * runs:.0f}" if shifted else single)
            told.append(round(share.sum() * runs))
        self.progress(len(WAYS), len(WAYS))
        free, clipped, blind = told
        return (
            f"c = {bound:g}: of {share.size * runs} runs, {free} arrive unclipped, {clipped} "
            f"clipped and {blind} in a random direction; their last {LAST_STEPS} steps have a "
            f"median error below {ARRIVED}."
        )
