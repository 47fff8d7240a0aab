"""`qatgen report`: what it writes, when, and whether it says what the other commands say."""

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import jsonschema
import pytest

from tests.support.overview_schema import overview_schema
from tests.support.pages import read_page
from tests.support.workspace import NAMED_WELL, SMALL, qatgen, tree, write

POLICY = NAMED_WELL.replace("message: short name", 'message: "<b>short</b>"')
BINDING = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: named-well}
spec: {policyName: named-well, validationActions: [ACTION]}
"""
NOTED = "    - name: gw\n      count: 3\n      annotations: {example.com/note: kept}\n"
STAMPED = SMALL.replace("    - name: gw\n", NOTED)
LOST, DANGLING = "/metadata/annotations", "/spec/template/spec/volumes"
KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
namePrefix: ""
labels: [{pairs: {example.com/tier: dev}}]
patches:
  - target: {kind: VirtualMachine, name: gw-0}
    patch: |
      apiVersion: kubevirt.io/v1
      kind: VirtualMachine
      metadata: {name: gw-0}
      spec:
        template:
          spec:
            domain: {devices: {hostDevices: [{name: qat1, deviceName: intel.com/qat-4xxx-sym}]}}
  - target: {kind: VirtualMachine, name: gw-1}
    patch: "[{op: remove, path: GONE}]"
"""
FILES = {
    "spec.yaml": STAMPED,
    "overlays/dev/kustomization.yaml": KUSTOMIZATION.replace("GONE", LOST),
    "overlays/dev/spec.yaml": "spec: {nodePools: [{name: vm, nodes: 3}]}\n",
    "overlays/prod/spec.yaml": "spec: {virtualMachines: [{name: gw, count: 2}]}\n",
    "policies/named-well/policy.yaml": POLICY,
    "policies/named-well/binding.yaml": BINDING.replace("ACTION", "Warn"),
}


@pytest.fixture
def project(tmp_path):
    write(tmp_path, FILES)
    return tmp_path


def report(folder, *arguments):
    result = qatgen(folder, "report", "-o", "html", "-o", "json=report.json", *arguments)
    data = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    jsonschema.validate(data, overview_schema())
    return result, data, read_page((folder / "report.html").read_text(encoding="utf-8"))


def environment(data, name):
    return next(one for one in data["environments"] if one["name"] == name)


def rule(data, name, code):
    return next(one for one in environment(data, name)["matrix"]["rules"] if one["code"] == code)


def tallies(data, name, code):
    """Outcomes of a rule by the label of each group."""
    labels = [group["label"] for group in environment(data, name)["matrix"]["groups"]]
    return {
        labels[cell["group"]]: {tally["outcome"]: tally["count"] for tally in cell["tallies"]}
        for cell in rule(data, name, code)["cells"]
    }


def test_it_writes_one_page_and_nothing_else(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL})
    result = qatgen(tmp_path, "report")
    assert (result.code, result.err) == (0, "report.html: no findings\n")
    assert sorted(tree(tmp_path)) == ["report.html", "spec.yaml"]


def test_pools_are_those_of_capacity(project):
    _, data, _ = report(project)
    told = json.loads(qatgen(project, "capacity", "-o", "json").out)["environments"]
    for name, pools in told.items():
        here = environment(data, name)["pools"]
        assert [(p["name"], p["vfs"]) for p in here] == [
            (p["pool"], {k: p["vfs"][k] for k in ("there", "asked", "left")}) for p in pools
        ]
        assert [[(f["nodes"], f["vfs"]) for f in p["fills"]] for p in here] == [
            sorted(((f["nodes"], f["vfs"]) for f in p["packing"]), key=lambda f: -f[1]) for p in pools
        ]


def test_findings_are_those_of_render(project):
    _, data, page = report(project)
    told = json.loads(qatgen(project, "render", "-o", "json").out)["findings"]
    assert told
    keys = {(f["rule"]["code"], f["location"]["file"], f["location"].get("line", 0), f["message"]) for f in told}
    assert {(p["code"], p["at"]["file"], p["at"]["line"], p["message"]) for p in data["problems"]} == keys
    articles = [one.text() for one in page.all("article")]
    assert all(any(message in article for article in articles) for _, _, _, message in keys)


