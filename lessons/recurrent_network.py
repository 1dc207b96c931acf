"""Lecture 5: a recurrent network that reads digits, and what becomes of it without its clip.

Behind ``notebooks/05_cliff.ipynb``, with ``cliff.py``. First the numbers, then the scenes. The
training is in ``lessons/digits/recurrent.py``.
"""

from functools import cache

import numpy as np
import tensorflow as tf

from lessons.arguments import check_integer
from lessons.digits.network import BATCH
from lessons.digits.recurrent import (
    CUT_BOUNDS,
    CUT_RATE,
    CUTS,
    EPOCH,
    EPOCHS,
    ROWS,
    SEEDS,
    first_weights,
    load_recurrent_runs,
    losses,
    outputs,
    rows_of_digits,
    states,
    stored_recurrent_runs,
)
from lessons.explorable import theme
from lessons.explorable.scene import Scene

FIRST_STEPS = 10


# ---- numbers ----------------------------------------------------------------------------------


@tf.function
def _step(weights, images, labels, rate, bound):
    with tf.GradientTape() as tape:
        tape.watch(weights)
        after_rows = states(weights, images, "ReLU")
        loss = losses(outputs(weights, after_rows[-1]), labels)
    of_states, gradients = tape.gradient(loss, [after_rows, weights])
    clipped, _ = tf.clip_by_global_norm(gradients, bound)
    moved = [w - rate * g for w, g in zip(weights, clipped, strict=True)]
    flat = tf.reshape(tf.stack(of_states), [ROWS, -1])
    return moved, tf.norm(tf.cast(flat, tf.float64), axis=1)


@cache
def row_norms(rate: float, bound: float | None) -> np.ndarray:
    """Return the norm of the gradient at the state after each row, in the first steps of a run.

    Args:
        rate: Learning rate of SGD.
        bound: Of the global norm; None trains without clipping.

    Returns:
        Shape ``(FIRST_STEPS + 1, 28)``: before any step, and after each of the first ones.
    """
    images, labels, *_ = rows_of_digits()
    weights, found = first_weights(0), []
    limit = tf.constant(1e30 if bound is None else bound)  # above every norm
    for step in range(FIRST_STEPS + 1):
        batch = slice(step * BATCH, (step + 1) * BATCH)
        weights, norms = _step(weights, images[batch], labels[batch], tf.constant(rate), limit)
        found.append(norms.numpy())
    return np.array(found)


def print_cuts() -> None:
    """Print how eight networks do when the gradient goes back through some of the rows only."""
    runs = load_recurrent_runs()
    whole = [stored_recurrent_runs("ReLU", CUT_RATE, bound)[2][:, -1] for bound in CUT_BOUNDS]
    for bound, cut, uncut in zip(CUT_BOUNDS, runs["cut"], whole, strict=True):
        for rows, right in zip((*CUTS, ROWS), (*cut, uncut), strict=True):
            clip = "not clipped" if bound is None else f"clipped at {bound:g}"
            shares = f"{right.min():4.0%} to {right.max():4.0%} right"
            print(f"{clip:<12}  gradient through {rows:>2} rows: {shares}")


# ---- scenes -----------------------------------------------------------------------------------


class AlongTheRows(Scene):
    """The norm of the gradient at each row of the digits, after the first steps of training."""

    alt = (
        "Norm of the gradient at the state after each of 28 rows, on a log axis, for a run without "
        "clipping and for one with it. The loss is at the right, behind the last row."
    )
    labels = {"rate": "learning rate η", "bound": "bound c", "step": "steps taken"}
    colours = {"rate": theme.RAW, "bound": theme.BOUND}
    span = (1e-6, 1e6)

    def draw(self) -> None:
        """Draw the axes."""
        axes = self.figure.subplots()
        axes.set(xlim=(0, ROWS + 1), ylim=self.span, yscale="log")
        axes.set(xlabel="row (28 is the last)", ylabel="norm of the gradient")
        axes.set_yticks(10.0 ** np.arange(-6, 7, 3))
        self.lines = [
            self.moves(*axes.plot([], [], mark, color=colour, ms=size, lw=1.6, label=label))
            for mark, colour, size, label in (
                ("-o", theme.RAW, 8, "without clipping"),
                ("-s", theme.CLIPPED, 5, "clipped"),
            )
        ]
        theme.legend_above(axes)

    def update(self, rate: float = 0.03, bound: float = 1.0, step: int = 1) -> str:
        """Show the gradient after `step` steps."""
        check_integer("step", step, 0, FIRST_STEPS)
        told = []
        for line, limit in zip(self.lines, (None, bound), strict=True):
            norms = row_norms(rate, limit)[step]
            line.set_data(np.arange(1, ROWS + 1), np.clip(norms, *self.span))
            told.append(_along(norms))
        return (
            f"Steps taken: {step}, with η = {rate:g}. Without clipping {told[0]}. "
            f"Clipped at {bound:g}, {told[1]}."
        )


