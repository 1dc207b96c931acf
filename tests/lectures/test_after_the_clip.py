"""Lecture 8: numbers against NumPy and Keras, what its pictures must show, and its words."""

import re
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf

from lessons import after_the_clip as lesson
from lessons.exercises import after_the_clip as check
from lessons.inside_a_step import each_clipped
from tests.lectures import printed as stored
from tests.lectures import sweep
from tests.lectures.pictures import picture_of
from tests.lectures.printed import numbers_in
from tests.strict import no_warnings

pytestmark = no_warnings

NOTEBOOK = sweep.NOTEBOOKS / "08_after_the_clip.ipynb"

printed = partial(stored.printed, NOTEBOOK)


# ---- 1 and 2 · momentum and Adam ----------------------------------------------------------------


def keras_steps(optimizer, gradients):
    w = tf.Variable([0.0])
    weights = [0.0]
    for gradient in gradients:
        optimizer.apply_gradients([(tf.constant([float(gradient)]), w)])
        weights.append(w.numpy()[0])
    return np.array(weights)


@pytest.mark.parametrize(("rate", "momentum", "bound"), [(1.0, 0.9, 1.0), (0.5, 0.5, 2.0)])
def test_momentum_steps_are_those_of_keras_times_the_learning_rate(rate, momentum, bound):
    optimizer = keras.optimizers.SGD(rate, momentum=momentum, clipnorm=bound)
    steps = -np.diff(keras_steps(optimizer, [50.0] * 20))
    np.testing.assert_allclose(rate * lesson.momentum_steps(momentum, bound, 20), steps, rtol=1e-4)


@pytest.mark.parametrize("momentum", [0.0, 0.9, 0.95])
@pytest.mark.parametrize("bound", [0.25, 2.0])
def test_momentum_draws_step_gradient_and_limit(momentum, bound):
    made = picture_of(lesson.Momentum)
    scene = made.scene
    readout = made.frame(momentum=momentum, bound=bound).readout
    lengths = bound * (1 - momentum ** np.arange(1, 61)) / (1 - momentum)
    np.testing.assert_allclose(scene.step.get_data(), [range(1, 61), lengths], rtol=1e-4)
    assert set(scene.clipped.get_ydata()) == {bound}
    limit = bound / (1 - momentum)
    np.testing.assert_allclose(scene.limit.get_ydata(), limit)
    told = re.search(
        r"length (\S+), step 10 (\S+) and step 60 (\S+); the limit is (\S+)\.$", readout
    )
    expected = [*lengths[[0, 9, 59]], limit]
    np.testing.assert_allclose([float(n) for n in told.groups()], expected, rtol=6e-3)
    runs = [name for name in made.frame().parts if name.startswith("run")]
    assert len(runs) == 1, "squares without a line would vanish while it plays"


def test_what_the_lecture_says_of_momentum():
    steps = lesson.momentum_steps(0.9, 1.0, 300)
    assert steps[-1] == pytest.approx(10, abs=1e-3)
    assert "learning rate of 1" in stored.stored_cells(NOTEBOOK)["momentum-text"].source
    assert numbers_in(printed("momentum-keras")[0].split(":")[1]) == [1, 1.9, 6.51, 9.98]
    np.testing.assert_allclose(steps[[0, 1, 9, 59]], [1, 1.9, 6.51, 9.98], atol=5e-3)
    # The tasks: 10 again, and no other momentum stays within the bound.
    assert lesson.momentum_steps(0.95, 0.5, 500)[-1] == pytest.approx(10, abs=1e-3)
    assert [m for m in np.arange(0, 1, 0.05) if lesson.momentum_steps(m, 1.0, 60).max() <= 1] == [0]
    # Exercise 1, over all bounds of the slider.
    bounds = np.arange(0.25, 2.25, 0.25)
    short = [c for c in bounds if lesson.momentum_steps(0.75, c, 60).max() <= 2 + 1e-6]
    assert max(short) == check.bound_for_momentum.right[0]
    # Weight decay comes after the clip: with it, 50 + 1 would be cut to 1 and w would be 9.
    assert numbers_in(printed("after-decay")[0])[0] == 8


