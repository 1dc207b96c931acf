"""What a frozen scene was made from, as a digest: while it stays, nothing is computed again."""

import hashlib
import inspect
import pickle
import re
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from lessons.kit.scene import Scene

_ROOT = Path(__file__).parents[2]
_IMPORT = re.compile(r"^\s*from (lessons[\w.]*) import (\([^)]*\)|.*)", re.MULTILINE)


def _files_behind(text: str) -> set[Path]:
    """Return the files of `lessons` that Python code imports, and those that these import."""
    found: set[Path] = set()
    waiting = [text]
    while waiting:
        for package, names in _IMPORT.findall(waiting.pop()):
            place = _ROOT.joinpath(*package.split("."))
            inside = [place / f"{name}.py" for name in re.findall(r"\w+", names)]
            for path in (place.with_suffix(".py"), place / "__init__.py", *inside):
                if path.is_file() and path not in found:
                    found.add(path)
                    waiting.append(path.read_text(encoding="utf-8"))
    return found


def of_code(text: str) -> bytes:
    """Return what tells Python code, and all that it is made of, from all other code.

    Args:
        text: Of a module, or of a notebook's cells.
    """
    digest = hashlib.sha256(f"{sys.version_info} {mpl.__version__} {np.__version__}".encode())
    digest.update(text.encode())
    looks = [*(_ROOT / "assets").glob("*.npz"), *(_ROOT / "assets").glob("*.mplstyle")]
    # What draws and what freezes is behind every scene, imported or not.
    for path in sorted({*_files_behind(text), *looks, *Path(__file__).parent.glob("*.py")}):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.digest()


def of_scene(scene: Any) -> bytes | None:
    """Return what tells a scene, not yet drawn, from all others; None if nothing sure can be said.

    A function, or a scene that was written in a notebook, may use anything that stands there.
    """
    if not isinstance(scene, Scene) or not type(scene).__module__.startswith("lessons."):
        return None
    try:
        own = pickle.dumps((type(scene).__qualname__, vars(scene)))
    except (pickle.PicklingError, TypeError, AttributeError):
        return None
    module = Path(inspect.getfile(type(scene))).read_text(encoding="utf-8")
    return hashlib.sha256(of_code(module) + own).digest()
