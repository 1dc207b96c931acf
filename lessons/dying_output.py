"""Lecture 6: how an output layer with ReLU dies within two steps.

Behind ``notebooks/06_training.ipynb``, with ``training.py``. First the numbers, then the scene.
"""

from functools import cache

import numpy as np
import tensorflow as tf

from lessons.arguments import check_integer
from lessons.digits.network import BATCH, flat_images, network, outputs
from lessons.digits.runs import loss_of
from lessons.explorable import theme
from lessons.explorable.scene import Scene

RATE = 0.01
DIVISOR = 50.0
LAST = 3


@cache
def sums_of_the_units(bound: float | None) -> np.ndarray:
    """Return what the ten output units compute, before their ReLU, in the first steps.

    Args:
        bound: Of the global norm; None trains without clipping.

    Returns:
        Shape ``(LAST + 1, BATCH, 10)``: for the first batch, before any step and after each.
    """
    images, labels = flat_images(DIVISOR)
    variables, found = network(0), []
    for step in range(LAST + 1):
        found.append(outputs(variables, images[:BATCH]).numpy())
        batch = slice(step * BATCH, (step + 1) * BATCH)
        with tf.GradientTape() as tape:
            loss = loss_of(
                variables, images[batch], labels[batch], output="ReLU", loss="squared error"
            )
        gradients = tape.gradient(loss, variables)
        if bound is not None:
            gradients, _ = tf.clip_by_global_norm(gradients, bound)
        for v, g in zip(variables, gradients, strict=True):
            v.assign_sub(RATE * g)
    return np.array(found)


class OutputsOfTheUnits(Scene):
    """What each of the ten output units computes, over the first three steps."""

    alt = (
        "Two panels, without clipping and clipped at 15: for each of the ten output units a dot "
        "for each image of a batch, at what the unit computes before its ReLU. Below 0 the ReLU "
        "gives 0, and no gradient passes."
    )
    labels = {"step": "steps taken"}
    colours = {"step": theme.GRADIENT}
    span = 1e6

    def draw(self) -> None:
        """Draw both panels."""
        panels = self.figure.subplots(1, 2, sharey=True)
        self.dots = []
        styles = {"without clipping": theme.RAW_STYLE, "clipped at 15": theme.CLIPPED_STYLE}
        for axes, (title, style) in zip(panels, styles.items(), strict=True):
            axes.set(xlim=(-0.7, 9.7), xticks=range(10), xlabel="output unit", title=title)
            axes.axhspan(-self.span, 0, color=theme.FILL[theme.BOUND])
            axes.text(-0.6, -self.span / 2, "ReLU: 0", va="bottom", size=13)
            self.dots.append(self.moves(*axes.plot([], [], ls="", ms=3, alpha=0.5, **style)))
        panels[0].set_yscale("symlog", linthresh=1)
        ticks = [-1e6, -1e3, -1, 0, 1, 1e3, 1e6]
        panels[0].set(ylim=(-self.span, self.span), ylabel="before the ReLU", yticks=ticks)

    def update(self, step: int = 0) -> str:
        """Show the units after `step` steps."""
        check_integer("step", step, 0, LAST)
        told = []
        for dots, bound in zip(self.dots, (None, 15.0), strict=True):
            sums = sums_of_the_units(bound)[step]
            dots.set_data(
                np.tile(np.arange(10), BATCH), np.clip(sums.ravel(), -self.span, self.span)
            )
            told.append(int((sums > 0).any(axis=0).sum()))
        return (
            f"Steps taken: {step}. Of the ten units, {told[0]} are above 0 for at least one image "
            f"without clipping, and {told[1]} clipped at 15."
        )
