"""What is handed out: decks, pages and prints, made anew where something changed."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from os import cpu_count
from pathlib import Path

from nbformat import NotebookNode, v4

from lessons.files import write_whole
from lessons.publish import browser, embedding, fit, handout, structure
from lessons.publish.execution import Report, digest, frozen_notebook
from lessons.publish.exporters import LectureExporter
from lessons.publish.markdown import FormulaError, to_html
from lessons.publish.normalise import NotebookError, find, parsed


class MisfitError(RuntimeError):
    """Slides whose content does not fit the screen."""


@dataclass(frozen=True)
class Lecture:
    """A notebook on its way to what is handed out.

    Attributes:
        path: The notebook.
        folder: Where everything is built.
        say: Takes what the builder is to know.
    """

    path: Path
    folder: Path
    say: Report

    @property
    def name(self) -> str:
        """What its files are called."""
        return self.path.stem

    @property
    def cache(self) -> Path:
        """Where what need not be made twice is kept."""
        return self.folder / "cache"

    @cached_property
    def made_from(self) -> str:
        """What everything is made from, as a digest: taken once, before anything is made."""
        run = digest(self.path.read_bytes(), self.path.name)
        return f"{run} {sha256(embedding.everything()).hexdigest()}"

    def notebook(self) -> NotebookNode:
        """Return it with its scenes frozen."""
        return frozen_notebook(self.path, self.cache, self._say_of_it)

    def _say_of_it(self, words: str, *, passing: bool = False) -> None:
        self.say(f"{self.name}: {words}", passing=passing)

    def is_made(self, target: Path) -> bool:
        """Return whether `target` is there, and was made from what stands here now."""
        # Even if nothing is there yet: what is edited while it is made is for the next build.
        made_from, stamp = self.made_from, self._stamp(target)
        if not (target.is_file() and stamp.is_file()):
            return False
        return stamp.read_text() == self._state(made_from, target)

    def mark_made(self, target: Path) -> None:
        """Remember what `target` was made from."""
        write_whole(self._stamp(target), self._state(self.made_from, target))

    def _stamp(self, target: Path) -> Path:
        return self.cache / "made" / f"{target.parent.name}-{target.name}"

    @staticmethod
    def _state(made_from: str, target: Path) -> str:
        return f"{made_from} {sha256(target.read_bytes()).hexdigest()}"


def _together(lectures: Sequence[Lecture], work: Callable[[Lecture], None]) -> None:
    """Run the notebooks side by side: most of a run is one core's, importing and drawing."""
    with ThreadPoolExecutor(max_workers=min(len(lectures), cpu_count() or 1)) as pool:
        list(pool.map(work, lectures))


def slides(lectures: Sequence[Lecture]) -> list[Path]:
    """Write a deck for each notebook, once it is known to fit the screen.

    Raises:
        NotebookError: A notebook raised.
        MisfitError: Slides do not fit; the last good deck stays in its place.
        OSError: A file cannot be written.
    """
    decks = {lecture: lecture.folder / "slides" / f"{lecture.name}.html" for lecture in lectures}
    stale = [lecture for lecture, deck in decks.items() if not lecture.is_made(deck)]
    if stale:
        _together(stale, _draft_deck)
        _check_and_place({lecture: decks[lecture] for lecture in stale})
    return list(decks.values())


def _draft(lecture: Lecture) -> Path:
    return lecture.cache / "drafts" / f"{lecture.name}.html"


def _draft_deck(lecture: Lecture) -> None:
    write_whole(_draft(lecture), _html(lecture, LectureExporter("deck")))


def _html(lecture: Lecture, exporter: LectureExporter) -> str:
    """Return the file that an exporter makes of a lecture; if it cannot, say of which."""
    notebook = lecture.notebook()
    try:
        return exporter.html(notebook)
    except NotebookError as error:
        raise NotebookError(f"{lecture.path.name}, {error}") from error


def _check_and_place(decks: dict[Lecture, Path]) -> None:
    wrong = []
    try:
        with browser.opened() as running:
            for lecture, deck in decks.items():
                lecture.say(f"{lecture.name}: looking at every slide")
                found = fit.misfits(running, _draft(lecture))
                wrong += [f"{lecture.name}, {line}" for line in found]
                if found:
                    wrong.append(f"  (to look at: {_draft(lecture)})")
                else:
                    _place(lecture, deck)
    except browser.NoBrowserError as error:
        for lecture, deck in decks.items():
            # Not marked as made: with a browser, it will be looked at.
            write_whole(deck, _draft(lecture).read_bytes())
            lecture.say(f"{lecture.name}: nobody checked that its slides fit; {error}")
    if wrong:
        raise MisfitError("These slides do not fit:\n" + "\n".join(wrong))


