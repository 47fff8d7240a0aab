"""Strategic merge, ours and kustomize's; JSON patches; selectors; the small grammars of kustomizations."""

from typing import Any

import pytest

from generator.overlay.generators import hashed_name
from generator.overlay.merge import Merger
from generator.overlay.refusal import RefusalError
from generator.overlay.selector import label_test
from generator.overlay.settings import settings
from generator.overlay.transformers import new_image
from generator.overlay.variables import expand


class Both:
    """A merger whose result is there."""

    def __init__(self, merger: Merger) -> None:
        self.merger = merger

    def merge(self, base: Any, patch: Any) -> Any:
        return self.merger.merge(base, patch)


OURS = Both(Merger(settings().shapes))
THEIRS = Both(Merger(settings(compat=True).shapes, compat=True))


def machine(**devices):
    spec = {"domain": {"devices": devices}, "volumes": [{"name": "root"}, {"name": "data"}]}
    return {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "spec": {"template": {"spec": spec}}}


def pod(*containers):
    return {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": list(containers)}}


def test_lists_of_machines_merge_by_name_and_new_items_come_last():
    base = machine(disks=[{"name": "root"}, {"name": "data", "disk": {"bus": "sata"}}], hostDevices=[{"name": "qat0"}])
    patch = machine(
        disks=[{"name": "data", "disk": {"bus": "virtio"}}, {"name": "new"}], hostDevices=[{"name": "qat1"}]
    )
    del patch["spec"]["template"]["spec"]["volumes"]
    devices = OURS.merge(base, patch)["spec"]["template"]["spec"]["domain"]["devices"]
    assert devices["disks"] == [{"name": "root"}, {"name": "data", "disk": {"bus": "virtio"}}, {"name": "new"}]
    assert [device["name"] for device in devices["hostDevices"]] == ["qat0", "qat1"]


def test_kustomize_replaces_them():
    base = machine(disks=[{"name": "root"}])
    merged = THEIRS.merge(base, machine(disks=[{"name": "new"}]))
    assert merged["spec"]["template"]["spec"]["domain"]["devices"]["disks"] == [{"name": "new"}]


def test_kustomize_puts_what_a_patch_names_first():
    base, patch = pod({"name": "a"}, {"name": "b"}), pod({"name": "b", "image": "x"}, {"name": "c"})
    assert [c["name"] for c in THEIRS.merge(base, patch)["spec"]["containers"]] == ["b", "c", "a"]
    base = pod({"name": "a"}, {"name": "b"})
    assert [c["name"] for c in OURS.merge(base, patch)["spec"]["containers"]] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("patch", "names"),
    [
        ([{"name": "a", "$patch": "delete"}], ["b"]),
        ([{"$patch": "replace"}, {"name": "z"}], ["z"]),
        ([{"name": "b", "$patch": "replace", "image": "q"}], ["a", "b"]),
    ],
)
def test_directives_of_items(patch, names):
    merged = OURS.merge(pod({"name": "a", "image": "i"}, {"name": "b", "args": ["x"]}), pod(*patch))
    assert [c["name"] for c in merged["spec"]["containers"]] == names
    if names == ["a", "b"]:
        assert merged["spec"]["containers"][1] == {"name": "b", "image": "q"}


def test_directives_of_mappings():
    base = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "data": {"a": "1", "b": "2"},
        "metadata": {"finalizers": ["x", "y"]},
    }
    patch = {"data": {"$retainKeys": ["a", "c"], "c": "3"}, "metadata": {"$deleteFromPrimitiveList/finalizers": ["x"]}}
    merged = OURS.merge(base, patch)
    assert (merged["data"], merged["metadata"]) == ({"a": "1", "c": "3"}, {"finalizers": ["y"]})
    assert OURS.merge({"data": {"a": "1"}, "kind": "X"}, {"data": {"$patch": "replace", "z": "9"}})["data"] == {
        "z": "9"
    }
    assert OURS.merge({"data": {"a": "1"}, "kind": "X"}, {"$patch": "delete"}) is None


def test_the_order_of_items_can_be_given():
    patch = {"spec": {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}}
    merged = OURS.merge(pod({"name": "a"}, {"name": "b"}, {"name": "c"}), patch)
    assert [c["name"] for c in merged["spec"]["containers"]] == ["b", "a", "c"]


