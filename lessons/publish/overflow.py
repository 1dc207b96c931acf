"""Whether the slides of a deck fit the screen, looked at in a real browser."""

from pathlib import Path

from lessons.publish import resources
from lessons.publish.browser import Browser

SCREENS = ((1280, 720), (1920, 1080))
# Of a letter's height, on a slide 1280 pixels wide.
LEAST_PIXELS = 18


def overflows(browser: Browser, deck: Path) -> list[str]:
    """Return what does not fit on the slides of a deck, a line for each slide and screen.

    Raises:
        NoBrowserError: There is no browser to look with.
        NotebookError: The browser cannot show it.
    """
    lines = []
    for width, height in SCREENS:
        # Opened anew: to look at predictions, they are answered.
        with browser.page(deck, width, height) as page:
            for slide in page.evaluate(resources.own("overflow.js"), LEAST_PIXELS):
                what = "; ".join(slide["wrong"][:4])
                more = len(slide["wrong"]) - 4
                lines.append(
                    f"slide {slide['number']} (cell {slide['slide']!r}) at {width}x{height}: {what}"
                    + (f"; and {more} more" if more > 0 else "")
                )
    return lines
