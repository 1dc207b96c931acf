"""From a key press to the new picture where there is no kernel, and what that takes in bytes.

Run by ``make bench``, in one headless browser without a network, one after the other:

    e  an embedded scene, in a deck as `make slides` writes it
    f  a stack of PNG frames, one for each position, shown by a slider in a page of its own
    g  nbconvert's own slides of the notebook, with the state of its widgets stored

The picture is the one of ``explore.py``, with two sliders of 21 positions. The clock
starts when ``keydown`` reaches the window and stops in the first ``requestAnimationFrame`` after
the picture changed: after the SVG element's tree has, or an image with another source has loaded.
"""

import base64
import statistics
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbconvert.exporters import SlidesExporter
from nbformat import v4

from lessons.explorable import embed
from lessons.explorable.live import explore
from lessons.explorable.picture import Picture
from lessons.publish.html import document
from tests.benchmarks.explore import (
    FRAME,
    MOVES,
    PROBE,
    Clipped,
    browser_and_folder,
    p95,
    print_targets,
)

SLIDERS = {"low": (-2.0, 0.0, 0.1), "high": (0.0, 2.0, 0.1)}
POSITIONS = 21
# The width of a picture that a notebook stores.
DPI = 96
WATCH_SVG = """
() => {
  const { shadowRoot } = document.querySelector('.lessons-view [role=img]');
  const watched = { subtree: true, childList: true };
  new MutationObserver(() => bench.changed()).observe(shadowRoot, watched);
}
"""
WATCH_IMAGE = """
() => document.querySelector('img').addEventListener('load', () => bench.changed())
"""
STACK = """<!DOCTYPE html><title>Frames</title>
<input type="range" max="20" value="10"><input type="range" max="20" value="10">
<img width="960" alt="41 bars"><script>
const frames = [%s];
const sliders = document.querySelectorAll("input");
const show = () => {
  const [low, high] = [...sliders].map((each) => each.valueAsNumber);
  document.querySelector("img").src = "data:image/png;base64," + frames[21 * low + high];
};
addEventListener("input", show);
show();
</script>"""


def write_deck(folder):
    """Write a deck with the scene; return its path, and the bytes that the scene takes in it."""
    made = explore(Clipped(), **SLIDERS)
    data, metadata = embed.embedded_explorer(made, folder / "scenes", lambda progress: None)
    cell = v4.new_code_cell(
        "explore(Clipped())",
        outputs=[v4.new_output("execute_result", data=data, metadata=metadata)],
    )
    path = folder / "deck.html"
    cells = [v4.new_markdown_cell("# Clipped"), cell]
    path.write_text(document("deck", cells, folder), encoding="utf-8")
    return path, len(data["text/html"])


def write_stack(folder):
    """Write every position as a PNG; return the page's path, and its bytes."""
    picture = Picture(Clipped())
    low, high = (np.linspace(start, end, POSITIONS) for start, end, _ in SLIDERS.values())
    frames = [base64.b64encode(picture.png(DPI, low=a, high=b)).decode() for a in low for b in high]
    path = folder / "stack.html"
    path.write_text(STACK % ",".join(f'"{frame}"' for frame in frames), encoding="utf-8")
    return path, path.stat().st_size


def write_nbconvert(folder):
    """Write nbconvert's slides of a notebook that explores the scene; return path and bytes."""
    code = (
        f"import sys; sys.path[:0] = [{str(Path(__file__).parents[2])!r}]\n"
        "from tests.benchmarks.explore import Clipped\n"
        "from lessons.explorable.live import explore\n"
        f"explore(Clipped(), **{SLIDERS!r})"
    )
    notebook = v4.new_notebook(cells=[v4.new_code_cell(code)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    NotebookClient(notebook, store_widget_state=True).execute()
    html, _ = SlidesExporter().from_notebook_node(nbformat.from_dict(notebook))
    path = folder / "nbconvert.html"
    path.write_text(html, encoding="utf-8")
    return path, len(html.encode())


def times_of(chromium, path, watch):
    """Press a key `MOVES` times, each when all is at rest; return the milliseconds of each."""
    page = chromium.new_context(offline=True, viewport={"width": 1280, "height": 720}).new_page()
    page.goto(path.as_uri())
    page.wait_for_timeout(1500)
    page.evaluate(PROBE)
    page.evaluate(watch)
    if page.evaluate("() => 'Reveal' in window"):
        page.evaluate("() => Reveal.slide(0, 1, 99)")
        page.evaluate("() => Reveal.slide(Reveal.getTotalSlides() - 1)")
    slider = page.locator("input[type=range]").first
    slider.evaluate("(each) => each.focus({ preventScroll: true })")
    times = []
    for i in range(MOVES):
        before = page.evaluate("() => bench.pictures.length")
        page.keyboard.press("ArrowRight" if i // 10 % 2 else "ArrowLeft")
        page.evaluate("(before) => bench.picture(before)", before)
        times.append(page.evaluate("(i) => bench.pictures[i] - bench.keys.at(-1)", before))
        page.wait_for_timeout(100)
    page.context.close()
    return times


def asked_for(chromium, path):
    """Return how many files from elsewhere a page asks for, and how many pictures it then shows."""
    page = chromium.new_context(offline=True).new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_timeout(3000)
    pictures = page.locator("svg, canvas, .widget-slider").count()
    page.context.close()
    return len([url for url in asked if url.startswith("http")]), pictures


def main():
    with browser_and_folder() as (chromium, folder):
        deck, deck_bytes = write_deck(folder)
        stack, stack_bytes = write_stack(folder)
        slides, slides_bytes = write_nbconvert(folder)
        ours = times_of(chromium, deck, WATCH_SVG)
        theirs = times_of(chromium, stack, WATCH_IMAGE)
        asked, pictures = asked_for(chromium, slides)
    print(f"{POSITIONS} x {POSITIONS} positions         median    p95  worst, ms        bytes")
    for name, times, size in (
        ("e  embedded, in our deck", ours, deck_bytes),
        ("f  a stack of PNG frames", theirs, stack_bytes),
    ):
        print(
            f"{name:26}  {statistics.median(times):7.1f} {p95(times):6.1f} {max(times):6.1f} "
            f"{size:16,}"
        )
    print(f"{'g  nbconvert, no network':26}  no picture{'':14}{slides_bytes:16,}")
    print(
        f"   (it asks for {asked} files from elsewhere, and shows {pictures} sliders or pictures)"
    )
    targets = {
        f"p95 of e below one frame, 16.7 ms: {p95(ours):.1f}": p95(ours) < FRAME,
        f"e at most 1/50 of the bytes of f: 1/{stack_bytes / deck_bytes:.0f}": (
            50 * deck_bytes <= stack_bytes
        ),
    }
    print_targets(targets)


if __name__ == "__main__":
    main()
