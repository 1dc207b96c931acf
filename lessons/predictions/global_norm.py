"""Lecture 3: what is asked before its sliders come free."""

from math import isclose

from lessons.explorable import Prediction
from lessons.geometry import degrees_between
from lessons.global_norm import left_of_each
from lessons.minibatch_noise import two_means


def _tensors_for_four_bounds(scene, count, bound):
    lengths = ((n, left_of_each(n, bound) / bound) for n in range(1, scene.most + 1))
    return next(n for n, length in lengths if length > 4 or isclose(length, 4, rel_tol=1e-5))


def _turned_beside_a_bound_of_1(_, size, bound):
    before, after = (degrees_between(*two_means(size, c)) for c in (1.0, bound))
    if abs(after - before) < 1:
        return "as far as before"
    return "less far" if after < before else "farther"


four_times_the_bound = Prediction(
    "Many long tensors are each clipped to c. How many of them make a step of length 4c?",
    (),
    at={"count": 16},
    right=_tensors_for_four_bounds,
    because="Lengths of tensors do not add up; their squares do.",
)

a_larger_bound_for_batches = Prediction(
    "With batches of one, the bound is raised from 1 to 2.5. How far is the step turned now?",
    ("farther", "as far as before", "less far"),
    at={"size": 1, "bound": 2.5},
    right=_turned_beside_a_bound_of_1,
    because="The long gradients get most of their weight back.",
)
