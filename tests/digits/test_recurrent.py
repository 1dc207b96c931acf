"""The recurrent network: its training against one network by itself, and its stored runs."""

import numpy as np
import pytest
import tensorflow as tf

from lessons.digits import recurrent
from tests.digits import scripts
from tests.strict import no_warnings

pytestmark = no_warnings


def alone(seed, activation, rate, bound, steps):
    """Train one network by itself; return its losses and norms."""
    images, labels, *_ = recurrent.rows_of_digits()
    weights, logs = recurrent.first_weights(seed), []
    act = getattr(tf.nn, activation.lower())
    for i in range(steps):
        x, y = images[128 * i : 128 * (i + 1)], labels[128 * i : 128 * (i + 1)]
        with tf.GradientTape() as tape:
            tape.watch(weights)
            u, w, b, v, c = weights
            h = tf.zeros([128, 32])
            for row in range(28):
                h = act(tf.matmul(h, w) + tf.matmul(x[:, row], u) + b)
            logits = tf.matmul(h, v) + c
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
        gradients, norm = tf.clip_by_global_norm(tape.gradient(loss, weights), bound)
        weights = [w - rate * g for w, g in zip(weights, gradients, strict=True)]
        logs.append((loss, norm))
    return np.array(logs).T


@pytest.mark.training
@pytest.mark.parametrize(("activation", "bound"), [("ReLU", 1.0), ("tanh", 1e30)])
def test_each_of_several_networks_is_trained_as_it_would_be_alone(activation, bound):
    limit = None if bound == 1e30 else bound
    runs = recurrent.train_recurrent(activation, 0.1, limit, seeds=[3, 1], epochs=1)
    loss, norm = alone(1, activation, 0.1, bound, steps=4)
    np.testing.assert_allclose(runs.loss[1, :4], loss, rtol=1e-3)
    np.testing.assert_allclose(runs.norm[1, :4], norm, rtol=1e-3)
    assert runs.right.shape == runs.halves.shape == (2, 2)
    assert runs.right[1, 0] < 0.2 < runs.right[1, 1]
    np.testing.assert_allclose(runs.halves.mean(axis=1), runs.right[:, 1], rtol=1e-6)


def test_the_first_500_digits_choose_and_the_others_report(monkeypatch):
    logs, is_right = tf.zeros([recurrent.EPOCH, 1]), tf.constant([np.arange(1000) < 300])
    monkeypatch.setattr(recurrent, "_epoch", lambda *_: lambda w, *_: (w, logs, logs, is_right))
    runs = recurrent.train_recurrent("ReLU", 0.1, None, seeds=[0], epochs=1)
    assert runs.halves == pytest.approx(np.array([[0.6, 0]]))


@pytest.mark.training
def test_a_network_whose_outputs_are_nan_is_never_right():
    runs = recurrent.train_recurrent("ReLU", 0.3, None, seeds=[0], epochs=1)
    assert np.isnan(runs.loss[0, -1])
    assert runs.right[0, 1] == 0, "always the same guess would be right a tenth of the time"


def test_a_gradient_that_is_cut_reaches_the_last_rows_only():
    images = recurrent.rows_of_digits()[0][:16]
    weights = recurrent.first_weights(0)
    with tf.GradientTape() as tape:
        tape.watch(images)
        last = recurrent.states(weights, images, "tanh", cut=7)[-1]
    whole = recurrent.states(weights, images, "tanh")[-1]
    np.testing.assert_array_equal(last, whole)
    reached = tf.norm(tape.gradient(last, images), axis=[0, 2]).numpy() > 0
    assert reached.tolist() == [False] * 21 + [True] * 7


# ---- the file -----------------------------------------------------------------------------------


def test_the_file_holds_every_setting_and_is_read_once():
    runs = recurrent.load_recurrent_runs()
    assert runs["right"].shape == (2, 5, 5, 8, 9)
    assert runs["loss"].shape == runs["norm"].shape == (2, 5, 5, 248)
    assert runs["cut"].shape == (2, 2, 8)
    for name, grid in recurrent.GRIDS.items():
        assert runs[name].shape == (len(grid.rates), len(grid.bounds), 8, 2)
        factors = np.divide(grid.rates[1:], grid.rates[:-1])
        assert factors == pytest.approx(1.5, abs=0.05)
    assert recurrent.load_recurrent_runs() is runs
    assert not any(array.flags.writeable for array in runs.values())


@pytest.mark.training
@pytest.mark.parametrize(
    "setting", [("ReLU", 0.1, 1.0), ("tanh", 0.03, None), ("ReLU", 0.03, None)]
)
def test_a_setting_of_the_file_is_what_training_gives(setting):
    now = recurrent.train_recurrent(*setting, epochs=1)
    loss, norm, right = recurrent.stored_recurrent_runs(*setting)
    np.testing.assert_allclose(loss[:2], now.loss[0, :2], rtol=0.02)
    np.testing.assert_allclose(norm[:2], now.norm[0, :2], rtol=0.02)
    np.testing.assert_allclose(right[:, 0], now.right[:, 0], atol=0.003)
    # After an epoch last digits, in which processors differ, may have moved a network or two, and
    # they decide what a network guesses that has exploded.
    moved = np.median(np.abs(right[:, 1] - now.right[:, 1]))
    assert moved < (0.15 if loss[1] > 100 else 0.02)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: recurrent.train_recurrent("relu", 0.1, 1.0), "activation is 'relu'"),
        (lambda: recurrent.train_recurrent("ReLU", 0, 1.0), "rate is 0"),
        (lambda: recurrent.train_recurrent("ReLU", 0.1, -1.0), "bound is -1.0"),
        (lambda: recurrent.train_recurrent("ReLU", 0.1, 1.0, cut=29), "cut is 29"),
        (lambda: recurrent.train_recurrent("ReLU", 0.1, 1.0, epochs=0), "epochs is 0"),
        (lambda: recurrent.stored_recurrent_runs("ReLU", 0.2, 1.0), "rate is 0.2"),
        (lambda: recurrent.stored_recurrent_runs("ReLU", 0.1, 2.0), "bound is 2.0"),
    ],
)
def test_what_cannot_be_trained_or_is_not_stored_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()


def test_the_script_trains_every_setting(tmp_path, monkeypatch, capsys):
    make, trained = scripts.load("make_recurrent_runs"), []

    def quickly(activation, rate, bound, seeds, cut=28):
        trained.append((activation, rate, bound, cut))
        logs = np.full((len(seeds), 248), 10 * rate, np.float32)
        right, halves = (np.full((len(seeds), n), rate / 2) for n in (9, 2))
        return recurrent.RecurrentRuns(logs, 10 * logs, right, halves)

    monkeypatch.setattr(make, "train_recurrent", quickly)
    path, printed = scripts.made(make, tmp_path, capsys)
    # Some of the grids' settings are among the first fifty.
    assert len(trained) == 2 * (50 + 4 + 5 + 12)
    assert {rate for _, rate, bound, _ in trained if bound is None} > {0.0013, 0.0068}
    assert "50 of 50 cells" in printed
    with np.load(path) as file:
        assert (file["right"][:, 3] == 50).all()
        np.testing.assert_allclose(file["norm"][0, 3, 0], 1, rtol=1e-3)
        assert (file["cut"] == 50).all()
        assert file["not clipped"][2].tolist() == [[[2, 2]] * 8]
        assert file["clipped"].shape == (6, 2, 8, 2)
