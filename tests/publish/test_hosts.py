"""Notebooks on other people's machines: badges and a first step, from one address."""

import re
import subprocess
import sys
from types import ModuleType

import pytest
from nbformat import v4

from lessons.publish import hosts
from lessons.publish.cells import is_for_notebooks, slide_kind
from lessons.publish.normalise import normal
from lessons.publish.notebook import NotebookError

NAME = "01_x.ipynb"


def lecture():
    return v4.new_notebook(
        cells=[v4.new_markdown_cell("# X"), v4.new_code_cell("import lessons", id="imports")]
    )


def test_the_address_stands_in_one_place(project):
    for end in ("", "/", ".git"):
        address = f"https://github.com/ada/clips{end}"
        assert hosts.repository(project(Repository=address)) == "ada/clips"
    assert hosts.repository(project()) is None


def test_an_address_that_hosts_cannot_open_is_said(project):
    elsewhere = project(Repository="https://example.org/clips")
    with pytest.raises(NotebookError, match=r"example\.org/clips'.*github\.com/OWNER/NAME"):
        hosts.repository(elsewhere)


def test_badges_and_the_first_step_stand_before_the_imports_once():
    once = hosts.for_hosts(lecture(), NAME, "ada/clips")
    twice = hosts.for_hosts(once, NAME, "ada/clips")
    assert [cell.id for cell in twice.cells[1:]] == ["badges", "fetch", "imports"]
    assert re.findall(r"\)\]\((.*?)\)", twice.cells[1].source) == [
        "https://colab.research.google.com/github/ada/clips/blob/HEAD/notebooks/01_x.ipynb",
        "https://mybinder.org/v2/gh/ada/clips/HEAD?urlpath=lab/tree/notebooks/01_x.ipynb",
    ]
    for each in twice.cells[1:3]:
        assert (slide_kind(each), is_for_notebooks(each)) == ("skip", True)
    assert normal(twice) == normal(once)


def test_without_an_address_there_are_none():
    with_cells = hosts.for_hosts(lecture(), NAME, "ada/clips")
    assert [cell.id for cell in hosts.for_hosts(with_cells, NAME, None).cells[1:]] == ["imports"]


@pytest.mark.parametrize("host", ["Colab", "Kaggle", None])
def test_the_first_step_fetches_on_colab_and_kaggle_and_does_nothing_elsewhere(
    host, monkeypatch, capsys, tmp_path
):
    asked = []
    monkeypatch.delenv("KAGGLE_KERNEL_RUN_TYPE", raising=False)
    if host == "Colab":
        monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    if host == "Kaggle":
        monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")

    def run(command, check):
        asked.append(command)
        command[-1].mkdir()

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.chdir(tmp_path)
    step = hosts.for_hosts(lecture(), NAME, "ada/clips").cells[2].source
    for _ in ("first", "after a restart"):
        monkeypatch.setattr(sys, "path", ["here"])
        exec(step, {})
    fetched = [tmp_path.resolve() / "lectures"] if host else []
    assert [command[-2:] for command in asked] == [
        ["https://github.com/ada/clips", path] for path in fetched
    ]
    assert sys.path == [*map(str, fetched), "here"]
    assert capsys.readouterr().out == ""
