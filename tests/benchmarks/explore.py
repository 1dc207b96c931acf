"""From a key press to the new picture, for one picture that is moved in four ways.

Run by ``make bench``, in one JupyterLab and one browser (headless, 60 pictures a second), each way
in a notebook and a kernel of its own, one after the other:

    a  ``@interact`` with a function that makes a new figure by ``plt.subplots``, drawn inline
    b  ipympl: ``set_data`` on artists that stay, and ``draw_idle``
    c  `explore`, a position that the kernel has yet to compute
    d  `explore`, a position that has been sent ahead

Then the first moves: the pointer rests on a slider for 300 ms, at a place of the other slider where
none of its positions has been sent, and a key moves it.

The picture is the same: two panels, 41 bars that move, lines that move, two sliders of 41
positions. A slider is moved 30 times, each time when everything has come to rest, and then the
other one 30 times at intervals of 20 ms.

The clock starts in the page, when ``keydown`` reaches the window, and stops in the first
``requestAnimationFrame`` after the picture changed. It has changed

    a  when an image with another source than the last one has loaded in the cell's output;
    b  when something has been drawn onto a canvas of the page that left it with other pixels; the
       pixels are compared after the clock was stopped;
    c, d  when the tree of the SVG element has changed, seen by a MutationObserver.

The kernel's work is its ``time.process_time()``, all threads, asked for before and after the 30
single moves, less what the question costs, divided by 30.
"""

import os
import platform
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np

from lessons.explorable.scene import Scene
from lessons.explorable.words import typeset
from lessons.publish import browser as installed
from tests.browser import driver as real

MOVES = 30
BURST_INTERVAL = 0.02
HOVER = 300
FRAME = 1000 / 60

# ---- the picture -------------------------------------------------------------------------------

VALUES = 2.5 * np.sin(np.arange(41) * 1.7) * np.linspace(0.3, 1, 41)
GRID = np.linspace(-3, 3, 241)


def draw(left, right):
    """Draw both panels; return the bars, the lines and the words that move."""
    left.set(xlim=(-1, 41), ylim=(-3, 3), xlabel="index", ylabel="value")
    right.set(xlim=(-3, 3), ylim=(-3, 3), xlabel="input", ylabel="output")
    left.plot(range(41), VALUES, "o")
    bars = left.bar(range(41), VALUES)
    right.plot(GRID, GRID)
    curve, low, high = (right.plot([], [])[0] for _ in range(3))
    return list(bars), [curve, low, high], right.text(-2.8, 2.6, "")


def place(bars, lines, words, low, high):
    """Set everything that moves to its place; return one sentence."""
    clipped = np.clip(VALUES, low, high)
    for bar, height in zip(bars, clipped, strict=True):
        bar.set_height(height)
    lines[0].set_data(GRID, np.clip(GRID, low, high))
    lines[1].set_data([-3, 3], [low, low])
    lines[2].set_data([-3, 3], [high, high])
    count = int(np.sum(clipped != VALUES))
    words.set_text(f"{count} of 41 clipped")
    return f"Between {low:.2f} and {high:.2f}, {count} of 41 values are clipped."


def new_figure(low=-1.0, high=1.0):
    """What people write for ``@interact``."""
    _, (left, right) = plt.subplots(1, 2, figsize=(10, 4.4))
    place(*draw(left, right), low, high)
    plt.show()


class Clipped(Scene):
    """The same as a scene."""

    alt = "41 bars, and a line that goes flat at two bounds."

    def draw(self):
        bars, lines, words = draw(*self.figure.subplots(1, 2))
        self.moves(*bars, *lines, words)
        self.moving = bars, lines, words

    def update(self, low=-1.0, high=1.0):
        return place(*self.moving, low, high)


class Slow(Clipped):
    """A scene that is computed only when a slider is let go."""

    slow = True
    computed = 0

    def update(self, low=-1.0, high=1.0):
        Slow.computed += 1
        return super().update(low, high)


# ---- the four notebooks ------------------------------------------------------------------------

