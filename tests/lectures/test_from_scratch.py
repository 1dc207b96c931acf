import inspect
import math

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lessons import from_scratch
from tests.strict import no_warnings

# Nothing may warn: NumPy's overflow and invalid-value warnings are not for students.
pytestmark = no_warnings

tf_clip_by_average_norm = tf.compat.v1.clip_by_average_norm

# Derandomized, so that a run never fails by chance. No deadline and no complaint about slow
# drawing: the first call of a TensorFlow operation takes long, and so does a list of arrays.
COMPARE = settings(
    derandomize=True,
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

NAN, INF = math.nan, math.inf
# Chosen to stand on every cliff: bounds, 3-4-5, squares and reciprocals that overflow or vanish.
LANDMARKS = [0.0, 1.0, -1.0, 3.0, 4.0, NAN, INF, -INF, 1e-20, 1e19, -1e20, 1e38, -3e38]


def _near_the_smallest_root(x):
    # TensorFlow's global norm halves each square before it adds them. Between these two numbers the
    # half counts as 0 there and the square does not here.
    return 1.08e-19 <= abs(x) < 1.54e-19


ELEMENTS = st.one_of(
    st.sampled_from(LANDMARKS).map(lambda x: float(np.float32(x))),
    st.floats(-10, 10, width=32),
    # TensorFlow's CPU kernels read a subnormal number as 0 when they please.
    st.floats(width=32, allow_subnormal=False),
).filter(lambda x: not _near_the_smallest_root(x))
TENSORS = hnp.arrays(
    np.float32, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5), elements=ELEMENTS
)
# TensorFlow keeps Python numbers it has converted and takes -0.0 for the 0.0 it has seen.
NUMBERS = ELEMENTS.map(lambda x: 0.0 if x == 0 else x)


@st.composite
def tensors_and_bounds(draw, bounds):
    """A tensor and as many bounds as asked for, each of a shape that broadcasts to the tensor's."""
    t = draw(TENSORS)

    def bound():
        sides = [draw(st.sampled_from([1, side])) for side in t.shape]
        shape = tuple(sides[draw(st.integers(0, t.ndim)) :])
        return draw(hnp.arrays(np.float32, shape, elements=NUMBERS))

    return t, *(draw(NUMBERS) if draw(st.booleans()) else bound() for _ in range(bounds))


@st.composite
def tensors_and_axes(draw):
    t = draw(TENSORS)
    axis = st.integers(-t.ndim, t.ndim - 1)
    axes = st.lists(axis, unique_by=lambda i: i % t.ndim) if t.ndim else st.just([])
    return t, draw(st.none() | axes | (axis if t.ndim else st.nothing()))


LISTS = st.lists(st.none() | TENSORS, max_size=4)


def assert_equal(ours, theirs):
    """The same values; a subnormal number may be 0, since TensorFlow's CPU kernels make it 0."""
    _assert_close(ours, theirs, rtol=0, atol=np.finfo(np.float32).tiny)


def assert_close(ours, theirs):
    """The same values up to the last bits of a sum, and up to products that vanish.

    A sum of at most 125 squares differs by a few units in the last place with the order of adding
    them. A product below the smallest normal number is 0 in TensorFlow, a subnormal in NumPy: the
    result is then min(t, bound) at most, hence the root of that number.
    """
    limits = np.finfo(np.asarray(theirs).dtype)
    _assert_close(ours, theirs, rtol=32 * limits.eps, atol=1.01 * np.sqrt(limits.tiny))


def _assert_close(ours, theirs, rtol, atol):
    theirs = np.asarray(theirs)
    assert isinstance(ours, np.ndarray | np.generic)
    assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol)


def assert_lists_close(ours, theirs):
    assert isinstance(ours, list)
    assert len(ours) == len(theirs)
    for our, their in zip(ours, theirs, strict=True):
        if their is None:
            assert our is None
        else:
            assert_close(our, their)


# --- the same values as TensorFlow, wherever the numbers come from


@COMPARE
@given(TENSORS)
def test_relu(t):
    assert_equal(from_scratch.relu(t), tf.nn.relu(t))


@COMPARE
@given(tensors_and_bounds(2))
def test_clip_by_value(case):
    assert_equal(from_scratch.clip_by_value(*case), tf.clip_by_value(*case))


@COMPARE
@given(
    hnp.arrays(
        st.sampled_from([np.int8, np.uint8, np.int32, np.int64]),
        hnp.array_shapes(max_dims=2, max_side=4),
        elements=st.integers(0, 100),
    ),
    st.integers(-300, 300),
    st.integers(-300, 300),
)
def test_clip_by_value_of_integers(t, low, high):
    assert_equal(from_scratch.clip_by_value(t, low, high), tf.clip_by_value(t, low, high))


