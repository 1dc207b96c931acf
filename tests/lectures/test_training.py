"""Lecture 5: its runs against NumPy and plain TensorFlow, its map and pictures, its sentences."""

import functools
import hashlib
import importlib.util
import re

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons import training as lesson
from lessons.digits import map as chart
from lessons.digits import runs
from lessons.digits.network import flat_digits, network
from lessons.digits.runs import LOSSES, OUTPUTS, PIECE, STEPS, Setting, train
from tests.lectures import sweep
from tests.lectures.pictures import picture_of
from tests.strict import no_warnings

pytestmark = [no_warnings, pytest.mark.training]

ROOT = chart.MAP_FILE.parents[1]
NOTEBOOK = ROOT / "notebooks" / "05_clipping_in_training.ipynb"
COURSE, LINEAR, CLASSES, SMALL = chart.PROGRAMS
COMPARE = settings(derandomize=True, max_examples=25, deadline=None)


def outcome(program, rate, bound):
    return chart.outcome(program, rate, bound)


# ---- one step, by hand --------------------------------------------------------------------------


def first_step_by_hand(setting):
    """Loss and gradients of the first batch, in float64, by backpropagation in NumPy."""
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
    gradients = []
    for given_to, weights in ((second, w3), (first, w2), (x, None)):
        gradients += [given_to.T @ slope, slope.sum(axis=0)]
        if weights is not None:
            slope = (slope @ weights.T) * (given_to > 0)
    return loss, np.sqrt(sum(np.sum(g**2) for g in gradients))


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("bound", [None, 15.0])
def test_the_first_step_is_that_of_backpropagation(output, loss, bound):
    setting = Setting(0.01, bound, 50.0, output, loss, seed=1)
    by_hand, norm = first_step_by_hand(setting)
    run = train(setting, steps=PIECE)
    assert run.loss[0] == pytest.approx(by_hand, rel=1e-4)
    assert run.before[0] == pytest.approx(norm, rel=1e-3)
    assert run.after[0] == pytest.approx(norm if bound is None else min(norm, bound), rel=1e-3)


def plainly_trained(setting, steps):
    """Return the losses of a loop as one writes it, without tf.function."""
    images, labels, _, _ = flat_digits(setting.divisor)
    batches = tf.data.Dataset.from_tensor_slices((images, labels))
    batches = batches.batch(128, drop_remainder=True).repeat()
    variables = network(setting.seed)
    optimizer = tf.keras.optimizers.SGD(learning_rate=setting.rate)
    losses = []
    choice = {"output": setting.output, "loss": setting.loss}
    for x, y in batches.take(steps):
        with tf.GradientTape() as tape:
            loss = runs.loss_of(variables, x, y, **choice)
        gradients = tape.gradient(loss, variables)
        if setting.bound is not None:
            gradients, _ = tf.clip_by_global_norm(gradients, setting.bound)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        losses.append(float(loss))
    return losses


@pytest.mark.parametrize(
    ("setting", "steps"),
    [
        (Setting(0.01, 1.0, output="linear"), 45),
        (Setting(0.1, None, 255.0, "linear", "cross-entropy", 3), 15),
        (Setting(0.01, None, seed=2), 15),
    ],
)
def test_runs_are_those_of_the_plain_loop_over_an_epoch_too(setting, steps):
    got = train(setting, steps=steps).loss
    np.testing.assert_allclose(got, plainly_trained(setting, steps), rtol=0.01)


@functools.cache
def ran_in_the_notebook():
    """Run the cells of the notebook's own program; return what they leave."""
    namespace = {"__name__": "__main__"}
    with sweep.in_the_notebooks_folder():
        for name, source in sweep.code_cells(NOTEBOOK).items():
            if name == "imports" or name in [
                "program-data",
                "program-network",
                "program-gradients",
                "program-run",
                "program-accuracy",
                "program-norms",
                "two-cross-entropy",
            ]:
                # nbval runs all of its steps; two epochs are enough here.
                sweep.run(source.replace("take(201)", "take(62)"), namespace, f"05, {name}")
    return namespace


def test_the_program_of_the_notebook_has_the_losses_that_the_scenes_train_with():
    losses = ran_in_the_notebook()["losses"]
    run = train(Setting(0.01, 15.0, 50.0, "ReLU", "squared error", 0))
    np.testing.assert_allclose(losses[:PIECE], run.loss[:PIECE], rtol=0.01)
    np.testing.assert_allclose(losses, run.loss[:62], rtol=0.05)


def test_the_program_of_the_notebook_is_quiet_and_has_learned_nothing():
    made = ran_in_the_notebook()
    assert made["losses"][0] > 100
    assert max(made["losses"][31:]) < 1.1
    assert made["right"] < 0.15
    assert np.mean(made["outputs"].max(axis=1) == 0) > 0.5


def test_in_the_third_step_without_a_clip_every_gradient_is_0_and_with_one_none_is(capsys):
    made = ran_in_the_notebook()
    capsys.readouterr()
    made["three_steps"](bound=None)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines[::2]] == ["0,", "1,", "2,"]
    assert lines[4] == "step 2, loss 1"
    assert lines[5].split() == ["before", *["0"] * 6]
    first, second = (np.array(lines[n].split()[1:], float) for n in (1, 3))
    assert (second > first).all()
    made["three_steps"](bound=15)
    lines = capsys.readouterr().out.splitlines()
    losses = [float(line.split()[-1]) for line in lines[::3]]
    assert 1 < losses[2] < losses[1] < losses[0] / 6
    assert (np.array(lines[7].split()[1:], float) > 0).all()


