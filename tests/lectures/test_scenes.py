"""Every slider of every notebook, moved to its ends, its middle, and to corners."""

import base64
import io
from unittest import mock

import matplotlib.image
import nbformat
import numpy as np
import pytest

from lessons.explorable.controls import values_at
from lessons.explorable.embed import embedded_explorer
from lessons.explorable.precompute import DEFAULT_BUDGET, make_plan
from lessons.publish.notebook import find
from tests.explorable.embedded import Embedded, assert_same, quiet
from tests.lectures import sweep

pytestmark = pytest.mark.notebooks

each_notebook = pytest.mark.parametrize("path", find([sweep.NOTEBOOKS]), ids=lambda path: path.stem)

# Words already, and no letter of a formula stands for them.
WORDS = {"function", "gradients", "starts", "steps"}


def pixels(png):
    return matplotlib.image.imread(io.BytesIO(base64.b64decode(png)))[..., :3]


@each_notebook
def test_the_cells_make_the_explorers_that_their_text_asks_for(path):
    made = [
        (explorer.picture.name, [control.name for control in explorer.controls])
        for explorer in sweep.explorers(path)
    ]
    assert made == sweep.calls(path)
    assert made, "a lecture without a slider"


@each_notebook
def test_every_slider_shows_right_pictures_at_its_ends_its_middle_and_in_corners(path):
    wrong = {}
    for explorer in sweep.explorers(path):
        for control in explorer.controls:
            positions = sweep.along(explorer, control.name)
            wrong |= {
                f"{explorer.picture.name} {at}": sweep.problems(explorer, at) for at in positions
            }
        for at in sweep.corners(explorer):
            wrong[f"{explorer.picture.name} {at}"] = sweep.problems(explorer, at)
    assert not {at: found for at, found in wrong.items() if found}


@each_notebook
def test_every_lecture_asks_and_no_picture_shows_the_answer_at_once(path):
    asking = [explorer for explorer in sweep.explorers(path) if explorer.prediction]
    # Lecture 0 shows how it is done, once.
    assert len(asking) >= (1 if path.stem.startswith("00") else 2)
    for explorer in asking:
        start = tuple(control.state for control in explorer.controls)
        assert explorer.proof != start
        assert explorer.prediction.because.endswith(".")
        assert explorer.prediction.question.endswith("?")
        plan = make_plan(explorer.picture, explorer.controls, explorer.keep, DEFAULT_BUDGET)
        assert plan.index_of(explorer.proof) < plan.count, "slides and pages keep the proof"


# Where a slider answers an exercise that says "find it with the sliders".
ANSWERS = {
    "01_clip_by_value_and_relu": ("FourPlacesToClip", {"start": 2.0, "bound": 2.0}),
    "02_clip_by_norm_keeps_direction": (
        "ArrowAndBall",
        {"first": 5.0, "second": 2.0, "bound": 2.0, "how": "by value"},
    ),
    "03_clip_by_global_norm": ("ManyTensors", {"count": 16, "bound": 2.0}),
    "04_exploding_gradients": (
        "ThroughTheLayers",
        {"depth": 50, "scale": 1.4, "activation": "ReLU", "initial": "Glorot", "width": 256},
    ),
    "08_after_the_clip": ("Momentum", {"momentum": 0.75, "bound": 0.5}),
}
# What a task beside a slider asks for, or what its answer names.
TASKS = {
    "02_clip_by_norm_keeps_direction": [
        ("DownTheValley", {"rate": 10**0.2}),
        ("DamageOfAStep", {"start": 3.0, "rate": 2.0, "bound": 3.0}),
    ],
    "03_clip_by_global_norm": [("SixTensors", {"bound": 15.0})],
    "05_cliff": [("Cliff", {"length": 50, "bound": 0.25 * 10**1.2})],
    "06_training": [
        *(("TwoRuns", {"rate": 0.01, "bound": bound}) for bound in (1, 15, 100)),
        *(("TwoRuns", {"rate": rate, "bound": 15}) for rate in (0.1, 1.0)),
        *(("TrainingMap", {"bound": bound}) for bound in (5, 15, 100)),
    ],
    "07_inside_a_step": [("SixTensors", {"bound": 15.0})],
    "09_beyond_clipping": [
        ("DigitDream", {"rate": 3.0, "start": 1, "wanted": 8}),
        ("DigitDream", {"rate": 100.0, "start": 0, "wanted": 1}),
        ("HeavyTails", {"degrees": 1.5, "rate": 0.01, "bound": 1.0}),
        ("HeavyTails", {"degrees": 30.0, "rate": 0.1, "bound": 10**-0.25}),
        ("Bias", {"third": 10, "bound": 7.0}),
    ],
}


