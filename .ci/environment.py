"""Sets up .venv on first use and runs a command in it: what `make` calls.

Needs nothing but Python's standard library, and runs on Pythons that are too old for the lectures,
so that it can say so.
"""

from __future__ import print_function

import collections
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys

try:
    from pathlib import Path
except ImportError:
    sys.exit(
        "These lectures need Python 3.11, 3.12 or 3.13; this one is %d.%d." % sys.version_info[:2]
    )

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
# Written last: an environment without it, or with another one, was not finished or is out of date.
STAMP = VENV / "finished"
OLDEST, NEWEST = (3, 11), (3, 13)
CONDA = ROOT / "environment.yml"
CONDA_HEAD = """\
# For conda, Binder and Windows: conda env create -f environment.yml
# Made by `make lock` from pyproject.toml; the versions are those in requirements.lock.
name: clipping-lectures
channels:
  - conda-forge
dependencies:
  - python=3.12
  - pip
  - pip:
"""
WANTED = "Python 3.11, 3.12 or 3.13"

# What a Python says about itself. In an environment it names the Python that made it, which
# outlives it: .venv may be active while it is made anew. JSON, because a path may hold any letter.
WHO_ARE_YOU = (
    "import json, sys; "
    "path = getattr(sys, '_base_executable', None) or sys.executable; "
    "print(json.dumps([sys.version_info[:2], path]))"
)

# TensorFlow publishes nothing for these. On the second, everything else would install without it.
WITHOUT_TENSORFLOW = {
    ("darwin", "x86_64"): "Macs with an Intel processor, or for a Python made for those",
    ("win32", "ARM64"): "Windows on ARM",
}

# uv, unlike pip, would not trust the certificates of a school's or a company's own network. It has
# known this wish under two names.
TRUSTING = {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}

# JupyterLab would ask at every first start whether it may look for news on the network.
LAB_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
}


def fail(message):
    """Ends with a message that says what would be right."""
    sys.exit("\n" + message + "\n")


def call(command, **settings):
    """Runs a command and returns its exit code.

    Ctrl+C reaches the command too, which may ask back, as JupyterLab does: it is waited for, so
    that nothing goes on alone behind the prompt.
    """
    process = subprocess.Popen(command, **settings)
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


# ---- which Python -----------------------------------------------------------------------------


def candidates():
    """Returns commands that may start a Python, the one that runs this first."""
    found = [[sys.executable]]
    if os.name == "nt" and shutil.which("py"):
        found += [["py", "-3.%d" % minor] for minor in (13, 12, 11)]
    for name in ("python3.13", "python3.12", "python3.11", "python3", "python"):
        path = shutil.which(name)
        if path:
            found.append([path])
    return found


def ask(command):
    """Returns the version, as (major, minor), and the path of the Python that `command` starts.

    Returns (None, None) if it starts none: a version manager leaves such commands behind.
    """
    try:
        answer = subprocess.check_output(command + ["-c", WHO_ARE_YOU], stderr=subprocess.DEVNULL)
        version, path = json.loads(answer.decode("ascii"))
        return tuple(version), path
    except (OSError, subprocess.CalledProcessError, TypeError, ValueError):
        return None, None


def why_not(version):
    """Returns why a Python of this version will not do, or None if it will."""
    if version is None:
        return "does not start"
    if version < OLDEST:
        return "is Python %d.%d, which is too old" % version
    if version > NEWEST:
        return "is Python %d.%d, which is too new for TensorFlow" % version
    return None


def find_python():
    """Returns the path and the version of the first Python that the lectures run on."""
    refused = []
    for command in candidates():
        version, path = ask(command)
        reason = why_not(version)
        if reason is None:
            return path, version
        line = "  %s %s" % (" ".join(command), reason)
        if line not in refused:
            refused.append(line)
    return fail(
        "These lectures need %s. Found here:\n%s\n"
        "Install one of them, for example from https://www.python.org/downloads/, and try again."
        % (WANTED, "\n".join(refused))
    )


