"""Assignments for nbgrader, which itself is not needed: version 0.9 took and graded them."""

import re

import pytest
from nbformat import NO_CONVERT, read, validate

from lessons.publish import nbgrader, student
from lessons.publish.cells import slide_kind, with_tag
from tests.publish.notebooks import NOTEBOOKS

SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)\n### END SOLUTION\n", re.DOTALL)
MARKS = {"grade", "solution", "locked", "task", "grade_id", "schema_version"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_an_answer_is_marked_and_a_locked_cell_after_it_gives_a_point(path):
    stored = read(path, NO_CONVERT)
    made = nbgrader.assignment(stored)
    validate(made)
    assert made.metadata.kernelspec.language == "python"
    assert not any(slide_kind(cell) == "notes" for cell in made.cells)
    asked, solved = with_tag(stored.cells, "exercise"), with_tag(stored.cells, "solution")
    how = [cell.source for cell in made.cells if cell.id == "exercises-how"]
    assert not any("model answer" in words for words in how)
    marked = [cell for cell in made.cells if "nbgrader" in cell.metadata]
    assert len(marked) == 2 * len(solved)
    assert len({cell.metadata.nbgrader.grade_id for cell in marked}) == len(marked)
    for answer, point, stub, model in zip(marked[::2], marked[1::2], asked, solved, strict=True):
        # What nbgrader clears leaves the exercise as it was; what it keeps is the model answer.
        [given] = SOLUTION.findall(answer.source)
        for part in (given, point.source):
            assert part == part.strip(), "no empty lines at its ends"
        assert SOLUTION.sub("", answer.source).split() == stub.source.split()
        assert f"{given}\n{point.source}".split() == model.source.split()
        assert answer.metadata.nbgrader.keys() == MARKS
        assert point.metadata.nbgrader.keys() == MARKS | {"points"}
        assert point.metadata.nbgrader.points == 1
        for cell, grades in ((answer, False), (point, True)):
            marks = cell.metadata.nbgrader
            assert (marks.schema_version, marks.task) == (3, False)
            assert (marks.grade, marks.locked, marks.solution) == (grades, grades, not grades)
            assert cell.outputs == []


def test_a_course_is_written_with_its_settings(tmp_path):
    assert student.main(["--nbgrader", str(tmp_path)]) == 0
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    lectures = {f"source/{path.stem}/{path.name}" for path in NOTEBOOKS[1:]}
    assert written == {"nbgrader_config.py"} | lectures
    settings = (tmp_path / "nbgrader_config.py").read_text(encoding="utf-8")
    assert 'c.ClearSolutions.code_stub = {"python": ""}' in settings
