"""The log of lecture 3's exercise 3: twelve steps of a run, two of them broken.

`LOG` is kept as numbers, since a run made here would end in other digits on another processor.
"""

import numpy as np
import tensorflow as tf

from lessons.digits.network import BATCH, EPOCH, NAMES, flat_images, network
from lessons.digits.runs import loss_of
from lessons.geometry import norms

BEFORE, STEPS = 62, 12
RATE, BOUND = 0.1, 2.0
LABELS_SHIFTED, IMAGES_WHOLE = 4, 9

# The norms of the six gradients at each step, as `log_again` returns them.
LOG = (
    (0.778, 0.0954, 0.807, 0.0600, 0.819, 0.0543),
    (0.688, 0.0876, 0.728, 0.0600, 0.685, 0.0501),
    (0.654, 0.0674, 0.623, 0.0417, 0.588, 0.0350),
    (0.678, 0.0894, 0.677, 0.0581, 0.734, 0.0572),
    (4.23, 0.448, 4.24, 0.244, 4.29, 0.140),
    (0.779, 0.105, 0.858, 0.0734, 0.880, 0.0708),
    (0.653, 0.0743, 0.660, 0.0480, 0.686, 0.0448),
    (0.776, 0.0873, 0.767, 0.0555, 0.767, 0.0544),
    (0.835, 0.0968, 0.889, 0.0672, 0.997, 0.0671),
    (231.0, 0.113, 243.0, 0.0765, 272.0, 0.0797),
    (1.09, 0.127, 1.19, 0.0829, 1.30, 0.0852),
    (1.05, 0.160, 1.21, 0.110, 1.33, 0.107),
)


def log_again() -> np.ndarray:
    """Train the course's network on digits over 255 and return the norms of its gradients.

    Cross-entropy, batches of `BATCH`, all gradients clipped together at `BOUND`. After `BEFORE`
    steps come the logged ones. At `LABELS_SHIFTED` every label is one too large (and 9 becomes 0);
    at `IMAGES_WHOLE` the images have not been divided by 255.

    Returns:
        Shape ``(STEPS, 6)``, in the order of `NAMES`.
    """
    images, labels = flat_images(255.0)
    values = [tf.convert_to_tensor(v) for v in network(0)]
    log = []
    for step in range(BEFORE + STEPS):
        first = step % EPOCH * BATCH
        x, y = images[first : first + BATCH], labels[first : first + BATCH]
        if step == BEFORE + LABELS_SHIFTED:
            y = (y + 1) % 10
        if step == BEFORE + IMAGES_WHOLE:
            x = 255.0 * x
        with tf.GradientTape() as tape:
            tape.watch(values)
            loss = loss_of(values, x, y, output="linear", loss="cross-entropy")
        gradients = tape.gradient(loss, values)
        log.append(norms(gradients))
        clipped, _ = tf.clip_by_global_norm(gradients, BOUND)
        values = [v - RATE * g for v, g in zip(values, clipped, strict=True)]
    return np.array(log[BEFORE:])


def print_log() -> None:
    """Print `LOG`, a line for each step."""
    print("step", *(f"{name:>7}" for name in NAMES))
    for step, row in enumerate(LOG):
        print(f"{step:>4}", *(f"{norm:>7.3g}" for norm in row))
