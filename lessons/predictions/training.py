"""Lecture 6: what is asked before its sliders come free."""

import numpy as np

from lessons.dying_output import sums_of_the_units
from lessons.explorable import Prediction
from lessons.training import first_losses

_SHARES = {"the same": 1.0, "about a half": 0.5, "about a quarter": 0.25}


def _share_of_the_loss(_, divisor, output):
    share = np.mean(first_losses(divisor, output)) / np.mean(first_losses(divisor / 2, output))
    return min(_SHARES, key=lambda words: abs(_SHARES[words] - share))


def _units_above_0(_, step):
    return int((sums_of_the_units(None)[step] > 0).any(axis=0).sum())


half_the_inputs = Prediction(
    "The inputs are halved: d = 100 in place of 50. What becomes of the first loss?",
    tuple(_SHARES),
    at={"divisor": 100},
    right=_share_of_the_loss,
    because="Half the inputs make half the outputs, and the loss squares them.",
)

one_step_without_a_clip = Prediction(
    "After one step without the clip, how many of the ten units are above 0 for at least one "
    "image?",
    (),
    at={"step": 1},
    right=_units_above_0,
    because="Nearly every output above 0 is too large, so a step pushes it down, and too far.",
)
