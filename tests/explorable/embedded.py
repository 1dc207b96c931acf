"""What stands in an embedded scene, and whether two frames look the same."""

import base64
import gzip
import json
import re

import numpy as np

from lessons.explorable.picture import Frame
from lessons.explorable.words import typeset

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
NAME = re.compile(r"url\(#\w+\)|href=\"#\w+\"|\bid=\"\w+\"")
IMAGE = re.compile(r"base64,\s*([A-Za-z0-9+/=\s]+)")


def quiet(*_, **__):
    """Stands for what prints how far a build is."""


def unpacked(content):
    """Return the frames of what `pack` has returned, as the browser unpacks them."""
    fragments = content["fragments"]
    return [
        Frame({name: fragments[i] for name, i in frame["parts"].items()}, frame["readout"])
        for frame in content["frames"]
    ]


class Embedded:
    """A piece of HTML, taken apart."""

    def __init__(self, bundle):
        data, self.metadata = bundle
        self.html, self.readout = data["text/html"], data["text/plain"]
        packed = re.search(r'<script type="text/plain">(.*?)</script>', self.html).group(1)
        compressed = base64.b64decode(packed)
        self.bytes, self.content = len(compressed), json.loads(gzip.decompress(compressed))

    def frames(self):
        """Return every frame, in order."""
        return unpacked(self.content)


def assert_same(found, expected):
    """Check that two frames look the same, to a hundredth of a point."""
    assert found.readout == typeset(expected.readout)
    assert found.parts.keys() == expected.parts.keys()
    for name, svg in found.parts.items():
        (numbers, images), (others, packed) = map(_taken_apart, (svg, expected.parts[name]))
        assert numbers.shape == others.shape, name
        np.testing.assert_allclose(numbers, others, atol=0.011, err_msg=name)
        # The last bit of a number may change a pixel, and with it how the image is packed.
        np.testing.assert_allclose(images, packed, rtol=0.02, err_msg=name)


def _taken_apart(svg):
    """Return the numbers of a fragment, without those in names, and the size of its images."""
    images = [len(packed) for packed in IMAGE.findall(svg)]
    return np.array(NUMBER.findall(NAME.sub("", IMAGE.sub("", svg))), float), images
