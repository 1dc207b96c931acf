"""Lecture 8: what momentum, Adam and several replicas make of a clipped gradient.

Behind ``notebooks/08_after_the_clip.ipynb``. First the numbers, all of them computed by TensorFlow,
then the scenes that draw them. Between the two is what other frameworks do: stated, not computed.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from lessons.arguments import check_integer
from lessons.explorable import theme
from lessons.explorable.scene import Scene
from lessons.geometry import degrees_between
from lessons.inside_a_step import each_clipped

# ---- numbers ----------------------------------------------------------------------------------


def remembered(values: tf.Tensor, decay: float) -> tf.Tensor:
    """Return what an optimizer remembers after each step: a sum in which older values count less.

    Args:
        values: One for each step, shape ``(..., n)``.
        decay: What is left of a value after one step: momentum, or Adam's beta.

    Returns:
        Shape ``(..., n)``; at step t it is the sum of ``decay**(t - s) * values[s]`` over s <= t.
    """
    steps = tf.range(values.shape[-1], dtype=tf.float32)
    age = steps[:, None] - steps
    weights = tf.where(age >= 0, tf.constant(decay, tf.float32) ** tf.maximum(age, 0), 0.0)
    return tf.linalg.matvec(weights, values)


def momentum_steps(momentum: float, bound: float, steps: int) -> np.ndarray:
    """Return the lengths of the steps of SGD with momentum on a gradient that is always clipped.

    The gradient is longer than `bound` at every step and points the same way; learning rate 1.

    Returns:
        Shape ``(steps,)``.
    """
    clipped = each_clipped(tf.fill([steps], 50.0), bound)
    return remembered(clipped, momentum).numpy()


ADAM_GRADIENT = 0.5
ADAM_RATE = 0.1
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7


def adam(gradients: tf.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Run Adam, with Keras's defaults and learning rate `ADAM_RATE`, on given gradients.

    Kingma and Ba (2015), *Adam: a method for stochastic optimization*, algorithm 1.

    Args:
        gradients: Of one weight that starts at 0, shape ``(n,)``.

    Returns:
        The weight after each step, and the root of the mean square that Adam remembers, corrected
        for its start; both of shape ``(n,)``.
    """
    steps = tf.range(1.0, len(gradients) + 1)
    mean = (1 - BETA_1) * remembered(gradients, BETA_1) / (1 - BETA_1**steps)
    square = (1 - BETA_2) * remembered(gradients**2, BETA_2) / (1 - BETA_2**steps)
    root = tf.sqrt(square)
    # Keras adds epsilon before it corrects the root for its start.
    moved = ADAM_RATE * mean / (root + EPSILON / tf.sqrt(1 - BETA_2**steps))
    return -tf.cumsum(moved).numpy(), root.numpy()


def gradients_with_a_spike(height: float, at: int, steps: int) -> tf.Tensor:
    """Return `ADAM_GRADIENT` for each of `steps` steps, and `height` in its place at step `at`.

    Raises:
        ValueError: `at` is not a step from 1 to `steps`.
    """
    check_integer("at", at, 1, steps)
    return tf.where(tf.range(1, steps + 1) == at, float(height), ADAM_GRADIENT)


REPLICA_LENGTH = 3.0


def two_replicas(angle: float, length: float, bound: float) -> dict[str, np.ndarray]:
    """Clip the gradients of two replicas before and after their sum.

    Args:
        angle: Between the two gradients, in degrees.
        length: Of the second gradient; the first has the length `REPLICA_LENGTH`.
        bound: Of the clip by norm.

    Returns:
        Arrows of shape ``(2,)``: the gradients "first" and "second", their "sum", the sum "clipped
        before" it was taken, and "clipped after".
    """
    turn = np.radians(angle)
    first = tf.constant([REPLICA_LENGTH, 0.0])
    second = tf.constant([length * np.cos(turn), length * np.sin(turn)], tf.float32)
    arrows = {
        "first": first,
        "second": second,
        "sum": first + second,
        "clipped before": tf.clip_by_norm(first, bound) + tf.clip_by_norm(second, bound),
        "clipped after": tf.clip_by_norm(first + second, bound),
    }
    return {name: arrow.numpy() for name, arrow in arrows.items()}


