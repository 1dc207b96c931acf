"""The sweep finds what it is meant to find."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection

from lessons.explorable import Scene, explore
from tests.lectures import sweep


class Loose(Scene):
    """One of each kind of artist, all at the same moving place."""

    alt = "Things that move."

    def draw(self):
        axes = self.figure.subplots()
        axes.set(xlim=(0, 10), ylim=(1, 100), yscale="log")
        self.axes = axes
        self.things = {
            "line": self.moves(axes.plot([5], [10])[0]),
            "across": self.moves(axes.axhline(10)),
            "upright": self.moves(axes.axvline(5)),
            "markers": self.moves(axes.scatter([5], [10])),
            "strokes": self.moves(axes.add_collection(LineCollection([[(5, 10), (5, 11)]]))),
            "bar": self.moves(axes.bar([5], [9], bottom=1)[0]),
            "stairs": self.moves(axes.stairs([10], [5, 6], baseline=1)),
            "band": self.moves(axes.fill_between([5, 6], 1, 10)),
            "arrow": self.moves(
                axes.quiver(5, 10, 0, 0, angles="xy", scale_units="xy", scale=1, width=0.01)
            ),
            "text": self.moves(axes.text(5, 10, "words")),
        }

    def update(self, thing="line", x=5.0, height=10.0, readout="All is well."):
        artist = self.things[thing]
        match thing:
            case "line":
                artist.set_data([5, np.nan, x], [10, np.nan, height])
            case "across":
                artist.set_ydata([height, height])
            case "upright":
                artist.set_xdata([x, x])
            case "markers":
                artist.set_offsets([[x, height]])
            case "strokes":
                artist.set_segments([[(5, 10), (x, height)]])
            case "bar":
                artist.set(x=x, height=height - 1)
            case "stairs":
                artist.set_data([height], [x, x + 1], baseline=1)
            case "band":
                artist.set_data([x, x + 1], 1, height)
            case "arrow":
                artist.set_UVC(x - 5, height - 10)
            case "text":
                artist.set(x=x, y=height)
        return readout


THINGS = {
    "line": "xy",
    "across": "y",
    "upright": "x",
    "markers": "xy",
    "strokes": "xy",
    "bar": "xy",
    "stairs": "xy",
    "band": "xy",
    "arrow": "xy",
    "text": "xy",
}


@pytest.fixture
def loose():
    """A function that gives what the sweep finds wrong with a `Loose` at some position."""
    explorer = explore(Loose(), thing=list(THINGS))
    return lambda **at: sweep.problems(explorer, at)


@pytest.mark.parametrize("thing", THINGS)
def test_the_sweep_finds_what_leaves_the_axes_and_passes_what_lies_on_them(loose, thing):
    assert loose(thing=thing, x=8.9, height=99.0) == []
    for off in [{"x": -9.0}, {"x": 19.0}] if "x" in THINGS[thing] else []:
        assert len(loose(thing=thing, **off)) == 1
    if "y" in THINGS[thing]:
        assert len(loose(thing=thing, height=5000.0)) == 1


def test_the_sweep_lets_hidden_things_be_anywhere():
    explorer = explore(Loose(), thing=list(THINGS))
    explorer.picture.scene.things["line"].set_visible(False)
    assert sweep.problems(explorer, {"x": 19.0}) == []


def test_the_sweep_finds_a_readout_that_says_nothing(loose):
    for readout in ("It is nan.", "It grew to inf.", "At [1, -inf] it ends.", "No full stop"):
        assert len(loose(readout=readout)) == 1


def test_the_sweep_finds_a_run_whose_points_are_not_its_steps():
    class Descent(Scene):
        alt = "A descent."
        first_step = 1

        def draw(self):
            axes = self.figure.subplots()
            axes.set(xlim=(0, 5), ylim=(0, 5), xlabel="step")
            self.line = self.runs(axes.plot([], [])[0])

        def update(self, points=(1, 2, 3), heights=(1, 2, 3)):
            self.line.set_data(points, heights)
            return "All is well."

    descent = explore(Descent(), points=[(1, 2, 3), (0, 1, 2)])
    assert sweep.problems(descent, {}) == []
    assert sweep.problems(descent, {"heights": (1, 2, np.nan)}) == []
    assert "gap" in sweep.problems(descent, {"heights": (1, np.nan, 3)})[0]
    assert "from 1 on" in sweep.problems(descent, {"points": (0, 1, 2)})[0]


def test_the_sweep_turns_warnings_into_errors():
    class Warns(Loose):
        def update(self, x=1.0):
            if x > 1:
                np.float32(1e38) * np.float32(1e38)
            return "All is well."

    with pytest.raises(Exception, match="overflow"):
        sweep.problems(explore(Warns(), x=(1.0, 2.0)), {"x": 2.0})
