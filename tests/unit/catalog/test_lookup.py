"""What the catalog answers, against the tables of the fact sheet."""

import pytest

from generator.catalog import UnknownFamily, UnknownVersion, env_name, load_catalog

CATALOG = load_catalog()


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("qat.intel.com/generic", "PCI_RESOURCE_QAT_INTEL_COM_GENERIC"),
        ("qat.intel.com/cy", "PCI_RESOURCE_QAT_INTEL_COM_CY"),
        ("qat.intel.com/sym-dc", "PCI_RESOURCE_QAT_INTEL_COM_SYM-DC"),
        ("intel.com/QAT", "PCI_RESOURCE_INTEL_COM_QAT"),
        ("intel.com/qat", "PCI_RESOURCE_INTEL_COM_QAT"),
        ("a.b/c.d", "PCI_RESOURCE_A_B_C_D"),
        ("a.b/c_d", "PCI_RESOURCE_A_B_C_D"),
    ],
)
def test_env_name(resource, expected):
    assert env_name("PCI_RESOURCE", resource) == expected


@pytest.mark.parametrize(
    ("family", "services", "version", "expected"),
    [
        ("c62x", "", "0.36.0", "generic"),
        ("dh895xcc", "", "0.24.0", "generic"),
        ("4xxx", "sym asym", "0.36.0", "cy"),
        ("4xxx", "asym sym", "0.36.0", "cy"),
        ("4xxx", "asym sym", "0.24.0", "cy"),
        ("4xxx", "dc", "0.36.0", "dc"),
        ("4xxx", "dcc", "0.36.0", "dcc"),
        ("4xxx", "dc sym", "0.36.0", "sym-dc"),
        ("4xxx", "sym dc", "0.32.0", "sym-dc"),
        ("4xxx", "dc asym", "0.30.0", "asym-dc"),
        ("4xxx", "sym dc", "0.28.0", "generic"),
        ("4xxx", "dcc", "0.32.0", "generic"),
        ("401xx", "sym", "0.24.0", "generic"),
        ("401xx", "sym", "0.28.0", "sym"),
        ("420xx", "sym", "0.29.0", "generic"),
        ("420xx", "sym", "0.30.0", "sym"),
        ("6xxx", "sym", "0.32.0", "generic"),
        ("6xxx", "decomp", "0.34.1", "decomp"),
        ("6xxx", "sym asym dc", "0.36.0", "asym-sym-dc"),
        ("6xxx", "decomp sym asym", "0.36.0", "asym-sym-decomp"),
        ("6xxx", "decomp dc sym", "0.36.0", "sym-dc-decomp"),
        ("4xxx", "", "0.36.0", None),
    ],
)
def test_resource_suffix(family, services, version, expected):
    assert CATALOG.resource_suffix(family, services.split(), version) == expected


def test_resource_suffixes_holds_both_orders_where_the_plugin_keeps_text():
    assert CATALOG.resource_suffixes("4xxx", ["dc", "sym"], "0.36.0") == ("sym-dc", "dc-sym")
    assert CATALOG.resource_suffixes("4xxx", ["dc", "sym"], "0.32.0") == ("sym-dc",)
    assert CATALOG.resource_suffixes("4xxx", ["asym", "sym"], "0.36.0") == ("cy",)
    assert len(CATALOG.resource_suffixes("6xxx", ["sym", "asym", "dc"], "0.36.0")) == 6
    assert CATALOG.resource_suffixes("4xxx", [], "0.36.0") == ()
    assert CATALOG.resource_suffixes("c62x", [], "0.36.0") == ("generic",)


