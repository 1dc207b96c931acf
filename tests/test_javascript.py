"""The JavaScript of pictures and slides: its types, and what a linter finds."""

import subprocess
from pathlib import Path

import pytest

from tests.strict import tool

TOOLS = Path(__file__).parents[1] / ".ci"


@pytest.fixture(scope="module")
def npm():
    """A function that runs npm in the folder of the tools, which it installs first."""
    path = tool("npm")

    def run(*arguments):
        ended = subprocess.run(
            [path, "--silent", *arguments], cwd=TOOLS, capture_output=True, text=True
        )
        assert not ended.returncode, ended.stdout + ended.stderr

    run("install")
    return run


@pytest.mark.parametrize("check", ["types", "lint"])
def test_nothing_is_found(npm, check):
    npm("run", check)
