"""Sets up .venv on first use and runs a command in it; `make` calls this, and Windows has `py`.

Needs only the standard library, and starts even on a Python too old for the lectures, to say so.
"""

from __future__ import print_function

import hashlib
import os
import platform
import re
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

# What an environment holds copies of; it reads everything else of the lectures in place.
COPIED = [os.path.join("assets", name) for name in ("jupyter_server.json", "jupyterlab.json")]

# Where an environment is, the file with its versions, and the oldest Python that will do.
LECTURES = (".venv", "requirements.lock", OLDEST)
COLAB = (".venv-colab", os.path.join(".ci", "colab.txt"), (3, 13))
FRONT_ENDS = (".venv-front-ends", os.path.join(".ci", "front-ends.txt"), OLDEST)


def call(command):
    """Runs a command and returns its exit code.

    Ctrl+C reaches the command too, which may ask for confirmation, as JupyterLab does. So this
    waits for it: nothing should go on running behind the prompt.
    """
    # uv, unlike pip, would not trust the certificates of a school's own network. The setting has
    # had two names.
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


def python_inside(folder):
    """Returns the path of the Python in an environment."""
    inside = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return os.path.abspath(os.path.join(folder, *inside))


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


def another_python(oldest):
    """Returns a command that starts a Python that will do; exits if none is found."""
    minors = range(oldest[1], NEWEST[1] + 1)
    for minor in reversed(minors):
        for command in (["python3.%d" % minor], ["py", "-3.%d" % minor]):
            if version_of(command) == (3, minor):
                return command
    age = "too old" if sys.version_info[:2] < oldest else "too new for TensorFlow"
    return sys.exit(
        "This needs Python %s. Python %d.%d, at %s, is %s.\n"
        "Install one of them, for example from https://www.python.org/downloads/, and try again."
        % (
            " or ".join("3.%d" % minor for minor in minors),
            sys.version_info[0],
            sys.version_info[1],
            sys.executable,
            age,
        )
    )


# ---- the environment --------------------------------------------------------------------------


def stamp(versions, python):
    """Returns the stamp of an environment with today's versions and this version of Python."""
    content = b""
    for name in [versions] + COPIED:
        with open(name, "rb") as file:
            content += file.read().replace(b"\r\n", b"\n")
    return "%s %d.%d" % ((hashlib.sha256(content).hexdigest(),) + python)


def is_ready(folder, versions):
    """Tells whether an environment is complete, up to date and able to start."""
    # Written last: without it, the environment was not finished.
    if not os.path.exists(os.path.join(folder, "stamp")):
        return False
    python = version_of([python_inside(folder)])
    with open(os.path.join(folder, "stamp")) as written:
        return python is not None and written.read() == stamp(versions, python)


def installer(uv, folder):
    """Returns the command that installs into an environment, by uv if there is one, or by pip."""
    if uv:
        # pip compiles by itself; without bytecode, TensorFlow takes three times as long to import.
        return [uv, "pip", "install", "--compile-bytecode", "--python", python_inside(folder)]
    return [python_inside(folder), "-m", "pip", "--disable-pip-version-check", "install"]


LOCKED = ["--no-deps", "--require-hashes", "--only-binary", ":all:"]


def steps(uv, folder, versions):
    """Returns the commands that make an environment."""
    # In an active environment, the Python that made it: that environment may be what is rebuilt.
    python = getattr(sys, "_base_executable", None) or sys.executable
    make = [uv, "venv", "--quiet", "--python", python] if uv else [python, "-m", "venv"]
    make, install = make + [folder], installer(uv, folder)
    if versions != LECTURES[1]:
        return [
            make,
            install + ["--constraint", versions, "--editable", ".[publish,test,front-ends]"],
        ]
    locked = LOCKED + ["-r", versions]
    # The lock holds hatchling too, so that nothing unlocked is fetched to build the package itself.
    itself = ["--no-deps", "--no-build-isolation", "--editable", "."]
    return [make, install + locked, install + itself]


def set_up(folder, versions):
    """Makes an environment if it is missing, and again if it is unfinished or out of date."""
    if is_ready(folder, versions):
        return
    missing = WITHOUT_TENSORFLOW.get((sys.platform, platform.machine()))
    if missing:
        sys.exit("TensorFlow is not published for %s. Open the lectures on Binder." % missing)
    if os.path.exists(folder):
        print("The environment in %s is unfinished or out of date; rebuilding it." % folder)
        try:
            shutil.rmtree(folder)
        except OSError as error:
            sys.exit("%s\nIs JupyterLab still running in it? Close it first." % error)
    print("Setting up %s: about 450 MB to fetch, 2 GB on the disk, and a minute or two." % folder)
    sys.stdout.flush()
    for command in steps(shutil.which("uv"), folder, versions):
        if call(command):
            sys.exit("\nThis step failed: %s\nRun the same command again." % " ".join(command))
    write(os.path.join(folder, "stamp"), stamp(versions, sys.version_info[:2]))


def add_hub(folder):
    """Adds JupyterHub to an environment that lacks it or has another version of it."""
    install = installer(shutil.which("uv"), folder) + ["--quiet"] + LOCKED
    if call(install + ["-r", os.path.join("hub", "requirements.lock")]):
        sys.exit("\nJupyterHub could not be installed. It runs on Linux and macOS.")


