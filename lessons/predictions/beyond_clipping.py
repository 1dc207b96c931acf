"""Lecture 9: what is asked before its sliders come free."""

import numpy as np

from lessons.beyond_clipping import clipped_objective, estimates
from lessons.explorable import Prediction


def _beside_a_third_of_10(_, third, bound):
    before, after = (float(estimates(x, bound)["each clipped"][-1]) for x in (10.0, third))
    shift = (third - 10) / 3
    if abs(after - before) < 0.01:
        return "not at all"
    return "as far as the mean" if after - before > 0.9 * shift else "less far than the mean"


def _where_the_slope_is_gone(_, epsilon, advantage, weight, logit):
    margin = 1.5 * epsilon
    _, slopes = clipped_objective(np.array([1 - margin, 1 + margin]), float(advantage), epsilon)
    gone = [side for side, slope in zip(("below", "above"), slopes, strict=True) if slope == 0]
    return gone[0] if len(gone) == 1 else "on both sides"


a_third_example_farther_away = Prediction(
    "The third example moves from 10 to 12. How far does the end of “each clipped” move?",
    ("as far as the mean", "less far than the mean", "not at all"),
    at={"third": 12},
    right=_beside_a_third_of_10,
    because="A clipped example pulls with the same strength, however far away it is.",
)

a_bad_action = Prediction(
    "PPO: the advantage becomes -1. On which side of a ratio of 1 is there no slope?",
    ("above", "below", "on both sides"),
    at={"advantage": -1},
    right=_where_the_slope_is_gone,
    because="A bad action is left alone once it has become unlikely enough.",
)
