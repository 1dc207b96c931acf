"""Lecture 6's map: what becomes of every learning rate with every bound.

The runs are made by ``assets/make_training_map.py`` and kept in ``assets/training-map.npz``. The
scenes that draw them are in ``lessons/training.py``.
"""

import itertools
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np

from lessons.arguments import check_choice
from lessons.assets import read_asset, read_only
from lessons.digits.network import EPOCH
from lessons.digits.runs import LOSSES, OUTPUTS, PIECE, STEPS, Run, Setting

NO_CLIP = "none"
ENOUGH = 900  # of the 1,000 test digits

MAP_SHA256 = "88272b27497e8861e7ca4a55b0c6678c0903556fc5d5ab3f11bb30e39d171f10"
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
BOUNDS = (0.5, 1.0, 5.0, 15.0, 25.0, 50.0, 100.0, None)
PROGRAMS = {
    "ReLU, squared error": Setting(),
    "linear, squared error": Setting(output="linear"),
    "linear, cross-entropy": Setting(output="linear", loss="cross-entropy"),
    "the same, inputs / 255": Setting(output="linear", loss="cross-entropy", divisor=255.0),
}
# Every program that a slider can ask for, those of the map first. For the others the file holds
# only the curves.
TRAINED = list(PROGRAMS.values())
TRAINED += [
    program
    for choices in itertools.product((50.0, 255.0), OUTPUTS, LOSSES)
    if (program := Setting(0.01, 15.0, *choices)) not in PROGRAMS.values()
]
# What the map keeps of the runs with all seeds, and of the run with the first one.
NUMBERS = {
    "right": np.uint16,
    "broke_at": np.int16,
    "died_at": np.int16,
    "clipped": np.uint8,
    "loss_at_the_end": np.float32,
    "longest": np.float32,
    "typical": np.float32,
}
CURVES = {"loss": STEPS, "before": STEPS, "accuracy": STEPS // PIECE + 1}


def cell_index(program: str, rate: float, bound: float | None) -> tuple[int, int, int]:
    """Return where a cell stands in the arrays of the map.

    Args:
        program: A key of `PROGRAMS`.
        rate: One of `RATES`.
        bound: One of `BOUNDS`.

    Raises:
        ValueError: The map has no such program, rate or bound.
    """
    check_choice("program", program, PROGRAMS)
    check_choice("rate", rate, RATES)
    check_choice("bound", bound, BOUNDS)
    return list(PROGRAMS).index(program), RATES.index(rate), BOUNDS.index(bound)


def cell_setting(program: int, rate: int, bound: int, seed: int) -> Setting:
    """Return what is trained at a place of the map, given by three indices and a seed."""
    return TRAINED[program]._replace(rate=RATES[rate], bound=BOUNDS[bound], seed=seed)


def died_at(run: Run) -> int:
    """Return the first step from which every gradient is exactly 0; -1 if that never happens.

    The batches come again after `EPOCH` steps: a run with that many zeros at its end stays there.
    """
    moved = np.flatnonzero(run.before)
    first = int(moved[-1]) + 1 if len(moved) else 0
    return first if len(run.before) - first >= EPOCH else -1


def entries(run: Run, setting: Setting) -> dict[str, np.ndarray | float]:
    """Return what the map keeps of a run: numbers by `NUMBERS`, curves by `CURVES`.

    Losses and norms are kept as logarithms to base 10, which fit into half precision.
    """
    limit = np.inf if setting.bound is None else setting.bound
    with np.errstate(divide="ignore"):  # a norm of 0 has the logarithm -inf, as it should
        loss, before = np.log10(run.loss), np.log10(run.before)
    return {
        "right": round(1000 * float(run.accuracy[-1])),
        "broke_at": -1 if run.broke_at is None else run.broke_at,
        "died_at": died_at(run),
        "clipped": np.count_nonzero(run.before > limit),
        "loss_at_the_end": run.loss[-PIECE:].mean(),
        "longest": run.before.max(),
        "typical": np.median(run.before),
        "loss": loss,
        "before": before,
        "accuracy": run.accuracy,
    }


@cache
def load_map() -> Mapping[str, np.ndarray]:
    """Read the map that ``assets/make_training_map.py`` made.

    Returns:
        Arrays by name, read-only: for `NUMBERS` of shape
        ``(4 programs, 7 rates, 8 bounds, 8 seeds)``; for `CURVES` with the values of the first
        seed's run in place of the seeds, and all of `TRAINED` in place of the 4 programs.

    Raises:
        FileNotFoundError: The file is missing. The message says how to mend that.
        ValueError: The file is damaged. The message says how to mend that.
    """
    arrays = read_asset("training-map", MAP_SHA256)
    for name in ("loss", "before"):
        arrays[name] = 10.0 ** arrays[name].astype(np.float64)
    return read_only(arrays)


def stored_run(setting: Setting) -> Run | None:
    """Return the run that the map keeps of `setting`, to half precision; None if it keeps none."""
    program = setting._replace(rate=TRAINED[0].rate, bound=TRAINED[0].bound)
    near = np.isclose(RATES, setting.rate)
    if program not in TRAINED or setting.bound not in BOUNDS or not near.any():
        return None
    cell = TRAINED.index(program), int(near.argmax()), BOUNDS.index(setting.bound)
    loss, before, accuracy = (load_map()[name][cell].astype(np.float32) for name in CURVES)
    after = before if setting.bound is None else np.minimum(before, setting.bound)
    return Run(loss, before, after, accuracy)


class Outcome(NamedTuple):
    """What became of the eight runs of one cell of the map.

    Attributes:
        right: How many of the 1,000 test digits each run gets right at its end, shape ``(8,)``.
        broke: In how many runs a loss is infinite or NaN.
        died: In how many runs every gradient is exactly 0 from some step on.
        clipped: Share of the steps that are clipped, the median of the runs; 0 without a bound.
        typical: The median global norm of a run before the clip, the median of the runs.
        loss_at_the_end: The mean loss of a run's last `PIECE` steps, the median of the runs.
    """

    right: np.ndarray
    broke: int
    died: int
    clipped: float
    typical: float
    loss_at_the_end: float

    @property
    def learned(self) -> int:
        """How many runs get at least 90 % of the test digits right."""
        return int(np.count_nonzero(self.right >= ENOUGH))

    @property
    def in_short(self) -> str:
        """A word or a number for a small cell: the median accuracy, or what most runs came to."""
        if 2 * self.broke > len(self.right):
            return "NaN"
        return "dead" if 2 * self.died > len(self.right) else f"{np.median(self.right) / 10:.0f}"

    @property
    def words(self) -> str:
        """What a sentence says of the eight runs."""
        count = len(self.right)
        if self.broke == count:
            return f"all {count} runs end with no finite loss"
        if self.died == count:
            return f"all {count} runs are dead, every gradient is 0"
        ended = {"end with no finite loss": self.broke, "are dead": self.died}
        first = "".join(f"{n} of {count} runs {how}, " for how, n in ended.items() if n)
        return (
            f"{first}{self.right.min() / 10:.0f} to {self.right.max() / 10:.0f} % right, "
            f"{self.learned} of {count} runs reach 90 %, {self.clipped:.0%} of the steps clipped"
        )


def outcome(program: str, rate: float, bound: float | None) -> Outcome:
    """Return what became of the eight runs of the cell that `cell_index` finds."""
    cell = cell_index(program, rate, bound)
    here = {name: load_map()[name][cell] for name in NUMBERS}
    return Outcome(
        here["right"],
        int(np.count_nonzero(here["broke_at"] >= 0)),
        int(np.count_nonzero(here["died_at"] >= 0)),
        float(np.median(here["clipped"])) / STEPS,
        float(np.median(here["typical"])),
        float(np.median(here["loss_at_the_end"])),
    )


def bound_in_words(bound: float | None) -> str:
    """Return a bound in words."""
    return NO_CLIP if bound is None else f"{bound:g}"


def _two_digits(value: float) -> str:
    if np.isnan(value):
        return "NaN"
    return f"{value:.2g}" if value < 100 else f"{value:.0f}"


def print_outcomes(cases: Iterable[tuple[str, float, float | None]]) -> None:
    """Print what became of the eight runs of some cells: program, learning rate, bound."""
    found = [(*case, outcome(*case)) for case in cases]
    print(
        f"{'output, loss':<25} {'rate':>5} {'bound':>5} {'NaN':>4} {'dead':>4} {'≥90%':>4}   "
        f"{'right':<10} {'norm':>8} {'loss':>6}"
    )
    for program, rate, bound, got in found:
        counts = f"{got.broke:>4} {got.died:>4} {got.learned:>4}"
        right = f"{got.right.min() / 10:.0f} to {got.right.max() / 10:.0f} %"
        norm, loss = _two_digits(got.typical), _two_digits(got.loss_at_the_end)
        setting = f"{program:<25} {rate:>5g} {bound_in_words(bound):>5}"
        print(f"{setting} {counts}   {right:<10} {norm:>8} {loss:>6}")


def print_logs(cases: Mapping[str, tuple[str, float, float | None]]) -> None:
    """Print, under each name, what the first run of a cell logged every 30 steps."""
    for name, (program, rate, bound) in cases.items():
        cell = cell_index(program, rate, bound)
        loss, before, accuracy = (load_map()[curve][cell] for curve in CURVES)
        print(f"log {name}   step      loss      norm   right")
        for step in (0, 1, 2, *range(30, STEPS, 30)):
            share = f"{accuracy[step // PIECE]:7.0%}" if step % PIECE == 0 else ""
            print(f"{step:>12} {loss[step]:>9.3g} {before[step]:>9.3g} {share}".rstrip())
