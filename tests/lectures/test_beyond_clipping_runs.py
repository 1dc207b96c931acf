"""Lecture 9, sections 4 to 8: what the stored runs show, what the pictures must show, the words."""

import re

import numpy as np
import pytest
import tensorflow as tf

from lessons import beyond_clipping_runs as lesson
from lessons.digits import rules
from lessons.digits.network import BATCH, flat_digits
from lessons.digits.runs import loss_of
from tests.lectures.pictures import picture_of
from tests.strict import no_warnings

pytestmark = no_warnings


def test_in_words_is_the_range_in_percent():
    assert lesson.in_words(np.array([931.0, 905.0, 948.0])) == "90.5 to 94.8 %"


def shown(dots):
    """Return the accuracies that dots show, by the place they stand at."""
    x, y = (np.asarray(values) for values in dots.get_data())
    return [sorted(y[np.round(x) == place]) for place in range(round(x.max()) + 1)]


# ---- 4 · a bound without units ------------------------------------------------------------------


def test_the_ratios_are_those_of_the_first_gradients():
    images, labels, *_ = flat_digits(50.0)
    w1, b1, w2, b2, w3, b3 = (np.asarray(value, float) for value in rules.first_values(0))
    x, right = np.asarray(images[:BATCH], float), np.eye(10)[labels[:BATCH]]
    first = np.maximum(x @ w1 + b1, 0)
    second = np.maximum(first @ w2 + b2, 0)
    z = second @ w3 + b3
    odds = np.exp(z - z.max(axis=1, keepdims=True))
    into_3 = (odds / odds.sum(axis=1, keepdims=True) - right) / BATCH
    into_2 = (into_3 @ w3.T) * (second > 0)
    into_1 = (into_2 @ w2.T) * (first > 0)
    layers = ((x, into_1, w1), (first, into_2, w2), (second, into_3, w3))
    for own, (given, slope, w) in zip(lesson.ratios_of_units(50.0), layers, strict=True):
        ratios = np.linalg.norm(given.T @ slope, axis=0) / np.linalg.norm(w, axis=0)
        np.testing.assert_allclose(own, np.sort(ratios), rtol=1e-2, atol=1e-6)


def test_the_ratios_of_both_inputs_and_of_the_three_layers():
    for_50, for_255 = lesson.ratios_of_units(50.0), lesson.ratios_of_units(255.0)
    assert [len(own) for own in for_50] == [512, 256, 10]
    # Inputs five times as large make every layer's ratios larger.
    for large, small in zip(for_50, for_255, strict=True):
        assert np.median(large) > 3 * np.median(small)
        assert (np.diff(large) >= 0).all()
    # The last layer's are the largest by far: to spare it is to leave them.
    assert np.median(for_50[2]) > 10 * np.median(for_50[1])


def test_one_relative_bound_serves_both_inputs_and_sparing_the_last_layer_fails():
    runs = rules.load_rules()["adaptive"]
    each, together, spared = (
        runs[:, list(rules.BOUNDS).index(rule)]
        for rule in ("each unit", "global norm", "each unit, last layer spared")
    )
    assert each[:, 1].min() > 930
    # A tenfold range of relative bounds serves both, but only two neighbouring global ones.
    assert each[:, :3].min() > 880 > 400 > each[0, 3].max()
    assert (each[:, :3] < 900).sum() == (each[0, 2] < 900).sum() == 1
    assert together[:, :2].min() > 880
    # A global bound of 1 costs some points over 50.
    assert np.median(together[0, 1]) < np.median(each[0, 1]) - 30
    assert together[0, 2].max() < 600 < 900 < together[1, 2].min()
    assert together[:, 3].min(axis=1).max() < 700, "15 fails over both"
    assert np.median(together[1, 1]) >= np.median(each[1, 1]), "tuned, it does as well"
    assert spared[0, 1:].max() < 600


@pytest.mark.parametrize("divisor", [50, 255])
@pytest.mark.parametrize("rule", rules.BOUNDS)
@pytest.mark.parametrize("place", [0, 3])
def test_each_unit_shows_the_ratios_the_bound_and_the_runs(divisor, rule, place):
    made = picture_of(lesson.EachUnit)
    scene = made.scene
    readout = made.frame(divisor=divisor, rule=rule, bound=lesson.BOUND_PAIRS[place]).readout
    right = rules.load_rules()["adaptive"][
        rules.DIVISORS.index(divisor), list(rules.BOUNDS).index(rule)
    ]
    np.testing.assert_allclose(shown(scene.dots), np.sort(right) / 1000)
    assert scene.chosen.get_x() == pytest.approx(place - 0.4)
    assert readout.endswith(f"eight runs get {lesson.in_words(right[place])} right.")
    bound = rules.BOUNDS[rule][place]
    assert scene.line.get_visible() == (rule != "global norm")
    if rule != "global norm":
        assert set(scene.line.get_ydata()) == {bound}
        units = lesson.ratios_of_units(float(divisor))
        shares = re.search("batch (.*), (.*) and (.*) of the units", readout).groups()
        assert list(shares) == [f"{np.mean(own > bound):.0%}" for own in units]


