"""Lecture 5: numbers against NumPy, what its pictures must show, and its words.

Where a descent meets the wall is decided by the last digits of a number, so that what is said of
single runs is said only where a start moved by 1e-13 leads to the same end.
"""

import re

import numpy as np
import pytest
import tensorflow as tf

from lessons import cliff as lesson
from lessons.explorable.picture import Picture
from tests.lectures import sweep
from tests.lectures.pictures import picture_of
from tests.lectures.printed import numbers_in, printed
from tests.strict import no_warnings

pytestmark = no_warnings

NOTEBOOK = sweep.NOTEBOOKS / "05_cliff.ipynb"
START, RATE, BOUND = (5.2, -2.3), 10**-0.7, 0.25
JITTERS = (0, 1e-15, -1e-14, 1e-14, -1e-13, 1e-13)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def error_and_gradient(w, b, steps=50):
    """By the chain rule, forwards: the derivatives of the state go along with it."""
    x, by_w, by_b = 0.5, 0.0, 0.0
    for _ in range(steps):
        s = sigmoid(x)
        slope = s * (1 - s)
        x, by_w, by_b = w * s + b, s + w * slope * by_w, 1 + w * slope * by_b
    out = sigmoid(x)
    outer = 2 * (out - 0.7) * out * (1 - out)
    return (out - 0.7) ** 2, np.array([outer * by_w, outer * by_b])


def norms_on(w, b, steps=50):
    return np.linalg.norm(error_and_gradient(w, b, steps)[1], axis=0)


# ---- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [(5.2, -2.3), (5.0, -2.6123), (3.9, -3.0), (5.8, -1.8)])
def test_the_gradient_is_that_of_the_chain_rule(at):
    got = lesson.cliff_gradient(tf.constant(at, tf.float64))
    np.testing.assert_allclose(got, error_and_gradient(*at)[1], rtol=1e-6, atol=1e-10)


@pytest.mark.parametrize("length", [1, 50])
def test_the_plane_is_that_of_the_recurrence_and_rises_with_b(length):
    w, b = np.meshgrid(lesson.PLANE_W, lesson.PLANE_B)
    outputs = lesson.plane_outputs()[length - 1]
    assert outputs.shape == (121, 96)
    expected = error_and_gradient(w, b, length)[0]
    np.testing.assert_allclose((outputs - 0.7) ** 2, expected, rtol=1e-6, atol=1e-9)
    assert (np.diff(outputs, axis=0) >= 0).all()


def test_the_cliff_draws_the_valley_where_the_error_is_small():
    made = picture_of(lesson.Cliff)
    made.frame(length=20)
    w, b = made.scene.valley.get_data()
    inside = ~np.isnan(b)
    assert inside.sum() > 40
    # Read off a grid of 0.01, beside a wall.
    assert np.median(error_and_gradient(w[inside], b[inside], 20)[0]) < 1e-4


def by_hand(start, rate, bound, steps, length, directions=None):
    place, places = np.array(start), []
    for step in range(steps):
        places.append(place)
        gradient = error_and_gradient(*place, length)[1]
        norm = np.linalg.norm(gradient)
        if norm > bound:
            gradient = gradient * bound / norm
            if directions is not None:
                gradient = bound * directions[step]
        place = place - rate * gradient
    return np.array(places)


@pytest.mark.parametrize(("length", "rate"), [(5, 0.4), (12, 0.05)])
def test_descend_is_descent_with_a_clip(length, rate):
    # Short times have a slope in place of a wall: for a while, digits do not decide.
    starts, bounds = [(4.4, -2.8), (4.4, -2.8), (5.2, -2.3)], [lesson.NO_BOUND, 0.2, 0.05]
    places, errors, norms = lesson.descend(starts, [rate] * 3, bounds, length)
    assert places.shape == (201, 3, 2)
    for run, (start, bound) in enumerate(zip(starts, bounds, strict=True)):
        expected = by_hand(start, rate, bound, 40, length)
        np.testing.assert_allclose(places[:40, run], expected, atol=1e-6)
    error, gradient = error_and_gradient(*np.moveaxis(places, 2, 0), length)
    np.testing.assert_allclose(errors, error, atol=1e-9)
    np.testing.assert_allclose(norms, np.linalg.norm(gradient, axis=0), rtol=1e-6, atol=1e-9)


