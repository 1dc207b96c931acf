"""A class on the project's own hub: what its students wait for, and what each costs.

Run by hand, in an environment that has the hub (`make hub`), for 30 students by

    .venv/bin/python -m tests.benchmarks.classroom 30

Every student signs in, gets a JupyterLab server and a copy of the lectures, and opens a kernel.
Then all of them do the same thing at once, over the hub's proxy and web sockets, with the messages
that JupyterLab sends:

1. **run** lecture 0 up to its first slider, then import TensorFlow, which computes the same picture
   from here on;
2. **jump**, 5 moves a second, each of one slider, to a position that nobody has seen. The clock
   runs from the move to the picture, and the next move waits for it;
3. **drag** one slider after the other through its range, 5 moves a second, while the front end
   fetches what lies ahead, from when the pointer reaches the slider. What it has it shows at once.

Memory is what a process has of its own (USS): what would be free if it ended.
"""

import argparse
import asyncio
import itertools
import os
import random
import statistics
import tempfile
import time
from pathlib import Path

import aiohttp
import psutil

from tests.hub.driver import ROOT, Student, lecture_0, running

MOVES_A_SECOND = 5
SECONDS = 20
# Between reaching a slider, when the front end begins to ask for what is near, and the first move.
SECONDS_TO_GRAB = 0.4
# What a student needs, with some to spare: a server and a kernel, with TensorFlow or without.
MEGABYTES_A_STUDENT = {True: 130, False: 120}
# What they share.
MEGABYTES_OF_THE_HUB = 600
TENSORFLOW_SLIDERS = """
from lessons.transfer_curve import TransferCurve
explore(TransferCurve(range(10), tf.clip_by_value), low=(0, 9, 0.5), high=(0, 9, 0.5))
"""


async def at_once(name, coroutines):
    """Run them together; print and return how long each took."""

    async def timed(coroutine):
        started = time.perf_counter()
        await coroutine
        return time.perf_counter() - started

    took = sorted(await asyncio.gather(*map(timed, coroutines)))
    print(f"{name:42} median {statistics.median(took):5.1f} s, last {took[-1]:5.1f} s", flush=True)
    return took


async def jump(explorer, luck):
    """Move to positions that nobody has seen; return how long each took."""
    return await paced(explorer, never_seen(explorer, luck), luck)


def never_seen(explorer, luck):
    """Yield positions that nobody has seen; to each one slider is moved, as by a hand."""
    for _ in range(SECONDS * MOVES_A_SECOND):
        reachable = itertools.chain(*map(explorer.along, range(len(explorer.controls))))
        yield luck.choice([each for each in reachable if not explorer.has(each)])


async def paced(explorer, positions, luck):
    """Move to one position after the other, at the pace of a hand; return how long each took."""
    took = []
    await asyncio.sleep(luck.random() / MOVES_A_SECOND)
    for position in positions:
        took.append(await explorer.move(position))
        await asyncio.sleep(max(0, 1 / MOVES_A_SECOND - took[-1]))
    return took


async def drag(explorer, luck):
    """Drag one slider after the other through its range; return how long each move took."""
    took = []
    for place in itertools.cycle(range(len(explorer.controls))):
        if len(took) >= SECONDS * MOVES_A_SECOND:
            return took
        fetching = asyncio.create_task(explorer.hold(place))
        await asyncio.sleep(SECONDS_TO_GRAB)
        start, end = explorer.position[place], explorer.controls[place]["count"] - 1
        there = range(start + 1, end + 1) if start < end / 2 else range(start - 1, -1, -1)
        took += await paced(explorer, [explorer.along(place)[at] for at in there], luck)
        await fetching


def processor_seconds(hub):
    """How much processor time the processes of the hub have taken so far, by kind, and this one."""
    taken = {
        kind: sum(sum(process.cpu_times()[:2]) for process in processes)
        for kind, processes in hub.processes().items()
    }
    return taken | {"this program": time.process_time()}


async def moves(name, students, how, hub):
    """Have all students move sliders; print how long they wait, and what a move costs."""
    explorers = [list(student.explorers.values())[-1] for student in students]
    hands = [how(explorer, random.Random(i)) for i, explorer in enumerate(explorers)]
    before = processor_seconds(hub)
    took = sorted(1000 * each for each in itertools.chain(*await asyncio.gather(*hands)))
    after = processor_seconds(hub)
    p95 = took[int(0.95 * len(took))]
    print(
        f"{name:42} median {statistics.median(took):4.0f} ms, 95% below {p95:4.0f} ms, "
        f"worst {took[-1]:4.0f} ms, {len(took)} moves, none lost"
    )
    costs = [f"{kind} {1000 * (after[kind] - before[kind]) / len(took):.1f}" for kind in after]
    print(f"{'':42} processor time a move: {', '.join(costs)} ms", flush=True)


def memory(name, hub, count):
    """Print what the processes of the hub have of their own, in MB."""
    own = {
        kind: sum(process.memory_full_info().uss / 2**20 for process in processes)
        for kind, processes in hub.processes().items()
    }
    parts = [f"{kind} {own[kind] / count:.0f}" for kind in ("kernel", "server")]
    print(f"{name:42} {', '.join(parts)} MB a student; the hub's own {own['hub']:.0f} MB together")


async def main(count, tensorflow):
    """Measure a class of this many students, who import TensorFlow or stop before."""
    needed = (MEGABYTES_OF_THE_HUB + count * MEGABYTES_A_STUDENT[tensorflow]) * 2**20
    if psutil.virtual_memory().available < needed:
        raise SystemExit(f"{count} students need {needed / 2**30:.0f} GB of memory.")
    print(f"{count} students, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    to_the_slider = lecture_0("imports", "first-slider-explore")
    with_tensorflow = [*lecture_0("ready-check"), TENSORFLOW_SLIDERS]
    with tempfile.TemporaryDirectory() as scratch, running(Path(scratch, "class")) as hub:
        http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(None)
        )
        hub.warm_up()
        async with http:
            students = [Student(hub, f"student{i}", http) for i in range(count)]
            await at_once("sign in, until JupyterLab is there", [s.sign_in() for s in students])
            await at_once("get the lectures", [s.pull(ROOT.as_uri()) for s in students])
            await at_once("open a notebook", [s.open_notebook() for s in students])
            running_cells = [asyncio.create_task(s.press_run(*to_the_slider)) for s in students]
            await at_once("press run, until the first slider", [s.first_slider() for s in students])
            await asyncio.gather(*running_cells)
            memory("memory of its own at the first slider", hub, count)
            if tensorflow:
                await at_once(
                    "import TensorFlow", [s.press_run(*with_tensorflow) for s in students]
                )
                memory("memory of its own with TensorFlow", hub, count)
            await moves("jump to positions never seen", students, jump, hub)
            await moves("drag, with positions sent ahead", students, drag, hub)
            print(f"load {os.getloadavg()[0]:.1f} at the end")
            await asyncio.gather(*(s.leave() for s in students))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("students", type=int, nargs="?", default=30)
    parser.add_argument("--without-tensorflow", action="store_true")
    given = parser.parse_args()
    asyncio.run(main(given.students, not given.without_tensorflow))
