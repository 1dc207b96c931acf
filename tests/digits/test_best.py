"""The comparison of the best runs: what its file holds, and how it is made."""

import numpy as np
import pytest
import tensorflow as tf

from lessons.digits import best
from tests.digits import scripts
from tests.strict import no_warnings

pytestmark = no_warnings

LINEAR, CROSS_ENTROPY, SMALL = best.GRIDS


def test_the_file_holds_every_cell_of_the_grids_with_eight_runs():
    for program, grids in best.GRIDS.items():
        for grid, right in zip(grids, best.stored_grids(program), strict=True):
            assert right.shape == (len(grid.rates), len(grid.bounds), 8, 2)
            assert 0 <= right.min() < right.max() <= 1
            with pytest.raises(ValueError, match="read-only"):
                right[0] = 0


def test_each_rate_is_about_one_and_a_half_times_the_one_before():
    for grid in (grid for grids in best.GRIDS.values() for grid in grids):
        factors = np.divide(grid.rates[1:], grid.rates[:-1])
        assert factors == pytest.approx(1.48, abs=0.07), factors


@pytest.mark.training
@pytest.mark.parametrize(
    ("program", "clips", "place"),
    [
        (LINEAR, False, (4, 0, 1)),
        (LINEAR, False, (6, 0, 0)),
        (CROSS_ENTROPY, False, (2, 0, 2)),
        (CROSS_ENTROPY, True, (4, 1, 3)),
        (SMALL, True, (0, 1, 5)),
    ],
    ids=["slow", "NaN", "over 50", "over 50, clipped", "over 255, clipped"],
)
def test_a_cell_is_what_training_gives(program, clips, place):
    right = best.right_of_each_half(best.grid_setting(program, clips, *place))
    stored = 500 * best.stored_grids(program)[clips][place]
    # As far apart as other processors may put a calm run; NaN is never right.
    np.testing.assert_allclose(right, stored, atol=15 if stored.any() else 0)


def test_the_first_500_digits_choose_the_others_report_and_nan_is_never_right(monkeypatch):
    labels = best.flat_digits(1)[3].numpy()
    said = np.where(np.arange(len(labels)) < 500, labels, (labels + 1) % 10)
    got = np.eye(10)[said]
    # The argmax of NaN is 0, which would be right here.
    got[np.flatnonzero(labels == 0)[0]] = np.nan
    monkeypatch.setattr(best, "STEPS", 0)
    monkeypatch.setattr(best, "outputs", lambda *_: tf.constant(got))
    assert best.right_of_each_half(best.grid_setting(LINEAR, False, 0, 0, 0)) == (499, 0)


def test_an_unknown_program_is_named():
    with pytest.raises(ValueError, match="program is 'ReLU'"):
        best.stored_grids("ReLU")


def test_the_script_trains_every_cell(tmp_path, monkeypatch, capsys):
    make, trained = scripts.load("make_best_runs"), []
    small = {CROSS_ENTROPY: (best.Grid((0.1, 0.2)), best.Grid((0.3,), (1.0, 5.0)))}
    monkeypatch.setattr(best, "GRIDS", small)
    monkeypatch.setattr(make, "SEEDS", range(2))

    def quickly(setting):
        trained.append(setting)
        return int(100 * setting.rate), int(setting.bound or 0) + setting.seed

    monkeypatch.setattr(best, "right_of_each_half", quickly)
    path, printed = scripts.made(make, tmp_path, capsys)
    assert len(trained) == 2 * len(set(trained)) == 2 * (2 + 2) * 2
    assert f"{CROSS_ENTROPY}, clipped" in printed
    with np.load(path) as file:
        assert file["0_free"].tolist() == [[[[10, 0], [10, 1]]], [[[20, 0], [20, 1]]]]
        assert file["0_clipped"].tolist() == [[[[30, 1], [30, 2]], [[30, 5], [30, 6]]]]
