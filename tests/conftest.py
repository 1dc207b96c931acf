"""Fixtures for the tests that need a real browser; everything else needs none."""

import os
import re
from contextlib import suppress
from pathlib import Path

import coverage
import pytest
from xdist.scheduler import LoadScopeScheduling

from lessons.publish import browser as installed
from tests.browser import driver as real
from tests.browser.files import OpenedFile
from tests.strict import give_up

# What was seen when a test in the browser failed.
FAILURES = Path(__file__).parents[1] / "build" / "failures"
# Begun last, it would run alone.
LONGEST = "test_published.py"
LECTURE = re.compile(r"\[(\d\d)[-_]")


class ByLecture(LoadScopeScheduling):
    """Gives a worker the tests of a module, or of one lecture of it if the tests name one.

    Groups by pytest-xdist's own marks get lost with pytest 9.2 (pytest-xdist's issue 1386).
    """

    def _split_scope(self, nodeid):
        lecture = LECTURE.search(nodeid)
        return nodeid.split("::")[0] + (lecture.group(1) if lecture else "")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """One more than there are processors, if some wait for a browser or a kernel meanwhile."""
    return (os.cpu_count() or 1) + ("not browser" not in config.option.markexpr)


def pytest_sessionfinish():
    """Save what coverage has seen: pytest-xdist kills a worker that takes ten seconds to end."""
    if measuring := coverage.Coverage.current():
        measuring.save()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return ByLecture(config, log)


def order(item):
    """Returns what a test is sorted by: the lectures first, and of them the last, which train."""
    if item.path.name != LONGEST:
        return 0
    return -int(LECTURE.search(item.nodeid).group(1)) - 1


def pytest_collection_modifyitems(items):
    items.sort(key=order)


@pytest.fixture(scope="module")
def chromium():
    """A browser. For one module only: Playwright keeps an event loop that others would run into."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        give_up("the browser tests need the package playwright")
    with sync_playwright() as playwright:
        try:
            browser = installed.start(playwright)
        except installed.NoBrowserError as error:
            give_up(str(error))
        yield browser
        browser.close()


@pytest.fixture
def open_file(chromium):
    """Opens files of ours; they stay open until the test has ended, so that a failure is seen."""
    opened = []

    def open_(path, query="", **settings):
        opened.append(OpenedFile(chromium, path, query, **settings))
        return opened[-1]

    yield open_
    for each in opened:
        each.context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep a picture and a trace of every page that is open when a test fails."""
    report = yield
    browser = getattr(item, "funcargs", {}).get("chromium")
    if report.failed and browser:
        keep(browser, FAILURES / re.sub(r"[^\w-]+", "_", item.nodeid))
    return report


def keep(browser, name):
    """Write what is seen in each page, and what led to it."""
    from playwright.sync_api import Error

    for number, context in enumerate(browser.contexts):
        # The failure may be that of the browser itself.
        with suppress(Error):
            for page in context.pages:
                page.screenshot(path=f"{name}-{number}.png")
            context.tracing.stop(path=f"{name}-{number}.zip")
            context.tracing.start()


@pytest.fixture(scope="module")
def lab(chromium, tmp_path_factory):
    """A JupyterLab server with an empty folder of its own."""
    with real.lab(tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("lab")) as server:
        yield server
