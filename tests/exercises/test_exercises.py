"""The checks of the exercises: what they say to typical answers, and to strange ones."""

import functools
import importlib
import pkgutil
import re

import numpy as np
import pytest
import tensorflow as tf

from lessons import exercises
from lessons.exercises.feedback import Feedback, as_numbers, is_number
from lessons.publish.notebook import find
from tests.exercises.answers import KIND, MISSING, RIGHT, VALUE, broken, nothing
from tests.lectures import sweep
from tests.strict import no_warnings

pytestmark = no_warnings

LECTURES = [module.name for module in pkgutil.iter_modules(exercises.__path__)]
LECTURES.remove("feedback")
CHECKS = {name: importlib.import_module(f"lessons.exercises.{name}") for name in LECTURES}
CASES = {}
for lecture in LECTURES:
    CASES |= importlib.import_module(f"tests.exercises.answers.{lecture}").CASES
FUNCTION_CHECKS = [check for check, cases in CASES.items() if any(c[0] is nothing for c in cases)]


class Callable:
    """It can be called, and has no name."""

    def __init__(self, function):
        self.function = function

    def __call__(self, *args):
        return self.function(*args)


def name(check):
    return f"{check.__module__.rpartition('.')[2]}.{check.__name__}"


@pytest.mark.parametrize(
    ("check", "answer", "stage", "words"),
    [
        pytest.param(check, *case, id=f"{name(check)}-{n}")
        for check, cases in CASES.items()
        for n, case in enumerate(cases)
    ],
)
def test_an_answer_gets_the_hint_that_helps(check, answer, stage, words):
    feedback = check(answer)
    assert isinstance(feedback, Feedback)
    assert feedback.stage is stage, repr(feedback)
    assert any(part in feedback.hint for part in words.split("|")), repr(feedback)
    assert feedback.hint.endswith((".", "?", "!", ":")) or " raised " in feedback.hint


@pytest.mark.parametrize("lecture", LECTURES)
def test_every_check_of_a_lecture_is_tried_with_wrong_and_right_answers(lecture):
    module = CHECKS[lecture]
    checks = [
        function
        for word, function in vars(module).items()
        if getattr(function, "__module__", "") == module.__name__ and not word.startswith("_")
    ]
    assert checks
    for check in checks:
        stages = [stage for _, stage, _ in CASES[check]]
        assert stages.count(VALUE) >= 3
        assert {MISSING, KIND, RIGHT} <= set(stages)


@pytest.mark.parametrize("check", FUNCTION_CHECKS, ids=name)
@pytest.mark.parametrize(
    ("answer", "stage"), [(None, MISSING), (3.0, KIND), ("clip", KIND), ([nothing], KIND)]
)
def test_what_is_no_function_is_told_so(check, answer, stage):
    feedback = check(answer)
    assert feedback.stage is stage
    assert "function" in feedback.hint


@pytest.mark.parametrize("check", FUNCTION_CHECKS, ids=name)
def test_a_function_without_a_name_is_judged_too(check):
    assert "your function raised ValueError: oh no" in check(Callable(broken)).hint
    assert "your function returns None" in check(Callable(nothing)).hint


@pytest.mark.parametrize("check", FUNCTION_CHECKS, ids=name)
def test_a_function_that_takes_something_else_is_told_what_happened(check):
    feedback = check(lambda: 1)
    assert feedback.stage is VALUE
    assert "raised TypeError" in feedback.hint


@pytest.mark.parametrize(
    "answer", [2, 2.5, np.float32(2), np.int64(2), np.array(2), tf.constant(2), tf.Variable(2.0)]
)
def test_one_number_may_come_in_many_clothes(answer):
    assert is_number(answer)


@pytest.mark.parametrize(
    "answer",
    [None, True, np.array(True), "2", tf.constant("2"), 2j, [2], np.ones(1), np.array("2")],
)
def test_what_is_not_one_number(answer):
    assert not is_number(answer)


def test_as_numbers_gives_plain_floats():
    assert as_numbers((1, np.float32(2), tf.constant(3)), 3) == [1.0, 2.0, 3.0]
    assert as_numbers(np.arange(3), 3) == [0.0, 1.0, 2.0]
    assert as_numbers(np.arange(3), 2) is None
    assert as_numbers(np.array(3.0), 1) is None
    assert as_numbers(np.ones((2, 2)), 2) is None
    assert as_numbers({1, 2}, 2) is None


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


def test_every_check_is_asked_for_in_a_notebook():
    asked = [
        (path.stem[:2], call)
        for path in find([sweep.NOTEBOOKS])
        for source in sweep.code_cells(path).values()
        for call in set(re.findall(r"^check\.(\w+)\(", source, re.MULTILINE))
    ]
    assert sorted(call for _, call in asked) == sorted(check.__name__ for check in CASES)


each_exercise = pytest.mark.parametrize(
    ("path", "cell"),
    [pytest.param(path, cell, id=f"{path.stem[:2]}-{cell}") for path, cell in EXERCISES],
)


@each_exercise
def test_the_empty_exercise_says_what_is_missing_and_raises_nothing(path, cell):
    feedback = ran(path, cell)
    assert isinstance(feedback, Feedback)
    assert not feedback.is_right
    assert feedback.stage is not KIND


@each_exercise
def test_the_model_answer_is_right_by_itself_and_after_the_exercise(path, cell):
    solution = cell.replace("exercise", "solution")
    assert ".is_right" in sweep.code_cells(path)[solution]
    ran(path, solution)
    ran(path, cell, solution)


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
