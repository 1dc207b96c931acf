"""A figure drawn once and its moving parts: every check is against matplotlib's own drawing."""

import io
import re
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, TextArea
from matplotlib.patches import Circle, ConnectionPatch, FancyArrowPatch, Polygon, Wedge
from matplotlib.path import Path

from lessons.explorable import svg as vector
from lessons.explorable.svg import VectorFigure

SVG = "{http://www.w3.org/2000/svg}"


def a_figure():
    figure = Figure(figsize=(5, 3), dpi=72)
    axes = figure.subplots()
    axes.set(xlim=(0, 10), ylim=(0, 10), xticks=[], yticks=[])  # ticks take most of the time
    return figure, axes


def parsed(svg):
    """Parse a document or a fragment, which may use names that its document declares."""
    if not svg.startswith("<svg"):
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" '
            f'xmlns:xlink="http://www.w3.org/1999/xlink">{svg}</svg>'
        )
    return ElementTree.fromstring(svg)


def put_together(vector_figure, parts):
    """Return the drawing with `parts` in their groups, as a browser would have it."""
    drawing = parsed(vector_figure.background)
    for group in drawing.iter(f"{SVG}g"):
        if (name := group.get("data-part")) in parts:
            group[:] = list(parsed(parts[name]))
    return drawing


def as_seen(drawing):
    """Return what is drawn, in order, every reference replaced by what it refers to.

    Where a definition stands and what it is called is nothing that anyone sees.
    """
    by_id = {e.get("id"): e for e in drawing.iter() if e.get("id")}

    def content(element):
        attributes = []
        for name, value in sorted(element.items()):
            if name in ("id", "data-part"):
                continue
            pattern = r"^#(\w+)$" if name.endswith("href") else r"url\(#(\w+)\)"
            for reference in re.findall(pattern, value):
                value = value.replace(f"#{reference}", str(content(by_id[reference])))
            attributes.append((name, value))
        return element.tag, attributes, element.text, [content(child) for child in element]

    def leaves(element):
        for child in element:
            if child.tag == f"{SVG}defs":
                continue
            if child.tag == f"{SVG}g" and not child.get("clip-path"):
                yield from leaves(child)
            else:
                yield content(child)

    return list(leaves(drawing))


# Each draws one artist at position 0 and returns it with a function that moves it to another.


def a_line(axes):
    (line,) = axes.plot([0, 1], [0, 0])
    return line, lambda k: line.set_data([0, 5], [k, 2 * k])


def a_line_with_markers(axes):
    (line,) = axes.plot([0, 1], [0, 0], "s--", markerfacecolor="none")
    return line, lambda k: line.set_data([1, 5, 8], [k, 2 * k, 1])


def points(axes):
    dots = axes.scatter(range(9), [0] * 9, c=range(9))
    return dots, lambda k: dots.set_offsets(np.column_stack([range(9), [k] * 9]))


def a_text(axes):
    text = axes.text(1, 1, "", rotation=30)

    def move(k):
        text.set_text(f"at {k}")
        text.set_position((k, k))

    return text, move


def a_text_of_another_weight(axes):
    text = axes.text(1, 1, "here")
    # matplotlib 3.10 writes no weights that are numbers.
    weights = {1: "light", 4: "medium", 5: "semibold", 7: "bold"}
    return text, lambda k: text.set_weight(weights[k])


def a_text_in_a_box(axes):
    text = axes.text(1, 1, "here", bbox={"boxstyle": "round", "facecolor": "w"})
    return text, lambda k: text.set_position((k, k))


def a_text_in_a_box_of_another_colour(axes):
    text = axes.text(1, 1, "here", bbox={"facecolor": "w"})

    def move(k):
        text.set_position((1, 1))
        text.get_bbox_patch().set_facecolor((0, 0, k / 9))

    return text, move


def a_formula(axes):
    text = axes.text(1, 1, "$x^2$")
    return text, lambda k: text.set_text(rf"$\|g\|_2 = \sqrt{{{k}}}$")


def an_image(axes):
    image = axes.imshow(np.zeros((4, 4)), vmin=0, vmax=9, extent=(1, 4, 1, 4), aspect="auto")
    return image, lambda k: image.set_data(np.arange(16).reshape(4, 4) % (k + 2))


