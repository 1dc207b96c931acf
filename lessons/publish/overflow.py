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
    with browser.page(deck, *SCREENS[0]) as page:
        for width, height in SCREENS:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate("Reveal.layout()")
            for slide in page.evaluate(resources.own("lessons/publish/overflow.js"), LEAST_PIXELS):
                what = "; ".join(slide["wrong"][:4])
                more = len(slide["wrong"]) - 4
                lines.append(
                    f"slide {slide['number']} (cell {slide['slide']!r}) at {width}x{height}: {what}"
                    + (f"; and {more} more" if more > 0 else "")
                )
    return lines
