"""Files: written whole or not at all, and assets that are read only if they are the right ones."""

import errno
import hashlib
import io
import os
from pathlib import Path

import numpy as np

ASSETS = Path(__file__).parents[1] / "assets"


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that whoever interrupts it finds the last good one in its place.

    Raises:
        OSError: It cannot be written; the error names the path, on a full disk the size too.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if isinstance(content, str):
            content = content.encode("utf-8")
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        needed = f"no space left for {len(content) / 1e6:.1f} MB"
        raise OSError(errno.ENOSPC, needed, str(path)) from error
    finally:
        unfinished.unlink(missing_ok=True)


def read_asset(name: str, sha256: str) -> dict[str, np.ndarray]:
    """Return the arrays of ``assets/NAME.npz``, read-only, by their names.

    Args:
        name: Of the file, without its ending. A script beside it makes it anew.
        sha256: Of its bytes, in hexadecimal.

    Raises:
        FileNotFoundError: The file is missing. The message says how to mend that.
        ValueError: The file is damaged. The message says how to mend that.
    """
    path = ASSETS / f"{name}.npz"
    mend = (
        f"Bring it back with `git checkout -- assets/{path.name}`, "
        f"or make it anew with `python assets/make_{name.replace('-', '_')}.py`."
    )
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no {path}. {mend}") from None
    got = hashlib.sha256(found).hexdigest()
    if got != sha256:
        raise ValueError(f"{path} is damaged: the SHA-256 is {got}, but should be {sha256}. {mend}")
    with np.load(io.BytesIO(found)) as file:
        arrays = dict(file)
    for array in arrays.values():
        array.flags.writeable = False
    return arrays