@pytest.mark.parametrize(("height", "at", "bound"), [(1e4, 4, 1e9), (1e6, 20, 0.01)])
def test_adam_is_that_of_keras(height, at, bound):
    gradients = lesson.gradients_with_a_spike(height, at, 25)
    weights, roots = lesson.adam(each_clipped(gradients, bound))
    optimizer = keras.optimizers.Adam(0.1, clipnorm=bound)
    np.testing.assert_allclose(weights, keras_steps(optimizer, gradients)[1:], rtol=1e-4, atol=1e-5)
    (square,) = (v for v in optimizer.variables if "velocity" in v.path)
    root = np.sqrt(np.asarray(square)[0] / (1 - 0.999**25))
    assert roots[-1] == pytest.approx(root, rel=1e-4)


def test_a_spike_stands_at_one_of_the_steps():
    assert lesson.gradients_with_a_spike(7, 2, 4).numpy().tolist() == [0.5, 7, 0.5, 0.5]
    for at in (0, 61, 2.5):
        with pytest.raises(ValueError, match=f"at is {at}"):
            lesson.gradients_with_a_spike(1e4, at, 60)


def test_adam_hides_the_clip_of_a_constant_gradient():
    assert [line.split()[-1] for line in printed("adam-constant")] == ["-0.300"] * 3
    for bound in (0.01, 1.0, 100.0):
        weights, roots = lesson.adam(each_clipped(tf.fill([30], 50.0), bound))
        np.testing.assert_allclose(weights, -0.1 * np.arange(1, 31), rtol=1e-3)
        # Its corrected memory is the gradient itself, as the formula of the notebook has it.
        np.testing.assert_allclose(roots, min(50.0, bound), rtol=1e-3)


def after_60(height=1e4, at=4, bound=1e9):
    gradients = lesson.gradients_with_a_spike(height, at, 60)
    return lesson.adam(each_clipped(gradients, bound))[0]


def test_what_a_spike_leaves_after_12_steps():
    ends = [float(line.split()[-1]) for line in printed("adam-spike")]
    assert ends == [-1.200, -0.618, -1.160]
    ours = [after_60(height=0.5)[11], after_60()[11], after_60(bound=1.0)[11]]
    assert ours == pytest.approx(ends, abs=6e-4)


def test_the_answers_to_the_task_on_adam():
    # 1: the unclipped path only, and from 1000 on it hardly changes.
    assert np.ptp([after_60(height, bound=1.0)[-1] for height in (10.0, 1e3, 1e6)]) < 1e-3
    assert np.ptp([after_60(height)[-1] for height in (1e3, 1e4, 1e5, 1e6)]) < 0.02
    assert after_60(10.0)[-1] < after_60(100.0)[-1] - 1 < after_60(1e6)[-1] - 1
    # 2: below 0.5 it is the path without a spike.
    calm = after_60(0.5)
    for bound in (0.01, 0.1, 0.4):
        np.testing.assert_allclose(after_60(bound=bound), calm, rtol=1e-3)
    # 3: a late spike stops the weight just the same: from 15 steps after it, a tenth of a step.
    for at in (4, 20, 40):
        assert np.abs(np.diff(after_60(at=at)))[at + 15 :].max() < 0.02
    assert after_60(at=40)[-1] < after_60(at=20)[-1] < after_60(at=4)[-1]


def test_a_spike_below_0_drives_the_unclipped_weight_the_wrong_way_first():
    up, down = (
        picture_of(lesson.AdamAndASpike).frame(height=1e4, bound=1.0, at=20, sign=sign).readout
        for sign in "+−"
    )
    assert up != down
    paths = picture_of(lesson.AdamAndASpike).scene.paths
    free, clipped = (paths[name].get_ydata() for name in ("not clipped", "clipped"))
    assert free[24] > free[18]
    assert free[-1] > clipped[-1] + 1


def test_a_late_spike_of_the_other_sign_is_worse_than_standing_still_unless_it_is_clipped():
    def moved(steps, bound):
        gradients = lesson.gradients_with_a_spike(-1e4, 301, 310)
        weights, _ = lesson.adam(each_clipped(gradients, bound))
        return weights[299 + steps] - weights[299]

    assert moved(1, 1e9) == pytest.approx(0.161, abs=1e-3), "the wrong way"
    told = [float(line.rsplit(" ", 1)[1].rstrip(".")) for line in printed("adam-memory")[2:]]
    assert [moved(10, 1e9), moved(10, 1.0)] == pytest.approx(told, abs=0.05)
    assert told[0] > 0 > told[1]
    # A spike beside which all others are tiny, in learning rates.
    weights, _ = lesson.adam(lesson.gradients_with_a_spike(-1e6, 5000, 5000))
    assert np.diff(weights)[-1] / lesson.ADAM_RATE == pytest.approx(3.2, abs=0.1)
    assert numbers_in(printed("adam-memory")[1]) == [3.2]


