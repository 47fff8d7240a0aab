"""Mistakes in text are named at their place by every command, in every file that is read: not by a parser's words."""

import re

import pytest

from tests.support.workspace import NAMED_WELL, SMALL, qatgen, write

CONFLICT = "<<<<<<< HEAD\n  a: 1\n=======\n  a: 2\n>>>>>>> other\n"
KUSTOMIZATION = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
INLINE = KUSTOMIZATION + "patches:\n  - target: {kind: VirtualMachine}\n    patch: |\n      spec:\n"
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n"
BINDING = (
    "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {name: named-well}\n"
    "spec: {policyName: named-well, validationActions: [Deny]}\n"
)


def spec(old: str, new: str) -> dict[str, str]:
    assert old in SMALL
    return {"spec.yaml": SMALL.replace(old, new)}


def template(text: str) -> dict[str, str]:
    index = "templates:\n  - {template: own/t.yaml.j2, each: machines, as: machine}\n"
    return {"templates/index.yaml": index, "templates/own/t.yaml.j2": "{# a machine's #}\n" + text}


TEMPLATE = CONFIG_MAP.replace("name: a", "name: {{ machine.name }}")
RENDER = {
    "indented less": (spec("      nodes: 2\n", "    nodes: 2\n"), "spec.yaml:12:5", "`nodes` is indented by 4 spaces",
                      "as `deviceClass`"),
    "indented more": (spec("      nodes: 2\n", "        nodes: 2\n"), "spec.yaml:12:9", "more than `deviceClass`",
                      "indent it by 6 spaces"),
    "tab": (spec("      nodes: 2\n", "\t  nodes: 2\n"), "spec.yaml:12:1", "a tab in the indentation", "| →"),
    "no-break space": (spec("      nodes: 2\n", "    \u00a0 nodes: 2\n"), "spec.yaml:12:5", "no-break space (U+00A0)",
                       r"| \s{4}\\xa0 nodes"),
    "no-break space after a colon": (spec("nodes: 2\n", "nodes:\u00a02\n"), "spec.yaml:12:", "no-break space", "spaces"),
    "typographic quotes": (spec("name: gw\n", "name: “gw”\n"), "spec.yaml:18:13", "typographic", 'write "gw"'),
    "unclosed brace": (spec("{guest: 2Gi}", "{guest: 2Gi"), "spec.yaml:21:15", "`{` is never closed", "close it"),
    "missing colon": (spec("namespace: vpn", "namespace vpn"), "spec.yaml:19:7", "has no `:`", "namespace: vpn"),
    "open quote": (spec("namespace: vpn", 'namespace: "vpn'), "spec.yaml:19:18", 'the quote `"` is not closed', "close"),
    "a number for a text": (spec("nodeSelector: {example.com/pool: vm}", "nodeSelector: {example.com/pool: 4.20}"),
                            "spec.yaml:15:40", "is a number, not text", 'write "4.20" in quotes'),
    "two documents": ({"spec.yaml": SMALL + "---\na: b\n"}, f"spec.yaml:{SMALL.count(chr(10)) + 1}:1", "2 documents", "---"),
    "a list": ({"spec.yaml": "- a\n- b\n"}, "spec.yaml:1:1", "a list of 2 items, not a mapping", "apiVersion"),
    "a manifest": ({"spec.yaml": CONFIG_MAP}, "spec.yaml:2:7", "manifest of Kubernetes (v1 ConfigMap)", "resources:"),
    "conflict": (spec("      nodes: 2\n", CONFLICT), "spec.yaml:12:1", "conflict marker of git", "choose a side"),
    "anchor": (spec("{guest: 2Gi}", "&m {guest: 2Gi}"), "spec.yaml:21:15", "would hide what a value is", "remove `&m`"),
    "alias": (spec("{guest: 2Gi}", "*m"), "spec.yaml:21:15", "hides what the value is", "`&m`"),
    "braces": (spec("name: gw\n", "name: {{ .Values.name }}\n"), "spec.yaml:18:13", "braces of a template", "quotes"),
    "overlay": ({"overlays/dev/spec.yaml": f"spec:\n{CONFLICT}"}, "overlays/dev/spec.yaml:2:1", "conflict marker", "side"),
    "kustomization": ({"overlays/dev/kustomization.yaml": KUSTOMIZATION + "patches:\n\t- a\n"},
                      "overlays/dev/kustomization.yaml:4:1", "a tab", "spaces"),
    "inline patch": ({"overlays/dev/kustomization.yaml": INLINE + "      \ta: 1\n"},
                     "overlays/dev/kustomization.yaml:7:7", "a tab in the indentation", "spaces"),
    "braces in an inline patch": ({"overlays/dev/kustomization.yaml": INLINE + "        a: {b: 1\n      c: 2\n"},
                                  "overlays/dev/kustomization.yaml:7:12", "`{` is never closed", "close it"),
    "patch": ({"overlays/dev/kustomization.yaml": KUSTOMIZATION + "patches: [{path: p.yaml}]\n",
               "overlays/dev/p.yaml": f"kind: VirtualMachine\n{CONFLICT}"}, "overlays/dev/p.yaml:2:1", "conflict", "side"),
    "resource": ({"overlays/dev/kustomization.yaml": KUSTOMIZATION + "resources: [r.yaml]\n",
                  "overlays/dev/r.yaml": f"{CONFIG_MAP}data:\n  a: {{{{ .x }}}}-y\n"},
                 "overlays/dev/r.yaml:5:6", "braces of a template, `{{ .x }}`", "quotes"),
    "policy": ({"policies/own/policy.yaml": NAMED_WELL + "  \u00a0x: 1\n", "policies/own/binding.yaml": BINDING},
               f"policies/own/policy.yaml:{NAMED_WELL.count(chr(10)) + 1}:", "no-break space", "spaces"),
    "team file": (spec("spec:\n", "spec:\n  include: [team.yaml]\n") | {"team.yaml": "kind: QATVirtualMachines\nx y\n"},
                  "team.yaml:2:1", "`x y` has no `:`", "write `x: y`"),
    "tab in a template": (template(TEMPLATE + "\tdata: {}\n"), "templates/own/t.yaml.j2:5:1", "a tab", "| →"),
    "brace in a template": (template(TEMPLATE[:-2] + "\ndata: {}\n"), "templates/own/t.yaml.j2:4:11", "never closed", "}"),
    "name in a template": (template(TEMPLATE + "data: {a: {{ machine.nam }}}\n"), "templates/own/t.yaml.j2:5:22",
                           'no "nam"', '"name"'),
    "any name in a template": (template(TEMPLATE + "data: {a: {{ zzzzzz }}}\n"), "templates/own/t.yaml.j2:5:14",
                               '"zzzzzz" is not defined', "known: environment, machine, target"),
}  # fmt: skip


