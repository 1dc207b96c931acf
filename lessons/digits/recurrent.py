"""A recurrent network that reads a digit row by row, and its training runs.

The network starts as in Le, Jaitly and Hinton (2015): ReLU, and the identity as its recurrent
matrix. Several networks are trained at once, their weights stacked along a first axis. The runs
of lecture 5 are made by ``assets/make_recurrent_runs.py`` and kept in
``assets/recurrent-runs.npz``.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from lessons.arguments import check_choice, check_integer, check_positive
from lessons.assets import read_asset, read_only
from lessons.digits.best import CHOOSING, Grid
from lessons.digits.network import BATCH, EPOCH, flat_digits
from lessons.digits.runs import SEEDS

ROWS = 28
UNITS = 32
EPOCHS = 8
ACTIVATIONS: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {"ReLU": tf.nn.relu, "tanh": tf.tanh}
RATES = (0.003, 0.01, 0.03, 0.1, 0.3)
BOUNDS = (0.3, 1.0, 3.0, 10.0, None)
# Through how many rows the gradient goes back, with `CUT_RATE` and each of `CUT_BOUNDS`.
CUTS = (7, 14)
CUT_RATE, CUT_BOUNDS = 0.1, (1.0, None)
# Best against best, with ReLU: rates a factor of 1.5 apart, on both sides of the best.
GRIDS = {
    "not clipped": Grid((0.0013, 0.002, 0.003, 0.0045, 0.0068)),
    "clipped": Grid((0.02, 0.03, 0.045, 0.068, 0.1, 0.15), (1.0, 3.0)),
}

RUNS_SHA256 = "f0518b9c62f1ca6687ffda20d603dade0a4e27955b3c00326d9bb6d5fac8207d"


def first_weights(seed: int) -> list[tf.Tensor]:
    """Return the weights of a network that has not been trained.

    Returns:
        Of the rows ``(28, 32)``, of the state ``(32, 32)`` and its bias ``(1, 32)``, of the outputs
        ``(32, 10)`` and their bias ``(1, 10)``.
    """
    u = tf.random.stateless_normal([ROWS, UNITS], [seed, 0], stddev=ROWS**-0.5)
    v = tf.random.stateless_normal([UNITS, 10], [seed, 1], stddev=UNITS**-0.5)
    return [u, tf.eye(UNITS), tf.zeros([1, UNITS]), v, tf.zeros([1, 10])]


def states(
    weights: Sequence[tf.Tensor], images: tf.Tensor, activation: str, cut: int = ROWS
) -> list[tf.Tensor]:
    """Return the state after each row.

    Args:
        weights: Of `first_weights`, or of several networks, stacked along a first axis of n.
        images: Shape ``(batch, 28, 28)``.
        activation: A key of `ACTIVATIONS`.
        cut: How many rows a gradient goes back through, counted from the last one.

    Returns:
        28 tensors of shape ``(batch, 32)``, or ``(n, batch, 32)``.
    """
    u, w, b, *_ = weights
    act, found = ACTIVATIONS[activation], []
    h = tf.zeros([len(images), UNITS])
    for row in range(ROWS):
        if row == ROWS - cut:
            h = tf.stop_gradient(h)
        h = act(h @ w + images[:, row] @ u + b)
        found.append(h)
    return found


def outputs(weights: Sequence[tf.Tensor], state: tf.Tensor) -> tf.Tensor:
    """Return the ten outputs for a state, ``(batch, 10)`` or ``(n, batch, 10)``."""
    *_, v, c = weights
    return state @ v + c


def losses(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Return the mean cross-entropy of a batch, a scalar or shape ``(n,)``."""
    every = tf.broadcast_to(labels, tf.shape(logits)[:-1])
    found = tf.nn.sparse_softmax_cross_entropy_with_logits(every, logits)
    return tf.reduce_mean(found, axis=-1)


class RecurrentRuns(NamedTuple):
    """What runs with the same setting and different first weights have logged.

    Attributes:
        loss: Of each batch, before its step, shape ``(n, steps)``.
        norm: Global norm of the gradients before the clip, shape ``(n, steps)``.
        right: Share of the 1,000 test digits that are classified correctly, at the start and after
            every epoch: shape ``(n, EPOCHS + 1)``. A NaN output counts as wrong.
        halves: That share at the end, of the first `CHOOSING` test digits and of the others: shape
            ``(n, 2)``.
    """

    loss: np.ndarray
    norm: np.ndarray
    right: np.ndarray
    halves: np.ndarray


