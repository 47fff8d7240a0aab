"""Pools, what is asked of them, and where it goes."""

from pathlib import Path

import pytest

from generator.checks.capacity import amount, capacity_of, reserved_hugepages
from generator.checks.demand import Demand
from generator.checks.shortages import shortages
from generator.location import Span
from generator.manifest import Identity
from generator.overlay import settings
from generator.pipeline.demands import demands_of
from generator.pipeline.project import Project, read_project
from tests.support.workspace import inside, write

POOL = (
    "    - {{name: {name}, serves: {serves}, deviceClass: sym, nodes: {nodes}, physicalFunctions: 1,\n"
    "       virtualFunctions: 16, nodeSelector: {{pool: {label}}}, kernelArguments: [{arguments}]}}\n"
)
SPEC = """apiVersion: qatgen.dev/v1alpha1
kind: QATPlatform
metadata: {name: small}
spec:
  target: {kubernetes: "1.36", kubevirt: v1.9.0, devicePlugin: v0.36.0}
  deviceClasses: [{name: sym, family: 4xxx, services: [sym]}]
  nodePools:
"""
VM, POD = "intel.com/qat-4xxx-sym", "qat.intel.com/sym"


def pool(name, nodes, *, serves="virtualMachines", label="", arguments="intel_iommu=on"):
    return POOL.format(name=name, serves=serves, nodes=nodes, label=label or name, arguments=arguments)


def project_of(folder: Path, *pools: str, machines: str = "") -> Project:
    write(folder, {"spec.yaml": SPEC + "".join(pools) + (f"  virtualMachines:\n{machines}" if machines else "")})
    return read_project(folder / "spec.yaml")


def capacity(folder, *pools, machines="", demands=None):
    with inside(folder):
        project = project_of(folder, *pools, machines=machines)
        environment, model = project.environments[0]
        found = capacity_of(model, demands or demands_of(project, (environment, model), settings()))
        return found, [one.finding for one in shortages(found, lambda path: Span(".".join(map(str, path))))]


def demand(copies, vfs, resource=POD, kind="Deployment", **more):
    name = Identity("apps", kind, "n", "zip")
    asked = ((resource, vfs),) if isinstance(vfs, int) else vfs
    return Demand((), name, asked, more.pop("selector", ()), (), copies, **more)


def vfs_of(found):
    return {use.pool.spec.name: use.vfs_asked for use in found.uses}


def machine(name, count=1, more="", qat="[{name: qat0, deviceClass: sym}]"):
    disks = 'disks: [{name: root, containerDisk: {image: "x/y:1"}}]'
    return (
        f"    - {{name: {name}, count: {count}, namespace: vpn, memory: {{guest: 2Gi}}, qat: {qat}, {disks}{more}}}\n"
    )


def test_machines_without_a_pool_fill_the_one_with_the_most_left_first(tmp_path):
    found, findings = capacity(tmp_path, pool("small", 1), pool("large", 2), machines=machine("a", 40))
    assert (vfs_of(found), findings) == ({"small": 8, "large": 32}, [])


def test_a_machine_without_a_pool_is_on_the_larger(tmp_path):
    found, _ = capacity(tmp_path, pool("small", 1), pool("large", 2), pool("last", 1), machines=machine("a", 1))
    assert vfs_of(found) == {"small": 0, "large": 1, "last": 0}


def test_what_is_left_counts_what_came_before(tmp_path):
    machines = machine("a", 20, ", nodePool: large") + machine("b", 13)
    found, _ = capacity(tmp_path, pool("small", 1), pool("large", 2), machines=machines)
    assert vfs_of(found) == {"small": 13, "large": 20}


def test_too_many_are_reported_with_the_arithmetic(tmp_path):
    _, findings = capacity(tmp_path, pool("vm", 2), machines=machine("a", 33))
    assert [(one.rule.code, one.message, one.at.file) for one in findings] == [
        (
            "CAP001",
            'pool "vm": 33 a × 1 = 33 VFs asked for, 2 nodes × 1 PFs × 16 VFs = 32 there',
            "spec.nodePools.0.nodes",
        )
    ]


