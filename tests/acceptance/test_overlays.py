"""Overlays where people meet them: beside an environment's spec, and `qatgen build` on any folder."""

import re
import shutil

import pytest

from tests.conformance.kustomize import objects
from tests.support.workspace import SMALL, qatgen, tree, write

COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
LOSSY = (
    COMPONENT
    + """\
images: [{name: quay.io/containerdisks/fedora, newTag: "44"}]
patches:
  - target: {kind: VirtualMachine, name: gw}
    patch: |
      apiVersion: kubevirt.io/v1
      kind: VirtualMachine
      metadata: {name: gw}
      spec:
        template:
          spec:
            domain: {devices: {disks: [{name: audit, disk: {bus: virtio}}]}}
            volumes: [{name: audit, persistentVolumeClaim: {claimName: audit}}]
"""
)


def machine(folder):
    return (folder / "rendered/default/vpn/virtualmachine-gw.yaml").read_text()


def test_lists_merge_by_name(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL, "overlays/default/kustomization.yaml": LOSSY})
    result = qatgen(tmp_path, "render", "--color", "never")
    assert result.code == 0, result.err
    assert re.findall(r"- name: (\w+)\n +disk:", machine(tmp_path)) == ["root", "audit"]
    assert "quay.io/containerdisks/fedora:44" in machine(tmp_path)


def test_scopes_hold_and_the_kubevirt_object_stays(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL})
    assert qatgen(tmp_path, "render", "-q").code == 0
    names = ["vpn/virtualmachine-gw.yaml", "kubevirt/kubevirt-kubevirt.yaml"]
    names += [name for name in tree(tmp_path / "rendered/default") if "qatp-016" in name]
    for name in names:
        shutil.copy(tmp_path / "rendered/default" / name, tmp_path / name.rpartition("/")[2])
    listed = ", ".join(name.rpartition("/")[2] for name in names)
    write(tmp_path, {"kustomization.yaml": f"namespace: prod\nresources: [{listed}]\n"})
    result = qatgen(tmp_path, "build", "--color", "never")
    assert (result.code, "warning[OVL022" in result.err) == (0, True)
    spaces = re.findall(r"kind: (\w+)\nmetadata:\n  name: .*(?:\n  namespace: (\w+))?", result.out)
    assert ("VirtualMachine", "prod") in spaces
    assert ("KubeVirt", "kubevirt") in spaces
    assert ("ValidatingAdmissionPolicy", "") in spaces
    assert ("ValidatingAdmissionPolicyBinding", "") in spaces
    result = qatgen(tmp_path, "build", "--kustomize-compat")
    assert "kind: KubeVirt\nmetadata:\n  name: kubevirt\n  namespace: prod\n" in result.out


def test_kustomize_compat_loses_what_kustomize_loses(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL, "overlays/default/kustomization.yaml": LOSSY})
    result = qatgen(tmp_path, "render", "--kustomize-compat", "--fail-on", "error", "--color", "never")
    assert result.code == 0, result.err
    assert re.findall(r"- name: (\w+)\n +disk:", machine(tmp_path)) == ["audit"]


def test_a_value_of_an_overlay_is_told_at_its_line(tmp_path):
    patch = LOSSY.replace("claimName: audit", "claimNam: audit")
    write(tmp_path, {"spec.yaml": SMALL, "overlays/default/kustomization.yaml": patch})
    result = qatgen(tmp_path, "render", "--color", "never")
    line = next(n for n, text in enumerate(patch.splitlines(), 1) if "claimNam:" in text)
    column = patch.splitlines()[line - 1].index("claimNam: ") + 1
    assert result.code == 1
    assert re.search(rf"--> overlays/default/kustomization\.yaml:{line}:({column}|{column + 10})", result.err), (
        result.err
    )
    assert not (tmp_path / "rendered").exists()


def test_policies_see_what_the_overlay_made(tmp_path):
    patch = COMPONENT + (
        "patches:\n  - target: {kind: VirtualMachine}\n    patch: |\n"
        "      - {op: replace, path: /spec/template/spec/domain/devices/hostDevices/0/deviceName, value: a.b/none}\n"
    )
    write(tmp_path, {"spec.yaml": SMALL, "overlays/default/kustomization.yaml": patch})
    result = qatgen(tmp_path, "render", "--color", "never")
    assert (result.code, "error[QATP-015" in result.err) == (1, True)
    assert "--> overlays/default/kustomization.yaml:6:" in result.err


