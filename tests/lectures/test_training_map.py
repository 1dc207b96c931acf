"""Lecture 6, the map and the bound from a log: what the pictures must show, and the words."""

import functools
import re

import numpy as np
import pytest

from lessons import training as lesson
from lessons.digits import best as best_runs
from lessons.digits import map as chart
from lessons.digits.map import outcome
from lessons.digits.runs import PIECE, train
from tests.lectures import sweep
from tests.lectures.pictures import picture_of
from tests.lectures.printed import stored_cells
from tests.strict import no_warnings

pytestmark = [no_warnings, pytest.mark.training]

NOTEBOOK = sweep.NOTEBOOKS / "06_training.ipynb"
COURSE, LINEAR, CROSS_ENTROPY, SMALL = chart.PROGRAMS


@pytest.mark.parametrize(
    ("program", "rate", "bound"),
    [(COURSE, 0.001, 0.5), (LINEAR, 1.0, "none"), (CROSS_ENTROPY, 0.1, 15.0), (SMALL, 0.3, 100.0)],
)
def test_the_map_shows_every_cell_and_the_curves_of_one(program, rate, bound):
    made = picture_of(lesson.TrainingMap)
    scene = made.scene
    readout = made.frame(program=program, rate=rate, bound=bound).readout
    limit = None if bound == "none" else bound
    for y, row in enumerate(scene.words):
        for x, text in enumerate(row):
            cell = outcome(program, chart.RATES[y], chart.BOUNDS[x])
            assert text.get_text() == cell.in_short
            assert scene.image.get_array()[y, x] == pytest.approx(np.median(cell.right) / 1000)
    y, x = chart.RATES.index(rate), chart.BOUNDS.index(limit)
    left, bottom = scene.frame.get_xy()
    middle = left + scene.frame.get_width() / 2, bottom + scene.frame.get_height() / 2
    assert middle == pytest.approx((x, y), abs=0.05)
    run = chart.stored_run(chart.cell_setting(list(chart.PROGRAMS).index(program), y, x, 0))
    curves = (run.loss, run.before, run.accuracy)
    for values, line, axes in zip(curves, scene.lines, scene.panels, strict=True):
        drawn = line.get_ydata()[:: PIECE if values is run.accuracy else 1]
        np.testing.assert_allclose(drawn, np.clip(values, *axes.get_ylim()), rtol=1e-6)
    assert scene.lines[2].get_xdata()[-1] == 150
    assert list(scene.cross.get_xdata()) == ([] if run.broke_at is None else [run.broke_at])
    assert scene.bound.get_visible() == (limit is not None)
    assert readout.endswith(f"{outcome(program, rate, limit).words}.")


# ---- what the lecture says of the map -----------------------------------------------------------


def test_the_table_of_eight_seeds():
    dead = outcome(COURSE, 0.01, None)
    assert dead.died == 8
    for bound in (15.0, 1.0):
        delayed = outcome(COURSE, 0.01, bound)
        assert delayed.died == delayed.broke == delayed.learned == 0
        assert delayed.right.max() < 150
    place = (0, chart.RATES.index(0.01), chart.BOUNDS.index(15.0))
    assert (chart.load_map()["typical"][place] == 0).all(), "no gradient in half of the steps"
    for bound in (None, 15.0, 1.0):
        place = (0, chart.RATES.index(0.01), chart.BOUNDS.index(bound))
        assert (abs(chart.load_map()["loss_at_the_end"][place] - 1) < 0.01).all(), "calm"
    assert outcome(LINEAR, 0.01, None).broke == 8
    slow, crawling = outcome(LINEAR, 0.01, 15.0), outcome(LINEAR, 0.01, 1.0)
    assert slow.right.min() > 500
    assert crawling.right.max() < 200
    assert crawling.clipped == 1
    assert (
        outcome(CROSS_ENTROPY, 0.1, None).learned == outcome(CROSS_ENTROPY, 0.1, 15.0).learned == 8
    )
    assert outcome(CROSS_ENTROPY, 0.1, 1.0).learned == 0
    assert outcome(CROSS_ENTROPY, 1.0, None).broke == 8
    assert outcome(CROSS_ENTROPY, 1.0, 15.0).right.max() < 200
    assert outcome(CROSS_ENTROPY, 1.0, 1.0).learned == 7


def test_with_relu_a_run_is_dead_or_near_the_loss_of_outputs_of_0_or_on_its_way_there():
    assert chart.load_map()["right"][0].max() < 160
    lost = chart.load_map()["loss_at_the_end"][0]
    limits = np.array([b or np.inf for b in chart.BOUNDS])
    crawls = np.multiply.outer(chart.RATES, limits) < 0.004
    assert (abs(lost[~crawls] - 1) < 0.05).all()
    # Those that are still on their way: above 1, and below the first loss.
    first = np.array(lesson.first_losses(50.0, "ReLU"))
    assert crawls.sum() == 4
    assert (lost[crawls] > 1.05).all()
    assert (lost[crawls] < 0.8 * first).all()


