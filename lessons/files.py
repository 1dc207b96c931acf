"""Files: written whole or not at all, and read only if they are the right ones."""

import errno
import hashlib
import os
from pathlib import Path


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


def read_verified(path: Path, sha256: str, *, what: str, mend: str) -> bytes:
    """Return the bytes of a file, if they are the right ones.

    Args:
        path: The file.
        sha256: Of its bytes, in hexadecimal.
        what: What a person would call it, as in "The digits".
        mend: What to do if it is missing or damaged, in one sentence.

    Raises:
        FileNotFoundError: The file is missing.
        ValueError: The file is damaged.
    """
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"{what} is missing: there is no {path}. {mend}") from None
    got = hashlib.sha256(found).hexdigest()
    if got != sha256:
        raise ValueError(
            f"{what} in {path} is damaged: the SHA-256 is {got}, but should be {sha256}. {mend}"
        )
    return found
