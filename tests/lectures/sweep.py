"""Every position that the sliders of a notebook can be moved to, and what must hold at each.

What is swept are the explorers that the notebooks' own cells return: exactly what a student sees.
"""

import ast
import contextlib
import io
import itertools
import linecache
import logging
import random
import warnings
from functools import cache
from pathlib import Path
from unittest import mock

import nbformat
import numpy as np
from matplotlib.collections import Collection
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.quiver import Quiver
from matplotlib.text import Text

from lessons import explorable
from lessons.explorable.picture import Picture
from lessons.explorable.svg import RUN
from tests.strict import AUTOGRAPH

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
MOST_CORNERS = 24
# Of the width and height of the axes: what lies on an edge is still in the picture.
EDGE = 0.005
PIXELS = 2


def code_cells(path):
    """Return id and source of every code cell."""
    cells = nbformat.read(path, as_version=4).cells
    return {cell.id: cell.source for cell in cells if cell.cell_type == "code"}


@contextlib.contextmanager
def in_the_notebooks_folder():
    """As in a kernel that belongs to the notebook, and leave no trace in this process."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    try:
        with contextlib.chdir(NOTEBOOKS), contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logger.setLevel(level)


def run(source, namespace, name):
    """Run a cell's source; return the value of its last line, None if that is no expression."""
    filename = f"<{name}>"
    # Where TensorFlow and tracebacks look for the lines of a function.
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    tree = ast.parse(source, filename)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)
    exec(compile(tree, filename, "exec"), namespace)
    return eval(compile(last, filename, "eval"), namespace) if last else None


def _behind_the_sliders(path):
    """Return the cells that call explore, and those that bind a name which these use."""
    kept, wanted = {}, {"explore"}
    for cell, source in reversed(code_cells(path).items()):
        nodes = list(ast.walk(ast.parse(source)))
        names = [node for node in nodes if isinstance(node, ast.Name)]
        bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        for node in nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                bound |= {alias.asname or alias.name for alias in node.names}
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                bound.add(node.name)
        read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
        if bound & wanted or "explore" in read:
            kept[cell] = source
            wanted |= read
    return dict(reversed(kept.items()))


@cache
def explorers(path):
    """Run the cells behind a notebook's sliders; return the explorers they made, in their order."""
    made = []
    original = explorable.explore

    def recording(*args, **kwargs):
        made.append(original(*args, **kwargs))
        return made[-1]

    namespace = {"__name__": "__main__"}
    with in_the_notebooks_folder(), mock.patch.object(explorable, "explore", recording):
        for cell, source in _behind_the_sliders(path).items():
            run(source, namespace, f"{path.stem}, cell {cell}")
    return made


def calls(path):
    """Return (scene's name, names of the sliders) of each call of explore, without running it."""
    found = []
    for node in _explore_calls(path):
        scene = node.args[0]
        name = scene.func if isinstance(scene, ast.Call) else scene
        given = [keyword.arg for keyword in node.keywords]
        sliders = [name for name in given if name not in ("export", "predict")]
        found.append((ast.unparse(name), sliders))
    return found


def _explore_calls(path):
    for source in code_cells(path).values():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "explore":
                yield node


def ends(control):
    """Return the values of a slider at both of its ends, or every choice."""
    values = control.values
    if values is None:
        raise AssertionError(f"the values of {control.name!r} cannot be listed, so not swept")
    return values if control.is_choice else [values[0], values[-1]]


