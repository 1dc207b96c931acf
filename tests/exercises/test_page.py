"""Answers on a page: the same verdicts and hints as in a notebook, judged by ``judge.js``."""

import json
import re
import subprocess
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat import v4

from lessons.exercises import after_the_clip, checks, inside_a_step, kinds, page, training
from lessons.exercises.feedback import Verdict
from lessons.publish import kernel
from lessons.publish.html import document
from tests.exercises.test_exercises import CASES, EXERCISES, NAMES, ran
from tests.publish.notebooks import Shell
from tests.strict import tool

JUDGE = Path(page.__file__).with_name("judge.js").as_uri()
SCRIPT = """
import {{ judge, unpack }} from "{judge}";
let asked = "";
for await (const part of process.stdin) asked += part;
const judged = JSON.parse(asked).map(([packed, given]) => judge(unpack(packed), given));
process.stdout.write(JSON.stringify(judged));
"""
ON_A_PAGE = [check for check in CASES if page.packed(check)]


@pytest.fixture(scope="module")
def judge():
    """A function that has answers judged, each a check and what was typed or chosen."""
    node = tool("node")

    def judge(asked):
        given = json.dumps([(page.packed(check), answer) for check, answer in asked])
        command = [node, "--input-type=module", "--eval", SCRIPT.format(judge=JUDGE)]
        ended = subprocess.run(
            command, input=given, capture_output=True, text=True, encoding="utf-8", check=True
        )
        return [(each["verdict"], each["hint"]) for each in json.loads(ended.stdout)]

    return judge


def as_typed(check, answer):
    """An answer as it is typed or chosen on a page; None if nobody could do that there."""
    given = kinds.plain(answer)
    if isinstance(check.kind, kinds.Choices):
        given = dict(enumerate(given, 1)) if isinstance(given, list) else given
        is_offered = isinstance(given, dict) and set(given) == set(check.kind.keys)
        is_offered = is_offered and check(answer).verdict is not Verdict.KIND
        return {str(key): each for key, each in given.items()} if is_offered else None
    if given is None:
        return ""
    is_typed = np.asarray(given).dtype.kind in "if" and np.ndim(given) < 2
    return str(given) if is_typed else None


def test_every_exercise_that_asks_for_no_program_can_be_answered_on_a_page():
    answers = [check for check in CASES if isinstance(check, checks.Answer)]
    assert set(ON_A_PAGE) == set(answers) - {inside_a_step.decisive_run, training.reach_90}


@pytest.mark.parametrize("check", ON_A_PAGE, ids=NAMES.get)
def test_a_page_says_what_the_notebook_says(check, judge):
    asked = [(answer, as_typed(check, answer)) for answer, *_ in CASES[check]]
    asked = [(answer, typed) for answer, typed in asked if typed is not None]
    judged = judge([(check, typed) for _, typed in asked])
    wanted = [check(answer) for answer, _ in asked]
    assert judged == [(feedback.verdict.name, feedback.hint) for feedback in wanted]
    assert len({verdict for verdict, _ in judged}) >= 3


@pytest.mark.parametrize(
    ("typed", "verdict"),
    [
        (" ", "MISSING"),
        ("3, 4", "RIGHT"),
        ("3 4", "RIGHT"),
        ("(3.0, 4)", "RIGHT"),
        ("[ 3,4 ]", "RIGHT"),
        ("[ 3.  4.]", "RIGHT"),
        ("−3, 4", "WRONG"),
        ("3, 1e999", "KIND"),
        ("3,,4", "KIND"),
        ("three, four", "KIND"),
        ("<b>3</b>, 4", "KIND"),
    ],
)
def test_numbers_may_be_typed_in_many_ways(judge, typed, verdict):
    pair = checks.Answer(1, kinds.Numbers("Two.", (2,)), "None?", ([3, 4], "Both."), "Not both.")
    assert judge([(pair, typed)])[0][0] == verdict


@pytest.mark.parametrize("typed", ["-3", "−3", " −3.0 "])
def test_one_number_may_have_either_minus_sign(judge, typed):
    one = checks.Answer(1, kinds.Numbers("One."), "None?", (-3, "Right."), "No.")
    assert judge([(one, typed)]) == [("RIGHT", "Right.")]


@pytest.mark.parametrize("given", [12346, 1e-5, 0.0001, -123456.7, 1e20, 1000])
def test_a_page_writes_large_and_small_numbers_as_the_notebook_does(judge, given):
    one = checks.Answer(1, kinds.Numbers("One."), "None?", (3, "Right."), "No, not {given}.")
    assert judge([(one, str(given))])[0][1] == one(given).hint


@pytest.mark.parametrize("given", [99.985, 99.995, 100.005, 100.015])
def test_a_page_takes_an_answer_as_near_as_the_notebook_does(judge, given):
    one = checks.Answer(1, kinds.Numbers("One."), "None?", (100, "Right."), "No.")
    assert judge([(one, str(given))])[0][0] == one(given).verdict.name
    assert one(given).verdict is (Verdict.RIGHT if abs(given - 100) < 0.01 else Verdict.WRONG)


def test_the_right_answer_is_not_in_plain_sight():
    packed = page.packed(after_the_clip.bound_for_momentum)
    assert "0.5" not in packed
    assert "A quarter of 2" not in packed


# ---- published ----------------------------------------------------------------------------------


@pytest.mark.notebooks
def test_a_page_has_a_form_for_each_exercise_that_it_can_judge_and_for_no_other():
    path = next(path for path, _ in EXERCISES if path.stem == "06_training")
    shell = Shell()
    kernel.load_ipython_extension(shell)
    shown = [
        cell for cell in nbformat.read(path, as_version=4).cells if (path, cell.id) in EXERCISES
    ]
    for cell in shown:
        data, metadata = shell.display_formatter.format(ran(path, cell.id))
        answered = v4.new_output("execute_result", data=data, metadata=metadata)
        cell.outputs = [v4.new_output("stream", text=f"Printed by {cell.id}."), answered]
    found = document("page", shown, path.parent, links=[], before=None, after=None)
    programs = found.split('<div class="program">')[1:]
    kinds = [
        re.findall(r"<(?:input|select)", program.partition("<details")[0]) for program in programs
    ]
    assert kinds == [["<input"], ["<select"] * 4, ["<input"], [], [], []]
    assert set(re.findall("<option>(.*?)</option>", found)) == {
        "",
        *training.what_the_logs_say.kind.choices,
    }
    # The logs of the second are to be read there.
    assert "Printed by exercise-2." in found
    assert "No answer yet" not in found
    assert "<form" not in document("handout", shown, path.parent)
