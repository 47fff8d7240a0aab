"""A reference to what the build renamed, moved or took out is reported, with the place where it is written."""

import json

import pytest

from generator.overlay import build, settings
from generator.pipeline.kustomized import build_folder
from tests.support.workspace import write

SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: ci}\n"
WIDGET = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec:\n  secretRef: {name: ci}\n"
CLAIM = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n"
FILLED = "apiVersion: cdi.kubevirt.io/v1beta1\nkind: DataVolume\nmetadata: {name: data}\n"


def machine(*volumes, **spec):
    body = {"template": {"spec": {"volumes": volumes, **spec}}}
    return json.dumps(
        {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "vm"}, "spec": body}
    )


VM = machine({"name": "a", "secret": {"secretName": "ci"}})
DISK = machine({"name": "d", "persistentVolumeClaim": {"claimName": "data"}})


def without(kind, name):
    return f"patches: [{{patch: '{{kind: {kind}, apiVersion: v1, metadata: {{name: {name}}}, $patch: delete}}'}}]\n"


def stale(tmp_path, kustomization, *objects, compat=False, **files):
    """What is reported of a build, as (place, message, help)."""
    write(tmp_path, {"all.yaml": "---\n".join(f"{one.rstrip()}\n" for one in objects), **files})
    write(tmp_path, {"kustomization.yaml": f"resources: [all.yaml]\n{kustomization}"})
    return [(str(f.at), f.message, f.hint) for f in build(tmp_path, "over", settings(compat=compat)).findings]


def test_what_is_taken_out(tmp_path):
    where = "spec.template.spec.volumes.0.secret.secretName"
    assert stale(tmp_path, without("Secret", "ci"), SECRET, WIDGET, VM) == [
        (
            "over/all.yaml:9:21",
            'Widget w refers to Secret "ci" in spec.secretRef.name, but the kustomization takes that out',
            'take the reference out as well, or keep Secret "ci"',
        ),
        (
            "over/all.yaml:11:170",
            f'VirtualMachine vm refers to Secret "ci" in {where}, but the kustomization takes that out',
            'take the reference out as well, or keep Secret "ci"',
        ),
    ]


def test_a_field_of_a_kind_that_nobody_knows_does_not_follow(tmp_path):
    assert stale(tmp_path, "namePrefix: lab-\n", SECRET, WIDGET, VM) == [
        (
            "over/all.yaml:9:21",
            'Widget lab-w refers to Secret "ci" in spec.secretRef.name, but that is "lab-ci" now',
            'name the field under `nameReference` in a file of `configurations`, or write "lab-ci"',
        )
    ]
    more = "configurations: [c.yaml]\n"
    spec = "nameReference: [{kind: Secret, fieldSpecs: [{kind: Widget, path: spec/secretRef/name}]}]\n"
    assert stale(tmp_path, f"namePrefix: lab-\n{more}", SECRET, WIDGET, **{"c.yaml": spec}) == []


def test_one_finding_for_all_that_refer_to_the_same(tmp_path):
    [(_, message, _)] = stale(tmp_path, "nameSuffix: -x\n", SECRET, WIDGET, WIDGET.replace("name: w", "name: v"))
    assert message.startswith('Widget w-x refers to Secret "ci" in spec.secretRef.name (as do 1 more), but')


def test_without_our_table_fields_of_machines_do_not_follow(tmp_path):
    [(_, message, hint)] = stale(tmp_path, "namePrefix: lab-\n", SECRET, VM, compat=True)
    assert message.endswith('but that is "lab-ci" now')
    assert hint.startswith("build without --kustomize-compat, where the field follows; or name the field")


def test_a_patch_that_brings_the_reference(tmp_path):
    patch = "{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}, spec: {secretRef: {name: ci}}}"
    more = f"namePrefix: lab-\npatches:\n  - patch: '{patch}'\n"
    [(at, _, _)] = stale(tmp_path, more, SECRET, WIDGET.replace("name: ci", "name: other"))
    assert at.startswith("over/kustomization.yaml:4:")


