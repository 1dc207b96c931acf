"""Processes from the fork server: whoever asks for one can treat it as an ordinary process."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from hub import forked
from tests.hub.processes import ended, wait_until

HUB = Path(__file__).parents[2] / "hub"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")

# The module that the forks run: first it says that it is there, and who it is.
MODULE = """
import json, os, resource, signal, sys, time
print(os.getpid(), flush=True)
exec(sys.argv[1])
"""
SLEEP = "time.sleep(60)"


class Forks:
    """A fork server and its forks.

    Args:
        package: What it imports.
        through: The command by which it is started, if not by this process itself.
    """

    def __init__(self, folder, package="numpy.random", through=()):
        self.folder, self.socket = folder, folder / "socket"
        (folder / "module.py").write_text(MODULE, encoding="utf-8")
        command = [*through, sys.executable, HUB / "forkserver.py", self.socket, package]
        path = os.environ | {"PYTHONPATH": str(folder)}
        self.server = psutil.Popen(command, env=path)
        assert wait_until(self.socket.exists)

    def start(self, code, **how):
        """Start a process that runs this code; how is for Popen."""
        command = [sys.executable, "-I", "-S", HUB / "forked.py", self.socket, "module", code]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen(command, **({"cwd": self.folder, "text": True} | pipes | how))

    def run(self, code, **how):
        """Return the exit code, the output without its first line, and the errors."""
        process = self.start(code, **how)
        output, errors = process.communicate("typed\n", timeout=60)
        return process.returncode, output.partition("\n")[2], errors

    def value(self, expression, **how):
        """Return what an expression is there."""
        code, output, errors = self.run(f"print(json.dumps({expression}))", **how)
        assert not code, errors
        return json.loads(output)

    def stop(self):
        for each in [*self.server.children(recursive=True), self.server]:
            each.kill()
        self.server.wait()


@pytest.fixture
def folder():
    # Not by pytest, whose names are too long for a socket.
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def forks(folder):
    started = Forks(folder)
    yield started
    if started.server.poll() is None:
        started.stop()


def running(process):
    """Wait for a process; return the one that was forked for it."""
    return psutil.Process(int(process.stdout.readline()))


def test_what_was_imported_is_there(forks):
    assert forks.value("'numpy' in sys.modules and 'asyncio' not in sys.modules")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("", 0),
        ("sys.exit(7)", 7),
        ("os._exit(8)", 8),
        ("1 / 0", 1),
        ("os.abort()", 128 + signal.SIGABRT),
        ("os.kill(os.getpid(), signal.SIGKILL)", 128 + signal.SIGKILL),
    ],
)
def test_the_exit_code_comes_back(forks, code, expected):
    assert forks.run(code)[0] == expected


def test_input_output_and_errors_are_those_of_the_asker(forks):
    code, output, errors = forks.run("print(input()); print('wrong', file=sys.stderr)")
    assert (code, output, errors) == (0, "typed\n", "wrong\n")


def test_it_is_run_as_by_the_option_m(forks):
    assert forks.value("[__name__, sys.modules['__main__'].__dict__ is globals()]") == [
        "__main__",
        True,
    ]
    assert forks.value("[sys.argv[0], sys.path[0], os.getcwd()]") == [
        str(forks.folder / "module.py"),
        str(forks.folder),
        str(forks.folder),
    ]


def test_the_environment_is_the_askers_alone(forks):
    # Bytes that are no text are possible in both.
    given = {"LC_ALL": "C.UTF-8", "LATEX": "\\clip é \udcff"}
    assert forks.value("dict(os.environ)", env=given) == given


def test_niceness_limits_and_umask_are_the_askers(forks):
    limits = {
        resource.RLIMIT_DATA: (3 * 2**30, 3 * 2**30),
        resource.RLIMIT_CPU: (1800, 1900),
        resource.RLIMIT_NOFILE: (100, 200),
        resource.RLIMIT_CORE: (0, 0),
    }

    def begin():
        os.nice(3)
        os.umask(0o077)
        for limit, values in limits.items():
            resource.setrlimit(limit, values)

    how = {"preexec_fn": begin}
    assert forks.value("[os.nice(0), os.umask(0)]", **how) == [os.nice(0) + 3, 0o077]
    found = forks.value(f"[resource.getrlimit(each) for each in {list(limits)}]", **how)
    assert found == [list(values) for values in limits.values()]


def test_processor_time_is_counted_from_the_fork_on(folder):
    def begin():
        resource.setrlimit(resource.RLIMIT_CPU, (1, 2))

    (folder / "busy.py").write_text("import time\nwhile time.process_time() < 2: pass", "utf-8")
    forks = Forks(folder, "busy")
    assert forks.value("'busy' in sys.modules", preexec_fn=begin)
    assert forks.run("while True: pass", preexec_fn=begin)[0] == 128 + signal.SIGXCPU
    forks.stop()


def test_random_numbers_differ(forks):
    # NumPy's generator would be the same in every fork.
    ask = "[__import__('numpy').random.rand(), __import__('random').random()]"
    first, second = forks.value(ask), forks.value(ask)
    assert first[0] != second[0]
    assert first[1] != second[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_reaches_the_fork_and_what_it_started(forks, number):
    code = f"signal.signal({number}, lambda *_: sys.exit(5)); import subprocess;"
    code += "subprocess.Popen(['sleep', '60']); print(flush=True);" + SLEEP
    process = forks.start(code)
    fork = running(process)
    process.stdout.readline()
    [started] = fork.children()
    process.send_signal(number)
    assert process.wait(10) == 5
    assert wait_until(lambda: ended(started))


def test_ctrl_c_interrupts(forks):
    process = forks.start(f"try: print(flush=True); {SLEEP}\nexcept KeyboardInterrupt: sys.exit(6)")
    running(process)
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 6


@pytest.mark.parametrize("forkserver", ["there", "gone"])
def test_a_fork_and_what_it_started_die_with_their_asker(forks, forkserver):
    # Even if it ignores every signal that can be ignored.
    code = "for each in range(1, 32):\n    if each not in (signal.SIGKILL, signal.SIGSTOP):\n"
    code += "        signal.signal(each, signal.SIG_IGN)\nos.fork(); print(flush=True);" + SLEEP
    process = forks.start(code)
    fork = running(process)
    for _ in range(2):
        process.stdout.readline()
    [started] = fork.children()
    if forkserver == "gone":
        forks.server.kill()
        forks.server.wait()
    process.kill()
    assert wait_until(lambda: ended(fork) and ended(started))
    if forkserver == "there":
        assert forks.value("1") == 1


def test_who_asks_and_is_gone_at_once_leaves_no_process(forks, monkeypatch):
    # So long a request that the connection is closed before it has been read.
    monkeypatch.setenv("LONG", "long " * 2**20)
    with socket.socket(socket.AF_UNIX) as connection:
        fork = forked.ask(connection, str(forks.socket), "module", [SLEEP])
    assert wait_until(lambda: not psutil.pid_exists(fork))


@pytest.mark.parametrize("forkserver", ["there", "gone"])
def test_a_kernel_dies_with_its_jupyter_server(forks, forkserver):
    # JPY_PARENT_PID is what a Jupyter server tells a kernel.
    jupyter = "import os, subprocess, sys; me = {'JPY_PARENT_PID': str(os.getpid())};"
    jupyter += "subprocess.run(sys.argv[1:], env=me)"
    client = [sys.executable, "-I", "-S", HUB / "forked.py", forks.socket, "module", SLEEP]
    server = subprocess.Popen(
        [sys.executable, "-c", jupyter, *client],
        cwd=forks.folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    fork = running(server)
    if forkserver == "gone":
        forks.server.kill()
        forks.server.wait()
    server.kill()
    assert wait_until(lambda: ended(fork))


def test_forks_outlive_the_fork_server(forks):
    process = forks.start("signal.signal(signal.SIGTERM, lambda *_: sys.exit(5));" + SLEEP)
    fork = running(process)
    forks.server.send_signal(signal.SIGINT)
    forks.server.wait(10)
    time.sleep(0.2)
    assert process.poll() is None
    assert not ended(fork)
    process.terminate()
    # Nobody is left who could tell the exit code.
    assert process.wait(10) == 1
    assert wait_until(lambda: ended(fork))


def test_an_end_does_not_disturb_other_forks(forks):
    others = [forks.start(SLEEP) for _ in range(3)]
    alive = [running(process) for process in others]
    assert [forks.run("sys.exit(4)")[0] for _ in range(3)] == [4, 4, 4]
    assert not any(map(ended, alive))
    files = forks.server.num_fds()
    for process in others:
        process.kill()
        process.wait()
    assert wait_until(lambda: forks.server.num_fds() == files - 2 * len(others))


def test_a_fork_holds_no_files_of_others(forks):
    ask = "len(os.listdir('/proc/self/fd'))"
    alone = forks.value(ask)
    running(forks.start(SLEEP))
    assert forks.value(ask) == alone


def test_there_are_as_many_forks_as_the_system_allows_files(folder):
    # Each needs two, and the limit that a process begins with is a low one.
    limited = "import os; from resource import *; _, most = getrlimit(RLIMIT_NOFILE);"
    limited += "setrlimit(RLIMIT_NOFILE, (20, most)); os.execv(sys.argv[1], sys.argv[1:])"
    forks = Forks(folder, through=[sys.executable, "-c", "import sys;" + limited])
    ask = "print('numpy' in sys.modules, flush=True);"
    for process in [forks.start(ask + SLEEP) for _ in range(10)]:
        running(process)
        assert process.stdout.readline() == "True\n"
    forks.stop()


def test_a_fork_server_can_start_where_one_was_killed(forks):
    forks.stop()
    again = Forks(forks.folder)
    # Until it listens, processes are ordinary.
    assert wait_until(lambda: again.value("'numpy' in sys.modules"))
    again.stop()


def test_without_a_fork_server_processes_are_ordinary(forks):
    forks.stop()
    assert forks.value("[sys.argv[0], 'numpy' in sys.modules]") == [
        str(forks.folder / "module.py"),
        False,
    ]
    assert forks.run("sys.exit(7)")[0] == 7


def test_who_asks_while_packages_are_imported_waits(folder):
    (folder / "slow.py").write_text("import time; time.sleep(1)", "utf-8")
    forks = Forks(folder, "slow")
    assert forks.value("'slow' in sys.modules")
    forks.stop()


def test_an_orphaned_fork_server_ends_with_its_last_fork(folder):
    hub = [sys.executable, "-c", "import subprocess, sys; subprocess.run(sys.argv[1:])"]
    forks = Forks(folder, through=hub)
    [server] = forks.server.children()
    process = forks.start("signal.signal(signal.SIGTERM, lambda *_: sys.exit(5));" + SLEEP)
    fork = running(process)
    forks.server.kill()
    forks.server.wait()
    # The time in which it notices.
    time.sleep(3)
    assert not ended(fork)
    process.terminate()
    assert process.wait(10) == 5
    assert wait_until(lambda: ended(server))
