"""Lecture 9, sections 2, 3 and 9: what a clip buys, what it costs, and what only shares its name.

Behind ``notebooks/09_beyond_clipping.ipynb``. First the numbers, all of them computed by
TensorFlow, then the scenes that draw them. The dream of section 1 is in
``beyond_clipping_dream.py``, the training runs of sections 4 to 8 are in
``beyond_clipping_runs.py``.
"""

from functools import cache

import numpy as np
import tensorflow as tf

from lessons.arguments import check_positive
from lessons.explorable import theme
from lessons.explorable.scene import Scene
from lessons.what_to_clip import huber

# ---- heavy tails --------------------------------------------------------------------------------

RUNS, DIMENSIONS, WALK = 1000, 10, 200


@cache
def _gaussian_noise() -> tf.Tensor:
    # In float64: last digits, which differ from processor to processor, then never show.
    return tf.random.stateless_normal([WALK, RUNS, DIMENSIONS], [0, 0], dtype=tf.float64)


@cache
def heavy_noise(degrees: float) -> tf.Tensor:
    """Draw noise from Student's t distribution, with one common factor for all dimensions.

    Args:
        degrees: Of freedom: at 2 and below the variance is infinite, at 30 the noise is nearly
            Gaussian.

    Returns:
        Shape ``(WALK, RUNS, DIMENSIONS)``.
    """
    check_positive("degrees", degrees)
    half = degrees / 2
    square = tf.random.stateless_gamma([WALK, RUNS, 1], [0, 1], alpha=half, dtype=tf.float64) / half
    return tf.cast(_gaussian_noise() / tf.sqrt(square), tf.float32)


@tf.function
def _walk(noise, rate, bound):
    plain = clipped = tf.ones(tf.shape(noise)[1:])
    for step in tf.range(len(noise)):
        plain -= rate * (plain + noise[step])
        clipped -= rate * tf.clip_by_norm(clipped + noise[step], bound, axes=[1])
    return tf.norm(plain, axis=1), tf.norm(clipped, axis=1)


def distances(degrees: float, rate: float, bound: float) -> dict[str, np.ndarray]:
    """Descend half the square of w with noisy gradients, from a w of ones; unclipped and clipped.

    Args:
        degrees: Of the noise, see `heavy_noise`.
        rate: The learning rate.
        bound: Of the clip by norm, of gradient and noise together.

    Returns:
        How far `RUNS` runs are from the minimum after `WALK` steps, sorted; by name.
    """
    ends = _walk(heavy_noise(degrees), *(tf.constant(n, tf.float32) for n in (rate, bound)))
    return {name: np.sort(end) for name, end in zip(("unclipped", "clipped"), ends, strict=True)}


# ---- bias ---------------------------------------------------------------------------------------

BIAS_STEPS, BIAS_RATE = 120, 0.1
MEANS = ("each clipped", "mean clipped", "error feedback")


@tf.function
def _descents(examples, bound):
    each = mean = feedback = tf.constant(0.0)
    sent = tf.zeros(3)
    paths = tf.TensorArray(tf.float32, BIAS_STEPS + 1).write(0, tf.zeros(3))
    for step in tf.range(1, BIAS_STEPS + 1):
        each -= BIAS_RATE * tf.reduce_mean(tf.clip_by_value(each - examples, -bound, bound))
        mean -= BIAS_RATE * tf.clip_by_value(tf.reduce_mean(mean - examples), -bound, bound)
        sent += tf.clip_by_value(feedback - examples - sent, -bound, bound)
        feedback -= BIAS_RATE * tf.reduce_mean(sent)
        paths = paths.write(step, tf.stack([each, mean, feedback]))
    return paths.stack()


