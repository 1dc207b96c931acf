"""Numbers in words, written as ipywidgets' sliders and matplotlib's axes write them."""

import re

_HYPHEN = re.compile(r"(?<![\w.)\]])-(?=\.?\d)")
_EXPONENT = re.compile(r"(?<=\d)e([+-])0*(?=\d)")


def typeset(words: str) -> str:
    """Return words whose numbers have a minus sign, and exponents without zeros in front.

    Python's -2.50e+03 becomes −2.50e+3.
    """
    return _HYPHEN.sub("−", _EXPONENT.sub(r"e\1", words))
