"""A real hub and its students, who do over HTTP and web sockets what JupyterLab does for them."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import aiohttp
import nbformat
import psutil
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)

ROOT = Path(__file__).parents[2]
WIDGET = "application/vnd.jupyter.widget-view+json"
SECONDS_TO_START, SECONDS_TO_ANSWER = 300, 60
NO_PROXY = build_opener(ProxyHandler({}))


def lecture_0(*ids):
    """The source of cells of lecture 0."""
    path = ROOT / "notebooks" / "00_start_here.ipynb"
    source = {cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells}
    return [source[each] for each in ids]


def free_ports(count):
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in taken]
    for each in taken:
        each.close()
    return ports


class Hub:
    """The project's own hub, in a folder of its own; all that it started ends with it."""

    def __init__(self, folder):
        port, own, proxy = free_ports(3)
        self.folder, self.address = folder, f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "hub", folder, f"--port={port}"]
        command += ["--allow-root"] * (os.geteuid() == 0)
        command += [f"--JupyterHub.hub_port={own}"]
        command += [f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{proxy}"]
        self.log = folder.with_suffix(".log")
        with self.log.open("w", encoding="utf-8") as log:
            self.process = psutil.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    @property
    def password(self):
        return (self.folder / "password.txt").read_text(encoding="utf-8")

    def wait(self):
        """Wait until it answers."""
        for _ in range(10 * SECONDS_TO_START):
            if self.process.poll() is not None:
                break
            # The proxy is there first, and says that the hub is not.
            with suppress(OSError), NO_PROXY.open(self.address + "/hub/api/"):
                return
            time.sleep(0.1)
        raise RuntimeError(self.log.read_text(encoding="utf-8"))

    def processes(self):
        """Every process of the hub, by what it is: its own, students' servers, kernels."""
        found = {"hub": [self.process], "server": [], "kernel": []}
        for process in self.process.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                line = " ".join(process.cmdline())
                # A fork has the command line of its fork server, which the hub itself started.
                own = "forkserver" in line and process.ppid() == self.process.pid
                kinds = {"servers.socket": "server", "singleuser": "server", "ipykernel": "kernel"}
                kind = next((kinds[word] for word in kinds if word in line and not own), "hub")
                found[kind].append(process)
        return found

    def fork_servers(self):
        """What students' processes are forked from, by socket; waits for them."""
        found = {}
        while len(found) < 2:
            for process in self.process.children():
                with suppress(psutil.NoSuchProcess):
                    _, script, *arguments = process.cmdline()
                    if "forkserver" in script:
                        found[arguments[0]] = process
            time.sleep(0.1)
        return found

    def warm_up(self):
        """Wait until all is imported that students share, as it is when a class comes in."""
        for address in self.fork_servers() if sys.platform == "linux" else ():
            command = [sys.executable, ROOT / "hub" / "forked.py", address, "this"]
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)

    def stop(self):
        if self.process.poll() is not None:
            return
        started = self.process.children(recursive=True)
        self.process.terminate()
        with suppress(psutil.TimeoutExpired):
            self.process.wait(20)
        # What has not ended by itself.
        for process in [self.process, *started]:
            with suppress(psutil.NoSuchProcess):
                process.kill()


@contextmanager
def running(folder):
    """A hub that answers."""
    hub = Hub(folder)
    try:
        hub.wait()
        yield hub
    finally:
        hub.stop()


