"""Typical answers to the exercises of lecture 7, each with the hint that helps."""

import tensorflow as tf

from lessons.exercises import inside_a_step as check
from tests.exercises.answers import (
    KIND,
    MISSING,
    RIGHT,
    WRONG,
    always_to_the_bound,
    broken,
    each_tensor,
    nothing,
    together,
)


def run(rate, bound=None):
    return {"learning_rate": rate, "global_clipnorm": bound}


def divided(gradients, number):
    return [g / number for g in gradients]


def total(batches):
    return [tf.add_n(list(own)) for own in zip(*batches, strict=True)]


def clipped_before_the_mean(batches, c):
    return divided(total([together(batch, c) for batch in batches]), len(batches))


CASES = {
    check.decisive_run: [
        (None, MISSING, "Put the dict back"),
        ({"learning_rate": None, "global_clipnorm": None}, MISSING, "The second may stay"),
        (0.28, KIND, "a dict with learning_rate"),
        ({"learning_rate": 0.28}, KIND, "a dict with learning_rate"),
        (run(-0.1), KIND, "learning_rate should be a number above 0"),
        (run("0.28"), KIND, "learning_rate should be"),
        (run(0.28, 0), KIND, "global_clipnorm should be"),
        (run(0.3, 5), WRONG, "Clipped at this bound it learns"),
        (run(0.3, 1), WRONG, "only the first of them needs"),
        (run(0.3, 100), WRONG, "perhaps at a wrong bound"),
        (run(0.1), WRONG, "far shorter than those"),
        (run(0.14), WRONG, "not all three"),
        (run(0.3), WRONG, "both explanations say so"),
        (run(1), WRONG, "both explanations say so"),
        (run(1e-4), WRONG, "it has hardly begun"),
        (run(0.28), RIGHT, "the second explanation falls"),
        (run(tf.constant(0.27)), RIGHT, ""),
        (run(0.2), RIGHT, ""),
    ],
    check.unscaled_clip: [
        (nothing, MISSING, "returns None"),
        (lambda g, s, c: g[0] / s, KIND, "this is a tensor"),
        (lambda g, s, c: [], KIND, "this is a list"),
        (lambda g, s, c: ["x", "y"], KIND, "yours holds a str"),
        (lambda g, s, c: (together(g, c), 13.0), KIND, "Return the list alone"),
        (broken, WRONG, "raised ValueError"),
        (lambda g, s, c: divided(together(g, c), s), WRONG, "comes out as 0.065"),
        (lambda g, s, c: [t * 0.5 for t in g], WRONG, "Divide by the scale first"),
        (lambda g, s, c: each_tensor(divided(g, s), c), WRONG, "all of them together"),
        (lambda g, s, c: divided(g, s), WRONG, "no longer clipped"),
        (lambda g, s, c: together(g, c), WRONG, "nothing but the scale"),
        (lambda g, s, c: divided(g, 7), WRONG, "3, 4 and 12"),
        (lambda g, s, c: together(divided(g, 100), c), WRONG, "a scale of 50"),
        (lambda g, s, c: always_to_the_bound(divided(g, s), c), WRONG, "nothing but the scale"),
        (lambda g, s, c: g if c > 13 else together(divided(g, s), c), WRONG, "nothing but"),
        (lambda g, s, c: None if c > 13 else together(divided(g, s), c), MISSING, "None"),
        (lambda g, s, c: together(divided(g, s), c), RIGHT, "whatever the scale"),
        (lambda g, s, c: divided(together(g, c * s), s), RIGHT, ""),
    ],
    check.accumulated: [
        (nothing, MISSING, "returns None"),
        (lambda b, c: together(total(b), c)[0], KIND, "this is a tensor"),
        (lambda b, c: b, KIND, "yours holds a list"),
        (lambda b, c: {}, KIND, "this is a dict"),
        (lambda b, c: [None, None], KIND, "yours holds None"),
        (broken, WRONG, "raised ValueError"),
        (lambda b, c: divided(total(b), 2), WRONG, "Clip it"),
        (clipped_before_the_mean, WRONG, "Take the mean first"),
        (lambda b, c: total([together(batch, c) for batch in b]), WRONG, "Take the mean first"),
        (lambda b, c: together(total(b), c), WRONG, "a bound of 20"),
        (lambda b, c: together(divided(total(b), 2), c), WRONG, "three batches"),
        (lambda b, c: together(total(b), c) if c < 7 else None, MISSING, "None"),
        (lambda b, c: each_tensor(divided(total(b), 2), c), WRONG, "[3, 4] and [12]"),
        (lambda b, c: together(divided(total(b), len(b)), c), RIGHT, "one clip"),
        (lambda b, c: tuple(together(divided(total(b), len(b)), c)), RIGHT, ""),
    ],
}
