"""The SARIF report: whole, by the standard's schema, fingerprints that outlive moves."""

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from generator.finding import Finding, Severity
from generator.location import Span
from generator.report import fingerprint, render_report
from tests.support.workspace import REPOSITORY
from tests.unit.report.conftest import PERMITTED, context


def _object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    properties = required | optional
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


TEXT = {"type": "string", "minLength": 1}
MESSAGE = _object({"text": TEXT}, markdown=TEXT)
AT_LEAST_1 = {"type": "integer", "minimum": 1}
REGION = _object({"startLine": AT_LEAST_1}, startColumn=AT_LEAST_1, endLine=AT_LEAST_1, endColumn=AT_LEAST_1)
PHYSICAL = _object({"artifactLocation": _object({"uri": {"type": "string", "format": "uri-reference"}})}, region=REGION)
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RULE = _object(
    {"id": TEXT}, name=TEXT, shortDescription=MESSAGE, help=MESSAGE, defaultConfiguration=_object({"level": LEVEL})
)
LOGICAL = _object({"name": TEXT, "kind": TEXT})
RESULT = _object(
    {
        "ruleId": TEXT,
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "message": MESSAGE,
        "locations": {
            "type": "array",
            "maxItems": 1,
            "items": _object({"physicalLocation": PHYSICAL}, logicalLocations={"type": "array", "items": LOGICAL}),
        },
        "partialFingerprints": _object({"qatgen/v1": {"type": "string", "pattern": "^[0-9a-f]{64}:[0-9]+$"}}),
    },
    relatedLocations={
        "type": "array",
        "uniqueItems": True,
        "items": _object({"id": {"type": "integer", "minimum": 0}, "message": MESSAGE, "physicalLocation": PHYSICAL}),
    },
    properties=_object({"path": TEXT}),
)
DRIVER = _object(
    {
        "name": TEXT,
        "version": TEXT,
        "informationUri": TEXT,
        "rules": {"type": "array", "uniqueItems": True, "items": RULE},
    }
)
RUN = _object(
    {
        "tool": _object({"driver": DRIVER}),
        "columnKind": {"const": "unicodeCodePoints"},
        "results": {"type": "array", "items": RESULT},
    }
)
# What we write of the standard, from its sections 3.13 to 3.49; the whole schema is checked where it is at hand.
OURS = _object(
    {
        "$schema": {"const": "https://json.schemastore.org/sarif-2.1.0.json"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "minItems": 1, "maxItems": 1, "items": RUN},
    }
)


def sarif(*findings: Finding) -> Any:
    out = render_report("sarif", findings, context())
    assert out.isascii()
    log = json.loads(out)
    assert [error.message for error in jsonschema.Draft202012Validator(OURS).iter_errors(log)] == []
    return log


def test_whole(finding, warning):
    assert sarif(warning, finding) == {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "qatgen",
                        "version": "1.2.3",
                        "informationUri": "https://qatgen.dev/",
                        "rules": [
                            {
                                "id": "QATP013",
                                "name": "qat-devices-permitted",
                                "shortDescription": {"text": "Every QAT device is one its class offers."},
                                "help": {
                                    "text": "Every QAT device is one its class offers. See: qatgen explain QATP013",
                                    "markdown": "See `qatgen explain QATP013`.",
                                },
                                "defaultConfiguration": {"level": "error"},
                            },
                            {
                                "id": "SPC040",
                                "name": "unused-class",
                                "shortDescription": {"text": "A device class serves a machine or a pool."},
                                "help": {
                                    "text": "A device class serves a machine or a pool. See: qatgen explain SPC040",
                                    "markdown": "See `qatgen explain SPC040`.",
                                },
                                "defaultConfiguration": {"level": "warning"},
                            },
                        ],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    {
                        "ruleId": "QATP013",
                        "ruleIndex": 0,
                        "level": "error",
                        "message": {
                            "text": 'hostDevices[0] asks for "qat.intel.com/decomp", which 420xx does not offer; '
                            "request qat.intel.com/sym, or choose generation 6xxx"
                        },
                        "locations": [
                            {
                                "physicalLocation": {
                                    "artifactLocation": {"uri": "overlays/prod/patches/worker.yaml"},
                                    "region": {"startLine": 12, "startColumn": 21, "endLine": 12, "endColumn": 41},
                                },
                                "logicalLocations": [
                                    {"name": "VirtualMachineInstance prod/qat-worker", "kind": "resource"}
                                ],
                            }
                        ],
                        "partialFingerprints": {"qatgen/v1": f"{fingerprint(finding)}:1"},
                        "relatedLocations": [
                            {
                                "id": 0,
                                "message": {"text": "rendered here"},
                                "physicalLocation": {
                                    "artifactLocation": {"uri": "templates/vmi/vmi.yaml.j2"},
                                    "region": {"startLine": 31},
                                },
                            },
                            {
                                "id": 1,
                                "message": {"text": "required by this validation"},
                                "physicalLocation": {
                                    "artifactLocation": {"uri": "policies/qat-devices-permitted/policy.yaml"},
                                    "region": {"startLine": 24, "startColumn": 5},
                                },
                            },
                        ],
                        "properties": {"path": "/spec/domain/devices/hostDevices/0/deviceName"},
                    },
                    {
                        "ruleId": "SPC040",
                        "ruleIndex": 1,
                        "level": "warning",
                        "message": {"text": 'class "dc" is used nowhere'},
                        "locations": [{"physicalLocation": {"artifactLocation": {"uri": "spec.yaml"}}}],
                        "partialFingerprints": {"qatgen/v1": f"{fingerprint(warning)}:1"},
                    },
                ],
            }
        ],
    }


