"""Every slider of every notebook, moved to its ends, its middle, and all corners."""

import base64
import io
from unittest import mock

import matplotlib.image
import nbformat
import numpy as np
import pytest
from matplotlib.collections import LineCollection

from lessons.explorable.controls import values_at
from lessons.explorable.embed import embedded_explorer
from lessons.explorable.live import explore
from lessons.explorable.precompute import DEFAULT_BUDGET, make_plan
from lessons.explorable.scene import Scene
from lessons.publish.notebook import find
from tests.explorable.embedded import Embedded, assert_same, quiet
from tests.lectures import sweep

NOTEBOOKS = find([sweep.NOTEBOOKS])
# (notebook, which of its explorers, name of the scene, names of its sliders)
EXPLORERS = [
    (path, number, *call) for path in NOTEBOOKS for number, call in enumerate(sweep.calls(path))
]


def name(path, scene, *rest):
    return "-".join([path.stem[:2], scene, *rest])


pytestmark = pytest.mark.notebooks

each_explorer = pytest.mark.parametrize(
    ("path", "number"),
    [pytest.param(path, n, id=name(path, scene)) for path, n, scene, _ in EXPLORERS],
)
each_slider = pytest.mark.parametrize(
    ("path", "number", "slider"),
    [
        pytest.param(path, n, slider, id=name(path, scene, slider))
        for path, n, scene, sliders in EXPLORERS
        for slider in sliders
    ],
)


def problems(explorer, positions):
    return {str(at): wrong for at in positions if (wrong := sweep.problems(explorer, at))}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_cells_make_the_explorers_that_their_text_asks_for(path):
    made = [
        (explorer.picture.name, [control.name for control in explorer.controls])
        for explorer in sweep.explorers(path)
    ]
    assert made == sweep.calls(path)
    assert made, "a lecture without a slider"


@each_slider
def test_a_slider_shows_a_right_picture_at_its_ends_and_its_middle(path, number, slider):
    explorer = sweep.explorers(path)[number]
    assert not problems(explorer, sweep.along(explorer, slider))


@each_explorer
def test_all_ends_together_show_a_right_picture(path, number):
    explorer = sweep.explorers(path)[number]
    assert not problems(explorer, sweep.corners(explorer))


def pixels(png):
    return matplotlib.image.imread(io.BytesIO(base64.b64decode(png)))[..., :3]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_stored_pictures_are_those_that_the_cells_draw_now(path):
    cells = nbformat.read(path, as_version=4).cells
    stored = [c.outputs[0].data for c in cells if c.source.startswith("explore(")]
    for explorer, data in zip(sweep.explorers(path), stored, strict=True):
        now = explorer._repr_mimebundle_()[0]
        assert now["text/plain"] == data["text/plain"]
        before, after = pixels(data["image/png"]), pixels(now["image/png"])
        assert before.shape == after.shape
        # nbval compares no pixels. The last bits of a number may move an edge by a hair.
        changed = np.abs(before - after).max(axis=2) > 0.1
        assert changed.mean() < 0.001, f"{explorer.picture.name}: run `make notebooks`"


# Words already, and no letter of a formula stands for them.
WORDS = {"function", "gradients", "starts", "steps"}


@each_explorer
def test_every_slider_has_a_label_that_is_more_than_its_parameters_name(path, number):
    explorer = sweep.explorers(path)[number]
    for control in explorer.controls:
        label = explorer.picture.labels.get(control.name)
        assert label, f"{control.name} has no label"
        assert label != control.name or label in WORDS
        assert "_" not in label
        assert control.widget.description == label


@each_explorer
def test_alternative_text_is_a_sentence(path, number):
    alt = sweep.explorers(path)[number].picture.alt
    assert alt[0].isupper()
    assert alt.endswith(".")
    assert "\n" not in alt


@each_explorer
def test_moving_there_and_back_shows_the_same_picture(path, number):
    # A scene that keeps something from the last position would show it at the next one.
    explorer = sweep.explorers(path)[number]
    if explorer.picture.slow:
        pytest.skip("what it shows is measured anew each time")
    start = explorer.picture.frame(**explorer.values)
    # Storing the notebook draws the figure at another resolution.
    explorer.picture.png(96, **explorer.values)
    for control in explorer.controls:
        explorer.picture.frame(**explorer.values | {control.name: sweep.ends(control)[-1]})
        assert explorer.picture.frame(**explorer.values) == start


@each_explorer
def test_embedded_it_shows_what_it_shows_live(path, number, tmp_path):
    explorer = sweep.explorers(path)[number]
    if explorer.picture.slow:
        pytest.skip("what it shows is measured anew each time")
    ordered = [control.name for control in explorer.controls if control.is_ordered]
    # The first keeps both ends, the start and the telling position, the others stay at the start.
    counts = {name: 1 if name in ordered[1:] else 4 for name in ordered}
    plan = make_plan(explorer.picture, explorer.controls, counts, DEFAULT_BUDGET)
    with mock.patch.object(explorer, "counts", counts):
        found = Embedded(embedded_explorer(explorer, tmp_path, quiet)).frames()
    positions = [*plan.kept_positions(), plan.telling][: len(found)]
    for frame, position in zip(found, positions, strict=True):
        live = explorer.picture.frame(**values_at(explorer.controls, position))
        assert_same(frame, live)


# ---- the sweep finds what it is meant to find ---------------------------------------------------


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


def loose(**at):
    return sweep.problems(explore(Loose(), thing=list(THINGS)), at)


@pytest.mark.parametrize("thing", THINGS)
def test_the_sweep_passes_what_lies_on_the_axes(thing):
    assert loose(thing=thing, x=8.9, height=99.0) == []


@pytest.mark.parametrize(
    ("thing", "off"),
    [
        (thing, off)
        for thing, ways in THINGS.items()
        for way in ways
        for off in {"x": [{"x": -9.0}, {"x": 19.0}], "y": [{"height": 5000.0}]}[way]
    ],
)
def test_the_sweep_finds_what_leaves_the_axes(thing, off):
    assert len(loose(thing=thing, **off)) == 1


def test_the_sweep_lets_hidden_things_be_anywhere():
    scene = Loose()
    explorer = explore(scene, thing=list(THINGS))
    explorer.picture.scene.things["line"].set_visible(False)
    assert sweep.problems(explorer, {"x": 19.0}) == []


@pytest.mark.parametrize(
    "readout", ["It is nan.", "It grew to inf.", "At [1, -inf] it ends.", "No full stop"]
)
def test_the_sweep_finds_a_readout_that_says_nothing(readout):
    assert len(loose(readout=readout)) == 1


def test_the_sweep_turns_warnings_into_errors():
    class Warns(Loose):
        def update(self, x=1.0):
            if x > 1:
                np.float32(1e38) * np.float32(1e38)
            return "All is well."

    with pytest.raises(Exception, match="overflow"):
        sweep.problems(explore(Warns(), x=(1.0, 2.0)), {"x": 2.0})
