"""From one delivery to the next, applied by the server as Argo CD does it: with a field manager, then pruned.

Nothing conflicts, nothing is deleted that the change does not take away, and what stays is never made anew.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from generator.manifest import identify
from tests.e2e.apiserver.cluster import BINDING, POLICY, Manifest, documents, in_force, namespace, remove, require
from tests.e2e.apiserver.projects import assign, ordered
from tests.support.apiserver import ApiServer
from tests.support.parity import Row, record
from tests.support.workspace import REPOSITORY, qatgen

_MANAGER = "argocd-controller"
_OPTIONS = "argocd.argoproj.io/sync-options"
_EXAMPLE = ("spec.yaml", "teams", "overlays", "cloud-init")
_WAIVER = """\
    - rule: QATP-021
      match: {kind: VirtualMachinePool}
      reason: the pool is drained by hand
      expires: 2027-06-30
"""


@dataclass(frozen=True)
class Change:
    """A change of the example, and what it takes out of production's cluster: by kind and name."""

    edit: Callable[[Path], None]
    gone: frozenset[str] = frozenset()
    kept_unasked: frozenset[str] = frozenset()
    """What nothing renders any more, but only goes when somebody confirms it."""


def _replace(*edits: tuple[str, str, str]) -> Callable[[Path], None]:
    """Edits of files: what stands there once becomes something else."""

    def edit(source: Path) -> None:
        for file, old, new in edits:
            path = source / file
            text = path.read_text("utf-8")
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
            path.write_text(text.replace(old, new), "utf-8")

    return edit


CHANGES = {
    "nothing": Change(lambda _: None),
    "two machines fewer": Change(
        _replace(("overlays/prod/spec.yaml", "count: 8", "count: 6")),
        frozenset({"VirtualMachine vpn/vpn-gateway-6", "VirtualMachine vpn/vpn-gateway-7"}),
    ),
    "a machine renamed": Change(
        _replace(
            ("spec.yaml", "    - name: compressor\n", "    - name: packer\n"),
            ("overlays/dev/spec.yaml", "name: compressor", "name: packer"),
            ("spec.yaml", "namespace: storage, name: compressor", "namespace: storage, name: packer"),
        ),
        frozenset({"VirtualMachineInstanceReplicaSet storage/compressor"}),
    ),
    "a team moves to another namespace": Change(
        _replace(
            ("teams/radio.yaml", "    namespace: radio\n", "    namespace: radio-2\n"),
            ("overlays/dev/spec.yaml", "namespace: radio,", "namespace: radio-2,"),
        ),
        frozenset({"VirtualMachinePool radio/du"}),
        frozenset({"Namespace radio"}),
    ),
    "another gate": Change(_replace(("spec.yaml", "featureGates: [Snapshot]", "featureGates: [Snapshot, VSOCK]"))),
    "a newer Kubernetes": Change(
        _replace(("overlays/prod/spec.yaml", "spec:\n", "spec:\n  target: {kubernetes: '1.37'}\n")),
    ),
    "a waiver more": Change(_replace(("spec.yaml", "  waivers:\n", "  waivers:\n" + _WAIVER))),
    "the other way to attach devices": Change(
        lambda source: assign(source, "qats"),
        frozenset({"*"}),
        frozenset({"KubeVirt kubevirt/kubevirt"}),
    ),
}


@dataclass
class Counted:
    """What became of all changes together."""

    objects: int = 0
    misses: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def counted() -> Iterator[Counted]:
    """Recorded when every change was made."""
    found = Counted()
    yield found
    if found.done == set(CHANGES):
        what = "objects of an upgrade, applied by the server: no conflict, nothing deleted or made anew"
        record("apiserver-upgrade", [Row("API server", what, "kube-apiserver v1.36.3", found.objects, found.misses)])


