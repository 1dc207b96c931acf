"""Lecture 1: what is asked before its sliders come free."""

import numpy as np

from lessons.explorable import Prediction
from lessons.what_to_clip import losses_and_slopes


def _which_bound_wins(scene, low, high):
    out = np.asarray(scene.clip(scene.values, low, high))
    return "a everywhere" if (out == low).all() else "b everywhere"


def _slopes_that_agree(_, error, bound):
    slopes = [float(slope[0]) for _, slope in losses_and_slopes([error], bound).values()]
    return {1: "all three", 2: "two", 3: "none"}[len(set(slopes))]


crossed_bounds = Prediction(
    "The lower bound a is pushed above the upper bound b. What comes out?",
    ("a everywhere", "b everywhere", "an error"),
    at={"low": 7.0, "high": 3.0},
    right=_which_bound_wins,
    because="The maximum with a is taken last, and TensorFlow raises no error.",
)

a_bound_for_every_error = Prediction(
    "The bound c is raised to 5. How many of the three gradients agree at the error e = -4?",
    ("all three", "two", "none"),
    at={"error": -4.0, "bound": 5.0},
    right=_slopes_that_agree,
    because="No error in the picture is beyond such a bound, so nothing is clipped.",
)