def test_environments_of_a_finding_and_its_line(project):
    _, data, _ = report(project)
    lost = next(p for p in data["problems"] if p["code"] == "OVL021")
    assert lost["environments"] == ["dev"]
    assert KUSTOMIZATION.splitlines()[lost["at"]["line"] - 1] == '    patch: "[{op: remove, path: GONE}]"'
    [both] = [p for p in data["problems"] if p["code"] == "OWN-001"]
    assert both["environments"] == ["dev", "prod"]
    assert re.search(r" \(dev: \d+ objects, prod: \d+\)$", both["message"])
    quote = both["quote"]
    line = STAMPED.splitlines()[quote["line"] - 1]
    assert quote["before"] + quote["marked"] + quote["after"] == line


def test_files_are_those_that_are_rendered(project):
    _, before, _ = report(project)
    assert {f["state"] for t in before["trees"] for g in t["groups"] for f in g["files"]} == {"missing"}
    assert qatgen(project, "render").code == 0
    _, data, _ = report(project)
    standing = tree(project / "rendered")
    told = {
        f"{one['folder'].removeprefix('rendered/')}/{file['name']}": file
        for one in data["trees"]
        for group in one["groups"]
        for file in group["files"]
    }
    records = (".qatgen.json", ".qatgen.index")
    assert set(told) == {name for name in standing if not name.endswith(records)}
    assert all(file["sha256"] == hashlib.sha256(standing[name]).hexdigest() for name, file in told.items())
    assert {file["state"] for file in told.values()} == {"current"}
    (project / "rendered/dev/vpn/virtualmachine-gw-0.yaml").write_text("by hand\n", encoding="utf-8")
    link = project / "rendered/dev/vpn/virtualmachine-gw-2.yaml"
    link.unlink()
    link.symlink_to("/dev/zero")
    _, data, _ = report(project)
    states = {f["name"]: f["state"] for g in data["trees"][0]["groups"] for f in g["files"]}
    assert states["vpn/virtualmachine-gw-0.yaml"] == states["vpn/virtualmachine-gw-2.yaml"] == "differs"
    link.unlink()
    assert tree(project / "rendered")["dev/vpn/virtualmachine-gw-0.yaml"] == b"by hand\n"


def test_the_matrix_tells_outcomes_with_their_reasons(project):
    _, data, page = report(project)
    assert tallies(data, "prod", "OWN-001") == {"VirtualMachine gw-*": {"warned": 2}}
    [reason] = rule(data, "prod", "OWN-001")["reasons"]
    assert (reason["outcome"], reason["subject"], reason["count"], reason["message"]) == (
        "warned",
        "VirtualMachine vpn/gw-0",
        2,
        "<b>short</b>",
    )
    matrix = next(t for t in page.all("table") if t.attributes.get("data-table") == "matrix")
    assert "<b>short</b>" in matrix.text()
    assert not matrix.all("b")


def test_the_matrix_tells_waived_and_admitted_apart(project):
    waiver = "  waivers:\n    - {rule: OWN-001, match: {kind: VirtualMachine, name: gw-0}, reason: <i>old</i>, expires: 2030-01-01}\n"
    write(project, {"spec.yaml": STAMPED + waiver})
    _, data, _ = report(project)
    assert tallies(data, "prod", "OWN-001") == {"VirtualMachine gw-*": {"warned": 1, "waived": 1}}
    waived = next(r for r in rule(data, "prod", "OWN-001")["reasons"] if r["outcome"] == "waived")
    assert (waived["waiverReason"], waived["waiverUntil"]) == ("<i>old</i>", "2030-01-01")


def test_counts_of_the_matrix_are_those_of_the_record(project):
    assert qatgen(project, "render").code == 0
    _, data, _ = report(project)
    record = json.loads((project / "rendered/prod/.qatgen.json").read_text(encoding="utf-8"))
    asked: dict[str, int] = {}
    for about in record["files"].values():
        for codes in record["verdicts"].get(about.get("verdicts", ""), {}).values():
            for code in codes:
                asked[code] = asked.get(code, 0) + 1
    assert asked
    for code, count in asked.items():
        assert rule(data, "prod", code)["lookedAt"] == count
    for code, outcome in record["build"].items():
        row = rule(data, "prod", code)
        worst = [t["outcome"] for c in row["cells"] for t in c["tallies"]] + [t["outcome"] for t in row["build"]]
        assert outcome in worst or not row["lookedAt"], code


