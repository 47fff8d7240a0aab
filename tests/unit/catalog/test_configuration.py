"""What of a KubeVirt object is in force."""

import pytest

from generator.catalog import configuration_in_force, load_catalog


@pytest.mark.parametrize(
    ("configuration", "taken"),
    [
        ({}, True),
        ({"imagePullPolicy": "Always"}, True),
        ({"imagePullPolicy": "Sometimes"}, False),
        ({"developerConfiguration": {"memoryOvercommit": 0, "cpuAllocationRatio": 0}}, True),
        ({"developerConfiguration": {"memoryOvercommit": -1}}, False),
        ({"developerConfiguration": {"cpuAllocationRatio": -1}}, False),
        ({"developerConfiguration": {"pvcTolerateLessSpaceUpToPercent": 100}}, True),
        ({"developerConfiguration": {"pvcTolerateLessSpaceUpToPercent": 101}}, False),
        ({"network": {"defaultNetworkInterface": "bridge"}}, True),
        ({"network": {"defaultNetworkInterface": "passt"}}, False),
    ],
)
def test_a_configuration_that_is_refused_is_not_in_force(configuration, taken):
    assert configuration_in_force({"spec": {"configuration": configuration}}) == (configuration if taken else {})


@pytest.mark.parametrize("kubevirt", [{}, {"spec": None}, {"spec": {"configuration": []}}])
def test_no_configuration_is_an_empty_one(kubevirt):
    assert configuration_in_force(kubevirt) == {}


@pytest.mark.parametrize(
    ("gate", "version", "listed", "disabled", "on"),
    [
        ("GPU", "v1.9.0", [], ["GPU"], True),  # general availability cannot be switched off
        ("HostDevices", "v1.9.0", [], [], False),
        ("HostDevices", "v1.9.0", ["HostDevices"], ["HostDevices"], True),
        ("HostDevicesWithDRA", "v1.9.0", [], [], True),
        ("HostDevicesWithDRA", "v1.9.0", [], ["HostDevicesWithDRA"], False),
        ("HostDevicesWithDRA", "v1.8.0", [], [], False),
        ("ImageVolume", "v1.8.0", [], [], False),  # Beta is on by itself from 1.9
        ("QAT", "v1.9.0", ["QAT"], [], False),  # nobody registered it
        ("QAT", "v1.8.0", ["QAT"], [], True),
    ],
)
def test_whether_a_gate_is_on(gate, version, listed, disabled, on):
    assert load_catalog().gate_on(gate, version, listed, disabled) is on
