"""Lecture 9, section 1: a picture climbs a gradient that is raw, clipped or normalised.

Behind ``notebooks/09_beyond_clipping.ipynb``. First the numbers, all of them computed by
TensorFlow, then the scenes that draw them. The network is that of ``stored_reader`` in
``lessons/digits/rules.py``.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from lessons.arguments import check_choice, check_integer, check_positive
from lessons.digits.network import flat_digits, outputs
from lessons.digits.rules import stored_reader
from lessons.explorable import theme
from lessons.explorable.scene import Scene

# ---- numbers ----------------------------------------------------------------------------------

HOWS = ("raw", "clipped", "normalised")
BOUND = 1.0
STEPS = 30
SURE = 0.9
# l2_normalize divides by at least the root of its epsilon: at the default of 1e-12, a gradient
# shorter than 1e-6 would stay short. Here the shortest are near 1e-8.
SHORTEST = 1e-30


class Climb(NamedTuple):
    """How a climb of n pictures went.

    Attributes:
        images: At its end, shape ``(n, 784)``.
        sure: Probability of the wanted digit after 0, 1, ... `STEPS` steps, ``(STEPS + 1, n)``.
        norms: Of the gradient there, before it is clipped or normalised, ``(STEPS + 1, n)``.
    """

    images: np.ndarray
    sure: np.ndarray
    norms: np.ndarray


@cache
def _climbing(how: str) -> Callable:
    @tf.function
    def climbing(values, images, wanted, rate):
        sure = tf.TensorArray(tf.float32, STEPS + 1)
        norms = tf.TensorArray(tf.float32, STEPS + 1)
        for step in tf.range(STEPS + 1):
            with tf.GradientTape() as tape:
                tape.watch(images)
                p = tf.reduce_sum(wanted * tf.nn.softmax(outputs(values, images)), axis=1)
            gradient = tape.gradient(p, images)
            sure, norms = sure.write(step, p), norms.write(step, tf.norm(gradient, axis=1))
            if how == "clipped":
                gradient = tf.clip_by_norm(gradient, BOUND, axes=[1])
            if how == "normalised":
                gradient = tf.math.l2_normalize(gradient, axis=1, epsilon=SHORTEST)
            if step < STEPS:
                # A picture that is sure stays: normalised, any speck of a gradient would move it.
                length = tf.where(p > SURE, 0.0, rate)[:, None]
                images = tf.clip_by_value(images + length * gradient, 0.0, 1.0)
        return images, sure.stack(), norms.stack()

    return climbing


def climb(
    values: Sequence[tf.Tensor], images: tf.Tensor, wanted: Sequence[int], how: str, rate: float
) -> Climb:
    """Change pictures step by step so that a network takes each for the wanted digit.

    Every step adds `rate` times the gradient of the digit's probability, and clips the picture by
    value to [0, 1], so that it stays one. A picture stops when the probability is above `SURE`.

    Args:
        values: Of a network, as `outputs` takes them.
        images: Shape ``(n, 784)``, from 0 to 1.
        wanted: A digit for each picture.
        how: What is done to the gradient of each picture, one of `HOWS`; the bound is `BOUND`.
        rate: Length of a step for a gradient of norm 1.

    Raises:
        ValueError: `how` is unknown, or `rate` is not above 0.
    """
    check_choice("how", how, HOWS)
    check_positive("rate", rate)
    rate = tf.constant(rate, tf.float32)
    climbed = _climbing(how)(list(values), images, tf.one_hot(wanted, 10), rate)
    return Climb(*(result.numpy() for result in climbed))


@cache
def first_of_each_digit() -> tf.Tensor:
    """Return the first test image of each digit over 255, shape ``(10, 784)``."""
    _, _, images, labels = flat_digits(255.0)
    return tf.gather(images, [int(np.argmax(labels == digit)) for digit in range(10)])


def every_pair() -> tuple[tf.Tensor, list[int]]:
    """Return the start and the wanted digit of all 90 climbs from one digit to another."""
    pairs = [(start, wanted) for start in range(10) for wanted in range(10) if start != wanted]
    starts, wanted = zip(*pairs, strict=True)
    return tf.gather(first_of_each_digit(), starts), list(wanted)


def sure_at_the_end(values: Sequence[tf.Tensor], how: str, rate: float) -> int:
    """Return how many of the 90 climbs end with a probability above `SURE`."""
    return int(np.sum(climb(values, *every_pair(), how, rate).sure[-1] > SURE))


# ---- scenes -----------------------------------------------------------------------------------


def _picture(axes: Axes, title: str) -> AxesImage:
    """Prepare axes for a picture of a digit, and return the picture, still white."""
    axes.set(xticks=[], yticks=[], title=title)
    axes.spines[:].set_visible(True)
    axes.grid(visible=False)
    return axes.imshow(
        np.zeros((28, 28)), cmap="Greys", vmin=0, vmax=1, interpolation="none", aspect="equal"
    )


class Pictures(Scene):
    """Some pictures side by side.

    Args:
        pictures: By title, each of 784 numbers; what lies below 0 is white, above 1 black.
    """

    alt = "Pictures of digits, 28 by 28 pixels each, side by side."
    size = (10.0, 3.4)

    def __init__(self, pictures: Mapping[str, np.ndarray]):
        self.pictures = {title: np.reshape(image, (28, 28)) for title, image in pictures.items()}

    def draw(self) -> None:
        """Draw them."""
        panels = self.figure.subplots(1, len(self.pictures))
        for axes, (title, image) in zip(panels, self.pictures.items(), strict=True):
            _picture(axes, title).set_data(image)

    def update(self) -> str:
        """Say which range each covers."""
        told = (f"{title}: {i.min():.1f} to {i.max():.1f}" for title, i in self.pictures.items())
        return f"{'; '.join(told).capitalize()}."


class DigitDream(Scene):
    """A digit is changed until a network takes it for another."""

    alt = (
        "Left: a digit, the picture that it has become, and the change, darker where ink came. "
        "Right: probability of the wanted digit and norm of its gradient at each step, on a log "
        "axis."
    )
    labels = {
        "how": "gradient",
        "rate": "step η",
        "start": "start digit",
        "wanted": "wanted digit",
    }
    colours = {"rate": theme.RAW}
    size = (10.0, 4.0)
    floor = 1e-8

    def draw(self) -> None:
        """Draw three empty pictures and the axes of the curves."""
        *panels, curves = self.figure.subplots(1, 4, width_ratios=[1, 1, 1, 1.9])
        self.before, self.after, self.change = (
            self.moves(_picture(axes, title))
            for axes, title in zip(panels, ("start", "dream", "change"), strict=True)
        )
        self.change.set_clim(-1, 1)
        curves.set(xlim=(-0.5, STEPS + 0.5), ylim=(self.floor, 3), yscale="log", xlabel="step")
        curves.axhline(SURE, color=theme.TRUE, ls=":", lw=2)
        self.sure = self.moves(
            *curves.plot([], [], "-D", color=theme.TRUE, ms=4, label="probability")
        )
        self.norm = self.moves(*curves.plot([], [], ms=4, label="norm", **theme.RAW_STYLE))
        theme.legend_above(curves)

    def update(self, how: str = "raw", rate: float = 1.0, start: int = 1, wanted: int = 8) -> str:
        """Climb from `start` to `wanted`."""
        check_integer("start", start, 0, 9)
        check_integer("wanted", wanted, 0, 9)
        begin = first_of_each_digit()[start : start + 1]
        images, sure, norms = climb(stored_reader(), begin, [wanted], how, rate)
        before, after = np.reshape(begin, (28, 28)), images.reshape(28, 28)
        self.before.set_data(before)
        self.after.set_data(after)
        self.change.set_data(after - before)
        for line, values in ((self.sure, sure), (self.norm, norms)):
            line.set_data(np.arange(STEPS + 1), np.maximum(values[:, 0], self.floor))
        above = np.flatnonzero(sure[:, 0] > SURE)
        reached = f"from step {above[0]} on" if len(above) else f"in none of {STEPS} steps"
        return (
            f"{how.capitalize()}, η = {rate:g}, from {start} to {wanted}: the norm starts at "
            f"{norms[0, 0]:.1g}; the probability is above {SURE} {reached}."
        )
