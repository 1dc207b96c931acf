"""The log of lecture 3's exercise 3: twelve steps of a run, two of them broken.

`LOG` is kept as numbers, since a run made here would end in other digits on another processor.
"""

from lessons.digits.network import NAMES

LABELS_SHIFTED, IMAGES_WHOLE = 4, 9

# The norms of the six gradients at each step. A test repeats the run and compares.
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


def print_log() -> None:
    """Print `LOG`, a line for each step."""
    print("step", *(f"{name:>7}" for name in NAMES))
    for step, row in enumerate(LOG):
        print(f"{step:>4}", *(f"{norm:>7.3g}" for norm in row))
