"""Slides, pages and prints, as far as no browser is needed to judge them."""

import base64
import contextlib
import hashlib
import io
import os
import re
import time
from pathlib import Path
from threading import Lock
from unittest import mock

import nbformat
import pytest
from fontTools.ttLib import TTFont
from nbformat import v4
from playwright.sync_api import Error, TimeoutError

from lessons.explorable import theme
from lessons.files import write_whole
from lessons.publish import browser, build, colours, embedding, execution, handout, structure
from lessons.publish.__main__ import _teller, main
from lessons.publish.browser import NoBrowserError
from lessons.publish.exporters import LectureExporter
from lessons.publish.markdown import FormulaError, mathml, to_html
from lessons.publish.normalise import NotebookError, find

ROOT = Path(__file__).parents[2]
NOTEBOOKS = find([ROOT / "notebooks"])


def cell(source, kind="-", tags=(), code=False, id=None):
    made = (v4.new_code_cell if code else v4.new_markdown_cell)(source)
    made.metadata = {"slideshow": {"slide_type": kind}, "tags": list(tags)}
    made.id = id or made.id
    return made


def notebook(*cells):
    return v4.new_notebook(cells=list(cells))


# ---- structure ----------------------------------------------------------------------------------


def test_slides_steps_and_notes_are_as_the_cells_say():
    columns = structure.columns(
        notebook(
            cell("# T", "slide", id="one"),
            cell("note", "notes"),
            cell("more"),
            cell("step", "fragment"),
            cell("same step"),
            cell("next", "subslide", id="two"),
            cell("hidden", "skip"),
            cell("late"),
            cell("## U", "slide", id="three"),
        )
    )
    assert [[slide.name for slide in column] for column in columns] == [["one", "two"], ["three"]]
    first, second = columns[0]
    assert [[c.source for c in step] for step in first.steps] == [
        ["# T", "more"],
        ["step", "same step"],
    ]
    assert [c.source for c in first.notes] == ["note"]
    assert [[c.source for c in step] for step in second.steps] == [["next", "late"]]


def test_a_notebook_opens_with_what_stands_below_its_title():
    assert structure.opening(notebook(cell("# T\n\n45 minutes"), cell("more"))) == "45 minutes"
    assert structure.opening(notebook()) == ""


def slide_of(*cells):
    ((slide,),) = structure.columns(notebook(*cells))
    return slide


def program(rows, *outputs, letters=82):
    made = cell("\n".join(["a" * letters] * rows), code=True)
    made.outputs = [v4.new_output("stream", text=text) for text in outputs]
    return made


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([program(21)], True),
        ([program(22)], False),
        ([program(1, letters=83)], False),
        ([program(1), program(1, "b" * 83)], False),
        ([program(10, "b\n" * 10)], True),
        ([program(10, "b\n" * 11)], False),
        ([program(19), cell("One line.")], True),
        ([program(19), cell("One line.\n\nAnother one.")], False),
        ([program(19), cell("One line, " * 9)], False),
        ([program(18), cell("step", "fragment"), program(3)], False),
        ([program(17), cell("$$x$$\n\nwords")], True),
        ([program(18), cell("$$x$$\n\nwords")], False),
        ([cell("Words alone are large anyway.")], False),
    ],
)
def test_code_is_large_where_its_lines_and_their_length_leave_the_room(cells, expected):
    assert structure.has_room(slide_of(*cells)) is expected


@pytest.mark.parametrize("kind", ["image/png", "text/html"])
def test_code_beside_a_picture_is_not_large(kind):
    drawing = program(1)
    drawing.outputs = [v4.new_output("display_data", {kind: "eA==", "text/plain": "a picture"})]
    assert not structure.has_room(slide_of(program(1), drawing))


