"""Training runs on the digits by other rules than a clip of the global norm, for lecture 9.

The runs are made by ``assets/make_rules.py`` and kept in ``assets/rules.npz``; ``load_rules`` reads
them. The rules themselves are here, each a few lines of TensorFlow.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from lessons.arguments import check_choice, check_integer, check_positive
from lessons.assets import read_asset, read_only
from lessons.digits.network import BATCH, EPOCH, first_values, flat_digits, outputs
from lessons.digits.runs import SEEDS, STEPS

RULES_SHA256 = "b209b5f7c5365cf17cbc2a15112e1ad0401b701ee624ee5eb029847b806e5c5d"
# ---- rules: from gradients and values to what the step subtracts, times the learning rate -------

# Below this, the norm of a unit's weights counts as this much: biases start at 0.
SMALLEST_NORM = 1e-3


def unit_norms(t: tf.Tensor) -> tf.Tensor:
    """Return a norm for each unit: of its column in a matrix of weights, or of a whole bias.

    Args:
        t: Shape ``(inputs, units)``, or ``(units,)`` for a bias.

    Returns:
        Shape ``(1, units)`` or ``(1,)``.
    """
    return tf.norm(t, axis=0, keepdims=True)


def clip_each_unit(gradient: tf.Tensor, weights: tf.Tensor, bound: float) -> tf.Tensor:
    """Clip the gradient of each unit to `bound` times the norm of its weights.

    Brock, De, Smith and Simonyan (2021), *High-performance large-scale image recognition without
    normalization*, section 4.1, equation 3.

    Args:
        gradient: Shape ``(inputs, units)``, or ``(units,)``.
        weights: Of the same shape.
        bound: Largest ratio of the two norms; it has no unit.

    Returns:
        The clipped gradient.
    """
    most = bound * tf.maximum(unit_norms(weights), SMALLEST_NORM)
    return gradient * most / tf.maximum(unit_norms(gradient), most)


def _each_unit(gradients: Sequence, values: Sequence, bound: tf.Tensor) -> list:
    return [clip_each_unit(g, v, bound) for g, v in zip(gradients, values, strict=True)]


RULES: dict[str, Callable[[Sequence, Sequence, tf.Tensor], Sequence]] = {
    "no clip": lambda gradients, values, bound: gradients,
    "global norm": lambda gradients, values, bound: tf.clip_by_global_norm(gradients, bound)[0],
    "each unit": _each_unit,
    "each unit, last layer spared": lambda gradients, values, bound: [
        *_each_unit(gradients[:-2], values[:-2], bound),
        *gradients[-2:],
    ],
    "by value, over the bound": lambda gradients, values, bound: [
        tf.clip_by_value(g, -bound, bound) / bound for g in gradients
    ],
    "sign": lambda gradients, values, bound: [tf.sign(g) for g in gradients],
}
CAPS: dict[str, Callable[[tf.Tensor, tf.Tensor], tf.Tensor]] = {
    "no cap": lambda logits, cap: logits,
    "hard cap": lambda logits, cap: tf.clip_by_value(logits, -cap, cap),
    "soft cap": lambda logits, cap: cap * tf.tanh(logits / cap),
}


class RuleSetting(NamedTuple):
    """What a run of the course's network depends on; its loss is the cross-entropy.

    Attributes:
        rule: A key of `RULES`.
        rate: Learning rate.
        bound: Of the rule, or of the cap.
        divisor: The grey values from 0 to 255 are divided by it.
        cap: A key of `CAPS`: what is done to the ten outputs in training.
        seed: Of the first weights.
    """

    rule: str = "no clip"
    rate: float = 0.1
    bound: float = 1.0
    divisor: float = 50.0
    cap: str = "no cap"
    seed: int = 0


def _loss(
    values: Sequence,
    images: tf.Tensor,
    labels: tf.Tensor,
    capped: Callable[[tf.Tensor], tf.Tensor] = lambda logits: logits,
) -> tf.Tensor:
    logits = capped(outputs(values, images))
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


def _batch(step: tf.Tensor, images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    start = step % EPOCH * BATCH
    return images[start : start + BATCH], labels[start : start + BATCH]


@cache
def _training(rule: str, cap: str) -> Callable:
    @tf.function
    def training(values, rate, bound, images, labels):
        for step in tf.range(STEPS):
            x, y = _batch(step, images, labels)
            with tf.GradientTape() as tape:
                tape.watch(values)
                loss = _loss(values, x, y, lambda logits: CAPS[cap](logits, bound))
            steps = RULES[rule](tape.gradient(loss, values), values, bound)
            values = [v - rate * s for v, s in zip(values, steps, strict=True)]
        return values

    return training


def how_many_right(values: Sequence, images: tf.Tensor, labels: tf.Tensor) -> int:
    """Return how many images have their largest output at their label; NaN counts as wrong.

    Args:
        values: Of a network, as `outputs` takes them.
        images: Shape ``(n, 784)``.
        labels: Whole numbers from 0 to 9, shape ``(n,)``.
    """
    got = outputs(values, images).numpy()
    return int(np.sum(np.isfinite(got).all(axis=1) & (got.argmax(axis=1) == labels.numpy())))


def train_by_rule(setting: RuleSetting) -> int:
    """Train the course's network for `STEPS` steps; return how many of 1,000 test digits are right.

    Raises:
        ValueError: A part of `setting` is unknown or out of range.
    """
    check_choice("rule", setting.rule, RULES)
    check_choice("cap", setting.cap, CAPS)
    for name in ("rate", "bound", "divisor"):
        check_positive(name, getattr(setting, name))
    check_integer("seed", setting.seed, 0, 2**31 - 1)
    images, labels, *test = flat_digits(setting.divisor)
    values = first_values(setting.seed)
    rate, bound = (tf.constant(n, tf.float32) for n in (setting.rate, setting.bound))
    values = _training(setting.rule, setting.cap)(values, rate, bound, images, labels)
    return how_many_right(values, *test)


# ---- a broken batch under Adam ------------------------------------------------------------------

BROKEN_AT = 60
WAYS = ("nothing", "clip at 1", "skip")
ADAM_RATE = 0.001
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7
# A batch whose global norm is above this is skipped.
SKIPPED_ABOVE = 10.0


def _averaged(old: Sequence, new: Sequence, decay: float) -> list:
    return [decay * o + (1 - decay) * n for o, n in zip(old, new, strict=True)]


@cache
def _adam(way: str) -> Callable:
    @tf.function
    def training(values, factor, images, labels):
        means = [tf.zeros_like(v) for v in values]
        squares = [tf.zeros_like(v) for v in values]
        taken = tf.constant(0.0)
        losses = tf.TensorArray(tf.float32, STEPS)
        norms = tf.TensorArray(tf.float32, STEPS)
        for step in tf.range(STEPS):
            x, y = _batch(step, images, labels)
            x *= tf.where(step == BROKEN_AT, factor, 1.0)
            with tf.GradientTape() as tape:
                tape.watch(values)
                loss = _loss(values, x, y)
            gradients = tape.gradient(loss, values)
            norm = tf.linalg.global_norm(gradients)
            losses, norms = losses.write(step, loss), norms.write(step, norm)
            if way == "clip at 1":
                gradients = tf.clip_by_global_norm(gradients, 1.0)[0]
            if way != "skip" or norm < SKIPPED_ABOVE:
                taken += 1
                means = _averaged(means, gradients, BETA_1)
                squares = _averaged(squares, [g**2 for g in gradients], BETA_2)
                rate = ADAM_RATE * tf.sqrt(1 - BETA_2**taken) / (1 - BETA_1**taken)
                steps = [m / (tf.sqrt(s) + EPSILON) for m, s in zip(means, squares, strict=True)]
                values = [v - rate * step for v, step in zip(values, steps, strict=True)]
        return values, losses.stack(), norms.stack()

    return training


def with_a_broken_batch(way: str, factor: float, seed: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Train the course's network by Adam, inputs over 255, with one batch multiplied by `factor`.

    Args:
        way: One of `WAYS`: what is done about it. A skipped batch leaves Adam's memory alone too.
        factor: What the inputs of batch `BROKEN_AT` are multiplied by.
        seed: Of the first weights.

    Returns:
        The loss of each batch before its step, and the global norm, each of shape ``(STEPS,)``; and
        how many of the 1,000 test digits are right at the end.

    Raises:
        ValueError: There is no such way, or `factor` is not above 0.
    """
    check_choice("way", way, WAYS)
    check_positive("factor", factor)
    images, labels, *test = flat_digits(255.0)
    values = first_values(seed)
    values, losses, norms = _adam(way)(values, tf.constant(factor, tf.float32), images, labels)
    return losses.numpy(), norms.numpy(), how_many_right(values, *test)


