"""The clip operations of TensorFlow, written out in NumPy to be read in one sitting.

Every function gives the values that TensorFlow 2.21 gives on a CPU, NaN and infinity included, up
to the last bits of a sum. float32 goes in and float32 comes out; plain Python numbers count as
float32 or int32, as they do in TensorFlow. The formulas come first, the checks they rely on last.

One difference is left. Where a number that comes in, or `t` times the bound, is below the smallest
normal number (1.2e-38 in float32), TensorFlow's CPU kernels may go on with 0, and NumPy goes on
with a less exact number. For finite bounds the results then differ by at most 1.1e-19.

Rescaling by a norm is from Pascanu, Mikolov and Bengio (2013), "On the difficulty of training
recurrent neural networks", section 3.2.
"""

from collections.abc import Sequence

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

# Infinity and NaN are honest answers here, as in TensorFlow: NumPy need not warn about them too.
_quiet = np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore")


@_quiet
def relu(t):
    """Replaces every negative value by 0: a clip with a lower bound only.

    Lecture 1, notebooks/01_clip_by_value_and_relu.ipynb. In TensorFlow: `tf.nn.relu`.

    Args:
        t: Numbers of any shape.

    Returns:
        An array of the shape and dtype of `t`. NaN stays NaN.

    Raises:
        TypeError: `t` holds something other than real numbers.
        ValueError: `t` is None.
    """
    t = _numbers("t", t)
    return np.maximum(t, 0)


@_quiet
def clip_by_value(t, low, high):
    """Moves every value outside [low, high] to the nearer bound.

    Lecture 1, notebooks/01_clip_by_value_and_relu.ipynb. In TensorFlow: `tf.clip_by_value`.

    Args:
        t: Numbers of any shape.
        low: The lower bound: one number, or an array that broadcasts to the shape of `t`.
        high: The upper bound, likewise.

    Returns:
        An array of the shape and dtype of `t`. NaN stays NaN, and where `low` is above `high` the
        result is `low`. An integer bound outside the range of t's dtype wraps around.

    Raises:
        TypeError: `t` holds integers and a bound does not, or something is not a real number.
        ValueError: A bound has a shape that does not fit into that of `t`, or something is None.
    """
    t = _numbers("t", t)
    low = _bound("low", low, t)
    high = _bound("high", high, t)
    return np.maximum(np.minimum(t, high), low)


@_quiet
def clip_by_norm(t, clip_norm, axes=None):
    """Shrinks one tensor so that its length is at most `clip_norm`, and keeps its direction.

    Lecture 2, notebooks/02_clip_by_norm_keeps_direction.ipynb. In TensorFlow: `tf.clip_by_norm`.
    Paper: Pascanu, Mikolov and Bengio (2013), section 3.2.

    Args:
        t: Floating point numbers of any shape.
        clip_norm: The largest length allowed: one number, or an array that broadcasts to the shape
            of `t`. A negative one counts as 0.
        axes: The axes over which one length is taken: a whole number or several. None takes one
            length over everything, `[]` one for each element.

    Returns:
        An array of the shape and dtype of `t`.

    Raises:
        TypeError: `t` does not hold floating point numbers, or `axes` does not hold whole numbers.
        ValueError: `axes` names an axis that `t` lacks, or names one twice; `clip_norm` has a shape
            that does not fit into that of `t`; something is None.
    """
    t = _floats("t", t)
    clip_norm = np.maximum(_bound("clip_norm", clip_norm, t), 0)
    norm = np.sqrt(np.sum(_square(t), axis=_axes(axes, t), keepdims=True))
    return t * clip_norm / np.maximum(norm, clip_norm)


@_quiet
def clip_by_average_norm(t, clip_norm):
    """Shrinks one tensor so that its length over its number of elements is at most `clip_norm`.

    That "average" is not the root mean square. Lecture 2,
    notebooks/02_clip_by_norm_keeps_direction.ipynb. In TensorFlow:
    `tf.compat.v1.clip_by_average_norm`, which takes float32 only.

    Args:
        t: Floating point numbers of any shape.
        clip_norm: The largest average length allowed, one number. A negative one does nothing.

    Returns:
        An array of the shape and dtype of `t`.

    Raises:
        TypeError: `t` does not hold floating point numbers.
        ValueError: `clip_norm` is not a single number, or something is None.
    """
    t = _floats("t", t)
    average_norm = np.sqrt(np.sum(_square(t))) / t.dtype.type(t.size)
    clip_norm = _bound("clip_norm", clip_norm, average_norm)
    return t * clip_norm * np.minimum(_reciprocal(average_norm), _reciprocal(clip_norm))


@_quiet
def global_norm(t_list):
    """The length of all tensors together, as if they were one long vector.

    Lecture 3, notebooks/03_clip_by_global_norm.ipynb. In TensorFlow: `tf.linalg.global_norm`.

    Args:
        t_list: A list or tuple of floating point arrays of any shapes and one dtype. None entries,
            such as the gradient of an unused variable, are left out.

    Returns:
        One number of the arrays' dtype; float32 0 if there are no arrays.

    Raises:
        TypeError: `t_list` is not a list or tuple, or its entries are not floating point numbers of
            one dtype.
    """
    arrays = _present(_float_list(t_list))
    return np.sqrt(np.sum([np.sum(_square(t)) for t in arrays], dtype=_one_dtype(arrays)))


