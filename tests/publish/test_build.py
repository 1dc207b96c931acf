"""What is built, what is built again, and what is said of it: no browser is needed."""

import asyncio
import errno
import os
import re
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Lock

import nbformat
import pytest
from nbformat import v4

from lessons.exercises import __main__ as exercises
from lessons.files import write_whole
from lessons.publish import (
    __main__,
    browser,
    build,
    deck,
    handout,
    lecture,
    normalise,
    resources,
    student,
)
from lessons.publish.browser import NoBrowserError
from lessons.publish.cells import is_embedded
from lessons.publish.command import _KINDS, _teller, main
from lessons.publish.handout import prints_of
from lessons.publish.lecture import Lecture
from lessons.publish.notebook import find
from tests.explorable.embedded import quiet
from tests.publish.notebooks import NOTEBOOKS, cell, write

TINY = (
    cell("# Tiny\n\nLecture 9 · 1 minutes", "slide", id="title"),
    cell("> Say it.", "notes", id="notes"),
    cell("print(6 * 7)", "subslide", code=True, id="answer"),
    cell("**1 · Do it.**", "skip", id="exercise-1-text"),
    cell("# A model answer", "skip", ["solution"], code=True, id="solution-1"),
)


@pytest.fixture
def tiny(tmp_path):
    return write(tmp_path / "90_tiny.ipynb", *TINY)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def no_browser(monkeypatch):
    def start(playwright):
        raise NoBrowserError("no browser was found; install one")

    monkeypatch.setattr(browser, "start", start)


@pytest.fixture
def fitting(monkeypatch):
    """No browser looks at a slide; every slide fits."""
    monkeypatch.setattr(deck, "overflows", lambda browser, draft: [])


@pytest.fixture
def ran(monkeypatch):
    """No kernel starts; the names of the notebooks that would have run."""
    names = []

    async def run(notebook, name, folder, **_):
        names.append(name)
        for each in notebook.cells:
            if each.cell_type == "code":
                each.outputs = [v4.new_output("stream", text="42\n")]
        return notebook

    monkeypatch.setattr(lecture, "run", run)
    return names


def edit(path, place, words):
    changed = nbformat.read(path, as_version=4)
    changed.cells[place].source += words
    nbformat.write(changed, path)


def outputs_of(page):
    """Return what the programs of a page print."""
    return re.findall('<pre class="output"[^>]*>(.*?)</pre>', page, re.DOTALL)


# ---- without a browser --------------------------------------------------------------------------


