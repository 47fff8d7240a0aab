"""Tests other tools wrote: policies and resources in files, and what is expected of each pair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.files import Door, Kind, RefusedError
from generator.finding import Finding, Halt
from generator.location import FieldPath, Span
from generator.manifest import Identity, identify
from generator.pipeline.policies import refusals
from generator.policy import Binding, CompiledPolicy, Problem, Request, User, read_binding, resources
from generator.policy.model import BINDING_KIND, POLICY_KIND, ParamRef, inside
from generator.source import Dialect, Document, parts, read_file
from generator.testing import rules
from generator.testing.own import cluster_of
from generator.testing.trial import Answer, Policy, Trial, admission_answer


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: an object created, changed (`old` too) or deleted (`old` alone), by whom, with which parameter.

    `param` is (namespace, name) where the file names one; `namespaces` are labels by namespace.
    """

    name: str
    at: Span
    expect: str
    object: Mapping[str, Any] | None
    old: Mapping[str, Any] | None = None
    message: str = ""
    user: User = field(default_factory=User)
    param: tuple[str, str] | None = None


@dataclass(slots=True)
class ForeignPolicy:
    """A policy of a foreign file, the bindings and objects that stand with it, and what is asked of it."""

    document: Document
    bindings: Sequence[Binding]
    objects: Sequence[dict[str, Any]]
    asked: list[Asked] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The policy's name."""
        return str(inside(self.document.data, "metadata", "name") or "")

    def refused(self, problems: Sequence[Problem], version: tuple[int, int]) -> list[Finding]:
        """Why no server would store it."""
        return list(refusals(self.document, problems, version))

    def trials(self, minor: int) -> list[Trial]:
        """What is asked, as trials."""
        return [Trial(one.name, one.at, one.expect, _Ask(self, one, minor), one.message) for one in self.asked]


@dataclass(frozen=True, slots=True)
class Foreign:
    """What a foreign file holds, and what was found wrong with it."""

    policies: Sequence[ForeignPolicy]
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class _Ask:
    policy: ForeignPolicy
    asked: Asked
    minor: int

    def __call__(self, compiled: Policy) -> Answer:
        assert isinstance(compiled, CompiledPolicy)
        data, old = self.asked.object, self.asked.old
        shown = data if data is not None else old
        assert shown is not None
        identity = identify(dict(shown))
        resource = resources().of(identity)
        namespace = identity.namespace or ("default" if resource.namespaced else "")
        operation = "DELETE" if data is None else "UPDATE" if old is not None else "CREATE"
        request = Request(operation, resource, identity.name, namespace, data, old, user=self.asked.user)
        cluster = cluster_of(self.policy.objects, [namespace] if namespace else [], self.minor)
        return admission_answer(compiled, self._bindings(), request, cluster)

    def _bindings(self) -> Sequence[Binding]:
        """Those of the file; without one the policy is bound to everything, with the parameter the test names."""
        own = [binding for binding in self.policy.bindings if binding.policy == self.policy.name]
        if own and self.asked.param is None:
            return own
        params = None
        if self.asked.param is not None:
            namespace, name = self.asked.param
            params = ParamRef(name=name, namespace=namespace, deny_missing=True)
        return [Binding("test", self.policy.name, ("Deny",), None, params)]


def read_files(document: Document, key: str, folder: Path, door: Door) -> list[Document]:
    """The documents of the files a list of the test names, relative to its folder, by the door. Raises Halt."""
    found: list[Document] = []
    named = document.data.get(key) or []
    for index, name in enumerate(named if isinstance(named, list) else [named]):
        path = folder / str(name)
        shown = f"{Path(document.file).parent.as_posix()}/{name}".removeprefix("./")
        try:
            kind = door.kind(path)
            files = [path]
            if kind is Kind.FOLDER:
                files = sorted(p for p in door.walk(path) if p.suffix in (".yaml", ".yml"))
        except RefusedError as refused:
            raise Halt([not_a_test(document, (key, index), f'{key}: "{name}" {refused.what}', refused.hint)]) from None
        if kind is None:
            raise Halt([not_a_test(document, (key, index), f'{key}: no file "{name}"', "name a file beside the test")])
        for file in files:
            called = shown if file == path else f"{shown}/{file.name}"
            for read in read_file(file, called, Dialect.KUBERNETES, door=door):
                found += parts(read)
    return [document for document in found if isinstance(document.data, dict)]


def policies_of(documents: Sequence[Document], more: Sequence[Document]) -> dict[str, ForeignPolicy]:
    """The admission policies among documents, by name, with the bindings and objects of all of them."""
    everything = [*documents, *more]
    bindings = [read_binding(d.data) for d in everything if d.data.get("kind") == BINDING_KIND]
    objects = [d.data for d in everything if d.data.get("kind") not in (POLICY_KIND, BINDING_KIND)]
    found = [ForeignPolicy(d, bindings, objects) for d in documents if d.data.get("kind") == POLICY_KIND]
    return {policy.name: policy for policy in found}


def not_a_test(document: Document, path: FieldPath, message: str, hint: str) -> Finding:
    """What is wrong with a foreign file, at its place."""
    return Finding(rule=rules.NOT_A_TEST, message=message, at=document.span(path), hint=hint)


def left_out(document: Document, path: FieldPath, message: str) -> Finding:
    """What of a foreign file is not judged here."""
    hint = "test it with the tool it was written for"
    return Finding(rule=rules.LEFT_OUT, message=message, at=document.span(path), hint=hint)


def matches(identity: Identity, kind: str, name: str, namespace: str) -> bool:
    """Whether an object is the one a test names; empty words match all."""
    given = identity.namespace or "default"
    return (
        kind in ("", identity.kind)
        and name in ("", identity.name)
        and namespace in ("", given if identity.namespace else namespace)
    )