def test_descend_takes_a_given_direction_in_place_of_a_long_gradient():
    directions = lesson.random_directions(2)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=2), 1)
    instead = directions.copy()
    instead[:, 1] = 0
    places, _, norms = lesson.descend([START] * 2, [0.1] * 2, [0.1] * 2, length=5, instead=instead)
    expected = by_hand(START, 0.1, 0.1, 201, 5, directions[:, 0])
    np.testing.assert_allclose(places[:, 0], expected, atol=1e-4)
    np.testing.assert_allclose(places[:, 1], by_hand(START, 0.1, 0.1, 201, 5), atol=1e-4)
    steps = np.linalg.norm(np.diff(places[:, 0], axis=0), axis=1)
    assert (steps <= 0.1 * 0.1 * (1 + 1e-9)).all()
    assert (norms > 0.1).any()


# ---- the wall -----------------------------------------------------------------------------------


def test_without_long_time_there_is_no_wall():
    peaks = {steps: norm for steps, norm, _ in map(numbers_in, printed(NOTEBOOK, "cliff-peaks"))}
    assert peaks[5] < 3 < 100 < peaks[50]


# ---- what a step may cost -----------------------------------------------------------------------


def test_from_30_to_50_steps_in_time_the_steepest_norm_grows_by_one_factor_a_step():
    b = np.linspace(-3, -2, 200_001)
    before, after = (norms_on(5.0, b, n) for n in (30, 50))
    # The wall is where the start stays put, and every factor is the same.
    at_the_start = 1 / (1 + np.exp(-0.5))
    assert b[after.argmax()] == pytest.approx(0.5 - 5 * at_the_start, abs=1e-4)
    factor = 5 * at_the_start * (1 - at_the_start)
    assert (after.max() / before.max()) ** (1 / 20) == pytest.approx(factor, abs=5e-3)
    line = f"from 30 to 50 steps: times {factor:.2f} per step"
    assert printed(NOTEBOOK, "cliff-growth") == [line]


def test_the_curvature_is_that_of_differences_of_the_gradient():
    norms, curvatures = lesson.norms_and_curvatures()
    w = tf.random.stateless_uniform([lesson.PLACES], [9, 0], 4.4, 5.6, tf.float64).numpy()
    b = tf.random.stateless_uniform([lesson.PLACES], [9, 1], -3.0, -2.0, tf.float64).numpy()
    np.testing.assert_allclose(norms[: lesson.PLACES], norms_on(w, b), rtol=1e-5, atol=1e-9)
    calm = np.flatnonzero(norms[: lesson.PLACES] < 0.2)[:20]
    small = 1e-5
    for n in calm:
        columns = []
        for dw, db in ((small, 0), (0, small)):
            up, down = (error_and_gradient(w[n] + s * dw, b[n] + s * db)[1] for s in (1, -1))
            columns.append((up - down) / (2 * small))
        found = np.abs(np.linalg.eigvals(np.array(columns))).max()
        assert curvatures[n] == pytest.approx(found, rel=0.02)


def test_on_the_wall_the_curvature_grows_faster_than_the_clipped_rate_falls():
    norms, curvatures = lesson.norms_and_curvatures()
    middle = [
        np.median(curvatures[(norms > low) & (norms < 10 * low)])
        for low in (0.01, 1, 10, 100, 1000)
    ]
    assert middle[0] < 0.5
    assert middle == sorted(middle)
    assert middle[-1] > 1e7
    # By which the line of the clipped rate is above the dots.
    above = [
        np.median(RATE * BOUND / norms[place] * curvatures[place])
        for place in ((norms > low) & (norms < 10 * low) for low in (1, 10, 100))
    ]
    assert 100 < above[0] < above[1] < above[2] < 10_000


@pytest.mark.parametrize(("rate", "bound"), [(RATE, BOUND), (0.01, 5.0)])
def test_safe_rate_draws_a_level_line_and_one_that_bends_at_the_bound(rate, bound):
    made = picture_of(lesson.SafeRate)
    readout = made.frame(rate=rate, bound=bound).readout
    assert set(made.scene.fixed.get_ydata()) == {rate}
    norms, rates = made.scene.clipped.get_data()
    np.testing.assert_allclose(rates * norms, rate * np.minimum(norms, bound))
    assert f"{rate * bound / 1000:.1g} clipped at" in readout


# ---- single runs --------------------------------------------------------------------------------


