"""The order in which Argo CD's own sync engine would apply each rendered tree."""

import re

import pytest

from generator.manifest import Manifest, identify
from generator.policy.resources import resources
from generator.sync import surroundings_of
from generator.sync.needs import needs
from tests.e2e.argocd.programs import argotool, manifests
from tests.support.parity import Row, record
from tests.support.workspace import REPOSITORY

TREES = [
    *(REPOSITORY / "rendered" / name for name in ("dev", "prod", "staging")),
    REPOSITORY / "tests/golden/cases/everything/rendered/north",
]
_APPLIED = re.compile(r"   apply(?:\(server-side\))? (\S+)/(\S+?)(?: -n \S+)?$")


def files(tree):
    return [tree / name for name in manifests(tree)]


def order(tree, *more):
    """Kind, namespace and name to the position it is applied at; and the last line's verdict."""
    found = argotool("order", "-n", "default", *more, *files(tree))
    places: dict[tuple[str, str], tuple[int, int]] = {}
    title = result = ""
    for line in found.stdout.splitlines():
        if line.startswith("== "):
            title = line
        elif applied := _APPLIED.match(line):
            kind, name = applied.groups()
            places[kind, name] = (wave(title), len(places))
        elif line.startswith("result: "):
            result = line
    return places, result, found


def wave(title):
    return int(title.rpartition(" ")[2])


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_everything_comes_after_all_it_needs(tree):
    places, result, found = order(tree, "-assume-crds")
    assert result == "result: Succeeded: successfully synced (all tasks run)", found.stdout + found.stderr
    objects = [Manifest(identify(data), data) for data in manifests(tree).values()]
    assert len(places) == len(objects)
    around = surroundings_of(objects)
    early = []
    for manifest in objects:
        own = places[manifest.identity.kind, manifest.identity.name]
        for need in needs(manifest.identity, manifest.data, around, resources()):
            target = places[need.target.kind, need.target.name]
            if target[0] >= own[0]:
                early.append(f"{manifest.identity} before {need.target}")
    record(f"argocd-order-{tree.name}", [
        Row(area="Argo CD", what=f"objects of {tree.name} in the order of its sync engine", program="Argo CD 3.5.7",
            cases=len(objects), misses=early),
    ])  # fmt: skip
    assert early == []


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_the_chain_the_platform_stands_on(tree):
    """What the issue of a cluster's first day is about, in kinds: independent of how the waves were derived."""
    places, _, _ = order(tree, "-assume-crds")

    def waves(*kinds):
        return [place[0] for (kind, _), place in places.items() if kind in kinds]

    machines = waves(
        "VirtualMachine", "VirtualMachineInstance", "VirtualMachineInstanceReplicaSet", "VirtualMachinePool"
    )
    assert max(waves("Namespace")) < min(waves("ConfigMap", "DaemonSet"))
    assert max(waves("ValidatingAdmissionPolicy")) < min(waves("ValidatingAdmissionPolicyBinding"))
    assert max(waves("ValidatingAdmissionPolicyBinding")) < min(machines)
    assert max(place[0] for (_, name), place in places.items() if name.startswith("qat-preparation")) < min(
        waves("KubeVirt")
    )
    assert max(waves("KubeVirt", "DaemonSet", "ConfigMap", "Namespace")) < min(machines)


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_crds_that_come_from_elsewhere_stop_nothing(tree):
    _, result, found = order(tree)
    assert result == "result: Succeeded: successfully synced (all tasks run)", found.stdout + found.stderr


def test_without_our_option_they_would_stop_everything(tmp_path):
    """That the check above can fail."""
    for path in files(TREES[0]):
        text = path.read_text(encoding="utf-8").replace("SkipDryRunOnMissingResource=true", "Prune=true")
        (tmp_path / f"{path.parent.name}-{path.name}").write_text(text, encoding="utf-8")
    found = argotool("order", "-n", "default", *sorted(tmp_path.glob("*.yaml")))
    assert "not valid" in found.stdout
