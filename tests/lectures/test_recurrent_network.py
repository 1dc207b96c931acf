"""Lecture 5, the recurrent network: what its pictures must show, and the words beside them."""

import numpy as np
import pytest

from lessons import recurrent_network as lesson
from lessons.digits.recurrent import (
    EPOCH,
    GRIDS,
    RATES,
    first_weights,
    load_recurrent_runs,
    rows_of_digits,
    stored_recurrent_runs,
)
from tests.lectures.pictures import picture_of
from tests.strict import no_warnings

pytestmark = no_warnings

# ---- along the rows -----------------------------------------------------------------------------


def test_the_gradient_at_each_row_is_that_of_the_chain_rule():
    images, labels, *_ = (np.asarray(each, np.float64) for each in rows_of_digits())
    x, y = images[:128], labels[:128].astype(int)
    u, w, b, v, c = (np.asarray(each, np.float64) for each in first_weights(0))
    h, states = np.zeros((128, 32)), []
    for row in range(28):
        h = np.maximum(h @ w + x[:, row] @ u + b, 0)
        states.append(h)
    logits = h @ v + c
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    g, norms = (p - np.eye(10)[y]) / 128 @ v.T, []
    for h in reversed(states):
        norms.insert(0, np.linalg.norm(g))
        g = (g * (h > 0)) @ w.T
    np.testing.assert_allclose(lesson.row_norms(0.03, 1.0)[0], norms, rtol=1e-4)


@pytest.mark.parametrize("at", [{}, {"rate": 0.3, "bound": 10.0, "step": 10}, {"step": 0}])
def test_along_the_rows_draws_both_gradients_and_says_where_they_are_longest(at):
    made = picture_of(lesson.AlongTheRows)
    readout = made.frame(**at).readout
    rate, bound, step = (at.get(n, d) for n, d in (("rate", 0.03), ("bound", 1.0), ("step", 1)))
    told = readout.removesuffix(".").split("Without clipping ")[1].split(". Clipped at ")
    for line, limit, words in zip(made.scene.lines, (None, bound), told, strict=True):
        norms = lesson.row_norms(rate, limit)[step]
        np.testing.assert_array_equal(line.get_xdata(), range(1, 29))
        np.testing.assert_allclose(line.get_ydata(), np.clip(norms, 1e-6, 1e6))
        if np.isnan(norms).any():
            assert words.endswith("no longer finite")
        elif norms.argmax() == 27:
            assert words.endswith("longest at the last row")
        else:
            times = norms.max() / norms[-1]
            assert f"at row {norms.argmax() + 1}, {times:.1g} times" in words


def test_one_step_without_a_clip_makes_the_gradient_explode_towards_the_first_rows():
    before, after = lesson.row_norms(0.03, None)[:2]
    assert before.argmax() == 27
    # The first two rows are blank.
    assert not rows_of_digits()[0][:128, :2].numpy().any()
    assert (before[:2] < before[2:].min()).all()
    assert (np.diff(np.log(after[:26])) < 0).all(), "it grows with every row that it goes back"
    assert after[0] > 1e4 * after[-1]
    clipped = lesson.row_norms(0.03, 1.0)
    assert (clipped.max(axis=1) <= 1.1 * clipped[:, -1]).all()


def test_the_answers_to_the_task_on_the_rows():
    def grows(rate, bound):
        norms = lesson.row_norms(rate, bound)[1]
        return norms.max() > 1.2 * norms[-1]

    level = {
        bound: not any(grows(rate, bound) for rate in RATES) for bound in (0.3, 1.0, 3.0, 10.0)
    }
    assert level == {0.3: True, 1.0: True, 3.0: False, 10.0: False}
    norms = lesson.row_norms(0.3, 10.0)
    assert norms[1].max() > 100 * norms[0].max()
    assert norms[10].max() < 1
    # Without the clip nothing leads back.
    assert lesson.row_norms(0.03, None)[2:].max(axis=1).min() > 100
    assert np.isnan(lesson.row_norms(0.3, None)[2:]).all()


