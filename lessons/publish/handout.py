"""A lecture on paper, with room to write, and its answers on paper of their own."""

from pathlib import Path

from lessons.files import write_whole
from lessons.publish.browser import Browser
from lessons.publish.lecture import Lecture

_FOOTER = (
    '<div style="width: 100%; font: 9px sans-serif; text-align: center; color: #444">'
    '<span class="pageNumber"></span> / <span class="totalPages"></span></div>'
)
_MARGIN = {"top": "18mm", "bottom": "20mm", "left": "18mm", "right": "18mm"}


def prints_of(lecture: Lecture) -> dict[str, Path]:
    """Return the files of the prints, by the template that each is made with."""
    folder = lecture.out / "pdf"
    found = {"handout": folder / f"{lecture.name}.pdf"}
    if lecture.has_answers:
        found["answers"] = folder / f"{lecture.name}-answers.pdf"
    return found


def make_prints(lecture: Lecture, browser: Browser) -> None:
    """Write PDFs of a lecture that has run, unless made already: to write on, and the answers.

    Raises:
        NoBrowserError: There is no browser to print with.
        NotebookError: Something cannot be shown, or the browser cannot print it.
        OSError: A file cannot be written.
    """
    for template, target in prints_of(lecture).items():
        if not lecture.is_made(target):
            draft = lecture.cache / "drafts" / f"{target.stem}-{template}.html"
            write_whole(draft, lecture.document(template))
            write_whole(target, as_pdf(browser, draft))
            lecture.mark_made(target)
            lecture.say(str(target))


def as_pdf(browser: Browser, page: Path) -> bytes:
    """Return a page of ours as the bytes of a PDF file, A4, numbered.

    Raises:
        NoBrowserError: There is no browser to print with.
        NotebookError: The browser cannot show it, or cannot print it.
    """
    with browser.page(page, 1000, 1400) as opened:
        return opened.pdf(
            format="A4",
            margin=_MARGIN,
            print_background=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=_FOOTER,
            tagged=True,
            outline=True,
        )
