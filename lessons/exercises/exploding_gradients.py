"""Checks for the exercises of ``notebooks/04_exploding_gradients.ipynb``."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from lessons.exercises.feedback import (
    Feedback,
    as_numbers,
    called,
    hint_at_none,
    is_number,
    kind_of,
    missing,
    name_of,
    right,
    shown,
    wrong,
    wrong_kind,
)
from lessons.exploding_gradients_cliff import cliff_gradient


def layers_until_gone(answer: float | None) -> Feedback:
    """Exercise 1: after how many sigmoids is at most a millionth of a gradient left?"""
    if answer is None:
        return missing("Put a number in place of None.")
    if not is_number(answer):
        return wrong_kind("Give one number.")
    if answer == 10:
        return right("A quarter, ten times over, is 0.00000095. Depth counts more than slope.")
    if answer == 9:
        return wrong("A quarter to the power 9 is 0.0000038: still above a millionth.")
    if answer == 6:
        return wrong("That is six factors of a tenth. Here each factor is a quarter.")
    if answer >= 250_000:
        return wrong("The factors are multiplied, not added: each layer takes a quarter of a rest.")
    return wrong("Which power of 1/4 is the first below a millionth?")


def flat_scale(answer: float | None) -> Feedback:
    """Exercise 2: by what must Glorot's weights be multiplied, so that ReLU layers keep a norm?"""
    if answer is None:
        return missing("Move the slider, then put a number in place of None.")
    if not is_number(answer):
        return wrong_kind("Give one number, the position of the slider of the weights.")
    if 1.35 <= answer <= 1.5:
        return right("The root of 2, about 1.41: just what He's initialisation has built in.")
    if answer == 1:
        return wrong("With s = 1 each layer leaves 0.71 of the gradient: it vanishes.")
    if answer == 2:
        return wrong("He's variance is 2 times Glorot's. The slider multiplies the weights.")
    if answer < 1.35:
        return wrong("Too small: the gradient of the outputs still shrinks towards layer 1.")
    return wrong("Too large: the gradient of the outputs grows towards layer 1.")


def output_norms(answer: Callable[[list, tf.Tensor], Any]) -> Feedback:
    """Exercise 3: the norm of the gradient with respect to the output of each tanh layer."""
    weights = [tf.constant(w) for w in ([[2.0, 0.5]], [[1.0, -1.0], [0.5, 2.0]], [[3.0], [1.0]])]
    x = tf.constant([[0.3], [-0.2]])
    got = hint_at_none(called(answer, weights, x), "A tape records only what it watches.")
    if isinstance(got, Feedback):
        return got
    numbers = as_numbers(got, len(weights))
    if numbers is None:
        return wrong_kind(
            f"{name_of(answer)} should return a list of {len(weights)} numbers, one norm for each "
            f"layer, not {kind_of(got)}."
        )
    of_outputs, of_weights = _both_norms(weights, x)
    if np.allclose(numbers, of_weights, rtol=1e-3):
        return wrong(
            "These are the gradients of the weights, which can look flat while those of the "
            "outputs explode. Differentiate with respect to each h."
        )
    if np.allclose(numbers, of_outputs[::-1], rtol=1e-3):
        return wrong("Right numbers, wrong way round: the first layer comes first.")
    if np.allclose(numbers, np.square(of_outputs), rtol=1e-3):
        return wrong("These are the squares of the norms.")
    if not np.allclose(numbers, of_outputs, rtol=1e-3):
        return wrong(
            f"For three small layers the norms are {shown(of_outputs)}; you return "
            f"{shown(numbers)}. Is the loss the sum of the last outputs?"
        )
    return right("One call of tape.gradient, and a gradient for every layer.")


