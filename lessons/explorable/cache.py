"""Cache keys: while a key stays the same, what was computed under it need not be computed again."""

import hashlib
import pickle
from pathlib import Path
from typing import Any

from lessons.explorable.scene import Scene

_ROOT = Path(__file__).parents[2]
_CODE = {".py", ".js", ".css"}
_ASSETS = {".npz", ".mplstyle"}


def _files() -> list[Path]:
    """Return every file that a computed result may depend on."""
    code = [path for path in (_ROOT / "lessons").rglob("*") if path.suffix in _CODE]
    assets = [path for path in (_ROOT / "assets").iterdir() if path.suffix in _ASSETS]
    # JupyterLab leaves a copy of what it saved in a folder beside it.
    return sorted(
        path
        for path in [*code, *assets, _ROOT / "requirements.lock"]
        if path.parent.name != ".ipynb_checkpoints"
    )


def package_key() -> bytes:
    """Return the key of all code, all data, and every version that the lock file names."""
    found = hashlib.sha256()
    for path in _files():
        found.update(path.relative_to(_ROOT).as_posix().encode() + path.read_bytes())
    return found.digest()


def scene_key(scene: Any, *more: Any) -> str | None:
    """Return the key of a scene and whatever else its frames depend on.

    A function, or a scene that was written in a notebook, may use anything that is defined there,
    so it has no key. Neither has a scene that holds something that cannot be pickled.

    Args:
        scene: As its author made it, not drawn yet.
        *more: What else its frames depend on; anything that can be pickled.
    """
    if not isinstance(scene, Scene) or not type(scene).__module__.startswith("lessons."):
        return None
    kind = type(scene)
    try:
        own = pickle.dumps((kind.__module__, kind.__qualname__, vars(scene), more))
    except (pickle.PicklingError, TypeError, AttributeError):
        return None
    return hashlib.sha256(package_key() + own).hexdigest()
