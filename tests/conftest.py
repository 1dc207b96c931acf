"""Fixtures for the tests that need a real browser; everything else needs none."""

import os

import browser as real
import pytest


@pytest.fixture(scope="module")
def chromium():
    """A browser. For one module only: Playwright keeps an event loop that others would run into."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        path = real.find(playwright)
        if path is None and os.environ.get("CI"):
            pytest.fail(real.HOW_TO_GET_ONE)
        if path is None:
            pytest.skip(real.HOW_TO_GET_ONE)
        browser = real.launch(playwright, path)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab server with an empty folder of its own."""
    with real.lab(tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("lab")) as server:
        yield server
