"""Lecture 9, sections 4 to 8: training runs by other rules than a clip of the global norm.

Behind ``notebooks/09_beyond_clipping.ipynb``. First the numbers, then the scenes that draw them.
The training itself, and the file of runs that the scenes read, are those of
``lessons/digits/rules.py``.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from lessons.digits.network import BATCH, flat_digits, network
from lessons.digits.rules import (
    BOUNDS,
    BROKEN_AT,
    CAP_BOUNDS,
    CAPS,
    DIVISORS,
    FACTORS,
    NOISES,
    PRIVATE_BOUNDS,
    SEEDS,
    SIGN_BOUNDS,
    STEPS,
    WAYS,
    load_rules,
    unit_norms,
)
from lessons.digits.runs import loss_of
from lessons.explorable import theme
from lessons.explorable.scene import Scene

# A bound for each unit, and a bound for the global norm, at the same place of a slider.
BOUND_PAIRS = tuple(
    f"λ {each:g} or c {together:g}"
    for each, together in zip(BOUNDS["each unit"], BOUNDS["global norm"], strict=True)
)

# ---- numbers ----------------------------------------------------------------------------------


@cache
def ratios_of_units(divisor: float) -> list[np.ndarray]:
    """Return the gradient's norm over that of the weights, for each unit of the three layers.

    Of the course's network before training, on its first batch, with the cross-entropy.

    Args:
        divisor: The grey values from 0 to 255 are divided by it.

    Returns:
        For each layer a ratio for each unit, in rising order: shapes ``(512,)``, ``(256,)`` and
        ``(10,)``.
    """
    images, labels, *_ = flat_digits(divisor)
    values = network(0)
    with tf.GradientTape() as tape:
        batch = images[:BATCH], labels[:BATCH]
        loss = loss_of(values, *batch, output="linear", loss="cross-entropy")
    weights = values[::2]
    gradients = tape.gradient(loss, weights)
    return [
        np.sort((unit_norms(g) / unit_norms(w)).numpy()[0])
        for g, w in zip(gradients, weights, strict=True)
    ]


@cache
def example_norms() -> np.ndarray:
    """Return the gradient norm of each of the first 128 images, for a softmax regression at 0.

    In closed form: an example's gradient is the outer product of its image (with a 1 for the bias)
    and its error, so its norm is the product of their norms.

    Returns:
        Shape ``(128,)``.
    """
    images, labels, *_ = flat_digits(255.0)
    images = tf.pad(images[:BATCH], [[0, 0], [0, 1]], constant_values=1.0)
    error = 0.1 - tf.one_hot(labels[:BATCH], 10)
    return (tf.norm(images, axis=1) * tf.norm(error, axis=1)).numpy()


def capped(logits: np.ndarray, cap: float, how: str) -> tuple[np.ndarray, np.ndarray]:
    """Return logits after a cap, and the slope there, each of shape ``(n,)``.

    Args:
        logits: Shape ``(n,)``.
        cap: Bound of the cap.
        how: A key of `CAPS`.
    """
    z = tf.constant(logits, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(z)
        y = CAPS[how](z, cap)
    return y.numpy(), tape.gradient(y, z).numpy()


def in_words(right: np.ndarray) -> str:
    """Return the range of how many of 1,000 digits are right over eight runs, in percent."""
    low, high = right.min() / 10, right.max() / 10
    return f"{low:.1f} to {high:.1f} %"


# ---- scenes -----------------------------------------------------------------------------------


def _accuracy_axis(axes: Axes, ticks: Sequence[str], xlabel: str) -> Rectangle:
    """Prepare axes for the accuracies of eight runs at each tick; return the mark of one tick."""
    theme.percent_axis(axes)
    axes.set(xlim=(-0.6, len(ticks) - 0.4), xlabel=xlabel, ylabel="test digits right")
    axes.set_xticks(range(len(ticks)), ticks)
    axes.grid(axis="x", visible=False)
    fill, across = theme.FILL[theme.BOUND], axes.get_xaxis_transform()
    mark = Rectangle((-0.4, 0), 0.8, 1, color=fill, zorder=0, transform=across)
    axes.add_patch(mark)
    return mark


_SPREAD = np.linspace(-0.12, 0.12, len(SEEDS))
# A dot for each run.
_DOTS: dict[str, Any] = {"ls": "", "ms": 6, "alpha": 0.7}


def _eight(right: np.ndarray, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of the dots of eight runs at each place; `right` is ``(places, 8)``."""
    x = np.arange(len(right))[:, None] + _SPREAD + shift
    return x.ravel(), right.ravel() / 1000