def along(explorer, name):
    """Return the positions of one slider: its ends, its middle, every choice; others as at first.

    A slow scene is shown at its start and at one end.
    """
    (control,) = (control for control in explorer.controls if control.name == name)
    values = ends(control)
    if explorer.picture.slow:
        return [explorer.values, explorer.values | {name: values[-1]}]
    middle = control.values[len(control.values) // 2]
    return [explorer.values | {name: value} for value in [*values, middle]]


def corners(explorer):
    """Return combinations of ends and choices of all sliders: all of them, or a fair sample."""
    if explorer.picture.slow:
        return []
    names = [control.name for control in explorer.controls]
    combined = [
        dict(zip(names, values, strict=True))
        for values in itertools.product(*map(ends, explorer.controls))
    ]
    return random.Random(0).sample(combined, min(MOST_CORNERS, len(combined)))


def problems(explorer, at):
    """Move an explorer to the position `at`; return what is wrong there, in words."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", AUTOGRAPH, DeprecationWarning)
        # Not from the explorer, which remembers: the figure itself has to stand at `at`.
        frame = explorer.picture.frame(**at)
    wrong = []
    readout = frame.readout.strip()
    words = readout.lower().replace("(", " ").replace(",", " ").replace(";", " ").split()
    if not readout:
        wrong.append("the readout is empty")
    elif not readout.endswith("."):
        wrong.append(f"the readout does not end with a full stop: {readout!r}")
    if any(word.strip("[].:±-−+%") in ("nan", "inf", "infinity") for word in words):
        wrong.append(f"the readout holds no number: {readout!r}")
    return [*wrong, *strays(explorer.picture), *gaps(explorer.picture)]


def gaps(picture):
    """Return which runs of a picture have points that are not numbered step by step."""
    if not isinstance(picture, Picture):
        return []
    lines = [line for name, line in picture.scene._moving.items() if name.startswith(RUN)]
    return [where for line in lines if (where := _gap(line, picture.scene.first_step))]


def _gap(line, first_step):
    found = np.isfinite(line.get_xydata()).all(axis=1)
    # A browser is not told of a place that is none: all behind it would be a step early.
    if not found[: found.sum()].all():
        return f"the run {line.get_label()!r} has a gap before its end"
    x = line.get_xdata()[: found.sum()]
    is_over_steps = line.axes.get_xlabel() == "step" and line.get_linestyle() != "None"
    if is_over_steps and not np.array_equal(x, first_step + np.arange(len(x))):
        return f"the points of the run {line.get_label()!r} are not its steps from {first_step} on"
    return ""


def strays(picture):
    """Return which moving artists of a picture are drawn off their axes, or off the figure."""
    if not isinstance(picture, Picture):
        return []  # a plain function draws a new figure each time, with axes that fit it
    return [where for artist in picture.scene._moving.values() if (where := _stray(artist))]


def _stray(artist):
    if not artist.get_visible():
        return ""
    axes, figure = artist.axes, artist.get_figure()
    what = f"{type(artist).__name__} {artist.get_label()!r}"
    if isinstance(artist, Text):
        if not artist.get_text():
            return ""
        box, page = artist.get_window_extent(), figure.bbox
        inside = (
            box.x0 >= page.x0 - PIXELS
            and box.y0 >= page.y0 - PIXELS
            and box.x1 <= page.x1 + PIXELS
            and box.y1 <= page.y1 + PIXELS
        )
        where = f"{box.extents.round(1)} of {page.extents.round(1)}"
        return "" if inside else f"text {artist.get_text()!r} at {where} leaves the figure"
    points = _on_the_axes(artist, axes)
    # A NaN is a gap in a line, not a place.
    points = points[~np.isnan(points).any(axis=1)]
    if not len(points) or ((points >= -EDGE) & (points <= 1 + EDGE)).all():
        return ""
    low, high = points.min(axis=0).round(3), points.max(axis=0).round(3)
    return f"{what} reaches from {low} to {high} of its axes"


def _on_the_axes(artist, axes):
    """Return the points of an artist as shares of the width and height of its axes."""
    if isinstance(artist, AxesImage):
        left, right, bottom, top = artist.get_extent()
        points = axes.transData.transform([[left, bottom], [right, top]])
    elif isinstance(artist, Line2D):
        # Its own transform: a line across the axes has x in shares of them and only y in numbers.
        points = artist.get_transform().transform(artist.get_xydata())
    elif isinstance(artist, Quiver):
        tips = artist.XY + np.column_stack([artist.U, artist.V])
        points = axes.transData.transform(np.vstack([artist.XY, tips]))
    elif isinstance(artist, Collection):
        transform = artist.get_transform()
        paths = [path.vertices for path in artist.get_paths()]
        if transform.contains_branch(axes.transData):
            points = transform.transform(np.vstack([np.empty((0, 2)), *paths]))
        else:  # markers, each drawn at an offset
            points = artist.get_offset_transform().transform(np.asarray(artist.get_offsets()))
    elif isinstance(artist, Patch):
        points = artist.get_transform().transform(artist.get_path().vertices)
    else:
        raise TypeError(f"say where a {type(artist).__name__} is drawn")
    return axes.transAxes.inverted().transform(np.reshape(points, (-1, 2)))
