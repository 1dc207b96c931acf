"""Sets up .venv on first use and runs a command in it; `make` calls this, and Windows has `py`.

Needs only the standard library, and starts on Pythons too old for the lectures to say so.
"""

from __future__ import print_function

import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import sys

OLDEST, NEWEST = (3, 11), (3, 13)

# TensorFlow publishes nothing for these. On the second, everything else would install without it.
WITHOUT_TENSORFLOW = {
    ("darwin", "x86_64"): "Macs with an Intel processor, or for a Python made for those",
    ("win32", "ARM64"): "Windows on ARM",
}

# Written last: an environment without it was not finished, one with another is out of date.
STAMP = os.path.join(".venv", "finished")


def call(command):
    """Runs a command and returns its exit code.

    Ctrl+C reaches the command too, which may ask back, as JupyterLab does: it is waited for, so
    that nothing goes on alone behind the prompt.
    """
    # uv, unlike pip, would not trust the certificates of a school's own network. It has had two
    # names for this wish.
    trusting = dict(os.environ, UV_SYSTEM_CERTS="1", UV_NATIVE_TLS="1")
    process = subprocess.Popen(command, env=trusting)
    interrupted = False
    while True:
        try:
            code = process.wait()
            break
        except KeyboardInterrupt:
            interrupted = True
    if interrupted:
        raise KeyboardInterrupt
    return code


def python_inside():
    """Returns the path of the Python in .venv."""
    inside = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return os.path.abspath(os.path.join(".venv", *inside))


# ---- which Python -----------------------------------------------------------------------------


def version_of(command):
    """Returns the (major, minor) version of the Python that a command starts, or None."""
    show = "import sys; print(sys.version_info[0], sys.version_info[1])"
    try:
        with open(os.devnull, "w") as nowhere:
            answer = subprocess.check_output(command + ["-c", show], stderr=nowhere)
        major, minor = answer.split()
        return int(major), int(minor)
    except (OSError, subprocess.CalledProcessError, ValueError):
        return None  # Version managers leave commands behind that start nothing.


def another_python():
    """Returns a command that starts a Python these lectures run on; ends if there is none."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        for command in (["python3.%d" % minor], ["py", "-3.%d" % minor]):
            if version_of(command) == (3, minor):
                return command
    age = "old" if sys.version_info[:2] < OLDEST else "new for TensorFlow"
    return sys.exit(
        "These lectures need Python 3.11, 3.12 or 3.13. Python %d.%d, at %s, is too %s.\n"
        "Install one of them, for example from https://www.python.org/downloads/, and try again."
        % (sys.version_info[0], sys.version_info[1], sys.executable, age)
    )


# ---- the environment --------------------------------------------------------------------------


def stamp(version):
    """Returns the stamp of an environment with this version of Python and today's lock file."""
    with open("requirements.lock", "rb") as lock_file:
        content = lock_file.read().replace(b"\r\n", b"\n")
    return "%s %d.%d" % ((hashlib.sha256(content).hexdigest(),) + version)


def is_ready():
    """Tells whether .venv is complete, up to date and able to start."""
    if not os.path.exists(STAMP):
        return False
    version = version_of([python_inside()])
    with open(STAMP) as written:
        return version is not None and written.read() == stamp(version)


def steps(uv):
    """Returns the commands that make .venv, by uv if there is one and by venv and pip if not."""
    # In an active environment, the Python that made it: .venv may be active while it is made anew.
    python = getattr(sys, "_base_executable", None) or sys.executable
    locked = ["--require-hashes", "--only-binary", ":all:", "-r", "requirements.lock"]
    # The lock holds hatchling too, so that nothing unlocked is fetched to build the package itself.
    itself = ["--no-deps", "--no-build-isolation", "--editable", "."]
    if uv:
        make = [uv, "venv", "--quiet", "--python", python, ".venv"]
        install = [uv, "pip", "install", "--python", python_inside()]
        # pip compiles by itself; without bytecode, TensorFlow takes three times as long to import.
        locked.append("--compile-bytecode")
    else:
        make = [python, "-m", "venv", ".venv"]
        install = [python_inside(), "-m", "pip", "--disable-pip-version-check", "install"]
    return [make, install + ["--no-deps"] + locked, install + itself]


def set_up():
    """Makes .venv anew if it is missing, unfinished or out of date."""
    if is_ready():
        return
    missing = WITHOUT_TENSORFLOW.get((sys.platform, platform.machine()))
    if missing:
        sys.exit("TensorFlow is not published for %s. Open the lectures on Binder." % missing)
    if os.path.exists(".venv"):
        print("The environment in .venv is unfinished or out of date; making it anew.")
        try:
            shutil.rmtree(".venv")
        except OSError as error:
            sys.exit("%s\nIs JupyterLab still running in .venv? Close it first." % error)
    print("Setting up .venv: about 450 MB to fetch, 2 GB on the disk, and a minute or two.")
    sys.stdout.flush()
    for command in steps(shutil.which("uv")):
        if call(command):
            sys.exit("\nThis step failed: %s\nRun the same command again." % " ".join(command))
    write(STAMP, stamp(sys.version_info[:2]))


