"""Files are written with their folders."""

import pytest

from lessons import files


@pytest.mark.parametrize("content", ["‖g‖", b"\x00\xff"])
def test_a_file_is_written_with_its_folders(tmp_path, content):
    path = tmp_path / "new" / "table"
    files.write_whole(path, content)
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert list(path.parent.iterdir()) == [path]
