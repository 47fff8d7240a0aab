"""`qatgen validate` and `qatgen schema import`."""

import re

import pytest

from generator.explain import load_pages
from tests.support.shared import shared_path
from tests.support.workspace import REPOSITORY, SMALL, qatgen, tree, write

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"
TYPO = "      vmiSpec: {domain: {devices: {watchdgo: {name: w}}}}\n"


@pytest.fixture
def rendered(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL})
    assert qatgen(tmp_path, "render", "-q").code == 0
    return tmp_path


def test_what_is_rendered_is_valid(rendered):
    result = qatgen(rendered, "validate")
    assert (result.code, result.err) == (0, "")
    assert re.search(
        r"Kubernetes 1\.36: (\d+) objects in \1 files: \d+ valid, 0 invalid, 0 missing, 1 skipped", result.out
    )


def test_render_refuses_a_typo_at_the_line_of_the_spec(rendered):
    before = tree(rendered)
    write(rendered, {"spec.yaml": SMALL + TYPO})
    result = qatgen(rendered, "render", "--color", "never")
    assert result.code == 1
    assert "error[SCH001 unknown-field]" in result.err
    assert "--> spec.yaml:24:36" in result.err
    assert 'did you mean "watchdog"?' in result.err
    assert {k: v for k, v in tree(rendered).items() if k != "spec.yaml"} == {
        k: v for k, v in before.items() if k != "spec.yaml"
    }


def test_many_machines_share_one_finding(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL.replace("- name: gw\n", "- name: gw\n      count: 20\n") + TYPO})
    result = qatgen(tmp_path, "render", "--color", "never")
    assert result.err.count("SCH001") == 1
    assert "(and 19 more objects)" in result.err
    assert not (tmp_path / "rendered").exists()


def test_a_hand_edit_is_found_in_the_file(rendered):
    path = rendered / "rendered/default/vpn/virtualmachine-gw.yaml"
    path.write_text(path.read_text().replace("    spec:\n", "    spec:\n      evictionstrategy: None\n"))
    result = qatgen(rendered, "validate", "--color", "never")
    assert result.code == 1
    assert "evictionStrategy" in result.err
    assert "rendered/default/vpn/virtualmachine-gw.yaml:" in result.err


def test_several_versions_give_a_table(rendered):
    result = qatgen(rendered, "validate", "-k", "1.25", "-k", "1.30,1.37", "--color", "never")
    assert result.code == 1
    rows = [line.split() for line in result.out.splitlines()]
    assert rows[0] == ["KUBERNETES", "VALID", "INVALID", "MISSING", "SKIPPED"]
    assert [row[0] for row in rows[1:]] == ["1.25", "1.30", "1.37"]
    assert "(Kubernetes 1.25)" in result.err


def test_missing_schemas_are_an_error_or_counted(tmp_path):
    write(tmp_path, {"a.yaml": "apiVersion: example.com/v1\nkind: Odd\nmetadata: {name: a}\n"})
    assert qatgen(tmp_path, "validate", "a.yaml").code == 1
    result = qatgen(tmp_path, "validate", "a.yaml", "--ignore-missing-schemas")
    assert (result.code, "1 missing" in result.out) == (0, True)
    assert qatgen(tmp_path, "validate", "a.yaml", "--skip", "example.com/v1/Odd").code == 0


def test_unknown_fields_can_be_warnings(tmp_path):
    write(tmp_path, {"a.yaml": NAMESPACE + "odd: 1\n"})
    assert qatgen(tmp_path, "validate", "a.yaml").code == 1
    result = qatgen(tmp_path, "validate", "a.yaml", "--no-strict")
    assert (result.code, "warning[SCH001" in result.err) == (0, True)


