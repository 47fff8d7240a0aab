"""What `rendered/<env>/.qatgen.json` says after a render: provenance, verdicts, sources."""

import pytest

from generator.pipeline.record import read_record
from tests.support.workspace import SMALL, qatgen, tree, write

MACHINE = "vpn/virtualmachine-gw.yaml"
WARNS = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: owner
  annotations: {qatgen.dev/rule: TEAM-001, qatgen.dev/severity: ACTION}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - {apiGroups: [kubevirt.io], apiVersions: ["*"], operations: [CREATE], resources: [virtualmachines]}
  validations:
    - {expression: "object.metadata.name != 'gw-1'", message: gw-1 has no owner}
"""
BINDING = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: owner}
spec: {policyName: owner, validationActions: [ACTION]}
"""


def render(folder, *arguments):
    result = qatgen(folder, "render", "-q", *arguments)
    assert result.code == 0, result.err
    return result


def test_what_a_file_was_made_of(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL})
    render(tmp_path)
    record = read_record(tmp_path / "rendered/default")
    there = {name for name in tree(tmp_path / "rendered/default") if name not in ("kustomization.yaml", ".qatgen.json")}
    assert set(record.files) == there
    found = record.files[MACHINE]
    assert (found.template, found.item, found.overlays) == ("machine/machine.yaml.j2", "spec.virtualMachines[0]", ())
    assert list(found.verdicts) == ["admitted"]
    assert "QATP-023" in found.verdicts["admitted"]
    assert "QATP-012" not in found.verdicts["admitted"]
    assert record.build["QATP-030"] == "admitted"
    assert ("kubevirt.io", "VirtualMachine", True) in record.kinds


@pytest.mark.parametrize(("action", "outcome"), [("Warn", "warned"), ("Audit", "audited")])
def test_outcomes_of_one_machine_of_many(tmp_path, action, outcome):
    spec = SMALL.replace("    - name: gw\n", "    - name: gw\n      count: 3\n")
    policy, binding = (text.replace("[ACTION]", f"[{action}]").replace("ACTION", "error") for text in (WARNS, BINDING))
    write(tmp_path, {"spec.yaml": spec, "policies/owner/policy.yaml": policy, "policies/owner/binding.yaml": binding})
    render(tmp_path)
    files = read_record(tmp_path / "rendered/default").files
    said = [files[f"vpn/virtualmachine-gw-{n}.yaml"].verdicts for n in range(3)]
    own = [[one for one in verdicts if "TEAM-001" in verdicts[one]] for verdicts in said]
    assert own == [["admitted"], [outcome], ["admitted"]]
    told = qatgen(tmp_path, "explain", "rendered/default/vpn/virtualmachine-gw-1.yaml").out
    assert f"policies:  {outcome}: TEAM-001\n" in told


def test_overlays_by_file(tmp_path):
    write(
        tmp_path,
        {
            "spec.yaml": SMALL,
            "overlays/a/kustomization.yaml": "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\n"
            "components: [../../parts/big]\nresources: [more.yaml]\nconfigMapGenerator: [{name: made, literals: [a=b]}]\n",
            "overlays/a/more.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more, namespace: vpn}\n",
            "parts/big/kustomization.yaml": "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\n"
            "patches: [{path: patch.yaml}]\n",
            "parts/big/patch.yaml": "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\n"
            "metadata: {name: gw, namespace: vpn, labels: {size: big}}\n",
        },
    )
    render(tmp_path)
    record = read_record(tmp_path / "rendered/a")
    assert record.files[MACHINE].overlays == ("parts/big/patch.yaml",)
    assert record.files["vpn/configmap-more.yaml"].overlays == ("overlays/a/more.yaml",)
    [made] = [found for name, found in record.files.items() if "configmap-made" in name]
    assert made.overlays == ("overlays/a/kustomization.yaml",)
    assert {
        "overlays/a/kustomization.yaml",
        "overlays/a/more.yaml",
        "parts/big/kustomization.yaml",
        "parts/big/patch.yaml",
        "spec.yaml",
        "templates/machine/_vmi.yaml.j2",
    } <= set(record.sources)
    below = tmp_path / "elsewhere"
    below.mkdir()
    assert qatgen(below, "render", "-q", "--spec", "../spec.yaml").code == 0
    assert read_record(tmp_path / "rendered/a") == record


def test_a_record_is_a_function_of_the_sources(tmp_path):
    spec = SMALL.replace("    - name: gw\n", "    - name: gw\n      count: 2500\n").replace("nodes: 2", "nodes: 200")
    for name in ("one", "two"):
        write(tmp_path / name, {"spec.yaml": spec})
    render(tmp_path / "one", "--jobs", "1")
    render(tmp_path / "two", "--jobs", "2")
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
