"""A page of ours on paper."""

from pathlib import Path
from typing import Any

from lessons.publish.browser import opened_page

_FOOTER = (
    '<div style="width: 100%; font: 9px sans-serif; text-align: center; color: #444">'
    '<span class="pageNumber"></span> / <span class="totalPages"></span></div>'
)
_MARGIN = {"top": "18mm", "bottom": "20mm", "left": "18mm", "right": "18mm"}


def as_pdf(browser: Any, page: Path) -> bytes:
    """Return a page as the bytes of a PDF file, A4, numbered.

    Args:
        browser: A running browser.
        page: An HTML file of ours.

    Raises:
        NotebookError: The browser cannot show it, or not print it.
    """
    with opened_page(browser, page, 1000, 1400) as opened:
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
