"""Lecture 6: clipping in the training of a network, from the first loss to the last.

Behind ``notebooks/06_training.ipynb``. First the numbers, then the scenes that draw
them. The training itself is in ``lessons/digits/runs.py``, the map of many runs in
``lessons/digits/map.py``.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from lessons.arguments import check_choice, check_positive
from lessons.digits.map import (
    BOUNDS,
    CURVES,
    ENOUGH,
    EPOCH,
    NO_CLIP,
    PROGRAMS,
    RATES,
    bound_in_words,
    cell_index,
    died_at,
    load_map,
    outcome,
    stored_run,
)
from lessons.digits.network import BATCH, LAYERS, first_values, flat_images, network
from lessons.digits.runs import (
    OUTPUTS,
    PIECE,
    SEEDS,
    STEPS,
    Run,
    Setting,
    loss_of,
    piece_of_training,
    train,
)
from lessons.explorable import theme
from lessons.explorable.scene import Scene

LOG_RATE = 0.1
CROSS_ENTROPY = "linear, cross-entropy"


# ---- the first loss, from variances -------------------------------------------------------------

# Of a normal distribution of standard deviation 0.1, cut off at two standard deviations.
WEIGHT_VARIANCE = 0.1**2 * (1 - 4 * np.exp(-2) / np.sqrt(2 * np.pi) / 0.9544997)


@cache
def _first_batch() -> tuple[tf.Tensor, tf.Tensor]:
    """Return grey values from 0 to 255, shape ``(128, 784)``, and labels."""
    images, labels = flat_images(1.0)
    return images[:BATCH], labels[:BATCH]


@cache
def _sums_of_squares() -> np.ndarray:
    """Return the sum of the squared grey values of each image, shape ``(128,)``."""
    return np.sum(_first_batch()[0].numpy() ** 2, axis=1)


def output_variances(divisor: float) -> np.ndarray:
    """Return the variance of an output over all first weights, for each image of the first batch.

    A layer multiplies the mean square by the number of its inputs and by the variance of a weight;
    ReLU halves it (He et al. 2015, section 2.2, equations 7 to 9).

    Returns:
        Shape ``(128,)``.

    Raises:
        ValueError: `divisor` is not above 0.
    """
    check_positive("divisor", divisor)
    squares = _sums_of_squares() / divisor**2 * WEIGHT_VARIANCE
    for n_in in LAYERS[1:-1]:
        squares = squares / 2 * n_in * WEIGHT_VARIANCE
    return squares


def predicted_loss(divisor: float, output: str) -> float:
    """Return the squared error that the first batch has on average over all first weights.

    Args:
        divisor: The grey values from 0 to 255 are divided by it.
        output: One of `OUTPUTS`.

    Raises:
        ValueError: `divisor` is not above 0, or `output` unknown.
    """
    check_choice("output", output, OUTPUTS)
    v = output_variances(divisor)
    if output == "linear":
        return float(np.mean(10 * v) + 1)
    # What ReLU leaves of a normal distribution: mean square v / 2, mean sqrt(v / 2 pi), the
    # integrals over its upper half.
    return float(np.mean(10 * v / 2 - 2 * np.sqrt(v / (2 * np.pi)) + 1))


@cache
def _networks() -> list[list[tf.Variable]]:
    return [network(seed) for seed in SEEDS]


@cache
def first_losses(divisor: float, output: str) -> list[float]:
    """Return the squared error of the first batch, for the first weights of each of `SEEDS`."""
    images, labels = _first_batch()
    choice = {"output": output, "loss": "squared error"}
    return [
        float(loss_of(variables, images / divisor, labels, **choice)) for variables in _networks()
    ]


# ---- a bound from a log -------------------------------------------------------------------------


def logged(rate: float) -> Run:
    """Return the first run of the map with cross-entropy, `rate` and no clipping."""
    run = stored_run(PROGRAMS[CROSS_ENTROPY]._replace(rate=rate, bound=None))
    if run is None:
        raise ValueError(f"rate is {rate!r}. It should be one of {', '.join(map(str, RATES))}.")
    return run


def share_in_words(share: float) -> str:
    """Return the share of clipped steps in rough words.

    A run at a high learning rate is chaotic: last digits that differ from one processor to the next
    move the share by a few percent. The classes are wide, so the words stay the same.

    Args:
        share: From 0 to 1.
    """
    if share < 1 / 10:
        return "under a tenth"
    if share < 1 / 3:
        return "between a tenth and a third"
    return "about half" if share < 2 / 3 else "more than two thirds"


def bound_from_log(percentile: float) -> float:
    """Return a percentile of the norms logged at `LOG_RATE`, without clipping.

    Godbole et al. (2023), *Deep Learning Tuning Playbook*, advise taking the bound from a log.

    Args:
        percentile: From 0 to 100.
    """
    return float(np.percentile(logged(LOG_RATE).before, percentile))


# ---- a log with a spike -------------------------------------------------------------------------

SPIKE_STEPS, BROKEN_STEP = 120, 90


@cache
def log_with_a_spike() -> tuple[np.ndarray, np.ndarray]:
    """Return losses and norms of a run that meets one batch with wrong labels.

    Cross-entropy, inputs over 50, rate `LOG_RATE`, clipped at 15. At `BROKEN_STEP` every label is
    one too large.

    Returns:
        Both of shape ``(SPIKE_STEPS,)``; the norms are those before the clip.
    """
    images, labels = flat_images(50.0)
    piece = piece_of_training(True, "linear", "cross-entropy")
    values, logs = first_values(0), []
    for first in range(0, SPIKE_STEPS, PIECE):
        batch = BROKEN_STEP % EPOCH * BATCH
        is_broken = (first <= BROKEN_STEP < first + PIECE) & (
            tf.range(len(labels)) // BATCH == batch // BATCH
        )
        given = tf.where(is_broken, (labels + 1) % 10, labels)
        rates = tf.constant(LOG_RATE), tf.constant(15.0)
        values, (loss, before, _) = piece(values, tf.constant(first), *rates, images, given)
        logs.append((loss.numpy(), before.numpy()))
    losses, norms = (np.concatenate(part) for part in zip(*logs, strict=True))
    return losses, norms


# ---- scenes -----------------------------------------------------------------------------------


def _parked(values: np.ndarray, axes: Axes) -> np.ndarray:
    """Return `values` with those beyond the axes on their edge; NaN stays a gap."""
    return np.clip(values, *axes.get_ylim())


def _at_each_step(measured: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps, and the shares measured after every `PIECE` of them, joined by lines.

    A run that is played has a point for each step.
    """
    steps = np.arange(PIECE * (len(measured) - 1) + 1)
    return steps, np.interp(steps, PIECE * np.arange(len(measured)), measured)


