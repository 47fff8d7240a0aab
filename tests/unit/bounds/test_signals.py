"""Signals that ask a process to end: as an exception, and never lost."""

import signal
import subprocess
import sys

import pytest

from tests.support.workspace import REPOSITORY

PROCESS = """
import signal, sys, time, weakref
from generator.bounds.signals import EndedBySignal, end_by_exception, held_back
from generator.emit.signals import uninterrupted
number = signal.Signals[sys.argv[1]]
signal.signal(number, signal.SIG_DFL)  # whoever runs the tests may ignore it
end_by_exception()
class Thing:
    pass
class Finalised:
    def __del__(self):
        signal.raise_signal(number)
def in_a_finaliser():
    Finalised()
def in_a_callback():
    thing = Thing()
    kept = weakref.ref(thing, lambda _: signal.raise_signal(number))
    del thing
def just_before_a_step_that_is_not_interrupted():
    Finalised()
    with uninterrupted():
        time.sleep(0.1)
        print("step", flush=True)
def held():
    with held_back():
        signal.raise_signal(number)
        print("step", flush=True)
try:
    globals()[sys.argv[2]]()
    time.sleep(20)
except EndedBySignal as ended:
    print(int(ended.number), all(signal.getsignal(one) is signal.SIG_IGN for one in (2, 15, 1)))
"""


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize(
    ("moment", "before"),
    [
        ("in_a_finaliser", []),
        ("in_a_callback", []),
        ("just_before_a_step_that_is_not_interrupted", ["step"]),
        ("held", ["step"]),
    ],
)
def test_a_signal_is_never_lost(moment, before, number):
    command = [sys.executable, "-c", PROCESS, number, moment]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [*before, f"{int(signal.Signals[number])} True"]


def test_what_else_python_drops_is_shown():
    code = """
from generator.bounds.signals import end_by_exception
end_by_exception()
class Finalised:
    def __del__(self):
        raise ValueError("a bug of ours")
Finalised()
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert "ValueError: a bug of ours" in done.stderr


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_that_is_ignored_stays_so(number):
    code = f"""
import signal
from generator.bounds.signals import end_by_exception
signal.signal(signal.{number}, signal.SIG_IGN)
end_by_exception()
signal.raise_signal(signal.{number})
print("on")
"""
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout == "on\n"
