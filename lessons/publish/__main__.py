"""Make slides, pages and prints of the lectures: python -m lessons.publish slides."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

from lessons.publish import build
from lessons.publish.browser import NoBrowserError
from lessons.publish.normalise import NotebookError, find

_ROOT = Path(__file__).parents[2]
_NOTEBOOKS = _ROOT / "notebooks"
_KINDS = {"slides": build.slides, "pages": build.pages, "pdf": build.prints}
_SAY_EVERY = 2.0


def _wanted(names: Sequence[str]) -> list[Path]:
    """Return the notebooks of these names, paths or numbers; all of them if none is named.

    Raises:
        FileNotFoundError: There is no notebook of this name.
    """
    known = find([_NOTEBOOKS])
    if not names:
        return known
    return [_one(name, known) for name in names]


def _one(name: str, known: Sequence[Path]) -> Path:
    if Path(name).is_file() and name.endswith(".ipynb"):
        return Path(name)
    for path in known:
        if name in (path.name, path.stem, path.stem.partition("_")[0]):
            return path
    raise FileNotFoundError(
        f"there is no notebook {name!r}; there are {', '.join(path.stem for path in known)}"
    )


def _teller() -> Callable[[str], None]:
    """Return what prints how far each notebook is, at most every two seconds for each."""
    lock, last = Lock(), {}

    def say(line: str) -> None:
        notebook, _, rest = line.partition(": ")
        with lock:
            now = time.monotonic()
            hurried = "positions, " in rest and now - last.get(notebook, 0) < _SAY_EVERY
            if not hurried:
                last[notebook] = now
                print(line, flush=True)

    return say


def main(arguments: Sequence[str] | None = None) -> int:
    """Build what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m lessons.publish",
        description="Make files of the lectures that need neither Python nor a network.",
        epilog="Exit codes: 0 made, 1 something failed and is named, 2 not understood.",
    )
    parser.add_argument(
        "kind",
        choices=_KINDS,
        help="slides: a deck each; pages: a site; pdf: prints with exercises",
    )
    parser.add_argument(
        "notebook", nargs="*", help="a name, number or path, such as 01; all if none is given"
    )
    parser.add_argument(
        "--out", type=Path, default=_ROOT / "build", metavar="DIR", help="default: build"
    )
    options = parser.parse_args(arguments)
    begun = time.monotonic()
    try:
        wanted = _wanted(options.notebook)
    except FileNotFoundError as error:
        print(f"lessons.publish: {error}", file=sys.stderr)
        return 2
    say = _teller()
    try:
        made = _KINDS[options.kind]([build.Lecture(path, options.out, say) for path in wanted])
    except (NotebookError, NoBrowserError, build.MisfitError, OSError) as error:
        print(f"lessons.publish: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; what was there before is still there.", file=sys.stderr)
        return 130
    seconds = time.monotonic() - begun
    print(f"{len(made)} files in {made[0].parent}, {seconds:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
