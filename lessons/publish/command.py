"""Make slides, pages and prints of the lectures: python -m lessons.publish slides."""

import argparse
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from lessons.files import write_whole
from lessons.publish import build
from lessons.publish.browser import NoBrowserError
from lessons.publish.lecture import Lecture, Say
from lessons.publish.notebook import NotebookError, find

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
    # Named twice, as by number and by name, it is built once.
    return list({path.resolve(): path for path in (_one(name, known) for name in names)}.values())


def _one(name: str, known: Sequence[Path]) -> Path:
    if Path(name).is_file() and name.endswith(".ipynb"):
        return Path(name)
    for path in known:
        if name in (path.name, path.stem) or name.zfill(2) == path.stem.partition("_")[0]:
            return path
    raise FileNotFoundError(
        f"there is no notebook {name!r}; the notebooks are {', '.join(path.stem for path in known)}"
    )


def _check_names(paths: Sequence[Path]) -> None:
    """Raise ValueError if what is made of one notebook would overwrite what is made of another."""
    first: dict[str, Path] = {}
    for path in paths:
        other = first.setdefault(path.stem, path)
        if other.resolve() != path.resolve():
            raise ValueError(
                f"{other} and {path} would be written to the same files: rename one of the two, or "
                "build them apart, each with an --out of its own"
            )


def _try_to_write(out: Path) -> None:
    """Find out whether anything can be written there, before a kernel starts.

    Raises:
        OSError: Nothing can be written there.
    """
    trial = out / "cache" / "trial"
    try:
        write_whole(trial, b"")
        trial.unlink()
    except OSError as error:
        raise OSError(
            f"--out {out}: nothing can be written there ({error.strerror}); name another folder"
        ) from error


def _teller(printing: Lock) -> Say:
    """Return what prints how far a notebook is; passing words at most every two seconds."""
    last = -_SAY_EVERY

    def say(words: str, *, passing: bool = False) -> None:
        nonlocal last
        with printing:
            now = time.monotonic()
            if not passing or now - last >= _SAY_EVERY:
                last = now
                print(words, flush=True)

    return say


def main(arguments: Sequence[str] | None = None) -> int:
    """Build what the command line asks for; return the exit code.

    Raises:
        KeyboardInterrupt: Ctrl+C was pressed; what was there before is still there.
    """
    parser = argparse.ArgumentParser(
        prog="python -m lessons.publish",
        description="Make files of the lectures that need neither Python nor a network.",
        epilog="Exit codes: 0 made, 1 something failed and is named, 2 not understood.",
    )
    parser.add_argument(
        "kind",
        choices=_KINDS,
        help="slides: a deck each; pages: a site; pdf: prints to write on, and the answers",
    )
    parser.add_argument(
        "notebook", nargs="*", help="a name, number or path, such as 01; all if none is given"
    )
    parser.add_argument(
        "--out", type=Path, default=_ROOT / "build", metavar="DIR", help="default: build"
    )
    if not (sys.argv[1:] if arguments is None else arguments):
        parser.print_help()
        return 2
    options = parser.parse_intermixed_args(arguments)
    begun = time.monotonic()
    try:
        wanted = _wanted(options.notebook)
        _check_names(wanted)
    except (FileNotFoundError, ValueError) as error:
        print(f"lessons.publish: {error}", file=sys.stderr)
        return 2
    printing = Lock()
    try:
        _try_to_write(options.out)
        lectures = [Lecture(path, options.out, _teller(printing)) for path in wanted]
        made = _KINDS[options.kind](lectures)
    except (NotebookError, NoBrowserError, OSError) as error:
        print(f"lessons.publish: {error}", file=sys.stderr)
        return 1
    except Exception:  # a fault of ours, whose traceback helps whoever mends it
        report = options.out / "cache" / "traceback.txt"
        write_whole(report, traceback.format_exc())
        print(f"lessons.publish: this should not happen; please send {report}", file=sys.stderr)
        return 1
    seconds = time.monotonic() - begun
    print(f"{len(made)} files in {made[0].parent}, {seconds:.1f} s", flush=True)
    return 0