def test_with_the_squared_error_and_a_linear_output_nothing_learns_without_a_clip():
    for rate in chart.RATES:
        assert outcome(LINEAR, rate, None).broke == 8


def medians(program):
    return {
        (rate, bound): np.median(outcome(program, rate, bound).right)
        for rate in chart.RATES
        for bound in chart.BOUNDS
    }


@pytest.mark.parametrize(
    ("program", "clipped", "free"),
    [(COURSE, 12, 10), (LINEAR, 78, 0), (CROSS_ENTROPY, 94, 92), (SMALL, 94, 93)],
)
def test_what_the_best_clip_buys(program, clipped, free):
    right = medians(program)
    best = {
        is_free: max(right[cell] for cell in right if (cell[1] is None) == is_free) / 10
        for is_free in (False, True)
    }
    assert (round(best[False]), round(best[True])) == (clipped, free)
    if program in (CROSS_ENTROPY, SMALL):
        assert 1 <= best[False] - best[True] <= 2


@pytest.mark.parametrize(
    ("program", "free", "clipped", "gain"),
    [
        (LINEAR, (0.00047, None), (0.047, 5.0), 57.6),
        (CROSS_ENTROPY, (0.1, None), (0.47, 2.0), 2.3),
        (SMALL, (0.47, None), (1.0, 1.0), 1.1),
    ],
)
def test_what_the_best_clip_buys_on_digits_that_did_not_choose_it(program, free, clipped, gain):
    reported = []
    for grid, right, best in zip(
        best_runs.GRIDS[program], best_runs.stored_grids(program), (free, clipped), strict=True
    ):
        means = 100 * right.mean(axis=2)
        rate, bound = place = np.unravel_index(means[..., 0].argmax(), means.shape[:2])
        assert (grid.rates[rate], grid.bounds[bound]) == best
        # The grid holds the best: it gets worse on both sides.
        assert 0 < rate < len(grid.rates) - 1
        assert grid.bounds == (None,) or 0 < bound < len(grid.bounds) - 1
        reported.append(means[place][1])
        # Choosing by the other half says the same, to half a point.
        other = means[..., 0].flat[means[..., 1].argmax()]
        assert reported[-1] == pytest.approx(other, abs=0.8)
    assert reported[1] - reported[0] == pytest.approx(gain, abs=0.05)


def test_without_a_clip_rates_above_the_best_end_in_nan():
    squared = best_runs.stored_grids(LINEAR)[0][:, 0].min(axis=-1)
    rates = best_runs.GRIDS[LINEAR][0].rates
    assert all(
        (counts > 0).all() == (rate < 0.001) for rate, counts in zip(rates, squared, strict=True)
    )
    assert not squared[rates.index(0.001)].any()
    over_50 = best_runs.stored_grids(CROSS_ENTROPY)[0][:, 0, :, 1]
    assert np.count_nonzero(over_50[3] == 0) >= 5, "at 0.15 most"
    assert not over_50[4:].any()


@pytest.mark.parametrize("program", [LINEAR, CROSS_ENTROPY, SMALL])
def test_the_best_cells_are_clipped_at_a_rate_that_ends_in_nan_without(program):
    best = max(medians(program), key=medians(program).get)
    assert best[1] is not None
    assert outcome(program, best[0], None).broke == 8


def test_the_higher_the_bound_the_sooner_a_column_breaks():
    right = medians(CROSS_ENTROPY)
    breaks = {
        bound: min(rate for rate in chart.RATES if rate > 0.03 and right[rate, bound] < 700)
        for bound in (5.0, 15.0, 25.0, 50.0, 100.0)
    }
    assert breaks == {5.0: 1.0, 15.0: 1.0, 25.0: 0.3, 50.0: 0.3, 100.0: 0.3}


def test_the_best_cell_of_the_squared_error_clips_every_step():
    right = np.median(chart.load_map()["right"][1], axis=-1)
    rate, bound = np.unravel_index(right.argmax(), right.shape)
    assert outcome(LINEAR, chart.RATES[rate], chart.BOUNDS[bound]).clipped == 1


def test_the_good_cells_of_the_squared_error_have_much_the_same_product():
    right, bounds = medians(LINEAR), [bound for bound in chart.BOUNDS if bound]
    products = [
        rate * max(bounds, key=lambda bound, rate=rate: right[rate, bound])
        for rate in chart.RATES
        if rate <= 0.3
    ]
    assert max(products) / min(products) < 2


def test_norms_from_0_to_20_are_neither_enough_nor_needed():
    arrays = chart.load_map()
    learned, tame = arrays["right"] >= 900, arrays["longest"] <= 20
    assert (learned.size, learned.sum()) == (1792, 227)
    assert (tame.sum(), learned[tame].sum(), learned[~tame].sum()) == (400, 115, 112)
    assert learned[2].sum() == 104, "of programs over 50 only cross-entropy learns"
    assert not learned[:2].any()
    # All tame runs have inputs over 255, and 285 of them do not reach 90 %.
    assert not tame[:3].any()
    assert (tame[3].size, (tame & ~learned)[3].sum(), (learned & ~tame)[3].sum()) == (448, 285, 8)
    limits = np.array([b or np.inf for b in chart.BOUNDS])[:, None]
    short = np.minimum(arrays["longest"], limits) <= 20
    assert (short.sum(), learned[short].sum()) == (1088, 183)
    assert (arrays["right"][short] <= 150).sum() == 348


