"""Whether the slides of a deck fit the screen, looked at in a real browser."""

from pathlib import Path
from typing import Any

from lessons.publish import embedding
from lessons.publish.browser import opened_page

SCREENS = ((1280, 720), (1920, 1080))
# Of a letter's height, on a slide 1280 pixels wide.
LEAST_PIXELS = 18


def misfits(browser: Any, deck: Path) -> list[str]:
    """Return what is wrong with the slides of a deck, a line for each slide and screen.

    Args:
        browser: A running browser.
        deck: The file.

    Raises:
        NotebookError: The browser cannot show it.
    """
    lines = []
    for width, height in SCREENS:
        with opened_page(browser, deck, width, height) as page:
            found = page.evaluate(embedding.own("fit.js"), LEAST_PIXELS)
        for slide in found:
            what = "; ".join(slide["wrong"][:4])
            more = len(slide["wrong"]) - 4
            lines.append(
                f"slide {slide['number']} (cell {slide['slide']!r}) at {width}x{height}: {what}"
                + (f"; and {more} more" if more > 0 else "")
            )
    return lines
