"""Runs a module as `python -m` does, in a process that `forkserver.py` forks; waits for its end.

    python -I -S forked.py SOCKET MODULE ARGUMENTS...

Can be treated as that process: it hands on its own folder, environment, files, limits and signals,
ends with the exit code of that process, and takes it down when it is killed itself. Without a fork
server it becomes an ordinary process, which needs more memory.
"""

import json
import os
import resource
import signal
import socket
import sys
from contextlib import suppress

LIMITS = [getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")]
FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def receive(connection: socket.socket) -> int:
    """Return a process id or an exit code."""
    if not (answer := connection.recv(4)):
        raise ConnectionResetError
    return int.from_bytes(answer, "big", signed=True)


def ask(connection: socket.socket, address: str, module: str, arguments: list[str]) -> int:
    """Ask for a process; return its id.

    Raises:
        OSError: There is no fork server.
    """
    connection.connect(address)
    umask = os.umask(0)
    os.umask(umask)
    request = {
        "module": module,
        "arguments": arguments,
        "folder": os.getcwd(),  # noqa: PTH109  pathlib would take a megabyte
        "environment": dict(os.environ),
        "umask": umask,
        "niceness": os.nice(0),
        "limits": [(limit, resource.getrlimit(limit)) for limit in LIMITS],
    }
    socket.send_fds(connection, [b"\n"], [0, 1, 2])
    connection.sendall(json.dumps(request).encode() + b"\n")
    return receive(connection)


def orphaned() -> bool:
    """Whether the Jupyter server that started this kernel is gone."""
    return os.environ.get("JPY_PARENT_PID", str(os.getppid())) != str(os.getppid())


def main(address: str, module: str, *arguments: str) -> int:
    """Run a module; return its exit code, as a shell does."""
    connection = socket.socket(socket.AF_UNIX)
    # A signal that comes too early waits until there is a process that it is meant for.
    signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED)
    try:
        pid = ask(connection, address, module, list(arguments))
    except OSError:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)
        os.execv(sys.executable, [sys.executable, "-m", module, *arguments])

    def forward(number: int, _: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(pid, number)

    for each in FORWARDED:
        signal.signal(each, forward)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)
    connection.settimeout(1)
    # The fork holds the connection too: it ends once both fork server and fork have ended.
    with suppress(ConnectionError):
        while not orphaned():
            with suppress(TimeoutError):
                code = receive(connection)
                return code if code >= 0 else 128 - code
    # When this process ends, so does its connection, and with that the fork, if it still runs.
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
