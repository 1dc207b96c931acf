"""Lectures on clipping tensors and gradients: the Python behind the notebooks.

Importing this package is cheap. It only asks TensorFlow, before TensorFlow is imported, to keep its
start-up log to itself and to compute the same numbers on every run.
"""

import os

# 3 keeps errors only; the start-up log would otherwise land in a notebook's stored output.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# oneDNN may reorder sums from run to run: printed numbers have to repeat.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