@pytest.mark.parametrize("name", CHANGES)
def test_the_next_delivery(name: str, extended: ApiServer, tmp_path: Path, counted: Counted) -> None:
    change = CHANGES[name]
    before = _rendered(tmp_path / "before", lambda _: None)
    after = _rendered(tmp_path / "after", change.edit)
    lost = {str(identify(data)) for data in before} - {str(identify(data)) for data in after}
    misses: list[str] = []
    try:
        for name_of in sorted({data["metadata"].get("namespace") or "default" for data in (*before, *after)}):
            namespace(extended, name_of)
        _deliver(extended, [], before, misses)
        _controllers(extended, before)
        stored = {str(identify(data)): extended.get(data).body["metadata"] for data in before}
        pruned = _deliver(extended, before, after, misses)
        for data in after:
            now, then = extended.get(data).body["metadata"], stored.get(str(identify(data)))
            if then is not None and now["uid"] != then["uid"]:
                misses.append(f"{name}: {identify(data)} was made anew")
            if name == "nothing" and then is not None and now["resourceVersion"] != then["resourceVersion"]:
                misses.append(f"{name}: {identify(data)} was written again")
            if then is not None and data["kind"] == "VirtualMachine" and now.get("finalizers") != ["kubevirt.io/bench"]:
                misses.append(f"{name}: {identify(data)} lost what a controller wrote")
    finally:
        remove(
            extended, [*before, *(data for data in after if str(identify(data)) not in map(str, map(identify, before)))]
        )
        in_force(extended)
    counted.objects += len(after)
    counted.misses += misses
    counted.done.add(name)
    assert misses == []
    if change.gone == {"*"}:
        assert all(identity.split()[0] in _OF_ASSIGNMENT for identity in pruned), pruned
    else:
        assert pruned == set(change.gone)
    assert lost - pruned == set(change.kept_unasked)


_POLICIES = {POLICY, BINDING}
_OF_ASSIGNMENT = {*_POLICIES, "ConfigMap", "DaemonSet"}
"""What belongs to one way of attaching devices: its policies, and how the nodes are prepared for it."""


def _rendered(folder: Path, edit: Callable[[Path], None]) -> list[Manifest]:
    """Production of the example, changed. Raises AssertionError with what was said where it is not rendered."""
    folder.mkdir()
    for name in _EXAMPLE:
        here = REPOSITORY / name
        (shutil.copytree if here.is_dir() else shutil.copy)(here, folder / name)
    edit(folder)
    said = qatgen(folder, "render", "--env", "prod", "--color", "never", "--jobs", "1")
    assert said.code == 0, said.err
    return list(ordered([data for _, data in documents(folder / "rendered" / "prod")]))


def _deliver(server: ApiServer, before: list[Manifest], after: list[Manifest], misses: list[str]) -> set[str]:
    """One sync: wave after wave, what is gone first; gives what was deleted. Nothing is forced.

    What is pruned goes in the reverse order of its waves: the first and the last of them change places, and so on.
    """
    kept = {str(identify(data)) for data in after}
    gone = [data for data in before if str(identify(data)) not in kept and not _asks(data)]
    waves = sorted({_wave(data) for data in gone})
    reverse = dict(zip(waves, reversed(waves), strict=True))
    for wave in sorted({*waves, *map(_wave, after)}):
        pruned = [data for data in gone if reverse[_wave(data)] == wave]
        for data in pruned:
            server.apply(_bare(data), "virt-controller", force=True)  # a controller lets go of its finalizer
        remove(server, pruned)
        applied = [data for data in after if _wave(data) == wave]
        for data in applied:
            answer = server.apply(data, _MANAGER)
            misses += [] if answer.ok else [f"{identify(data)}: {answer.status} {answer.message}"]
        if _POLICIES & {data["kind"] for data in (*pruned, *applied)}:
            in_force(server)  # Argo CD lets two seconds go by between two waves
    return {str(identify(data)) for data in gone}


def _wave(data: Manifest) -> int:
    return int((data["metadata"].get("annotations") or {}).get("argocd.argoproj.io/sync-wave", "0"))


def _controllers(server: ApiServer, tree: list[Manifest]) -> None:
    """What controllers write into objects between two deliveries: finalizers, a status, an annotation."""
    for data in tree:
        if data["kind"] == "VirtualMachine":
            head = {key: data[key] for key in ("apiVersion", "kind")}
            metadata = {key: data["metadata"][key] for key in ("name", "namespace")}
            mark = {
                "finalizers": ["kubevirt.io/bench"],
                "annotations": {"kubevirt.io/latest-observed-api-version": "v1"},
            }
            require(server.apply({**head, "metadata": {**metadata, **mark}}, "virt-controller"), data)


def _bare(data: Manifest) -> Manifest:
    metadata = {key: data["metadata"][key] for key in ("name", "namespace") if key in data["metadata"]}
    return {"apiVersion": data["apiVersion"], "kind": data["kind"], "metadata": metadata}


def _asks(data: Manifest) -> bool:
    return "Prune=confirm" in (data["metadata"].get("annotations") or {}).get(_OPTIONS, "")
