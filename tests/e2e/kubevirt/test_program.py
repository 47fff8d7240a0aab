"""The program repeats what was recorded, says what it cannot read, and is gone when it is left."""

import copy
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.conformance.kubevirt import load, shape
from tests.e2e.kubevirt.clusters import clusters
from tests.e2e.kubevirt.combinations import VERSIONS
from tests.e2e.kubevirt.machines import instance, least
from tests.e2e.kubevirt.program import ProgramError, Question, running
from tests.e2e.kubevirt.record import NoAnswerError, Probe, case_of
from tests.support.parity import Row, record
from tests.support.workspace import REPOSITORY

RECORDED = REPOSITORY / "tests" / "data" / "kubevirt"
STEP = 20
"""Every so many recorded probes are asked again."""


def asked_again(version: str, names: list[Path]) -> tuple[int, list[str]]:
    """Recorded cases put to the program anew: how many, and which it answers otherwise."""
    misses: list[str] = []
    count = 0
    with running(version) as program:
        for path in names:
            document = load(path)
            step = 1 if path.name == "cases.json.gz" else STEP
            cases = [case for case in document["cases"] if case["version"] == version]
            for case in cases[::step]:
                said = case_of(program, Probe(case["id"], "", case["kubevirt"], case["object"]), document["kubevirts"])
                count += 1
                if comparable(said) != comparable(case):
                    misses.append(f"{path.name}: {case['id']}")
    return count, misses


def comparable(case: dict[str, Any]) -> dict[str, Any]:
    """A case with its XML as trees, and causes that Go draws from a map in one order."""
    out = copy.deepcopy(case)
    if "hostdevs" in out:
        out["hostdevs"] = [shape(ET.fromstring(text)) for text in out["hostdevs"]]
    causes = out["verdict"].get("causes")
    if causes:
        out["verdict"]["causes"] = sorted(causes, key=str)
        out["verdict"]["message"] = sorted(out["verdict"]["message"].split(", "))
    return out


def test_the_recorded_answers_are_what_the_code_says():
    rows = []
    for version in VERSIONS:
        count, misses = asked_again(version, sorted(RECORDED.glob("*.json.gz")))
        program = f"kubevirt {version.removeprefix('v')}"
        rows.append(Row("KubeVirt", "recorded answers, asked again", program, count, misses))
    record("kubevirt-recorded", rows)
    assert not [miss for row in rows for miss in row.misses]
    assert all(row.cases > 150 for row in rows)


def test_it_says_what_it_cannot_read_and_ends_with_the_block():
    odd = {"odd": {"apiVersion": "kubevirt.io/v1", "kind": "KubeVirt", "spec": {"nonsense": True}}}
    machine = instance(least())
    with running("v1.9.0") as program:
        with pytest.raises(NoAnswerError, match=r'unknown field "nonsense"'):
            case_of(program, Probe("odd", "", "odd", machine), odd)
        assert case_of(program, Probe("plain", "", "plain", machine), clusters())["verdict"] == {"allowed": True}
        pid = program.pid
        assert Path(f"/proc/{pid}").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises((ProgramError, ValueError)):
        program.ask(Question(clusters()["plain"], machine, {}))