def runs_nearby(bound, rate=RATE):
    starts = [(START[0] + jitter, START[1] - jitter) for jitter in JITTERS]
    return lesson.descend(starts, [rate] * len(starts), [bound] * len(starts))


def test_one_step_throws_the_unclipped_run_out_for_good():
    places, errors, norms = runs_nearby(lesson.NO_BOUND)
    assert (norms.argmax(axis=0) == 41).all()
    np.testing.assert_allclose(norms.max(axis=0), 489, atol=0.5)
    assert norms[:41].max() < 0.4
    np.testing.assert_allclose(places[42:, :, 0], 56.06, atol=0.005)
    np.testing.assert_allclose(errors[-1], (1 - 0.7) ** 2)
    assert (norms[-1] == 0).all()
    for run in range(len(JITTERS)):
        assert lesson._inside(places[:, run])[1] == 42


def test_from_step_20_on_both_runs_jump_over_the_wall_and_back():
    for bound in (lesson.NO_BOUND, BOUND):
        _, errors, norms = runs_nearby(bound)
        assert (errors[:20] < 0.051).all()
        assert ((errors[20:41] > 0.3).sum(axis=0) > 5).all()
        assert ((errors[20:41] < 0.02).sum(axis=0) > 5).all()
        assert (np.median(norms[20:41], axis=0) < 0.4).all()


def test_the_clipped_run_meets_the_wall_often_and_arrives():
    places, errors, norms = runs_nearby(BOUND)
    assert ((norms > 1).sum(axis=0) > 10).all()
    np.testing.assert_allclose(norms.max(axis=0), 210, atol=0.5)
    np.testing.assert_allclose(places[-1], [[4.30, -2.17]] * len(JITTERS), atol=0.005)
    assert (errors[-1] < 3e-4).all()
    steps = np.linalg.norm(np.diff(places, axis=0), axis=2)
    assert steps.max() <= RATE * BOUND * (1 + 1e-9)
    # The step on the wall is as long as a step can be; most others are shorter.
    runs = np.arange(len(JITTERS))
    np.testing.assert_allclose(steps[norms[:-1].argmax(axis=0), runs], RATE * BOUND)
    longest = np.isclose(steps, RATE * BOUND).mean(axis=0)
    assert ((longest > 0.2) & (longest < 0.4)).all()


def test_at_the_smallest_rates_nothing_flies_and_nothing_arrives():
    for rate in (0.01, 10**-1.9, 10**-1.8):
        places, errors, _ = runs_nearby(lesson.NO_BOUND, rate=rate)
        assert (errors[-1] > 0.02).all()
        assert all(lesson._inside(places[:, run])[1] == 0 for run in range(len(JITTERS)))


def test_a_bound_far_too_large_saves_nothing_and_one_far_too_small_comes_a_third_as_far():
    for bound in (0.25 * 10**k for k in np.arange(1.2, 2.01, 0.1)):
        places, _, _ = runs_nearby(bound)
        assert {lesson._inside(places[:, run])[1] for run in range(len(JITTERS))} == {42}
        assert np.abs(places[-1]).max() < 10, "not as far as without a clip"
    ways = [np.median(runs_nearby(bound)[0][-1, :, 0]) - START[0] for bound in (0.025, 0.25)]
    assert ways[0] == pytest.approx(ways[1] / 3, abs=0.1)


def test_starts_moved_by_a_billionth_can_end_elsewhere():
    # So the lecture counts over many runs.
    grid = np.meshgrid(np.linspace(4.6, 5.6, 10), np.linspace(-2.6, -2.2, 10))
    starts = np.stack(grid, axis=-1).reshape(-1, 2)
    arrived = [
        lesson.descend(starts + moved, [0.2] * 100, [lesson.NO_BOUND] * 100)[1][-1] < 0.01
        for moved in (0, 1e-9)
    ]
    assert np.mean(arrived[0] != arrived[1]) > 0.05


def test_the_loop_of_exercise_2_falls_without_a_clip():
    place = tf.constant(START, tf.float64)
    for _ in range(200):
        place = place - RATE * lesson.cliff_gradient(place)
    np.testing.assert_allclose(place, [56.1, 80.6], atol=0.05)


# ---- many runs ----------------------------------------------------------------------------------


