"""What a clip costs: a training step with it, without it, and the matrix products alone.

Run by ``make bench``. The network, the batches of 128 and the update are those of lecture 5. The
three take turns, piece by piece of 15 steps, each in one TensorFlow graph, so that all of them see
the same machine; what is told are ratios of their medians.
"""

import statistics
import time

import lessons  # noqa: F401  first: it asks TensorFlow to keep its start-up log to itself

# isort: split
import tensorflow as tf

from lessons.digits.network import BATCH, flat_images, network
from lessons.digits.runs import PIECE, piece_of_training
from tests.benchmarks.explore import print_machine

ROUNDS = 40
RATE, BOUND = 0.01, 15.0


@tf.function
def products_alone(values, images):
    """The matrix products of `PIECE` steps, forward and backward, and next to nothing else."""
    w1, _, w2, _, w3, _ = values
    total = 0.0
    for i in tf.range(PIECE):
        x = tf.ensure_shape(images[i * BATCH : (i + 1) * BATCH], [BATCH, 784])
        first = x @ w1
        second = first @ w2
        third = second @ w3
        into_second = tf.matmul(third, w3, transpose_b=True)
        into_first = tf.matmul(into_second, w2, transpose_b=True)
        pairs = ((second, third), (first, into_second), (x, into_first))
        # One number of each is used, so that none of them is left out.
        total += tf.add_n([tf.matmul(a, b, transpose_a=True)[0, 0] for a, b in pairs])
    return total


def cases():
    """What is measured, by name: functions that wait until their piece is done."""
    images, labels = flat_images(50.0)
    values = [tf.convert_to_tensor(v) for v in network(0)]
    given = tf.constant(0), tf.constant(RATE), tf.constant(BOUND), images, labels

    def training(clips):
        piece = piece_of_training(clips, "linear", "cross-entropy")
        return lambda: piece(values, *given)[1][0].numpy()

    return {
        "with clipping": training(True),
        "without": training(False),
        "matrix products alone": lambda: products_alone(values, images).numpy(),
    }


def measure(calls, rounds):
    """Return the seconds of each call in each round; the first round of all is not counted."""
    seconds = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def main():
    print_machine()
    seconds = measure(cases(), ROUNDS)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    for name, median in medians.items():
        low, high = (1000 * end(seconds[name]) / PIECE for end in (min, max))
        print(f"{name:24} {1000 * median / PIECE:6.2f} ms a step ({low:.2f} to {high:.2f})")
    for name in ("without", "matrix products alone"):
        print(
            f"with clipping, against {name}: {medians['with clipping'] / medians[name]:.2f} times"
        )


if __name__ == "__main__":
    main()
