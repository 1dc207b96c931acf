"""Typical answers to the exercises: one module for each module of checks, of the same name.

Each holds `CASES`: every check with a list of (answer, how far it is, words of the hint).
"""

from lessons.exercises.feedback import Verdict

NAN = float("nan")
MISSING, KIND, WRONG, RIGHT = Verdict.MISSING, Verdict.KIND, Verdict.WRONG, Verdict.RIGHT


def nothing(*args):
    """As the stubs of the notebooks."""


def broken(*args):
    raise ValueError("oh no")