def _run(setting: Setting, progress: Callable[[int], None]) -> Run:
    """Return the run of `setting`, from the map's file if it is there; otherwise train it."""
    run = stored_run(setting)
    if run is None:
        return train(setting, progress=progress)
    progress(STEPS)
    return run


def _cross(axes: Axes, colour: str) -> Line2D:
    """Return the mark of a step whose loss is infinite or NaN, not placed yet."""
    cross = axes.plot([], [], "X", color=colour, ms=15, mec="white", clip_on=False, zorder=5)[0]
    cross.set_in_layout(False)
    return cross


def _fate(run: Run) -> str:
    """Return what became of a run, in words."""
    if run.broke_at is not None:
        return f"the loss is no longer finite from step {run.broke_at} on"
    share = f"{run.accuracy[-1]:.0%} of the test digits are right"
    if died_at(run) >= 0:
        return f"every gradient is 0 from step {died_at(run)} on, and {share}"
    # One digit: the others depend on how a processor rounds.
    ending = float(f"{run.loss[-PIECE:].mean():.1g}")
    return f"the loss ends near {ending:g}, and {share}"


class FirstLoss(Scene):
    """The loss before any training, measured and predicted from variances."""

    alt = (
        "Loss of the first batch, on a log axis, against the number that the grey values are "
        "divided by: a bar predicted from variances, and a dot for each of eight networks."
    )
    labels = {"divisor": "inputs divided by d", "output": "output activation"}
    colours = {"divisor": theme.RAW}

    def draw(self) -> None:
        """Draw the axes. No curve: it would show the loss of every d before a slider moves."""
        axes = self.figure.subplots()
        axes.set(xlim=(20, 260), ylim=(1, 5000), yscale="log")
        axes.set(xlabel="inputs divided by d", ylabel="loss of the first batch")
        self.bar = self.moves(
            *axes.plot([], [], "_", color=theme.TRUE, ms=34, mew=4, label="predicted")
        )
        self.dots = self.moves(
            *axes.plot([], [], ls="", alpha=0.7, label="8 networks", **theme.RAW_STYLE)
        )
        axes.legend(loc="upper right")

    def update(self, divisor: int = 50, output: str = "ReLU") -> str:
        """Divide the inputs by `divisor`."""
        predicted = predicted_loss(divisor, output)
        self.bar.set_data([divisor], [predicted])
        measured = first_losses(divisor, output)
        self.dots.set_data([divisor] * len(measured), measured)
        return (
            f"Inputs divided by {divisor}, {output} output: the prediction is {predicted:.3g}; "
            f"eight networks have {min(measured):.3g} to {max(measured):.3g}, on average "
            f"{np.mean(measured):.3g}."
        )


