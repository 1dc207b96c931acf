"""Lecture 6, the dying output: what its picture must show."""

import re

import numpy as np
import pytest

from lessons import dying_output as lesson
from lessons.digits.network import flat_images
from lessons.digits.runs import Setting, train
from tests.lectures.pictures import picture_of
from tests.strict import no_warnings

pytestmark = [no_warnings, pytest.mark.training]


@pytest.mark.parametrize("bound", [None, 15.0])
def test_the_units_are_those_of_the_run_that_the_lecture_trains(bound):
    sums = lesson.sums_of_the_units(bound)
    run = train(Setting(0.01, bound))
    wanted = np.eye(10)[flat_images(50.0)[1][:128]]
    first_loss = np.mean(np.sum((np.maximum(sums[0], 0) - wanted) ** 2, axis=1))
    assert first_loss == pytest.approx(run.loss[0], rel=1e-4)
    # Where all outputs are 0, so is every gradient.
    assert (np.maximum(sums[2], 0) == 0).all() == (run.before[2] == 0)


def test_without_a_clip_one_unit_is_left_after_a_step_and_none_after_two():
    def alive(bound):
        return [int((sums > 0).any(axis=0).sum()) for sums in lesson.sums_of_the_units(bound)]

    assert alive(None) == [10, 1, 0, 0]
    assert min(alive(15.0)) >= 9
    # The clip makes them sink more slowly, and does not turn them.
    shares = [(sums > 0).mean() for sums in lesson.sums_of_the_units(15.0)]
    assert shares == sorted(shares, reverse=True)
    assert shares[3] < shares[0] / 10
    # Of the outputs above 0, which alone pass a gradient, nearly all are too large.
    first, wanted = lesson.sums_of_the_units(None)[0], np.eye(10)[flat_images(50.0)[1][:128]]
    assert np.mean((first > wanted)[first > 0]) > 0.95


@pytest.mark.parametrize("step", [0, 3])
def test_the_picture_draws_every_unit_of_every_image(step):
    made = picture_of(lesson.OutputsOfTheUnits)
    readout = made.frame(step=step).readout
    told = re.search(r"units, (\d+) are above 0 .* and (\d+) clipped at 15", readout).groups()
    for dots, bound, count in zip(made.scene.dots, (None, 15.0), map(int, told), strict=True):
        sums = lesson.sums_of_the_units(bound)[step]
        x, y = dots.get_data()
        for unit in (0, 9):
            np.testing.assert_allclose(y[x == unit], np.clip(sums[:, unit], -1e6, 1e6))
        assert count == (sums > 0).any(axis=0).sum()
