"""Lecture 3, section 7: what its picture must show, and what its words say of it."""

import re

import numpy as np
import pytest

from lessons import minibatch_noise as lesson
from lessons.geometry import degrees_between
from tests.lectures.pictures import picture_of
from tests.strict import no_warnings

pytestmark = no_warnings

BOUNDS = np.arange(0.25, 2.75, 0.25)


def turned(size, bound):
    return degrees_between(*lesson.two_means(size, bound))


def test_four_in_five_examples_have_short_gradients_and_the_fifth_a_long_one():
    examples = lesson.example_gradients()
    long = np.linalg.norm(examples - [3, 0], axis=1) < 1.5
    assert long.mean() == pytest.approx(0.2, abs=0.001)
    np.testing.assert_allclose(examples[long].mean(axis=0), [3, 0], atol=0.05)
    np.testing.assert_allclose(examples[~long].mean(axis=0), [0, 1], atol=0.05)


@pytest.mark.parametrize("size", lesson.SIZES)
def test_unclipped_the_batches_have_the_mean_of_all_examples_whatever_their_size(size):
    batches = lesson.batch_gradients(size)
    assert len(batches) * size == lesson.EPOCHS * lesson.EXAMPLES
    whole = lesson.example_gradients().mean(axis=0)
    np.testing.assert_allclose(batches.mean(axis=0), whole, atol=1e-5)
    # A bound that nothing reaches changes nothing.
    for mean in lesson.two_means(size, 10.0):
        np.testing.assert_allclose(mean, whole, atol=1e-5)


@pytest.mark.parametrize("bound", [0.5, 1.0, 2.0])
def test_each_batch_is_clipped_by_its_own_norm(bound):
    before, after = lesson.batch_gradients(4), lesson.clipped_batches(4, bound)
    lengths = np.linalg.norm(before, axis=1, keepdims=True)
    np.testing.assert_allclose(after, before * np.minimum(1, bound / lengths), rtol=1e-5, atol=1e-6)


def test_the_bias_grows_as_batches_and_bounds_become_small():
    for bound in BOUNDS:
        angles = [turned(size, bound) for size in lesson.SIZES]
        assert (np.diff(angles) < 0.01).all()
    angles = [turned(1, bound) for bound in BOUNDS]
    assert (np.diff(angles) < 0.1).all()


def test_the_answers_to_the_task_are_those_of_the_notes():
    # In batches of one the long examples count as much as the others, a third of what they should.
    clipped = np.linalg.norm(lesson.clipped_batches(1, 1.0), axis=1)
    before = np.linalg.norm(lesson.batch_gradients(1), axis=1)
    long = before > 2
    assert clipped[long].mean() / before[long].mean() == pytest.approx(1 / 3, abs=0.02)
    assert clipped[~long].mean() == pytest.approx(1, abs=0.1)
    assert round(turned(1, 1.0)) == 22
    assert round(turned(1, 2.5)) == 5
    assert turned(2, 1.0) > 5 > turned(4, 1.0)


@pytest.mark.parametrize(("size", "bound"), [(1, 1.0), (4, 0.5), (256, 2.5)])
def test_clipped_batches_draws_both_means_and_the_angle_between_them(size, bound):
    made = picture_of(lesson.ClippedBatches)
    scene = made.scene
    readout = made.frame(size=size, bound=bound).readout
    wanted, found = lesson.two_means(size, bound)
    for arrow, mean in ((scene.wanted, wanted), (scene.found, found)):
        assert [arrow.U.item(), arrow.V.item()] == pytest.approx(mean.tolist())
    angle = turned(size, bound)
    assert np.ravel(scene.here.get_data()) == pytest.approx([size, angle])
    assert scene.curve.get_ydata()[lesson.SIZES.index(size)] == pytest.approx(angle)
    told = re.search(
        r"(\d+)% of .* length (\S+); .* length (\S+) and is turned by (\S+) d", readout
    )
    share = 100 * np.mean(np.linalg.norm(lesson.batch_gradients(size), axis=1) > bound)
    expected = [share, np.linalg.norm(wanted), np.linalg.norm(found), angle]
    assert list(map(float, told.groups())) == pytest.approx(expected, abs=0.51)
    np.testing.assert_array_equal(
        np.transpose(scene.clipped.get_data()),
        lesson.clipped_batches(size, bound)[: lesson.SHOWN],
    )