def _along(norms: np.ndarray) -> str:
    if not np.isfinite(norms).all():
        return "the gradient is no longer finite"
    if norms[-1] == 0:
        return "the gradient is 0 at every row"
    row = int(norms.argmax())
    if row == ROWS - 1:
        return "the gradient is longest at the last row"
    return (
        f"the gradient is longest at row {row + 1}, {norms[row] / norms[-1]:.1g} times as long "
        "as at the last row"
    )


class RowByRow(Scene):
    """Eight recurrent networks, trained with and without clipping; read from stored runs."""

    alt = (
        "Left: the global norm of the gradient at each step of one run without clipping and one "
        "with it, on a log axis. Right: the share of test digits that are right after each of "
        "eight epochs, for eight networks of each kind, and their median as a thick line."
    )
    labels = {"rate": "learning rate η", "bound": "bound c", "activation": "activation f"}
    colours = {"rate": theme.RAW, "bound": theme.BOUND}

    def draw(self) -> None:
        """Draw two axes, and a line for each network."""
        norms, shares = self.figure.subplots(1, 2)
        steps = EPOCH * EPOCHS
        norms.set(xlim=(-4, steps + 4), xlabel="step", ylabel="global norm before the clip")
        theme.log_axis(norms, -3, 9)
        shares.set(xlim=(-0.2, EPOCHS + 0.2), xlabel="epoch", ylabel="test accuracy")
        theme.percent_axis(shares)
        looks = {"without clipping": theme.RAW_STYLE, "clipped": theme.CLIPPED_STYLE}
        self.norms, self.shares, self.medians = [], [], []
        for name, look in looks.items():
            colour, thin = look["color"], {**look, "lw": 0.8, "ms": 4, "alpha": 0.6}
            self.norms.append(self.runs(*norms.plot([], [], color=colour, lw=1.8, label=name)))
            self.shares.append([self.moves(*shares.plot([], [], **thin)) for _ in SEEDS])
            self.medians.append(self.runs(*shares.plot([], [], color=colour, lw=4)))
        self.bound = self.moves(norms.axhline(1, **theme.BOUND_STYLE, label="bound c"))
        theme.legend_above(norms)

    def update(self, rate: float = 0.03, bound: float = 1.0, activation: str = "ReLU") -> str:
        """Show the runs with the learning rate `rate`."""
        self.bound.set_ydata([bound, bound])
        told = []
        lines = zip((None, bound), self.norms, self.shares, self.medians, strict=True)
        for limit, norms, shares, median in lines:
            _, norm, right = stored_recurrent_runs(activation, rate, limit)
            norms.set_data(np.arange(len(norm)), np.clip(norm, 1e-3, 1e9))
            epochs = np.arange(EPOCHS + 1)
            for line, share in zip(shares, right, strict=True):
                line.set_data(epochs, share)
            # A run that is played has a point for each step.
            after = np.arange(EPOCH * EPOCHS + 1) / EPOCH
            median.set_data(after, np.interp(after, epochs, np.median(right, axis=0)))
            low, middle, high = np.percentile(right[:, -1], [0, 50, 100])
            told.append(f"{low:.0%} to {high:.0%} of the test digits right (median {middle:.0%})")
        return (
            f"{activation}, η = {rate:g}: after {EPOCHS} epochs the eight networks without "
            f"clipping get {told[0]}, those clipped at {bound:g} get {told[1]}."
        )
