"""Lecture 6, up to the two runs: what a run shows, what its pictures must show, and its words."""

import functools

import numpy as np
import pytest

from lessons import training as lesson
from lessons.digits import map as chart
from lessons.digits import runs
from lessons.digits.network import flat_digits, network
from lessons.digits.runs import OUTPUTS, PIECE, SEEDS, Setting, train
from tests.lectures import printed as stored
from tests.lectures import sweep
from tests.lectures.pictures import picture_of
from tests.lectures.printed import numbers_in
from tests.strict import no_warnings

pytestmark = [no_warnings, pytest.mark.training]

NOTEBOOK = sweep.NOTEBOOKS / "06_training.ipynb"
COURSE, LINEAR, CROSS_ENTROPY, SMALL = chart.PROGRAMS


# ---- the notebook's own program -----------------------------------------------------------------


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
                sweep.run(source.replace("take(201)", "take(62)"), namespace, f"06, {name}")
    return namespace


def test_the_program_of_the_notebook_has_the_losses_that_the_scenes_train_with():
    made = ran_in_the_notebook()
    run = train(Setting(0.01, 15.0, 50.0, "ReLU", "squared error", 0))
    np.testing.assert_allclose(made["losses"][:PIECE], run.loss[:PIECE], rtol=0.01)
    np.testing.assert_allclose(made["losses"], run.loss[:62], rtol=0.05)
    first = made["cross_entropy"](made["six_variables"](seed=0), *made["sample"])
    classes = train(chart.PROGRAMS[CROSS_ENTROPY], PIECE)
    assert float(first) == pytest.approx(classes.loss[0], rel=1e-4)
    # It is quiet, and has learned nothing.
    assert made["losses"][0] > 100
    assert max(made["losses"][31:]) < 1.1
    assert made["right"] < 0.15
    assert np.mean(made["test_outputs"].max(axis=1) == 0) > 0.5


def test_in_the_third_step_without_a_clip_every_gradient_is_0_and_with_one_none_is(capsys):
    made = ran_in_the_notebook()
    capsys.readouterr()
    made["three_steps"](bound=None)
    lines = capsys.readouterr().out.splitlines()
    assert lines[4] == "step 2, loss 1"
    assert lines[5].split() == ["before", *["0"] * 6]
    first, second = (np.array(lines[n].split()[1:], float) for n in (1, 3))
    assert (second > first).all()
    made["three_steps"](bound=15)
    lines = capsys.readouterr().out.splitlines()
    losses = [float(line.split()[-1]) for line in lines[::3]]
    assert 1 < losses[2] < losses[1] < losses[0] / 6
    assert (np.array(lines[7].split()[1:], float) > 0).all()


def test_the_weights_are_as_long_as_the_notes_say():
    lengths = [f"{np.linalg.norm(w):.3g}" for w in network(0)[::2]]
    assert lengths == ["55.6", "31.9", "4.37"]


def test_all_digits_are_never_fetched_when_the_notebook_is_run():
    for source in sweep.code_cells(NOTEBOOK).values():
        assert all("load_full" not in line.split("#")[0] for line in source.splitlines())


# ---- over eight seeds ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_clip_the_relu_output_is_dead_and_the_linear_one_nan(seed):
    dead = train(Setting(0.01, None, seed=seed), steps=60)
    assert chart.died_at(dead) in (1, 2)
    assert (dead.loss[2:] == 1).all(), "calm"
    assert dead.accuracy[-1] == pytest.approx(0.1)
    broken = train(Setting(0.01, None, output="linear", seed=seed), steps=PIECE)
    assert broken.broke_at == 3
    assert np.isnan(broken.loss[-1])
    assert np.isinf(broken.loss).any()


# ---- the first loss -----------------------------------------------------------------------------


def test_the_variances_are_those_of_the_weights_and_of_the_formula():
    weights = np.concatenate([np.ravel(w) for w in network(0)[::2]])
    assert np.var(weights) == pytest.approx(lesson.WEIGHT_VARIANCE, rel=0.01)
    assert pytest.approx(0.1**2 * 0.7737, rel=1e-4) == lesson.WEIGHT_VARIANCE
    s2 = lesson.WEIGHT_VARIANCE
    images = flat_digits(50.0)[0][:128].numpy().astype(float)
    v = s2 * (256 * s2 / 2) * (512 * s2 / 2) * np.sum(images**2, axis=1)
    np.testing.assert_allclose(lesson.output_variances(50.0), v, rtol=1e-4)
    assert lesson.predicted_loss(50.0, "linear") == pytest.approx(10 * v.mean() + 1, rel=1e-4)
    counted = 5 * v.mean() - 2 * np.sqrt(v.mean() / (2 * np.pi)) + 1
    assert round(counted) == round(lesson.predicted_loss(50.0, "ReLU")) == 172
    # And the outputs themselves, over all seeds.
    outputs = [
        runs.outputs_of(network(seed), images[:128].astype(np.float32), "linear") for seed in SEEDS
    ]
    assert np.mean(np.square(outputs)) == pytest.approx(v.mean(), rel=0.05)


