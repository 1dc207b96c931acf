"""What makes a file stand alone: fonts and scripts inside of it, and a policy that proves it."""

import base64
import gzip
import hashlib
import io
import re
from functools import lru_cache
from html import unescape
from importlib.util import find_spec
from pathlib import Path

import matplotlib
from fontTools import subset
from fontTools.ttLib import TTFont

from lessons.explorable import cache as digest

_ROOT = Path(__file__).parents[2]
_EXPLORABLE = _ROOT / "lessons" / "explorable" / "js"
_OWN = Path(__file__).parent
_USED = {".py", ".js", ".j2", ".json"}
_ASSETS = _ROOT / "assets"
_FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
# The pictures are drawn in this family, and what fits a slide is only sure in a known one.
_FACES = (
    ("DejaVu Sans", "DejaVuSans.ttf", "normal", "normal"),
    ("DejaVu Sans", "DejaVuSans-Bold.ttf", "bold", "normal"),
    ("DejaVu Sans", "DejaVuSans-Oblique.ttf", "normal", "oblique"),
    ("DejaVu Sans Mono", "DejaVuSansMono.ttf", "normal", "normal"),
)
_FORMULA = re.compile(r"<math .*?</math>", re.DOTALL)
# What a browser draws that is not in the text: the root, and italic letters, Latin and Greek, in
# which it sets a variable of one letter.
_DRAWN = frozenset(map(chr, [0x221A, 0x210E, *range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C)]))
_PACKED = re.compile(r'<script type="text/plain">([A-Za-z0-9+/=]+)</script>')
# A page without scenes or slides has only this to say.
INDEX_SCRIPT = 'document.documentElement.dataset.thawed = "";'


def _package(name: str) -> Path:
    """Return the folder of a package whose files are used, but none of its code."""
    return Path(find_spec(name).origin).parent


def asset(name: str) -> str:
    """Return the text of a file in ``assets/``."""
    return (_ASSETS / name).read_text(encoding="utf-8")


def explorable(name: str) -> str:
    """Return the text of a file of ``lessons/explorable/js``: what the live pictures use too."""
    return (_EXPLORABLE / name).read_text(encoding="utf-8")


def own(name: str) -> str:
    """Return the text of a file of ``lessons/publish``."""
    return (_OWN / name).read_text(encoding="utf-8")


def reveal(name: str) -> str:
    """Return the text of a file of reveal.js."""
    path = _package("sphinx_revealjs") / "_static" / "revealjs" / "dist" / name
    return path.read_text(encoding="utf-8")


def everything() -> bytes:
    """Return all that the files are made with, apart from the notebooks and their pictures."""
    # JupyterLab leaves a copy of what it saved in a folder beside it.
    own_files = sorted(
        path
        for path in _OWN.rglob("*")
        if path.suffix in _USED and path.parent.name != ".ipynb_checkpoints"
    )
    looks = sorted([*_ASSETS.glob("*.css"), *_EXPLORABLE.glob("*.js"), *_EXPLORABLE.glob("*.css")])
    return digest.installed() + b"".join(path.read_bytes() for path in [*own_files, *looks])


def scene_script() -> str:
    """Return the script that shows frozen scenes."""
    return explorable("view.js") + explorable("embedded.js")


def characters_of(page: str) -> frozenset[str]:
    """Return every character that a page shows, those inside of its frozen scenes too."""
    found = set(_PACKED.sub("", page))
    for packed in _PACKED.findall(page):
        found |= set(gzip.decompress(base64.b64decode(packed)).decode())
    return frozenset(found)


def fonts(page: str) -> str:
    """Return style rules that hold the fonts of a page, cut down to the characters it shows."""
    shown = characters_of(page)
    rules = [
        _face(family, _FONTS / file, shown, f"font-weight: {weight}; font-style: {style}")
        for family, file, weight, style in _FACES
    ]
    if formulas := "".join(_FORMULA.findall(page)):
        # Only a font made for formulas has brackets and roots that grow.
        font = _package("ziamath") / "fonts" / "STIXTwoMath-Regular.ttf"
        rules.append(_face("STIX Two Math", font, frozenset(unescape(formulas)) | _DRAWN, ""))
    return "\n".join(rules)


def _face(family: str, file: Path, characters: frozenset[str], more: str) -> str:
    source = f"url(data:font/woff;base64,{_font(file, characters)})"
    return f'@font-face {{ font-family: "{family}"; src: {source}; {more} }}'


@lru_cache(maxsize=64)
def _font(file: Path, characters: frozenset[str]) -> str:
    options = subset.Options()
    options.drop_tables += ["FFTM"]  # its editor's own, which fontTools cannot cut
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(characters)))
    with TTFont(file, recalcTimestamp=False) as font:
        subsetter.subset(font)
        font.flavor = "woff"
        written = io.BytesIO()
        font.save(written)
    return base64.b64encode(written.getvalue()).decode("ascii")


def with_policy(page: str) -> str:
    """Return a page that may load nothing, and run only our scripts, each known by its hash."""
    deck, scenes = scene_script() + own("deck.js"), scene_script()
    ours = [reveal("reveal.js"), deck if deck in page else scenes, INDEX_SCRIPT]
    hashes = [
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        for script in ours
        if f">{script}</script>" in page
    ]
    allowed = " ".join(f"'sha256-{each}'" for each in hashes) or "'none'"
    policy = (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "font-src data:; base-uri 'none'; form-action 'none'"
    )
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return page.replace("<head>", f"<head>\n{tag}", 1)
