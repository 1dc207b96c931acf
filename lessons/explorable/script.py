"""The JavaScript and the style rules that show pictures, for the widget and for pages."""

import re
from pathlib import Path

_FOLDER = Path(__file__).parent / "js"
_IMPORT = re.compile(r'^import (?:\{[^}]*\} from )?"(\.{1,2}/[\w./]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:class|function|const) )", re.MULTILINE)


def script(name: str | Path) -> str:
    """Return a module as one text: the modules that it imports stand before it, each once.

    Args:
        name: Of one of the modules here, or the path of another.
    """
    found: dict[Path, str] = {}
    _collect((_FOLDER / name).resolve(), found)
    return "".join(found.values())


def _collect(path: Path, found: dict[Path, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for name in _IMPORT.findall(text):
        imported = (path.parent / name).resolve()
        if imported not in found:
            _collect(imported, found)
    found[path] = _EXPORT.sub("", _IMPORT.sub("", text))


def style(name: str) -> str:
    """Return the text of a file of style rules."""
    return (_FOLDER / name).read_text(encoding="utf-8")