def test_the_cross_entropy_of_the_notebook_is_that_of_the_scenes():
    made = ran_in_the_notebook()
    run = train(chart.PROGRAMS[CLASSES], PIECE)
    first = made["cross_entropy"](made["six_variables"](seed=0), *made["sample"])
    assert float(first) == pytest.approx(run.loss[0], rel=1e-4)
    none = made["cross_entropy"]([0 * v for v in made["variables"]], *made["sample"])
    assert float(none) == pytest.approx(np.log(10))


def test_the_cross_entropy_grows_with_a_wrong_output_and_the_squared_error_with_its_square():
    for size, squared in ((10.0, 101), (20.0, 401)):
        raw, right = size * np.eye(10)[3], np.eye(10)[7]
        probabilities = np.exp(raw) / np.exp(raw).sum()
        assert -np.log(probabilities[7]) == pytest.approx(size, abs=0.001)
        assert np.sum((raw - right) ** 2) == squared


# ---- whole runs ---------------------------------------------------------------------------------


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
        ({"rate": float("nan")}, "rate is nan"),
        ({"rate": float("inf")}, "rate is inf"),
        ({"rate": "fast"}, "rate is 'fast'"),
        ({"divisor": -1.0}, "divisor is -1.0"),
        ({"bound": 0.0}, "bound is 0.0"),
        ({"bound": float("inf")}, "bound is inf"),
        ({"seed": 1.5}, "seed is 1.5"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_words(wrong, words):
    with pytest.raises(ValueError, match=words):
        train(Setting()._replace(**wrong))


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: chart.outcome("linear", 0.1, None), "program is 'linear'"),
        (lambda: chart.outcome("linear, cross-entropy", 0.2, None), r"rate is 0\.2\."),
        (lambda: chart.outcome("linear, cross-entropy", 0.1, 2.0), r"bound is 2\.0\."),
        (lambda: lesson.predicted_loss(50, "relu"), "output is 'relu'"),
        (lambda: lesson.predicted_loss(0, "ReLU"), "divisor is 0"),
        (lambda: lesson.first_losses(50.0, "relu"), "output is 'relu'"),
    ],
)
def test_what_is_not_on_the_map_and_no_network_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()


def test_nothing_is_printed_of_cases_of_which_one_is_not_on_the_map(capsys):
    right = ("linear, cross-entropy", 0.1, None)
    with pytest.raises(ValueError, match=r"rate is 0\.2\."):
        chart.print_outcomes([right, ("linear, cross-entropy", 0.2, None)])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("steps", [0, -15, 20, 15.0])
def test_a_number_of_steps_that_is_no_whole_number_of_pieces_is_refused(steps):
    with pytest.raises(ValueError, match="multiple of 15"):
        train(Setting(), steps)


def test_accuracy_is_the_share_of_test_digits_and_nothing_is_named_by_nan():
    _, _, images, labels = flat_digits(50.0)
    outputs = runs.outputs_of(network(0), images, "linear").numpy()
    share = np.mean(outputs.argmax(axis=1) == labels.numpy())
    linear = train(Setting(0.01, None, output="linear"), PIECE)
    assert linear.accuracy[0] == pytest.approx(share)
    assert linear.accuracy[-1] == 0
    assert linear.broke_at == np.flatnonzero(~np.isfinite(linear.loss))[0]
    assert train(Setting(), PIECE).broke_at is None


# ---- what a run shows and the sources do not say, over eight seeds -------------------------------


@pytest.mark.parametrize("seed", chart.SEEDS)
def test_without_a_clip_the_relu_output_is_dead_after_two_steps(seed):
    run = train(Setting(0.01, None, seed=seed), steps=60)
    assert chart.died_at(run) in (1, 2)
    assert (run.loss[2:] == 1).all(), "calm"
    assert (run.before[2:] == 0).all()
    assert run.accuracy[-1] == pytest.approx(0.1)


@pytest.mark.parametrize("seed", chart.SEEDS)
def test_without_a_clip_the_linear_output_is_infinite_and_then_nan(seed):
    run = train(Setting(0.01, None, output="linear", seed=seed), steps=PIECE)
    assert run.broke_at == 3
    assert np.isnan(run.loss[-1])
    assert np.isinf(run.loss).any()


@pytest.mark.parametrize("divisor", [50.0, 100.0, 255.0])
@pytest.mark.parametrize("output", OUTPUTS)
def test_the_first_loss_follows_from_variances(divisor, output):
    measured = lesson.first_losses(divisor, output)
    assert len(measured) == 8
    assert np.mean(measured) == pytest.approx(lesson.predicted_loss(divisor, output), rel=0.05)
    alone = train(Setting(0.01, None, divisor, output, seed=4), PIECE).loss[0]
    assert measured[4] == pytest.approx(alone, rel=1e-5)


