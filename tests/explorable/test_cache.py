"""What makes a cache key another one."""

import shutil

import pytest

from lessons.explorable import cache
from lessons.explorable.cache import package_key, scene_key
from lessons.explorable.picture import Picture
from lessons.from_scratch import clip_by_value
from lessons.transfer_curve import TransferCurve
from tests.explorable.scenes import Wave


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A small copy of what the keys are made of."""
    for name in ("lessons/a.py", "lessons/js/b.js", "lessons/js/c.css", "assets/d.npz"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "assets" / "e.mplstyle").write_text("style")
    (tmp_path / "requirements.lock").write_text("tensorflow-cpu==2.21")
    monkeypatch.setattr(cache, "_ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "lessons/a.py",
        "lessons/js/b.js",
        "lessons/js/c.css",
        "assets/d.npz",
        "assets/e.mplstyle",
        "requirements.lock",
    ],
)
def test_code_data_style_and_versions_make_another_key(root, name):
    before = package_key()
    assert package_key() == before
    (root / name).write_text("changed")
    assert package_key() != before


def test_a_file_that_moves_makes_another_key(root):
    before = package_key()
    shutil.move(root / "lessons" / "a.py", root / "lessons" / "z.py")
    assert package_key() != before


@pytest.mark.parametrize(
    "name", ["assets/words.md", "lessons/.ipynb_checkpoints/a.py", "README.md"]
)
def test_what_draws_nothing_changes_no_key(root, name):
    before = package_key()
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("new")
    assert package_key() == before


def test_a_scene_with_other_content_or_another_plan_has_another_key():
    keys = [
        scene_key(TransferCurve(range(10), clip_by_value), "plan"),
        scene_key(TransferCurve(range(9), clip_by_value), "plan"),
        scene_key(TransferCurve(range(10), clip_by_value), "another"),
    ]
    assert len(set(keys)) == 3
    scene = TransferCurve(range(10), clip_by_value)
    Picture(scene).frame()
    assert scene_key(scene, "plan") == keys[0], "drawing it leaves it as it was"


def test_a_scene_has_another_key_once_any_code_has_changed(monkeypatch):
    scene = TransferCurve(range(10), clip_by_value)
    before = scene_key(scene)
    monkeypatch.setattr(cache, "package_key", lambda: b"of other code")
    assert scene_key(scene) != before


def test_what_cannot_be_told_apart_for_sure_has_no_key():
    assert scene_key(Wave()) is None, "its code may use anything in its notebook"
    assert scene_key(lambda x=1: None) is None
    assert scene_key(TransferCurve(range(10), clip_by_value), lambda: None) is None
    assert scene_key(TransferCurve(range(10), clip_by_value), (x for x in "a")) is None