# ---- 5 · each example ---------------------------------------------------------------------------


def test_the_closed_norms_are_those_of_the_tape():
    images, labels, *_ = flat_digits(255.0)
    for number in (0, 17):
        w, b = tf.zeros([784, 10]), tf.zeros([10])
        with tf.GradientTape() as tape:
            tape.watch([w, b])
            logits = images[number : number + 1] @ w + b
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(
                labels[number : number + 1], logits
            )
        norm = tf.linalg.global_norm(tape.gradient(loss, [w, b]))
        assert lesson.example_norms()[number] == pytest.approx(float(norm), rel=1e-4)


def test_noise_costs_little_at_first_and_much_at_last():
    right = rules.load_rules()["private"]
    medians = np.median(right, axis=2)
    assert (np.diff(medians, axis=0) < 0).all(), "more noise, fewer right"
    assert (medians[0] - medians[1] < 25).all()
    np.testing.assert_allclose(1 - medians[4] / medians[0], 1 / 3, atol=0.05)
    # A bound of 3 in place of 0.3.
    np.testing.assert_allclose(medians[3:, 0] - medians[3:, 2], 40, atol=10)


@pytest.mark.parametrize(("noise", "bound"), [(0, 0.3), (8, 3.0)])
def test_each_example_shows_the_runs_and_who_is_clipped(noise, bound):
    made = picture_of(lesson.EachExample)
    readout = made.frame(noise=noise, bound=bound).readout
    right = rules.load_rules()["private"][:, rules.PRIVATE_BOUNDS.index(bound)]
    np.testing.assert_allclose(shown(made.scene.dots), np.sort(right) / 1000)
    above = np.sum(lesson.example_norms() > bound)
    assert f"{above} of {BATCH} examples" in readout
    assert readout.endswith(f"{lesson.in_words(right[rules.NOISES.index(noise)])} right.")


# ---- 6 · the sign -------------------------------------------------------------------------------


def test_the_sign_costs_some_points_and_small_bounds_come_to_it():
    *clipped, sign = np.median(rules.load_rules()["sign"], axis=1)
    assert np.argmax(clipped) == rules.SIGN_BOUNDS.index(0.01)
    assert max(clipped) > sign + 30
    np.testing.assert_allclose(clipped[:3], sign, atol=25)


def test_how_many_numbers_of_the_first_batch_are_inside_a_bound():
    images, labels, *_ = flat_digits(50.0)
    values = rules.first_values(0)
    with tf.GradientTape() as tape:
        tape.watch(values)
        batch = images[:BATCH], labels[:BATCH]
        loss = loss_of(values, *batch, output="linear", loss="cross-entropy")
    sizes = np.abs(np.concatenate([np.ravel(g) for g in tape.gradient(loss, values)]))
    inside = [np.mean(sizes[sizes > 0] < bound) for bound in (0.001, 0.01, 0.1)]
    np.testing.assert_allclose(inside, [0.1, 0.5, 0.97], atol=0.03)


@pytest.mark.parametrize("bound", rules.SIGN_BOUNDS)
def test_towards_the_sign_draws_the_clip_over_its_bound(bound):
    made = picture_of(lesson.TowardsTheSign)
    readout = made.frame(bound=bound).readout
    x, y = made.scene.curve.get_data()
    clipped = tf.clip_by_value(tf.constant(x, tf.float32), -bound, bound) / bound
    np.testing.assert_allclose(y, clipped, atol=1e-5)
    place = rules.SIGN_BOUNDS.index(bound)
    assert made.scene.chosen.get_x() == pytest.approx(place - 0.4)
    assert lesson.in_words(rules.load_rules()["sign"][place]) in readout


# ---- 7 · caps -----------------------------------------------------------------------------------


def test_a_hard_cap_loses_the_gradient_and_a_soft_one_keeps_some():
    z = np.array([-12.0, -5.0, 0.0, 4.0, 6.0])
    y, slope = lesson.capped(z, 5.0, "hard cap")
    np.testing.assert_allclose(y, [-5, -5, 0, 4, 5])
    np.testing.assert_allclose(slope, [0, 1, 1, 1, 0])
    y, slope = lesson.capped(z, 5.0, "soft cap")
    np.testing.assert_allclose(y, 5 * np.tanh(z / 5), rtol=1e-5)
    np.testing.assert_allclose(slope, 1 / np.cosh(z / 5) ** 2, rtol=1e-4)
    _, (before, beyond) = lesson.capped(np.array([14.0, 15.0]), 5.0, "soft cap")
    assert beyond < 0.01 < before, "from three times the cap on"
    assert lesson.capped(np.array([40.0]), 5.0, "soft cap")[1] == 0, "rounded, from eight times on"