@COMPARE
@given(tensors_and_axes(), NUMBERS)
def test_clip_by_norm(case, clip_norm):
    t, axes = case
    ours = from_scratch.clip_by_norm(t, clip_norm, axes)
    assert_close(ours, tf.clip_by_norm(t, clip_norm, axes))


@COMPARE
@given(tensors_and_bounds(1))
def test_clip_by_norm_with_a_bound_for_each_part(case):
    assert_close(from_scratch.clip_by_norm(*case), tf.clip_by_norm(*case))


@COMPARE
@given(TENSORS, NUMBERS)
def test_clip_by_average_norm(t, clip_norm):
    ours = from_scratch.clip_by_average_norm(t, clip_norm)
    assert_close(ours, tf_clip_by_average_norm(t, clip_norm))


@COMPARE
@given(LISTS)
def test_global_norm(t_list):
    assert_close(from_scratch.global_norm(t_list), tf.linalg.global_norm(t_list))


@COMPARE
@given(LISTS, NUMBERS)
def test_clip_by_global_norm(t_list, clip_norm):
    ours, our_norm = from_scratch.clip_by_global_norm(t_list, clip_norm)
    theirs, their_norm = tf.clip_by_global_norm(t_list, clip_norm)
    assert_close(our_norm, their_norm)
    assert_lists_close(ours, theirs)


@COMPARE
@given(LISTS, NUMBERS, NUMBERS.filter(lambda x: x == 0 or abs(x) >= np.finfo(np.float32).tiny))
def test_clip_by_global_norm_with_a_known_norm(t_list, clip_norm, use_norm):
    use_norm = np.float32(use_norm)
    ours, our_norm = from_scratch.clip_by_global_norm(t_list, clip_norm, use_norm)
    theirs, _ = tf.clip_by_global_norm(t_list, clip_norm, tf.constant(use_norm))
    np.testing.assert_array_equal(our_norm, use_norm)
    assert_lists_close(ours, theirs)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_every_floating_dtype_is_kept(dtype):
    # 200 * 300 is beyond float16's largest number squared, 256: its norm overflows.
    for scale in (1e-3, 1, 200):
        t = (scale * np.array([[1.0, -2.0, 0.5], [0.0, 0.25, 1.5]])).astype(dtype)
        assert_close(from_scratch.relu(t), tf.nn.relu(t))
        assert_close(from_scratch.clip_by_value(t, -1, 2.5), tf.clip_by_value(t, -1, 2.5))
        theirs = tf.clip_by_norm(t, dtype(2.5), [1])
        assert_close(from_scratch.clip_by_norm(t, 2.5, [1]), theirs)
        theirs, their_norm = tf.clip_by_global_norm([t, t], dtype(2.5))
        ours, our_norm = from_scratch.clip_by_global_norm([t, t], 2.5)
        assert_close(our_norm, their_norm)
        assert_lists_close(ours, theirs)


def test_plain_python_numbers_count_as_in_tensorflow():
    assert from_scratch.clip_by_value([[1, 8]], 2, 5).dtype == np.int32
    assert from_scratch.clip_by_norm([3.0, 4.0], 1).dtype == np.float32


def test_inputs_stay_as_they_were():
    t = np.array([3, 4], np.float32)
    from_scratch.relu(t)
    from_scratch.clip_by_value(t, 0, 1)
    from_scratch.clip_by_norm(t, 1)
    from_scratch.clip_by_average_norm(t, 1)
    from_scratch.clip_by_global_norm([t], 1)
    assert t.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda: from_scratch.clip_by_value([-5.0, 0.0, 5.0], 3, 1), [3, 3, 3]),
        (lambda: from_scratch.clip_by_value([NAN, -INF, INF], -1, 1), [NAN, -1, 1]),
        (lambda: from_scratch.clip_by_value([0.0, 5.0], NAN, 1), [NAN, NAN]),
        (lambda: from_scratch.relu([NAN, -INF, INF]), [NAN, 0, INF]),
        (lambda: from_scratch.clip_by_norm([0.0, 0.0], 1), [0, 0]),
        (lambda: from_scratch.clip_by_norm([0.0, 0.0], 0), [NAN, NAN]),
        (lambda: from_scratch.clip_by_norm([3.0, 4.0], -1), [0, 0]),
        (lambda: from_scratch.clip_by_norm([3.0, 4.0], INF), [NAN, NAN]),
        (lambda: from_scratch.clip_by_norm([3.0, INF], 1), [0, NAN]),
        (lambda: from_scratch.clip_by_norm([1e20, 1e20], 1), [0, 0]),
        (lambda: from_scratch.clip_by_norm([3.0, -4.0], 1, []), [1, -1]),
        (lambda: from_scratch.clip_by_average_norm([3.0, 4.0], -1), [3, 4]),
        (lambda: from_scratch.clip_by_global_norm([[3.0, INF]], 1)[0][0], [NAN, NAN]),
        (lambda: from_scratch.clip_by_global_norm([[3.0, 4.0]], -1)[0][0], [3, 4]),
        (lambda: from_scratch.clip_by_global_norm([[3.0, 4.0]], INF)[0][0], [NAN, NAN]),
        (lambda: from_scratch.clip_by_global_norm([[0.0, 0.0]], 0)[0][0], [NAN, NAN]),
        (lambda: from_scratch.clip_by_global_norm([[3.0, 4.0]], 1e38)[0][0], [0, 0]),
        (lambda: from_scratch.clip_by_global_norm([[3.0, 4.0]], 1, 10.0)[0][0], [0.3, 0.4]),
        (lambda: from_scratch.global_norm([]), 0),
        (lambda: from_scratch.global_norm([None]), 0),
    ],
)
def test_edge(call, expected):
    assert_close(call(), np.array(expected, np.float32))


