"""A real browser and a real JupyterLab, for the tests and the benchmark that need them."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from urllib.request import ProxyHandler, Request, build_opener

_SETTINGS = {
    # Lab would ask whether it may look for news on the network.
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    # Every cell stands in the page, also those that are out of sight.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    # A notebook is saved when a test saves it.
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}
_TOKEN = "lectures"
_SECONDS_TO_START = 60
_NO_PROXY = build_opener(ProxyHandler({}))
# A kernel that is shut down is interrupted first, and may find its own sockets closed.
_OF_A_PASSING_KERNEL = re.compile(
    r"^.*(?:Uncaught exception in ZMQStream callback|Exception in message handler:)\n"
    r"Traceback(?:.*\n){1,30}?"
    r"zmq\.error\.ZMQError: Socket operation on non-socket$"
    r"|^.*KeyboardInterrupt caught in kernel\.?$"
    # Jupyter's server lists a kernel that starts before it knows when that was last active.
    r"|^\[E .*Uncaught exception GET /api/kernels\?.*\n(?:.*\n){1,60}?"
    r".*The 'last_activity' trait .*NoneType.*\n(?:.*\n){1,15}?\[E .* 500 GET /api/kernels\?.*$",
    re.MULTILINE,
)
_KERNEL = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?"


class Lab:
    """A Jupyter server with settings of its own.

    Args:
        folder: Its notebooks; what is saved in the browser is saved there.
        scratch: An empty folder for its settings and its log.
        front_end: ``lab``, or ``notebook`` for Notebook 7.
    """

    def __init__(self, folder, scratch, front_end):
        self._path = {"lab": "lab/workspaces/{}/tree", "notebook": "notebooks"}[front_end]
        app = {"lab": "LabApp", "notebook": "JupyterNotebookApp"}[front_end]
        self.folder, self.log = folder, scratch / "server.log"
        settings = scratch / "config" / "labconfig" / "default_setting_overrides.json"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps(_SETTINGS), encoding="utf-8")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        own = {
            "JUPYTER_CONFIG_DIR": scratch / "config",
            "JUPYTER_DATA_DIR": scratch / "data",
            "JUPYTER_RUNTIME_DIR": scratch / "runtime",
            "JUPYTERLAB_WORKSPACES_DIR": scratch / "workspaces",
            "IPYTHONDIR": scratch / "ipython",
        }
        self._log = self.log.open("w", encoding="utf-8")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyter", front_end, "--no-browser", "--allow-root"),
                f"--ServerApp.port={self.port}",
                "--ServerApp.port_retries=0",
                f"--IdentityProvider.token={_TOKEN}",
                f"--ServerApp.root_dir={folder}",
                f"--{app}.expose_app_in_browser=True",
            ],
            env={**os.environ, **{name: str(path) for name, path in own.items()}},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._wait_until_it_answers()

    def _wait_until_it_answers(self):
        until = time.monotonic() + _SECONDS_TO_START
        while time.monotonic() < until and self._process.poll() is None:
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text(encoding='utf-8')}")

    def url(self, notebook):
        """Return the address at which `notebook` opens, alone."""
        path = self._path.format(re.sub(r"\W", "", notebook))
        return f"http://127.0.0.1:{self.port}/{path}/{notebook}?reset&token={_TOKEN}"

    def errors(self):
        """Return the lines of the log that tell of an error, in the server or in a kernel."""
        log = self.log.read_text(encoding="utf-8", errors="replace")
        lines = _OF_A_PASSING_KERNEL.sub("", log).splitlines()
        return [line for line in lines if re.search(r"^\[[EC] |ERROR|Traceback", line)]

    def stop(self):
        """Stop the server and its kernels."""
        # Asked, not killed: on Windows a server that is terminated leaves its kernels behind.
        request = Request(
            f"http://127.0.0.1:{self.port}/api/shutdown",
            method="POST",
            headers={"Authorization": f"token {_TOKEN}"},
        )
        try:
            with suppress(OSError):
                _NO_PROXY.open(request, timeout=15).close()
                self._process.wait(15)
        except subprocess.TimeoutExpired:
            pass
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            self._log.close()


@contextmanager
def lab(folder, scratch, front_end="lab"):
    """Run a Jupyter server while the block lasts."""
    server = Lab(folder, scratch, front_end)
    try:
        yield server
    finally:
        server.stop()


class Notebook:
    """A notebook in a tab of the browser.

    Attributes:
        page: Playwright's page.
        complaints: What the page's console told as an error, and requests to other hosts.
    """

    def __init__(self, browser, server, name, viewport=(1280, 720), has_touch=False):
        width, height = viewport
        size = {"width": width, "height": height}
        self.page = browser.new_page(viewport=size, has_touch=has_touch)
        self.page.context.tracing.start()
        self.complaints = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.route(lambda url: f"//127.0.0.1:{server.port}" not in url, self._on_foreign)
        self.page.goto(server.url(name))
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        self.page.wait_for_function(f"{_KERNEL}.status === 'idle'", timeout=60_000)

    def _on_console(self, message):
        if message.type == "error":
            self.complaints.append(message.text)

    def _on_foreign(self, route):
        if not route.request.url.startswith(("data:", "blob:")):
            self.complaints.append(f"request to {route.request.url}")
        route.abort()

    def run_all(self):
        """Run every cell, from the top, and wait for the last."""
        self.page.evaluate(
            """() => {
                 window.hasRun = false;
                 const run = window.jupyterapp.commands.execute('notebook:run-all-cells');
                 run.then(() => { window.hasRun = true; });
               }"""
        )
        self.page.wait_for_function("window.hasRun", timeout=120_000)

    def run_cell(self, index):
        """Run one cell, and wait for it."""
        self.page.evaluate(
            """async (index) => {
                 const { commands, shell } = window.jupyterapp;
                 shell.currentWidget.content.activeCellIndex = index;
                 await commands.execute('notebook:run-cell');
               }""",
            index,
        )

    def asks_to_be_saved(self):
        """Tell whether JupyterLab holds the notebook for changed."""
        return self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.model.dirty")

    def save(self):
        """Save the notebook as Ctrl+S does."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")

    def ask(self, code):
        """Run code in the kernel that belongs to no cell; return what it prints."""
        return self.page.evaluate(
            """async ([code]) => {
                 const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
                 const future = kernel.requestExecute({ code, store_history: false });
                 let printed = '';
                 future.onIOPub = ({ header, content }) => {
                   if (header.msg_type === 'stream') printed += content.text;
                   if (header.msg_type === 'error') printed += content.traceback.join('\\n');
                 };
                 await future.done;
                 return printed;
               }""",
            [code],
        )

    def explorer(self, index):
        """Return the sliders and the picture of the explore cell with this index."""
        return Explorer(self.page, self.page.locator(".lessons-explore").nth(index))