class TwoRuns(Scene):
    """The same training with and without clipping, from the same weights, on the same batches.

    A run that the map's file holds is read from it; any other is trained when a slider is let go.
    """

    alt = (
        "Three panels over 150 training steps, with and without clipping: the loss and the global "
        "norm of the gradient on log axes, and the share of test digits that are right. A cross "
        "marks where a loss becomes infinite or NaN."
    )
    labels = {
        "rate": "learning rate η",
        "bound": "bound c",
        "divisor": "inputs divided by d",
        "output": "output activation",
        "loss": "loss L",
    }
    colours = {"bound": theme.BOUND}
    slow = True

    def draw(self) -> None:
        """Draw three axes and their empty lines."""
        panels = self.figure.subplots(1, 3)
        for axes, title in zip(panels, ("loss", "global norm", "test accuracy"), strict=True):
            axes.set(xlim=(-4, STEPS + 4), xlabel="step", title=title)
        self.losses, self.norms, shares = panels
        theme.log_axis(self.losses, -2, 6)
        theme.log_axis(self.norms, -3, 5)
        theme.percent_axis(shares)
        raw = {**theme.RAW_STYLE, "markevery": PIECE, "ms": 11, "lw": 4}
        cut = {**theme.CLIPPED_STYLE, "markevery": PIECE, "ms": 6, "lw": 2}
        styles: dict[str, dict[str, Any]] = {"without clipping": raw, "with clipping": cut}
        self.lines = {
            name: [axes.plot([], [], label=name, **style)[0] for axes in panels]
            for name, style in styles.items()
        }
        self.before = self.norms.plot(
            [], [], ":", color=theme.CLIPPED, lw=1.5, label="with, before the clip"
        )[0]
        self.bound = self.moves(self.norms.axhline(1, **theme.BOUND_STYLE, label="bound"))
        self.crosses = {name: _cross(self.losses, style["color"]) for name, style in styles.items()}
        self.runs(
            *self.lines["without clipping"],
            *self.lines["with clipping"],
            *self.crosses.values(),
            self.before,
        )
        theme.legend_above(self.norms, fontsize=12)

    def update(
        self,
        rate: float = 0.01,
        bound: float | str = 15.0,
        divisor: int = 50,
        output: str = "ReLU",
        loss: str = "squared error",
    ) -> str:
        """Train without clipping, then with it."""
        free = Setting(rate, None, float(divisor), output, loss)
        held = free._replace(bound=None if bound == NO_CLIP else float(bound))
        runs = {
            "without clipping": _run(free, lambda n: self.progress(n, 2 * STEPS)),
            "with clipping": _run(held, lambda n: self.progress(STEPS + n, 2 * STEPS)),
        }
        plain, clipped = runs.values()
        steps = np.arange(STEPS)
        for name, run in runs.items():
            losses, norms, shares = self.lines[name]
            losses.set_data(steps, _parked(run.loss, self.losses))
            norms.set_data(steps, _parked(run.after, self.norms))
            shares.set_data(*_at_each_step(run.accuracy))
            broken = [] if run.broke_at is None else [run.broke_at]
            self.crosses[name].set_data(broken, [self.losses.get_ylim()[1]] * len(broken))
        self.before.set_data(steps, _parked(clipped.before, self.norms))
        self.bound.set_visible(held.bound is not None)
        if held.bound is None:
            return f"Neither run is clipped: {_fate(clipped)}."
        self.bound.set_ydata([held.bound] * 2)
        count = np.count_nonzero(clipped.before > held.bound)
        return (
            f"Without clipping {_fate(plain)}. Clipped at {held.bound:g} in "
            f"{count} of {STEPS} steps, {_fate(clipped)}."
        )


