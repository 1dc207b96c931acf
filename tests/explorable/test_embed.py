"""Frozen scenes: which positions, how large, and that they are what the live scene shows."""

import ast
import base64
import gzip
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ipywidgets import Dropdown, FloatLogSlider, FloatRangeSlider, SelectionSlider, SelectMultiple

from lessons.explorable import embed as frozen
from lessons.explorable import frames
from lessons.explorable.cache import of_code, of_scene
from lessons.explorable.controls import make_controls
from lessons.explorable.frames import frames_of
from lessons.explorable.live import explore, show
from lessons.explorable.positions import FrozenError, kept_positions
from lessons.explorable.scene import Picture, Scene

COMPARE = settings(derandomize=True, max_examples=60, deadline=None)
X = np.linspace(0, 1, 21)


class Waves(Scene):
    """Two lines, each with a slider of its own, and words for both."""

    alt = "Two <waves>."
    labels = {"low": "low ℓ", "high": "high h", "kind": "kind", "flip": "upside down"}
    colours = {"low": "#0067a5"}
    telling = {"high": 2.0}
    calls = 0

    def draw(self):
        axes = self.figure.subplots()
        axes.set(xlim=(0, 1), ylim=(-9, 9))
        self.lines = self.moves(*(axes.plot([], [], "o-")[0] for _ in range(2)))

    def update(self, low=0.0, high=1.0, kind="sine", flip=False):
        type(self).calls += 1
        wave = (np.sin if kind == "sine" else np.cos)(7 * X)
        self.lines[0].set_data(X, (-wave if flip else wave) + low)
        self.lines[1].set_data(X, wave + high)
        return f"A {kind} at {low:g} & {high:g}."


class Embedded:
    """A scene as a published notebook shows it."""

    def __init__(self, bundle):
        self.bundle = bundle
        self.html, self.readout = bundle[0]["text/html"], bundle[0]["text/plain"]


def quiet(progress):
    """Stands for what prints how far a build is."""


@pytest.fixture
def folder(tmp_path):
    """Where frames are remembered."""
    return tmp_path / "scenes"


@pytest.fixture
def embedded(folder):
    """Explore a scene, and embed it."""

    def embed(scene, **sliders):
        return Embedded(frozen.explorer(explore(scene, **sliders), folder, quiet))

    return embed


def content_of(piece):
    packed = re.search(r'<script type="text/plain">(.*?)</script>', piece.html).group(1)
    return json.loads(gzip.decompress(base64.b64decode(packed)))


def frames_in(content):
    return {
        json.dumps(frame["at"], sort_keys=True): (
            {name: content["fragments"][i] for name, i in frame["parts"].items()},
            frame["readout"],
        )
        for frame in content["frames"]
    }


# ---- which positions ----------------------------------------------------------------------------


def control(positions, start):
    (made,) = make_controls(
        "One",
        {"low": float(start)},
        {"low": (0.0, float(positions - 1), 1.0)},
        labels={},
        colours={},
        slow=False,
    )
    return made


@COMPARE
@given(st.integers(3, 60), *[st.integers(0, 59)] * 2, st.integers(1, 70))
def test_thinning_keeps_ends_start_and_telling_and_no_more_than_asked(
    positions, start, telling, count
):
    start, telling = min(start, positions - 1), min(telling, positions - 1)
    one = SimpleNamespace(name="One", telling={"low": float(telling)})
    if 1 < count < min(positions, len({0, start, telling, positions - 1})):
        with pytest.raises(ValueError, match="its two ends, its start"):
            kept_positions(one, [control(positions, start)], {"low": count})
        return
    kept = kept_positions(one, [control(positions, start)], {"low": count})["low"]
    assert len(kept) == min(count, positions)
    assert kept == sorted(set(kept))
    assert start in kept
    if count > 1:
        assert telling in kept
        assert (kept[0], kept[-1]) == (0, positions - 1)
        assert max(np.diff(kept)) <= 3 * (positions - 1) / (count - 1) + 1


@pytest.mark.parametrize("count", [{}, {"low": 4}])
def test_a_start_that_no_step_meets_to_the_last_digit_is_kept_as_it_is(count):
    start, lowest = 0.25, np.log10(0.25) - 1
    slider = FloatLogSlider(value=start, min=lowest, max=lowest + 3, step=0.1)
    (made,) = make_controls(
        "One", {"low": start}, {"low": slider}, labels={}, colours={}, slow=False
    )
    assert start not in made.positions()
    kept = kept_positions(SimpleNamespace(name="One", telling={}), [made], count)["low"]
    assert start in kept
    assert len(kept) == count.get("low", 31)


