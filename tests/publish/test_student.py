"""What students get: everything they need, and no answers."""

import io
import re
import zipfile
from pathlib import PurePosixPath

import nbformat
import pytest

from lessons.files import write_whole
from lessons.publish import student
from lessons.publish.cells import slide_kind
from tests.publish.notebooks import cell, write

LINK = re.compile(r"\]\((?!https?:|#|attachment:)([^)#\s]+)")


@pytest.fixture(scope="module")
def handed_out():
    """What is in the zip, by name."""
    with zipfile.ZipFile(io.BytesIO(student.packed())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def notebooks(files):
    return {n: nbformat.reads(c.decode(), 4) for n, c in files.items() if n.endswith(".ipynb")}


def test_every_link_leads_to_something_in_the_zip(handed_out):
    texts = {name: content.decode() for name, content in handed_out.items() if name.endswith(".md")}
    for name, notebook in notebooks(handed_out).items():
        texts[name] = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    links = [(name, link) for name, text in texts.items() for link in LINK.findall(text)]
    assert len(links) > len(notebooks(handed_out))
    assert [x for x in links if str(PurePosixPath(x[0]).parent / x[1]) not in handed_out] == []


def test_no_notebook_holds_a_model_answer_or_a_note(handed_out):
    for notebook in notebooks(handed_out).values():
        text = "\n".join(each.source for each in notebook.cells)
        assert "For the lecturer" not in text
        assert "odel answer" not in text
        assert ".is_right" not in text


def test_what_the_notebooks_and_the_command_need_is_there(handed_out):
    needed = ("LICENSE", "Makefile", "environment.yml", "make.py", "pyproject.toml")
    needed += ("requirements.lock", "assets/lecture.mplstyle", "lessons/exercises/checks.py")
    assert {f"clipping-lectures/{name}" for name in needed} <= set(handed_out)
    assert not [name for name in handed_out if "__pycache__" in name or "/tests/" in name]


def test_copies_that_jupyterlab_keeps_are_not_handed_out(tmp_path, monkeypatch):
    for name in ("lessons/cliff.py", "lessons/.ipynb_checkpoints/cliff-checkpoint.py"):
        write_whole(tmp_path / name, b"")
    write(tmp_path / "00.ipynb", cell("# Title"))
    monkeypatch.setattr(student, "_ROOT", tmp_path)
    monkeypatch.setattr(student, "_NOTEBOOKS", tmp_path)
    monkeypatch.setattr(student, "_ALSO", ["lessons"])
    assert [name for name, _ in student._files()][2:] == ["lessons/cliff.py"]


def test_a_lecture_with_exercises_ends_with_handing_in_before_the_way_on():
    asked = cell("answer = None", code=True, tags=["exercise"])
    way = cell("[next](x.ipynb)", tags=["navigation"])
    shows = nbformat.v4.new_output("stream", text="the answer")
    shown, experiment = (cell("print(x)", code=True, outputs=[shows], id=i) for i in "ab")
    cells = [shown, asked, experiment, way]
    made = student.for_students(nbformat.v4.new_notebook(cells=cells))
    assert made.cells[0].outputs == [shows]
    assert made.cells[2].outputs == []
    assert [each.source.splitlines()[-1] for each in made.cells] == [
        "print(x)",
        "answer = None",
        "print(x)",
        "hand_in(check)",
        "[next](x.ipynb)",
    ]
    assert slide_kind(made.cells[3]) == "skip"
    assert len(student.for_students(nbformat.v4.new_notebook(cells=[way])).cells) == 1
    alone = student.for_students(nbformat.v4.new_notebook(cells=[asked]))
    assert [each.id for each in alone.cells] == [asked.id, "hand-in"]


def test_a_zip_that_cannot_be_written_is_said(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert student.main(["--out", str(tmp_path / "file" / "a.zip")]) == 1
    assert str(tmp_path / "file") in capsys.readouterr().err
