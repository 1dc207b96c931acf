"""The exercises: what their checks say to typical answers, and what the notebooks ask."""

import functools
import importlib
import pkgutil
import re

import pytest

from lessons.exercises import clip_by_norm
from lessons.exercises.checks import Answer, Function, checks_of
from lessons.exercises.feedback import Feedback
from lessons.exercises.patterns import ANY
from lessons.publish.notebook import find
from tests.exercises import answers
from tests.exercises.answers import KIND, MISSING, RIGHT, WRONG, broken, marks, nothing
from tests.lectures import sweep
from tests.strict import no_warnings

pytestmark = no_warnings

MODULES = [module.name for module in pkgutil.iter_modules(answers.__path__)]
CHECKS = {name: checks_of(importlib.import_module(f"lessons.exercises.{name}")) for name in MODULES}
NAMES = {check: f"{lecture}.{n}" for lecture, of in CHECKS.items() for n, check in of.items()}
CASES = {}
for lecture in MODULES:
    CASES |= importlib.import_module(f"tests.exercises.answers.{lecture}").CASES


@pytest.mark.parametrize(
    ("check", "answer", "verdict", "words"),
    [
        pytest.param(check, *case, id=f"{NAMES[check]}-{n}", marks=marks(NAMES[check]))
        for check, cases in CASES.items()
        for n, case in enumerate(cases)
    ],
)
def test_an_answer_gets_the_hint_that_helps(check, answer, verdict, words):
    feedback = check(answer)
    assert isinstance(feedback, Feedback)
    assert feedback.verdict is verdict, repr(feedback)
    assert any(part in feedback.hint for part in words.split("|")), repr(feedback)
    assert feedback.hint.endswith((".", "?", "!", ":")) or " raised " in feedback.hint


@pytest.mark.parametrize("lecture", MODULES)
def test_every_check_of_a_lecture_is_tried_with_wrong_and_right_answers(lecture):
    assert CHECKS[lecture]
    for check in CHECKS[lecture].values():
        verdicts = [verdict for _, verdict, _ in CASES[check]]
        assert verdicts.count(WRONG) >= 3
        assert {MISSING, KIND, RIGHT} <= set(verdicts)


def hints_of(check):
    """All hints in the tables of a check, but for those of a call that takes every answer."""
    tables = [check.rows] if isinstance(check, Answer) else []
    if isinstance(check, Function):
        tables = [case.rows for case in check.cases if case.right != [ANY, ANY]]
    return [row if isinstance(row, str) else row[1] for rows in tables for row in rows]


@pytest.mark.parametrize("check", [c for c in CASES if not marks(NAMES[c])], ids=NAMES.get)
def test_every_hint_is_what_some_typical_answer_gets(check):
    told = [check(answer).hint for answer, *_ in CASES[check]]
    for hint in hints_of(check):
        words = ".*".join(map(re.escape, re.split(r"\{\w+\}", hint)))
        assert any(re.match(words, each) for each in told), hint


@pytest.mark.parametrize(
    ("answer", "verdict"), [(None, MISSING), (3.0, KIND), ("clip", KIND), ([nothing], KIND)]
)
def test_what_is_no_function_is_told_so(answer, verdict):
    feedback = clip_by_norm.clip_large(answer)
    assert feedback.verdict is verdict
    assert "function" in feedback.hint


def test_a_function_without_a_name_is_judged_too():
    raises, returns_none = (functools.partial(each) for each in (broken, nothing))
    assert "your function raised ValueError: oh no" in clip_by_norm.clip_large(raises).hint
    assert "your function returns None" in clip_by_norm.clip_large(returns_none).hint


# ---- in the notebooks ---------------------------------------------------------------------------

EXERCISES = [
    (path, cell)
    for path in find([sweep.NOTEBOOKS])
    for cell in sweep.code_cells(path)
    if re.fullmatch(r"exercise-\d+", cell)
]


@functools.cache
def imports(path):
    """Run the cell that imports; return what it leaves in the kernel."""
    namespace = {"__name__": "__main__"}
    with sweep.in_the_notebooks_folder():
        sweep.run(sweep.code_cells(path)["imports"], namespace, f"{path.stem}, imports")
    return namespace


def ran(path, *cells):
    """Run cells in a kernel in which only the imports have run; return the last one's value."""
    namespace = dict(imports(path))
    with sweep.in_the_notebooks_folder():
        for cell in cells:
            value = sweep.run(sweep.code_cells(path)[cell], namespace, f"{path.stem}, {cell}")
    return value


def test_every_check_is_asked_for_in_the_exercise_of_its_number():
    asked = {
        call: cell
        for path in find([sweep.NOTEBOOKS])
        for cell, source in sweep.code_cells(path).items()
        for call in re.findall(r"^check\.(\w+)\(", source, re.MULTILINE)
    }
    numbered = {
        n: f"exercise-{check.exercise}" for of in CHECKS.values() for n, check in of.items()
    }
    # The one to try before the lectures has no number there.
    assert asked == numbered | {"first_try": "how-exercises-try"}


each_exercise = pytest.mark.parametrize(
    ("path", "cell"),
    [pytest.param(path, cell, id=f"{path.stem[:2]}-{cell}") for path, cell in EXERCISES],
)


@pytest.mark.notebooks
@each_exercise
def test_the_empty_exercise_says_what_is_missing_and_raises_nothing(path, cell):
    feedback = ran(path, cell)
    assert isinstance(feedback, Feedback)
    assert not feedback.is_right
    assert feedback.verdict is not KIND


@pytest.mark.notebooks
@each_exercise
def test_the_model_answer_is_right_by_itself_and_after_the_exercise(path, cell):
    solution = cell.replace("exercise", "solution")
    ran(path, solution)
    ran(path, cell, solution)


@pytest.mark.notebooks
@each_exercise
def test_the_model_answer_would_fail_if_it_were_the_empty_exercise(path, cell):
    # So that the assert in it asserts something.
    lines = sweep.code_cells(path)
    judged = [
        line
        for line in lines[cell.replace("exercise", "solution")].splitlines()
        if line.startswith("assert check")
    ]
    namespace = dict(imports(path))
    with sweep.in_the_notebooks_folder(), pytest.raises(AssertionError):
        sweep.run(lines[cell], namespace, f"{path.stem}, {cell}")
        sweep.run(judged[-1], namespace, f"{path.stem}, {cell}, judged")