# ---- the same in other frameworks ---------------------------------------------------------------

# Gradients of two variables, of one number each, and the bound of a clip by their global norm;
# the name of a case says both.
NAN, INF = float("nan"), float("inf")
ODD_CASES = {
    "3, 4 at 2.5": ([3.0, 4.0], 2.5),
    "3, inf at 1": ([3.0, INF], 1.0),
    "3, NaN at 1": ([3.0, NAN], 1.0),
    "1e20, 4 at 1": ([1e20, 4.0], 1.0),
    "3, 4 at inf": ([3.0, 4.0], INF),
    "3, 4 at -1": ([3.0, 4.0], -1.0),
    "3, 4 at 0": ([3.0, 4.0], 0.0),
    "0, 0 at 0": ([0.0, 0.0], 0.0),
}
# What becomes of them there: read in the documentation and the sources, and compared with a run
# wherever these are installed (tests/facts/test_frameworks.py).
_PYTORCH = {
    "3, 4 at 2.5": [1.5, 2.0],
    "3, inf at 1": [0.0, NAN],
    "3, NaN at 1": [NAN, NAN],
    "1e20, 4 at 1": [0.0, 0.0],
    "3, 4 at inf": [3.0, 4.0],
    "3, 4 at -1": [-0.6, -0.8],
    "3, 4 at 0": [0.0, 0.0],
    "0, 0 at 0": [0.0, 0.0],
}
ELSEWHERE = {"PyTorch 2.13": _PYTORCH, "Optax 0.2.8": _PYTORCH | {"0, 0 at 0": [NAN, NAN]}}


def compare(here: dict[str, Callable[[list[float], float], list]]) -> None:
    """Print what becomes of each of `ODD_CASES`: computed here, and stated for other frameworks.

    Args:
        here: Names of columns, each with a function of the two gradients and the bound that returns
            the clipped gradients.
    """
    print(" ".join([" " * 14, *(f"{name:>15}" for name in [*here, *ELSEWHERE])]))
    for case, (gradients, bound) in ODD_CASES.items():
        columns = [clip(gradients, bound) for clip in here.values()]
        columns += [stated[case] for stated in ELSEWHERE.values()]
        cells = ("  ".join(f"{float(np.squeeze(t)):.3g}" for t in left) for left in columns)
        print(" ".join([f"{case:<14}", *(f"{cell:>15}" for cell in cells)]))


# ---- scenes -----------------------------------------------------------------------------------


class Momentum(Scene):
    """How long the steps of SGD with momentum become although every gradient is clipped."""

    alt = (
        "Length of the step, at a learning rate of 1, against its number. The clipped gradient is "
        "a flat line at the bound; the step starts there and grows towards a limit above it."
    )
    labels = {"momentum": "momentum μ", "bound": "bound c"}
    colours = {"momentum": theme.GRADIENT, "bound": theme.BOUND}
    first_step = 1
    steps = 60

    def draw(self) -> None:
        """Draw the axes."""
        axes = self.figure.subplots()
        axes.set(xlim=(0, self.steps + 1), ylim=(0, 42), xlabel="step", ylabel="length")
        self.numbers = np.arange(1, self.steps + 1)
        self.limit = self.moves(
            axes.axhline(1, color=theme.MUTED, ls=":", lw=2.4, label="limit c / (1 − μ)")
        )
        self.step = self.runs(*axes.plot([], [], "-D", color=theme.GRADIENT, ms=5, label="step"))
        self.clipped = self.moves(
            *axes.plot([], [], ls="", ms=4, label="clipped gradient", **theme.CLIPPED_STYLE)
        )
        theme.legend_above(axes)

    def update(self, momentum: float = 0.9, bound: float = 1.0) -> str:
        """Clip every gradient to `bound`."""
        lengths = momentum_steps(momentum, bound, self.steps)
        self.step.set_data(self.numbers, lengths)
        self.clipped.set_data(self.numbers, np.full(self.steps, bound))
        limit = bound / (1 - momentum)
        self.limit.set_ydata([limit, limit])
        return (
            f"Every gradient is clipped to {bound:g}. Step 1 has the length {lengths[0]:.3g}, "
            f"step 10 {lengths[9]:.3g} and step {self.steps} {lengths[-1]:.3g}; "
            f"the limit is {limit:.3g}."
        )


