"""The record of a tree: a line each, one order, read back as it was written."""

import json

import pytest

from generator.manifest import Identity, Manifest
from generator.pipeline.outcomes import Outcome
from generator.pipeline.record import RECORD, SHARED_RECORD, Record, Recorded, digest, read_record
from generator.pipeline.recording import record_line, record_text, verdicts_key

NOBODY = Identity("", "", "", "")
GATEWAY = Manifest(NOBODY, {}, "machine/machine.yaml.j2", ("spec", "virtualMachines", 0), ("overlays/a/patch.yaml",))
VERDICTS = (("a", Outcome.WAIVED), ("b", Outcome.ADMITTED), ("c", Outcome.ADMITTED))
STATED = frozenset([("kubevirt.io", "VirtualMachine", ("spec", "template", "spec", "architecture"))])
KINDS = [("", "ConfigMap", True), ("kubevirt.io", "VirtualMachine", True), ("", "Namespace", False)]


def text():
    key = verdicts_key(VERDICTS)
    lines = [record_line("b.yaml", b"2", Manifest(NOBODY, {})), record_line("a.yaml", b"1", GATEWAY, key)]
    sources = ["teams/*.yaml", "spec.yaml", "spec.yaml"]
    return record_text(lines, {key: VERDICTS}, sources=sources, kinds=KINDS, stated=STATED, build={"q": "admitted"})


@pytest.mark.parametrize("name", [RECORD, SHARED_RECORD])
def test_read_back(tmp_path, name):
    (tmp_path / name).write_text(text())
    files = {
        "a.yaml": Recorded(
            digest(b"1"),
            "machine/machine.yaml.j2",
            "spec.virtualMachines[0]",
            ("overlays/a/patch.yaml",),
            {"admitted": ("b", "c"), "waived": ("a",)},
        ),
        "b.yaml": Recorded(digest(b"2")),
    }
    assert read_record(tmp_path) == Record(
        files, ("spec.yaml", "teams/*.yaml"), frozenset(KINDS), STATED, {"q": "admitted"}
    )


def test_a_line_each_in_order():
    lines = text().splitlines()
    assert json.loads(text())
    assert [line for line in lines if '.yaml": {' in line] == sorted(line for line in lines if '.yaml": {' in line)
    assert sum("virtualMachines" in line for line in lines) == 1


def test_sets_of_verdicts_are_told_apart():
    assert verdicts_key(VERDICTS) != verdicts_key(VERDICTS[1:]) != verdicts_key(())
    assert verdicts_key(()) == ""


@pytest.mark.parametrize("broken", ["", "[]", "{}", '{"files": []}', '{"files": {"a": {}}}', '{"files": {"a": 1}}'])
def test_what_cannot_be_read_says_nothing(tmp_path, broken):
    assert read_record(tmp_path) == Record()
    (tmp_path / RECORD).write_text(broken)
    assert read_record(tmp_path) == Record()
