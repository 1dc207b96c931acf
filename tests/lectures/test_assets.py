"""Stored arrays: small, the right ones, and read-only."""

import hashlib
import re
import shutil

import pytest

from lessons import assets
from lessons.digits import best, mnist, recurrent, rules
from lessons.digits import map as training_map

ASSETS = {
    "mnist-5k": mnist.DIGITS_SHA256,
    "training-map": training_map.MAP_SHA256,
    "best-runs": best.BEST_SHA256,
    "recurrent-runs": recurrent.RUNS_SHA256,
    "rules": rules.RULES_SHA256,
}
# Not the folder that a test puts in its place.
FOLDER = assets.ASSETS
each_asset = pytest.mark.parametrize(("name", "sha256"), ASSETS.items())


@each_asset
def test_an_asset_is_small_and_the_one_of_the_readme(name, sha256):
    section = (assets.ASSETS / "README.md").read_text(encoding="utf-8")
    section = section.split(f"## {name}.npz")[1].split("\n## ")[0]
    assert re.search(r"SHA-256:\*\* `([0-9a-f]{64})`", section).group(1) == sha256
    content = (assets.ASSETS / f"{name}.npz").read_bytes()
    assert hashlib.sha256(content).hexdigest() == sha256
    assert len(content) < 1.2e6


@each_asset
def test_arrays_are_read_only(name, sha256):
    for array in assets.read_asset(name, sha256).values():
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@each_asset
@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b"!"), lambda path: path.unlink()])
def test_a_damaged_or_missing_asset_is_named_with_the_mend(
    name, sha256, spoil, tmp_path, monkeypatch
):
    path = tmp_path / f"{name}.npz"
    shutil.copy(assets.ASSETS / path.name, path)
    monkeypatch.setattr(assets, "ASSETS", tmp_path)
    assert assets.read_asset(name, sha256)
    spoil(path)
    with pytest.raises((ValueError, FileNotFoundError)) as raised:
        assets.read_asset(name, sha256)
    assert str(path) in str(raised.value)
    assert f"git checkout -- assets/{path.name}" in str(raised.value)
    script = re.search(r"python assets/(make_\w+\.py)", str(raised.value)).group(1)
    assert (FOLDER / script).is_file()
