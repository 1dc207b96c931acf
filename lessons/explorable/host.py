"""What the host of a notebook can do: asked here, and nowhere else in Python.

Its JavaScript asks in one place too: `modelOf` in ``js/live.js``.
"""

import os

from ipywidgets import Widget


def shows_widgets() -> bool:
    """Tell whether what `explore` returns can live here.

    Kaggle's front end does not know anywidget (issue 1487 of Kaggle/docker-python). It sets this
    variable in every kernel.
    """
    return "KAGGLE_KERNEL_RUN_TYPE" not in os.environ


def set_tooltip(widget: Widget, words: str) -> None:
    """Give a widget a tooltip, unless it has one or its ipywidgets has none, as on Colab."""
    if widget.has_trait("tooltip"):
        widget.tooltip = widget.tooltip or words