def clipped_descent(answer: Callable[..., Any]) -> Feedback:
    """Exercise 4: gradient descent whose gradients are clipped by norm."""
    far, near = [3.0, 4.0], [0.03, 0.04]
    got = _place_after(answer, far)
    if isinstance(got, Feedback):
        return got
    if np.allclose(got, _bowl_descent(far, lambda g: g)):
        return wrong("It goes exactly as far as without a clip.")
    if np.allclose(got, _bowl_descent(far, lambda g: np.clip(g, -1, 1))):
        return wrong("That is a clip by value: the path is turned. Clip the norm.")
    if np.allclose(got, _bowl_descent(far, lambda g: 10 * _clip(0.1 * g, 1.0))):
        return wrong("The step was clipped. Clip the gradient, before the learning rate.")
    if not np.allclose(got, _bowl_descent(far, lambda g: _clip(g, 1.0))):
        return wrong(
            "Three steps from [3, 4] on a bowl, with rate 0.1 and c = 1, lead to [2.82, 3.76]; "
            f"yours lead to {shown(got)}."
        )
    short = _place_after(answer, near)
    if isinstance(short, Feedback):
        return short
    if not np.allclose(short, _bowl_descent(near, lambda g: g)):
        return wrong("A gradient shorter than c should be left alone. This one normalises.")
    end = called(answer, cliff_gradient, tf.constant([5.2, -2.3], tf.float64), 0.2, 0.5, 200)
    if isinstance(end, Feedback):
        return end
    w, b = as_numbers(end, 2) or (np.nan, np.nan)
    return right(f"On the cliff, from (5.2, -2.3), your loop ends at ({w:.1f}, {b:.1f}).")


def mended_step(answer: Callable[..., Any]) -> Feedback:
    """Exercise 5: a step in which the wrong thing is clipped."""
    w, steep, flat = [30.0, 40.0], [600.0, 800.0], [0.3, 0.4]
    got = _pair(answer, *map(tf.constant, (w, steep)), 0.1, 5.0)
    if isinstance(got, Feedback):
        return got
    if np.isclose(np.linalg.norm(got), 5):
        return wrong("Now w itself has norm 5. What should be bounded is the gradient.")
    if np.allclose(got, [-30, -40]):
        return wrong("Nothing is clipped: the step has length 100.")
    if np.allclose(got, [27, 36]):
        return wrong("The step was clipped after the learning rate. Clip the gradient itself.")
    if not np.allclose(got, [29.7, 39.6]):
        return wrong(
            "From [30, 40], gradient [600, 800], rate 0.1, c = 5, the step leads to [29.7, 39.6]; "
            f"yours leads to {shown(got)}."
        )
    short = _pair(answer, *map(tf.constant, (w, flat)), 0.1, 5.0)
    if isinstance(short, Feedback):
        return short
    if not np.allclose(short, [29.97, 39.96]):
        return wrong("A gradient shorter than c should be left alone. A clip never makes longer.")
    return right("The clip goes after the gradient and before the update, and never on w.")


def _both_norms(weights: list[tf.Tensor], x: tf.Tensor) -> tuple[list[float], list[float]]:
    with tf.GradientTape() as tape:
        tape.watch(weights)
        h, outputs = x, []
        for w in weights:
            h = tf.tanh(h @ w)
            outputs.append(h)
        loss = tf.reduce_sum(h)
    found = tape.gradient(loss, [outputs, weights])
    return tuple([float(tf.norm(g)) for g in gradients] for gradients in found)


def _clip(gradient: np.ndarray, bound: float) -> np.ndarray:
    return gradient * bound / max(np.linalg.norm(gradient), bound)


def _bowl_descent(start: list[float], clip: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    place = np.array(start)
    for _ in range(3):
        place = place - 0.1 * clip(5 * place)
    return place


def _place_after(answer: Any, start: list[float]) -> list[float] | Feedback:
    """Three steps with rate 0.1 and bound 1 on a bowl whose gradient is 5 times the place."""
    return _pair(answer, lambda place: 5 * place, tf.constant(start), 0.1, 1.0, 3)


def _pair(answer: Any, *args: Any) -> list[float] | Feedback:
    got = called(answer, *args)
    if isinstance(got, Feedback):
        return got
    pair = as_numbers(got, 2)
    if pair is None:
        return wrong_kind(f"{name_of(answer)} should return a place, not {kind_of(got)}.")
    return pair
