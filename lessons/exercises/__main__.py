"""Judge the answers of a class: python -m lessons.exercises collect FOLDER."""

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from lessons.exercises.collect import Limits, as_csv, as_table, collect
from lessons.files import write_whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lessons.exercises", description=__doc__)
    parser.add_argument("what", choices=["collect"], help="judge a class's answers")
    parser.add_argument(
        "folder", type=Path, help="holds notebooks, or files from hand_in, named by student"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: FOLDER/results.csv")
    parser.add_argument("--seconds", type=float, default=Limits.seconds, help="for each file")
    parser.add_argument("--megabytes", type=float, default=Limits.megabytes, help="for each file")
    options = parser.parse_args(arguments)
    # To a file or a pipe, Windows writes in a code page that lacks ✓ and letters of many names.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    out = options.out or options.folder / "results.csv"
    limits = Limits(options.seconds, options.megabytes)
    try:
        rows = collect(options.folder, limits, lambda line: print(line, flush=True))
        # With this mark, spreadsheets read names in any script.
        write_whole(out, "\ufeff" + as_csv(rows))
    except OSError as error:
        print(f"lessons.exercises: {error}", file=sys.stderr)
        return 1
    print(f"\n{as_table(rows)}\n\nThe same for a spreadsheet is in {out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