def test_without_a_browser_a_deck_is_written_and_it_is_said_that_nobody_looked(
    tiny, out, no_browser, capsys, monkeypatch
):
    assert main(["slides", str(tiny), "--out", str(out)]) == 0
    made = (out / "slides" / "90_tiny.html").read_text(encoding="utf-8")
    assert "nobody checked that its slides fit" in capsys.readouterr().out
    assert not (out / "cache" / "trial").exists(), "whether it can be written is tried, no more"
    assert outputs_of(made) == ["42"]
    assert '<aside class="notes">' in made
    assert "Do it" not in made
    own = re.sub(r"<script.*?</script>", "", made, flags=re.DOTALL)
    assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?(?!data:|#|\")\w", own)
    monkeypatch.setattr(deck, "overflows", lambda browser, draft: ["slide 1: too high"])
    assert main(["slides", str(tiny), "--out", str(out)]) == 1, "with one, its slides are looked at"


def test_without_a_browser_there_is_no_print_and_an_error_says_what_to_do(
    tiny, out, no_browser, ran, capsys
):
    assert main(["pdf", str(tiny), "--out", str(out)]) == 1
    assert "no browser was found; install" in capsys.readouterr().err


def test_without_a_browser_pages_are_written_without_a_link_to_a_print(
    tiny, out, no_browser, ran, capsys
):
    (tiny.parent / "dot.png").write_bytes(b"a picture")
    edit(tiny, 0, "\n\n![a dot](dot.png)")
    assert main(["pages", str(tiny), "--out", str(out)]) == 0
    site = out / "site"
    index = (site / "index.html").read_text(encoding="utf-8")
    page = (site / "90_tiny.html").read_text(encoding="utf-8")
    assert "no PDF to print" in capsys.readouterr().out
    for text in (index, page):
        assert "slides/90_tiny.html" in text
        assert "notebooks/90_tiny.ipynb" in text
        assert 'href="pdf/' not in text
        assert 'alt="a dot"' in text, "it lies beside the notebook"
    assert (site / "slides" / "90_tiny.html").is_file()
    assert (site / "notebooks" / "90_tiny.ipynb").read_bytes() == tiny.read_bytes()
    assert "Lecture 9 · 1 minutes" in index
    assert index.count("<h1") == 1
    assert main(["pages", str(tiny), "--out", str(out)]) == 0
    assert "index.html" not in capsys.readouterr().out, "nothing has changed"


def test_without_a_browser_an_outdated_print_is_neither_linked_nor_on_the_site(
    tiny, out, no_browser, ran
):
    def built():
        made = [path.read_text("utf-8") for path in build.pages([Lecture(tiny, out, quiet)])]
        names = ["90_tiny.pdf", "90_tiny-answers.pdf"]
        linked = [f"pdf/{name}" in text for text in made for name in names]
        return [*linked, *((out / "site" / "pdf" / name).is_file() for name in names)]

    printed = Lecture(tiny, out, quiet)
    for path in prints_of(printed).values():
        write_whole(path, b"%PDF")
        printed.mark_made(path)
    assert built() == [True] * 6
    page = (out / "site" / "90_tiny.html").read_text("utf-8")
    assert re.findall('<a href="pdf/(.*?)">(.*?)</a>', page) == [
        ("90_tiny.pdf", "PDF to print"),
        ("90_tiny-answers.pdf", "Answers to print"),
    ]
    edit(tiny, 0, "!")
    assert built() == [False] * 6


def test_the_index_opens_with_the_first_sliders_as_long_as_there_are_any(
    tiny, tmp_path, out, no_browser, monkeypatch
):
    scene = '<div data-control="x"{}>the first sliders</div>'
    asked = scene.format(' data-prediction="asked"')
    ours = {"metadata": {"text/html": {"embedded": True}}}
    htmls = ("<div>a still</div>", asked, '<div data-control="x">the second</div>')
    outputs = [v4.new_output("display_data", {"text/html": html}, **ours) for html in htmls]

    async def run(notebook, name, folder, **_):
        notebook.cells[2].outputs = outputs
        return notebook

    monkeypatch.setattr(lecture, "run", run)
    later = write(tmp_path / "91_later.ipynb", cell("# Later", "slide"), *TINY[1:])
    index, *_ = build.pages([Lecture(path, out, quiet) for path in (later, tiny)])
    assert scene.format("") in index.read_text("utf-8")
    assert 'From <a href="90_tiny.html">Tiny</a>' in index.read_text("utf-8")
    assert not re.search("a still|the second", index.read_text("utf-8"))
    later.unlink()
    outputs.clear()
    edit(tiny, 2, "  # without")
    build.pages([Lecture(tiny, out, quiet)])
    assert "the first sliders" not in index.read_text("utf-8")


def test_a_page_built_alone_keeps_its_place_between_those_of_the_site(
    tmp_path, out, no_browser, ran
):
    for i in range(4):
        write(tmp_path / f"0{i}.ipynb", cell(f"# Title {i}\n\nAbout {i}", "slide"))
    paths = find([tmp_path])

    def built(path):
        return [made.read_text("utf-8") for made in build.pages([Lecture(path, out, quiet)])]

    index, page = built(paths[1])
    assert re.findall("<li><span>(.*?)</span>", index) == ["1"]
    assert "Title 1" in index
    assert not re.search("Title [023]", index), "no link to what is not there"
    assert '<a href="0' not in page.partition("before and after")[2]
    built(paths[3])
    index, page = built(paths[2])
    assert re.findall(r'<h2><a href="(.*?)">(.*?)<', index) == [
        ("01.html", "Title 1"),
        ("02.html", "Title 2"),
        ("03.html", "Title 3"),
    ]
    assert "About 3" in index
    for end in (page.partition("</header>")[0], page.partition("<footer>")[2]):
        assert '<a href="01.html" rel="prev">← Title 1</a>' in end
        assert '<a href="03.html" rel="next">Title 3 →</a>' in end


# ---- what is made again -------------------------------------------------------------------------


def test_a_changed_sentence_needs_no_kernel_and_changed_code_does(
    tiny, out, fitting, ran, monkeypatch
):
    def built():
        (made,) = build.slides([Lecture(tiny, out, quiet)])
        return made.read_text(encoding="utf-8"), len(ran)

    assert "Tiny" in built()[0]
    assert built()[1] == 1
    edit(tiny, 0, " and new")
    text, runs = built()
    assert "1 minutes and new" in text
    assert outputs_of(text) == ["42"]
    assert runs == 1
    edit(tiny, 2, "  # twice")
    text, runs = built()
    assert "# twice" in text
    assert runs == 2
    tagged = nbformat.read(tiny, as_version=4)
    tagged.cells[2].metadata.tags = ["raises-exception"]
    nbformat.write(tagged, tiny)
    assert built()[1] == 3
    monkeypatch.setattr(lecture, "package_key", lambda: b"a scene was edited")
    assert built()[1] == 4
    assert len(list((out / "cache" / "runs").iterdir())) == 1


def test_one_print_is_to_write_on_and_the_other_has_the_answers(
    tiny, out, ran, monkeypatch, capsys
):
    for printer in (lambda browser, draft: draft.read_bytes(), None):  # None: they are made
        monkeypatch.setattr(handout, "as_pdf", printer)
        assert main(["pdf", str(tiny), "--out", str(out)]) == 0
    has = {each.name: b"# A model answer" in each.read_bytes() for each in (out / "pdf").iterdir()}
    assert has == {"90_tiny.pdf": False, "90_tiny-answers.pdf": True}
    assert f"2 files in {out / 'pdf'}, " in capsys.readouterr().out.splitlines()[-1]


def test_scenes_that_a_notebook_no_longer_has_are_forgotten(tiny, tmp_path, monkeypatch, fitting):
    scenes = tmp_path / "cache" / "scenes"
    used, unused, others = (
        scenes / name for name in ("90_tiny/used", "90_tiny/unused", "91_other/used")
    )
    for path in (used, unused, others):
        write_whole(path, "frames")
        os.utime(path, (1e9, 1e9))

    async def run(notebook, *_, kernel_arguments, **__):
        # The kernel starts in another folder than the build.
        assert any(str(used.parent.resolve()) in argument for argument in kernel_arguments)
        used.touch()
        return notebook

    monkeypatch.setattr(lecture, "run", run)
    monkeypatch.chdir(tmp_path)
    build.slides([Lecture(tiny, Path(), quiet)])
    assert sorted(path for path in scenes.rglob("*") if path.is_file()) == [used, others]


def test_scenes_are_embedded_and_it_is_said_how_far_they_are(tmp_path, out):
    programs = (
        "from lessons.explorable import explore, show\nfrom matplotlib.figure import Figure",
        'def blank(x=0):\n    """Nothing."""\n    return Figure()',
        "explore(blank, x=(0, 3))",
        "show(blank)",
    )
    path = write(tmp_path / "90_tiny.ipynb", *(cell(each, code=True) for each in programs))
    said = []
    made = Lecture(path, out, lambda words, **how: said.append((words, how)))
    asyncio.run(made.run())
    start, begun, *_ = said
    assert start == ("90_tiny: starting its kernel", {})
    words, how = begun
    assert re.fullmatch(r"90_tiny: blank: 4 positions, about \d+ KB, \d+ s left", words)
    assert how == {"passing": True}
    assert [len(each.outputs) for each in made.cells] == [0, 0, 1, 1]
    assert all(is_embedded(each.outputs[0]) for each in made.cells[2:])


def test_it_is_said_how_far_a_scene_is_and_how_long_it_takes(tiny, out, monkeypatch):
    progress = {"scene": "wave", "total": 1234, "bytes": 20480, "done": 0, "seconds": 60.4}

    async def run(notebook, *_, on_progress, **__):
        on_progress(progress)
        on_progress(progress | {"done": 1000, "seconds": 9.6})
        return notebook

    monkeypatch.setattr(lecture, "run", run)
    said = []
    asyncio.run(Lecture(tiny, out, lambda words, **_: said.append(words)).run())
    assert said[1:] == [
        "90_tiny: wave: 1,234 positions, about 20 KB, 60 s left",
        "90_tiny: wave: 1,000 of 1,234 positions, 10 s left",
    ]


def test_what_is_made_is_known_by_what_it_was_made_from(tiny, tmp_path, monkeypatch):
    made = Lecture(tiny, tmp_path, quiet)
    target = tmp_path / "slides" / "90_tiny.html"
    assert not made.is_made(target)
    write_whole(target, "deck")
    assert not made.is_made(target)
    made.mark_made(target, before="01")
    assert made.is_made(target, before="01")
    assert not made.is_made(target, before="02")
    page = tmp_path / "site" / target.name
    write_whole(page, "page")
    made.mark_made(page)
    assert made.is_made(target, before="01"), "although the page has the same name"
    write_whole(target, "deck, edited by hand")
    assert not made.is_made(target, before="01")
    write_whole(target, "deck")
    monkeypatch.setattr(resources, "cache_key", lambda: "another look")
    assert made.is_made(target, before="01"), "what changes meanwhile is for the next build"
    assert not Lecture(tiny, tmp_path, quiet).is_made(target, before="01")


def test_what_is_edited_while_a_deck_is_made_is_for_the_next_build(tiny, out, ran, monkeypatch):
    monkeypatch.setattr(deck, "overflows", lambda browser, draft: edit(tiny, 0, "!"))
    (made,) = build.slides([Lecture(tiny, out, quiet)])
    assert "minutes!" not in made.read_text(encoding="utf-8")
    monkeypatch.setattr(deck, "overflows", lambda browser, draft: [])
    build.slides([Lecture(tiny, out, quiet)])
    assert "minutes!" in made.read_text(encoding="utf-8")


def test_a_deck_is_made_again_for_another_address(tiny, out, fitting, ran, monkeypatch):
    said = []

    def say(words, **_):
        said.append(words)

    for address in ("https://example.org/a.html", "https://example.org/b.html"):
        monkeypatch.setattr(deck, "page_address", lambda name, address=address: address)
        (made,) = build.slides([Lecture(tiny, out, say)])
        assert f'href="{address}"' in made.read_text(encoding="utf-8")
        assert said[-2] == "90_tiny: looking at every slide"
        assert re.fullmatch(r".*90_tiny\.html: 0\.\d\d MB", said[-1])
    said.clear()
    build.slides([Lecture(tiny, out, say)])
    assert said == [], "nothing has changed"


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


def test_a_deck_that_was_interrupted_is_made_at_the_next_build(tiny, out, ran, monkeypatch):
    def interrupted(browser, draft):
        raise KeyboardInterrupt

    monkeypatch.setattr(deck, "overflows", interrupted)
    with pytest.raises(KeyboardInterrupt):
        main(["slides", str(tiny), "--out", str(out)])
    assert not (out / "slides").exists()
    monkeypatch.setattr(deck, "overflows", lambda browser, draft: [])
    assert main(["slides", str(tiny), "--out", str(out)]) == 0
    assert (out / "slides" / "90_tiny.html").is_file()
    assert ran == ["90_tiny.ipynb"]


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl+C to a console, not to a process")
def test_ctrl_c_ends_a_build_at_once_and_its_kernel_too(tmp_path, out):
    sleeps = "import os, time\nopen('kernel', 'w').write(str(os.getpid()))\ntime.sleep(60)"
    path = write(tmp_path / "90_sleeps.ipynb", cell(sleeps, code=True))
    command = [sys.executable, "-m", "lessons.publish", "slides", str(path), "--out", str(out)]
    # A child of a shell's `&` inherits that it ignores Ctrl+C.
    hears = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.default_int_handler)}
    building = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **hears)
    kernel = tmp_path / "kernel"
    while not (kernel.is_file() and kernel.read_text()):
        assert building.poll() is None, building.stderr.read()
        time.sleep(0.05)
    begun = time.monotonic()
    building.send_signal(signal.SIGINT)
    _, said = building.communicate(timeout=30)
    # Within two seconds on a quiet machine; the cell would take sixty.
    assert time.monotonic() - begun < 20
    assert building.returncode == 130
    assert said == "Interrupted; what was there before is still there.\n"
    with pytest.raises(ProcessLookupError):
        os.kill(int(kernel.read_text()), 0)


