"""Markdown as HTML, with formulas as MathML, which every browser shows without a script."""

import re
from html import escape, unescape
from typing import Any
from urllib.parse import unquote

from latex2mathml.converter import convert
from mistune.util import striptags
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

# latex2mathml makes a bar of each, where the double bar of a norm is meant.
_NORM = re.compile(r"\\lVert|\\rVert")
# It sets an operator with a digit in its name letter by letter.
_NUMBERED_OPERATOR = re.compile(r"\\operatorname\{(\w*\d\w*)\}")

_FUNCTION = re.compile(r"<mo>([a-zA-Z]{2,})</mo>")


def _anchor(words: str) -> str:
    """Return what a heading is linked by; from its words, or from JupyterLab's link to it."""
    return re.sub(r"\W+", "-", words.lower()).strip("-")


class FormulaError(ValueError):
    """A formula that cannot be turned into MathML."""


def mathml(formula: str, display: str) -> str:
    """Return a LaTeX formula as MathML.

    Args:
        formula: Without its dollar signs.
        display: "inline", or "block" for a line of its own.

    Raises:
        FormulaError: The formula has something that is not understood.
    """
    try:
        known = _NUMBERED_OPERATOR.sub(r"\\mathrm{\1}", _NORM.sub(r"\\Vert ", formula))
        found = convert(known, display=display)
    except Exception as error:  # the library raises what it happens to run into
        raise FormulaError(f"the formula {formula.strip()!r}: {error!r}") from error
    if "\\" in unescape(found):
        raise FormulaError(f"the formula {formula.strip()!r}: a command in it is not known")
    # As an operator, a function's name would stand apart from its bracket.
    found = _FUNCTION.sub(r"<mi>\1</mi>", found)
    return found.replace("<math ", f'<math alttext="{escape(formula.strip())}" ', 1)


class _Renderer(IPythonRenderer):
    """Renders no HTML of the author's: what looks like a tag is shown as text."""

    def __init__(self, contents: list[tuple[int, str, str]]):
        super().__init__(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
        self.contents = contents

    def heading(self, text: str, level: int, **_: Any) -> str:
        words = unescape(striptags(text))
        anchor = _anchor(words)
        self.contents.append((level, anchor, words))
        return f'<h{level} id="{anchor}">{text}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        if "://" not in url:
            path, mark, place = url.partition("#")
            # What another notebook has become stands beside this one, under the same name.
            if path.endswith(".ipynb"):
                path = path.removesuffix(".ipynb") + ".html"
            url = path + mark + _anchor(unquote(place))
        return super().link(text, url, title)

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        # The corner above the names of rows and columns is the head of nothing.
        tag = "th" if head and text.strip() else "td"
        return f"<{tag}>{text}</{tag}>\n"

    def block_code(self, code: str, info: str | None = None) -> str:
        # In the same box as the code of a cell.
        return (
            '<div class="code" tabindex="0" role="group" aria-label="code">'
            f"{super().block_code(code, info)}</div>\n"
        )

    def block_math(self, body: str) -> str:
        # On a narrow screen it scrolls by itself, by keyboard too.
        formula = mathml(body, "block")
        return (
            f'<span class="formula" tabindex="0" role="group" aria-label="formula">{formula}</span>'
        )

    def inline_math(self, body: str) -> str:
        return mathml(body, "inline")

    def table(self, text: str) -> str:
        return (
            '<div class="table" tabindex="0" role="group" aria-label="table">'
            f"<table>{text}</table></div>\n"
        )


def to_html(source: str, contents: list[tuple[int, str, str]] | None = None) -> str:
    """Return Markdown as HTML.

    Args:
        source: The text of a cell.
        contents: Gets (level, anchor, words) of each heading; the words are no HTML.

    Raises:
        FormulaError: A formula has something that is not understood.
    """
    return MarkdownWithMath(renderer=_Renderer([] if contents is None else contents)).render(source)
