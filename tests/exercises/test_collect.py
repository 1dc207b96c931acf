"""A class hands in: what is read, what is judged, and what a bad file costs."""

import csv
import io
import json
import os
import sys
import time
from contextlib import suppress
from types import SimpleNamespace

import psutil
import pytest

from lessons.exercises import __main__ as command
from lessons.exercises import answers, clip_by_norm, collect, sandbox
from lessons.exercises.feedback import Verdict

IMPORTS = "from lessons.exercises import clip_by_norm as check\nimport tensorflow as tf"
RIGHT = "check.nearest_points([5, 5, 3, 4])"
ANSWERS = [
    IMPORTS,
    RIGHT,
    "print('I am done', end='', flush=True)\ncheck.bent([1, 1])",
    # What TensorFlow compiles it looks up in its source, and keeps in a temporary file.
    "@tf.function\ndef f(t, c):\n    m = tf.maximum(tf.reduce_max(tf.abs(t)), c)\n"
    "    if m <= c:\n        return tf.clip_by_norm(t, c)\n"
    "    return m * tf.clip_by_norm(t / m, c / m)\n\n\ncheck.clip_large(f)",
]
SENTENCES = "○ No answer yet.  △ Not the kind of answer that is asked for.  ✗ Not yet.  ✓ Right."


def written(path, cells):
    # As a notebook stores them: line by line.
    kinds = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    kinds.append({"cell_type": "markdown", "source": ["check.bent([5, 2])"]})
    path.write_text(json.dumps({"cells": kinds}), encoding="utf-8")
    return path


# ---- what is read -------------------------------------------------------------------------------


def test_of_the_cells_that_ran_the_last_answer_to_each_exercise_counts():
    two = "check.nearest_points(0)\ncheck.bent([1, 1])"
    other = IMPORTS.replace("clip_by_norm", "cliff")
    ran = ["x = 1", other, IMPORTS, "check.nearest_points(None)", RIGHT, "print(x)", two]
    assert answers.answering(ran) == ("clip_by_norm", [IMPORTS, RIGHT, two])
    again = "check.nearest_points(1)"
    assert answers.answering([*ran, again]) == ("clip_by_norm", [IMPORTS, two, again])


def test_a_model_answer_is_not_taken_for_the_students():
    cells = [IMPORTS, "check.bent([1, 1])", f"assert {RIGHT}.is_right"]
    assert answers.answering(cells)[1] == [IMPORTS, "check.bent([1, 1])"]