def test_sets_are_joined():
    kubevirt = {"apiVersion": "kubevirt.io/v1", "kind": "KubeVirt"}
    gates = lambda *names: {"spec": {"configuration": {"developerConfiguration": {"featureGates": list(names)}}}}  # noqa: E731
    merged = OURS.merge({**kubevirt, **gates("A", "B")}, gates("C", "A"))
    assert merged["spec"]["configuration"]["developerConfiguration"]["featureGates"] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("base", "patch", "words"),
    [
        ({"a": {"b": 1}}, {"a": "x"}, '"a" is a mapping in the base and a plain value in the patch'),
        ({"a": [1]}, {"a": {"b": 1}}, '"a" is a list in the base and a mapping in the patch'),
        ({"a": 1}, {"a": {"b": 1}}, '"a" is a plain value'),
        ({"a": {}}, {"a": {"$patch": "remove"}}, "is not a value of `$patch`"),
    ],
)
def test_patches_that_do_not_fit(base, patch, words):
    with pytest.raises(RefusalError) as error:
        OURS.merge({"kind": "X", **base}, patch)
    assert words in error.value.message


def test_two_items_of_a_patch_with_one_new_key_are_one():
    patch = pod({"name": "new", "image": "i"}, {"name": "new", "args": ["x"]})
    merged = OURS.merge(pod({"name": "a"}), patch)
    assert merged["spec"]["containers"] == [{"name": "a"}, {"name": "new", "image": "i", "args": ["x"]}]


def ports(*items):
    keys = ("containerPort", "protocol", "name")
    return pod({"name": "app", "ports": [dict(zip(keys, item, strict=False)) for item in items]})


@pytest.mark.parametrize(
    ("base", "patch", "merged"),
    [
        # What is new comes first, the rest keeps its order; one key of two is enough to find an item.
        ([(80, "TCP"), (81, "TCP")], [(82, "TCP"), (81, "TCP", "x")], [(82, "TCP"), (80, "TCP"), (81, "TCP", "x")]),
        ([(80, "TCP"), (80, "UDP")], [(80, "UDP", "x")], [(80, "TCP"), (80, "UDP", "x")]),
        # Where no item has the second key, what the patch names comes first.
        ([(80,), (81,)], [(81,)], [(81,), (80,)]),
    ],
)
def test_lists_of_two_keys_in_the_order_of_kustomize(base, patch, merged):
    assert THEIRS.merge(ports(*base), ports(*patch)) == ports(*merged)


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("a=b", {"a": "b"}, True),
        ("a!=b", {}, True),
        ("a in (b, c),!d", {"a": "c"}, True),
        ("a in (b, c),!d", {"a": "c", "d": ""}, False),
        ("a notin (b)", {"a": "b"}, False),
        ("a", {"a": ""}, True),
        ("n > 3", {"n": "4"}, True),
        ("n < 3", {"n": "x"}, False),
    ],
)
def test_label_selectors(text, labels, expected):
    assert label_test(text)(labels) is expected


@pytest.mark.parametrize("text", ["a in b", "a in (b", "=b", "a==b c", "n > x", "a ~ b"])
def test_bad_label_selectors(text):
    with pytest.raises(RefusalError):
        label_test(text)


@pytest.mark.parametrize(
    ("image", "entry", "expected"),
    [
        ("nginx", {"newTag": "2"}, "nginx:2"),
        ("reg:5000/a/b:1@sha256:aa", {"newTag": "2"}, "reg:5000/a/b:2"),
        ("nginx:1", {"digest": "sha256:bb"}, "nginx@sha256:bb"),
        ("nginx:1", {"newName": "x/y"}, "x/y:1"),
        ("nginx:1", {"tagSuffix": "-s"}, "nginx:1-s"),
        ("nginx:1@sha256:aa", {"tagSuffix": "-s"}, "nginx:1-s"),
        ("nginx@sha256:aa", {"tagSuffix": "-s"}, "nginx:-s"),
        ("nginx:1", {"newTag": "2", "digest": "sha256:cc"}, "nginx:2@sha256:cc"),
    ],
)
def test_images(image, entry, expected):
    assert new_image(image, entry) == expected


def test_variables_keep_types_where_they_stand_alone():
    values = {"N": 3, "S": "x"}
    assert expand("$(N)", values) == 3
    assert expand("a$(N)-$(S)-$(Q)-$$(S)", values) == "a3-x-$(Q)-$(S)"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"kind": "ConfigMap"}, "6ct58987ht"),
        ({"kind": "ConfigMap", "data": {"crisis": "true", "fruit": "Indian Gooseberry", "year": "2020"}}, "79t79mt227"),
    ],
)
def test_hashes(data, expected):
    assert hashed_name(data) == expected
