"""The hub, started for real: what a student gets, and what one student cannot do to the others."""

import asyncio
import os
import shutil
import subprocess

import pytest

pytest.importorskip("jupyterhub", reason="the hub is not installed: run `make test-hub`")

import aiohttp

from tests.hub import driver
from tests.strict import tool


@pytest.fixture(scope="module")
def wait_for():
    """Runs a coroutine, all of them in one loop."""
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    tool("npm")
    with driver.running(tmp_path_factory.mktemp("hub") / "class") as started:
        yield started


@pytest.fixture(scope="module")
def students(hub, wait_for):
    """Two students, each with a notebook and lecture 0's first slider."""
    cells = driver.lecture_0("imports", "first-slider-explore")

    async def arrive(name, http):
        student = driver.Student(hub, name, http)
        await student.sign_in()
        await student.open_notebook()
        await student.press_run(*cells)
        return student

    async def all_arrive():
        http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(300))
        return await asyncio.gather(arrive("ada", http), arrive("grace", http))

    async def all_leave(present):
        for student in present:
            await student.leave()
        await present[0].http.close()

    present = wait_for(all_arrive())
    yield present
    wait_for(all_leave(present))


def positions(count):
    """As many positions of lecture 0's two sliders, none of them its start."""
    return [[low, 18 - low] for low in range(count)]


async def move(student, where):
    [explorer] = student.explorers.values()
    return [await explorer.move(position) for position in where]


def test_a_student_moves_a_slider(students, wait_for):
    assert max(wait_for(move(students[0], positions(3)))) < 10


def test_a_password_is_needed(hub, wait_for):
    async def guess():
        async with aiohttp.ClientSession() as http:
            proof = {"auth": {"username": "ada", "password": "clipping"}}
            tokens = f"{hub.address}/hub/api/users/ada/tokens"
            async with http.post(tokens, json=proof) as answer:
                return answer.status

    assert wait_for(guess()) == 403


def test_an_array_that_is_too_large_is_refused_to_its_own_student(students, wait_for):
    greedy, other = students
    with pytest.raises(RuntimeError, match="MemoryError"):
        wait_for(greedy.press_run("import numpy", "numpy.ones(2 * 2**30, numpy.uint8)"))
    wait_for(greedy.press_run("numpy.ones(2**29, numpy.uint8)"))
    for student in (greedy, other):
        wait_for(move(student, positions(5)))


def test_endless_loops_of_one_student_leave_the_others_their_sliders(students, hub, wait_for):
    careless, other = students
    loops = [driver.Student(hub, careless.name, careless.http) for _ in range(os.cpu_count() + 2)]

    async def loop(notebook):
        notebook.enter_as(careless)
        await notebook.open_notebook()
        await notebook.press_run("")
        return asyncio.create_task(notebook.press_run("while True: pass"))

    async def measure():
        endless = await asyncio.gather(*map(loop, loops))
        await asyncio.sleep(1)
        took = await move(other, positions(18))
        assert not any(each.done() for each in endless)
        for notebook, each in zip(loops, endless, strict=True):
            each.cancel()
            await notebook.close_notebook()
        return took

    took = sorted(wait_for(measure()))
    assert took[len(took) // 2] < 1
    assert took[-1] < 10


def test_the_system_ends_what_computes_for_ever(students, wait_for):
    limit = "import resource\nassert resource.getrlimit(resource.RLIMIT_CPU)[0] == 30 * 60"
    wait_for(students[0].press_run(limit))


def test_updates_leave_what_a_student_wrote(students, hub, wait_for, tmp_path):
    def git(*command):
        name = ["-c", "user.name=Teacher", "-c", "user.email=teacher@localhost"]
        subprocess.run(["git", *name, *command], cwd=tmp_path, check=True, capture_output=True)

    def publish(**files):
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        git("add", ".")
        git("commit", "-m", "a lecture")

    student = students[0]
    git("init", "-b", "main")
    publish(both="question\n", only_the_teacher="first\n")
    assert wait_for(student.pull(tmp_path.as_uri()))["phase"] == "finished"
    copy = hub.folder / "students" / student.name / "lectures"
    (copy / "both").write_text("question and answer\n", encoding="utf-8")
    (copy / "only_the_student").write_text("notes\n", encoding="utf-8")
    publish(both="another question\n", only_the_teacher="second\n", new="third\n")
    assert wait_for(student.pull(tmp_path.as_uri()))["phase"] == "finished"
    found = {path.name: path.read_text() for path in copy.iterdir() if path.is_file()}
    assert found == {
        "both": "question and answer\n",
        "only_the_student": "notes\n",
        "only_the_teacher": "second\n",
        "new": "third\n",
    }
    shutil.rmtree(copy)