class EachUnit(Scene):
    """A bound relative to the weights, for each unit, and how well eight runs do with it."""

    alt = (
        "Left: for every unit of three layers, sorted, the norm of its gradient over that of its "
        "weights, on a log axis, and the bound as a line. Right: share of test digits that eight "
        "runs get right, for each bound; the chosen one is marked."
    )
    labels = {"divisor": "inputs divided by d", "rule": "clip", "bound": "bound λ or c"}
    colours = {"bound": theme.BOUND}
    size = (10.0, 4.6)

    def draw(self) -> None:
        """Draw both panels."""
        ratios, self.shares = self.figure.subplots(1, 2, width_ratios=[1.2, 1])
        ratios.set(xlim=(0, 1), ylim=(1e-4, 1e2), yscale="log", ylabel="gradient over weights")
        ratios.set(xlabel="share of the units of a layer")
        looks = zip(
            ("layer 1", "layer 2", "layer 3"),
            (theme.RAW, theme.TRUE, theme.GRADIENT),
            ("-", "--", ":"),
            strict=True,
        )
        self.layers = [
            self.moves(*ratios.plot([], [], ls, color=colour, lw=3, label=name))
            for name, colour, ls in looks
        ]
        self.line = self.moves(ratios.axhline(1, **theme.BOUND_STYLE))
        ratios.legend(loc="lower right", fontsize=12)
        ticks = [pair.replace(" or ", "\n") for pair in BOUND_PAIRS]
        self.chosen = self.moves(_accuracy_axis(self.shares, ticks, "bound"))
        self.dots = self.moves(*self.shares.plot([], [], **_DOTS, **theme.CLIPPED_STYLE))

    def update(
        self, divisor: int = 50, rule: str = "each unit", bound: str = BOUND_PAIRS[2]
    ) -> str:
        """Show the runs with one of `BOUND_PAIRS`; the rule takes one bound of the pair."""
        place = BOUND_PAIRS.index(bound)
        units = ratios_of_units(float(divisor))
        for line, own in zip(self.layers, units, strict=True):
            line.set_data(np.linspace(0, 1, len(own)), np.clip(own, 1e-4, 1e2))
        number = BOUNDS[rule][place]
        relative = rule != "global norm"
        self.line.set_visible(relative)
        self.line.set_ydata([number, number])
        right = load_rules()["adaptive"][DIVISORS.index(divisor), list(BOUNDS).index(rule)]
        self.dots.set_data(*_eight(right))
        self.chosen.set_x(place - 0.4)
        ended = f"eight runs get {in_words(right[place])} right."
        if not relative:
            return f"Inputs divided by {divisor}, {rule}, c = {number:g}: {ended}"
        first, second, third = (f"{np.mean(own > number):.0%}" for own in units)
        return (
            f"Inputs divided by {divisor}, {rule}, λ = {number:g}: in the first batch {first}, "
            f"{second} and {third} of the units of the three layers are above λ; {ended}"
        )