def an_image_in_a_shape(axes):
    image = axes.imshow(np.eye(4), extent=(0, 8, 0, 8), aspect="auto")

    def move(k):
        corners = Path([(1, 1), (k + 2, 1), (1, k + 2), (1, 1)])
        image.set_clip_path(corners, axes.transData)

    move(0)
    return image, move


def bars(axes):
    # One bar of three: the others stand.
    bar = axes.bar([1, 3, 5], [1, 2, 3], hatch="//", facecolor="w", edgecolor="k")[1]
    return bar, lambda k: bar.set_height(k)


def a_hatched_area(axes):
    area = axes.fill_between([0, 1, 2], 0, [1, 2, 1], hatch="..", facecolor="none")
    return area, lambda k: area.set_data([0, 1, 2], 0, [k, 1, k])


def an_area_of_other_hatching(axes):
    area = axes.fill_between([0, 1, 2], 0, [1, 2, 1], hatch="..", facecolor="none")
    return area, lambda k: area.set_hatch("xo|-+*/\\"[k])


def stairs(axes):
    steps = axes.stairs([1, 2, 3], fill=True)
    return steps, lambda k: steps.set_data([k, 2, 3])


def arrows(axes):
    quiver = axes.quiver([1, 2], [1, 2], [1, 1], [1, 1], angles="xy", scale_units="xy", scale=1)
    return quiver, lambda k: quiver.set_UVC([k, 1], [1, k])


def an_arrow(axes):
    arrow = axes.add_patch(FancyArrowPatch((1, 1), (2, 2), mutation_scale=20))
    return arrow, lambda k: arrow.set_positions((1, 1), (k, 3))


def a_note_whose_arrow_points_elsewhere(axes):
    note = axes.annotate("here", (1, 1), (5, 5), arrowprops={"arrowstyle": "->"})
    return note, lambda k: setattr(note, "xy", (k, 2))


def a_box_whose_arrow_points_elsewhere(axes):
    box = AnnotationBbox(TextArea("here"), (1, 1), (5, 5), arrowprops={"arrowstyle": "->"})
    axes.add_artist(box)
    return box, lambda k: setattr(box, "xy", (k, 2))


def a_polygon(axes):
    polygon = axes.add_patch(Polygon([(0, 0), (1, 0), (0, 1)], alpha=0.4))
    return polygon, lambda k: polygon.set_xy([(0, 0), (k, 0), (0, k)])


def a_wedge(axes):
    wedge = axes.add_patch(Wedge((5, 5), 3, 0, 90))
    return wedge, lambda k: wedge.set_theta2(90 + 10 * k)


def a_grid_of_colours(axes):
    mesh = axes.pcolormesh(np.zeros((3, 3)), vmin=0, vmax=9)
    return mesh, lambda k: mesh.set_array(np.full((3, 3), k))


def points_of_other_colours(axes):
    dots = axes.scatter([1, 2], [1, 2], c=[0, 0], vmin=0, vmax=9)
    return dots, lambda k: dots.set_array([0, k])


def a_connection(axes):
    link = axes.add_patch(ConnectionPatch((1, 1), (2, 2), "data"))

    def move(k):
        # One end or the other.
        link.xy1, link.xy2 = ((k, 1), (1, 3)) if k > 4 else ((1, 1), (k, 3))

    return link, move


def a_legend(axes):
    axes.plot([0, 1], [0, 1], label="one")
    legend = axes.legend(loc="upper left")
    return legend, lambda k: legend.get_texts()[0].set_text(f"{k} of 9")


def a_bound(axes):
    bound = axes.axvline(1, ls="--")
    return bound, lambda k: bound.set_xdata([k, k])


def a_sight(axes):
    (line,) = axes.plot([0, 1], [0, 1], visible=False)
    return line, lambda k: line.set_visible(bool(k % 2))


