"""Which positions are computed beforehand, in which order, and what they are guessed to take."""

import gzip
import itertools
import json
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ipywidgets import Dropdown, FloatRangeSlider, FloatSlider, SelectionSlider, SelectMultiple

from lessons.explorable import precompute
from lessons.explorable.live import explore
from lessons.explorable.picture import pack
from lessons.explorable.precompute import (
    Budget,
    EmbeddingError,
    Estimate,
    estimate,
    frames,
    make_plan,
    told,
)
from tests.explorable.scenes import Waves

COMPARE = settings(derandomize=True, max_examples=12, deadline=None)
AMPLE = Budget()


def plan_of(explorer, budget=AMPLE):
    return make_plan(explorer.picture, explorer.controls, explorer.keep, budget)


def plan(scene=None, **sliders):
    return plan_of(explore(scene or Waves(), **sliders))


# ---- which positions ----------------------------------------------------------------------------


@COMPARE
@given(st.integers(3, 60), *[st.integers(0, 59)] * 2, st.integers(1, 70))
@example(10, 1, 1, 3)  # the start is beside an end
def test_thinning_keeps_ends_start_and_telling_and_no_more_than_asked(
    positions, start, telling, count
):
    start, telling = min(start, positions - 1), min(telling, positions - 1)

    class One(Waves):
        def update(self, low=float(start)):
            return super().update(low)

    One.telling = {"low": float(telling)}
    sliders = {"low": (0.0, float(positions - 1), 1.0)}
    if 1 < count < min(positions, len({0, start, telling, positions - 1})):
        with pytest.raises(ValueError, match="its two ends, its start"):
            explore(One(), **sliders, export={"low": count})
        return
    made = plan(One(), **sliders, export={"low": count})
    (kept,) = made.kept
    assert len(kept) == min(count, positions)
    assert list(kept) == sorted(set(kept))
    assert made.start == (start,)
    assert made.telling == (telling,)
    assert start in kept
    if count > 1:
        assert telling in kept
        assert (kept[0], kept[-1]) == (0, positions - 1)
        assert max(np.diff(kept)) <= 3 * (positions - 1) / (count - 1) + 1


def test_without_a_word_every_position_and_choice_is_kept():
    made = plan(low=(0, 2, 1.0), kind=["sine", "cosine"], flip=False)
    assert made.kept == ((0, 1, 2), (0, 1), (0, 1))
    assert made.count == 12


def test_positions_come_in_row_major_order():
    made = plan(low=(0, 2, 1.0), high=(1, 3, 1.0))
    positions = list(made.kept_positions())
    assert positions == [(low, high) for low in range(3) for high in range(3)]
    assert [made.index_of(position) for position in positions] == list(range(9))
    assert made.index_of((0, 7)) == 9


def test_a_slider_with_very_many_positions_can_be_thinned_and_is_refused_whole():
    made = plan(high=(0, 3, 0.001), export={"high": 5})
    # The start and the telling position, too, which are not among five at equal distances.
    assert made.kept == ((0, 1, 1.5, 2, 3),)
    assert (made.start, made.telling) == ((1,), (2,))
    with pytest.raises(EmbeddingError, match=r"20,001 positions.*export=\{'low': \d+\}"):
        plan(low=(0, 2, 0.0001))


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
def test_a_slider_whose_positions_cannot_be_listed_is_held_or_refused(name, slider):
    moving = explore(Titled(), low=(0, 2, 1.0), **{name: slider})
    with pytest.raises(
        EmbeddingError,
        match=rf"Titled, slider '{name}': .* cannot be listed.*export={{'{name}': 1}}",
    ):
        plan_of(moving)
    held = explore(Titled(), low=(0, 2, 1.0), **{name: slider}, export={name: 1})
    assert len(list(frames(plan_of(held), held.frame_at))) == 3


def test_a_choice_of_which_nothing_is_chosen_is_named():
    class Chosen(Waves):
        def update(self, low=1.0):
            return super().update(low or 0.0)

    with pytest.raises(EmbeddingError, match="slider 'low': nothing is chosen at its start"):
        plan(Chosen(), low=Dropdown(options=[1.0, 2.0], value=None))


def test_the_sliders_start_where_they_stand_now():
    explorer = explore(Waves(), low=(0, 9, 1.0))
    explorer.controls[0].widget.value = 4.0
    assert plan_of(explorer).start == (4,)


def test_a_telling_position_is_one_at_which_its_slider_can_stand():
    assert plan(high=(0, 3, 0.25), export={"high": 4}).telling == (8,)
    assert plan(high=(0, 1.5, 0.5)).telling == (3,), "the nearest"
    with pytest.raises(EmbeddingError, match=r"Waves, telling={'high': 2.0}: .* \[1.0, 3.0\]"):
        plan(high=[1.0, 3.0])


def test_where_few_are_kept_the_nearest_gives_way_to_the_start():
    slider = FloatSlider(value=6, min=0, max=10, step=1)
    assert plan(low=slider, export={"low": 5}).kept == ((0, 2, 6, 8, 10),)


def test_a_list_names_the_positions_that_are_kept_beside_the_start_and_the_telling_one():
    sliders = {"low": SelectionSlider(options=[0.5, 1, 1.4, 9], value=1), "high": (0, 9, 0.1)}
    made = plan(**sliders, export={"low": [9, 1.4], "high": [0.1 * 3, 7]})
    assert made.kept == ((1, 2, 3), (3, made.start[1], made.telling[1], 70))


def test_a_list_may_name_words():
    class Worded(Waves):
        def update(self, low="one"):
            return super().update({"one": 1.0, "two": 2.0, "three": 3.0}[low])

    words = SelectionSlider(options=["one", "two", "three"])
    assert plan(Worded(), low=words, export={"low": ["three"]}).kept[0] == (0, 2)


