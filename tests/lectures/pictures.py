"""Pictures of scenes, each drawn when a test first asks for it and kept for those after it."""

from functools import cache

from lessons.explorable.picture import Picture


@cache
def picture_of(scene, *args):
    """The picture of a scene of this class, made with these arguments."""
    return new_picture(scene(*args))


def new_picture(scene):
    """A picture of a scene, for one test alone or for arguments that cannot be hashed."""
    return Picture(scene)