MOVERS = [
    a_bound,
    a_connection,
    a_box_whose_arrow_points_elsewhere,
    a_formula,
    a_grid_of_colours,
    a_hatched_area,
    a_legend,
    a_line,
    a_line_with_markers,
    a_note_whose_arrow_points_elsewhere,
    a_polygon,
    a_sight,
    a_text,
    a_text_in_a_box,
    a_text_in_a_box_of_another_colour,
    a_text_of_another_weight,
    a_wedge,
    an_area_of_other_hatching,
    an_arrow,
    an_image,
    an_image_in_a_shape,
    arrows,
    bars,
    points,
    points_of_other_colours,
    stairs,
]
every_mover = pytest.mark.parametrize("make", MOVERS, ids=lambda make: make.__name__)


def ready(make):
    """Return a vector figure whose part "m" stands between two still lines, and its `move`."""
    figure, axes = a_figure()
    axes.plot([0, 10], [0, 10], color="k")
    artist, move = make(axes)
    axes.plot([0, 10], [10, 0], color="r")
    return VectorFigure(figure, {"m": artist}), move


@every_mover
def test_a_fragment_in_its_group_is_the_figure_drawn_anew(make):
    moved, move = ready(make)
    for k in (1, 7):
        move(k)
        parts = moved.parts()
        # The same figure, moved before anything was drawn, and drawn whole.
        figure, axes = a_figure()
        axes.plot([0, 10], [0, 10], color="k")
        artist, move_anew = make(axes)
        axes.plot([0, 10], [10, 0], color="r")
        move_anew(k)
        anew = VectorFigure(figure, {"m": artist})
        assert as_seen(put_together(moved, parts)) == as_seen(parsed(anew.background))
        assert as_seen(put_together(anew, anew.parts())) == as_seen(parsed(anew.background))


@every_mover
def test_it_is_what_matplotlib_itself_would_save(make, monkeypatch):
    moved, move = ready(make)
    move(4)
    ours = put_together(moved, moved.parts())
    buffer = io.StringIO()
    # Two decimals on both sides: the rest has to agree to the letter.
    monkeypatch.setattr(vector.RendererSVG, "_convert_path", vector._FragmentRenderer._convert_path)
    monkeypatch.setattr(vector.RendererSVG, "_draws_all_points", False, raising=False)
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "lecture"}):
        moved.figure.savefig(buffer, format="svg", metadata={"Date": None})
    theirs = parsed(vector._without_prolog(buffer.getvalue()))
    assert as_seen(ours) == as_seen(theirs)


@every_mover
def test_a_move_is_seen_and_the_same_position_gives_the_same_text_in_any_figure(make):
    seen, backgrounds = {}, set()
    for way in ([1, 4, 1, 7, 4, 1], [4]):
        moved, move = ready(make)
        backgrounds.add(moved.background)
        for k in way:
            move(k)
            assert moved.strays() == []
            text = moved.parts()["m"]
            assert seen.setdefault(k, text) == text
    assert seen[1] != seen[4]
    assert len(backgrounds) == 1


def test_what_stands_needs_no_definition_of_a_moving_part():
    figure, axes = a_figure()
    (moving,) = axes.plot([1, 2], [1, 2], "o", color="k")
    axes.plot([3, 4], [3, 4], "o", color="k")
    moved = VectorFigure(figure, {"m": moving})
    moving.set_visible(False)
    seen = str(as_seen(put_together(moved, moved.parts())))
    assert seen.count("}use") == 2


def three_lines():
    figure, axes = a_figure()
    lines = [axes.plot([0, 1], [i, i])[0] for i in range(3)]
    return VectorFigure(figure, {f"m{i}": line for i, line in enumerate(lines)}), lines


def drawn(vector_figure, monkeypatch):
    """Return a list that names every fragment drawn from now on."""
    names = []
    fragment = vector_figure._renderer.fragment
    known = {id(artist): name for name, artist in vector_figure.moving.items()}

    def watched(name, artist):
        names.append(known[id(artist)])
        return fragment(name, artist)

    monkeypatch.setattr(vector_figure._renderer, "fragment", watched)
    return names