def test_rules_that_do_not_apply_say_why(project):
    _, data, _ = report(project)
    assert "spec.kubevirt.assignment == 'dra'" in rule(data, "prod", "QATP-041")["whyNot"]
    assert rule(data, "prod", "QATP-020")["whyNot"] == "no virtualmachineinstancepresets here"
    rules = environment(data, "prod")["matrix"]["rules"]
    assert all(bool(one["whyNot"]) == (one["lookedAt"] == 0) for one in rules)


def test_overlays_tell_what_they_change_lose_and_leave_dangling(project):
    _, data, _ = report(project)
    overlay = environment(data, "dev")["overlay"]
    [nodes] = overlay["spec"]
    assert (nodes["path"], nodes["before"], nodes["after"]) == ("spec.nodePools.vm.nodes", "2", "3")
    assert nodes["at"] == {"file": "overlays/dev/spec.yaml", "line": 1, "column": 38}
    [loss] = overlay["losses"]
    assert (loss["dangling"], loss["subject"]) == (False, "VirtualMachine vpn/gw-1")
    found = {a["subject"]: a for a in overlay["alterations"] if a["subject"].startswith("VirtualMachine ")}
    added = next(f for f in found["VirtualMachine vpn/gw-0"]["fields"] if "hostDevices" in f["path"])
    assert (added["before"], json.loads(added["after"])["name"]) == (None, "qat1")
    assert sum(a["count"] for a in overlay["alterations"]) == sum(
        k["count"] for k in environment(data, "dev")["objects"]
    )
    assert environment(data, "dev")["pools"][0]["overlayVfs"] == 1
    assert environment(data, "dev")["devices"][0]["overlayVfs"] == 1
    assert environment(data, "prod")["overlay"]["kustomization"] == ""


def test_what_an_overlay_leaves_dangling_is_told_and_refused(project):
    write(project, {"overlays/dev/kustomization.yaml": KUSTOMIZATION.replace("GONE", DANGLING)})
    result, data, _ = report(project)
    assert result.code == 1
    losses = environment(data, "dev")["overlay"]["losses"]
    assert {(loss["dangling"], loss["subject"]) for loss in losses} == {
        (False, "VirtualMachine vpn/gw-1"),
        (True, "VirtualMachine vpn/gw-1"),
    }
    dangling = next(p for p in data["problems"] if p["code"] == "OVL020")
    assert "GONE" in KUSTOMIZATION.splitlines()[dangling["at"]["line"] - 1]


def test_over_committed_pools_are_shown_and_nothing_is_rendered(project):
    write(project, {"overlays/prod/spec.yaml": "spec: {virtualMachines: [{name: gw, count: 40}]}\n"})
    result, data, page = report(project)
    assert result.code == 1
    pool = environment(data, "prod")["pools"][0]
    assert pool["vfs"] == {"there": 32, "asked": 40, "left": -8}
    assert pool["demands"][0]["unplaced"] == 8
    assert environment(data, "prod")["rendered"] is True
    assert not (project / "rendered").exists()
    assert "Refused: 1 error" in page.text()


def test_an_environment_that_cannot_be_resolved_is_left_out_by_name(project):
    write(project, {"overlays/prod/spec.yaml": "spec: {virtualMachines: [{name: gw, nodePool: none}]}\n"})
    result, data, page = report(project)
    assert (result.code, [one["name"] for one in data["environments"]]) == (1, ["dev"])
    assert "prod" in data["stopped"]
    assert data["stopped"] in page.text()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"spec.yaml": "spec: [\n"}, "could not be read"),
        ({"spec.yaml": SMALL.replace("kind: QATPlatform", "kind: Nothing")}, "could not be read"),
        (
            {"spec.yaml": SMALL, "templates/machine/machine.yaml.j2": "{{ nothing.there }}\n"},
            "Not every machine could be made",
        ),
    ],
)
def test_a_page_is_written_whatever_is_wrong(tmp_path, files, said):
    write(tmp_path, files)
    result, data, page = report(tmp_path)
    assert result.code == 1
    assert said in data["stopped"]
    assert data["findings"]["errors"] == len(data["problems"]) > 0
    assert len(page.all("article")) == len(data["problems"])


