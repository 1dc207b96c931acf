"""Lecture 9: what is asked before its sliders come free."""

import numpy as np

from lessons.beyond_clipping import clipped_objective, estimates
from lessons.explorable import Prediction


def _beside_a_third_of_10(_, third, bound):
    before, after = (float(estimates(x, bound)["each clipped"][-1]) for x in (10.0, third))
    shift = (third - 10) / 3
    if abs(after - before) < 0.01:
        return "where it ended before"
    return "as far on as the mean" if after - before > 0.9 * shift else "on, but not as far"


def _where_the_slope_is_gone(_, epsilon, advantage, weight, logit):
    margin = 1.5 * epsilon
    _, slopes = clipped_objective(np.array([1 - margin, 1 + margin]), float(advantage), epsilon)
    gone = [side for side, slope in zip(("below", "above"), slopes, strict=True) if slope == 0]
    return gone[0] if len(gone) == 1 else "on both sides"


a_third_example_farther_away = Prediction(
    "The third example moves from 10 to 12. Where does “each clipped” end then?",
    ("as far on as the mean", "on, but not as far", "where it ended before"),
    at={"third": 12},
    right=_beside_a_third_of_10,
    because="Clipped, an example far away pulls with the same strength, however far it is.",
)

a_bad_action = Prediction(
    "PPO: the advantage becomes -1. On which side of a ratio of 1 is the slope gone?",
    ("above", "below", "on both sides"),
    at={"advantage": -1},
    right=_where_the_slope_is_gone,
    because="A bad action is left alone once it has become unlikely enough.",
)
