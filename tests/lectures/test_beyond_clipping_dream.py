"""Lecture 9, section 1: what a dream does, what its pictures must show, and its words."""

import numpy as np
import pytest
import tensorflow as tf

from lessons import beyond_clipping_dream as lesson
from lessons.digits import rules
from lessons.digits.network import outputs
from lessons.explorable.picture import Picture
from tests.lectures.pictures import picture_of
from tests.strict import no_warnings

pytestmark = no_warnings


@pytest.mark.parametrize("digit", [4, 7])
@pytest.mark.parametrize("how", lesson.HOWS)
def test_a_step_adds_the_gradient_raw_clipped_or_normalised(how, digit):
    reader, start = rules.stored_reader(), lesson.first_of_each_digit()[digit : digit + 1]
    with tf.GradientTape() as tape:
        tape.watch(start)
        p = tf.nn.softmax(outputs(reader, start))[0, 9]
    gradient = tape.gradient(p, start).numpy()
    norm = np.linalg.norm(gradient)
    assert (norm > lesson.BOUND) == (digit == 7), "one start on each side of the bound"
    factor = {"raw": 1, "clipped": min(1, 1 / norm), "normalised": 1 / norm}[how]
    second = np.clip(start + 0.5 * factor * gradient, 0, 1)
    climbed = lesson.climb(reader, start, [9], how, 0.5)
    assert climbed.norms[0, 0] == pytest.approx(norm, rel=1e-4)
    assert climbed.sure[0, 0] == pytest.approx(float(p), rel=1e-4)
    assert climbed.sure[1, 0] == pytest.approx(
        float(tf.nn.softmax(outputs(reader, second))[0, 9]), rel=1e-3
    )
    assert climbed.images.min() >= 0
    assert climbed.images.max() <= 1


def test_a_picture_that_is_sure_stays_as_it_is():
    reader = rules.stored_reader()
    starts = lesson.first_of_each_digit()
    # Each already is what is wanted of it.
    climbed = lesson.climb(reader, starts, range(10), "normalised", 1.0)
    sure = climbed.sure[0] > lesson.SURE
    assert sure.sum() >= 5
    np.testing.assert_array_equal(climbed.images[sure], starts.numpy()[sure])


def test_every_pair_is_one_digit_and_another():
    images, wanted = lesson.every_pair()
    assert images.shape == (90, 784)
    starts = [int(np.argmin(np.abs(lesson.first_of_each_digit() - i).sum(axis=1))) for i in images]
    assert len(set(zip(starts, wanted, strict=True))) == 90
    assert all(start != end for start, end in zip(starts, wanted, strict=True))


@pytest.mark.parametrize(("how", "rate", "named"), [("up", 1.0, "how is 'up'"), ("raw", 0, "rate")])
def test_what_cannot_be_climbed_with_is_named(how, rate, named):
    with pytest.raises(ValueError, match=named):
        lesson.climb([], tf.zeros([1, 784]), [0], how, rate)


def test_normalised_dreams_arrive_in_all_stored_counts_and_no_others_do():
    raw, long, clipped, normalised = rules.load_rules()["dreamed"]
    assert set(normalised) == {90}
    assert max(raw.max(), clipped.max()) < 40
    assert 40 < long.min() < long.max() < 80
    # The stored counts are those of the networks, give or take what a processor rounds.
    for number, dream in enumerate(rules.DREAMS):
        counted = lesson.sure_at_the_end(rules.stored_reader(), *dream)
        assert counted == pytest.approx(rules.load_rules()["dreamed"][number, 0], abs=5)


def test_the_answers_to_the_task_on_dreams():
    reader, digits = rules.stored_reader(), lesson.first_of_each_digit()

    def arrives(how, rate, start, wanted):
        climbed = lesson.climb(reader, digits[start : start + 1], [wanted], how, rate)
        return climbed.sure[-1, 0] > lesson.SURE

    assert [arrives(how, 1.0, 1, 8) for how in lesson.HOWS] == [False, False, True]
    assert arrives("raw", 3.0, 1, 8)
    assert not arrives("raw", 100.0, 0, 1)
    # The norms of the 90 first gradients differ by a factor of a million and more.
    norms = lesson.climb(reader, *lesson.every_pair(), "raw", 1.0).norms[0]
    assert norms.max() / norms.min() > 1e6


@pytest.mark.parametrize("how", lesson.HOWS)
def test_the_dream_shows_start_end_and_change(how):
    made = picture_of(lesson.DigitDream)
    scene = made.scene
    readout = made.frame(how=how, rate=3.0, start=7, wanted=2).readout
    begin = lesson.first_of_each_digit()[7:8]
    climbed = lesson.climb(rules.stored_reader(), begin, [2], how, 3.0)
    before, after, change = (
        np.ravel(image.get_array()) for image in (scene.before, scene.after, scene.change)
    )
    np.testing.assert_allclose(before, np.ravel(begin))
    np.testing.assert_allclose(after, np.ravel(climbed.images))
    np.testing.assert_allclose(change, after - before, atol=1e-6)
    np.testing.assert_allclose(scene.sure.get_ydata(), np.maximum(climbed.sure[:, 0], scene.floor))
    above = climbed.sure[:, 0] > lesson.SURE
    told = f"from step {np.argmax(above)} on" if above.any() else "in none of 30 steps"
    assert f"above 0.9 {told}." in readout


def test_pictures_tell_their_range():
    made = Picture(lesson.Pictures({"a": np.zeros(784), "b": np.full((1, 28, 28, 1), 2.0)}))
    assert made.frame().readout == "A: 0.0 to 0.0; b: 2.0 to 2.0."
