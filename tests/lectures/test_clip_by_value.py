"""Lecture 1: what its pictures must show, and what its words say of them."""

import numpy as np
import pytest

from lessons import clip_by_value as lesson
from lessons.digits import mnist
from lessons.explorable.picture import Picture
from tests.lectures.pictures import picture_of
from tests.strict import no_warnings

pytestmark = no_warnings


# ---- a noisy digit ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def three():
    return Picture(lesson.NoisyDigit(mnist.digit(3)))


def test_noise_is_the_same_at_every_call_and_as_large_as_asked_for():
    image = np.full((28, 28), 51, np.uint8)
    noise = lesson.noisy(image, 0.3) - 0.2
    np.testing.assert_array_equal(lesson.noisy(image, 0.3) - 0.2, noise)
    assert noise.std() == pytest.approx(0.3, rel=0.1)
    np.testing.assert_allclose(lesson.noisy(image, 0.6) - 0.2, 2 * noise, atol=1e-6)


@pytest.mark.parametrize(("noise", "low", "high"), [(0.2, 0.0, 1.0), (0.5, -1.0, 0.5)])
def test_clipped_pixels_lie_between_the_bounds_and_pile_up_there(three, noise, low, high):
    scene = three.scene
    readout = three.frame(noise=noise, low=low, high=high).readout
    raw, out = scene.before.get_array(), scene.after.get_array()
    up, down = (raw < low).sum(), (raw > high).sum()
    assert f"{up + down} of 784 pixels clipped: {up} raised to {low:g}, {down} lowered" in readout
    inside = (raw >= low) & (raw <= high)
    np.testing.assert_array_equal(out[inside], raw[inside])
    assert (out[raw < low] == np.float32(low)).all()
    assert (out[raw > high] == np.float32(high)).all()
    for bars, pixels in ((scene.bars_before, raw), (scene.bars_after, out)):
        heights, edges, _ = bars.get_data()
        # A floor of 0.7 stands for none on the log axis; what lies outside is in the last bars.
        assert heights[heights >= 1].sum() == 784
        empty = (edges[:-1] > pixels.max() + 1e-6) | (edges[1:] < pixels.min() - 1e-6)
        assert (heights[empty] == 0.7).all()
    heights, edges, _ = scene.bars_after.get_data()
    for bound, moved in ((low, up), (high, down)):
        assert heights[np.abs(edges[:-1] - bound + 0.025) < 0.03].max() >= moved, "a pile"
    assert [line.get_xdata()[0] for line in scene.bounds] == [low, high]


def test_where_the_bounds_cross_every_pixel_becomes_the_lower_one(three):
    readout = three.frame(low=0.5, high=0.2).readout
    assert readout.endswith("is above the upper one: every pixel becomes 0.5.")
    assert (three.scene.after.get_array() == 0.5).all()


def test_raising_the_lower_bound_makes_the_background_even_and_takes_thin_strokes_with_it(three):
    three.frame(noise=0.2, low=0.6, high=1.0)
    shown, image = three.scene.after.get_array(), mnist.digit(3)
    assert (shown[image == 0] == np.float32(0.6)).mean() > 0.99
    assert (shown[(image > 0) & (image < 128)] == np.float32(0.6)).mean() > 0.5


# ---- the slope of a clip ------------------------------------------------------------------------

# Value, gradient and corners, worked out by hand.
BY_HAND = {
    "clip_by_value(x, −1, 1)": (lambda x: np.clip(x, -1, 1), lambda x: np.abs(x) <= 1, [-1, 1]),
    "relu(x)": (lambda x: np.maximum(x, 0), lambda x: x > 0, [0]),
    "maximum(x, 0)": (lambda x: np.maximum(x, 0), lambda x: x >= 0, [0]),
    "relu6(x)": (lambda x: np.clip(x, 0, 6), lambda x: (x > 0) & (x < 6), [0, 6]),
    "clip_by_value(x, 0, 6)": (lambda x: np.clip(x, 0, 6), lambda x: (x >= 0) & (x <= 6), [0, 6]),
}


@pytest.mark.parametrize("name", lesson.FUNCTIONS)
def test_slope_of_clip_draws_value_and_gradient_and_shades_what_is_silent(name):
    value, slope, corners = BY_HAND[name]
    made = picture_of(lesson.SlopeOfClip)
    scene = made.scene
    for x in (-3.0, -1.0, -0.5, 0.0, 1.0, 2.0, 6.0, 8.0):
        readout = made.frame(function=name, x=x).readout
        assert [dot.get_ydata()[0] for dot in scene.dots] == [value(x), slope(x)]
        assert {dot.get_xdata()[0] for dot in scene.dots} == {x}
        assert f"is {value(x):g}; its gradient there is {float(slope(x)):g}" in readout
        assert ("Nothing upstream learns" in readout) == (not slope(x))
        assert ("This is a corner" in readout) == (x in corners)
    grid, drawn = scene.value.get_data()
    np.testing.assert_allclose(drawn, value(grid), rtol=1e-6)
    drawn = scene.slope.get_ydata()
    there = ~np.isnan(drawn)
    assert (~there).sum() == len(corners), "one gap at each corner, and nowhere else"
    np.testing.assert_array_equal(drawn[there], slope(grid)[there])
    np.testing.assert_array_equal(scene.at_corners.get_data(), [corners, slope(np.array(corners))])
    shaded = np.zeros(len(grid), bool)
    for path in scene.silent.get_paths():
        left, right = path.vertices[:, 0].min(), path.vertices[:, 0].max()
        shaded |= (grid >= left) & (grid <= right)
    np.testing.assert_array_equal(shaded, ~slope(grid).astype(bool))


def test_at_a_corner_every_slope_from_0_to_1_fits_and_no_other():
    near = np.linspace(-0.5, 0.5, 101)
    slopes = np.linspace(-1, 2, 31)
    for name, (_, _, corners) in BY_HAND.items():
        for corner in corners:
            value = lesson.value_and_slope(lesson.FUNCTIONS[name], corner + near)[0]
            lines = np.outer(slopes, near) + value[50]
            # A line fits if the function stays on one side.
            fits = (value >= lines - 1e-6).all(axis=1) | (value <= lines + 1e-6).all(axis=1)
            np.testing.assert_allclose(slopes[fits], np.linspace(0, 1, 11), atol=1e-9)


# ---- a bent arrow -------------------------------------------------------------------------------


def test_bent_arrow_ends_in_the_corner_of_its_box_and_turns_as_the_curve_says():
    made = picture_of(lesson.BentArrow)
    scene = made.scene
    curves = [line for line in scene.here.axes.lines if line is not scene.here]
    for bound in np.arange(0.5, 5.5, 0.5):
        readout = made.frame(bound=bound).readout
        first, second = np.minimum([3, 4], bound)
        degrees = np.degrees(np.arctan2(4, 3) - np.arctan2(second, first))
        assert [scene.clipped.U.item(), scene.clipped.V.item()] == [first, second]
        assert (first == second) == (bound <= 3), "up to 3 it ends in the corner"
        assert np.max(scene.box.get_data()) == bound
        assert scene.here.get_data()[0] == bound
        assert scene.here.get_ydata()[0] == pytest.approx(degrees, abs=1e-4)
        assert np.interp(bound, *curves[0].get_data()) == pytest.approx(degrees, abs=0.01)
        assert f"length {np.hypot(first, second):.2f} " in readout
        assert f"turned by {degrees:.2f} degrees" in readout
        if bound <= 3:
            assert f"{degrees:.2f}" == "8.13"
