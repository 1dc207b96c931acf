"""Typical answers to the exercises of lecture 4, each with the hint that helps."""

from itertools import pairwise

import numpy as np
import tensorflow as tf

from lessons.exercises import exploding_gradients as check
from tests.exercises.answers import KIND, MISSING, NAN, RIGHT, WRONG, broken, nothing


def gradients_of(weights, x, loss_of=tf.reduce_sum, activation=tf.tanh):
    """Those of the outputs, the weights, the sums before the activations, and the inputs."""
    with tf.GradientTape() as tape:
        tape.watch([*weights, x])
        h, sums, outputs = x, [], []
        for w in weights:
            sums.append(h @ w)
            h = activation(sums[-1])
            outputs.append(h)
        loss = loss_of(h)
    return tape.gradient(loss, [outputs, weights, sums, [x, *outputs[:-1]]])


def of_outputs(weights, x):
    return [tf.norm(g) for g in gradients_of(weights, x)[0]]


def of_three_layers(weights, x):
    w1, w2, w3 = weights
    return of_outputs([w1, w2, w3], x)


def unwatched(weights, x):
    with tf.GradientTape() as tape:
        h = x
        for w in weights:
            h = tf.tanh(h @ w)
        loss = tf.reduce_sum(h)
    return [tf.norm(g) for g in tape.gradient(loss, weights)]


def deep(spread, faster=1, returned=lambda weights, rate: weights):
    """A training program whose first weights have a standard deviation by `spread(n_in, n_out)`."""

    def train(images, labels, rate, bound):
        weights = [
            tf.Variable(tf.random.stateless_normal(shape, [0, n], stddev=spread(*shape)))
            for n, shape in enumerate(pairwise([784, *[64] * 10, 10]))
        ]
        for i in range(62):
            batch = slice(128 * (i % 31), 128 * (i % 31 + 1))
            with tf.GradientTape() as tape:
                h = images[batch]
                for w in weights[:-1]:
                    h = tf.nn.relu(h @ w)
                logits = h @ weights[-1]
                loss = tf.reduce_mean(
                    tf.nn.sparse_softmax_cross_entropy_with_logits(labels[batch], logits)
                )
            gradients = tf.clip_by_global_norm(tape.gradient(loss, weights), bound)[0]
            for w, g in zip(weights, gradients, strict=True):
                w.assign_sub(faster * rate * g)
        return returned(weights, rate)

    return train


def he(n_in, n_out):
    return np.sqrt(2 / n_in)


def careless(n_in, n_out):
    return 0.05


CASES = {
    check.layers_until_gone: [
        (None, MISSING, "in place of None"),
        ("10", KIND, "one number"),
        ([10], KIND, "one number"),
        (9, WRONG, "still above"),
        (6, WRONG, "a quarter"),
        (250_000, WRONG, "multiplied, not added"),
        (10**400, WRONG, "multiplied, not added"),
        (20, WRONG, "Which power of 1/4"),
        (10, RIGHT, "nine times over"),
        (np.float32(10), RIGHT, ""),
        (tf.constant(10), RIGHT, ""),
    ],
    check.flat_scale: [
        (None, MISSING, "Move the slider"),
        ("1.4", KIND, "one number"),
        ((1.4,), KIND, "one number"),
        (1, WRONG, "it vanishes"),
        (2.0, WRONG, "He's variance"),
        (1.2, WRONG, "Too small"),
        (1.6, WRONG, "Too large"),
        (1.4, RIGHT, "root of 2"),
        (1.45, RIGHT, ""),
        (np.sqrt(2), RIGHT, ""),
    ],
    check.output_norms: [
        (nothing, MISSING, "returns None"),
        (lambda weights, x: tf.constant(1.0), KIND, "a list of 3 numbers"),
        (lambda weights, x: gradients_of(weights, x)[0], KIND, "not a list"),
        (lambda weights, x: [NAN] * 3, KIND, "a list of 3 numbers"),
        (lambda weights, x: of_outputs(weights, x)[1:], KIND, "a list of 3 numbers"),
        (broken, WRONG, "raised ValueError: oh no\nIt happened"),
        (unwatched, WRONG, "only what it watches"),
        (
            lambda weights, x: [tf.norm(g) for g in gradients_of(weights, x)[1]],
            WRONG,
            "gradients of the weights",
        ),
        (lambda weights, x: of_outputs(weights, x)[::-1], WRONG, "wrong way round"),
        (lambda weights, x: [n**2 for n in of_outputs(weights, x)], WRONG, "squares of the norms"),
        (
            lambda weights, x: [tf.norm(g) for g in gradients_of(weights, x, tf.reduce_mean)[0]],
            WRONG,
            "sum of the last outputs",
        ),
        (
            lambda weights, x: [tf.norm(g) for g in gradients_of(weights, x)[2]],
            WRONG,
            "with respect to h @ w",
        ),
        (
            lambda weights, x: [tf.norm(g) for g in gradients_of(weights, x)[3]],
            WRONG,
            "One layer too early",
        ),
        (
            lambda weights, x: [
                tf.norm(g) for g in gradients_of(weights, x, activation=tf.nn.relu)[0]
            ],
            WRONG,
            "the last one too",
        ),
        (of_three_layers, WRONG, "not enough values to unpack"),
        (
            lambda weights, x: [1.56309, 1.428733, 1.414214][: len(weights)],
            WRONG,
            "with two it is not",
        ),
        (of_outputs, RIGHT, "every layer"),
        (lambda weights, x: np.array(of_outputs(weights, x)), RIGHT, ""),
    ],
    check.deep_program: [
        (nothing, MISSING, "returns None"),
        (lambda *args: 3.0, KIND, "list of 11 weights"),
        (lambda *args: [tf.zeros([64, 64])] * 11, KIND, "of the same shapes"),
        (lambda *args: ["w"] * 11, KIND, "yours holds a str"),
        (broken, WRONG, "raised ValueError: oh no"),
        (deep(careless), WRONG, "the clip never acts"),
        (deep(careless, faster=10), WRONG, "the clip never acts"),
        (deep(careless, faster=1e6), WRONG, "or the steps?"),
        (deep(lambda n_in, n_out: np.sqrt(2 / (n_in + n_out))), WRONG, "made for ReLU"),
        (deep(lambda n_in, n_out: 0.3), WRONG, "explode on their way forward"),
        (lambda x, y, rate, _: deep(he)(x, y, rate, 1e9), WRONG, "is the clip still there"),
        (deep(he), RIGHT, "gradients to clip"),
        (deep(he, returned=lambda w, _: [v.numpy() for v in w]), RIGHT, ""),
    ],
}