@pytest.mark.parametrize(
    ("export", "error", "words"),
    [
        ({"lwo": 3}, TypeError, "Did you mean 'low'"),
        ({"low": 2.5}, TypeError, "whole number"),
        ({"low": True}, TypeError, "whole number"),
        ({"low": (1.0, 2.0)}, TypeError, "a list of them"),
        ({"low": [1.0, 2.01]}, ValueError, r"export={'low': \[…\]}: 2.01 is not a position"),
        ({"low": ["all"]}, ValueError, "'all' is not a position"),
        ({"kind": 1}, TypeError, "has a range"),
        ({"flip": 1}, TypeError, "has a range"),
        ({"low": 0}, ValueError, "low"),
        ({"high": 2}, ValueError, "its start"),
        (["low"], TypeError, r"export=\['low'\]: give a dict .* such as export={'low': 5}"),
        (5, TypeError, "export=5: give a dict"),
    ],
)
def test_a_wrong_count_is_told_where_it_is_written(export, error, words):
    sliders = {"low": (0, 9, 1.0), "high": (0, 9, 0.5), "kind": ["sine", "cosine"], "flip": False}
    with pytest.raises(error, match=words):
        explore(Waves(), **sliders, export=export)


# ---- their frames -------------------------------------------------------------------------------


def test_each_kept_position_has_its_frame():
    explorer = explore(Waves(), low=(0, 2, 1.0), kind=["sine", "cosine"])
    made = plan_of(explorer)
    assert list(frames(made, explorer.frame_at)) == [
        explorer.frame(low=low, kind=kind) for low in (0.0, 1.0, 2.0) for kind in ("sine", "cosine")
    ]


def test_the_frame_for_paper_comes_last_if_its_slider_is_held_elsewhere():
    explorer = explore(Waves(), low=(0, 9, 1.0), high=(0, 9, 0.5), export={"high": 1})
    made = plan_of(explorer)
    *kept, paper = frames(made, explorer.frame_at)
    assert len(kept) == made.count == made.index_of(made.telling) == 10
    assert paper == explorer.frame(high=2.0)


# ---- not too much -------------------------------------------------------------------------------


def test_too_many_positions_are_refused_with_advice_that_helps():
    sliders = {"low": (0, 9, 0.05), "high": (0, 9, 0.05), "kind": ["sine", "cosine"]}
    with pytest.raises(EmbeddingError) as raised:
        plan(**sliders)
    message = str(raised.value)
    assert "Waves is too large for a slide: 65,522 positions; at most 5,000 fit" in message
    assert "low 181 × high 181 × kind 2" in message
    advice = json.loads(re.search(r"export=(\{.*?\})", message).group(1).replace("'", '"'))
    assert plan(**sliders, export=advice).count <= 5000


def test_advice_halves_the_longest_slider_first():
    with pytest.raises(EmbeddingError, match=re.escape("export={'low': 22, 'high': 18}")):
        plan(low=(0, 9, 0.05), high=(0, 9, 0.25), kind=["sine", "cosine"])


def test_advice_leaves_room_for_both_ends_the_start_and_the_telling_position():
    sliders = {"low": (0, 9, 1.0), "high": (0, 9, 0.5)}
    with pytest.raises(EmbeddingError, match=re.escape("export={'high': 4, 'low': 4}")):
        plan_of(explore(Waves(), **sliders), Budget(positions=30))


def test_as_many_positions_as_there_may_be_are_not_too_many():
    assert plan_of(explore(Waves(), low=(0, 9, 1.0)), Budget(positions=10)).count == 10


def test_lists_that_are_too_long_together_are_told_to_be_shorter():
    numbers = [float(i) for i in range(99)]
    with pytest.raises(EmbeddingError, match="Give shorter lists") as raised:
        plan(low=numbers, high=numbers)
    assert "export" not in str(raised.value)


class Together(Waves):
    """Both of its lines follow both sliders."""

    def update(self, low=0.0, high=1.0):
        return super().update(low=low + high / 99, high=high + low / 99)


@pytest.mark.parametrize("scene", [Waves, Together])
def test_the_estimate_is_near_what_comes_out(scene):
    explorer = explore(scene(), low=(-4, 4, 0.5), high=(-4, 4, 0.5))
    made, asked = plan_of(explorer), []

    def frame_at(position):
        asked.append(position)
        return explorer.frame_at(position)

    guessed = estimate(made, frame_at)
    # The start again would take no time, for it is remembered.
    assert asked.count(made.start) == 1
    content = json.dumps(pack(frames(made, explorer.frame_at)))
    assert guessed.bytes / 6 < len(gzip.compress(content.encode())) < 6 * guessed.bytes
    assert guessed.seconds > 0


def test_how_far_it_is_is_told_first_and_again_and_again(monkeypatch):
    # Beside the ten positions there is a frame for paper, of which nothing is told.
    explorer = explore(Waves(), low=(0, 9, 1.0), high=(0, 9, 0.5), export={"high": 1})
    made = plan_of(explorer)
    for seconds, count in ((60.0, 1), (0.0, 11)):
        monkeypatch.setattr(precompute, "_REPORT_SECONDS", seconds)
        # A second for each frame.
        monkeypatch.setattr(precompute.time, "perf_counter", itertools.count().__next__)
        heard = []
        computed = told(frames(made, explorer.frame_at), made, Estimate(123, 0.5), heard.append)
        assert len(list(computed)) == 11
        assert len(heard) == count
    assert heard[0] == {"scene": "Waves", "total": 10, "bytes": 123, "done": 0, "seconds": 5.0}
    assert [report["done"] for report in heard] == list(range(11))
    assert [report["seconds"] for report in heard[1:]] == list(range(9, -1, -1))