def test_the_variances_are_those_of_the_weights_and_of_the_formula():
    weights = np.concatenate([np.ravel(w) for w in network(0)[::2]])
    assert np.var(weights) == pytest.approx(lesson.WEIGHT_VARIANCE, rel=0.01)
    assert pytest.approx(0.1**2 * 0.7737, rel=1e-4) == lesson.WEIGHT_VARIANCE
    s2 = lesson.WEIGHT_VARIANCE
    images = flat_digits(50.0)[0][:128].numpy().astype(float)
    v = s2 * (256 * s2 / 2) * (512 * s2 / 2) * np.sum(images**2, axis=1)
    np.testing.assert_allclose(lesson.output_variances(50.0), v, rtol=1e-4)
    assert lesson.predicted_loss(50.0, "linear") == pytest.approx(10 * v.mean() + 1, rel=1e-4)
    assert lesson.predicted_loss(50.0, "ReLU") == pytest.approx(5 * v.mean(), rel=0.04)
    counted = 5 * v.mean() - 2 * np.sqrt(v.mean() / (2 * np.pi)) + 1
    assert round(counted) == round(lesson.predicted_loss(50.0, "ReLU")) == 172
    # And the outputs themselves, over all seeds.
    outputs = [
        runs.outputs_of(network(seed), images[:128].astype(np.float32), "linear")
        for seed in chart.SEEDS
    ]
    assert np.mean(np.square(outputs)) == pytest.approx(v.mean(), rel=0.05)


@COMPARE
@given(st.floats(20, 300))
def test_outputs_shrink_with_the_inputs_and_the_loss_with_their_square(divisor):
    ratio = (50 / divisor) ** 2
    np.testing.assert_allclose(
        lesson.output_variances(divisor), lesson.output_variances(50.0) * ratio, rtol=1e-4
    )
    assert lesson.predicted_loss(divisor, "linear") - 1 == pytest.approx(
        (lesson.predicted_loss(50.0, "linear") - 1) * ratio, rel=1e-4
    )


PRINTED_LOSSES = 28.888, 41.257
PRINTED = np.array(
    [
        [89.03711, 2.6175494, 118.17449, 2.1617627, 134.27968, 2.5254946],
        [1143.292, 35.841225, 1279.236, 24.312374, 1185.6311, 17.80448],
    ]
)


def test_the_printed_losses_fit_a_mean_and_do_not_tell_the_output():
    for output, low, high in (("ReLU", 10, 37), ("linear", 27, 42)):
        means = [loss / 10 for loss in lesson.first_losses(50.0, output)]
        assert (round(min(means)), round(max(means))) == (low, high)
        assert min(means) < PRINTED_LOSSES[0] < max(means)
        assert 5 * max(PRINTED_LOSSES) < 10 * max(means), "a sum would be ten times as large"


def test_the_printed_norms_fit_a_linear_output_and_no_relu():
    printed = np.linalg.norm(PRINTED, axis=1)
    assert printed[1] > 10 * printed[0]
    # A mean over ten outputs is a tenth of the sum, and so is its gradient.
    for seed in chart.SEEDS:
        rate = Setting(0.001, None, seed=seed)
        relu, linear = (train(rate._replace(output=o), PIECE) for o in ("ReLU", "linear"))
        assert relu.before[1] / 10 < 18.6, "with ReLU they fall"
        assert relu.before[1] < 0.2 * relu.before[0]
        assert linear.before[1] > 9 * linear.before[0], "with a linear output they grow"
        assert 0.9 * printed[0] < linear.before[0] / 10 < 1.5 * printed[0]
    # With the steps of section 1, ten times as long, the norms with ReLU grow too: seed 0 shows it.
    long = train(Setting(0.01, None), PIECE)
    assert long.before[1] > 9 * long.before[0]


# ---- the map ------------------------------------------------------------------------------------


def test_the_map_holds_every_program_rate_bound_and_seed():
    arrays = chart.load_map()
    assert (len(chart.RATES), len(chart.BOUNDS)) == (7, 8)
    for name in chart.NUMBERS:
        assert arrays[name].shape == (4, 7, 8, 8)
    for name, length in chart.CURVES.items():
        assert arrays[name].shape == (4, 7, 8, length)
    assert chart.load_map() is arrays
    with pytest.raises(ValueError, match="read-only"):
        arrays["right"][0] = 0


def test_numbers_and_curves_of_the_map_belong_together():
    arrays = chart.load_map()
    broken = ~np.isfinite(arrays["loss"]).all(axis=-1)
    np.testing.assert_array_equal(broken, arrays["broke_at"][..., 0] >= 0)
    still = (arrays["before"][..., -chart.EPOCH :] == 0).all(axis=-1)
    np.testing.assert_array_equal(still, arrays["died_at"][..., 0] >= 0)
    np.testing.assert_allclose(
        arrays["accuracy"][..., -1], arrays["right"][..., 0] / 1000, atol=5e-4
    )
    none = chart.BOUNDS.index(None)
    assert not arrays["clipped"][:, :, none].any()


# A dead run, an exploding one, one that crawls, and two that learn.
CELLS = [(0, 2, 7, 3), (1, 2, 7, 5), (1, 2, 1, 0), (2, 4, 3, 0), (3, 5, 2, 0)]