@pytest.mark.parametrize(("height", "bound", "at"), [(1e4, 1.0, 4), (1e6, 0.01, 50), (1, 1e6, 1)])
def test_adam_and_a_spike_draws_paths_and_memory(height, bound, at):
    made = picture_of(lesson.AdamAndASpike)
    scene = made.scene
    readout = made.frame(height=height, bound=bound, at=at).readout
    gradients = np.full(60, 0.5)
    gradients[at - 1] = height
    ends = []
    for name, taken in (("not clipped", gradients), ("clipped", np.minimum(gradients, bound))):
        weights, roots = lesson.adam(tf.constant(taken, tf.float32))
        for line, values in ((scene.paths[name], weights), (scene.roots[name], roots)):
            drawn = line.get_data()
            np.testing.assert_allclose(drawn, [range(1, 61), values], rtol=1e-4, atol=1e-5)
        ends += [weights[-1], roots[-1]]
    assert list(scene.line.get_ydata()) == [bound, bound]
    np.testing.assert_allclose(scene.calm, -0.1 * np.arange(1, 61), rtol=1e-4)
    told = re.search(
        r"w is (\S+) not clipped and (\S+) clipped; without a spike it would be -6.00. "
        r"Remembered size: (\S+) not clipped, (\S+) clipped\.$",
        readout,
    )
    told = [float(n) for n in told.groups()]
    np.testing.assert_allclose(told[:2], ends[::2], atol=6e-3)
    np.testing.assert_allclose(told[2:], ends[1::2], rtol=6e-3)


# ---- 3 · several replicas -----------------------------------------------------------------------


def ball(vector, bound):
    return vector * bound / max(np.linalg.norm(vector), bound)


@pytest.mark.parametrize("angle", [0, 90, 135, 180])
@pytest.mark.parametrize(("length", "bound"), [(0.25, 3.0), (3.0, 0.5)])
def test_before_or_after_the_sum_draws_its_arrows_and_bars(angle, length, bound):
    made = picture_of(lesson.BeforeOrAfterTheSum)
    scene = made.scene
    readout = made.frame(angle=angle, length=length, bound=bound).readout
    first = np.array([3.0, 0.0])
    second = length * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    arrows = {
        "first": first,
        "second": second,
        "sum": first + second,
        "clipped before": ball(first, bound) + ball(second, bound),
        "clipped after": ball(first + second, bound),
    }
    norms = {name: np.linalg.norm(arrow) for name, arrow in arrows.items()}
    for name, arrow in arrows.items():
        drawn = scene.arrows[name]
        np.testing.assert_allclose([drawn.U[0], drawn.V[0]], arrow, atol=1e-5)
        shown = name in ("first", "second", "sum") and norms[name] > 1e-5
        assert bool(scene.words[name].get_text()) == shown
    for name, bar in scene.bars.items():
        assert bar.get_height() == pytest.approx(norms[name], abs=1e-5)
        assert float(scene.numbers[name].get_text()) == pytest.approx(norms[name], abs=6e-3)
    assert list(scene.line.get_ydata()) == [bound, bound]
    np.testing.assert_allclose(np.hypot(*scene.ball.get_data()), bound)
    before, after = norms["clipped before"], norms["clipped after"]
    assert f"the step has length {before:.2f}, clipped after it {after:.2f}" in readout
    if min(before, after, norms["sum"]) < 1e-5:
        assert "is zero and points nowhere" in readout
        return
    cosine = arrows["sum"] @ arrows["clipped before"] / norms["sum"] / before
    turned = float(re.search(r"turned by (\S+) degrees", readout)[1])
    assert turned == pytest.approx(np.degrees(np.arccos(min(1, cosine))), abs=0.1)


def test_the_answers_to_the_task_on_replicas():
    def lengths(angle, length, bound):
        arrows = lesson.two_replicas(angle, length, bound)
        return [np.linalg.norm(arrows[f"clipped {when}"]) for when in ("before", "after")]

    assert lengths(0, 3.0, 1.0) == pytest.approx([2, 1])
    # Shorter where both are clipped and nearly cancel.
    before, after = lengths(170, 2.0, 0.5)
    assert before < after / 2
    # No difference if nothing is clipped, or if they are equal, and opposite or at 120 degrees.
    assert np.ptp(lengths(120, 3.0, 1.0)) < 1e-6
    assert np.ptp(lengths(90, 0.25, 3.0)) < 0.02
    assert lengths(60, 0.25, 3.0)[0] > 3
    assert lengths(180, 3.0, 1.0) == pytest.approx([0, 0], abs=1e-6)
    assert np.ptp(lengths(120, 1.0, 3.0)) < 1e-6