@pytest.mark.parametrize("case", RENDER)
def test_render(tmp_path, case):
    files, place, message, also = RENDER[case]
    write(tmp_path, {"spec.yaml": SMALL, "overlays/dev/spec.yaml": "spec: {}\n"} | files)
    result = qatgen(tmp_path, "render")
    assert result.code == 1
    first = result.err.split("\n\n")[0]
    assert f"--> {place}" in first, result.err
    assert message in first
    assert re.search(also, first) or also in first, first
    assert "help: " in first
    assert not (tmp_path / "rendered").exists()


BOM = "\ufeff"
VALIDATE: dict[str, tuple[str, str | bytes, int, str, str]] = {
    "JSON": ("a.json", '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"\\ud83d\\ude00"}}', 1, "😀", "a.json"),
    "JSON comma": ("a.json", '{"apiVersion":"v1",\n"kind":"Namespace",}', 1, "a comma before `}`", "a.json:2:19"),
    "JSON twice": ("a.json", '{"apiVersion":"v1","kind":"Namespace",\n"kind":"Pod"}', 1, '"kind" appears twice', "a.json:2:1"),
    "key": ("a.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  labels:\n    n: x\n", 0,
            'key `n` is the boolean false to YAML 1.1, so Kubernetes reads the key "false"', "a.yaml:6:5"),
    "marker": ("a.yaml", f"{CONFIG_MAP}data:\n{CONFLICT}", 1, "conflict marker", "a.yaml:5:1"),
    "binary": ("a.yaml", f"{CONFIG_MAP}data:\n  a: !!binary /w==\n", 1, "0xff", "a.yaml:5:6"),
    "UTF-16": ("a.yaml", CONFIG_MAP.encode("utf-16"), 2, "the file is UTF-16 (little endian)", "a.yaml:1:1"),
}  # fmt: skip


@pytest.mark.parametrize("case", VALIDATE)
def test_validate(tmp_path, case):
    name, text, code, message, place = VALIDATE[case]
    write(tmp_path, {name: text})
    result = qatgen(tmp_path, "validate", name)
    assert (result.code, message in result.err, place in result.err) == (code, True, True), result.err


def test_several_documents_with_marks_and_in_json(tmp_path):
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: NAME}\n"
    text = f"{BOM}{namespace}---\n{BOM}{namespace}\n{BOM}---\n{namespace}".replace("NAME", "a", 1).replace(
        "NAME", "b", 1
    )
    as_json = '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"d"}}'
    write(tmp_path, {"a.yaml": text.replace("NAME", "c"), "b.json": as_json + as_json.replace(':"d"', ':"e"')})
    result = qatgen(tmp_path, "validate", "a.yaml", "b.json")
    assert (result.code, "5 valid" in result.out or "objects in 2 files" in result.out) == (0, True), result
    assert "warning" not in result.err


def test_check_says_why_a_rendered_file_cannot_be_read(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL, "overlays/dev/spec.yaml": "spec: {}\n"})
    assert qatgen(tmp_path, "render").code == 0
    [machine] = (tmp_path / "rendered" / "dev").rglob("virtualmachine-gw.yaml")
    machine.write_text(machine.read_text().replace("spec:\n", f"spec:\n{CONFLICT}", 1))
    line = machine.read_text().split("\n").index("<<<<<<< HEAD") + 1
    result = qatgen(tmp_path, "check")
    assert result.code == 1
    assert f"line {line}: not YAML: a conflict marker of git (`<<<<<<<`)" in result.err