def lock():
    """Pins every dependency of pyproject.toml anew, with hashes, for pip, for uv and for conda."""
    # Not told of the file, because it would keep the versions that the file holds.
    command = "uv pip compile --universal --generate-hashes --extra publish --extra test"
    command += " --python-version 3.11 --no-header --no-annotate --quiet pyproject.toml"
    pins = subprocess.check_output(command.split()).decode()
    header = "# Every package that the lectures need. Made by `make lock` from pyproject.toml.\n"
    write("requirements.lock", header + pins)
    with open("environment.yml") as conda:
        write("environment.yml", conda_environment(conda.read(), pins))


def write(name, content):
    """Writes a text file with the line ends of the repository."""
    with open(name, "w", newline="\n") as out:
        out.write(content)


def conda_environment(before, pins):
    """Returns environment.yml with these pins; pip would refuse `-e .` beside hashes."""
    head, _ = before.split("  - pip:\n")
    lines = [line.rstrip(" \\") for line in pins.splitlines() if line[:1] not in ("", " ", "#")]
    return head + "  - pip:\n" + "".join('      - "%s"\n' % line for line in lines + ["-e ."])


# ---- commands ---------------------------------------------------------------------------------

READ = ["ruff check .", "ruff format --check .", "mypy", "codespell_lib"]
# In the order in which tests/conftest.py puts them: the longest groups first.
TESTS = "pytest --numprocesses=auto --maxprocesses=4 --dist=loadscope --no-loadscope-reorder tests"
TESTS += " --ignore=tests/facts"
QUICK = TESTS + " -m 'not browser and not notebooks and not training'"
EVERY = TESTS + " notebooks --nbval --nbval-current-env --nbval-cell-timeout=120"

# What each command does, and the modules that it runs in .venv, one after the other.
COMMANDS = {
    "lecture": ("open JupyterLab", ["jupyter lab notebooks/00_start_here.ipynb"]),
    "check": ("find most mistakes within a minute", READ + [QUICK]),
    "test": ("prove all of it, every cell of every notebook too", READ + [EVERY]),
    "coverage": (
        "name the lines of lessons/ that no test runs; takes as long as test",
        ["coverage erase", "coverage run -m " + EVERY, "coverage combine -q", "coverage report"],
    ),
    "facts": ("prove what is said of TensorFlow and other frameworks", ["pytest tests/facts"]),
    "notebooks": (
        "run every notebook and store it in normal form",
        ["lessons.publish.normalise notebooks"],
    ),
    "slides": ("write build/slides, a deck for each lecture", ["lessons.publish slides"]),
    "pages": ("write build/site, with pages, decks and prints", ["lessons.publish pages"]),
    "pdf": ("write build/pdf, each lecture on paper", ["lessons.publish pdf"]),
    "bench": (
        "measure sliders, live and on slides, the build, and a training step",
        ["tests.benchmarks." + name for name in ("explore", "published", "site", "training")],
    ),
    "install": ("set everything up and open nothing", []),
    "lock": ("pin every dependency of pyproject.toml anew; needs uv", []),
    "help": ("say what there is", []),
}


def run(modules, arguments):
    """Runs modules in .venv, the last with these arguments; names those that failed."""
    failed = []
    for module in modules:
        command = [python_inside(), "-m"] + shlex.split(module)
        if call(command + arguments if module is modules[-1] else command):
            failed.append(module)
    if len(modules) > 1:
        print("\nFailed: " + "\n        ".join(failed) if failed else "\nAll of it works.")
    return len(failed)


def show_help():
    """Says what there is."""
    print("make COMMAND, or where there is no make: py make.py COMMAND\n")
    for name, (what, _) in COMMANDS.items():
        print("  %-10s %s" % (name, what))


def main(arguments):
    """Runs the command that is named first; returns its exit code."""
    name = arguments[0] if arguments else "help"
    if name not in COMMANDS:
        sys.exit("There is no command %r; there are %s." % (name, ", ".join(COMMANDS)))
    if name == "help":
        return show_help()
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    try:
        if not OLDEST <= sys.version_info[:2] <= NEWEST:
            return call(another_python() + [__file__] + arguments)
        if name == "lock":
            return lock()
        set_up()
        return run(COMMANDS[name][1], arguments[1:])
    except KeyboardInterrupt:
        # The ordinary end of a lecture, which make should not call an error.
        return 0 if name == "lecture" else 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
