"""Lecture 0: what is asked before a slider comes free. Nothing here imports TensorFlow."""

import numpy as np

from lessons.explorable import Prediction


def _what_becomes_of_3(scene, low, high):
    return f"{scene.clip(np.array([3.0], np.float32), low, high)[0]:g}"


a_raised_to_5 = Prediction(
    "The lower bound a is raised to 5. What becomes of the number 3?",
    ("3", "5", "0"),
    at={"low": 5.0},
    right=_what_becomes_of_3,
    because="A clip moves a number only as far as the bound that it passed.",
)
