"""Lecture 8: what is asked before its sliders come free."""

from lessons.after_the_clip import adam, gradients_with_a_spike, momentum_steps
from lessons.explorable import Prediction


def _length_at_last(_, momentum, bound):
    return round(float(momentum_steps(momentum, bound, 1000)[-1]))


def _beside_a_spike_of_10_000(scene, height, bound, at, sign):
    spikes = [gradients_with_a_spike(h, at, scene.steps) for h in (1e4, height)]
    before, after = (float(adam(gradients)[0][-1]) for gradients in spikes)
    if abs(after - before) < 0.1:
        return "where it ended before"
    return "a hundred times farther away" if abs(after - before) > 10 else "a little farther away"


more_momentum = Prediction(
    "Gradients are clipped to 1, and a momentum of 0.9 makes steps of 10. How long at 0.95?",
    (),
    at={"momentum": 0.95, "bound": 1.0},
    right=_length_at_last,
    because="The limit is the bound over one minus the momentum.",
)

a_larger_spike = Prediction(
    "The spike grows a hundredfold, from 10,000 to a million. Where does the unclipped path end?",
    ("a hundred times farther away", "a little farther away", "where it ended before"),
    at={"height": 1e6},
    right=_beside_a_spike_of_10_000,
    because="Adam divides each step by the size that it remembers, and it remembers the spike.",
)
