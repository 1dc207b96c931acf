"""Lecture 1, section 5: what its pictures must show, and what its words say of them."""

import re

import numpy as np
import pytest
import tensorflow as tf

from lessons import what_to_clip as lesson
from tests.lectures.pictures import picture_of
from tests.strict import no_warnings

pytestmark = no_warnings


# ---- four places to clip ------------------------------------------------------------------------


def descents(start, bound):
    """The four recurrences, each with its gradient by hand."""

    def error(w):
        return w - 1

    gradients = (
        error,
        lambda w: np.clip(error(w), -bound, bound),
        lambda w: error(w) if 0.5 * error(w) ** 2 <= bound else 0.0,
        lambda w: np.clip(w, -bound, bound) - 1 if -bound <= w <= bound else 0.0,
    )
    weights, slopes = np.empty((60, 4)), np.empty((60, 4))
    for run, gradient in enumerate(gradients):
        w = start
        for step in range(60):
            weights[step, run], slopes[step, run] = w, gradient(w)
            w = w - 0.1 * slopes[step, run]
    return weights, slopes


@pytest.mark.parametrize(("start", "bound"), [(6.0, 2.0), (-2.0, 2.0), (2.0, 0.5), (-8.0, 8.0)])
def test_four_places_draws_the_runs_of_their_recurrences(start, bound):
    made = picture_of(lesson.FourPlacesToClip)
    made.frame(start=start, bound=bound)
    weights, slopes = descents(start, bound)
    for run, (weight, slope) in enumerate(made.scene.lines):
        np.testing.assert_allclose(weight.get_ydata(), weights[:, run], atol=1e-4)
        np.testing.assert_allclose(slope.get_ydata(), slopes[:, run], atol=1e-4)
        assert weight.get_label() == lesson.RUNS[run]


def test_runs_that_arrive_stand_still_or_are_on_their_way_are_told_apart():
    weights = np.array([[9.0, 9.0, 9.0, 9.0], [1.05, 1.15, 5.0, 1.0]])
    slopes = np.array([[1.0, 1.0, 1.0, 1.0], [0.05, 0.15, 0.0, 0.0]])
    ended = lesson.how_runs_ended(weights, slopes)
    assert ended == ["arrives", "is on its way", "stands still", "arrives"]


@pytest.mark.parametrize(
    ("start", "loss", "activation"),
    [
        (6.0, "stands still", "stands still"),
        (2.0, "arrives", "arrives"),
        (3.0, "arrives", "stands still"),
        (3.5, "stands still", "stands still"),
        (-2.0, "stands still", "arrives"),
    ],
)
def test_four_places_says_who_wakes_up_where(start, loss, activation):
    readout = picture_of(lesson.FourPlacesToClip).frame(start=start, bound=2.0).readout
    told = dict(re.findall(r"(\w+ clipped): ([a-z ]+)[;.]", readout))
    assert [name.lower() for name in told] == list(lesson.RUNS)
    assert list(told.values()) == ["arrives", "arrives", loss, activation]


def test_a_clipped_gradient_goes_straight_and_then_bends_into_the_plain_curve():
    weights, slopes = lesson.four_descents(6.0, 2.0)
    straight = slopes[:, 1] == 2
    assert straight[:10].all()
    bent = np.flatnonzero(~straight)
    np.testing.assert_allclose(slopes[bent, 1], weights[bent, 1] - 1, atol=1e-5)


def test_no_other_start_lets_all_four_arrive_from_farther_above():
    # Exercise 2: the answer is 2, and every step of the slider above it fails.
    for start in np.arange(2.0, 8.5, 0.5):
        ended = set(lesson.how_runs_ended(*lesson.four_descents(start, 2.0)))
        assert (ended == {"arrives"}) == (start == 2)


# ---- Huber's loss -------------------------------------------------------------------------------

ERRORS = np.arange(-5, 5.5, 0.5)


@pytest.mark.parametrize("bound", [0.5, 1.0, 3.0, 5.0])
def test_the_gradient_of_hubers_loss_is_the_clipped_error(bound):
    found = lesson.losses_and_slopes(ERRORS, bound)
    loss, slope = found["Huber's loss"]
    np.testing.assert_array_equal(slope, tf.clip_by_value(np.float32(ERRORS), -bound, bound))
    # The formula of the lecture.
    inside, outside = ERRORS**2 / 2, bound * np.abs(ERRORS) - bound**2 / 2
    np.testing.assert_allclose(loss, np.where(np.abs(ERRORS) <= bound, inside, outside), rtol=1e-6)
    # Of an error that is clipped before it is squared nothing is learned beyond the bound.
    assert not found["½ clip(e)²"][1][np.abs(ERRORS) > bound].any()


@pytest.mark.parametrize(("error", "bound"), [(3.0, 1.0), (-4.5, 2.0), (0.5, 1.0), (5.0, 5.0)])
def test_hubers_loss_is_drawn_with_its_gradient_on_the_clipped_errors(error, bound):
    made = picture_of(lesson.HubersLoss)
    scene = made.scene
    readout = made.frame(error=error, bound=bound).readout
    clipped = np.clip(error, -bound, bound)
    flat = error if abs(error) <= bound else 0
    x, marks = scene.clipped.get_data()
    np.testing.assert_array_equal(marks, np.clip(x, -bound, bound))
    grid, drawn = scene.lines[1][1].get_data()
    np.testing.assert_allclose(drawn, np.clip(grid, -bound, bound), rtol=1e-6)
    slopes = [dots[1].get_ydata()[0] for dots in scene.dots]
    assert slopes == [error, clipped, flat]
    assert f"the gradient {error:g}; clipped to ±{bound:g} that is {clipped:g}." in readout
    assert f"Huber's loss has the gradient {clipped:g}." in readout
    assert readout.endswith(f"the gradient is {flat:g}.")


def test_a_bound_of_5_makes_hubers_loss_the_parabola_of_the_whole_picture():
    for bound in np.arange(0.5, 5.5, 0.5):
        plain, huber, _ = (loss for loss, _ in lesson.losses_and_slopes(ERRORS, bound).values())
        assert np.allclose(plain, huber) == (bound == 5)
