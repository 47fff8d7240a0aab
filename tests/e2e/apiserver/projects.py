"""Everything we render, rendered anew: the example under each way to attach a device, and the golden specs."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.apiserver.cluster import Manifest, documents
from tests.golden.render import CASES
from tests.support.workspace import REPOSITORY, qatgen

_EXAMPLE = ("spec.yaml", "teams", "overlays", "cloud-init")
_DRIVER = "    dra: {driver: qat.example.com, deviceClassName: qat-vf.example.com}\n"
EXAMPLES = ("hostDevices", "qats", "dra")
GOLDEN = ("seed", *sorted(path.name for path in CASES.iterdir()))
PROJECTS = (*(f"example with {name}" for name in EXAMPLES), *GOLDEN)


def render(project: str, folder: Path) -> dict[str, list[Manifest]]:
    """Render one of PROJECTS below an empty folder: the manifests of each environment, and those of Argo CD and Flux.

    Raises AssertionError with what was said where it is not rendered.
    """
    source = _copied(project, folder)
    output = folder / "rendered"
    said = qatgen(source, "render", "--output-dir", str(output), "--color", "never", "--jobs", "1")
    assert said.code == 0, said.err
    trees = {path.name: [data for _, data in documents(path)] for path in sorted(output.iterdir())}
    return {name: tree for name, tree in trees.items() if tree}


def uses_qats(project: str) -> bool:
    """Whether the machines of a project are only for a KubeVirt that carries the founding note's field."""
    return "qats" in project or project == "seed"


def project_folder(project: str, folder: Path) -> Path:
    """Where the spec of a project stands that was rendered below a folder."""
    if project in GOLDEN:
        return REPOSITORY / "examples" / "seed" if project == "seed" else CASES / project
    return folder / "project"


def _copied(project: str, folder: Path) -> Path:
    source = project_folder(project, folder)
    if project in GOLDEN:
        return source
    source.mkdir(parents=True)
    for name in _EXAMPLE:
        here = REPOSITORY / name
        (shutil.copytree if here.is_dir() else shutil.copy)(here, source / name)
    assign(source, project.rpartition(" ")[2])
    return source


def assign(source: Path, assignment: str) -> None:
    """Switch a copy of the example to another assignment: the one word, and what README says goes with it."""
    if assignment == "hostDevices":
        return
    spec = source / "spec.yaml"
    text, count = re.subn(r"assignment: hostDevices.*\n", f"assignment: {assignment}\n", spec.read_text("utf-8"))
    assert count == 1
    text = re.sub(r" +resourceName: .*\n", "", text)
    if assignment == "dra":
        text = text.replace("assignment: dra\n", "assignment: dra\n" + _DRIVER)
        staging = source / "overlays" / "staging" / "spec.yaml"  # an older Kubernetes cannot, and is refused
        staging.write_text(re.sub(r"  target: .*\n", "", staging.read_text("utf-8")), "utf-8")
    spec.write_text(text, "utf-8")


def ordered(tree: list[Manifest]) -> Iterator[Manifest]:
    """Namespaces, then parameters, then policies, then the rest, each in the order of the files."""
    first = {"Namespace": 0, "ConfigMap": 1, "KubeVirt": 1}
    ranks = {"ValidatingAdmissionPolicy": 2, "ValidatingAdmissionPolicyBinding": 2}
    yield from sorted(tree, key=lambda data: {**first, **ranks}.get(data["kind"], 3))