def test_the_same_sources_give_the_same_bytes(project):
    pages = []
    for jobs in ("1", "3"):
        assert qatgen(project, "report", "--jobs", jobs, "-o", f"html={jobs}.html", "-o", f"json={jobs}.json").code == 0
        pages.append([(project / f"{jobs}.{form}").read_bytes() for form in ("html", "json")])
    assert pages[0] == pages[1]
    assert not re.search(rb"/tmp/|qatgen-report-", pages[0][0] + pages[0][1])


def test_json_alone_goes_to_standard_output(project):
    result = qatgen(project, "report", "-o", "json", "-e", "prod")
    data = json.loads(result.out)
    assert [one["name"] for one in data["environments"]] == ["prod"]
    assert not (project / "report.html").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--spec", "none.yaml"], "none.yaml"),
        (["-e", "none"], 'there is no environment "none"'),
        (["-o", "pdf"], '"pdf" is no form of the report; known: html, json'),
        (["-o", "html="], "names no file"),
        (["-o", "html=none/report.html"], 'cannot write the report to "none/report.html"'),
        (["--today", "soon"], '"soon" is no day'),
    ],
)
def test_what_cannot_be_done_is_said(project, arguments, message):
    result = qatgen(project, "report", *arguments)
    assert result.code == (1 if "-e" in arguments else 2)
    assert message in result.err
    assert "Traceback" not in result.err


