"""Lecture 3: clipping many tensors together, by their global norm.

Behind ``notebooks/03_clip_by_global_norm.ipynb``. First the numbers, all of them computed by
TensorFlow, then the scenes that draw them.
"""

import time
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import tensorflow as tf

from lessons.digits.map import stored_run
from lessons.digits.network import BATCH, NAMES, flat_images, network
from lessons.digits.runs import STEPS, Setting, loss_of
from lessons.explorable import theme
from lessons.explorable.scene import Scene
from lessons.geometry import degrees_between, norms

# The run whose norms are logged.
LOGGED = Setting(rate=0.1, bound=None, output="linear", loss="cross-entropy")

# Printed in Long Liangqu's course, before and after clipping at 15, for the six gradients of NAMES.
PRINTED_BEFORE = (118.00854, 3.5821552, 146.76697, 2.830059, 183.28879, 3.4088597)
PRINTED_AFTER = (6.734187, 0.20441659, 8.375294, 0.16149803, 10.45942, 0.19452743)

Gradients = Sequence[tf.Tensor]


# ---- numbers ----------------------------------------------------------------------------------


def _by_value(gradients: Gradients, bound: tf.Tensor) -> list[tf.Tensor]:
    return [tf.clip_by_value(g, -bound, bound) for g in gradients]


def _each_by_its_norm(gradients: Gradients, bound: tf.Tensor) -> list[tf.Tensor]:
    return [tf.clip_by_norm(g, bound) for g in gradients]


def _together(gradients: Gradients, bound: tf.Tensor) -> list[tf.Tensor]:
    return tf.clip_by_global_norm(gradients, bound)[0]


CLIPS: dict[str, Callable[[Gradients, tf.Tensor], list[tf.Tensor]]] = {
    "together": _together,
    "each by its norm": _each_by_its_norm,
    "by value": _by_value,
}


def tensors_of_norms(lengths: Sequence[float]) -> list[tf.Tensor]:
    """Return one tensor for each length, of shape ``(1,)``: the simplest tensor of that norm."""
    return [tf.constant([length], tf.float32) for length in lengths]


@cache
def first_gradients() -> list[tf.Tensor]:
    """Return the six gradients of the first batch of real digits, divided by 50.

    The loss is the mean over the batch of the summed squared error against one-hot labels, with a
    ReLU on the output too, as in the post on cnblogs that the README names; the course's own
    program has a linear output (`ch05-TensorFlow进阶/gradient_clip.py` in
    https://github.com/dragen1860/Deep-Learning-with-TensorFlow-book).
    """
    images, labels = flat_images(50.0)
    variables = network(0)
    with tf.GradientTape() as tape:
        loss = loss_of(
            variables, images[:BATCH], labels[:BATCH], output="ReLU", loss="squared error"
        )
    return tape.gradient(loss, variables)


def left_of_each(count: int, bound: float) -> float:
    """Return the global norm of `count` gradients of norm 10, each clipped by its own norm."""
    # Many tensors of one number are a column: as quick as one, and the same operation.
    clipped = tf.clip_by_norm(tf.fill([count, 1], 10.0), bound, axes=[1])
    return float(tf.linalg.global_norm([clipped]))