START = f"""
import sys, time
sys.path[:0] = [{str(Path(__file__).parents[2])!r}]
from tests.benchmarks.explore import *
from lessons.explorable.live import explore
from ipywidgets import FloatSlider, VBox, interact
"""
SLIDERS = "low=(-2.0, 0.0, 0.05), high=(0.0, 2.0, 0.05)"
IPYMPL = """
%matplotlib widget
plt.ioff()
figure, axes = plt.subplots(1, 2, figsize=(10, 4.4))
moving = draw(*axes)
low = FloatSlider(value=-1, min=-2, max=0, step=0.05)
high = FloatSlider(value=1, min=0, max=2, step=0.05)

def update(change=None):
    place(*moving, low.value, high.value)
    figure.canvas.draw_idle()

low.observe(update, "value")
high.observe(update, "value")
update()
display(VBox([low, high, figure.canvas]))
"""
OURS = f"shown = explore(Clipped(), {SLIDERS})\n"


@dataclass(frozen=True)
class Way:
    """One way to move the picture: what the notebook's cell holds, and what the page watches."""

    letter: str
    name: str
    cell: str
    watch: str


PROBE = """
() => {
  const bench = { keys: [], pictures: [], arrivals: [] };
  const waiting = [];
  addEventListener('keydown', () => bench.keys.push(performance.now()), true);
  let asked = false;
  bench.changed = (isNew = () => true) => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      const now = performance.now();
      asked = false;
      if (!isNew()) return;
      bench.pictures.push(now);
      waiting.splice(0).forEach((resolve) => resolve());
    });
  };
  bench.picture = (count) =>
    new Promise((resolve) => (bench.pictures.length > count ? resolve() : waiting.push(resolve)));
  window.bench = bench;
}
"""
WATCH_IMAGES = """
() => {
  const output = document.querySelector('.jp-OutputArea:has(.noUi-handle)');
  let last = output.querySelector('img').src;
  new MutationObserver(() => {
    for (const img of output.querySelectorAll('img')) {
      if (img.src === last) continue;
      last = img.src;
      if (img.complete) bench.changed();
      else img.addEventListener('load', () => bench.changed());
    }
  }).observe(output, { subtree: true, childList: true, attributeFilter: ['src'] });
}
"""
WATCH_CANVAS = """
() => {
  const pixels = (canvas) => canvas.toDataURL();
  const drawImage = CanvasRenderingContext2D.prototype.drawImage;
  let last = '';
  CanvasRenderingContext2D.prototype.drawImage = function (...given) {
    drawImage.apply(this, given);
    if (!this.canvas.isConnected) return;
    bench.changed(() => {
      const before = last;
      last = pixels(this.canvas);
      return last !== before;
    });
  };
}
"""
WATCH_SVG = """
() => {
  const picture = document.querySelector('.lessons-view [role=img]').shadowRoot;
  const watched = { subtree: true, childList: true };
  new MutationObserver(() => bench.changed()).observe(picture, watched);
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  kernel.anyMessage.connect((_, { msg, direction }) => {
    const isFrame = msg.content?.data?.content?.kind === 'frame';
    if (direction === 'recv' && isFrame) bench.arrivals.push(performance.now());
  });
}
"""
WAYS = [
    Way("a", "@interact, a new figure", f"interact(new_figure, {SLIDERS});", WATCH_IMAGES),
    Way("b", "ipympl, set_data", IPYMPL, WATCH_CANVAS),
    Way("c", "explore, yet to compute", f"{OURS}shown.view.ahead = False\nshown", WATCH_SVG),
    Way("d", "explore, sent ahead", f"{OURS}shown", WATCH_SVG),
]


# ---- measuring ---------------------------------------------------------------------------------


@dataclass
class Measured:
    """What one way came to; times in milliseconds."""

    single: list[float]
    kernel: float
    burst_pictures: int
    burst_end: float
    """From the last key of the burst to the last picture."""
    from_arrival: float | None
    """From the arrival of the burst's last position to its picture; for ours only."""
    is_last: bool | None
    """Whether the burst ended with the picture of the handle's position; for ours only."""


def opened(chromium, lab, name, cell):
    """Write a notebook, open it and run it."""
    cells = [nbformat.v4.new_code_cell(source) for source in (START, cell)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, lab.folder / name)
    result = real.Notebook(chromium, lab, name)
    result.run_all()
    result.page.locator(".jp-OutputArea .noUi-handle").first.wait_for()
    result.page.wait_for_timeout(1500)
    return result


def close(notebook):
    """Close the page and end its kernel, so that the next one has the machine to itself."""
    notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    notebook.page.close()