def test_a_choice_that_starts_with_none_chosen_is_named(embedded):
    class Chosen(Waves):
        def update(self, low=1.0, high=1.0):
            return super().update(low or 0.0, high)

    with pytest.raises(FrozenError, match="slider 'low': nothing is chosen at its start"):
        embedded(Chosen(), low=Dropdown(options=[1.0, 2.0], value=None), high=(0, 3, 1.0))


@pytest.mark.parametrize(
    ("export", "error", "words"),
    [
        ({"lwo": 3}, TypeError, "Did you mean 'low'"),
        ({"low": 2.5}, TypeError, "whole number"),
        ({"low": True}, TypeError, "whole number"),
        ({"kind": 1}, TypeError, "has a range"),
        ({"flip": 1}, TypeError, "has a range"),
        ({"low": 0}, ValueError, "low"),
        ({"high": 2}, ValueError, "its start"),
    ],
)
def test_a_wrong_count_is_told_in_the_notebook_already(export, error, words):
    sliders = {"low": (0, 9, 1.0), "high": (0, 9, 0.5), "kind": ["sine", "cosine"], "flip": False}
    with pytest.raises(error, match=words):
        explore(Waves(), **sliders, export=export)


def test_without_a_word_every_position_and_choice_is_kept(embedded):
    piece = embedded(Waves(), low=(0, 2, 1.0), kind=["sine", "cosine"], flip=False)
    content = content_of(piece)
    assert content["states"] == {"low": [0, 1, 2], "kind": [0, 1], "flip": [False, True]}
    # The telling position is for paper; `high` has no slider here.
    assert len(content["frames"]) == 12


def test_a_slider_with_very_many_positions_can_be_thinned_and_is_refused_whole(embedded):
    piece = embedded(Waves(), low=(0, 2, 0.001), export={"low": 5})
    assert content_of(piece)["states"] == {"low": [0, 0.5, 1, 1.5, 2]}
    assert "<input" in piece.html
    with pytest.raises(FrozenError, match=r"20,001 positions.*export=\{'low': \d+\}"):
        embedded(Waves(), low=(0, 2, 0.0001))


class Titled(Waves):
    def update(self, title="wave", span=(0, 1), several=("a",), low=0.0):
        return f"{title} {span} {several} " + super().update(low)


@pytest.mark.parametrize(
    ("name", "slider"),
    [
        ("title", "wave"),
        ("span", FloatRangeSlider(value=(0, 1), min=0, max=2)),
        ("several", SelectMultiple(options=["a", "b"], value=["a"])),
    ],
)
def test_a_slider_whose_positions_cannot_be_listed_is_held_or_refused(embedded, name, slider):
    with pytest.raises(
        FrozenError,
        match=rf"Titled, slider '{name}': .* cannot be listed.*export={{'{name}': 1}}",
    ):
        embedded(Titled(), low=(0, 2, 1.0), **{name: slider})
    piece = embedded(Titled(), low=(0, 2, 1.0), **{name: slider}, export={name: 1})
    assert len(content_of(piece)["frames"]) == 3
    assert re.findall(r'data-control="(\w+)"', piece.html) == ["low"]
    assert explore(Titled(), low=(0, 2, 1.0), **{name: slider}), "in a notebook it moves"


# ---- what is shown ------------------------------------------------------------------------------


def test_frozen_frames_are_the_live_ones_to_a_hundredth_of_a_point(embedded):
    piece = embedded(Waves(), low=(-2, 2, 0.5), high=(0, 2, 0.5), kind=["sine", "cosine"])
    found = frames_in(content_of(piece))
    live = explore(Waves(), low=(-2, 2, 0.5), high=(0, 2, 0.5), kind=["sine", "cosine"])
    assert len(found) == 9 * 5 * 2
    number = re.compile(r"-?\d+\.?\d*")
    for at, (parts, readout) in found.items():
        at = json.loads(at)
        frame = live.frame(**at | {"kind": ["sine", "cosine"][at["kind"]]})
        assert readout == frame.readout
        assert parts.keys() == frame.parts.keys()
        for name, svg in parts.items():
            assert number.sub("#", svg) == number.sub("#", frame.parts[name])
            pair = [np.array(number.findall(text), float) for text in (svg, frame.parts[name])]
            np.testing.assert_allclose(*pair, atol=0.011)


def test_what_many_positions_share_is_stored_once(embedded):
    content = content_of(embedded(Waves(), low=(0, 9, 1.0), high=(0, 9, 1.0)))
    assert len(content["frames"]) == 100
    assert len(content["fragments"]) == 20


