"""A browser that is installed on this machine, driven by Playwright."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HOW_TO_GET_ONE = (
    "no browser was found; install Chromium, Chrome or Edge, or run: "
    f"{sys.executable} -m playwright install chromium"
)
_COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "microsoft-edge-stable",
    "chrome",
    "msedge",
)
_APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    r"C:\Program Files\Microsoft\Edge\Application\msedge.exe",
    # Chrome for one user of Windows only.
    str(Path.home() / "AppData/Local/Google/Chrome/Application/chrome.exe"),
)


class NoBrowserError(RuntimeError):
    """There is no browser on this machine."""


def find(playwright: Any) -> str | None:
    """Return the path of a browser that is installed, or None."""
    found = [shutil.which(name) for name in _COMMANDS]
    found += [*_APPLICATIONS, playwright.chromium.executable_path]
    return next((path for path in found if path and Path(path).is_file()), None)


def launch(playwright: Any, path: str) -> Any:
    """Start the browser at `path`, without a window and without calls home."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return playwright.chromium.launch(executable_path=path, args=quiet)


@contextmanager
def opened() -> Iterator[Any]:
    """Give a browser inside of a ``with`` block.

    Raises:
        NoBrowserError: There is none.
    """
    from playwright.sync_api import sync_playwright  # starts a process of its own

    with sync_playwright() as playwright:
        path = find(playwright)
        if path is None:
            raise NoBrowserError(HOW_TO_GET_ONE)
        browser = launch(playwright, path)
        try:
            yield browser
        finally:
            browser.close()


def open_page(browser: Any, path: Path, width: int, height: int, query: str = "") -> Any:
    """Return a file of ours, opened, its scenes ready, without a network."""
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
    page = context.new_page()
    page.goto(path.resolve().as_uri() + query)
    page.wait_for_selector("html[data-thawed]", state="attached")
    page.evaluate("document.fonts.ready")
    return page
