"""Pictures where the host shows no widgets; that their sliders move is shown in a browser."""

import re
from html import unescape

import pytest
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.figure import Figure

from lessons.explorable.inline import inline
from lessons.explorable.live import WIDGET_VIEW, explore
from lessons.explorable.script import style
from tests.explorable.scenes import Picky, Waves


@pytest.fixture
def displayed(monkeypatch):
    """What an explorer displays, by media type."""
    shown = []
    shell = InteractiveShell.instance()
    monkeypatch.setattr(shell.display_pub, "publish", lambda data, **_: shown.append(data))
    yield lambda explorer: shown.clear() or explorer._ipython_display_() or list(shown)
    InteractiveShell.clear_instance()


def test_kaggle_gets_sliders_without_a_widget_and_everybody_else_the_widget(monkeypatch, displayed):
    explorer = explore(Waves(), low=(-1, 1, 0.5))
    monkeypatch.delenv("KAGGLE_KERNEL_RUN_TYPE", raising=False)
    assert [WIDGET_VIEW in data for data in displayed(explorer)] == [False, False, True]
    monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    [data] = displayed(explorer)
    assert "<iframe" in data["text/html"]
    assert data["text/plain"] == explorer.frame().readout


def test_it_says_so_in_one_line_above_the_stored_picture():
    explorer = explore(Waves(), low=(-1, 1, 0.5))
    html = inline(explorer)["text/html"]
    assert html.startswith("<p><em>This site shows no widgets. These sliders need none")
    image = explorer.stored()[0]["image/png"]
    assert 'alt="Two &lt;waves&gt;. A sine at 0 &amp; 1."' in html
    assert f'src="data:image/png;base64,{image}"' in html
    # One page, with nothing to fetch, and nothing of it outside of its frame.
    page = unescape(re.search('srcdoc="(.*?)"', html, re.DOTALL).group(1))
    assert page.count('<div class="lessons-embedded">') == 1
    assert style("view.css") + style("embedded.css") in page
    assert not re.search(r"(?:src|href)=\"?(?!#)\w+:", page)
    assert "<script" not in html


def test_a_quotation_mark_does_not_end_the_title():
    class Quoted(Waves):
        alt = 'Two "waves".'

    html = inline(explore(Quoted(), low=(-1, 1, 0.5)))["text/html"]
    assert '<iframe title="Two &quot;waves&quot;." srcdoc=' in html


def test_words_in_brackets_do_not_end_the_title_of_the_page_in_the_frame():
    class Bracketed(Waves):
        alt = "Two waves </title>."

    html = inline(explore(Bracketed(), low=(-1, 1, 0.5)))["text/html"]
    assert "<title>Two waves &lt;/title&gt;.</title>" in unescape(html)


def test_what_cannot_be_computed_beforehand_stands_still_and_says_why():
    html = inline(explore(Waves(), low=(0, 90, 0.1), high=(0, 90, 0.1)))["text/html"]
    assert re.match(r"<p><em>.* stands still\. Waves is too large.*811,801 positions", html)
    assert "<img" in html
    assert "<iframe" not in html
    unnamed = explore(lambda x=0.0: Figure(), x=(0.0, 900.0, 0.01))
    assert "stands still. &lt;lambda&gt; is too large" in inline(unnamed)["text/html"]
    failing = inline(explore(Picky(), level=(0.0, 4.0, 1.0)))["text/html"]
    assert "stands still. Picky.update(level=2.0) raised ValueError" in failing
