"""The visual language: the same thing has the same colour in every lecture.

The colours keep apart for colour-blind eyes and reach a contrast of 4.5 : 1 on white, so that each
of them may also colour words. A colour never carries a meaning alone: raw values have round marks,
clipped values square ones, bounds are dashed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

RAW = "#0067a5"  # what came in
CLIPPED = "#b84300"  # what came out
BOUND = "#4a4a4a"  # the bound, the box, the ball
TRUE = "#00735c"  # the true direction, the wanted answer
GRADIENT = "#5e1a6e"  # a slope, or how much of a gradient passes
MUTED = "#767676"  # what is shown for comparison only
FILL = {RAW: "#cfe3f1", CLIPPED: "#f6d5c0", BOUND: "#ececec", TRUE: "#cdeae2"}

RAW_MARK = "o"
CLIPPED_MARK = "s"
BOUND_LINE = (0, (5, 3))

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


def figure(width: float = 10.0, height: float = 4.4) -> Figure:
    """Return an empty figure in the lectures' style.

    Args:
        width: Inches. At 72 dots an inch, 10 inches with 14-point text stay readable from the back.
        height: Inches.
    """
    with applied():
        return Figure(figsize=(width, height), layout="constrained")
