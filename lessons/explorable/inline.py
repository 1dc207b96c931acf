"""Sliders in a notebook whose host shows no widgets: embedded, in a page of their own.

The page stands in the notebook's output as the content of an ``iframe``: neither its rules nor its
keys meet those of the notebook or of other pictures.
"""

import tempfile
from html import escape
from pathlib import Path

from lessons.explorable.embed import embedded_explorer
from lessons.explorable.live import Explorer
from lessons.explorable.precompute import EmbeddingError
from lessons.explorable.scene import SceneError
from lessons.explorable.script import script, style

_MOVES = (
    "This site shows no widgets. These sliders need none: all positions were computed beforehand."
)
_STANDS = "This site shows no widgets, and this picture stands still. {why}"
_PAGE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>{alt}</title>
<style>
html {{ overflow: hidden; }}
body {{ margin: 0; background: #ffffff; color: #222222; font: 1rem sans-serif; }}
{style}
</style>
<body>{piece}<script type="module">{script}</script></body></html>"""
_OUTPUT = """<p><em>{words}</em></p>
<img alt="{alt}" src="data:image/png;base64,{image}">
{frame}"""
_FRAME = '<iframe title="{alt}" srcdoc="{page}" style="width: 100%; height: 0; border: 0"></iframe>'


def inline(explorer: Explorer) -> dict[str, str]:
    """Return an explorer as HTML: its stored picture, and sliders where a script may run.

    Without a script, or where the positions cannot be computed beforehand, the picture stays.
    """
    data, metadata = explorer.stored()
    alt = escape(metadata["image/png"]["alt"])
    try:
        folder = Path(tempfile.gettempdir(), "lessons-scenes")
        piece, _ = embedded_explorer(explorer, folder, lambda progress: None)
    except (EmbeddingError, SceneError) as problem:
        words, frame = _STANDS.format(why=problem), ""
    else:
        page = _PAGE.format(
            alt=escape(explorer.picture.alt),
            style=style("view.css") + style("embedded.css"),
            piece=piece["text/html"],
            script=script("inline.js"),
        )
        words, frame = _MOVES, _FRAME.format(alt=escape(explorer.picture.alt), page=escape(page))
    html = _OUTPUT.format(words=escape(words), alt=alt, image=data["image/png"], frame=frame)
    return {"text/html": html, "text/plain": data["text/plain"]}
