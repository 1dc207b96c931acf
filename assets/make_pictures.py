"""Makes the pictures of the README from the published lecture 1: run `make pages` first.

python assets/make_pictures.py build/site
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from lessons.publish.browser import start

ASSETS = Path(__file__).parent
WIDTH = 720
MILLISECONDS = 80
# Where the pointer drags a slider, there and back, in shares of its width.
WAY = [0.89, *(0.89 - 0.035 * i for i in range(17)), *(0.33 + 0.035 * i for i in range(17))]


def screenshot(page: Page, **options: object) -> Image.Image:
    """Return what a page shows."""
    return Image.open(io.BytesIO(page.screenshot(**options))).convert("RGB")


def dragged(page: Page) -> Iterator[Image.Image]:
    """Yield the first picture of a page while the pointer drags its second slider."""
    picture = page.locator(".picture").first
    picture.scroll_into_view_if_needed()
    picture.get_by_text("Just let me move it").click()
    slider = picture.locator("input[type=range]").nth(1).bounding_box()
    box = picture.bounding_box()
    at = [
        (slider["x"] + share * slider["width"], slider["y"] + slider["height"] / 2) for share in WAY
    ]
    page.mouse.move(*at[0])
    page.mouse.down()
    for place in at:
        page.mouse.move(*place)
        frame = screenshot(page, clip=box)
        yield frame.resize((WIDTH, WIDTH * frame.height // frame.width), Image.Resampling.LANCZOS)
    page.mouse.up()


def main(site: Path) -> None:
    """Write the pictures into this folder."""
    name = "01_clip_by_value_and_relu.html"
    with sync_playwright() as playwright:
        browser = start(playwright)

        def opened(path: Path, width: int, height: int) -> Page:
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(path.resolve().as_uri())
            page.wait_for_selector("html[data-ready]", state="attached")
            return page

        first, *others = dragged(opened(site / name, 1000, 800))
        first.save(
            ASSETS / "slider.webp",
            save_all=True,
            append_images=others,
            duration=MILLISECONDS,
            loop=0,
            quality=40,
            method=6,
            minimize_size=True,
            allow_mixed=True,
        )
        deck = opened(site / "slides" / name, 1280, 720)
        deck.evaluate(
            """() => {
                 const slide = document.querySelector("section:has(> .picture [data-control])");
                 const { h, v } = Reveal.getIndices(slide);
                 Reveal.slide(h, v);
               }"""
        )
        deck.locator(".present > .present").get_by_text("Just let me move it").click()
        deck.get_by_role("button", name="Go on").click()
        page = opened(site / name, 1280, 900)
        for kind, shown in {"deck": deck, "page": page}.items():
            image = screenshot(shown)
            image.thumbnail((960, 960), Image.Resampling.LANCZOS)
            image.save(ASSETS / f"{kind}.webp", quality=70)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