# ---- each example by itself ---------------------------------------------------------------------

PRIVATE_RATE = 1.0


@cache
def _private() -> Callable:
    @tf.function
    def training(w, noise, bound, seed, images, labels):
        for step in tf.range(STEPS):
            x, y = _batch(step, images, labels)
            error = tf.nn.softmax(x @ w) - tf.one_hot(y, 10)
            # The gradient of one example is the outer product of x and its error.
            norms = tf.norm(x, axis=1) * tf.norm(error, axis=1)
            total = tf.einsum("bi,bo->io", x, error * (bound / tf.maximum(norms, bound))[:, None])
            drawn = tf.random.stateless_normal([785, 10], tf.stack([seed, step]))
            w -= PRIVATE_RATE * (total + noise * bound * drawn) / BATCH / bound
        return w

    return training


def private(noise: float, bound: float, seed: int) -> int:
    """Train a softmax regression on the digits, each example clipped, and noise added to their sum.

    Abadi et al. (2016), *Deep learning with differential privacy*, algorithm 1. The batches come in
    order and are not drawn at random, so nothing is known about the privacy of such a run.

    Args:
        noise: Its standard deviation, as a multiple of `bound`.
        bound: Of the norm of one example's gradient. The learning rate is `PRIVATE_RATE` over it.
        seed: Of the noise.

    Returns:
        How many of the 1,000 test digits are right.

    Raises:
        ValueError: `noise` is negative, or `bound` not above 0.
    """
    if noise < 0:
        raise ValueError(f"noise is {noise!r}. It should be at least 0.")
    check_positive("bound", bound)
    images, labels, test_images, test_labels = flat_digits(255.0)
    with_one = [tf.pad(x, [[0, 0], [0, 1]], constant_values=1.0) for x in (images, test_images)]
    start = tf.zeros([785, 10])
    values = tf.constant(noise, tf.float32), tf.constant(bound, tf.float32), tf.constant(seed)
    w = _private()(start, *values, with_one[0], labels)
    return int(np.sum(np.argmax(with_one[1] @ w, axis=1) == test_labels.numpy()))


