"""Record what a live server says of schemas of custom resources: `python -m tests.e2e.apiserver.record_crds`.

Writes `tests/data/crd_verdicts.json`, which tests/unit/schema reads: each case sets or takes away one keyword at one
place of a schema that has a place of every kind.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.apiserver import ApiServer, api_server
from tests.support.workspace import REPOSITORY

FILE = REPOSITORY / "tests" / "data" / "crd_verdicts.json"
ROOT = ("spec", "versions", 0, "schema", "openAPIV3Schema")
_TEXT, _NUMBER, _OBJECT = {"type": "string"}, {"type": "integer"}, {"type": "object"}
_PLACES: dict[str, Any] = {
    "size": {"type": "integer", "format": "int32", "minimum": 1, "default": 2},
    "text": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 10, "enum": ["a", "b"]},
    "port": {"x-kubernetes-int-or-string": True, "anyOf": [_NUMBER, _TEXT], "pattern": "^[0-9]+$"},
    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    "whole": {
        "type": "object",
        "x-kubernetes-embedded-resource": True,
        "properties": {"apiVersion": _TEXT, "kind": _TEXT, "metadata": _OBJECT, "spec": _OBJECT},
    },
    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
    "pairs": {
        "type": "array",
        "x-kubernetes-list-type": "set",
        "items": {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {"a": _TEXT}},
    },
    "map": {
        "type": "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name", "port"],
        "items": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string"}, "port": {"type": "integer", "default": 1}, "more": _TEXT},
        },
    },
    "table": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
    "checked": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "allOf": [{"required": ["a"]}, {"properties": {"a": {"minimum": 1}}}],
        "not": {"required": ["b"], "properties": {"b": {"maximum": 0}}},
        "x-kubernetes-validations": [{"rule": "self.a < 10", "message": "a is small"}],
    },
}
BASE: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "metadata": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 9}}},
                            "spec": {"type": "object", "required": ["text"], "properties": _PLACES},
                            "status": {"type": "object", "nullable": True, "properties": {"ready": _NUMBER}},
                        },
                        "allOf": [{"properties": {"spec": {"properties": {"size": {"maximum": 5}}}}}],
                    }
                },
            }
        ],
    },
}
_SPEC = ("properties", "spec", "properties")
PATHS: tuple[tuple[str | int, ...], ...] = (
    (),
    ("allOf", 0),
    ("allOf", 0, "properties", "spec", "properties", "size"),
    ("properties", "metadata"),
    ("properties", "metadata", "properties", "name"),
    ("properties", "spec"),
    ("properties", "status"),
    *((*_SPEC, name) for name in _PLACES),
    (*_SPEC, "port", "anyOf", 0),
    (*_SPEC, "whole", "properties", "metadata"),
    (*_SPEC, "whole", "properties", "kind"),
    (*_SPEC, "labels", "additionalProperties"),
    (*_SPEC, "set", "items"),
    (*_SPEC, "pairs", "items"),
    (*_SPEC, "map", "items"),
    (*_SPEC, "map", "items", "properties", "name"),
    (*_SPEC, "map", "items", "properties", "port"),
    (*_SPEC, "table", "items"),
    (*_SPEC, "checked", "allOf", 1),
    (*_SPEC, "checked", "allOf", 1, "properties", "a"),
    (*_SPEC, "checked", "not"),
)
WHOLE = ((), ("properties", "spec"), ("properties", "metadata"), (*_SPEC, "map"), (*_SPEC, "checked"))
_BOTH = (True, False)
_OPTIONS: tuple[Any, ...] = (
    [],
    [{}],
    [{"type": "string"}],
    [{"description": "x"}],
    [{"default": 1}],
    [{"nullable": True}],
    [{"additionalProperties": False}],
    [{"properties": {"x": {}}}],
    [{"properties": {"a": {"minimum": 1}}}],
    [{"properties": {"metadata": {}}}],
    [{"items": {"minLength": 1}}],
    [{"allOf": [{"properties": {"a": {"type": "string"}}}]}],
    [{"x-kubernetes-list-type": "set"}],
    [{"x-kubernetes-validations": [{"rule": "true"}]}],
    ["x"],
)
VALUES: dict[str, tuple[Any, ...]] = {
    "type": ("", "array", "object", "string", "integer", "number", "boolean", "null", "strange", ["string"], 1),
    "format": ("int64", "strange", "date-time"),
    "properties": (
        {},
        {"x": {"type": "string"}},
        {"x": {}},
        {"x": {"type": "array"}},
        {"x": True},
        {"metadata": {"type": "object"}},
        {"metadata": {"type": "string"}},
        {"metadata": {"type": "object", "properties": {"labels": {"type": "object"}}}},
        {"metadata": {"type": "object", "required": ["name"]}},
        {"kind": {"type": "integer"}},
        {"apiVersion": {"type": "string", "default": "v1"}},
    ),
    "additionalProperties": (
        True,
        False,
        {},
        {"type": "string"},
        {"type": "array"},
        {"type": "string", "default": "x"},
    ),
    "items": (
        {},
        {"type": "string"},
        {"type": "object"},
        {"type": "object", "properties": {"a": {"type": "string"}}},
        {"type": "array", "items": {"type": "string"}},
        {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
        {"type": "string", "nullable": True},
        {"type": "object", "nullable": True, "x-kubernetes-map-type": "atomic"},
        {"type": "integer", "default": 1},
        [{"type": "string"}],
        "x",
    ),
    "required": ([], ["nope"], ["a", "a"], "a"),
    "enum": ([], [1], ["a", "a"], ["a", None]),
    "default": (None, 1, -1, "x", "a", "B", {}, {"nope": 1}, {"a": "x"}, {"text": "a"}, [1], ["a"], ["a", "a"], True),
    "nullable": _BOTH,
    "pattern": ("(", "a", "(?=a)", ""),
    "minLength": (-1, 3, "x"),
    "maxLength": (-1, 0),
    "minimum": (5, "x"),
    "maximum": (-5, 1.5),
    "exclusiveMinimum": (True, 1),
    "multipleOf": (0, -1, 2),
    "minItems": (-1, 2),
    "maxItems": (-1, 0),
    "uniqueItems": _BOTH,
    "minProperties": (-1, 1),
    "maxProperties": (-1, 0),
    "allOf": _OPTIONS,
    "anyOf": (*_OPTIONS, [{"type": "integer"}, {"type": "string"}], [{"type": "string"}, {"type": "integer"}]),
    "oneOf": _OPTIONS[:6],
    "not": ({}, {"type": "string"}, {"required": ["x"]}, {"properties": {"x": {"type": "string"}}}, "x"),
    "x-kubernetes-preserve-unknown-fields": (*_BOTH, "x"),
    "x-kubernetes-embedded-resource": _BOTH,
    "x-kubernetes-int-or-string": _BOTH,
    "x-kubernetes-list-type": ("atomic", "set", "map", "strange"),
    "x-kubernetes-list-map-keys": ([], ["name"], ["name", "name"], ["nope"], ["more", "name"], [1]),
    "x-kubernetes-map-type": ("atomic", "granular", "strange"),
    "x-kubernetes-validations": (
        [],
        [{"rule": ""}],
        [{"rule": "true"}],
        [{"rule": "true", "message": " "}],
        [{"rule": "true", "message": "a\nb"}],
        [{"rule": "true\n&& true"}],
        [{"rule": "true\n&& true", "message": "x"}],
        [{"rule": "true", "reason": "Strange"}],
        [{"rule": "true", "reason": "FieldValueForbidden"}],
        [{"rule": "true", "messageExpression": "'a' + 'b'"}],
        [{"rule": "true"}, {"rule": "true"}],
        [{"rule": "1"}],
        [{"rule": "self.nope == 1"}],
        [{"rule": "self == oldSelf"}],
        [{"rule": "true", "messageExpression": "1"}],
        [{"rule": "true", "messageExpression": "self.nope"}],
        [{"rule": "true", "messageExpression": " "}],
        [{"rule": "true", "optionalOldSelf": True}],
        [{"rule": "true", "fieldPath": ".nope"}],
        [{"rule": "true", "fieldPath": ".text"}],
        [{"rule": "true", "fieldPath": "text"}],
        [{"rule": "true", "fieldPath": "['text']"}],
        [{"rule": "true", "fieldPath": ".a"}],
        [{"rule": "true", "fieldPath": ".spec.text"}],
        [{"rule": "true", "fieldPath": ".items[0]"}],
        [{"rule": "oldSelf.hasValue() ? true : true", "optionalOldSelf": True}],
        [{"rule": "size(self) > 0"}],
        ["true"],
    ),
    "title": ("x",),
    "description": ("x", ""),
    "example": (1,),
    "externalDocs": ({"url": "https://example.com"},),
    "id": ("x",),
    "$ref": ("#/definitions/x",),
    "$schema": ("https://json-schema.org/schema#",),
    "definitions": ({"x": {"type": "string"}},),
    "dependencies": ({"a": ["b"]},),
    "patternProperties": ({"^a": {"type": "string"}},),
    "additionalItems": (True, {"type": "string"}),
    "tpye": ("string",),
    "const": (1,),
}
_GONE = object()


def changed(path: list[Any], value: Any = _GONE) -> Any:
    """The base with one keyword of its schema set, or taken away; `path` begins at the schema."""
    data: Any = json.loads(json.dumps(BASE))  # no part of it stands in two places
    node = data
    for step in (*ROOT, *path[:-1]):
        node = node[step]
    if value is _GONE:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return data


def _cases() -> Iterator[tuple[list[Any], Any]]:
    """Everything at a few places, and at the others every third value, another third at each."""
    for number, path in enumerate(PATHS):
        node: Any = BASE
        for step in (*ROOT, *path):
            node = node[step]
        for key in node:
            yield [*path, key], _GONE
        values = [(key, value) for key, listed in VALUES.items() for value in listed]
        for index, (key, value) in enumerate(values):
            if (path in WHOLE or index % 3 == number % 3) and (key not in node or node[key] != value):
                yield [*path, key], value


def _recorded(server: ApiServer, path: list[Any], value: Any) -> dict[str, Any]:
    answer = server.create(changed(path, value), dry_run=True)
    case: dict[str, Any] = {"path": path}
    if value is not _GONE:
        case["value"] = value
    case["ok"] = answer.ok
    if not answer.ok:
        causes = (answer.body.get("details") or {}).get("causes") or []
        case["said"] = [[cause.get("field", ""), cause["message"]] for cause in causes] or answer.message
    return case


def main() -> int:
    """Ask, write."""
    with tempfile.TemporaryDirectory() as name, api_server(Path(name) / "server") as server:
        cases = [_recorded(server, path, value) for path, value in _cases()]
        about = f"kube-apiserver {server.version}, strict dry-run creations; each case changes one keyword of the base"
    document = {"about": about, "base": BASE, "root": ROOT, "cases": cases}
    FILE.write_text(json.dumps(document, ensure_ascii=True).replace('{"path"', '\n{"path"') + "\n", "utf-8")
    print(f"{len(cases)} cases, {sum(not case['ok'] for case in cases)} of them refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