@_quiet
def clip_by_global_norm(t_list, clip_norm, use_norm=None):
    """Shrinks all tensors by one common factor, so that their global norm is at most `clip_norm`.

    The common factor keeps the direction of the whole. Lecture 3,
    notebooks/03_clip_by_global_norm.ipynb. In TensorFlow: `tf.clip_by_global_norm`. Paper: Pascanu,
    Mikolov and Bengio (2013), section 3.2.

    Args:
        t_list: A list or tuple of floating point arrays of any shapes. None entries stay None.
        clip_norm: The largest global norm allowed, one number. A negative one does nothing.
        use_norm: The global norm, if it is known already. It is trusted.

    Returns:
        The list of clipped arrays, and the global norm from before the clipping. If that norm is
        infinite or NaN, every clipped value is NaN, so that nobody overlooks it.

    Raises:
        TypeError: `t_list` is not a list or tuple, or its entries are not floating point numbers;
            without `use_norm`, also if they are not all of one dtype.
        ValueError: `clip_norm` or `use_norm` is not a single number, or `clip_norm` is None.
    """
    arrays = _float_list(t_list)
    norm = global_norm(t_list) if use_norm is None else _known_norm(use_norm)
    clip_norm = _bound("clip_norm", clip_norm, norm)
    scale = clip_norm * np.minimum(_reciprocal(norm), _reciprocal(clip_norm))
    scale = scale + (norm - norm)  # norm - norm is 0, or NaN if the norm is infinite or NaN
    return [None if t is None else t * scale.astype(t.dtype) for t in arrays], norm


def _numbers(name, value):
    """`value` as an array of real numbers; plain Python numbers become float32 or int32."""
    if value is None:
        raise ValueError(
            f"{name} is None, but should be an array of numbers. "
            "A gradient is None where the loss does not depend on the variable: leave it out."
        )
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} holds {array.dtype} values: {value!r}. It should hold numbers.")
    if hasattr(value, "dtype"):
        return array
    return array.astype(np.float32 if array.dtype.kind == "f" else np.int32)


def _floats(name, value):
    """`value` as an array of floating point numbers."""
    array = _numbers(name, value)
    if array.dtype.kind != "f":
        raise TypeError(
            f"{name} holds {array.dtype} values: {value!r}. Rescaling needs fractions: "
            f"make it floating point first, as in np.float32({name})."
        )
    return array


def _float_list(t_list):
    """The entries of `t_list` as floating point arrays, None entries kept."""
    if not isinstance(t_list, Sequence) or isinstance(t_list, str):
        raise TypeError(
            f"t_list is a {type(t_list).__name__}: {t_list!r}. "
            "It should be a list or tuple of arrays; for a single array t, write [t]."
        )
    return [None if t is None else _floats(f"t_list[{i}]", t) for i, t in enumerate(t_list)]


def _present(arrays):
    return [t for t in arrays if t is not None]


def _one_dtype(arrays):
    """The dtype that all the arrays share; float32 if there are none."""
    dtypes = sorted({t.dtype.name for t in arrays})
    if len(dtypes) > 1:
        raise TypeError(
            f"t_list mixes {' and '.join(dtypes)}. All its arrays should have the same dtype."
        )
    return dtypes[0] if dtypes else "float32"


def _known_norm(use_norm):
    """`use_norm` as one floating point number."""
    norm = _floats("use_norm", use_norm)
    if norm.shape != ():
        raise ValueError(f"use_norm has shape {norm.shape}: {use_norm!r}. It should be one number.")
    return norm


def _bound(name, value, t):
    """`value` as numbers of t's dtype that broadcast to t's shape and do not enlarge it."""
    if value is None:
        raise ValueError(f"{name} is None. It should be a number.")
    bound = np.asarray(value)
    if bound.dtype.kind not in "biuf":
        raise TypeError(f"{name} is {value!r}. It should be a number.")
    if t.dtype.kind != "f" and bound.dtype.kind == "f":
        raise TypeError(
            f"{name} is {value!r}, a floating point number, but t holds {t.dtype} values. "
            "Give a whole number, or make t floating point first, as in np.float32(t)."
        )
    if not _fits(bound.shape, t.shape):
        larger = f", or fit into the shape of t, {t.shape}" if t.shape else ""
        raise ValueError(f"{name} has shape {bound.shape}. It should be one number{larger}.")
    return _flush(bound.astype(t.dtype))


def _fits(shape, target):
    """Whether an array of `shape` broadcasts to `target` and leaves it as it is."""
    try:
        return np.broadcast_shapes(shape, target) == target
    except ValueError:
        return False


def _axes(axes, t):
    """`axes` as NumPy wants it: None or a tuple of different axes of `t`."""
    if axes is None:
        return None
    try:
        return normalize_axis_tuple(axes, t.ndim, argname="axes")
    except TypeError:
        raise TypeError(f"axes is {axes!r}. It should hold whole numbers, or be None.") from None
    except ValueError as problem:
        raise ValueError(
            f"axes is {axes!r}, but t has shape {t.shape}. "
            f"Name axes from 0 to {t.ndim - 1}, each once. ({problem})"
        ) from None


def _square(x):
    """The square, where a result below the smallest normal number is 0, as in TensorFlow."""
    return _flush(x * x)


def _reciprocal(x):
    """1 / x, where a result below the smallest normal number is 0, as in TensorFlow."""
    return _flush(1 / x)


def _flush(x):
    """Turns numbers below the smallest normal one into 0, as TensorFlow's CPU kernels do."""
    if x.dtype.kind != "f":
        return x
    # float16 is computed by way of float32 there, so it keeps all of its small numbers.
    smallest = np.finfo(np.promote_types(x.dtype, np.float32)).tiny
    return np.where(np.abs(x) < smallest, x * 0, x)
