"""Makes recurrent-runs.npz: eight networks for every activation, learning rate and bound.

Needs the lectures' own environment: .venv/bin/python assets/make_recurrent_runs.py
Takes ten minutes on two cores. Run it twice on one machine and the bytes are the same; on another
processor the last digits of a run may differ, and then so does the SHA-256, which is printed and
belongs in lessons/digits/recurrent.py.
"""

import itertools
from pathlib import Path

import numpy as np
from make_mnist_5k import write_npz

from lessons.digits import recurrent
from lessons.digits.recurrent import train_recurrent

TARGET = Path(__file__).with_name("recurrent-runs.npz")


def in_thousandths(shares):
    """Shares of the test digits as whole numbers."""
    return np.round(1000 * shares).astype(np.uint16)


def train_all():
    """The arrays of the file."""
    cells = list(itertools.product(recurrent.ACTIVATIONS, recurrent.RATES, recurrent.BOUNDS))
    runs = []
    for done, cell in enumerate(cells, start=1):
        runs.append(train_recurrent(*cell, seeds=recurrent.SEEDS))
        print(f"\r{done} of {len(cells)} cells", end="", flush=True)
    print()
    shape = [len(each) for each in (recurrent.ACTIVATIONS, recurrent.RATES, recurrent.BOUNDS)]
    arrays = {"right": in_thousandths(np.array([run.right for run in runs]))}
    with np.errstate(divide="ignore"):  # a norm of 0 has the logarithm -inf, as it should
        for name in ("loss", "norm"):
            first = np.array([getattr(run, name)[0] for run in runs])
            arrays[name] = np.log10(first).astype(np.float16)
    arrays = {name: array.reshape(*shape, *array.shape[1:]) for name, array in arrays.items()}
    rate = recurrent.CUT_RATE
    arrays["cut"] = in_thousandths(
        np.array(
            [
                [
                    train_recurrent("ReLU", rate, bound, recurrent.SEEDS, cut).right[:, -1]
                    for cut in recurrent.CUTS
                ]
                for bound in recurrent.CUT_BOUNDS
            ]
        )
    )
    for name, grid in recurrent.GRIDS.items():
        halves = [
            [train_recurrent("ReLU", rate, bound, recurrent.SEEDS).halves for bound in grid.bounds]
            for rate in grid.rates
        ]
        arrays[name] = in_thousandths(np.array(halves))
    return arrays


def main():
    """Trains every cell and writes the file."""
    write_npz(TARGET, **train_all())


if __name__ == "__main__":
    main()
