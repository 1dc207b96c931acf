"""Lecture 2: what its pictures must show, and what its words say of them."""

import itertools
import re

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.util import deprecation

from lessons import clip_by_norm as lesson
from tests.lectures.pictures import picture_of
from tests.strict import no_warnings

pytestmark = no_warnings

# The positions of the logarithmic slider of the learning rate.
RATES = 10 ** (np.arange(-20, 11) / 10)
BOUND = 10**-0.3
HALVES = np.arange(-5, 5.5, 0.5)


def shrunk(t, bound):
    return np.asarray(t) * bound / max(np.linalg.norm(t), bound)


def degrees(u, v):
    return np.degrees(np.arccos(min(1, u @ v / np.linalg.norm(u) / np.linalg.norm(v))))


# ---- an arrow, a ball and a box -----------------------------------------------------------------


@pytest.mark.parametrize("how", ["by norm", "by value", "both"])
@pytest.mark.parametrize(
    ("first", "second", "bound"), [(3.0, 4.0, 2.0), (-5.0, 0.5, 1.5), (1.0, -1.0, 5.0)]
)
def test_arrow_and_ball_draws_what_it_says(first, second, bound, how):
    made = picture_of(lesson.ArrowAndBall)
    scene = made.scene
    readout = made.frame(first=first, second=second, bound=bound, how=how).readout
    raw = np.array([first, second])
    ends = {
        "gradient": raw,
        "by norm": shrunk(raw, bound),
        "by value": np.clip(raw, -bound, bound),
    }
    for bar, number, (name, end) in zip(scene.bars, scene.numbers, ends.items(), strict=True):
        arrow, length = scene.arrows[name], np.linalg.norm(end)
        shown = name == "gradient" or how in (name, "both")
        assert arrow.get_visible() == shown
        assert bar.get_height() == pytest.approx(length if shown else 0, abs=1e-5)
        assert number.get_text() == (f"{length:.2f}" if shown else "")
        if shown:
            assert [arrow.U.item(), arrow.V.item()] == pytest.approx(end.tolist(), abs=1e-5)
        if shown and name != "gradient":
            told = re.search(
                rf"clipped {name}: \[(\S+), (\S+)\], length (\S+), turned by (\S+) ", readout
            )
            expected = [*end, length, degrees(raw, end)]
            assert list(map(float, told.groups())) == pytest.approx(expected, abs=0.051)
    assert scene.ball.get_visible() == (how != "by value")
    assert scene.box.get_visible() == (how != "by norm")
    np.testing.assert_allclose(np.hypot(*scene.ball.get_data()), bound)
    np.testing.assert_allclose(np.abs(scene.box.get_data()).max(axis=0), bound)


def test_a_zero_gradient_points_nowhere():
    assert "points nowhere" in picture_of(lesson.ArrowAndBall).frame(first=0.0, second=0.0).readout


def test_a_clip_by_value_turns_and_never_leaves_the_shorter_arrow():
    turned = {}
    for first, second in itertools.product(HALVES, HALVES):
        if first or second:
            raw = np.array([first, second])
            by_norm, by_value = lesson.by_norm(raw, 2.0), lesson.by_value(raw, 2.0)
            assert degrees(raw, by_norm) < 0.05
            assert np.linalg.norm(by_value) >= np.linalg.norm(by_norm) - 1e-5, "the box is larger"
            turned[first, second] = degrees(raw, by_value)
    # Along the axes and the diagonals nothing turns.
    straight = [angle for (a, b), angle in turned.items() if a * b == 0 or abs(a) == abs(b)]
    assert max(straight) < 0.05
    # One large number, and one on the bound, turn most.
    most = max(turned, key=turned.get)
    assert sorted(np.abs(most)) == [2, 5]
    assert turned[most] > 20


def test_a_gradient_twice_as_long_ends_at_the_same_point_of_the_ball():
    once, twice = lesson.by_norm([3.0, 4.0], 2.0), lesson.by_norm([6.0, 8.0], 2.0)
    np.testing.assert_allclose(twice, once, rtol=1e-6)


# ---- clip or normalise --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "bound", "words"),
    [
        (0.25, 2.0, "makes it 8.00 times as long."),
        (8.0, 2.0, "makes it 0.25 times as long."),
        (2.0, 2.0, "2.00 after normalising."),
        (0.0, 2.0, "stays at 0 in both"),
    ],
)
def test_in_and_out_draws_the_clip_and_normalising(length, bound, words):
    made = picture_of(lesson.InAndOut)
    scene = made.scene
    assert words in made.frame(length=length, bound=bound).readout
    x, clipped = scene.curves["clipped"].get_data()
    np.testing.assert_allclose(clipped, np.minimum(x, bound), rtol=1e-5)
    np.testing.assert_allclose(scene.curves["normalised"].get_ydata(), bound, rtol=1e-5)
    # At length 0 both leave it; from the bound on they agree.
    heights = {"clipped": min(length, bound), "normalised": bound if length else 0}
    for name, height in heights.items():
        assert scene.dots[name].get_data()[0] == [length]
        assert scene.dots[name].get_ydata()[0] == pytest.approx(height)


