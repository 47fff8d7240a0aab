"""What is written on objects for Argo CD, and which differences it leaves alone."""

import pytest

from generator.manifest import identify
from generator.sync import annotated, ignored_differences, is_foreign, kept_by_flux, stated
from generator.sync.annotate import APPLY_LIMIT, is_big
from generator.sync.drift import EACH, TABLE

WAVE, OPTIONS = "argocd.argoproj.io/sync-wave", "argocd.argoproj.io/sync-options"


def config(size=0, **annotations):
    metadata = {"name": "c", **({"annotations": annotations} if annotations else {})}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"text": "x" * size}}


def made(data, wave=0, **how):
    return annotated(data, wave, foreign=how.get("foreign", False))["metadata"].get("annotations")


def test_wave_0_says_nothing():
    assert made(config()) is None
    assert made(config(), 3) == {WAVE: "3"}


def test_what_an_object_says_itself_stands():
    assert made(config(**{WAVE: "-2"}), 3) == {WAVE: "-2"}
    assert made(config(**{"argocd.argoproj.io/hook": "PreSync"}), 3) == {"argocd.argoproj.io/hook": "PreSync"}


def test_options_are_added_to_those_there_are():
    assert made(config(**{OPTIONS: "Prune=false"}), foreign=True) == {
        OPTIONS: "Prune=false,SkipDryRunOnMissingResource=true"
    }
    kept = {OPTIONS: "SkipDryRunOnMissingResource=false"}
    assert made(config(**kept), foreign=True) == kept


@pytest.mark.parametrize(
    ("api", "kind", "given", "wanted"),
    [
        ("v1", "Namespace", None, "Prune=confirm"),
        ("v1", "Namespace", "Prune=true", "Prune=true"),
        ("kubevirt.io/v1", "KubeVirt", "PruneLast=true", "PruneLast=true,Prune=confirm"),
        ("kubevirt.io/v1", "VirtualMachine", None, None),
        ("example.com/v1", "Namespace", None, None),
    ],
)
def test_what_takes_much_with_it_is_not_pruned_unasked(api, kind, given, wanted):
    data = {**config(**({OPTIONS: given} if given else {})), "apiVersion": api, "kind": kind}
    assert (made(data) or {}).get(OPTIONS) == wanted


@pytest.mark.parametrize(
    ("size", "given", "wanted"),
    [
        (APPLY_LIMIT // 2 - 1000, None, None),
        (APPLY_LIMIT // 2 + 1, None, "ServerSideApply=true"),
        (APPLY_LIMIT, "Replace=true", "Replace=true"),
        (APPLY_LIMIT, "ServerSideApply=false", "ServerSideApply=false"),
    ],
)
def test_what_is_too_big_to_repeat_in_an_annotation_is_applied_by_the_server(size, given, wanted):
    data = config(size, **({OPTIONS: given} if given else {}))
    assert (made(data) or {}).get(OPTIONS) == wanted


def test_size_is_that_of_the_json():
    assert is_big({"a": "\t" * 70_000})  # two characters each
    assert not is_big({"a": "x" * 70_000})
    assert is_big({"a": ["xyz"] * 30_000})  # one text, shared


def test_the_object_itself_is_not_changed():
    data = config()
    annotated(data, 3, foreign=True)
    assert data == config()


@pytest.mark.parametrize(
    ("api", "kind", "foreign"),
    [
        ("v1", "ConfigMap", False),
        ("apps/v1", "DaemonSet", False),
        ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", False),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition", False),
        ("resource.k8s.io/v1", "DeviceClass", False),
        ("argoproj.io/v1alpha1", "AppProject", False),
        ("kubevirt.io/v1", "VirtualMachine", True),
        ("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", True),
        ("example.com/v1", "Fleet", False),
    ],
)
def test_kinds_whose_crd_comes_from_elsewhere(api, kind, foreign):
    identity = identify({"apiVersion": api, "kind": kind, "metadata": {"name": "a"}})
    assert is_foreign(identity, 36, {("example.com", "Fleet")}) is foreign


def test_what_is_filled_in_is_left_alone():
    [entry] = ignored_differences([("kubevirt.io", "VirtualMachine")], [])
    assert "/spec/template/spec/domain/machine" in entry["jsonPointers"]
    assert "/spec/template/metadata/annotations/kubevirt.io~1pci-topology-version" in entry["jsonPointers"]
    assert entry["managedFieldsManagers"] == ["virt-controller"]
    [entry] = ignored_differences([("admissionregistration.k8s.io", "ValidatingWebhookConfiguration")], [])
    assert entry["jqPathExpressions"] == [".webhooks[]?.clientConfig.caBundle"]


def test_what_an_object_states_is_compared():
    kind = ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration")
    said = list(stated(*kind, {"webhooks": [{"clientConfig": {}}, {"clientConfig": {"caBundle": "Cg=="}}]}))
    assert said == [(*kind, ("webhooks", EACH, "clientConfig", "caBundle"))]
    assert ignored_differences([kind], said) == []
    vm = ("kubevirt.io", "VirtualMachine")
    said = list(stated(*vm, {"spec": {"template": {"spec": {"domain": {"machine": {"type": "q35"}}}}}}))
    [entry] = ignored_differences([vm], said)
    assert "/spec/template/spec/domain/machine" not in entry["jsonPointers"]


def test_kinds_nobody_fills_in_have_no_entry():
    assert ignored_differences([("", "ConfigMap"), ("", "Namespace")], []) == []


def test_the_table_says_where_it_was_read():
    assert [row.kind for row in TABLE if not row.source or not (row.managers or row.fields)] == []


@pytest.mark.parametrize(
    ("api", "kind", "given", "wanted"),
    [
        ("v1", "Namespace", {}, {"kustomize.toolkit.fluxcd.io/prune": "disabled"}),
        ("kubevirt.io/v1", "KubeVirt", {"a": "b"}, {"a": "b", "kustomize.toolkit.fluxcd.io/prune": "disabled"}),
        (
            "v1",
            "Namespace",
            {"kustomize.toolkit.fluxcd.io/prune": "enabled"},
            {"kustomize.toolkit.fluxcd.io/prune": "enabled"},
        ),
        ("kubevirt.io/v1", "VirtualMachine", {}, {}),
    ],
)
def test_flux_keeps_what_takes_much_with_it(api, kind, given, wanted):
    data = {**config(**given), "apiVersion": api, "kind": kind}
    assert (kept_by_flux(data)["metadata"].get("annotations") or {}) == wanted
