"""Work within bounds: whatever it does, somebody is left to say how it ended."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from generator.bounds.supervise import BugError
from generator.cli.bounds import Bounds, bounded
from generator.finding import Finding, Halt, Rule
from generator.location import Span

RULE = Rule("SRC051", "nothing-to-check", "There is at least one object to check.")


def refused(work, seconds=20.0, mebibytes=2048):
    with pytest.raises(Halt) as caught:
        bounded(work, Bounds(seconds, mebibytes), "spec.yaml")
    [finding] = caught.value.findings
    return finding


def test_a_result_comes_back_whole():
    assert bounded(lambda: {"a": "x" * 1_000_000}, Bounds(20, 2048), "f") == {"a": "x" * 1_000_000}


def test_findings_come_back_as_they_are():
    given = Finding(rule=RULE, message="no", at=Span("a.yaml", 3, 4))

    def work():
        raise Halt([given])

    assert refused(work) == given


def test_work_that_does_not_end_is_ended():
    begin = time.monotonic()
    finding = refused(lambda: time.sleep(60), seconds=0.2)
    assert (finding.rule.code, finding.message) == ("ARG008", "rendering took more than 0.2 s")
    assert time.monotonic() - begin < 30


def test_nobody_it_started_is_left(tmp_path):
    file = tmp_path / "pid"

    def work():
        file.write_text(str(subprocess.Popen(["sleep", "60"]).pid))
        time.sleep(60)

    refused(work, seconds=2)
    status = Path(f"/proc/{file.read_text()}/status")
    assert not status.exists() or "State:\tZ" in status.read_text()


def test_memory_is_bounded():
    finding = refused(lambda: bytearray(4 << 30))
    assert finding.message == "rendering needed more than 2,048 MiB of memory"


def test_a_library_that_breaks_is_told():
    finding = refused(lambda: os.kill(os.getpid(), signal.SIGKILL))
    assert finding.message == "rendering needed more than 2,048 MiB of memory, and was ended by signal 9"


def test_a_bug_is_one_of_ours():
    with pytest.raises(BugError, match="ZeroDivisionError"):
        bounded(lambda: 1 // 0, Bounds(20, 2048), "f")