def test_controls_are_native_named_and_start_where_the_scene_starts(embedded):
    piece = embedded(
        Waves(),
        low=(-1, 2, 0.5),
        high=FloatLogSlider(value=1, min=-2, max=2, step=0.5),
        kind={"a <sine>": "sine", "a cosine": "cosine"},
        flip=True,
    )
    names = re.findall(r'<label for="(scene-\d+-\w+)">(.*?)</label>', piece.html)
    assert [words for _, words in names] == ["low ℓ", "high h", "kind", "upside down"]
    for name, _ in names:
        assert len(re.findall(f'id="{name}"', piece.html)) == 1
    assert re.search(r'type="range" min="0" max="6" step="1" value="2"', piece.html)
    assert re.search(r'type="range" min="0" max="8" step="1" value="4"', piece.html)
    assert "<option selected>a &lt;sine&gt;</option>" in piece.html
    assert 'type="checkbox"' in piece.html
    assert ">1.00</output>" in piece.html
    assert "accent-color: #0067a5" in piece.html
    assert "Two &lt;waves&gt;. A sine at 0 &amp; 1." in piece.html


def test_a_slider_over_choices_is_a_range_that_can_be_thinned(embedded):
    bounds = SelectionSlider(options=[0.5, 1, 5, 15, "none"], value=5)

    class Bounded(Waves):
        telling = {}

        def update(self, high=5):
            return super().update(high=9.0 if high == "none" else high / 5)

    piece = embedded(Bounded(), high=bounds, export={"high": 3})
    assert content_of(piece)["states"] == {"high": [0, 2, 4]}
    assert 'type="range" min="0" max="2" step="1" value="1"' in piece.html
    assert re.search(r"&quot;0.5&quot;, &quot;5&quot;, &quot;none&quot;", piece.html)
    assert ">5</output>" in piece.html


def test_a_slider_that_keeps_one_position_is_not_shown(embedded):
    piece = embedded(Waves(), low=(0, 9, 1.0), high=(0, 9, 0.5), export={"high": 1})
    assert "high h" not in piece.html
    assert len(content_of(piece)["frames"]) == 10 + 1


def test_on_paper_the_telling_position_is_shown(embedded):
    content = content_of(embedded(Waves(), low=(0, 2, 1.0), high=(0, 3, 1.0)))
    assert content["telling"] == {"low": 0, "high": 2}
    assert content["start"] == {"low": 0, "high": 1}


def test_a_telling_position_is_one_at_which_its_slider_can_stand(embedded):
    high = {"high": (0, 3, 0.25)}
    content = content_of(embedded(Waves(), **high, export={"high": 4}))
    assert content["states"]["high"] == [0, 1, 2, 3]
    assert content["telling"] == {"high": 2}
    content = content_of(embedded(Waves(), high=(0, 1.5, 0.5)))
    assert content["telling"] == {"high": 1.5}
    with pytest.raises(FrozenError, match=r"Waves, telling={'high': 2.0}: .* \[1.0, 3.0\]"):
        embedded(Waves(), high=[1.0, 3.0])


def test_a_slider_that_starts_between_two_positions_starts_at_one(embedded):
    slider = FloatLogSlider(value=10**0.6, min=0, max=1, step=0.1)
    content = content_of(embedded(Waves(), low=slider))
    assert content["start"]["low"] in content["states"]["low"]
    assert content["start"]["low"] == pytest.approx(10**0.6)


def test_a_scene_without_moving_parts_is_frozen_too(embedded):
    class Words(Scene):
        alt = "A line that stands."

        def draw(self):
            self.figure.subplots().plot([0, 1])

        def update(self, x=1.0):
            return f"x is {x:g}."

    frames = content_of(embedded(Words(), x=(0, 2, 1.0)))["frames"]
    assert [frame["readout"] for frame in frames] == ["x is 0.", "x is 1.", "x is 2."]


def test_a_still_picture_is_frozen_too():
    piece = Embedded(frozen.still(show(Waves(), low=3.0)))
    content = content_of(piece)
    assert [frame["readout"] for frame in content["frames"]] == ["A sine at 3 & 1."]
    assert "<input" not in piece.html
    data, metadata = piece.bundle
    assert data == {"text/html": piece.html, "text/plain": "A sine at 3 & 1."}
    assert metadata == {"text/html": {"frozen": True}}