class Explorer:
    """One explore cell in the browser, moved and read as a person would."""

    def __init__(self, page, box):
        self.page, self.box = page, box

    def control(self, name):
        """Return what takes the keyboard of the control called `name`."""
        inside = self.box.locator(f".lessons-control-{name}")
        return inside.locator(".noUi-handle, select, input[type=checkbox], input[type=text]").first

    def readout(self):
        """Return the sentence below the picture."""
        return self.box.locator(".readout").text_content()

    def settle(self):
        """Wait until the picture belongs to the sliders."""
        # A moved widget tells the picture in its next turn.
        self.page.evaluate("() => new Promise(requestAnimationFrame)")
        self.page.wait_for_function(
            "(box) => box.querySelector('.lessons-view').getAttribute('aria-busy') !== 'true'",
            arg=self.box.element_handle(),
            timeout=30_000,
        )

    def press(self, name, *keys):
        """Focus a control and press keys, one after another; wait for the picture of the last."""
        self.control(name).focus()
        for key in keys:
            self.page.keyboard.press(key)
        self.settle()

    def svg(self):
        """Return the drawing, its moving parts included."""
        return self.box.locator(".lessons-view [role=img]").evaluate(
            "(picture) => picture.shadowRoot.querySelector('svg').outerHTML"
        )
