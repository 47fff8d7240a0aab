"""A kustomization folder on its own: built by us or by kustomize itself, written in our form."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.bundle import KUSTOMIZATION, file_name, kustomization
from generator.emit import StagedTree, Unrepresentable, commit_trees, dump
from generator.emit.rules import UNREPRESENTABLE
from generator.files import Door, Kind, RefusedError, enclosed
from generator.finding import Finding, Halt
from generator.location import Span, format_path
from generator.manifest import identify
from generator.overlay import Settings, build
from generator.overlay import rules as overlay_rules
from generator.overlay.kustomization import find_file, read_kustomization
from generator.overlay.load import is_remote, loader_of
from generator.overlay.state import told
from generator.source import Dialect, read_documents
from generator.spec.load import SpecFolder, refused_at

ENGINES = ("qatgen", "kustomize")


@dataclass(frozen=True, slots=True)
class Kustomized:
    """What a folder gave: objects in their order, and what is told besides."""

    objects: Sequence[dict[str, Any]]
    findings: Sequence[Finding]

    def texts(self) -> list[str]:
        """Every object as text. Raises Halt for a value that has no form in YAML."""
        out = []
        for data in self.objects:
            try:
                out.append(dump(data))
            except Unrepresentable as error:
                message = f"{format_path(error.path)} is {error.reason}"
                subject = str(identify(data))
                at = Span(subject)
                raise Halt([Finding(rule=UNREPRESENTABLE, message=message, at=at, subject=subject)]) from None
        return out

    def text(self) -> str:
        """All objects in one text. Raises Halt."""
        return "---\n".join(self.texts())


def build_folder(folder: Path, shown: str, settings: Settings, door: Door | None = None) -> Kustomized:
    """Build a folder's kustomization; `door` is the way to everything it names. Raises Halt."""
    if settings.engine == "kustomize":
        if door is not None:
            refuse_outside(folder, shown, door, anywhere=settings.anywhere)
        more = ("--load-restrictor", "LoadRestrictionsNone") if settings.anywhere else ()
        return Kustomized(by_kustomize(folder, shown, more), ())
    state = build(folder, shown, settings, door)
    return Kustomized([resource.body for resource in state.objects], state.findings)


def laid_by_kustomize(
    base: Sequence[Mapping[str, Any]], folder: SpecFolder, name: str, shown: str
) -> list[dict[str, Any]]:
    """Objects with `overlays/<name>` laid over them by kustomize itself, in a copy of the overlays.

    The copy holds no links, and the kustomizations in it name nothing outside of it. Raises Halt.
    """
    with tempfile.TemporaryDirectory(prefix="qatgen-") as temporary:
        top = enclosed(Path(temporary)).root
        copy_files(folder, folder.root / "overlays", top / "overlays")
        refuse_outside(top / "overlays" / name, shown, enclosed(top))
        (top / "base").mkdir()
        (top / "base" / "all.yaml").write_text("---\n".join(map(dump, base)), encoding="utf-8")
        (top / "base" / KUSTOMIZATION).write_text("resources: [all.yaml]\n", encoding="utf-8")
        own = find_file(top / "overlays" / name, shown, enclosed(top))
        data = read_kustomization(own, f"{shown}/{own.name}", enclosed(top), lenient=True)
        if data.component:
            over = {"resources": ["base"], "components": [f"overlays/{name}"]}
            (top / KUSTOMIZATION).write_text(json.dumps(over), encoding="utf-8")
            return by_kustomize(top, shown)
        over = {**data.data, "resources": ["../../base", *data.get("resources")]}
        own.write_text(json.dumps(over), encoding="utf-8")
        return by_kustomize(own.parent, shown)


def copy_files(project: SpecFolder, source: Path, target: Path, above: tuple[Path, ...] = ()) -> None:
    """Copy a folder of a project, what links lead to in place of the links. Raises Halt for what is not to be read."""
    door = project.door
    path = source
    try:
        real = door.real(source)
        target.mkdir()
        for name in door.names(source) if real not in above else ():  # a link back has nothing of its own
            path = source / name
            if door.kind(path) is Kind.FOLDER:
                copy_files(project, path, target / name, (*above, real))
            else:
                (target / name).write_bytes(door.read(path))
    except RefusedError as refused:
        raise Halt([project.refusal(refused, path)]) from None


_PATHS = (
    "resources",
    "components",
    "bases",
    "crds",
    "configurations",
    "generators",
    "transformers",
    "patchesStrategicMerge",
)


def refuse_outside(folder: Path, shown: str, door: Door, *, anywhere: bool = False) -> None:
    """Raise Halt where a kustomization, or one it names, leads out of the door's root: a program would follow it.

    `anywhere`: files are looked at too, which kustomize itself keeps in the folder of their kustomization otherwise.
    """
    loader = loader_of(folder, shown, door, lenient=True, anywhere=True)
    for path, refused in door.odd(folder):
        name = f"{shown}/{path.relative_to(folder).as_posix()}"
        raise Halt([refused_at(refused, name)])
    todo = [loader]
    seen = set()
    while todo:
        loader = todo.pop()
        if loader.root in seen:
            continue
        seen.add(loader.root)
        found = read_kustomization(find_file(loader.root, loader.shown, door), loader.shown, door, lenient=True)
        for key in _PATHS:
            for index, entry in enumerate(found.get(key)):
                if not isinstance(entry, str) or "\n" in entry or is_remote(entry):
                    continue
                with told(found.span(key, index)):
                    if loader.is_folder(entry):
                        todo.append(loader.folder(entry))
        for text in _texts(found.data) if anywhere else ():
            name = text.rpartition("=")[2]
            if "\n" not in name and (name.startswith("/") or ".." in name.split("/")):
                with told(found.span()):
                    loader.is_folder(name)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)


def by_kustomize(folder: Path, shown: str, more: Sequence[str] = ()) -> list[dict[str, Any]]:
    """What `kustomize build` or `kubectl kustomize` makes of a folder. Raises Halt."""
    commands = (["kustomize", "build"], ["kubectl", "kustomize"])
    command = next((one for one in commands if shutil.which(one[0])), None)
    if command is None:
        message = "neither kustomize nor kubectl is on PATH"
        hint = "install one of them, or build without --engine kustomize"
        raise Halt([Finding(rule=overlay_rules.UNSUPPORTED, message=message, at=Span(shown), hint=hint)])
    done = subprocess.run([*command, *more, str(folder)], capture_output=True, check=False)  # noqa: S603 - asked for by name
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        message = f"{' '.join(command)}: {said[-1] if said else f'exit code {done.returncode}'}"
        raise Halt([Finding(rule=overlay_rules.RESOURCE, message=message, at=Span(shown), hint="mend what it says")])
    documents = read_documents(done.stdout, f"{shown} ({command[0]})", Dialect.KUBERNETES)
    return [document.data for document in documents if isinstance(document.data, dict)]


def write_folder(made: Kustomized, folder: Path) -> bool:
    """One file an object, put in place at once; whether anything changed. Raises Halt."""
    with StagedTree(folder) as tree:
        files = []
        for data, text in zip(made.objects, made.texts(), strict=True):
            name = file_name(identify(data))
            tree.write(name, text.encode())
            files.append(name)
        tree.write(KUSTOMIZATION, dump(kustomization(files)).encode())
        [change] = commit_trees([tree])
    return change.changed
