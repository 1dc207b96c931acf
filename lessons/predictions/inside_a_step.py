"""Lecture 7: what is asked before its sliders come free."""

from math import isclose

import tensorflow as tf

from lessons.explorable import Prediction
from lessons.global_norm import CLIPS
from lessons.inside_a_step import inside_a_step


def _beside_the_right_step(_, place, second, scale, bound):
    step, wanted = (
        float(inside_a_step(each, second, scale, bound)["step"][0])
        for each in (place, "after averaging")
    )
    if isclose(step, wanted, rel_tol=1e-3):
        return "as long as it should be"
    return f"{wanted / step:.0f} times too short" if step < wanted else "too long"


def _length_of_the_step(scene, how, bound):
    clipped = CLIPS[how](scene.gradients["printed in the course"], tf.constant(bound, tf.float32))
    length = float(tf.linalg.global_norm(clipped))
    if isclose(length, bound, rel_tol=1e-3):
        return "yes"
    return "no, it is shorter" if length < bound else "no, it is longer"


clipped_too_early = Prediction(
    "The clip moves before unscaling: gradients are 256 times too large. How long is the step?",
    ("as long as it should be", "2 times too short", "256 times too short", "too long"),
    at={"place": "before unscaling"},
    right=_beside_the_right_step,
    because="Both gradients are cut to the bound first, and only then divided by the scale.",
)

clipnorm_of_six = Prediction(
    "With clipnorm in place of global_clipnorm: is the whole step as long as the bound?",
    ("yes", "no, it is shorter", "no, it is longer"),
    at={"how": "each by its norm"},
    right=_length_of_the_step,
    because="The gradient of each variable may be as long as the bound by itself.",
)
