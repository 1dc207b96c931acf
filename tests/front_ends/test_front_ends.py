"""One slider in the oldest JupyterLab that the lectures take, and in Notebook 7, in a real browser.

Run by `make test-front-ends`, with the versions in ``.ci/front-ends.txt``.
"""

import shutil
from importlib.metadata import version

import nbformat
import pytest

from tests.browser import driver
from tests.explorable import scenes

pytestmark = pytest.mark.browser

CELLS = [
    "from lessons.explorable import explore\nfrom scenes import Wave",
    "explore(Wave(), level=(-1.0, 1.0, 0.1))",
]


@pytest.fixture(scope="module", params=["lab", "notebook"])
def notebook(request, chromium, tmp_path_factory):
    """A notebook that has run, in a front end of the version that is meant."""
    assert version("jupyterlab").startswith("4.4.")
    assert version("notebook").startswith("7.4.")
    folder = tmp_path_factory.mktemp("notebooks")
    shutil.copy(scenes.__file__, folder)
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    written = nbformat.v4.new_notebook(cells=cells)
    written.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(written, folder / "wave.ipynb")
    with driver.lab(folder, tmp_path_factory.mktemp("server"), request.param) as server:
        opened = driver.Notebook(chromium, server, "wave.ipynb")
        opened.run_all()
        yield opened
        opened.page.close()
        assert server.errors() == []


def test_keys_move_a_slider_and_its_picture(notebook):
    explorer = notebook.explorer(0)
    explorer.settle()
    before = explorer.svg()
    explorer.press("level", "ArrowRight")
    assert "is at 0.1," in explorer.readout()
    assert explorer.svg() != before


def test_a_pointer_drags_it(notebook):
    explorer = notebook.explorer(0)
    handle, bar = (explorer.box.locator(f".noUi-{part}") for part in ("handle", "base"))
    bar.scroll_into_view_if_needed()
    box, room = handle.bounding_box(), bar.bounding_box()
    mouse = notebook.page.mouse
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(room["x"] + room["width"], box["y"] + box["height"] / 2, steps=5)
    mouse.up()
    explorer.settle()
    assert "is at 1," in explorer.readout()


def test_the_stored_picture_gives_way_and_nothing_is_complained_of(notebook):
    assert not notebook.page.locator(".jp-OutputArea-output img").is_visible()
    assert not notebook.page.locator(".lessons-stored").is_visible()
    assert notebook.complaints == []
