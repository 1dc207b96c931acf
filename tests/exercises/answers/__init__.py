"""Typical answers to the exercises: one module for each module of checks, of the same name.

Each holds `CASES`: every check with a list of (answer, how far it is, words of the hint).
"""

import pytest
import tensorflow as tf

from lessons.exercises.feedback import Verdict

NAN = float("nan")
MISSING, KIND, WRONG, RIGHT = Verdict.MISSING, Verdict.KIND, Verdict.WRONG, Verdict.RIGHT

# Their checks train a network.
TRAINING = {
    "exploding_gradients.deep_program",
    "training.reach_90",
    "training.repaired",
    "inside_a_step.decisive_run",
    "beyond_clipping.repair",
}


def marks(name):
    """The marks of tests that call the check of this name."""
    return [pytest.mark.training] if name in TRAINING else []


def nothing(*args):
    """As the stubs of the notebooks."""


def broken(*args):
    raise ValueError("oh no")


def together(gradients, bound):
    return tf.clip_by_global_norm(gradients, bound)[0]


def each_tensor(gradients, bound):
    return [tf.clip_by_norm(g, bound) for g in gradients]


def always_to_the_bound(gradients, bound):
    return [g * bound / tf.linalg.global_norm(gradients) for g in gradients]
