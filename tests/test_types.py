"""The types: every call in lessons/ fits what it calls."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1]


def test_mypy_finds_nothing():
    """Here, beside other tests: alone it would keep all processors but one waiting."""
    command = [sys.executable, "-m", "mypy"]
    ended = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True)
    assert not ended.returncode, ended.stdout + ended.stderr
