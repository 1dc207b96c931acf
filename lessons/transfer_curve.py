"""What a clip does to a few numbers: the first picture of lectures 0 and 1.

It takes the clip as an argument and imports no TensorFlow, so that lecture 0 can show a slider
before it spends seconds on that import.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lessons.explorable import theme
from lessons.explorable.scene import Scene


def moved_up_and_down(before: np.ndarray, after: np.ndarray) -> tuple[int, int]:
    """Return how many values a clip raised, and how many it lowered."""
    return int(np.sum(after > before)), int(np.sum(after < before))


class TransferCurve(Scene):
    """Output against input of a clip, and the same as a column of numbers.

    Args:
        values: At most a dozen numbers.
        clip: ``clip(values, low, high)`` of float32 values, such as ``tf.clip_by_value``.
    """

    alt = (
        "Left: output against input of a clip, a diagonal that goes flat at the lower and at the "
        "upper bound. Right: the numbers before and after, with a note beside each that moved."
    )
    labels = {"low": "lower bound a", "high": "upper bound b"}
    colours = {"low": theme.BOUND, "high": theme.BOUND}

    def __init__(self, values: Sequence[float], clip: Callable[[np.ndarray, float, float], Any]):
        self.clip = clip
        self.values = np.asarray(values, np.float32)
        margin = 0.06 * np.ptp(self.values)
        self.span = (self.values.min() - margin, self.values.max() + margin)
        self.grid = np.linspace(*self.span, 241, dtype=np.float32)

    def draw(self) -> None:
        """Draw the diagonal and the column of numbers that go in."""
        curve, column = self.figure.subplots(1, 2, width_ratios=[1.25, 1])
        curve.set(xlim=self.span, ylim=self.span, xlabel="input x", ylabel="output")
        curve.plot(self.span, self.span, color=theme.RAW, lw=1.5, label="unclipped")
        self.bounds = self.moves(*(curve.axhline(0, **theme.BOUND_STYLE) for _ in range(2)))
        self.curve = self.moves(*curve.plot([], [], color=theme.CLIPPED, label="clipped"))
        self.points = self.moves(
            *curve.plot(self.values, self.values, ls="", clip_on=False, **theme.CLIPPED_STYLE)
        )
        beside = float(self.span[1] + 0.01 * np.ptp(self.span))
        # One below its line and one above: both can be read where the bounds are equal.
        self.names = [
            self.moving_text(curve, beside, 0, color=theme.BOUND, va=side)
            for side in ("top", "bottom")
        ]
        curve.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
        self._draw_column(column)

    def _draw_column(self, axes) -> None:
        axes.axis("off")
        axes.set(xlim=(0, 1), ylim=(-len(self.values) + 0.4, 1.6))
        for x, heading in ((0.12, "in"), (0.42, "out")):
            axes.text(x, 1, heading, ha="right", weight="bold")
        self.after, self.notes = [], []
        for row, value in enumerate(self.values):
            axes.text(0.12, -row, f"{value:g}", ha="right", color=theme.RAW)
            axes.text(0.22, -row, "→", ha="center", color=theme.MUTED)
            self.after.append(self.moving_text(axes, 0.42, -row, ha="right", color=theme.CLIPPED))
            self.notes.append(self.moving_text(axes, 0.5, -row, color=theme.BOUND))

    def update(self, low: float = 2.0, high: float = 8.0) -> str:
        """Clip to ``[low, high]``."""
        out = np.asarray(self.clip(self.values, low, high))
        self.curve.set_data(self.grid, np.asarray(self.clip(self.grid, low, high)))
        self.points.set_ydata(out)
        for line, text, name, bound in zip(self.bounds, self.names, "ab", (low, high), strict=True):
            line.set_ydata([bound, bound])
            text.set(text=name, y=bound)
        # Where the bounds are crossed, a has the last word.
        lowered = f"↓ lowered to {'b' if low <= high else 'a'}"
        for text, note, before, after in zip(self.after, self.notes, self.values, out, strict=True):
            text.set_text(f"{after:g}")
            text.set_weight("bold" if after != before else "normal")
            note.set_text({1: "↑ raised to a", 0: "", -1: lowered}[np.sign(after - before)])
        up, down = moved_up_and_down(self.values, out)
        if low > high:
            return (
                f"The lower bound {low:g} is above the upper bound {high:g}: "
                f"every number becomes {low:g}."
            )
        return (
            f"{up + down} of {len(out)} values clipped: {up} raised to {low:g}, "
            f"{down} lowered to {high:g}."
        )