def test_a_deck_says_which_of_its_slides_have_large_code():
    cells = [program(1), program(30)]
    for each, name in zip(cells, ("roomy", "full"), strict=True):
        each.id, each.metadata = name, {"slideshow": {"slide_type": "slide"}}
    deck = LectureExporter("deck").html(notebook(*cells))
    assert '<section data-cell="roomy" data-has-room>' in deck
    assert '<section data-cell="full">' in deck


def test_a_notebook_without_slide_types_is_one_slide():
    plain = notebook(v4.new_markdown_cell("words"), v4.new_markdown_cell("# Title `x`"))
    assert len(structure.columns(plain)) == 1
    assert structure.title_of(plain) == "Title `x`"
    assert structure.title_of(notebook(v4.new_markdown_cell("words"))) == "Untitled"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_cell_of_a_lecture_is_lost_or_shown_twice(path):
    read = nbformat.read(path, as_version=4)
    slides = [slide for column in structure.columns(read) for slide in column]
    shown = [c.id for slide in slides for step in slide.steps for c in step]
    noted = [c.id for slide in slides for c in slide.notes]
    skipped = [c.id for c in read.cells if structure.kind_of(c) == "skip"]
    assert sorted(shown + noted + skipped) == sorted(c.id for c in read.cells)


# ---- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_formula_of_the_lectures_becomes_mathml(path):
    for found in nbformat.read(path, as_version=4).cells:
        if found.cell_type == "markdown":
            html = to_html(found.source)
            shown = re.sub(r"<math .*?</math>|<(code|pre).*?</\1>", "", html, flags=re.DOTALL)
            assert "$" not in shown
            assert "\\" not in shown


def test_a_formula_says_in_words_what_it_is_and_sets_names_upright():
    found = mathml(r"\operatorname{clip6}(x) \le \max(\lVert x \rVert, \tfrac12)", "inline")
    assert 'alttext="\\operatorname{clip6}(x) \\le' in found
    assert "<mi>max</mi>" in found
    assert "clip6" in re.sub("<[^>]*>", "", found)
    assert "lVert" not in found.partition(">")[2]


@pytest.mark.parametrize("formula", [r"\cheese{1}", r"\frac", r"\begin{cases} 1", r"\left( 1"])
def test_a_formula_that_is_not_understood_is_named(formula):
    with pytest.raises(FormulaError) as raised:
        mathml(formula, "inline")
    assert repr(formula) in str(raised.value)


def test_the_cell_of_a_formula_that_is_not_understood_is_named():
    with pytest.raises(NotebookError, match=r"cell 'broken'.*cheese"):
        LectureExporter("page", links=[], before=None, after=None).html(
            notebook(cell(r"$\cheese{1}$", id="broken"))
        )


def test_text_of_a_notebook_cannot_become_a_part_of_the_page():
    html = to_html(
        "a <b>b</b> <script>alert(1)</script> [c](javascript:alert(2)) <img src=x onerror=alert(3)>"
        "\n\n<script>alert(4)</script>\n\n[d](data:text/html,5)\n\n`<i>`"
    )
    assert not re.search("<(b|i|script|img)[ >]", html)
    assert "javascript:" not in html.replace("&lt;", "<").split("</p>")[0].split("<a ")[1][:40]
    assert 'href="data:' not in html


def test_headings_tables_and_links_to_other_lectures():
    contents = []
    html = to_html(
        "## 1 · A `b`\n\n| x |\n|---|\n| $y$ |\n\n[n](02_c.ipynb) [w](https://e.org/x.ipynb)",
        contents,
    )
    assert contents == [(2, "1-a-b", "1 · A b")]
    assert '<h2 id="1-a-b">' in html
    assert '<a href="02_c.html">' in html
    assert '<a href="https://e.org/x.ipynb">' in html
    assert html.count("<math ") == 1


def test_code_in_text_looks_like_the_code_of_a_cell():
    html = to_html("a\n\n```python\nx = 1  # <b>\n```\n\n```\nplain $x$ <i>\n```")
    boxes = re.findall(r'<div class="code" tabindex="0".*?</div>', html, flags=re.DOTALL)
    assert len(boxes) == 2
    assert '<span class="mi">1</span>' in boxes[0]
    assert "&lt;b&gt;" in boxes[0]
    assert "plain $x$ &lt;i&gt;" in boxes[1]