def test_ctrl_c_while_the_command_is_imported_is_no_traceback(capsys, monkeypatch):
    def interrupted(name, *_):
        raise KeyboardInterrupt

    with monkeypatch.context() as importing:
        importing.setattr("builtins.__import__", interrupted)
        code = __main__.main()
    assert code == 130
    assert capsys.readouterr().err == "Interrupted; what was there before is still there.\n"


# ---- what is wrong ------------------------------------------------------------------------------


def test_slides_that_do_not_fit_are_named_and_the_last_good_deck_stays(
    tiny, out, ran, monkeypatch, capsys
):
    write_whole(out / "slides" / "90_tiny.html", "the last good deck")
    monkeypatch.setattr(deck, "overflows", lambda browser, draft: ["slide 2.1: too high"])
    assert main(["slides", str(tiny), "--out", str(out)]) == 1
    error = capsys.readouterr().err
    assert "90_tiny, slide 2.1: too high" in error
    draft = Path(re.search(r"to look at: (.*)\)", error).group(1))
    assert outputs_of(draft.read_text(encoding="utf-8")) == ["42"]
    assert (out / "slides" / "90_tiny.html").read_text() == "the last good deck"


def test_a_task_without_its_slider_stops_the_build(tmp_path, out, ran, fitting, capsys):
    path = write(tmp_path / "91_task.ipynb", cell("Move it.", "slide", id="a-task"))
    assert main(["slides", str(path), "--out", str(out)]) == 1
    assert "91_task.ipynb, cell 'a-task' asks to move a slider" in capsys.readouterr().err


