"""Lengths and angles: exact where a cosine would not be, and of whole lists of tensors."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lessons.geometry import as_arrow, degrees_between, norms
from tests.strict import no_warnings

pytestmark = no_warnings

COMPARE = settings(derandomize=True, max_examples=40, deadline=None)
ARROWS = st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3)


def test_a_list_of_tensors_is_one_long_arrow_in_their_order():
    arrow = as_arrow([tf.constant([[1.0, 2.0], [3.0, 4.0]]), np.float32(5), [6]])
    assert arrow.tolist() == [1, 2, 3, 4, 5, 6]
    assert arrow.dtype == np.float64


def test_norms_are_one_for_each_tensor_even_where_float32_would_overflow():
    assert norms([tf.constant([3.0, 4.0]), tf.constant([[12.0]])]).tolist() == [5, 12]
    assert norms([tf.constant([3e20, 4e20])]) == pytest.approx(5e20)


@pytest.mark.parametrize(
    "tensor", [tf.constant([[3.0], [4.0]]), np.array([3.0, 4.0]), tf.Variable([3.0, 4.0]), (3, 4)]
)
def test_one_tensor_is_an_arrow_too(tensor):
    assert as_arrow(tensor).tolist() == [3, 4]


@pytest.mark.parametrize(
    ("a", "b", "degrees"),
    [
        ([1, 0], [5, 0], 0),
        ([1, 0], [0, 2], 90),
        ([1, 0], [-3, 0], 180),
        ([1, 0], [1, 1], 45),
        ([3, 4], [1, 1], 8.130102354),
        ([[1, 0], [0, 0]], [[0, 0], [0, 1]], 90),
    ],
)
def test_known_angles(a, b, degrees):
    assert degrees_between(np.array(a), np.array(b)) == pytest.approx(degrees, abs=1e-9)


def test_small_angles_are_exact_where_the_cosine_has_no_digits_left():
    for angle in 10.0 ** -np.arange(1, 15):
        turn = np.radians(angle)
        for x, y in ((1, 0), (0, 1), (-1, 0)):
            turned = np.cos(turn) * np.array([x, y]) + np.sin(turn) * np.array([-y, x])
            assert degrees_between((x, y), turned) == pytest.approx(angle, rel=1e-6)
        opposite = [-np.cos(turn), np.sin(turn)]
        assert degrees_between([1, 0], opposite) == pytest.approx(180 - angle)


@COMPARE
@given(ARROWS, ARROWS, st.floats(1e-3, 1e3))
def test_an_angle_has_no_order_and_no_length(a, b, factor):
    assume(np.linalg.norm(a) > 1e-6 and np.linalg.norm(b) > 1e-6)
    degrees = degrees_between(a, b)
    assert 0 <= degrees <= 180
    assert degrees_between(b, a) == pytest.approx(degrees, abs=1e-9)
    assert degrees_between(a, np.multiply(factor, b)) == pytest.approx(degrees, abs=1e-9)
    assert degrees_between(a, np.multiply(-1, b)) == pytest.approx(180 - degrees, abs=1e-9)
    cosine = np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b)
    assert np.cos(np.radians(degrees)) == pytest.approx(cosine, abs=1e-9)


def test_the_angle_of_lists_is_that_of_all_their_numbers():
    gradients = [tf.constant([3.0, 4.0]), tf.constant([[12.0]])]
    # Each tensor keeps its direction, the whole does not.
    shrunk = [tf.constant([3.0, 4.0]), tf.constant([[6.5]])]
    expected = np.degrees(np.arctan2(12, 5) - np.arctan2(6.5, 5))
    assert degrees_between(gradients, shrunk) == pytest.approx(expected)
    assert degrees_between(gradients, [0.5 * g for g in gradients]) == 0


@pytest.mark.parametrize("odd", [[0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0], [-np.inf, 0.0]])
def test_what_points_nowhere_has_no_angle(odd):
    for pair in ((odd, [3.0, 4.0]), ([3.0, 4.0], odd), (odd, odd)):
        with pytest.raises(ValueError, match="no angle between arrows of length"):
            degrees_between(*pair)


def test_arrows_of_different_lengths_in_memory_are_no_pair():
    with pytest.raises(ValueError, match="broadcast"):
        degrees_between([3.0, 4.0], [3.0, 4.0, 0.0])