def test_the_slides_are_quoted_with_the_one_sentence_that_stands_on_them():
    cells = [cell for cell in stored_cells(NOTEBOOK).values() if cell.id.startswith("sayings")]
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    (said,) = re.findall('["“](.+?)["”]', prose)
    assert said == "It is good to keep the norms of the gradients between 0 and 20."


def test_learning_rate_1_and_bound_25_is_no_good_in_any_program():
    for program in (COURSE, LINEAR, CROSS_ENTROPY):
        assert outcome(program, 1.0, 25.0).right.max() < 120
    small = outcome(SMALL, 1.0, 25.0)
    assert small.learned == 0
    assert small.right.max() > 800
    assert outcome(SMALL, 0.1, 25.0).learned == 6


# ---- a bound from the log -----------------------------------------------------------------------


def clipped_run(percentile, rate):
    bound = lesson.bound_from_log(percentile)
    run = train(chart.PROGRAMS[CROSS_ENTROPY]._replace(rate=rate, bound=bound))
    return run.accuracy[-1], np.mean(run.before > bound)


def test_bound_from_log_draws_the_new_run_beside_the_others():
    made = picture_of(lesson.BoundFromLog)
    scene = made.scene
    seen = []
    made.on_progress(lambda done, total: seen.append((done, total)))
    readout = made.frame(percentile=90, rate=0.3).readout
    assert seen[-1] == (150, 150)
    bound = np.percentile(lesson.logged(0.1).before, 90)
    assert scene.bound.get_ydata() == [bound, bound]
    run, free = (
        train(chart.PROGRAMS[CROSS_ENTROPY]._replace(rate=0.3, bound=bound)),
        lesson.logged(0.3),
    )
    drawn = scene.new.get_ydata()[:PIECE]
    np.testing.assert_array_equal(drawn, np.clip(run.before[:PIECE], 0.1, 1000))
    np.testing.assert_array_equal(scene.clipped.get_ydata()[::PIECE], run.accuracy)
    np.testing.assert_array_equal(scene.free.get_ydata()[::PIECE], free.accuracy)
    assert "between a tenth and a third of the steps are clipped" in readout
    assert "more than 90% of the test digits" in readout
    assert f"from step {free.broke_at} on" in readout


def test_a_share_of_steps_is_said_in_wide_classes():
    shares = {0.0: "under a tenth", 0.11: "between a tenth and a third", 0.34: "about half"}
    for share, words in (shares | {0.66: "about half", 0.67: "more than two thirds"}).items():
        assert lesson.share_in_words(share) == words


def test_every_percentile_but_the_last_saves_the_run_at_three_times_the_rate():
    for percentile in (50, 95):
        assert clipped_run(percentile, 0.3)[0] > 0.88
    assert clipped_run(100, 0.3)[0] < 0.6


def test_at_the_rate_of_the_log_the_median_costs_accuracy():
    right, share = clipped_run(50, 0.1)
    assert share > 0.9
    assert right < lesson.logged(0.1).accuracy[-1] - 0.03


def test_at_learning_rate_1_only_a_bound_that_clips_nearly_always_helps():
    right, share = clipped_run(50, 1.0)
    assert right > 0.8
    assert share > 0.85
    assert clipped_run(90, 1.0)[0] < 0.8
    assert lesson.logged(1.0).broke_at is not None


@functools.cache
def by_the_rule(seed, rate):
    """Accuracy of a run without a clip at 0.1, that of one with a bound from it, share clipped."""
    setting = chart.PROGRAMS[CROSS_ENTROPY]._replace(seed=seed)
    tame = train(setting._replace(rate=0.1, bound=None))
    bound = float(np.percentile(tame.before, 90))
    run = train(setting._replace(rate=rate, bound=bound))
    return tame.accuracy[-1], run.accuracy[-1], np.mean(run.before > bound)


def test_the_rule_clips_half_of_the_steps_where_no_clip_is_needed_and_gains_nothing():
    free, clipped, shares = np.transpose([by_the_rule(seed, 0.1) for seed in range(3)])
    assert np.all((shares > 0.35) & (shares < 0.65))
    assert np.mean(shares) == pytest.approx(0.5, abs=0.07)
    assert np.mean(clipped) < np.mean(free) + 0.01


def test_where_a_clip_is_needed_the_rule_clips_between_a_tenth_and_a_third():
    assert outcome(CROSS_ENTROPY, 0.3, None).broke == 8
    _, clipped, shares = np.transpose([by_the_rule(seed, 0.3) for seed in range(3)])
    assert np.mean(shares) == pytest.approx(0.25, abs=0.04)
    assert (clipped > 0.91).all()


def test_half_of_the_rules_numbers_of_a_broken_log_are_astronomical():
    broken = lesson.logged(0.3).before
    assert np.percentile(broken[np.isfinite(broken)], 90) > 1e10
