"""Lectures on clipping tensors and gradients: the Python behind the notebooks.

Importing this package is cheap. It only asks TensorFlow, before TensorFlow is imported, to keep its
start-up log to itself and to compute without oneDNN.
"""

import os

ASKED_OF_TENSORFLOW = {
    # Nothing short of a fatal error: the start-up log would land in a notebook's stored output.
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # oneDNN picks its code by processor and announces itself in the log. Without it one machine
    # repeats its numbers; how many cores it has, and of what kind, still moves their last digits.
    "TF_ENABLE_ONEDNN_OPTS": "0",
}
for _name, _value in ASKED_OF_TENSORFLOW.items():
    os.environ.setdefault(_name, _value)
