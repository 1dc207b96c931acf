"""Whole training runs of the course's network on the digits, computed inside TensorFlow.

A run is cut into pieces of `PIECE` steps, so that it can tell how far it is. Learning rate and
bound are tensors: the graphs are traced once, whatever a slider says. Behind lecture 6.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from lessons.arguments import check_choice, check_integer, check_positive
from lessons.digits.network import BATCH, first_values, flat_digits, outputs

STEPS = 150
SEEDS = range(8)
PIECE = 15
OUTPUTS = ("ReLU", "linear")
LOSSES = ("squared error", "cross-entropy")


class Setting(NamedTuple):
    """What a run depends on, and nothing else.

    Attributes:
        rate: Learning rate of SGD.
        bound: Of the global norm; None trains without clipping.
        divisor: The grey values from 0 to 255 are divided by it.
        output: What comes after the last layer, one of `OUTPUTS`.
        loss: One of `LOSSES`, averaged over the batch.
        seed: Of the first weights. The batches are the same for every seed.
    """

    rate: float = 0.01
    bound: float | None = 15.0
    divisor: float = 50.0
    output: str = "ReLU"
    loss: str = "squared error"
    seed: int = 0


class Run(NamedTuple):
    """What a run has logged; all arrays are float32.

    Attributes:
        loss: Of each batch, before its step, shape ``(steps,)``.
        before: Global norm of the six gradients before the clip, shape ``(steps,)``.
        after: The same after the clip.
        accuracy: Share of the 1,000 test digits that are classified correctly, after 0, `PIECE`,
            2 `PIECE`, ... steps. A NaN output counts as wrong.
    """

    loss: np.ndarray
    before: np.ndarray
    after: np.ndarray
    accuracy: np.ndarray

    @property
    def broke_at(self) -> int | None:
        """The first step whose loss is infinite or NaN; None if every loss is finite."""
        broken = np.flatnonzero(~np.isfinite(self.loss))
        return int(broken[0]) if len(broken) else None


def outputs_of(variables: Sequence[tf.Tensor], images: tf.Tensor, output: str) -> tf.Tensor:
    """Return the network's ten outputs for each image, with a ReLU after them or without.

    Args:
        variables: Of `network`.
        images: Shape ``(n, 784)``.
        output: One of `OUTPUTS`.

    Returns:
        Shape ``(n, 10)``.

    Raises:
        ValueError: `output` is unknown.
    """
    check_choice("output", output, OUTPUTS)
    raw = outputs(variables, images)
    return tf.nn.relu(raw) if output == "ReLU" else raw


def loss_of(
    variables: Sequence[tf.Tensor], images: tf.Tensor, labels: tf.Tensor, *, output: str, loss: str
) -> tf.Tensor:
    """Return the mean over the batch: of the summed squared error, or of the cross-entropy.

    Args:
        variables: Of `network`.
        images: Shape ``(n, 784)``.
        labels: Whole numbers from 0 to 9, shape ``(n,)``.
        output: One of `OUTPUTS`.
        loss: One of `LOSSES`.

    Returns:
        A scalar.

    Raises:
        ValueError: `output` or `loss` is unknown.
    """
    check_choice("loss", loss, LOSSES)
    got = outputs_of(variables, images, output)
    wanted = tf.one_hot(labels, 10)
    if loss == "cross-entropy":
        return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(wanted, got))
    return tf.reduce_mean(tf.reduce_sum((got - wanted) ** 2, axis=1))


@cache
def piece_of_training(clips: bool, output: str, loss: str) -> Callable:
    """Return a graph that takes `PIECE` steps of SGD.

    Args:
        clips: Whether the six gradients are clipped together.
        output: One of `OUTPUTS`.
        loss: One of `LOSSES`.

    Returns:
        A function of the six weights, the number of the first step, learning rate, bound (which
        counts only if `clips`), all training images and their labels. It returns the new weights,
        and three logs of shape ``(PIECE,)``: loss, global norm before the clip, and after it.
    """

    @tf.function
    def piece(values, first, rate, bound, images, labels):
        logs = [tf.TensorArray(tf.float32, PIECE) for _ in range(3)]
        batches = tf.shape(images)[0] // BATCH
        for i in tf.range(PIECE):
            start = (first + i) % batches * BATCH
            x = tf.ensure_shape(images[start : start + BATCH], [BATCH, 784])
            y = tf.ensure_shape(labels[start : start + BATCH], [BATCH])
            with tf.GradientTape() as tape:
                tape.watch(values)
                error = loss_of(values, x, y, output=output, loss=loss)
            gradients = tape.gradient(error, values)
            norm = tf.linalg.global_norm(gradients)
            left = norm
            if clips:
                gradients, _ = tf.clip_by_global_norm(gradients, bound, use_norm=norm)
                left = tf.linalg.global_norm(gradients)
            values = [v - rate * g for v, g in zip(values, gradients, strict=True)]
            entries = (error, norm, left)
            logs = [log.write(i, entry) for log, entry in zip(logs, entries, strict=True)]
        return values, [log.stack() for log in logs]

    return piece


@cache
def _accuracy(output: str) -> Callable:
    """Return a graph that gives the share of images whose largest output is at their label."""

    @tf.function
    def accuracy(values, images, labels):
        got = outputs_of(values, images, output)
        is_right = tf.equal(tf.argmax(got, axis=1, output_type=tf.int32), labels)
        is_number = tf.reduce_all(tf.math.is_finite(got), axis=1)
        return tf.reduce_mean(tf.cast(is_right & is_number, tf.float32))

    return accuracy


_RUNS: dict[tuple[Setting, int], Run] = {}


def train(
    setting: Setting, steps: int = STEPS, progress: Callable[[int], None] = lambda done: None
) -> Run:
    """Train the course's network on the 4,000 training digits, in batches of 128; remember the run.

    Args:
        setting: What to train.
        steps: How many steps, a multiple of `PIECE`.
        progress: Called with the number of steps that are done.

    Raises:
        ValueError: `steps`, or a part of `setting`, is unknown or out of range.
    """
    _check(setting, steps)
    key = setting, steps
    if key not in _RUNS:
        _RUNS[key] = _train(setting, steps, progress)
    progress(steps)
    return _RUNS[key]


def _check(setting: Setting, steps: int) -> None:
    check_positive("rate", setting.rate)
    if setting.bound is not None:
        check_positive("bound", setting.bound)
    check_positive("divisor", setting.divisor)
    check_choice("output", setting.output, OUTPUTS)
    check_choice("loss", setting.loss, LOSSES)
    check_integer("seed", setting.seed, 0, 2**31 - 1)
    if not isinstance(steps, int) or steps <= 0 or steps % PIECE:
        raise ValueError(f"steps is {steps!r}. It should be a multiple of {PIECE}.")


def _train(setting: Setting, steps: int, progress: Callable[[int], None]) -> Run:
    piece = piece_of_training(setting.bound is not None, setting.output, setting.loss)
    images, labels, test_images, test_labels = flat_digits(setting.divisor)
    accuracy = _accuracy(setting.output)
    values = first_values(setting.seed)
    rate, bound = tf.constant(setting.rate, tf.float32), tf.constant(setting.bound or 0, tf.float32)
    logs: list[np.ndarray] = []
    shares = [float(accuracy(values, test_images, test_labels))]
    for first in range(0, steps, PIECE):
        progress(first)
        repeated = _what_repeats(logs, len(images) // BATCH)
        if repeated is not None:
            logs.append(repeated)
            shares.append(shares[-1])
            continue
        values, log = piece(values, tf.constant(first), rate, bound, images, labels)
        logs.append(np.array(log))
        shares.append(float(accuracy(values, test_images, test_labels)))
    loss, before, after = np.concatenate(logs, axis=1)
    return Run(loss, before, after, np.array(shares, np.float32))


def _what_repeats(logs: Sequence[np.ndarray], batches: int) -> np.ndarray | None:
    """Return the log of the next piece if it is known without training, or else None."""
    if not logs:
        return None
    so_far = np.concatenate(logs, axis=1)
    # Once a gradient is NaN, so are the weights, and no step mends them.
    if np.isnan(so_far[1, -1]):
        return np.full((3, PIECE), np.nan, np.float32)
    last = so_far[:, -batches:]
    # No gradient from any batch: the weights stay, and the same batches give the same log again.
    if last.shape[1] == batches and not last[1].any():
        return last[:, :PIECE]
    return None
