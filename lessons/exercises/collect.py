"""Judges what a class hands in: each file by itself, so that a bad one costs its own row only."""

import csv
import io
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import psutil

from lessons import ASKED_OF_TENSORFLOW, exercises
from lessons.exercises import answers
from lessons.exercises.checks import checks_of
from lessons.exercises.feedback import Verdict

_ENDINGS = (".ipynb", ".json")
_LOOK_EVERY = 0.1
_LARGEST_OUTPUT = 1_000_000


@dataclass(frozen=True)
class Limits:
    """What one file may use.

    Attributes:
        seconds: By the clock; importing TensorFlow takes about five of them.
        megabytes: Of memory; TensorFlow takes about six hundred of them.
    """

    seconds: float = 60.0
    megabytes: float = 2000.0


@dataclass
class Row:
    """What became of one file.

    Attributes:
        name: The file's path in the class's folder, without its ending.
        lecture: The module of its checks; empty if the file cannot be read.
        verdicts: What the checks say, by the number of the exercise.
        exercises: The numbers of all exercises of the lecture.
        note: What went wrong, apart from answers that are not right; usually empty.
    """

    name: str
    lecture: str = ""
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    exercises: Sequence[int] = ()
    note: str = ""

    @property
    def right(self) -> int:
        """How many answers are right."""
        return sum(verdict is Verdict.RIGHT for verdict in self.verdicts.values())


def files(folder: Path) -> list[Path]:
    """Return the notebooks and answer files in a folder and below it, sorted; no hidden ones.

    Raises:
        FileNotFoundError: The folder holds no such file.
    """
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in _ENDINGS
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    if not found:
        raise FileNotFoundError(f"{folder}: there is no {' or '.join(_ENDINGS)} file")
    return found


def judge(path: Path, name: str, limits: Limits) -> Row:
    """Judge the answers in one file in a fresh process; never raises for what the file holds."""
    try:
        lecture, cells = answers.read(path)
    except answers.UnreadableError as error:
        return Row(name, note=str(error))
    known = [module.name for module in pkgutil.iter_modules(exercises.__path__)]
    checks = checks_of(import_module(f"{exercises.__name__}.{lecture}")) if lecture in known else {}
    if not checks:
        return Row(name, note=f"there are no exercises called {lecture!r:.40}")
    numbers = sorted(check.exercise for check in checks.values())
    told, stopped = apart(cells, limits)
    row = Row(name, lecture, exercises=numbers, note=stopped)
    finished = False
    for line in told:
        finished |= line.get("finished") is True
        if line.get("exercise") in numbers and line.get("verdict") in list(Verdict.__members__):
            row.verdicts[line["exercise"]] = Verdict[line["verdict"]]
        elif isinstance(line.get("raised"), str):
            row.note = row.note or line["raised"]
    if not finished:
        row.note = row.note or "it ended before all answers were judged"
    return row


def apart(cells: Sequence[str], limits: Limits) -> tuple[list[dict], str]:
    """Run cells in the sandbox, a process of its own.

    Returns:
        What it wrote about them, line by line, and why it was stopped; empty if it was not.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name, "writable")
        folder.mkdir()
        job, told = Path(name, "job"), Path(name, "told")
        job.write_text(json.dumps(cells), encoding="utf-8")
        own = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
        with job.open("rb") as asked, told.open("wb") as answered:
            process = subprocess.Popen(
                [sys.executable, "-X", "utf8", "-B", "-m", "lessons.exercises.sandbox"],
                stdin=asked,
                stdout=answered,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                env=os.environ | ASKED_OF_TENSORFLOW | own,
            )
            try:
                stopped = _watch(process, told, limits)
            finally:
                _end(process)
        return list(_lines(told)), stopped


def _watch(process: subprocess.Popen, told: Path, limits: Limits) -> str:
    """Wait for a process; return which limit it has gone beyond, if any."""
    begun = time.monotonic()
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        if time.monotonic() - begun > limits.seconds:
            return f"stopped after {limits.seconds:g} s: is there a loop that never ends?"
        with suppress(psutil.Error):
            # On Windows, the Python of a virtual environment only starts the one that computes.
            family = [watched, *watched.children(recursive=True)]
            if sum(each.memory_info().rss for each in family) > limits.megabytes * 1e6:
                return f"stopped: it needed more than {limits.megabytes:g} MB"
        if told.stat().st_size > _LARGEST_OUTPUT:
            return "stopped: it wrote too much"
        time.sleep(_LOOK_EVERY)
    return ""


def _end(process: subprocess.Popen) -> None:
    """End a process, and whatever it has started."""
    with suppress(psutil.Error):
        started = psutil.Process(process.pid).children(recursive=True)
        for each in started:
            each.kill()
    process.kill()
    process.wait()


def _lines(told: Path) -> Iterator[dict]:
    """Yield what the sandbox wrote, without what an answer may have written in between."""
    with told.open("rb") as file:
        for line in file.read(_LARGEST_OUTPUT).splitlines():
            with suppress(ValueError, RecursionError):
                read = json.loads(line)
                if isinstance(read, dict):
                    yield read


def collect(folder: Path, limits: Limits, say: Callable[[str], None]) -> list[Row]:
    """Judge all files of a class, two at a time.

    Args:
        folder: It holds them, or folders of them.
        limits: What each may use.
        say: Told each name when it is judged.

    Raises:
        FileNotFoundError: The folder holds none.
    """

    def one(path: Path) -> Row:
        name = path.relative_to(folder).as_posix()
        row = judge(path, name.removesuffix(answers.ENDING).removesuffix(path.suffix), limits)
        say(f"{row.name}: {row.right} of {len(row.exercises)} {row.note}".rstrip())
        return row

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, files(folder)))


def as_csv(rows: Sequence[Row]) -> str:
    """Return the table of a class for a spreadsheet."""
    most = max((number for row in rows for number in row.exercises), default=0)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["name", "lecture", "right", "of", *range(1, most + 1), "note"])
    for row in rows:
        verdicts = [_word(row, number) for number in range(1, most + 1)]
        cells = [row.name, row.lecture, row.right, len(row.exercises), *verdicts, row.note]
        # A spreadsheet would take what starts like this for a formula.
        table.writerow([f"'{x}" if str(x)[:1] in "=+-@\t" and x != "" else x for x in cells])
    return text.getvalue()


def _word(row: Row, number: int) -> str:
    if number not in row.exercises:
        return ""
    return row.verdicts.get(number, Verdict.MISSING).name.lower()


def as_table(rows: Sequence[Row]) -> str:
    """Return the table of a class to be read: a sign for each exercise, as the checks show it."""
    lines = []
    width = max(len(row.name) for row in rows)
    for row in rows:
        signs = [row.verdicts.get(number, Verdict.MISSING).value[0] for number in row.exercises]
        lines.append(f"{row.name:<{width}}  {' '.join(signs):<12}  {row.note}".rstrip())
    legend = "  ".join(verdict.value for verdict in Verdict)
    return "\n".join([*lines, "", legend])
