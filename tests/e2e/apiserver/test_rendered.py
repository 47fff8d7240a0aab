"""Everything we render is taken by a real API server, with policies in force, and kept as we say it is kept."""

from collections.abc import Iterator
from typing import Any

import pytest

from generator.manifest import identify
from generator.policy import resources
from generator.policy.view import seen_object
from generator.schema import SchemaSources, SchemaStore
from tests.e2e.apiserver.cluster import BINDING, POLICY, Manifest, in_force, namespace, over, remove, upstream_crds
from tests.e2e.apiserver.projects import PROJECTS, ordered, render, uses_qats
from tests.support.apiserver import Answer, ApiServer
from tests.support.parity import Row, record

_OF_SERVER = ("uid", "creationTimestamp", "managedFields", "resourceVersion", "generation", "selfLink")
_DRY = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
"""A webhook configuration that is stored would send this server's requests to a service that is not there."""
_NOT_SERVED = ("source.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io")
_KUBERNETES = "1.36"


@pytest.fixture(scope="module")
def rows() -> Iterator[dict[str, list[Row]]]:
    """Rows of the projects, recorded when all are through."""
    found: dict[str, list[Row]] = {}
    yield found
    if set(found) == set(PROJECTS):
        record("apiserver-rendered", list(_sums(found)))


def _sums(found: dict[str, list[Row]]) -> Iterator[Row]:
    for same in zip(*found.values(), strict=True):
        first = same[0]
        misses = [miss for row in same for miss in row.misses]
        reasons = {reason for row in same for reason in row.not_run}
        not_run = {reason: sum(row.not_run.get(reason, 0) for row in same) for reason in sorted(reasons)}
        yield Row(first.area, first.what, first.program, sum(row.cases for row in same), misses, not_run)


@pytest.mark.parametrize("project", PROJECTS)
def test_is_taken_and_kept(project: str, request: pytest.FixtureRequest, tmp_path: Any, rows: Any) -> None:
    server: ApiServer = request.getfixturevalue("extended" if uses_qats(project) else "stock")
    store = SchemaStore(SchemaSources(crds=upstream_crds(extended=uses_qats(project))))
    refused: list[str] = []
    differ: list[str] = []
    taken = not_served = 0
    for environment, tree in render(project, tmp_path).items():
        asked = [data for data in ordered(tree) if identify(data).group not in _NOT_SERVED]
        not_served += len(tree) - len(asked)
        taken += len(asked)
        stored: list[Manifest] = []
        try:
            for data in asked:
                answer = _stored(server, data, stored)
                name = f"{project} {environment} {identify(data)}"
                refused += [f"{name}: {answer.status} {answer.message}"] if not answer.ok else []
                refused += [f"{name}: warned: {warning}" for warning in answer.warnings]
                differ += [f"{name}: {line}" for line in _differences(data, answer, store)] if answer.ok else []
        finally:
            remove(server, stored)
        in_force(server)
    reason = "its CRD is not among the recorded ones (Flux)"
    not_run = {reason: not_served} if not_served else {}
    about = "API server", "kube-apiserver " + server.version
    rows[project] = [
        Row(about[0], "rendered objects are accepted, policies in force", about[1], taken, refused, not_run),
        Row(about[0], "stored objects are what we say is stored", about[1], taken, differ, not_run),
    ]
    assert refused == []
    assert differ == []


def _stored(server: ApiServer, data: Manifest, stored: list[Manifest]) -> Answer:
    """Store an object once every policy before it is in force, and read it back; its creation and change are judged."""
    if data["kind"] in _DRY:
        return server.create(data, dry_run=True)
    own = data["metadata"].get("namespace")
    if own:
        namespace(server, own)
    if stored and stored[-1]["kind"] in {POLICY, BINDING} and data["kind"] not in {POLICY, BINDING}:
        in_force(server)
        # Parameters came before the policies: what these say of them is asked now. 409 is what follows when they agree.
        for earlier in stored:
            again = server.create(earlier, dry_run=True)
            if again.status != 409:
                return again
    answer = server.create(data)
    if answer.status == 409 and data["kind"] == "Namespace":  # `default`, or one the bench made
        answer = server.apply(data, "bench", force=True)
    if not answer.ok:
        return answer
    stored.append(data)
    changed = server.update(over(data, answer), dry_run=True)
    if not changed.ok or changed.warnings:
        return changed
    return server.get(data)


def _differences(data: Manifest, answer: Answer, store: SchemaStore) -> Iterator[str]:
    """Fields in which what the server keeps is not what we say it keeps."""
    identity = identify(data)
    resource = resources(upstream_crds(extended=False)).of(identity)
    ours = seen_object(data, resource, 36, identity.name, lambda given: store.stored(given, _KUBERNETES))
    yield from _apart(_own(ours or {}), _own(answer.body), "")


def _own(data: Manifest) -> Manifest:
    metadata = {key: value for key, value in data["metadata"].items() if key not in _OF_SERVER}
    return {**data, "metadata": metadata}


def _apart(ours: Any, theirs: Any, path: str) -> Iterator[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}):
            if key not in ours or key not in theirs:
                where = "only the server keeps" if key in theirs else "the server does not keep"
                yield f"{where} {path}.{key}: {theirs.get(key, ours.get(key))!r}"
            else:
                yield from _apart(ours[key], theirs[key], f"{path}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, pair in enumerate(zip(ours, theirs, strict=True)):
            yield from _apart(*pair, f"{path}[{index}]")
    elif ours != theirs:
        yield f"{path}: ours {ours!r}, the server's {theirs!r}"