class AdamAndASpike(Scene):
    """What one very large gradient does to Adam, with and without clipping."""

    alt = (
        "Left: a weight under Adam against the step, without a spike, with one, and with one that "
        "is clipped. Right: the size of gradients that Adam remembers, on a log axis."
    )
    labels = {
        "height": "spike h",
        "bound": "bound c",
        "at": "at step t",
        "sign": "sign of the spike",
    }
    colours = {"height": theme.RAW, "bound": theme.BOUND}
    size = (10.0, 4.6)
    first_step = 1
    steps = 60

    def draw(self) -> None:
        """Draw both panels, and the path without a spike, which does not move."""
        path, memory = self.figure.subplots(1, 2)
        path.set(xlim=(0, self.steps + 1), ylim=(-6.4, 1.6), xlabel="step", ylabel="weight w")
        memory.set(xlim=(0, self.steps + 1), ylim=(3e-3, 3e6), yscale="log", xlabel="step")
        memory.set_ylabel("remembered size √v")
        self.numbers = np.arange(1, self.steps + 1)
        self.calm, root = adam(tf.fill([self.steps], ADAM_GRADIENT))
        for axes, values in ((path, self.calm), (memory, root)):
            axes.plot(self.numbers, values, "--", color=theme.TRUE, lw=2, label="without a spike")
        self.paths, self.roots = {}, {}
        for name, own in (("not clipped", theme.RAW_STYLE), ("clipped", theme.CLIPPED_STYLE)):
            look = {**own, "ms": 5, "lw": 1.4, "label": name}
            self.paths[name] = self.runs(*path.plot([], [], **look))
            self.roots[name] = self.runs(*memory.plot([], [], **look))
        self.line = self.moves(memory.axhline(1, **theme.BOUND_STYLE, label="bound c"))
        theme.legend_above(memory)

    def update(self, height: float = 1e4, bound: float = 1.0, at: int = 4, sign: str = "+") -> str:
        """Let the gradient be `height` at step `at`, or its negative, and clip it to `bound`."""
        spike = height if sign == "+" else -height
        gradients = gradients_with_a_spike(spike, at, self.steps)
        runs = {"not clipped": gradients, "clipped": each_clipped(gradients, bound)}
        ends, roots = {}, {}
        for name, taken in runs.items():
            weights, sizes = adam(taken)
            self.paths[name].set_data(self.numbers, weights)
            self.roots[name].set_data(self.numbers, sizes)
            ends[name], roots[name] = weights[-1], sizes[-1]
        self.line.set_ydata([bound, bound])
        return (
            f"After {self.steps} steps w is {ends['not clipped']:.2f} not clipped and "
            f"{ends['clipped']:.2f} clipped; without a spike it would be {self.calm[-1]:.2f}. "
            f"Remembered size: {roots['not clipped']:.3g} not clipped, "
            f"{roots['clipped']:.3g} clipped."
        )


