"""Typical answers to the exercises of lecture 1, each with the hint that helps."""

import functools

import numpy as np
import tensorflow as tf

from lessons.exercises import clip_by_value as check
from tests.exercises.answers import KIND, MISSING, NAN, RIGHT, WRONG, broken, nothing


def numpy_clip(t, low, high):
    return np.clip(t, low, high)


def right_clip(t, low, high):
    return tf.maximum(tf.minimum(t, high), low)


def right_leak(t, low, high):
    clipped = right_clip(t, low, high)
    return clipped + 0.1 * (t - clipped)


def jumping_leak(t, low, high):
    return tf.where((t < low) | (t > high), 0.1 * t, t)


def leak_without_gradient(t, low, high):
    return tf.constant(right_leak(t, low, high).numpy())


def leak_of_a_half(t, low, high):
    clipped = right_clip(t, low, high)
    return clipped + 0.5 * (t - clipped)


def joined(line):
    """Half the square up to c, and `line` beyond it."""
    return lambda e, c: tf.where(tf.abs(e) <= c, 0.5 * e**2, line(e, c))


right_huber = joined(lambda e, c: c * tf.abs(e) - 0.5 * c**2)


def huber_from_a_clip(e, c):
    clipped = tf.clip_by_value(e, -c, c)
    return clipped * e - 0.5 * clipped**2


def stepped(clip_loss=False, clip_weight=False, low=None, high=None):
    def step(w, bound):
        with tf.GradientTape() as tape:
            tape.watch(w)
            value = tf.clip_by_value(w, -bound, bound) if clip_weight else w
            loss = 0.5 * (value - 1.0) ** 2
            if clip_loss:
                loss = tf.clip_by_value(loss, 0.0, bound)
        gradient = tape.gradient(loss, w)
        if high:
            gradient = tf.minimum(gradient, high * bound)
        if low:
            gradient = tf.maximum(gradient, low * bound)
        return w - 0.1 * gradient

    return step