@pytest.mark.parametrize(
    ("services", "version", "expected"),
    [
        ("sym asym", "0.24.0", None),
        ("dc", "0.24.0", None),
        ("asym sym", "0.26.0", "sym;asym"),
        ("sym", "0.28.0", None),
        ("dc", "0.28.0", "dc"),
        ("sym", "0.29.0", "sym"),
        ("dc sym", "0.32.0", "sym;dc"),
        ("dc asym", "0.32.0", "asym;dc"),
        ("dcc", "0.32.0", None),
        ("dcc", "0.34.0", "dcc"),
        ("asym sym", "0.35.0", "sym;asym"),
        ("asym sym", "0.36.0", "asym;sym"),
        ("sym asym", "0.36.0", "sym;asym"),
        ("sym asym dc", "0.36.0", "asym;sym;dc"),
        ("decomp sym asym", "v0.36.0", "asym;sym;decomp"),
        ("sym decomp", "0.36.0", None),
        ("dc decomp", "0.36.0", None),
        ("", "0.36.0", None),
        ("sym sym", "0.36.0", None),
    ],
)
def test_services_line(services, version, expected):
    assert CATALOG.services_line(services.split(), version) == expected


@pytest.mark.parametrize(
    ("family", "services", "expected"),
    [
        ("4xxx", "", None),
        ("c62x", "", None),
        ("4xxx", "sym asym", None),
        ("6xxx", "sym dc decomp", None),
        ("c62x", "sym", "c62x has no service setting, so sym cannot be configured"),
        ("4xxx", "decomp", '4xxx does not offer the service "decomp", only sym, asym, dc, dcc'),
        ("4xxx", "sym asym dc", "4xxx runs at most 2 services at once, found 3: sym;asym;dc"),
        ("420xx", "dcc sym", "dcc cannot be combined with other services, found dcc;sym"),
        ("6xxx", "sym asym dc decomp", "6xxx runs at most 3 services at once, found 4: sym;asym;dc;decomp"),
        ("6xxx", "dcc decomp", "dcc cannot be combined with other services, found dcc;decomp"),
        ("4xxx", "sym sym", 'service "sym" is named 2 times'),
    ],
)
def test_legal_services(family, services, expected):
    assert CATALOG.legal_services(family, services.split()) == expected


@pytest.mark.parametrize(
    ("gate", "version", "state", "on"),
    [
        ("HostDevices", "v0.35.0", None, False),
        ("HostDevices", "v0.36.0", "Alpha", False),
        ("HostDevices", "v1.8.4", "Alpha", False),
        ("HostDevices", "v1.10.0", "Alpha", False),
        ("hostDevices", "v1.9.0", None, False),
        ("QAT", "v1.9.0", None, False),
        ("HostDevicesWithDRA", "v1.5.3", None, False),
        ("HostDevicesWithDRA", "v1.8.0", "Alpha", False),
        ("HostDevicesWithDRA", "v1.9.0", "Beta", True),
        ("GPU", "v1.4.0", "GA", True),
        ("VMExport", "v1.8.4", "Beta", False),
        ("VMExport", "v1.9.0", "GA", True),
        ("Snapshot", "v1.8.0", "Beta", False),
        ("Snapshot", "v1.9.0", "Beta", True),
        ("NUMA", "v1.7.0", "GA", True),
        ("LiveMigration", "v1.2.0", "GA", True),
        ("HotplugVolumes", "v1.9.0", "Deprecated", False),
        ("Macvtap", "v1.3.0", "Deprecated", False),
        ("Macvtap", "v1.9.0", "Discontinued", False),
        ("DecentralizedLiveMigration", "v1.10.0", "Beta", True),
        ("VmiMemoryOverheadReport", "v1.9.1", "Beta", True),
    ],
)
def test_gates(gate, version, state, on):
    assert CATALOG.gate_state(gate, version) == state
    assert CATALOG.gate_enabled_by_default(gate, version) is on


