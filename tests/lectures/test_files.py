"""Files that are read only if they are the right ones, and written with their folders."""

import hashlib

import pytest

from lessons import files

GOOD = b"as it should be"
ASKED = {"sha256": hashlib.sha256(GOOD).hexdigest(), "what": "The table", "mend": "Fetch it again."}


def test_the_right_bytes_are_returned(tmp_path):
    path = tmp_path / "table"
    path.write_bytes(GOOD)
    assert files.read_verified(path, **ASKED) == GOOD


@pytest.mark.parametrize("content", [GOOD[:-1], b"", GOOD.replace(b"s", b"S", 1), GOOD + b"!"])
def test_other_bytes_are_named_with_the_mend(tmp_path, content):
    path = tmp_path / "table"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"The table in .*table is damaged: .*Fetch it again\."):
        files.read_verified(path, **ASKED)


def test_a_missing_file_is_named_with_the_mend(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"The table is missing: .*gone\. Fetch it again\."):
        files.read_verified(tmp_path / "gone", **ASKED)


@pytest.mark.parametrize("content", ["‖g‖", b"\x00\xff"])
def test_a_file_is_written_with_its_folders(tmp_path, content):
    path = tmp_path / "new" / "table"
    files.write_whole(path, content)
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert list(path.parent.iterdir()) == [path]