def test_links_are_refused_and_devices_are_written_to(project):
    (project / "kept").mkdir()
    (project / "report.html").symlink_to("kept/page.html")
    device = Path(os.devnull).stat().st_mode
    result = qatgen(project, "report", "-o", "html", "-o", f"json={os.devnull}")
    assert (result.code, "kept/page.html; name the file itself" in result.err) == (2, True)
    assert list((project / "kept").iterdir()) == []
    assert qatgen(project, "report", "-o", "html=kept/page.html", "-o", f"json={os.devnull}").code == 0
    assert (project / "kept/page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert Path(os.devnull).stat().st_mode == device


def test_a_folder_is_no_place_for_a_page(project):
    (project / "report.html").mkdir()
    result = qatgen(project, "report")
    assert (result.code, "Is a directory" in result.err) == (2, True)


def test_a_page_that_cannot_be_written_leaves_the_old_one(project, monkeypatch):
    assert qatgen(project, "report").code == 0
    before = tree(project)
    (project / "overlays/other").mkdir()  # another page is to be written

    def full(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("generator.emit.file._write", full)
    result = qatgen(project, "report")
    assert (result.code, "no space left on device" in result.err) == (2, True)
    assert tree(project) == before


def test_two_thousand_machines_make_a_page_that_opens(tmp_path):
    spec = SMALL.replace("    - name: gw\n", "    - name: gw\n      count: 2000\n").replace("nodes: 2", "nodes: 140")
    write(tmp_path, {"spec.yaml": spec})
    result, data, page = report(tmp_path)
    assert result.code == 0, result.err
    assert (tmp_path / "report.html").stat().st_size < 400_000
    assert tallies(data, "default", "QATP-015") == {"VirtualMachine gw-*": {"admitted": 2000}}
    machines = next(g for g in data["trees"][0]["groups"] if g["kind"] == "VirtualMachine")
    assert machines["count"] == len(machines["files"]) + machines["more"]["count"] == 2000
    assert machines["more"]["where"] == "rendered/default/.qatgen.json"
    assert "rendered/default/.qatgen.json has all of them" in page.text()


def test_many_unlike_machines_are_grouped_by_kind(tmp_path):
    head, _, machine = SMALL.partition("    - name: gw\n")
    machines = "".join(f"    - name: gw{number}\n{machine}" for number in range(30))
    write(tmp_path, {"spec.yaml": head + machines})
    _, data, _ = report(tmp_path)
    groups = environment(data, "default")["matrix"]["groups"]
    assert len(groups) <= 16
    assert tallies(data, "default", "QATP-015") == {"VirtualMachine gw*": {"admitted": 30}}


def alterations(data, name):
    return {(one["what"], one["subject"]): one for one in environment(data, name)["overlay"]["alterations"]}


@pytest.mark.parametrize("engine", ["qatgen", "kustomize"])
def test_objects_that_an_overlay_adds_renames_and_removes(tmp_path, engine):
    if engine == "kustomize" and not (shutil.which("kustomize") or shutil.which("kubectl")):
        pytest.skip("neither kustomize nor kubectl is on PATH")
    kustomization = """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
resources: [extra.yaml]
patches:
  - patch: |
      {apiVersion: kubevirt.io/v1, kind: VirtualMachine, metadata: {name: gw-1, namespace: vpn}, $patch: delete}
"""
    extra = "{apiVersion: v1, kind: ConfigMap, metadata: {name: extra, namespace: vpn}, data: {a: b}}\n"
    write(
        tmp_path,
        {"spec.yaml": STAMPED, "overlays/dev/kustomization.yaml": kustomization, "overlays/dev/extra.yaml": extra},
    )
    _, data, _ = report(tmp_path, "--engine", engine)
    found = alterations(data, "dev")
    assert found["added", "ConfigMap vpn/extra"]["count"] == 1
    assert found["removed", "VirtualMachine vpn/gw-1"]["fields"] == []
    assert environment(data, "dev")["pools"][0]["overlayVfs"] == -1
    files = {file["name"]: group for group in data["trees"][0]["groups"] for file in group["files"]}
    assert files["vpn/configmap-extra.yaml"]["template"] == ""
    assert "vpn/virtualmachine-gw-1.yaml" not in files


def test_a_renamed_object_is_told_with_what_it_was(tmp_path):
    kustomization = """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target: {kind: ConfigMap, name: qat-config-vm}
    options: {allowNameChange: true}
    patch: "[{op: replace, path: /metadata/name, value: renamed}]"
"""
    write(tmp_path, {"spec.yaml": SMALL, "overlays/dev/kustomization.yaml": kustomization})
    _, data, _ = report(tmp_path)
    [renamed] = [one for (what, _), one in alterations(data, "dev").items() if what == "renamed"]
    assert renamed["subject"].endswith("/renamed")
    [name] = [field for field in renamed["fields"] if field["path"] == "metadata.name"]
    assert (name["before"], name["after"]) == ("qat-config-vm", "renamed")
    assert renamed["at"][0]["file"] == "overlays/dev/kustomization.yaml"


ASKING = POLICY.replace("named-well", "may-do").replace("OWN-001", "OWN-002").replace(
    '"object.metadata.name.size() > 4"', "\"authorizer.group('').resource('pods').check('create').allowed()\""
)  # fmt: skip


def test_the_matrix_tells_what_is_audited_and_what_only_the_cluster_decides(tmp_path):
    files = {
        "spec.yaml": SMALL,
        "policies/named-well/policy.yaml": POLICY,
        "policies/named-well/binding.yaml": BINDING.replace("ACTION", "Audit"),
        "policies/may-do/policy.yaml": ASKING,
        "policies/may-do/binding.yaml": BINDING.replace("ACTION", "Deny").replace("named-well", "may-do"),
    }
    write(tmp_path, files)
    _, data, _ = report(tmp_path)
    assert tallies(data, "default", "OWN-001") == {"VirtualMachine gw": {"audited": 1}}
    assert tallies(data, "default", "OWN-002") == {"VirtualMachine gw": {"undecided": 1}}
    [reason] = rule(data, "default", "OWN-002")["reasons"]
    assert (reason["outcome"], "cannot be decided here" in reason["message"]) == ("undecided", True)


def test_policies_of_templates_are_in_the_matrix_by_their_names(tmp_path):
    index = "templates:\n"
    for part in ("policy", "binding"):
        index += f"  - {{template: own/{part}.yaml.j2, each: kubevirts, as: kubevirt}}\n"
    plain = POLICY.replace("annotations: {qatgen.dev/rule: OWN-001, qatgen.dev/summary: Machines have long names.}", "")
    head = "{# A policy of the platform's own. It reads `kubevirt`. #}\n"
    write(
        tmp_path,
        {
            "spec.yaml": SMALL,
            "templates/index.yaml": index,
            "templates/own/policy.yaml.j2": head + plain,
            "templates/own/binding.yaml.j2": head + BINDING.replace("ACTION", "Warn"),
        },
    )
    _, data, page = report(tmp_path)
    assert tallies(data, "default", "named-well") == {"VirtualMachine gw": {"warned": 1}}
    [reason] = rule(data, "default", "named-well")["reasons"]
    assert (reason["outcome"], reason["message"]) == ("warned", "<b>short</b>")
    assert "named-well" in page.text()


def test_a_policy_without_a_code_is_told_by_its_name_whatever_its_folder(tmp_path):
    plain = POLICY.replace("annotations: {qatgen.dev/rule: OWN-001, qatgen.dev/summary: Machines have long names.}", "")
    files = {
        "spec.yaml": SMALL,
        "policies/a/policy.yaml": plain,
        "policies/a/binding.yaml": BINDING.replace("ACTION", "Warn"),
    }
    write(tmp_path, files)
    _, data, _ = report(tmp_path)
    assert tallies(data, "default", "named-well") == {"VirtualMachine gw": {"warned": 1}}
    assert [reason["message"] for reason in rule(data, "default", "named-well")["reasons"]] == ["<b>short</b>"]


def test_devices_without_a_class_are_told_by_their_resource(tmp_path):
    permitted = """\
  kubevirt:
    permittedHostDevices:
      pciHostDevices: [{pciVendorSelector: "10DE:1DB6", resourceName: example.com/gpu}]
"""
    machine = SMALL.replace(
        "qat: [{name: qat0, deviceClass: sym}]",
        "qat: [{name: a, deviceClass: sym}, {name: b, deviceName: example.com/gpu, count: 2}]",
    )
    write(tmp_path, {"spec.yaml": machine.replace("  deviceClasses:\n", f"{permitted}  deviceClasses:\n")})
    _, data, _ = report(tmp_path)
    devices = {device["name"]: device for device in environment(data, "default")["devices"]}
    assert [(user["machine"], user["vfs"]) for user in devices["sym"]["users"]] == [("gw", 1)]
    gpu = devices["example.com/gpu"]
    assert (gpu["family"], gpu["vfIds"], [(user["machine"], user["vfs"]) for user in gpu["users"]]) == (
        "",
        [],
        [("gw", 2)],
    )


def test_long_values_are_cut_and_secrets_are_masked(tmp_path):
    secret = "{apiVersion: v1, kind: Secret, metadata: {name: keys, namespace: vpn}, stringData: {key: %s}}\n"
    kustomization = f"""\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target: {{kind: Secret}}
    patch: "[{{op: replace, path: /stringData/key, value: hidden-after}}]"
  - target: {{kind: VirtualMachine}}
    patch: "[{{op: add, path: /metadata/annotations, value: {{long: {"x" * 1000}}}}}]"
"""
    write(
        tmp_path,
        {
            "spec.yaml": SMALL,
            "templates/index.yaml": "templates:\n  - {template: own/secret.yaml.j2, each: kubevirts, as: kubevirt}\n",
            "templates/own/secret.yaml.j2": "{# A secret. It reads `kubevirt`. #}\n" + secret % "hidden-before",
            "overlays/dev/kustomization.yaml": kustomization,
        },
    )
    _, data, page = report(tmp_path)
    found = alterations(data, "dev")
    [key] = found["changed", "Secret vpn/keys"]["fields"]
    assert "hidden" not in json.dumps(found["changed", "Secret vpn/keys"])
    assert key["before"] is not None
    assert max(map(len, page.text().split())) < 400


def test_an_environment_with_errors_may_be_asked_for(project):
    write(project, {"overlays/prod/spec.yaml": "spec: {virtualMachines: [{name: gw, nodePool: none}]}\n"})
    result, data, _ = report(project, "-e", "prod")
    assert (result.code, data["environments"]) == (1, [])
    assert "prod" in data["stopped"]
    assert [problem["environments"] for problem in data["problems"]] == [["prod"]]
    result, data, _ = report(project, "-e", "dev")
    assert (result.code, [one["name"] for one in data["environments"]], data["stopped"]) == (0, ["dev"], "")