@pytest.mark.parametrize(
    ("content", "arguments", "code", "words"),
    [
        (NAMESPACE, ("-k", "2.0"), 2, "1.25 to 1.37"),
        (NAMESPACE, ("-k", "x"), 2, "SCH013"),
        (None, (), 2, "SRC001"),
        ("", (), 1, "SRC051"),
        (b"\x7fELF\x02\x01\x00\xff\xfe", (), 2, "SRC002"),
        (b"a: " + b"x" * 50_000_000, (), 1, "SRC003"),
        ("- a\n- b\n", (), 1, "SCH012"),
        ("just text\n", (), 1, "SCH012"),
        ("metadata: {name: a}\n", (), 1, "SCH012"),
        ("a: [\n", (), 1, "SRC004"),
        ("a: &a [1, *a]\n", (), 1, "SRC013"),
        ("kind: List\napiVersion: v1\nitems: [{apiVersion: v1, kind: Pod}]\n", (), 1, "items[0]"),
    ],
    ids=["no version", "no version at all", "no file", "empty", "binary", "50 MB", "list", "text", "no kind", "not YAML",
         "endless", "List"],
)  # fmt: skip
def test_bad_input(tmp_path, content, arguments, code, words):
    if content is not None:
        (tmp_path / "a.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    result = qatgen(tmp_path, "validate", "a.yaml", *arguments, "--color", "never")
    assert (result.code, words in result.err) == (code, True), result.err[:500]
    assert "Traceback" not in result.err


def test_crds_of_the_same_build_are_used(tmp_path):
    page = load_pages()["SCH004"]
    assert page.rejected
    write(tmp_path, {**page.rejected.files})
    assert "SCH004" in qatgen(tmp_path, "validate", "a.yaml").err


@pytest.mark.parametrize("wanted", ["render", "validate"])
def test_imported_crds_are_used(rendered, wanted):
    crds = shared_path("crds/kubevirt")
    result = qatgen(rendered, "schema", "import", str(crds))
    assert (result.code, "schemas/kubevirt.io/virtualmachines.yaml: written" in result.out) == (0, True)
    assert "unchanged" in qatgen(rendered, "schema", "import", str(crds)).out
    # A field the full CRD has, and our own schema of the same kind does not know.
    probe = {"full.yaml": (rendered / "rendered/default/vpn/virtualmachine-gw.yaml").read_text()}
    write(rendered, probe)
    assert qatgen(rendered, wanted, *(["full.yaml"] if wanted == "validate" else [])).code == 0


def test_import_reads_lists_and_refuses_what_is_no_crd(tmp_path):
    page = load_pages()["SCH004"]
    assert page.accepted
    crd = page.accepted.files["a.yaml"].partition("---\n")[0]
    items = "".join(f"{'- ' if n == 0 else '  '}{line}\n" for n, line in enumerate(crd.splitlines()))
    write(tmp_path, {"list.yaml": f"apiVersion: v1\nkind: List\nitems:\n{items}", "b.yaml": NAMESPACE})
    assert qatgen(tmp_path, "schema", "import", "list.yaml").code == 0
    assert (tmp_path / "schemas/example.com/things.yaml").is_file()
    assert qatgen(tmp_path, "schema", "import", "b.yaml").code == 1
    write(tmp_path, {"evil.yaml": crd.replace("plural: things", "plural: ../../../things")})
    before = tree(tmp_path)
    assert qatgen(tmp_path, "schema", "import", "evil.yaml").code == 1
    assert tree(tmp_path) == before


def test_the_seeds_machine_is_the_one_upstream_refuses(tmp_path):
    crds = shared_path("crds")
    note = "examples/seed/rendered/default/default/virtualmachineinstance-vmi-qat.yaml"
    result = qatgen(tmp_path, "validate", str(REPOSITORY / note), "--schema-location", str(crds))
    assert (result.code, '"spec.domain.devices.qats"' in result.err) == (1, True)


@pytest.mark.parametrize("full", [False, True], ids=["our own schemas", "full CRDs"])
def test_what_people_write_raises_no_alarm(tmp_path, full):
    locations = ["--schema-location", str(shared_path("crds"))] if full else []
    manifests = str(REPOSITORY / "tests/data/manifests")
    result = qatgen(tmp_path, "validate", manifests, "--ignore-missing-schemas", *locations, "--fail-on", "warning")
    assert (result.code, result.err) == (0, "")
    assert re.search(r"6 objects in 1 files: [45] valid, 0 invalid, [12] missing", result.out), result.out


WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      volumes:
        - {name: data, emptyDir: {}}
      containers:
        - name: web
          image: nginx:1
          volumeMounts:
            - {name: dta, mountPath: /data}
          resources: {requests: {cpu: "2"}, limits: {cpu: "1"}}
"""


def test_a_built_in_kind_is_checked_beyond_its_schema(tmp_path):
    write(tmp_path, {"web.yaml": WORKLOAD})
    result = qatgen(tmp_path, "validate", "web.yaml", "--color", "never")
    assert result.code == 1
    mount = 'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "dta"'
    assert f"error[SCH005 invalid-value]: {mount}" in result.err
    assert "--> web.yaml:15:" in result.err
    assert 'did you mean "data"?' in result.err
    assert 'requests.cpu: Invalid value: "2": must be less than or equal to cpu limit of 1' in result.err
    write(tmp_path, {"web.yaml": WORKLOAD.replace("dta", "data").replace('cpu: "1"', 'cpu: "2"')})
    assert qatgen(tmp_path, "validate", "web.yaml").code == 0
