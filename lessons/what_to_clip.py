"""Lecture 1, section 5: clip the gradient, and not the loss, the activation or the error.

Behind ``notebooks/01_clip_by_value_and_relu.ipynb``. First the numbers, all of them computed by
TensorFlow, then the scenes that draw them.
"""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from lessons.clip_by_value import clip, value_and_slope
from lessons.explorable import theme
from lessons.explorable.scene import Scene

TARGET = 1.0
STEPS = 60
LEARNING_RATE = 0.1
RUNS = ("nothing clipped", "gradient clipped", "loss clipped", "activation clipped")
SQUARES = ("½ e²", "Huber's loss", "½ clip(e)²")


# ---- numbers ----------------------------------------------------------------------------------


@tf.function
def _four_descents(start: tf.Tensor, bound: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    weights = tf.fill([len(RUNS)], start)
    seen_weights = tf.TensorArray(tf.float32, STEPS)
    seen_slopes = tf.TensorArray(tf.float32, STEPS)
    for step in tf.range(STEPS):
        with tf.GradientTape() as tape:
            tape.watch(weights)
            plain, gradient, loss, activation = tf.unstack(weights)
            losses = [
                0.5 * (plain - TARGET) ** 2,
                0.5 * (gradient - TARGET) ** 2,
                tf.clip_by_value(0.5 * (loss - TARGET) ** 2, 0.0, bound),
                0.5 * (tf.clip_by_value(activation, -bound, bound) - TARGET) ** 2,
            ]
        slopes = tape.gradient(losses, weights)
        slopes = tf.where(
            [False, True, False, False], tf.clip_by_value(slopes, -bound, bound), slopes
        )
        seen_weights = seen_weights.write(step, weights)
        seen_slopes = seen_slopes.write(step, slopes)
        weights = weights - LEARNING_RATE * slopes
    return seen_weights.stack(), seen_slopes.stack()


def four_descents(start: float, bound: float) -> tuple[np.ndarray, np.ndarray]:
    """Fit one weight to `TARGET` four times, with the clip in four different places (`RUNS`).

    The loss is ``(w - TARGET)**2 / 2`` and every run starts at ``w = start``. Run 0 clips nothing;
    1 clips the gradient to ``[-bound, bound]``; 2 clips the loss to ``[0, bound]``; 3 clips the
    activation, here ``w`` itself, to ``[-bound, bound]``.

    Returns:
        The weights and the gradients that were applied, each of shape ``(STEPS, 4)``.
    """
    weights, slopes = _four_descents(tf.constant(start, tf.float32), tf.constant(bound, tf.float32))
    return weights.numpy(), slopes.numpy()


def how_runs_ended(weights: np.ndarray, slopes: np.ndarray) -> list[str]:
    """Say of each run of `four_descents` whether it arrives, is on its way, or stands still.

    To arrive is to end within 0.1 of `TARGET`; to stand still is to end with a gradient of 0.
    """
    arrived = np.abs(weights[-1] - TARGET) < 0.1
    still = slopes[-1] == 0
    return [
        "arrives" if a else "stands still" if s else "is on its way"
        for a, s in zip(arrived, still, strict=True)
    ]


def huber(error: tf.Tensor, bound: float) -> tf.Tensor:
    """Return Huber's loss of each error, by Keras: ``bound`` is what Keras calls ``delta``.

    Its gradient is ``tf.clip_by_value(error, -bound, bound)`` (Huber 1964, "Robust estimation of a
    location parameter").
    """
    # Keras takes the mean over the last axis, which holds a single error here.
    error = error[..., None]
    return tf.keras.losses.huber(tf.zeros_like(error), error, delta=bound)


def losses_and_slopes(
    errors: Sequence[float] | np.ndarray, bound: float
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return three losses of each error, and their gradients.

    The second is what the authors of the DQN paper computed (Mnih et al. 2015, Methods); the third
    is what others programmed after reading it, with the clip inside of the loss.

    Args:
        errors: Shape ``(n,)``.
        bound: Above 0.

    Returns:
        Under each of `SQUARES` a loss and its gradient, float32 of shape ``(n,)``.
    """
    losses = (
        lambda e: 0.5 * e**2,
        lambda e: huber(e, bound),
        lambda e: 0.5 * tf.clip_by_value(e, -bound, bound) ** 2,
    )
    found = (value_and_slope(loss, errors) for loss in losses)
    return dict(zip(SQUARES, found, strict=True))


# ---- scenes -----------------------------------------------------------------------------------


class FourPlacesToClip(Scene):
    """One weight learns four times; only the place of the clip differs."""

    alt = (
        "Left: a weight over 59 steps, for four runs. Right: the gradient of each run. A run "
        "whose loss or activation is clipped stands still wherever its gradient is zero."
    )
    labels = {"start": "first weight w₀", "bound": "bound c"}
    colours = {"start": theme.RAW, "bound": theme.BOUND}
    size = (10.0, 4.8)
    looks = (
        theme.RAW_STYLE,
        theme.CLIPPED_STYLE,
        {"color": theme.GRADIENT, "ls": "--", "marker": "^"},
        {"color": theme.BOUND, "ls": ":", "marker": "X"},
    )

    def draw(self) -> None:
        """Draw the axes of the weight and of its gradient, and the target."""
        weight, slope = self.figure.subplots(1, 2)
        weight.set(xlim=(-1, STEPS), ylim=(-9, 9), xlabel="step", ylabel="weight w")
        slope.set(xlim=(-1, STEPS), ylim=(-10, 10), xlabel="step", ylabel="gradient applied")
        weight.axhline(TARGET, color=theme.TRUE, ls="-.", lw=1.8)
        weight.text(STEPS - 1, TARGET - 0.3, "target 1", color=theme.TRUE, ha="right", va="top")
        steps = np.arange(STEPS)
        self.lines = [
            self.runs(
                *(
                    axes.plot(steps, 0 * steps, label=name, markevery=(3 * i, 12), lw=2, **look)[0]
                    for axes in (weight, slope)
                )
            )
            for i, (name, look) in enumerate(zip(RUNS, self.looks, strict=True))
        ]
        theme.legend_above(weight)

    def update(self, start: float = 6.0, bound: float = 2.0) -> str:
        """Run all four from `start` with the bound `bound`."""
        weights, slopes = four_descents(start, bound)
        for run, (weight, slope) in enumerate(self.lines):
            weight.set_ydata(weights[:, run])
            slope.set_ydata(slopes[:, run])
        ended = zip(RUNS, how_runs_ended(weights, slopes), strict=True)
        told = "; ".join(f"{run}: {outcome}" for run, outcome in ended)
        return (
            f"From w = {start:g} with c = {bound:g}, after {STEPS - 1} steps. "
            f"{told[0].upper()}{told[1:]}."
        )


class HubersLoss(Scene):
    """Half the square of an error, Huber's loss, and the square of a clipped error."""

    alt = (
        "Left: three losses against the error: a parabola, one that goes on as straight lines "
        "beyond the bound, and one that goes on flat. Right: their gradients. Squares mark the "
        "clipped gradient of the parabola; they lie on the gradient of Huber's loss."
    )
    labels = {"error": "error e", "bound": "bound c"}
    colours = {"error": theme.RAW, "bound": theme.BOUND}
    size = (10.0, 4.6)
    span = (-5.0, 5.0)
    looks = (
        {"color": theme.RAW, "ls": "-", "lw": 1.5},
        {"color": theme.CLIPPED, "ls": "-", "lw": 3},
        {"color": theme.GRADIENT, "ls": ":", "lw": 3},
    )
    marks = (theme.RAW_STYLE["marker"], "D", "X")

    def draw(self) -> None:
        """Draw both panels and the parabola, which no bound changes."""
        loss, slope = self.figure.subplots(1, 2)
        loss.set(xlim=(-5.2, 5.2), ylim=(-0.5, 13), xlabel="error e", ylabel="loss")
        slope.set(xlim=(-5.2, 5.2), ylim=(-5.5, 5.5), xlabel="error e", ylabel="gradient")
        # An even number of points: none falls on a bound, where the last gradient jumps.
        self.grid = np.linspace(*self.span, 400)
        self.lines, self.dots = [], []
        for name, look in zip(SQUARES, self.looks, strict=True):
            pair = [axes.plot([], [], label=name, **look)[0] for axes in (loss, slope)]
            self.lines.append(self.moves(*pair))
        every = np.arange(self.span[0], self.span[1] + 1)
        self.clipped = self.moves(
            *slope.plot(every, every, ls="", ms=9, label="clip(e)", **theme.CLIPPED_STYLE)
        )
        self.here = self.moves(
            *(axes.axvline(0, color=theme.RAW, ls=":", lw=2) for axes in (loss, slope))
        )
        for look, mark in zip(self.looks, self.marks, strict=True):
            style = {"color": look["color"], "marker": mark, "ms": 10}
            self.dots.append(
                self.moves(*(axes.plot([0], [0], **style)[0] for axes in (loss, slope)))
            )
        theme.legend_above(slope)

    def update(self, error: float = 3.0, bound: float = 1.0) -> str:
        """Show the losses with this `bound`, at this `error` in particular."""
        curves, points = (losses_and_slopes(at, bound) for at in (self.grid, [error]))
        for name, lines, dots in zip(SQUARES, self.lines, self.dots, strict=True):
            for line, dot, curve, point in zip(
                lines, dots, curves[name], points[name], strict=True
            ):
                jumps = np.abs(np.diff(curve, prepend=curve[0])) > 0.3
                line.set_data(self.grid, np.where(jumps, np.nan, curve))
                dot.set_data([error], point)
        self.clipped.set_ydata(clip(self.clipped.get_xdata(), -bound, bound))
        for line in self.here:
            line.set_xdata([error, error])
        square, huber, flat = (float(points[name][1][0]) for name in SQUARES)
        return (
            f"At an error of {error:g}, half the square has the gradient {square:g}; clipped to "
            f"±{bound:g} that is {clip([error], -bound, bound)[0]:g}. Huber's loss has the "
            f"gradient {huber:g}. Clip the error before squaring it, and the gradient is {flat:g}."
        )