def test_who_learns_under_a_cap():
    hard, soft = np.sum(rules.load_rules()["caps"] > 850, axis=2)
    assert hard.tolist() == [3, 1, 0, 0]
    assert soft.tolist() == [7, 6, 8, 8]
    assert rules.load_rules()["no_cap"].min() > 900


@pytest.mark.parametrize("cap", [2, 20])
def test_hard_and_soft_draws_curves_and_slopes(cap):
    made = picture_of(lesson.HardAndSoft)
    readout = made.frame(cap=cap).readout
    for how, (after, slope) in zip(("hard cap", "soft cap"), made.scene.curves, strict=True):
        x, y = after.get_data()
        assert np.abs(y).max() <= cap + 1e-4
        # Between two places of the grid the hard cap bends.
        off = np.abs(slope.get_ydata() - np.gradient(y, x))
        assert np.count_nonzero(off > 0.01) <= 4
        found = lesson.capped(x, float(cap), how)
        np.testing.assert_array_equal([y, slope.get_ydata()], found)
    hard, soft = map(lesson.in_words, rules.load_rules()["caps"][:, rules.CAP_BOUNDS.index(cap)])
    assert f"get {hard} right with the hard cap, {soft} with the soft one" in readout


# ---- 8 · a broken batch -------------------------------------------------------------------------


def after(place=2):
    losses = rules.load_rules()["broken_losses"][:, place]
    return losses[:, :, rules.BROKEN_AT + 1 : rules.BROKEN_AT + 11].mean(axis=2)


def test_doing_nothing_hurts_the_next_steps_of_every_run_and_little_is_left_at_the_end():
    nothing, clipped, skipped = after()
    assert nothing.min() > 3 * max(clipped.max(), skipped.max())
    losses = rules.load_rules()["broken_losses"][:, 2]
    nothing, _, skipped = losses[:, :, rules.BROKEN_AT + 1]
    assert (nothing < 1.3 * skipped).all(), "the one step"
    nothing, _, skipped = losses[:, :, rules.BROKEN_AT + 10]
    assert (nothing > 10 * skipped).all(), "what Adam remembers"
    right = rules.load_rules()["broken"][:, 2]
    assert right.min() > 870
    nothing, *others = np.median(right, axis=1)
    assert all(10 < other - nothing < 25 for other in others), "a point or two"
    _, clipped, skipped = right
    assert (clipped > skipped).sum() == 7, "a little better"
    nothing, clipped, _ = losses[:, :, rules.BROKEN_AT - 20 : rules.BROKEN_AT].mean(axis=(1, 2))
    assert clipped < 0.96 * nothing, "and ahead before the broken batch"


@pytest.mark.training
def test_the_norms_of_the_broken_batch_are_as_the_notes_say():
    before = slice(rules.BROKEN_AT - 10, rules.BROKEN_AT)
    for factor, low, high in ((10.0, 10, 20), (1000.0, 1000, 2000)):
        _, norms, _ = rules.with_a_broken_batch("skip", factor, 0)
        assert low < norms[rules.BROKEN_AT] / np.median(norms[before]) < high


def test_nothing_is_worst_for_twenty_batches_and_above_the_others_to_the_end():
    losses = np.median(rules.load_rules()["broken_losses"][:, 2], axis=1)
    nothing, *others = losses[:, rules.BROKEN_AT + 1 :]
    for other in others:
        assert (nothing[5:20] > 2 * other[5:20]).all()
        assert nothing[-30:].mean() > 2 * other[-30:].mean()
    nothing, _, skipped = rules.load_rules()["broken_losses"][:, 0]
    same = [np.array_equal(*pair, equal_nan=True) for pair in zip(nothing, skipped, strict=True)]
    assert sum(same) == 1, "ten times is not enough to be skipped"


@pytest.mark.parametrize("factor", [10, 1000])
def test_the_broken_batch_is_drawn_as_the_median_of_the_runs(factor):
    made = picture_of(lesson.BrokenBatch)
    readout = made.frame(factor=factor).readout
    place = rules.FACTORS.index(factor)
    stored = rules.load_rules()
    for number, line in enumerate(made.scene.lines):
        median = np.median(stored["broken_losses"][number, place], axis=0)
        steps, drawn = line.get_data()
        assert steps[np.isnan(drawn)].tolist() == [rules.BROKEN_AT]
        others = steps[~np.isnan(drawn)]
        expected = np.clip(median[others], *made.scene.span)
        np.testing.assert_allclose(drawn[~np.isnan(drawn)], expected)
        ten = after(place)[number]
        assert f"loss {ten.min():.2f} to {ten.max():.2f} over the next ten" in readout
        assert f"{lesson.in_words(stored['broken'][number, place])} right at the end" in readout
