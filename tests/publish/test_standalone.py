"""Files that stand alone: their fonts, their policy, and what they are made with."""

import base64
import gzip
import hashlib
import io
import re

import pytest
from fontTools import subset
from fontTools.ttLib import TTFont

from lessons.explorable import theme
from lessons.publish import highlight, resources
from lessons.publish.fonts import characters_of, fonts
from lessons.publish.html import document
from lessons.publish.policy import with_policy
from tests.explorable.test_theme import contrast
from tests.publish.notebooks import PAGE, cell

# What every page may need: ASCII, the signs on its buttons and links, and those of verdicts.
ALWAYS = {*range(0x20, 0x7F), *map(ord, "←→▶↺·−’⌫◉✎✕○△✗✓")}


@pytest.mark.parametrize("style", [highlight.OnPaper, highlight.AtNight])
def test_code_is_readable_in_every_colour(style):
    used = {found["color"] for _, found in style if found["color"]}
    assert len(used) >= 5
    for colour in used:
        assert contrast(f"#{colour}", style.background_color) >= 4.5, colour
    assert theme.RAW[1:] in {found["color"] for _, found in highlight.OnPaper}


def test_the_policy_allows_our_own_scripts_by_their_hash_and_nothing_else():
    ours = "let x = '</head>';"
    page = with_policy("<html><head></head><script>theirs</script></html>", [ours])
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', page).group(1)
    for each in ("default-src", "base-uri", "form-action"):
        assert f"{each} 'none'" in policy
    assert base64.b64encode(hashlib.sha256(ours.encode()).digest()).decode() in policy
    assert policy.count("sha256-") == 1
    assert "unsafe" not in policy.replace("style-src 'unsafe-inline'", "")
    assert "http" not in policy
    assert "script-src 'none'" in with_policy("<head></head>", [])


@pytest.mark.parametrize("template", ["deck", "page", "handout", "answers", "index"])
def test_every_script_of_a_file_may_run_and_none_is_named_that_is_not_there(template, tmp_path):
    given = PAGE | {"lectures": [], "opening": None}
    page = document(template, [cell("# T")], tmp_path, **given)
    assert page.startswith("<!DOCTYPE html>"), "else a browser lays it out like a page of 1998"
    assert '<link rel="icon" href="data:,">' in page, "else a browser asks its server for one"
    scripts = re.findall(r"<script(?: type=\"module\")?>(.*?)</script>", page, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in scripts]
    assert re.findall("'sha256-(.*?)'", page.partition("<style>")[0]) == hashes != []


def test_fonts_hold_what_is_shown_and_no_more():
    shown, hint, drawn = "<p>abc∇‖η</p>", "w₀", "∂"
    packed = base64.b64encode(gzip.compress(drawn.encode())).decode()
    page = f'{shown}<form data-table="{base64.b64encode(hint.encode()).decode()}">'
    page += f'<script type="text/plain">{packed}</script>'
    faces = re.findall(r'"(.*?)"; src: url\(data:font/woff;base64,(.*?)\)', fonts(page))
    assert [family for family, _ in faces] == ["DejaVu Sans"] * 3 + ["DejaVu Sans Mono"]
    looks = re.findall("font-weight: (.*?); font-style: (.*?) }", fonts(page))
    plain = ("normal", "normal")
    assert looks == [plain, ("bold", "normal"), ("normal", "oblique"), plain]
    for _, packed in faces:
        assert letters_of(packed) == set(map(ord, shown + hint + drawn)) | ALWAYS
    names = [opened(packed)["name"].getDebugName(4) for _, packed in faces]
    assert names == ["DejaVu Sans" + more for more in ("", " Bold", " Oblique", " Mono")]


@pytest.mark.parametrize("template", ["deck", "page", "handout", "answers"])
def test_templates_and_scripts_show_no_character_that_is_not_in_every_file(template, tmp_path):
    # Else each file of a lecture would need a cut of its own.
    page = document(template, [cell("# T")], tmp_path, **PAGE)
    assert {ord(each) for each in characters_of(page) if each.isprintable()} <= ALWAYS


def test_fonts_are_cut_anew_only_for_other_characters(tmp_path, monkeypatch):
    kept = tmp_path / "fonts.css"
    made = fonts("<p>∇</p>", kept)
    monkeypatch.setattr(subset, "Subsetter", None)
    assert fonts("<p>∇, in other words</p>", kept) == made
    for other in ("<p>∇∂∇</p>", "<math display='inline'>∇</math>"):
        with pytest.raises(TypeError):
            fonts(other, kept)


def test_fonts_kept_by_another_version_of_the_lectures_are_not_used(tmp_path, monkeypatch):
    kept = tmp_path / "fonts.css"
    made = fonts("<p>∇</p>", kept)
    key, _, _ = kept.read_text("utf-8").partition("\n")
    kept.write_text(f"{key}\nold", "utf-8")
    assert fonts("<p>∇</p>", kept) == "old"
    monkeypatch.setattr("lessons.publish.fonts.package_key", lambda: b"newer")
    assert fonts("<p>∇</p>", kept) == made


def opened(packed):
    return TTFont(io.BytesIO(base64.b64decode(packed)))


def letters_of(packed):
    return set(opened(packed).getBestCmap())


def test_the_font_of_formulas_holds_what_a_browser_draws_by_itself():
    rules = fonts("<math display='inline'><msqrt><mi>x</mi></msqrt><mi>&#x02016;</mi></math>")
    packed = re.search(r'"STIX Two Math"; src: url\(data:font/woff;base64,(.*?)\)', rules).group(1)
    with TTFont(io.BytesIO(base64.b64decode(packed))) as font:
        letters = font.getBestCmap()
        assert {ord("√"), ord("‖"), ord("x"), ord("𝑥"), ord("ℎ"), ord("𝜂")} <= letters.keys()
        assert "MATH" in font
        assert len(font.getGlyphOrder()) < 1500


def test_what_jupyterlab_leaves_beside_a_saved_file_makes_nothing_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(resources, "_HERE", tmp_path)
    monkeypatch.setattr(resources, "ASSETS", tmp_path)
    (tmp_path / "deck.html.j2").write_text("1")
    before = resources.cache_key()
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / "deck-checkpoint.html.j2").write_text("1")
    assert resources.cache_key() == before
    for name in ("deck.html.j2", "slides.css"):
        (tmp_path / name).write_text("2")
        assert resources.cache_key() != before, name
        before = resources.cache_key()
    monkeypatch.setattr(resources, "package_key", lambda: b"of other code")
    assert resources.cache_key() != before