@pytest.mark.parametrize("place", CELLS)
def test_a_cell_of_the_map_is_what_training_gives(place):
    *cell, seed = place
    setting = chart.cell_setting(*cell, seed)
    now = chart.entries(train(setting), setting)
    stored = {name: chart.load_map()[name][tuple(cell)] for name in (*chart.NUMBERS, *chart.CURVES)}
    assert now["broke_at"] == stored["broke_at"][seed]
    assert now["died_at"] == stored["died_at"][seed]
    assert abs(now["right"] - int(stored["right"][seed])) <= 20
    assert abs(now["clipped"] - int(stored["clipped"][seed])) <= 5
    if seed == 0:
        np.testing.assert_allclose(10 ** now["loss"][:PIECE], stored["loss"][:PIECE], rtol=0.02)
        np.testing.assert_allclose(10 ** now["before"][:PIECE], stored["before"][:PIECE], rtol=0.02)
        np.testing.assert_allclose(now["accuracy"], stored["accuracy"], atol=0.02)


def test_the_readme_of_the_assets_states_the_maps_sha256():
    section = (ROOT / "assets" / "README.md").read_text(encoding="utf-8")
    section = section.split("## training-map.npz")[1].split("\n## ")[0]
    stated = re.search(r"SHA-256:\*\* `([0-9a-f]{64})`", section).group(1)
    assert stated == chart.MAP_SHA256
    assert stated == hashlib.sha256(chart.MAP_FILE.read_bytes()).hexdigest()
    assert chart.MAP_FILE.stat().st_size < 200_000


def test_a_missing_map_is_named_and_how_to_mend_it(tmp_path):
    path = tmp_path / "gone.npz"
    with pytest.raises(FileNotFoundError) as caught:
        chart.load_map(path)
    assert str(path) in str(caught.value)
    assert "git checkout -- assets/training-map.npz" in str(caught.value)
    assert "python assets/make_training_map.py" in str(caught.value)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content[:1000] + bytes([content[1000] ^ 1]) + content[1001:],
        lambda content: b"",
        lambda content: b"version https://git-lfs.github.com/spec/v1\n",
    ],
)
def test_a_damaged_map_is_named_and_how_to_mend_it(tmp_path, damage):
    path = tmp_path / "damaged.npz"
    path.write_bytes(damage(chart.MAP_FILE.read_bytes()))
    with pytest.raises(ValueError, match="damaged") as caught:
        chart.load_map(path)
    assert str(path) in str(caught.value)
    assert "git checkout -- assets/training-map.npz" in str(caught.value)


def script(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "assets")
    spec = importlib.util.spec_from_file_location("make", ROOT / "assets" / "make_training_map.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_script_trains_every_cell_and_writes_the_same_bytes_again(
    tmp_path, monkeypatch, capsys
):
    make = script(monkeypatch)
    monkeypatch.setattr(chart, "RATES", (0.01, 0.1))
    monkeypatch.setattr(chart, "BOUNDS", (1.0, None))
    monkeypatch.setattr(chart, "SEEDS", range(2))
    trained = []

    def quickly(setting):
        trained.append(setting)
        losses = np.full(STEPS, setting.rate + setting.seed, np.float32)
        return runs.Run(losses, 10 * losses, losses, np.full(11, setting.rate, np.float32))

    monkeypatch.setattr(make, "train", quickly)
    written = []
    for name in ("one.npz", "two.npz"):
        monkeypatch.setattr(make, "TARGET", tmp_path / name)
        make.main()
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    assert len(trained) == 2 * 4 * 2 * 2 * 2
    assert len(set(trained)) == len(trained) // 2
    printed = capsys.readouterr().out
    assert "32 of 32 runs" in printed
    assert hashlib.sha256(written[0]).hexdigest() in printed
    with np.load(tmp_path / "one.npz") as file:
        assert file["right"].shape == (4, 2, 2, 2)
        assert file["right"][:, 1, :, 1].tolist() == [[100, 100]] * 4
        assert file["clipped"][0].tolist() == [[[0, 150], [0, 0]], [[0, 150], [0, 0]]]
        np.testing.assert_allclose(10 ** file["loss"][0, 1, 0].astype(float), 0.1, rtol=1e-3)


def run_of(before, loss=1.0, right=0.5):
    before = np.asarray(before, np.float32)
    loss = np.broadcast_to(np.float32(loss), before.shape)
    return runs.Run(loss, before, before, np.array([0.1, right], np.float32))


def test_dead_is_a_run_without_a_gradient_for_an_epoch_up_to_its_end():
    ones, zeros = np.ones(50), np.zeros(31)
    assert chart.died_at(run_of([*ones, *zeros])) == 50
    assert chart.died_at(run_of([*ones, *zeros[1:]])) == -1
    assert chart.died_at(run_of([*zeros, *ones])) == -1
    assert chart.died_at(run_of(zeros)) == 0


def test_entries_count_and_keep_what_is_said_of_them():
    before = [*np.arange(1.0, 11.0), *np.zeros(5)]
    kept = chart.entries(run_of(before, loss=100.0, right=0.907), Setting(bound=7.0))
    assert kept["clipped"] == 3
    assert kept["longest"] == 10
    assert kept["typical"] == 3
    assert kept["right"] == 907
    assert (kept["broke_at"], kept["died_at"]) == (-1, -1)
    assert kept["loss_at_the_end"] == 100
    # A float32 logarithm is not the same to the last digit on every processor.
    np.testing.assert_allclose(kept["loss"], 2, rtol=1e-6)
    assert kept["before"][9] == pytest.approx(1, rel=1e-6)
    assert np.isneginf(kept["before"][-1])
    assert chart.entries(run_of(before), Setting(bound=None))["clipped"] == 0


