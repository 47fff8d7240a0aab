"""A crew of worker processes: tasks to results on all cores, each worker limited and replaced where a unit ends it."""

import os
import signal
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any

from generator.bounds import rules
from generator.bounds.child import Child, Limits, die_with_parent_too, end, inherited, memory_words, reason_of, start
from generator.bounds.supervise import FAILURES, BugError, bug_words
from generator.bounds.unit import Failure, Watch, failure_of
from generator.finding import Halt

Make = Callable[[], Callable[[Any], Any]]
"""Makes what does one task; called once in every worker."""


@dataclass(slots=True)
class _Worker:
    """A worker, the pipe to it, the task it has, and how many failures it knows."""

    child: Child
    pipe: "Connection[Any, Any]"
    life: int
    task: int = -1
    known: int = 0


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a worker says of a task: its result, or the unit that had too little."""

    result: Any = None
    failure: Failure | None = None
    short: bool = False
    bug: str = ""


class WorkerDiedError(Exception):
    """A worker ended outside of every unit; the text says how."""


def run_crew(make: Make, tasks: Sequence[Any], processes: int) -> Generator[tuple[int, Any], None, None]:
    """Do every task, in any order; gives its number and its result, which must pickle.

    Workers have the memory that this process has. One that ends while a unit runs is replaced, and its task is done
    again without that unit, whose place raises Overrun there. Raises WorkerDiedError where a worker ends outside of
    every unit, Halt where too many units fail, BugError.
    """
    crew = _Crew(make, inherited())
    try:
        todo = list(range(len(tasks)))[::-1]
        for _ in range(min(processes, len(tasks))):
            crew.hire()
        while todo or crew.busy():
            for worker in crew.workers:
                if todo and worker.task < 0:
                    crew.give(worker, todo.pop(), tasks)
            for worker in crew.ready():
                number = worker.task
                done, result = crew.hear(worker)
                if done:
                    yield number, result
                else:
                    todo.append(number)
    finally:
        crew.dismiss()


class _Crew:
    def __init__(self, make: Make, limits: Limits) -> None:
        self.make = make
        self.limits = limits
        self.workers: list[_Worker] = []
        self.failures: list[Failure] = []

    def hire(self) -> None:
        """Start a worker."""
        ours, theirs = Pipe()
        life = os.pipe()  # each worker's own: the system asks one process of a pipe to end
        close = [ours.fileno()]
        for worker in self.workers:
            close += [worker.pipe.fileno(), worker.life]

        def body(watch: Watch) -> None:
            _work(self.make, theirs, watch, self.limits)

        child = start(body, self.limits, self.failures, life, close, group=True)
        theirs.close()
        os.close(life[0])
        self.workers.append(_Worker(child, ours, life[1], known=len(self.failures)))

    def busy(self) -> bool:
        """Whether any worker has a task."""
        return any(worker.task >= 0 for worker in self.workers)

    def give(self, worker: _Worker, task: int, tasks: Sequence[Any]) -> None:
        """Hand a task to a worker, with the failures it does not know of."""
        worker.task = task
        with suppress(BrokenPipeError, ConnectionResetError):  # it has ended: `hear` finds out
            worker.pipe.send((tasks[task], self.failures[worker.known :]))
        worker.known = len(self.failures)

    def ready(self) -> list[_Worker]:
        """Workers that have something to say, or have ended."""
        pipes = {worker.pipe: worker for worker in self.workers if worker.task >= 0}
        return [pipes[pipe] for pipe in wait(list(pipes))]  # type: ignore[index]

    def hear(self, worker: _Worker) -> tuple[bool, Any]:
        """What a worker says: whether the task is done, and its result. Raises Halt, and what the worker raised."""
        try:
            answer = worker.pipe.recv()
        except (EOFError, ConnectionResetError):
            self._replace(worker)
            return False, None
        worker.task = -1
        if answer.failure is not None:
            self._fail(answer.failure)
            return False, None
        if answer.short:
            raise WorkerDiedError(f"a worker {memory_words(self.limits)}")
        if answer.bug:
            raise BugError(answer.bug)
        return True, answer.result

    def _replace(self, worker: _Worker) -> None:
        self.workers.remove(worker)
        worker.pipe.close()
        os.close(worker.life)
        status = os.waitpid(worker.child.pid, 0)[1]
        failure = worker.child.failure(status, self.limits)
        worker.child.close()
        if failure is None:
            raise WorkerDiedError(f"a worker {reason_of(status, self.limits)[1]}")
        self._fail(failure)
        self.hire()

    def _fail(self, failure: Failure) -> None:
        if all(one.key != failure.key for one in self.failures):
            self.failures.append(failure)
        if len(self.failures) > FAILURES:
            raise Halt([one.finding() for one in self.failures])

    def dismiss(self) -> None:
        """End every worker, whatever it does, with what it started."""
        for worker in self.workers:
            worker.pipe.close()
            os.close(worker.life)
            end(worker.child.pid, group=True)
            worker.child.close()
        self.workers.clear()


def _work(make: Make, pipe: "Connection[Any, Any]", watch: Watch, limits: Limits) -> None:
    """A worker: tasks in, answers out, until nobody asks any more."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    die_with_parent_too()
    work = make()
    while True:
        try:
            task, failures = pipe.recv()
        except (EOFError, OSError):
            return
        if failures:
            watch.learn(failures)
        pipe.send(_answer(work, task, watch, limits))


def _answer(work: Callable[[Any], Any], task: Any, watch: Watch, limits: Limits) -> _Answer:
    try:
        return _Answer(work(task))
    except (MemoryError, RecursionError) as error:
        watch.blame(type(error))
        if watch.short is None:
            short = isinstance(error, MemoryError)
            return _Answer(short=short, bug="" if short else bug_words(error))
        (unit, rule), watch.short = watch.short, None
        amount = memory_words(limits) if rule is rules.TOO_MUCH else "nests too deeply"
        return _Answer(failure=failure_of(unit, rule, amount))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - raised again by the parent, as every bug of ours is
        return _Answer(bug=bug_words(error))