class TrainingMap(Scene):
    """What becomes of every learning rate with every bound, and the run behind each cell."""

    alt = (
        "Left: a table of learning rates by bounds; each cell says how many percent of the test "
        "digits are right after 150 steps, the median of eight runs, or that most runs ended in "
        "NaN. Right: loss, global norm and test accuracy of one run in the marked cell."
    )
    labels = {"program": "output and loss", "rate": "learning rate η", "bound": "bound c"}
    colours = {"bound": theme.BOUND}
    size = (10.0, 5.0)

    def draw(self) -> None:
        """Draw the table and three axes."""
        self.map = load_map()
        grid = self.figure.add_gridspec(3, 2, width_ratios=[1.5, 1])
        table = self.figure.add_subplot(grid[:, 0])
        rows, columns = len(RATES), len(BOUNDS)
        shades = LinearSegmentedColormap.from_list("share", ["#ffffff", "#6fc3b1"])
        self.image = self.moves(
            table.imshow(np.zeros((rows, columns)), cmap=shades, vmin=0, vmax=1, origin="lower")
        )
        table.set(xlabel="bound c", ylabel="learning rate η", aspect="auto")
        table.set_xticks(range(columns), [bound_in_words(bound) for bound in BOUNDS], fontsize=13)
        table.set_yticks(range(rows), [f"{rate:g}" for rate in RATES], fontsize=13)
        table.grid(visible=False)
        middle = {"ha": "center", "va": "center", "size": 13}
        self.words = [
            [self.moving_text(table, x, y, **middle) for x in range(columns)] for y in range(rows)
        ]
        self.frame = self.moves(
            table.add_patch(Rectangle((0, 0), 0.96, 0.94, fill=False, lw=3.5, ec=theme.CLIPPED))
        )
        self.panels = [self.figure.add_subplot(grid[row, 1]) for row in range(3)]
        names, spans = ("loss", "norm", "right"), ((1e-2, 1e6), (1e-3, 1e5), (0, 1))
        for axes, name, span in zip(self.panels, names, spans, strict=True):
            axes.set(xlim=(-4, STEPS + 4), ylim=span, ylabel=name)
            axes.tick_params(labelsize=13)
        for axes, (low, high) in zip(self.panels[:2], ((-2, 6), (-3, 5)), strict=True):
            theme.log_axis(axes, low, high)
            axes.set_yticks(axes.get_yticks()[[0, 2, -1]])
            axes.set_xticklabels([])
        theme.percent_axis(self.panels[2], step=50)
        self.panels[2].set_xlabel("step")
        self.figure.align_ylabels(self.panels)
        self.lines = [self.runs(*axes.plot([], [], color=theme.RAW)) for axes in self.panels]
        self.cross = self.runs(_cross(self.panels[0], theme.RAW))
        self.bound = self.moves(self.panels[1].axhline(1, **theme.BOUND_STYLE))

    def update(
        self,
        program: str = "linear, cross-entropy",
        rate: float = 0.1,
        bound: float | str = 15.0,
    ) -> str:
        """Show the table of `program`, and its run with `rate` and `bound`."""
        limit = None if isinstance(bound, str) else bound
        chosen, y, x = cell_index(program, rate, limit)
        self.image.set_data(np.median(self.map["right"][chosen], axis=-1) / 1000)
        for row_rate, row in zip(RATES, self.words, strict=True):
            for column_bound, text in zip(BOUNDS, row, strict=True):
                text.set_text(outcome(program, row_rate, column_bound).in_short)
        self.frame.set_xy((x - 0.48, y - 0.47))
        curves = [self.map[name][chosen, y, x].astype(float) for name in CURVES]
        for line, axes, curve in zip(self.lines[:2], self.panels, curves, strict=False):
            line.set_data(np.arange(STEPS), _parked(curve, axes))
        self.lines[2].set_data(*_at_each_step(curves[2]))
        broken = np.flatnonzero(~np.isfinite(curves[0]))[:1]
        self.cross.set_data(broken, np.full(len(broken), self.panels[0].get_ylim()[1]))
        self.bound.set_visible(limit is not None)
        self.bound.set_ydata([limit or 1] * 2)
        return (
            f"Learning rate {rate:g}, bound {bound_in_words(limit)}: "
            f"{outcome(program, rate, limit).words}."
        )


