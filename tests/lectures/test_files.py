"""Files are written with their folders."""

import os
from pathlib import Path

import pytest

from lessons import files


@pytest.mark.parametrize("content", ["‖g‖", b"\x00\xff"])
def test_a_file_is_written_with_its_folders(tmp_path, content):
    path = tmp_path / "new" / "table"
    files.write_whole(path, content)
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert list(path.parent.iterdir()) == [path]


def test_two_builds_may_write_the_same_file_at_once(tmp_path, monkeypatch):
    path, write = tmp_path / "deck", Path.write_bytes

    def meanwhile(self, content):
        write(self, content)
        if content == b"one":
            monkeypatch.setattr(os, "getpid", lambda: 0)
            files.write_whole(path, "other")

    monkeypatch.setattr(Path, "write_bytes", meanwhile)
    files.write_whole(path, "one")
    assert path.read_text() == "one"
