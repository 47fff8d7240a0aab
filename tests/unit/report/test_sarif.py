"""The SARIF report: whole, by the standard's schema, fingerprints that outlive moves."""

import json
import re
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from generator.explain.rules import all_rules
from generator.explain.text import report_page
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
# GitHub requires all of these (rules GH1001 to GH2012 of Microsoft's sarif-multitool).
RULE = _object(
    {
        "id": TEXT,
        "name": TEXT,
        "shortDescription": _object({"text": {"type": "string", "minLength": 1, "maxLength": 1024}}),
        "fullDescription": _object({"text": {"type": "string", "minLength": 1, "maxLength": 1024}}),
        "helpUri": {"type": "string", "pattern": "^https://[^ ]+$"},
        "help": _object({"text": TEXT, "markdown": TEXT}),
        "defaultConfiguration": _object({"level": LEVEL}),
    }
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
    properties=_object({}, path=TEXT, environments={"type": "array", "items": TEXT, "minItems": 1}),
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


def sarif(*findings: Finding, **about: Any) -> Any:
    out = render_report("sarif", findings, replace(context(), **about))
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
                                "fullDescription": {"text": "Every QAT device is one its class offers."},
                                "helpUri": "https://qatgen.dev/rules#qatp013-qat-devices-permitted",
                                "help": {
                                    "text": "Every QAT device is one its class offers. See: qatgen explain QATP013",
                                    "markdown": "Every QAT device is one its class offers.\n\n"
                                    "See `qatgen explain QATP013`.",
                                },
                                "defaultConfiguration": {"level": "error"},
                            },
                            {
                                "id": "SPC040",
                                "name": "unused-class",
                                "shortDescription": {"text": "A device class serves a machine or a pool."},
                                "fullDescription": {"text": "A device class serves a machine or a pool."},
                                "helpUri": "https://qatgen.dev/rules#spc040-unused-class",
                                "help": {
                                    "text": "A device class serves a machine or a pool. See: qatgen explain SPC040",
                                    "markdown": "A device class serves a machine or a pool.\n\n"
                                    "See `qatgen explain SPC040`.",
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


def test_every_rule_brings_its_reason_and_an_example():
    findings = [Finding(rule=rule, message="m", at=Span("f", 1)) for rule in all_rules().values()]
    rules = sarif(*findings, page=report_page)["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(all_rules())
    for rule in rules:
        assert len(rule["fullDescription"]["text"]) > len(rule["shortDescription"]["text"])
        assert rule["shortDescription"]["text"] in rule["help"]["markdown"] or rule["id"].startswith("QATP")
        assert ("```" in rule["help"]["markdown"]) or "**When.**" in rule["help"]["markdown"]
        assert "```" not in rule["help"]["text"]
        assert "**" not in rule["help"]["text"]


def test_addresses_are_headings_of_the_page_of_rules():
    document = (REPOSITORY / "docs/rules.md").read_text("utf-8")
    headings = re.findall(r"^## ([A-Z].*)$", document, re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    findings = [Finding(rule=rule, message="m", at=Span("f", 1)) for rule in all_rules().values()]
    rules = sarif(*findings)["runs"][0]["tool"]["driver"]["rules"]
    assert {rule["helpUri"].partition("#")[2] for rule in rules} == anchors


def test_environments_are_named(finding):
    (result,) = sarif(replace(finding, environments=("dev", "prod"), objects=(1, 1)))["runs"][0]["results"]
    assert result["properties"]["environments"] == ["dev", "prod"]
    assert "; environments: dev, prod; request" in result["message"]["text"]


@pytest.mark.parametrize(
    ("folder", "file", "uri"),
    [
        ("edge", "spec.yaml", "edge/spec.yaml"),
        ("a/edge", "../teams/x.yaml", "a/teams/x.yaml"),
        ("edge", "../../x.yaml", "../../x.yaml"),
        ("edge", "/etc/x.yaml", "file:///etc/x.yaml"),
        ("", "spec.yaml", "spec.yaml"),
    ],
)
def test_paths_begin_at_the_top_of_the_work_tree(folder, file, uri):
    made = Finding(rule=PERMITTED, message="m", at=Span(file, 1))
    (result,) = sarif(made, folder=folder)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri
    (at_top,) = sarif(made)["runs"][0]["results"]
    assert result["partialFingerprints"] == at_top["partialFingerprints"]


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
