"""The log of lecture 3's exercise 3: kept as numbers, and still what a run gives."""

import numpy as np
import pytest
import tensorflow as tf

from lessons import broken_steps as lesson
from lessons.digits.network import BATCH, EPOCH, first_values, flat_images
from lessons.digits.runs import loss_of
from lessons.geometry import norms

# Steps before the log, and in it; learning rate, and bound of the clip.
BEFORE, STEPS = 62, 12
RATE, BOUND = 0.1, 2.0


def log_again():
    """Train the course's network on digits over 255 and return the norms of its gradients.

    Cross-entropy, batches of `BATCH`, all gradients clipped together at `BOUND`. After `BEFORE`
    steps come the logged ones. At `LABELS_SHIFTED` every label is one too large (and 9 becomes 0);
    at `IMAGES_WHOLE` the images have not been divided by 255.
    """
    images, labels = flat_images(255.0)
    values = first_values(0)
    log = []
    for step in range(BEFORE + STEPS):
        first = step % EPOCH * BATCH
        x, y = images[first : first + BATCH], labels[first : first + BATCH]
        if step == BEFORE + lesson.LABELS_SHIFTED:
            y = (y + 1) % 10
        if step == BEFORE + lesson.IMAGES_WHOLE:
            x = 255.0 * x
        with tf.GradientTape() as tape:
            tape.watch(values)
            loss = loss_of(values, x, y, output="linear", loss="cross-entropy")
        gradients = tape.gradient(loss, values)
        log.append(norms(gradients))
        clipped, _ = tf.clip_by_global_norm(gradients, BOUND)
        values = [v - RATE * g for v, g in zip(values, clipped, strict=True)]
    return np.array(log[BEFORE:])


@pytest.mark.training
def test_the_log_is_that_of_the_run():
    # 73 steps of float32 on another processor, and three digits kept.
    np.testing.assert_allclose(log_again(), lesson.LOG, rtol=0.02)


def test_images_that_are_too_large_raise_the_weights_alone_and_wrong_labels_raise_all_six():
    log = np.array(lesson.LOG)
    usual = np.median(log, axis=0)
    weights, biases = slice(0, None, 2), slice(1, None, 2)
    images, labels = log[lesson.IMAGES_WHOLE] / usual, log[lesson.LABELS_SHIFTED] / usual
    assert (images[weights] > 100).all()
    assert (images[biases] < 2).all()
    assert (labels > 2).all()
    others = np.delete(log, [lesson.IMAGES_WHOLE, lesson.LABELS_SHIFTED], axis=0)
    assert (others < 2 * usual).all(), "no other step stands out"


def test_the_log_is_printed_a_line_for_each_step(capsys):
    lesson.print_log()
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split() == ["step", "W1", "b1", "W2", "b2", "W3", "b3"]
    assert [[float(n) for n in line.split()] for line in lines] == [
        [step, *row] for step, row in enumerate(lesson.LOG)
    ]