def estimates(third: float, bound: float) -> dict[str, np.ndarray]:
    """Look for the middle of the examples 0, 0 and `third` by gradient descent, in three ways.

    The gradient of an example x is w - x, and w starts at 0. Error feedback is algorithm 1 of
    Khirirat and others (2023), *Clip21: error feedback for gradient clipping*: what an example has
    sent so far is kept, and it sends the clipped difference between its gradient and that.

    Args:
        third: The third example.
        bound: Of the clip of each gradient, of their mean, or of each difference.

    Returns:
        w after each step, shape ``(BIAS_STEPS + 1,)``, for each of `MEANS`.
    """
    examples = tf.constant([0.0, 0.0, third])
    paths = _descents(examples, tf.constant(bound, tf.float32)).numpy()
    return dict(zip(MEANS, paths.T, strict=True))


def mean_huber(w: np.ndarray, third: float, bound: float) -> np.ndarray:
    """Return the mean of Huber's losses of the examples 0, 0 and `third` at each w, ``(n,)``."""
    w = tf.constant(w, tf.float32)
    losses = [huber(w - x, bound) for x in (0.0, 0.0, third)]
    return tf.reduce_mean(losses, axis=0).numpy()


# ---- the same word, another thing ---------------------------------------------------------------


def clipped_objective(ratio: np.ndarray, advantage: float, epsilon: float) -> tuple:
    """Return PPO's clipped objective and its slope at each ratio.

    Schulman and others (2017), *Proximal policy optimization algorithms*, equation 7.

    Args:
        ratio: New probability of an action over the old one, shape ``(n,)``.
        advantage: Above 0 if the action was better than expected.
        epsilon: How far from 1 the ratio may go.

    Returns:
        Both of shape ``(n,)``.
    """
    ratio = tf.constant(ratio, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(ratio)
        kept = tf.clip_by_value(ratio, 1 - epsilon, 1 + epsilon)
        objective = tf.minimum(ratio * advantage, kept * advantage)
    return objective.numpy(), tape.gradient(objective, ratio).numpy()


CRITIC_STEPS, CRITIC_RATE = 30, 0.01


@cache
def critic_weights(bound: float) -> tuple[np.ndarray, np.ndarray]:
    """Train a critic w x to tell real examples at 2 from generated ones at 0, its weight clipped.

    Arjovsky, Chintala and Bottou (2017), *Wasserstein GAN*, algorithm 1.

    Returns:
        The weight after each step, and the gradient there, each of shape ``(CRITIC_STEPS + 1,)``.
    """
    w, weights, gradients = tf.constant(0.0), [], []
    for _ in range(CRITIC_STEPS + 1):
        with tf.GradientTape() as tape:
            tape.watch(w)
            difference = w * 2.0 - w * 0.0
        weights.append(w)
        gradients.append(tape.gradient(difference, w))
        w = tf.clip_by_value(w + CRITIC_RATE * gradients[-1], -bound, bound)
    return np.array(weights), np.array(gradients)


ATTENTION_STEPS, ATTENTION_RATE = 30, 0.1


@cache
def attention_logits(most: float) -> dict[str, np.ndarray]:
    """Let an attention logit q k grow by gradient ascent, and scale q and k back above `most`.

    Kimi Team (2025), *Kimi K2: open agentic intelligence*, section 2.1: QK-clip.

    Returns:
        The logit after each step, shape ``(ATTENTION_STEPS + 1,)``: "left alone" and "QK-clip".
    """
    paths = {}
    for name, limit in (("left alone", np.inf), ("QK-clip", most)):
        q, k, logits = tf.constant(1.0), tf.constant(1.0), []
        for _ in range(ATTENTION_STEPS + 1):
            logits.append(q * k)
            # The gradient of q k with respect to q is k, and the other way round.
            q, k = q + ATTENTION_RATE * k, k + ATTENTION_RATE * q
            scale = tf.sqrt(tf.minimum(limit / (q * k), 1.0))
            q, k = scale * q, scale * k
        paths[name] = np.array(logits)
    return paths


# ---- scenes -----------------------------------------------------------------------------------


class HeavyTails(Scene):
    """How far a thousand runs end from the minimum, for noise with light and heavy tails."""

    alt = (
        "Share of 1,000 runs that end further from the minimum than a distance, both on log axes, "
        "unclipped and clipped. With heavy tails the unclipped curve reaches far to the right."
    )
    labels = {
        "degrees": "degrees of freedom ν",
        "rate": "learning rate η",
        "bound": "bound c",
    }
    colours = {"degrees": theme.GRADIENT, "rate": theme.RAW, "bound": theme.BOUND}
    span = (0.1, 1000.0)

    def draw(self) -> None:
        """Draw the axes."""
        axes = self.figure.subplots()
        axes.set(xlim=self.span, xscale="log", xlabel="distance from the minimum")
        axes.set(ylim=(8e-4, 1.3), yscale="log", ylabel="share of runs further away")
        axes.set_yticks([1e-3, 1e-2, 1e-1, 1], ["0.1 %", "1 %", "10 %", "100 %"])
        self.further = 1 - np.arange(RUNS) / RUNS
        looks = {"unclipped": theme.RAW_STYLE, "clipped": theme.CLIPPED_STYLE}
        self.curves = {
            name: self.moves(*axes.plot([], [], markevery=50, ms=6, label=name, **look))
            for name, look in looks.items()
        }
        axes.legend(loc="upper right")

    def update(self, degrees: float = 1.5, rate: float = 0.1, bound: float = 1.0) -> str:
        """Run with this noise."""
        told = []
        for name, found in distances(degrees, rate, bound).items():
            self.curves[name].set_data(np.clip(found, *self.span), self.further)
            told.append(
                f"{name}: half of the runs are within {np.median(found):.2g}, "
                f"99 % within {np.quantile(found, 0.99):.2g}, all within {found[-1]:.2g}"
            )
        return f"ν = {degrees:g}, η = {rate:g}, c = {bound:g}. {'; '.join(told).capitalize()}."


class Bias(Scene):
    """Where descent to the mean of three examples ends if gradients are clipped."""

    alt = (
        "Left: Huber's loss over w, and half the square, each with its minimum. Right: w at each "
        "step with each gradient clipped, with their mean clipped, and with error feedback; dotted "
        "lines at Huber's minimum and at the mean."
    )
    labels = {"third": "third example x₃", "bound": "bound c"}
    colours = {"third": theme.RAW, "bound": theme.BOUND}
    size = (10.0, 4.6)
    most = 5.0

    def draw(self) -> None:
        """Draw both panels."""
        loss, steps = self.figure.subplots(1, 2, width_ratios=[1, 1.3])
        loss.set(xlim=(-0.5, self.most), ylim=(0, 28), xlabel="w", ylabel="loss")
        self.grid = np.linspace(-0.5, self.most, 111)
        self.square = self.moves(*loss.plot([], [], color=theme.TRUE, label="half the square"))
        self.huber = self.moves(*loss.plot([], [], "--", color=theme.CLIPPED, label="Huber"))
        # Not cut off at the edge, where a loss of 0 lies.
        self.lowest = self.moves(
            *loss.plot([0], [0], "v", color=theme.CLIPPED, ms=11, clip_on=False)
        )
        self.middle = self.moves(*loss.plot([0], [0], "v", color=theme.TRUE, ms=11, clip_on=False))
        loss.legend(loc="upper right", fontsize=12)
        steps.set(xlim=(-2, BIAS_STEPS + 2), ylim=(-0.5, self.most), xlabel="step", ylabel="w")
        looks = theme.CLIPPED_STYLE, theme.RAW_STYLE, {"color": theme.GRADIENT, "marker": "D"}
        self.paths = {
            name: self.runs(*steps.plot([], [], markevery=12, label=name, **look))
            for name, look in zip(MEANS, looks, strict=True)
        }
        self.levels = self.moves(
            steps.axhline(0, color=theme.TRUE, ls=":", lw=2),
            steps.axhline(0, color=theme.CLIPPED, ls=":", lw=2),
        )
        steps.legend(loc="upper left", fontsize=12, ncols=2)

    def update(self, third: float = 10.0, bound: float = 1.0) -> str:
        """Clip to `bound`."""
        losses = mean_huber(self.grid, third, bound)
        squares = np.mean([(self.grid - x) ** 2 / 2 for x in (0, 0, third)], axis=0)
        self.huber.set_data(self.grid, losses)
        self.square.set_data(self.grid, squares)
        mean = third / 3
        estimate = min(bound / 2, mean)
        self.middle.set_data([mean], [np.interp(mean, self.grid, squares)])
        self.lowest.set_data([estimate], [np.interp(estimate, self.grid, losses)])
        self.levels[0].set_ydata([mean, mean])
        self.levels[1].set_ydata([estimate, estimate])
        found = estimates(third, bound)
        for name, path in found.items():
            self.paths[name].set_data(np.arange(BIAS_STEPS + 1), path)
        ends = ", ".join(f"{name} {path[-1]:.2f}" for name, path in found.items())
        return (
            f"Examples 0, 0 and {third:g}, c = {bound:g}: the mean is {mean:.2f}, Huber's minimum "
            f"{estimate:.2f}. After {BIAS_STEPS} steps: {ends}."
        )


class SameWord(Scene):
    """Three things called clipping: of a ratio, of weights, of attention."""

    alt = (
        "Three panels. The objective of PPO and its slope over the ratio; a critic's weight and "
        "its gradient at each step; an attention logit at each step, left alone and scaled back."
    )
    labels = {
        "epsilon": "PPO ε",
        "advantage": "PPO advantage A",
        "weight": "WGAN bound c",
        "logit": "QK-clip bound τ",
    }
    colours = {"epsilon": theme.BOUND, "weight": theme.BOUND, "logit": theme.BOUND}

    def draw(self) -> None:
        """Draw three panels."""
        ratio, critic, logit = self.figure.subplots(1, 3)
        self.ratios = np.linspace(0, 2, 161)
        ratio.set(xlim=(0, 2), ylim=(-2.2, 2.2), xlabel="ratio r", title="PPO")
        critic.set(xlim=(-1, CRITIC_STEPS + 1), ylim=(0, 2.3), xlabel="step", title="WGAN")
        logit.set(xlim=(-1, ATTENTION_STEPS + 1), ylim=(1, 1e3), yscale="log", xlabel="step")
        logit.set_title("QK-clip")
        out = {**theme.CLIPPED_STYLE, "ms": 5}
        slope = {"color": theme.GRADIENT, "ls": "--"}
        self.objective, self.slope = self.moves(
            *ratio.plot([], [], **out, markevery=20, label="objective"),
            *ratio.plot([], [], **slope, label="slope"),
        )
        self.weight, self.gradient = self.runs(
            *critic.plot([], [], **out, markevery=3, label="weight × 10"),
            *critic.plot([], [], **slope, label="gradient"),
        )
        self.logits = self.runs(
            *logit.plot([], [], **theme.RAW_STYLE, ms=5, markevery=3, label="left alone"),
            *logit.plot([], [], **out, markevery=3, label="QK-clip"),
        )
        for axes in (ratio, critic, logit):
            axes.legend(loc="lower right", fontsize=12)

    def update(
        self, epsilon: float = 0.2, advantage: int = 1, weight: float = 0.1, logit: int = 30
    ) -> str:
        """Clip the ratio, the weight and the logit."""
        objective, slope = clipped_objective(self.ratios, float(advantage), epsilon)
        self.objective.set_data(self.ratios, objective)
        self.slope.set_data(self.ratios, slope)
        weights, gradients = critic_weights(weight)
        steps = np.arange(CRITIC_STEPS + 1)
        self.weight.set_data(steps, 10 * weights)
        self.gradient.set_data(steps, gradients)
        found = attention_logits(float(logit))
        for line, logits in zip(self.logits, found.values(), strict=True):
            line.set_data(np.arange(ATTENTION_STEPS + 1), logits)
        edge = 1 + epsilon if advantage > 0 else 1 - epsilon
        side = "above" if advantage > 0 else "below"
        return (
            f"PPO: no slope at a ratio {side} {edge:.3g}. WGAN: the weight ends at "
            f"{weights[-1]:.2g}, its gradient is still {gradients[-1]:g}. Attention: the logit "
            f"ends at {found['left alone'][-1]:.0f} left alone and at {found['QK-clip'][-1]:.0f} "
            "with QK-clip."
        )
