"""What a frozen scene was made from, as a digest: while it stays, nothing is computed again."""

import ast
import hashlib
import inspect
import pickle
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from threading import Lock
from typing import Any

from lessons.explorable.scene import Scene

_ROOT = Path(__file__).parents[2]
# Notebooks are built side by side. Python 3.11 counts how deep a parse is once for all threads:
# two at a time end in a SystemError (https://github.com/python/cpython/issues/106905).
_parsing = Lock()


@cache
def installed() -> bytes:
    """Return Python's version, and names and versions of everything installed: all may draw."""
    found = sorted({f"{each.name} {each.version}" for each in distributions()})
    return "\n".join([str(sys.version_info), *found]).encode()


def _imported(text: str) -> Iterator[str]:
    """Yield the dotted names that Python code imports; some may be functions, and no modules."""
    with _parsing:
        tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files_behind(text: str) -> set[Path]:
    """Return the files of `lessons` that Python code imports, and those that these import."""
    found: set[Path] = set()
    waiting = [text]
    while waiting:
        try:
            names = [name.split(".") for name in _imported(waiting.pop())]
        except SyntaxError:
            # No Python, such as a magic of IPython: it may import anything.
            return set((_ROOT / "lessons").rglob("*.py"))
        for place in (
            _ROOT.joinpath(*name[:depth])
            for name in names
            if name[0] == "lessons"
            for depth in range(1, len(name) + 1)
        ):
            for path in (place.with_suffix(".py"), place / "__init__.py"):
                if path.is_file() and path not in found:
                    found.add(path)
                    waiting.append(path.read_text(encoding="utf-8"))
    return found


def of_code(text: str) -> bytes:
    """Return what tells Python code, and all that it is made of, from all other code.

    Args:
        text: Of a module, or of a notebook's cells.
    """
    digest = hashlib.sha256(installed())
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