def test_a_patch_that_matches_nothing_names_the_nearest(tmp_path):
    write(
        tmp_path,
        {
            "spec.yaml": SMALL,
            "overlays/default/kustomization.yaml": LOSSY.replace("name: gw}\n    patch", "name: gwx}\n    patch"),
        },
    )
    result = qatgen(tmp_path, "render", "--color", "never")
    assert (result.code, 'did you mean "gw"?' in result.err) == (1, True)
    assert "kustomization.yaml:5:" in result.err


def test_an_overlay_brings_objects_of_its_own(tmp_path):
    files = {
        "overlays/default/kustomization.yaml": COMPONENT
        + "resources: [claim.yaml]\nconfigMapGenerator: [{name: cm, literals: [a=b]}]\n",
        "overlays/default/claim.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own, namespace: vpn}\ndata: {x: 1}\n",
    }
    write(tmp_path, {"spec.yaml": SMALL, **files})
    result = qatgen(tmp_path, "render", "--color", "never")
    assert (result.code, "overlays/default/claim.yaml:4:" in result.err) == (1, True)
    write(tmp_path, {"overlays/default/claim.yaml": files["overlays/default/claim.yaml"].replace("x: 1", 'x: "1"')})
    assert qatgen(tmp_path, "render", "-q").code == 0
    assert "vpn/configmap-own.yaml" in tree(tmp_path / "rendered/default")


STANDALONE = {
    "base/kustomization.yaml": "resources: [cm.yaml]\n",
    "base/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: n}\ndata: {k: v}\n",
    "over/kustomization.yaml": "resources: [../base]\nnamePrefix: x-\nlabels: [{pairs: {l: m}}]\n",
}


def test_build_to_standard_output_and_to_a_folder(tmp_path):
    write(tmp_path, STANDALONE)
    result = qatgen(tmp_path, "build", "over")
    assert result.code == 0
    assert result.out == (
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x-a\n  namespace: "n"\n  labels:\n    l: m\ndata:\n  k: v\n'
    )
    assert qatgen(tmp_path, "build", "over", "--output-dir", "out").code == 0
    assert set(tree(tmp_path / "out")) == {"kustomization.yaml", "n/configmap-x-a.yaml", ".qatgen.json"}
    assert "unchanged" in qatgen(tmp_path, "build", "over", "--output-dir", "out").err


@pytest.mark.parametrize("program", ["kustomize", "kubectl"])
def test_the_other_engine(tmp_path, program, monkeypatch):
    found = shutil.which(program)
    write(tmp_path, STANDALONE)
    if found is None:
        monkeypatch.setenv("PATH", str(tmp_path))
        result = qatgen(tmp_path, "build", "over", "--engine", "kustomize")
        assert (result.code, "neither kustomize nor kubectl" in result.err) == (1, True)
        return
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / program).symlink_to(found)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    result = qatgen(tmp_path, "build", "over", "--engine", "kustomize")
    assert (result.code, result.out) == (0, qatgen(tmp_path, "build", "over").out)
    write(tmp_path, {"over/kustomization.yaml": "resources: [none]\n"})
    result = qatgen(tmp_path, "build", "over", "--engine", "kustomize")
    assert (result.code, program in result.err) == (1, True)


