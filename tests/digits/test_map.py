"""The map of training runs: what its file holds, what is read from it, and how it is made."""

import numpy as np
import pytest

from lessons.digits import map as chart
from lessons.digits import runs
from lessons.digits.runs import PIECE, STEPS, Setting, train
from tests.digits import scripts
from tests.strict import no_warnings

pytestmark = no_warnings

COURSE, LINEAR, CROSS_ENTROPY, SMALL = chart.PROGRAMS


# ---- the file -----------------------------------------------------------------------------------


def test_the_map_holds_every_program_rate_bound_and_seed():
    arrays = chart.load_map()
    assert (len(chart.RATES), len(chart.BOUNDS)) == (7, 8)
    for name in chart.NUMBERS:
        assert arrays[name].shape == (4, 7, 8, 8)
    for name, length in chart.CURVES.items():
        assert arrays[name].shape == (8, 7, 8, length)
    assert len(set(chart.TRAINED)) == 8
    assert chart.load_map() is arrays
    assert not any(array.flags.writeable for array in arrays.values())


def test_numbers_and_curves_of_the_map_belong_together():
    arrays = dict(chart.load_map())
    arrays |= {name: arrays[name][: len(chart.PROGRAMS)] for name in chart.CURVES}
    broken = ~np.isfinite(arrays["loss"]).all(axis=-1)
    np.testing.assert_array_equal(broken, arrays["broke_at"][..., 0] >= 0)
    still = (arrays["before"][..., -chart.EPOCH :] == 0).all(axis=-1)
    np.testing.assert_array_equal(still, arrays["died_at"][..., 0] >= 0)
    right = arrays["right"][..., 0] / 1000
    np.testing.assert_allclose(arrays["accuracy"][..., -1], right, atol=5e-4)
    limits = np.array([np.inf if bound is None else bound for bound in chart.BOUNDS])
    clipped = (arrays["before"] > limits[:, None]).sum(axis=-1)
    np.testing.assert_array_equal(clipped, arrays["clipped"][..., 0])


@pytest.mark.training
# A dead run, an exploding one, one that crawls, two that learn, and one of another program.
@pytest.mark.parametrize(
    "place",
    [(0, 2, 7, 3), (1, 2, 7, 5), (1, 2, 1, 0), (2, 4, 3, 0), (3, 5, 2, 0), (7, 4, 3, 0)],
)
def test_a_cell_of_the_map_is_what_training_gives(place):
    *cell, seed = place
    setting = chart.cell_setting(*cell, seed)
    run = train(setting)
    now = chart.entries(run, setting)
    if cell[0] < len(chart.PROGRAMS):
        stored = {name: chart.load_map()[name][tuple(cell)][seed] for name in chart.NUMBERS}
        assert now["broke_at"] == stored["broke_at"]
        assert now["died_at"] == stored["died_at"]
        assert abs(now["right"] - int(stored["right"])) <= 20
        assert abs(now["clipped"] - int(stored["clipped"])) <= 5
    if seed == 0:
        kept = chart.stored_run(setting)
        for name in ("loss", "before", "after"):
            pair = (getattr(each, name)[:PIECE] for each in (kept, run))
            np.testing.assert_allclose(*pair, rtol=0.02)
        np.testing.assert_allclose(kept.accuracy, run.accuracy, atol=0.02)


@pytest.mark.parametrize("other", [{"rate": 0.02}, {"bound": 2.0}, {"seed": 1}, {"divisor": 100.0}])
def test_the_map_has_no_run_of_another_setting(other):
    assert chart.stored_run(chart.PROGRAMS[CROSS_ENTROPY]._replace(**other)) is None


def test_a_slider_need_not_meet_a_rate_of_the_map_to_the_last_digit():
    setting = chart.PROGRAMS[CROSS_ENTROPY]._replace(rate=0.1 * (1 + 1e-12))
    assert chart.stored_run(setting) is not None


# ---- what is read from it -----------------------------------------------------------------------


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
    before = [*np.arange(1.0, 11.0), *np.zeros(10)]
    losses = [1e4] * 5 + [*np.arange(93.0, 108.0)]  # the mean of the last 15 is 100
    kept = chart.entries(run_of(before, loss=losses, right=0.907), Setting(bound=7.0))
    assert (kept["clipped"], kept["longest"], kept["typical"], kept["right"]) == (3, 10, 0.5, 907)
    assert (kept["broke_at"], kept["died_at"]) == (-1, -1)
    assert kept["loss_at_the_end"] == 100
    np.testing.assert_allclose(kept["loss"], np.log10(losses), rtol=1e-6)
    assert kept["before"][9] == pytest.approx(1)
    assert np.isneginf(kept["before"][-1])
    assert chart.entries(run_of(before), Setting(bound=None))["clipped"] == 0


