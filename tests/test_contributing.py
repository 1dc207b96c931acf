"""CONTRIBUTING.md: its drawing, its example and the files that it names."""

import ast
import json
import re
from pathlib import Path

import numpy as np

from lessons.explorable import theme
from lessons.explorable.live import explore
from lessons.explorable.scene import Scene
from tests.lectures import sweep

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FOLDERS = {"digits", "exercises", "explorable", "predictions", "publish"}
GROUND = {"arguments", "assets", "files", "geometry"}


def test_the_example_is_a_scene_without_problems():
    names = {"np": np, "theme": theme, "Scene": Scene, "explore": explore}
    exec(re.search(r"```python\n(.*?)```", TEXT, re.DOTALL).group(1), names)
    call = re.search(r"`(explore\(Parabola.*?\))`", TEXT).group(1)
    explorer = eval(call, names)
    assert explorer.frame(x=-2).readout == "At x = -2 the loss is 4 and the slope -4."
    for at in sweep.along(explorer, "x"):
        assert not sweep.problems(explorer, at)


def test_what_it_names_exists():
    for path in re.findall(r"`((?:lessons|tests|notebooks)/[\w/]+\.(?:py|ipynb|js))`", TEXT):
        if "NAME" not in path and "NN" not in path:
            assert (ROOT / path).is_file(), path


def room_of(module):
    """The room of what is imported as ``lessons.module...``, or of a file in ``lessons``."""
    name = module.split(".")[0]
    return name if name in FOLDERS else "ground" if name in GROUND else "lectures"


def imported(source):
    """Rooms that Python code imports from."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            package, _, module = (node.module or "").partition(".")
            if package == "lessons":
                yield from [room_of(module or alias.name) for alias in node.names]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                package, _, module = alias.name.partition(".")
                if package == "lessons" and module:
                    yield room_of(module)


def real_arrows():
    for path in (ROOT / "lessons").rglob("*.py"):
        own = room_of(
            path.relative_to(ROOT / "lessons").with_suffix("").as_posix().replace("/", ".")
        )
        yield from [(own, room) for room in imported(path.read_text(encoding="utf-8"))]
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                yield from [("notebooks", room) for room in imported("".join(cell["source"]))]


def test_the_drawing_has_the_arrows_of_the_imports_and_no_others():
    drawing = re.search(r"```mermaid\n(.*?)```", TEXT, re.DOTALL).group(1)
    drawn = re.findall(r"^ *(\w+) --> (\w+)$", drawing, re.MULTILINE)
    assert set(drawn) == {(start, end) for start, end in real_arrows() if start != end}
    assert len(drawn) == drawing.count("-->")
