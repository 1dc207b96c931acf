"""LaTeX formulas as MathML, which every browser shows without a script."""

import re
from html import escape, unescape

from latex2mathml.converter import convert

# latex2mathml makes a bar of each, where the double bar of a norm is meant.
_NORM = re.compile(r"\\lVert|\\rVert")
# It sets an operator with a digit in its name letter by letter.
_NUMBERED_OPERATOR = re.compile(r"\\operatorname\{(\w*\d\w*)\}")

# A backslash turns a brace into one that is drawn.
_BRACE = re.compile(r"\\.|([{}])", re.DOTALL)

_FUNCTION = re.compile(r"<mo>([a-zA-Z]{2,})</mo>")


class FormulaError(ValueError):
    """A formula that cannot be turned into MathML."""


def mathml(formula: str, display: str) -> str:
    """Return a LaTeX formula as MathML.

    Args:
        formula: Without its dollar signs.
        display: "inline", or "block" for a line of its own.

    Raises:
        FormulaError: Something in the formula is not understood.
    """
    # As its author wrote it: repr() would double each backslash.
    named = f"the formula ${formula.strip()}$"
    if not _is_closed(formula):
        raise FormulaError(f"{named}: a brace in it has no partner")
    try:
        known = _NUMBERED_OPERATOR.sub(r"\\mathrm{\1}", _NORM.sub(r"\\Vert ", formula))
        found = convert(known, display=display)
    except Exception as error:  # the library raises what it happens to run into
        why = f" ({error})" if str(error) else ""
        raise FormulaError(f"{named} is not complete{why}") from error
    if "\\" in unescape(found):
        raise FormulaError(f"{named}: a command in it is not known")
    # As an operator, a function's name would stand apart from its bracket.
    found = _FUNCTION.sub(r"<mi>\1</mi>", found)
    return found.replace("<math ", f'<math alttext="{escape(formula.strip())}" ', 1)


def _is_closed(formula: str) -> bool:
    """Tell whether each brace has its partner; latex2mathml would guess, and MathJax gives up."""
    open_braces = 0
    for brace in _BRACE.findall(formula):
        open_braces += {"{": 1, "}": -1}.get(brace, 0)
        if open_braces < 0:
            return False
    return open_braces == 0
