"""Lecture 2, sections 2 and 5: what their pictures must show, and what their words say of them."""

import itertools
import re

import numpy as np
import pytest
import tensorflow as tf

from lessons import why_clipping_works as lesson
from tests.lectures.pictures import picture_of
from tests.strict import no_warnings

pytestmark = no_warnings

STARTS, RATES = np.arange(-5, 5.5, 0.5), np.arange(0.5, 3.0, 0.5)
BOUNDS = np.arange(0.5, 4.5, 0.5)


# ---- the nearest point --------------------------------------------------------------------------


@pytest.mark.parametrize("shape", lesson.SHAPES)
@pytest.mark.parametrize("gradient", [(3.0, 4.0), (-5.0, 0.5), (1.0, -2.0)])
def test_no_allowed_point_is_nearer_to_a_gradient_than_the_clipped_one(shape, gradient):
    clip, order = lesson.SHAPES[shape]
    for bound in BOUNDS:
        clipped = clip(gradient, bound)
        assert np.linalg.norm(clipped, ord=order) <= bound * (1 + 1e-6)
        edge = lesson.border(shape, bound, np.arange(0, 360, 0.5))
        np.testing.assert_allclose(np.linalg.norm(edge, ord=order, axis=1), bound)
        inside = np.concatenate([share * edge for share in (0.25, 0.5, 0.75, 1.0)])
        nearest = np.linalg.norm(inside - gradient, axis=1).min()
        assert np.linalg.norm(clipped - gradient) <= nearest + 1e-5


def test_two_clipped_gradients_are_never_farther_apart_than_before():
    pairs = np.random.default_rng(0).normal(size=(200, 2, 2)) * 3
    for (clip, _), (one, other) in itertools.product(lesson.SHAPES.values(), pairs):
        after = np.linalg.norm(clip(one, 2.0) - clip(other, 2.0))
        assert after <= np.linalg.norm(one - other) + 1e-5


@pytest.mark.parametrize(
    ("shape", "bound", "nearest"),
    [("ball", 2.0, [1.2, 1.6]), ("box", 2.0, [2, 2]), ("box", 3.5, [3, 3.5]), ("box", 4.5, [3, 4])],
)
def test_nearest_point_marks_the_clipped_gradient_where_the_curve_is_lowest(shape, bound, nearest):
    made = picture_of(lesson.NearestPoint)
    scene = made.scene
    distance = np.hypot(nearest[0] - 3, nearest[1] - 4)
    for direction in (0, 45, 90):
        readout = made.frame(shape=shape, direction=direction, bound=bound).readout
        (yours,) = lesson.border(shape, bound, [direction])
        far = np.hypot(*(yours - [3, 4]))
        on_plane, on_curve = (np.ravel(dot.get_data()) for dot in scene.yours)
        np.testing.assert_allclose(on_plane, yours)
        np.testing.assert_allclose(on_curve, [direction, far])
        assert f"is {far:.3f} away from [3, 4]" in readout
        assert ("its own nearest point" in readout) == (distance == 0)
        if distance:
            assert f"[{nearest[0]:.2f}, {nearest[1]:.2f}] is {distance:.3f} away." in readout
            assert far >= distance - 1e-6
    on_plane, on_curve = (np.ravel(dot.get_data()) for dot in scene.clipped)
    np.testing.assert_allclose(on_plane, nearest, rtol=1e-6)
    assert on_curve[1] == pytest.approx(distance, abs=1e-6)
    if distance:
        x, heights = scene.curve.get_data()
        assert x[np.argmin(heights)] == pytest.approx(on_curve[0], abs=0.5)


def test_the_box_never_moves_a_gradient_farther_than_the_ball():
    for bound in BOUNDS:
        moved = {
            shape: np.linalg.norm(clip([3.0, 4.0], bound) - [3, 4])
            for shape, (clip, _) in lesson.SHAPES.items()
        }
        assert moved["box"] < moved["ball"]


# ---- what one step can do -----------------------------------------------------------------------


def test_the_loss_is_nowhere_steeper_than_it_says_and_reaches_that_on_the_walls():
    x = tf.constant(np.linspace(-8, 8, 1601), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = lesson.walls(x)
    slopes = np.abs(tape.gradient(loss, x))
    assert 0.99 * lesson.STEEPEST < slopes.max() <= lesson.STEEPEST
    assert slopes[np.abs(x) < 1].max() < 0.2, "the floor is nearly flat"


def test_no_step_changes_the_loss_by_more_than_its_length_allows():
    for start, rate, bound in itertools.product(STARTS[::2], RATES, BOUNDS[::3]):
        for name, (end, change, most) in lesson.two_steps(start, rate, bound).items():
            assert most == pytest.approx(lesson.STEEPEST * abs(end - start), abs=1e-4)
            assert abs(change) <= most + 1e-5
            if name == "clipped":
                assert most <= lesson.STEEPEST * rate * bound + 1e-5


def test_a_bound_prevents_the_step_that_makes_the_loss_larger():
    two = lesson.two_steps(4.0, 2.5, 0.5)
    (_, rises, _), (_, falls, most) = two["unclipped"], two["clipped"]
    assert (round(rises), round(falls)) == (8, -5)
    # On a straight wall the step uses up all that it may, and on the floor almost nothing.
    assert -falls > 0.98 * most
    for start in (-0.5, 0.5):
        _, change, _ = lesson.two_steps(start, 2.5, 0.5)["clipped"]
        assert abs(change) < 0.01 * lesson.STEEPEST * 2.5 * 0.5
    # At a smaller rate, the largest bound of the slider that still does.
    changes = [lesson.two_steps(3.0, 2.0, bound)["clipped"][1] for bound in (3.0, 3.5)]
    assert changes[0] <= 0 < changes[1]
    assert lesson.two_steps(3.0, 2.0, 3.0)["unclipped"][1] > 0


@pytest.mark.parametrize(("start", "rate", "bound"), [(4.0, 2.5, 0.5), (-3.0, 1.0, 2.0), (0, 2, 1)])
def test_damage_of_a_step_draws_both_steps_inside_the_cone(start, rate, bound):
    made = picture_of(lesson.DamageOfAStep)
    scene = made.scene
    readout = made.frame(start=start, rate=rate, bound=bound).readout
    told = re.findall(r"by (\S+) \((\S+) at the most\)", readout)
    for (change, most), (name, found) in zip(
        told, lesson.two_steps(start, rate, bound).items(), strict=True
    ):
        end, *numbers = found
        assert [float(change), float(most)] == pytest.approx(numbers, abs=0.0051)
        on_plane, in_range = scene.ends[name]
        expected = [end, float(lesson.walls(tf.constant(end)))]
        np.testing.assert_allclose(np.ravel(on_plane.get_data()), expected, rtol=1e-4, atol=1e-4)
        low, high = scene.ranges[name].get_ydata()
        assert low <= in_range.get_ydata()[0] <= high
    # Wherever the loss is drawn, the cone holds it.
    (cone,) = scene.cone.get_paths()
    for x in (-6.0, -2.0, 1.0, 5.0):
        assert cone.contains_point((x, float(lesson.walls(tf.constant(x)))), radius=0.1)
