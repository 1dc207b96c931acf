"""Lecture 6's fair comparison: the best run with a clip against the best one without.

The map's learning rates are a factor of three apart, too far to find the best run without a clip.
Here they are a factor of 1.5 apart, on both sides of the best. Half of the test digits choose, the
other half report. The runs are made by ``assets/make_best_runs.py`` and kept in
``assets/best-runs.npz``.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from lessons.arguments import check_choice
from lessons.assets import read_asset, read_only
from lessons.digits import mnist
from lessons.digits.map import PROGRAMS
from lessons.digits.network import first_values, flat_digits, outputs
from lessons.digits.runs import PIECE, STEPS, Setting, piece_of_training

BEST_SHA256 = "e23d8d9929f7c1288a67841eea1d6581f373c40e90d313dcb7f263a27eb1b3af"
CHOOSING = 500  # the first test digits; the others report


class Grid(NamedTuple):
    """Learning rates and bounds, each tried with each; the bound None is no clip."""

    rates: tuple[float, ...]
    bounds: tuple[float | None, ...] = (None,)


# For each program, without a clip and with one. With ReLU on the output no run learns.
GRIDS = {
    "linear, squared error": (
        Grid((0.0001, 0.00015, 0.00022, 0.00033, 0.00047, 0.00068, 0.001)),
        Grid((0.022, 0.033, 0.047, 0.068, 0.1, 0.15, 0.22, 0.33, 0.47), (0.5, 1.0, 5.0, 15.0)),
    ),
    "linear, cross-entropy": (
        Grid((0.047, 0.068, 0.1, 0.15, 0.22, 0.33)),
        Grid((0.1, 0.15, 0.22, 0.33, 0.47, 0.68, 1.0), (1.0, 2.0, 5.0, 10.0)),
    ),
    "the same, inputs / 255": (
        Grid((0.22, 0.33, 0.47, 0.68, 1.0)),
        Grid((0.33, 0.47, 0.68, 1.0, 1.5, 2.2), (0.5, 1.0, 2.0, 5.0)),
    ),
}


def grid_setting(program: str, clips: bool, rate: int, bound: int, seed: int) -> Setting:
    """Return what is trained at a place of a grid, given by two indices and a seed."""
    rates, bounds = GRIDS[program][clips]
    return PROGRAMS[program]._replace(rate=rates[rate], bound=bounds[bound], seed=seed)


def right_of_each_half(setting: Setting) -> tuple[int, int]:
    """Train, and return how many digits are right: of those that choose, of those that report.

    Args:
        setting: What to train; its output is linear. A NaN output counts as wrong.
    """
    piece = piece_of_training(setting.bound is not None, setting.output, setting.loss)
    images, labels, test_images, test_labels = flat_digits(setting.divisor)
    rate, bound = tf.constant(setting.rate), tf.constant(setting.bound or 0.0)
    values = first_values(setting.seed)
    for first in range(0, STEPS, PIECE):
        values, _ = piece(values, tf.constant(first), rate, bound, images, labels)
    got = outputs(values, test_images).numpy()
    right = (got.argmax(axis=1) == test_labels.numpy()) & np.isfinite(got).all(axis=1)
    return int(right[:CHOOSING].sum()), int(right[CHOOSING:].sum())


def array_name(program: str, clips: bool) -> str:
    """Return the name under which the file keeps the right digits of a grid."""
    return f"{list(GRIDS).index(program)}_{'clipped' if clips else 'free'}"


@cache
def stored_grids(program: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares of right digits that ``assets/make_best_runs.py`` found, read-only.

    Args:
        program: A key of `GRIDS`.

    Returns:
        For the grid without a clip and for that with one, shape ``(rates, bounds, 8 seeds, 2)``:
        first of the `CHOOSING` digits, then of those that report.

    Raises:
        ValueError: `program` is unknown, or the file is damaged.
        FileNotFoundError: The file is missing. The message says how to mend that.
    """
    check_choice("program", program, GRIDS)
    counts = read_asset("best-runs", BEST_SHA256)
    sizes = np.array([CHOOSING, len(mnist.load().test_labels) - CHOOSING])
    free, clipped = (array_name(program, clips) for clips in (False, True))
    shares = read_only({name: counts[name] / sizes for name in (free, clipped)})
    return shares[free], shares[clipped]