# --- the same kind of error for the same misuse


def raises_in_both(ours, theirs, error, message, their_error=None):
    """Both raise; ours raises `error`, as does theirs unless another error is named."""
    with pytest.raises(error, match=message):
        ours()
    with pytest.raises(their_error or error):
        theirs()


FLOATS = np.array([1, 2], np.float32)
INTS = np.array([1, 2], np.int32)
INVALID = tf.errors.InvalidArgumentError


@pytest.mark.parametrize(
    ("arguments", "error", "message", "their_error"),
    [
        ((FLOATS, [[1.0], [2.0]], 5), ValueError, r"low has shape \(2, 1\).*t, \(2,\)", None),
        ((FLOATS, 0, [[1.0, 2.0]]), ValueError, r"high has shape \(1, 2\).*t, \(2,\)", None),
        ((np.float32(1), 0, [1, 2]), ValueError, r"high has shape \(2,\).*one number\.", None),
        ((FLOATS, 0, [1, 2, 3]), ValueError, r"high has shape \(3,\)", INVALID),
        ((INTS, 0.5, 2), TypeError, r"low is 0\.5, .*int32", None),
        ((INTS, 0, [1.0, 2.0]), TypeError, r"high is \[1\.0, 2\.0\], .*int32", None),
        ((FLOATS, "0", 1), TypeError, r"low is '0'. It should be a number", None),
        ((FLOATS, None, 1), ValueError, r"low is None", None),
        ((None, 0, 1), ValueError, r"t is None.*leave it out", None),
        ((np.array([True]), False, True), TypeError, r"t holds bool", INVALID),
        ((np.array([1j]), 0, 1), TypeError, r"t holds complex128", INVALID),
    ],
)
def test_clip_by_value_refuses(arguments, error, message, their_error):
    raises_in_both(
        lambda: from_scratch.clip_by_value(*arguments),
        lambda: tf.clip_by_value(*arguments),
        error,
        message,
        their_error,
    )


@pytest.mark.parametrize("bound", [np.float32(0.5), np.array([0.5, 0.5])])
def test_clip_by_value_refuses_numpy_fractions_for_integers(bound):
    # TensorFlow cuts the fraction off without a word.
    with pytest.raises(TypeError, match="low is"):
        from_scratch.clip_by_value(INTS, bound, 2)
    assert tf.clip_by_value(INTS, 0 * bound, 3 * bound).numpy().tolist() == [1, 1]


@pytest.mark.parametrize(
    ("t", "error", "message", "their_error"),
    [
        (None, ValueError, "t is None", None),
        (np.array([True]), TypeError, "t holds bool", INVALID),
        (np.array(["a"]), TypeError, "t holds <U1", INVALID),
    ],
)
def test_relu_refuses(t, error, message, their_error):
    raises_in_both(lambda: from_scratch.relu(t), lambda: tf.nn.relu(t), error, message, their_error)


MATRIX = np.ones((2, 3), np.float32)


