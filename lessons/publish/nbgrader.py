"""The lectures as a course for nbgrader, from the same notebooks: what it calls the source version.

Each exercise holds its model answer between the marks that nbgrader clears, and a locked cell after
it gives a point if the check says *right*.
"""

import ast
from collections.abc import Iterable, Iterator
from copy import deepcopy
from pathlib import Path

from nbformat import NotebookNode, v4

from lessons.publish.cells import has_tag, slide_kind
from lessons.publish.normalise import as_text
from lessons.publish.notebook import read

# The stub stands above the answer; nbgrader would put code that raises in the answer's place.
_CONFIG = """c = get_config()
c.ClearSolutions.code_stub = {"python": ""}
"""
_MARKED = "{stub}\n### BEGIN SOLUTION\n{answer}\n### END SOLUTION\n{check}"
_HOW = "Fill in your answer, run the cell, and read what the check says."


def assignment(notebook: NotebookNode) -> NotebookNode:
    """Return a lecture's notebook as nbgrader's source version, without lecturer's notes."""
    made = deepcopy(notebook)
    cells: list[NotebookNode] = []
    for cell in made.cells:
        if slide_kind(cell) == "notes":
            continue
        if cell.id == "exercises-how":
            cell.source = _HOW
        if has_tag(cell, "solution"):
            asked, number = cells[-1], cell.id.rpartition("-")[2]
            stub, check = _last_apart(asked.source)
            answer, asserted = _last_apart(cell.source)
            asked.source = _MARKED.format(stub=stub, answer=answer, check=check)
            asked.outputs = []
            asked.metadata["nbgrader"] = _marks(asked.id, grade=False)
            cell = v4.new_code_cell(asserted, id=f"point-{number}")
            cell.metadata["nbgrader"] = _marks(cell.id, grade=True) | {"points": 1}
        cells.append(cell)
    made.cells = cells
    return made


def _last_apart(source: str) -> tuple[str, str]:
    """Return the code before the last statement, and that statement."""
    lines = source.splitlines()
    start = ast.parse(source).body[-1].lineno - 1
    return "\n".join(lines[:start]).rstrip(), "\n".join(lines[start:])


def _marks(name: str, *, grade: bool) -> dict:
    """Return nbgrader's metadata of a cell that holds an answer, or that gives points for it."""
    own = {"grade": grade, "solution": not grade, "locked": grade, "task": False}
    return own | {"grade_id": name, "schema_version": 3}


def course(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each file of a course; of lectures, those with exercises.

    Raises:
        NotebookError: A notebook is damaged.
    """
    yield "nbgrader_config.py", _CONFIG
    for path in paths:
        made = assignment(read(path.read_bytes(), path.name))
        if any("nbgrader" in cell.metadata for cell in made.cells):
            yield f"source/{path.stem}/{path.name}", as_text(made)
