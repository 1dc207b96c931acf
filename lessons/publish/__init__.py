"""Notebooks in, finished files out."""

import sys

# With this package jsonschema, which nbformat needs, could check addresses; its grammars take most
# of a second at each import, and the schema of notebooks has no addresses.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
