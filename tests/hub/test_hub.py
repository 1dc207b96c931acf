"""The hub, started for real: what a student gets, and what one student cannot do to the others."""

import asyncio
import json
import os
import shutil
import subprocess
import sys

import pytest

pytest.importorskip("jupyterhub", reason="the hub is not installed: run `make test-hub`")

import aiohttp

from tests.hub import driver
from tests.hub.processes import ended, wait_until
from tests.strict import tool

linux = pytest.mark.skipif(sys.platform != "linux", reason="only there processes are forked")


@pytest.fixture(scope="module")
def wait_for():
    """Runs a coroutine, all of them in one loop."""
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    tool("npm")
    with driver.running(tmp_path_factory.mktemp("hub") / "class") as started:
        started.warm_up()
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


def positions(count, total):
    """Return positions of lecture 0's two sliders that add up to `total`; its start gives 20."""
    return [[low, total - low] for low in range(count)]


async def move(student, where):
    [explorer] = student.explorers.values()
    assert not any(map(explorer.has, where)), "no kernel would be asked"
    return [await explorer.move(position) for position in where]


def test_a_student_moves_a_slider(students, wait_for):
    assert max(wait_for(move(students[0], positions(3, 18)))) < 10


@linux
def test_students_share_what_they_import(students, hub, wait_for):
    for student in students:
        wait_for(student.press_run("import sys\nassert 'tensorflow' in sys.modules"))
        wait_for(student.press_run("import tensorflow as tf", "tf.ones(3) + 1"))
    own = {
        kind: sum(process.memory_full_info().uss / 2**20 for process in processes)
        for kind, processes in hub.processes().items()
    }
    assert own["server"] / len(students) < 60
    assert own["kernel"] / len(students) < 120


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
        wait_for(move(student, positions(5, 17)))


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
        took = await move(other, positions(17, 16))
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


def test_the_stop_button_ends_a_loop(students, wait_for):
    async def loop_and_stop(student):
        loop = asyncio.create_task(student.press_run("kept = 1", "while True: pass"))
        await asyncio.sleep(1)
        await student.press_stop()
        await asyncio.wait_for(loop, 10)

    with pytest.raises(RuntimeError, match="KeyboardInterrupt"):
        wait_for(loop_and_stop(students[0]))
    wait_for(students[0].press_run("assert kept == 1"))


def test_the_stop_button_ends_what_a_cell_started(students, wait_for):
    async def sleep_and_stop(student):
        sleeping = "import subprocess; subprocess.run(['sleep', '60'])"
        sleep = asyncio.create_task(student.press_run(sleeping))
        await asyncio.sleep(1)
        await student.press_stop()
        await asyncio.wait_for(sleep, 10)

    with pytest.raises(RuntimeError, match="KeyboardInterrupt"):
        wait_for(sleep_and_stop(students[0]))


@pytest.fixture
def notebook(students, wait_for):
    """Another notebook of the first student."""
    another = driver.Student(students[0].hub, students[0].name, students[0].http)
    another.enter_as(students[0])
    wait_for(another.open_notebook())
    wait_for(another.press_run("before = 1"))
    yield another
    wait_for(another.close_notebook())


def test_a_restarted_kernel_begins_anew(notebook, wait_for):
    wait_for(notebook.restart_kernel())
    wait_for(notebook.press_run("assert 'before' not in globals()"))


@pytest.mark.parametrize(
    "crash", ["os._exit(1)", "os.abort()", "os.kill(os.getpid(), 9)", "os._exit(0)"]
)
def test_a_kernel_that_crashed_is_started_again(notebook, wait_for, crash):
    async def crash_and_go_on():
        lost = asyncio.create_task(notebook.press_run(f"import os; {crash}"))
        await asyncio.sleep(1)
        lost.cancel()
        await asyncio.wait_for(notebook.press_run("assert 'before' not in globals()"), 60)

    wait_for(crash_and_go_on())


def test_a_closed_notebook_leaves_no_process(students, hub, wait_for):
    before = {process.pid for process in hub.processes()["kernel"]}
    notebook = driver.Student(hub, students[0].name, students[0].http)
    notebook.enter_as(students[0])
    wait_for(notebook.open_notebook())
    assert {process.pid for process in hub.processes()["kernel"]} > before
    wait_for(notebook.close_notebook())
    assert wait_until(lambda: {each.pid for each in hub.processes()["kernel"]} == before)


def test_students_have_random_numbers_of_their_own(students, hub, wait_for):
    draw = """
import json, random, numpy, tensorflow as tf
numbers = [random.random(), numpy.random.rand()]
numbers += [float(tf.random.uniform([])), float(tf.keras.random.uniform([]))]
with open("numbers.json", "w") as file:
    json.dump(numbers, file)
"""
    drawn = []
    for student in students:
        wait_for(student.press_run(draw))
        kept = hub.folder / "students" / student.name / "numbers.json"
        drawn.append(json.loads(kept.read_text(encoding="utf-8")))
    assert not set(drawn[0]) & set(drawn[1])


def test_pictures_of_pyplot_are_shown(students, wait_for):
    ask = "import matplotlib\nassert 'inline' in matplotlib.get_backend()"
    wait_for(students[0].press_run(ask))


def test_each_student_has_settings_and_tabs(students, hub, wait_for):
    theme = "settings/@jupyterlab/apputils-extension:themes"
    for student in students:
        wait_for(student.save(theme, {"raw": "{}"}))
        wait_for(student.save("workspaces/default", {"data": {}, "metadata": {"id": "default"}}))
    for student in students:
        kept = hub.folder / "students" / student.name / ".jupyter" / "lab"
        assert len(list(kept.rglob("*.jupyterlab-settings"))) == 1
        assert len(list(kept.rglob("*.jupyterlab-workspace"))) == 1


def test_a_browser_comes_to_its_own_jupyterlab(students, wait_for):
    for student in students:
        page = wait_for(student.browse("/lab"))
        assert f'"baseUrl": "/user/{student.name}/"' in page


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


@linux
def test_the_class_goes_on_without_fork_servers(students, hub, wait_for):
    for server in hub.fork_servers().values():
        server.kill()
        # Until the hub looks after them, every half minute, and starts them anew.
        assert wait_until(lambda server=server: ended(server))
    for student in students:
        wait_for(move(student, positions(3, 15)))
    another = driver.Student(hub, students[0].name, students[0].http)
    another.enter_as(students[0])
    wait_for(another.open_notebook())
    wait_for(another.press_run(""))
    wait_for(another.close_notebook())


def test_nothing_outlives_the_hub(students, hub):
    started = [each for kind in hub.processes().values() for each in kind]
    hub.process.terminate()
    assert wait_until(lambda: all(map(ended, started)))
