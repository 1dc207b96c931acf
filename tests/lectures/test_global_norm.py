"""Lecture 3: its numbers against NumPy, its pictures against its numbers, its sentences too."""

import re

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons import global_norm as lesson
from lessons.digits.map import stored_run
from lessons.digits.network import NAMES, flat_images, network
from lessons.explorable.picture import Picture
from lessons.geometry import norms
from tests.lectures.pictures import picture_of
from tests.strict import no_warnings

pytestmark = no_warnings

COMPARE = settings(derandomize=True, max_examples=40, deadline=None)
PRINTED = np.array(lesson.PRINTED_BEFORE)
WAYS = list(lesson.CLIPS)
SETS = ["printed in the course", "our own first batch"]


def flat(tensors):
    return np.concatenate([np.asarray(t, float).ravel() for t in tensors])


def clipped_by_hand(tensors, how, bound):
    tensors = [np.asarray(t, float) for t in tensors]
    if how == "by value":
        return [np.clip(t, -bound, bound) for t in tensors]
    if how == "together":
        return [t * bound / max(np.linalg.norm(flat(tensors)), bound) for t in tensors]
    return [t * bound / max(np.linalg.norm(t), bound) for t in tensors]


def degrees(before, after):
    u, v = flat(before), flat(after)
    return np.degrees(np.arccos(min(1, u @ v / np.linalg.norm(u) / np.linalg.norm(v))))


# ---- the numbers printed in the course ----------------------------------------------------------


def test_the_course_printed_what_tensorflow_returns():
    before = lesson.tensors_of_norms(lesson.PRINTED_BEFORE)
    after, norm = tf.clip_by_global_norm(before, 15.0)
    assert float(norm) == pytest.approx(262.857, abs=5e-4)
    assert 15 / float(norm) == pytest.approx(0.0570652, abs=5e-8)
    np.testing.assert_allclose(norms(after), lesson.PRINTED_AFTER, rtol=1e-6)
    # And by hand.
    np.testing.assert_allclose(
        PRINTED * 15 / np.sqrt(np.sum(PRINTED**2)), lesson.PRINTED_AFTER, rtol=1e-6
    )


def test_each_by_its_norm_the_printed_step_is_turned_and_longer_than_the_bound():
    each = np.minimum(PRINTED, 15)
    assert np.linalg.norm(each) == pytest.approx(26.6, abs=0.05)
    assert degrees(PRINTED, each) == pytest.approx(15.0, abs=0.05)
    ours = lesson.CLIPS["each by its norm"](lesson.tensors_of_norms(PRINTED), tf.constant(15.0))
    np.testing.assert_allclose(norms(ours), each, rtol=1e-6)
    # "The biases now weigh more in the step than they should."
    biases = [1, 3, 5]
    assert np.linalg.norm(each[biases]) / np.linalg.norm(each) > 9 * (
        np.linalg.norm(PRINTED[biases]) / np.linalg.norm(PRINTED)
    )


def test_three_of_the_six_are_above_the_bound_and_all_six_are_made_shorter():
    assert [n for n, p in zip(NAMES, PRINTED, strict=True) if p > 15] == ["W1", "W2", "W3"]
    assert (np.array(lesson.PRINTED_AFTER) < PRINTED).all()


# ---- numbers ------------------------------------------------------------------------------------


@COMPARE
@given(
    st.lists(
        st.lists(st.floats(-100, 100, width=16), min_size=1, max_size=4), min_size=1, max_size=5
    ),
    st.floats(0.1, 200),
    st.sampled_from(WAYS),
)
def test_the_three_ways_to_clip_are_their_formulas(gradients, bound, how):
    tensors = [tf.constant(g, tf.float32) for g in gradients]
    got = lesson.CLIPS[how](tensors, tf.constant(bound, tf.float32))
    for own, expected in zip(got, clipped_by_hand(gradients, how, bound), strict=True):
        np.testing.assert_allclose(own, expected, rtol=1e-4, atol=1e-4)


