"""Lecture 3: its numbers against NumPy, what its pictures must show, and what its words say."""

import re

import numpy as np
import pytest
import tensorflow as tf

from lessons import global_norm as lesson
from lessons.digits.map import stored_run
from lessons.digits.network import NAMES, flat_images, network
from lessons.explorable.picture import Picture
from lessons.geometry import norms
from tests.lectures.pictures import picture_of
from tests.strict import no_warnings

pytestmark = no_warnings

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
    after, norm = tf.clip_by_global_norm(lesson.tensors_of_norms(lesson.PRINTED_BEFORE), 15.0)
    assert float(norm) == pytest.approx(262.857, abs=5e-4)
    assert 15 / float(norm) == pytest.approx(0.0570652, abs=5e-8)
    np.testing.assert_allclose(norms(after), lesson.PRINTED_AFTER, rtol=2e-7)
    # Three of the six are above the bound, and all six are made shorter.
    assert [n for n, p in zip(NAMES, PRINTED, strict=True) if p > 15] == ["W1", "W2", "W3"]
    assert (np.array(lesson.PRINTED_AFTER) < PRINTED).all()


def test_each_by_its_norm_the_printed_step_is_turned_and_longer_than_the_bound():
    ours = lesson.CLIPS["each by its norm"](lesson.tensors_of_norms(PRINTED), tf.constant(15.0))
    each = norms(ours)
    assert np.linalg.norm(each) == pytest.approx(26.6, abs=0.05)
    assert degrees(PRINTED, each) == pytest.approx(15.0, abs=0.05)
    # "The biases now weigh more in the step than they should."
    before, after = (np.linalg.norm(n[1::2]) / np.linalg.norm(n) for n in (PRINTED, each))
    assert after > 9 * before


# ---- gradients of the first batch ---------------------------------------------------------------


def by_backpropagation():
    """The six gradients of the first batch, in float64."""
    images, labels = flat_images(50.0)
    w1, b1, w2, b2, w3, b3 = (np.asarray(v, float) for v in network(0))
    x, y = np.asarray(images[:128], float), np.eye(10)[labels[:128]]
    first = np.maximum(x @ w1 + b1, 0)
    second = np.maximum(first @ w2 + b2, 0)
    raw = second @ w3 + b3
    # ReLU on the output too; the mean over the batch of the summed squared error.
    into_third = 2 * (np.maximum(raw, 0) - y) * (raw > 0) / 128
    into_second = (into_third @ w3.T) * (second > 0)
    into_first = (into_second @ w2.T) * (first > 0)
    layers = ((x, into_first), (first, into_second), (second, into_third))
    return [part for given, slope in layers for part in (given.T @ slope, slope.sum(axis=0))]


def test_first_gradients_are_those_of_backpropagation():
    expected = by_backpropagation()
    for own, by_hand in zip(lesson.first_gradients(), expected, strict=True):
        assert np.linalg.norm(own - by_hand) < 1e-3 * np.linalg.norm(by_hand)


def test_by_value_the_bound_has_to_be_near_the_size_of_a_single_number():
    raw = flat(lesson.first_gradients())
    norm = np.linalg.norm(raw)
    # At a bound of a tenth of the norm, by value does next to nothing to the step.
    assert np.linalg.norm(np.clip(raw, -norm / 10, norm / 10)) > 0.99 * norm
    assert np.abs(raw).max() == pytest.approx(norm / 10, rel=0.05)
    assert np.median(np.abs(raw)) < norm / 10_000


# ---- six tensors --------------------------------------------------------------------------------


@pytest.mark.parametrize("gradients", SETS)
@pytest.mark.parametrize("how", WAYS)
def test_six_tensors_shows_the_norms_before_and_after(gradients, how):
    made = picture_of(lesson.SixTensors)
    scene = made.scene
    raw = scene.gradients[gradients]
    for bound in (0.01, 15.0, 2500.0):
        readout = made.frame(gradients=gradients, how=how, bound=bound).readout
        after = clipped_by_hand(raw, how, bound)
        for tensors, bars, texts in zip((raw, after), scene.bars, scene.numbers, strict=True):
            expected = [*norms(tensors), np.linalg.norm(flat(tensors))]
            tops = [bar.get_y() + bar.get_height() for bar in bars]
            np.testing.assert_allclose(tops, expected, rtol=1e-3)
            written = [float(text.get_text()) for text in texts]
            np.testing.assert_allclose(written, expected, rtol=6e-3)
        assert scene.line.get_ydata() == [bound, bound]
        told = re.search(
            r"is (\S+) before and (\S+) after. .* turned by (\S+) degrees \(cosine (\S+)\)",
            readout,
        )
        angle = degrees(raw, after)
        lengths = [np.linalg.norm(flat(tensors)) for tensors in (raw, after)]
        before, left, turned, cosine = map(float, told.groups())
        assert [before, left] == pytest.approx(lengths, rel=6e-3)
        assert cosine == pytest.approx(np.cos(np.radians(angle)), abs=6e-4)
        assert turned == pytest.approx(angle, abs=0.06)


