"""The handwritten digits: 5,000 of them beside the lectures, and all 70,000 through Keras."""

import contextlib
import io
from typing import NamedTuple

import numpy as np

from lessons.assets import read_asset, read_only

DIGITS_SHA256 = "b7d7189080bffa716fec07674b4f64e925b4b0fdfb419dce91a56915aba548df"
TRAIN_COUNT = 4000


class Digits(NamedTuple):
    """Images and their labels, split for training and testing; all arrays are read-only uint8.

    Attributes:
        train_images: Grey values from 0 (paper) to 255 (ink), shape (n, 28, 28).
        train_labels: The digits that they show, 0 to 9, shape (n,).
        test_images: As train_images, of other digits.
        test_labels: As train_labels, of the test images.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


def load() -> Digits:
    """Reads the 5,000 digits: 4,000 to train and 1,000 to test on, the same split every time.

    Every class has 400 training digits and 100 test digits.

    Returns:
        The Digits.

    Raises:
        FileNotFoundError: The file is missing. The message says how to mend that.
        ValueError: The file is damaged. The message says how to mend that.
    """
    file = read_asset("mnist-5k", DIGITS_SHA256)
    images, labels = file["images"], file["labels"]
    return Digits(
        images[:TRAIN_COUNT], labels[:TRAIN_COUNT], images[TRAIN_COUNT:], labels[TRAIN_COUNT:]
    )


def digit(label: int) -> np.ndarray:
    """Returns the first test image of a digit, to be shown in a lecture.

    Args:
        label: Which digit, 0 to 9.

    Returns:
        A read-only uint8 array of shape (28, 28).

    Raises:
        ValueError: There is no such label.
    """
    digits = load()
    places = np.flatnonzero(digits.test_labels == label)
    if not len(places):
        raise ValueError(f"label is {label!r}. It should be a digit from 0 to 9.")
    return digits.test_images[places[0]]


def load_full() -> Digits:
    """Reads the whole set, 60,000 digits to train and 10,000 to test on, through Keras.

    Keras keeps them once they are downloaded (11 MB). No lecture needs them.

    Returns:
        The Digits.

    Raises:
        ConnectionError: Keras does not have them yet and could not download them.
    """
    import keras  # takes seconds, since it imports TensorFlow

    try:
        # Keras prints a progress bar, which would end up in a notebook's stored output.
        with contextlib.redirect_stdout(io.StringIO()):
            train, test = keras.datasets.mnist.load_data()
    except Exception as problem:  # a failed download is a bare Exception in Keras
        raise ConnectionError(
            "All 70,000 digits: Keras does not have them on this machine and could not download "
            f"them ({problem}). The 5,000 that lessons.digits.mnist.load() gives are enough for "
            "every lecture. To have them all, run load_full() once while you are online."
        ) from problem
    arrays = dict(zip(Digits._fields, map(np.array, (*train, *test)), strict=True))
    return Digits(**read_only(arrays))
