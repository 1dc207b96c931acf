"""The styles and scripts that decks, pages and prints are made with."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from lessons.assets import ASSETS
from lessons.explorable.cache import package_key
from lessons.explorable.script import script

_HERE = Path(__file__).parent
_PROJECT = ASSETS.parent
# A page without scenes or slides has only this to say.
STILL_SCRIPT = 'document.documentElement.dataset.ready = "";'


def package(name: str) -> Path:
    """Return the folder of a package; its files are used without importing it."""
    spec = find_spec(name)
    assert spec and spec.origin, f"{name} is installed, and has a folder"
    return Path(spec.origin).parent


def own(name: str) -> str:
    """Return the text of a file of the project, such as ``assets/pages.css``."""
    return (_PROJECT / name).read_text(encoding="utf-8")


def bundled(name: str) -> str:
    """Return a script of ``lessons/`` as one text, with the modules that it imports."""
    return script(_PROJECT / "lessons" / name)


def reveal(name: str) -> str:
    """Return the text of a file of reveal.js."""
    path = package("sphinx_revealjs") / "_static" / "revealjs" / "dist" / name
    return path.read_text(encoding="utf-8")


def cache_key() -> str:
    """Return the cache key of everything that published files are made with, notebooks aside."""
    key = hashlib.sha256(package_key())
    for path in sorted([*_HERE.rglob("*.j2"), *ASSETS.glob("*.css")]):
        # JupyterLab leaves a copy of what it saved in a folder beside it.
        if path.parent.name != ".ipynb_checkpoints":
            key.update(path.read_bytes())
    return key.hexdigest()