def test_a_heading_with_a_formula_is_linked_by_what_it_shows():
    contents = []
    html = to_html(r"## Norm $\lVert x \rVert < 1$ & `a<b`", contents)
    assert contents == [(2, "norm-x-1-a-b", "Norm ‖x‖<1 & a<b")]
    assert '<h2 id="norm-x-1-a-b">' in html
    page = LectureExporter("page", links=[], before=None, after=None).html(
        notebook(cell(r"## Norm $\lVert x \rVert < 1$ & `a<b`"))
    )
    assert '<a href="#norm-x-1-a-b">Norm ‖x‖&lt;1 &amp; a&lt;b</a>' in page


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("02_c.ipynb#2-·-Two-bounds", "02_c.html#2-two-bounds"),
        ("02_c.ipynb#2-%C2%B7-Two-bounds", "02_c.html#2-two-bounds"),
        ("#Two-bounds", "#two-bounds"),
        ("https://e.org/x.ipynb#Two-bounds", "https://e.org/x.ipynb#Two-bounds"),
    ],
)
def test_a_link_to_a_heading_finds_it(url, expected):
    assert f'<a href="{expected}">' in to_html(f"[n]({url})")


# ---- files that stand alone ---------------------------------------------------------------------


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("style", [colours.OnPaper, colours.AtNight])
def test_code_is_readable_in_every_colour(style):
    ground = luminance(style.background_color)
    used = {found["color"] for _, found in style if found["color"]}
    assert len(used) >= 5
    for colour in used:
        light, dark = sorted([luminance(f"#{colour}"), ground], reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, colour
    assert theme.RAW[1:] in {found["color"] for _, found in colours.OnPaper}


def test_the_policy_allows_our_own_scripts_by_their_hash_and_nothing_else():
    ours = embedding.scene_script()
    page = embedding.with_policy(
        f"<html><head></head><script type='module'>{ours}</script><script>theirs</script></html>"
    )
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', page).group(1)
    assert "default-src 'none'" in policy
    assert base64.b64encode(hashlib.sha256(ours.encode()).digest()).decode() in policy
    assert policy.count("sha256-") == 1
    assert "unsafe" not in policy.replace("style-src 'unsafe-inline'", "")
    assert "http" not in policy


def test_a_page_without_scripts_may_run_none():
    assert "script-src 'none'" in embedding.with_policy("<html><head></head></html>")


def test_fonts_hold_what_is_shown_and_no_more():
    page = "<p>abc∇‖η</p>"
    faces = re.findall(r'"(.*?)"; src: url\(data:font/woff;base64,(.*?)\)', embedding.fonts(page))
    assert [family for family, _ in faces] == ["DejaVu Sans"] * 3 + ["DejaVu Sans Mono"]
    for _, packed in faces:
        assert letters_of(packed) == set(map(ord, page))


def letters_of(packed):
    with TTFont(io.BytesIO(base64.b64decode(packed))) as font:
        return set(font.getBestCmap())


def test_the_font_of_formulas_holds_what_a_browser_draws_by_itself():
    rules = embedding.fonts("<math display='inline'><msqrt><mi>x</mi></msqrt></math>")
    packed = re.search(r'"STIX Two Math"; src: url\(data:font/woff;base64,(.*?)\)', rules).group(1)
    with TTFont(io.BytesIO(base64.b64decode(packed))) as font:
        letters = font.getBestCmap()
        assert {ord("√"), ord("x"), 0x1D465} <= letters.keys()
        assert "MATH" in font
        assert len(font.getGlyphOrder()) < 1500


# ---- building -----------------------------------------------------------------------------------

TINY = notebook(
    cell("# Tiny\n\nLecture 9 · 1 minutes", "slide", id="title"),
    cell("> Say it.", "notes", id="notes"),
    cell("print(6 * 7)", "subslide", code=True, id="answer"),
    cell("**1 · Do it.**", "skip", id="exercise-1-text"),
    cell("print(None)", "skip", ["exercise"], code=True, id="exercise-1"),
    cell("# A model answer\nprint(1)", "skip", ["solution"], code=True, id="solution-1"),
)


@pytest.fixture
def tiny(tmp_path):
    path = tmp_path / "90_tiny.ipynb"
    nbformat.write(TINY, path)
    return path


def outputs_of(page):
    """Return what the programs of a page print."""
    return re.findall('<pre class="output"[^>]*>(.*?)</pre>', page, re.DOTALL)


def quiet(words, *, passing=False):
    """Stands for what prints how far a build is."""


def write(path, *cells):
    nbformat.write(notebook(*cells), path)
    return path


@pytest.fixture
def no_browser(monkeypatch):
    def opened():
        raise NoBrowserError("no browser was found; install one")

    monkeypatch.setattr(build.browser, "opened", opened)


class Playwright:
    """Stands for Playwright, with browsers of which only some start."""

    def __init__(self, starting):
        self.chromium = self
        self.executable_path = ""
        self.starting = starting

    def launch(self, executable_path, args):
        if executable_path not in self.starting:
            raise Error("BrowserType.launch: Target page, context or browser has been closed")
        return executable_path


def test_the_first_browser_that_starts_is_taken(monkeypatch):
    monkeypatch.setattr(browser, "_installed", lambda playwright: ["stub", "one", "other"])
    assert browser.start(Playwright({"one", "other"})) == "one"
    with pytest.raises(NoBrowserError, match=r"not stub nor one nor other; install Chromium"):
        browser.start(Playwright(set()))
    monkeypatch.setattr(browser, "_installed", lambda playwright: [])
    with pytest.raises(NoBrowserError, match=r"no browser was found; install Chromium"):
        browser.start(Playwright(set()))


@pytest.mark.parametrize("failure", [Error, TimeoutError])
@pytest.mark.parametrize("at", ["new_page", "wait_for_selector", "pdf"])
def test_a_browser_that_fails_with_a_page_is_told_with_its_lecture(at, failure, tmp_path):
    running = mock.MagicMock()
    page = running.new_context().new_page()
    place = running.new_context() if at == "new_page" else page
    getattr(place, at).side_effect = failure(f"Page.{at}: Timeout 30000ms exceeded.\nCall log:")
    path = tmp_path / "90_tiny.html"
    with pytest.raises(NotebookError, match=rf"^90_tiny, .*Page\.{at}.*; open .*90_tiny") as raised:
        handout.as_pdf(running, path)
    assert "Call log" not in str(raised.value)
    running.new_context().close.assert_called_once()


def test_without_a_browser_a_deck_is_written_and_it_is_said_that_nobody_looked(
    tiny, tmp_path, no_browser, capsys
):
    assert main(["slides", str(tiny), "--out", str(tmp_path / "out")]) == 0
    deck = (tmp_path / "out" / "slides" / "90_tiny.html").read_text(encoding="utf-8")
    assert "nobody checked that its slides fit" in capsys.readouterr().out
    assert outputs_of(deck) == ["42"]
    assert '<aside class="notes">' in deck
    assert "Do it" not in deck
    own = re.sub(r"<script.*?</script>", "", deck, flags=re.DOTALL)
    assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?(?!data:|#|\")\w", own)


def test_without_a_browser_there_is_no_print_and_an_error_says_what_to_do(
    tiny, tmp_path, no_browser, capsys
):
    assert main(["pdf", str(tiny), "--out", str(tmp_path / "out")]) == 1
    assert "no browser was found; install" in capsys.readouterr().err


def test_without_a_browser_pages_are_written_without_a_link_to_a_print(
    tiny, tmp_path, no_browser, capsys
):
    assert main(["pages", str(tiny), "--out", str(tmp_path / "out")]) == 0
    site = tmp_path / "out" / "site"
    index = (site / "index.html").read_text(encoding="utf-8")
    page = (site / "90_tiny.html").read_text(encoding="utf-8")
    assert "no link to a PDF" in capsys.readouterr().out
    for text in (index, page):
        assert "slides/90_tiny.html" in text
        assert "notebooks/90_tiny.ipynb" in text
        assert 'href="pdf/' not in text
    assert (site / "slides" / "90_tiny.html").is_file()
    assert (site / "notebooks" / "90_tiny.ipynb").read_bytes() == tiny.read_bytes()
    assert "Lecture 9 · 1 minutes" in index
    # Folded: what only the lecturer is to see first, and the answer; the check was not answered.
    assert re.search(r"<details[^>]*><summary>For the lecturer</summary>.*Say it", page, re.DOTALL)
    assert re.search(r"<details[^>]*><summary>A model answer</summary>", page)
    assert "None</pre>" not in page


def test_a_page_built_alone_keeps_its_place_between_those_of_the_site(
    tmp_path, monkeypatch, no_browser
):
    monkeypatch.setattr(build.Lecture, "notebook", lambda self: nbformat.read(self.path, 4))
    for i in range(4):
        write(tmp_path / f"0{i}.ipynb", cell(f"# Title {i}\n\nAbout {i}", "slide"))
    lectures = [build.Lecture(path, tmp_path / "out", quiet) for path in find([tmp_path])]

    def built(lecture):
        return [path.read_text("utf-8") for path in build.pages([lecture])]

    index, page = built(lectures[1])
    assert "Title 1" in index
    assert not re.search("Title [023]", index), "no link to what is not there"
    assert '<a href="0' not in page.partition("before and after")[2]
    built(lectures[3])
    index, page = built(lectures[2])
    assert re.findall(r'<h2><a href="(.*?)">(.*?)<', index) == [
        ("01.html", "Title 1"),
        ("02.html", "Title 2"),
        ("03.html", "Title 3"),
    ]
    assert "About 3" in index
    assert '<a href="01.html">← Title 1</a>' in page
    assert '<a href="03.html">Title 3 →</a>' in page


def test_without_a_browser_an_outdated_print_is_neither_linked_nor_on_the_site(
    tiny, tmp_path, no_browser
):
    out = tmp_path / "out"

    def built():
        (index, page) = build.pages([build.Lecture(tiny, out, quiet)])
        linked = ["pdf/90_tiny.pdf" in each.read_text("utf-8") for each in (index, page)]
        return [*linked, (out / "site" / "pdf" / "90_tiny.pdf").is_file()]

    printed = build.Lecture(tiny, out, quiet)
    write_whole(out / "pdf" / "90_tiny.pdf", b"%PDF")
    printed.mark_made(out / "pdf" / "90_tiny.pdf")
    assert built() == [True] * 3
    changed = nbformat.read(tiny, as_version=4)
    changed.cells[0].source += "!"
    nbformat.write(changed, tiny)
    assert built() == [False] * 3


def test_only_what_changed_is_made_again(tiny, tmp_path, monkeypatch):
    ran = []
    executed = execution.executed
    monkeypatch.setattr(execution, "executed", lambda *a, **k: ran.append(1) or executed(*a, **k))
    lecture = build.Lecture(tiny, tmp_path / "out", quiet)
    for _ in range(2):
        lecture.notebook()
    assert len(ran) == 1
    changed = nbformat.read(tiny, as_version=4)
    changed.cells[0].source += "!"
    nbformat.write(changed, tiny)
    lecture.notebook()
    assert len(ran) == 2
    assert len(list((tmp_path / "out" / "cache" / "notebooks").iterdir())) == 1


def test_scenes_that_a_notebook_no_longer_has_are_forgotten(tiny, tmp_path, monkeypatch):
    scenes = tmp_path / "cache" / "scenes"
    used, unused, others = (
        scenes / name for name in ("90_tiny/used", "90_tiny/unused", "91_other/used")
    )
    for path in (used, unused, others):
        write_whole(path, "frames")
        os.utime(path, (1e9, 1e9))

    def run(notebook, *_, kernel_arguments, **__):
        assert f"--Embedding.cache={used.parent}" in kernel_arguments
        used.touch()
        return notebook

    monkeypatch.setattr(execution, "executed", run)
    build.Lecture(tiny, tmp_path, quiet).notebook()
    assert sorted(path for path in scenes.rglob("*") if path.is_file()) == [used, others]


def test_what_is_made_is_known_by_what_it_was_made_from(tiny, tmp_path, monkeypatch):
    lecture = build.Lecture(tiny, tmp_path, quiet)
    target = tmp_path / "slides" / "90_tiny.html"
    assert not lecture.is_made(target)
    write_whole(target, "deck")
    assert not lecture.is_made(target)
    lecture.mark_made(target)
    assert lecture.is_made(target)
    write_whole(target, "deck, edited by hand")
    assert not lecture.is_made(target)
    write_whole(target, "deck")
    assert lecture.is_made(target)
    monkeypatch.setattr(embedding, "everything", lambda: b"another look")
    assert lecture.is_made(target), "taken once: what changes meanwhile is for the next build"
    assert not build.Lecture(tiny, tmp_path, quiet).is_made(target)


def test_what_is_edited_while_a_first_deck_is_made_is_for_the_next_build(
    tiny, tmp_path, monkeypatch
):
    def edits(self):
        found = nbformat.read(self.path, as_version=4)
        changed = nbformat.from_dict(found)
        changed.cells[0].source += "!"
        nbformat.write(changed, self.path)
        return found

    monkeypatch.setattr(build.Lecture, "notebook", edits)
    monkeypatch.setattr(build.browser, "opened", contextlib.nullcontext)
    monkeypatch.setattr(build.fit, "misfits", lambda running, deck: [])
    (deck,) = build.slides([build.Lecture(tiny, tmp_path / "out", quiet)])
    assert not build.Lecture(tiny, tmp_path / "out", quiet).is_made(deck)


def test_what_jupyterlab_leaves_beside_a_saved_file_makes_nothing_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(embedding, "_OWN", tmp_path)
    (tmp_path / "deck.js").write_text("1")
    before = embedding.everything()
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / "deck-checkpoint.js").write_text("1")
    assert embedding.everything() == before
    (tmp_path / "deck.js").write_text("2")
    assert embedding.everything() != before


def test_an_interrupted_write_leaves_the_last_good_file(tmp_path, monkeypatch):
    path = tmp_path / "deck.html"
    write_whole(path, "good")

    def interrupted(self, content):
        path.with_name(self.name).open("wb").write(content[:2])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, "better")
    assert path.read_text() == "good"
    assert list(tmp_path.iterdir()) == [path]


