"""A table of things tried, as it is printed."""

import numpy as np
import pytest

from lessons.attempts import attempts


def fail(error):
    raise error


class Tensor:
    """Anything that NumPy can read, as a tensor is."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)


@pytest.mark.parametrize(
    ("result", "printed"),
    [
        (3, "3"),
        (True, "True"),
        (None, "None"),
        ("words", "words"),
        (2 / 3, "0.6667"),
        (1.0, "1"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (123456.789, "1.235e+05"),
        (np.float32(0.1), "0.1"),
        ([], "[]"),
        ([1, 2.5], "[1, 2.5]"),
        (np.array([1, 2], np.int32), "[1, 2]"),
        (np.array([[1 / 3, -1], [0, 2]], np.float32), "[[0.3333, -1], [0, 2]]"),
        (Tensor([1 / 3, 2]), "[0.3333, 2]"),
        (Tensor(np.float32(1 / 3)), "0.3333"),
        # As clip_by_global_norm returns it: tensors of several shapes, and their norm.
        (([Tensor([3.0, 4.0]), Tensor([[1 / 3]])], Tensor(5.0)), "[[[3, 4], [[0.3333]]], 5]"),
    ],
)
def test_a_result_is_printed_as_a_list_of_four_digits(result, printed, capsys):
    attempts({"tried": lambda: result})
    assert capsys.readouterr().out == f"tried  {printed}\n"


@pytest.mark.parametrize(
    "error", [ValueError("low must not exceed high"), KeyError("x"), ZeroDivisionError()]
)
def test_an_error_is_printed_by_its_name_alone(error, capsys):
    attempts({"tried": lambda: fail(error)})
    # What it says differs between releases.
    assert capsys.readouterr().out == f"tried  raises {type(error).__name__}\n"


def test_what_is_tried_stands_in_one_column_in_the_order_given(capsys):
    cases = {"b": lambda: 1, "a longer one": lambda: fail(ValueError()), "c": lambda: [2, 3]}
    attempts(cases)
    attempts({})
    assert capsys.readouterr().out.splitlines() == [
        "b             1",
        "a longer one  raises ValueError",
        "c             [2, 3]",
    ]


def test_an_interrupt_ends_the_table():
    with pytest.raises(KeyboardInterrupt):
        attempts({"tried": lambda: fail(KeyboardInterrupt())})
