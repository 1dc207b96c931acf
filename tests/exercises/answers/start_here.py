"""Typical answers to the exercises of the first notebook, each with the hint that helps."""

import numpy as np

from lessons.exercises import start_here as check
from tests.exercises.answers import KIND, MISSING, RIGHT, WRONG

CASES = {
    check.first_try: [
        (None, MISSING, "in place of None"),
        (5, KIND, "list of three"),
        ([2, 5], KIND, "list of three"),
        ([2, 2, 8], WRONG, "5 lies between"),
        ([0, 5, 9], WRONG, "a = 2 and b = 8"),
        ([8, 5, 2], WRONG, "a = 2 and b = 8"),
        ([2, 5, 8], RIGHT, ""),
        (np.array([2.0, 5.0, 8.0]), RIGHT, ""),
    ],
}
