"""The rules of lecture 9: each against its formula, and some of the stored runs trained again."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from lessons.digits import rules
from lessons.digits.network import BATCH, flat_digits, network, outputs
from tests.digits import scripts
from tests.strict import no_warnings

pytestmark = no_warnings

# Of 1,000 digits. Where a processor rounds otherwise, runs differ: by up to 12 in four tries with
# first weights moved by their last digit. (Runs of the sign itself differ by 27.)
NEAR = 30


def test_each_unit_is_clipped_to_a_share_of_its_own_weights():
    weights = tf.constant([[3.0, 0.3, 0.0], [4.0, 0.4, 0.0]])
    gradient = tf.constant([[0.0, 0.03, 5.0], [1.0, 0.04, 0.0]])
    clipped = rules.clip_each_unit(gradient, weights, 0.1)
    # Clipped to a tenth of 5; exactly at a tenth of 0.5; to a tenth of the floor.
    np.testing.assert_allclose(clipped, [[0, 0.03, 1e-4], [0.5, 0.04, 0]], rtol=1e-6)
    # A bias is one unit as a whole.
    np.testing.assert_allclose(
        rules.clip_each_unit(tf.constant([3.0, 4.0]), tf.constant([6.0, 8.0]), 0.1), [0.6, 0.8]
    )


def test_the_rules_are_what_their_names_say():
    values = [tf.constant([[3.0], [4.0]]), tf.constant([1.0])] * 2
    gradients = [tf.constant([[30.0], [40.0]]), tf.constant([-0.05])] * 2
    after = {name: rule(gradients, values, 0.1) for name, rule in rules.RULES.items()}
    assert after["no clip"] == gradients
    assert float(tf.linalg.global_norm(after["global norm"])) == pytest.approx(0.1)
    flat = {name: [np.ravel(t).tolist() for t in tensors] for name, tensors in after.items()}
    assert flat["sign"] == [[1, 1], [-1]] * 2
    over_the_bound = np.concatenate(flat["by value, over the bound"])
    np.testing.assert_allclose(over_the_bound, [1, 1, -0.5] * 2, rtol=1e-6)
    np.testing.assert_allclose(np.concatenate(flat["each unit"]), [0.3, 0.4, -0.05] * 2, rtol=1e-5)
    spared = np.concatenate(flat["each unit, last layer spared"])
    np.testing.assert_allclose(spared, [0.3, 0.4, -0.05, 30, 40, -0.05], rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: rules.train_by_rule(rules.RuleSetting(rule="norm")), "rule is 'norm'"),
        (lambda: rules.train_by_rule(rules.RuleSetting(cap="hard")), "cap is 'hard'"),
        (lambda: rules.train_by_rule(rules.RuleSetting(rate=0)), "rate is 0"),
        (lambda: rules.train_by_rule(rules.RuleSetting(bound=-1.0)), "bound is -1.0"),
        (lambda: rules.train_by_rule(rules.RuleSetting(seed=1.5)), "seed is 1.5"),
        (lambda: rules.with_a_broken_batch("pray", 10.0, 0), "way is 'pray'"),
        (lambda: rules.with_a_broken_batch("skip", 0.0, 0), "factor is 0.0"),
        (lambda: rules.private(-1.0, 1.0, 0), "noise is -1.0"),
        (lambda: rules.private(1.0, 0.0, 0), "bound is 0.0"),
    ],
)
def test_what_cannot_be_trained_with_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()


def test_the_file_holds_what_it_should():
    stored = rules.load_rules()
    assert {name: stored[name].shape for name in rules.SHAPES} == rules.SHAPES
    for name in set(rules.SHAPES) - {"broken_losses", "dreamed"}:
        assert stored[name].min() >= 50
        assert stored[name].max() <= 1000
    with pytest.raises(ValueError, match="read-only"):
        stored["sign"][0] = 0


@pytest.mark.training
@pytest.mark.parametrize(
    ("name", "place", "setting"),
    [
        ("adaptive", (0, 1, 1, 3), rules.adaptive_setting),
        ("adaptive", (1, 0, 1, 0), rules.adaptive_setting),
        ("sign", (4, 0), rules.sign_setting),
        ("caps", (1, 2, 2), rules.cap_setting),
    ],
)
def test_stored_runs_come_out_alike_when_they_are_trained_again(name, place, setting):
    assert rules.train_by_rule(setting(*place)) == pytest.approx(
        rules.load_rules()[name][place], abs=NEAR
    )


@pytest.mark.training
@pytest.mark.parametrize("way", rules.WAYS)
def test_a_stored_run_with_a_broken_batch_comes_out_alike(way):
    losses, norms, right = rules.with_a_broken_batch(way, 1000.0, 0)
    stored, place = rules.load_rules(), (rules.WAYS.index(way), 2, 0)
    assert right == pytest.approx(stored["broken"][place], abs=NEAR)
    near = slice(0, rules.BROKEN_AT + 3)
    np.testing.assert_allclose(losses[near], stored["broken_losses"][place][near], rtol=0.1)
    # The batch is skipped, and no other is.
    assert np.flatnonzero(norms > rules.SKIPPED_ABOVE).tolist() == [rules.BROKEN_AT]


@pytest.mark.training
def test_adam_is_that_of_keras():
    images, labels, *_ = flat_digits(255.0)
    variables, optimizer = network(0), keras.optimizers.Adam(rules.ADAM_RATE)
    losses = []
    for first in range(0, 4 * BATCH, BATCH):
        with tf.GradientTape() as tape:
            logits = outputs(variables, images[first : first + BATCH])
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(
                labels[first : first + BATCH], logits
            )
            loss = tf.reduce_mean(loss)
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        losses.append(float(loss))
    ours = rules.load_rules()["broken_losses"][0, 0, 0, :4]
    np.testing.assert_allclose(ours, losses, rtol=0.01)


@pytest.mark.training
def test_a_stored_private_run_comes_out_alike():
    # Not at a bound of 1, where it makes no difference whether anything is divided by it.
    for place in ((0, 0, 0), (3, 2, 5)):
        noise, bound, seed = place
        again = rules.private(rules.NOISES[noise], rules.PRIVATE_BOUNDS[bound], seed)
        assert again == pytest.approx(rules.load_rules()["private"][place], abs=NEAR)


@pytest.mark.training
def test_the_stored_reader_is_the_trained_one_and_reads():
    trained, stored = rules.reader(0), rules.stored_reader()
    for ours, theirs in zip(stored, trained, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-3)
    *_, images, labels = flat_digits(255.0)
    assert rules.how_many_right(stored, images, labels) > 900
    assert rules.how_many_right([v * np.nan for v in stored], images, labels) == 0


def test_the_script_trains_every_setting(tmp_path, monkeypatch, capsys):
    make, trained = scripts.load("make_rules"), []

    def quickly(setting):
        trained.append(setting)
        return 100 + setting.seed

    def with_a_broken_batch(way, factor, seed):
        return np.full(rules.STEPS, factor), None, len(way) + seed

    monkeypatch.setattr(rules, "train_by_rule", quickly)
    monkeypatch.setattr(rules, "with_a_broken_batch", with_a_broken_batch)
    monkeypatch.setattr(
        rules, "private", lambda noise, bound, seed: 100 * noise + 10 * bound + seed
    )
    monkeypatch.setattr(rules, "reader", lambda seed: [np.full(2, seed)] * 6)
    monkeypatch.setattr(make, "sure_at_the_end", lambda values, how, rate: values[0][0] + rate)
    path, _ = scripts.made(make, tmp_path, capsys)
    assert len(set(trained)) == 192 + 56 + 64 + 8 == len(trained) / 2
    with np.load(path) as file:
        assert {name: file[name].shape for name in rules.SHAPES} == rules.SHAPES
        for name in make.SETTINGS:
            assert (file[name] == 100 + np.arange(8)).all()
        assert file["broken"][2, 1].tolist() == [4 + seed for seed in range(8)]
        assert (file["broken_losses"][:, 1] == 100).all()
        assert file["private"][3, 1].tolist() == [410 + seed for seed in range(8)]
        assert file["dreamed"][1].tolist() == [100 + seed for seed in range(8)]
        assert not file["reader_5"].any()
