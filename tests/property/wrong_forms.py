"""Policies, bindings, rules over a build and tests of policies with every field replaced by values of other forms.

`python -m tests.property.wrong_forms [--only TEXT]` prints `N passed, M failed`: no form may end as a bug of ours.
"""

import argparse
import copy
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.workspace import SMALL, qatgen

FORMS: tuple[Any, ...] = (None, True, 1, 1.5, "x", [], {}, [None], {"a": None})

_SELECTOR = {"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}
_RULE = {
    "apiGroups": ["", "kubevirt.io"],
    "apiVersions": ["v1"],
    "operations": ["CREATE"],
    "resources": ["configmaps", "virtualmachines"],
    "resourceNames": ["c"],
    "scope": "*",
}
_MATCH = {
    "resourceRules": [_RULE],
    "excludeResourceRules": [_RULE],
    "namespaceSelector": _SELECTOR,
    "objectSelector": _SELECTOR,
    "matchPolicy": "Equivalent",
}
POLICY: dict[str, Any] = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingAdmissionPolicy",
    "metadata": {
        "name": "own",
        "labels": {"a": "b"},
        "annotations": {
            "qatgen.dev/rule": "OWN-001",
            "qatgen.dev/severity": "error",
            "qatgen.dev/summary": "s",
            "qatgen.dev/hint": "h",
            "qatgen.dev/when": "true",
        },
    },
    "spec": {
        "failurePolicy": "Fail",
        "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
        "matchConstraints": _MATCH,
        "matchConditions": [{"name": "c", "expression": "true"}],
        "variables": [{"name": "v", "expression": "1"}],
        "validations": [
            {"expression": "variables.v == 1", "message": "m", "messageExpression": "'m'", "reason": "Invalid"}
        ],
        "auditAnnotations": [{"key": "k", "valueExpression": "'v'"}],
    },
}
BINDING: dict[str, Any] = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingAdmissionPolicyBinding",
    "metadata": {"name": "own"},
    "spec": {
        "policyName": "own",
        "paramRef": {"name": "c", "namespace": "default", "selector": _SELECTOR, "parameterNotFoundAction": "Allow"},
        "matchResources": _MATCH,
        "validationActions": ["Deny"],
    },
}
BUNDLE: dict[str, Any] = {
    "apiVersion": "qatgen.dev/v1alpha1",
    "kind": "BundlePolicy",
    "metadata": POLICY["metadata"],
    "spec": {
        "forEach": "objects.filter(o, o.kind == 'Namespace')",
        "variables": [{"name": "v", "expression": "1"}],
        "validations": [
            {
                "expression": "variables.v == 1",
                "message": "m",
                "messageExpression": "'m'",
                "fieldPath": "metadata.name",
                "severity": "warning",
            }
        ],
    },
}
_OBJECT = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "default"}}
_BARE = {
    **POLICY,
    "spec": {
        "matchConstraints": {"resourceRules": [{k: v for k, v in _RULE.items() if k != "resourceNames"}]},
        "validations": [{"expression": "true"}],
    },
}
_BARE_BINDING = {**BINDING, "spec": {"policyName": "own", "validationActions": ["Deny"]}}
TEST: dict[str, Any] = {
    "apiVersion": "qatgen.dev/v1alpha1",
    "kind": "PolicyTest",
    "metadata": {"name": "own"},
    "cases": [
        {
            "name": "one",
            "expect": "allow",
            "message": "m",
            "object": _OBJECT,
            "old": _OBJECT,
            "params": [_OBJECT],
            "user": {"name": "u", "groups": ["g"]},
            "spec": {"target": {"kubernetes": "1.36"}},
            "view": {"target": {}},
            "catalog": {"families": {}},
            "add": [_OBJECT],
            "remove": ["ConfigMap default/c"],
            "set": {"ConfigMap default/c": {"metadata.labels": {"a": "b"}}},
        }
    ],
}
KYVERNO: dict[str, Any] = {
    "apiVersion": "cli.kyverno.io/v1alpha1",
    "kind": "Test",
    "metadata": {"name": "own"},
    "policies": ["policy.yaml"],
    "resources": ["object.yaml"],
    "variables": "values.yaml",
    "userinfo": "user.yaml",
    "results": [{"policy": "own", "resources": ["c"], "kind": "ConfigMap", "result": "pass", "namespace": "default"}],
}
VALUES: dict[str, Any] = {
    "apiVersion": "cli.kyverno.io/v1alpha1",
    "kind": "Values",
    "namespaceSelector": [{"name": "default", "labels": {"a": "b"}}],
}
USER: dict[str, Any] = {
    "apiVersion": "cli.kyverno.io/v1alpha1",
    "kind": "UserInfo",
    "userInfo": {"username": "u", "groups": ["g"]},
}
KAPTEST: dict[str, Any] = {
    "policies": ["policy.yaml"],
    "resources": ["object.yaml"],
    "vapTestSuites": [
        {
            "policy": "own",
            "tests": [
                {
                    "object": {"kind": "ConfigMap", "name": "c", "namespace": "default"},
                    "oldObject": {"kind": "ConfigMap", "name": "c"},
                    "param": {"name": "c", "namespace": "default"},
                    "userInfo": {"name": "u", "groups": ["g"]},
                    "expect": "admit",
                    "message": "m",
                }
            ],
        }
    ],
}
WAIVER: dict[str, Any] = {
    "rule": "OWN-001",
    "match": {"kind": "VirtualMachine", "namespace": "vpn", "name": "gw"},
    "reason": "soon",
    "expires": "2099-01-31",
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """Files, as YAML or data, and the command that reads them."""

    name: str
    files: Mapping[str, Any]
    run: tuple[str, ...]


def places(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every field of a document, the document itself first."""
    yield path
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        yield from places(value, (*path, key))


def replaced(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """A copy with one field replaced."""
    if not path:
        return value
    made = copy.deepcopy(data)
    node = made
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return made


def variants(name: str, data: Any) -> Iterator[tuple[str, Any]]:
    """A document with each field replaced by each form."""
    for path in places(data):
        for form in FORMS:
            yield f"{name}.{'.'.join(map(str, path))} = {json.dumps(form)}", replaced(data, path, form)


def attempts() -> Iterator[Attempt]:
    """Every document wherever it is read."""
    for name, policy in variants("policy", POLICY):
        files = {"p.yaml": policy, "b.yaml": BINDING, "c.yaml": _OBJECT}
        yield Attempt(f"validate {name}", files, ("validate", "p.yaml", "b.yaml", "c.yaml"))
        yield Attempt(f"validate --policies {name}", files, ("validate", "c.yaml", "--policies", "p.yaml"))
        yield _project(f"render {name}", {"policy.yaml": policy, "binding.yaml": BINDING}, ("render",))
        yield _project(f"template {name}", {}, ("render",), {"templates/policy.yaml.j2": policy})
    for name, binding in variants("binding", BINDING):
        files = {"p.yaml": POLICY, "b.yaml": binding, "c.yaml": _OBJECT}
        yield Attempt(f"validate {name}", files, ("validate", "p.yaml", "b.yaml", "c.yaml"))
        listed = {**files, "b.yaml": {"apiVersion": "v1", "kind": "List", "items": [binding, POLICY]}}
        yield Attempt(f"validate list {name}", listed, ("validate", "b.yaml", "c.yaml"))
        yield _project(f"render {name}", {"policy.yaml": POLICY, "binding.yaml": binding}, ("render",))
        yield _project(f"render bare {name}", {"policy.yaml": _BARE, "binding.yaml": binding}, ("render",))
    for name, bundle in variants("bundle", BUNDLE):
        yield _project(f"render {name}", {"policy.yaml": bundle}, ("render",))
        yield Attempt(f"test {name}", {"own/policy.yaml": bundle, "own/cases.yaml": TEST}, ("test", "own"))
    for name, case in variants("case", TEST):
        files = {"own/policy.yaml": _BARE, "own/binding.yaml": _BARE_BINDING, "own/cases.yaml": case}
        yield Attempt(f"test {name}", files, ("test", "own"))
    for name, policy in variants("policy", POLICY):
        files = {"own/policy.yaml": policy, "own/binding.yaml": BINDING, "own/cases.yaml": TEST}
        yield Attempt(f"test {name}", files, ("test", "own"))
    around = {"policy.yaml": _BARE, "object.yaml": _OBJECT, "values.yaml": VALUES, "user.yaml": USER}
    for file, data in (("kyverno-test.yaml", KYVERNO), ("kaptest.yaml", KAPTEST)):
        for name, test in variants(file, data):
            yield Attempt(f"test {name}", {**around, file: test}, ("test", "."))
    for file, given in around.items():
        for name, data in variants(file, given):
            yield Attempt(f"kyverno {name}", {**around, file: data, "kyverno-test.yaml": KYVERNO}, ("test", "."))
            yield Attempt(f"kaptest {name}", {**around, file: data, "kaptest.yaml": KAPTEST}, ("test", "."))
    for name, waiver in variants("waiver", WAIVER):
        text = SMALL + f"  waivers: [{json.dumps(waiver)}]\n"
        yield _project(
            f"render {name}", {"policy.yaml": _BARE, "binding.yaml": _BARE_BINDING}, ("render",), {"spec.yaml": text}
        )


def _project(
    name: str, policy: Mapping[str, Any], run: tuple[str, ...], more: Mapping[str, Any] | None = None
) -> Attempt:
    files = {"spec.yaml": SMALL, **{f"policies/own/{file}": data for file, data in policy.items()}, **(more or {})}
    return Attempt(name, files, run)


def wrong(attempt: Attempt, folder: Path) -> str:
    """What of an attempt ends as a bug of ours; nothing where it passes."""
    for name, data in attempt.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(data if isinstance(data, str) else json.dumps(data) + "\n", encoding="utf-8")
    result = qatgen(folder, *attempt.run)
    ended = result.code in {0, 1, 2} and "internal error" not in result.err
    return "" if ended else f"exit {result.code}: {result.err[-400:]}"


def main() -> int:
    """Try them; 1 where any fails."""
    parser = argparse.ArgumentParser(prog="wrong_forms")
    parser.add_argument("--only", default="", help="those whose name has this text")
    parser.add_argument("--every", type=int, default=1, help="every so manieth")
    chosen = parser.parse_args()
    passed = failed = 0
    for index, attempt in enumerate(one for one in attempts() if chosen.only in one.name):
        if index % chosen.every:
            continue
        with tempfile.TemporaryDirectory() as name:
            said = wrong(attempt, Path(name))
        passed += not said
        failed += bool(said)
        if said:
            print(f"FAILED {attempt.name}: {said}")
    print(f"{passed} passed, {failed} failed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
