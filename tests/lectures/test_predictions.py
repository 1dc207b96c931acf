"""What the lectures ask before sliders come free: that they ask, and that answers are computed."""

from functools import partial

import numpy as np
import pytest

from lessons import from_scratch
from lessons.after_the_clip import AdamAndASpike
from lessons.beyond_clipping import Bias, SameWord
from lessons.cliff import Cliff
from lessons.clip_by_norm import DownTheValley, MatrixByNorm
from lessons.exploding_gradients import Parabola
from lessons.global_norm import SixTensors
from lessons.inside_a_step import InsideAStep
from lessons.predictions import (
    after_the_clip,
    beyond_clipping,
    cliff,
    clip_by_norm,
    clip_by_value,
    exploding_gradients,
    global_norm,
    inside_a_step,
    start_here,
    training,
)
from lessons.transfer_curve import TransferCurve
from lessons.what_to_clip import HubersLoss

TEN = partial(TransferCurve, range(10), from_scratch.clip_by_value)
BY_NUMPY = partial(TransferCurve, range(10), np.clip)
VALLEY = {"rate": 2.0, "bound": 0.5, "start": 3.5}
CLIFF = {"start_w": 5.2, "start_b": -2.3, "rate": 10**-0.7, "bound": 0.25}
STEP = {"second": 0.2, "scale": 256, "bound": 1.0}
SPIKE = {"bound": 1.0, "at": 4, "sign": "+"}
WORD = {"epsilon": 0.2, "weight": 0.1, "logit": 30}


# Elsewhere another answer is right: none of them is typed.
@pytest.mark.parametrize(
    ("prediction", "scene", "elsewhere", "right"),
    [
        (start_here.a_raised_to_5, TEN, {"low": 2.0, "high": 8.0}, "3"),
        (clip_by_value.crossed_bounds, BY_NUMPY, {"low": 7.0, "high": 3.0}, "b everywhere"),
        (
            clip_by_value.a_bound_for_every_error,
            HubersLoss,
            {"error": -4.0, "bound": 1.0},
            "none",
        ),
        (
            clip_by_norm.a_rate_too_large_everywhere,
            DownTheValley,
            {**VALLEY, "loss": "a floor between cliffs"},
            "it arrives",
        ),
        (
            clip_by_norm.one_norm_for_all,
            MatrixByNorm,
            {"bound": 0.5, "over": "each row"},
            "farther than now",
        ),
        (
            global_norm.a_larger_bound_for_batches,
            None,
            {"size": 1, "bound": 1.0},
            "as far as before",
        ),
        (exploding_gradients.a_rate_of_1, Parabola, {"rate": 0.5}, "it arrives"),
        (exploding_gradients.a_rate_of_1, Parabola, {"rate": 1.1}, "it flies away"),
        (
            cliff.five_steps_in_time,
            Cliff,
            {**CLIFF, "length": 50},
            "in the hundreds, as before",
        ),
        (
            cliff.after_the_explosion,
            None,
            {"rate": 0.3, "bound": 10.0, "step": 1},
            "it is still there",
        ),
        (training.one_step_without_a_clip, None, {"step": 0}, 10),
        (
            inside_a_step.clipped_too_early,
            InsideAStep,
            {**STEP, "place": "nowhere"},
            "too long",
        ),
        (inside_a_step.clipnorm_of_six, SixTensors, {"how": "together", "bound": 15.0}, "yes"),
        (after_the_clip.more_momentum, None, {"momentum": 0.9, "bound": 1.0}, 10),
        (
            after_the_clip.a_larger_spike,
            AdamAndASpike,
            {**SPIKE, "height": 1.0},
            "a little farther away",
        ),
        (
            beyond_clipping.a_third_example_farther_away,
            Bias,
            {"third": 12.0, "bound": 10.0},
            "as far as the mean",
        ),
        (beyond_clipping.a_bad_action, SameWord, {**WORD, "advantage": 1}, "above"),
    ],
)
def test_the_answer_follows_the_position(prediction, scene, elsewhere, right):
    assert prediction.right(scene and scene(), **elsewhere) == right
    assert not prediction.options or right in prediction.options