def counts(bound, shifted=False):
    return {way: lesson.arrivals(way, bound, shifted).sum() for way in lesson.WAYS}


def arrived(errors):
    return np.median(errors[-50:], axis=0) < 0.01


def test_of_sixteen_runs_three_arrive_and_clipped_fifteen():
    assert counts(0.1) == {"unclipped": 3, "clipped": 15, "random direction": 0}


@pytest.mark.parametrize("bound", [lesson.NO_BOUND, 0.1])
def test_these_sixteen_outcomes_do_not_hang_on_the_last_digits(bound):
    pairs = [(start, rate) for start in lesson.STARTS for rate in lesson.RATES]
    outcomes = []
    for jitter in JITTERS:
        starts = [(w + jitter, b - jitter) for (w, b), _ in pairs]
        _, errors, _ = lesson.descend(starts, [rate for _, rate in pairs], [bound] * len(pairs))
        outcomes.append(arrived(errors))
    assert (np.array(outcomes) == outcomes[0]).all()


def test_the_one_that_does_not_arrive_has_been_in_the_valley_and_jumps_over_the_wall():
    ((start, rate),) = np.argwhere(lesson.arrivals("clipped", 0.1, False) == 0)
    errors = lesson.descend([lesson.STARTS[start]], [lesson.RATES[rate]], [0.1])[1][:, 0]
    first = np.flatnonzero(errors < 0.01)[0]
    assert first < 150
    beyond = errors[first:] > 0.1
    assert np.count_nonzero(np.diff(beyond)) > 50
    # The last step alone would be a coin toss.
    assert 0.2 < np.mean(errors[-50:] < 0.01) < 0.5


def test_at_a_bound_of_a_tenth_most_steps_are_clipped():
    pairs = [(start, rate) for start in lesson.STARTS for rate in lesson.RATES]
    starts, rates = zip(*pairs, strict=True)
    norms = lesson.descend(starts, rates, [0.1] * len(pairs))[2]
    assert np.mean(norms > 0.1) > 0.8


def shares(bound):
    return {way: count / 16 for way, count in counts(bound, shifted=True).items()}


def test_over_four_hundred_runs_clipping_helps_and_the_best_bound_is_a_quarter_to_a_half():
    clipped = {bound: shares(bound)["clipped"] for bound in (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)}
    assert shares(0.5)["unclipped"] < 0.25
    assert min(clipped[0.25], clipped[0.5]) > 0.96
    others = [clipped[bound] for bound in (0.05, 0.1, 1.0, 2.0, 5.0)]
    assert max(others) < min(clipped[0.25], clipped[0.5])
    # Ten times the mean norm, 3 to 16, is too much.
    assert clipped[5.0] < 0.6


def test_from_the_90th_to_the_99th_percentile_of_the_plane_nearly_all_arrive():
    for bound in (0.213, 0.424):
        assert lesson.arrivals("clipped", bound, True).mean() > 0.96


def test_a_percentile_of_the_plane_is_not_a_percentile_of_a_log():
    pairs = [(start, rate) for start in lesson.STARTS for rate in lesson.RATES]
    starts, rates = zip(*pairs, strict=True)
    w = tf.random.stateless_uniform([200_000], [0, 0], 4.4, 5.6, tf.float64).numpy()
    b = tf.random.stateless_uniform([200_000], [0, 1], -3.0, -2.0, tf.float64).numpy()
    plane = norms_on(w, b)
    for percentile, share in ((90, 0.3), (99, 0.05)):
        bound = np.percentile(plane, percentile)
        # Of what sixteen runs log, this bound clips far more than of the plane.
        assert np.mean(lesson.descend(starts, rates, [bound] * len(pairs))[2] > bound) > share


def test_a_random_direction_is_nearly_as_good_at_the_right_bound_and_useless_at_a_small_one():
    for bound in (0.5, 1.0):
        assert shares(bound)["random direction"] > shares(bound)["clipped"] - 0.05
    assert shares(5.0)["random direction"] > shares(5.0)["clipped"] + 0.1
    assert shares(0.1)["random direction"] < 0.1


def test_arrivals_are_ordered_by_start_and_rate():
    share = lesson.arrivals("clipped", 0.1, False)
    assert (share != share.T).any()
    for (row, column), arrives in np.ndenumerate(share):
        errors = lesson.descend([lesson.STARTS[row]], [lesson.RATES[column]], [0.1])[1]
        assert arrived(errors) == arrives