def seconds_of_kernel(notebook):
    """Return the processor time that the kernel has used."""
    return float(notebook.ask("print(time.process_time())"))


def cost_of_asking(notebook):
    """Return the processor time of one question."""
    answers = [seconds_of_kernel(notebook) for _ in range(6)]
    return statistics.median(np.diff(answers))


def hold(page, index):
    """Take a slider and move it to its lower end; wait until everything has come to rest."""
    page.locator(".jp-OutputArea .noUi-handle").nth(index).focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(1500)


def single_moves(page):
    """Press a key `MOVES` times, each when all is at rest; return the times to the picture."""
    times = []
    for _ in range(MOVES):
        times.append(move(page))
        page.wait_for_timeout(250)
    return times


def move(page):
    """Press a key; return the time to the picture."""
    before = page.evaluate("() => bench.pictures.length")
    page.keyboard.press("ArrowRight")
    page.evaluate("(before) => bench.picture(before)", before)
    return page.evaluate("(i) => bench.pictures[i] - bench.keys.at(-1)", before)


def burst(page):
    """Press a key `MOVES` times, without waiting for pictures."""
    start = time.perf_counter()
    for i in range(MOVES):
        time.sleep(max(0, start + i * BURST_INTERVAL - time.perf_counter()))
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(3000)


def ended_at_the_handle(notebook):
    """Tell whether readout and picture are those of the kernel at the sliders' values."""
    explorer = notebook.explorer(0)
    answer = notebook.ask("import json; print(json.dumps(vars(shown.frame())))")
    shown = notebook.page.evaluate(
        """([parts]) => {
             const { shadowRoot } = document.querySelector('.lessons-view [role=img]');
             const plain = document.createElementNS('http://www.w3.org/2000/svg', 'g');
             return Object.entries(parts).every(([name, fragment]) => {
               plain.innerHTML = fragment;
               const group = shadowRoot.querySelector(`[data-part=${name}]`);
               return group.innerHTML === plain.innerHTML;
             });
           }""",
        [real.json.loads(answer)["parts"]],
    )
    at = notebook.ask("print(shown.values['high'])")
    handle = notebook.page.locator(".jp-OutputArea .noUi-handle").nth(1)
    same_value = abs(float(handle.get_attribute("aria-valuenow")) - float(at)) < 1e-9
    readout = typeset(real.json.loads(answer)["readout"])
    return shown and same_value and explorer.readout() == readout


def measure(chromium, lab, way):
    """Move one picture in one way."""
    notebook = opened(chromium, lab, f"{way.letter}.ipynb", way.cell)
    page, ours = notebook.page, way.watch is WATCH_SVG
    page.evaluate(PROBE)
    page.evaluate(way.watch)
    hold(page, 0)
    asking = cost_of_asking(notebook)
    before = seconds_of_kernel(notebook)
    times = single_moves(page)
    kernel = (seconds_of_kernel(notebook) - before - asking) / MOVES
    hold(page, 1)
    page.evaluate("() => { bench.pictures = []; bench.arrivals = []; bench.keys = []; }")
    burst(page)
    seen = page.evaluate("() => bench")
    last, key = seen["pictures"][-1], seen["keys"][-1]
    arrival = max([key, *seen["arrivals"]])
    result = Measured(
        single=times,
        kernel=1000 * kernel,
        burst_pictures=len(seen["pictures"]),
        burst_end=last - key,
        from_arrival=last - arrival if ours else None,
        is_last=ended_at_the_handle(notebook) if ours else None,
    )
    if notebook.complaints:
        raise RuntimeError("\n".join(notebook.complaints))
    close(notebook)
    return result


def first_moves(chromium, lab):
    """Return the times of first moves, each after the pointer has rested on the slider."""
    notebook = opened(chromium, lab, "first.ipynb", f"{OURS}shown")
    page = notebook.page
    page.evaluate(PROBE)
    page.evaluate(WATCH_SVG)
    low, high = page.locator(".jp-OutputArea .noUi-handle").all()
    # From their lower ends, or they would come to their upper ends before the last move.
    hold(page, 0)
    hold(page, 1)
    times = []
    for _ in range(MOVES):
        page.mouse.move(0, 0)
        high.press("ArrowRight")
        page.wait_for_timeout(500)
        page.locator(".jp-OutputArea .noUi-base").first.hover()
        page.wait_for_timeout(HOVER)
        low.focus()
        times.append(move(page))
    close(notebook)
    return times


