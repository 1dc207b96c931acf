"""Lengths and angles of tensors, and of lists of tensors, each taken as one long arrow."""

from collections.abc import Sequence

import numpy as np


def as_arrow(tensors: np.ndarray | Sequence) -> np.ndarray:
    """Return a tensor, or a list of tensors of any shapes, as one float64 array of shape (n,)."""
    parts = tensors if isinstance(tensors, (list, tuple)) else [tensors]
    return np.concatenate([np.asarray(part, np.float64).ravel() for part in parts])


def norms(tensors: Sequence) -> np.ndarray:
    """Return the norm of each tensor of a list, float64 of shape ``(n,)``."""
    return np.array([np.linalg.norm(as_arrow(tensor)) for tensor in tensors])


def degrees_between(before: np.ndarray | Sequence, after: np.ndarray | Sequence) -> float:
    """Return the angle between two tensors, or two lists of tensors, in degrees.

    Half the angle comes from the sum and the difference of the unit arrows, which unlike the
    cosine stays exact for small angles (Kahan 2006, "How futile are mindless assessments of
    roundoff", section 12).

    Raises:
        ValueError: One of them is zero or not finite, so that it has no direction.
    """
    arrows = as_arrow(before), as_arrow(after)
    lengths = [np.linalg.norm(arrow) for arrow in arrows]
    if not all(np.isfinite(length) and length > 0 for length in lengths):
        raise ValueError(f"no angle between arrows of length {lengths[0]:g} and {lengths[1]:g}")
    u, v = (arrow / length for arrow, length in zip(arrows, lengths, strict=True))
    return float(np.degrees(2 * np.arctan2(np.linalg.norm(u - v), np.linalg.norm(u + v))))
