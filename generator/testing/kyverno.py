"""Tests as `kyverno test` reads them, for ValidatingAdmissionPolicies: kind Test of cli.kyverno.io."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.files import Door
from generator.finding import Finding, Halt
from generator.manifest import identify
from generator.policy import User
from generator.policy.model import inside, items, mapping, text, texts
from generator.source import Document
from generator.testing.foreign import (
    Asked,
    Foreign,
    ForeignPolicy,
    left_out,
    matches,
    not_a_test,
    policies_of,
    read_files,
)

_EXPECT = {"pass": "allow", "fail": "deny", "skip": "skip", "error": "error", "warn": "warn"}


def is_test(data: Any) -> bool:
    """Whether a document is such a test."""
    return (
        isinstance(data, dict)
        and data.get("kind") == "Test"
        and str(data.get("apiVersion", "")).startswith("cli.kyverno.io/")
    )


def read(document: Document, folder: Path, door: Door) -> Foreign:
    """The policies a test names, with what it expects of them. Raises Halt."""
    resources = read_files(document, "resources", folder, door)
    documents = read_files(document, "policies", folder, door)
    namespaces = _namespaces(read_files(document, "variables", folder, door))
    user = _user(read_files(document, "userinfo", folder, door))
    policies = policies_of(documents, [*resources])
    for policy in policies.values():
        policy.objects = [*policy.objects, *namespaces]
    findings: list[Finding] = []
    results = document.data.get("results")
    for index, entry in enumerate(items(results, ("results",))):
        result = mapping(entry, ("results", index))
        name = text(result.get("policy"), ("results", index, "policy"))
        known = policies.get(name)
        if known is not None:
            known.asked += _asked(document, index, result, resources, user)
        elif any(inside(d.data, "metadata", "name") == name for d in documents):
            message = f'policy "{name}" is no ValidatingAdmissionPolicy'
            findings.append(left_out(document, ("results", index), message))
        else:
            message = f'no policy "{name}" in the files it names'
            raise Halt([not_a_test(document, ("results", index, "policy"), message, "add its file to policies")])
    return Foreign(_asked_about(policies), findings)


def _asked_about(policies: Mapping[str, ForeignPolicy]) -> list[ForeignPolicy]:
    return [policy for policy in policies.values() if policy.asked]


def _asked(
    document: Document, index: int, result: Mapping[str, Any], resources: Sequence[Document], user: User
) -> Iterator[Asked]:
    at = document.span(("results", index))
    wanted = str(result.get("result") or result.get("status") or "")
    kind = str(result.get("kind") or "")
    named = texts(result.get("resources"), ("results", index, "resources")) or [result.get("resource") or ""]
    for name in named:
        *spaces, own = str(name).split("/")
        namespace = spaces[-1] if spaces else str(result.get("namespace") or "")
        found = [d for d in resources if matches(identify(d.data), kind, own, namespace)]
        if not found:
            message = f'no resource "{name}" of kind "{kind}" in the files it names'
            raise Halt([not_a_test(document, ("results", index), message, "add its file to resources")])
        for resource in found:
            shown = f"{result.get('policy')}: {identify(resource.data)}"
            yield Asked(shown, at, _EXPECT.get(wanted, wanted), resource.data, user=user)


def _namespaces(values: Sequence[Document]) -> list[dict[str, Any]]:
    """The namespaces a file of values tells the labels of."""
    out = []
    for document in values:
        nested = document.data.get("spec")
        data = nested if isinstance(nested, dict) else document.data
        for line in items(data.get("namespaceSelector"), ("variables",)):
            entry = mapping(line, ("variables",))
            labels = mapping(entry.get("labels"), ("variables",))
            metadata = {"name": text(entry.get("name"), ("variables",)), "labels": labels}
            out.append({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    return out


def _user(documents: Sequence[Document]) -> User:
    for document in documents:
        info = mapping(document.data.get("userInfo"), ("userinfo",))
        if info:
            return User(text(info.get("username"), ("userinfo",)), texts(info.get("groups"), ("userinfo",)))
    return User()