class EachExample(Scene):
    """What noise on the sum of clipped examples costs."""

    alt = (
        "Left: a histogram of the gradient norms of 128 examples, with the bound as a line. Right: "
        "share of test digits that eight runs get right, for each amount of noise; the chosen "
        "one is marked."
    )
    labels = {"noise": "noise σ", "bound": "bound C"}
    colours = {"noise": theme.GRADIENT, "bound": theme.BOUND}

    def draw(self) -> None:
        """Draw both panels, and the histogram, which does not move."""
        norms, shares = self.figure.subplots(1, 2)
        norms.set(xlim=(0, 16), ylim=(0, 40), xlabel="norm of an example", ylabel="examples")
        norms.hist(example_norms(), np.arange(0, 17), color=theme.FILL[theme.RAW], ec=theme.RAW)
        self.line = self.moves(norms.axvline(1, **theme.BOUND_STYLE))
        self.chosen = self.moves(_accuracy_axis(shares, [f"{n:g}" for n in NOISES], "noise σ"))
        self.dots = self.moves(*shares.plot([], [], **_DOTS, **theme.CLIPPED_STYLE))

    def update(self, noise: int = 1, bound: float = 1.0) -> str:
        """Show the runs with this noise and this bound."""
        right = load_rules()["private"][:, PRIVATE_BOUNDS.index(bound)]
        place = NOISES.index(noise)
        self.line.set_xdata([bound, bound])
        self.chosen.set_x(place - 0.4)
        self.dots.set_data(*_eight(right))
        above = np.count_nonzero(example_norms() > bound)
        return (
            f"C = {bound:g}, σ = {noise:g}: {above} of {BATCH} examples of the first batch are "
            f"clipped; eight runs get {in_words(right[place])} right."
        )


class TowardsTheSign(Scene):
    """A clip by value over its bound, from the gradient to its sign."""

    alt = (
        "Left: clip(g, c) / c against g on a symmetric axis: a slope that becomes a step. Right: "
        "share of test digits that eight runs get right, for each bound and for the sign."
    )
    labels = {"bound": "bound c"}
    colours = {"bound": theme.BOUND}
    span = 0.02

    def draw(self) -> None:
        """Draw both panels."""
        curve, shares = self.figure.subplots(1, 2)
        self.grid = np.linspace(-self.span, self.span, 401)
        curve.set(xlim=(-self.span, self.span), ylim=(-1.15, 1.15), xlabel="g")
        curve.set_ylabel("clip(g, c) / c")
        curve.set_xticks([-0.02, -0.01, 0, 0.01, 0.02])
        self.curve = self.moves(*curve.plot([], [], color=theme.CLIPPED, label="clipped, over c"))
        curve.plot(self.grid, np.sign(self.grid), ":", color=theme.TRUE, lw=2.4, label="sign")
        curve.legend(loc="upper left", fontsize=12)
        ticks = [*(f"$10^{{{round(np.log10(c))}}}$" for c in SIGN_BOUNDS), "sign"]
        self.chosen = self.moves(_accuracy_axis(shares, ticks, "bound c"))
        theme.percent_axis(shares, step=5)
        shares.set_ylim(0.8, 1)
        shares.plot(*_eight(load_rules()["sign"]), **_DOTS, **theme.CLIPPED_STYLE)

    def update(self, bound: float = 0.01) -> str:
        """Clip to `bound`, and divide by it."""
        place = int(np.argmin(np.abs(np.log(SIGN_BOUNDS) - np.log(bound))))
        self.curve.set_data(self.grid, np.clip(self.grid, -bound, bound) / bound)
        self.chosen.set_x(place - 0.4)
        right = load_rules()["sign"]
        return (
            f"c = {bound:g}: eight runs get {in_words(right[place])} right; with the sign itself, "
            f"{in_words(right[-1])}."
        )