def test_keras_clips_in_each_replica_and_the_sum_can_be_clipped_by_hand():
    assert [line.split("moves w by ")[1] for line in printed("mirrored-run")] == ["0.0", "-0.5"]


# ---- 4 · other frameworks -----------------------------------------------------------------------


def test_compare_prints_what_is_computed_beside_what_is_stated(capsys):
    lesson.compare({"Halves": lambda gradients, c: [tf.constant([g / 2]) for g in gradients]})
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split("  ")[-1].strip() == "Optax 0.2.8"
    for row, (case, (gradients, c)) in zip(rows, lesson.ODD_CASES.items(), strict=True):
        assert row.startswith(case)
        named = [float(n) for n in case.replace(" at ", ", ").split(", ")]
        np.testing.assert_array_equal(named, [*gradients, c])
        stated = [left for each in lesson.ELSEWHERE.values() for left in each[case]]
        told = [float(n) for n in row[len(case) :].split()]
        np.testing.assert_allclose(told, [*(np.array(gradients) / 2), *stated])


def test_what_the_notebook_says_of_odd_cases():
    rows = {row[:14].strip(): row[14:].split() for row in printed("edges-functions")[2:]}
    assert list(rows) == list(lesson.ODD_CASES)
    # TensorFlow and Keras make everything NaN where something is infinite or too large.
    for case in ("3, inf at 1", "3, NaN at 1", "1e20, 4 at 1", "3, 4 at inf"):
        assert rows[case][:4] == ["nan"] * 4
    # The other two return one NaN and zeros for one infinity, zeros for a very large number.
    assert rows["3, inf at 1"][4:] == ["0", "nan"] * 2
    assert rows["1e20, 4 at 1"][4:] == ["0", "0"] * 2
    assert rows["3, 4 at 2.5"] == ["1.5", "2"] * 4
    assert rows["3, 4 at -1"] == ["3", "4", "3", "4", "-0.6", "-0.8", "-0.6", "-0.8"]
    assert rows["3, 4 at 0"] == ["0", "0", "3", "4", "0", "0", "0", "0"]
    assert rows["0, 0 at 0"] == ["nan", "nan", "0", "0", "0", "0", "nan", "nan"]


def test_the_versions_in_the_table_are_those_installed():
    head = stored.stored_cells(NOTEBOOK)["frameworks"].source.splitlines()[2]
    for name, version in (("TensorFlow", tf.__version__), ("Keras", keras.__version__)):
        short = f"{name} {'.'.join(version.split('.')[:2])}"
        assert f"{short} |" in head
        assert short in printed("edges-functions")[1]
    for name in lesson.ELSEWHERE:
        assert f"{name} |" in head


# ---- the experiments of the quiz ----------------------------------------------------------------


def test_the_experiments_show_what_the_quiz_asks():
    one, seven = printed("experiment-directions")
    assert numbers_in(one) == [0, 0, 20.9]
    by_value, by_norm = seven.split("by norm:")
    x, y = numbers_in(by_value)
    assert y / x == pytest.approx(3 * 0.1 / 3, rel=0.01)  # three times as steep as 0.1 / 3
    x, y = numbers_in(by_norm)
    assert y / x == pytest.approx(0.1 / 3, rel=0.02)

    two, six, nine = printed("experiment-norms")
    assert numbers_in(two)[-1] == 1.414
    assert numbers_in(six) == [13, 1]
    assert nine == "NaN becomes [nan nan]"

    three, four, five = printed("experiment-gradients")
    assert numbers_in(three)[1:] == [3e-6, 4e-6]
    assert numbers_in(four) == [6, 0]
    assert numbers_in(five) == [0, 0.5]

    adam, adam_less, far, near = printed("experiment-bounds")
    assert numbers_in(adam)[-1] == numbers_in(adam_less)[-1] == 0.1
    assert numbers_in(far)[1] > 10 * 100
    assert far.endswith("True")
    assert numbers_in(near)[1] < 0.9 * 100
    assert near.endswith("False")
