"""What holds for every check: it reads what it can, has words for all else, and never raises."""

import importlib
import pkgutil
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import tensorflow as tf
from IPython.lib.pretty import pretty

from lessons.exercises import clip_by_norm, clip_by_value, start_here
from lessons.exercises.checks import Answer, Check, Function, checks_of
from lessons.exercises.feedback import Feedback, Judged, Verdict
from lessons.exercises.kinds import Numbers, above_zero, shown
from tests.exercises import answers
from tests.exercises.hostile import CANNOT_BE_READ, FUNCTIONS, VALUES
from tests.strict import no_warnings

pytestmark = no_warnings

CHECKS = {
    f"{lecture.name}.{name}": check
    for lecture in pkgutil.iter_modules(answers.__path__)
    for name, check in checks_of(
        importlib.import_module(f"lessons.exercises.{lecture.name}")
    ).items()
}
NUMBER = Answer(1, Numbers("A number."), "None?", (2, "Two."), "Not two.")
PAIR = Answer(1, Numbers("Two numbers.", (2,)), "None?", ([1, 2], "Both."), "Not both.")


@pytest.mark.parametrize(
    "check",
    [pytest.param(check, id=name, marks=answers.marks(name)) for name, check in CHECKS.items()],
)
def test_no_answer_makes_a_check_raise_or_leaves_it_without_a_sentence(check):
    given = VALUES | FUNCTIONS
    if isinstance(check, Function):
        given |= {
            f"returns {what}": lambda *_, value=value: value for what, value in VALUES.items()
        }
    for what, answer in given.items():
        feedback = check(answer)
        assert isinstance(feedback, Feedback), what
        assert feedback.hint.endswith((".", "?", "!")) or " raised " in feedback.hint, what
        # Said only where the answer itself raises: a mistake of the check would say so too.
        if "cannot be read" in feedback.hint:
            assert what.removeprefix("returns ") in CANNOT_BE_READ, (what, feedback.hint)


@pytest.mark.parametrize("given", [0, -1, np.inf, np.nan, True, "1"])
def test_what_must_be_above_0_is_named_where_it_is_not(given):
    with pytest.raises(Judged) as raised:
        above_zero("rate", given)
    assert raised.value.hint == f"rate should be a number above 0; it is {given!r}."


def test_a_check_without_an_answer_or_with_two_says_how_to_ask():
    for given, count in ([], 0), ([5, 5], 2):
        said = clip_by_norm.bent(*given)
        assert said.verdict is Verdict.MISSING
        assert f"exactly one answer, and got {count}: " in said.hint


def test_one_number_may_come_in_many_clothes():
    for two in (2, 2.0, np.float32(2), np.int64(2), np.array(2), tf.constant(2), tf.Variable(2.0)):
        assert NUMBER(two).is_right
    for two in (Fraction(2), Decimal(2), tf.constant(2, tf.bfloat16), np.float16(2)):
        assert NUMBER(two).is_right


@pytest.mark.parametrize(
    "answer",
    [True, np.array(True), "2", tf.constant("2"), 2j, [2], np.ones(1), np.array("2"), {2: 2}],
)
def test_what_is_not_one_number(answer):
    assert NUMBER(answer).verdict is Verdict.KIND


def test_two_numbers_may_come_in_many_clothes():
    for pair in ((1, tf.constant(2.0)), [1, np.float32(2)], np.arange(1, 3), tf.constant([1, 2])):
        assert PAIR(pair).is_right


@pytest.mark.parametrize("answer", [[1], [1, 2, 3], [[1, 2]], np.ones((2, 2)), {1, 2}, [1, "2"]])
def test_what_is_not_two_numbers(answer):
    assert PAIR(answer).verdict is Verdict.KIND


def test_numbers_never_read_like_others():
    assert shown([0.6, 1234567.0, -0.0]) == "[0.6, 1.235e+06, 0]"
    assert shown([0.6001, 0.8], unlike=[0.6, 0.8]) == "[0.6001, 0.8]"
    assert shown([0.60000001, 0.8], unlike=[0.6, 0.8]) == "[0.60000001, 0.8]"
    assert shown(0.1 + 0.2, unlike=0.3) == "0.30000000000000004"


def test_an_error_comes_with_the_line_it_happened_in():
    def helper(t):
        return t.nothing

    def mine(t, c):
        return helper(t) * c

    for function, line in ((mine, "return t.nothing"), (lambda t, c: t + "c", 't + "c"')):
        hint = clip_by_norm.clip_large(function).hint
        assert " raised " in hint
        assert line in hint.splitlines()[-1]
    # Nothing to show of what is not written in Python.
    assert "line" not in clip_by_norm.clip_large(len).hint


def test_an_interrupted_answer_says_so_in_a_line():
    def endless(t, c):
        raise KeyboardInterrupt

    feedback = clip_by_norm.clip_large(endless)
    assert feedback.verdict is Verdict.WRONG
    assert "interrupted" in feedback.hint


def test_a_right_answer_shows_which_exercises_are_done(monkeypatch):
    monkeypatch.setattr(Check, "_done", set())
    assert pretty(clip_by_value.returned_numbers([-1, 2, 2])).endswith("apply last?")
    # As the model answers do it.
    assert clip_by_value.farthest_start(2).is_right
    right = pretty(clip_by_value.returned_numbers([-1, 5, 2]))
    assert right.splitlines() == [
        "✓ Right. The lower bound is applied last, so in the middle 5 wins over 2.",
        "1 of 5 exercises done: 1.",
    ]
    assert pretty(clip_by_norm.most_damage(10)).endswith("\n1 of 4 exercises done: 3.")
    assert pretty(clip_by_value.farthest_start(2)).endswith("\n2 of 5 exercises done: 1, 2.")
    again = pretty(clip_by_value.returned_numbers([-1, 5, 2]))
    assert again.endswith("\n2 of 5 exercises done: 1, 2.")
    assert "done" not in pretty(start_here.first_try([2, 5, 8]))
