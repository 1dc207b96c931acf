"""How long `make pages` takes: from nothing, with one changed sentence, and with none.

Run by ``make bench``, on copies of the notebooks. Processor time is that of the build, its kernels
and its browser together; on a machine with other work to do it says more than the clock.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

from tests.benchmarks.explore import print_machine, print_targets

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CHANGED = "04_exploding_gradients.ipynb"


def processor_seconds():
    """Return what all ended children have used; None where a system does not say."""
    try:
        import resource
    except ImportError:
        return None
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def build(notebooks, out):
    """Build the site; return the seconds by the clock, and those of the processors."""
    before, begun = processor_seconds(), time.perf_counter()
    paths = map(str, sorted(notebooks.glob("*.ipynb")))
    command = [sys.executable, "-m", "lessons.publish", "pages", *paths, "--out", str(out)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - begun
    return seconds, None if before is None else processor_seconds() - before


def change_a_sentence(path):
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source += "\n\nOne sentence more."
    nbformat.write(notebook, path)


def main():
    print_machine()
    with tempfile.TemporaryDirectory() as scratch:
        notebooks, out = Path(scratch) / "notebooks", Path(scratch) / "build"
        shutil.copytree(NOTEBOOKS, notebooks)
        taken = {"from nothing": build(notebooks, out)}
        change_a_sentence(notebooks / CHANGED)
        taken["one sentence changed"] = build(notebooks, out)
        taken["nothing changed"] = build(notebooks, out)
    for what, (clock, processor) in taken.items():
        used = "" if processor is None else f", {processor:6.1f} s of processor time"
        print(f"{what:22}{clock:7.1f} s{used}")
    most = {"from nothing": 90, "one sentence changed": 5}
    print_targets({f"{what}: at most {s} s": taken[what][0] <= s for what, s in most.items()})


if __name__ == "__main__":
    main()
