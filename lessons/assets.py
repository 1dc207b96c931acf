"""Arrays that are stored with the lectures, read only if they are the right ones."""

import hashlib
import io
from pathlib import Path

import numpy as np

ASSETS = Path(__file__).parents[1] / "assets"


def read_asset(name: str, sha256: str) -> dict[str, np.ndarray]:
    """Return the arrays of ``assets/NAME.npz``, read-only, by their names.

    Args:
        name: Of the file, without its ending. A script beside it can make it again.
        sha256: Of its bytes, in hexadecimal.

    Raises:
        FileNotFoundError: The file is missing. The message says how to mend that.
        ValueError: The file is damaged. The message says how to mend that.
    """
    path = ASSETS / f"{name}.npz"
    mend = (
        f"Bring it back with `git checkout -- assets/{path.name}`, "
        f"or make it again with `python assets/make_{name.replace('-', '_')}.py`."
    )
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no {path}. {mend}") from None
    got = hashlib.sha256(found).hexdigest()
    if got != sha256:
        raise ValueError(f"{path} is damaged: the SHA-256 is {got}, but should be {sha256}. {mend}")
    with np.load(io.BytesIO(found)) as file:
        return read_only(dict(file))


def read_only(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the same arrays, which nobody can change by mistake from now on."""
    for array in arrays.values():
        array.flags.writeable = False
    return arrays