def test_every_notebook_that_fails_is_named_and_the_others_are_made(
    tiny, tmp_path, out, fitting, capsys
):
    raising = write(
        tmp_path / "91_raises.ipynb",
        cell("# Bad", "slide"),
        cell("a = 1", code=True, id="fine"),
        cell("1 / (a - 1)", code=True, id="divides"),
    )
    formula = write(tmp_path / "92_formula.ipynb", cell(r"$\cheese{1}$", "slide", id="broken"))
    assert main(["slides", str(tiny), str(raising), str(formula), "--out", str(out)]) == 1
    error = capsys.readouterr().err
    assert "91_raises.ipynb, cell 3 ('divides') raised:" in error
    assert "ZeroDivisionError" in error
    assert "1 / (a - 1)" in error
    assert "\x1b" not in error
    assert "92_formula.ipynb, cell 'broken': the formula" in error
    assert error.index("91_raises") < error.index("92_formula"), "in the order of the lectures"
    assert "Traceback (most recent call last):\n  File" not in error
    assert [path.name for path in (out / "slides").iterdir()] == ["90_tiny.html"]


def test_scenes_that_are_too_large_stop_the_build_and_are_named(tmp_path, out, capsys):
    scene = "explore(picture, x=(0, 99), y=(0, 99))"
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
        cell(scene, code=True, id="scene"),
        cell(scene, code=True, id="other"),
        cell("def fails(x=0):\n    return Figure() if x < 1 else 1 / 0", code=True),
        cell("explore(fails, x=(0, 1))", code=True, id="fails"),
    )
    assert main(["slides", str(path), "--out", str(out)]) == 1
    error = capsys.readouterr().err
    why = "is too large for a slide: 10,000 positions; at most 5,000 fit"
    assert f"large.ipynb, cell 3 ('scene'): picture {why}" in error
    assert f"large.ipynb, cell 4 ('other'): picture {why}" in error
    assert "large.ipynb, cell 6 ('fails'): fails(x=1) raised ZeroDivisionError" in error
    assert error.count("export={") == 2
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"[]", "is damaged: it does not begin with a brace"),
        (
            b'{"cells": [{"id": "a", "cell_type": "code", "source": "", "metadata": {}}],'
            b' "nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
            "is damaged: 'outputs' is a required property",
        ),
        (b'{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "is empty"),
    ],
)
def test_a_damaged_or_empty_notebook_is_named(tmp_path, out, content, why, capsys):
    path = tmp_path / "bad.ipynb"
    path.write_bytes(content)
    assert main(["slides", str(path), "--out", str(out)]) == 1
    assert f"bad.ipynb {why}" in capsys.readouterr().err


