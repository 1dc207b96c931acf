"""What a check is: a table of answers, judged in four stages.

A row of a table is an answer and the words said about it. These may have named places: {given} is
the answer, {right} how many of its entries are right, and any other a part that its kind has read.
"""

import sys
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

import tensorflow as tf

from lessons.exercises.calls import call
from lessons.exercises.feedback import Feedback, Judged, Verdict, missing, wrong
from lessons.exercises.kinds import Call, Kind, shown
from lessons.exercises.patterns import matches

Row = tuple[Any, str]

_HOW_TO_ASK = (
    "A check takes exactly one answer, and got {count}: write the name of yours between the "
    "brackets; put several numbers in a list."
)


class Check:
    """The check of one exercise. Called with an answer it returns `Feedback`, and never raises."""

    exercise: int
    _done: ClassVar[set["Check"]] = set()

    def judge(self, answer: Any) -> str:
        """Return what is said about the right answer; raise the verdict on any other."""
        raise NotImplementedError

    def __call__(self, *given: Any) -> Feedback:
        """Judge an answer, the one thing that is given."""
        if len(given) != 1:
            return Feedback(Verdict.MISSING, _HOW_TO_ASK.format(count=len(given)), self)
        (answer,) = given
        try:
            return Feedback(Verdict.RIGHT, self.judge(answer), self)
        except Judged as judged:
            return Feedback(judged.verdict, judged.hint, self)
        except KeyboardInterrupt:
            hint = "The check was interrupted. Is there a loop that never ends?"
            return Feedback(Verdict.WRONG, hint, self)
        except Exception as error:  # some answers raise when they are looked at
            hint = f"This answer cannot be read: it raises {type(error).__name__}."
            return Feedback(Verdict.KIND, hint, self)

    def mark_done(self) -> str:
        """Note that the exercise is done; return a line that says which ones in its lecture are."""
        self._done.add(self)
        modules = [m for name, m in sys.modules.items() if name.startswith(f"{__package__}.")]
        lecture = next((c for c in map(checks_of, modules) if self in c.values()), {})
        return f"\n{progress(lecture)}" if len(lecture) > 1 else ""

    @property
    def is_done(self) -> bool:
        """Whether this kernel has shown a right answer."""
        return self in self._done


def checks_of(module: Any) -> dict[str, Check]:
    """Return the checks of a lecture by their names."""
    return {name: check for name, check in vars(module).items() if isinstance(check, Check)}


def progress(lecture: dict[str, Check]) -> str:
    """Return a line that says which of these exercises are done."""
    done = sorted(check.exercise for check in lecture.values() if check.is_done)
    numbers = f": {', '.join(map(str, done))}" if done else ""
    return f"{len(done)} of {len(lecture)} exercises done{numbers}."


class Answer(Check):
    """A check of a value.

    Args:
        exercise: The number of the exercise.
        kind: The kind of answer that is asked for.
        missing: What is said while the answer is None.
        right: The right answer, and what it shows.
        *rows: Typical wrong answers, each with its hint, and last the hint for any other.
    """

    def __init__(self, exercise: int, kind: Kind, missing: str, right: Row, *rows: Row | str):
        self.exercise, self.kind, self.missing = exercise, kind, missing
        self.right: Row = right
        self.rows: Sequence[Any] = rows

    def judge(self, answer: Any) -> str:
        """Return what the right answer shows; raise the verdict on any other."""
        if answer is None:
            raise missing(self.missing)
        pattern, shows = self.right
        return shows.format(**_right(self.kind.read(answer), pattern, self.rows))


class Case:
    """One call of a student's function.

    Args:
        arguments: What it is called with. A partial is called first, so that tensors and variables
            are made only when they are needed, and made again each time.
        right: What it should return.
        *rows: What typical wrong functions return, each with its hint, and last the hint for any
            other.
    """

    def __init__(self, arguments: Sequence, right: Any, *rows: Row | str):
        self.arguments, self.right, self.rows = arguments, right, rows


class Function(Check):
    """A check of a function.

    Args:
        exercise: The number of the exercise.
        returns: The kind of thing that the function should return.
        right: What is said if all its calls are right.
        *cases: The calls, judged in turn until one is not right.
        at_none: What is added to the hint where a None among the arguments makes it raise.
    """

    def __init__(
        self,
        exercise: int,
        returns: Kind,
        right: str,
        *cases: Case,
        at_none: str = "",
    ):
        self.exercise, self.returns, self.right, self.cases = exercise, returns, right, cases
        self.at_none = at_none

    def judge(self, answer: Any) -> str:
        """Return what the right function shows; raise the verdict on any other."""
        for case in self.cases:
            arguments = list(map(_made, case.arguments))
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(arguments[: self.returns.watched])
                got, name = call(answer, arguments, self.at_none)
            value = self.returns.read(got, Call(name, arguments, tape))
            places = _right(value, case.right, case.rows)
        return self.right.format(**places)


def tensor(value: Any, dtype: tf.DType = tf.float32) -> partial:
    """Return an argument of a case that is a tensor."""
    return partial(tf.constant, value, dtype)


def _made(argument: Any) -> Any:
    if isinstance(argument, partial):
        return argument()
    return list(map(_made, argument)) if isinstance(argument, list) else argument


def _right(value: Any, right: Any, rows: Sequence[Any]) -> dict[str, str]:
    """Return what fills the named places if `value` is right; raise the hint of a row if not."""
    *typical, otherwise = rows
    parts, wanted = (x if isinstance(x, dict) else {"given": x} for x in (value, right))
    places = {str(name): shown(part, unlike=wanted.get(name)) for name, part in parts.items()}
    places["right"] = str(sum(matches(wanted[name], parts[name]) for name in wanted))
    if matches(right, value):
        return places
    hint = next((hint for pattern, hint in typical if matches(pattern, value)), otherwise)
    raise wrong(hint.format(**places))
