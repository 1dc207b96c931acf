"""The network that several lectures train."""

import numpy as np
import pytest
import tensorflow as tf

from lessons.digits.network import flat_images, network, outputs
from tests.strict import no_warnings

pytestmark = no_warnings


def test_the_network_is_that_of_the_course():
    variables = network(0)
    shapes = [v.shape.as_list() for v in variables]
    assert shapes == [[784, 512], [512], [512, 256], [256], [256, 10], [10]]
    for weights in variables[::2]:
        # A normal distribution cut off at two standard deviations.
        assert np.abs(weights).max() <= 0.2
        assert np.std(weights) == pytest.approx(0.088, rel=0.05)
    for biases in variables[1::2]:
        assert not np.any(biases)
    again, other = network(0), network(1)
    np.testing.assert_array_equal(variables[0], again[0])
    assert not np.array_equal(variables[0], other[0])


def test_outputs_are_three_layers_with_relu_on_the_hidden_ones():
    images, labels = flat_images(50.0)
    assert images.shape == (4000, 784)
    assert labels.shape == (4000,)
    assert float(tf.reduce_max(images)) == pytest.approx(255 / 50)
    variables = network(3)
    w1, b1, w2, b2, w3, b3 = (np.asarray(v, float) for v in variables)
    hidden = np.maximum(np.asarray(images[:16], float) @ w1 + b1, 0)
    expected = np.maximum(hidden @ w2 + b2, 0) @ w3 + b3
    got = outputs(variables, images[:16]).numpy()
    np.testing.assert_allclose(got, expected, atol=1e-3)
    assert got.min() < 0, "none on the output"
