"""Lecture 2: what is asked before its sliders come free."""

import numpy as np

from lessons.clip_by_norm import NEAR, PATHS, clip_slices, three_paths
from lessons.explorable import Prediction
from lessons.geometry import degrees_between


def _end_of_the_clipped_path(scene, loss, rate, bound, start):
    places, _ = three_paths(loss, [start, scene.start_height], rate, bound)
    path = places[:, PATHS.index("by norm")]
    if not (np.abs(path) <= scene.view).all():
        return "it leaves the picture too"
    arrives = np.hypot(*path[-1]) < NEAR
    return "it arrives" if arrives else "it stays in the picture, but does not arrive"


def _turned_beside_now(scene, bound, over):
    now, then = (
        degrees_between(scene.matrix, clip_slices(scene.matrix, *each)[0])
        for each in ((3.0, "each row"), (bound, over))
    )
    if then < 0.1:
        return "not at all"
    return "farther than now" if then > now else "less far than now"


a_rate_too_large_everywhere = Prediction(
    "In the narrow valley the unclipped path leaves the picture. And the path clipped by norm?",
    ("it arrives", "it stays in the picture, but does not arrive", "it leaves the picture too"),
    at={"loss": "a narrow valley"},
    right=_end_of_the_clipped_path,
    because="Every gradient there is clipped, and soon every step swings over to the other side.",
)

one_norm_for_all = Prediction(
    "The whole matrix gets one norm, and the bound falls to 0.5. How far is the matrix turned?",
    ("farther than now", "less far than now", "not at all"),
    at={"bound": 0.5, "over": "the whole matrix"},
    right=_turned_beside_now,
    because="All numbers get the same factor, however small it is.",
)
