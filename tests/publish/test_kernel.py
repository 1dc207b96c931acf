"""What a kernel that publishes shows in place of widgets."""

from traitlets.config import Config

from lessons.exercises import clip_by_norm
from lessons.explorable.live import explore
from lessons.publish import kernel
from lessons.publish.cells import QUESTION_TYPE
from tests.explorable.scenes import Waves
from tests.publish.notebooks import Shell


def test_frames_are_kept_where_the_kernel_was_told(tmp_path, monkeypatch):
    given = []

    def embedded(explorer, cache, tell):
        given.append(cache)
        return {}, {}

    monkeypatch.setattr(kernel, "embedded_explorer", embedded)
    shell = Shell(config=Config({"Embedding": {"cache": str(tmp_path)}}))
    kernel.load_ipython_extension(shell)
    shell.display_formatter.format(explore(Waves(), low=(-1.0, 1.0, 0.5)))
    assert given == [tmp_path]


def test_what_a_check_says_comes_with_what_a_page_asks():
    shell = Shell()
    kernel.load_ipython_extension(shell)
    said, _ = shell.display_formatter.format(clip_by_norm.bent([5, 5]))
    assert "Not yet" in said["text/plain"]
    assert said[QUESTION_TYPE]["kind"]["turnedByBox"] == 2
