"""Pictures with sliders: a `Scene` that an author writes, `explore` and `show` that show it.

A `Prediction` is asked before its sliders move.
"""

from lessons.explorable.live import explore, show
from lessons.explorable.prediction import Prediction
from lessons.explorable.scene import Scene

__all__ = ["Prediction", "Scene", "explore", "show"]
