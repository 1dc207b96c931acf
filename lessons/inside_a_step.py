"""Lecture 7: where clipping sits in an optimizer.

Behind ``notebooks/07_inside_a_step.ipynb``. First the numbers, all of them computed by TensorFlow,
then the scene that draws them.
"""

import keras
import numpy as np
import tensorflow as tf

from lessons.arguments import check_choice
from lessons.explorable import theme
from lessons.explorable.scene import Scene

# ---- numbers ----------------------------------------------------------------------------------

FIRST_BATCH = 10.0
RATE = 0.1
PLACES = ("before unscaling", "after unscaling", "after averaging", "nowhere")


def each_clipped(numbers: tf.Tensor, bound: float) -> tf.Tensor:
    """Clip each number of a tensor, shape ``(n,)``, to a norm of `bound`, one by one."""
    return tf.clip_by_norm(numbers[:, None], bound, axes=[1])[:, 0]


def inside_a_step(place: str, second: float, scale: float, bound: float) -> dict[str, np.ndarray]:
    """Follow the gradients of two batches of one weight through a step of the optimizer.

    The gradients are `FIRST_BATCH` and `second`. The loss was multiplied by `scale`, so the tape
    returns both times `scale`; then they are divided by it, their mean is taken, and the mean times
    the learning rate `RATE` is the step.

    Args:
        place: Where the numbers are clipped to `bound`: one of `PLACES`.
        second: The gradient of the second batch.
        scale: What the loss was multiplied by.
        bound: Of the clip.

    Returns:
        The gradients at each station, before any clip there: shape ``(2,)`` for the first two
        stations, ``(1,)`` for the last two.

    Raises:
        ValueError: There is no such place.
    """
    check_choice("place", place, PLACES)

    def leaving(station: str, numbers: tf.Tensor) -> tf.Tensor:
        return each_clipped(numbers, bound) if place == station else numbers

    taped = scale * tf.constant([FIRST_BATCH, second])
    unscaled = leaving(PLACES[0], taped) / scale
    mean = tf.reduce_mean(leaving(PLACES[1], unscaled), keepdims=True)
    step = RATE * leaving(PLACES[2], mean)
    stations = {"tape": taped, "unscaled": unscaled, "mean": mean, "step": step}
    return {name: numbers.numpy() for name, numbers in stations.items()}


def digit_layers() -> list[keras.layers.Layer]:
    """Return the layers of a small network for the digits, 784-32-10, the same at every call."""
    start = [keras.initializers.GlorotUniform(seed) for seed in range(2)]
    return [
        keras.layers.Dense(32, "relu", kernel_initializer=start[0]),
        keras.layers.Dense(10, kernel_initializer=start[1]),
    ]


# ---- scenes -----------------------------------------------------------------------------------


def _short(number: float) -> str:
    """Return a number above 0 in as few characters as fit over a bar."""
    if number >= 1e4 or number < 1e-3:
        return f"{number:.1e}"
    return f"{number:.0f}" if number >= 1e3 else f"{number:.3g}"


class InsideAStep(Scene):
    """The gradients of two batches on their way to a step, and a clip somewhere along the way."""

    alt = (
        "Bars on a log axis: the gradients of two batches as the tape returns them, unscaled, "
        "their mean, and the step. A vertical line shows where they are clipped; the bars to the "
        "right of it are orange and hatched."
    )
    labels = {
        "place": "clip",
        "second": "second batch g₂",
        "scale": "loss scale s",
        "bound": "bound c",
    }
    colours = {"second": theme.RAW, "bound": theme.BOUND}
    size = (10.0, 4.3)
    floor, top = 1e-8, 1e8

    def draw(self) -> None:
        """Draw the stations, and empty bars on them."""
        axes = self.figure.subplots()
        axes.set(ylim=(self.floor, self.top), yscale="log", xlim=(-0.6, 3.6))
        axes.set_xticks(range(4), ["from the tape", "unscaled", "mean", "step"])
        axes.set_ylabel("size")
        axes.grid(axis="x", visible=False)
        self.places = {"tape": (-0.2, 0.2), "unscaled": (0.8, 1.2), "mean": (2,), "step": (3,)}
        centres = [x for places in self.places.values() for x in places]
        self.bars = self.moves(
            *axes.bar(centres, 1 - self.floor, 0.36, self.floor, color=theme.RAW, ec="white")
        )
        self.line = self.moves(axes.axhline(1, **theme.BOUND_STYLE, label="bound c"))
        self.numbers = [
            self.moving_text(axes, x, 1, ha="center", va="bottom", size=13, bbox=theme.PAPER)
            for x in centres
        ]
        self.clip = self.moves(axes.axvline(0.5, color=theme.CLIPPED, lw=4, label="the clip"))
        theme.legend_above(axes)

    def update(
        self,
        place: str = "after averaging",
        second: float = 0.2,
        scale: int = 256,
        bound: float = 1.0,
    ) -> str:
        """Clip at `place`."""
        found = inside_a_step(place, second, scale, bound)
        cut = PLACES.index(place)
        self.clip.set_xdata([cut + 0.5] * 2)
        self.clip.set_visible(place != "nowhere")
        self.line.set_ydata([bound, bound])
        stations = [i for i, name in enumerate(found) for _ in found[name]]
        numbers = np.concatenate(list(found.values()))
        for station, number, bar, text in zip(
            stations, numbers, self.bars, self.numbers, strict=True
        ):
            after = station > cut
            bar.set_height(number - self.floor)
            bar.set_facecolor(theme.CLIPPED if after else theme.RAW)
            bar.set_hatch("//" if after else "")
            text.set(text=_short(number), y=1.15 * number)
        (step,) = found["step"]
        (wanted,) = inside_a_step("after averaging", second, scale, bound)["step"]
        told = f"Clipped {place}: a step of {_short(step)}"
        if np.isclose(step, wanted):
            return f"{told}, as long as it should be."
        ratio = step / wanted
        word = "short" if ratio < 1 else "long"
        return (
            f"{told}, {_short(max(ratio, 1 / ratio))} times too {word}: "
            f"clipped after averaging it would be {_short(wanted)}."
        )
