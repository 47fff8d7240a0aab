"""Where releases of Kubernetes ask for different things, at the release before and the one that changed it."""

import copy

import pytest

from generator.schema import SchemaStore, available_minors
from tests.support.kinds import Change, apply, read_bases

BASES = {f"{data['kind']}/{data['metadata']['name']}": data for data in read_bases()}
CASES = [
    # Strict addresses, and names of Services that begin with a digit.
    ("NetworkPolicy/db", ("spec", "ingress", 0, "from", 0, "ipBlock"), {"cidr": "10.0.0.1/8"}, 35, 36),
    ("NetworkPolicy/db", ("spec", "ingress", 0, "from", 0, "ipBlock"), {"cidr": "010.0.0.0/8"}, 35, 36),
    ("Service/front", ("spec", "externalIPs", 0), "10.0.0.01", 35, 36),
    ("Service/headless", ("metadata", "name"), "1a", 36, 35),
    ("Ingress/web", ("spec", "defaultBackend", "service", "name"), "1a", 36, 35),
    ("Service/web", ("spec", "trafficDistribution"), "PreferSameNode", 34, 33),
    ("StatefulSet/db", ("metadata", "name"), "a.b", 26, 27),
]


def wrong(store, name, path, value, minor):
    data = copy.deepcopy(BASES[name])
    apply(data, Change(path, value))
    return {violation.path for violation in store.validate(data, f"1.{minor}").violations}


@pytest.mark.parametrize(("name", "path", "value", "taken", "refused"), CASES)
def test_a_release_that_takes_it_and_one_that_refuses(name, path, value, taken, refused):
    store = SchemaStore()

    def about(minor):
        return any(found[: len(path)] == path for found in wrong(store, name, path, value, minor))

    assert about(refused)
    assert not about(taken)


@pytest.mark.parametrize("minor", available_minors())
def test_simple_objects_are_valid_in_every_release(minor):
    store = SchemaStore()
    for name in ("Service/headless", "Ingress/web", "CronJob/hourly", "RoleBinding/readers", "PodDisruptionBudget/db"):
        assert store.validate(BASES[name], f"1.{minor}").violations == (), name
    for name in ("Role/system:reader", "NetworkPolicy/db", "HorizontalPodAutoscaler/small", "ResourceQuota/best"):
        assert store.validate(BASES[name], f"1.{minor}").violations == (), name