# ---- pictures -----------------------------------------------------------------------------------


EDGES = [lesson.PLANE_W[[0, -1]], lesson.PLANE_B[[0, -1]]]


@pytest.mark.parametrize("at", [{}, {"length": 20, "rate": 0.5, "bound": 25.0}])
def test_the_cliff_draws_both_runs_up_to_where_they_leave_and_says_where_they_end(at):
    made = picture_of(lesson.Cliff)
    scene = made.scene
    readout = made.frame(**at).readout
    at = {"rate": RATE, "bound": BOUND, "length": 50} | at
    bounds = [lesson.NO_BOUND, at["bound"]]
    results = lesson.descend([START] * 2, [at["rate"]] * 2, bounds, at["length"])
    shades = (lesson.plane_outputs()[at["length"] - 1] - 0.7) ** 2
    np.testing.assert_allclose(scene.image.get_array(), shades)
    assert scene.line.get_ydata() == [at["bound"]] * 2
    for run, word in enumerate(("nclipped", "Clipped")):
        places, errors, norms = (result[:, run] for result in results)
        on_plane, on_norm, on_error = scene.lines[run]
        np.testing.assert_allclose(on_norm.get_ydata(), np.clip(norms, 1e-5, 1e5))
        np.testing.assert_allclose(on_error.get_ydata(), np.clip(errors, 1e-7, 1))
        told = re.search(rf"{word}, largest norm (\S+): (.*?) with error (\S+?)[.] ?", readout)
        assert f"ends at w = {places[-1, 0]:.2f}, b = {places[-1, 1]:.2f}" in told[2]
        drawn = np.column_stack(on_plane.get_data())
        stays = len(drawn) == len(places)
        left = len(places) if stays else len(drawn) - 1
        np.testing.assert_allclose(drawn[:left], places[:left])
        assert ("leaves" in told[2]) == (not stays) == len(scene.ends[run].get_xdata())
        if not stays:
            assert f"leaves the picture at step {left}, " in told[2]
            # The last point lies on an edge, on the way to the first place outside.
            assert np.abs(drawn[-1][:, None] - EDGES).min() < 1e-9
            way, step = drawn[-1] - places[left - 1], places[left] - places[left - 1]
            assert way[0] * step[1] == pytest.approx(way[1] * step[0], abs=1e-9)
            assert 0 <= way @ step <= step @ step


def test_arrivals_draws_three_tables():
    made = Picture(lesson.Arrivals())
    reports = []
    made.on_progress(lambda done, total: reports.append((done, total)))
    readout = made.frame(bound=0.1, starts="these four").readout
    assert reports == [(0, 3), (1, 3), (2, 3), (3, 3)]
    said = "of 16 runs, 3 arrive unclipped, 15 clipped and 0 in a random direction;"
    assert said in readout
    for way, table, cells in zip(lesson.WAYS, made.scene.tables, made.scene.cells, strict=True):
        share = lesson.arrivals(way, 0.1, False)
        np.testing.assert_array_equal(table.get_array(), share)
        assert [cell.get_text() for cell in cells] == ["✗✓"[int(own)] for own in share.ravel()]
    readout = made.frame(bound=0.5, starts="25 around each").readout
    totals = []
    for way, cells in zip(lesson.WAYS, made.scene.cells, strict=True):
        numbers = [int(cell.get_text()) for cell in cells]
        np.testing.assert_allclose(numbers, 25 * lesson.arrivals(way, 0.5, True).ravel())
        totals.append(sum(numbers))
    said = "of 400 runs, {} arrive unclipped, {} clipped and {} in a random direction;"
    assert said.format(*totals) in readout


def test_the_starts_do_not_run_into_the_name_of_their_axis():
    made = Picture(lesson.Arrivals())
    drawn = re.findall(r"<text[^>]*>([^<]*)</text>", made.background)
    # The layout measures what it is given; a minus, which is drawn, is wider than a hyphen.
    for label in made.scene.figure.axes[0].get_yticklabels():
        assert label.get_text() in drawn


def test_what_no_descent_can_have_is_named():
    with pytest.raises(ValueError, match="length is 51"):
        lesson.descend([START], [RATE], [BOUND], 51)
    with pytest.raises(ValueError, match="way is 'by hope'"):
        lesson.arrivals("by hope", 0.1, False)
