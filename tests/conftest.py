"""Fixtures for the tests that need a real browser; everything else needs none."""

import os
import re

import pytest

from lessons.publish import browser as installed
from tests.browser import driver as real

# These take minutes, and begun last they would run alone.
LONGEST = ("test_published.py", "test_notebooks.py")
LECTURE = re.compile(r"\[(\d\d)[-_]")


def group(item):
    """Returns what stays on one worker: a module, or of that a lecture if the tests name one."""
    lecture = LECTURE.search(item.nodeid)
    return f"{item.path.name} {lecture.group(1) if lecture else ''}"


def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group(item)))
    items.sort(key=lambda item: item.path.parent.name != "browser" or item.path.name not in LONGEST)


@pytest.fixture(scope="module")
def chromium():
    """A browser. For one module only: Playwright keeps an event loop that others would run into."""
    # Where every commit is checked, a browser that has gone missing must not go unnoticed.
    give_up = pytest.fail if os.environ.get("CI") else pytest.skip
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


@pytest.fixture(scope="module")
def lab(chromium, tmp_path_factory):
    """A JupyterLab server with an empty folder of its own."""
    with real.lab(tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("lab")) as server:
        yield server