class BeforeOrAfterTheSum(Scene):
    """The gradients of two replicas, clipped before and after they are added."""

    alt = (
        "Left: two gradients as arrows, their sum, and the sum clipped before and after adding. "
        "Right: the lengths of sum and of both steps as bars, with the bound as a dashed line."
    )
    labels = {"angle": "angle in °", "length": "length of g₂", "bound": "bound c"}
    colours = {"angle": theme.RAW, "length": theme.RAW, "bound": theme.BOUND}

    def draw(self) -> None:
        """Draw the plane and, beside it, bars for the lengths."""
        plane, bars = self.figure.subplots(1, 2, width_ratios=[1.7, 1])
        plane.set(xlim=(-3.7, 6.7), ylim=(-0.6, 4.6), aspect="equal")
        arrow = {**theme.ARROW_STYLE, "lw": 1.8}
        # Edge, inside, width: the step that is clipped before the sum is hollow.
        looks = {
            "first": (theme.RAW, theme.RAW, 0.008),
            "second": (theme.RAW, theme.RAW, 0.008),
            "sum": (theme.TRUE, theme.TRUE, 0.008),
            "clipped before": (theme.GRADIENT, "white", 0.013),
            "clipped after": (theme.CLIPPED, theme.CLIPPED, 0.013),
        }
        self.ball = self.moves(*plane.plot([], [], **theme.BOUND_STYLE))
        self.arrows = {
            name: self.moves(plane.quiver(0, 0, 1, 1, ec=edge, fc=inside, width=width, **arrow))
            for name, (edge, inside, width) in looks.items()
        }
        paper = {**theme.PAPER, "alpha": 0.85}
        self.words = {
            name: self.moving_text(
                plane, 0, 0, ha="center", va="center", color=colour, size=13, bbox=paper
            )
            for name, (colour, *_) in looks.items()
        }
        shown = ("sum", "clipped before", "clipped after")
        bars.set(xlim=(-0.6, 2.6), ylim=(0, 6.8), ylabel="length of the step", xticks=range(3))
        bars.set_xticklabels(["sum", "clipped\nbefore", "clipped\nafter"])
        bars.grid(axis="x", visible=False)
        containers = bars.bar(
            range(3),
            0,
            color=[looks[n][1] for n in shown],
            ec=[looks[n][0] for n in shown],
            lw=3,
        )
        self.bars = dict(zip(shown, self.moves(*containers), strict=True))
        self.line = self.moves(bars.axhline(1, **theme.BOUND_STYLE))
        self.numbers = {
            name: self.moving_text(bars, i, 0, ha="center", va="bottom", bbox=paper)
            for i, name in enumerate(shown)
        }

    def update(self, angle: float = 90, length: float = 1.0, bound: float = 1.0) -> str:
        """Clip the two gradients to `bound`."""
        arrows = two_replicas(angle, length, bound)
        lengths = {name: float(np.linalg.norm(arrow)) for name, arrow in arrows.items()}
        letters = {"first": "g₁", "second": "g₂", "sum": "sum"}
        for name, arrow in arrows.items():
            self.arrows[name].set_UVC(*arrow)
            # Beyond the tip, and above it where arrows may lie on one another.
            ahead, above = (0.1, 0.45) if name == "second" else (0.4, 0.0)
            beyond = ahead * arrow / max(lengths[name], 1e-9) + (0, above)
            word = letters.get(name, "") if lengths[name] > 1e-5 else ""
            self.words[name].set(text=word, position=arrow + beyond)
        turn = np.linspace(0, np.pi, 91)
        self.ball.set_data(bound * np.cos(turn), bound * np.sin(turn))
        self.line.set_ydata([bound, bound])
        for name, bar in self.bars.items():
            bar.set_height(lengths[name])
            self.numbers[name].set(text=f"{lengths[name]:.2f}", y=lengths[name] + 0.1)
        told = (
            f"Clipped before the sum the step has length {lengths['clipped before']:.2f}, "
            f"clipped after it {lengths['clipped after']:.2f}"
        )
        if min(lengths[name] for name in self.bars) < 1e-5:
            return f"{told}. At least one of them is zero and points nowhere."
        turned = degrees_between(arrows["sum"], arrows["clipped before"])
        return f"{told}. The first is turned by {turned:.1f} degrees, the second not at all."