class Explorer:
    """The browser's half of a picture with sliders: what lessons/explorable/js/requests.js does.

    Args:
        comm: Where the kernel's half is.
        state: What the kernel told of it.
        send: Sends a comm message.
    """

    def __init__(self, comm, state, send):
        self.comm, self.controls, self._send = comm, state["controls"], send
        self._seen, self._asked = set(), {}
        self.hear({"kind": "first"} | state["first"])
        [self.position] = state["first"]["positions"]

    def hear(self, answer):
        """Take in what the kernel says."""
        positions = answer.get("positions", [])
        self._seen |= {json.dumps(position) for position in positions}
        asked = self._asked.pop("frame" if answer["kind"] == "problem" else answer["kind"], None)
        if asked and answer["kind"] == "problem":
            asked.set_exception(RuntimeError(answer["message"]))
        elif asked:
            asked.set_result(positions)

    async def _ask(self, content, answer):
        self._asked[answer] = coming = asyncio.Future()
        await self._send(self.comm, {"method": "custom", "content": content})
        return await asyncio.wait_for(coming, SECONDS_TO_ANSWER)

    async def move(self, position):
        """Move sliders; return how many seconds it took until the picture could be shown.

        Raises:
            RuntimeError: The scene could not show that position.
            TimeoutError: No answer came.
        """
        started = time.perf_counter()
        for control, old, new in zip(self.controls, self.position, position, strict=True):
            if old != new:
                value = new if control["values"] is None else control["values"][new]
                state = {"method": "update", "state": {control["trait"]: value}, "buffer_paths": []}
                await self._send(control["model"].removeprefix("IPY_MODEL_"), state)
        self.position = list(position)
        if not self.has(self.position):
            await self._ask({"kind": "show", "position": self.position}, "frame")
        return time.perf_counter() - started

    def has(self, position):
        """Whether the browser has the picture of a position."""
        return json.dumps(position) in self._seen

    def along(self, place):
        """Return the positions of one slider, the others unmoved."""
        before, after = self.position[:place], self.position[place + 1 :]
        return [[*before, state, *after] for state in range(self.controls[place]["count"])]

    async def hold(self, place):
        """Fetch what lies along a slider, a dozen positions at a time."""
        here = self.position[place]
        way = sorted(self.along(place), key=lambda position: abs(position[place] - here))
        while missing := [each for each in way if not self.has(each)]:
            await self._ask({"kind": "ahead", "positions": missing[:12]}, "ahead")


