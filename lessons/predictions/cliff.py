"""Lecture 5: what is asked before its sliders come free."""

from lessons.cliff import NO_BOUND, descend
from lessons.explorable import Prediction
from lessons.recurrent_network import row_norms


def _longest_gradient(_, start_w, start_b, rate, bound, length):
    norms = descend([(start_w, start_b)], [rate], [NO_BOUND], length)[2]
    if norms.max() < 1:
        return "below 1"
    return "near 50" if norms.max() < 100 else "in the hundreds, as before"


def _after_more_steps(_, rate, bound, step):
    first, then = row_norms(rate, bound)[[1, step]].max(axis=1)
    if then > first:
        return "it is worse"
    return "it is over" if then < 1 else "it is still there"


five_steps_in_time = Prediction(
    "T is cut from 50 steps to 5. How large does the unclipped run's gradient norm get?",
    ("in the hundreds, as before", "near 50", "below 1"),
    at={"length": 5},
    right=_longest_gradient,
    because="The wall is a product of many factors: with few of them it is a gentle slope.",
)

after_the_explosion = Prediction(
    "Learning rate 0.3, bound 10: the first step makes the gradient explode. And after step 10?",
    ("it is worse", "it is still there", "it is over"),
    at={"rate": 0.3, "bound": 10.0, "step": 10},
    right=_after_more_steps,
    because="With the clip no later step is longer than the first, and those steps lead back.",
)