def test_slides_that_do_not_fit_are_named_and_the_last_good_deck_stays(
    tiny, tmp_path, monkeypatch, capsys
):
    out = tmp_path / "out"
    write_whole(out / "slides" / "90_tiny.html", "the last good deck")
    monkeypatch.setattr(build.browser, "opened", contextlib.nullcontext)
    monkeypatch.setattr(build.fit, "misfits", lambda running, deck: ["slide 2.1: too high"])
    assert main(["slides", str(tiny), "--out", str(out)]) == 1
    error = capsys.readouterr().err
    assert "90_tiny, slide 2.1: too high" in error
    draft = Path(re.search(r"to look at: (.*)\)", error).group(1))
    assert outputs_of(draft.read_text(encoding="utf-8")) == ["42"]
    assert (out / "slides" / "90_tiny.html").read_text() == "the last good deck"


def test_a_cell_that_raises_is_named_with_its_number_and_traceback(tmp_path, capsys):
    path = write(
        tmp_path / "bad.ipynb",
        cell("# Bad", "slide"),
        cell("a = 1", code=True, id="fine"),
        cell("1 / (a - 1)", code=True, id="divides"),
    )
    assert main(["slides", str(path), "--out", str(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    assert "bad.ipynb, cell 3 ('divides') raised:" in error
    assert "ZeroDivisionError" in error
    assert "1 / (a - 1)" in error
    assert "\x1b" not in error
    assert not (tmp_path / "out" / "slides").exists()


def test_scenes_that_are_too_large_stop_the_build_and_are_named(tmp_path, capsys):
    path = write(
        tmp_path / "large.ipynb",
        cell("# Large", "slide"),
        cell(
            "from lessons.explorable.live import explore\n"
            "from matplotlib.figure import Figure\n"
            "def picture(x=0, y=0):\n"
            "    return Figure()",
            code=True,
        ),
        cell("explore(picture, x=(0, 99), y=(0, 99))", code=True, id="scene"),
        cell("explore(picture, x=(0, 99), y=(0, 99))", code=True, id="other"),
    )
    assert main(["slides", str(path), "--out", str(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    why = "is too large for a slide: 10,000 positions, of at most 5,000"
    assert f"large.ipynb, cell 3 ('scene'): picture {why}" in error
    assert f"large.ipynb, cell 4 ('other'): picture {why}" in error
    assert error.count("export={") == 2
    assert "Traceback" not in error


def test_passing_words_are_left_out_and_no_others(capsys, monkeypatch):
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    one, other = map(_teller, [Lock()] * 2)
    one("a: 7 positions, done", passing=True)
    other("b: 1 of 7 positions", passing=True)
    now = 1.9
    one("left out", passing=True)
    one("starting")
    now = 3.8
    one("left out", passing=True)
    other("b: 5 of 7 positions", passing=True)
    one("7 positions, said")
    assert capsys.readouterr().out.splitlines() == [
        "a: 7 positions, done",
        "b: 1 of 7 positions",
        "starting",
        "b: 5 of 7 positions",
        "7 positions, said",
    ]


def test_a_notebook_that_is_not_there_is_told_with_those_that_are(capsys, tmp_path):
    assert main(["slides", "99", "--out", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "there is no notebook '99'" in error
    assert "01_clip_by_value_and_relu" in error


def test_a_damaged_notebook_is_named(tmp_path, capsys):
    path = tmp_path / "bad.ipynb"
    path.write_text("<<<<<<< HEAD\n{}")
    assert main(["slides", str(path), "--out", str(tmp_path / "out")]) == 1
    assert "bad.ipynb is damaged: " in capsys.readouterr().err


def test_a_formula_that_is_not_understood_is_told_with_its_notebook(tmp_path, capsys):
    path = write(tmp_path / "bad.ipynb", cell(r"$\cheese{1}$", "slide", id="broken"))
    assert main(["slides", str(path), "--out", str(tmp_path / "out")]) == 1
    assert "bad.ipynb, cell 'broken': the formula" in capsys.readouterr().err


def test_a_file_that_is_missing_in_a_build_is_no_misunderstanding(
    tiny, tmp_path, monkeypatch, capsys
):
    def failing(self):
        raise FileNotFoundError("mnist-5k.npz is missing")

    monkeypatch.setattr(build.Lecture, "notebook", failing)
    assert main(["slides", str(tiny), "--out", str(tmp_path / "out")]) == 1
    assert "mnist-5k.npz is missing" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_named(tiny, tmp_path, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    assert main(["slides", str(tiny), "--out", str(blocked)]) == 1
    assert str(blocked) in capsys.readouterr().err


def test_the_command_says_what_it_can_do(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    help = capsys.readouterr().out
    for word in ("slides", "pages", "pdf", "notebook", "--out", "Exit codes"):
        assert word in help
    with pytest.raises(SystemExit) as ended:
        main(["film"])
    assert ended.value.code == 2
    assert "invalid choice: 'film'" in capsys.readouterr().err