def test_what_moves_to_another_namespace(tmp_path):
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: lab}\n"
    widget = WIDGET.replace("secretRef: {name: ci}", "service: {name: s, namespace: lab}")
    [(_, message, _)] = stale(tmp_path, "namespace: prod\n", service, widget)
    assert message.endswith('refers to Service "s" in spec.service.name, but that is "s" in namespace "prod" now')


@pytest.mark.parametrize(
    ("kustomization", "objects"),
    [
        ("namePrefix: lab-\n", [VM, WIDGET]),  # a Secret of the cluster
        (without("Secret", "ci"), [SECRET, machine({"name": "a", "secret": {"secretName": "ci", "optional": True}})]),
        (without("PersistentVolumeClaim", "data"), [CLAIM, FILLED, DISK]),  # CDI makes the claim
        (
            without("Secret", "ci"),
            [SECRET, "apiVersion: bitnami.com/v1\nkind: SealedSecret\nmetadata: {name: ci}\n", VM],
        ),
        ("namePrefix: lab-\n", [SECRET, WIDGET.replace("name: ci", "name: lab-ci")]),
        ("namePrefix: lab-\n", [SECRET.replace("{name: ci}", "{name: ci, namespace: far}"), VM, WIDGET]),
        ("labels: [{pairs: {a: b}}]\n", [SECRET, VM, WIDGET]),
    ],
)
def test_what_is_not_reported(tmp_path, kustomization, objects):
    assert stale(tmp_path, kustomization, *objects) == []


def test_claims_that_a_data_volume_made(tmp_path):
    patch = "[{op: remove, path: /spec}]"
    kustomization = (
        f"patches: [{{target: {{kind: DataVolume}}, patch: '{{kind: DataVolume, $patch: delete}}'}}]\n# {patch}\n"
    )
    [(_, message, _)] = stale(tmp_path, kustomization, FILLED, DISK)
    assert 'refers to DataVolume "data" in spec.template.spec.volumes.0.persistentVolumeClaim.claimName' in message


def test_objects_of_a_base_that_a_layer_takes_out(tmp_path):
    base = {
        "base/kustomization.yaml": "resources: [all.yaml]\nnamePrefix: p-\n",
        "base/all.yaml": f"{SECRET}---\n{VM}\n",
    }
    write(tmp_path, base)
    write(tmp_path, {"kustomization.yaml": f"resources: [base]\n{without('Secret', 'p-ci')}"})
    [finding] = build(tmp_path, "over", settings()).findings
    assert finding.at.file == "over/base/all.yaml"
    assert 'refers to Secret "ci"' in finding.message


MOUNTED = machine({"name": "root", "containerDisk": {}}, domain={"devices": {"disks": [{"name": "root"}]}})


@pytest.mark.parametrize("as_list", [False, True])
def test_what_patches_leave_inside_an_object(tmp_path, as_list):
    text = (
        f"apiVersion: v1\nkind: List\nitems:\n  - {WIDGET.replace(chr(10), chr(10) + '    ').rstrip()}\n  - {MOUNTED}\n"
    )
    write(tmp_path, {"all.yaml": text if as_list else f"{WIDGET}---\n{MOUNTED}\n"})
    patch = "{spec: {template: {spec: {volumes: [{name: root, $patch: delete}]}}}}"
    more = f"patches:\n  - target: {{kind: VirtualMachine}}\n    patch: '{patch}'\n"
    write(tmp_path, {"kustomization.yaml": f"resources: [all.yaml]\n{more}"})
    found = build_folder(tmp_path, "over", settings()).findings
    assert [(f.rule.code, f.at.line, f.message) for f in found] == [
        ("OVL021", 4, 'after the overlay item "root" is gone in spec.template.spec.volumes'),
        ("OVL020", 4, 'after the overlay disk "root" has no volume in spec.template.spec.domain.devices.disks'),
    ]
