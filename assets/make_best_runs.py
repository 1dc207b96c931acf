"""Makes best-runs.npz: runs with a clip and without, at learning rates a factor of 1.5 apart.

Needs the lectures' own environment: .venv/bin/python assets/make_best_runs.py
Takes eight minutes on one core. Run it twice on one machine and the bytes are the same; on another
processor the last digits of a run may differ, and then so does the SHA-256, which is printed and
belongs in lessons/digits/best.py.
"""

from pathlib import Path

import numpy as np
from make_mnist_5k import write_npz

from lessons.digits import best
from lessons.digits.runs import SEEDS

TARGET = Path(__file__).with_name("best-runs.npz")


def main():
    """Trains every cell of every grid with every seed and writes the file."""
    arrays = {}
    for program, grids in best.GRIDS.items():
        for clips, grid in enumerate(grids):
            shape = len(grid.rates), len(grid.bounds), len(SEEDS)
            right = np.zeros((*shape, 2), np.uint16)
            for place in np.ndindex(shape):
                setting = best.grid_setting(program, clips, *place)
                right[place] = best.right_of_each_half(setting)
            arrays[best.array_name(program, clips)] = right
            print(f"{program}, {'clipped' if clips else 'without a clip'}", flush=True)
    write_npz(TARGET, **arrays)


if __name__ == "__main__":
    main()
