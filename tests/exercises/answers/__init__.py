"""Typical answers to the exercises: one module for each module of checks, of the same name.

Each holds `CASES`: every check with a list of (answer, how far it is, words of the hint).
"""

from lessons.exercises.feedback import Stage

NAN = float("nan")
MISSING, KIND, VALUE, RIGHT = Stage.MISSING, Stage.KIND, Stage.VALUE, Stage.RIGHT


def nothing(*args):
    """As the stubs of the notebooks."""


def broken(*args):
    raise ValueError("oh no")