class BoundFromLog(Scene):
    """A bound taken from the norms of a tame run, used at a higher learning rate."""

    alt = (
        "Left: the global norms logged by a run without clipping, on a log axis, the bound taken "
        "from them, and the norms of a new run that is clipped there. Right: test accuracy of the "
        "clipped run, of one without clipping, and of one with a lower learning rate instead."
    )
    labels = {"percentile": "percentile p", "rate": "learning rate η"}
    colours = {"percentile": theme.BOUND}
    slow = True

    def draw(self) -> None:
        """Draw what was logged, and axes for the new run."""
        tame = logged(LOG_RATE)
        self.norms, self.shares = self.figure.subplots(1, 2, width_ratios=[1.2, 1])
        self.norms.set(xlim=(-4, STEPS + 4), xlabel="step", ylabel="global norm before the clip")
        theme.log_axis(self.norms, -1, 3)
        label = f"logged at η = {LOG_RATE:g}, no clip"
        self.norms.plot(tame.before, ls="", ms=4, label=label, **theme.RAW_STYLE)
        self.new = self.runs(*self.norms.plot([], [], color=theme.CLIPPED, lw=1.5, label="new run"))
        self.bound = self.moves(self.norms.axhline(1, **theme.BOUND_STYLE, label="bound"))
        self.norms.legend(loc="upper right", fontsize=12)
        self.shares.set(xlim=(-4, STEPS + 4), xlabel="step", ylabel="test accuracy")
        theme.percent_axis(self.shares)
        steps = np.arange(len(tame.accuracy)) * PIECE
        self.shares.plot(
            steps, tame.accuracy, "D:", color=theme.MUTED, label=f"η = {LOG_RATE:g}, no clip"
        )
        self.free, self.clipped = (
            self.runs(*self.shares.plot([], [], mark, color=colour, markevery=PIECE, label=label))
            for mark, colour, label in (
                ("o-", theme.RAW, "new η, no clip"),
                ("s-", theme.CLIPPED, "new η, clipped"),
            )
        )
        self.shares.legend(loc="center right", fontsize=12)

    def update(self, percentile: int = 90, rate: float = 0.3) -> str:
        """Train with `rate`, clipped at a percentile of the log."""
        bound = bound_from_log(percentile)
        setting = PROGRAMS[CROSS_ENTROPY]._replace(rate=rate, bound=bound)
        run, free = train(setting, progress=lambda n: self.progress(n, STEPS)), logged(rate)
        self.bound.set_ydata([bound, bound])
        self.new.set_data(np.arange(STEPS), _parked(run.before, self.norms))
        self.free.set_data(*_at_each_step(free.accuracy))
        self.clipped.set_data(*_at_each_step(run.accuracy))
        share, right = share_in_words(float(np.mean(run.before > bound))), run.accuracy[-1]
        reached = "more than 90%" if right > ENOUGH / 1000 else f"{right:.0%}"
        return (
            f"Percentile {percentile} of the log is {bound:.3g}. With this bound and learning rate "
            f"{rate:g}, {share} of the steps are clipped, and {reached} of the test digits are "
            f"right; without clipping {_fate(free)}."
        )