def test_every_point_of_a_run_is_drawn_in_its_place():
    figure, axes = a_figure()
    y = np.where(np.arange(200) < 190, 0.5, 1e6)
    line = axes.plot(np.linspace(0, 1, 200), y)[0]
    parts = [VectorFigure(figure, {name: line}).parts()[name] for name in ("m0", "run0")]
    assert parts[0].count("L ") < 100, "what cannot be seen is left out"
    points = np.array(re.findall(r"[ML] (\S+) (\S+)", parts[1]), float)
    places = axes.transData.transform(line.get_xydata())
    np.testing.assert_allclose(points, places * [1, -1] + [0, 3 * 72], atol=0.051)


def test_only_artists_that_changed_are_drawn_again(monkeypatch):
    moved, lines = three_lines()
    names = drawn(moved, monkeypatch)
    moved.parts()
    assert names == []
    lines[1].set_ydata([2, 3])
    moved.parts()
    moved.parts()
    assert names == ["m1"]
    lines[0].set_color("r")
    lines[2].set_visible(False)
    moved.parts()
    assert names == ["m1", "m0", "m2"]
    moved.parts()  # what is not seen is not drawn, and so never says that it was
    assert names == ["m1", "m0", "m2"]


def moving_bars():
    figure, axes = a_figure()
    bars = axes.bar([2, 4, 6], [3, 3, 3])
    return bars, VectorFigure(figure, {f"m{i}": bar for i, bar in enumerate(bars)})


@pytest.mark.parametrize(
    "make", [a_legend, a_line, a_text, a_text_in_a_box, a_text_of_another_weight, bars]
)
def test_what_is_set_to_what_it_is_is_not_drawn_again(make, monkeypatch):
    moved, move = ready(make)
    names = drawn(moved, monkeypatch)
    for k in (4, 4, 5):
        move(k)
        moved.parts()
    assert names == ["m", "m"]


@pytest.mark.parametrize(
    "change",
    [
        lambda bar: bar.set_xy((2.5, 1)),
        lambda bar: bar.set_width(0.5),
        lambda bar: bar.set_angle(10),
        lambda bar: bar.set_facecolor(np.array([1, 0, 0, 1])),
        lambda bar: bar.set_hatch("/"),
        lambda bar: bar.set_alpha(0.5),
        lambda bar: bar.set_visible(False),
        lambda bar: bar.set(edgecolor="k", linestyle="--"),
    ],
)
def test_a_bar_that_changes_in_any_way_is_drawn_again(change):
    bars, vector_figure = moving_bars()
    before = vector_figure.parts()
    change(bars[0])
    assert vector_figure.parts()["m0"] != before["m0"]


def test_a_bar_that_could_not_be_drawn_is_drawn_when_it_can_be(monkeypatch):
    bars, vector_figure = moving_bars()
    before = vector_figure.parts()
    bars[0].set_height(5)
    with monkeypatch.context() as broken, pytest.raises(AttributeError):
        broken.setattr(vector_figure, "_renderer", None)
        vector_figure.parts()
    assert vector_figure.parts()["m0"] != before["m0"]


@pytest.mark.parametrize("last_bits", [0, 1e-13])
def test_a_fragment_uses_the_clip_region_of_its_axes(last_bits):
    moved, lines = three_lines()
    region = re.search(r'<clipPath id="(\w+)"', moved.background)[1]
    lines[0].axes.set_position(np.array(lines[0].axes.get_position().bounds) + last_bits)
    lines[0].set_ydata([5, 5])
    fragment = moved.parts()["m0"]
    assert f"url(#{region})" in fragment
    assert "<clipPath" not in fragment


def test_a_stored_picture_makes_nothing_look_changed_and_swallows_no_change(monkeypatch):
    moved, lines = three_lines()
    names = drawn(moved, monkeypatch)
    moved.png(50)
    moved.parts()
    assert names == []
    assert moved.strays() == []
    lines[1].set_ydata([2, 3])
    moved.png(50)
    moved.parts()
    assert names == ["m1"]


def test_parts_that_are_handed_out_are_the_callers_own():
    moved, _ = three_lines()
    moved.parts().clear()
    assert list(moved.parts()) == ["m0", "m1", "m2"]


