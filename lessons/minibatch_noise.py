"""Lecture 3, section 7: the mean of clipped minibatch gradients is not the clipped mean.

Behind ``notebooks/03_clip_by_global_norm.ipynb``. First the numbers, clipped by TensorFlow, then
the scene that draws them.
"""

from functools import cache

import numpy as np
import tensorflow as tf

from lessons.explorable import theme
from lessons.explorable.scene import Scene
from lessons.geometry import degrees_between

EXAMPLES = 4096
EPOCHS = 4
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SHOWN = 250


# ---- numbers ----------------------------------------------------------------------------------


@cache
def example_gradients() -> np.ndarray:
    """Return the gradient of each of `EXAMPLES` examples, float32 of shape ``(EXAMPLES, 2)``.

    Four in five lie around [0, 1]; every fifth is long, and around [3, 0].
    """
    draw = np.random.default_rng(0)
    long = np.arange(EXAMPLES) % 5 == 0
    centres = np.where(long[:, None], [3.0, 0.0], [0.0, 1.0])
    return (centres + 0.2 * draw.normal(size=(EXAMPLES, 2))).astype(np.float32)


@cache
def batch_gradients(size: int) -> np.ndarray:
    """Return the mean gradient of each minibatch of `EPOCHS` epochs.

    An epoch shuffles all examples and cuts them into batches, so that the mean of its batch
    gradients is the mean over all examples, whatever the size.

    Args:
        size: A divisor of `EXAMPLES`.

    Returns:
        Float32 of shape ``(EPOCHS * EXAMPLES / size, 2)``.
    """
    draw = np.random.default_rng(1)
    epochs = [draw.permutation(example_gradients()) for _ in range(EPOCHS)]
    return np.concatenate(epochs).reshape(-1, size, 2).mean(axis=1)


def clipped_batches(size: int, bound: float) -> np.ndarray:
    """Return `batch_gradients` with each batch clipped by its norm, of the same shape."""
    return tf.clip_by_norm(batch_gradients(size), bound, axes=[1]).numpy()


@cache
def two_means(size: int, bound: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the clipped mean over all examples, and the mean of the clipped batches."""
    clipped_mean = tf.clip_by_norm(example_gradients().mean(axis=0), bound).numpy()
    return clipped_mean, clipped_batches(size, bound).mean(axis=0)


# ---- scenes -----------------------------------------------------------------------------------


class ClippedBatches(Scene):
    """Gradients of minibatches, each clipped, and the step that they make together."""

    alt = (
        "Left: gradients of minibatches as dots, each also clipped to a ball, with two arrows: the "
        "clipped mean over all examples, and the mean of the clipped batches. Right: the angle "
        "between the arrows against the batch size."
    )
    labels = {"size": "batch size B", "bound": "bound c"}
    colours = {"size": theme.RAW, "bound": theme.BOUND}

    def draw(self) -> None:
        """Draw the plane of gradients and the axis of angles."""
        plane, angle = self.figure.subplots(1, 2, width_ratios=[1.25, 1])
        plane.set(xlim=(-1.1, 4.1), ylim=(-1.1, 2.6), aspect="equal")
        plane.set(xlabel="first number", ylabel="second number")
        angle.set(xlim=(0.8, 320), xscale="log", ylim=(-1, 31))
        angle.set(xlabel="batch size B", ylabel="turned by (degrees)")
        angle.set_xticks(SIZES, map(str, SIZES), size=12)
        angle.minorticks_off()
        dots = {"ls": "", "ms": 4, "alpha": 0.4}
        self.raw, self.clipped = self.moves(
            *plane.plot([], [], **theme.RAW_STYLE, **dots, label="batches"),
            *plane.plot([], [], **theme.CLIPPED_STYLE, **dots, label="clipped"),
        )
        self.ball = self.moves(*plane.plot([], [], **theme.BOUND_STYLE))
        arrow = {**theme.ARROW_STYLE, "width": 0.018, "zorder": 3}
        self.wanted, self.found = self.moves(
            plane.quiver(0, 0, 1, 1, color=theme.TRUE, label="clipped mean", **arrow),
            plane.quiver(0, 0, 1, 1, color=theme.GRADIENT, label="mean of clipped", **arrow),
        )
        self.curve, self.here = self.moves(
            *angle.plot([], [], color=theme.GRADIENT),
            *angle.plot([1], [0], "D", color=theme.GRADIENT, ms=11),
        )
        theme.legend_above(plane)

    def update(self, size: int = 1, bound: float = 1.0) -> str:
        """Clip the gradient of each minibatch of `size` examples to `bound`."""
        raw, clipped = batch_gradients(size), clipped_batches(size, bound)
        self.raw.set_data(*raw[:SHOWN].T)
        self.clipped.set_data(*clipped[:SHOWN].T)
        turn = np.linspace(-np.pi, np.pi, 181)
        ball = bound * np.stack([np.cos(turn), np.sin(turn)])
        self.ball.set_data(*np.where(ball.min(axis=0) < -1, np.nan, ball))
        wanted, found = two_means(size, bound)
        self.wanted.set_UVC(*wanted)
        self.found.set_UVC(*found)
        angles = [degrees_between(*two_means(each, bound)) for each in SIZES]
        turned = angles[SIZES.index(size)]
        self.curve.set_data(SIZES, angles)
        self.here.set_data([size], [turned])
        cut = np.mean(np.linalg.norm(raw, axis=1) > bound)
        return (
            f"Batches of {size}, c = {bound:g}: {cut:.0%} of them are clipped. The clipped mean of "
            f"all has length {np.linalg.norm(wanted):.2f}; the mean of the clipped batches has "
            f"length {np.linalg.norm(found):.2f} and is turned by {turned:.1f} degrees."
        )