def an_outcome(rights, broke=0, died=0, clipped=0.0):
    return chart.Outcome(rights, broke, died, clipped, typical=1.0, last_loss=1.0)


def test_an_outcome_in_words():
    rights = np.array([910, 890, 900, 100, 905, 905, 905, 905], np.uint16)
    learned = an_outcome(rights, 1, 0, 0.25)
    assert learned.learned == 6
    assert learned.in_short == "90"
    assert learned.words == (
        "1 of 8 runs end as no number, 10 to 91 % right, 6 of 8 runs reach 90 %, 25% of the steps "
        "clipped"
    )
    assert an_outcome(rights, broke=8).words == "the loss ends as no number in all 8 runs"
    assert an_outcome(rights, died=8).words == "all 8 runs are dead, every gradient is 0"
    assert "2 of 8 runs are dead, " in an_outcome(rights, died=2).words
    assert [an_outcome(rights, broke=n).in_short for n in (4, 5)] == ["90", "NaN"]
    assert [an_outcome(rights, died=n).in_short for n in (4, 5)] == ["90", "dead"]


def test_tables_and_logs_say_what_the_map_holds(capsys):
    chart.print_outcomes([(CLASSES, 1.0, None), (CLASSES, 0.1, 15.0)])
    head, broken, learned = capsys.readouterr().out.splitlines()
    names = ["output,", "loss", "rate", "bound", "NaN", "dead", "≥90%", "right", "norm", "loss"]
    assert head.split() == names
    assert broken.split()[2:] == ["1", "none", "8", "0", "0", "0", "to", "0", "%", "NaN", "NaN"]
    assert learned.split()[2:8] == ["0.1", "15", "0", "0", "8", "92"]
    got = outcome(CLASSES, 0.1, 15.0)
    typical, last = (chart.load_map()[name][2, 4, 3] for name in ("typical", "loss_at_the_end"))
    assert (got.typical, got.last_loss) == (np.median(typical), np.median(last))
    assert learned.split()[-2:] == [f"{np.median(typical):.2g}", f"{np.median(last):.2g}"]
    chart.print_outcomes([(LINEAR, 0.01, 1.0)])
    assert capsys.readouterr().out.split()[-2:] == ["179", "32"], "no powers of ten"
    chart.print_logs({"X": (COURSE, 0.01, None)})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["log", "X", "step", "loss", "norm", "right"]
    assert [line.split()[0] for line in lines[1:]] == ["0", "1", "2", "30", "60", "90", "120"]
    assert lines[4].split() == ["30", "1", "0", "10%"]


# ---- what the lecture says of the map -----------------------------------------------------------


def test_the_table_of_eight_seeds():
    dead = outcome(COURSE, 0.01, None)
    assert dead.died == 8
    for bound in (15.0, 1.0):
        delayed = outcome(COURSE, 0.01, bound)
        assert delayed.died == delayed.broke == delayed.learned == 0
        assert delayed.right.max() < 150
    place = (0, chart.RATES.index(0.01), chart.BOUNDS.index(15.0))
    assert (chart.load_map()["typical"][place] == 0).all(), "no gradient in half of the steps"
    for bound in (None, 15.0, 1.0):
        place = (0, chart.RATES.index(0.01), chart.BOUNDS.index(bound))
        assert (abs(chart.load_map()["loss_at_the_end"][place] - 1) < 0.01).all(), "calm"
    assert outcome(LINEAR, 0.01, None).broke == 8
    slow, crawling = outcome(LINEAR, 0.01, 15.0), outcome(LINEAR, 0.01, 1.0)
    assert slow.right.min() > 500
    assert crawling.right.max() < 200
    assert crawling.clipped == 1
    assert outcome(CLASSES, 0.1, None).learned == outcome(CLASSES, 0.1, 15.0).learned == 8
    assert outcome(CLASSES, 0.1, 1.0).learned == 0
    assert outcome(CLASSES, 1.0, None).broke == 8
    assert outcome(CLASSES, 1.0, 15.0).right.max() < 200
    assert outcome(CLASSES, 1.0, 1.0).learned == 7


def test_with_relu_a_run_is_dead_or_near_the_loss_of_outputs_of_0_or_on_its_way_there():
    assert chart.load_map()["right"][0].max() < 160
    lost = chart.load_map()["loss_at_the_end"][0]
    limits = np.array([b or np.inf for b in chart.BOUNDS])
    crawls = np.multiply.outer(chart.RATES, limits) < 0.004
    assert (abs(lost[~crawls] - 1) < 0.05).all()
    # Those that are still on their way: above 1, and below the first loss.
    first = np.array(lesson.first_losses(50.0, "ReLU"))
    assert crawls.sum() == 4
    assert (lost[crawls] > 1.05).all()
    assert (lost[crawls] < 0.8 * first).all()


def test_with_the_squared_error_and_a_linear_output_nothing_learns_without_a_clip():
    for rate in chart.RATES:
        assert outcome(LINEAR, rate, None).broke == 8


def medians(program):
    return {
        (rate, bound): np.median(outcome(program, rate, bound).right)
        for rate in chart.RATES
        for bound in chart.BOUNDS
    }


