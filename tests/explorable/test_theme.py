"""The colours and the style: legible from the back row, and to colour-blind eyes."""

from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import rgb_to_hsv, to_rgb

from lessons.explorable import theme

COLOURS = {
    name: value
    for name, value in vars(theme).items()
    if name.isupper() and isinstance(value, str) and value.startswith("#")
}

# Those that share a picture and mean different things. BOUND and MUTED are grey: what keeps them
# apart is the dashes.
HUES = ["RAW", "CLIPPED", "TRUE", "GRADIENT", "BOUND"]

# Machado, Oliveira & Fernandes 2009, severity 1.0, for linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def linear(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return linear(colour) @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def lab(rgb):
    """Return linear RGB as CIE L*a*b*, in which distance is what the eye tells apart."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.asarray(to_xyz) @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_contrast_is_computed_as_wcag_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_the_colours_are_all_looked_at():
    assert set(HUES) | {"MUTED"} == set(COLOURS)
    assert set(theme.FILL) <= set(COLOURS.values())


@pytest.mark.parametrize("name", COLOURS)
def test_words_can_have_any_of_the_colours_on_white(name):
    assert contrast(COLOURS[name], "#ffffff") >= 4.5


# CSS's own matrix for a hue turned by half a circle.
TURNED = np.array(
    [
        [-0.574, 1.430, 0.144],
        [0.426, 0.430, 0.144],
        [0.426, 1.430, -0.856],
    ]
)


@pytest.mark.parametrize("name", COLOURS)
def test_at_night_each_colour_of_a_picture_can_be_told_from_its_ground(name):
    shown = np.clip(TURNED @ (1 - np.array(to_rgb(COLOURS[name]))), 0, 1)
    assert contrast(tuple(shown), "black") >= 4.5


@pytest.mark.parametrize("name", [n for n in COLOURS if COLOURS[n] in theme.FILL])
def test_a_mark_is_seen_on_its_own_filling(name):
    colour = COLOURS[name]
    assert contrast(colour, theme.FILL[colour]) >= 3
    hue, pale = (rgb_to_hsv(to_rgb(each))[0] for each in (colour, theme.FILL[colour]))
    assert abs(hue - pale) < 0.05, "a fill means the same as its edge"


@pytest.mark.parametrize("eyes", BLINDNESS)
@pytest.mark.parametrize(("one", "other"), list(combinations(HUES, 2)))
def test_two_colours_keep_apart(one, other, eyes):
    seen = [lab(BLINDNESS[eyes] @ linear(COLOURS[name])) for name in (one, other)]
    # 2.3 is the least that an eye notices in two fields side by side; lines are thin and apart.
    assert np.linalg.norm(seen[0] - seen[1]) >= 4 * 2.3


def test_meaning_has_a_mark_besides_its_colour():
    assert theme.RAW_STYLE["marker"] != theme.CLIPPED_STYLE["marker"]
    offset, dashes = theme.BOUND_LINE
    assert offset == 0
    assert len(dashes) == 2
    assert min(dashes) > 0


# ---- the style --------------------------------------------------------------------------------


def test_a_drawn_figure_has_no_smaller_words():
    with theme.applied():
        figure = theme.figure(10.0, 4.4)
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], label="line")
        axes.set(title="title", xlabel="x", ylabel="y")
        axes.legend()
    figure.draw_without_rendering()
    texts = figure.findobj(lambda artist: hasattr(artist, "get_fontsize"))
    assert len(texts) > 10
    assert min(text.get_fontsize() for text in texts) >= 14


def test_a_figure_is_white_at_72_dots_an_inch():
    figure = theme.figure(8.0, 3.0)
    assert tuple(figure.get_size_inches()) == (8, 3)
    assert figure.dpi == 72
    assert to_rgb(figure.get_facecolor()) == (1, 1, 1)
    assert figure.get_layout_engine() is not None


@pytest.mark.parametrize("mine", [{}, {"font.size": 5, "axes.grid": False}])
def test_the_callers_style_comes_back(mine):
    with mpl.rc_context(mine):
        before = dict(mpl.rcParams)
        with theme.applied():
            assert mpl.rcParams["font.size"] == 14
            assert mpl.rcParams["axes.grid"] is True
        theme.figure(10.0, 4.4)
        with pytest.raises(ZeroDivisionError), theme.applied():
            raise ZeroDivisionError
        assert dict(mpl.rcParams) == before


def test_the_style_in_use_is_that_of_the_file():
    lines = theme._STYLE_FILE.read_text(encoding="utf-8").splitlines()
    names = {line.partition(":")[0] for line in lines if line and not line.startswith("#")}
    assert set(theme._STYLE) == names


def test_a_missing_style_file_is_named_with_the_mend(monkeypatch, tmp_path):
    gone = tmp_path / "lecture.mplstyle"
    monkeypatch.setattr(theme, "_STYLE_FILE", gone)
    with pytest.raises(FileNotFoundError) as caught:
        theme._read_style()
    assert str(gone) in str(caught.value)
    assert "git checkout -- assets/lecture.mplstyle" in str(caught.value)


def test_the_legend_above_holds_all_that_the_axes_name_in_one_row():
    figure = theme.figure(10.0, 4.4)
    left, right = figure.subplots(1, 2)
    for label in ("raw", "clipped", "bound"):
        left.plot([0, 1], label=label)
    theme.legend_above(left)
    figure.draw_without_rendering()
    (legend,) = figure.legends
    boxes = [text.get_window_extent() for text in legend.get_texts()]
    assert [text.get_text() for text in legend.get_texts()] == ["raw", "clipped", "bound"]
    assert len({round(box.y0) for box in boxes}) == 1
    assert boxes[0].y0 > max(axes.get_window_extent().y1 for axes in (left, right))


@pytest.mark.parametrize(("lowest", "highest"), [(-1, 3), (-2, 6), (-3, 5)])
def test_a_log_axis_says_that_its_ends_hold_what_lies_beyond(lowest, highest):
    axes = theme.figure(10.0, 4.4).subplots()
    theme.log_axis(axes, lowest, highest)
    assert axes.get_ylim() == (10.0**lowest, 10.0**highest)
    words = [label.get_text() for label in axes.get_yticklabels()]
    powers = [int(word.split("^")[1].strip("{}$")) for word in words]
    assert axes.get_yticks().tolist() == [10.0**power for power in powers]
    assert (powers[0], powers[-1]) == (lowest, highest)
    assert len(powers) == 5
    assert axes.yaxis.get_minorticklocs().size == 0
    assert ["leq" in word for word in words] == [True] + [False] * (len(words) - 1)
    assert ["geq" in word for word in words] == [False] * (len(words) - 1) + [True]


def test_a_percent_axis_writes_shares_as_percent():
    axes = theme.figure(10.0, 4.4).subplots()
    axes.plot([0.2, 1.0])
    theme.percent_axis(axes, step=50)
    assert axes.get_ylim() == (0, 1), "no margin beyond all"
    assert axes.get_yticks().tolist() == [0, 0.5, 1]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0 %", "50 %", "100 %"]
