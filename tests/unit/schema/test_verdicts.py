"""Our verdict on every recorded object is the API server's, and so are nearly all our words.

The recorded cases are objects made at random from schemas (all features of structural schemas in one CRD, and the
upstream CRDs), valid and broken, with what k8s.io/apiextensions-apiserver 0.36.3 said of them in strict mode.
"""

import functools
import json
import re
from pathlib import Path
from typing import Any

import pytest

from generator.location import Span
from generator.schema import Validator, Violation, extend_crd, rules, versions
from generator.source import Dialect, read_file
from tests.support.shared import shared_path

GROUPS = json.loads((Path(__file__).parent / "verdicts.json").read_text(encoding="utf-8"))
Said = set[tuple[str, str]]


@functools.lru_cache(maxsize=4)
def upstream(file: str) -> dict[str, Any]:
    documents = read_file(shared_path(file), file, Dialect.KUBERNETES)
    return {document.data["metadata"]["name"]: document.data for document in documents}


def validators(group: dict[str, Any]) -> dict[str, Validator]:
    crd = group["crd"] if "crd" in group else upstream(group["file"])[group["name"]]
    return versions(extend_crd(crd, Span("crd")).crd if group.get("extended") else crd, 36)


def dotted(path: str) -> str:
    return path.replace("[", ".").replace("]", "").lstrip(".")


def server(case: dict[str, Any]) -> Said:
    said = {(dotted(path), "unknown") for path in case.get("unknown", [])}
    for text in case.get("errors", []):
        path, _, message = text.partition(": ")
        if found := re.fullmatch(r"Invalid value: .*?: Checked value (must be of type .*) in (\S+)", message):
            message, path = found[1], found[2]
        elif found := re.fullmatch(r'Invalid value: "": "(.*?)" (must .*)', message):
            path, message = found[1], found[2]
        elif found := re.fullmatch(r"Invalid value: .*?: \S+ in body (.*)", message, re.DOTALL):
            message = found[1]
        else:
            message = detail(message)
        said.add((dotted(path), message))
    return said


def detail(message: str) -> str:
    found = re.fullmatch(r'Invalid value: (?:"(?:[^"\\]|\\.)*"|\S+?): (.*)', message, re.DOTALL)
    return found[1] if found else message


def ours(violations: list[Violation]) -> Said:
    said = set()
    for violation in violations:
        path = [str(part) for part in violation.path]
        if violation.rule is rules.UNKNOWN_FIELD:
            said.add((".".join(path), "unknown"))
            continue
        holders = [i for i, part in enumerate(path) if part in {"labels", "annotations", "finalizers"}]
        if violation.rule is rules.METADATA and holders:
            path = path[: holders[-1] + 1]  # ours point at the label, the server's at all labels
        message = violation.message
        found = re.fullmatch(
            r"Invalid value: (.*?): ((?:must|should|shouldn|a |an |name part|prefix|may).*)", message, re.DOTALL
        )
        said.add((".".join(path), found[2] if found else message))
    return said


@pytest.mark.parametrize(
    "group", GROUPS, ids=lambda g: f"{g.get('name', 'every feature')}{' extended' * ('extended' in g)}"
)
def test_recorded_verdicts(group: dict[str, Any]) -> None:
    by_version = validators(group)
    spoken = same = 0
    for case in group["cases"]:
        data = case["object"]
        validator = by_version[data["apiVersion"].rpartition("/")[2]]
        violations = validator.explain(data)
        broken = any(key in case for key in ("decode", "unknown", "errors"))
        assert bool(violations) == broken, (data, case.get("errors"), [str(v) for v in violations])
        assert bool(validator.validate(data)) == broken, data
        if broken and "decode" not in case:
            spoken += 1
            same += server(case) == ours(violations)
    assert same >= 0.95 * spoken, f"{same} of {spoken} in the same words"


def test_there_are_enough_of_both_kinds() -> None:
    cases = [case for group in GROUPS for case in group["cases"]]
    broken = [case for case in cases if any(key in case for key in ("decode", "unknown", "errors"))]
    assert len(cases) >= 500
    assert len(broken) >= 200
    assert len(cases) - len(broken) >= 200


def test_accepting_is_never_wrong() -> None:
    group = GROUPS[0]
    validator = validators(group)["v1"]
    accepted = [case["object"] for case in group["cases"] if validator.accepts(case["object"])]
    assert len(accepted) >= 50
    for data in accepted:
        assert validator.explain(data) == []