@pytest.mark.parametrize("gradients", SETS)
def test_only_clipping_together_keeps_the_direction(gradients):
    made = picture_of(lesson.SixTensors)
    angles = []
    for bound in (0.01, 0.5, 5.0, 50.0, 2500.0):
        for how in WAYS:
            readout = made.frame(gradients=gradients, how=how, bound=bound).readout
            assert "e+" not in readout
            turned = float(re.search(r"turned by (\S+) degrees", readout)[1])
            assert (turned == 0) == (how == "together" or bound == 2500)
            angles += [turned] if how == "each by its norm" else []
    # With a small bound all six norms are equal, and the step is turned most.
    assert angles == sorted(angles, reverse=True)
    left = norms(
        lesson.CLIPS["each by its norm"](made.scene.gradients[gradients], tf.constant(0.5))
    )
    np.testing.assert_allclose(left, 0.5, rtol=1e-5)


def test_clipped_together_every_bar_sinks_by_the_same_distance_on_the_log_axis():
    made = picture_of(lesson.SixTensors)
    made.frame(how="together", bound=15.0)
    before, after = (
        np.log10([bar.get_y() + bar.get_height() for bar in bars]) for bars in made.scene.bars
    )
    np.testing.assert_allclose(before - after, np.log10(262.857 / 15), rtol=1e-4)


# ---- many tensors -------------------------------------------------------------------------------


@pytest.mark.parametrize("bound", [0.5, 2.0, 5.0])
def test_many_tensors_draws_the_root_and_the_bound(bound):
    made = picture_of(lesson.ManyTensors)
    scene = made.scene
    for count in (1, 6, 15, 16, 17, 64):
        readout = made.frame(count=count, bound=bound).readout
        left = bound * np.sqrt(count)
        assert scene.dot.get_data()[0] == [count]
        # Further on, the curve would show the answer before a slider moves.
        assert scene.each.get_xdata()[-1] == count
        assert scene.dot.get_ydata()[0] == pytest.approx(left, rel=1e-5)
        assert f"norm {left:.2f}, which is {np.sqrt(count):.2f} times the bound" in readout
        # "Sixteen, for every bound."
        assert ("is 4.00 times" in readout) == (count == 16)
    k, curve = scene.each.get_data()
    np.testing.assert_allclose(curve, bound * np.sqrt(k))
    assert set(scene.joint.get_ydata()) == {bound}


def test_a_bound_above_all_tensors_leaves_them():
    assert lesson.left_of_each(4, 50.0) == pytest.approx(20)


# ---- what it costs ------------------------------------------------------------------------------


def test_times_are_measured_for_every_case():
    seconds = lesson.times(600, 3)
    assert set(seconds) == {
        (name, mode) for name in ("each by its norm", "together") for mode in ("eager", "graph")
    }
    for measured in seconds.values():
        assert measured.shape == (3,)
        assert (measured > 0).all()


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
    made = Picture(lesson.Cost())
    scene = made.scene
    assert made.frame(repeats=0).readout.startswith("Nothing is measured yet")
    assert not any(len(median.get_xdata()) for median in scene.medians.values())
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
        assert [at_the_end.min(), at_the_end.max()] == pytest.approx([expected / 2, expected * 1.5])


# ---- a bound from a log -------------------------------------------------------------------------


@pytest.mark.parametrize("percentile", [0, 50, 90, 95, 100])
def test_choose_bound_marks_what_the_bound_would_have_clipped(percentile):
    made = picture_of(lesson.ChooseBound)
    scene = made.scene
    readout = made.frame(percentile=percentile).readout
    logged = stored_run(lesson.LOGGED).before
    assert logged.shape == (150,)
    bound = scene.lines[0].get_ydata()[0]
    assert (
        bound == scene.lines[1].get_ydata()[0] == pytest.approx(np.percentile(logged, percentile))
    )
    steps, cut = scene.cut.get_data()
    np.testing.assert_array_equal(cut, logged[logged > bound])
    np.testing.assert_array_equal(logged[steps], cut)
    assert scene.here.get_xdata()[0] == percentile
    share = np.mean(logged > bound)
    assert f"{share:.0%} of the 150 logged norms lie above {bound:.3g}." in readout
    assert f"keeps {min(1, bound / logged.max()):.0%} of its length" in readout
    if percentile == 95:
        assert steps.tolist() == list(range(8)), "the first wild steps only"
    if percentile in (50, 90):
        assert share == pytest.approx(1 - percentile / 100)


@pytest.mark.parametrize("bound", [1.0, 5.0])
def test_a_clipped_run_is_cut_more_often_than_the_log_of_one_without_a_clip_says(bound):
    logged, clipped = (
        stored_run(setting).before
        for setting in (lesson.LOGGED, lesson.LOGGED._replace(bound=bound))
    )
    assert np.mean(clipped > bound) > 1.4 * np.mean(logged > bound)
