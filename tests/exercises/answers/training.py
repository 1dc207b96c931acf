"""Typical answers to the exercises of lecture 6, each with the hint that helps."""

import numpy as np
import tensorflow as tf

from lessons.digits.network import outputs
from lessons.exercises import training as check
from tests.exercises.answers import KIND, MISSING, NAN, RIGHT, WRONG, broken, nothing, together

LOGS = {"A": "learns", "B": "dead", "C": "crawls", "D": "explodes"}
CHOICE = {"rate": 0.1, "bound": 15.0, "output": "linear", "loss": "cross-entropy"}


def program(clips_the_loss=False, clip=together, logs=lambda norm, bound: norm):
    """A training program, with one of its mistakes or none."""

    def train(images, labels, variables, rate, bound):
        norms = []
        for i in range(62):
            batch = slice(128 * (i % 31), 128 * (i % 31 + 1))
            with tf.GradientTape() as tape:
                got = outputs(variables, images[batch])
                loss = tf.reduce_mean(
                    tf.nn.sparse_softmax_cross_entropy_with_logits(labels[batch], got)
                )
                loss = tf.clip_by_value(loss, 0.0, 1.0) if clips_the_loss else loss
            gradients = tape.gradient(loss, variables)
            for v, g in zip(variables, clip(gradients, bound), strict=True):
                v.assign_sub(rate * g)
            norms.append(logs(tf.linalg.global_norm(gradients), bound))
        return norms

    return train


def copies(variables):
    return [tf.Variable(v) for v in variables]


def nearly_still(images, labels, variables, rate, bound):
    variables[5].assign_add(tf.ones(10))
    return [20.0] * 62


def percentile(norms):
    return np.percentile(norms[np.isfinite(norms)], 90)


def without_nan(norms):
    norms[np.isnan(norms)] = 0
    return 1.0


CASES = {
    check.first_loss: [
        (None, MISSING, "in place of None"),
        ("88", KIND, "one number"),
        ([88.0], KIND, "one number"),
        (176, WRONG, "squares"),
        (352, WRONG, "Smaller inputs give"),
        (67.5, WRONG, "on average"),
        (79, WRONG, "on average"),
        (96, WRONG, "each output shrink"),
        (43, WRONG, "a ReLU on the output"),
        (10, WRONG, "each output shrink"),
        (88, RIGHT, "quarter"),
        (81, RIGHT, ""),
        (94, RIGHT, ""),
        (np.float32(87.9), RIGHT, ""),
        (tf.constant(90.0), RIGHT, ""),
    ],
    check.what_the_logs_say: [
        (None, MISSING, "Write a dict"),
        (dict.fromkeys("ABCD"), MISSING, "in place of each None"),
        (LOGS | {"D": None}, MISSING, "in place of each None"),
        (["learns", "dead"], KIND, "Keep the dict"),
        ({"A": "learns"}, KIND, "four letters"),
        (LOGS | {"A": "fine"}, KIND, "The words are"),
        (LOGS | {"A": np.array(["learns", "dead"])}, KIND, "The words are"),
        (LOGS | {"B": "learns", "A": "dead"}, WRONG, "exactly 0"),
        (LOGS | {"D": "crawls", "C": "explodes"}, WRONG, "grow from step to step"),
        (LOGS | {"A": "crawls", "C": "learns"}, WRONG, "Two are left"),
        (LOGS, RIGHT, "By its loss alone"),
    ],
    check.spike: [
        (None, MISSING, "in place of None"),
        ("90", KIND, "one number"),
        (0, WRONG, "at the very start"),
        (4, WRONG, "at the very start"),
        (5, WRONG, "those around it"),
        (91, WRONG, "too late"),
        (89, WRONG, "the number 0"),
        (15, WRONG, "those around it"),
        (90, RIGHT, "a single bad batch"),
        (np.int64(90), RIGHT, ""),
    ],
    check.choose_bound: [
        (nothing, MISSING, "returns None"),
        (lambda n: "9", KIND, "not a str"),
        (lambda n: [9.0, 1.0], KIND, "not a list"),
        (broken, WRONG, "raised ValueError: oh no"),
        # Those after it get a log of their own.
        (without_nan, WRONG, "see np.percentile"),
        (lambda n: np.percentile(n, 90), WRONG, "holds a NaN"),
        (lambda n: tf.constant(NAN), WRONG, "holds a NaN"),
        (np.nanmax, WRONG, "nothing is clipped"),
        (np.nanmean, WRONG, "moved the mean"),
        (np.nanmedian, WRONG, "second learning rate"),
        (lambda n: np.percentile(np.nan_to_num(n), 90), WRONG, "counted as 0"),
        (lambda n: 1.0, WRONG, "see np.percentile"),
        (lambda n: 29.0, WRONG, "see np.percentile"),
        (len, WRONG, "see np.percentile"),
        (percentile, RIGHT, "wild steps"),
        (lambda n: np.sort(n)[int(0.9 * np.isfinite(n).sum()) - 1], RIGHT, ""),
        (lambda n: float(np.nanpercentile(n, 90, method="weibull")), RIGHT, ""),
    ],
    check.repaired: [
        (nothing, MISSING, "returns None"),
        (lambda *args: 3.0, KIND, "62 norms"),
        (lambda *args: [1.0] * 61, KIND, "62 norms"),
        (broken, WRONG, "raised ValueError: oh no"),
        (program(clips_the_loss=True), WRONG, "No weight has moved"),
        (program(clip=lambda gradients, bound: gradients), WRONG, "as long as without a clip"),
        (program(logs=tf.minimum), WRONG, "from before the clip"),
        (nearly_still, WRONG, "line by line"),
        (lambda *args: program()(*args[:2], copies(args[2]), *args[3:]), WRONG, "not copies"),
        (program(clip=lambda g, c: [tf.clip_by_norm(t, c) for t in g]), WRONG, "by itself"),
        (program(logs=lambda norm, bound: 2 * norm), WRONG, "the log begins with"),
        (program(), RIGHT, "what was cut"),
    ],
    check.reach_90: [
        (None, MISSING, "all four"),
        ("cross-entropy", KIND, "a dict with rate"),
        ({"rate": 0.1}, KIND, "a dict with rate"),
        (CHOICE | {"seed": 1}, KIND, "nothing else"),
        (CHOICE | {"loss": "hinge"}, KIND, "loss one of"),
        (CHOICE | {"rate": "0.1"}, KIND, "rate should be"),
        (CHOICE | {"rate": None}, KIND, "rate should be"),
        (CHOICE | {"bound": 0}, KIND, "bound should be"),
        (CHOICE | {"bound": float("inf")}, KIND, "bound should be"),
        (CHOICE | {"output": "ReLU", "loss": "squared error"}, WRONG, "all ten outputs 0"),
        (CHOICE | {"rate": 1, "bound": None}, WRONG, "infinite or NaN from step"),
        (CHOICE | {"rate": 0.001, "bound": 0.5}, WRONG, "150 of 150 steps are clipped"),
        (CHOICE | {"rate": 0.03, "loss": "squared error"}, WRONG, "made for classes"),
        (CHOICE | {"rate": 0.001}, WRONG, "which neighbour"),
        (CHOICE, RIGHT, "with 4 to 5 of 150 steps clipped"),
        (CHOICE | {"bound": None}, RIGHT, "with 0 to 0 of 150"),
        (CHOICE | {"rate": np.float32(0.3), "bound": tf.constant(5)}, RIGHT, ""),
    ],
}
