"""A browser that is installed on this machine, driven by Playwright."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from lessons.publish.notebook import NotebookError

_HOW_TO_GET_ONE = (
    f"install Chromium, Chrome or Edge, or run: {sys.executable} -m playwright install chromium"
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
    """There is no browser on this machine, or none that starts."""


def _installed(playwright: Any) -> list[str]:
    """Return the paths at which a browser seems to be installed."""
    found = [shutil.which(name) for name in _COMMANDS]
    found += [*_APPLICATIONS, playwright.chromium.executable_path]
    return [path for path in found if path and Path(path).is_file()]


def start(playwright: Any) -> Any:
    """Return a browser, started without a window and without calls home.

    Raises:
        NoBrowserError: There is none, or none starts.
    """
    from playwright.sync_api import Error  # takes half a second to import

    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    paths = _installed(playwright)
    for path in paths:
        # What is called chromium-browser may be there only to say how to install it.
        with suppress(Error):
            return playwright.chromium.launch(executable_path=path, args=quiet)
    found = f"no browser starts; tried {', '.join(paths)}" if paths else "no browser was found"
    raise NoBrowserError(f"{found}; {_HOW_TO_GET_ONE}")


class Browser:
    """A browser that starts when it is first needed, and ends with the ``with`` block.

    Args:
        running: One that Playwright runs already, which goes on after the block.
    """

    def __init__(self, running: Any = None):
        self._running = running
        self._no_browser: NoBrowserError | None = None
        self._closing = ExitStack()

    def __enter__(self) -> "Browser":
        """Start nothing yet."""
        return self

    def __exit__(self, *_: Any) -> None:
        """End the browser, if it was started here."""
        self._closing.close()

    def _started(self) -> Any:
        if self._no_browser:
            raise self._no_browser
        if not self._running:
            from playwright.sync_api import sync_playwright  # starts a process of its own

            playwright = self._closing.enter_context(sync_playwright())
            try:
                self._running = start(playwright)
            except NoBrowserError as error:
                self._no_browser = error
                raise
            self._closing.callback(self._running.close)
        return self._running

    @contextmanager
    def page(self, path: Path, width: int, height: int) -> Iterator[Any]:
        """Give a file of ours, its scenes ready, without a network, inside a ``with`` block.

        Raises:
            NoBrowserError: There is no browser, or none starts.
            NotebookError: The browser cannot show it, or cannot do what the block asks of it.
        """
        from playwright.sync_api import Error

        running = self._started()
        try:
            context = running.new_context(viewport={"width": width, "height": height}, offline=True)
            try:
                page = context.new_page()
                page.goto(path.resolve().as_uri())
                page.wait_for_selector("html[data-ready]", state="attached")
                page.evaluate("document.fonts.ready")
                yield page
            finally:
                context.close()
        except Error as error:
            why = error.message.partition("\n")[0]
            raise NotebookError(
                f"{path.stem}, the browser failed on it: {why}; open {path} in a browser, whose "
                "console (F12) says more"
            ) from error
