"""An IPython extension: in a kernel that loads it, what is shown needs no kernel any more.

Published notebooks are run in such a kernel. `explore`, `show` and the checks return what they
always do; only how IPython displays it differs.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display
from traitlets import Unicode
from traitlets.config import Configurable

from lessons.exercises.feedback import Feedback
from lessons.explorable.embed import Bundle, embedded_explorer, embedded_still
from lessons.explorable.live import Explorer, Still
from lessons.explorable.precompute import EmbeddingError
from lessons.explorable.scene import SceneError

PROGRESS_TYPE = "application/vnd.lessons.progress+json"
PROBLEM_TYPE = "application/vnd.lessons.problem+json"
QUESTION_TYPE = "application/vnd.lessons.question+json"


class Embedding(Configurable):
    """What the kernel is told when it is started."""

    cache = Unicode(help="Folder in which frames are kept for the next build.").tag(config=True)


def kernel_arguments(cache: Path) -> list[str]:
    """Return the arguments of a kernel that embeds scenes, and keeps their frames in `cache`."""
    return [
        f"--IPKernelApp.extensions={__name__}",
        "--IPKernelApp.reraise_ipython_extension_failures=True",
        f"--Embedding.cache={cache}",
    ]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Have explorers and stills displayed as pieces of HTML, and feedback with its question."""
    formatter = shell.display_formatter
    assert formatter, "the kernel of a notebook displays things"
    formatter.mimebundle_formatter.for_type(Feedback, with_question)
    cache = Path(Embedding(parent=shell).cache)
    # The formatter of objects that display themselves, as an Explorer does.
    shown = formatter.ipython_display_formatter
    shown.for_type(Explorer, lambda made: _show(embedded_explorer, made, cache, _tell))
    shown.for_type(Still, lambda made: _show(embedded_still, made))


def with_question(feedback: Feedback) -> Bundle | None:
    """Return, beside the words, what a page asks and judges by; None if judging takes Python."""
    # Imports TensorFlow. The kernel has it already, and the process that starts it does without.
    from lessons.exercises.page import packed

    if (table := packed(feedback.check)) is None:
        return None
    return {QUESTION_TYPE: {"kind": feedback.check.kind.for_page(), "table": table}}, {}


def _show(embedded: Callable[..., Bundle], *given: Any) -> None:
    """Display a piece of HTML, or the problem in words: no traceback helps the builder."""
    try:
        data, metadata = embedded(*given)
    except (EmbeddingError, SceneError) as error:
        data, metadata = {PROBLEM_TYPE: str(error)}, {}
    display(data, metadata=metadata, raw=True)


def _tell(progress: Mapping[str, Any]) -> None:
    """Send how far a scene is to whoever runs the notebook; it is not meant for the reader."""
    display({PROGRESS_TYPE: dict(progress)}, raw=True)
