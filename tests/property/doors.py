"""Every way a path can lead elsewhere × every place that names a file × every command that reads it.

`python -m tests.property.doors` tries a part, `--full` everything; it prints `N passed, M failed`. A case puts a layout
(a link, a FIFO, a folder, …) into a place (the spec, a component, a policy, …) of a small platform and runs one command:
what stays in the root gives what the platform gives without it; anything else is a finding that names the path, is
refused in time, and shows nothing of what lies outside.
"""

import argparse
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from tests.support.workspace import NAMED_WELL, SMALL, qatgen, write

CANARY = "canary-of-a-neighbour"
SECONDS = 60
"""A command that takes longer hangs."""
_COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
_CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
"""
_CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: vpn}\n"
_TEAM = """\
apiVersion: qatgen.dev/v1alpha1
kind: QATVirtualMachines
metadata: {name: radio}
spec:
  virtualMachines:
    - name: radio
      namespace: vpn
      nodePool: vm
      memory: {guest: 2Gi}
      qat: [{name: qat0, deviceClass: sym}]
      disks: [{name: root, containerDisk: {image: "quay.io/containerdisks/fedora:43"}}]
"""
_CASES = "kind: PolicyTest\ncases:\n  - {name: long, object: VirtualMachine vpn/gw, expect: allow}\n"
FILES = {
    "spec.yaml": SMALL,
    "overlays/prod/spec.yaml": 'spec: {include: ["teams/*.yaml"], virtualMachines: '
    "[{name: gw, cloudInit: {userDataFile: cloud-init/gw.yaml}}]}\n",
    "overlays/prod/kustomization.yaml": _COMPONENT + "components: [../../parts/big]\nresources: [widget.yaml]\n"
    "configMapGenerator: [{name: made, namespace: vpn, files: [g.txt]}]\n",
    "overlays/prod/widget.yaml": "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: vpn}\n",
    "overlays/prod/g.txt": "plain\n",
    "parts/big/kustomization.yaml": _COMPONENT + "patches: [{path: patch.yaml}]\n",
    "parts/big/patch.yaml": "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\n"
    "metadata: {name: gw, namespace: vpn, labels: {size: big}}\n",
    "cloud-init/gw.yaml": "#cloud-config\n",
    "schemas/widgets.yaml": _CRD,
    "teams/radio.yaml": _TEAM,
    "templates/index.yaml": "templates:\n  - {template: own/config.yaml.j2}\n",
    "templates/own/config.yaml.j2": "{# A ConfigMap. #}\n" + _CONFIG % "own",
    "policies/own/policy.yaml": NAMED_WELL.replace("size() > 4", "size() > 1"),
    "policies/own/binding.yaml": "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\n"
    "metadata: {name: named-well}\nspec: {policyName: named-well, validationActions: [Deny]}\n",
    "site/kustomization.yaml": "resources: [../base, a.yaml]\npatches: [{path: p.yaml}]\n"
    "secretGenerator: [{name: s, files: [k.txt]}]\n",
    "site/a.yaml": _CONFIG % "a",
    "site/p.yaml": (_CONFIG % "a") + "data: {x: y}\n",
    "site/k.txt": "key\n",
    "base/kustomization.yaml": "resources: [b.yaml]\n",
    "base/b.yaml": _CONFIG % "b",
}

RENDER = ("render", "-q", "--jobs", "1", "--output-dir", "again")
ARGOCD = ("argocd", "generate")
VALIDATE = ("validate", "-q")
BUILD = ("build", "site")
REPORT = ("report", "-o", "json", "--jobs", "1")
CHECK = ("check", "-q")
TEST = ("test", "-q", "policies")
_MADE = (RENDER, CHECK, ARGOCD, REPORT)
_READ = (*_MADE, VALIDATE)


@dataclass(frozen=True)
class Place:
    """A path of the platform, the commands that read it, and where a link may lead: `near`, else anywhere in the root."""

    path: str
    commands: tuple[tuple[str, ...], ...]
    near: str = ""
    folder: bool = False


PLACES = (
    Place("spec.yaml", _READ),
    Place("teams/radio.yaml", _READ),
    Place("overlays/prod", _READ, folder=True),
    Place("overlays/prod/spec.yaml", _READ),
    Place("overlays/prod/kustomization.yaml", _MADE),
    Place("overlays/prod/widget.yaml", _MADE, near="overlays/prod"),
    Place("overlays/prod/g.txt", _MADE, near="overlays/prod"),
    Place("parts/big", _MADE, folder=True),
    Place("parts/big/kustomization.yaml", _MADE),
    Place("parts/big/patch.yaml", _MADE, near="parts/big"),
    Place("cloud-init/gw.yaml", _READ),
    Place("templates", _READ, folder=True),
    Place("templates/index.yaml", _READ),
    Place("templates/own/config.yaml.j2", _MADE),
    Place("policies", _MADE, folder=True),
    Place("policies/own", _MADE, folder=True),
    Place("policies/own/policy.yaml", (*_MADE, TEST)),
    Place("policies/own/binding.yaml", (*_MADE, TEST)),
    Place("policies/own/cases.yaml", (TEST,)),
    Place("schemas", _READ, folder=True),
    Place("schemas/widgets.yaml", _READ),
    Place("rendered/prod/.qatgen.json", (CHECK,)),
    Place("site/kustomization.yaml", (BUILD,)),
    Place("site/a.yaml", (BUILD,), near="site"),
    Place("site/p.yaml", (BUILD,), near="site"),
    Place("site/k.txt", (BUILD,), near="site"),
    Place("base", (BUILD,), folder=True),
    Place("base/b.yaml", (BUILD,), near="base"),
)

Layout = Callable[[Path, Path, Place], None]
"""Puts something in place of a path: the top of everything, the platform's folder, the place."""