@pytest.mark.parametrize(
    ("program", "clipped", "free"),
    [(COURSE, 12, 10), (LINEAR, 78, 0), (CLASSES, 94, 92), (SMALL, 94, 93)],
)
def test_what_the_best_clip_buys(program, clipped, free):
    right = medians(program)
    best = {
        is_free: max(right[cell] for cell in right if (cell[1] is None) == is_free) / 10
        for is_free in (False, True)
    }
    assert (round(best[False]), round(best[True])) == (clipped, free)
    if program in (CLASSES, SMALL):
        assert 1 <= best[False] - best[True] <= 2


@pytest.mark.parametrize("program", [LINEAR, CLASSES, SMALL])
def test_the_best_cells_are_clipped_at_a_rate_that_ends_in_nan_without(program):
    best = max(medians(program), key=medians(program).get)
    assert best[1] is not None
    assert outcome(program, best[0], None).broke == 8


def test_the_higher_the_bound_the_sooner_a_column_breaks():
    right = medians(CLASSES)
    breaks = {
        bound: min(rate for rate in chart.RATES if rate > 0.03 and right[rate, bound] < 700)
        for bound in (5.0, 15.0, 25.0, 50.0, 100.0)
    }
    assert breaks == {5.0: 1.0, 15.0: 1.0, 25.0: 0.3, 50.0: 0.3, 100.0: 0.3}


def test_the_good_cells_of_the_squared_error_have_much_the_same_product():
    right = medians(LINEAR)
    for bound, rate in {0.5: 0.3, 1.0: 0.1, 5.0: 0.03, 15.0: 0.03, 50.0: 0.03, 100.0: 0.03}.items():
        assert right[rate, bound] >= max(right[r, bound] for r in chart.RATES) - 30
    products = [rate * bound for rate, bound in ((0.3, 0.5), (0.1, 1.0), (0.03, 5.0))]
    assert max(products) / min(products) < 2


def test_norms_from_0_to_20_are_neither_enough_nor_needed():
    arrays = chart.load_map()
    learned, tame = arrays["right"] >= 900, arrays["longest"] <= 20
    assert (learned.size, learned.sum()) == (1792, 227)
    assert (tame.sum(), learned[tame].sum(), learned[~tame].sum()) == (400, 115, 112)
    assert learned[2].sum() == 104, "of programs over 50 only cross-entropy learns"
    assert not learned[:2].any()
    # All tame runs have inputs over 255, and 285 of them do not reach 90 %.
    assert not tame[:3].any()
    assert (tame[3].size, (tame & ~learned)[3].sum(), (learned & ~tame)[3].sum()) == (448, 285, 8)
    limits = np.array([b or np.inf for b in chart.BOUNDS])[:, None]
    short = np.minimum(arrays["longest"], limits) <= 20
    assert (short.sum(), learned[short].sum()) == (1088, 183)
    assert (arrays["right"][short] <= 150).sum() == 348


def test_learning_rate_1_and_bound_25_is_no_good_in_any_program():
    for program in (COURSE, LINEAR, CLASSES):
        assert outcome(program, 1.0, 25.0).right.max() < 120
    small = outcome(SMALL, 1.0, 25.0)
    assert small.learned == 0
    assert small.right.max() > 800
    assert outcome(SMALL, 0.1, 25.0).learned == 6


# ---- pictures -----------------------------------------------------------------------------------


def parked(values, axes):
    return np.clip(values, *axes.get_ylim())


@pytest.mark.parametrize(
    "at",
    [
        {},
        {"output": "linear"},
        {"output": "linear", "bound": "none"},
        {"output": "linear", "loss": "cross-entropy", "rate": 1.0, "bound": 1},
    ],
    ids=["start", "linear", "none", "classes"],
)
def test_two_runs_draws_both_and_says_what_became_of_them(at):
    made = picture_of(lesson.TwoRuns)
    scene = made.scene
    seen = []
    made.on_progress(lambda done, total: seen.append((done, total)))
    readout = made.frame(**at).readout
    assert seen[-1] == (300, 300)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    free = Setting(at.get("rate", 0.01), None, 50.0, at.get("output", "ReLU"))
    free = free._replace(loss=at.get("loss", "squared error"))
    bound = at.get("bound", 15.0)
    held = free._replace(bound=None if bound == "none" else float(bound))
    both = [chart.stored_run(setting) or train(setting) for setting in (free, held)]
    for run, name in zip(both, scene.lines, strict=True):
        losses, norms, shares = scene.lines[name]
        np.testing.assert_array_equal(losses.get_ydata(), parked(run.loss, scene.losses))
        np.testing.assert_array_equal(norms.get_ydata(), parked(run.after, scene.norms))
        np.testing.assert_array_equal(shares.get_ydata(), run.accuracy)
        assert list(shares.get_xdata()) == list(range(0, 151, 15))
        marked = [] if run.broke_at is None else [run.broke_at]
        assert list(scene.crosses[name].get_xdata()) == marked
        if run.broke_at is not None:
            assert f"no finite number from step {run.broke_at} on" in readout
    np.testing.assert_array_equal(scene.before.get_ydata(), parked(both[1].before, scene.norms))
    assert scene.bound.get_visible() == (bound != "none")
    if bound == "none":
        assert readout.startswith("Neither run is clipped")
    else:
        assert f"in {np.sum(both[1].before > bound)} of 150 steps" in readout
        np.testing.assert_allclose(np.nanmax(both[1].after), bound, rtol=1e-3)


