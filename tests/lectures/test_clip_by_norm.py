"""Lecture 2: its numbers against NumPy, its pictures against its numbers, its sentences too."""

import re

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lessons import clip_by_norm as lesson
from tests.lectures.pictures import picture_of
from tests.strict import no_warnings

pytestmark = no_warnings

COMPARE = settings(derandomize=True, max_examples=60, deadline=None)
STEPS_OF_HALF = st.integers(-10, 10).map(lambda n: n / 2)
BOUNDS = st.integers(1, 10).map(lambda n: n / 2)

# The positions of the two logarithmic sliders of the lecture.
RATES = 10 ** (np.arange(-20, 11) / 10)
BOUND = 10**-0.3


def shrunk(t, bound):
    return np.asarray(t) * bound / max(np.linalg.norm(t), bound)


# ---- numbers ------------------------------------------------------------------------------------


@COMPARE
@given(st.lists(st.floats(-100, 100, width=16), min_size=1, max_size=9), BOUNDS)
def test_by_norm_and_by_value_are_their_formulas(gradient, bound):
    out = lesson.by_norm(gradient, bound)
    np.testing.assert_allclose(out, shrunk(gradient, bound), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(
        lesson.by_value(gradient, bound), np.clip(gradient, -bound, bound)
    )


@pytest.mark.parametrize("bound", [0.5, 2.0, 6.0])
def test_length_out_is_cut_by_the_clip_and_replaced_by_normalising(bound):
    lengths = np.array([0.25, 0.5, 2.0, 5.75, 8.0])
    out = lesson.length_out(lengths, bound)
    np.testing.assert_allclose(out["clipped"], np.minimum(lengths, bound), rtol=1e-6)
    np.testing.assert_allclose(out["normalised"], bound, rtol=1e-6)


def test_length_out_leaves_length_0():
    out = lesson.length_out([0.0], 2.0)
    assert (out["clipped"], out["normalised"]) == (0, 0)


def test_losses_are_what_the_lecture_describes():
    ends = tf.constant([[1.0, 0.0], [0.0, 1.0], [2.0, 0.0], [-3.0, 0.0], [3.0, 1.0]])
    np.testing.assert_allclose(lesson.bowl(ends), [0.1, 2.5, 0.4, 0.9, 3.4], rtol=1e-6)
    np.testing.assert_allclose(lesson.canyon(ends), [0.05, 0.05, 0.2, 0.95, 1.0], rtol=1e-6)


def slope_of_bowl(w):
    return np.array([0.2 * w[0], 5.0 * w[1]])


def slope_of_canyon(w):
    beyond = max(abs(w[0]) - 2.0, 0.0)
    return 0.1 * w + np.array([1.5 * beyond**2 * np.sign(w[0]), 0.0])


@pytest.mark.parametrize(
    ("loss", "slope"),
    [("a narrow valley", slope_of_bowl), ("a floor between cliffs", slope_of_canyon)],
)
@pytest.mark.parametrize(
    ("start", "rate", "bound"), [((3.5, 2.5), 0.3, 0.5), ((-4.5, 2.5), 1.0, 2.0)]
)
def test_three_paths_are_gradient_descent(loss, slope, start, rate, bound):
    places, _ = lesson.three_paths(loss, start, rate, bound)
    clips = (
        lambda g: g,
        lambda g: np.clip(g, -bound, bound),
        lambda g: shrunk(g, bound),
    )
    for path, clip in enumerate(clips):
        w = np.array(start)
        for step in range(61):
            # Where a path explodes, float32 and float64 part; it has left the picture by then.
            if np.abs(w).max() > 5:
                break
            np.testing.assert_allclose(places[step, path], w, atol=2e-3)
            w = w - rate * clip(slope(w))
        assert step > 0


@pytest.mark.parametrize("loss", lesson.LOSSES)
def test_losses_belong_to_the_places(loss):
    places, losses = lesson.three_paths(loss, (3.5, 2.5), 0.3, 0.5)
    np.testing.assert_allclose(losses, lesson.LOSSES[loss](tf.constant(places)), rtol=1e-5)
    assert places.shape == (61, 3, 2)


@COMPARE
@given(
    st.floats(0.1, 10), st.sampled_from(list(lesson.SLICES)), st.integers(1, 4), st.integers(1, 5)
)
def test_clip_slices_scales_each_slice_by_its_own_factor(bound, over, rows, columns):
    matrix = np.random.default_rng(0).normal(scale=4, size=(rows, columns))
    axis = {"the whole matrix": (0, 1), "each row": 1, "each column": 0}[over]
    lengths = np.sqrt(np.sum(matrix**2, axis=axis, keepdims=True))
    clipped, norms = lesson.clip_slices(matrix, bound, over)
    np.testing.assert_allclose(norms, lengths.ravel(), rtol=1e-5)
    np.testing.assert_allclose(clipped, matrix * np.minimum(1, bound / lengths), rtol=1e-4)


# ---- pictures -----------------------------------------------------------------------------------


@COMPARE
@given(STEPS_OF_HALF, STEPS_OF_HALF, BOUNDS)
def test_the_arrow_clipped_by_norm_is_never_turned(first, second, bound):
    assume(first or second)
    readout = (
        picture_of(lesson.ArrowAndBall)
        .frame(first=first, second=second, bound=bound, how="both")
        .readout
    )
    by_norm, by_value = re.findall(r"turned by ([\d.]+) degrees", readout)
    assert by_norm == "0.0"
    inside = np.clip([first, second], -bound, bound)
    cosine = inside @ [first, second] / (np.linalg.norm(inside) * np.hypot(first, second))
    assert float(by_value) == pytest.approx(np.degrees(np.arccos(min(1, cosine))), abs=0.051)


@COMPARE
@given(STEPS_OF_HALF, STEPS_OF_HALF, BOUNDS, st.sampled_from(["by norm", "by value", "both"]))
def test_arrow_and_ball_draws_what_it_says(first, second, bound, how):
    made = picture_of(lesson.ArrowAndBall)
    scene = made.scene
    readout = made.frame(first=first, second=second, bound=bound, how=how).readout
    ends = {
        "gradient": np.array([first, second]),
        "by norm": shrunk([first, second], bound),
        "by value": np.clip([first, second], -bound, bound),
    }
    for i, (name, end) in enumerate(ends.items()):
        arrow, length = scene.arrows[name], np.linalg.norm(end)
        shown = name == "gradient" or how in (name, "both")
        assert arrow.get_visible() == shown
        if not shown:
            assert scene.bars[i].get_height() == 0
            assert scene.numbers[i].get_text() == ""
            continue
        assert [arrow.U.item(), arrow.V.item()] == pytest.approx(end.tolist(), abs=1e-5)
        assert scene.bars[i].get_height() == pytest.approx(length, abs=1e-5)
        assert float(scene.numbers[i].get_text()) == pytest.approx(length, abs=0.0051)
        if name != "gradient" and ends["gradient"].any():
            numbers = re.search(rf"clipped {name}: \[(\S+), (\S+)\], length (\S+),", readout)
            assert list(map(float, numbers.groups())) == pytest.approx([*end, length], abs=0.0051)
    assert scene.ball.get_visible() == (how != "by value")
    assert scene.box.get_visible() == (how != "by norm")
    np.testing.assert_allclose(np.hypot(*scene.ball.get_data()), bound)
    np.testing.assert_allclose(np.abs(scene.box.get_data()).max(axis=0), bound)


def test_arrow_and_ball_has_a_sentence_for_the_zero_gradient():
    assert "points nowhere" in picture_of(lesson.ArrowAndBall).frame(first=0.0, second=0.0).readout


@pytest.mark.parametrize("length", [0.25, 0.5, 2.0, 8.0])
@pytest.mark.parametrize("bound", [0.5, 2.0, 6.0])
def test_in_and_out_draws_the_clip_and_normalising(length, bound):
    made = picture_of(lesson.InAndOut)
    scene = made.scene
    readout = made.frame(length=length, bound=bound).readout
    x, clipped = scene.curves["clipped"].get_data()
    np.testing.assert_allclose(clipped, np.minimum(x, bound), rtol=1e-5)
    np.testing.assert_allclose(scene.curves["normalised"].get_ydata(), bound, rtol=1e-5)
    for name, height in (("clipped", min(length, bound)), ("normalised", bound)):
        dot = scene.dots[name]
        assert dot.get_xdata()[0] == length
        assert dot.get_ydata()[0] == pytest.approx(height)
    assert f"{min(length, bound):.2f} after the clip and {bound:.2f} after" in readout
    assert ("longer" in readout) == (length < bound)
    assert ("shorter" in readout) == (length > bound)
    if length != bound:
        assert f"{bound / length:.2f} times its length" in readout


def test_in_and_out_has_a_sentence_for_length_0():
    assert "stays at 0 in both" in picture_of(lesson.InAndOut).frame(length=0.0).readout


def outcomes(readout):
    return dict(re.findall(r"(unclipped|by value|by norm): (arrives|leaves|is [\d.]+)", readout))


def test_at_the_start_the_unclipped_path_leaves_and_both_clipped_arrive():
    made = picture_of(lesson.DownTheValley)
    # As `show` draws it, and as the sliders stand at first.
    for at in ({}, {"rate": 10**0.3, "bound": BOUND}):
        assert outcomes(made.frame(**at).readout) == {
            "unclipped": "leaves",
            "by value": "arrives",
            "by norm": "arrives",
        }


def test_the_unclipped_path_is_thrown_onto_the_other_cliff_and_higher_up():
    places, losses = lesson.three_paths("a floor between cliffs", (3.5, 2.5), 2.0, 0.5)
    unclipped = places[:, 0, 0]
    assert unclipped[0] > 2, "it starts on one cliff"
    assert -5 < unclipped[1] < -2, "and lands on the other one, in the picture"
    assert losses[1, 0] > losses[0, 0]
    assert abs(unclipped[2]) > 5


def test_the_clipped_paths_are_not_clipped_on_the_floor():
    places, _ = lesson.three_paths("a floor between cliffs", (3.5, 2.5), 2.0, 0.5)
    for path in (1, 2):
        on_the_floor = np.flatnonzero(np.abs(places[:, path, 0]) < 2)
        assert len(on_the_floor) > 20
        for w in places[on_the_floor, path]:
            slope = slope_of_canyon(w)
            assert np.linalg.norm(slope) < 0.5
            assert np.abs(slope).max() < 0.5


@pytest.mark.parametrize("rate", RATES[RATES > 0.45])
def test_in_the_narrow_valley_the_clipped_paths_stay_and_do_not_arrive(rate):
    readout = (
        picture_of(lesson.DownTheValley)
        .frame(loss="a narrow valley", rate=float(rate), bound=BOUND)
        .readout
    )
    seen = outcomes(readout)
    assert seen["unclipped"] == "leaves"
    for path in ("by value", "by norm"):
        assert seen[path].startswith("is "), f"{path}: {seen[path]}"


def test_in_the_narrow_valley_the_clipped_paths_swing_by_as_much_as_the_bound_allows():
    places, _ = lesson.three_paths("a narrow valley", (3.5, 2.5), 2.0, 0.5)
    for path in (1, 2):
        across = places[40:, path, 1]
        steps = np.diff(across)
        assert (np.sign(steps[1:]) == -np.sign(steps[:-1])).all(), "from side to side"
        np.testing.assert_allclose(np.abs(steps), 2.0 * 0.5, rtol=0.01)


def test_on_the_floor_a_smaller_learning_rate_lets_the_unclipped_path_arrive_too():
    # Of the slider's positions, the largest at which it arrives, and the next.
    frames = {
        rate: outcomes(
            picture_of(lesson.DownTheValley).frame(rate=float(rate), bound=BOUND, steps=60).readout
        )
        for rate in RATES
    }
    arrives = [rate for rate, seen in frames.items() if seen["unclipped"] == "arrives"]
    assert max(arrives) == pytest.approx(10**0.2)
    beyond = [seen for rate, seen in frames.items() if rate > max(arrives)]
    assert len(beyond) == 8
    for seen in beyond:
        assert seen == {"unclipped": "leaves", "by value": "arrives", "by norm": "arrives"}


@pytest.mark.parametrize("loss", lesson.LOSSES)
@pytest.mark.parametrize("rate", [0.1, 0.4, 2.0])
@pytest.mark.parametrize("steps", [1, 40, 60])
def test_down_the_valley_draws_the_paths_as_far_as_they_stay(loss, rate, steps):
    made = picture_of(lesson.DownTheValley)
    scene = made.scene
    readout = made.frame(loss=loss, rate=rate, steps=steps).readout
    places, losses = lesson.three_paths(loss, (3.5, 2.5), rate, 0.5)
    for path, (line, curve) in enumerate(scene.lines):
        out = [n for n in range(steps + 1) if not (np.abs(places[n, path]) <= (5, 3)).all()]
        inside = out[0] if out else steps + 1
        np.testing.assert_array_equal(np.column_stack(line.get_data()), places[:inside, path])
        x, y = curve.get_data()
        assert x.tolist() == list(range(inside))
        np.testing.assert_array_equal(y, np.clip(losses[:inside, path], 1e-6, 1e3))
        crosses = np.column_stack(scene.ends[path].get_data())
        told = re.search(rf"{lesson.PATHS[path]}: ([^;]*?)[;.](?!\d)", readout).group(1)
        distance = np.hypot(*places[inside - 1, path])
        if out:
            assert crosses.tolist() == [places[inside - 1, path].tolist()]
            assert told == f"leaves the picture at step {inside}"
        else:
            assert not crosses.size
            assert told == ("arrives" if distance < 0.1 else f"is {distance:.2f} away")
    for name, contour in scene.contours.items():
        assert contour.get_visible() == (name == loss)


@pytest.mark.parametrize("over", lesson.SLICES)
@pytest.mark.parametrize("bound", [0.5, 3.0, 8.0])
def test_matrix_by_norm_writes_numbers_and_norms(over, bound):
    made = picture_of(lesson.MatrixByNorm)
    scene = made.scene
    readout = made.frame(bound=bound, over=over).readout
    matrix = scene.matrix.astype(float)
    axis = {"the whole matrix": (0, 1), "each row": 1, "each column": 0}[over]
    norms = np.sqrt(np.sum(matrix**2, axis=axis, keepdims=True))
    after = matrix * np.minimum(1, bound / norms)
    np.testing.assert_allclose(scene.after.get_array(), after, rtol=1e-4)
    cells = [float(cell.get_text()) for cell in scene.cells]
    np.testing.assert_allclose(cells, after.ravel(), atol=0.0501)
    for texts, lengths in zip(
        scene.norms, (norms.ravel(), np.minimum(norms, bound).ravel()), strict=True
    ):
        written = [float(text.get_text()) for text in texts if text.get_text()]
        np.testing.assert_allclose(written, lengths, atol=0.0501)
    assert f"{(norms > bound).sum()} of {norms.size} norm" in readout
    before, left = map(float, re.search(r"had norm (\S+) and has (\S+);", readout).groups())
    assert [before, left] == pytest.approx(
        [np.linalg.norm(matrix), np.linalg.norm(after)], abs=0.0051
    )
    cosine = np.sum(matrix * after) / (np.linalg.norm(matrix) * np.linalg.norm(after))
    turned = float(re.search(r"turned by (\S+) degrees", readout).group(1))
    assert turned == pytest.approx(np.degrees(np.arccos(min(1, cosine))), abs=0.051)


def test_only_one_norm_for_the_whole_matrix_never_turns_it():
    turned = {
        over: [
            float(
                re.search(
                    r"by (\S+) degrees",
                    picture_of(lesson.MatrixByNorm).frame(bound=b, over=over).readout,
                )[1]
            )
            for b in np.arange(0.5, 8.5, 0.5)
        ]
        for over in lesson.SLICES
    }
    assert set(turned["the whole matrix"]) == {0.0}
    assert max(turned["each row"]) > 1
    assert max(turned["each column"]) > 1
    # There is a bound on the slider at which neither changes anything.
    assert turned["each row"][-1] == turned["each column"][-1] == 0
    for over in lesson.SLICES:
        clipped, _ = lesson.clip_slices(picture_of(lesson.MatrixByNorm).scene.matrix, 8.0, over)
        np.testing.assert_allclose(clipped, picture_of(lesson.MatrixByNorm).scene.matrix, rtol=1e-6)


def test_the_norm_of_a_row_stands_beside_it_and_that_of_a_column_below():
    made = picture_of(lesson.MatrixByNorm)
    scene = made.scene
    made.frame(over="each row")
    rows = [text.get_position() for text in scene.norms[0] if text.get_text()]
    assert [y for _, y in rows] == [0, 1, 2, 3]
    assert all(x > 4.5 for x, _ in rows)
    made.frame(over="each column")
    columns = [text.get_position() for text in scene.norms[0] if text.get_text()]
    assert [x for x, _ in columns] == [0, 1, 2, 3, 4]
    assert all(y > 3.5 for _, y in columns)


# ---- what else the lecture says -----------------------------------------------------------------


@COMPARE
@given(STEPS_OF_HALF, STEPS_OF_HALF, BOUNDS)
def test_a_clip_by_value_never_leaves_the_shorter_arrow(first, second, bound):
    # The box contains the ball.
    by_norm, by_value = (
        np.linalg.norm(clip([first, second], bound)) for clip in (lesson.by_norm, lesson.by_value)
    )
    assert by_value >= by_norm - 1e-5


@pytest.mark.parametrize("angle", np.arange(0, 360, 45))
def test_along_the_axes_and_the_diagonals_nothing_turns(angle):
    gradient = 4 * np.round([np.cos(np.radians(angle)), np.sin(np.radians(angle))], 9)
    for bound in np.arange(0.5, 5.5, 0.5):
        by_value = lesson.by_value(gradient, bound)
        across = gradient[0] * by_value[1] - gradient[1] * by_value[0]
        assert across == pytest.approx(0, abs=1e-5)


def test_the_gradient_that_turns_most_has_one_large_number_and_one_on_the_bound():
    grid = np.arange(-5, 5.5, 0.5)
    turned = {}
    for a in grid:
        for b in grid:
            if a or b:
                out = np.clip([a, b], -2, 2)
                cosine = out @ [a, b] / (np.linalg.norm(out) * np.hypot(a, b))
                turned[a, b] = np.degrees(np.arccos(min(1, cosine)))
    most = max(turned, key=turned.get)
    assert sorted(np.abs(most)) == [2, 5]
    assert turned[most] > 20


def test_a_gradient_twice_as_long_ends_at_the_same_point_of_the_ball():
    np.testing.assert_allclose(
        lesson.by_norm([6.0, 8.0], 2.0), lesson.by_norm([3.0, 4.0], 2.0), rtol=1e-6
    )


@pytest.mark.parametrize("length", [2.0, 3.0, 100.0])
def test_clip_and_normalising_agree_from_the_bound_on(length):
    out = lesson.length_out([length], 2.0)
    np.testing.assert_allclose(out["clipped"], out["normalised"], rtol=1e-6)


def test_normalised_descent_walks_around_a_minimum_and_clipped_descent_becomes_calm():
    normalised = clipped = tf.constant([0.9, 0.35])
    steps = []
    for _ in range(60):
        steps.append(0.1 * tf.math.l2_normalize(normalised))
        normalised -= steps[-1]
        clipped -= 0.1 * tf.clip_by_norm(clipped, 1.0)
    np.testing.assert_allclose(np.linalg.norm(steps, axis=1), 0.1, rtol=1e-5)
    assert tf.norm(clipped) < 0.01 < tf.norm(normalised)


def test_empty_axes_make_a_clip_by_norm_a_clip_by_value():
    t = tf.constant([[3.0, -4.0], [0.3, 0.4]])
    np.testing.assert_allclose(
        tf.clip_by_norm(t, 1.0, axes=[]), tf.clip_by_value(t, -1.0, 1.0), rtol=1e-6
    )
