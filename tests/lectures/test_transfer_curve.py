"""The first picture of lectures 0 and 1, and lecture 0 up to it."""

import subprocess
import sys
from itertools import takewhile

import numpy as np
import pytest
import tensorflow as tf

from lessons import from_scratch
from lessons.transfer_curve import TransferCurve
from tests.lectures import sweep
from tests.lectures.pictures import picture_of
from tests.strict import no_warnings

pytestmark = no_warnings

each_clip = pytest.mark.parametrize("clip", [from_scratch.clip_by_value, tf.clip_by_value])


@each_clip
@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (2.0, 8.0, "3 of 10 values clipped: 2 raised to 2, 1 lowered to 8."),
        (0.0, 9.0, "0 of 10 values clipped"),
        (3.5, 6.5, "7 of 10 values clipped: 4 raised to 3.5, 3 lowered to 6.5."),
        (5.0, 5.0, "9 of 10 values clipped: 5 raised to 5, 4 lowered to 5."),
        (8.0, 2.0, "every number becomes 8."),
    ],
)
def test_the_transfer_curve_and_its_column_show_where_ten_numbers_go(clip, low, high, words):
    made = picture_of(TransferCurve, range(10), clip)
    scene = made.scene
    assert words in made.frame(low=low, high=high).readout
    expected = np.maximum(np.minimum(range(10), high), low)
    np.testing.assert_array_equal(scene.points.get_data(), [range(10), expected])
    x, y = scene.curve.get_data()
    np.testing.assert_allclose(y, np.maximum(np.minimum(x, high), low), rtol=1e-6)
    assert [line.get_ydata()[0] for line in scene.bounds] == [low, high]
    assert [float(text.get_text()) for text in scene.after] == expected.tolist()
    arrows = [note.get_text()[:1] for note in scene.notes]
    assert arrows == ["↑↓"[int(e < n)] if e != n else "" for n, e in enumerate(expected)]
    for note, number in zip(scene.notes, expected, strict=True):
        if name := note.get_text()[-1:]:
            assert {"a": low, "b": high}[name] == number, "the bound that it becomes"


def outcomes(clip, low, high):
    return set(np.asarray(clip(np.arange(10, dtype=np.float32), low, high)).tolist())


@each_clip
def test_one_slider_at_its_end_is_enough_to_make_ten_numbers_one(clip):
    for other in np.arange(0, 9.5, 0.5):
        assert len(outcomes(clip, 9.0, other)) == 1
        assert len(outcomes(clip, other, 0.0)) == 1
    assert len(outcomes(clip, 4.5, 4.5)) == 1


def test_lecture_0_shows_its_first_slider_before_it_spends_seconds_on_tensorflow():
    cells = list(sweep.code_cells(sweep.NOTEBOOKS / "00_start_here.ipynb").values())
    before = list(takewhile(lambda source: "explore(" not in source, cells))
    source = [*before, cells[len(before)], "import sys", "assert 'tensorflow' not in sys.modules"]
    subprocess.run([sys.executable, "-c", "\n".join(source)], cwd=sweep.NOTEBOOKS, check=True)
    assert any("import tensorflow" in cell for cell in cells[len(before) :])
