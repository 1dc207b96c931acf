"""Embedded scenes: what stands in the HTML, and what is computed and kept for it."""

import os
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from ipywidgets import FloatLogSlider, SelectionSlider

from lessons.clip_by_value import BentArrow
from lessons.explorable.embed import embedded_explorer, embedded_still
from lessons.explorable.live import explore, show
from lessons.explorable.precompute import Budget, EmbeddingError, estimate, make_plan
from lessons.explorable.scene import Scene
from tests.explorable.embedded import Embedded, assert_same, quiet
from tests.explorable.scenes import Bounded, Waves, X


@pytest.fixture
def folder(tmp_path):
    """Where frames are kept."""
    return tmp_path / "scenes"


@pytest.fixture
def embedded(folder):
    """Explore a scene, and embed it."""

    def embed(scene, **sliders):
        return Embedded(embedded_explorer(explore(scene, **sliders), folder, quiet))

    return embed


# ---- what is shown ------------------------------------------------------------------------------


def test_embedded_frames_are_the_live_ones_to_a_hundredth_of_a_point(embedded):
    sliders = {"low": (-2, 2, 0.5), "high": (0, 2, 0.5), "kind": ["sine", "cosine"]}
    found = embedded(Waves(), **sliders).frames()
    live = explore(Waves(), **sliders)
    assert len(found) == 9 * 5 * 2
    for index, frame in enumerate(found):
        assert_same(frame, live.frame_at((index // 10, index // 2 % 5, index % 2)))
        assert len(max(re.findall(r"\.\d+(?=[^<]*>)", frame.parts["m0"]), key=len)) <= 3


def test_a_number_that_is_written_in_a_picture_keeps_all_its_digits(embedded):
    class Written(Scene):
        alt = "A number."

        def draw(self):
            self.number = self.moves(self.figure.text(0.5, 0.5, ""))

        def update(self, x=0.0038):
            self.number.set_text(f"{x:.4f}")
            return "A number."

    (frame,) = embedded(Written(), x=[0.0038]).frames()
    assert "0.0038" in frame.parts["m0"]


def test_controls_are_native_named_and_start_where_the_scene_starts(embedded):
    made = embedded(
        Waves(),
        low=(-1, 2, 0.5),
        high=FloatLogSlider(value=1, min=-2, max=2, step=0.5),
        kind={"a <sine>": "sine", "a cosine": "cosine"},
        flip=True,
    )
    names = re.findall(r'<label for="(scene-\d+-\w+)">(.*?)</label>', made.html)
    assert [words for _, words in names] == ["low ℓ", "high h", "kind", "upside down"]
    for name, _ in names:
        assert len(re.findall(f'id="{name}"', made.html)) == 1
    assert re.search(r'type="range" min="0" max="6" step="1" value="2"', made.html)
    assert re.search(r'type="range" min="0" max="8" step="1" value="4"', made.html)
    assert "<option selected>a &lt;sine&gt;</option>" in made.html
    assert re.search(r'<input type="checkbox"[^>]* checked>', made.html)
    assert ">1.00</output>" in made.html
    assert "accent-color: #0067a5" in made.html
    assert "Two &lt;waves&gt;. A sine at 0 &amp; 1." in made.html
    assert made.content["sizes"] == [7, 9, 2, 2]
    assert made.content["start"] == [2, 4, 0, 1]


def test_a_choice_between_true_and_false_is_no_box_to_tick(embedded):
    made = embedded(Waves(), flip={"upside down": True, "upright": False})
    assert "<option>upside down</option><option selected>upright</option>" in made.html
    assert "checkbox" not in made.html


def test_a_slider_over_choices_is_a_range_with_their_words(embedded):
    bounds = SelectionSlider(options=[0.5, 1, 5, 15, "none"], value=5)
    made = embedded(Bounded(), high=bounds, export={"high": 3})
    assert 'type="range" min="0" max="2" step="1" value="1"' in made.html
    assert re.search(r"&quot;0.5&quot;, &quot;5&quot;, &quot;none&quot;", made.html)
    assert ">5</output>" in made.html


def test_a_slider_that_keeps_one_position_is_not_shown(embedded):
    made = embedded(Waves(), low=(0, 9, 1.0), high=(0, 9, 0.5), export={"high": 1})
    assert "high h" not in made.html
    assert made.content["sizes"] == [10]
    assert made.content["telling"] == [0]
    assert made.content["telling_frame"] == 10
    assert made.frames()[10].readout == "A sine at 0 & 2."


def test_on_paper_the_telling_position_is_shown(embedded):
    made = embedded(Waves(), low=(-1, 2, 1.0), high=(0, 3, 1.0))
    assert made.content["start"] == [1, 1]
    assert made.content["telling"] == [1, 2], "what it does not name stays at its start"
    assert made.frames()[made.content["telling_frame"]].readout == "A sine at 0 & 2."


def test_a_scene_without_moving_parts_is_embedded_too(embedded):
    class Words(Scene):
        alt = "A line that stands."

        def draw(self):
            self.figure.subplots().plot([0, 1])

        def update(self, x=1.0):
            return f"x is {x:g}."

    found = embedded(Words(), x=(0, 2, 1.0)).frames()
    assert [frame.readout for frame in found] == ["x is 0.", "x is 1.", "x is 2."]


def test_a_still_picture_is_embedded_too():
    made = Embedded(embedded_still(show(Waves(), low=3.0)))
    assert [frame.readout for frame in made.frames()] == [made.readout] == ["A sine at 3 & 1."]
    assert made.content["telling_frame"] == 0, "on paper too"
    assert "<input" not in made.html
    assert made.metadata == {"text/html": {"embedded": True}}


def test_a_plain_function_is_embedded_too(embedded):
    def parabola(a=1.0):
        """A parabola."""
        figure, axes = plt.subplots(figsize=(5, 4))
        axes.plot(X, a * X**2)
        return figure

    content = embedded(parabola, a=(0, 2, 1.0)).content
    assert 'viewBox="0 0 360 288"' in content["background"]
    assert content["alt"] == "A parabola."
    assert len(content["frames"]) == 3


# ---- not too much, and not twice ----------------------------------------------------------------


class Noise(Waves):
    """Nothing that two positions could share, and nothing that could be compressed."""

    def update(self, low=0.0, high=0.0):
        seed = int(1e6 * low + 1e3 * high) % 2**32
        noise = np.random.default_rng(seed).uniform(-9, 9, [2, 4000])
        self.lines[0].set_data(np.abs(noise[0]) / 9, noise[1])
        return "Noise."


def test_what_would_be_far_too_large_is_refused_by_its_estimate(embedded):
    with pytest.raises(EmbeddingError, match=r"about [\d,]+ KB; at most 256 fit") as raised:
        embedded(Noise(), low=(0, 9, 0.3), high=(0, 9, 0.3))
    assert "export={" in str(raised.value)


def test_what_turns_out_too_large_is_refused_and_not_kept(folder):
    explorer = explore(BentArrow(), bound=(0.5, 5.0, 0.5))
    with pytest.raises(EmbeddingError, match="KB; at most 1 fit"):
        embedded_explorer(explorer, folder, quiet, Budget(bytes=1100))
    assert not folder.exists()


def test_what_just_fits_is_not_refused_by_an_estimate_that_is_too_high(embedded, folder):
    sliders = {"low": (0, 9, 1.0)}
    size = embedded(Waves(), **sliders).bytes
    explorer = explore(Waves(), **sliders)
    just = Budget(bytes=size)
    plan = make_plan(explorer.picture, explorer.controls, explorer.keep, just)
    assert size < estimate(plan, explorer.frame_at).bytes < 2 * size
    assert Embedded(embedded_explorer(explorer, folder, quiet, just)).bytes == size


def test_a_second_build_computes_nothing_and_shows_the_same(folder):
    def build():
        explorer = explore(BentArrow(), bound=(1.0, 5.0, 1.0))
        moved, frame = [], explorer.picture.frame
        explorer.picture.frame = lambda **values: moved.append(values) or frame(**values)
        made = Embedded(embedded_explorer(explorer, folder, quiet))
        return made.content, made.readout, len(moved)

    content, readout, computed = build()
    assert computed == 4, "the start was there"
    assert build() == (content, readout, 0)


@pytest.mark.parametrize(
    "others",
    [
        {"bound": [4.0, 1.0, 5.0]},
        {"bound": FloatLogSlider(value=10**0.4, min=0, max=0.8, step=0.4)},
        {"bound": (1.0, 5.0, 2.0)},
    ],
)
def test_what_is_kept_is_not_shown_for_other_values(embedded, folder, others):
    first = {"bound": [0.5, 1.0, 2.0]}
    if not isinstance(others["bound"], list):
        first = {"bound": FloatLogSlider(value=1, min=0, max=0.8, step=0.4)}
    made = [embedded(BentArrow(), **sliders) for sliders in (first, first, others, first)]
    assert made[0].content == made[1].content == made[3].content
    assert made[0].content != made[2].content
    assert len(list(folder.iterdir())) == 2


def test_what_is_used_again_is_marked_as_used(embedded, folder):
    embedded(BentArrow(), bound=[1.0])
    (place,) = folder.iterdir()
    os.utime(place, (1e9, 1e9))
    embedded(BentArrow(), bound=[1.0])
    assert place.stat().st_mtime > 1e9


def test_a_scene_of_the_notebook_is_not_kept(embedded, folder):
    embedded(Waves(), low=(0, 2, 1.0))
    assert not folder.exists()