def test_the_drawing_order_stays_with_the_moving_part_between():
    figure, axes = a_figure()
    axes.plot([0, 1], [0, 1], color="#111111", zorder=3)
    (line,) = axes.plot([0, 1], [0, 1], color="#222222", zorder=4)
    axes.plot([0, 1], [0, 1], color="#333333", zorder=5)
    still = VectorFigure(figure, {"m": line}).background
    assert (
        still.index("#111111")
        < still.index('data-part="m"')
        < still.index("#222222")
        < still.index("#333333")
    )


def test_every_moving_part_has_one_group_even_if_nothing_is_seen_of_it():
    figure, axes = a_figure()
    (line,) = axes.plot([], [], visible=False)
    words = axes.text(1, 1, "")
    moved = VectorFigure(figure, {"line": line, "words": words})
    groups = [g.get("data-part") for g in parsed(moved.background).iter(f"{SVG}g")]
    assert sorted(filter(None, groups)) == ["line", "words"]
    assert as_seen(parsed(moved.parts()["line"])) == []


def test_coordinates_have_two_decimals():
    figure, axes = a_figure()
    line, _ = a_line(axes)
    moved = VectorFigure(figure, {"m": line})
    line.set_data([1 / 3, 2 / 3], [1 / 7, 2 / 7])
    for svg in (moved.background, moved.parts()["m"]):
        paths = re.findall(r' d="([^"]*)"', svg)
        assert paths
        assert not re.search(r"\.\d{3}", " ".join(paths))
        assert re.search(r"\.\d\d ", " ".join(paths))


def test_nothing_tells_when_or_by_what_it_was_drawn():
    figure, _ = a_figure()
    for svg in (VectorFigure(figure, {}).background, vector.figure_as_svg(figure)):
        assert svg.startswith("<svg")
        for word in ("<metadata", "<!--", "<?xml", "DOCTYPE", mpl.__version__, "\n"):
            assert word not in svg


@pytest.mark.parametrize(
    "words",
    ["a < b && c > d", "\"quoted\" and 'single'", "$x^2 < y$", "ü – ‖g‖₂ ≤ 1", "]]> <!-- <g>"],
)
def test_words_arrive_as_they_were_written(words):
    figure, axes = a_figure()
    text = axes.text(1, 1, "")
    moved = VectorFigure(figure, {"m": text})
    text.set_text(words)
    seen = "".join(parsed(moved.parts()["m"]).itertext())
    plain = words.replace("$", "").replace("^", "").replace(" ", "")
    # In a formula, the letters are set in the order in which the fonts are needed.
    assert sorted(re.sub(r"\s", "", seen)) == sorted(plain)


# The opposite of what is set for drawing.
MINE = {
    "svg.fonttype": "path",
    "svg.hashsalt": None,
    "svg.image_inline": False,
    "image.composite_image": True,
}


def test_the_callers_settings_come_back():
    with mpl.rc_context(MINE):
        before = dict(mpl.rcParams)
        moved, lines = three_lines()
        lines[0].set_ydata([5, 5])
        moved.parts()
        moved.png(50)
        vector.figure_as_svg(moved.figure)
        assert dict(mpl.rcParams) == before


def test_the_callers_settings_come_back_after_an_error():
    figure, axes = a_figure()
    text = axes.text(1, 1, "")
    moved = VectorFigure(figure, {"m": text})
    text.set_text(r"$\frac$")
    with mpl.rc_context(MINE):
        before = dict(mpl.rcParams)
        with pytest.raises(ValueError):
            moved.parts()
        assert dict(mpl.rcParams) == before
    text.set_text("mended")
    assert "mended" in moved.parts()["m"]


@pytest.mark.parametrize("make", [a_hatched_area, an_image, a_text])
def test_the_callers_settings_do_not_change_the_drawing(make):
    with mpl.rc_context(MINE):
        here, move = ready(make)
        move(4)
        here_parts = here.parts()
    there, move = ready(make)
    move(4)
    assert (here.background, here_parts) == (there.background, there.parts())