CASES = {
    check.returned_numbers: [
        (None, MISSING, "in place of None"),
        ("[5, 5, 5]", KIND, "list of three"),
        (5.0, KIND, "list of three"),
        ([5, 5], KIND, "list of three"),
        ([True, True, True], KIND, "list of three"),
        (np.full((1, 3), 5.0), KIND, "list of three"),
        (np.array(["a", "b", "c"]), KIND, "list of three"),
        ([-1, 2, 2], WRONG, "NumPy's answer"),
        (np.array([-1.0, 0.5, 2.0]), WRONG, "in the middle"),
        ([5, 2, 2], WRONG, "from the inside out"),
        ([NAN] * 3, KIND, "list of three"),
        ([-1.0, 5.0, 2.0], RIGHT, "applied last"),
        ((-1, 5, 2), RIGHT, ""),
        (np.array([-1, 5, 2]), RIGHT, ""),
        (tf.constant([-1.0, 5.0, 2.0]), RIGHT, ""),
        ([tf.constant(-1.0), tf.constant(5.0), 2], RIGHT, ""),
    ],
    check.farthest_start: [
        (None, MISSING, "slider"),
        ("2", KIND, "one number"),
        ([2.0], KIND, "one number"),
        (True, KIND, "one number"),
        (tf.constant("2"), KIND, "one number"),
        (2.5, WRONG, "From w₀ = 2.5 not all four arrive"),
        (7 / 3, WRONG, "From w₀ = 2.333 not all four arrive"),
        (2.0003, WRONG, "From w₀ = 2.0003 not all four arrive"),
        (tf.constant(3.5), WRONG, "From w₀ = 3.5 not all four arrive"),
        (1.5, WRONG, "to the right"),
        (-8, WRONG, "to the right"),
        (-(10**400), WRONG, "to the right"),
        (2, RIGHT, "on its bound"),
        (np.float32(2), RIGHT, ""),
        (np.array(2.0), RIGHT, ""),
        (tf.constant(2.0), RIGHT, ""),
    ],
    check.leaky_clip: [
        (nothing, MISSING, "returns None"),
        (numpy_clip, KIND, "TensorFlow operations"),
        (lambda t, low, high: tf.reduce_sum(t), KIND, "shape"),
        (broken, WRONG, "raised ValueError"),
        (right_clip, WRONG, "plain clip"),
        (jumping_leak, WRONG, "this jumps"),
        (leak_of_a_half, WRONG, "became"),
        (lambda t, low, high: right_leak(t, -high, high), WRONG, "low = 0 and high = 5"),
        (leak_without_gradient, WRONG, "the gradient is"),
        (right_leak, RIGHT, "never zero"),
    ],
    check.huber: [
        (nothing, MISSING, "returns None"),
        (lambda e, c: np.abs(e), KIND, "TensorFlow operations"),
        (lambda e, c: tf.reduce_sum(right_huber(e, c)), KIND, "shape"),
        (broken, WRONG, "raised ValueError"),
        (lambda e, c: 0.5 * tf.clip_by_value(e, -c, c) ** 2, WRONG, "this loss is flat"),
        (lambda e, c: tf.minimum(0.5 * e**2, 0.5 * c**2), WRONG, "this loss is flat"),
        (lambda e, c: 0.5 * e**2, WRONG, "everywhere"),
        (joined(lambda e, c: c * tf.abs(e)), WRONG, "jumps from 2 to 4"),
        (joined(lambda e, c: c * e - 0.5 * c**2), WRONG, "rise to the left"),
        (joined(lambda e, c: tf.abs(e) - 0.5), WRONG, "right for c = 1 only"),
        (joined(lambda e, c: c * (tf.abs(e) - 1)), WRONG, "Right for c = 2"),
        (lambda e, c: tf.clip_by_value(e, -c, c), WRONG, "That is the gradient"),
        (lambda e, c: e**2, WRONG, "the gradient [-6, -1, 0, 3, 8]"),
        (lambda e, c: tf.constant(right_huber(e, c).numpy()), WRONG, "the tape finds"),
        (right_huber, RIGHT, "train on this loss"),
        (lambda e, c: tf.cast(right_huber(e, c), tf.int32), KIND, "int32"),
        (lambda e, c: tf.as_string(e), KIND, "string"),
        (lambda e, c: [0.0, 0.0, 0.0, 0.0, 0.0], KIND, "a list. Build it"),
        (huber_from_a_clip, RIGHT, ""),
        (functools.partial(right_huber), RIGHT, ""),
        (tf.function(right_huber), RIGHT, ""),
    ],
    check.fixed_step: [
        (nothing, MISSING, "returns None"),
        (lambda w, bound: "5.8", KIND, "one number"),
        (lambda w, bound: tf.constant("5.8"), KIND, "one number"),
        (lambda w, bound: tf.fill([3], w), KIND, "one number"),
        (broken, WRONG, "raised ValueError"),
        (stepped(clip_loss=True), WRONG, "nothing moves"),
        (stepped(clip_weight=True), WRONG, "nothing moves"),
        (stepped(), WRONG, "Where did the bound of 2 go"),
        (lambda w, bound: tf.clip_by_value(w, -bound, bound), WRONG, "clips the weight"),
        (stepped(high=1), WRONG, "clip on both sides"),
        (stepped(low=-0.5, high=0.5), WRONG, "the step leads to"),
        (lambda w, bound: stepped(low=-1, high=1)(w, 2.0), WRONG, "to the bound"),
        (lambda w, bound: w - 0.1 * bound * tf.sign(w - 1.0), WRONG, "within the bound of 2"),
        (stepped(low=-1, high=1), RIGHT, "weight learns"),
        (lambda w, bound: float(stepped(low=-1, high=1)(w, bound)), RIGHT, ""),
    ],
}
