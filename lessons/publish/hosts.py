"""What a notebook needs where others host it: badges that open it there, and the lectures.

All of it follows from the address of the repository, `Repository` in pyproject.toml. Without one,
notebooks have none of these cells.
"""

from copy import deepcopy
from pathlib import Path

from nbformat import NotebookNode, v4

from lessons.publish.address import PROJECT, configured

_GITHUB = r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?"
_BADGES = (
    "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    "(https://colab.research.google.com/github/{repository}/blob/HEAD/notebooks/{name}) "
    "[![Open in Binder](https://mybinder.org/badge_logo.svg)]"
    "(https://mybinder.org/v2/gh/{repository}/HEAD?urlpath=lab/tree/notebooks/{name})"
)
_FETCH = """# Google Colab and Kaggle fetch the lectures here; elsewhere, this cell does nothing.
# On Kaggle, first turn on Internet in the settings of the notebook.
import os
import subprocess
import sys
from pathlib import Path

if "google.colab" in sys.modules or "KAGGLE_KERNEL_RUN_TYPE" in os.environ:
    lectures = Path("lectures").resolve()
    if not lectures.exists():
        address = "https://github.com/{repository}"
        subprocess.run(["git", "clone", "--quiet", "--depth=1", address, lectures], check=True)
    sys.path.insert(0, str(lectures))"""
_METADATA = {"slideshow": {"slide_type": "skip"}, "tags": ["notebook-only"]}


def repository(project: Path = PROJECT) -> str | None:
    """Return OWNER/NAME on GitHub of the project with this pyproject.toml, None if it has none.

    Raises:
        NotebookError: There is an address, but not one on GitHub, which Colab and Binder ask for.
    """
    return configured("Repository", _GITHUB, "https://github.com/OWNER/NAME", project)


def for_hosts(notebook: NotebookNode, name: str, repository: str | None) -> NotebookNode:
    """Return a copy of a notebook with the cells for hosts as they should be.

    Args:
        notebook: A lecture.
        name: The name of its file.
        repository: OWNER/NAME on GitHub, or None, for no such cells.
    """
    cells = [deepcopy(cell) for cell in notebook.cells if cell.id not in ("badges", "fetch")]
    if repository:
        words = {"repository": repository, "name": name}
        first = next((i for i, cell in enumerate(cells) if cell.cell_type == "code"), len(cells))
        cells[first:first] = [
            v4.new_markdown_cell(_BADGES.format(**words), id="badges", metadata=_METADATA),
            v4.new_code_cell(_FETCH.format(**words), id="fetch", metadata=_METADATA),
        ]
    return NotebookNode({**notebook, "cells": cells})
