"""The founding note's story on a real API server: no device without the gate, and with it the device is kept."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from generator.manifest import identify
from generator.policy import (
    Cluster,
    CompiledPolicy,
    Request,
    compile_policy,
    judge,
    policy_set,
    read_binding,
    resources,
)
from generator.schema import SchemaSources, SchemaStore
from tests.e2e.apiserver.cluster import (
    BINDING,
    POLICY,
    Manifest,
    in_force,
    in_sight,
    namespace,
    over,
    remove,
    require,
    upstream_crds,
)
from tests.e2e.apiserver.projects import render
from tests.e2e.apiserver.test_policies import MACHINES
from tests.e2e.apiserver.verdicts import apart, as_kind, of_ours, of_server
from tests.support.apiserver import ApiServer
from tests.support.parity import Row, record

REFUSED = "QAT feature gate is not enabled in kubevirt-config"
GATES = {
    "no ConfigMap": None,
    "no feature gates": {},
    "empty": {"feature-gates": ""},
    "another": {"feature-gates": "Snapshot"},
    "of another case": {"feature-gates": "qat"},
    "a longer name": {"feature-gates": "QATs,NoQAT"},
    "under another key": {"features": "QAT"},
    "alone": {"feature-gates": "QAT"},
    "among others": {"feature-gates": "Snapshot,QAT,LiveMigration"},
    "with a space": {"feature-gates": "Snapshot, QAT"},
    "on lines": {"feature-gates": "Snapshot\nQAT\n"},
}
"""What `kubevirt-config` holds in each row of the matrix; None: it is not there."""


@dataclass(frozen=True)
class Seed:
    """What the note's example renders: its gate's policy and binding, its ConfigMap, its machine."""

    policy: Manifest
    binding: Manifest
    config: Manifest
    machine: Manifest


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Seed:
    """The example of examples/seed, rendered anew."""
    tree = render("seed", tmp_path_factory.mktemp("seed"))["default"]

    def one(kind: str, name: str) -> Manifest:
        return next(data for data in tree if data["kind"] == kind and data["metadata"]["name"] == name)

    gate = "qat-feature-gate"
    return Seed(
        one(POLICY, gate),
        one(BINDING, gate),
        one("ConfigMap", "kubevirt-config"),
        one("VirtualMachineInstance", "vmi-qat"),
    )


@pytest.fixture
def guarded(extended: ApiServer, seed: Seed) -> Iterator[ApiServer]:
    """A server on which the gate's policy came after machines without devices, and no ConfigMap is there."""
    namespace(extended, seed.config["metadata"]["namespace"])
    plain = [_machine(seed, kind, device=False) for kind in MACHINES]
    for manifest in (*plain, seed.policy, seed.binding):
        require(extended.create(manifest), manifest)
    in_force(extended)
    yield extended
    remove(extended, [seed.policy, seed.binding, seed.config, seed.machine, *plain])
    in_force(extended)


def test_the_story_of_the_note(guarded: ApiServer, seed: Seed) -> None:
    without = {**seed.config, "data": {"feature-gates": "DataVolumes"}}
    require(guarded.create(without), without)
    in_sight(guarded, without)
    refused = guarded.create(seed.machine)
    assert (refused.status, refused.reason) == (422, "Invalid")
    assert refused.message.endswith(REFUSED)
    require(guarded.apply(seed.config, "bench", force=True), seed.config)
    in_sight(guarded, seed.config)
    assert "QAT" in guarded.get(seed.config).body["data"]["feature-gates"].split(",")
    require(guarded.create(seed.machine), seed.machine)
    kept = guarded.get(seed.machine).body["spec"]["domain"]["devices"]["qats"]
    assert kept == [{"name": "qat1", "deviceName": "qat.intel.com/generic"}]


def test_a_kubevirt_without_the_field_never_sees_it(stock: ApiServer, seed: Seed) -> None:
    strict = stock.create(seed.machine, dry_run=True)
    assert strict.status == 400
    assert 'unknown field "spec.domain.devices.qats"' in strict.message
    loose = stock.create(seed.machine, dry_run=True, strict=False)
    assert loose.ok
    assert "qats" not in loose.body["spec"]["domain"]["devices"]


def test_the_gate_for_every_kind_operation_and_state(guarded: ApiServer, seed: Seed) -> None:
    store = SchemaStore(SchemaSources(crds=upstream_crds(extended=True)))
    policy = compile_policy(seed.policy, (1, 36))
    assert isinstance(policy, CompiledPolicy)
    policies = policy_set([policy], [read_binding(seed.binding)])
    plain = {kind: _machine(seed, kind, device=False) for kind in MACHINES}
    misses: list[str] = []
    cases = refused = 0
    for state, gates in GATES.items():
        config = _config(guarded, seed, gates)
        cluster = Cluster(
            minor=36,
            namespaces={"default": {"metadata": {"name": "default"}}},
            params=[config] if config else [],
            complete=True,
            prepare=lambda data: store.stored(data, "1.36"),
        )
        for kind, device, operation in itertools.product(MACHINES, (True, False), ("CREATE", "UPDATE")):
            request = _request(_machine(seed, kind, device=device), operation, plain[kind])
            ours = of_ours(judge(policies, request, cluster))
            theirs = of_server(_put(guarded, request), kind)
            label = f"gate {state}, {kind} {'with' if device else 'without'} a device, {operation}"
            misses += [f"{label}: {line}" for line in apart(ours, theirs)]
            refused += not theirs.allowed
            cases += 1
    what = "the founding note's gate: every kind, operation and state of the ConfigMap"
    record("apiserver-seed", [Row("API server", what, f"kube-apiserver {guarded.version}", cases, misses)])
    assert misses == []
    assert 0 < refused < cases


def _machine(seed: Seed, kind: str, *, device: bool) -> Manifest:
    """The note's machine as another kind, with its devices or without."""
    spec: dict[str, Any] = seed.machine["spec"]
    if not device:
        devices = {key: value for key, value in spec["domain"]["devices"].items() if key != "qats"}
        spec = {**spec, "domain": {**spec["domain"], "devices": devices}}
    whole = {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": "gate", "namespace": "default"},
        "spec": {"runStrategy": "Always", "template": {"spec": spec}},
    }
    return as_kind(whole, kind)


def _config(server: ApiServer, seed: Seed, gates: dict[str, str] | None) -> Manifest | None:
    """Bring the ConfigMap into a state, and wait until policies see it."""
    config = {**seed.config, "data": gates}
    if gates is None:
        remove(server, [config])
        in_force(server)
        return None
    there = server.get(config)
    answer = server.update(over(config, there)) if there.ok else server.create(config)
    require(answer, config)
    in_sight(server, config)
    return config


def _request(data: Manifest, operation: str, stored: Manifest) -> Request:
    identity = identify(data)
    made = Request("CREATE", resources().of(identity), identity.name, identity.namespace, data)
    return made if operation == "CREATE" else replace(made, operation=operation, old=stored)


def _put(server: ApiServer, request: Request) -> Any:
    data = dict(request.object or {})
    if request.operation == "CREATE":
        return server.create(data, dry_run=True)
    return server.update(over(data, server.get(data)), dry_run=True)