@cache
def rows_of_digits() -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return images over 255, shape ``(n, 28, 28)``, and labels: for training, then for testing."""
    train_images, train_labels, test_images, test_labels = flat_digits(255.0)
    shape = [-1, ROWS, ROWS]
    return (
        tf.reshape(train_images, shape),
        train_labels,
        tf.reshape(test_images, shape),
        test_labels,
    )


@cache
def _epoch(activation: str, cut: int) -> Callable:
    @tf.function
    def epoch(weights, rate, bound):
        images, labels, test_images, test_labels = rows_of_digits()
        logs = [tf.TensorArray(tf.float32, EPOCH) for _ in range(2)]
        for i in tf.range(EPOCH):
            x = tf.ensure_shape(images[i * BATCH : (i + 1) * BATCH], [BATCH, ROWS, ROWS])
            y = labels[i * BATCH : (i + 1) * BATCH]
            with tf.GradientTape() as tape:
                tape.watch(weights)
                last = states(weights, x, activation, cut)[-1]
                loss = losses(outputs(weights, last), y)
            # Each loss depends on the weights of its own network only.
            gradients = tape.gradient(loss, weights)
            norm = tf.sqrt(tf.add_n([tf.reduce_sum(g**2, axis=[1, 2]) for g in gradients]))
            # For each network as tf.clip_by_global_norm does it: NaN where the norm is not finite.
            scale = bound / tf.maximum(norm, bound) + (norm - norm)
            step = rate * scale[:, None, None]
            weights = [w - step * g for w, g in zip(weights, gradients, strict=True)]
            logs = [log.write(i, entry) for log, entry in zip(logs, (loss, norm), strict=True)]
        got = outputs(weights, states(weights, test_images, activation)[-1])
        is_number = tf.reduce_all(tf.math.is_finite(got), axis=-1)
        is_right = tf.equal(tf.argmax(got, axis=-1, output_type=tf.int32), test_labels) & is_number
        return (weights, *(log.stack() for log in logs), is_right)

    return epoch


def train_recurrent(
    activation: str,
    rate: float,
    bound: float | None,
    seeds: Sequence[int] = SEEDS,
    cut: int = ROWS,
    epochs: int = EPOCHS,
) -> RecurrentRuns:
    """Train a network from each seed, in batches of 128, on the 4,000 training digits.

    Args:
        activation: A key of `ACTIVATIONS`.
        rate: Learning rate of SGD.
        bound: Of the global norm of each network; None trains without clipping.
        seeds: Of the first weights.
        cut: How many rows a gradient goes back through, counted from the last one: 1 to 28.
        epochs: How often to go through the digits.

    Raises:
        ValueError: An argument is unknown or out of range.
    """
    check_choice("activation", activation, ACTIVATIONS)
    check_positive("rate", rate)
    if bound is not None:
        check_positive("bound", bound)
    check_integer("cut", cut, 1, ROWS)
    check_integer("epochs", epochs, 1, 1000)
    weights = [tf.stack(each) for each in zip(*map(first_weights, seeds), strict=True)]
    _, _, test_images, test_labels = rows_of_digits()
    guess = np.argmax(outputs(weights, states(weights, test_images, activation)[-1]), axis=-1)
    right = [np.mean(guess == test_labels.numpy(), axis=1)]
    # A bound above every norm clips nothing; the largest float32 is one.
    limit = tf.constant(tf.float32.max if bound is None else bound)
    logs = []
    for _ in range(epochs):
        weights, loss, norm, found = _epoch(activation, cut)(weights, tf.constant(rate), limit)
        logs.append((loss.numpy().T, norm.numpy().T))
        is_right = found.numpy()
        right.append(is_right.mean(axis=1))
    loss, norm = (np.concatenate(pieces, axis=1) for pieces in zip(*logs, strict=True))
    parts = is_right[:, :CHOOSING], is_right[:, CHOOSING:]
    halves = np.stack([part.mean(axis=1) for part in parts], axis=1)
    return RecurrentRuns(loss, norm, np.stack(right, axis=1).astype(np.float32), halves)


@cache
def load_recurrent_runs() -> Mapping[str, np.ndarray]:
    """Read the runs that ``assets/make_recurrent_runs.py`` made; the arrays are read-only.

    Returns:
        "right", of shape ``(2 activations, 5 rates, 5 bounds, 8 seeds, EPOCHS + 1)``, shares of the
        test digits; "loss" and "norm" of the run with the first seed, with the steps in place of
        the last two axes; "cut", the shares at the end of runs whose gradient goes back through a
        part of the rows, of shape ``(2 bounds, 2 cuts, 8 seeds)``; and by the names of `GRIDS` the
        halves of their runs, of shape ``(rates, bounds, 8 seeds, 2)``.

    Raises:
        FileNotFoundError: The file is missing. The message says how to mend that.
        ValueError: The file is damaged. The message says how to mend that.
    """
    arrays = read_asset("recurrent-runs", RUNS_SHA256)
    found = {name: arrays[name] / 1000 for name in ("right", "cut", *GRIDS)}
    for name in ("loss", "norm"):
        found[name] = 10.0 ** arrays[name].astype(np.float64)
    return read_only(found)


def stored_recurrent_runs(
    activation: str, rate: float, bound: float | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what the file keeps of a setting: see `load_recurrent_runs`.

    Returns:
        Loss and norm of the run with the first seed, and the shares of all, ``(8, EPOCHS + 1)``.

    Raises:
        ValueError: The file has no such activation, rate or bound.
    """
    check_choice("activation", activation, ACTIVATIONS)
    check_choice("rate", rate, RATES)
    check_choice("bound", bound, BOUNDS)
    cell = list(ACTIVATIONS).index(activation), RATES.index(rate), BOUNDS.index(bound)
    runs = load_recurrent_runs()
    return runs["loss"][cell], runs["norm"][cell], runs["right"][cell]