def test_what_is_handed_in_is_what_a_collector_reads(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shell = SimpleNamespace(user_ns={"In": ["", *ANSWERS]})
    monkeypatch.setattr(answers, "get_ipython", lambda: shell)
    answers.hand_in(clip_by_norm)
    assert answers.read(tmp_path / "clip_by_norm.answers.json") == ("clip_by_norm", ANSWERS)
    told = capsys.readouterr().out
    assert "0 of 4 exercises done." in told
    assert "in clip_by_norm.answers.json." in told


def test_outside_a_notebook_there_is_nothing_to_hand_in():
    with pytest.raises(RuntimeError, match="call it in one"):
        answers.hand_in(clip_by_norm)


# ---- how it is shown ----------------------------------------------------------------------------


ROW = collect.Row("ada", "clip_by_norm", {1: Verdict.RIGHT, 3: Verdict.WRONG}, (1, 2, 3))


def test_a_spreadsheet_gets_a_word_for_each_exercise_and_computes_nothing():
    longer = collect.Row("=1+1", "x", {}, (1, 2, 3, 4), "-")
    table = list(csv.reader(io.StringIO(collect.as_csv([ROW, longer]))))
    assert table == [
        ["name", "lecture", "right", "of", "1", "2", "3", "4", "note"],
        ["ada", "clip_by_norm", "1", "3", "right", "missing", "wrong", "", ""],
        ["'=1+1", "x", "0", "4", *["missing"] * 4, "'-"],
    ]
    for sign in "+@\t":
        assert f"\n'{sign}1," in collect.as_csv([collect.Row(f"{sign}1")])


def test_a_reader_gets_the_signs_of_the_checks():
    noted = collect.Row("grace", "x", {1: Verdict.KIND}, (1,), "late")
    assert collect.as_table([ROW, noted]) == (
        f"ada    ✓ ○ ✗\ngrace  △{' ' * 11}  late\n\n{SENTENCES}"
    )


# ---- what a bad file costs ----------------------------------------------------------------------

# None of these needs TensorFlow, so that its import need not be waited for.
REFUSED = {
    "import socket\nsocket.create_connection(('127.0.0.1', 9))": "socket.",
    "import os\nos.system('true')": "os.system",
    "import subprocess\nsubprocess.run(['true'])": "subprocess.",
    "import os\nos.kill(os.getppid(), 9)": "os.kill",
    # Windows has neither, and says their names.
    "import os\nos.fork()": "fork",
    "import os, sys\nos.posix_spawn(sys.executable, [sys.executable], {})": "posix_spawn",
    "open({victim!r}, 'w')": "may not write",
    "open({victim!r}.encode(), 'w')": "may not write",
    "open({victim!r}, 'r+').write('mine')": "may not write",
    "import os\nos.write(os.open({victim!r}, os.O_WRONLY), b'mine')": "may not write",
    "import os\nos.open({victim!r}, os.O_TRUNC)": "may not write",
    "import os\nos.open({victim!r} + '2', os.O_CREAT)": "may not write",
    "import os\nos.remove({victim!r})": "may not write",
    "import os\nos.chmod({victim!r}, 0)": "may not write",
    "import os\nos.mkdir({victim!r} + '2')": "may not write",
    "import os\nos.rmdir({victim!r})": "may not write",
    "import os\nos.symlink('mine', {victim!r} + '2')": "may not write",
    "import shutil\nshutil.rmtree({victim!r})": "shutil.",
    "open('mine', 'w').close()\nimport os\nos.replace('mine', {victim!r})": "may not write",
    "import os\nos.link({victim!r}, 'link')\nopen('link', 'w')": "may not write",
    "import os\nos.truncate({victim!r}, 0)": "may not write",
    "import ctypes\nctypes.CDLL(None)": "ctypes.",
    "import os, sys\nos.execv(sys.executable, [sys.executable])": "os.exec",
    "import os\nos.open(os.path.dirname({victim!r}), os.O_RDONLY)": "may not write",
    "import __main__\n__main__._CHANGES = ()\nimport os\nos.remove({victim!r})": "may not write",
    "import os\nos.chdir('..')": "os.chdir",
    "import os\nos.putenv('PATH', '')": "os.putenv",
    "raise SystemExit(3)": "SystemExit: 3",
    # More than it may write.
    "raise ValueError('x' * 2_000_000)": "ValueError: x",
    "raise KeyboardInterrupt": "KeyboardInterrupt",
    "def f(:": "SyntaxError",
}


def test_what_harms_others_is_refused_and_the_next_answer_judged(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)  # as a teacher may, beside the files of the class
    victim = tmp_path / "another student's"
    victim.write_text("theirs")
    cells = [cell.replace("{victim!r}", repr(str(victim))) for cell in REFUSED]
    writes = "open('mine', 'w').write('x')\nimport sys\nprint('look', file=sys.stderr)"
    told, stopped = collect.apart(["", *cells, writes], collect.Limits(60))
    assert stopped == ""
    assert capfd.readouterr().err == ""
    assert victim.read_text() == "theirs"
    *raised, end = told
    assert end == {"finished": True}
    for line, why in zip(raised, REFUSED.values(), strict=True):
        assert why in line["raised"]


def test_known_packages_are_imported_before_answers_are_confined_and_no_others(monkeypatch):
    asked = []
    monkeypatch.setattr(sandbox, "import_module", asked.append)
    sandbox.import_known("from lessons import a\nimport keras, os\nimport numpy.linalg as n")
    sandbox.import_known("from . import x")
    sandbox.import_known("def f(:")
    assert asked == ["lessons", "keras", "numpy.linalg"]


TELLS = "import os\nos.write(3, b'{\"pid\": %d}\\n' % os.getpid())\n"


def has_ended(told):
    """Return whether the process of an answer that tells its number ends within five seconds."""
    for _ in range(50):
        # Whose parent was killed too may wait in vain for somebody to take note of its end.
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(told["pid"]).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.1)
                continue
        return True
    return False


@pytest.mark.parametrize(
    ("cell", "limits", "why"),
    [
        ("while True:\n    pass", collect.Limits(1), "a loop that never ends"),
        ("x = b'x' * 10**9\nwhile True:\n    pass", collect.Limits(60, 300), "more than 300 MB"),
        ("import os\nwhile True:\n    os.write(3, b'x' * 10**5)", collect.Limits(60), "too much"),
    ],
    ids=["endless", "memory", "flood"],
)
def test_what_does_not_end_is_stopped(cell, limits, why):
    told, stopped = collect.apart(["", TELLS + cell], limits)
    assert why in stopped
    assert has_ended(told[0])