def test_a_plain_function_is_frozen_too(embedded, folder):
    def parabola(a=1.0):
        """A parabola."""
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots()
        axes.plot(X, a * X**2)
        return figure

    content = content_of(embedded(parabola, a=(0, 2, 1.0)))
    assert [frame["readout"] for frame in content["frames"]] == ["a=0.0", "a=1.0", "a=2.0"]
    assert not folder.exists(), "what a function may use is not known"


# ---- not too much, and not twice ----------------------------------------------------------------


def test_too_many_positions_are_refused_before_any_is_computed(embedded):
    Waves.calls = 0
    sliders = {"low": (0, 9, 0.05), "high": (0, 9, 0.05), "kind": ["sine", "cosine"]}
    with pytest.raises(FrozenError) as raised:
        embedded(Waves(), **sliders)
    message = str(raised.value)
    assert "Waves is too large for a slide: 65,522 positions, of at most 5,000" in message
    assert "low 181 × high 181 × kind 2" in message
    advice = json.loads(re.search(r"export=(\{.*?\})", message).group(1).replace("'", '"'))
    assert Waves.calls <= 1
    assert embedded(Waves(), **sliders, export=advice)


def test_lists_that_are_too_long_together_are_told_to_be_shorter(embedded):
    with pytest.raises(FrozenError, match="Give shorter lists") as raised:
        embedded(Waves(), low=[float(i) for i in range(99)], high=[float(i) for i in range(99)])
    assert "export" not in str(raised.value)


class Noise(Waves):
    """Nothing that two positions could share, and nothing that could be compressed."""

    def update(self, low=0.0, high=0.0):
        seed = int(1e6 * low + 1e3 * high) % 2**32
        noise = np.random.default_rng(seed).uniform(-9, 9, [2, 4000])
        self.lines[0].set_data(np.abs(noise[0]) / 9, noise[1])
        return "Noise."


def test_what_would_be_far_too_large_is_refused_by_its_estimate(embedded):
    with pytest.raises(FrozenError, match=r"about [\d,]+ KB, of at most 256") as raised:
        embedded(Noise(), low=(0, 9, 0.3), high=(0, 9, 0.3))
    assert "export={" in str(raised.value)


def test_what_turns_out_too_large_is_refused_and_not_remembered(embedded, folder, monkeypatch):
    monkeypatch.setattr(frozen, "MOST_BYTES", 2000)
    with pytest.raises(FrozenError, match="KB, of at most 1"):
        embedded(Waves(), low=(0, 9, 1.0), high=(0, 3, 1.0))
    assert not folder.exists()


def test_the_estimate_is_near_what_comes_out():
    told = []
    picture = Picture(Waves())
    explorer = explore(Waves(), low=(-4, 4, 0.5), high=(-4, 4, 0.5))
    kept = kept_positions(picture, explorer.controls, {})
    frames_of(picture, explorer.controls, kept, told.append)
    assert told[0]["done"] == 0
    assert told[0]["total"] == 17 * 17
    assert told[0]["seconds"] > 0
    content = frozen._data(picture, explorer.controls, kept, told.append)
    assert told[0]["bytes"] / 6 < len(content) < 6 * told[0]["bytes"]


def test_how_far_it_is_is_told_again_and_again(monkeypatch):
    monkeypatch.setattr(frames, "_REPORT_SECONDS", 0.0)
    told = []
    explorer = Picture(Waves())
    controls = explore(Waves(), low=(0, 9, 1.0)).controls
    kept = kept_positions(explorer, controls, {})
    frames_of(explorer, controls, kept, told.append)
    assert [report["done"] for report in told] == list(range(11))
    assert told[-1]["seconds"] == 0


ONCE = """
import sys
from pathlib import Path

from lessons.clip_by_norm import InAndOut
from lessons.explorable import embed
from lessons.explorable.live import explore

moved, update = [], InAndOut.update


def counted(self, length=0.0, bound=2.0):
    moved.append(length)
    return update(self, length, bound)


InAndOut.update = counted
made = explore(InAndOut(), length=(0.0, 8.0, 4.0), bound=(2.0, 6.0, 2.0))
at_start = len(moved)
bundle, _ = embed.explorer(made, Path(sys.argv[1]), lambda progress: None)
print(len(moved) - at_start, len(bundle["text/html"]))
"""


def test_a_second_build_computes_a_lectures_scene_no_second_time(tmp_path):
    first, second = (
        subprocess.run(
            [sys.executable, "-c", ONCE, str(tmp_path / "scenes")],
            capture_output=True,
            text=True,
            check=True,
        )
        .stdout.splitlines()[-1]
        .split()
        for _ in range(2)
    )
    assert int(first[0]) >= 9
    assert int(second[0]) == 0
    assert first[1] == second[1]


