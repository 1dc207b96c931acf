"""What notebooks print does not depend on last digits, in which processors differ."""

import collections
from unittest import mock

import pytest

from lessons.digits import runs
from lessons.publish.notebook import find
from tests.facts import last_digits
from tests.facts.last_digits import FEW
from tests.lectures import sweep

DISTURBANCES = 12


@pytest.mark.parametrize("path", find([sweep.NOTEBOOKS]), ids=lambda path: path.stem)
def test_a_notebook_prints_the_same_where_the_last_digits_differ(path):
    stored = last_digits.stored(path)
    found = last_digits.concerned(sweep.code_cells(path))
    otherwise = collections.defaultdict(list)
    for texts in last_digits.disturbed(*found, DISTURBANCES):
        for cell, printed in texts.items():
            if printed != stored[cell]:
                otherwise[cell].append(printed)
    assert not otherwise, "print fewer digits, or a class whose edges are far away"


# ---- which cells are concerned ------------------------------------------------------------------

IMPORTS = """
import keras
import tensorflow as tf
from lessons.digits.runs import Setting, train
"""
DRAW = "w = tf.random.stateless_normal([3], [0, 0])\n"


def found(**cells):
    return list(last_digits.concerned({"imports": IMPORTS, **cells})[0])


def test_what_is_drawn_concerns_the_cells_that_go_on_from_it_until_its_name_is_another():
    assert found(
        define="def draw():\n    return tf.random.stateless_normal([3], [0, 0])",
        exact="w = tf.ones(3)\nprint(w)",
        start="w = draw()",
        go_on="def loss():\n    return tf.reduce_sum(w)\nprint(loss())",
        beside="print(1)",
        new="w = tf.ones(3)\nprint(w)",
        after="print(w)",
    ) == ["start", "go_on"]


def test_what_prints_nothing_and_serves_no_cell_that_prints_is_left_out():
    assert found(start=DRAW, alone="total = tf.reduce_sum(w)") == []


def test_double_precision_is_not_concerned():
    assert found(start="print(tf.random.stateless_normal([3], [0, 0], dtype=tf.float64))") == []


def test_a_run_that_is_remembered_concerns_every_cell_that_asks_for_it():
    run = "print(train(Setting(), steps=15).loss[0])"
    assert found(first=run, second=run) == ["first", "second"]


MODEL = """
start = keras.initializers.GlorotUniform(0)
w = keras.layers.Dense(1, kernel_initializer=start)(tf.ones([1, 3]))
"""


def test_the_weights_of_a_keras_model_are_drawn_too():
    assert found(model=MODEL + "print(w)") == ["model"]


STEPS = """
w, optimizer = tf.Variable([1.0]), keras.optimizers.SGD(0.1)
for _ in range({steps}):
    optimizer.apply_gradients([(w / 3, w)])
"""


def test_a_few_steps_of_an_optimizer_are_not_concerned_and_many_are():
    few, many = (STEPS.format(steps=n) + "print(w.numpy())" for n in (FEW, FEW + 1))
    assert found(few=few, many=many) == ["many"]


# ---- and the disturbance reaches what they print ------------------------------------------------


def disturbed(times, **cells):
    return list(last_digits.disturbed(*last_digits.concerned({"imports": IMPORTS, **cells}), times))


CHAOTIC = """
w, optimizer = tf.Variable(tf.linspace(0.1, 0.4, 9)), keras.optimizers.SGD(1.0)
for _ in range({steps}):
    optimizer.apply_gradients([(w - 3.9 * w * (1 - w), w)])
"""


@pytest.mark.parametrize(
    "start",
    [DRAW, MODEL, CHAOTIC.format(steps=12)],
    ids=["drawn", "keras", "steps"],
)
def test_only_the_last_digits_are_disturbed_each_time_in_another_way(start):
    source = start + "print(f'{tf.norm(w):.3f}')\nprint(f'{tf.norm(w):.9f}')"
    texts = ["".join(printed["cell"]).split() for printed in disturbed(8, cell=source)]
    rounded, all_digits = map(set, zip(*texts, strict=True))
    assert len(rounded) == 1
    assert len(all_digits) > 1


def test_a_cell_whose_training_is_calm_runs_once_and_others_go_on_from_what_it_assigned():
    passes = disturbed(
        3,
        calm=STEPS.format(steps=9) + "v = w.numpy()\nprint(v)",
        chaotic=CHAOTIC.format(steps=60) + "print(v - w)",
        after="v = None",
    )
    assert [list(printed) for printed in passes] == [["calm", "chaotic"], ["chaotic"], ["chaotic"]]


RUNS = """
wild = Setting(rate=1.0, bound=5.0, output="linear", loss="cross-entropy")
ends = [train(wild._replace(seed=seed), steps=45).loss[-1] for seed in range(3)]
print(*ends, train(wild._replace(rate=0.001, seed=3), steps=15).loss[-1])
"""


def test_of_chaotic_runs_a_cell_trains_two_anew_each_time_by_turns_and_of_calm_ones_none():
    found = last_digits.concerned({"imports": IMPORTS, "cell": RUNS})
    anew = []
    with mock.patch.object(runs, "_train", wraps=runs._train) as train:
        for _ in last_digits.disturbed(*found, 5):
            anew.append({call.args[0].seed for call in train.call_args_list})
            train.reset_mock()
    assert sorted(map(sorted, anew[-3:])) == [[0, 1], [0, 2], [1, 2]]