def lock():
    """Pins every dependency of pyproject.toml again, with hashes, for pip, uv and conda."""
    # uv is not shown the old file, because it would keep the versions in it.
    pins = resolved("--generate-hashes --extra publish --extra test")
    header = "# Every package that the lectures need. Made by `make lock` from pyproject.toml.\n"
    write("requirements.lock", header + pins)
    hub = resolved("--generate-hashes --constraint requirements.lock --extra hub")
    header = "# What the hub needs beyond the lectures. Made by `make lock` from pyproject.toml.\n"
    write(os.path.join("hub", "requirements.lock"), header + "".join(added(pins, hub)))
    with open("environment.yml") as conda:
        # Whoever reads the lectures neither publishes nor tests them.
        found = conda_environment(conda.read(), resolved("--constraint requirements.lock"))
    write("environment.yml", found)


def resolved(how):
    """Returns the version of every package that pyproject.toml asks for, in uv's words."""
    command = "uv pip compile --universal --python-version 3.11 --no-header --no-annotate --quiet "
    return subprocess.check_output((command + how + " pyproject.toml").split()).decode()


def added(before, after):
    """Returns the entries of a list of pinned packages whose packages another list lacks."""
    entries = re.findall(r"^([\w.-]+)(==.*\n(?: .*\n)*)", after, re.MULTILINE)
    return [name + rest for name, rest in entries if "\n%s==" % name not in "\n" + before]


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

READ = ["ruff check .", "ruff format --check .", "codespell_lib"]
# In the order in which tests/conftest.py puts them: the longest groups first.
SPREAD = "pytest --numprocesses=auto --maxprocesses=4 --dist=loadscope --no-loadscope-reorder "
TESTS = SPREAD + "tests --ignore=tests/facts --ignore=tests/front_ends --ignore=tests/hub "
QUICK = TESTS + "-m 'not browser and not notebooks and not training'"
CELLS = "notebooks --nbval --nbval-current-env --nbval-cell-timeout=120"
# What reaches below matplotlib's public surface, and what goes from kernel to browser.
DRAWING = " ".join("tests/explorable/test_%s.py" % name for name in ("svg", "picture", "live"))

# What each command does, and the modules that it runs in .venv, one after the other.
COMMANDS = {
    "lecture": ("open JupyterLab", ["jupyter lab notebooks/00_start_here.ipynb"]),
    "check": ("find most mistakes in a minute", READ + [QUICK]),
    "test": ("prove all of it, every cell of every notebook too", READ + [TESTS + CELLS]),
    "coverage": (
        "name the lines of lessons/ that no test runs; takes as long as test",
        [
            "coverage erase",
            # Without the notebooks' cells: their kernels are killed before they report what ran.
            "coverage run -m " + TESTS,
            "coverage combine -q",
            "coverage report",
        ],
    ),
    "test-colab": (
        "run the notebooks with Google Colab's versions, and move every slider",
        [SPREAD + DRAWING + " tests/lectures/test_scenes.py -k 'not stored_pictures' " + CELLS],
    ),
    "test-front-ends": (
        "move a slider in the oldest JupyterLab that will do, and in Notebook 7",
        ["pytest tests/front_ends"],
    ),
    "hub": ('start a JupyterHub for a class: make hub ARGS="FOLDER"', ["hub"]),
    "test-hub": ("prove what the hub lets students do, and what it does not", ["pytest tests/hub"]),
    "facts": (
        "prove what the lectures say about frameworks, and that other processors print the same",
        [SPREAD + "tests/facts"],
    ),
    "notebooks": (
        "run every notebook and store it in normal form",
        ["lessons.publish.normalise notebooks"],
    ),
    "slides": ("write build/slides, a deck for each lecture", ["lessons.publish slides"]),
    "pages": ("write build/site, with pages, decks and prints", ["lessons.publish pages"]),
    "student": (
        "write build/clipping-lectures.zip: what students get, without model answers",
        ["lessons.publish.student"],
    ),
    "pdf": ("write build/pdf, each lecture on paper", ["lessons.publish pdf"]),
    "bench": (
        "measure sliders, live and on slides, the build, and a training step",
        ["tests.benchmarks." + name for name in ("explore", "published", "site", "training")],
    ),
    "install": ("set everything up and open nothing", []),
    "lock": ("pin every dependency of pyproject.toml again; needs uv", []),
    "help": ("list these commands", []),
}
# Which of them run in an environment of their own.
ELSEWHERE = {"test-colab": COLAB, "test-front-ends": FRONT_ENDS}


def run(python, modules, arguments):
    """Runs modules, the last with these arguments; names those that failed."""
    failed = []
    for module in modules:
        command = [python, "-m"] + shlex.split(module)
        if call(command + arguments if module is modules[-1] else command):
            failed.append(module)
    if len(modules) > 1:
        print("\nFailed: " + "\n        ".join(failed) if failed else "\nAll of it works.")
    return len(failed)


def show_help():
    """Lists the commands."""
    print("make COMMAND, or where there is no make: py make.py COMMAND\n")
    for name, (what, _) in COMMANDS.items():
        print("  %-15s %s" % (name, what))


def main(arguments):
    """Runs the command that is named first; returns its exit code."""
    name = arguments[0] if arguments else "help"
    if name not in COMMANDS:
        sys.exit("There is no command %r; the commands are %s." % (name, ", ".join(COMMANDS)))
    if name == "help":
        return show_help()
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    try:
        folder, versions, oldest = ELSEWHERE.get(name, LECTURES)
        if not oldest <= sys.version_info[:2] <= NEWEST:
            return call(another_python(oldest) + ["make.py"] + arguments)
        if name == "lock":
            return lock()
        set_up(folder, versions)
        if name in ("hub", "test-hub"):
            add_hub(folder)
        return run(python_inside(folder), COMMANDS[name][1], arguments[1:])
    except KeyboardInterrupt:
        # The ordinary end of these, which make should not call an error.
        return 0 if name in ("lecture", "hub") else 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
