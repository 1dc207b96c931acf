"""`make notebooks`: what it keeps, what it refuses, and that doing it twice changes nothing."""

from pathlib import Path
from unittest import mock

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import v4

from lessons.publish import normalise
from tests.publish.notebooks import is_normal

WIDGET = """\
from IPython.display import display
from ipywidgets import IntSlider

display({"application/vnd.jupyter.widget-view+json": {"model_id": "0"}}, raw=True)
IntSlider()"""


PASTED = {"dot.png": {"image/png": "eA=="}}


def notebook(*sources):
    cells = [v4.new_markdown_cell("# Title", id="title", attachments=PASTED)]
    cells += [v4.new_code_cell(source, id=f"code-{i}") for i, source in enumerate(sources)]
    return v4.new_notebook(cells=cells, metadata={"widgets": {"state": {}}, "author": "me"})


def write(folder, *sources):
    path = folder / "lecture.ipynb"
    nbformat.write(notebook(*sources), path)
    return path


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    # The kernel sends what is printed before and after the pause apart.
    slowly = "import time\nprint('é', flush=True)\ntime.sleep(0.5)\nprint(2)"
    path = write(tmp_path_factory.mktemp("notebooks"), slowly, WIDGET, "6 * 7")
    changed = normalise.write_executed(path)
    first = path.read_bytes()
    changed_again = normalise.write_executed(path)
    return path, first, changed, changed_again


def test_the_second_time_nothing_changes(done):
    path, first, changed, changed_again = done
    assert (changed, changed_again) == (True, False)
    assert path.read_bytes() == first


def test_what_is_written_is_normal_and_numbered_from_the_top(done):
    path, first, *_ = done
    assert is_normal(path)
    cells = nbformat.reads(first.decode(), as_version=4).cells
    assert [cell.id for cell in cells] == ["title", "code-0", "code-1", "code-2"]
    assert cells[0].attachments == PASTED
    assert [cell.execution_count for cell in cells[1:]] == [1, 2, 3]
    assert cells[1].outputs[0].text == "é\n2\n"
    assert cells[3].outputs[0].data == {"text/plain": "42"}


def test_neither_widget_state_nor_a_widget_view_is_stored(done):
    _, first, *_ = done
    written = nbformat.reads(first.decode(), as_version=4)
    assert set(written.metadata) == {"kernelspec", "language_info"}
    assert list(written.cells[2].outputs[0].data) == ["text/plain"]


def test_with_an_address_it_has_the_cells_for_hosts(tmp_path, monkeypatch):
    monkeypatch.setattr(normalise, "repository", lambda: "ada/clips")
    path = write(tmp_path, "6 * 7")
    assert normalise.write_executed(path)
    assert "/ada/clips/blob/HEAD/notebooks/lecture.ipynb" in path.read_text(encoding="utf-8")


def test_letters_are_not_escaped_and_lines_end_alike_everywhere(done):
    _, first, *_ = done
    assert "é" in first.decode()
    assert b"\r" not in first
    assert first.endswith(b"}\n")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import sys; print('oh', file=sys.stderr)", "cell 2 ('code-0') wrote to stderr:\noh"),
        ("1 / 0", "cell 2 ('code-0') raised:"),
        ("import os; os._exit(1)", "cell 2 ('code-0'): its kernel died"),
        ("import time; time.sleep(60)", "cell 2 ('code-0') took longer than 3 s"),
    ],
)
def test_a_notebook_that_fails_stays_as_it_was(tmp_path, capsys, monkeypatch, source, told):
    monkeypatch.setattr(normalise, "_SECONDS_A_CELL", 3)
    path = write(tmp_path, source)
    before = path.read_bytes()
    assert normalise.main([str(path)]) == 1
    assert path.read_bytes() == before
    message = capsys.readouterr().err
    assert told in message
    assert "lecture.ipynb" in message


def test_a_kernel_whose_port_was_taken_is_started_again(tmp_path, monkeypatch):
    start, started = NotebookClient.async_start_new_kernel_client, []

    async def at_the_second_try(client):
        started.append(client.km)
        if len(started) == 1:
            await client._async_cleanup_kernel()
            raise RuntimeError("Kernel died before replying to kernel_info")
        return await start(client)

    monkeypatch.setattr(NotebookClient, "async_start_new_kernel_client", at_the_second_try)
    path = write(tmp_path, "6 * 7")
    assert normalise.main([str(path)]) == 0
    assert "42" in path.read_text(encoding="utf-8")
    first, second = started
    assert first is not second


@pytest.mark.parametrize(
    "disturb",
    [
        lambda nb: nb.metadata.update(author="me"),
        lambda nb: nb.cells[1].metadata.update(collapsed=True),
        lambda nb: nb.cells[1].update(execution_count=7),
        lambda nb: nb.cells[1].metadata.update(slideshow={"slide_type": "-"}),
    ],
)
def test_what_a_hand_has_changed_is_not_normal(tmp_path, disturb):
    path = tmp_path / "lecture.ipynb"
    tidy = normalise.normal(notebook("1"))
    for was_normal in (True, False):
        path.write_text(normalise.as_text(tidy), encoding="utf-8", newline="\n")
        assert is_normal(path) is was_normal
        disturb(tidy)


@pytest.mark.parametrize(
    "content",
    [b"", b"<<<<<<<\n{}", b"[]", b"{}", b'{"cells": ', b"\xff", b'{"cells": 3, "nbformat": 4}'],
)
def test_a_damaged_notebook_is_named(tmp_path, capsys, content):
    path = tmp_path / "lecture.ipynb"
    path.write_bytes(content)
    assert normalise.main([str(path)]) == 1
    assert "lecture.ipynb is damaged: " in capsys.readouterr().err
    assert path.read_bytes() == content


def test_it_is_said_which_notebooks_were_written(tmp_path, monkeypatch, capsys):
    path = write(tmp_path, "1")
    monkeypatch.setattr(normalise, "write_executed", mock.Mock(side_effect=[True, False]))
    assert normalise.main([str(path), str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: written\n{path}: unchanged\n"


def test_a_notebook_that_may_not_be_written_is_named(tmp_path, monkeypatch, capsys):
    path = write(tmp_path, "1")
    refused = PermissionError(13, "Permission denied", str(path))
    monkeypatch.setattr(normalise, "write_executed", mock.Mock(side_effect=refused))
    assert normalise.main([str(path)]) == 1
    assert str(refused) in capsys.readouterr().err


def test_ctrl_c_is_no_traceback(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(normalise, "write_executed", mock.Mock(side_effect=KeyboardInterrupt))
    assert normalise.main([str(write(tmp_path, "1"))]) == 130
    assert "is as it was" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nothing.ipynb", "."])
def test_a_path_without_notebooks_is_named(tmp_path, capsys, name):
    assert normalise.main([str(tmp_path / name)]) == 1
    assert f"{tmp_path / name}: there is no notebook" in capsys.readouterr().err


def test_a_write_that_fails_leaves_the_notebook_as_it_was(tmp_path, monkeypatch):
    path = write(tmp_path, "1")
    before = path.read_bytes()

    def fails(self, target):
        raise OSError("the disk is full")

    async def ran(*_, **__):
        return notebook("2")

    monkeypatch.setattr(normalise, "run", ran)
    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(OSError, match="full"):
        normalise.write_executed(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
