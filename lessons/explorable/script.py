"""The JavaScript and the style rules that show pictures, for the widget and for pages."""

import re
from pathlib import Path

_FOLDER = Path(__file__).parent / "js"
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w.]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:class|function|const) )", re.MULTILINE)


def script(name: str) -> str:
    """Return a module as one text: the modules that it imports stand before it, each once."""
    found: dict[str, str] = {}
    _collect(name, found)
    return "".join(found.values())


def _collect(name: str, found: dict[str, str]) -> None:
    text = (_FOLDER / name).read_text(encoding="utf-8")
    for other in _IMPORT.findall(text):
        if other not in found:
            _collect(other, found)
    found[name] = _EXPORT.sub("", _IMPORT.sub("", text))


def style(name: str) -> str:
    """Return the text of a file of style rules."""
    return (_FOLDER / name).read_text(encoding="utf-8")