def test_a_loss_that_is_no_number_leaves_a_gap_and_a_cross_at_the_edge():
    made = picture_of(lesson.TwoRuns)
    scene = made.scene
    made.frame(output="linear")
    losses = scene.lines["without clipping"][0].get_ydata()
    assert np.isnan(losses[4:]).all()
    assert losses[3] == scene.losses.get_ylim()[1]
    assert list(scene.crosses["without clipping"].get_ydata()) == [scene.losses.get_ylim()[1]]
    assert len(scene.crosses["with clipping"].get_xdata()) == 0


def test_the_tasks_beside_the_two_runs_have_the_answers_of_the_notes():
    linear = Setting(0.01, output="linear")
    rights = {bound: train(linear._replace(bound=bound)).accuracy[-1] for bound in (1.0, 100.0)}
    assert rights[1.0] < rights[100.0] < train(linear).accuracy[-1]
    middles = [np.median(outcome(LINEAR, 0.01, bound).right) / 10 for bound in (15.0, 100.0)]
    assert middles == pytest.approx([60, 50], abs=0.5)
    for rate, over_50, over_255 in ((0.3, 8, 0), (1.0, 8, 8)):
        assert outcome(CLASSES, rate, None).broke == over_50
        assert outcome(SMALL, rate, None).broke == over_255
    few = train(chart.PROGRAMS[CLASSES]._replace(rate=0.1))
    assert np.flatnonzero(few.before > 15).max() < 20, "the first steps only"


@pytest.mark.parametrize("divisor", [25, 50, 255])
@pytest.mark.parametrize("output", OUTPUTS)
def test_first_loss_draws_the_prediction_and_eight_networks(divisor, output):
    made = picture_of(lesson.FirstLoss)
    scene = made.scene
    readout = made.frame(divisor=divisor, output=output).readout
    x, y = scene.line.get_data()
    assert y[0] == pytest.approx(lesson.predicted_loss(x[0], output))
    assert y[-1] == pytest.approx(lesson.predicted_loss(255, output))
    assert set(scene.dots.get_xdata()) == {divisor}
    assert list(scene.dots.get_ydata()) == lesson.first_losses(divisor, output)
    assert f"the prediction is {lesson.predicted_loss(divisor, output):.3g};" in readout


def test_half_the_input_is_a_quarter_of_the_loss_and_near_200_it_is_10_with_relu():
    quarter = lesson.predicted_loss(100, "linear") / lesson.predicted_loss(50, "linear")
    assert quarter == pytest.approx(0.25, abs=0.01)
    assert lesson.predicted_loss(200, "ReLU") == pytest.approx(10, abs=1)
    assert lesson.predicted_loss(255, "linear") > 14


@pytest.mark.parametrize(
    ("program", "rate", "bound"),
    [(COURSE, 0.001, 0.5), (LINEAR, 1.0, "none"), (CLASSES, 0.1, 15.0), (SMALL, 0.3, 100.0)],
)
def test_the_map_shows_every_cell_and_the_curves_of_one(program, rate, bound):
    made = picture_of(lesson.TrainingMap)
    scene = made.scene
    readout = made.frame(program=program, rate=rate, bound=bound).readout
    limit = None if bound == "none" else bound
    for y, row in enumerate(scene.words):
        for x, text in enumerate(row):
            cell = outcome(program, chart.RATES[y], chart.BOUNDS[x])
            assert text.get_text() == cell.in_short
            assert scene.image.get_array()[y, x] == pytest.approx(np.median(cell.right) / 1000)
    y, x = chart.RATES.index(rate), chart.BOUNDS.index(limit)
    left, bottom = scene.frame.get_xy()
    middle = left + scene.frame.get_width() / 2, bottom + scene.frame.get_height() / 2
    assert middle == pytest.approx((x, y), abs=0.05)
    place = list(chart.PROGRAMS).index(program), y, x
    for name, line, axes in zip(chart.CURVES, scene.lines, scene.panels, strict=True):
        np.testing.assert_array_equal(
            line.get_ydata(), parked(chart.load_map()[name][place].astype(float), axes)
        )
    broke = int(chart.load_map()["broke_at"][place][0])
    assert list(scene.cross.get_xdata()) == ([] if broke < 0 else [broke])
    assert scene.bound.get_visible() == (limit is not None)
    assert readout.endswith(f"{outcome(program, rate, limit).words}.")


@pytest.mark.parametrize("bound", [None, 15.0])
def test_a_run_of_the_map_is_as_it_is_trained(bound):
    setting = chart.PROGRAMS[CLASSES]._replace(rate=0.1, bound=bound)
    stored, run = chart.stored_run(setting), train(setting)
    for kept, trained in zip(stored[:3], run[:3], strict=True):
        np.testing.assert_allclose(kept[:PIECE], trained[:PIECE], rtol=0.02)
    assert stored.accuracy[-1] == pytest.approx(run.accuracy[-1], abs=0.02)


@pytest.mark.parametrize(
    "other", [{"rate": 0.02}, {"bound": 2.0}, {"seed": 1}, {"divisor": 100.0}, {"output": "ReLU"}]
)
def test_the_map_has_no_run_of_another_setting(other):
    assert chart.stored_run(chart.PROGRAMS[CLASSES]._replace(**other)) is None