@each_notebook
def test_slides_and_pages_keep_the_positions_that_exercises_and_tasks_ask_for(path):
    asks = "Find it with" in path.read_text(encoding="utf-8")
    assert asks == (path.stem in ANSWERS)
    for name, at in [*([ANSWERS[path.stem]] if asks else []), *TASKS.get(path.stem, [])]:
        explorer = next(each for each in sweep.explorers(path) if each.picture.name == name)
        plan = make_plan(explorer.picture, explorer.controls, explorer.keep, DEFAULT_BUDGET)
        for control, kept in zip(explorer.controls, plan.kept, strict=True):
            value = at.get(control.name, control.widget.value)
            assert control.state_of(value) in kept, f"{name}: {control.name} = {value}"


@each_notebook
def test_the_stored_pictures_are_those_that_the_cells_draw_now(path):
    cells = nbformat.read(path, as_version=4).cells
    stored = [c.outputs[0].data for c in cells if c.source.startswith("explore(")]
    for explorer, data in zip(sweep.explorers(path), stored, strict=True):
        before = pixels(data["image/png"])
        after = pixels(explorer.stored()[0]["image/png"])
        assert before.shape == after.shape
        # nbval compares no pixels. The last bits of a number may move an edge by a hair; the curves
        # of a run that is trained now are others on another processor.
        changed = np.abs(before - after).max(axis=2) > 0.1
        limit = 0.05 if explorer.picture.slow else 0.001
        assert changed.mean() < limit, f"{explorer.picture.name}: run `make notebooks`"


@each_notebook
def test_moving_there_and_back_shows_the_same_picture(path):
    # A scene that keeps something from the last position would show it at the next one.
    for explorer in sweep.explorers(path):
        if explorer.picture.slow:
            continue  # what it shows may be measured anew each time
        start = explorer.picture.frame(**explorer.values)
        # Storing the notebook draws the figure at another resolution.
        explorer.picture.png(96, **explorer.values)
        for control in explorer.controls:
            end = explorer.values | {control.name: sweep.ends(control)[-1]}
            explorer.picture.frame(**end)
            assert explorer.picture.frame(**explorer.values) == start, end


@each_notebook
def test_pictures_and_sliders_have_words(path):
    for explorer in sweep.explorers(path):
        alt = explorer.picture.alt
        assert alt[0].isupper()
        assert alt.endswith(".")
        assert "\n" not in alt
        for control in explorer.controls:
            label = explorer.picture.labels.get(control.name)
            assert label, f"{explorer.picture.name}: {control.name} has no label"
            assert label != control.name or label in WORDS
            assert "_" not in label
            assert control.widget.description == label


@each_notebook
def test_embedded_scenes_show_what_they_show_live(path, tmp_path):
    for explorer in sweep.explorers(path):
        if explorer.picture.slow:
            continue
        ordered = [control.name for control in explorer.controls if control.is_ordered]
        # The first keeps both ends, the start and the telling position, the others stay at the
        # start.
        keep = {name: 1 if name in ordered[1:] else 4 for name in ordered}
        plan = make_plan(explorer.picture, explorer.controls, keep, DEFAULT_BUDGET)
        with mock.patch.multiple(explorer, keep=keep, prediction=None):
            found = Embedded(embedded_explorer(explorer, tmp_path, quiet)).frames()
        positions = [*plan.kept_positions()]
        if plan.index_of(plan.telling) == plan.count:
            positions.append(plan.telling)  # for paper, behind the others
        for frame, position in zip(found, positions, strict=True):
            live = explorer.picture.frame(**values_at(explorer.controls, position))
            assert_same(frame, live)