@pytest.mark.parametrize("divisor", [25, 50, 255])
@pytest.mark.parametrize("output", OUTPUTS)
def test_first_loss_draws_the_prediction_and_eight_networks(divisor, output):
    made = picture_of(lesson.FirstLoss)
    scene = made.scene
    readout = made.frame(divisor=divisor, output=output).readout
    predicted = lesson.predicted_loss(divisor, output)
    # One bar, and no curve: the question before the sliders asks for another d.
    assert [list(each) for each in scene.bar.get_data()] == [[divisor], [predicted]]
    x, measured = scene.dots.get_data()
    assert (set(x), len(measured)) == ({divisor}, 8)
    assert np.mean(measured) == pytest.approx(predicted, rel=0.05)
    assert f"the prediction is {predicted:.3g}; eight networks have {min(measured):.3g}" in readout
    if divisor == 50:
        alone = train(Setting(0.01, None, divisor, output, seed=4), PIECE).loss[0]
        assert measured[4] == pytest.approx(alone, rel=1e-5)


def test_half_the_input_is_a_quarter_of_the_loss_and_near_200_it_is_10_with_relu():
    quarter = lesson.predicted_loss(100, "linear") / lesson.predicted_loss(50, "linear")
    assert quarter == pytest.approx(0.25, abs=0.01)
    assert lesson.predicted_loss(200, "ReLU") == pytest.approx(10, abs=1)
    assert lesson.predicted_loss(255, "linear") > 14


def test_each_output_leans_the_same_way_for_most_images():
    images = flat_digits(50.0)[0][:128]
    found = [runs.outputs_of(network(seed), images, "linear").numpy() for seed in SEEDS]
    shares = [np.sum(o.mean(axis=0) ** 2) / np.sum(o**2, axis=1).mean() for o in found]
    assert np.median(shares) > 0.5


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: lesson.predicted_loss(50, "relu"), "output is 'relu'"),
        (lambda: lesson.predicted_loss(0, "ReLU"), "divisor is 0"),
        (lambda: lesson.first_losses(50.0, "relu"), "output is 'relu'"),
    ],
)
def test_what_is_no_network_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()


# ---- the printed numbers ------------------------------------------------------------------------

PRINTED_LOSSES = 28.888, 41.257


def test_the_printed_losses_fit_a_mean_and_do_not_tell_the_output():
    for output, low, high in (("ReLU", 10, 37), ("linear", 27, 42)):
        means = [loss / 10 for loss in lesson.first_losses(50.0, output)]
        assert (round(min(means)), round(max(means))) == (low, high)
        assert min(means) < PRINTED_LOSSES[0] < max(means)
        assert 5 * max(PRINTED_LOSSES) < 10 * max(means), "a sum would be ten times as large"


def test_the_printed_norms_fit_a_linear_output_and_no_relu():
    line, *_ = stored.printed(NOTEBOOK, "first-course-numbers")
    printed = numbers_in(line.split("norm")[1])
    # A mean over ten outputs is a tenth of the sum, and so is its gradient.
    for seed in SEEDS:
        rate = Setting(0.001, None, seed=seed)
        relu, linear = (train(rate._replace(output=o), PIECE) for o in ("ReLU", "linear"))
        assert relu.before[1] / 10 < 18.6, "with ReLU they fall"
        assert relu.before[1] < 0.2 * relu.before[0]
        assert linear.before[1] > 9 * linear.before[0], "with a linear output they grow"
        assert 0.9 * printed[0] < linear.before[0] / 10 < 1.5 * printed[0]
    # With the steps of section 1, ten times as long, the norms with ReLU grow too: seed 0 shows it.
    long = train(Setting(0.01, None), PIECE)
    assert long.before[1] > 9 * long.before[0]


def test_the_courses_own_program_learns_slowly():
    # A mean over ten outputs, rate 0.01, bound 15: for a sum, a tenth of the rate, ten bounds.
    own = Setting(0.001, 150.0, output="linear")
    right = [train(own._replace(seed=seed)).accuracy[-1] for seed in range(2)]
    assert 0.2 < min(right) < max(right) < 0.4


