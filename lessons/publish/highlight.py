"""Code in colours, each readable on its background with a contrast of 4.5 : 1."""

import pygments
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.style import Style
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Token

from lessons.explorable import theme


class OnPaper(Style):
    """Code on a light background, in the colours of the pictures."""

    background_color = "#f6f6f6"
    styles = {
        Token: "#222222",
        Comment: "italic #5c5c5c",
        Keyword: f"bold {theme.GRADIENT}",
        Operator.Word: f"bold {theme.GRADIENT}",
        Name.Builtin: theme.RAW,
        Number: theme.CLIPPED,
        String: theme.TRUE,
    }


class AtNight(Style):
    """Code on a dark background."""

    background_color = "#23262b"
    styles = {
        Token: "#e6e6e6",
        Comment: "italic #a8a8a8",
        Keyword: "bold #d5a6e6",
        Operator.Word: "bold #d5a6e6",
        Name.Builtin: "#7fc4f2",
        Number: "#f5a97a",
        String: "#6fd1b5",
    }


def highlighted(code: str) -> str:
    """Return Python code as HTML."""
    return pygments.highlight(code, PythonLexer(), HtmlFormatter())


def rules(style: type[Style]) -> str:
    """Return the style rules of highlighted code."""
    return HtmlFormatter(style=style).get_style_defs(".code .highlight")
