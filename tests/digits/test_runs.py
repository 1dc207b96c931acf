"""Training runs, against NumPy and a plain loop; what they log, repeat and refuse."""

import numpy as np
import pytest
import tensorflow as tf

from lessons.digits import runs
from lessons.digits.network import flat_digits, network
from lessons.digits.runs import PIECE, Setting, train
from tests.strict import no_warnings

pytestmark = [no_warnings, pytest.mark.training]


def first_step_by_hand(setting):
    """Loss and global norm of the first batch, in float64, by backpropagation in NumPy."""
    images, labels, _, _ = flat_digits(setting.divisor)
    x, y = np.asarray(images[:128], float), np.eye(10)[labels[:128]]
    w1, b1, w2, b2, w3, b3 = (np.asarray(v, float) for v in network(setting.seed))
    first = np.maximum(x @ w1 + b1, 0)
    second = np.maximum(first @ w2 + b2, 0)
    raw = second @ w3 + b3
    got = np.maximum(raw, 0) if setting.output == "ReLU" else raw
    if setting.loss == "cross-entropy":
        shares = np.exp(got - got.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        loss, slope = -np.mean(np.log(np.sum(shares * y, axis=1))), (shares - y) / 128
    else:
        loss, slope = np.mean(np.sum((got - y) ** 2, axis=1)), 2 * (got - y) / 128
    if setting.output == "ReLU":
        slope = slope * (raw > 0)
    squares = 0
    for given_to, weights in ((second, w3), (first, w2), (x, None)):
        squares += np.sum((given_to.T @ slope) ** 2) + np.sum(slope.sum(axis=0) ** 2)
        if weights is not None:
            slope = (slope @ weights.T) * (given_to > 0)
    return loss, np.sqrt(squares)


@pytest.mark.parametrize("output", runs.OUTPUTS)
@pytest.mark.parametrize(("loss", "bound"), [("squared error", None), ("cross-entropy", 5.0)])
def test_the_first_step_is_that_of_backpropagation(output, loss, bound):
    setting = Setting(0.01, bound, 50.0, output, loss, seed=1)
    by_hand, norm = first_step_by_hand(setting)
    run = train(setting, steps=PIECE)
    assert run.loss[0] == pytest.approx(by_hand, rel=1e-4)
    assert run.before[0] == pytest.approx(norm, rel=1e-3)
    assert run.after[0] == pytest.approx(min(norm, bound or norm), rel=1e-3)


@pytest.mark.parametrize(
    ("setting", "steps"),
    [
        # Over an epoch of 31 steps too.
        (Setting(0.01, 1.0, output="linear"), 45),
        (Setting(0.1, None, 255.0, "linear", "cross-entropy", 3), 15),
    ],
)
def test_runs_are_those_of_a_loop_as_one_writes_it(setting, steps):
    images, labels, _, _ = flat_digits(setting.divisor)
    batches = tf.data.Dataset.from_tensor_slices((images, labels))
    batches = batches.batch(128, drop_remainder=True).repeat()
    variables = network(setting.seed)
    optimizer = tf.keras.optimizers.SGD(learning_rate=setting.rate)
    losses = []
    for x, y in batches.take(steps):
        with tf.GradientTape() as tape:
            loss = runs.loss_of(variables, x, y, output=setting.output, loss=setting.loss)
        gradients = tape.gradient(loss, variables)
        if setting.bound is not None:
            gradients, _ = tf.clip_by_global_norm(gradients, setting.bound)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        losses.append(float(loss))
    np.testing.assert_allclose(train(setting, steps=steps).loss, losses, rtol=0.01)


def test_accuracy_is_the_share_of_test_digits_and_nothing_is_named_by_nan():
    _, _, images, labels = flat_digits(50.0)
    outputs = runs.outputs_of(network(0), images, "linear").numpy()
    run = train(Setting(0.01, None, output="linear"), PIECE)
    assert run.accuracy[0] == pytest.approx(np.mean(outputs.argmax(axis=1) == labels.numpy()))
    assert run.accuracy[-1] == 0
    assert run.broke_at == np.flatnonzero(~np.isfinite(run.loss))[0]
    assert train(Setting(), PIECE).broke_at is None


# A dead run, and one that is NaN from some step on.
@pytest.mark.parametrize(
    "setting", [Setting(0.01, None, seed=6), Setting(0.01, None, output="linear")]
)
def test_what_is_not_trained_because_it_repeats_is_what_training_would_give(setting, monkeypatch):
    short = runs._train(setting, 75, lambda done: None)
    monkeypatch.setattr(runs, "_what_repeats", lambda logs, batches: None)
    for fast, slow in zip(short, runs._train(setting, 75, lambda done: None), strict=True):
        np.testing.assert_array_equal(fast, slow)


def test_only_numbers_that_stay_for_an_epoch_are_taken_to_repeat():
    still, moving = np.zeros((3, PIECE)), np.ones((3, PIECE))
    assert runs._what_repeats([], 31) is None
    assert runs._what_repeats([still, still], 31) is None  # 30 steps are no epoch of 31
    assert runs._what_repeats([moving, still, still], 31) is None
    assert runs._what_repeats([still] * 3, 31) is not None
    assert np.isnan(runs._what_repeats([still, moving * np.nan], 31)).all()


def test_a_run_tells_how_far_it_is_and_is_remembered():
    setting, seen, again = Setting(0.02, 3.0, seed=9), [], []
    first = train(setting, 45, seen.append)
    assert seen == [0, 15, 30, 45]
    assert train(setting, 45, again.append) is first
    assert again == [45]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"output": "tanh"}, "output is 'tanh'"),
        ({"loss": "hinge"}, "loss is 'hinge'"),
        ({"rate": 0.0}, "rate is 0.0"),
        ({"divisor": -1.0}, "divisor is -1.0"),
        ({"bound": float("inf")}, "bound is inf"),
        ({"seed": 1.5}, "seed is 1.5"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_words(wrong, words):
    with pytest.raises(ValueError, match=words):
        train(Setting()._replace(**wrong))


@pytest.mark.parametrize("steps", [0, -15, 20, 15.0])
def test_a_number_of_steps_that_is_no_whole_number_of_pieces_is_refused(steps):
    with pytest.raises(ValueError, match="multiple of 15"):
        train(Setting(), steps)
