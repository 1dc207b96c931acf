"""The check for the exercise to try in ``notebooks/00_start_here.ipynb``."""

from collections.abc import Sequence

from lessons.exercises.feedback import Feedback, as_numbers, missing, right, wrong, wrong_kind


def first_try(answer: Sequence[float] | None) -> Feedback:
    """What becomes of 0, 5 and 9 when they are clipped to the bounds 2 and 8?"""
    if answer is None:
        return missing("Put a list of three numbers in place of None, such as [1, 2, 3].")
    numbers = as_numbers(answer, 3)
    if numbers is None:
        return wrong_kind("Give a list of three numbers, such as [1, 2, 3].")
    if numbers == [2, 5, 8]:
        return right("This is how an exercise ends. The lectures have harder ones.")
    if numbers[1] != 5:
        return wrong("5 lies between the bounds. What happens to it?")
    return wrong("Set the sliders above to a = 2 and b = 8, and look at 0 and at 9.")
