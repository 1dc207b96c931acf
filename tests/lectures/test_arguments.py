"""What is said of an argument that cannot be taken."""

import numpy as np
import pytest

from lessons import arguments


@pytest.mark.parametrize("value", [1, np.int64(5), 10])
def test_a_whole_number_within_its_ends_is_taken(value):
    arguments.check_integer("depth", value, 1, 10)


@pytest.mark.parametrize("value", [0, 11, 2.0, True, "2", None, np.float32(3)])
def test_what_is_no_such_number_is_named(value):
    with pytest.raises(ValueError, match=r"depth is .*\. It should be a whole number from 1 to 10"):
        arguments.check_integer("depth", value, 1, 10)


@pytest.mark.parametrize("value", [1, 1e-30, np.float32(2)])
def test_a_positive_number_is_taken(value):
    arguments.check_positive("rate", value)


@pytest.mark.parametrize("value", [0, -1, float("inf"), float("nan"), "x", None, [1.0]])
def test_what_is_not_positive_is_named(value):
    with pytest.raises(ValueError, match=r"rate is .*\. It should be a finite number above 0"):
        arguments.check_positive("rate", value)


def test_a_choice_names_what_there_is():
    arguments.check_choice("output", "ReLU", ("ReLU", "linear"))
    with pytest.raises(
        ValueError, match=r"output is 'relu'\. It should be one of 'ReLU', 'linear'"
    ):
        arguments.check_choice("output", "relu", ("ReLU", "linear"))
