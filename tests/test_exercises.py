"""The checks of the exercises: what they say to typical answers, and to strange ones."""

import functools
import re

import numpy as np
import pytest
import sweep
import tensorflow as tf
from strict import no_warnings

from lessons.exercises import clip_by_norm, clip_by_value, global_norm, start_here
from lessons.exercises.feedback import Feedback, Stage, as_numbers, is_number
from lessons.publish.normalise import find

pytestmark = no_warnings

NAN = float("nan")
MISSING, KIND, VALUE, RIGHT = Stage.MISSING, Stage.KIND, Stage.VALUE, Stage.RIGHT


def nothing(*args):
    """As the stubs of the notebooks."""


def broken(*args):
    raise ValueError("oh no")


class Callable:
    """It can be called, and has no name."""

    def __init__(self, function):
        self.function = function

    def __call__(self, *args):
        return self.function(*args)


# ---- lecture 1 ----------------------------------------------------------------------------------


def numpy_clip(t, low, high):
    return np.clip(t, low, high)


def clip_without_gradient(t, low, high):
    return tf.constant(np.maximum(np.minimum(t, high), low))


def right_clip(t, low, high):
    return tf.maximum(tf.minimum(t, high), low)


def wrong_order(t, low, high):
    return tf.minimum(tf.maximum(t, low), high)


def one_sided(t, low, high):
    return tf.minimum(t, high)


def right_leak(t, low, high):
    clipped = right_clip(t, low, high)
    return clipped + 0.1 * (t - clipped)


def jumping_leak(t, low, high):
    return tf.where((t < low) | (t > high), 0.1 * t, t)


def leak_without_gradient(t, low, high):
    return tf.constant(right_leak(t, low, high).numpy())


def leak_of_a_half(t, low, high):
    clipped = right_clip(t, low, high)
    return clipped + 0.5 * (t - clipped)


def stepped(clip_loss=False, clip_weight=False, low=None, high=None):
    def step(w, bound):
        with tf.GradientTape() as tape:
            tape.watch(w)
            value = tf.clip_by_value(w, -bound, bound) if clip_weight else w
            loss = 0.5 * (value - 1.0) ** 2
            if clip_loss:
                loss = tf.clip_by_value(loss, 0.0, bound)
        gradient = tape.gradient(loss, w)
        if high:
            gradient = tf.minimum(gradient, high * bound)
        if low:
            gradient = tf.maximum(gradient, low * bound)
        return w - 0.1 * gradient

    return step


# ---- lecture 2 ----------------------------------------------------------------------------------


def right_norm(t, c):
    return t * c / tf.maximum(tf.norm(t), c)


def normalised(t, c):
    return c * t / tf.norm(t)


def clipped_by_value(t, c):
    return tf.clip_by_value(t, -c, c)


def nan_at_zero(t, c):
    return t * tf.minimum(1.0, c * (1.0 / tf.norm(t)) * (tf.norm(t) / tf.norm(t)))


def norm_without_gradient(t, c):
    return tf.constant(right_norm(t, c).numpy())


def a_list_if_short(t, c):
    return right_norm(t, c) if tf.norm(t) > c else [0.3, 0.4]


def each_row(gradients, c):
    return tf.clip_by_norm(gradients, c, axes=[1])


def right_large(t, c):
    largest = tf.maximum(tf.reduce_max(tf.abs(t)), c)
    return largest * right_norm(t / largest, c / largest)


def large_by_dividing(t, c):
    return c * normalised(t / tf.reduce_max(tf.abs(t)), 1.0)


def large_without_a_bound(t, c):
    return normalised(t / 1e20, 1.0)


def large_without_gradient(t, c):
    return tf.constant(right_large(t, c).numpy())


# ---- lecture 3 ----------------------------------------------------------------------------------


def without_none(gradients):
    return [g for g in gradients if g is not None]


def of_each(gradients, function):
    return [None if g is None else function(g) for g in gradients]


def sum_of_norms(gradients):
    return tf.add_n([tf.norm(g) for g in without_none(gradients)])


def sum_of_squares(gradients):
    return tf.add_n([tf.reduce_sum(g**2) for g in without_none(gradients)])


def halves(gradients, c):
    return of_each(gradients, lambda g: g * 0.5)


def always_to_the_bound(gradients, c):
    norm = tf.linalg.global_norm(gradients)
    return of_each(gradients, lambda g: g * c / norm), norm


def together(gradients, c):
    return tf.clip_by_global_norm(gradients, c)


def list_and(norm):
    return lambda gradients, c: (together(gradients, c)[0], norm)


each_by_its_norm = lambda gradients, c: of_each(gradients, lambda g: tf.clip_by_norm(g, c))  # noqa: E731


