"""The network of Long Liangqu's course, which lectures 3, 6 and 8 train on the digits.

Written with plain variables, because the lectures are about what happens to their gradients.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import tensorflow as tf

from lessons.digits import mnist

NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")
LAYERS = (784, 512, 256, 10)
BATCH = 128
EPOCH = 31  # batches in the 4,000 digits


def network(seed: int) -> list[tf.Variable]:
    """Return the weights and biases, ordered as `NAMES`.

    Three dense layers, 784-512-256-10; weights from a truncated normal distribution of standard
    deviation 0.1, biases 0.
    """
    variables = []
    for layer, (n_in, n_out) in enumerate(pairwise(LAYERS)):
        weights = tf.random.stateless_truncated_normal([n_in, n_out], [seed, layer], stddev=0.1)
        variables += [tf.Variable(weights), tf.Variable(tf.zeros([n_out]))]
    return variables


def first_values(seed: int) -> list[tf.Tensor]:
    """Return what the variables of `network` start from."""
    return [tf.convert_to_tensor(variable) for variable in network(seed)]


def outputs(variables: Sequence[tf.Variable], images: tf.Tensor) -> tf.Tensor:
    """Return the ten outputs for each image; ReLU on the hidden layers.

    Args:
        variables: Of `network`.
        images: Shape ``(n, 784)``.

    Returns:
        Shape ``(n, 10)``.
    """
    w1, b1, w2, b2, w3, b3 = variables
    hidden = tf.nn.relu(images @ w1 + b1)
    hidden = tf.nn.relu(hidden @ w2 + b2)
    return hidden @ w3 + b3


def flat_images(divisor: float) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the training digits over `divisor`, shape ``(4000, 784)``, and labels ``(4000,)``."""
    return flat_digits(divisor)[:2]


@lru_cache(maxsize=4)  # 16 MB each
def flat_digits(divisor: float) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return images over `divisor` and labels, of the training and then of the test digits.

    Returns:
        Shapes ``(4000, 784)``, ``(4000,)``, ``(1000, 784)``, ``(1000,)``; float32 and int32.
    """
    digits = mnist.load()
    tensors = []
    for images, labels in (digits[:2], digits[2:]):
        tensors.append(tf.constant(images.reshape(-1, 784).astype(np.float32) / divisor))
        tensors.append(tf.constant(labels, tf.int32))
    return tuple(tensors)
