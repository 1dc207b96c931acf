"""Which browser is taken, and what is said of one that fails."""

from pathlib import Path
from unittest import mock

import pytest
from playwright.sync_api import Error, TimeoutError

from lessons.publish import browser
from lessons.publish.browser import Browser, NoBrowserError
from lessons.publish.handout import as_pdf
from lessons.publish.notebook import NotebookError
from lessons.publish.overflow import overflows


class Playwright:
    """Stands for Playwright, with browsers of which only some start."""

    def __init__(self, starting):
        self.chromium = self
        self.executable_path = ""
        self.starting = starting

    def launch(self, executable_path, args):
        if executable_path not in self.starting:
            raise Error("BrowserType.launch: Target page, context or browser has been closed")
        return executable_path


def test_the_first_browser_that_starts_is_taken(monkeypatch):
    monkeypatch.setattr(browser, "_installed", lambda playwright: ["stub", "one", "other"])
    assert browser.start(Playwright({"one", "other"})) == "one"
    with pytest.raises(NoBrowserError, match=r"tried stub, one, other; install Chromium"):
        browser.start(Playwright(set()))
    monkeypatch.setattr(browser, "_installed", lambda playwright: [])
    with pytest.raises(NoBrowserError, match=r"no browser was found; install Chromium"):
        browser.start(Playwright(set()))


def test_what_is_installed_is_found_and_so_is_playwrights_own(monkeypatch):
    monkeypatch.setattr(browser.shutil, "which", {"msedge": __file__}.get)
    monkeypatch.setattr(browser, "_APPLICATIONS", ("/no/such/browser",))
    playwright = Playwright(set())
    playwright.executable_path = browser.__file__
    assert browser._installed(playwright) == [__file__, browser.__file__]


def test_a_browser_is_started_once_for_all_pages_and_ends_after_them(monkeypatch):
    running = mock.MagicMock()
    start = mock.Mock(return_value=running)
    monkeypatch.setattr("playwright.sync_api.sync_playwright", mock.MagicMock())
    monkeypatch.setattr(browser, "start", start)
    with Browser() as ours:
        for _ in range(2):
            with ours.page(Path("a.html"), 1, 1):
                running.close.assert_not_called()
    start.assert_called_once()
    running.close.assert_called_once()


@pytest.mark.parametrize(("count", "end"), [(4, "4 px"), (5, "4 px; and 1 more")])
def test_of_what_is_wrong_with_a_slide_four_things_are_told(count, end):
    running = mock.MagicMock()
    wrong = [f"text {n} px" for n in range(1, count + 1)]
    slide = {"number": "2.1", "slide": "guilty", "wrong": wrong}
    look = running.new_context().new_page().evaluate
    look.side_effect = lambda script, *least: [slide] if least else None
    found = overflows(Browser(running), Path("a.html"))
    told = f"1 px; text 2 px; text 3 px; text {end}"
    assert found == [
        f"slide 2.1 (cell 'guilty') at {screen}: text {told}"
        for screen in ("1280x720", "1920x1080")
    ]


@pytest.mark.parametrize("failure", [Error, TimeoutError])
@pytest.mark.parametrize("at", ["new_page", "wait_for_selector", "evaluate", "pdf"])
def test_a_browser_that_fails_with_a_page_is_told_with_its_lecture(at, failure, tmp_path):
    running = mock.MagicMock()
    page = running.new_context().new_page()
    place = running.new_context() if at == "new_page" else page
    getattr(place, at).side_effect = failure(f"Page.{at}: Timeout 30000ms exceeded.\nCall log:")
    path = tmp_path / "90_tiny.html"
    with pytest.raises(NotebookError, match=rf"^90_tiny, .*Page\.{at}.*; open .*90_tiny") as raised:
        as_pdf(Browser(running), path)
    assert "Call log" not in str(raised.value)
    running.new_context().close.assert_called_once()
