"""What the cells of a notebook print where a processor rounds otherwise.

Another processor, or another number of threads, adds the products of a matrix in another order: the
last digit of a sum differs, and after a hundred steps of training all digits may. Here the same is
done to the numbers that a computation starts from: to what is drawn at random, in float32, and to
the first gradients of an optimizer, whose weights may have been chosen by hand.
"""

import ast
import contextlib
import io
import symtable
import sys
from collections.abc import Callable
from unittest import mock

import keras
import nbformat
import numpy as np
import tensorflow as tf
from IPython.core.formatters import DisplayFormatter
from ipywidgets import ValueWidget

from lessons import explorable
from lessons.digits import runs
from lessons.explorable import picture
from tests.lectures import sweep

# After so many steps of an optimizer, a rounding still shows in the last digit only.
FEW = 3


def moving(seed):
    """Return a function that moves the numbers of a tensor by one unit in the last place."""
    random = np.random.default_rng(seed)
    ends = np.float32([-np.inf, np.inf])
    return lambda numbers: tf.math.nextafter(numbers, ends[random.integers(0, 2, numbers.shape)])


class Started:
    """Passes on, through `move`, every number that a computation starts from.

    Attributes:
        many: Whether a computation has started from them that is longer than a few operations.
    """

    def __init__(self, move: Callable[[tf.Tensor], tf.Tensor] = tf.identity):
        self.many, self._move = False, move

    @contextlib.contextmanager
    def watching(self):
        """Watch what is drawn at random, and what optimizers are given."""
        with contextlib.ExitStack() as patches:
            for name in ("stateless_normal", "stateless_truncated_normal", "stateless_uniform"):
                draws = self._watched(getattr(tf.random, name))
                patches.enter_context(mock.patch.object(tf.random, name, draws))
            apply = self._taking_steps(keras.optimizers.Optimizer.apply)
            patches.enter_context(mock.patch.object(keras.optimizers.Optimizer, "apply", apply))
            yield

    def _watched(self, draw):
        def drawn(*args, **kwargs):
            numbers = draw(*args, **kwargs)
            # Of a float64 nobody prints the last digits.
            if numbers.dtype != tf.float32:
                return numbers
            self.many = True
            return self._move(numbers)

        return drawn

    def _taking_steps(self, apply):
        def applied(optimizer, gradients, variables=None):
            # Inside of a graph its weights are those of a model, and drawn at random.
            if tf.executing_eagerly():
                steps = int(optimizer.iterations)
                self.many |= steps >= FEW
                if steps == 0:
                    gradients = [g if g is None else self._move(g) for g in gradients]
            apply(optimizer, gradients, variables)

        return applied


class Words(str):
    """What a scene says, which is what a cell stores of it beside the picture."""

    __repr__ = str.__str__


def _said(scene, values):
    with mock.patch.object(picture, "VectorFigure"):  # nobody looks at it
        return Words(picture.Picture(scene).scene.update(**values))


def _explored(scene, *, export=None, **sliders):
    widgets = {name: each for name, each in sliders.items() if isinstance(each, ValueWidget)}
    return _said(scene, {name: widget.value for name, widget in widgets.items()})


def _shown(scene, **values):
    return _said(scene, values)


def run_cell(source, namespace, name):
    """Run a cell; return what it prints and what its last line shows, as text."""
    words = {"explore": _explored, "show": _shown}
    printed = io.StringIO()
    with (
        sweep.in_the_notebooks_folder(),
        contextlib.redirect_stdout(printed),
        mock.patch.multiple(explorable, **words),
    ):
        shown = sweep.run(source, namespace, name)
    texts = [printed.getvalue()]
    if shown is not None:
        texts.append(DisplayFormatter().format(shown)[0]["text/plain"])
    return [text for text in texts if text]


def stored(path):
    """Return of each code cell what `run_cell` would return of it: the texts that are stored."""
    cells = nbformat.read(path, as_version=4).cells
    texts = {
        cell.id: [o.get("text") or o.data.get("text/plain") for o in cell.outputs]
        for cell in cells
        if cell.cell_type == "code"
    }
    return {cell: [text for text in found if text] for cell, found in texts.items()}


def forget():
    """Forget all numbers that functions of the lectures remember; their graphs hold none."""
    runs._RUNS.clear()
    for name, module in list(sys.modules.items()):
        if name.startswith("lessons"):
            for each in vars(module).values():
                graph = "Callable" in str(getattr(each, "__annotations__", {}).get("return"))
                if hasattr(each, "cache_clear") and not graph:
                    each.cache_clear()


def concerned(cells):
    """Run cells from the top; find those whose output may depend on last digits.

    Args:
        cells: Their sources by id.

    Returns:
        The sources of the cells in which a long computation starts, or which go on from one, by id:
        those that print, and those that they need. And the namespace.
    """
    namespace, found, uncertain = {"__name__": "__main__"}, [], set()
    for cell, source in cells.items():
        forget()
        start = Started()
        with start.watching():
            printed = run_cell(source, namespace, cell)
        read, assigned = _names(source)
        if start.many or read & uncertain:
            found.append((cell, read, assigned, printed))
            uncertain |= assigned
        else:
            uncertain -= assigned
    needed, kept = set(), set()
    for cell, read, assigned, printed in reversed(found):
        if printed or assigned & needed:
            needed |= read
            kept.add(cell)
    return {cell: source for cell, source in cells.items() if cell in kept}, namespace


def _names(source):
    """Return the names that a cell takes over from cells before it, and those that it assigns."""
    read, assigned = set(), set()
    for statement in ast.parse(source).body:
        top = symtable.symtable(ast.unparse(statement), "<cell>", "exec")
        read |= _referenced(top) - assigned
        assigned |= {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned()}
    return read, assigned


def _referenced(table):
    outside = {s.get_name() for s in table.get_symbols() if s.is_referenced() and s.is_global()}
    return outside.union(*map(_referenced, table.get_children()))


def disturbed(found, namespace, seed):
    """Run cells that `concerned` found once more, disturbed; return what each prints, by id."""
    forget()
    namespace = dict(namespace)
    with Started(moving(seed)).watching():
        return {cell: run_cell(source, namespace, cell) for cell, source in found.items()}