# ---- the environment --------------------------------------------------------------------------


def venv_python():
    """Returns the path of the Python inside of .venv."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def wanted_stamp(version):
    """Returns what the stamp of an environment that is finished and up to date holds.

    Args:
        version: That of its Python, which a package manager may exchange under the environment.
    """
    content = LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    return "%s %s" % (hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest(), version)


def is_ready():
    """Tells whether .venv is complete, up to date and able to start."""
    if not STAMP.is_file():
        return False
    version, _ = ask([str(venv_python())])
    return why_not(version) is None and STAMP.read_text() == wanted_stamp(version)


def install_steps(python, uv):
    """Returns the commands that make .venv, by uv if there is one and by venv and pip if not."""
    inside = str(venv_python())
    locked = ["--require-hashes", "--only-binary", ":all:"]
    # The lock holds hatchling too, so that nothing unlocked is fetched to build the package itself.
    itself = ["--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    if uv:
        to_inside = ["--python", inside]
        return [
            [uv, "venv", "--quiet", "--python", python, str(VENV)],
            # TensorFlow takes three times as long to import without compiled bytecode; pip compiles
            # by itself, even where PYTHONDONTWRITEBYTECODE is set.
            [uv, "pip", "sync", "--compile-bytecode"] + locked + to_inside + [str(LOCK)],
            [uv, "pip", "install"] + to_inside + itself,
        ]
    pip = [inside, "-m", "pip", "--disable-pip-version-check", "install"]
    return [
        [python, "-m", "venv", str(VENV)],
        pip + ["--no-deps"] + locked + ["-r", str(LOCK)],
        pip + itself,
    ]


def run_step(command):
    """Runs one command of the set-up; ends if it fails."""
    print("$ " + " ".join(command), flush=True)
    try:
        failed = call(command, env=dict(os.environ, **TRUSTING))
    except OSError as error:
        failed = error
    if failed:
        fail(
            "This step failed: %s\nRun the same command again, with a network: it makes anew what "
            "is unfinished. On Debian and Ubuntu, venv is a package of its own: python3-venv."
            % " ".join(command)
        )


def refuse_platform():
    """Ends on a machine for which TensorFlow publishes nothing."""
    missing = WITHOUT_TENSORFLOW.get((sys.platform, platform.machine()))
    if missing:
        fail(
            "TensorFlow 2.21 is not published for %s. "
            "Open the lectures on Binder, or on another machine." % missing
        )


def remove():
    """Removes .venv, of which nothing is worth keeping."""
    print("The environment in .venv is unfinished or out of date; making it anew.", flush=True)
    try:
        shutil.rmtree(str(VENV))
    except OSError as error:
        fail("It cannot be removed: %s\nIs JupyterLab still running in it? Close it first." % error)


def set_up():
    """Makes .venv anew if it is missing, unfinished or out of date."""
    if is_ready():
        return
    refuse_platform()
    python, version = find_python()
    if VENV.exists():
        remove()
    print("Setting up .venv with Python %d.%d at %s" % (version + (python,)))
    print("About 450 MB to fetch, 2 GB on the disk, and a minute or two.", flush=True)
    for command in install_steps(python, shutil.which("uv")):
        run_step(command)
    settings = VENV / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps(LAB_SETTINGS))
    STAMP.write_text(wanted_stamp(version))


# ---- commands ---------------------------------------------------------------------------------


def in_venv(*arguments):
    """Runs Python with these arguments in .venv, from the root; returns the exit code."""
    return call([str(venv_python())] + list(arguments), cwd=str(ROOT))


def lecture(arguments):
    """Opens JupyterLab at the first notebook."""
    try:
        return in_venv("-m", "jupyter", "lab", "notebooks/00_start_here.ipynb", *arguments)
    except KeyboardInterrupt:
        # The ordinary end of a lecture, which make should not call an error.
        return 0


def test(arguments):
    """Checks the style, every cell of every notebook, and everything else that has a test."""
    compare = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=120"]
    # In the order in which tests/conftest.py puts them: the longest modules first.
    spread = ["-n", "2", "--dist", "loadscope", "--no-loadscope-reorder"]
    steps = [
        ["-m", "ruff", "check", "."],
        ["-m", "ruff", "format", "--check", "."],
        ["-m", "pytest"] + spread + compare + ["tests", "notebooks"] + arguments,
    ]
    failed = 0
    for step in steps:
        print("\n== " + " ".join(step[1:]), flush=True)
        failed = in_venv(*step) or failed
    print("\nAll of it works." if not failed else "\nSomething failed; see above.", flush=True)
    return failed


def notebooks(arguments):
    """Runs every notebook and stores it in normal form."""
    return in_venv("-m", "lessons.publish.normalise", "notebooks", *arguments)


def slides(arguments):
    """Writes build/slides: a deck for each lecture that needs neither Python nor a network."""
    return publish("slides", arguments)


def pages(arguments):
    """Writes build/site: a page for each lecture with working sliders, decks and prints."""
    return publish("pages", arguments)


def pdf(arguments):
    """Writes build/pdf: each lecture on paper, with room for the exercises."""
    return publish("pdf", arguments)


def publish(kind, arguments):
    """Builds something to hand out; returns the exit code."""
    return in_venv("-m", "lessons.publish", kind, *arguments)


def bench(arguments):
    """Measures sliders, live and on slides, beside what people use today, and a training step."""
    failed = 0
    for script in ("explore", "published", "training"):
        failed = in_venv("-m", "tests.benchmarks." + script, *arguments) or failed
    return failed


def lock(arguments):
    """Pins every dependency of pyproject.toml anew, with hashes, for pip, for uv and for conda."""
    uv = shutil.which("uv")
    if not uv:
        fail("`make lock` needs uv: python -m pip install uv")
    command = "uv pip compile --universal --generate-hashes --extra publish --extra test".split()
    command += "--python-version 3.11 --no-header --no-annotate --quiet pyproject.toml".split()
    # Not told of the file, because it would keep the versions that the file holds.
    try:
        pins = subprocess.check_output(
            [uv] + command[1:] + arguments, cwd=str(ROOT), env=dict(os.environ, **TRUSTING)
        )
    except subprocess.CalledProcessError:
        fail("Nothing was changed: uv found no versions that go together.")
    header = b"# Every package that the lectures need. Made by `make lock` from pyproject.toml.\n"
    LOCK.write_bytes(header + pins)
    CONDA.write_bytes(conda_environment(pins.decode()).encode())
    return 0


def conda_environment(pins):
    """Returns environment.yml: the same pins, without the hashes, with which pip refuses `-e .`."""
    lines = [line.rstrip(" \\") for line in pins.splitlines() if line[:1] not in ("", " ", "#")]
    return CONDA_HEAD + "".join('      - "%s"\n' % line for line in lines + ["-e ."])


def install(arguments):
    """Sets everything up, and opens nothing."""
    return 0


def show_help(arguments):
    """Says what there is."""
    print("make COMMAND, or where there is no make: py .ci\\environment.py COMMAND\n")
    for name in COMMANDS:
        print("  %-10s %s" % (name, COMMANDS[name].__doc__.splitlines()[0]))
    return 0


COMMANDS = collections.OrderedDict(
    [
        ("lecture", lecture),
        ("test", test),
        ("notebooks", notebooks),
        ("slides", slides),
        ("pages", pages),
        ("pdf", pdf),
        ("bench", bench),
        ("install", install),
        ("lock", lock),
        ("help", show_help),
    ]
)
WITHOUT_VENV = ("lock", "help")


def main(arguments):
    """Runs the command that is named first; returns its exit code."""
    name = arguments[0] if arguments else "help"
    if name not in COMMANDS:
        fail("There is no command %r; there are %s." % (name, ", ".join(COMMANDS)))
    try:
        if name not in WITHOUT_VENV:
            set_up()
        return COMMANDS[name](arguments[1:])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
