"""A site: an index, a page for each lecture, and what its links lead to."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lessons.files import write_whole
from lessons.publish.browser import Browser, NoBrowserError
from lessons.publish.cards import small
from lessons.publish.cells import is_embedded
from lessons.publish.deck import deck_of, make_deck
from lessons.publish.handout import make_prints, prints_of
from lessons.publish.html import document
from lessons.publish.lecture import Lecture
from lessons.publish.notebook import find

_WORDS = {"handout": "PDF to print", "answers": "Answers to print"}


class Site:
    """The pages of some lectures, beside those that stand there already.

    Args:
        lectures: What is asked for; their notebooks may stand in several folders.
    """

    def __init__(self, lectures: Sequence[Lecture]):
        self.out, self.say = lectures[0].out, lectures[0].say
        self.folder = self.out / "site"
        self.index = self.folder / "index.html"
        self.asked = lectures
        asked = {lecture.name: lecture for lecture in lectures}
        beside = {path.stem: path for path in find(list({one.path.parent for one in lectures}))}
        # In their order; of the others, those that have a page.
        self.lectures = [
            asked.get(name) or Lecture(beside[name], self.out, self.say)
            for name in sorted(beside | asked)
            if name in asked or self._page(name).is_file()
        ]

    def _page(self, name: str) -> Path:
        return self.folder / f"{name}.html"

    @property
    def files(self) -> list[Path]:
        """The index, and the page of each lecture that was asked for."""
        return [self.index, *(self._page(lecture.name) for lecture in self.asked)]

    def add(self, lecture: Lecture, browser: Browser) -> None:
        """Write the page of a lecture that has run, with its deck, its print and its notebook.

        Without a browser, prints older than their notebook are removed.

        Raises:
            NotebookError: Something cannot be shown, or slides do not fit.
            OSError: A file cannot be written.
        """
        make_deck(lecture, browser)
        self._copy(deck_of(lecture), "slides")
        try:
            make_prints(lecture, browser)
            for path in prints_of(lecture).values():
                self._copy(path, "pdf")
        except NoBrowserError as error:
            for path in prints_of(lecture).values():
                (self.folder / "pdf" / path.name).unlink(missing_ok=True)
            self.say(f"{lecture.name}: no PDF to print; {error}")
        write_whole(self.folder / "notebooks" / lecture.path.name, lecture.text)
        place = self.lectures.index(lecture)
        given = {
            "links": self._links(lecture),
            "before": self._neighbour(place - 1),
            "after": self._neighbour(place + 1),
        }
        self._keep_opening(lecture)
        page = self._page(lecture.name)
        if not lecture.is_made(page, **given):
            write_whole(page, lecture.document("page", **given))
            lecture.mark_made(page, **given)

    def _opening(self, name: str) -> Path:
        return self.out / "cache" / "openings" / f"{name}.html"

    def _keep_opening(self, lecture: Lecture) -> None:
        """Keep the first picture with sliders for the index, which other builds write too."""
        self._opening(lecture.name).unlink(missing_ok=True)
        for output in (output for cell in lecture.cells for output in cell.get("outputs", [])):
            if is_embedded(output) and "data-control" in output.data["text/html"]:
                # On the index nobody has yet read what a prediction would be about.
                scene = re.sub(' data-prediction="[^"]*"', "", output.data["text/html"])
                write_whole(self._opening(lecture.name), scene)
                return

    def _neighbour(self, place: int) -> tuple[str, str] | None:
        """Return the name and title of the lecture at this place, if there is one."""
        if not 0 <= place < len(self.lectures):
            return None
        return self.lectures[place].name, self.lectures[place].title

    def _copy(self, path: Path, folder: str) -> None:
        write_whole(self.folder / folder / path.name, path.read_bytes())

    def write_index(self) -> None:
        """Write the page from which all others are found.

        Raises:
            NotebookError: Something in the first cell of a lecture cannot be shown.
            OSError: The file cannot be written.
        """
        first = self.lectures[0]
        given = {"lectures": self._cards(), "opening": self._first_opening()}
        if not first.is_made(self.index, **given):
            kept = self.out / "cache" / "fonts" / "index.css"
            page = document("index", [], first.path.parent, kept_fonts=kept, **given)
            write_whole(self.index, page)
            first.mark_made(self.index, **given)
            self.say(str(self.index))

    def _cards(self) -> list[dict[str, Any]]:
        """Return what the index says about each lecture; no two have the same picture."""
        cards, taken = [], set()
        for lecture in self.lectures:
            pictures = lecture.stored_pictures()
            own = next((each for each in pictures if each.pixels not in taken), None)
            if own:
                taken.add(own.pixels)
            cards.append(
                {
                    "name": lecture.name,
                    "number": lecture.number,
                    "title": lecture.title,
                    "about": lecture.about(),
                    "picture": own and small(own),
                    "links": self._links(lecture),
                }
            )
        return cards

    def _first_opening(self) -> dict[str, str] | None:
        """Return the scene with which the index opens, and the lecture that it is from."""
        for lecture in self.lectures:
            path = self._opening(lecture.name)
            if path.is_file():
                scene = path.read_text(encoding="utf-8")
                return {"name": lecture.name, "title": lecture.title, "scene": scene}
        return None

    def _links(self, lecture: Lecture) -> list[tuple[str, str]]:
        """Return where a page leads, with words: slides, prints if there are any, notebook."""
        links = [(f"slides/{lecture.name}.html", "Slides")]
        for template, path in prints_of(lecture).items():
            if (self.folder / "pdf" / path.name).is_file():
                links.append((f"pdf/{path.name}", _WORDS[template]))
        return [*links, (f"notebooks/{lecture.path.name}", "Notebook")]
