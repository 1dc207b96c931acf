"""Sets up .venv on first use and runs a command in it: what `make` calls.

Needs nothing but Python's standard library, and runs on Pythons that are too old for the lectures,
so that it can say so.
"""

from __future__ import print_function

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
    sys.exit("These lectures need Python 3.11, 3.12 or 3.13; this is Python %s." % sys.version)

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

# JupyterLab would ask at every first start whether it may look for news on the network.
LAB_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
}


def fail(message):
    """Ends with a message that says what would be right."""
    sys.exit("\n" + message + "\n")


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


def version_of(command):
    """Returns the version of the Python that `command` starts as (major, minor), or None."""
    program = "import sys; print('%d %d' % sys.version_info[:2])"
    try:
        answer = subprocess.check_output(command + ["-c", program], stderr=subprocess.DEVNULL)
        major, minor = answer.split()
        return int(major), int(minor)
    except (OSError, subprocess.CalledProcessError, ValueError):
        # A version manager leaves commands behind that start nothing.
        return None


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
    """Returns the first command that starts a Python which the lectures run on."""
    refused = []
    for command in candidates():
        reason = why_not(version_of(command))
        if reason is None:
            return command
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


def wanted_stamp():
    """Returns what the stamp of an environment that is finished and up to date holds."""
    content = LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def is_ready():
    """Tells whether .venv is complete, up to date and able to start."""
    if not STAMP.is_file() or STAMP.read_text() != wanted_stamp():
        return False
    return why_not(version_of([str(venv_python())])) is None


def install_steps(python, uv):
    """Returns the commands that make .venv, by uv if there is one and by venv and pip if not."""
    inside = str(venv_python())
    # The lock holds hatchling too, so that nothing unlocked is fetched to build the package itself.
    if uv:
        to_inside = ["--python", inside]
        return [
            [uv, "venv", "--quiet", "--python"] + python[-1:] + [str(VENV)],
            # TensorFlow takes three times as long to import without compiled bytecode.
            [uv, "pip", "sync", "--require-hashes", "--compile-bytecode"] + to_inside + [str(LOCK)],
            [uv, "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
            + to_inside
            + ["--editable", str(ROOT)],
        ]
    pip = [inside, "-m", "pip", "--disable-pip-version-check", "install", "--no-deps"]
    return [
        python + ["-m", "venv", str(VENV)],
        pip + ["--require-hashes", "--only-binary", ":all:", "-r", str(LOCK)],
        pip + ["--quiet", "--no-build-isolation", "--editable", str(ROOT)],
    ]


def run_step(command):
    """Runs one command of the set-up; ends if it fails."""
    print("$ " + " ".join(command), flush=True)
    # uv, unlike pip, would not trust the certificates of a school's or a company's own network. It
    # has known this wish under two names.
    trusting = dict(os.environ, UV_SYSTEM_CERTS="1", UV_NATIVE_TLS="1")
    try:
        failed = subprocess.call(command, env=trusting)
    except OSError as error:
        failed = error
    if failed:
        fail(
            "This step failed: %s\nNothing was left half-done: run the same command again, with a "
            "network. On Debian and Ubuntu, venv is a package of its own: python3-venv."
            % " ".join(command)
        )


def refuse_platform():
    """Ends on a machine for which TensorFlow publishes nothing."""
    if sys.platform == "darwin" and platform.machine() == "x86_64":
        fail(
            "TensorFlow 2.21 is not published for Macs with an Intel processor. "
            "Open the lectures on Binder, or on another machine."
        )


def install():
    """Makes .venv anew if it is missing, unfinished or out of date."""
    if is_ready():
        return
    refuse_platform()
    python = find_python()
    if VENV.exists():
        print("The environment in .venv is unfinished or out of date; making it anew.", flush=True)
        shutil.rmtree(str(VENV))
    print("Setting up .venv: about 300 MB to fetch, and a minute or two.", flush=True)
    for command in install_steps(python, shutil.which("uv")):
        run_step(command)
    settings = VENV / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps(LAB_SETTINGS))
    STAMP.write_text(wanted_stamp())


# ---- commands ---------------------------------------------------------------------------------


def in_venv(*arguments):
    """Runs Python with these arguments in .venv, from the root; returns the exit code."""
    try:
        return subprocess.call([str(venv_python())] + list(arguments), cwd=str(ROOT))
    except KeyboardInterrupt:
        return 130


def lecture(arguments):
    """Opens JupyterLab at the first notebook."""
    return in_venv("-m", "jupyter", "lab", "notebooks/00_start_here.ipynb", *arguments)


def test(arguments):
    """Checks the style, every cell of every notebook, and everything else that has a test."""
    compare = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=120"]
    spread = ["-n", "2", "--dist", "loadscope"]
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


def bench(arguments):
    """Measures the sliders beside what people use today."""
    return in_venv("tests/benchmark_explore.py", *arguments)


def lock(arguments):
    """Pins every dependency of pyproject.toml anew, with hashes, for pip, for uv and for conda."""
    uv = shutil.which("uv")
    if not uv:
        fail("`make lock` needs uv: python -m pip install uv")
    command = "uv pip compile --universal --generate-hashes --extra test".split()
    command += "--python-version 3.11 --no-header --no-annotate --quiet pyproject.toml".split()
    # uv takes what the file holds for a wish, and would change nothing.
    pins = subprocess.check_output([uv] + command[1:] + arguments, cwd=str(ROOT))
    header = b"# Every package that the lectures need. Made by `make lock` from pyproject.toml.\n"
    LOCK.write_bytes(header + pins)
    CONDA.write_bytes(conda_environment(pins.decode()).encode())
    return 0


def conda_environment(pins):
    """Returns environment.yml: the same pins, without the hashes, with which pip refuses `-e .`."""
    lines = [line.rstrip(" \\") for line in pins.splitlines() if line[:1] not in ("", " ", "#")]
    return CONDA_HEAD + "".join('      - "%s"\n' % line for line in lines + ["-e ."])


COMMANDS = {
    "lecture": lecture,
    "test": test,
    "notebooks": notebooks,
    "bench": bench,
    "install": lambda arguments: 0,
    "lock": lock,
}


def main(arguments):
    """Runs the command that is named first; returns its exit code."""
    name = arguments[0] if arguments else "lecture"
    if name not in COMMANDS:
        fail("There is no command %r; there are %s." % (name, ", ".join(sorted(COMMANDS))))
    if name != "lock":
        install()
    return COMMANDS[name](arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