def an_outcome(rights, broke=0, died=0, clipped=0.0):
    return chart.Outcome(rights, broke, died, clipped, typical=1.0, loss_at_the_end=1.0)


def test_an_outcome_in_words():
    rights = np.array([910, 890, 900, 100, 905, 905, 905, 905], np.uint16)
    learned = an_outcome(rights, 1, 0, 0.25)
    assert learned.learned == 6
    assert learned.in_short == "90"
    assert learned.words == (
        "1 of 8 runs end with no finite loss, 10 to 91 % right, 6 of 8 runs reach 90 %, "
        "25% of the steps clipped"
    )
    assert an_outcome(rights, broke=8).words == "all 8 runs end with no finite loss"
    assert an_outcome(rights, died=8).words == "all 8 runs are dead, every gradient is 0"
    assert "2 of 8 runs are dead, " in an_outcome(rights, died=2).words
    assert [an_outcome(rights, broke=n).in_short for n in (4, 5)] == ["90", "NaN"]
    assert [an_outcome(rights, died=n).in_short for n in (4, 5)] == ["90", "dead"]


def test_tables_and_logs_say_what_the_map_holds(capsys):
    chart.print_outcomes([(CROSS_ENTROPY, 1.0, None), (CROSS_ENTROPY, 0.1, 15.0)])
    head, broken, learned = capsys.readouterr().out.splitlines()
    names = ["output,", "loss", "rate", "bound", "NaN", "dead", "≥90%", "right", "norm", "loss"]
    assert head.split() == names
    assert broken.split()[2:] == ["1", "none", "8", "0", "0", "0", "to", "0", "%", "NaN", "NaN"]
    assert learned.split()[2:8] == ["0.1", "15", "0", "0", "8", "92"]
    typical, last = (chart.load_map()[name][2, 4, 3] for name in ("typical", "loss_at_the_end"))
    assert learned.split()[-2:] == [f"{np.median(typical):.2g}", f"{np.median(last):.2g}"]
    chart.print_outcomes([(LINEAR, 0.01, 1.0)])
    assert capsys.readouterr().out.split()[-2:] == ["179", "32"], "no powers of ten"
    chart.print_logs({"X": (COURSE, 0.01, None)})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["log", "X", "step", "loss", "norm", "right"]
    assert [line.split()[0] for line in lines[1:]] == ["0", "1", "2", "30", "60", "90", "120"]
    assert lines[4].split() == ["30", "1", "0", "10%"]


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        (("linear", 0.1, None), "program is 'linear'"),
        ((CROSS_ENTROPY, 0.2, None), r"rate is 0\.2\."),
        ((CROSS_ENTROPY, 0.1, 2.0), r"bound is 2\.0\."),
    ],
)
def test_what_is_not_on_the_map_is_named_and_nothing_is_printed(cell, named, capsys):
    with pytest.raises(ValueError, match=named):
        chart.print_outcomes([(CROSS_ENTROPY, 0.1, None), cell])
    assert capsys.readouterr().out == ""


# ---- the script that makes it -------------------------------------------------------------------


def test_the_script_trains_every_cell(tmp_path, monkeypatch, capsys):
    make, trained = scripts.load("make_training_map"), []
    monkeypatch.setattr(chart, "RATES", (0.01, 0.1))
    monkeypatch.setattr(chart, "BOUNDS", (1.0, None))
    monkeypatch.setattr(make, "SEEDS", range(2))

    def quickly(setting):
        trained.append(setting)
        losses = np.full(STEPS, setting.rate + setting.seed, np.float32)
        return runs.Run(losses, 10 * losses, losses, np.full(11, setting.rate, np.float32))

    monkeypatch.setattr(make, "train", quickly)
    path, printed = scripts.made(make, tmp_path, capsys)
    # Of four programs both seeds, of four others the first.
    assert len(trained) == 2 * (4 * 2 + 4) * 2 * 2
    assert len(set(trained)) == len(trained) // 2
    assert "48 of 48 runs" in printed
    with np.load(path) as file:
        assert file["right"].shape == (4, 2, 2, 2)
        np.testing.assert_array_equal(file["accuracy"], file["accuracy"][:1].repeat(8, axis=0))
        assert file["right"][:, 1, :, 1].tolist() == [[100, 100]] * 4
        assert file["clipped"][0].tolist() == [[[0, 150], [0, 0]], [[0, 150], [0, 0]]]
        np.testing.assert_allclose(10 ** file["loss"][0, 1, 0].astype(float), 0.1, rtol=1e-3)
