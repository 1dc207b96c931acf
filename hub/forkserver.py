"""Imports packages once, for all processes that need them: each is forked from this one.

    python forkserver.py SOCKET PACKAGES...

What Python makes of imported packages is nearly all that a student's processes hold. Forked, they
share that memory, and start without importing. `forked.py` beside this file asks for a process.

Linux only. A fork has no thread but the one that forked: none of the packages may start others and
rely on them. Of those that the hub names, only OpenBLAS starts some, and again in each fork.
"""

import fcntl
import gc
import importlib
import json
import os
import resource
import runpy
import select
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

SECONDS_BETWEEN_LOOKS = 2


class Fork(NamedTuple):
    """A process that was forked, and the connection to its asker."""

    pid: int
    connection: socket.socket

    def report(self) -> None:
        """Wait for the end of the process, and tell the asker its exit code."""
        _, status = os.waitpid(self.pid, 0)
        with suppress(OSError):
            send(self.connection, os.waitstatus_to_exitcode(status))


def send(connection: socket.socket, number: int) -> None:
    """Send a process id or an exit code."""
    connection.sendall(number.to_bytes(4, "big", signed=True))


def serve(listening: socket.socket) -> socket.socket:
    """Fork for each connection; return in the new process only, with the connection.

    Whoever asked learns the exit code. An orphan goes on until the last of its forks has ended.
    """
    parent = os.getppid()
    # By the number of the file that reports their end.
    forks: dict[int, Fork] = {}
    events = select.poll()
    events.register(listening, select.POLLIN)
    while forks or os.getppid() == parent:
        for file, _ in events.poll(1000 * SECONDS_BETWEEN_LOOKS):
            if file == listening.fileno():
                connection, _ = listening.accept()
                if not (pid := os.fork()):
                    for ended, fork in forks.items():
                        os.close(ended)
                        fork.connection.close()
                    return connection
                ended = os.pidfd_open(pid)
                events.register(ended, select.POLLIN)
                forks[ended] = Fork(pid, connection)
            else:
                fork = forks.pop(file)
                fork.report()
                events.unregister(file)
                os.close(file)
                fork.connection.close()
    return sys.exit()


def die_with(connection: socket.socket) -> None:
    """Have the system kill this process and its group as soon as the other side is gone.

    The system and not the fork server, which may be gone by then.
    """
    fcntl.fcntl(connection, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(connection, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(connection, fcntl.F_SETFL, os.O_ASYNC)
    # The other side may have gone already.
    gone = select.poll()
    gone.register(connection)
    if any(event & select.POLLHUP for _, event in gone.poll(0)):
        sys.exit()


def become(connection: socket.socket) -> None:
    """Be the process that the connection asks for."""
    os.setsid()
    send(connection, os.getpid())
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _, files, _, _ = socket.recv_fds(connection, 1, 3)
    for standard, given in enumerate(files):
        os.dup2(given, standard)
        os.close(given)
    with connection.makefile("rb") as received:
        asked = json.loads(received.readline())
    die_with(connection)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.umask(asked["umask"])
    os.setpriority(os.PRIO_PROCESS, 0, asked["niceness"])
    for limit, values in asked["limits"]:
        resource.setrlimit(limit, values)
    os.chdir(asked["folder"])
    # What `top` shows: whose process it is.
    Path("/proc/self/comm").write_text(os.environ.get("JUPYTERHUB_USER", asked["module"]))
    # Python's own generator seeds itself again in every fork.
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    gc.enable()
    sys.argv = [asked["module"], *asked["arguments"]]
    sys.path[0] = asked["folder"]
    runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)


def main(address: str, *packages: str) -> None:
    """Import packages and serve; in a fork, be what was asked for."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    Path(address).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listening:
        # Whoever asks from now on waits until everything is imported.
        listening.bind(address)
        listening.listen()
        # A collection in a fork would write to, and so copy, all that it looks at.
        gc.disable()
        for package in packages:
            importlib.import_module(package)
        gc.freeze()
        connection = serve(listening)
    become(connection)


if __name__ == "__main__":
    main(*sys.argv[1:])