# Each check with (answer, how far it is, words of the hint).
CASES = {
    start_here.first_try: [
        (None, MISSING, "in place of None"),
        (5, KIND, "list of three"),
        ([2, 5], KIND, "list of three"),
        ([2, 2, 8], VALUE, "5 lies between"),
        ([0, 5, 9], VALUE, "a = 2 and b = 8"),
        ([8, 5, 2], VALUE, "a = 2 and b = 8"),
        ([2, 5, 8], RIGHT, ""),
        (np.array([2.0, 5.0, 8.0]), RIGHT, ""),
    ],
    clip_by_value.prediction: [
        (None, MISSING, "in place of None"),
        ("[5, 5, 5]", KIND, "list of three"),
        (5.0, KIND, "list of three"),
        ([5, 5], KIND, "list of three"),
        ([True, True, True], KIND, "list of three"),
        (np.full((1, 3), 5.0), KIND, "list of three"),
        (np.array(["a", "b", "c"]), KIND, "list of three"),
        ([2, 2, 2], VALUE, "NumPy's answer"),
        (np.full(3, 2.0), VALUE, "NumPy's answer"),
        ([5, 2, 2], VALUE, "from the inside out"),
        ([NAN] * 3, KIND, "list of three"),
        ([5.0, 5.0, 5.0], RIGHT, "applied last"),
        ((5, 5, 5), RIGHT, ""),
        (np.full(3, 5), RIGHT, ""),
        (tf.fill([3], 5.0), RIGHT, ""),
        ([tf.constant(5.0)] * 3, RIGHT, ""),
    ],
    clip_by_value.farthest_start: [
        (None, MISSING, "slider"),
        ("2", KIND, "one number"),
        ([2.0], KIND, "one number"),
        (True, KIND, "one number"),
        (tf.constant("2"), KIND, "one number"),
        (2.5, VALUE, "From w₀ = 2.5 not all four arrive"),
        (tf.constant(3.5), VALUE, "From w₀ = 3.5 not all four arrive"),
        (1.5, VALUE, "to the right"),
        (-8, VALUE, "to the right"),
        (2, RIGHT, "on its bound"),
        (np.float32(2), RIGHT, ""),
        (np.array(2.0), RIGHT, ""),
        (tf.constant(2.0), RIGHT, ""),
    ],
    clip_by_value.clip: [
        (nothing, MISSING, "nothing returns None"),
        (numpy_clip, KIND, "an ndarray. Build it from TensorFlow"),
        (lambda t, low, high: [-1.0, -1.0, 0.5, 2.0, 2.0], KIND, "a list. Build it"),
        (lambda t, low, high: t[:2], KIND, "shape"),
        (lambda t, low, high: tf.as_string(t), KIND, "string"),
        (broken, VALUE, "broken raised ValueError: oh no"),
        (one_sided, VALUE, "became"),
        (lambda t, low, high: tf.cast(right_clip(t, low, high), tf.int32), KIND, "int32"),
        (clip_without_gradient, VALUE, "gradient has to be 1 inside"),
        (wrong_order, VALUE, "high = 2, TensorFlow returns 5"),
        (right_clip, RIGHT, "in this order"),
        (tf.clip_by_value, RIGHT, ""),
        (functools.partial(right_clip), RIGHT, ""),
        (tf.function(right_clip), RIGHT, ""),
    ],
    clip_by_value.leaky_clip: [
        (nothing, MISSING, "returns None"),
        (numpy_clip, KIND, "TensorFlow operations"),
        (lambda t, low, high: tf.reduce_sum(t), KIND, "shape"),
        (broken, VALUE, "raised ValueError"),
        (right_clip, VALUE, "plain clip"),
        (jumping_leak, VALUE, "this jumps"),
        (leak_of_a_half, VALUE, "became"),
        (leak_without_gradient, VALUE, "the gradient is"),
        (right_leak, RIGHT, "never silent"),
    ],
    clip_by_value.fixed_step: [
        (nothing, MISSING, "returns None"),
        (lambda w, bound: "5.8", KIND, "one number"),
        (lambda w, bound: tf.constant("5.8"), KIND, "one number"),
        (lambda w, bound: tf.fill([3], w), KIND, "one number"),
        (broken, VALUE, "raised ValueError"),
        (stepped(clip_loss=True), VALUE, "nothing moves"),
        (stepped(clip_weight=True), VALUE, "nothing moves"),
        (stepped(), VALUE, "Where did the bound of 2 go"),
        (lambda w, bound: tf.clip_by_value(w, -bound, bound), VALUE, "clips the weight"),
        (stepped(high=1), VALUE, "clip on both sides"),
        (stepped(low=-0.5, high=0.5), VALUE, "the step leads to"),
        (stepped(low=-1, high=1), RIGHT, "weight learns"),
        (lambda w, bound: float(stepped(low=-1, high=1)(w, bound)), RIGHT, ""),
    ],
    clip_by_norm.prediction: [
        (None, MISSING, "in place of None"),
        (5.0, KIND, "list of two"),
        ("34", KIND, "list of two"),
        ([3.0], KIND, "list of two"),
        ([5, 5], VALUE, "clip by value"),
        (np.array([5.0, 5.0]), VALUE, "clip by value"),
        ([0.6, 0.8], VALUE, "length 1"),
        ([6, 8], VALUE, "by which factor"),
        ([NAN, 3], KIND, "list of two"),
        ([3, 4], RIGHT, "halved"),
        ((3.0, 4.0), RIGHT, ""),
        (np.array([3.0, 4.0]), RIGHT, ""),
        (tf.constant([3.0, 4.0]), RIGHT, ""),
    ],
    clip_by_norm.bent: [
        (None, MISSING, "Move the sliders"),
        (5, KIND, "list of two"),
        ([NAN, 2.0], KIND, "list of two"),
        ([float("inf"), 2.0], KIND, "list of two"),
        ([0, 0], VALUE, "no direction"),
        (np.zeros(2), VALUE, "no direction"),
        ([1, 2], VALUE, "inside the box"),
        ([5, 5], VALUE, "0.0 degrees"),
        ([5, 0], VALUE, "0.0 degrees"),
        ([3, 4], VALUE, "It is turned by 8.1 degrees"),
        ([5, 2], RIGHT, "23.2"),
        ([-2, 5], RIGHT, "23.2"),
        (np.array([5.0, 2.0]), RIGHT, ""),
        (tf.constant([5.0, 2.0]), RIGHT, ""),
        ((5.0, 2.0), RIGHT, ""),
    ],
    clip_by_norm.clip_by_norm: [
        (nothing, MISSING, "returns None"),
        (lambda t, c: t.numpy() * c / max(np.linalg.norm(t), c), KIND, "TensorFlow operations"),
        (a_list_if_short, KIND, "a list"),
        (lambda t, c: tf.norm(t), KIND, "shape"),
        (broken, VALUE, "raised ValueError"),
        (clipped_by_value, VALUE, "should be [0.6, 0.8]; you return [1, 1]"),
        (normalised, VALUE, "This normalises"),
        (nan_at_zero, VALUE, "divided by 0"),
        (norm_without_gradient, VALUE, "no gradient flows"),
        (right_norm, RIGHT, "direction stays"),
    ],
    clip_by_norm.clip_rows: [
        (nothing, MISSING, "returns None"),
        (lambda rows, c: rows.numpy(), KIND, "a tensor of the shape"),
        (lambda rows, c: rows[:1], KIND, "a tensor of the shape"),
        (lambda rows, c: tf.as_string(rows), KIND, "a tensor of the shape"),
        (broken, VALUE, "raised ValueError"),
        (tf.clip_by_norm, VALUE, "whole matrix"),
        (lambda rows, c: tf.clip_by_norm(rows, c, axes=[0]), VALUE, "each column"),
        (lambda rows, c: tf.math.l2_normalize(rows, axis=1), VALUE, "[1, 1, 1]; [1, 0.5, 1]"),
        (each_row, RIGHT, "left alone"),
    ],
    clip_by_norm.clip_large: [
        (nothing, MISSING, "returns None"),
        (lambda t, c: np.float32([0.7071068, 0.7071068]), KIND, "TensorFlow operations"),
        (lambda t, c: tf.reduce_max(t), KIND, "shape"),
        (broken, VALUE, "raised ValueError"),
        (right_norm, VALUE, "still becomes [0, 0]"),
        (clipped_by_value, VALUE, "should become [0.707, 0.707]"),
        (large_without_a_bound, VALUE, "Now [3, 4]|It should stay"),
        (large_by_dividing, VALUE, "It should stay"),
        (large_without_gradient, VALUE, "no gradient flows"),
        (right_large, RIGHT, "no square"),
    ],
    global_norm.returned_norm: [
        (None, MISSING, "in place of None"),
        ("5", KIND, "one number"),
        ([5.0], KIND, "one number"),
        (1, VALUE, "after the clip"),
        (7, VALUE, "root of the sum"),
        (tf.constant(25.0), VALUE, "root of the sum"),
        (3.5, VALUE, "before or after"),
        (5, RIGHT, "into a log"),
        (np.float32(5), RIGHT, ""),
        (tf.linalg.global_norm([[3.0], [4.0]]), RIGHT, ""),
    ],
    global_norm.what_is_left: [
        (None, MISSING, "Move the sliders"),
        ("8", KIND, "one number"),
        ((8,), KIND, "one number"),
        (2, VALUE, "clipped together"),
        (32, VALUE, "do not add up"),
        (4, VALUE, "K = 16 and c = 2"),
        (8, RIGHT, "400 tensors"),
        (np.array(8.0), RIGHT, ""),
        (tf.sqrt(64.0), RIGHT, ""),
    ],
    global_norm.global_norm: [
        (nothing, MISSING, "returns None"),
        (lambda g: [5.0, 12.0], KIND, "not a list"),
        (lambda g: [5.0, [12.0]], KIND, "not a list"),
        (lambda g: {}, KIND, "not a dict"),
        (lambda g: "13", KIND, "not a str"),
        (lambda g: tf.constant(NAN), KIND, "not nan"),
        (lambda g: tf.constant([13.0]), KIND, "a tensor of shape (1,)"),
        (lambda g: sum(tf.norm(each) for each in g), VALUE, "Leave the None out"),
        (broken, VALUE, "raised ValueError: oh no"),
        (sum_of_norms, VALUE, "5 + 12 is 17"),
        (sum_of_squares, VALUE, "sum of the squares"),
        (lambda g: 12.0, VALUE, "it should be 13; you return 12"),
        (lambda g: tf.sqrt(sum_of_squares(g)), RIGHT, "no say"),
        (lambda g: float(np.sqrt(sum_of_squares(g))), RIGHT, ""),
    ],
    global_norm.clip_together: [
        (nothing, MISSING, "returns None"),
        (halves, KIND, "a list of tensors and the norm"),
        (list_and(None), KIND, "it is None"),
        (list_and("13"), KIND, "it is a str"),
        (list_and([13.0, 2.0]), KIND, "it is a list"),
        (lambda g, c: tf.clip_by_norm(g[0], c), KIND, "a tensor of shape"),
        (lambda g, c: together(g, c) if c < 13 else None, MISSING, "returns None"),
        (lambda g, c: [tf.clip_by_norm(each, c) for each in g], VALUE, "Leave the None out"),
        (broken, VALUE, "raised ValueError"),
        (lambda g, c: together(without_none(g), c), VALUE, "with None where None was"),
        (list_and(6.5), VALUE, "before the clip is 13; you return 6.5"),
        (lambda g, c: (each_by_its_norm(g, c), 13.0), VALUE, "one factor for all"),
        (lambda g, c: ([None, None, None], 13.0), VALUE, "one factor for all"),
        (lambda g, c: (["x", None, "y"], 13.0), VALUE, "one factor for all"),
        (always_to_the_bound, VALUE, "never makes longer"),
        (together, RIGHT, "direction of the whole"),
        (lambda g, c: list(together(g, c)), RIGHT, ""),
        (lambda g, c: (tuple(together(g, c)[0]), 13.0), RIGHT, ""),
    ],
    global_norm.mended_clip: [
        (nothing, MISSING, "returns None"),
        (together, KIND, "Return the list alone"),
        (lambda g, c: g[0], KIND, "a tensor of shape (2,)"),
        (lambda g, c: np.ones(3), KIND, "an ndarray"),
        (lambda g, c: [tf.clip_by_norm(each, c) for each in g], VALUE, "Leave the None out"),
        (broken, VALUE, "raised ValueError"),
        (each_by_its_norm, VALUE, "Still each by its own norm"),
        (lambda g, c: together(without_none(g), c)[0], VALUE, "None where None was|list alone"),
        (lambda g, c: g, VALUE, "should be halved"),
        (lambda g, c: [None, None, None], VALUE, "should be halved"),
        (lambda g, c: of_each(g, lambda each: each / 13), VALUE, "should be halved"),
        (lambda g, c: always_to_the_bound(g, c)[0], VALUE, "never makes longer"),
        (lambda g, c: together(g, c)[0], RIGHT, "same factor"),
        (lambda g, c: tuple(together(g, c)[0]), RIGHT, ""),
    ],
}
FUNCTION_CHECKS = [check for check, cases in CASES.items() if any(c[0] is nothing for c in cases)]


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


@pytest.mark.parametrize("module", [clip_by_value, clip_by_norm, global_norm])
def test_every_check_of_a_lecture_is_tried_with_wrong_and_right_answers(module):
    checks = [
        function
        for word, function in vars(module).items()
        if getattr(function, "__module__", "") == module.__name__ and not word.startswith("_")
    ]
    assert len(checks) == 5
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


def test_there_are_five_exercises_in_each_of_the_first_lectures():
    lectures = [path.stem for path, _ in EXERCISES]
    for lecture in sorted(set(lectures))[:3]:
        assert lectures.count(lecture) == 5


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
