"""Pictures with sliders: a `Scene` that an author writes, and `explore` and `show` that show it."""

from lessons.explorable.live import explore, show
from lessons.explorable.scene import Scene

__all__ = ["Scene", "explore", "show"]
