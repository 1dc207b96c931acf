"""Notebooks for tests, written cell by cell, and as much of a kernel as they need."""

from pathlib import Path

import nbformat
from IPython.core.formatters import DisplayFormatter
from nbformat import v4
from traitlets import Instance
from traitlets.config import Configurable

from lessons.publish.normalise import as_text, normal
from lessons.publish.notebook import read

# What the template of a page is given, of a lecture that stands alone.
PAGE = {"links": [], "before": None, "after": None}
NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


class Shell(Configurable):
    """As much of a kernel's shell as publishing's extension needs."""

    display_formatter = Instance(DisplayFormatter, ())


def cell(source, kind="-", tags=(), code=False, id=None, outputs=()):
    made = v4.new_code_cell(source, outputs=list(outputs)) if code else v4.new_markdown_cell(source)
    made.metadata = {"slideshow": {"slide_type": kind}, "tags": list(tags)}
    made.id = id or made.id
    return made


def is_normal(path):
    """Return whether a notebook is as `make notebooks` writes it, its outputs taken as given."""
    notebook = read(path.read_bytes(), path.name)
    return path.read_text(encoding="utf-8") == as_text(normal(notebook))


def write(path, *cells):
    nbformat.write(v4.new_notebook(cells=list(cells)), path)
    return path