BAD = {
    "two files": ({"over/kustomization.yml": "resources: []\n"}, "2 kustomization files"),
    "a list": ({"over/kustomization.yaml": "- a\n"}, "not a mapping"),
    "no YAML": ({"over/kustomization.yaml": "a: [\n"}, "not YAML"),
    "wrong type": ({"over/kustomization.yaml": "resources: a\n"}, "not a list of texts"),
    "nested field": ({"over/kustomization.yaml": "resources: [../base]\nimages: [{nam: x}]\n"}, 'did you mean "name"'),
    "a link out": ({"over/kustomization.yaml": "resources: [link.yaml]\n"}, "outside of the folder"),
    "remote": ({"over/kustomization.yaml": "resources: ['https://example.com/x.yaml']\n"}, "is remote"),
    "git": ({"over/kustomization.yaml": "resources: ['github.com/a/b//c?ref=v1']\n"}, "is remote"),
    "a file of no objects": ({"over/kustomization.yaml": "resources: [x.yaml]\n", "over/x.yaml": "a: b\n"}, "no kind"),
    "exec": (
        {
            "over/kustomization.yaml": "resources: [../base]\ntransformers: [x.yaml]\n",
            "over/x.yaml": "apiVersion: a/v1\nkind: B\nmetadata: {name: c}\n",
        },
        "is not run here",
    ),
    "bad operations": (
        {
            "over/kustomization.yaml": "resources: [../base]\npatches: [{target: {name: a}, patch: '[{op: x, path: /a}]'}]\n"
        },
        "known: add",
    ),
    "a patch of nothing": (
        {"over/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]\n"},
        'no file "p.yaml"',
    ),
    "replicas of nothing": (
        {"over/kustomization.yaml": "resources: [../base]\nreplicas: [{name: q, count: 1}]\n"},
        'no workload "q"',
    ),
    "component in resources": (
        {"over/kustomization.yaml": "resources: [../c]\n", "c/kustomization.yaml": COMPONENT},
        "is a Component",
    ),
    "an env of the machine": (
        {"over/kustomization.yaml": "configMapGenerator: [{name: a, envs: [e]}]\n", "over/e": "HOME\n"},
        "from the environment",
    ),
    "sort": ({"over/kustomization.yaml": "resources: [../base]\nsortOptions: {order: up}\n"}, '"up" is not an order'),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_kustomizations(tmp_path, name):
    files, words = BAD[name]
    write(tmp_path, {**STANDALONE, "elsewhere.yaml": STANDALONE["base/cm.yaml"], **files})
    (tmp_path / "over" / "link.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    result = qatgen(tmp_path, "build", "over", "--output-dir", "out", "--color", "never")
    assert result.code in {1, 2}, result
    assert words in result.err, result.err
    assert re.search(r"--> over/?", result.err), result.err
    assert "Traceback" not in result.err
    assert not (tmp_path / "out").exists()


def test_no_such_folder(tmp_path):
    assert qatgen(tmp_path, "build", "nowhere").code == 2


def test_environments_do_not_see_each_others_overlays(tmp_path):
    overlay = LOSSY + "labels: [{pairs: {tier: prod}, includeTemplates: true}]\n"
    files = {
        "overlays/a/spec.yaml": "spec: {}\n",
        "overlays/b/kustomization.yaml": overlay,
        "overlays/c/spec.yaml": "spec: {}\n",
    }
    write(tmp_path, {"spec.yaml": SMALL, **files})
    assert qatgen(tmp_path, "render", "-q").code == 0
    written = tree(tmp_path / "rendered")
    for name in ("a", "c"):
        assert not [path for path, text in written.items() if path.startswith(f"{name}/") and b"tier" in text]
        assert b"fedora:43" in written[f"{name}/vpn/virtualmachine-gw.yaml"]
    assert b"tier: prod" in written["b/vpn/virtualmachine-gw.yaml"]


@pytest.mark.parametrize("kind", ["Component", "Kustomization"])
def test_overlays_by_the_other_engine(tmp_path, kind):
    if shutil.which("kustomize") is None and shutil.which("kubectl") is None:
        pytest.skip("neither kustomize nor kubectl is on PATH")
    head = f"apiVersion: kustomize.config.k8s.io/v1{'alpha1' if kind == 'Component' else 'beta1'}\nkind: {kind}\n"
    overlay = head + LOSSY.removeprefix(COMPONENT)
    write(tmp_path, {"spec.yaml": SMALL, "overlays/default/kustomization.yaml": overlay})
    result = qatgen(tmp_path, "render", "--engine", "kustomize", "--color", "never")
    assert result.code == 0, result.err

    def found():
        files = tree(tmp_path / "rendered").items()
        return {name: objects(text.decode()) for name, text in files if name.endswith(".yaml")}

    theirs = found()
    assert qatgen(tmp_path, "render", "--kustomize-compat", "-q").code == 0
    assert found() == theirs


def test_merge_keys_of_the_spec(tmp_path):
    keys = "  mergeKeys: [{apiVersion: example.com/v1, kind: Fleet, list: spec.groups.members, keys: [id]}]\n"
    keys += "  # groups merge as well\n"
    fleet = "apiVersion: example.com/v1\nkind: Fleet\nmetadata: {name: f, namespace: vpn}\nspec: {groups: {members: [{id: a, size: 1}, {id: b}]}}\n"
    patch = "  - target: {kind: Fleet}\n    patch: |\n      spec: {groups: {members: [{id: a, size: 2}, {id: c}]}}\n"
    files = {
        "templates/fleet.yaml.j2": fleet,
        "templates/index.yaml": "templates: [{template: fleet.yaml.j2, each: preparations, as: pool}]\n",
        "overlays/default/kustomization.yaml": f"{COMPONENT}patches:\n{patch}",
    }
    for text, expected in ((SMALL + keys, ["a", "b", "c"]), (SMALL, ["a", "c"])):
        write(tmp_path, {"spec.yaml": text, **files})
        result = qatgen(tmp_path, "render", "--ignore-missing-schemas", "--color", "never")
        assert result.code == 0, result.err
        written = (tmp_path / "rendered/default/vpn/fleet-f.yaml").read_text()
        assert re.findall(r"id: (\w)", written) == expected
