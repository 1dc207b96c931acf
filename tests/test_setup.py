"""The set-up: one list of packages, and a first start that says what is wrong and mends itself."""

import ast
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = SETTINGS["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
HUB = (ROOT / "hub" / "requirements.lock").read_text(encoding="utf-8")
HERE = (".venv", "requirements.lock")
COLAB = (ROOT / ".ci" / "colab.txt").read_text(encoding="utf-8")
CONDA = (ROOT / "environment.yml").read_text(encoding="utf-8")


@pytest.fixture
def make(tmp_path, monkeypatch):
    """The module behind `make`, in the folder of an empty project."""
    spec = importlib.util.spec_from_file_location("make", ROOT / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.chdir(tmp_path)
    Path("requirements.lock").write_text("somepackage==1\n")
    Path("assets").mkdir()
    for name in module.COPIED:
        Path(name).write_text("{}")
    return module


# ---- one list of dependencies -----------------------------------------------------------------


def on(system, machine, requirements):
    """Returns the requirements that hold on a platform, by name."""
    platform = {"sys_platform": system, "platform_machine": machine, "python_version": "3.12"}
    platform["python_full_version"] = "3.12.1"
    return {r.name: r for r in requirements if r.marker is None or r.marker.evaluate(platform)}


PINS = [Requirement(line.rstrip(" \\")) for line in re.findall(r"^\S+==.*$", LOCK, re.MULTILINE)]


@pytest.mark.parametrize(
    ("system", "machine", "tensorflow"),
    [
        ("linux", "x86_64", "tensorflow-cpu"),
        ("linux", "aarch64", "tensorflow"),
        ("darwin", "arm64", "tensorflow"),
        ("win32", "AMD64", "tensorflow-cpu"),
    ],
)
def test_every_dependency_is_locked_at_a_version_that_satisfies_it(system, machine, tensorflow):
    extras = PROJECT["optional-dependencies"]
    lines = PROJECT["dependencies"] + extras["publish"] + extras["test"]
    wanted = on(system, machine, map(Requirement, lines))
    locked = on(system, machine, PINS)
    for name, requirement in wanted.items():
        [pin] = locked[name].specifier
        assert requirement.specifier.contains(pin.version), name
    assert wanted.keys() >= {"jupyterlab", "matplotlib", "ipywidgets", "nbval", tensorflow}
    # One TensorFlow only, and the small one where it exists.
    assert {"tensorflow", "tensorflow-cpu"} & locked.keys() == {tensorflow}


def test_every_locked_package_has_a_hash():
    packages = [entry for entry in re.split(r"^(?=\S)", LOCK, flags=re.MULTILINE) if "==" in entry]
    assert len(packages) == len(PINS) > 100
    assert all("--hash=sha256:" in entry for entry in packages)


def test_conda_gets_the_pins_of_what_readers_need_no_others_and_the_lectures(make):
    *lines, last = yaml.safe_load(CONDA)["dependencies"][-1]["pip"]
    assert last == "-e ."
    assert make.conda_environment(CONDA, "\n".join(lines)) == CONDA
    given, locked = (
        {r.name: r.specifier for r in pins if not r.marker or r.marker.evaluate()}
        for pins in (list(map(Requirement, lines)), PINS)
    )
    assert given.items() <= locked.items()
    needed, asked = set(), PROJECT["dependencies"]
    while asked:
        here = [
            r for r in map(Requirement, asked) if not r.marker or r.marker.evaluate({"extra": ""})
        ]
        names = {canonicalize_name(r.name) for r in here} - needed
        needed |= names
        asked = [each for name in names for each in requires(name) or []]
    assert needed <= given.keys()
    assert not given.keys() & {"playwright", "pytest-xdist", "mypy", "ruff", "hypothesis"}


def test_codespaces_names_only_what_exists(make):
    text = (ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    container = json.loads(text)
    program, command = container["postCreateCommand"].split()
    assert (program, command in make.COMMANDS) == ("make", True)
    custom = container["customizations"]
    python = custom["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert python == "${workspaceFolder}/" + f"{make.LECTURES[0]}/bin/python"
    assert all((ROOT / path).is_file() for path in custom["codespaces"]["openFiles"])


def test_kubernetes_starts_the_image_that_its_page_builds_at_the_lecture_where_the_hub_starts():
    hub = ROOT / "hub"
    started = yaml.safe_load((hub / "kubernetes.yaml").read_text(encoding="utf-8"))["singleuser"]
    image = "--image-name {name}:{tag} ".format(**started["image"])
    assert image in (hub / "README.md").read_text(encoding="utf-8")
    query = parse_qs(urlsplit(started["defaultUrl"]).query)
    [folder], [place] = query["targetpath"], query["urlpath"]
    assert (ROOT / place.removeprefix(f"lab/tree/{folder}/")).is_file()
    assert f'"{place}"' in (hub / "jupyterhub_config.py").read_text(encoding="utf-8")


def test_colabs_versions_are_among_those_that_the_lectures_take():
    colab = on("linux", "x86_64", map(Requirement, COLAB.splitlines()[1:]))
    wanted = on("linux", "x86_64", map(Requirement, PROJECT["dependencies"]))
    both = colab.keys() & wanted.keys()
    assert both == {"anywidget", "ipywidgets", "matplotlib", "numpy", "tensorflow-cpu"}
    for name in both:
        [pin] = colab[name].specifier
        assert wanted[name].specifier.contains(pin.version), name


def test_the_front_ends_that_are_tried_are_the_oldest_that_the_lectures_take():
    stated = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["front-ends"]
    oldest = {r.name: r for r in map(Requirement, stated)}
    text = (ROOT / ".ci" / "front-ends.txt").read_text(encoding="utf-8")
    tried = dict(re.findall(r"^([\w-]+)==(\S+)$", text, re.MULTILINE))
    assert tried.keys() >= {"anywidget", "jupyterlab", "notebook"}
    for name in ("anywidget", "jupyterlab", "notebook"):
        [least] = [each.version for each in oldest[name].specifier if each.operator == ">="]
        assert tried[name] in (least, f"{least}.0")


def test_no_file_names_a_registry_host():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("not a git checkout: there is no list of the project's own files")
    hosts = ["pypi", "pythonhosted", "anaconda", "conda-forge", "npmjs"]
    named = re.compile(f"(?:{'|'.join(hosts)})[.](?:org|com)".encode())
    files = filter(Path.is_file, map(ROOT.joinpath, tracked.stdout.splitlines()))
    assert [path for path in files if named.search(path.read_bytes())] == []
    assert "://" not in LOCK


def test_lab_does_not_ask_for_news():
    settings = Path(sys.prefix, "share", "jupyter", "lab", "settings", "overrides.json")
    [notification] = json.loads(settings.read_text()).values()
    assert notification == {"fetchNews": "false", "checkForUpdates": False}


# ---- which Python -----------------------------------------------------------------------------


def test_the_script_parses_on_pythons_that_are_too_old():
    ast.parse((ROOT / "make.py").read_text(encoding="utf-8"), feature_version=(3, 4))


def test_the_versions_agree_with_pyproject(make):
    oldest, newest = make.OLDEST, make.NEWEST
    assert PROJECT["requires-python"] == f">={oldest[0]}.{oldest[1]},<{newest[0]}.{newest[1] + 1}"


@pytest.mark.parametrize(
    ("version", "told"),
    [((3, 10), r"Python 3\.10, at .*, is too old"), ((3, 14), r"Python 3\.14.* too new for Tens")],
)
def test_a_python_that_will_not_do_gives_way_to_another_or_is_named(
    make, monkeypatch, version, told
):
    monkeypatch.setattr(make.sys, "version_info", (*version, 1))
    monkeypatch.setattr(
        make, "version_of", lambda command: (3, 12) if "3.12" in command[0] else None
    )
    assert make.another_python((3, 11)) == ["python3.12"]
    monkeypatch.setattr(make, "version_of", lambda command: None)
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or 3\.12 or 3\.13\. " + told):
        make.another_python((3, 11))


def test_a_command_that_starts_no_python_has_no_version(make):
    assert make.version_of([sys.executable]) == sys.version_info[:2]
    assert make.version_of([sys.executable, "--no-such-option"]) is None
    assert make.version_of([sys.executable, "-c", "print('command not found')"]) is None
    assert make.version_of(["no-such-command"]) is None


# ---- the environment --------------------------------------------------------------------------


def touch(name):
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).touch()


@pytest.fixture
def calls(make, monkeypatch):
    """The commands that would have made .venv; instead of them, an empty one appears."""
    made = []
    monkeypatch.setattr(make, "call", lambda command: made.append(command) or touch(".venv/python"))
    monkeypatch.setattr(make, "python_inside", lambda _: sys.executable)
    monkeypatch.setattr(make.platform, "machine", lambda: "any")
    return made


def test_every_file_that_is_copied_into_an_environment_counts(make):
    wheel = SETTINGS["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {Path(name).as_posix() for name in make.COPIED} == set(wheel["shared-data"])


@pytest.mark.parametrize("uv", [None, "/bin/uv"])
def test_everything_comes_from_the_lock_with_hashes(make, uv):
    _, install, itself = make.steps(uv, *HERE)
    assert {"--require-hashes", "--no-deps", ":all:", "requirements.lock"} <= set(install)
    assert {"--no-deps", "--no-build-isolation", "--editable"} <= set(itself)


def test_an_environment_that_is_ready_is_kept(make, calls):
    make.set_up(*HERE)
    assert len(calls) == 3
    Path("requirements.lock").write_bytes(b"somepackage==1\r\n")  # as git writes it on Windows
    make.set_up(*HERE)
    assert len(calls) == 3


@pytest.mark.parametrize(
    "other", ["no Python", "another Python", "requirements.lock", "assets/jupyterlab.json"]
)
def test_another_python_lock_or_copied_file_makes_it_anew(make, calls, monkeypatch, other):
    make.set_up(*HERE)
    touch(".venv/old")
    if other == "no Python":
        monkeypatch.setattr(make, "python_inside", lambda _: "gone")
    elif other == "another Python":
        monkeypatch.setattr(make, "version_of", lambda command: (3, 99))
    else:
        Path(other).write_text("other\n")
    make.set_up(*HERE)
    assert len(calls) == 6
    assert not Path(".venv", "old").exists()


def test_a_step_that_fails_is_named_and_what_it_left_is_made_anew(make, calls, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(make, "call", lambda command: touch(".venv/half") or 1)
        with pytest.raises(SystemExit, match=r"This step failed: .*venv"):
            make.set_up(*HERE)
    make.set_up(*HERE)
    assert make.is_ready(*HERE)
    assert not Path(".venv", "half").exists()


def test_an_environment_in_use_is_said_to_be(make, calls, monkeypatch):
    def in_use(path):
        raise PermissionError(path)

    Path(".venv").mkdir()
    monkeypatch.setattr(make.shutil, "rmtree", in_use)
    with pytest.raises(SystemExit, match="Close it first"):
        make.set_up(*HERE)


@pytest.mark.parametrize(("system", "machine"), [("darwin", "x86_64"), ("win32", "ARM64")])
def test_a_machine_without_tensorflow_is_told(make, monkeypatch, system, machine):
    monkeypatch.setattr(make.sys, "platform", system)
    monkeypatch.setattr(make.platform, "machine", lambda: machine)
    with pytest.raises(SystemExit, match="not published for"):
        make.set_up(*HERE)


def test_the_hub_comes_from_a_lock_of_its_own_with_nothing_that_the_lectures_lock(make, calls):
    make.add_hub(".venv")
    [install] = calls
    assert {"--require-hashes", "--no-deps", ":all:"} <= set(install)
    pinned = {lock: set(re.findall("^[^ #].*?(?==)", lock, re.MULTILINE)) for lock in (LOCK, HUB)}
    assert {"jupyterhub", "nbgitpuller"} <= pinned[HUB]
    assert not pinned[HUB] & pinned[LOCK]


# ---- commands ---------------------------------------------------------------------------------


def test_control_c_waits_for_what_it_interrupts(make, monkeypatch):
    """JupyterLab gets Ctrl+C too; it asks back, and ends a while later."""
    waits = iter([KeyboardInterrupt, KeyboardInterrupt, 3])

    class Process:
        def __init__(self, command, env):
            pass

        def wait(self):
            code = next(waits)
            if code is KeyboardInterrupt:
                raise code
            return code

    monkeypatch.setattr(make.subprocess, "Popen", Process)
    with pytest.raises(KeyboardInterrupt):
        make.call(["jupyter", "lab"])
    assert next(waits, "ended") == "ended"


@pytest.mark.parametrize(("name", "code"), [("lecture", 0), ("hub", 0), ("notebooks", 130)])
def test_control_c_ends_a_lecture_and_interrupts_everything_else(make, monkeypatch, name, code):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(make, "set_up", lambda *_: None)
    monkeypatch.setattr(make, "call", interrupted)
    assert make.main([name]) == code


def test_every_step_runs_and_what_failed_is_named(make, monkeypatch, capsys):
    ran = []
    monkeypatch.setattr(make, "set_up", lambda *_: None)
    monkeypatch.setattr(make, "call", lambda command: ran.append(command) or "check" in command)
    assert make.main(["test", "-x"])
    assert [command[2] for command in ran] == ["ruff", "ruff", "codespell_lib", "pytest"]
    assert {"tests", "notebooks", "--nbval", "-x"} <= set(ran[-1])
    assert "ruff check ." in capsys.readouterr().out.split("Failed: ")[1]


def test_help_names_every_command_and_so_does_a_misspelt_one(make, capsys):
    assert not make.main([])
    told = capsys.readouterr().out
    assert all(re.search(rf"^  {name} +\S", told, re.MULTILINE) for name in make.COMMANDS)
    with pytest.raises(SystemExit, match=r"no command 'lectrue'; the commands are .*lecture"):
        make.main(["lectrue"])


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make here")
def test_make_passes_every_command_on(make):
    # A folder is called notebooks too, which must not count as done.
    command = ["make", "-n", "notebooks", "ARGS=--help"]
    passed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.search(r"make\.py notebooks --help$", passed.stdout, re.MULTILINE)
