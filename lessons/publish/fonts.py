"""Fonts inside a page, cut down to the characters that it shows."""

import base64
import gzip
import io
import re
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from html import unescape
from pathlib import Path

import matplotlib
from fontTools import subset
from fontTools.ttLib import TTFont

from lessons.exercises.feedback import Verdict
from lessons.explorable.cache import package_key
from lessons.files import write_whole
from lessons.publish.resources import package

_FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
# The pictures are drawn in this family, and only in a known one is it certain what fits a slide.
_FACES = (
    ("DejaVu Sans", "DejaVuSans.ttf", "normal", "normal"),
    ("DejaVu Sans", "DejaVuSans-Bold.ttf", "bold", "normal"),
    ("DejaVu Sans", "DejaVuSans-Oblique.ttf", "normal", "oblique"),
    ("DejaVu Sans Mono", "DejaVuSansMono.ttf", "normal", "normal"),
)
_FORMULA = re.compile(r"<math .*?</math>", re.DOTALL)
# In every file, with what its templates and forms show: so the deck, the page and the print of a
# lecture hold the same characters, and one cut serves all three.
_ALWAYS = frozenset(map(chr, range(0x20, 0x7F))).union(
    "←→▶↺·−’", "⌫◉✎✕", *(one.value for one in Verdict)
)
# What a browser draws that is not in the text: the root, and italic letters, Latin and Greek, in
# which it sets a variable of one letter.
_DRAWN = frozenset(map(chr, [0x221A, 0x210E, *range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C)]))
_PACKED = re.compile(r'<script type="text/plain">([A-Za-z0-9+/=]+)</script>')
_TABLE = re.compile(r'data-table="([A-Za-z0-9+/=]+)"')


def characters_of(page: str) -> frozenset[str]:
    """Return every character that a page shows, those of its scenes and of its hints too."""
    found = set(page)
    for packed in _PACKED.findall(page):
        found |= set(gzip.decompress(base64.b64decode(packed)).decode())
    for table in _TABLE.findall(page):
        found |= set(base64.b64decode(table).decode())
    return frozenset(found)


def fonts(page: str, kept: Path | None = None) -> str:
    """Return style rules that hold the fonts of a page.

    Args:
        page: Its HTML.
        kept: The file in which these rules are kept while the page shows the same characters.
    """
    shown = characters_of(page) | _ALWAYS
    formulas = frozenset(unescape("".join(_FORMULA.findall(page))))
    characters = "".join([*sorted(shown), "\0", *sorted(formulas)])
    key = sha256(package_key() + characters.encode()).hexdigest()
    if kept and kept.is_file():
        before, _, rules = kept.read_text(encoding="utf-8").partition("\n")
        if before == key:
            return rules
    rules = "\n".join(_rules(shown, formulas))
    if kept:
        write_whole(kept, f"{key}\n{rules}")
    return rules


def _rules(shown: frozenset[str], formulas: frozenset[str]) -> Iterator[str]:
    for family, file, weight, style in _FACES:
        yield _face(family, _FONTS / file, shown, f"font-weight: {weight}; font-style: {style}")
    if formulas:
        # Only a font made for formulas has brackets and roots that grow.
        font = package("ziamath") / "fonts" / "STIXTwoMath-Regular.ttf"
        yield _face("STIX Two Math", font, formulas | _DRAWN, "")


def _face(family: str, file: Path, characters: frozenset[str], more: str) -> str:
    source = f"url(data:font/woff;base64,{_font(file, characters)})"
    return f'@font-face {{ font-family: "{family}"; src: {source}; {more} }}'


@lru_cache(maxsize=64)
def _font(file: Path, characters: frozenset[str]) -> str:
    options = subset.Options()
    options.drop_tables += ["FFTM"]  # the font editor's own, which fontTools cannot cut
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(characters)))
    with TTFont(file, recalcTimestamp=False) as font:
        subsetter.subset(font)
        font.flavor = "woff"
        written = io.BytesIO()
        font.save(written)
    return base64.b64encode(written.getvalue()).decode("ascii")
