"""Generated objects of every kind we render, valid and broken: the server takes those we take, and refuses the others."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from generator.manifest import identify
from generator.policy import CompiledPolicy, binding_problems, compile_policy
from generator.schema import SchemaSources, SchemaStore, Status, Validator, versions
from generator.schema.builtin import builtin_validator
from tests.e2e.apiserver.cluster import BINDING, POLICY, Manifest, namespace, upstream_crds
from tests.e2e.apiserver.objects import Generated, generated
from tests.e2e.apiserver.projects import PROJECTS, render
from tests.support.apiserver import Answer, ApiServer
from tests.support.parity import Row, record

_SEED = 1
_EACH = 3
"""Rendered objects of a kind that others are made from."""
COUNT = 1500
STAYS = {
    "requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace": "the namespace decides",
    "metadata.generateName: Invalid value": "a DeviceClass's generateName may be anything where there is a name",
}
"""Words of either side by which a disagreement that stays is known; docs/parity.md has the reasons."""


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Manifest]]:
    """What all projects render, by kind."""
    found: dict[str, list[Manifest]] = {}
    for project in PROJECTS:
        for tree in render(project, tmp_path_factory.mktemp("project")).values():
            for data in tree:
                if _validator(data) is not None:
                    found.setdefault(data["kind"], []).append(data)
    return {kind: found[kind] for kind in sorted(found)}


def _validator(data: Manifest) -> Validator | None:
    identity = identify(data)
    builtin = builtin_validator(36, identity.group, identity.version, identity.kind)
    if builtin is not None:
        return builtin
    for crd in upstream_crds(extended=True):
        if (crd["spec"]["group"], crd["spec"]["names"]["kind"]) == (identity.group, identity.kind):
            return versions(crd, 36).get(identity.version)
    return None


def test_the_server_takes_what_we_take(extended: ApiServer, rendered: dict[str, list[Manifest]]) -> None:
    assert len(rendered) >= 17
    bases = [(data, _schema(data)) for data in _spread(rendered)]
    for name in {data["metadata"]["namespace"] for data, _ in bases if data["metadata"].get("namespace")}:
        namespace(extended, name)
    store = SchemaStore(SchemaSources(crds=upstream_crds(extended=True)))
    custom, builtin = Counter[str](), Counter[str]()
    misses: dict[bool, list[str]] = {True: [], False: []}
    for made in generated(bases, _SEED, COUNT):
        counter = builtin if _is_builtin(made.data) else custom
        ours, answer = _ours(made.data, store), _asked(extended, made.data)
        taken = answer.ok or answer.status == 409
        counter["valid" if taken else "broken"] += 1
        if taken == bool(ours):
            misses[_is_builtin(made.data)].append(_told(made, answer, ours))
    program = f"kube-apiserver {extended.version}"
    what = (
        "generated objects, valid and broken, of custom kinds",
        "generated objects, valid and broken, of built-in kinds",
    )
    rows = [Row("API server", what[0], program, custom.total(), misses[False])]
    record("apiserver-schemas", [*rows, Row("API server", what[1], program, builtin.total(), misses[True])])
    assert [miss for found in misses.values() for miss in found if not any(word in miss for word in STAYS)] == []
    assert misses[False] == []
    assert min(*custom.values(), *builtin.values()) > COUNT // 10, (custom, builtin)


def _spread(rendered: dict[str, list[Manifest]]) -> Iterator[Manifest]:
    """Every kind in turn, a few objects of each that stand far apart."""
    for turn in range(_EACH):
        for objects in rendered.values():
            yield objects[turn * len(objects) // _EACH]


def _schema(data: Manifest) -> dict[str, Any]:
    validator = _validator(data)
    assert validator is not None
    return validator.schema


def _is_builtin(data: Manifest) -> bool:
    identity = identify(data)
    return builtin_validator(36, identity.group, identity.version, identity.kind) is not None


def _ours(data: Manifest, store: SchemaStore) -> list[str]:
    """What we have against an object: its schema, and of a policy or binding what keeps it from being stored."""
    outcome = store.validate(data, "1.36")
    if outcome.status is not Status.VALID:
        return [str(violation) for violation in outcome.violations] or [outcome.status]
    if data["kind"] == POLICY:
        compiled = compile_policy(data, (1, 36))
        return [] if isinstance(compiled, CompiledPolicy) else [str(problem) for problem in compiled]
    if data["kind"] == BINDING:
        return [str(problem) for problem in binding_problems(data)]
    return []


def _asked(server: ApiServer, data: Manifest) -> Answer:
    """POST an object where a client would, whatever has become of its metadata."""
    served = server.served(data["apiVersion"], data["kind"])
    own = data["metadata"].get("namespace") or "default"
    path = f"{served.prefix}/namespaces/{own}" if served.namespaced else served.prefix
    query = {"fieldValidation": "Strict", "dryRun": "All"}
    return server.request("POST", f"{path}/{served.plural}", data, query=query)


def _told(made: Generated, answer: Answer, ours: list[str]) -> str:
    return f"{made.what}: the server {answer.status} {answer.message[:600]}, ours {ours[:3]}"