@pytest.mark.parametrize("which", ["finding", "warning", "hostile", None])
def test_official_schema(which, request):
    schema = json.loads((REPOSITORY / "tests/data/sarif-2.1.0.json").read_text("utf-8"))
    log = sarif(*([request.getfixturevalue(which)] if which else []))
    validator = jsonschema.validators.validator_for(schema)
    assert [error.message for error in validator(schema).iter_errors(log)] == []


def test_no_findings():
    (run,) = sarif()["runs"]
    assert run["results"] == []
    assert run["tool"]["driver"]["rules"] == []


def test_fingerprints_stay_when_lines_move(finding):
    moved = replace(finding, at=Span(finding.at.file, 99, 3))
    prints = [sarif(one)["runs"][0]["results"][0]["partialFingerprints"] for one in (finding, moved)]
    assert prints[0] == prints[1]


def test_fingerprints_differ_within_a_run(finding):
    results = sarif(finding, replace(finding, at=Span(finding.at.file, 99, 3)))["runs"][0]["results"]
    assert len({result["partialFingerprints"]["qatgen/v1"] for result in results}) == 2


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("a[0] is {b}", "a[0] is {b}"),
        ("see [here](http://evil)", "see \\[here\\](http://evil)"),
        ("\x1b[31mred", "\\x1b[31mred"),
    ],
)
def test_messages_hold_no_links_and_no_controls(message, text):
    log = sarif(Finding(rule=PERMITTED, message=message, at=Span("f")))
    assert log["runs"][0]["results"][0]["message"]["text"] == text


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a b/c#d.yaml", "a%20b/c%23d.yaml"),
        ("a:b.yaml", "a%3Ab.yaml"),
        ("é%.yaml", "%C3%A9%25.yaml"),
        ("/etc/x.yaml", "file:///etc/x.yaml"),
        ("../x.yaml", "../x.yaml"),
        ("\udc80.yaml", "%3F.yaml"),
    ],
)
def test_uris(file, uri):
    log = sarif(Finding(rule=PERMITTED, message="m", at=Span(file, 1)))
    physical = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == uri


def test_no_file_is_no_location():
    assert sarif(Finding(rule=PERMITTED, message="m", at=Span("")))["runs"][0]["results"][0]["locations"] == []


def test_a_finding_s_own_severity_is_its_level(finding):
    log = sarif(replace(finding, severity=Severity.INFO))
    assert log["runs"][0]["results"][0]["level"] == "note"
    assert log["runs"][0]["tool"]["driver"]["rules"][0]["defaultConfiguration"]["level"] == "error"


def test_hostile_values(hostile):
    (result,) = sarif(hostile)["runs"][0]["results"]
    assert "\n" not in result["message"]["text"]
    assert "\\[x\\](http://e)" in result["message"]["text"]