@pytest.mark.parametrize(
    "others",
    [
        {"bound": [4.0, 1.0, 5.0]},
        {"bound": FloatLogSlider(value=10**0.4, min=0, max=0.8, step=0.4)},
        {"bound": (1.0, 5.0, 2.0)},
    ],
)
def test_what_is_remembered_is_not_shown_for_other_values(embedded, folder, others):
    from lessons.clip_by_value import BentArrow

    first = {"bound": [0.5, 1.0, 2.0]}
    if not isinstance(others["bound"], list):
        first = {"bound": FloatLogSlider(value=1, min=0, max=0.8, step=0.4)}
    pieces = [embedded(BentArrow(), **sliders) for sliders in (first, first, others, first)]
    assert pieces[0].readout == pieces[1].readout == pieces[3].readout
    contents = [content_of(piece) for piece in pieces]
    assert contents[0] == contents[1] == contents[3]
    assert contents[0] != contents[2]
    assert len(list(folder.iterdir())) == 2


def test_what_is_used_again_is_marked_as_used(embedded, folder):
    from lessons.clip_by_value import BentArrow

    embedded(BentArrow(), bound=[1.0])
    (place,) = folder.iterdir()
    os.utime(place, (1e9, 1e9))
    embedded(BentArrow(), bound=[1.0])
    assert place.stat().st_mtime > 1e9


def test_what_cannot_be_told_apart_for_sure_is_not_remembered(embedded, folder):
    from lessons.clip_by_value import BentArrow

    embedded(BentArrow(), bound={"one": np.float32(1), "two": np.float32(2)})
    assert not folder.exists()


def test_a_scene_with_other_content_is_another_scene():
    from lessons.clip_by_value import TransferCurve

    assert of_scene(TransferCurve(range(10))) == of_scene(TransferCurve(range(10)))
    assert of_scene(TransferCurve(range(9))) != of_scene(TransferCurve(range(10)))
    assert of_scene(Waves()) is None, "its code may use anything in its notebook"


def test_code_is_told_by_what_it_imports_and_by_nothing_else(monkeypatch, tmp_path):
    from lessons.explorable import cache as digest

    for name in ("first", "second"):
        (tmp_path / "lessons" / name).with_suffix(".py").parent.mkdir(exist_ok=True)
        (tmp_path / "lessons" / f"{name}.py").write_text("a = 1")
    (tmp_path / "lessons" / "deep.py").write_text("from lessons.first import (\n    a,\n)")
    monkeypatch.setattr(digest, "_ROOT", tmp_path)
    texts = [
        "from lessons import deep",
        "import lessons.deep as renamed",
        "import numpy, lessons.deep",
        "def late():\n    from lessons.deep import a",
    ]
    before = [of_code(text) for text in texts]
    magic = of_code("%time 1")
    (tmp_path / "lessons" / "second.py").write_text("a = 2")
    assert [of_code(text) for text in texts] == before
    assert of_code("%time 1") != magic, "it may import anything"
    (tmp_path / "lessons" / "first.py").write_text("a = 2")
    for text, old in zip(texts, before, strict=True):
        assert of_code(text) != old, text
    assert of_code(texts[0] + "  # !") != of_code(texts[0])


def test_one_text_is_parsed_at_a_time_whoever_asks(monkeypatch):
    # Side by side they fail in Python 3.11, now and then.
    from lessons.explorable import cache as digest

    parse, inside, most = ast.parse, [], []

    def slow_parse(text):
        inside.append(text)
        most.append(len(inside))
        time.sleep(0.01)
        inside.pop()
        return parse(text)

    monkeypatch.setattr(digest.ast, "parse", slow_parse)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(of_code, ["a = 1", "b = 2", "c = 3", "d = 4"]))
    assert len(most) == 4
    assert max(most) == 1


@pytest.mark.parametrize(
    "name", ["tensorflow", "keras", "ipywidgets", "sphinx-revealjs", "ziamath"]
)
def test_another_version_of_what_is_installed_makes_all_anew(name, monkeypatch):
    from lessons.explorable import cache as digest
    from lessons.publish import resources

    before = of_code("1"), resources.cache_key()
    really = list(digest.distributions())
    # TensorFlow is also installed as tensorflow-cpu.
    others = [d for d in really if not d.name.lower().replace("_", "-").startswith(name)]
    assert len(others) < len(really)
    monkeypatch.setattr(digest, "distributions", lambda: others)
    digest.installed.cache_clear()
    try:
        assert of_code("1") != before[0]
        assert resources.cache_key() != before[1]
    finally:
        digest.installed.cache_clear()