def test_a_file_that_is_missing_in_a_build_is_no_misunderstanding(tiny, out, monkeypatch, capsys):
    async def failing(*_, **__):
        raise FileNotFoundError("mnist-5k.npz is missing")

    monkeypatch.setattr(lecture, "run", failing)
    assert main(["slides", str(tiny), "--out", str(out)]) == 1
    assert "mnist-5k.npz is missing" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_named_before_a_kernel_starts(
    tiny, tmp_path, ran, capsys
):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    assert main(["slides", str(tiny), "--out", str(blocked)]) == 1
    error = capsys.readouterr().err
    assert f"--out {blocked}: nothing can be written there" in error
    assert "name another folder" in error
    assert ran == []


def test_a_full_disk_is_told_with_the_file_and_what_it_needs(
    tiny, out, fitting, ran, monkeypatch, capsys
):
    written = Path.write_bytes

    def full(self, content):
        if len(content) > 100_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return written(self, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    assert main(["slides", str(tiny), "--out", str(out)]) == 1
    error = capsys.readouterr().err
    assert re.search(r"no space left for 0\.\d MB: .*90_tiny\.html", error)


def test_a_fault_of_ours_is_no_traceback_on_the_screen(tiny, out, monkeypatch, capsys):
    async def faulty(*_, **__):
        raise KeyError("nobody thought of this")

    monkeypatch.setattr(lecture, "run", faulty)
    assert main(["slides", str(tiny), "--out", str(out)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    kept = Path(re.search("please send (.*)", line).group(1))
    assert "nobody thought of this" in kept.read_text(encoding="utf-8")


# ---- the command --------------------------------------------------------------------------------


def test_passing_words_are_left_out_and_no_others(capsys, monkeypatch):
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    one, other = map(_teller, [Lock()] * 2)
    one("a: 7 positions, done", passing=True)
    other("b: 1 of 7 positions", passing=True)
    now = 1001.9
    one("left out", passing=True)
    one("starting")
    now = 1003.8
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


@pytest.mark.parametrize("name", ["99", "no.ipynb"])
def test_a_notebook_that_is_not_there_is_told_with_those_that_are(name, capsys, out):
    assert main(["slides", name, "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert f"there is no notebook {name!r}" in error
    assert "01_clip_by_value_and_relu" in error


def test_of_a_folder_its_own_notebooks_are_taken_and_no_copies_below(tiny):
    copies = tiny.parent / ".ipynb_checkpoints"
    copies.mkdir()
    (copies / "90_tiny-checkpoint.ipynb").write_bytes(tiny.read_bytes())
    assert find([tiny.parent]) == [tiny]


def test_two_notebooks_of_one_name_are_refused_before_one_overwrites_the_other(
    tiny, out, ran, fitting, capsys
):
    twin = tiny.parent / "elsewhere" / tiny.name
    twin.parent.mkdir()
    twin.write_bytes(tiny.read_bytes())
    assert main(["slides", str(tiny), str(twin), "--out", str(out)]) == 2
    assert f"{tiny} and {twin} would be written to the same files" in capsys.readouterr().err
    assert not out.exists()
    assert main(["slides", str(tiny), str(tiny), "--out", str(out)]) == 0
    assert ran == [tiny.name]


@pytest.mark.parametrize(
    "name", ["2", "02", *("02_clip_by_norm_keeps_direction" + end for end in ("", ".ipynb"))]
)
def test_a_lecture_is_named_by_its_number_before_or_behind_the_folder(
    name, tmp_path, out, monkeypatch
):
    (tmp_path / "2").touch()  # which is no notebook
    monkeypatch.chdir(tmp_path)
    made = []
    monkeypatch.setitem(_KINDS, "slides", lambda lectures: made.extend(lectures) or [out])
    assert main(["slides", name, "--out", str(out)]) == 0
    assert main(["slides", "--out", str(out), name]) == 0
    assert [lecture.name for lecture in made] == ["02_clip_by_norm_keeps_direction"] * 2


def test_without_a_name_every_lecture_is_made(out, monkeypatch):
    made = []
    monkeypatch.setitem(_KINDS, "slides", lambda lectures: made.extend(lectures) or [out])
    assert main(["slides", "--out", str(out)]) == 0
    assert [lecture.path for lecture in made] == NOTEBOOKS


def test_a_lecture_has_the_number_of_its_name_and_the_first_heading_as_its_title(tmp_path, out):
    for name, number in {"07_x": "7", "10_y": "10", "intro": "", "part_2": ""}.items():
        before = cell("No title yet"), cell("# A comment", code=True)
        path = write(tmp_path / f"{name}.ipynb", *before, cell("# The title "))
        made = Lecture(path, out, quiet)
        assert (made.number, made.title) == (number, "The title")


def test_the_command_says_what_it_can_do(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    help = capsys.readouterr().out
    for word in ("slides", "pages", "pdf", "notebook", "--out", "Exit codes"):
        assert word in help
    assert main([]) == 2
    assert capsys.readouterr().out == help
    with pytest.raises(SystemExit) as ended:
        main(["film"])
    assert ended.value.code == 2
    assert "invalid choice: 'film'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (exercises, ["collect", "missing"]),
        (normalise, ["missing.ipynb"]),
        (__main__, ["slides", "missing.ipynb"]),
        (student, ["--out", "file/a.zip"]),
    ],
)
def test_a_command_that_fails_tells_the_shell(command, arguments, tmp_path, monkeypatch, capsys):
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [command.__file__, *arguments])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(command.__file__, run_name="__main__")
    assert ended.value.code, capsys.readouterr()