def _moved(repo: Path, place: Place) -> Path:
    """The path's content, moved to another place in the root."""
    target = repo / (place.near or ".") / "moved" / Path(place.path).name
    target.parent.mkdir(parents=True)
    (repo / place.path).rename(target)
    return target


def _out(top: Path, repo: Path, place: Place) -> Path:
    """The path's content, moved out of the root, with a canary in every file."""
    target = top / "outside" / Path(place.path).name
    target.parent.mkdir(parents=True)
    (repo / place.path).rename(target)
    for file in (path for path in [target, *target.rglob("*")] if path.is_file()):
        file.write_text(f"{file.read_text()}# {CANARY}\n")
    return target


def _link(path: Path, target: str | Path) -> None:
    path.symlink_to(target)


def relative(top: Path, repo: Path, place: Place) -> None:
    """A relative link in the root."""
    del top
    path, target = repo / place.path, _moved(repo, place)
    _link(path, os.path.relpath(target, path.parent))


def absolute(top: Path, repo: Path, place: Place) -> None:
    """An absolute link in the root."""
    del top
    target = _moved(repo, place)
    _link(repo / place.path, target)


def chain(top: Path, repo: Path, place: Place) -> None:
    """A link to a link to a link."""
    del top
    path, target = repo / place.path, _moved(repo, place)
    _link(target.parent / "one", target.name)
    _link(target.parent / "two", "one")
    _link(path, os.path.relpath(target.parent / "two", path.parent))


def loop(top: Path, repo: Path, place: Place) -> None:
    """A link to itself."""
    del top
    target = _moved(repo, place)
    del target
    _link(repo / place.path, Path(place.path).name)


def dangling(top: Path, repo: Path, place: Place) -> None:
    """A link to nothing."""
    del top
    _moved(repo, place)
    _link(repo / place.path, "nowhere")


def out(top: Path, repo: Path, place: Place) -> None:
    """A relative link out of the root."""
    path = repo / place.path
    _link(path, os.path.relpath(_out(top, repo, place), path.parent))


def out_absolute(top: Path, repo: Path, place: Place) -> None:
    """An absolute link out of the root."""
    path = repo / place.path
    _link(path, _out(top, repo, place))


def out_by_a_chain(top: Path, repo: Path, place: Place) -> None:
    """A link in the root to a link out of it."""
    path, target = repo / place.path, _out(top, repo, place)
    _link(repo / "gate", target)
    _link(path, os.path.relpath(repo / "gate", path.parent))


def out_and_back(top: Path, repo: Path, place: Place) -> None:
    """A link that leaves the root and comes back."""
    del top
    path, target = repo / place.path, _moved(repo, place)
    up = os.path.relpath(repo.parent, path.parent)
    _link(path, f"{up}/{repo.name}/{target.relative_to(repo)}")


def fifo(top: Path, repo: Path, place: Place) -> None:
    """A FIFO that nobody writes to."""
    del top
    _moved(repo, place)
    os.mkfifo(repo / place.path)


def unix_socket(top: Path, repo: Path, place: Place) -> None:
    """A socket."""
    _moved(repo, place)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(top / "s"))
    (top / "s").rename(repo / place.path)