def test_pods_count_on_pools_of_containers(tmp_path):
    pools = pool("vm", 2), pool("pods", 1, serves="containers")
    found, findings = capacity(tmp_path, *pools, demands={demand(20, 8): 1})
    assert vfs_of(found) == {"vm": 0, "pods": 160}
    assert findings[0].message == (
        'pool "pods": 20 Deployment n/zip × 8 = 160 VFs asked for, 1 nodes × 1 PFs × 16 VFs = 16 there'
    )
    assert (findings[0].subject, [note.message for note in findings[0].notes]) == ("Deployment n/zip", ["the pool"])


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ((), {"one": 16, "two": 4}),
        ((("pool", "two"),), {"one": 0, "two": 20}),
        ((("zone", "a"),), {"one": 16, "two": 4}),
    ],
)
def test_of_several_pools_the_labels_decide(tmp_path, selector, found):
    pools = pool("one", 1, serves="containers"), pool("two", 1, serves="containers")
    assert vfs_of(capacity(tmp_path, *pools, demands={demand(20, 1, selector=selector): 1})[0]) == found


def test_a_daemon_set_takes_of_every_node(tmp_path):
    pools = pool("one", 3, serves="containers"), pool("two", 2, serves="containers")
    found, findings = capacity(tmp_path, *pools, demands={demand(1, 10, kind="DaemonSet", each_node=True): 1})
    assert (vfs_of(found), findings) == ({"one": 30, "two": 20}, [])
    assert [[(node.nodes, node.vfs) for node in use.nodes] for use in found.uses] == [[(3, 10)], [(2, 10)]]


def test_what_runs_on_every_node_leaves_less_for_others(tmp_path):
    demands = {demand(1, 10, kind="DaemonSet", each_node=True): 1, demand(3, 7): 1}
    found, findings = capacity(tmp_path, pool("one", 4, serves="containers"), demands=demands)
    assert vfs_of(found) == {"one": 61}
    assert [one.rule.code for one in findings] == ["CAP003"]
    assert '3 of 3 "Deployment n/zip" find no node: one needs 7 VFs' in findings[0].message


def test_a_daemon_set_that_no_node_has_room_for(tmp_path):
    ask = demand(1, 17, kind="DaemonSet", each_node=True)
    found, _ = capacity(tmp_path, pool("one", 4, serves="containers"), demands={ask: 1})
    assert [(one.name, rest) for one, rest in found.uses[0].unplaced] == [("DaemonSet n/zip", 4)]


@pytest.mark.parametrize(
    ("resource", "selector", "message"),
    [
        (POD, (("pool", "vm"),), 'its node selector (pool: vm) leaves out every pool that has it: "pods"'),
        ("qat.intel.com/dc", (), "no pool has this resource"),
        ("example.com/gpu", (), ""),
    ],
)
def test_what_fits_no_pool(tmp_path, resource, selector, message):
    pools = pool("vm", 2), pool("pods", 1, serves="containers")
    _, findings = capacity(tmp_path, *pools, demands={demand(2, 1, resource, selector=selector): 1})
    assert [(one.rule.code, message in one.message) for one in findings] == ([("CAP004", True)] if message else [])


def test_hugepages_of_what_asks_for_nothing_else(tmp_path):
    arguments = "hugepagesz=1G, hugepages=4"
    pages = (("hugepages-1Gi", 2 << 30),)
    demands = {demand(3, pages, selector=(("pool", "vm"),)): 1, demand(50, pages, kind="Other"): 1}
    _, findings = capacity(tmp_path, pool("vm", 1, arguments=arguments), demands=demands)
    assert [(one.rule.code, "6Gi of 1Gi hugepages asked for" in one.message) for one in findings] == [("CAP002", True)]


