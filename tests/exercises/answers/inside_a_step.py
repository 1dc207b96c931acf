"""Typical answers to the exercises of lecture 7, each with the hint that helps."""

import tensorflow as tf

from lessons.exercises import inside_a_step as check
from tests.exercises.answers import KIND, MISSING, RIGHT, WRONG, broken, nothing


def step(clip, returned=lambda gradients: tf.linalg.global_norm(gradients)):
    """A function that clips what is not None with `clip`, applies it, and returns something."""

    def clipped_step(optimizer, gradients, variables, c):
        pairs = [(g, v) for g, v in zip(gradients, variables, strict=True) if g is not None]
        clipped = clip([g for g, _ in pairs], c)
        optimizer.apply_gradients(zip(clipped, [v for _, v in pairs], strict=True))
        return returned(gradients)

    return clipped_step


def together(gradients, c):
    return tf.clip_by_global_norm(gradients, c)[0]


def each(gradients, c):
    return [tf.clip_by_norm(g, c) for g in gradients]


def not_at_all(gradients, c):
    return gradients


def divided(gradients, number):
    return [g / number for g in gradients]


def total(batches):
    return [tf.add_n(list(own)) for own in zip(*batches, strict=True)]


def always_to_the_bound(gradients, c):
    return [g * c / tf.linalg.global_norm(gradients) for g in gradients]


def clipped_before_the_mean(batches, c):
    return divided(total([together(batch, c) for batch in batches]), len(batches))


CASES = {
    check.clipped_step: [
        (nothing, MISSING, "returns None"),
        (step(together, lambda _: None), MISSING, "Return the norm"),
        (step(together, lambda g: g), KIND, "not a list"),
        (step(together, lambda _: "13"), KIND, "not a str"),
        (step(together, lambda _: tf.ones([1])), KIND, "a tensor of shape (1,)"),
        (lambda o, g, v, c: tf.linalg.global_norm(g), WRONG, "No variable has moved"),
        (lambda o, g, v, c: [tf.clip_by_norm(t, c) for t in g], WRONG, " raised "),
        (broken, WRONG, "raised ValueError: oh no"),
        (step(not_at_all), WRONG, "as they came in"),
        (step(each), WRONG, "Clip them together"),
        (step(lambda g, c: divided(g, 4)), WRONG, "it is [0.75, 1, 0, 3]"),
        (step(together, lambda _: 6.5), WRONG, "is 13; you return 6.5"),
        (step(together), RIGHT, "global_clipnorm"),
        (step(always_to_the_bound, lambda _: 13), RIGHT, ""),
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
        (lambda g, s, c: each(divided(g, s), c), WRONG, "all of them together"),
        (lambda g, s, c: divided(g, s), WRONG, "no longer clipped"),
        (lambda g, s, c: together(g, c), WRONG, "nothing but the scale"),
        (lambda g, s, c: divided(g, 7), WRONG, "3, 4 and 12"),
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
        (lambda b, c: together(total(b), c), WRONG, "With a bound of 20"),
        (lambda b, c: together(total(b), c) if c < 7 else None, MISSING, "None"),
        (lambda b, c: each(divided(total(b), 2), c), WRONG, "[3, 4] and [12]"),
        (lambda b, c: together(divided(total(b), 2), c), RIGHT, "one clip"),
        (lambda b, c: tuple(together(divided(total(b), 2), c)), RIGHT, ""),
    ],
}
