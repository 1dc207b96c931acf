"""The scripts that make the files of the assets folder."""

import importlib
import sys
from unittest import mock

from lessons.assets import ASSETS


def load(name):
    """Return a script of the assets folder as a module."""
    with mock.patch.object(sys, "path", [str(ASSETS), *sys.path]):
        return importlib.import_module(name)


def made(script, folder, capsys):
    """Run a script twice, to see the same bytes; return the file and what the script printed."""
    written = []
    for target in (folder / "one.npz", folder / "two.npz"):
        with mock.patch.object(script, "TARGET", target):
            script.main()
        written.append(target.read_bytes())
    assert written[0] == written[1]
    return target, capsys.readouterr().out