# ---- a log with a spike -------------------------------------------------------------------------


def test_the_spike_stands_out_of_its_neighbours_and_not_of_the_first_steps():
    loss, norm = lesson.log_with_a_spike()
    assert len(loss) == len(norm) == 120
    at = lesson.BROKEN_STEP
    assert norm[at] > 5 * max(norm[at - 20 : at].max(), norm[at + 3 :].max())
    assert norm[:4].min() > norm[at]
    # Until then it is the run of the map, and afterwards the loss comes down by itself.
    whole = train(chart.PROGRAMS[CROSS_ENTROPY]._replace(rate=0.1, bound=15.0))
    np.testing.assert_allclose(loss[:PIECE], whole.loss[:PIECE], rtol=0.02)
    assert loss[-10:].mean() < 1.5 * loss[at - 10 : at].mean()


# ---- two runs -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "at",
    [
        {},
        {"output": "linear", "bound": "none"},
        # Neither is in the map's file.
        {"output": "linear", "bound": 2, "rate": 10**-1.75},
    ],
    ids=["start", "none", "trained"],
)
def test_two_runs_draws_both_and_says_what_became_of_them(at):
    made = picture_of(lesson.TwoRuns)
    scene = made.scene
    seen = []
    made.on_progress(lambda done, total: seen.append(done / total))
    readout = made.frame(**at).readout
    assert seen == sorted(seen)
    assert seen[-1] == 1
    bound = at.get("bound", 15.0)
    free = Setting(at.get("rate", 0.01), None, 50.0, at.get("output", "ReLU"))
    held = free._replace(bound=None if bound == "none" else float(bound))
    both = [train(setting) for setting in (free, held)]
    for run, name in zip(both, scene.lines, strict=True):
        losses, norms, shares = scene.lines[name]
        for line, values, axes in (
            (losses, run.loss, scene.losses),
            (norms, run.after, scene.norms),
        ):
            x, drawn = line.get_data()
            low, high = axes.get_ylim()
            np.testing.assert_array_equal(x, range(150))
            np.testing.assert_array_equal(np.isnan(drawn), np.isnan(values))
            np.testing.assert_allclose(drawn[:3], np.clip(values[:3], low, high), rtol=0.02)
            assert np.nanmin(drawn) >= low
            assert np.nanmax(drawn) <= high
        np.testing.assert_allclose(shares.get_ydata()[::15], run.accuracy, atol=0.03)
        assert list(shares.get_xdata()) == list(range(151))
        marked = [] if run.broke_at is None else [run.broke_at]
        edge = [scene.losses.get_ylim()[1]] * len(marked)
        np.testing.assert_array_equal(scene.crosses[name].get_data(), [marked, edge])
        if marked:
            assert f"no longer finite from step {run.broke_at} on" in readout
    before = np.clip(both[1].before[:3], *scene.norms.get_ylim())
    np.testing.assert_allclose(scene.before.get_ydata()[:3], before, rtol=0.02)
    assert scene.bound.get_visible() == (bound != "none")
    if bound == "none":
        assert readout.startswith("Neither run is clipped")
    else:
        assert f"in {np.sum(both[1].before > bound)} of 150 steps" in readout
        assert np.nanmax(scene.lines["with clipping"][1].get_ydata()) == pytest.approx(
            bound, rel=1e-3
        )


def test_the_tasks_beside_the_two_runs_have_the_answers_of_the_notes():
    def final(bound):
        return chart.stored_run(Setting(0.01, bound, output="linear")).accuracy[-1]

    assert final(1.0) < final(100.0) < final(15.0)
    middles = [np.median(chart.outcome(LINEAR, 0.01, bound).right) / 10 for bound in (15.0, 100.0)]
    assert middles == pytest.approx([60, 50], abs=0.5)
    for rate, over_50, over_255 in ((0.3, 8, 0), (1.0, 8, 8)):
        assert chart.outcome(CROSS_ENTROPY, rate, None).broke == over_50
        assert chart.outcome(SMALL, rate, None).broke == over_255
    right = {bound: chart.outcome(CROSS_ENTROPY, 1.0, bound).right for bound in (1.0, 5.0)}
    assert min(right[1.0]) > 800 > 500 > max(right[5.0])
    few = chart.stored_run(chart.PROGRAMS[CROSS_ENTROPY]._replace(rate=0.1))
    assert np.flatnonzero(few.before > 15).max() < 20, "the first steps only"