def times(size: int, repeats: int) -> dict[tuple[str, str], np.ndarray]:
    """Measure clipping each tensor by its norm against clipping six together.

    Args:
        size: Numbers in all six tensors.
        repeats: How often each is measured; they take turns, so that all see the same machine.

    Returns:
        Seconds, shape ``(repeats,)``, by ("each by its norm" or "together", "eager" or "graph").
    """
    gradients = [tf.ones([size // 6]) for _ in NAMES]
    bound = tf.constant(1.0)
    calls = {}
    for name in ("each by its norm", "together"):
        calls[name, "eager"] = CLIPS[name]
        calls[name, "graph"] = tf.function(CLIPS[name])
    seconds = {key: np.empty(repeats) for key in calls}
    for call in calls.values():
        call(gradients, bound)
    for repeat in range(repeats):
        for key, call in calls.items():
            start = time.perf_counter()
            call(gradients, bound)[-1].numpy()
            seconds[key][repeat] = time.perf_counter() - start
    return seconds


# ---- scenes -----------------------------------------------------------------------------------


class SixTensors(Scene):
    """The norms of six gradients before and after a clip."""

    alt = (
        "Two bars for each of six gradients: its norm before and after clipping, on a log axis. "
        "Clipped together, all bars sink by the same distance; clipped one by one, they do not."
    )
    labels = {"gradients": "gradients", "how": "clip", "bound": "bound c"}
    colours = {"bound": theme.BOUND}
    size = (10.0, 4.6)
    floor, top = 1e-5, 1e4

    def __init__(self):
        self.gradients = {
            "printed in the course": tensors_of_norms(PRINTED_BEFORE),
            "our own first batch": first_gradients(),
        }
        self.lengths = {name: _norms_and_global(own) for name, own in self.gradients.items()}

    def draw(self) -> None:
        """Draw the axis of norms and empty bars."""
        axes = self.figure.subplots()
        axes.set(ylim=(self.floor, self.top), yscale="log", ylabel="norm", xlim=(-0.6, 6.6))
        axes.set_xticks(range(7), [*NAMES, "all six"])
        axes.grid(axis="x", visible=False)
        places = np.arange(7)
        bars, self.numbers = [], []
        for offset, colour, label in (
            (-0.2, theme.RAW, "before"),
            (0.2, theme.CLIPPED, "after"),
        ):
            bars.append(axes.bar(places + offset, 1 - self.floor, 0.38, self.floor, color=colour))
            bars[-1].set_label(label)
            self.numbers.append(
                [
                    self.moving_text(
                        axes, x + offset, 1, ha="center", va="bottom", size=12, bbox=theme.PAPER
                    )
                    for x in places
                ]
            )
        self.bars = [self.moves(*container) for container in bars]
        self.line = self.moves(axes.axhline(1, **theme.BOUND_STYLE, label="bound"))
        theme.legend_above(axes)

    def update(
        self,
        gradients: str = "printed in the course",
        how: str = "together",
        bound: float = 15.0,
    ) -> str:
        """Clip `gradients` to `bound` in the way `how`."""
        raw = self.gradients[gradients]
        clipped = CLIPS[how](raw, tf.constant(bound, tf.float32))
        lengths = self.lengths[gradients], _norms_and_global(clipped)
        for heights, bars, texts in zip(lengths, self.bars, self.numbers, strict=True):
            for height, bar, text in zip(heights, bars, texts, strict=True):
                bar.set_height(height - self.floor)
                text.set(text=_short(height), y=1.08 * height)
        self.line.set_ydata([bound, bound])
        before, after = (heights[-1] for heights in lengths)
        turned = degrees_between(raw, clipped)
        return (
            f"Clipped {how} at {_short(bound)}: the global norm is {before:.1f} before and "
            f"{_short(after)} after. The step is turned by {turned:.1f} degrees (cosine "
            f"{np.cos(np.radians(turned)):.3f})."
        )


def _short(number: float) -> str:
    """Return a number with three digits, or all that stand before its point."""
    return f"{number:.0f}" if number >= 1000 else f"{number:.3g}"


def _norms_and_global(gradients: Gradients) -> list[float]:
    return [*norms(gradients), float(tf.linalg.global_norm(gradients))]


class ManyTensors(Scene):
    """How long a step can still be when each of K tensors is clipped by its own norm."""

    alt = (
        "Global norm after clipping against the number of tensors. Clipped one by one it grows "
        "like a square root, clipped together it stays at the bound."
    )
    labels = {"count": "tensors K", "bound": "bound c"}
    colours = {"bound": theme.BOUND}
    telling = {"count": 64}
    most = 64

    def draw(self) -> None:
        """Draw the axes. The curve ends at the K that is set: the rest is left to the slider."""
        axes = self.figure.subplots()
        axes.set(xlim=(0, self.most + 1), ylim=(0, 42))
        axes.set(xlabel="tensors K", ylabel="global norm after clipping")
        self.each = self.moves(
            *axes.plot([], [], color=theme.GRADIENT, ls="-", label="each by its norm")
        )
        self.joint = self.moves(
            *axes.plot([], [], color=theme.CLIPPED, ls=theme.BOUND_LINE, label="together")
        )
        # Not cut off at a small bound, where it stands almost on the axis.
        self.dot = self.moves(*axes.plot([0], [0], "D", color=theme.GRADIENT, ms=11, clip_on=False))
        axes.legend(loc="upper left")

    def update(self, count: int = 6, bound: float = 1.0) -> str:
        """Clip `count` tensors of norm 10 to `bound`, each by its own norm."""
        left = left_of_each(count, bound)
        counts = np.arange(1, count + 1)
        self.each.set_data(counts, bound * np.sqrt(counts))
        self.joint.set_data([1, self.most], [bound, bound])
        self.dot.set_data([count], [left])
        return (
            f"{count} tensors of norm 10, each clipped to {bound:g}: the step still has the "
            f"global norm {left:.2f}, which is {left / bound:.2f} times the bound."
        )


class Cost(Scene):
    """What clipping costs, measured on this machine when the slider is moved."""

    alt = (
        "Time of one clip against the number of weights, both on log axes: six tensors clipped "
        "one by one and together, each eager and inside a tf.function, with the spread."
    )
    labels = {"repeats": "measurements"}
    telling = {"repeats": 20}
    slow = True
    sizes = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)

    def draw(self) -> None:
        """Draw the axes; nothing has been measured yet."""
        axes = self.figure.subplots()
        axes.set(xlim=(600, 2e7), ylim=(1e-2, 1e3), xscale="log", yscale="log")
        axes.set(xlabel="numbers in six tensors", ylabel="milliseconds")
        looks = {
            ("each by its norm", "eager"): (theme.GRADIENT, "-", "o"),
            ("together", "eager"): (theme.CLIPPED, "-", "s"),
            ("each by its norm", "graph"): (theme.GRADIENT, ":", "o"),
            ("together", "graph"): (theme.CLIPPED, ":", "s"),
        }
        self.spreads, self.medians = {}, {}
        for (name, mode), (colour, line, marker) in looks.items():
            self.spreads[name, mode] = self.moves(
                axes.fill_between([], [], [], color=colour, alpha=0.15, lw=0)
            )
            self.medians[name, mode] = self.moves(
                *axes.plot([], [], color=colour, ls=line, marker=marker, label=f"{name}, {mode}")
            )
        axes.legend(loc="upper left", fontsize=12)

    def update(self, repeats: int = 0) -> str:
        """Measure every size `repeats` times; with 0, nothing."""
        if repeats == 0:
            for key, median in self.medians.items():
                median.set_data([], [])
                self.spreads[key].set_data([], [], [])
            return "Nothing is measured yet. Move the slider and wait a few seconds."
        measured = []
        for done, size in enumerate(self.sizes):
            self.progress(done, len(self.sizes))
            measured.append(times(size, repeats))
        self.progress(len(self.sizes), len(self.sizes))
        for key, median in self.medians.items():
            milliseconds = np.clip([1000 * m[key] for m in measured], 1e-2, 1e3)
            median.set_data(self.sizes, np.median(milliseconds, axis=1))
            spread = milliseconds.min(axis=1), milliseconds.max(axis=1)
            self.spreads[key].set_data(self.sizes, *spread)
        ratios = {
            mode: np.median(measured[-1]["together", mode])
            / np.median(measured[-1]["each by its norm", mode])
            for mode in ("eager", "graph")
        }
        return (
            f"With 10 million numbers, clipping together takes {ratios['eager']:.2f} times as long "
            f"as clipping each, and {ratios['graph']:.2f} times inside a tf.function."
        )


class ChooseBound(Scene):
    """The global norms that a run has logged, and a bound taken from them."""

    alt = (
        "Left: the global norm of the gradient at each of 150 training steps, with the bound as a "
        "dashed line. Right: the same norms sorted, with the chosen percentile marked."
    )
    labels = {"percentile": "percentile p"}
    colours = {"percentile": theme.BOUND}

    def draw(self) -> None:
        """Draw what was logged."""
        # Of a stored run: one trained here would end in other digits on another processor.
        logged = stored_run(LOGGED)
        assert logged is not None, "the map keeps this run"
        self.norms = logged.before
        span = (self.norms.min() / 1.3, self.norms.max() * 1.3)
        run, ranked = self.figure.subplots(1, 2, width_ratios=[1.3, 1], sharey=True)
        run.set(xlim=(-2, STEPS + 1), ylim=span, yscale="log")
        run.set(xlabel="step", ylabel="global norm")
        run.plot(self.norms, ls="", ms=4, label="logged", **theme.RAW_STYLE)
        self.cut = self.moves(*run.plot([], [], ls="", ms=7, label="above", **theme.CLIPPED_STYLE))
        ranked.set(xlim=(0, 101), xlabel="percentile")
        ranked.plot(np.linspace(0, 100, STEPS), np.sort(self.norms), color=theme.RAW)
        self.lines = self.moves(
            *(axes.axhline(1, **theme.BOUND_STYLE) for axes in (run, ranked)),
        )
        self.here = self.moves(ranked.axvline(0, color=theme.BOUND, ls=":", lw=2))
        theme.legend_above(run)

    def update(self, percentile: int = 90) -> str:
        """Take the `percentile` of the logged norms as the bound."""
        bound = float(np.percentile(self.norms, percentile))
        clipped = np.flatnonzero(self.norms > bound)
        self.cut.set_data(clipped, self.norms[clipped])
        for line in self.lines:
            line.set_ydata([bound, bound])
        self.here.set_xdata([percentile, percentile])
        share = len(clipped) / len(self.norms)
        longest = min(1.0, bound / self.norms.max())
        return (
            f"Percentile {percentile}: {share:.0%} of the {len(self.norms)} logged norms lie above "
            f"{bound:.3g}. Clipped to it, the longest keeps {longest:.0%} of its length."
        )
