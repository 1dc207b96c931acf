"""A function run in a process of its own."""

import subprocess
from unittest import mock

import pytest

from lessons.alone import run_alone


def what_it_sees():
    import os
    import sys

    asked = "TF_CPP_MIN_LOG_LEVEL", "TF_ENABLE_ONEDNN_OPTS"
    print([os.environ[name] for name in asked], "tensorflow" in sys.modules)


def what_has_symbols():
    print("‖g‖ ≥ 1")


def what_warns():
    import warnings

    warnings.warn("oh", stacklevel=1)
    print("done")


def what_fails():
    raise ValueError("oh no")


def test_a_function_runs_alone_before_tensorflow_and_without_its_log(capsys, monkeypatch):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "1")
    run_alone(what_it_sees)
    assert capsys.readouterr().out == "['3', '0'] False\n"


def test_symbols_arrive_where_the_local_code_page_lacks_them(capsys, monkeypatch):
    for name, value in {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}.items():
        monkeypatch.setenv(name, value)
    run_alone(what_has_symbols)
    assert capsys.readouterr().out == "‖g‖ ≥ 1\n"


def test_what_succeeds_with_a_warning_shows_it(capsys):
    run_alone(what_warns)
    written = capsys.readouterr()
    assert written.out == "done\n"
    assert "UserWarning: oh" in written.err


def test_what_fails_alone_says_why():
    with pytest.raises(RuntimeError, match="ValueError: oh no"):
        run_alone(what_fails)


def test_the_same_function_is_run_once_and_printed_each_time(capsys):
    run_alone(what_it_sees)
    with mock.patch.object(subprocess, "run", side_effect=AssertionError("a second process")):
        run_alone(what_it_sees)
    first, second = capsys.readouterr().out.splitlines()
    assert first == second