LIMITS, SEEN, TICKS = "the limits of axes 0", "whether axes 0 can be seen", "the ticks of axes 0"
IN_AXES, IN_FIGURE = (f"the number of artists in {what}" for what in ("axes 0", "the figure"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda axes: axes.lines[0].set_color("r"), "Line2D"),
        (lambda axes: axes.set_title("new"), "new"),
        (lambda axes: axes.set_xlabel("new"), "new"),
        (lambda axes: axes.get_legend().set_visible(False), "Legend"),
        (lambda axes: axes.set_xlim(0, 5), LIMITS),
        (lambda axes: axes.set_ylim(0, 5), LIMITS),
        (lambda axes: axes.set_visible(False), SEEN),
        (lambda axes: axes.set_axis_off(), SEEN),
        (lambda axes: axes.yaxis.set_visible(False), SEEN),
        (lambda axes: axes.set_xticks([0, 5]), TICKS),
        (lambda axes: axes.yaxis.set_major_formatter("{x} %"), TICKS),
        (lambda axes: axes.plot([1], [1]), IN_AXES),
        (lambda axes: axes.lines[0].remove(), IN_AXES),
        (lambda axes: axes.figure.text(0, 0, "new"), IN_FIGURE),
        (lambda axes: axes.figure.add_axes([0, 0, 1, 1]), IN_FIGURE),
        (lambda axes: axes.remove(), IN_FIGURE),
    ],
)
def test_what_was_not_to_move_is_noticed(change, words):
    figure, axes = a_figure()
    axes.plot([0, 1], [0, 1], label="still")
    axes.legend()
    moved = VectorFigure(figure, {"m": axes.text(1, 1, "")})
    change(axes)
    assert words in ", ".join(moved.strays())


def test_a_stray_is_told_once_and_hides_no_change_of_a_moving_artist():
    figure, axes = a_figure()
    words = axes.text(1, 1, "before")
    moved = VectorFigure(figure, {"m": words})
    axes.set_title("new")
    words.set_text("after")
    assert moved.strays()
    assert moved.strays() == []
    # set_text says nothing when the text stays as it is, so this is the only chance.
    words.set_text("after")
    assert "after" in moved.parts()["m"]


def test_limits_that_come_back_are_no_stray():
    figure, axes = a_figure()
    moved = VectorFigure(figure, {})
    axes.set_xlim(0, 5)
    assert moved.strays()
    axes.set_xlim(0, 10)
    assert moved.strays() == []


def test_the_layout_is_found_once_and_then_left_alone():
    figure = Figure(figsize=(5, 3), dpi=72, layout="constrained")
    axes = figure.subplots()
    axes.set_ylabel("up\n" * 5)
    words = axes.text(1.0, 0.5, "")
    moved = VectorFigure(figure, {"m": words})
    before = axes.get_position().bounds
    assert axes.get_tightbbox().x0 >= 0, "room was made for the labels"
    words.set_text("long " * 20)
    moved.parts()
    moved.png(50)
    assert axes.get_position().bounds == before


def test_a_stored_picture_has_the_same_bytes_in_every_run():
    images = set()
    for _ in range(2):
        moved, move = ready(points)
        move(4)
        images |= {moved.png(60), moved.png(60)}
    (image,) = images
    assert image.startswith(b"\x89PNG")
    assert b"Software" not in image
    assert b"atplotlib" not in image


def test_a_stored_picture_has_its_own_resolution_and_shows_where_the_parts_stand():
    moved, move = ready(a_line)
    move(4)
    before, image = moved.parts()["m"], moved.png(96)
    assert int.from_bytes(image[16:20]) == 5 * 96
    assert int.from_bytes(image[20:24]) == 3 * 96
    move(1)
    assert moved.png(96) != image
    move(4)
    assert moved.parts()["m"] == before


def test_a_whole_figure_fits_into_a_picture_of_its_own_size():
    figure, _ = a_figure()
    drawing = parsed(vector.figure_as_svg(figure))
    # A width in points is 4/3 as many units: inside another drawing a quarter would be cut off.
    assert drawing.get("width") is None
    assert drawing.get("height") is None
    assert drawing.get("viewBox") == "0 0 360 216"


def test_a_whole_figure_gives_the_same_text_each_time():
    figure, axes = a_figure()
    axes.fill_between([0, 1], 0, [1, 2], hatch="//")
    axes.plot([0, 1, 2], [0, 1, 2], "o-")
    axes.add_patch(Circle((1, 1), 1))
    assert vector.figure_as_svg(figure) == vector.figure_as_svg(figure)