class Student:
    """One student, signed in at a hub, whose notebook has a kernel.

    Attributes:
        explorers: The pictures with sliders that the kernel has made, in their order, by comm.
    """

    def __init__(self, hub, name, http):
        self.hub, self.name, self.http = hub, name, http
        self._headers = {}
        self.explorers = {}
        self._running, self._shown = {}, asyncio.Event()

    # ---- over HTTP ------------------------------------------------------------------------------

    async def _ask(self, method, path, **content):
        async with self.http.request(
            method, self.hub.address + path, headers=self._headers, **content
        ) as answer:
            if answer.status >= 400:
                raise RuntimeError(f"{method} {path}: {answer.status} {await answer.text()}")
            return await answer.json() if answer.content_type == "application/json" else None

    async def sign_in(self):
        """Sign in with the password of the class, and wait for a JupyterLab of one's own."""
        # The form makes a user of whoever knows the password.
        async with self._browser():
            pass
        tokens = f"/hub/api/users/{self.name}/tokens"
        granted = await self._ask("POST", tokens, json={"auth": self._proof()})
        self._headers = {"Authorization": f"token {granted['token']}"}
        await self._ask("POST", f"/hub/api/users/{self.name}/server")
        while not (user := await self._ask("GET", f"/hub/api/users/{self.name}"))["server"]:
            if not user["pending"]:
                raise RuntimeError(self.hub.log.read_text(encoding="utf-8"))
            await asyncio.sleep(0.2)

    def _proof(self):
        return {"username": self.name, "password": self.hub.password}

    @asynccontextmanager
    async def _browser(self):
        """Come as a browser, which has only filled in the form."""
        # To aiohttp an address without a name is an unsafe place for cookies.
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as browser:
            page = self.hub.address + "/hub/login"
            async with browser.get(page):
                [token] = [cookie.value for cookie in jar if cookie.key == "_xsrf"]
            form = self._proof() | {"_xsrf": token}
            async with browser.post(page, data=form, allow_redirects=False):
                pass
            yield browser

    async def browse(self, path):
        """Return the page that a browser shows which comes to a path of the student's server."""
        async with (
            self._browser() as browser,
            browser.get(f"{self.hub.address}/user/{self.name}{path}") as page,
        ):
            return await page.text()

    def enter_as(self, other):
        """Open another notebook of a student who has signed in."""
        self._headers = other._headers

    async def pull(self, repository):
        """Get the lectures, or what is new in them; return what nbgitpuller reports at last."""
        query = {"repo": repository, "targetpath": "lectures"}
        async with self.http.get(
            f"{self.hub.address}/user/{self.name}/git-pull/api",
            params=query,
            headers=self._headers,
        ) as answer:
            *_, last = [line async for line in answer.content if line.startswith(b"data:")]
        return json.loads(last[len("data:") :])

    async def open_notebook(self):
        """Start a kernel and listen to it."""
        kernels = f"/user/{self.name}/api/kernels"
        self.kernel = (await self._ask("POST", kernels, json={"path": ""}))["id"]
        self.socket = await self.http.ws_connect(
            f"{self.hub.address}{kernels}/{self.kernel}/channels".replace("http", "ws", 1),
            headers=self._headers,
            protocols=["v1.kernel.websocket.jupyter.org"],
            max_msg_size=0,
        )
        self._listening = asyncio.create_task(self._listen())

    async def leave(self):
        """Close the page; the kernel goes on."""
        self._listening.cancel()
        await self.socket.close()

    async def close_notebook(self):
        """Close the notebook, and end its kernel."""
        await self.leave()
        await self._ask("DELETE", f"/user/{self.name}/api/kernels/{self.kernel}")

    async def press_stop(self):
        """Interrupt the kernel."""
        await self._ask("POST", f"/user/{self.name}/api/kernels/{self.kernel}/interrupt")

    async def restart_kernel(self):
        """Restart the kernel, as the button does."""
        await self._ask("POST", f"/user/{self.name}/api/kernels/{self.kernel}/restart")

    async def save(self, what, content):
        """Save what JupyterLab remembers, such as which tabs are open."""
        await self._ask("PUT", f"/user/{self.name}/lab/api/{what}", data=json.dumps(content))

    # ---- over the web socket --------------------------------------------------------------------

    async def _send(self, kind, content):
        header = {"msg_id": uuid.uuid4().hex, "username": self.name, "session": self.name}
        header |= {"msg_type": kind, "version": "5.3", "date": ""}
        parts = [json.dumps(part).encode() for part in (header, {}, {}, content)]
        await self.socket.send_bytes(serialize_msg_to_ws_v1(parts, "shell"))
        return header["msg_id"]

    async def _send_comm(self, comm, data):
        await self._send("comm_msg", {"comm_id": comm, "data": data})

    async def _listen(self):
        async for received in self.socket:
            _, (header, parent, _, content, *_) = deserialize_msg_from_ws_v1(received.data)
            kind = json.loads(header)["msg_type"]
            if kind not in ("comm_open", "comm_msg", "display_data", "execute_reply"):
                continue
            content, parent = json.loads(content), json.loads(parent)
            match kind:
                case "comm_open" if "first" in content["data"]["state"]:
                    comm, state = content["comm_id"], content["data"]["state"]
                    self.explorers[comm] = Explorer(comm, state, self._send_comm)
                case "comm_msg" if content["data"]["method"] == "custom":
                    self.explorers[content["comm_id"]].hear(content["data"]["content"])
                case "display_data" if WIDGET in content["data"]:
                    self._shown.set()
                case "execute_reply" if parent["msg_id"] in self._running:
                    self._running.pop(parent["msg_id"]).set_result(content)

    async def press_run(self, *cells):
        """Run cells; return when the last has ended.

        Raises:
            RuntimeError: A cell failed.
        """
        replies = []
        for source in cells:
            content = {"code": source, "silent": False, "store_history": True}
            content |= {"user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
            self._running[await self._send("execute_request", content)] = reply = asyncio.Future()
            replies.append(reply)
        for reply in replies:
            if (content := await reply)["status"] != "ok":
                raise RuntimeError("\n".join(content.get("traceback", [str(content)])))

    async def first_slider(self):
        """Wait until a slider is seen."""
        await self._shown.wait()