def computed_ahead_though_slow(chromium, lab):
    """Return how many positions of a slow scene are computed while a slider is only held."""
    notebook = opened(chromium, lab, "slow.ipynb", f"explore(Slow(), {SLIDERS})")
    started = int(notebook.ask("print(Slow.computed)"))
    notebook.page.locator(".jp-OutputArea .noUi-handle").first.focus()
    notebook.page.wait_for_timeout(1000)
    held = int(notebook.ask("print(Slow.computed)")) - started
    close(notebook)
    return held


# ---- telling -----------------------------------------------------------------------------------


def print_machine():
    """Print how much else the machine has to do: times mean little if that is much."""
    cores = os.cpu_count()
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "not known"
    print(f"{platform.system()}, {cores} cores; load before the start: {load}", flush=True)


def p95(times):
    return float(np.percentile(times, 95))


def print_table(results):
    """Print one row for each way."""
    a = results["a"]
    print(f"{'':27}|  single key press, ms     |  kernel ms   | burst of {MOVES}")
    print(f"{'':27}|  median    p95    worst   |  per move    | pictures  last, ms after its key")
    for way in WAYS:
        r = results[way.letter]
        print(
            f"{way.letter}  {way.name:24}|"
            f" {statistics.median(r.single):7.1f} {p95(r.single):7.1f} {max(r.single):7.1f}   |"
            f" {r.kernel:8.2f}     | {r.burst_pictures:8} {r.burst_end:9.1f}"
        )
    print("ratios to a:")
    for way in WAYS[1:]:
        r = results[way.letter]
        median = statistics.median(a.single) / statistics.median(r.single)
        print(
            f"{way.letter}  {way.name:24}| median {median:.1f} times as fast, "
            f"p95 {p95(a.single) / p95(r.single):.1f}; "
            f"kernel's work {a.kernel / r.kernel:.1f} times less"
        )


def targets(results, first, ahead_though_slow):
    """Return what is to be reached, and whether it is."""
    a, c, d = (results[letter] for letter in "acd")
    faster = statistics.median(a.single) / statistics.median(c.single)
    late = max(c.from_arrival, d.from_arrival)
    return {
        f"kernel's work of c at least 15 times less than of a: {a.kernel / c.kernel:.1f}": (
            a.kernel / c.kernel >= 15
        ),
        f"median of c at least 5 times as fast as of a: {faster:.1f}": faster >= 5,
        f"p95 of c below 50 ms: {p95(c.single):.1f}": p95(c.single) < 50,
        f"p95 of d below 16.7 ms, one frame: {p95(d.single):.1f}": p95(d.single) < FRAME,
        f"p95 of a first move, after hovering {HOVER} ms, below 16.7 ms: {p95(first):.1f}": (
            p95(first) < FRAME
        ),
        f"after a burst, the last position is seen within a frame of its arrival: {late:.1f}": (
            late <= FRAME
        ),
        "after a burst, nothing older than the handle is seen": c.is_last and d.is_last,
        f"slow scenes are never computed ahead: {ahead_though_slow}": ahead_though_slow == 0,
    }


def print_targets(targets):
    """Print what was to be reached, and whether it was."""
    for target, is_reached in targets.items():
        print(f"target {'reached' if is_reached else 'MISSED '}  {target}")


@contextmanager
def browser_and_folder():
    """Say what machine this is; give a browser and an empty folder, inside of a ``with`` block."""
    from playwright.sync_api import sync_playwright

    print_machine()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as scratch:
        try:
            chromium = installed.start(playwright)
        except installed.NoBrowserError as error:
            sys.exit(str(error))
        yield chromium, Path(scratch)
        chromium.close()


def main():
    with browser_and_folder() as (chromium, scratch):
        folder = scratch / "notebooks"
        folder.mkdir()
        with real.lab(folder, scratch) as lab:
            results = {way.letter: measure(chromium, lab, way) for way in WAYS}
            first = first_moves(chromium, lab)
            ahead_though_slow = computed_ahead_though_slow(chromium, lab)
    print_table(results)
    print_targets(targets(results, first, ahead_though_slow))


if __name__ == "__main__":
    main()