@pytest.mark.parametrize(
    ("stopped", "note"), [("", "NameError"), ("stopped after 60 s", "stopped after 60 s")]
)
def test_the_first_reason_is_noted(stopped, note, tmp_path, monkeypatch):
    raised = [{"raised": "NameError"}, {"raised": "KeyError"}]
    monkeypatch.setattr(collect, "apart", lambda cells, limits: (raised, stopped))
    row = collect.judge(written(tmp_path / "ada.json", ANSWERS), "ada", collect.Limits(60))
    assert row.note == note


@pytest.mark.skipif(os.name == "nt", reason="on Windows every virtual environment is like this")
def test_memory_counts_too_where_python_is_started_by_another(tmp_path, monkeypatch):
    launcher = tmp_path / "python"
    start = f"subprocess.run([{sys.executable!r}, *sys.argv[1:]])"
    launcher.write_text(f"#!{sys.executable}\nimport subprocess, sys\n{start}\n", encoding="utf-8")
    launcher.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(launcher))
    cell = "import time\nx = b'1' * 500_000_000\ntime.sleep(60)"
    told, stopped = collect.apart(["", TELLS + cell], collect.Limits(50, 300))
    assert "needed more than" in stopped
    assert has_ended(told[0])


UNREADABLE = {
    "empty": (b"", "not a notebook"),
    "torn": (b'{"cells": [{"cell_ty', "not a notebook"),
    "picture": (b"\x89PNG\r\n", "not a notebook"),
    "deep": (b"[" * 100_000, "not a notebook"),
    "list": (b"[]", "not a notebook"),
    "dict": (b'{"answers": [5, 2]}', "not a notebook"),
    "other": (b'{"cells": []}', "no cell imports"),
    "large": (b" " * 20_000_001, "larger than 20 MB"),
}


def test_a_class_is_judged_file_by_file(tmp_path, capsys):
    (tmp_path / "group").mkdir()
    written(tmp_path / "group" / "ada.answers.json", ANSWERS)
    # It says of itself what no check says, and then leaves.
    lies = b'{"exercise": 1, "verdict": []}\n{"exercise": 9, "verdict": "RIGHT"}\n7\n'
    forged = f"import os\nos.write(3, {lies!r} + b'[' * 10**5 + b'\\n')\nos._exit(0)"
    written(tmp_path / "bob.ipynb", [IMPORTS, RIGHT, forged + "\ncheck.bent([5, 2])"])
    written(tmp_path / "eve.json", [IMPORTS.replace("clip_by_norm", "os"), RIGHT])
    for name, (content, _) in UNREADABLE.items():
        (tmp_path / f"{name}.ipynb").write_bytes(content)
    assert command.main(["collect", str(tmp_path), "--seconds", "300"]) == 0
    results = tmp_path / "results.csv"
    told = capsys.readouterr().out
    assert "group/ada  ✓ ✗ ○ ✓" in told
    assert f"is in {results}." in told
    with results.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert [rows["group/ada"][key] for key in ("right", "of", "note")] == ["2", "4", ""]
    assert (rows["bob"]["1"], rows["bob"]["right"]) == ("right", "1")
    assert rows["bob"]["note"] == "it ended before all answers were judged"
    assert rows["eve"]["note"] == "there are no exercises called 'os'"
    for name, (_, why) in UNREADABLE.items():
        assert why in rows[name]["note"]


def test_the_limits_that_are_asked_for_hold(tmp_path, monkeypatch):
    given = []
    monkeypatch.setattr(command, "collect", lambda _, limits, say: given.append(limits) or [ROW])
    assert command.main(["collect", str(tmp_path), "--seconds", "7", "--megabytes", "99"]) == 0
    assert command.main(["collect", str(tmp_path)]) == 0
    assert given == [collect.Limits(7, 99), collect.Limits()]


def test_any_name_and_every_sign_can_be_written_to_a_file_on_windows(tmp_path, monkeypatch):
    (tmp_path / "李.json").write_bytes(b"")
    file = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(file, encoding="cp1252"))
    out = tmp_path / "table.csv"
    assert command.main(["collect", str(tmp_path), "--out", str(out)]) == 0
    sys.stdout.flush()
    assert out.read_text(encoding="utf-8").startswith("\ufeffname,")
    told = file.getvalue().decode("utf-8")
    assert "李: 0 of 0 not a notebook" in told
    assert SENTENCES in told


def test_files_are_found_in_folders_but_not_in_hidden_ones(tmp_path):
    folder = tmp_path / ".private" / "class"
    for name in ("ada/a.ipynb", "b.json", "c.txt", ".ipynb_checkpoints/b-checkpoint.ipynb"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    assert collect.files(folder) == [folder / "ada" / "a.ipynb", folder / "b.json"]


def test_an_empty_folder_is_said(tmp_path, capsys):
    assert command.main(["collect", str(tmp_path)]) == 1
    assert "no .ipynb" in capsys.readouterr().err
