"""Tests as kaptest reads them: `vapTestSuites` (formerly `testSuites`) of a kaptest.yaml."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.files import Door
from generator.finding import Halt
from generator.manifest import identify
from generator.policy import User
from generator.policy.model import items, mapping, text, texts
from generator.source import Document
from generator.testing.foreign import Asked, Foreign, matches, not_a_test, policies_of, read_files

_SUITES = ("vapTestSuites", "testSuites")
_EXPECT = {"admit": "allow", "deny": "deny", "skip": "skip", "error": "error", "warn": "warn"}


def is_test(data: Any) -> bool:
    """Whether a document is such a test."""
    return isinstance(data, dict) and "kind" not in data and any(key in data for key in _SUITES)


def read(document: Document, folder: Path, door: Door) -> Foreign:
    """The policies a test names, with what it expects of them. Raises Halt."""
    resources = read_files(document, "resources", folder, door)
    keys = [key for key in ("policies", "validatingAdmissionPolicies") if key in document.data]
    policies = policies_of([d for key in keys for d in read_files(document, key, folder, door)], resources)
    key = next(key for key in _SUITES if key in document.data)
    for index, entry in enumerate(items(document.data[key], (key,))):
        suite = mapping(entry, (key, index))
        name = text(suite.get("policy"), (key, index, "policy"))
        if name not in policies:
            message = f'no policy "{name}" in the files it names'
            raise Halt([not_a_test(document, (key, index), message, "add its file to policies")])
        policies[name].asked += _asked(document, (key, index), suite, resources)
    return Foreign([policy for policy in policies.values() if policy.asked], ())


def _asked(
    document: Document, place: tuple[str, int], suite: Mapping[str, Any], resources: Sequence[Document]
) -> Iterator[Asked]:
    for index, entry in enumerate(items(suite.get("tests"), (*place, "tests"))):
        path = (*place, "tests", index)
        test = mapping(entry, path)
        wanted = str(test.get("expect") or "")
        named = {key: mapping(test.get(key), (*path, key)) for key in ("object", "oldObject", "param", "userInfo")}
        found = {key: _chosen(document, path, named[key], resources) for key in ("object", "oldObject")}
        if found["object"] is None and found["oldObject"] is None:
            raise Halt([not_a_test(document, path, "the test names no object", "write object or oldObject")])
        param, info = named["param"], named["userInfo"]
        groups = texts(info.get("groups"), (*path, "userInfo", "groups"))
        yield Asked(
            name=f"{suite.get('policy')}: test {index + 1}",
            at=document.span(path),
            expect=_EXPECT.get(wanted, wanted),
            object=found["object"],
            old=found["oldObject"],
            message=str(test.get("deniedMessage") or test.get("message") or ""),
            user=User(str(info.get("user") or info.get("name") or User().name), groups),
            param=(str(param.get("namespace") or ""), str(param.get("name") or "")) if param else None,
        )


def _chosen(
    document: Document, path: tuple[str | int, ...], chosen: Any, resources: Sequence[Document]
) -> dict[str, Any] | None:
    if not chosen:
        return None
    kind, name, namespace = (str(chosen.get(key) or "") for key in ("kind", "name", "namespace"))
    for resource in resources:
        if matches(identify(resource.data), kind, name, namespace):
            data: dict[str, Any] = resource.data
            return data
    message = f'no {kind or "object"} "{name}" in the files it names'
    raise Halt([not_a_test(document, path, message, "add its file to resources")])
