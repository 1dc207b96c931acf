"""Files, written whole or not at all."""

import errno
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
