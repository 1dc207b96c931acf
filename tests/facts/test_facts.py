"""What the lectures say of TensorFlow, asked of TensorFlow itself."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from lessons.geometry import degrees_between

NAN, INF = math.nan, math.inf
INVALID = tf.errors.InvalidArgumentError


def gradient(function, x):
    """Return the gradient of the sum of `function(x)`."""
    x = tf.constant(x, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return tape.gradient(y, x).numpy().tolist()


def floats(*lists):
    return [None if numbers is None else tf.constant(numbers, tf.float32) for numbers in lists]


def lists(tensors):
    return [None if t is None else t.numpy().tolist() for t in tensors]


def same(got, expected):
    """Equal to the last bit, with NaN equal to NaN."""
    np.testing.assert_array_equal(got, np.asarray(expected, np.asarray(got).dtype))


def units_apart(a, b):
    """How many float32 numbers lie between; for numbers of one sign."""
    return np.abs(np.asarray(a).view(np.int32) - np.asarray(b).view(np.int32))


def sparse(values, rows, height):
    return tf.IndexedSlices(tf.constant(values), tf.constant(rows), tf.constant([height, 1]))


def twice_the_same_row():
    return sparse([[3.0], [4.0]], [0, 0], 2)


def column(slices):
    return tf.convert_to_tensor(slices).numpy().ravel().tolist()


def test_these_are_the_versions_that_the_lectures_speak_of():
    assert tf.__version__.startswith("2.21.")
    assert keras.__version__.startswith("3.")
    assert keras.backend.backend() == "tensorflow"


# ---- clip_by_value, maximum, minimum, relu ------------------------------------------------------


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (lambda a: tf.maximum(a, 2), [2, 2, 2, 3, 4, 5, 6, 7, 8, 9]),
        (lambda a: tf.minimum(a, 8), [0, 1, 2, 3, 4, 5, 6, 7, 8, 8]),
        (lambda a: tf.clip_by_value(a, 2, 8), [2, 2, 2, 3, 4, 5, 6, 7, 8, 8]),
        (lambda a: tf.nn.relu(a - 5), [0, 0, 0, 0, 0, 0, 1, 2, 3, 4]),
        (lambda a: tf.maximum(a - 5, 0), [0, 0, 0, 0, 0, 0, 1, 2, 3, 4]),
        (lambda a: tf.nn.relu6(a), [0, 1, 2, 3, 4, 5, 6, 6, 6, 6]),
        (lambda a: tf.clip_by_value(a, 0, 6), [0, 1, 2, 3, 4, 5, 6, 6, 6, 6]),
    ],
)
def test_bounds_of_range_10(got, expected):
    result = got(tf.range(10))
    assert result.numpy().tolist() == expected
    assert result.dtype == tf.int32


def test_a_clip_keeps_the_shape():
    clipped = tf.clip_by_value([[1, 1, 2, 4], [3, 4, 8, 5]], 2, 5)
    assert clipped.numpy().tolist() == [[2, 2, 2, 4], [3, 4, 5, 5]]


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (0.5, 0.5), (2.0, -2.0), (-INF, 0.0)])
def test_a_clip_by_value_is_the_maximum_of_the_minimum(low, high):
    t = tf.random.stateless_normal([1000], seed=[0, 0])
    same(tf.clip_by_value(t, low, high), tf.maximum(tf.minimum(t, high), low))


def test_with_crossed_bounds_tensorflow_returns_the_lower_and_numpy_the_upper():
    t = [1.0, 3.0, 9.0]
    same(tf.clip_by_value(t, 5.0, 2.0), [5, 5, 5])
    same(np.clip(t, 5.0, 2.0), [2, 2, 2])


@pytest.mark.parametrize(
    ("t", "low", "high", "expected"),
    [
        ([1.0, NAN, 9.0], 2.0, 5.0, [2, NAN, 5]),
        ([-INF, 3.0, INF], 2.0, 5.0, [2, 3, 5]),
        ([1.0, 3.0, 9.0], NAN, 5.0, [NAN, NAN, NAN]),
        ([1.0, 3.0, 9.0], 2.0, NAN, [NAN, NAN, NAN]),
    ],
)
def test_a_clip_by_value_repairs_infinity_and_not_nan(t, low, high, expected):
    same(tf.clip_by_value(t, low, high), expected)


def test_bounds_may_be_one_for_each_column():
    t = [[1.0, 9.0], [3.0, 9.0]]
    same(tf.clip_by_value(t, [0.0, 4.0], [2.0, 5.0]), [[1, 5], [2, 5]])


@pytest.mark.parametrize("bound", [[[2.0], [5.0]], [[2.0, 5.0]], [[[2.0]]]])
@pytest.mark.parametrize("bounds", [lambda b: (b, 9.0), lambda b: (0.0, b)], ids=["low", "high"])
def test_bounds_may_not_enlarge_the_tensor(bound, bounds):
    with pytest.raises(ValueError, match="incompatible"):
        tf.clip_by_value([1.0, 9.0], *bounds(bound))


def test_bounds_that_do_not_broadcast_are_refused_by_the_operation_below():
    # Another error than above, and no ValueError.
    with pytest.raises(INVALID, match="Incompatible shapes"):
        tf.clip_by_value([1.0, 9.0], 0.0, [2.0, 5.0, 6.0])
    assert not issubclass(INVALID, ValueError)


@pytest.mark.parametrize("bounds", [(2.5, 5.5), (2.0, 5.0), (2, 5.0), (2.0, 5)])
def test_whole_numbers_take_no_python_floats_as_bounds(bounds):
    with pytest.raises(TypeError, match="EagerTensor of dtype int32"):
        tf.clip_by_value([1, 3, 9], *bounds)


def test_whole_numbers_take_no_float_tensor_as_bound():
    with pytest.raises(INVALID, match="Minimum"):
        tf.clip_by_value([1, 3, 9], tf.constant(2.5), tf.constant(5.5))


def test_whole_numbers_take_numpys_floats_and_cut_them_off():
    clipped = tf.clip_by_value([1, 3, 9], np.float32(2.7), np.float32(5.7))
    assert clipped.numpy().tolist() == [2, 3, 5]


def test_of_sparse_slices_only_the_stored_values_are_clipped():
    slices = sparse([[3.0], [-4.0]], [0, 2], 4)
    clipped = tf.clip_by_value(slices, 1.0, 2.0)
    assert isinstance(clipped, tf.IndexedSlices)
    assert clipped.values.numpy().tolist() == [[2.0], [1.0]]
    assert clipped.indices.numpy().tolist() == [0, 2]
    # The rows between are 0, below the lower bound.
    assert column(clipped) == [2.0, 0.0, 1.0, 0.0]


def test_a_row_that_comes_twice_can_exceed_the_bound():
    assert column(tf.clip_by_value(twice_the_same_row(), -3.5, 3.5)) == [6.5, 0.0]
    dense = tf.convert_to_tensor(twice_the_same_row())
    assert tf.clip_by_value(dense, -3.5, 3.5).numpy().ravel().tolist() == [3.5, 0.0]


FIVE = [-2.0, -1.0, 0.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (lambda x: tf.clip_by_value(x, -1.0, 1.0), FIVE, [0, 1, 1, 1, 0]),
        (lambda x: tf.maximum(tf.minimum(x, 1.0), -1.0), FIVE, [0, 1, 1, 1, 0]),
        (lambda x: tf.clip_by_value(x, 5.0, 2.0), [1.0, 2.0, 3.0, 5.0, 9.0], [0, 0, 0, 0, 0]),
        (tf.nn.relu, [-1.0, 0.0, 1.0], [0, 0, 1]),
        (lambda x: tf.maximum(x, 0.0), [-1.0, 0.0, 1.0], [0, 1, 1]),
        (lambda x: tf.minimum(x, 0.0), [-1.0, 0.0, 1.0], [1, 1, 0]),
        (tf.nn.relu6, [-1.0, 0.0, 3.0, 6.0, 7.0], [0, 0, 1, 0, 0]),
        (lambda x: tf.clip_by_value(x, 0.0, 6.0), [-1.0, 0.0, 3.0, 6.0, 7.0], [0, 1, 1, 1, 0]),
    ],
    ids=["clip", "formula", "crossed", "relu", "maximum", "minimum", "relu6", "clip to 0 and 6"],
)
def test_gradient_inside_outside_and_on_a_bound(function, x, expected):
    assert gradient(function, x) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (tf.nn.relu, lambda x: tf.maximum(x, 0.0)),
        (tf.nn.relu6, lambda x: tf.clip_by_value(x, 0.0, 6.0)),
    ],
    ids=["relu", "relu6"],
)
def test_two_functions_of_the_same_values_differ_in_gradient_at_the_corners_only(one, other):
    x = tf.range(-8.0, 9.0, 0.5)
    same(one(x), other(x))
    differs = np.not_equal(gradient(one, x), gradient(other, x))
    corners = [0] if one is tf.nn.relu else [0, 6]
    assert x.numpy()[differs].tolist() == corners


@pytest.mark.parametrize(
    "loss",
    [
        lambda w: tf.clip_by_value(0.5 * (w - 1.0) ** 2, 0.0, 2.0),
        lambda w: 0.5 * (tf.clip_by_value(w, -2.0, 2.0) - 1.0) ** 2,
    ],
    ids=["loss", "activation"],
)
def test_a_clipped_loss_or_activation_silences_the_gradient(loss):
    assert gradient(loss, 6.0) == 0
    assert gradient(loss, 1.5) == 0.5


# ---- clip_by_norm -------------------------------------------------------------------------------


def test_norm_of_2_and_5_and_its_clip_to_5():
    t = tf.constant([2.0, 5.0])
    assert tf.norm(t).numpy() == np.float32(5.3851647)
    assert str(tf.clip_by_norm(t, 5.0).numpy()) == "[1.8569534 4.6423836]"


@pytest.mark.parametrize("c", [0.5, 1.0, 5.0, 7.0])
def test_clip_by_norm_is_its_formula(c):
    t = tf.constant([3.0, 4.0])
    np.testing.assert_allclose(tf.clip_by_norm(t, c), np.array([3, 4]) * c / max(5, c), rtol=1e-6)


def test_a_norm_after_the_clip_may_miss_the_bound_in_the_last_digit():
    after = []
    for seed in range(12):
        t = tf.random.stateless_normal([2, 2], seed=[seed, 0], mean=10.0)
        assert tf.norm(t) > 15
        after.append(tf.norm(tf.clip_by_norm(t, 15.0)).numpy())
    assert units_apart(after, np.full(12, 15, np.float32)).max() <= 2
    assert 0 < np.not_equal(after, 15).sum() < 12


def test_a_clip_by_norm_keeps_the_direction():
    t = tf.random.stateless_normal([2, 2], seed=[0, 0], mean=10.0)
    assert degrees_between(t, tf.clip_by_norm(t, 15.0)) < 1e-4


SQUARE = [[3.0, 4.0], [6.0, 8.0]]


@pytest.mark.parametrize(
    ("axes", "expected"),
    [
        (None, np.array(SQUARE) / np.sqrt(125)),
        ([0, 1], np.array(SQUARE) / np.sqrt(125)),
        ([0], np.array(SQUARE) / [np.sqrt(45), np.sqrt(80)]),
        ([1], [[0.6, 0.8], [0.6, 0.8]]),
        (1, [[0.6, 0.8], [0.6, 0.8]]),
        ([], [[1.0, 1.0], [1.0, 1.0]]),
    ],
)
def test_the_norm_is_taken_over_the_axes(axes, expected):
    np.testing.assert_allclose(tf.clip_by_norm(SQUARE, 1.0, axes), expected, rtol=1e-6)


def test_without_axes_left_a_clip_by_norm_is_a_clip_by_value():
    t = tf.constant([3.0, -0.5, 0.25, -4.0])
    same(tf.clip_by_norm(t, 1.0, axes=[]), tf.clip_by_value(t, -1.0, 1.0))


def test_at_zero_the_clip_has_gradient_1_and_the_norm_has_nan():
    assert gradient(lambda x: tf.clip_by_norm(x, 1.0), [0.0, 0.0]) == [1, 1]
    assert np.isnan(gradient(tf.norm, [0.0, 0.0])).all()


@pytest.mark.parametrize(
    ("t", "c", "expected"),
    [
        ([3.0, 4.0], -1.0, [0, 0]),
        ([3.0, 4.0], 0.0, [0, 0]),
        ([0.0, 0.0], 1.0, [0, 0]),
        ([0.0, 0.0], 0.0, [NAN, NAN]),
        ([0.0, 0.0], -1.0, [NAN, NAN]),
        ([3.0, 4.0], INF, [NAN, NAN]),
        ([3.0, 4.0], NAN, [NAN, NAN]),
        ([INF, 1.0, -2.0], 1.0, [NAN, 0, 0]),
        ([NAN, 1.0], 1.0, [NAN, NAN]),
        ([1e20, 1e20], 1.0, [0, 0]),
    ],
)
def test_clip_by_norm_of_odd_bounds_and_numbers(t, c, expected):
    same(tf.clip_by_norm(t, c), expected)


def test_float64_holds_the_squares_that_float32_does_not():
    np.testing.assert_allclose(
        tf.clip_by_norm(tf.constant([1e20, 1e20], tf.float64), 1.0), [np.sqrt(0.5)] * 2
    )


@pytest.mark.parametrize("t", [[3, 4], [3 + 4j]], ids=["whole", "complex"])
def test_clip_by_norm_refuses_whole_and_complex_numbers(t):
    with pytest.raises(INVALID, match="not in the list of allowed values"):
        tf.clip_by_norm(t, 1)


@pytest.mark.parametrize(
    ("c", "least", "most"),
    [(3.0, 0.1, 0.2), (5.0, 0.05, 0.2), (10.0, 0.05, 0.2), (1.0, 0, 0), (2.0, 0, 0)],
)
def test_what_is_left_alone_may_move_in_the_last_bit_unless_the_bound_is_a_power_of_two(
    c, least, most
):
    t = tf.random.stateless_normal([100_000], seed=[0, 0])
    t = 0.9 * c * t / tf.norm(t)
    units = units_apart(tf.clip_by_norm(t, c), t)
    assert units.max() <= 1
    assert least <= np.mean(units) <= most


# ---- clip_by_average_norm -----------------------------------------------------------------------


def test_clip_by_average_norm_is_left_in_compat_v1_only():
    assert not hasattr(tf, "clip_by_average_norm")
    assert str(tf.compat.v1.clip_by_average_norm(tf.constant([3.0, 4.0]), 1.0).numpy()) == (
        "[1.2 1.6]"
    )


@pytest.mark.parametrize("c", [0.1, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("t", [[3.0, 4.0], [2.0, -5.0, 1.0], [[1.0, 2.0], [3.0, 4.0]]])
def test_its_average_is_the_norm_over_the_number_of_elements(t, c):
    t = tf.constant(t)
    n = float(tf.size(t))
    clipped = tf.compat.v1.clip_by_average_norm(t, c)
    np.testing.assert_allclose(clipped, tf.clip_by_norm(t, c * n), rtol=1e-6)


def test_its_average_is_not_the_root_mean_square():
    t = tf.constant([3.0, 4.0])
    clipped = tf.compat.v1.clip_by_average_norm(t, 1.0)
    assert tf.norm(clipped) / 2 == 1
    assert tf.sqrt(tf.reduce_mean(clipped**2)).numpy() == pytest.approx(np.sqrt(2))


# ---- clip_by_global_norm ------------------------------------------------------------------------


PAIR = ([3.0, 4.0], [12.0])


def test_global_norm_is_the_root_of_the_sum_of_the_squares():
    assert tf.linalg.global_norm(floats(*PAIR)) == 13
    assert tf.compat.v1.global_norm is tf.linalg.global_norm


def test_the_documentation_of_clip_by_global_norm_says_what_lecture_3_quotes():
    words = " ".join(tf.clip_by_global_norm.__doc__.split())
    assert "clipping ratio" in words
    assert "is slower than `clip_by_norm()` because all the parameters must be ready" in words


def test_clip_by_norm_stacks_a_list_of_equal_shapes_and_refuses_other_lists():
    three_four, twelve = tf.constant([3.0, 4.0]), tf.constant([0.0, 12.0])
    clipped = tf.clip_by_norm([three_four, twelve], 6.5)
    np.testing.assert_allclose(clipped, [[1.5, 2], [0, 6]])
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.clip_by_norm([three_four, tf.constant([12.0])], 6.5)


def test_clip_by_global_norm_returns_a_list_and_the_norm_from_before():
    clipped, norm = tf.clip_by_global_norm(tuple(floats(*PAIR)), 6.5)
    assert isinstance(clipped, list)
    assert lists(clipped) == [[1.5, 2], [6]]
    assert norm == 13
    assert tf.linalg.global_norm(clipped) == 6.5


@pytest.mark.parametrize("c", [13.0, 16.0])
def test_a_norm_of_at_most_the_bound_changes_nothing(c):
    clipped, norm = tf.clip_by_global_norm(floats(*PAIR), c)
    for got, numbers in zip(clipped, PAIR, strict=True):
        np.testing.assert_allclose(got, numbers, rtol=1e-6)
    assert norm == 13


@pytest.mark.parametrize("odd", [INF, -INF, NAN])
def test_infinity_or_nan_anywhere_makes_everything_nan(odd):
    clipped, norm = tf.clip_by_global_norm(floats([3.0, odd], [12.0]), 1.0)
    assert all(np.isnan(t).all() for t in clipped)
    same(norm, abs(odd))


def test_squares_that_overflow_make_everything_nan_and_not_zero():
    (clipped,), norm = tf.clip_by_global_norm(floats([1e20, 1e20]), 1.0)
    assert np.isnan(clipped).all()
    assert norm == INF


def test_none_passes_through():
    clipped, norm = tf.clip_by_global_norm(floats([3.0], None, [4.0]), 1.0)
    np.testing.assert_allclose([clipped[0][0], clipped[2][0]], [0.6, 0.8], rtol=1e-6)
    assert clipped[1] is None
    assert norm == 5


@pytest.mark.parametrize(
    "t_list",
    [tf.ones(2), np.ones(2), {"w": tf.ones(2)}, iter([tf.ones(2)]), "ab"],
    ids=["tensor", "array", "dict", "iterator", "text"],
)
def test_what_is_no_list_or_tuple_is_a_type_error(t_list):
    with pytest.raises(TypeError, match="should be a sequence of tensors"):
        tf.clip_by_global_norm(t_list, 1.0)


@pytest.mark.parametrize(
    "t_list",
    [
        [tf.constant([3.0]), tf.constant([4.0], tf.float64)],
        [tf.constant([3.0]), tf.constant([4.0], tf.float16)],
        [tf.constant([3]), tf.constant([4])],
    ],
    ids=["float64", "float16", "whole"],
)
def test_mixed_dtypes_and_whole_numbers_raise(t_list):
    with pytest.raises(INVALID, match=r"Pack|L2Loss"):
        tf.clip_by_global_norm(t_list, 1.0)


def test_float16_overflows_where_float32_does_not():
    for dtype, norm in ((tf.float16, INF), (tf.float32, 400)):
        t = tf.constant([400.0], dtype)
        assert tf.clip_by_global_norm([t], 1.0)[1] == norm


@pytest.mark.parametrize("said", [0.5, 10.0])
def test_use_norm_is_believed(said):
    clipped, norm = tf.clip_by_global_norm(floats(*PAIR), 1.0, use_norm=tf.constant(said))
    assert norm == said
    assert tf.linalg.global_norm(clipped).numpy() == pytest.approx(13 / max(said, 1))


@pytest.mark.parametrize("norm", [13.0, 13])
def test_use_norm_cannot_be_a_plain_number(norm):
    with pytest.raises(AttributeError, match="dtype"):
        tf.clip_by_global_norm(floats(*PAIR), 6.5, use_norm=norm)


@pytest.mark.parametrize("norm", [np.float32(13), np.array(13, np.float32)])
def test_use_norm_can_be_numpys_number(norm):
    clipped, _ = tf.clip_by_global_norm(floats(*PAIR), 6.5, use_norm=norm)
    assert lists(clipped) == [[1.5, 2], [6]]


@pytest.mark.parametrize(
    ("t", "c", "expected"),
    [
        ([3.0, 4.0], -1.0, [3, 4]),
        ([3.0, 4.0], INF, [NAN, NAN]),
        ([3.0, 4.0], NAN, [NAN, NAN]),
        ([3.0, 4.0], 0.0, [0, 0]),
        ([0.0, 0.0], 0.0, [NAN, NAN]),
        ([0.0, 0.0], 1.0, [0, 0]),
    ],
)
def test_clip_by_global_norm_of_odd_bounds(t, c, expected):
    same(tf.clip_by_global_norm(floats(t), c)[0][0], expected)


def test_the_norm_of_sparse_slices_does_not_add_a_row_that_comes_twice():
    slices = twice_the_same_row()
    assert tf.linalg.global_norm([slices]) == 5
    assert tf.linalg.global_norm([tf.convert_to_tensor(slices)]) == 7
    (clipped,), norm = tf.clip_by_global_norm([slices], 1.0)
    assert isinstance(clipped, tf.IndexedSlices)
    assert norm == 5
    # Clipped to 1, the dense gradient still has norm 1.4.
    np.testing.assert_allclose(column(clipped), [1.4, 0], rtol=1e-6)


# ---- direction ----------------------------------------------------------------------------------


def by_value(gradients, c):
    return [tf.clip_by_value(g, -c, c) for g in gradients]


def each_by_norm(gradients, c):
    return [tf.clip_by_norm(g, c) for g in gradients]


def together(gradients, c):
    return tf.clip_by_global_norm(gradients, c)[0]


@pytest.mark.parametrize(
    ("clip", "cosine"), [(by_value, 0.962), (each_by_norm, 0.934), (together, 1.0)]
)
def test_cosine_to_the_true_gradient(clip, cosine):
    gradients = floats([3.0, 4.0], [0.3, 0.4])
    degrees = degrees_between(gradients, clip(gradients, 1.0))
    assert np.cos(np.radians(degrees)) == pytest.approx(cosine, abs=5e-4)


def test_a_clip_by_value_bends_3_and_4_by_8_degrees():
    t = tf.constant([3.0, 4.0])
    bent = tf.clip_by_value(t, -1.0, 1.0)
    same(bent, [1, 1])
    assert degrees_between(t, bent) == pytest.approx(8.13, abs=0.005)


@pytest.mark.parametrize("count", [1, 4, 16, 100])
def test_tensors_clipped_one_by_one_reach_the_bound_times_the_root_of_their_number(count):
    long = floats(*([30.0, 40.0] for _ in range(count)))
    for c in (1.0, 2.0):
        norm = tf.linalg.global_norm(each_by_norm(long, c)).numpy()
        assert norm == pytest.approx(c * np.sqrt(count))
        assert tf.linalg.global_norm(together(long, c)).numpy() == pytest.approx(c)


# ---- Keras optimizers ---------------------------------------------------------------------------


def keras_step(*gradients, start=0.0, **arguments):
    """One step of SGD at learning rate 1: return how far each variable moved, turned around."""
    variables = [tf.Variable(tf.fill([len(g or [0])], start)) for g in gradients]
    optimizer = keras.optimizers.SGD(learning_rate=1.0, **arguments)
    optimizer.apply_gradients(zip(floats(*gradients), variables, strict=True))
    return [(start - v).numpy() for v in variables]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, PAIR),
        ({"clipnorm": 1.0}, ([0.6, 0.8], [1])),
        ({"global_clipnorm": 1.0}, ([3 / 13, 4 / 13], [12 / 13])),
        ({"clipvalue": 3.5}, ([3, 3.5], [3.5])),
    ],
)
def test_keras_clips_each_variable_all_together_or_each_number(arguments, expected):
    for moved, numbers in zip(keras_step(*PAIR, **arguments), expected, strict=True):
        np.testing.assert_allclose(moved, numbers, rtol=1e-6)


@pytest.mark.parametrize(
    "arguments",
    [
        {"clipnorm": 1.0, "clipvalue": 1.0},
        {"clipnorm": 1.0, "global_clipnorm": 1.0},
        {"clipvalue": 1.0, "global_clipnorm": 1.0},
        {"clipnorm": 1.0, "clipvalue": 1.0, "global_clipnorm": 1.0},
        {"clipnorm": 0.0, "clipvalue": 1.0},
    ],
)
def test_keras_takes_only_one_way_to_clip(arguments):
    with pytest.raises(ValueError, match="Only one of"):
        keras.optimizers.SGD(**arguments)


WAYS = ("clipnorm", "global_clipnorm", "clipvalue")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("bound", [0.0, -1.0])
def test_keras_takes_a_bound_of_zero_or_less_for_no_bound(way, bound):
    for moved, numbers in zip(keras_step(*PAIR, **{way: bound}), PAIR, strict=True):
        same(moved, numbers)


@pytest.mark.parametrize(
    ("way", "expected"),
    [("clipnorm", [NAN, NAN, NAN]), ("global_clipnorm", [NAN] * 3), ("clipvalue", [3, 4, 12])],
)
def test_keras_with_an_infinite_bound(way, expected):
    same(np.concatenate(keras_step(*PAIR, **{way: INF})), expected)


@pytest.mark.parametrize(
    ("way", "odd", "expected"),
    [
        ("clipnorm", INF, [0, NAN, 1]),
        ("clipnorm", NAN, [NAN, NAN, 1]),
        ("global_clipnorm", INF, [NAN, NAN, NAN]),
        ("global_clipnorm", NAN, [NAN, NAN, NAN]),
        ("clipvalue", INF, [1, 1, 1]),
        ("clipvalue", NAN, [1, NAN, 1]),
    ],
)
def test_keras_with_an_odd_gradient(way, odd, expected):
    same(np.concatenate(keras_step([3.0, odd], [12.0], **{way: 1.0})), expected)


@pytest.mark.parametrize("way", WAYS)
def test_keras_leaves_out_none(way):
    with pytest.warns(UserWarning, match="Gradients do not exist"):
        first, unused, second = keras_step([3.0, 4.0], None, [12.0], **{way: 1.0})
    same(unused, [0])
    for moved, alone in zip((first, second), keras_step(*PAIR, **{way: 1.0}), strict=True):
        same(moved, alone)


def test_a_loss_scale_optimizer_undoes_the_scaling_of_the_loss_before_it_clips():
    w = tf.Variable([0.0])
    inner = keras.optimizers.SGD(1.0, clipnorm=1.0)
    optimizer = keras.optimizers.LossScaleOptimizer(inner, initial_scale=8.0)
    optimizer.apply_gradients([(tf.constant([4.0]), w)])
    # 4 is 0.5 before scaling, within the bound.
    assert w.numpy() == -0.5


def test_keras_calls_it_learning_rate():
    with pytest.raises(ValueError, match=r"not recognized.*lr"):
        keras.optimizers.SGD(lr=0.1)