def test_a_tensor_of_a_norm_has_that_norm():
    np.testing.assert_allclose(norms(lesson.tensors_of_norms(PRINTED)), PRINTED, rtol=1e-6)


def forward(variables, images):
    """Outputs, and what each layer was given, in float64."""
    w1, b1, w2, b2, w3, b3 = (np.asarray(v, float) for v in variables)
    first = np.maximum(images @ w1 + b1, 0)
    second = np.maximum(first @ w2 + b2, 0)
    return second @ w3 + b3, (images, first, second)


def test_first_gradients_are_those_of_backpropagation():
    images, labels = flat_images(50.0)
    x, y = np.asarray(images[:128], float), np.eye(10)[labels[:128]]
    variables = network(0)
    outputs, (x, first, second) = forward(variables, x)
    # ReLU on the output too; the mean over the batch of the summed squared error.
    error = 2 * (np.maximum(outputs, 0) - y) * (outputs > 0) / 128
    into_second = (error @ variables[4].numpy().T) * (second > 0)
    into_first = (into_second @ variables[2].numpy().T) * (first > 0)
    expected = [
        part
        for given_to, slope in ((x, into_first), (first, into_second), (second, error))
        for part in (given_to.T @ slope, slope.sum(axis=0))
    ]
    got = lesson.first_gradients()
    for own, by_hand in zip(got, expected, strict=True):
        assert np.linalg.norm(own - by_hand) < 1e-3 * np.linalg.norm(by_hand)


@pytest.mark.parametrize("count", [1, 2, 6, 16, 64])
@pytest.mark.parametrize("bound", [0.5, 1.0, 5.0])
def test_what_is_left_of_each_grows_like_the_root_of_their_number(count, bound):
    assert lesson.left_of_each(count, bound) == pytest.approx(bound * np.sqrt(count), rel=1e-5)


def test_a_bound_above_all_tensors_leaves_them():
    assert lesson.left_of_each(4, 50.0) == pytest.approx(20)


def test_times_are_measured_for_every_case():
    seconds = lesson.times(600, 3)
    assert set(seconds) == {
        (name, mode) for name in ("each by its norm", "together") for mode in ("eager", "graph")
    }
    for measured in seconds.values():
        assert measured.shape == (3,)
        assert (measured > 0).all()
        assert (measured < 5).all()


# ---- pictures -----------------------------------------------------------------------------------


@pytest.mark.parametrize("gradients", SETS)
@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("bound", [0.01, 15.0, 2500.0])
def test_six_tensors_shows_the_norms_before_and_after(gradients, how, bound):
    made = picture_of(lesson.SixTensors)
    scene = made.scene
    readout = made.frame(gradients=gradients, how=how, bound=bound).readout
    raw = scene.gradients[gradients]
    after = clipped_by_hand(raw, how, bound)
    for tensors, bars, texts in zip((raw, after), scene.bars, scene.numbers, strict=True):
        expected = [np.linalg.norm(t) for t in tensors] + [np.linalg.norm(flat(tensors))]
        tops = [bar.get_y() + bar.get_height() for bar in bars]
        np.testing.assert_allclose(tops, expected, rtol=1e-3)
        np.testing.assert_allclose([float(text.get_text()) for text in texts], expected, rtol=6e-3)
    assert scene.line.get_ydata() == [bound, bound]
    numbers = re.search(
        r"is (\S+) before and (\S+) after. Cosine to the true step (\S+), turned by (\S+) deg",
        readout,
    )
    before, left, cosine, turned = map(float, numbers.groups())
    assert before == pytest.approx(np.linalg.norm(flat(raw)), rel=1e-3)
    assert left == pytest.approx(np.linalg.norm(flat(after)), rel=6e-3)
    angle = degrees(raw, after)
    assert cosine == pytest.approx(np.cos(np.radians(angle)), abs=6e-4)
    assert turned == pytest.approx(angle, abs=0.06)