def _place(lecture: Lecture, deck: Path) -> None:
    write_whole(deck, _draft(lecture).read_bytes())
    lecture.mark_made(deck)
    lecture.say(f"{deck}: {deck.stat().st_size / 1e6:.2f} MB")


def prints(lectures: Sequence[Lecture]) -> list[Path]:
    """Write a PDF for each notebook: to read, and with room to write.

    Raises:
        NotebookError: A notebook raised.
        NoBrowserError: There is no browser to print with.
        OSError: A file cannot be written.
    """
    stale = [lecture for lecture in lectures if not lecture.is_made(_print_of(lecture))]
    if stale:
        with browser.opened() as running:
            _together(stale, Lecture.notebook)
            for lecture in stale:
                page = lecture.cache / "drafts" / f"{lecture.name}-print.html"
                write_whole(page, _html(lecture, LectureExporter("handout")))
                write_whole(_print_of(lecture), handout.as_pdf(running, page))
                lecture.mark_made(_print_of(lecture))
                lecture.say(str(_print_of(lecture)))
    return [_print_of(lecture) for lecture in lectures]


def _print_of(lecture: Lecture) -> Path:
    return lecture.folder / "pdf" / f"{lecture.name}.pdf"


def pages(lectures: Sequence[Lecture]) -> list[Path]:
    """Write a site: an index, a page for each notebook, and what its links lead to.

    The index, and what comes before and after, take in what is on the site already of the other
    notebooks in the same folders.

    Raises:
        NotebookError: A notebook raised.
        MisfitError: Slides do not fit.
        OSError: A file cannot be written.
    """
    site = lectures[0].folder / "site"
    for deck in slides(lectures):
        write_whole(site / "slides" / deck.name, deck.read_bytes())
    _place_prints(site, lectures)
    for lecture in lectures:
        write_whole(site / "notebooks" / lecture.path.name, lecture.path.read_bytes())
    shown = _on_site(site, lectures)
    titles = [(path.stem, structure.title_of(notebook)) for path, notebook in shown.items()]
    places = {name: place for place, (name, _) in enumerate(titles)}
    written = []
    for lecture in lectures:
        place = places[lecture.name]
        page = LectureExporter(
            "page",
            links=_links(site, lecture.path),
            before=titles[place - 1] if place else None,
            after=titles[place + 1] if place + 1 < len(titles) else None,
        )
        written.append(_page_of(site, lecture.path))
        write_whole(written[-1], _html(lecture, page))
    described = [
        {
            "name": path.stem,
            "title": structure.title_of(notebook),
            "about": _about(path, notebook),
            "links": _links(site, path),
        }
        for path, notebook in shown.items()
    ]
    index = site / "index.html"
    write_whole(index, LectureExporter("index", lectures=described).html(v4.new_notebook()))
    lectures[0].say(str(index))
    return [index, *written]


def _place_prints(site: Path, lectures: Sequence[Lecture]) -> None:
    """Put the prints on the site; without a browser, none that is older than its notebook stays."""
    try:
        prints(lectures)
    except browser.NoBrowserError as error:
        lectures[0].say(f"no link to a PDF of what changed since it was printed: {error}")
    for lecture in lectures:
        target, sheet = site / "pdf" / f"{lecture.name}.pdf", _print_of(lecture)
        if lecture.is_made(sheet):
            write_whole(target, sheet.read_bytes())
        else:
            target.unlink(missing_ok=True)


def _on_site(site: Path, lectures: Sequence[Lecture]) -> dict[Path, NotebookNode]:
    """Return, in their order, the notebooks that have a page or get one now, as they stand."""
    asked = {lecture.name: lecture.path for lecture in lectures}
    beside = find(list({lecture.path.parent: None for lecture in lectures}))
    by_name = {path.stem: path for path in beside} | asked
    return {
        path: parsed(path.read_bytes(), path.name)
        for name, path in by_name.items()
        if name in asked or _page_of(site, path).is_file()
    }


def _about(path: Path, notebook: NotebookNode) -> str:
    try:
        return to_html(structure.opening(notebook))
    except FormulaError as error:
        raise NotebookError(f"{path.name}: {error}") from error


def _page_of(site: Path, notebook: Path) -> Path:
    return site / f"{notebook.stem}.html"


def _links(site: Path, notebook: Path) -> list[tuple[str, str]]:
    """Return where a page leads, with words: slides, print if there is one, notebook."""
    links = [(f"slides/{notebook.stem}.html", "Slides")]
    if (site / "pdf" / f"{notebook.stem}.pdf").is_file():
        links.append((f"pdf/{notebook.stem}.pdf", "PDF to print"))
    return [*links, (f"notebooks/{notebook.name}", "Notebook")]
