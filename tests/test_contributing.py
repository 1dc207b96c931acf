"""The example in CONTRIBUTING.md is a scene that would pass the tests of the lectures."""

import re
from pathlib import Path

import numpy as np

from lessons.explorable import theme
from lessons.explorable.live import explore
from lessons.explorable.scene import Scene
from tests.lectures import sweep

TEXT = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_example_is_a_scene_without_problems():
    names = {"np": np, "theme": theme, "Scene": Scene, "explore": explore}
    exec(re.search(r"```python\n(.*?)```", TEXT, re.DOTALL).group(1), names)
    call = re.search(r"`(explore\(Parabola.*?\))`", TEXT).group(1)
    explorer = eval(call, names)
    assert explorer.frame(x=-2).readout == "At x = -2 the loss is 4 and the slope -4."
    for at in sweep.along(explorer, "x"):
        assert not sweep.problems(explorer, at)


def test_what_it_names_exists():
    root = Path(__file__).parents[1]
    for path in re.findall(r"`((?:lessons|tests|notebooks)/[\w/]+\.(?:py|ipynb))`", TEXT):
        if "NAME" not in path and "NN" not in path:
            assert (root / path).is_file(), path
