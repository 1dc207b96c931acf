"""What is handed out: decks, pages and prints, made again where something changed."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from os import cpu_count
from pathlib import Path
from threading import Thread

from lessons.publish.browser import Browser
from lessons.publish.deck import deck_of, make_deck
from lessons.publish.handout import make_prints, prints_of
from lessons.publish.lecture import Lecture
from lessons.publish.notebook import NotebookError
from lessons.publish.site import Site

# On Windows, a wait without a time limit does not hear Ctrl+C.
_SECONDS_TO_WAIT = 0.2


def slides(lectures: Sequence[Lecture]) -> list[Path]:
    """Write a deck for each lecture; return the files.

    Raises:
        NotebookError: Notebooks cannot be published; a line or more names each fault.
        OSError: A file cannot be written.
    """
    _make_each(lectures, make_deck)
    return [deck_of(lecture) for lecture in lectures]


def prints(lectures: Sequence[Lecture]) -> list[Path]:
    """Write a PDF for each lecture, and one of its answers; return the files.

    Raises:
        NoBrowserError: There is no browser to print with.
        NotebookError: Notebooks cannot be published; a line or more names each fault.
        OSError: A file cannot be written.
    """
    _make_each(lectures, make_prints)
    return [made for lecture in lectures for made in prints_of(lecture).values()]


def pages(lectures: Sequence[Lecture]) -> list[Path]:
    """Write a site with a page for each lecture; return its index and these pages.

    Raises:
        NotebookError: Notebooks cannot be published; a line or more names each fault.
        OSError: A file cannot be written.
    """
    site = Site(lectures)
    _make_each(lectures, site.add)
    site.write_index()
    return site.files


def _make_each(lectures: Sequence[Lecture], make: Callable[[Lecture, Browser], None]) -> None:
    """Make something of each lecture as soon as its notebook has run; others run meanwhile."""
    problems = {}
    with Browser() as browser, _running(lectures) as runs:
        for run in _as_they_end(runs):
            try:
                run.result()
                make(runs[run], browser)
            except NotebookError as error:
                problems[runs[run].name] = str(error)
    if problems:
        raise NotebookError("\n".join(problems[name] for name in sorted(problems)))


@contextmanager
def _running(lectures: Sequence[Lecture]) -> Iterator[dict[Future, Lecture]]:
    """Run notebooks, as many at a time as there are processors, inside a ``with`` block.

    Where the block ends early, their kernels end too.
    """
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    free = asyncio.Semaphore(cpu_count() or 1)

    async def run(lecture: Lecture) -> None:
        async with free:
            await lecture.run()

    async def settle() -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)

    # The last lectures train networks: begun first, they do not run alone at the end.
    runs = {
        asyncio.run_coroutine_threadsafe(run(lecture), loop): lecture
        for lecture in reversed(lectures)
    }
    try:
        yield runs
    finally:
        for each in runs:
            each.cancel()
        asyncio.run_coroutine_threadsafe(settle(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _as_they_end(runs: dict[Future, Lecture]) -> Iterator[Future]:
    pending = set(runs)
    while pending:
        ended, pending = wait(pending, _SECONDS_TO_WAIT, FIRST_COMPLETED)
        yield from sorted(ended, key=list(runs).index)