@pytest.mark.parametrize(
    ("arguments", "error", "message", "their_error"),
    [
        ((INTS, 1), TypeError, r"t holds int32 values.*np\.float32\(t\)", INVALID),
        (([3, 4], 1.0), TypeError, "t holds int32 values", INVALID),
        ((None, 1), ValueError, "t is None", None),
        ((FLOATS, None), ValueError, "clip_norm is None", None),
        ((FLOATS, "1"), TypeError, "clip_norm is '1'", None),
        ((FLOATS, np.ones((2, 1))), ValueError, r"clip_norm has shape \(2, 1\)", None),
        ((FLOATS, np.ones(3)), ValueError, r"clip_norm has shape \(3,\)", INVALID),
        ((MATRIX, 1, 2), ValueError, r"axes is 2, .*\(2, 3\).*from 0 to 1", INVALID),
        ((MATRIX, 1, [0, -3]), ValueError, r"axes is \[0, -3\]", INVALID),
        ((MATRIX, 1, [1, -1]), ValueError, r"axes is \[1, -1\].*repeated", INVALID),
        ((MATRIX, 1, 1.0), TypeError, r"axes is 1\.0. It should hold whole numbers", None),
        ((MATRIX, 1, "rows"), TypeError, "axes is 'rows'", INVALID),
    ],
)
def test_clip_by_norm_refuses(arguments, error, message, their_error):
    raises_in_both(
        lambda: from_scratch.clip_by_norm(*arguments),
        lambda: tf.clip_by_norm(*arguments),
        error,
        message,
        their_error,
    )


def test_clip_by_average_norm_refuses_integers():
    raises_in_both(
        lambda: from_scratch.clip_by_average_norm(INTS, 1),
        lambda: tf_clip_by_average_norm(INTS, 1),
        TypeError,
        "t holds int32",
        INVALID,
    )


@pytest.mark.parametrize(
    ("t_list", "error", "message", "their_error"),
    [
        (FLOATS, TypeError, r"t_list is a ndarray.*list or tuple.*\[t\]", None),
        ({"a": FLOATS}, TypeError, "t_list is a dict", None),
        (iter([FLOATS]), TypeError, "t_list is a list_iterator", None),
        ("abc", TypeError, "t_list is a str", None),
        (None, TypeError, "t_list is a NoneType", None),
        ([FLOATS, INTS], TypeError, r"t_list\[1\] holds int32", INVALID),
        ([FLOATS, np.ones(2)], TypeError, "t_list mixes float32 and float64", INVALID),
        ([FLOATS, None, np.float16(1)], TypeError, "mixes float16 and float32", INVALID),
    ],
)
def test_global_norm_refuses(t_list, error, message, their_error):
    raises_in_both(
        lambda: from_scratch.global_norm(t_list),
        lambda: tf.linalg.global_norm(t_list),
        error,
        message,
        their_error,
    )
    raises_in_both(
        lambda: from_scratch.clip_by_global_norm(t_list, 1),
        lambda: tf.clip_by_global_norm(t_list, 1),
        error,
        message,
        their_error,
    )


@pytest.mark.parametrize(
    ("clip_norm", "error", "message"),
    [(None, ValueError, "clip_norm is None"), ("1", TypeError, "clip_norm is '1'")],
)
def test_clip_by_global_norm_refuses_bounds_that_are_no_number(clip_norm, error, message):
    raises_in_both(
        lambda: from_scratch.clip_by_global_norm([FLOATS], clip_norm),
        lambda: tf.clip_by_global_norm([FLOATS], clip_norm),
        error,
        message,
    )


def test_a_known_norm_that_is_whole_is_refused():
    raises_in_both(
        lambda: from_scratch.clip_by_global_norm([FLOATS], 1, 13),
        lambda: tf.clip_by_global_norm([FLOATS], 1, tf.constant(13)),
        TypeError,
        "use_norm holds int32",
    )


def test_one_bound_and_one_norm_mean_one():
    # TensorFlow asks for one number in its documentation and lets a vector pass.
    with pytest.raises(ValueError, match=r"clip_norm has shape \(2,\). It should be one number\."):
        from_scratch.clip_by_average_norm(FLOATS, [1, 2])
    with pytest.raises(ValueError, match=r"clip_norm has shape \(2,\). It should be one number\."):
        from_scratch.clip_by_global_norm([FLOATS], [1, 2])
    with pytest.raises(ValueError, match=r"use_norm has shape \(2,\)"):
        from_scratch.clip_by_global_norm([FLOATS], 1, np.ones(2))


# --- what the lectures show of it


@pytest.mark.parametrize(
    ("name", "lecture"),
    [
        ("relu", "01_clip_by_value_and_relu.ipynb"),
        ("clip_by_value", "01_clip_by_value_and_relu.ipynb"),
        ("clip_by_norm", "02_clip_by_norm_keeps_direction.ipynb"),
        ("clip_by_average_norm", "02_clip_by_norm_keeps_direction.ipynb"),
        ("global_norm", "03_clip_by_global_norm.ipynb"),
        ("clip_by_global_norm", "03_clip_by_global_norm.ipynb"),
    ],
)
def test_source_reads_in_one_sitting(name, lecture):
    function = getattr(from_scratch, name)
    assert f"notebooks/{lecture}" in function.__doc__
    assert f"def {name}(" in inspect.getsource(function)
    body = inspect.getsource(function).split('"""')[2].strip().splitlines()
    assert len(body) <= 6
