"""Pictures of scenes, each drawn when a test first asks for it and kept for those after it."""

from functools import cache

from lessons.explorable.picture import Picture


@cache
def picture_of(scene, *args):
    """The picture of a scene of this class, made with these arguments.

    A test that needs one for itself, or arguments that cannot be hashed, makes a `Picture`.
    """
    return Picture(scene(*args))
