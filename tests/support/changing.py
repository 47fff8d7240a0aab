"""A project of three environments, and every kind of change of its files with the environments it concerns."""

from tests.support.workspace import SMALL, write

COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
TEAM = """\
apiVersion: qatgen.dev/v1alpha1
kind: QATVirtualMachines
metadata: {name: %s}
spec:
  virtualMachines:
    - {name: %s, namespace: vpn, nodePool: vm, memory: {guest: 2Gi}, qat: [{name: qat0, deviceClass: sym}],
       disks: [{name: root, containerDisk: {image: "quay.io/containerdisks/fedora:43"}}]}
"""
POLICY = """\
apiVersion: qatgen.dev/v1alpha1
kind: BundlePolicy
metadata: {name: %s, annotations: {qatgen.dev/when: "spec.kubevirt.assignment == 'qats'"}}
spec: {validations: [{expression: "size(spec.virtualMachines) > 0", message: nothing is rendered}]}
"""
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: %(plural)s.example.com}
spec:
  group: example.com
  names: {kind: %(kind)s, plural: %(plural)s}
  scope: Namespaced
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
"""
FILES = {
    "spec.yaml": SMALL,
    "README.md": "# a platform\n",
    # a: a kustomization with a component, a patch, a pattern and a custom kind; a machine with a named file
    "overlays/a/spec.yaml": "spec: {virtualMachines: [{name: gw, cloudInit: {userDataFile: cloud-init/gw.yaml}}]}\n",
    "overlays/a/kustomization.yaml": COMPONENT
    + "components: [../../parts/big]\nresources: [extra/*.yaml, widget.yaml]\n",
    "overlays/a/extra/one.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: vpn}\n",
    "overlays/a/widget.yaml": "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: vpn}\n",
    "parts/big/kustomization.yaml": COMPONENT + "patches: [{path: patch.yaml}]\n",
    "parts/big/patch.yaml": "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\n"
    "metadata: {name: gw, namespace: vpn, labels: {size: big}}\n",
    "cloud-init/gw.yaml": "#cloud-config\n",
    "schemas/widgets.yaml": CRD % {"kind": "Widget", "plural": "widgets"},
    "schemas/gadgets.yaml": CRD % {"kind": "Gadget", "plural": "gadgets"},
    # b: the founding note's API, which has a policy of its own
    "overlays/b/spec.yaml": "spec:\n  kubevirt: {assignment: qats}\n",
    "policies/own/policy.yaml": POLICY % "own",
    # c: machines of a team
    "overlays/c/spec.yaml": 'spec: {include: ["teams/*.yaml"]}\n',
    "teams/radio.yaml": TEAM % ("radio", "radio"),
}


def edit(name, old, new):
    def change(folder):
        path = folder / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    return f"edit {name}", change


def add(name, text="new: file\n"):
    return f"add {name}", lambda folder: write(folder, {name: text})


def drop(name):
    return f"drop {name}", lambda folder: (folder / name).unlink()


OTHER_TEMPLATE = "kubevirt/kubevirt.yaml.j2"
MAPPED = [
    (edit("spec.yaml", "guest: 2Gi", "guest: 3Gi"), "abc"),
    (edit("README.md", "a platform", "the platform"), ""),
    (add("docs/notes.yaml"), ""),
    # the spec's overlays, includes and named files
    (edit("overlays/b/spec.yaml", "qats}", "qats, install: [QAT]}"), "b"),
    (edit("teams/radio.yaml", "2Gi", "3Gi"), "c"),
    (add("teams/core.yaml", TEAM % ("core", "core")), "c"),
    (drop("teams/radio.yaml"), "c"),
    (add("teams/readme.md"), ""),
    (edit("cloud-init/gw.yaml", "#cloud-config", "#cloud-config\nhostname: gw"), "a"),
    (add("overlays/a/cloud-init/gw.yaml", "#cloud-config\nhostname: nearer\n"), "a"),
    (add("cloud-init/other.yaml"), ""),
    # kustomizations and what they read
    (edit("overlays/a/kustomization.yaml", "components", "namePrefix: x-\ncomponents"), "a"),
    (edit("overlays/a/extra/one.yaml", "vpn}", "vpn, labels: {a: b}}"), "a"),
    (add("overlays/a/extra/two.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: two, namespace: vpn}\n"), "a"),
    (edit("parts/big/patch.yaml", "big", "huge"), "a"),
    (edit("parts/big/kustomization.yaml", "patches", "namePrefix: x-\npatches"), "a"),
    (add("parts/big/Kustomization", COMPONENT), "a"),
    (add("parts/small/kustomization.yaml", COMPONENT), ""),
    (add("overlays/b/kustomization.yaml", COMPONENT + "commonAnnotations: {a: b}\n"), "b"),
    (add("overlays/c/unread.txt"), "c"),
    (add("overlays/d/spec.yaml", "spec: {}\n"), "d"),
    # templates: one that two environments use, one that all do, one that nobody knows
    (add(f"templates/{OTHER_TEMPLATE}", "{# mine #}\n"), "ac"),
    (add("templates/machine/_vmi.yaml.j2", "{# mine #}\n"), "abc"),
    (add("templates/index.yaml", "templates: []\n"), "abc"),
    (add("templates/other/unknown.yaml.j2"), "abc"),
    # policies: one that one environment is judged by, one of the pack, and what no render reads
    (edit("policies/own/policy.yaml", "nothing is rendered", "nothing at all"), "b"),
    (add("policies/mine/policy.yaml", POLICY % "mine"), "b"),
    (add("policies/all/policy.yaml", (POLICY % "all").replace("== 'qats'", "!= ''")), "abc"),
    (drop("policies/own/policy.yaml"), "b"),
    (add("policies/own/cases.yaml"), ""),
    (add("policies/own/README.md"), ""),
    # schemas
    (edit("schemas/widgets.yaml", "preserve-unknown-fields: true", "preserve-unknown-fields: false"), "a"),
    (edit("schemas/gadgets.yaml", "served: true", "served: false"), ""),
    (add("schemas/broken.yaml", "a: [\n"), "abc"),
    (add("schemas/widget-example-v1.json", "{}"), "a"),
    (drop("schemas/gadgets.yaml"), ""),
    # rendered trees, edited by hand
    (edit("rendered/b/vpn/virtualmachine-gw.yaml", "guest: 2Gi", "guest: 4Gi"), "b"),
    (drop("rendered/c/.qatgen.json"), "c"),
    (add("rendered/a/vpn/more.yaml"), "a"),
]  # fmt: skip
