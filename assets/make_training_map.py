"""Makes training-map.npz: 150 steps of training for every learning rate, bound and seed.

Needs the lectures' own environment: .venv/bin/python assets/make_training_map.py
Takes half an hour on two cores. Run it twice on one machine and the bytes are the same; on another
processor the last digits of a run may differ, and then so does the SHA-256, which is printed and
belongs in lessons/digits/map.py.
"""

from pathlib import Path

import numpy as np
from make_mnist_5k import write_npz

from lessons.digits import map as training_map
from lessons.digits.runs import SEEDS, train

TARGET = Path(__file__).with_name("training-map.npz")


def empty_map():
    """The arrays of the file, still without their numbers."""
    cells = (len(training_map.RATES), len(training_map.BOUNDS))
    arrays = {
        name: np.zeros((len(training_map.PROGRAMS), *cells, len(SEEDS)), kind)
        for name, kind in training_map.NUMBERS.items()
    }
    for name, length in training_map.CURVES.items():
        arrays[name] = np.zeros((len(training_map.TRAINED), *cells, length), np.float16)
    return arrays


def main():
    """Trains every cell with every seed and writes the file."""
    arrays = empty_map()
    seeds = range(len(SEEDS))
    places = [
        (*cell, number)
        for cell in np.ndindex(arrays["loss"].shape[:-1])
        for number in (seeds if cell[0] < len(training_map.PROGRAMS) else seeds[:1])
    ]
    for done, (*cell, number) in enumerate(places, start=1):
        setting = training_map.cell_setting(*cell, SEEDS[number])
        for name, value in training_map.entries(train(setting), setting).items():
            if name in training_map.CURVES:
                if number == 0:
                    arrays[name][*cell] = value
            elif cell[0] < len(training_map.PROGRAMS):
                arrays[name][*cell, number] = value
        bar = "█" * (40 * done // len(places))
        print(f"\r{bar:<40} {done} of {len(places)} runs", end="", flush=True)
    print()
    write_npz(TARGET, **arrays)


if __name__ == "__main__":
    main()
