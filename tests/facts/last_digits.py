"""What the cells of a notebook print where a processor rounds otherwise.

Another processor, or another number of threads, adds the products of a matrix in another order: the
last digit of a sum differs, and after a hundred steps of training all digits may. Here the same is
done to the numbers that a computation starts from: to what is drawn at random, in float32, and to
the first gradients of an optimizer, whose weights may have been chosen by hand.
"""

import ast
import contextlib
import io
import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from dis import get_instructions
from types import CodeType
from typing import Any, NamedTuple
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
from lessons.explorable.words import typeset
from tests.lectures import sweep

# After so many steps of an optimizer, a rounding still shows in the last digit only.
FEW = 3
# Training is chaotic where its numbers move by more than ten times what it started from has moved.
SHAKEN, CLOSE = 1e-4, 1e-3
# Of its chaotic runs a cell trains so many anew each time, by turns.
ANEW = 2

# Where training runs have ended, by a name that each has in every pass over the cells.
Ends = Mapping[Hashable, Sequence[np.ndarray]]


def moving(seed):
    """Return a function that moves the numbers of a tensor by one unit in the last place."""
    random = np.random.default_rng(seed)
    ends = np.float32([-np.inf, np.inf])
    return lambda numbers: tf.math.nextafter(numbers, ends[random.integers(0, 2, numbers.shape)])


def shaking(seed):
    """Return a function that moves the numbers of a tensor by SHAKEN, up or down."""
    random = np.random.default_rng(seed)
    return lambda numbers: numbers * (1 + SHAKEN * random.choice([-1, 1], numbers.shape))


class Started:
    """Passes on, through `move`, every number that a computation starts from.

    Attributes:
        many: Whether a computation has started from them that is longer than a few operations.
        trained: The weights that each optimizer trains.
    """

    def __init__(self, move: Callable[[tf.Tensor], tf.Tensor]):
        self.many, self.trained, self._move = False, {}, move

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
            if variables is not None:
                self.trained[optimizer] = variables
            apply(optimizer, gradients, variables)

        return applied

    def ends(self, cell: str) -> Ends:
        """Return where training has ended: by optimizers, named after the cell, and by `train`."""
        weights = {
            (cell, i): [variable.numpy() for variable in variables]
            for i, variables in enumerate(self.trained.values())
        }
        return weights | runs._RUNS


class Words(str):
    """What a scene says, which is what a cell stores of it beside the picture."""

    __repr__ = str.__str__


def _said(scene, values):
    with mock.patch.object(picture, "VectorFigure"):  # nobody looks at it
        return Words(typeset(picture.Picture(scene).scene.update(**values)))


def _explored(scene, **given):
    widgets = {name: each for name, each in given.items() if isinstance(each, ValueWidget)}
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


class Cell(NamedTuple):
    """A cell whose output may depend on last digits, or that such a cell needs.

    Attributes:
        source: What it runs.
        printed: The texts that it has printed.
        values: What it has assigned, by name.
        ends: Where its training has ended.
    """

    source: str
    printed: list[str]
    values: dict[str, Any]
    ends: Ends


def _run(cell, source, namespace, move):
    """Run a cell disturbed by `move`; return what it prints, and what it started."""
    start = Started(move)
    with start.watching():
        return run_cell(source, namespace, cell), start


def concerned(cells):
    """Run cells from the top, disturbed; find those in which a long computation starts, or goes on.

    Args:
        cells: Their sources by id.

    Returns:
        Those of them that print, and those that these need, by id. And the namespace.
    """
    namespace, found, uncertain, move = {"__name__": "__main__"}, {}, set(), moving(0)
    for cell, source in cells.items():
        forget()
        printed, start = _run(cell, source, namespace, move)
        read, assigned = _names(source)
        if start.many or read & uncertain:
            values = {name: namespace[name] for name in assigned}
            found[cell] = Cell(source, printed, values, start.ends(cell))
            uncertain |= assigned
        else:
            uncertain -= assigned
    needed, kept = set(), set()
    for cell, (source, printed, values, _) in reversed(found.items()):
        if printed or values.keys() & needed:
            needed |= _names(source)[0]
            kept.add(cell)
    return {cell: found[cell] for cell in found if cell in kept}, namespace


def _names(source):
    """Return the names that a cell takes over from cells before it, and those that it assigns."""
    read, assigned = set(), set()
    for statement in ast.parse(source).body:
        code = compile(ast.Module([statement], []), "<cell>", "exec")
        read |= _loaded(code) - assigned
        assigned |= {each.argval for each in get_instructions(code) if each.opname == "STORE_NAME"}
    return read, assigned


def _loaded(code):
    # In byte code, for a symbol table calls what a comprehension binds the cell's own from 3.12 on.
    steps = get_instructions(code)
    loaded = {step.argval for step in steps if step.opname in ("LOAD_NAME", "LOAD_GLOBAL")}
    return loaded.union(*(_loaded(each) for each in code.co_consts if isinstance(each, CodeType)))


def disturbed(cells, namespace, times):
    """Run cells that `concerned` found again and again, each time disturbed in another way.

    Cells all of whose training is calm do not run again, for they would print the same.

    Yields:
        What each has printed, by id.
    """
    yield {cell: found.printed for cell, found in cells.items()}
    chaotic = _chaotic(cells, namespace)
    calm = [cell for cell in cells if cells[cell].ends and not cells[cell].ends.keys() & chaotic]
    ends = [item for found in cells.values() for item in found.ends.items()]
    remembered = {run: end for run, end in ends if isinstance(end, runs.Run)}
    for seed in range(1, times):
        forget()
        runs._RUNS.update(remembered)
        for cell in cells.keys() - calm:
            turns = [run for run in cells[cell].ends if run in chaotic & runs._RUNS.keys()]
            for turn in range(min(ANEW, len(turns))):
                runs._RUNS.pop(turns[(ANEW * seed + turn) % len(turns)], None)
        move, now, printed = moving(seed), dict(namespace), {}
        for cell, found in cells.items():
            if cell in calm:
                now |= found.values
            else:
                printed[cell], _ = _run(cell, found.source, now, move)
        yield printed
        remembered = runs._RUNS.copy()


def _chaotic(cells, namespace):
    """Return which training of the cells is chaotic: what the names in their ends stand for."""
    forget()
    move, namespace, chaotic = shaking(0), dict(namespace), set()
    for cell, found in cells.items():
        _, start = _run(cell, found.source, namespace, move)
        ends = start.ends(cell)
        chaotic |= {run for run, end in found.ends.items() if not _close(end, ends.get(run, ()))}
    return chaotic


def _close(end, shaken):
    if len(end) != len(shaken):
        return False
    if isinstance(end, runs.Run):
        return all(
            np.allclose(a, b, rtol=CLOSE, atol=CLOSE / 10, equal_nan=True)
            for a, b in zip(end, shaken, strict=True)
        )
    # All weights as one vector: a bias that has hardly left 0 says nothing of chaos.
    a, b = (np.concatenate([np.ravel(each) for each in one]) for one in (end, shaken))
    return np.linalg.norm(a - b) <= CLOSE * np.linalg.norm(a)
