"""Lecture 1: its numbers against NumPy, its pictures against its numbers, its sentences too."""

import re

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from lessons import clip_by_value as lesson
from lessons.digits import mnist
from lessons.explorable import theme
from lessons.explorable.picture import Picture
from tests.lectures.pictures import picture_of
from tests.strict import no_warnings

pytestmark = no_warnings

COMPARE = settings(derandomize=True, max_examples=60, deadline=None)
HALVES = st.integers(0, 18).map(lambda n: n / 2)


# ---- numbers ------------------------------------------------------------------------------------


@COMPARE
@given(st.lists(st.floats(-100, 100, width=32), min_size=1, max_size=9), HALVES, HALVES)
def test_clip_is_the_formula(values, low, high):
    expected = np.maximum(np.minimum(np.float32(values), np.float32(high)), np.float32(low))
    out = lesson.clip(values, low, high)
    assert out.dtype == np.float32
    np.testing.assert_array_equal(out, expected)


def test_moved_up_and_down_counts_each_way():
    assert lesson.moved_up_and_down(np.array([0, 1, 5, 9, 9]), np.array([2, 2, 5, 8, 8])) == (2, 2)
    assert lesson.moved_up_and_down(np.arange(3), np.arange(3)) == (0, 0)
    assert lesson.moved_up_and_down(np.array([0, 1, 9]), np.array([2, 1, 9])) == (1, 0)