# ---- what is said of eight networks -------------------------------------------------------------


def at_the_end(activation, rate, bound):
    return 100 * stored_recurrent_runs(activation, rate, bound)[2][:, -1]


def test_best_against_best_the_clip_buys_ten_points():
    free = {rate: np.median(at_the_end("ReLU", rate, None)) for rate in RATES}
    assert max(free, key=free.get) == 0.003
    assert free[0.003] < 60
    assert free[0.03] < 20
    for rate, bound in ((0.01, 10.0), (0.03, 3.0), (0.1, 1.0)):
        clipped = at_the_end("ReLU", rate, bound)
        assert np.median(clipped) > free[0.003] + 10
        assert clipped.min() > 58
        assert clipped.max() > at_the_end("ReLU", 0.003, None).max()
        share = np.mean(stored_recurrent_runs("ReLU", rate, bound)[1] > bound)
        assert (share > 0.95) == (bound < 10), "nearly every step"
    assert (at_the_end("ReLU", 0.03, None) == 0).sum() == 1, "its loss is no number"


def test_on_digits_that_did_not_choose_the_clip_buys_as_much():
    best = {}
    for name, grid in GRIDS.items():
        choosing, reporting = np.moveaxis(load_recurrent_runs()[name], -1, 0)
        means = choosing.mean(axis=-1)
        rate, bound = np.unravel_index(means.argmax(), means.shape)
        assert 0 < rate < len(grid.rates) - 1, "the best rate is at an end of the grid"
        best[name] = reporting[rate, bound].mean()
    assert best["clipped"] > best["not clipped"] + 0.1


def test_tanh_needs_no_clip():
    free, clipped = (at_the_end("tanh", 0.03, bound) for bound in (None, 3.0))
    assert abs(np.median(free) - np.median(clipped)) < 5
    # A bound that cuts next to nothing moves the median about as far as the best clip does.
    _, norm, right = stored_recurrent_runs("tanh", 0.03, 10.0)
    assert np.sum(norm > 10) == 1
    assert np.median(right[:, -1]) > np.median(free) / 100 + 0.04
    for rate in RATES:
        assert stored_recurrent_runs("tanh", rate, None)[1].max() < 20


def test_cutting_the_gradient_costs_accuracy_and_does_not_replace_the_clip(capsys):
    lesson.print_cuts()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    clipped, free = load_recurrent_runs()["cut"]
    whole = at_the_end("ReLU", 0.1, 1.0) / 100
    assert np.median(clipped[0]) < np.median(whole) - 0.1
    assert np.median(clipped[1]) > np.median(whole) - 0.07
    assert free.max() < 0.25
    assert f"{clipped[0].min():4.0%} to {clipped[0].max():4.0%} right" in lines[0]


# ---- eight networks -----------------------------------------------------------------------------


@pytest.mark.parametrize("at", [{}, {"rate": 0.3, "bound": 10.0, "activation": "tanh"}])
def test_row_by_row_draws_a_run_and_eight_networks_of_each_kind(at):
    made = picture_of(lesson.RowByRow)
    readout = made.frame(**at).readout
    activation, rate, bound = (
        at.get(n, d) for n, d in (("activation", "ReLU"), ("rate", 0.03), ("bound", 1.0))
    )
    scene = made.scene
    drawn = zip((None, bound), scene.norms, scene.shares, scene.medians, strict=True)
    for limit, curve, lines, median in drawn:
        _, norm, right = stored_recurrent_runs(activation, rate, limit)
        np.testing.assert_allclose(curve.get_ydata(), np.clip(norm, 1e-3, 1e9))
        np.testing.assert_array_equal([line.get_ydata() for line in lines], right)
        low, middle, high = np.percentile(right[:, -1], [0, 50, 100])
        said = f"{low:.0%} to {high:.0%} of the test digits right (median {middle:.0%})"
        assert said in readout
        np.testing.assert_array_equal(median.get_ydata()[::EPOCH], np.median(right, axis=0))
    assert made.scene.bound.get_ydata() == [bound, bound]