@pytest.mark.parametrize("gradients", SETS)
@pytest.mark.parametrize("tenth", range(-20, 35, 4))
def test_only_clipping_together_keeps_the_direction_at_every_bound(gradients, tenth):
    bound = 10 ** (tenth / 10)
    turned = {
        how: re.search(
            r"turned by (\S+) degrees",
            picture_of(lesson.SixTensors).frame(gradients=gradients, how=how, bound=bound).readout,
        ).group(1)
        for how in WAYS
    }
    assert turned["together"] == "0.0"
    if bound < 100:
        assert float(turned["each by its norm"]) > 0
        assert float(turned["by value"]) > 0


def test_clipped_together_every_bar_sinks_by_the_same_distance_on_the_log_axis():
    made = picture_of(lesson.SixTensors)
    scene = made.scene
    made.frame(how="together", bound=15.0)
    before, after = (
        np.log10([bar.get_y() + bar.get_height() for bar in bars]) for bars in scene.bars
    )
    np.testing.assert_allclose(before - after, np.log10(262.857 / 15), rtol=1e-4)


@pytest.mark.parametrize("gradients", SETS)
def test_a_small_bound_makes_all_six_norms_equal_when_each_is_clipped_on_its_own(gradients):
    raw = picture_of(lesson.SixTensors).scene.gradients[gradients]
    left = norms(lesson.CLIPS["each by its norm"](raw, tf.constant(0.5)))
    np.testing.assert_allclose(left, 0.5, rtol=1e-5)
    # And there the step is turned most.
    angles = [
        degrees(raw, clipped_by_hand(raw, "each by its norm", bound))
        for bound in 10 ** (np.arange(-20, 35) / 10)
    ]
    assert angles[0] == pytest.approx(max(angles), abs=1e-6)
    assert angles[-1] == pytest.approx(0, abs=1e-4)


def test_by_value_the_bound_has_to_be_near_the_size_of_a_single_number():
    raw = lesson.first_gradients()
    whole = np.linalg.norm(flat(raw))
    # At a bound of a tenth of the norm, by value does next to nothing to the step.
    by_value = clipped_by_hand(raw, "by value", whole / 10)
    assert np.linalg.norm(flat(by_value)) > 0.99 * whole
    assert np.sqrt(np.mean(flat(raw) ** 2)) < whole / 100


@pytest.mark.parametrize("count", [1, 6, 16, 64])
@pytest.mark.parametrize("bound", [0.5, 2.0, 5.0])
def test_many_tensors_draws_the_root_and_the_bound(count, bound):
    made = picture_of(lesson.ManyTensors)
    scene = made.scene
    readout = made.frame(count=count, bound=bound).readout
    k, left = scene.each.get_data()
    np.testing.assert_array_equal(k, range(1, 65))
    np.testing.assert_allclose(left, bound * np.sqrt(k))
    assert set(scene.joint.get_ydata()) == {bound}
    assert scene.dot.get_xdata()[0] == count
    assert scene.dot.get_ydata()[0] == pytest.approx(bound * np.sqrt(count), rel=1e-5)
    assert f"norm {bound * np.sqrt(count):.2f}, which is {np.sqrt(count):.2f} times" in readout


@pytest.mark.parametrize("bound", np.arange(0.5, 5.5, 0.5))
def test_sixteen_tensors_make_the_step_four_times_as_long_for_every_bound(bound):
    made = picture_of(lesson.ManyTensors)
    assert "which is 4.00 times the bound" in made.frame(count=16, bound=bound).readout
    assert "which is 4.00 times" not in made.frame(count=15, bound=bound).readout
    assert "which is 4.00 times" not in made.frame(count=17, bound=bound).readout


def test_cost_has_measured_nothing_at_first():
    made = picture_of(lesson.Cost)
    scene = made.scene
    assert made.frame(repeats=0).readout.startswith("Nothing is measured yet")
    assert not any(len(median.get_xdata()) for median in scene.medians.values())
    for spread in scene.spreads.values():
        assert not any(
            len(path.vertices) > 2 and np.ptp(path.vertices) for path in spread.get_paths()
        )