# Value and gradient at each x, worked out by hand; None where the point is a corner.
BY_HAND = {
    "clip_by_value(x, −1, 1)": (lambda x: np.clip(x, -1, 1), lambda x: np.abs(x) <= 1),
    "relu(x)": (lambda x: np.maximum(x, 0), lambda x: x > 0),
    "maximum(x, 0)": (lambda x: np.maximum(x, 0), lambda x: x >= 0),
    "relu6(x)": (lambda x: np.clip(x, 0, 6), lambda x: (x > 0) & (x < 6)),
    "clip_by_value(x, 0, 6)": (lambda x: np.clip(x, 0, 6), lambda x: (x >= 0) & (x <= 6)),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_value_and_slope_of_every_function(name):
    x = np.arange(-6, 17) / 2
    value, slope = BY_HAND[name]
    got = lesson.value_and_slope(lesson.FUNCTIONS[name], x)
    np.testing.assert_array_equal(got[0], value(x))
    np.testing.assert_array_equal(got[1], slope(x))


def test_every_function_of_the_lecture_is_worked_out_by_hand():
    assert list(BY_HAND) == list(lesson.FUNCTIONS)


def test_value_and_slope_keep_the_shape_of_what_comes_in():
    for x in (2.0, [1.0, 2.0], np.ones((2, 3))):
        value, slope = lesson.value_and_slope(tf.nn.relu, x)
        assert value.shape == slope.shape == np.shape(x)


def test_noise_is_the_same_at_every_call_and_as_large_as_asked_for():
    image = np.full((28, 28), 51, np.uint8)
    noise = lesson.noisy(image, 0.3) - 0.2
    np.testing.assert_array_equal(lesson.noisy(image, 0.3) - 0.2, noise)
    assert noise.std() == pytest.approx(0.3, rel=0.1)
    np.testing.assert_allclose(lesson.noisy(image, 0.6) - 0.2, 2 * noise, atol=1e-6)
    np.testing.assert_allclose(lesson.noisy(image, 0.0), 0.2, rtol=1e-6)


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


@pytest.mark.parametrize("start", [-8.0, -2.0, 0.5, 2.0, 3.5, 6.0, 8.0])
@pytest.mark.parametrize("bound", [0.5, 2.0, 4.5, 8.0])
def test_four_descents_are_their_recurrences(start, bound):
    weights, slopes = lesson.four_descents(start, bound)
    expected_weights, expected_slopes = descents(start, bound)
    np.testing.assert_allclose(weights, expected_weights, atol=1e-4)
    np.testing.assert_allclose(slopes, expected_slopes, atol=1e-4)


def test_outcomes_tell_arrival_standing_and_being_on_the_way_apart():
    weights = np.array([[9.0, 9.0, 9.0, 9.0], [1.05, 1.15, 5.0, 1.0]])
    slopes = np.array([[1.0, 1.0, 1.0, 1.0], [0.05, 0.15, 0.0, 0.0]])
    assert lesson.how_runs_ended(weights, slopes) == [
        "arrives",
        "is on its way",
        "stands still",
        "arrives",
    ]


def test_turned_measures_the_angle_of_a_clip_by_value():
    clipped, degrees = lesson.turned([3, 4], 1)
    assert clipped.tolist() == [1, 1]
    assert degrees == pytest.approx(45 - np.degrees(np.arctan2(3, 4)))
    assert degrees == pytest.approx(8.13, abs=0.005)


# ---- pictures -----------------------------------------------------------------------------------


@COMPARE
@given(HALVES, HALVES)
def test_transfer_curve_writes_what_tensorflow_returns(low, high):
    made = picture_of(lesson.TransferCurve, range(10))
    scene = made.scene
    readout = made.frame(low=low, high=high).readout
    out = tf.clip_by_value(tf.range(10.0), low, high).numpy()
    assert [text.get_text() for text in scene.after] == [f"{number:g}" for number in out]
    np.testing.assert_array_equal(scene.points.get_ydata(), out)
    np.testing.assert_array_equal(scene.points.get_xdata(), range(10))
    x, y = scene.curve.get_data()
    np.testing.assert_allclose(y, np.maximum(np.minimum(x, high), low), rtol=1e-6)
    assert [line.get_ydata() for line in scene.bounds] == [[low, low], [high, high]]
    notes = [text.get_text() for text in scene.notes]
    assert [bool(note) for note in notes] == (out != range(10)).tolist()
    if low <= high:
        up, down = (
            sum(note.startswith(arrow) for note in notes) for arrow in ("↑ raised", "↓ lowered")
        )
        assert [float(n) for n in re.findall(r"-?\d+\.?\d*", readout)] == [
            up + down,
            10,
            up,
            low,
            down,
            high,
        ]
    else:
        assert set(out) == {low}
        assert f"returns {low:g} everywhere" in readout


def test_transfer_curve_goes_flat_at_both_bounds():
    made = picture_of(lesson.TransferCurve, range(10))
    scene = made.scene
    made.frame(low=2.0, high=8.0)
    x, y = scene.curve.get_data()
    assert set(y[x < 2]) == {2}
    assert set(y[x > 8]) == {8}
    between = (x > 2) & (x < 8)
    np.testing.assert_allclose(y[between], x[between], rtol=1e-6)


@pytest.mark.parametrize(
    ("noise", "low", "high"), [(0.2, 0.0, 1.0), (0.5, -1.0, 0.5), (0.0, 0.3, 2.0)]
)
def test_noisy_digit_shows_every_pixel_before_and_after(noise, low, high):
    image = mnist.digit(3)
    made = Picture(lesson.NoisyDigit(image))
    scene = made.scene
    readout = made.frame(noise=noise, low=low, high=high).readout
    raw = lesson.noisy(image, noise)
    out = np.maximum(np.minimum(raw, np.float32(high)), np.float32(low))
    np.testing.assert_array_equal(scene.before.get_array(), raw)
    np.testing.assert_array_equal(scene.after.get_array(), out)
    up, down = (raw < low).sum(), (raw > high).sum()
    assert readout.startswith(f"{up + down} of 784 pixels clipped: {up} raised to {low:g}, ")
    assert f" {down} lowered to {high:g}" in readout
    for bars, pixels in ((scene.bars_before, raw), (scene.bars_after, out)):
        heights, edges, _ = bars.get_data()
        # What lies outside of the histogram is gathered in its last bars.
        bar = np.clip(np.searchsorted(edges, pixels.ravel(), side="right") - 1, 0, 59)
        counts = np.bincount(bar, minlength=60)
        # A floor of 0.7 stands for none on the log axis.
        np.testing.assert_array_equal(heights, np.where(counts, counts, 0.7))
    assert [line.get_xdata() for line in scene.bounds] == [[low, low], [high, high]]


def test_clipped_pixels_pile_up_at_the_bounds():
    made = Picture(lesson.NoisyDigit(mnist.digit(3)))
    scene = made.scene
    made.frame(noise=0.2, low=0.0, high=1.0)
    heights, edges, _ = scene.bars_after.get_data()
    raw = lesson.noisy(mnist.digit(3), 0.2)
    at_zero = np.searchsorted(edges, 0.0 + 1e-6) - 1
    assert heights[at_zero] >= (raw < 0).sum() > 300
    assert (heights[:at_zero] == 0.7).all(), "nothing is left below the bound"


def test_raising_the_lower_bound_makes_the_background_even_and_takes_thin_strokes_with_it():
    made = Picture(lesson.NoisyDigit(mnist.digit(3)))
    scene = made.scene
    made.frame(noise=0.2, low=0.6, high=1.0)
    shown, image = scene.after.get_array(), mnist.digit(3)
    assert (shown[image == 0] == np.float32(0.6)).mean() > 0.99
    assert (shown[(image > 0) & (image < 128)] == np.float32(0.6)).mean() > 0.5


@pytest.mark.parametrize("name", BY_HAND)
@pytest.mark.parametrize("x", [-3.0, -1.0, -0.5, 0.0, 1.0, 2.0, 6.0, 8.0])
def test_slope_of_clip_draws_value_and_gradient_and_shades_what_is_silent(name, x):
    value, slope = BY_HAND[name]
    made = picture_of(lesson.SlopeOfClip)
    scene = made.scene
    readout = made.frame(function=name, x=x).readout
    x_grid, y_grid = scene.value.get_data()
    np.testing.assert_allclose(y_grid, value(x_grid), rtol=1e-6)
    _, drawn = scene.slope.get_data()
    there = ~np.isnan(drawn)
    np.testing.assert_array_equal(drawn[there], slope(x_grid)[there])
    corners = scene.at_corners.get_xdata()
    assert (~there).sum() == len(corners), "one gap at each corner, and nowhere else"
    np.testing.assert_array_equal(scene.at_corners.get_ydata(), slope(np.array(corners)))
    above, below = scene.dots
    assert (above.get_xdata()[0], above.get_ydata()[0]) == (x, value(x))
    assert (below.get_xdata()[0], below.get_ydata()[0]) == (x, slope(x))
    # The shade covers the flat parts and no others.
    shaded = np.zeros(len(x_grid), bool)
    for path in scene.silent.get_paths():
        left, right = path.vertices[:, 0].min(), path.vertices[:, 0].max()
        shaded |= (x_grid >= left) & (x_grid <= right)
    np.testing.assert_array_equal(shaded, ~slope(x_grid).astype(bool))
    assert f"is {value(x):g}; its gradient there is {float(slope(x)):g}" in readout
    assert ("Nothing in front of it learns" in readout) == (not slope(x))
    assert ("This is a corner" in readout) == (x in corners)


@pytest.mark.parametrize(
    ("name", "corners"),
    [
        ("clip_by_value(x, −1, 1)", [-1, 1]),
        ("relu(x)", [0]),
        ("maximum(x, 0)", [0]),
        ("relu6(x)", [0, 6]),
        ("clip_by_value(x, 0, 6)", [0, 6]),
    ],
)
def test_slope_of_clip_marks_the_corners(name, corners):
    made = picture_of(lesson.SlopeOfClip)
    scene = made.scene
    made.frame(function=name, x=2.0)
    assert list(scene.at_corners.get_xdata()) == corners


def said(readout):
    """Return the outcome of each run that a readout tells."""
    return dict(re.findall(r"([a-z ]+ clipped): ([a-z ]+)[;.]", readout))


@pytest.mark.parametrize(
    ("start", "bound", "loss", "activation"),
    [
        (6.0, 2.0, "stands still", "stands still"),
        (2.0, 2.0, "arrives", "arrives"),
        (2.5, 2.0, "arrives", "stands still"),
        (3.0, 2.0, "arrives", "stands still"),
        (3.5, 2.0, "stands still", "stands still"),
        (-2.0, 2.0, "stands still", "arrives"),
        (-2.5, 2.0, "stands still", "stands still"),
    ],
)
def test_four_places_says_who_wakes_up_where(start, bound, loss, activation):
    made = picture_of(lesson.FourPlacesToClip)
    outcomes = said(made.frame(start=start, bound=bound).readout)
    assert [name.strip() for name in outcomes] == list(lesson.RUNS)
    assert list(outcomes.values()) == ["arrives", "arrives", loss, activation]


def test_four_places_draws_the_runs():
    made = picture_of(lesson.FourPlacesToClip)
    scene = made.scene
    made.frame(start=6.0, bound=2.0)
    weights, slopes = descents(6.0, 2.0)
    for run, (weight, slope) in enumerate(scene.lines):
        np.testing.assert_allclose(weight.get_ydata(), weights[:, run], atol=1e-4)
        np.testing.assert_allclose(slope.get_ydata(), slopes[:, run], atol=1e-4)
        assert weight.get_label() == lesson.RUNS[run]


@pytest.mark.parametrize("start", [-8.0, -3.0, 4.0, 8.0])
@pytest.mark.parametrize("bound", [0.5, 1.0, 2.0, 3.5, 8.0])
def test_the_clipped_runs_wake_up_where_the_lecture_says(start, bound):
    weights, _ = lesson.four_descents(start, bound)
    moves = weights[1] != weights[0]
    assert moves.tolist() == [True, True, 0.5 * (start - 1) ** 2 <= bound, abs(start) <= bound]


def test_a_clipped_gradient_goes_straight_and_then_bends_into_the_plain_curve():
    weights, slopes = lesson.four_descents(6.0, 2.0)
    straight = slopes[:, 1] == 2
    assert straight[:10].all()
    np.testing.assert_allclose(np.diff(weights[:10, 1]), -0.2, atol=1e-5)
    bent = np.flatnonzero(~straight)
    np.testing.assert_allclose(
        np.diff(weights[bent, 1]), 0.1 * (1 - weights[bent[:-1], 1]), atol=1e-5
    )
    np.testing.assert_allclose(slopes[bent, 1], weights[bent, 1] - 1, atol=1e-5)


def test_no_other_start_lets_all_four_arrive_from_farther_above():
    # Exercise 2: the answer is 2, and every step of the slider above it fails.
    for start in np.arange(2.0, 8.5, 0.5):
        all_arrive = set(lesson.how_runs_ended(*lesson.four_descents(start, 2.0))) == {"arrives"}
        assert all_arrive == (start == 2)


@pytest.mark.parametrize("bound", np.arange(0.5, 5.5, 0.5))
def test_bent_arrow_ends_in_the_box_and_turns_as_drawn(bound):
    made = picture_of(lesson.BentArrow)
    scene = made.scene
    readout = made.frame(bound=bound).readout
    ends = np.minimum([3, 4], bound)
    assert [scene.clipped.U.item(), scene.clipped.V.item()] == ends.tolist()
    cosine = ends @ [3, 4] / (5 * np.linalg.norm(ends))
    degrees = np.degrees(np.arccos(min(1.0, cosine)))
    assert scene.here.get_xdata()[0] == bound
    assert scene.here.get_ydata()[0] == pytest.approx(degrees, abs=1e-4)
    assert f"length {np.linalg.norm(ends):.2f} " in readout
    assert f"turned by {degrees:.2f} degrees" in readout
    # "Every bound up to 3 sends the arrow to the corner of its box."
    assert (ends[0] == ends[1]) == (bound <= 3)
    if bound <= 3:
        assert degrees == pytest.approx(8.13, abs=0.005)


def test_bent_arrows_curve_is_the_angle_at_every_bound():
    scene = picture_of(lesson.BentArrow).scene
    (curve,) = (
        line
        for line in scene.here.axes.lines
        if to_hex(line.get_color()) == to_hex(theme.GRADIENT) and line is not scene.here
    )
    for bound, degrees in zip(*curve.get_data(), strict=True):
        a, b = np.minimum([3, 4], bound)
        assert degrees == pytest.approx(np.degrees(np.arctan2(4, 3) - np.arctan2(b, a)), abs=1e-4)


# ---- what else the lecture says -----------------------------------------------------------------


def test_three_inputs_give_the_same_output():
    assert lesson.clip(range(10), 2, 8)[[0, 1, 2]].tolist() == [2, 2, 2]


def test_relu_and_the_joint_corners_differ_in_gradient_only():
    zero = {name: lesson.value_and_slope(f, 0.0) for name, f in lesson.FUNCTIONS.items()}
    assert (zero["relu(x)"][0], zero["maximum(x, 0)"][0]) == (0, 0)
    assert (zero["relu(x)"][1], zero["maximum(x, 0)"][1]) == (0, 1)
    for corner in (0.0, 6.0):
        six, clip = (
            lesson.value_and_slope(lesson.FUNCTIONS[name], corner)
            for name in ("relu6(x)", "clip_by_value(x, 0, 6)")
        )
        assert six[0] == clip[0] == corner
        assert (six[1], clip[1]) == (0, 1)


@pytest.mark.parametrize(
    ("low", "high"),
    [(9.0, 9.0), (0.0, 0.0), (4.5, 4.5), (9.0, 3.0), (5.0, 0.0)],
)
def test_ten_numbers_become_one_where_the_first_notebook_says(low, high):
    # Both bounds on one place, or a pushed to 9, or b to 0.
    assert len(set(lesson.clip(range(10), low, high))) == 1


@pytest.mark.parametrize("other", np.arange(0, 9.5, 0.5))
def test_one_slider_at_its_end_is_enough_to_make_ten_numbers_one(other):
    assert len(set(lesson.clip(range(10), 9.0, other))) == 1
    assert len(set(lesson.clip(range(10), other, 0.0))) == 1


def test_bounds_can_leave_exactly_three_of_ten_alone():
    out = lesson.clip(range(10), 3.5, 6.5)
    assert sum(out == range(10)) == 3
