"""A question asked before the sliders of a scene come free, and the answer that is right."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lessons.explorable.words import typeset


class PredictionError(ValueError):
    """A prediction cannot be asked of this scene, or none of its options is right."""


@dataclass(frozen=True)
class Prediction:
    """A question that a learner answers before the sliders move, and that one position settles.

    Attributes:
        question: One sentence about that position, with no formula in it.
        options: The answers to choose from, as short phrases: the right one, and one for each
            mistake that is likely. Without any, the answer is a whole number.
        at: Where the answer is seen: slider values; a slider that is not named stays at its start.
        right: Computes the right answer from the scene and, by name, from the value of every
            slider at that position. It returns one of the options, or a whole number.
        because: Why it is so, in one sentence that holds whatever was answered.
    """

    question: str
    options: tuple[str, ...]
    at: Mapping[str, Any]
    right: Callable[..., str | int]
    because: str

    def asked(self, scene: Any, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a browser asks and judges by.

        Args:
            scene: The scene, or the function, that is explored.
            values: The value of every slider at the position that settles it.

        Raises:
            PredictionError: The right answer is not one that can be given.
        """
        right = self.right(scene, **values)
        if self.options and right not in self.options:
            raise PredictionError(
                f"{self.question!r}: the right answer {right!r} is not one of the options "
                f"{', '.join(map(repr, self.options))}"
            )
        if not self.options and (not isinstance(right, int) or isinstance(right, bool)):
            raise PredictionError(
                f"{self.question!r}: the right answer is {right!r}; without options it has to be "
                "a whole number"
            )
        return {
            "question": typeset(self.question),
            "options": [typeset(option) for option in self.options],
            "right": self.options.index(right) if isinstance(right, str) else right,
            "because": typeset(self.because),
        }

    def in_words(self) -> str:
        """Return question and options as text, for where nobody can answer."""
        return typeset(" · ".join([self.question, *self.options]))