def test_cost_draws_what_it_measures_and_says_it(monkeypatch):
    def slow_together(size, repeats):
        # Clipping each takes 1 to 3 ms, together twice as long; a graph half of that.
        once = np.linspace(0.001, 0.003, repeats) * size / 1e7
        return {
            (name, mode): once * factor * (0.5 if mode == "graph" else 1)
            for name, factor in (("each by its norm", 1), ("together", 2))
            for mode in ("eager", "graph")
        }

    monkeypatch.setattr(lesson, "times", slow_together)
    made = picture_of(lesson.Cost)
    scene = made.scene
    seen = []
    made.on_progress(lambda done, total: seen.append((done, total)))
    readout = made.frame(repeats=5).readout
    assert "takes 2.00 times as long as clipping each, and 2.00 times inside" in readout
    assert seen == [(n, 5) for n in range(6)]
    for (name, mode), median in scene.medians.items():
        sizes, milliseconds = median.get_data()
        assert sizes == lesson.Cost.sizes
        expected = 2 * (2 if name == "together" else 1) * (0.5 if mode == "graph" else 1)
        assert milliseconds[-1] == pytest.approx(expected)
        vertices = scene.spreads[name, mode].get_paths()[0].vertices
        at_the_end = vertices[vertices[:, 0] == sizes[-1], 1]
        assert at_the_end.min() == pytest.approx(expected / 2)
        assert at_the_end.max() == pytest.approx(expected * 1.5)
    made.frame(repeats=0)


def test_cost_measured_once_stays_on_its_axes(monkeypatch):
    monkeypatch.setattr(lesson.Cost, "sizes", (1_000, 10_000))
    made = Picture(lesson.Cost())
    scene = made.scene
    readout = made.frame(repeats=1).readout
    ratios = re.findall(r"([\d.]+) times", readout)
    assert len(ratios) == 2
    for median in scene.medians.values():
        x, y = median.get_data()
        assert ((np.array(x) >= 600) & (np.array(x) <= 2e7)).all()
        assert ((y >= 1e-2) & (y <= 1e3)).all()


@pytest.mark.parametrize("percentile", [0, 50, 90, 95, 100])
def test_choose_bound_marks_what_the_bound_would_have_clipped(percentile):
    made = picture_of(lesson.ChooseBound)
    scene = made.scene
    readout = made.frame(percentile=percentile).readout
    logged = np.sort(stored_run(lesson.LOGGED).before)
    # Between two of the sorted norms, in proportion.
    place = percentile / 100 * 149
    below = int(place)
    bound = logged[below] + (place - below) * (logged[min(below + 1, 149)] - logged[below])
    for line in scene.lines:
        np.testing.assert_allclose(line.get_ydata(), bound)
    steps, cut = scene.cut.get_data()
    assert sorted(cut) == logged[logged > bound].tolist()
    np.testing.assert_array_equal(stored_run(lesson.LOGGED).before[steps], cut)
    assert list(scene.here.get_xdata()) == [percentile, percentile]
    assert f"a bound of {bound:.3g} would have clipped {np.mean(logged > bound):.0%}" in readout
    assert f"to {min(1, bound / logged[-1]):.0%} of its length" in readout


def test_a_percentile_of_95_touches_only_the_first_wild_steps():
    made = picture_of(lesson.ChooseBound)
    scene = made.scene
    made.frame(percentile=95)
    assert scene.cut.get_xdata().max() < 10


def test_the_median_clips_half_of_the_steps_and_the_90th_percentile_a_tenth():
    assert "clipped 50% of 150 steps" in picture_of(lesson.ChooseBound).frame(percentile=50).readout
    assert "clipped 10% of 150 steps" in picture_of(lesson.ChooseBound).frame(percentile=90).readout
