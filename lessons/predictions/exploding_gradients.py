"""Lecture 4: what is asked before its sliders come free."""

from math import isclose

import tensorflow as tf

from lessons.exploding_gradients import down_the_parabola, remedy_gradients
from lessons.explorable import Prediction
from lessons.geometry import norms


def _where_w_goes(_, rate):
    first, *_, last = map(abs, down_the_parabola(rate))
    if isclose(first, last, rel_tol=1e-3):
        return "it swings to and fro for ever"
    return "it flies away" if last > first else "it arrives"


def _first_layer_beside_the_last(_, remedy, bound):
    gradients, _ = remedy_gradients(remedy)
    clipped, _ = tf.clip_by_global_norm(gradients, bound)
    before, after = (own[0] / own[-1] for own in map(norms, (gradients, clipped)))
    if isclose(before, after, rel_tol=1e-3):
        return "it stays"
    return "it grows" if after > before else "it shrinks"


a_rate_of_1 = Prediction(
    "The learning rate is raised to 1. What does w do?",
    ("it arrives", "it swings to and fro for ever", "it flies away"),
    at={"rate": 1.0},
    right=_where_w_goes,
    because="Each step then multiplies w by minus one.",
)

a_bound_that_cuts = Prediction(
    "The bound is lowered to 0.01. What becomes of the ratio of layer 1's gradient to layer 30's?",
    ("it shrinks", "it stays", "it grows"),
    at={"bound": 0.01},
    right=_first_layer_beside_the_last,
    because="Clipped together, all layers get the same factor.",
)
