"""Every policy of the pack that ships to clusters: each of its cases, as creation and as change, as the server judges.

Cases about a machine are asked for every kind that holds one.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from generator.manifest import identify
from generator.pipeline.policies import built_in_policies, read_policy_folder
from generator.policy import Cluster, CompiledPolicy, Request, judge, policy_set, read_binding, resources
from generator.schema import SchemaSources, SchemaStore
from generator.testing import find_suites
from generator.testing.own import Asked
from generator.testing.suites import Suite
from tests.e2e.apiserver.cluster import Manifest, in_force, in_sight, namespace, over, remove, require, upstream_crds
from tests.e2e.apiserver.verdicts import NotAskedError, apart, as_kind, of_ours, of_server
from tests.support.apiserver import ApiServer
from tests.support.parity import Row, record

MACHINES = ("VirtualMachine", "VirtualMachineInstance", "VirtualMachineInstanceReplicaSet", "VirtualMachinePool")
SUITES = {
    suite.name: suite
    for suite in find_suites([built_in_policies()], (1, 36)).suites
    if isinstance(suite.policy, CompiledPolicy)
}


@pytest.fixture(scope="module")
def counted() -> Iterator[dict[str, tuple[int, list[str], Counter[str], str]]]:
    """Cases, misses and what could not be asked, by policy; recorded when all were asked."""
    found: dict[str, tuple[int, list[str], Counter[str], str]] = {}
    yield found
    if set(found) == set(SUITES):
        cases = sum(count for count, _, _, _ in found.values())
        misses = [miss for _, missed, _, _ in found.values() for miss in missed]
        left = sum((left for _, _, left, _ in found.values()), Counter[str]())
        program = next(iter(found.values()))[3]
        what = "policies of the pack: verdict, reason, code and message of every case, kind and operation"
        first = "the schema of its kind refuses the object before policies are asked"
        not_run = {first: sum(left.values())} if left else {}
        record("apiserver-policies", [Row("API server", what, program, cases, misses, not_run)])


@pytest.mark.parametrize("name", SUITES)
def test_every_case_is_judged_as_the_server_judges(name: str, extended: ApiServer, counted: Any) -> None:
    suite = SUITES[name]
    policy, binding = _shipped(name)
    asked = list(_requests(suite))
    store = SchemaStore(SchemaSources(crds=upstream_crds(extended=True)))
    misses: list[str] = []
    left: Counter[str] = Counter()
    cases = 0
    before = _first(extended, [dict(request.object or {}) for _, request, _ in asked])
    stored = list(before.values())
    try:
        for manifest in (policy, binding):
            require(extended.create(manifest), manifest)
            stored.append(manifest)
        in_force(extended)
        for label, given, cluster in asked:
            params = _given(extended, suite, cluster)
            stored += [one for one in params if str(identify(one)) not in map(str, map(identify, stored))]
            changes = given.operation == "UPDATE"
            request = replace(given, old=before.get(_name(given))) if changes else given
            ours = of_ours(_judged(suite, binding, request, cluster, store))
            try:
                theirs = of_server(_put(extended, request), label.rpartition(", ")[2])
            except NotAskedError as error:
                left[str(error)] += 1
                continue
            cases += 1
            misses += [f"{label}: {line}" for line in apart(ours, theirs)]
    finally:
        remove(extended, stored)
        in_force(extended)
    counted[name] = cases, misses, left, f"kube-apiserver {extended.version}"
    assert misses == []
    assert all(": Required value" in reason for reason in left), left
    assert cases >= 4


def _shipped(name: str) -> tuple[Manifest, Manifest]:
    """The policy and its binding as they go to a cluster."""
    read = read_policy_folder(built_in_policies() / name, f"policies/{name}")
    assert read.binding is not None
    return read.policy.data, read.binding.data


def _requests(suite: Suite) -> Iterator[tuple[str, Request, Cluster]]:
    """Each case of a policy for every kind and operation, with a name a person finds it by."""
    for trial in suite.trials:
        assert isinstance(trial.ask, Asked)
        found = trial.ask.admission()
        if found is None:
            continue
        request, cluster = found
        kinds = MACHINES if request.resource.kind == "VirtualMachine" else (request.resource.kind,)
        for kind in kinds:
            data = dict(request.object or {})
            made = as_kind(data, kind) if kind in MACHINES and len(kinds) > 1 else data
            resource = resources().of(identify(made))
            namespace = request.namespace if resource.namespaced else ""
            once = replace(request, object=made, resource=resource, namespace=namespace)
            for operation in ("CREATE", "UPDATE"):
                label = f"{suite.name}, {trial.name}, {operation}, {kind}"
                yield label, replace(once, operation=operation), cluster


def _first(server: ApiServer, objects: list[Manifest]) -> dict[str, Manifest]:
    """Store the first object of each name that the server takes: what stands in the cluster before a change."""
    found: dict[str, Manifest] = {}
    for data in objects:
        namespace(server, data["metadata"].get("namespace") or "default")
        if str(identify(data)) not in found and server.create(data).ok:
            found[str(identify(data))] = data
    return found


def _name(request: Request) -> str:
    return str(identify(dict(request.object or {})))


def _given(server: ApiServer, suite: Suite, cluster: Cluster) -> list[Manifest]:
    """Store the parameters of a case and wait until policies see them."""
    assert isinstance(suite.policy, CompiledPolicy)
    kind = suite.policy.spec.param_kind
    if kind is None:
        return []
    params = [dict(data) for data in cluster.params if (data["apiVersion"], data["kind"]) == kind]
    for param in params:
        namespace(server, param["metadata"]["namespace"])
        require(server.apply(param, "bench", force=True), param)
        in_sight(server, param)
    return params


def _judged(suite: Suite, binding: Manifest, request: Request, cluster: Cluster, store: SchemaStore) -> Any:
    assert isinstance(suite.policy, CompiledPolicy)
    known = replace(cluster, prepare=lambda data: store.stored(data, "1.36"))
    return judge(policy_set([suite.policy], [read_binding(binding)]), request, known)


def _put(server: ApiServer, request: Request) -> Any:
    data = dict(request.object or {})
    if request.operation == "CREATE":
        return server.create(data, dry_run=True)
    return server.update(over(data, server.get(data)), dry_run=True)


def test_all_policies_of_the_pack_are_asked() -> None:
    shipped = [path.name for path in built_in_policies().iterdir() if (path / "binding.yaml").is_file()]
    assert sorted(SUITES) == sorted(shipped)