# ---- a small network that reads digits, for the dream -------------------------------------------

READER_LAYERS = (784, 128, 64, 10)
READER_STEPS, READER_RATE = 310, 0.3


@tf.function
def _read_better(values, images, labels):
    for step in tf.range(READER_STEPS):
        x, y = _batch(step, images, labels)
        with tf.GradientTape() as tape:
            tape.watch(values)
            loss = _loss(values, x, y)
        gradients = tape.gradient(loss, values)
        values = [v - READER_RATE * g for v, g in zip(values, gradients, strict=True)]
    return values


def first_reader(seed: int) -> list[tf.Tensor]:
    """Return the first weights of a network of `READER_LAYERS`, as `outputs` takes them."""
    values = []
    for layer, (n_in, n_out) in enumerate(pairwise(READER_LAYERS)):
        shape, deviation = [n_in, n_out], np.sqrt(2 / n_in)
        weights = tf.random.stateless_truncated_normal(shape, [seed, layer], stddev=deviation)
        values += [weights, tf.zeros([n_out])]
    return values


def reader(seed: int) -> list[tf.Tensor]:
    """Return a network of `READER_LAYERS`, trained on the digits over 255."""
    return _read_better(first_reader(seed), *flat_digits(255.0)[:2])


# ---- the file -----------------------------------------------------------------------------------

