"""Files read once: what is kept of each object, and where it is found again."""

import pytest

from generator.pipeline.inputs import Input
from generator.pipeline.manifests import ManifestReader

LIST = """\
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: a}
  - apiVersion: kubevirt.io/v1
    kind: KubeVirt
    metadata: {name: b}
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(LIST + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: c}\n")
    return Input(path, "a.yaml")


def test_a_file_is_parsed_once(file, monkeypatch):
    read = ManifestReader()
    first = read.objects(file)
    monkeypatch.setattr(Input, "raw", lambda _: pytest.fail("it is read again"))
    assert read.objects(file) == first
    assert list(read.mentioning([file], ["Nothing"])) == list(first)
    assert [str(read.place(kept, ("metadata", "name"))[0]) for kept in first] == [
        "a.yaml:6:22",
        "a.yaml:9:22",
        "a.yaml:13:18",
    ]


def test_what_is_kept_of_an_object(file):
    config, kubevirt, namespace = ManifestReader(frozenset({"KubeVirt"})).objects(file)
    assert config.data() == {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    assert (config.document, kubevirt.document is None, namespace.document) == (None, False, None)
    assert kubevirt.is_a("KubeVirt", "kubevirt.io")
    assert not namespace.is_a("Namespace", "example.com")
    assert config.size == len("apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: a}\n  ")


def test_an_object_is_found_again_after_other_files_were_read(file, tmp_path):
    other = tmp_path / "b.yaml"
    other.write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: d}\n")
    read = ManifestReader()
    first = read.objects(file)[1]
    read.objects(Input(other, "b.yaml"))
    assert str(read.place(first, ("metadata", "name"))[0]) == "a.yaml:9:22"
    assert read.place(first, ("spec",))[1] == ("items", 1, "spec")


def test_a_file_that_changes_meanwhile_has_no_places(file, tmp_path):
    other = tmp_path / "b.yaml"
    other.write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: d}\n")
    read = ManifestReader()
    last = read.objects(file)[2]
    read.objects(Input(other, "b.yaml"))
    file.path.write_text("")
    assert str(read.place(last, ("metadata",))[0]) == "a.yaml"
    file.path.unlink()
    read.objects(Input(other, "b.yaml"))
    assert str(read.place(last, ("metadata",))[0]) == "a.yaml"


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("kind: 'Namespace'\n", True),
        ('kind: "\\x4eamespace"\n', True),
        ('kind: "Name\\\n  space"\n', True),
        ("kind: NamespaceList\nitems: []\n", True),
        ("metadata: {namespace: a}\n", False),
        ('data: "\\n"\n', False),
    ],
)
def test_files_that_cannot_hold_a_word_are_not_parsed(tmp_path, text, parsed):
    path = tmp_path / "a.yaml"
    path.write_text(text)
    read = ManifestReader()
    list(read.mentioning([Input(path, "a.yaml")], ["Namespace"]))
    assert ("a.yaml" in read._kept) is parsed


def test_unreadable_files_are_reported_once(tmp_path):
    read = ManifestReader()
    for _ in range(2):
        assert read.objects(Input(tmp_path / "no.yaml", "no.yaml")) == ()
    assert [finding.rule.code for finding in read.findings] == ["SRC001"]
