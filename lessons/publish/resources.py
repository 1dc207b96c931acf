"""The styles and scripts that decks, pages and prints are made with."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from lessons.assets import ASSETS
from lessons.explorable import script
from lessons.explorable.cache import package_key

_OWN = Path(__file__).parent
# A page without scenes or slides has only this to say.
STILL_SCRIPT = 'document.documentElement.dataset.ready = "";'


def package(name: str) -> Path:
    """Return the folder of a package; its files are used without importing it."""
    spec = find_spec(name)
    assert spec and spec.origin, f"{name} is installed, and has a folder"
    return Path(spec.origin).parent


def asset(name: str) -> str:
    """Return the text of a file in ``assets/``."""
    return (ASSETS / name).read_text(encoding="utf-8")


def explorable(name: str) -> str:
    """Return style rules of ``lessons/explorable/js``, which live pictures use too."""
    return script.style(name)


def own(name: str) -> str:
    """Return the text of a file of ``lessons/publish``."""
    return (_OWN / name).read_text(encoding="utf-8")


def reveal(name: str) -> str:
    """Return the text of a file of reveal.js."""
    path = package("sphinx_revealjs") / "_static" / "revealjs" / "dist" / name
    return path.read_text(encoding="utf-8")


def scene_script() -> str:
    """Return the script that shows embedded scenes."""
    return script.script("embedded.js")


def page_script() -> str:
    """Return the script of a page: its scenes, its code to copy, and contents that follow."""
    return script.script(_OWN / "page.js")


def form_script() -> str:
    """Return the script that judges what is answered in the forms of a page."""
    return script.script(package("lessons.exercises") / "form.js")


def deck_script() -> str:
    """Return the script of a deck: its scenes, and the keys that turn its slides."""
    return script.script(_OWN / "deck.js")


def cache_key() -> str:
    """Return the cache key of everything that published files are made with, notebooks aside."""
    key = hashlib.sha256(package_key())
    for path in sorted([*_OWN.rglob("*.j2"), *ASSETS.glob("*.css")]):
        # JupyterLab leaves a copy of what it saved in a folder beside it.
        if path.parent.name != ".ipynb_checkpoints":
            key.update(path.read_bytes())
    return key.hexdigest()