BOUNDS = {
    "global norm": (0.5, 1.0, 5.0, 15.0),
    "each unit": (0.01, 0.03, 0.1, 0.3),
    "each unit, last layer spared": (0.01, 0.03, 0.1, 0.3),
}
DIVISORS = (50.0, 255.0)
ADAPTIVE_RATE = 1.0
SIGN_BOUNDS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
SIGN_RATE = 0.003
CAP_BOUNDS = (2.0, 5.0, 10.0, 20.0)
CAP_RATE = 0.1
FACTORS = (10.0, 100.0, 1000.0)
NOISES = (0.0, 1.0, 2.0, 4.0, 8.0)
PRIVATE_BOUNDS = (0.3, 1.0, 3.0)
# What is done to the gradient of a dream, and the length of a step.
DREAMS = (("raw", 1.0), ("raw", 100.0), ("clipped", 1.0), ("normalised", 1.0))


def adaptive_setting(divisor: int, rule: int, bound: int, seed: int) -> RuleSetting:
    """Return what is trained at a place of the array "adaptive"."""
    name = list(BOUNDS)[rule]
    return RuleSetting(name, ADAPTIVE_RATE, BOUNDS[name][bound], DIVISORS[divisor], seed=seed)


def sign_setting(bound: int, seed: int) -> RuleSetting:
    """Return what is trained at a place of the array "sign"; the last bound is the sign itself."""
    if bound == len(SIGN_BOUNDS):
        return RuleSetting("sign", SIGN_RATE, seed=seed)
    return RuleSetting("by value, over the bound", SIGN_RATE, SIGN_BOUNDS[bound], seed=seed)


def cap_setting(cap: int, bound: int, seed: int) -> RuleSetting:
    """Return what is trained at a place of the array "caps"."""
    return RuleSetting(
        rate=CAP_RATE, bound=CAP_BOUNDS[bound], cap=("hard cap", "soft cap")[cap], seed=seed
    )


# What the file holds, by name, and the shape; the reader's weights have their own.
SHAPES = {
    "adaptive": (len(DIVISORS), len(BOUNDS), 4, len(SEEDS)),
    "sign": (len(SIGN_BOUNDS) + 1, len(SEEDS)),
    "caps": (2, len(CAP_BOUNDS), len(SEEDS)),
    "no_cap": (len(SEEDS),),
    "broken": (len(WAYS), len(FACTORS), len(SEEDS)),
    "broken_losses": (len(WAYS), len(FACTORS), len(SEEDS), STEPS),
    "private": (len(NOISES), len(PRIVATE_BOUNDS), len(SEEDS)),
    "dreamed": (len(DREAMS), len(SEEDS)),
}


@cache
def load_rules() -> Mapping[str, np.ndarray]:
    """Read the runs that ``assets/make_rules.py`` made.

    Returns:
        Arrays by the names and shapes of `SHAPES`: how many of the 1,000 test digits are right at
        the end of each run, in "broken_losses" the loss of each of its batches, and in "dreamed"
        how many of 90 dreams of lecture 9 arrive. And the weights of ``reader(0)``, in "reader_0"
        to "reader_5". All float32, and read-only.

    Raises:
        FileNotFoundError: The file is missing. The message says how to mend that.
        ValueError: The file is damaged. The message says how to mend that.
    """
    arrays = read_asset("rules", RULES_SHA256)
    return read_only({name: array.astype(np.float32) for name, array in arrays.items()})


def stored_reader() -> list[tf.Tensor]:
    """Return the weights of ``reader(0)`` as the file keeps them, to half precision."""
    return [tf.constant(load_rules()[f"reader_{n}"]) for n in range(6)]
