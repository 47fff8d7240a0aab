"""What objects ask for: by kind, by container, by copy."""

import pytest

from generator.checks.demand import Demand, accepts, demand_of, is_pinned
from generator.manifest import Manifest, identify

QAT = "qat.intel.com/sym"


def pod(*limits, init=(), **more):
    containers = [{"name": f"c{n}", "resources": {"limits": {QAT: amount}}} for n, amount in enumerate(limits)]
    return {"containers": containers, "initContainers": list(init), **more}


def init(amount, **more):
    return {"name": "i", "resources": {"limits": {QAT: amount}}, **more}


def workload(kind, spec, api="apps/v1"):
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "x", "namespace": "n"}, "spec": spec}


def asked(data, item=()) -> Demand:
    found = demand_of(Manifest(identify(data), data, item=item))
    assert found is not None
    return found


SIDECAR = {"restartPolicy": "Always"}


@pytest.mark.parametrize(
    ("spec", "amount"),
    [
        (pod(1, 2), 3),
        (pod("2"), 2),
        (pod(1, init=[init(5)]), 5),
        (pod(4, init=[init(3)]), 4),
        (pod(1, init=[init(5), init(4)]), 5),
        (pod(1, init=[init(2, **SIDECAR)]), 3),
        (pod(1, init=[init(2, **SIDECAR), init(4)]), 6),
        (pod(1, init=[init(4), init(2, **SIDECAR)]), 4),
        (pod("2k"), 2000),
    ],
)
def test_a_pod_asks_for_its_most_demanding_moment(spec, amount):
    assert dict(asked(workload("Pod", spec, "v1")).amounts) == {QAT: amount}


def test_requests_come_before_limits_and_the_pod_before_its_containers():
    container = {"resources": {"requests": {"hugepages-2Mi": "4Mi"}, "limits": {"hugepages-2Mi": "8Mi", "cpu": 1}}}
    assert dict(asked(workload("Pod", {"containers": [container]}, "v1")).amounts) == {"hugepages-2Mi": 4 << 20}
    whole = {"containers": [container], "resources": {"limits": {"hugepages-2Mi": "16Mi"}}}
    assert dict(asked(workload("Pod", whole, "v1")).amounts) == {"hugepages-2Mi": 16 << 20}


TEMPLATE = {"template": {"spec": pod(1)}}


@pytest.mark.parametrize(
    ("data", "copies", "field"),
    [
        (workload("Deployment", {"replicas": 20, **TEMPLATE}), 20, ("spec", "replicas")),
        (workload("StatefulSet", TEMPLATE), 1, ()),
        (workload("ReplicaSet", {"replicas": 0, **TEMPLATE}), 0, ("spec", "replicas")),
        (workload("Rollout", {"replicas": 4, **TEMPLATE}, "argoproj.io/v1alpha1"), 4, ("spec", "replicas")),
        (workload("Job", {"parallelism": 5, **TEMPLATE}, "batch/v1"), 5, ("spec", "parallelism")),
        (workload("Job", {"parallelism": 5, "completions": 2, **TEMPLATE}, "batch/v1"), 2, ("spec", "parallelism")),
        (workload("Job", {"completions": 9, **TEMPLATE}, "batch/v1"), 1, ()),
        (workload("Job", {"suspend": True, **TEMPLATE}, "batch/v1"), 0, ("spec", "suspend")),
        (
            workload("CronJob", {"jobTemplate": {"spec": {"parallelism": 3, **TEMPLATE}}}, "batch/v1"),
            3,
            ("spec", "jobTemplate", "spec", "parallelism"),
        ),
        (workload("Pod", pod(1), "v1"), 1, ()),
        (workload("Deployment", {"replicas": "x", **TEMPLATE}), 1, ("spec", "replicas")),
    ],
)
def test_how_many_run(data, copies, field):
    found = asked(data)
    assert (found.copies, found.field, found.each_node) == (copies, field, False)


def test_a_daemon_set_runs_on_each_node():
    assert asked(workload("DaemonSet", TEMPLATE)).each_node


def machine(kind, spec, api="kubevirt.io/v1"):
    return workload(kind, spec, api)


INSTANCE = {
    "domain": {
        "memory": {"guest": "2Gi", "hugepages": {"pageSize": "1024Mi"}},
        "devices": {
            "hostDevices": [{"name": "a", "deviceName": "intel.com/qat"}, {"name": "b", "claimName": "c"}],
            "gpus": [{"name": "g", "deviceName": "intel.com/qat"}],
        },
    }
}


@pytest.mark.parametrize(
    ("data", "copies"),
    [
        (machine("VirtualMachineInstance", INSTANCE), 1),
        (machine("VirtualMachine", {"template": {"spec": INSTANCE}}), 1),
        (machine("VirtualMachineInstanceReplicaSet", {"replicas": 3, "template": {"spec": INSTANCE}}), 3),
        (
            machine(
                "VirtualMachinePool",
                {"replicas": 2, "virtualMachineTemplate": {"spec": {"template": {"spec": INSTANCE}}}},
                "pool.kubevirt.io/v1beta1",
            ),
            2,
        ),
    ],
)
def test_machines_ask_for_devices_claims_and_hugepages(data, copies):
    found = asked(data)
    assert dict(found.amounts) == {"intel.com/qat": 2, "claim:b": 1, "hugepages-1Gi": 2 << 30}
    assert found.copies == copies
    assert found.name is not None
    assert asked(data, ("spec", "virtualMachines", 0)).name is None


@pytest.mark.parametrize(
    "data",
    [
        workload("Deployment", {"template": {"spec": {"containers": [{"name": "c"}]}}}),
        workload("ConfigMap", {}, "v1"),
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": []},
        workload("Pod", pod("no amount"), "v1"),
        workload("Pod", pod(-1), "v1"),
    ],
)
def test_what_asks_for_nothing(data):
    assert demand_of(Manifest(identify(data), data)) is None


def affine(operator, *values, key="pool"):
    expression = {"key": key, "operator": operator, "values": list(values)}
    terms = {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}}


@pytest.mark.parametrize(
    ("more", "fits", "pinned"),
    [
        ({}, True, False),
        ({"nodeSelector": {"pool": "vm"}}, True, True),
        ({"nodeSelector": {"pool": "other"}}, False, False),
        ({"nodeSelector": {"zone": "a"}}, True, False),
        (affine("In", "vm", "x"), True, False),
        (affine("In", "x"), False, False),
        (affine("NotIn", "vm"), False, False),
        (affine("NotIn", "x"), True, False),
        (affine("Exists"), True, False),
        (affine("DoesNotExist"), False, False),
        (affine("DoesNotExist", key="zone"), True, False),
        (affine("Gt", "3"), True, False),
    ],
)
def test_which_nodes_are_accepted(more, fits, pinned):
    found = asked(workload("Pod", pod(1, **more), "v1"))
    assert (accepts(found, {"pool": "vm"}), is_pinned(found, {"pool": "vm"})) == (fits, pinned)
