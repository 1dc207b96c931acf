"""Typical answers to the exercises of lecture 1, each with the hint that helps."""

import functools

import numpy as np
import tensorflow as tf

from lessons.exercises import clip_by_value as check
from tests.exercises.answers import KIND, MISSING, NAN, RIGHT, WRONG, broken, nothing


def numpy_clip(t, low, high):
    return np.clip(t, low, high)


def clip_without_gradient(t, low, high):
    return tf.constant(np.maximum(np.minimum(t, high), low))


def right_clip(t, low, high):
    return tf.maximum(tf.minimum(t, high), low)


def wrong_order(t, low, high):
    return tf.minimum(tf.maximum(t, low), high)


def one_sided(t, low, high):
    return tf.minimum(t, high)


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
    check.prediction: [
        (None, MISSING, "in place of None"),
        ("[5, 5, 5]", KIND, "list of three"),
        (5.0, KIND, "list of three"),
        ([5, 5], KIND, "list of three"),
        ([True, True, True], KIND, "list of three"),
        (np.full((1, 3), 5.0), KIND, "list of three"),
        (np.array(["a", "b", "c"]), KIND, "list of three"),
        ([2, 2, 2], WRONG, "NumPy's answer"),
        (np.full(3, 2.0), WRONG, "NumPy's answer"),
        ([5, 2, 2], WRONG, "from the inside out"),
        ([NAN] * 3, KIND, "list of three"),
        ([5.0, 5.0, 5.0], RIGHT, "applied last"),
        ((5, 5, 5), RIGHT, ""),
        (np.full(3, 5), RIGHT, ""),
        (tf.fill([3], 5.0), RIGHT, ""),
        ([tf.constant(5.0)] * 3, RIGHT, ""),
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
    check.clip: [
        (nothing, MISSING, "nothing returns None"),
        (numpy_clip, KIND, "an ndarray. Build it from TensorFlow"),
        (lambda t, low, high: [-1.0, -1.0, 0.5, 2.0, 2.0], KIND, "a list. Build it"),
        (lambda t, low, high: t[:2], KIND, "shape"),
        (lambda t, low, high: tf.as_string(t), KIND, "string"),
        (broken, WRONG, "broken raised ValueError: oh no"),
        (one_sided, WRONG, "became"),
        (lambda t, low, high: tf.cast(right_clip(t, low, high), tf.int32), KIND, "int32"),
        (clip_without_gradient, WRONG, "gradient has to be 1 inside"),
        (wrong_order, WRONG, "high = 2, TensorFlow returns 5"),
        (right_clip, RIGHT, "in this order"),
        (tf.clip_by_value, WRONG, "do without"),
        (functools.partial(right_clip), RIGHT, ""),
        (tf.function(right_clip), RIGHT, ""),
    ],
    check.leaky_clip: [
        (nothing, MISSING, "returns None"),
        (numpy_clip, KIND, "TensorFlow operations"),
        (lambda t, low, high: tf.reduce_sum(t), KIND, "shape"),
        (broken, WRONG, "raised ValueError"),
        (right_clip, WRONG, "plain clip"),
        (jumping_leak, WRONG, "this jumps"),
        (leak_of_a_half, WRONG, "became"),
        (leak_without_gradient, WRONG, "the gradient is"),
        (right_leak, RIGHT, "never silent"),
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
        (stepped(low=-1, high=1), RIGHT, "weight learns"),
        (lambda w, bound: float(stepped(low=-1, high=1)(w, bound)), RIGHT, ""),
    ],
}
