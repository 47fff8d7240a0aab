"""Supervised work: its result, its findings, and every other way it can end."""

import faulthandler
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from generator.bounds import Unit, running
from generator.bounds.child import Limits, start
from generator.bounds.supervise import FAILURES, BeyondLimitsError, BugError, TimeUpError, supervise
from generator.finding import Finding, Halt, Rule
from generator.location import Span

RULE = Rule("SRC051", "nothing-to-check", "There is at least one object to check.")
LIMITS = Limits(8192)
"""Room for the test run's own process, which the children are forked from."""


def spin():
    """One call of C that no signal handler of Python interrupts."""
    needle = "a" * 4_000_000 + "b"
    assert needle not in ["a" * 4_000_000 + "c"] * 10_000_000


@pytest.fixture(autouse=True)
def _quiet():
    """Stacks of processes that are killed on purpose are not printed."""
    faulthandler.disable()
    yield
    faulthandler.enable()


def unit(name):
    return Unit(f"expression {name}", Span("p.yaml", 7, 3))


def test_a_result_comes_back():
    assert supervise(lambda: {"a": [1] * 100_000}, LIMITS).result == {"a": [1] * 100_000}


def test_findings_come_back():
    given = Finding(rule=RULE, message="no", at=Span("a.yaml", 3, 4))

    def work():
        raise Halt([given])

    with pytest.raises(Halt) as caught:
        supervise(work, LIMITS)
    assert caught.value.findings == (given,)


def test_a_bug_says_where_it_is():
    with pytest.raises(BugError, match=r"(?s)test_supervise.*ZeroDivisionError"):
        supervise(lambda: 1 // 0, LIMITS)


def test_time_on_the_clock():
    begin = time.monotonic()
    with pytest.raises(TimeUpError):
        supervise(lambda: time.sleep(60), Limits(8192, 0.2))
    assert time.monotonic() - begin < 30


def die(number):
    os.kill(os.getpid(), number)


def recurse():
    recurse()


ENDS = {
    "memory": (lambda: bytearray(64 << 30), "RUN002", "needs more than 8,192 MiB of memory"),
    "stack": (lambda: die(signal.SIGSEGV), "RUN003", "ended its process by SIGSEGV"),
    "killed": (lambda: die(signal.SIGKILL), "RUN003", "ended its process by SIGKILL"),
    "time": (lambda: die(signal.SIGXCPU), "RUN001", "needs more than 10 s of processor time"),
    "depth": (recurse, "RUN004", "nests too deeply"),
}


@pytest.mark.parametrize("case", ENDS)
def test_a_unit_that_ends_the_process_is_left_out_and_the_rest_is_done(case):
    work_of_unit, code, amount = ENDS[case]

    def work():
        done: list[Any] = []
        for name in ("one", "two", "three"):
            try:
                with running(unit(name)):
                    if name == "two":
                        work_of_unit()
                    done.append(name)
            except Halt as halt:
                done += [(finding.rule.code, finding.message, str(finding.at)) for finding in halt.findings]
        return done

    done = supervise(work, LIMITS)
    assert done.result == ["one", (code, f"expression two {amount}", "p.yaml:7:3"), "three"]
    assert [failure.rule.code for failure in done.failures] == [code]


@pytest.mark.parametrize("case", [name for name in ENDS if name != "depth"])
def test_outside_of_every_unit_the_work_as_a_whole_is_refused(case):
    work, code, amount = ENDS[case]
    with pytest.raises(BeyondLimitsError) as caught:
        supervise(work, LIMITS)
    assert (caught.value.rule.code, caught.value.amount) == (code, amount)


def test_too_many_failures_end_the_run():
    def work():
        for number in range(FAILURES + 5):
            try:
                with running(unit(str(number))):
                    die(signal.SIGSEGV)
            except Halt:
                continue

    with pytest.raises(Halt) as caught:
        supervise(work, LIMITS)
    assert [finding.message for finding in caught.value.findings] == [
        f"expression {number} ended its process by SIGSEGV" for number in range(FAILURES + 1)
    ]


@pytest.mark.slow
def test_processor_time_inside_one_call_of_c():
    def work():
        try:
            with running(unit("spinning")):
                spin()
        except Halt as halt:
            return [finding.message for finding in halt.findings]

    begin = os.times().children_user
    assert supervise(work, LIMITS).result == ["expression spinning needs more than 10 s of processor time"]
    assert 9 <= os.times().children_user - begin <= 14


NESTED = """
import os, signal, sys, time
from generator.bounds.child import Limits
from generator.bounds.crew import run_crew
from generator.bounds.supervise import supervise
def task(name):
    open(f"{sys.argv[1]}/{os.getpid()}", "w").close()
    needle = "a" * 4_000_000 + "b"
    return needle in ["a" * 4_000_000 + "c"] * 10_000_000
def work():
    open(f"{sys.argv[1]}/{os.getpid()}", "w").close()
    return list(run_crew(lambda: task, ["x", "y"], 2))
open(f"{sys.argv[1]}/{os.getpid()}", "w").close()
supervise(work, Limits(1024))
"""


@pytest.mark.parametrize("whom", [0, 1, 2], ids=["the parent", "its child", "a worker"])
def test_after_a_kill_nobody_is_left(tmp_path, whom):
    """Workers are inside a call of C: what ends them is the system, not Python."""
    first = subprocess.Popen([sys.executable, "-c", NESTED, str(tmp_path)], stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while len(started := sorted(int(path.name) for path in tmp_path.iterdir())) < 4:
        assert time.monotonic() < end
        time.sleep(0.02)
    os.kill(started[whom], signal.SIGKILL)
    first.wait(60)
    end = time.monotonic() + 2
    while (left := [pid for pid in started if alive(pid)]) and time.monotonic() < end:
        time.sleep(0.02)
    assert left == []


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_signal_between_the_start_of_a_child_and_the_wait_for_it_is_forwarded(monkeypatch):
    def struck(*arguments, **options):
        child = start(*arguments, **options)
        signal.raise_signal(signal.SIGINT)
        return child

    monkeypatch.setattr("generator.bounds.supervise.start", struck)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    done = supervise(lambda: time.sleep(30), LIMITS)
    assert (done.result, done.signal) == (None, signal.SIGINT)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