def test_normalised_descent_walks_around_a_minimum_and_clipped_descent_becomes_calm():
    normalised = clipped = tf.constant([0.9, 0.35])
    for _ in range(60):
        normalised -= 0.1 * tf.math.l2_normalize(normalised)
        clipped -= 0.1 * tf.clip_by_norm(clipped, 1.0)
    assert tf.norm(clipped) < 0.01 < tf.norm(normalised)


# ---- down the valley ----------------------------------------------------------------------------

SLOPES = {
    "a narrow valley": lambda w: np.array([0.2 * w[0], 5.0 * w[1]]),
    "a floor between cliffs": lambda w: (
        0.1 * w + [1.5 * max(abs(w[0]) - 2.0, 0.0) ** 2 * np.sign(w[0]), 0.0]
    ),
}


def test_losses_are_what_the_lecture_describes():
    ends = tf.constant([[1.0, 0.0], [0.0, 1.0], [2.0, 0.0], [-3.0, 0.0], [3.0, 1.0]])
    np.testing.assert_allclose(lesson.bowl(ends), [0.1, 2.5, 0.4, 0.9, 3.4], rtol=1e-6)
    np.testing.assert_allclose(lesson.canyon(ends), [0.05, 0.05, 0.2, 0.95, 1.0], rtol=1e-6)


@pytest.mark.parametrize("loss", lesson.LOSSES)
@pytest.mark.parametrize(
    ("start", "rate", "bound"), [((3.5, 2.5), 0.3, 0.5), ((-4.5, 2.5), 1.0, 2.0)]
)
def test_three_paths_are_gradient_descent(loss, start, rate, bound):
    places, losses = lesson.three_paths(loss, start, rate, bound)
    np.testing.assert_allclose(losses, lesson.LOSSES[loss](tf.constant(places)), rtol=1e-5)
    clips = (lambda g: g, lambda g: np.clip(g, -bound, bound), lambda g: shrunk(g, bound))
    for path, clip in enumerate(clips):
        w = np.array(start)
        for step in range(lesson.STEPS + 1):
            # Where a path explodes, float32 and float64 part; it has left the picture by then.
            if np.abs(w).max() > 5:
                break
            np.testing.assert_allclose(places[step, path], w, atol=2e-3)
            w = w - rate * clip(SLOPES[loss](w))


@pytest.mark.parametrize("loss", lesson.LOSSES)
@pytest.mark.parametrize("rate", [0.1, 2.0])
def test_down_the_valley_draws_the_paths_as_far_as_they_stay(loss, rate):
    made = picture_of(lesson.DownTheValley)
    scene = made.scene
    readout = made.frame(loss=loss, rate=rate).readout
    places, losses = lesson.three_paths(loss, (3.5, 2.5), rate, 0.5)
    told = dict(re.findall(r"(unclipped|by value|by norm): (.*?)[;.](?!\d)", readout))
    for path, name in enumerate(lesson.PATHS):
        line, curve = scene.lines[path]
        drawn = np.column_stack(line.get_data())
        inside = len(drawn)
        assert (np.abs(drawn) <= (5, 3)).all()
        np.testing.assert_array_equal(drawn, places[:inside, path])
        shown = np.clip(losses[:inside, path], 1e-6, 1e3)
        np.testing.assert_array_equal(curve.get_data(), [range(inside), shown])
        crosses = np.column_stack(scene.ends[path].get_data()).tolist()
        if inside <= lesson.STEPS:
            assert (np.abs(places[inside, path]) > (5, 3)).any()
            assert crosses == [drawn[-1].tolist()]
            assert told[name] == f"leaves the picture at step {inside}"
        else:
            assert crosses == []
            away = np.hypot(*drawn[-1])
            assert told[name] == ("arrives" if away < 0.1 else f"ends {away:.2f} from the minimum")
    assert [name for name, lines in scene.contours.items() if lines.get_visible()] == [loss]


def outcomes(**at):
    readout = picture_of(lesson.DownTheValley).frame(**at).readout
    return dict(re.findall(r"(unclipped|by value|by norm): (arrives|leaves|ends [\d.]+)", readout))


ONLY_CLIPPED_ARRIVES = {"unclipped": "leaves", "by value": "arrives", "by norm": "arrives"}


def test_at_the_start_the_unclipped_path_leaves_and_both_clipped_arrive():
    # As `show` draws it, and as the sliders stand at first.
    assert outcomes() == outcomes(rate=10**0.3, bound=BOUND) == ONLY_CLIPPED_ARRIVES


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
        floor = [w for w in places[:, path] if abs(w[0]) < 2]
        assert len(floor) > 20
        assert max(np.linalg.norm(SLOPES["a floor between cliffs"](w)) for w in floor) < 0.5


