"""The visual language: the same thing has the same colour in every lecture.

The colours keep apart for colour-blind eyes and reach a contrast of 4.5 : 1 on white, so that each
of them may also colour words. A colour never carries a meaning alone: raw values have round marks,
clipped values square ones, bounds are dashed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

RAW = "#0067a5"  # what came in
CLIPPED = "#b84300"  # what came out
BOUND = "#4a4a4a"  # the bound, the box, the ball
TRUE = "#00735c"  # the true direction, the wanted answer
GRADIENT = "#5e1a6e"  # a slope, or how much of a gradient passes
MUTED = "#767676"  # what is shown for comparison only
FILL = {RAW: "#cfe3f1", CLIPPED: "#f6d5c0", BOUND: "#ececec", TRUE: "#cdeae2"}

BOUND_LINE = (0, (5, 3))
# Line2D properties of raw and of clipped values.
RAW_STYLE: dict[str, Any] = {"color": RAW, "marker": "o"}
CLIPPED_STYLE: dict[str, Any] = {"color": CLIPPED, "marker": "s"}
# Line2D properties of a bound, be it a level, a box or a ball.
BOUND_STYLE: dict[str, Any] = {"color": BOUND, "ls": BOUND_LINE, "lw": 1.8}
# Quiver properties of an arrow from the origin, in the units of its axes.
ARROW_STYLE: dict[str, Any] = {"angles": "xy", "scale_units": "xy", "scale": 1}
# The box behind a number: a line passes behind the number, and not through it.
PAPER: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}

_STYLE_FILE = Path(__file__).parents[2] / "assets" / "lecture.mplstyle"


def _read_style() -> dict:
    if not _STYLE_FILE.is_file():
        raise FileNotFoundError(
            f"{_STYLE_FILE} is missing. Restore it with: git checkout -- assets/lecture.mplstyle"
        )
    read = mpl.rc_params_from_file(_STYLE_FILE, use_default_template=False)
    return dict(read)


_STYLE = _read_style()


@contextmanager
def applied() -> Iterator[None]:
    """Draw in the lectures' style inside a ``with`` block; the caller's own style comes back."""
    with mpl.rc_context(_STYLE):
        yield


def figure(width: float, height: float) -> Figure:
    """Return an empty figure in the lectures' style.

    Args:
        width: Inches. At 72 dots an inch, 10 inches with 14-point text stay readable from the back.
        height: Inches.
    """
    with applied():
        return Figure(figsize=(width, height), layout="constrained")


def legend_above(axes: Axes, **style: Any) -> None:
    """Put the legend of `axes` above the whole figure, in one row; `style` goes to the legend."""
    handles, labels = axes.get_legend_handles_labels()
    style = {"loc": "outside upper center", "ncols": len(handles), **style}
    axes.figure.legend(handles, labels, **style)


def log_axis(axes: Axes, lowest: int, highest: int) -> None:
    """Give `axes` a logarithmic y axis from 10**`lowest` to 10**`highest`.

    The ticks at both ends read ≤ and ≥: what lies beyond is drawn there.
    """
    axes.set(ylim=(10.0**lowest, 10.0**highest), yscale="log")
    inner = range(lowest + 1, highest)
    ticks = [lowest, *inner[1::2], highest] if len(inner) > 3 else [lowest, *inner, highest]
    labels = [f"$10^{{{power}}}$" for power in ticks]
    labels[0], labels[-1] = rf"$\leq 10^{{{lowest}}}$", rf"$\geq 10^{{{highest}}}$"
    axes.set_yticks([10.0**power for power in ticks], labels)
    axes.minorticks_off()


def percent_axis(axes: Axes, step: int = 25) -> None:
    """Give `axes` a y axis for shares from 0 to 1, with a tick every `step` percent."""
    ticks = range(0, 101, step)
    axes.set(ylim=(0, 1), yticks=[tick / 100 for tick in ticks])
    axes.set_yticklabels([f"{tick} %" for tick in ticks])