class HardAndSoft(Scene):
    """A hard and a soft cap on the ten outputs: where they pass gradients, and which runs learn."""

    alt = (
        "Left: an output after a hard and after a soft cap, and the slope of both. Right: share of "
        "test digits that eight runs get right, for each cap, hard and soft, and without one."
    )
    labels = {"cap": "cap c"}
    colours = {"cap": theme.BOUND}
    size = (10.0, 4.6)
    looks: tuple[dict[str, Any], ...] = (
        theme.CLIPPED_STYLE,
        {"color": theme.GRADIENT, "marker": "^"},
    )

    def draw(self) -> None:
        """Draw the curves over the slopes, and the runs, which do not move."""
        grid = self.figure.add_gridspec(2, 2)
        after = self.figure.add_subplot(grid[0, 0])
        slope = self.figure.add_subplot(grid[1, 0], sharex=after)
        shares = self.figure.add_subplot(grid[:, 1])
        self.grid = np.linspace(-30, 30, 241)
        after.set(xlim=(-30, 30), ylim=(-23, 23), ylabel="after")
        after.tick_params(labelbottom=False)
        slope.set(xlim=(-30, 30), ylim=(-0.05, 1.1), xlabel="output z", ylabel="slope")
        names = list(CAPS)[1:]
        self.curves = [
            self.moves(
                *(
                    axes.plot([], [], markevery=20, ms=5, label=name, **look)[0]
                    for axes in (after, slope)
                )
            )
            for name, look in zip(names, self.looks, strict=True)
        ]
        ticks = [*(f"{c:g}" for c in CAP_BOUNDS), "no cap"]
        self.chosen = self.moves(_accuracy_axis(shares, ticks, "cap c"))
        for which, look in enumerate(self.looks):
            dots = _eight(load_rules()["caps"][which], 0.4 * which - 0.2)
            shares.plot(*dots, **_DOTS, label=names[which], **look)
        x, y = _eight(load_rules()["no_cap"][None])
        shares.plot(x + len(CAP_BOUNDS), y, **_DOTS, **theme.RAW_STYLE)
        theme.legend_above(shares)

    def update(self, cap: int = 5) -> str:
        """Cap the outputs at `cap`."""
        for how, (after, slope) in zip(list(CAPS)[1:], self.curves, strict=True):
            y, slopes = capped(self.grid, float(cap), how)
            after.set_data(self.grid, y)
            slope.set_data(self.grid, slopes)
        place = CAP_BOUNDS.index(cap)
        self.chosen.set_x(place - 0.4)
        hard, soft = load_rules()["caps"][:, place]
        free = load_rules()["no_cap"]
        return (
            f"c = {cap}: eight runs get {in_words(hard)} right with the hard cap, {in_words(soft)} "
            f"with the soft one and {in_words(free)} without."
        )


class BrokenBatch(Scene):
    """One batch under Adam has inputs that are far too large: do nothing, clip, or skip it."""

    alt = (
        "Loss of each batch around the broken one, on a log axis: the median of eight runs for "
        "each of three ways, doing nothing, clipping at 1 and skipping the batch. The broken batch "
        "is a vertical line."
    )
    labels = {"factor": "inputs times s"}
    colours = {"factor": theme.RAW}
    span = (0.03, 10.0)
    seen = np.arange(40, STEPS)

    def draw(self) -> None:
        """Draw the axes."""
        axes = self.figure.subplots()
        axes.set(
            xlim=self.seen[[0, -1]], ylim=self.span, yscale="log", xlabel="step", ylabel="loss"
        )
        axes.set_yticks([0.1, 1, 10], ["0.1", "1", "10"])
        axes.axvline(BROKEN_AT, color=theme.MUTED, ls=":", lw=2)
        looks = theme.RAW_STYLE, theme.CLIPPED_STYLE, {"color": theme.GRADIENT, "marker": "D"}
        self.lines = [
            self.moves(*axes.plot([], [], ms=5, markevery=5, label=way, **look))
            for way, look in zip(WAYS, looks, strict=True)
        ]
        theme.legend_above(axes)

    def update(self, factor: int = 1000) -> str:
        """Multiply the inputs of the broken batch by `factor`."""
        told = []
        place = FACTORS.index(factor)
        for way, line, logs, right in zip(
            WAYS,
            self.lines,
            load_rules()["broken_losses"][:, place],
            load_rules()["broken"][:, place],
            strict=True,
        ):
            # The loss of the broken batch itself would dwarf all others.
            median = np.median(logs, axis=0)
            median[BROKEN_AT] = np.nan
            line.set_data(self.seen, np.clip(median[self.seen], *self.span))
            after = logs[:, BROKEN_AT + 1 : BROKEN_AT + 11].mean(axis=1)
            told.append(
                f"{way}: loss {after.min():.2f} to {after.max():.2f} over the next ten batches, "
                f"{in_words(right)} right at the end"
            )
        return f"Inputs times {factor}, eight runs. {'; '.join(told).capitalize()}."
