"""Numbers in words."""

import pytest
from ipywidgets import FloatLogSlider, FloatSlider
from matplotlib.figure import Figure

from lessons.explorable.controls import Control
from lessons.explorable.embed import embedded_still
from lessons.explorable.live import Still, explore
from lessons.explorable.picture import FunctionPicture, Picture
from lessons.explorable.scene import Scene
from lessons.explorable.words import typeset


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("w = -2.5, [-1, -.5]", "w = −2.5, [−1, −.5]"),
        ("1.50e+03, 2e-07 and 1e+10", "1.50e+3, 2e-7 and 1e+10"),
        ("-4.4e-17", "−4.4e-17"),
        ("1.0e+00", "1.0e+0"),
        ("2026-11-24, x-2, g[0]-1, f(x)-1, 3.-1", "2026-11-24, x-2, g[0]-1, f(x)-1, 3.-1"),
        ("mnist-5k and one-hot; 0 - 1; -inf", "mnist-5k and one-hot; 0 - 1; -inf"),
    ],
)
def test_numbers_have_a_minus_sign_and_short_exponents(words, expected):
    assert typeset(words) == expected


class Below(Scene):
    """A number, in the picture and below it."""

    alt = "A number."

    def draw(self):
        self.number = self.moves(self.figure.text(0.5, 0.5, ""))

    def update(self, x=-2500.0):
        self.number.set_text(f"{x:.1e}")
        return f"It is {x:.1e}."


def below(x=-2500.0):
    """A number below a picture."""
    return Figure(), f"It is {x:.1e}."


def test_picture_readout_and_slider_write_a_number_alike():
    frame = Picture(Below()).frame()
    (drawn,) = frame.parts.values()
    assert "−2.5e+3" in drawn
    for picture in (Picture(Below()), FunctionPicture(below)):
        still, explorer = Still(picture, {"x": -2500.0}), explore(picture.original, x=[-2500.0])
        (sent,) = explorer.view.first["frames"]
        assert sent["readout"] == "It is −2.5e+3."
        for data, _ in (still._repr_mimebundle_(), explorer.stored(), embedded_still(still)):
            assert data["text/plain"] == "It is −2.5e+3."
    log = Control("x", "x", FloatLogSlider(value=1500.0, base=10.0, max=4.0, step=0.5))
    linear = Control("x", "x", FloatSlider(value=-1.0, min=-1.0, max=1.0, step=0.5))
    # As the widget writes them in the browser.
    shown = log.shown(log.state), log.shown(log.state_of(100.0)), linear.shown(0)
    assert shown == ("1.50e+3", "100", "−1.00")
