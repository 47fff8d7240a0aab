"""A crew does every task, whatever becomes of its workers."""

import faulthandler
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from generator.bounds import Unit, running
from generator.bounds.child import Limits
from generator.bounds.crew import WorkerDiedError, run_crew
from generator.bounds.supervise import BugError, supervise
from generator.finding import Halt
from generator.location import Span


@pytest.fixture(autouse=True)
def _quiet():
    """Stacks of processes that are killed on purpose are not printed."""
    faulthandler.disable()
    yield
    faulthandler.enable()


def unit(number):
    return Unit(f"template {number}", Span("t.j2", number, 1))


def test_every_task_is_done_once():
    found = dict(run_crew(lambda: lambda n: n * n, list(range(100)), 3))
    assert found == {n: n * n for n in range(100)}


def test_more_workers_than_tasks():
    assert list(run_crew(lambda: str, [7], 8)) == [(0, "7")]


def test_no_task():
    assert list(run_crew(lambda: str, [], 2)) == []


def task_of(deadly, end):
    def task(number):
        try:
            with running(unit(number)):
                if number in deadly:
                    end()
                return number
        except Halt as halt:
            return halt.findings[0].message

    return task


@pytest.mark.parametrize(
    ("end", "amount"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "ended its process by SIGKILL"),
        (lambda: os.kill(os.getpid(), signal.SIGXCPU), "needs more than 10 s of processor time"),
        (lambda: bytearray(1 << 50), "needs more than 2,048 MiB of memory"),
    ],
)
def test_a_deadly_unit_is_left_out(end, amount):
    found = dict(run_crew(lambda: task_of({3, 11}, end), list(range(20)), 2))
    assert found == {n: f"template {n} {amount}" if n in {3, 11} else n for n in range(20)}


def test_a_worker_that_dies_outside_of_every_unit():
    with pytest.raises(WorkerDiedError, match="a worker ended its process by SIGKILL"):
        list(run_crew(lambda: lambda _: os.kill(os.getpid(), signal.SIGKILL), [1, 2, 3], 2))


def test_a_bug_is_a_bug():
    with pytest.raises(BugError, match="ZeroDivisionError"):
        list(run_crew(lambda: lambda n: 1 // n, [0], 1))


def test_many_deadly_units_end_the_run():
    with pytest.raises(Halt) as caught:
        list(run_crew(lambda: task_of(range(50), lambda: os.kill(os.getpid(), signal.SIGKILL)), list(range(50)), 2))
    assert len(caught.value.findings) == 7


def test_who_stops_asking_leaves_no_worker():
    crew = run_crew(lambda: lambda _: os.getpid(), list(range(50)), 2)
    pids = {next(crew)[1] for _ in range(4)}
    crew.close()
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_worker_of_a_child_says_at_which_line_it_was():
    """A worker's parent writes its own stack at that signal; the worker's goes to a file of its own."""
    code = compile("import os, signal\ndef end():\n    os.kill(os.getpid(), signal.SIGXCPU)\n    1\n", "t.j2", "exec")
    names: dict[str, Any] = {}
    exec(code, names)

    def task(_number):
        try:
            with running(Unit("template t.j2", Span("t.j2"), "1=1&20=3")):
                names["end"]()
        except Halt as halt:
            return str(halt.findings[0].at)

    def work():
        return [result for _, result in run_crew(lambda: task, [1], 1)]

    assert supervise(work, Limits(8192)).result == ["t.j2:20:1"]
