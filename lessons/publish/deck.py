"""The deck of a lecture, put in its place once its slides are known to fit the screen."""

from pathlib import Path

from lessons.files import write_whole
from lessons.publish.address import page_address
from lessons.publish.browser import Browser, NoBrowserError
from lessons.publish.lecture import Lecture
from lessons.publish.notebook import NotebookError
from lessons.publish.overflow import overflows
from lessons.publish.slides import lonely_tasks


def deck_of(lecture: Lecture) -> Path:
    """Return the file of the deck."""
    return lecture.out / "slides" / f"{lecture.name}.html"


def make_deck(lecture: Lecture, browser: Browser) -> None:
    """Write the deck of a lecture that has run, unless it has been made.

    Raises:
        NotebookError: Something cannot be shown, or does not fit; the last good deck stays.
        OSError: A file cannot be written.
    """
    deck = deck_of(lecture)
    address = page_address(lecture.name)
    if lecture.is_made(deck, address=address):
        return
    if tasks := lonely_tasks(lecture.cells):
        raise NotebookError("\n".join(f"{lecture.path.name}, {task}" for task in tasks))
    draft = lecture.cache / "drafts" / deck.name
    write_whole(draft, lecture.document("deck", address=address))
    lecture.say(f"{lecture.name}: looking at every slide")
    try:
        found = overflows(browser, draft)
    except NoBrowserError as error:
        # Not marked as made: with a browser, it will be looked at.
        write_whole(deck, draft.read_bytes())
        lecture.say(f"{lecture.name}: nobody checked that its slides fit; {error}")
        return
    if found:
        lines = [f"{lecture.name}, {line}" for line in found]
        raise NotebookError("\n".join([*lines, f"  (to look at: {draft})"]))
    write_whole(deck, draft.read_bytes())
    lecture.mark_made(deck, address=address)
    lecture.say(f"{deck}: {deck.stat().st_size / 1e6:.2f} MB")
