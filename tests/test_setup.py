"""The set-up: one list of packages, and a first start that says what is wrong and mends itself."""

import ast
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
ASKED_FOR = {"jupyterlab", "tensorflow", "matplotlib", "ipywidgets", "nbval"}
PLATFORMS = {
    "linux": {"sys_platform": "linux", "platform_machine": "x86_64"},
    "linux on arm": {"sys_platform": "linux", "platform_machine": "aarch64"},
    "mac": {"sys_platform": "darwin", "platform_machine": "arm64"},
    "windows": {"sys_platform": "win32", "platform_machine": "AMD64"},
}


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """The module behind `make`, with an empty project folder around it."""
    spec = importlib.util.spec_from_file_location("environment", ROOT / ".ci" / "environment.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, place in {
        "ROOT": tmp_path,
        "VENV": tmp_path / ".venv",
        "LOCK": tmp_path / "requirements.lock",
        "CONDA": tmp_path / "environment.yml",
        "STAMP": tmp_path / ".venv" / "finished",
    }.items():
        monkeypatch.setattr(module, name, place)
    module.LOCK.write_text("somepackage==1\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    return module


# ---- one list of dependencies -----------------------------------------------------------------


def wanted():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    extra = project["optional-dependencies"]["test"]
    return [Requirement(line) for line in project["dependencies"] + extra]


def pins():
    lines = re.findall(r"^\S+==.*$", read("requirements.lock"), re.MULTILINE)
    return [Requirement(line.rstrip(" \\")) for line in lines]


def on(platform, requirements):
    environment = {**PLATFORMS[platform], "python_version": "3.12", "python_full_version": "3.12.1"}
    return {
        r.name.replace("_", "-").lower(): r
        for r in requirements
        if r.marker is None or r.marker.evaluate(environment)
    }


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_dependency_is_locked_at_a_version_that_satisfies_it(platform):
    locked = on(platform, pins())
    for name, requirement in on(platform, wanted()).items():
        [pin] = locked[name].specifier
        assert requirement.specifier.contains(pin.version)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_platform_gets_one_tensorflow_the_small_one_where_it_exists(platform):
    small = platform in ("linux", "windows")
    expected = {"tensorflow-cpu" if small else "tensorflow"}
    for requirements in (wanted(), pins()):
        assert {"tensorflow", "tensorflow-cpu"} & on(platform, requirements).keys() == expected


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_was_asked_for_is_there(platform):
    for requirements in (wanted(), pins()):
        names = {
            name.replace("tensorflow-cpu", "tensorflow") for name in on(platform, requirements)
        }
        assert names >= ASKED_FOR


def test_every_locked_package_has_a_hash():
    entries = re.split(r"^(?=\S)", read("requirements.lock"), flags=re.MULTILINE)
    packages = [entry for entry in entries if "==" in entry]
    assert len(packages) > 100
    assert all("--hash=sha256:" in entry for entry in packages)


def test_conda_gets_the_same_pins_and_the_lectures_themselves():
    conda = yaml.safe_load(read("environment.yml"))
    *others, through_pip = conda["dependencies"]
    assert others == ["python=3.12", "pip"]
    *lines, last = through_pip["pip"]
    assert last == "-e ."
    assert {str(Requirement(line)) for line in lines} == {str(pin) for pin in pins()}


def test_conda_file_is_what_make_lock_would_write(environment):
    assert environment.conda_environment(read("requirements.lock")) == read("environment.yml")


def test_no_file_names_a_registry_host():
    hosts = ["pypi" + ".org", "pythonhosted" + ".org", "anaconda" + ".org", "npmjs" + ".org"]
    hosts += ["conda-forge" + ".org"]
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("not a git checkout: there is no list of the project's own files")
    for path in filter(Path.is_file, map(ROOT.joinpath, tracked.stdout.splitlines())):
        content = path.read_bytes()
        assert not [host for host in hosts if host.encode() in content], path
    assert "://" not in read("requirements.lock")


# ---- which Python -----------------------------------------------------------------------------


def test_the_file_parses_on_pythons_that_are_too_old():
    ast.parse(read(".ci/environment.py"), feature_version=(3, 4))


def test_the_versions_agree_with_pyproject(environment):
    supported = tomllib.loads(read("pyproject.toml"))["project"]["requires-python"]
    oldest, newest = environment.OLDEST, environment.NEWEST
    assert supported == f">={oldest[0]}.{oldest[1]},<{newest[0]}.{newest[1] + 1}"


def fake_pythons(environment, monkeypatch, **answers):
    """Let the candidates be commands of these names that answer with these versions."""
    commands = [[name] for name in answers]
    monkeypatch.setattr(environment, "candidates", lambda: commands)
    monkeypatch.setattr(
        environment, "ask", lambda command: (answers[command[0]], f"/bin/{command[0]}")
    )


def test_the_first_python_that_will_do_is_taken(environment, monkeypatch):
    fake_pythons(environment, monkeypatch, old=(3, 9), broken=None, good=(3, 12), other=(3, 11))
    assert environment.find_python() == ("/bin/good", (3, 12))


def test_pythons_that_will_not_do_are_named_with_what_would_be_right(environment, monkeypatch):
    fake_pythons(environment, monkeypatch, a=(3, 10), b=(3, 14), c=None)
    with pytest.raises(SystemExit) as ended:
        environment.find_python()
    told = str(ended.value)
    assert "a is Python 3.10, which is too old" in told
    assert "b is Python 3.14, which is too new" in told
    assert "c does not start" in told
    assert "Python 3.11, 3.12 or 3.13" in told


not_on_windows = pytest.mark.skipif(os.name == "nt", reason="Windows starts no shell scripts")


@not_on_windows
@pytest.mark.parametrize(
    ("script", "answer"),
    [
        ("""echo '[[3, 12], "/bin/real"]'""", ((3, 12), "/bin/real")),
        ("exit 127", (None, None)),
        ("echo command not found", (None, None)),
        ("echo 3", (None, None)),
    ],
)
def test_a_command_that_is_no_python_is_survived(environment, tmp_path, script, answer):
    fake = tmp_path / "python3.12"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    assert environment.ask([str(fake)]) == answer
    assert environment.ask([str(tmp_path / "nothing")]) == (None, None)


@not_on_windows
def test_a_shim_that_is_broken_gives_way_to_the_next_python(environment, tmp_path, monkeypatch):
    for name, line in {
        "python3.13": "exit 1",
        "python3": """echo '[[3, 11], "/bin/it"]'""",
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr(environment.sys, "executable", str(tmp_path / "gone"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert environment.find_python() == ("/bin/it", (3, 11))


def test_the_running_python_is_the_first_candidate(environment):
    assert environment.candidates()[0] == [sys.executable]
    assert environment.ask([sys.executable])[0] == sys.version_info[:2]


def test_an_active_environment_names_the_python_that_outlives_it(environment, tmp_path):
    venv.create(tmp_path / "active", with_pip=False)
    folder = "Scripts" if os.name == "nt" else "bin"
    _, path = environment.ask([str(tmp_path / "active" / folder / "python")])
    assert Path(path).is_file()
    assert not Path(path).is_relative_to(tmp_path)


@pytest.mark.parametrize(("system", "machine"), [("darwin", "x86_64"), ("win32", "ARM64")])
def test_a_machine_without_tensorflow_is_told(environment, monkeypatch, system, machine):
    monkeypatch.setattr(environment, "sys", SimpleNamespace(platform=system, exit=sys.exit))
    monkeypatch.setattr(environment.platform, "machine", lambda: machine)
    with pytest.raises(SystemExit, match="not published for"):
        environment.refuse_platform()


# ---- the environment --------------------------------------------------------------------------


@pytest.fixture
def steps(environment, monkeypatch):
    """Commands that would have set .venv up; instead of them, an empty one appears."""
    ran = []

    def run_step(command):
        ran.append(command)
        environment.VENV.mkdir(exist_ok=True)

    monkeypatch.setattr(environment, "run_step", run_step)
    monkeypatch.setattr(environment, "venv_python", lambda: Path(sys.executable))
    monkeypatch.setattr(environment, "refuse_platform", lambda: None)
    return ran


def test_a_second_start_installs_nothing(environment, steps):
    environment.set_up()
    assert len(steps) == 3
    environment.set_up()
    assert len(steps) == 3


def test_an_interrupted_install_is_made_anew(environment, steps, monkeypatch):
    def interrupted(command):
        environment.VENV.mkdir(exist_ok=True)
        (environment.VENV / "half").touch()
        if len(steps) == 1:
            raise KeyboardInterrupt
        steps.append(command)

    with monkeypatch.context() as patch:
        patch.setattr(environment, "run_step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            environment.set_up()
    assert not environment.is_ready()
    environment.set_up()
    assert environment.is_ready()
    assert not (environment.VENV / "half").exists()


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_list_of_packages_makes_it_anew(environment, steps, tmp_path, name):
    environment.set_up()
    (tmp_path / name).write_text("otherpackage==2\n")
    environment.set_up()
    assert len(steps) == 6


def test_line_ends_of_windows_are_no_change(environment, steps, tmp_path):
    environment.set_up()
    (tmp_path / "requirements.lock").write_bytes(b"somepackage==1\r\n")
    assert environment.is_ready()


def test_a_python_that_vanished_makes_it_anew(environment, steps, monkeypatch):
    environment.set_up()
    monkeypatch.setattr(environment, "venv_python", lambda: environment.VENV / "gone")
    assert not environment.is_ready()


def test_a_python_exchanged_under_it_makes_it_anew(environment, steps, monkeypatch):
    environment.set_up()
    other = next(minor for minor in (11, 12, 13) if (3, minor) != sys.version_info[:2])
    monkeypatch.setattr(environment, "ask", lambda command: ((3, other), "/bin/other"))
    assert not environment.is_ready()


def test_an_environment_in_use_is_said_to_be(environment, steps, monkeypatch):
    def in_use(path):
        raise PermissionError(path)

    environment.VENV.mkdir()
    monkeypatch.setattr(environment.shutil, "rmtree", in_use)
    with pytest.raises(SystemExit, match="Close it first"):
        environment.set_up()
    assert steps == []


def test_lab_does_not_ask_for_news(environment, steps):
    environment.set_up()
    [settings] = environment.VENV.rglob("overrides.json")
    [notification] = json.loads(settings.read_text()).values()
    assert notification == {"fetchNews": "false", "checkForUpdates": False}


@pytest.mark.parametrize("uv", [None, "/bin/uv"])
def test_everything_comes_from_the_lock_with_hashes(environment, uv):
    make, install, project = environment.install_steps("/bin/python3", uv)
    assert "/bin/python3" in make
    assert make[-1] == str(environment.VENV)
    assert {"--require-hashes", "--only-binary"} <= set(install)
    assert install[-1] == str(environment.LOCK)
    assert {"--no-deps", "--no-build-isolation", "--editable"} <= set(project)


@pytest.mark.parametrize("command", [["false"], ["no-such-command"]])
@not_on_windows
def test_a_step_that_fails_is_named(environment, command):
    with pytest.raises(SystemExit, match=f"This step failed: {command[0]}"):
        environment.run_step(command)


# ---- commands ---------------------------------------------------------------------------------

# What JupyterLab does with Ctrl+C: it asks back, and ends by itself a while later.
ASKS_BACK = """
import signal, sys, time
signal.signal(signal.SIGINT, lambda *_: (time.sleep(0.6), print("ended by itself"), sys.exit(3)))
print("up", flush=True)
time.sleep(20)
"""


@not_on_windows
def test_control_c_waits_for_what_it_interrupts(environment):
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import environment\n"
        "try: environment.call([sys.executable, '-c', sys.argv[2]])\n"
        "except KeyboardInterrupt: print('then this')"
    )
    with subprocess.Popen(
        [sys.executable, "-B", "-u", "-c", program, str(ROOT / ".ci"), ASKS_BACK],
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    ) as process:
        assert process.stdout.readline() == "up\n"
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.read() == "ended by itself\nthen this\n"


def test_an_interrupted_command_shows_no_traceback(environment, steps, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "in_venv", interrupted)
    assert environment.main(["notebooks"]) == 130
    assert environment.main(["lecture"]) == 0


@pytest.mark.parametrize("arguments", [[], ["help"]])
def test_help_installs_nothing_and_names_every_command(environment, steps, capsys, arguments):
    assert environment.main(arguments) == 0
    assert steps == []
    told = capsys.readouterr().out
    assert all(re.search(rf"^  {name} +\S", told, re.MULTILINE) for name in environment.COMMANDS)


def test_an_unknown_command_is_told_which_there_are(environment):
    with pytest.raises(SystemExit, match=r"no command 'lectrue'; there are .*lecture"):
        environment.main(["lectrue"])


def test_make_knows_every_command(environment):
    targets = re.search(r"^(\w[\w ]+):$", read("Makefile"), re.MULTILINE).group(1).split()
    assert set(targets) == set(environment.COMMANDS)


def test_every_check_runs_although_an_earlier_one_failed(environment, steps, monkeypatch):
    ran = []

    def in_venv(*arguments):
        ran.append(arguments[1])
        return 1 if arguments[:3] == ("-m", "ruff", "check") else 0

    monkeypatch.setattr(environment, "in_venv", in_venv)
    assert environment.main(["test"]) == 1
    assert ran == ["ruff", "ruff", "pytest"]


def test_the_tests_compare_notebooks_strictly(environment, steps, monkeypatch):
    ran = []
    monkeypatch.setattr(environment, "in_venv", lambda *arguments: ran.append(arguments) or 0)
    assert environment.main(["test", "-x"]) == 0
    assert {"--nbval", "tests", "notebooks", "-x"} <= set(ran[-1])
    assert "--nbval-lax" not in ran[-1]
