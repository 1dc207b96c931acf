"""Fast scenes for the tests in the browser: the kernel and the test itself both import them."""

import time

import matplotlib.pyplot as plt
import numpy as np

from lessons.explorable.scene import Scene

X = np.linspace(0, 1, 21)
# What `update` was called with, by the name of the scene.
COMPUTED = {}


class Wave(Scene):
    """A line that follows a slider of any kind."""

    alt = "A wave."
    labels = {"level": "level ℓ", "rate": "rate η", "kind": "kind of wave"}

    def draw(self):
        axes = self.figure.subplots()
        axes.set(xlim=(0, 1), ylim=(-3, 3), xlabel="x")
        self.line = self.moves(axes.plot([], [])[0])
        self.words = self.moving_text(axes, 0.1, 2)

    def update(self, level=0.0, rate=0.1, kind="sine", flip=False, title="wave", span=(1, 3)):
        COMPUTED.setdefault(type(self).__name__, []).append(level)
        wave = (np.sin if kind == "sine" else np.cos)(6 * X + rate)
        self.line.set_data(X, (-wave if flip else wave) + level)
        self.words.set_text(f"{title} {rate:g} {span}")
        return f"The {kind} {title} is at {level:g}, rate {rate:g}, from {span[0]} to {span[1]}."


class Descent(Scene):
    """A run of four steps, of which a second line has taken two; a cross marks where that ended."""

    alt = "Two descents."
    labels = {"rate": "rate η"}
    first_step = 1

    def draw(self):
        axes = self.figure.subplots()
        axes.set(xlim=(0, 5), ylim=(-5, 5))
        self.lines = self.runs(axes.plot([], [], "-o")[0], axes.plot([], [])[0])
        self.cross = self.runs(axes.plot([], [], "X")[0])

    def update(self, rate=1.0):
        # A staircase: neighbours share one coordinate.
        x, y = np.arange(1, 6) // 2, rate * (np.arange(5) // 2)
        for line, count in zip(self.lines, (5, 3), strict=True):
            line.set_data(x[:count], y[:count])
        self.cross.set_data(x[2:3], y[2:3])
        return f"At the rate {rate:g}."


class Waves(Scene):
    """Two lines, each with a slider of its own, and words for both."""

    alt = "Two <waves>."
    labels = {"low": "low ℓ", "high": "high h", "kind": "kind", "flip": "upside down"}
    colours = {"low": "#0067a5"}
    telling = {"high": 2.0}

    def draw(self):
        axes = self.figure.subplots()
        axes.set(xlim=(0, 1), ylim=(-9, 9))
        self.lines = self.moves(*(axes.plot([], [], "o-")[0] for _ in range(2)))

    def update(self, low=0.0, high=1.0, kind="sine", flip=False):
        wave = (np.sin if kind == "sine" else np.cos)(7 * X)
        self.lines[0].set_data(X, (-wave if flip else wave) + low)
        self.lines[1].set_data(X, wave + high)
        return f"A {kind} at {low:g} & {high:g}."


class Bounded(Waves):
    """Its slider may go over choices, of which one is a word."""

    telling = {}

    def update(self, high=5):
        return super().update(high=9.0 if high == "none" else high / 5)


class Pondering(Wave):
    """Takes long at two positions; at the second it says how far it is."""

    slow = True

    def update(self, level=0.0):
        if level == 1:
            time.sleep(7)
        if level == 2:
            self.progress(1, 2)
            time.sleep(2.5)
        return super().update(level)


class Labelled(Wave):
    """Has a label that no line could hold."""

    labels = Wave.labels | {"level": "level " * 33}


class Training(Wave):
    """Slow: computed when the slider is let go."""

    slow = True

    def update(self, level=0.0):
        for step in range(1, 6):
            time.sleep(0.1)
            self.progress(step, 5)
        return super().update(level)


class Picky(Wave):
    """Cannot be shown at one position."""

    def update(self, level=0.0):
        if level == 2:
            raise ValueError("2 is <b>too</b> much")
        return super().update(level)


class Hostile(Wave):
    """Words that a browser could take for something else."""

    alt = """<b>bold</b> & "quoted" 'too' $x$ <img src=x onerror=alert(1)>."""
    # Not with $x$: what stands between dollars in a label is set as a formula, as in any widget.
    labels = {"level": """<b>level</b> & "ℓ" '"""}

    def update(self, level=0.0):
        super().update(level)
        self.words.set_text("a < b & c > d")
        return self.words_at(level)

    @staticmethod
    def words_at(level):
        return f"""<b id="injected">{level:g}</b> & "quoted" 'too' $x$ <script>alert(1)</script>"""


def parabola(a=1.0):
    """A parabola."""
    figure, axes = plt.subplots()
    axes.plot(X, a * X**2)
    return figure
