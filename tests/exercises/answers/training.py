"""Typical answers to the exercises of lecture 6, each with the hint that helps."""

import numpy as np
import tensorflow as tf

from lessons.exercises import training as check
from tests.exercises.answers import KIND, MISSING, NAN, RIGHT, WRONG, broken, nothing

LOGS = {"A": "learns", "B": "dead", "C": "crawls", "D": "explodes"}
CHOICE = {"rate": 0.1, "bound": 15.0, "output": "linear", "loss": "cross-entropy"}


def moved(weights, gradients, rate):
    return [w - rate * g for w, g in zip(weights, gradients, strict=True)]


def step(weights, gradients, rate, bound):
    clipped, norm = tf.clip_by_global_norm(gradients, bound)
    return moved(weights, clipped, rate), norm


def step_without_a_clip(weights, gradients, rate, bound):
    return moved(weights, gradients, rate), tf.linalg.global_norm(gradients)


def step_of_each(weights, gradients, rate, bound):
    clipped = [tf.clip_by_norm(g, bound) for g in gradients]
    return moved(weights, clipped, rate), tf.linalg.global_norm(gradients)


def step_that_clips_the_update(weights, gradients, rate, bound):
    updates, norm = tf.clip_by_global_norm([rate * g for g in gradients], bound)
    return moved(weights, updates, 1.0), norm / rate


def uphill(weights, gradients, rate, bound):
    return step(weights, gradients, -rate, bound)


def norm_afterwards(weights, gradients, rate, bound):
    return step(weights, gradients, rate, bound)[0], bound


def percentile(norms):
    return np.percentile(norms[np.isfinite(norms)], 90)


CASES = {
    check.first_loss: [
        (None, MISSING, "in place of None"),
        ("88", KIND, "one number"),
        ([88.0], KIND, "one number"),
        (176, WRONG, "squares"),
        (352, WRONG, "the loss over 50"),
        (10, WRONG, "each output shrink"),
        (88, RIGHT, "quarter"),
        (np.float32(87.9), RIGHT, ""),
        (tf.constant(90.0), RIGHT, ""),
    ],
    check.what_the_logs_say: [
        (None, MISSING, "Write a dict"),
        (dict.fromkeys("ABCD"), MISSING, "in place of each None"),
        (LOGS | {"D": None}, MISSING, "in place of each None"),
        (["learns", "dead"], KIND, "Keep the dict"),
        ({"A": "learns"}, KIND, "four letters"),
        (LOGS | {"A": "fine"}, KIND, "The words are"),
        (LOGS | {"A": np.array(["learns", "dead"])}, KIND, "The words are"),
        (LOGS | {"B": "learns", "A": "dead"}, WRONG, "exactly 0"),
        (LOGS | {"D": "crawls", "C": "explodes"}, WRONG, "grow from step to step"),
        (LOGS | {"A": "crawls", "C": "learns"}, WRONG, "Two are left"),
        (LOGS, RIGHT, "The loss alone"),
    ],
    check.sgd_step: [
        (nothing, MISSING, "returns None"),
        (lambda w, g, r, b: moved(w, g, r), KIND, "new weights and the norm"),
        (lambda w, g, r, b: (w[0], 13.0), KIND, "new weights and the norm"),
        (lambda w, g, r, b: (step(w, g, r, b)[0], [13.0, 2.6]), KIND, "not a list"),
        (lambda w, g, r, b: (step(w, g, r, b)[0], None), KIND, "not None"),
        (broken, WRONG, "raised ValueError: oh no"),
        (step_without_a_clip, WRONG, "not clipped"),
        (step_of_each, WRONG, "turns the step"),
        (step_that_clips_the_update, WRONG, "then multiply by the rate"),
        (uphill, WRONG, "uphill"),
        (lambda w, g, r, b: (["x", "y"], 13.0), KIND, "yours holds a str"),
        (lambda w, g, r, b: (w, 13.0), WRONG, "should become"),
        (lambda w, g, r, b: (w[:1], 13.0), WRONG, "should become"),
        (norm_afterwards, WRONG, "before the clip, 13; you return 2.6"),
        (step, RIGHT, "After the gradients"),
    ],
    check.choose_bound: [
        (nothing, MISSING, "returns None"),
        (lambda n: "9", KIND, "not a str"),
        (lambda n: [9.0, 1.0], KIND, "not a list"),
        (broken, WRONG, "raised ValueError: oh no"),
        (lambda n: np.percentile(n, 90), WRONG, "holds a NaN"),
        (lambda n: tf.constant(NAN), WRONG, "holds a NaN"),
        (np.nanmax, WRONG, "nothing is clipped"),
        (np.nanmean, WRONG, "moved the mean"),
        (np.nanmedian, WRONG, "second learning rate"),
        (lambda n: 1.0, WRONG, "see np.percentile"),
        (len, WRONG, "see np.percentile"),
        (percentile, RIGHT, "wild steps"),
        (lambda n: float(np.nanpercentile(n, 90)), RIGHT, ""),
    ],
    check.reach_90: [
        (None, MISSING, "all four"),
        ("cross-entropy", KIND, "a dict with rate"),
        ({"rate": 0.1}, KIND, "a dict with rate"),
        (CHOICE | {"seed": 1}, KIND, "nothing else"),
        (CHOICE | {"loss": "hinge"}, KIND, "loss one of"),
        (CHOICE | {"rate": "0.1"}, KIND, "rate should be"),
        (CHOICE | {"rate": None}, KIND, "rate should be"),
        (CHOICE | {"bound": 0}, KIND, "bound should be"),
        (CHOICE | {"bound": float("inf")}, KIND, "bound should be"),
        (CHOICE | {"output": "ReLU", "loss": "squared error"}, WRONG, "all ten outputs 0"),
        (CHOICE | {"rate": 1, "bound": None}, WRONG, "no finite number from step"),
        (CHOICE | {"rate": 0.001, "bound": 0.5}, WRONG, "150 of 150 steps are clipped"),
        (CHOICE | {"rate": 0.03, "loss": "squared error"}, WRONG, "made for classes"),
        (CHOICE | {"rate": 0.001}, WRONG, "which neighbour"),
        (CHOICE, RIGHT, "steps clipped"),
        (CHOICE | {"bound": None}, RIGHT, "with 0 to 0 of 150"),
        (CHOICE | {"rate": np.float32(0.3), "bound": tf.constant(5)}, RIGHT, ""),
    ],
}