def device(top: Path, repo: Path, place: Place) -> None:
    """A link to a device that never ends."""
    del top
    _moved(repo, place)
    _link(repo / place.path, "/dev/zero")


def folder(top: Path, repo: Path, place: Place) -> None:
    """A folder in place of a file."""
    del top
    _moved(repo, place)
    (repo / place.path).mkdir()


def file(top: Path, repo: Path, place: Place) -> None:
    """A file in place of a folder."""
    del top
    _moved(repo, place)
    (repo / place.path).write_text("x\n")


def large(top: Path, repo: Path, place: Place) -> None:
    """More bytes than are read."""
    del top
    with (repo / place.path).open("ab") as stream:
        stream.truncate(40 * 1024 * 1024)


KEPT: tuple[Layout, ...] = (relative, absolute, chain)
REFUSED: tuple[Layout, ...] = (
    loop,
    dangling,
    out,
    out_absolute,
    out_by_a_chain,
    out_and_back,
    fifo,
    unix_socket,
    device,
)
OF_FILES: tuple[Layout, ...] = (folder, large)
_FOLDERS_AS_WELL = ("schemas/widgets.yaml",)
"""Files among folders, which may have any name."""
_NO_ENVIRONMENT = ("overlays/prod", "policies/own")
"""Folders that are known by being folders: a file there is somebody's note."""


@dataclass(frozen=True)
class Case:
    """One layout in one place, and one command."""

    place: Place
    layout: Layout
    command: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the case is called."""
        return f"{self.layout.__name__} at {self.place.path}: {' '.join(self.command[:2])}"


def cases() -> Iterator[Case]:
    """Every case there is."""
    for place in PLACES:
        layouts = [*KEPT, *REFUSED, *(OF_FILES if not place.folder else ())]
        if place.folder and place.path not in _NO_ENVIRONMENT:
            layouts.append(file)
        if place.path in _FOLDERS_AS_WELL:
            layouts.remove(folder)
        if place.path == "rendered/prod/.qatgen.json":
            layouts = [one for one in layouts if one not in (*KEPT, large)]  # a link is never our own record
        for layout in layouts:
            for command in place.commands:
                yield Case(place, layout, command)


def prepared(top: Path) -> Path:
    """The platform, rendered, in a folder of its own."""
    repo = top / "repo"
    write(repo, FILES)
    write(repo, {"policies/own/cases.yaml": _CASES})
    result = qatgen(repo, "render", "-q", "--jobs", "1")
    assert result.code == 0, result.err
    return repo


@contextmanager
def _in_time() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError(f"not done after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def problem(case: Case, source: Path) -> str:
    """What is wrong with the outcome of a case, nothing where it is right; `source` is the platform."""
    with tempfile.TemporaryDirectory(prefix="d") as name:
        top = Path(name).resolve()
        repo = top / "repo"
        shutil.copytree(source, repo, symlinks=True)
        case.layout(top, repo, case.place)
        with mock.patch.dict(os.environ, {"ARGOCD_ENV_ENVIRONMENT": "prod", "CI": "1"}), _in_time():
            try:
                if case.layout in KEPT and case.command is CHECK:
                    qatgen(repo, "render", "-q", "--jobs", "1")  # what links lead to is in the record
                result = qatgen(repo, *case.command)
            except TimeoutError as error:
                return str(error)
        said = result.out + result.err
        if CANARY in said:
            return f"shows what lies outside: {said[:300]}"
        if case.layout in KEPT:
            return "" if result.code == 0 else f"exit code {result.code}: {said[:300]}"
        if result.code not in (1, 2):
            return f"exit code {result.code}: {said[:300]}"
        return "" if case.place.path.rpartition("/")[2] in said else f"does not name the path: {said[:300]}"


def campaign(chosen: list[Case]) -> int:
    """Try cases; prints what fails and the counts, gives how many failed."""
    failed = 0
    with tempfile.TemporaryDirectory(prefix="doors-") as name:
        source = prepared(Path(name))
        for case in chosen:
            if found := problem(case, source):
                failed += 1
                print(f"FAILED {case.name}: {found}")
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return failed


def part(step: int = 23) -> list[Case]:
    """A part of the cases, spread over all places, layouts and commands."""
    return list(cases())[::step]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true", help="Everything; takes some minutes.")
    parser.add_argument("--only", default="", help="Cases whose name contains this.")
    asked = parser.parse_args()
    every = list(cases()) if asked.full or asked.only else part()
    sys.exit(1 if campaign([case for case in every if asked.only in case.name]) else 0)
