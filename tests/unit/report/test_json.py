"""The JSON report: whole, by its published schema, exact in its values."""

import json
from pathlib import Path

import jsonschema
import pytest

import generator
from generator.finding import Finding
from generator.location import Span
from generator.report import fingerprint, render_report
from generator.report.json_ import pointer
from tests.unit.report.conftest import HOSTILE, PERMITTED, context

SCHEMA = json.loads((Path(generator.__file__).parent / "schemas" / "findings.v1.json").read_text("utf-8"))
CHECK = jsonschema.Draft202012Validator(SCHEMA)


def test_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_whole(finding, warning):
    report = json.loads(render_report("json", [warning, finding], context()))
    assert report == {
        "$schema": "https://qatgen.dev/schemas/findings.v1.json",
        "apiVersion": "qatgen.dev/v1",
        "kind": "Report",
        "tool": {"name": "qatgen", "version": "1.2.3"},
        "summary": {"error": 1, "warning": 1, "info": 0},
        "findings": [
            {
                "rule": {
                    "code": "QATP013",
                    "name": "qat-devices-permitted",
                    "summary": "Every QAT device is one its class offers.",
                },
                "severity": "error",
                "message": 'hostDevices[0] asks for "qat.intel.com/decomp", which 420xx does not offer',
                "location": {
                    "file": "overlays/prod/patches/worker.yaml",
                    "line": 12,
                    "column": 21,
                    "endLine": 12,
                    "endColumn": 41,
                },
                "path": "/spec/domain/devices/hostDevices/0/deviceName",
                "subject": "VirtualMachineInstance prod/qat-worker",
                "hint": "request qat.intel.com/sym, or choose generation 6xxx",
                "notes": [
                    {"message": "rendered here", "location": {"file": "templates/vmi/vmi.yaml.j2", "line": 31}},
                    {
                        "message": "required by this validation",
                        "location": {
                            "file": "policies/qat-devices-permitted/policy.yaml",
                            "line": 24,
                            "column": 5,
                        },
                    },
                ],
                "environments": [],
                "fingerprint": fingerprint(finding),
            },
            {
                "rule": {
                    "code": "SPC040",
                    "name": "unused-class",
                    "summary": "A device class serves a machine or a pool.",
                },
                "severity": "warning",
                "message": 'class "dc" is used nowhere',
                "location": {"file": "spec.yaml"},
                "path": "",
                "subject": "",
                "hint": "",
                "notes": [],
                "environments": [],
                "fingerprint": fingerprint(warning),
            },
        ],
    }
    assert [error.message for error in CHECK.iter_errors(report)] == []


def test_hostile_values_are_exact_and_ascii(hostile):
    out = render_report("json", [hostile], context())
    assert out.isascii()
    assert all(character.isprintable() or character == "\n" for character in out)
    (shown,) = json.loads(out)["findings"]
    assert (shown["message"], shown["hint"], shown["subject"]) == (HOSTILE, HOSTILE, HOSTILE)
    assert CHECK.is_valid(json.loads(out))


def test_delete_is_an_escape():
    out = render_report("json", [Finding(rule=PERMITTED, message="a\x7fb", at=Span("f"))], context())
    assert "\x7f" not in out
    assert json.loads(out)["findings"][0]["message"] == "a\x7fb"


def test_empty():
    report = json.loads(render_report("json", [], context()))
    assert report["findings"] == []
    assert report["summary"] == {"error": 0, "warning": 0, "info": 0}
    assert CHECK.is_valid(report)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "List"}, "'Report' was expected"),
        ({"apiVersion": "v2"}, "'qatgen.dev/v1' was expected"),
        ({"findings": [{}]}, "'rule' is a required property"),
        ({"extra": 1}, "Additional properties are not allowed ('extra' was unexpected)"),
    ],
)
def test_schema_refuses(change, message):
    report = json.loads(render_report("json", [], context())) | change
    assert message in [error.message for error in CHECK.iter_errors(report)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [((), ""), (("a", 0, "b"), "/a/0/b"), (("a/b", "c~d", ""), "/a~1b/c~0d/")],
)
def test_pointer(path, expected):
    assert pointer(path) == expected