@pytest.mark.parametrize(
    ("arguments", "pages"),
    [
        ("hugepages=3", {"2Mi": 3 << 21}),
        ("hugepagesz=1G hugepages=2", {"1Gi": 2 << 30}),
        ("hugepagesz=1G hugepages=2 hugepages=5", {"1Gi": 2 << 30, "2Mi": 5 << 21}),
        ("default_hugepagesz=1G hugepages=2", {"1Gi": 2 << 30}),
        ("default_hugepagesz=1G hugepagesz=2M hugepages=4 hugepages=2", {"2Mi": 4 << 21, "1Gi": 2 << 30}),
        ("hugepagesz=2M hugepages=1 hugepagesz=2M hugepages=2", {"2Mi": 3 << 21}),
        ("hugepages=-1 hugepagesz=x quiet", {}),
        ("hugepagesz=abcG hugepages=3 hugepages=1", {"2Mi": 1 << 21}),
        ("hugepagesz=1g hugepages=1", {"1Gi": 1 << 30}),
        ("hugepagesz=1024M hugepages=1", {"1Gi": 1 << 30}),
        ("default_hugepagesz=99999999999999999999G hugepages=1", {}),
    ],
)
def test_reserved_hugepages(arguments, pages):
    assert reserved_hugepages(arguments.split()) == pages


@pytest.mark.parametrize(("size", "text"), [(2 << 30, "2Gi"), (3 << 20, "3Mi"), (5 << 10, "5Ki"), (7, "7")])
def test_bytes_as_people_say_them(size, text):
    assert amount(size) == text


HUGE = "intel_iommu=on, hugepagesz=1G, hugepages=64"
GIB = 1 << 30


def codes(findings):
    return [one.rule.code for one in findings]


def test_what_needs_hugepages_goes_to_the_pool_that_has_them(tmp_path):
    pools = pool("a", 8, serves="containers"), pool("b", 2, serves="containers", arguments=HUGE)
    found, findings = capacity(tmp_path, *pools, demands={demand(3, ((POD, 2), ("hugepages-1Gi", 4 * GIB))): 1})
    assert (vfs_of(found), findings) == ({"a": 0, "b": 6}, [])


def test_what_fits_no_node_of_a_pool_goes_to_another(tmp_path):
    large = pool("b", 1, serves="containers").replace("physicalFunctions: 1", "physicalFunctions: 2")
    found, findings = capacity(tmp_path, pool("a", 4, serves="containers"), large, demands={demand(1, 20): 1})
    assert (vfs_of(found), findings) == ({"a": 0, "b": 20}, [])


@pytest.mark.parametrize("kinds", [("A", "Z"), ("Z", "A")])
def test_what_may_go_anywhere_leaves_room_for_what_may_not(tmp_path, kinds):
    pools = pool("a", 1, serves="containers"), pool("b", 2, serves="containers")
    free, pinned = demand(10, 1, kind=kinds[0]), demand(30, 1, kind=kinds[1], selector=(("pool", "b"),))
    found, findings = capacity(tmp_path, *pools, demands={free: 1, pinned: 1})
    assert (vfs_of(found), findings) == ({"a": 10, "b": 30}, [])
    assert codes(capacity(tmp_path, *pools, demands={free: 1, pinned: 2})[1]) == ["CAP001"]


def test_machines_leave_room_for_pods_of_every_node(tmp_path):
    pools = pool("a", 1, serves="containers"), pool("b", 2, serves="containers")
    everywhere = demand(1, 16, kind="DaemonSet", each_node=True, selector=(("pool", "b"),))
    found, findings = capacity(tmp_path, *pools, demands={demand(16, 1): 1, everywhere: 1})
    assert (vfs_of(found), findings) == ({"a": 16, "b": 32}, [])


def test_machines_with_many_pages_and_machines_with_many_devices_share_nodes(tmp_path):
    asked = (
        demand(2, ((POD, 1), ("hugepages-1Gi", 40 * GIB)), kind="A"),
        demand(2, ((POD, 2), ("hugepages-1Gi", 16 * GIB)), kind="B"),
    )
    pools = pool("a", 2, serves="containers", arguments=HUGE)
    assert capacity(tmp_path, pools, demands=dict.fromkeys(asked, 1))[1] == []
    more = demand(3, ((POD, 1), ("hugepages-1Gi", 40 * GIB)), kind="A")
    assert codes(capacity(tmp_path, pools, demands={more: 1})[1]) == ["CAP003"]
