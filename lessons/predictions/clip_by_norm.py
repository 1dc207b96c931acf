"""Lecture 2: what is asked before its sliders come free."""

import numpy as np

from lessons.clip_by_norm import NEAR, PATHS, SLICES, clip_slices, three_paths
from lessons.explorable import Prediction
from lessons.geometry import degrees_between


def _end_of_the_clipped_path(scene, loss, rate, bound, start):
    places, _ = three_paths(loss, [start, scene.start_height], rate, bound)
    path = places[:, PATHS.index("by norm")]
    if not (np.abs(path) <= scene.view).all():
        return "it leaves the picture too"
    arrives = np.hypot(*path[-1]) < NEAR
    return "it arrives" if arrives else "it stays in the picture, but does not arrive"


def _slices_that_do_not_turn(scene, bound, over):
    turned = {
        each: degrees_between(scene.matrix, clip_slices(scene.matrix, bound, each)[0])
        for each in SLICES
    }
    still = [each for each, degrees in turned.items() if degrees < 0.1]
    return "all three" if len(still) == len(SLICES) else " and ".join(still)


a_rate_too_large_everywhere = Prediction(
    "In the narrow valley the unclipped path leaves the picture. And the path clipped by norm?",
    ("it arrives", "it stays in the picture, but does not arrive", "it leaves the picture too"),
    at={"loss": "a narrow valley"},
    right=_end_of_the_clipped_path,
    because="Every gradient there is clipped, and soon every step swings over to the other side.",
)

one_norm_for_all = Prediction(
    "One norm for the whole matrix, each row, or each column: which clip never turns the matrix?",
    ("the whole matrix", "each row", "each column", "all three"),
    at={"over": "the whole matrix"},
    right=_slices_that_do_not_turn,
    because="Only then do all numbers get the same factor.",
)