def test_in_the_narrow_valley_the_clipped_paths_swing_by_as_much_as_the_bound_allows():
    for rate in RATES[RATES > 0.45]:
        seen = outcomes(loss="a narrow valley", rate=float(rate), bound=BOUND)
        assert seen.pop("unclipped") == "leaves"
        assert all(told.startswith("ends ") for told in seen.values()), "they do not arrive"
    places, _ = lesson.three_paths("a narrow valley", (3.5, 2.5), 2.0, 0.5)
    steps = np.diff(places[20:, 1:, 1], axis=0)
    assert (np.sign(steps[1:]) == -np.sign(steps[:-1])).all(), "from side to side"
    np.testing.assert_allclose(np.abs(steps), 2.0 * 0.5, rtol=0.01)


def test_on_the_floor_a_smaller_learning_rate_lets_the_unclipped_path_arrive_too():
    # Of the slider's positions, the largest at which it arrives, and all above.
    frames = {rate: outcomes(rate=float(rate), bound=BOUND) for rate in RATES}
    largest = max(rate for rate, seen in frames.items() if seen["unclipped"] == "arrives")
    assert largest == pytest.approx(10**0.2)
    assert [seen for rate, seen in frames.items() if rate > largest] == [ONLY_CLIPPED_ARRIVES] * 8


# ---- the average norm ---------------------------------------------------------------------------


def test_the_average_norm_warns_on_first_use_only(monkeypatch, caplog):
    # TensorFlow remembers what this process has been warned of, and the notebook silences it.
    monkeypatch.setattr(deprecation, "_PRINTED_WARNING", {})
    monkeypatch.setattr(tf.get_logger(), "propagate", True)
    caplog.set_level("WARNING", "tensorflow")
    warned = []
    for _ in range(3):
        caplog.clear()
        tf.compat.v1.clip_by_average_norm([3.0, 4.0], 1.0)
        warned.append(sum("is deprecated" in record.getMessage() for record in caplog.records))
    assert warned == [1, 0, 0]


# ---- a matrix -----------------------------------------------------------------------------------

AXES = {"the whole matrix": (0, 1), "each row": 1, "each column": 0}


@pytest.mark.parametrize("over", lesson.SLICES)
@pytest.mark.parametrize("bound", [0.5, 3.0, 8.0])
def test_matrix_by_norm_scales_each_slice_and_writes_its_norm(over, bound):
    made = picture_of(lesson.MatrixByNorm)
    scene = made.scene
    readout = made.frame(bound=bound, over=over).readout
    matrix = scene.matrix.astype(float)
    lengths = np.sqrt(np.sum(matrix**2, axis=AXES[over], keepdims=True))
    after = matrix * np.minimum(1, bound / lengths)
    np.testing.assert_allclose(scene.after.get_array(), after, rtol=1e-4)
    cells = [float(cell.get_text()) for cell in scene.cells]
    np.testing.assert_allclose(cells, after.ravel(), atol=0.0501)
    written = [[float(t.get_text()) for t in texts if t.get_text()] for texts in scene.norms]
    expected = [lengths.ravel(), np.minimum(lengths, bound).ravel()]
    np.testing.assert_allclose(written, expected, atol=0.0501)
    assert f"{(lengths > bound).sum()} of {lengths.size} norm" in readout
    told = re.search(r"had norm (\S+) and now has (\S+); .* turned by (\S+) degrees", readout)
    whole = [np.linalg.norm(matrix), np.linalg.norm(after), degrees(matrix.ravel(), after.ravel())]
    assert list(map(float, told.groups())) == pytest.approx(whole, abs=0.051)


def test_only_one_norm_for_the_whole_matrix_never_turns_it():
    def turned(bound, over):
        readout = picture_of(lesson.MatrixByNorm).frame(bound=bound, over=over).readout
        return float(re.search(r"by (\S+) degrees", readout)[1])

    assert {turned(bound, "the whole matrix") for bound in np.arange(0.5, 8.5, 0.5)} == {0.0}
    for over in ("each row", "each column"):
        assert turned(3.0, over) > 1
        # There is a bound on the slider at which nothing changes.
        assert turned(8.0, over) == 0


def test_the_norm_of_a_row_stands_beside_it_and_that_of_a_column_below():
    made = picture_of(lesson.MatrixByNorm)
    made.frame(over="each row")
    rows = [text.get_position() for text in made.scene.norms[0] if text.get_text()]
    assert [y for _, y in rows] == [0, 1, 2, 3]
    assert all(x > 4.5 for x, _ in rows)
    made.frame(over="each column")
    columns = [text.get_position() for text in made.scene.norms[0] if text.get_text()]
    assert [x for x, _ in columns] == [0, 1, 2, 3, 4]
    assert all(y > 3.5 for _, y in columns)