@pytest.mark.parametrize(
    ("version", "fact", "expected"),
    [
        ("v0.30.0", "config_source", "configMap"),
        ("v0.47.1", "config_source", "configMapWins"),
        ("v0.48.0", "config_source", "kubeVirt"),
        ("v0.35.0", "host_devices", False),
        ("v0.36.0", "host_devices", True),
        ("v0.38.1", "selector_case", "upper"),
        ("v0.39.0", "selector_case", "any"),
        ("v1.1.1", "ga_always_on", False),
        ("v1.7.0", "disabled_feature_gates", False),
        ("v1.8.0", "disabled_feature_gates", True),
        ("v1.8.4", "beta_on_by_default", False),
        ("v1.9.0-rc.1", "beta_on_by_default", True),
        ("v1.5.0", "dra_host_devices", "none"),
        ("v1.7.2", "dra_host_devices", "status"),
        ("v1.8.3", "dra_metadata_folder", "/var/run/dra-device-attributes"),
        ("v1.8.4", "dra_metadata_folder", "/var/run/kubernetes.io/dra-device-attributes"),
        ("v1.8.4", "dra_refuses_permitted_list", True),
        ("v1.9.0", "dra_refuses_permitted_list", False),
    ],
)
def test_kubevirt(version, fact, expected):
    assert getattr(CATALOG.kubevirt(version), fact) == expected


@pytest.mark.parametrize(
    ("version", "kind", "expected"),
    [
        ("1.25", "ValidatingAdmissionPolicy", None),
        ("1.29", "ValidatingAdmissionPolicy", "admissionregistration.k8s.io/v1beta1"),
        ("1.30", "ValidatingAdmissionPolicyBinding", "admissionregistration.k8s.io/v1"),
        ("v1.36.1", "ValidatingWebhookConfiguration", "admissionregistration.k8s.io/v1"),
        ("1.32", "ResourceClaimTemplate", "resource.k8s.io/v1beta1"),
        ("1.33", "DeviceClass", "resource.k8s.io/v1beta2"),
        ("1.34", "ResourceClaimTemplate", "resource.k8s.io/v1"),
        ("1.36", "Nonesuch", None),
    ],
)
def test_kubernetes(version, kind, expected):
    assert CATALOG.kubernetes(version).api_version(kind) == expected


def test_plugin_release():
    release = CATALOG.plugin("v0.36.0")
    assert release.kubernetes == ("1.36",)
    assert dict(release.flags) == {
        "dpdk-driver": "vfio-pci",
        "kernel-vf-drivers": "4xxxvf,420xxvf",
        "max-num-devices": 64,
        "allocation-policy": "none",
    }
    assert dict(release.operator_defaults) == {
        "dpdkDriver": "vfio-pci",
        "kernelVfDrivers": ("c6xxvf", "4xxxvf"),
        "maxNumDevices": 32,
    }
    assert release.image_min_version == "0.36.0"
    assert "6xxxvf" in release.kernel_vf_drivers
    assert "6xxxvf" not in CATALOG.plugin("0.32.0").kernel_vf_drivers
    assert "420xxvf" not in CATALOG.plugin("0.29.0").kernel_vf_drivers


@pytest.mark.parametrize(("version", "count"), [("0.34.0", 1), ("0.34.1", 0), ("0.32.0", 0), ("0.36.0", 0)])
def test_plugin_problems(version, count):
    assert len(CATALOG.plugin_problems(version)) == count


@pytest.mark.parametrize(
    ("ask", "version", "known"),
    [
        (CATALOG.plugin, "0.99.0", "0.36"),
        (CATALOG.plugin, "latest", "0.36"),
        (CATALOG.kubernetes, "1.99", "1.36"),
        (CATALOG.kubernetes, "2.30", "1.36"),
        (CATALOG.kubevirt, "v1.99.0", "v0.20 to v1.10"),
        (CATALOG.kubevirt, "v2.0.0", "v0.20 to v1.10"),
        (CATALOG.kubevirt, "", "v0.20 to v1.10"),
        (lambda version: CATALOG.gate_state("HostDevices", version), "v1.11.0", "v0.20 to v1.10"),
    ],
)
def test_unknown_version_names_what_is_known(ask, version, known):
    with pytest.raises(UnknownVersion) as caught:
        ask(version)
    assert known in caught.value.known
    assert f'unknown version "{version}"; known: ' in str(caught.value)


def test_unknown_family():
    with pytest.raises(UnknownFamily) as caught:
        CATALOG.family("4xxxx")
    assert caught.value.name == "4xxxx"
    assert "4xxx" in caught.value.known
    assert CATALOG.family_of_pf_id("10de:1eb8") is None
