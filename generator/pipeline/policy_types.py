"""Findings about the types of policies: fields their kinds do not have, and comparisons no value can fit."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from generator.bounds import Overrun
from generator.finding import Finding, did_you_mean
from generator.location import Span
from generator.manifest import Manifest
from generator.pipeline.policies import is_shipped
from generator.policy import CompiledPolicy, compile_policy
from generator.policy import rules as policy_rules
from generator.policy.model import POLICY_KIND
from generator.policy.problem import field_path
from generator.policy.typecheck import Kind, Mistyped, mistyped
from generator.schema import SchemaStore, minor_of
from generator.source import Document, place_in_scalar


def own_type_findings(documents: Iterable[Document], store: SchemaStore, kubernetes: str) -> Iterator[Finding]:
    """What `type_findings` finds in policies that do not ship with the tool: tests hold those to the schemas."""
    for document in documents:
        if document.data.get("kind") == POLICY_KIND and not is_shipped(document.data):
            yield from type_findings(document, store, kubernetes)


def type_findings(document: Document, store: SchemaStore, kubernetes: str) -> Iterator[Finding]:
    """A warning for every expression of a policy and every kind it does not fit, at the place in the expression.

    `document` holds a ValidatingAdmissionPolicy; one that the server would not store is reported elsewhere.
    """
    for one in _mistyped(document.data, store, kubernetes):
        yield _finding(one, place_in_scalar(document, one.path, max(0, one.issue.offset)))


def rendered_type_findings(
    manifests: Iterable[Manifest], known: Collection[str], store: SchemaStore, kubernetes: str
) -> Iterator[Finding]:
    """The same of policies that templates or overlays bring, at the file that does; `known` are checked elsewhere."""
    for manifest in manifests:
        if manifest.identity.kind == POLICY_KIND and manifest.identity.name not in known:
            at = Span(manifest.file, 1, 1)
            for one in _mistyped(manifest.data, store, kubernetes):
                yield replace(_finding(one, at), subject=str(manifest.identity))


def _mistyped(data: Mapping[str, Any], store: SchemaStore, kubernetes: str) -> Sequence[Mistyped]:
    version = (1, minor_of(kubernetes) or 0)
    compiled = compile_policy(data, version)
    if not isinstance(compiled, CompiledPolicy):
        return ()
    served = partial(_kind, store, kubernetes)
    try:
        return mistyped(compiled.spec, version, served, partial(_schema, store, kubernetes))
    except Overrun:
        return ()  # what takes too long is reported where the policy is compiled and evaluated


def _kind(store: SchemaStore, kubernetes: str, group: str, version: str, resource: str) -> str:
    return store.kind_of(group, version, resource, kubernetes)


def _schema(store: SchemaStore, kubernetes: str, kind: Kind) -> Mapping[str, Any] | None:
    return store.schema_of(kind.api_version, kind.kind, kubernetes)


def _finding(found: Mistyped, at: Span) -> Finding:
    issue = found.issue
    more = f" (and {found.count - 1} more)" if found.count > 1 else ""
    message = f"{field_path(found.path)} does not fit {found.kind}: {issue.message}{more}"
    hint = did_you_mean(issue.name, issue.known) if issue.name else ""
    return Finding(
        rule=policy_rules.MISTYPED,
        message=message,
        at=at,
        hint=hint or _hint(found),
        path=found.path,
    )


def _hint(found: Mistyped) -> str:
    if found.issue.name:
        return f"name a field that the schema of {found.kind} has"
    return f"write an expression for the types that the schema of {found.kind} has, or convert: int(…), string(…)"
