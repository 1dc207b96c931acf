"""Checks for the exercises of ``notebooks/07_inside_a_step.ipynb``."""

from typing import Any

from lessons.digits.runs import Setting, train
from lessons.exercises.checks import Answer, Case, Function, tensor
from lessons.exercises.feedback import missing
from lessons.exercises.kinds import Call, Kind, Tensors, above_zero
from lessons.exercises.patterns import Between

# The run whose success has two explanations, and its learning rate times the share of a step that
# its clip leaves on average.
EXPLAINED = Setting(rate=0.3, bound=5.0, output="linear", loss="cross-entropy")
AVERAGE_RATE = 0.28


class _Runs(Kind):
    """The arguments of a run, and how three networks end that are trained with them."""

    def read(self, given: Any, call: Call | None = None) -> dict[str, Any]:
        if not isinstance(given, dict) or set(given) != {"learning_rate", "global_clipnorm"}:
            raise self.refused(given, call)
        if given["learning_rate"] is None:
            raise missing("Put a number in place of the first None. The second may stay: no clip.")
        rate = above_zero("learning_rate", given["learning_rate"])
        bound = given["global_clipnorm"]
        bound = None if bound is None else above_zero("global_clipnorm", bound)
        settings = [EXPLAINED._replace(rate=rate, bound=bound, seed=seed) for seed in range(3)]
        right = [float(round(100 * train(setting).accuracy[-1])) for setting in settings]
        return {"rate": rate, "clips": bound is not None, "worst": min(right), "best": max(right)}


_LEARNS = Between(low=50)

# Write the arguments of a run that decides whether a clip saves a run by cutting a few gradients or
# by shortening the steps on average.
decisive_run = Answer(
    1,
    _Runs("Give a dict with learning_rate and global_clipnorm, and nothing else."),
    "Put the dict back: a number or None for learning_rate and for global_clipnorm.",
    (
        {"clips": False, "rate": Between(0.15, 1.02 * AVERAGE_RATE), "best": Between(high=50)},
        "{worst}% to {best}% are right, as with guessing or NaN. Its learning rate is no higher "
        "than what the clip leaves on average, so the average is not what saves the clipped run: "
        "the second explanation falls.",
    ),
    (
        {"clips": True, "worst": _LEARNS},
        "Clipped at this bound it learns, {worst}% to {best}%. Which explanation would have said "
        "otherwise? Change the one thing that only the first of them needs.",
    ),
    (
        {"clips": True},
        "It fails, {worst}% to {best}%, but it is clipped: perhaps at a wrong bound. Which of the "
        "two explanations can do without a clip?",
    ),
    (
        {"worst": _LEARNS},
        "It learns, {worst}% to {best}%, with a learning rate of {rate}. The second explanation "
        "says so, and the first does not forbid it: such steps are far shorter than those of the "
        "clipped run. What learning rate does its clip leave on average?",
    ),
    (
        {"best": _LEARNS},
        "With a learning rate of {rate} not all three networks learn, {worst}% to {best}%: "
        "that decides nothing. What learning rate does the clip leave on average?",
    ),
    (
        {"rate": Between(low=AVERAGE_RATE)},
        "It breaks, {worst}% to {best}%, and both explanations say so: its steps are longer than "
        "those of the clipped run. What learning rate does that clip leave on average?",
    ),
    "{worst}% to {best}%: with a learning rate of {rate} it has hardly begun. That speaks neither "
    "for a clip nor against it.",
)

_SCALED = ([tensor([300.0, 400.0]), tensor([1200.0])], 100.0)
_WHOLE, _HALVED = [[3, 4], [12]], [[1.5, 2], [6]]
_SCALE_FIRST = "Divide by the scale first, then clip all of them together."

# Repair a clip of a scaled loss's gradients: it should clip the true ones.
unscaled_clip = Function(
    2,
    Tensors("Return a list of two tensors, like the one that came in; this is {kind}.", count=2),
    "Unscale, then clip. The bound now means what it says, whatever the scale is.",
    Case(
        (*_SCALED, 6.5),
        _HALVED,
        (
            [[0.015, 0.02], [0.06]],
            "A hundred times too short: the norm comes out as 0.065, and the bound is 6.5. Look at "
            "the norm before and after each line.",
        ),
        ([[150, 200], [600]], _SCALE_FIRST),
        ([[3, 4], [6.5]], _SCALE_FIRST),
        (_WHOLE, "They are unscaled, and no longer clipped: their norm is 13."),
        "Unscaled, the gradients are 3, 4 and 12. A bound of 6.5 halves them.",
    ),
    Case(
        (_SCALED[0], 50.0, 52.0),
        [[6, 8], [24]],
        "With a scale of 50 the true gradients are [6, 8] and [24]. A bound above their norm "
        "should change nothing but the scale; they are {given}.",
    ),
)

_BATCHES = [[tensor([6.0, 0.0]), tensor([24.0])], [tensor([0.0, 8.0]), tensor([0.0])]]
_MEAN_FIRST = "Each batch is clipped before the mean. Take the mean first."

# Write accumulated(batches, c): one clipped gradient from several batches. The first bound clips
# sum and mean to the same; the second, between their norms, tells them apart. Three batches tell a
# mean from a half.
accumulated = Function(
    3,
    Tensors("Return a list of two tensors, one for each variable; this is {kind}.", count=2),
    "One optimizer step, one clip, however many batches it took.",
    Case(
        (_BATCHES, 6.5),
        _HALVED,
        (_WHOLE, "That is the mean, and its norm is 13. Clip it."),
        ([[1.5764816, 6.5], [6.3059263]], _MEAN_FIRST),
        ([[0.7882408, 3.25], [3.1529631]], _MEAN_FIRST),
        "The mean over the batches is [3, 4] and [12]. A bound of 6.5 halves it.",
    ),
    Case(
        ([*_BATCHES, [tensor([0.0, 1.0]), tensor([0.0])]], 20.0),
        [[2, 3], [8]],
        "The mean of three batches is [2, 3] and [8], and a bound of 20 leaves it alone.",
    ),
)
