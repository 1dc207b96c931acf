"""Answers that no exercise asks for, and that a student may yet hand in."""

import functools
import gc
import math
import types
from decimal import Decimal
from fractions import Fraction

import numpy as np
import tensorflow as tf


class Raises:
    """It raises whenever it is looked at."""

    def _raise(self, *args):
        raise RuntimeError("do not look at me")

    __eq__ = __hash__ = __repr__ = __str__ = __len__ = __iter__ = __bool__ = __float__ = _raise
    __getattr__ = __array__ = __format__ = _raise


class RaisesAtItsName:
    def __getattr__(self, name):
        raise RuntimeError(name)

    def __call__(self, *args):
        return None


class LyingList(list):
    def __iter__(self):
        raise RuntimeError("no entries")


class LyingNumber(float):
    def __float__(self):
        raise RuntimeError("no number")


class Unprintable(Exception):  # noqa: N818
    def __str__(self):
        raise RuntimeError("no words")


def raises_unprintable(*args):
    raise Unprintable


def raises_system_exit(*args):
    raise SystemExit


def itself(*args):
    return itself


def generator(*args):
    yield 1.0


def endless(*args):
    return endless(*args)


def calls_itself_for_ever(*args):
    # Garbage that is collected where the stack is full cannot end, and complains.
    gc.disable()
    try:
        return endless(*args)
    finally:
        gc.enable()


OBJECTS = np.empty(2, dtype=object)
OBJECTS.fill(Raises())
CYCLE = []
CYCLE.append(CYCLE)
SETTING = ("rate", "bound", "output", "loss")
DTYPES = ("bool", "uint8", "int64", "float16", "bfloat16", "float64", "complex64")
SPARSE = tf.sparse.from_dense([1.0, 2.0])
SLICES = tf.IndexedSlices(tf.constant([[1.0, 2.0]]), tf.constant([0]), tf.constant([2, 2]))
RAGGED = tf.ragged.constant([[1.0], [2.0, 3.0]])

VALUES = {
    "a huge int": 10**400,
    "a huge negative int": -(10**400),
    "NaN": math.nan,
    "infinity": math.inf,
    "True": True,
    "a text": "two",
    "bytes": b"2",
    "a complex number": 2j,
    "a decimal": Decimal("2"),
    "a decimal NaN": Decimal("sNaN"),
    "a fraction": Fraction(1, 3),
    "an ellipsis": ...,
    "a range": range(3),
    "an empty list": [],
    "a list of None": [None, None, None],
    "a list of NaN": [math.nan, 1.0],
    "a list of huge ints": [10**400, 10**400],
    "a list of texts": ["3", "4"],
    "a ragged list": [[1.0], [2.0, 3.0]],
    "a deep list": [[[[1.0]]]],
    "a list of itself": CYCLE,
    "a set": {3.0, 4.0},
    "a frozenset": frozenset({5}),
    "a dict": {"a": 1},
    "a dict with A to D": {letter: [1] for letter in "ABCD"},
    "a dict of what raises": {letter: Raises() for letter in "ABCD"},
    "a setting of what raises": {key: Raises() for key in SETTING},
    "a setting of lists": {key: [1.0] for key in SETTING},
    "a huge setting": {"rate": 10**400, "bound": 10**400, "output": "linear", "loss": "hinge"},
    "ten texts": ["True"] * 10,
    "ten that raise": [Raises()] * 10,
    "a generator": (number for number in (3.0, 4.0)),
    "an object array": np.array([1, "two", None], dtype=object),
    "an array of objects that raise": OBJECTS,
    "an empty array": np.array([]),
    "a date": np.datetime64("2026-01-01"),
    "a structured array": np.zeros(2, dtype=[("x", float)]),
    "a masked array": np.ma.masked_array([3.0, 4.0], mask=[False, True]),
    "a memoryview": memoryview(b"34"),
    **{f"a tensor of {name}": tf.cast([3, 4], name) for name in DTYPES},
    "a tensor of string": tf.constant(["3", "4"]),
    "a tensor of qint8": tf.bitcast(tf.constant([3, 4], tf.int8), tf.qint8),
    "a scalar tensor of bfloat16": tf.constant(2, tf.bfloat16),
    "an empty tensor": tf.zeros([0]),
    "a variable": tf.Variable([3.0, 4.0]),
    "a sparse tensor": SPARSE,
    "indexed slices": SLICES,
    "a ragged tensor": RAGGED,
    "a list of sparse tensors": [SPARSE, SPARSE],
    "slices among tensors": [SLICES, None, SLICES],
    "a symbolic tensor": tf.keras.Input((2,)),
    "a tensor array": tf.TensorArray(tf.float32, 2),
    "a module": math,
    "a class": int,
    "an exception": ValueError("no"),
    "the class of what raises": Raises,
    "an object that raises": Raises(),
    "a list of what raises": [Raises(), Raises()],
    "a pair of what raises": ([Raises()], Raises()),
    "a list that cannot be read": LyingList([3.0, 4.0]),
    "a number that cannot be read": LyingNumber(2.0),
    "a namespace": types.SimpleNamespace(numpy=3),
}

FUNCTIONS = {
    "takes nothing": lambda: 1.0,
    "takes too much": lambda a, b, c, d, e, f, g: 1.0,
    "returns itself": itself,
    "generates": generator,
    "calls itself for ever": calls_itself_for_ever,
    "raises what cannot be printed": raises_unprintable,
    "leaves Python": raises_system_exit,
    "is partial": functools.partial(max, 1),
    "is built in": len,
    "is a lambda of None": lambda *args: None,
    "is a traced function": tf.function(lambda *args: tf.constant(1.0)),
    "has a name that raises": RaisesAtItsName(),
    "empties its lists": lambda *args: [arg.clear() for arg in args if isinstance(arg, list)],
    "returns its arguments": lambda *args: args,
    "returns its first argument": lambda first, *args: first,
}

# Those of them that raise themselves when they are looked at, or leave nothing to look at.
CANNOT_BE_READ = {
    "a decimal NaN",
    "a list of itself",
    "a list that cannot be read",
    "a number that cannot be read",
    "a setting of what raises",
    "raises what cannot be printed",
    "has a name that raises",
    "empties its lists",
}
