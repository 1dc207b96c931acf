"""Predictions: what is asked, which answer is right, and where it is stored."""

import json
import re
from dataclasses import replace
from html import unescape

import pytest

from lessons.explorable.embed import embedded_explorer
from lessons.explorable.live import explore
from lessons.explorable.precompute import EmbeddingError
from lessons.explorable.prediction import Prediction, PredictionError
from tests.explorable.embedded import quiet
from tests.explorable.scenes import Waves


def _higher(scene, low, high, **_):
    return "the first" if low + scene.lift > high else "the second"


class Lifted(Waves):
    def __init__(self, lift=0.0):
        self.lift = lift


ASKED = Prediction(
    "Which wave is higher at -1?",
    ("neither", "the first", "the second"),
    at={"high": -1.0},
    right=_higher,
    because="Its number is larger than -1.",
)
COUNTED = replace(ASKED, options=(), right=lambda _, low, high, **__: round(low - high))


def explored(predict=ASKED, scene=None, **more):
    places = (-2.0, 2.0, 0.5)
    return explore(scene or Lifted(), low=places, high=places, predict=predict, **more)


def attribute(explorer, folder):
    html = embedded_explorer(explorer, folder, quiet)[0]["text/html"]
    return json.loads(unescape(re.search('data-prediction="([^"]*)"', html)[1]))


def test_the_right_answer_is_that_of_the_scene_at_the_position_that_settles_it():
    asked = explored().view.prediction
    assert asked["question"] == "Which wave is higher at −1?"
    assert asked["because"] == "Its number is larger than −1."
    assert asked["right"] == 1
    other = explored(replace(ASKED, options=("none at -1", "the first"))).view.prediction
    assert other["options"] == ["none at −1", "the first"]
    assert asked["proof"] == (4, 2)
    # Another scene, or another position, has another answer.
    assert explored(scene=Lifted(-5.0)).view.prediction["right"] == 2
    assert explored(replace(ASKED, at={})).view.prediction["right"] == 2
    assert explored(COUNTED).view.prediction["right"] == 1


def test_the_sliders_are_out_of_reach_where_something_is_asked():
    assert all(control.widget.disabled for control in explored().controls)
    assert not any(control.widget.disabled for control in explored(None).controls)
    assert explored(None).view.prediction == {}


def test_a_page_asks_the_same_of_the_positions_that_it_keeps(tmp_path):
    explorer = explored(export={"low": 1, "high": 5})
    live = explorer.view.prediction
    assert attribute(explorer, tmp_path) == dict(live) | {"proof": [1]}


def test_a_position_that_is_not_kept_is_named(tmp_path):
    with pytest.raises(EmbeddingError, match=r"'high': -1\.0"):
        attribute(explored(export={"high": 3}), tmp_path)


@pytest.mark.parametrize(
    ("predict", "error", "words"),
    [
        (replace(ASKED, options=("neither", "both")), PredictionError, "'the first'.*not one of"),
        (replace(ASKED, options=()), PredictionError, "'the first'.*whole number"),
        (replace(COUNTED, right=lambda *_, **__: True), PredictionError, "True.*whole number"),
        (replace(ASKED, at={"high": -0.8}), PredictionError, "'high': -0.8.*nearest is -1.0"),
        (replace(ASKED, at={"hihg": 1.0}), TypeError, "mean 'high'"),
        ("Which?", TypeError, "predict='Which[?]'.*Prediction"),
    ],
)
def test_mistakes_are_named(predict, error, words):
    with pytest.raises(error, match=words):
        explored(predict)


def test_without_a_kernel_the_question_is_text(monkeypatch):
    shown = []
    monkeypatch.setattr("lessons.explorable.live.display", lambda data, **_: shown.append(data))
    escaped = replace(ASKED, options=("w<b", *ASKED.options[1:]))
    for explorer in (explored(escaped), explored(None)):
        explorer._ipython_display_()
    asked, plain = (data["text/html"] for data in shown if "text/html" in data)
    assert "Which wave is higher at −1? · w&lt;b · the first · the second" in asked
    assert "Predict" not in plain
