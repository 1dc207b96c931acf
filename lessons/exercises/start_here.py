"""The check of the exercise to try in ``notebooks/00_start_here.ipynb``."""

from lessons.exercises.checks import Answer
from lessons.exercises.kinds import Numbers
from lessons.exercises.patterns import ANY

# What becomes of 0, 5 and 9 when they are clipped to the bounds 2 and 8?
first_try = Answer(
    1,
    Numbers("Give a list of three numbers, such as [1, 2, 3].", (3,)),
    "Put a list of three numbers in place of None, such as [1, 2, 3].",
    ([2, 5, 8], "This is how an exercise ends. The lectures have harder ones."),
    ([ANY, 5, ANY], "Set the sliders above to a = 2 and b = 8, and look at 0 and at 9."),
    "5 lies between the bounds. What happens to it?",
)