def test_a_slider_need_not_meet_the_rates_of_the_map_to_the_last_digit():
    setting = chart.PROGRAMS[CLASSES]._replace(rate=10 ** (-3 + 8 * 0.25) * (1 + 1e-12))
    assert chart.stored_run(setting) is not None


def test_the_percentiles_of_the_log_are_those_of_its_norms():
    with pytest.raises(ValueError, match=r"rate is 0\.2\. It should be one of 0\.001, "):
        lesson.logged(0.2)
    norms = np.sort(lesson.logged(0.1).before)
    assert lesson.bound_from_log(100) == norms[-1]
    assert norms[133] < lesson.bound_from_log(90) < norms[135]


def test_bound_from_log_draws_the_new_run_beside_the_others():
    made = picture_of(lesson.BoundFromLog)
    scene = made.scene
    seen = []
    made.on_progress(lambda done, total: seen.append((done, total)))
    readout = made.frame(percentile=90, rate=0.3).readout
    assert seen[-1] == (150, 150)
    bound = lesson.bound_from_log(90)
    run = train(chart.PROGRAMS[CLASSES]._replace(rate=0.3, bound=bound))
    np.testing.assert_array_equal(scene.new.get_ydata(), parked(run.before, scene.norms))
    np.testing.assert_array_equal(scene.clipped.get_ydata(), run.accuracy)
    np.testing.assert_array_equal(scene.free.get_ydata(), lesson.logged(0.3).accuracy)
    assert scene.bound.get_ydata() == [bound, bound]
    assert "more than 90% of the test digits" in readout
    assert f"from step {lesson.logged(0.3).broke_at} on" in readout
    assert f", {lesson.share_in_words(np.mean(run.before > bound))} of the steps" in readout


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "under a tenth"),
        (0.11, "between a tenth and a third"),
        (0.32, "between a tenth and a third"),
        (0.34, "about half"),
        (0.66, "about half"),
        (0.67, "more than two thirds"),
        (1.0, "more than two thirds"),
    ],
)
def test_a_share_of_steps_in_words(share, words):
    assert lesson.share_in_words(share) == words


def clipped_run(percentile, rate):
    bound = lesson.bound_from_log(percentile)
    run = train(chart.PROGRAMS[CLASSES]._replace(rate=rate, bound=bound))
    return run.accuracy[-1], np.mean(run.before > bound)


def test_every_percentile_but_the_last_saves_the_run_at_three_times_the_rate():
    for percentile in (50, 95):
        assert clipped_run(percentile, 0.3)[0] > 0.88
    assert clipped_run(100, 0.3)[0] < 0.6
    # A percentile of the old run is not a share of the new one.
    assert clipped_run(90, 0.3)[1] > 0.2
    assert clipped_run(90, 0.1)[1] > 0.4


@functools.cache
def by_the_rule(seed, rate):
    """Accuracy of a run without a clip at 0.1, that of one with a bound from it, share clipped."""
    setting = chart.PROGRAMS[CLASSES]._replace(seed=seed)
    tame = train(setting._replace(rate=0.1, bound=None))
    bound = float(np.percentile(tame.before, 90))
    run = train(setting._replace(rate=rate, bound=bound))
    return tame.accuracy[-1], run.accuracy[-1], np.mean(run.before > bound)


def test_the_rule_clips_half_of_the_steps_where_no_clip_is_needed_and_gains_nothing():
    free, clipped, shares = np.transpose([by_the_rule(seed, 0.1) for seed in range(4)])
    assert np.all((shares > 0.35) & (shares < 0.65))
    assert np.mean(shares) == pytest.approx(0.5, abs=0.07)
    assert np.mean(clipped) < np.mean(free) + 0.01


def test_where_a_clip_is_needed_the_rule_clips_between_a_tenth_and_a_third():
    assert outcome(CLASSES, 0.3, None).broke == 8
    _, clipped, shares = np.transpose([by_the_rule(seed, 0.3) for seed in range(4)])
    assert np.mean(shares) == pytest.approx(0.25, abs=0.04)
    assert (clipped > 0.91).all()


def test_at_the_rate_of_the_log_the_median_costs_accuracy():
    right, share = clipped_run(50, 0.1)
    assert share > 0.9
    assert right < lesson.logged(0.1).accuracy[-1] - 0.03


def test_at_learning_rate_1_only_a_bound_that_clips_nearly_always_helps():
    right, share = clipped_run(50, 1.0)
    assert right > 0.8
    assert share > 0.85
    assert clipped_run(90, 1.0)[0] < 0.8
    assert lesson.logged(1.0).broke_at is not None


def test_half_of_the_rules_numbers_of_a_broken_log_are_astronomical():
    broken = lesson.logged(0.3).before
    assert np.percentile(broken[np.isfinite(broken)], 90) > 1e10


# ---- the rest of the notebook -------------------------------------------------------------------


def test_the_weights_are_as_long_as_the_notes_say():
    lengths = [f"{np.linalg.norm(w):.3g}" for w in network(0)[::2]]
    assert lengths == ["55.6", "31.9", "4.37"]


def test_all_digits_are_never_fetched_when_the_notebook_is_run():
    for source in sweep.code_cells(NOTEBOOK).values():
        assert all("load_full" not in line.split("#")[0] for line in source.splitlines())
