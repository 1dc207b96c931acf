"""JavaScript: modules put together, and their tests, which need Node but no browser."""

import re
import subprocess
from pathlib import Path

import pytest

from lessons.explorable import script
from tests.strict import tool

HERE = Path(__file__).parent


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """Three modules, of which two import the third."""
    monkeypatch.setattr(script, "_FOLDER", tmp_path)
    (tmp_path / "a.js").write_text("export const a = 1;\nconst hidden = 0;\n")
    (tmp_path / "b.js").write_text('import { a } from "./a.js";\nexport function b() {}\n')
    (tmp_path / "c.js").write_text(
        'import { a } from "./a.js";\nimport { b } from "./b.js";\n'
        "export class C {}\nexport async function d() {}\nexport default { b };\n"
    )


def test_what_a_module_imports_stands_before_it_once(modules):
    assert script.script("c.js") == (
        "const a = 1;\nconst hidden = 0;\nfunction b() {}\n"
        "class C {}\nasync function d() {}\nexport default { b };\n"
    )


@pytest.mark.parametrize(("name", "exports"), [("live.js", ["default"]), ("embedded.js", [])])
def test_ours_import_nothing_any_more(name, exports):
    text = script.script(name)
    assert re.findall("^export (\\w+)", text, re.MULTILINE) == exports
    assert not re.search("^import", text, re.MULTILINE)


def test_a_page_carries_nothing_that_only_a_notebook_needs():
    assert "widget_manager" in script.script("live.js")
    assert "widget_manager" not in script.script("embedded.js")


def test_the_modules_pass_their_own_tests():
    tests = sorted(str(path) for path in (HERE / "js").glob("*.test.mjs"))
    assert tests
    done = subprocess.run(
        [tool("node"), "--test", *tests],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
