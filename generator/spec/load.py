"""Find a spec's files, check each alone, and merge them into one layer per environment."""

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from generator.files import NOTHING_CHOSEN, Chosen, Door, Kind, Reason, RefusedError, door_of
from generator.finding import Finding, Halt, Rule, Told, did_you_mean, once
from generator.location import Span
from generator.nearest import nearest
from generator.source import Document, read_one, refusal
from generator.source.rules import EMPTY, UNREADABLE
from generator.spec import rules
from generator.spec.check import check_names
from generator.spec.merge import PATCH, Layer, merge, merge_defaults
from generator.spec.origin import Origin
from generator.spec.schema import check

RESERVED = frozenset({"argocd", "flux", "schema"})
"""Folders of rendered/ that belong to no environment."""

DEFAULT = "default"
"""The one environment of a spec without overlays."""

_LOOKED_AT = 200
"""Files that are read for a hint."""

_NO_FILE = "create the file, or correct the pattern; it is relative to the spec's folder"
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z")


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment: its name, its merged spec, where each part came from, and the files it was made of.

    `base` is the spec before the environment's own was merged over it, where it has one.
    """

    name: str
    layer: Layer
    files: tuple[Path, ...]
    folder: Path | None = None
    base: Layer | None = None


@dataclass(frozen=True, slots=True)
class SpecFolder:
    """Where a spec is: `root` is its folder; `shown` is how findings name that folder ("" for the current).

    `door` is the way to every file of the project.
    """

    root: Path
    file: str
    shown: str
    door: Door

    def show(self, path: Path) -> str:
        """How findings name a file below the folder."""
        relative = path.relative_to(self.root).as_posix()
        return f"{_below(self.shown)}{relative}"

    @property
    def real(self) -> Path:
        """The folder without links."""
        return self.door.real(self.root)

    def below(self, shown: str) -> str:
        """The name of a file relative to the folder, of the name findings give it."""
        return shown.removeprefix(_below(self.shown))

    def is_folder(self, path: Path) -> bool:
        """Whether a folder of the project is there. Raises Halt where something else is in its place."""
        return is_folder(self.door, path, self.show(path))

    def refusal(self, refused: RefusedError, path: Path, at: Span | None = None) -> Finding:
        """Why a file of the project is not read, at the file or at the place that names it."""
        return refused_at(refused, self.show(path), at)


def _below(folder: str) -> str:
    """What names of files in a folder begin with; the folder may be `/`."""
    return f"{folder.removesuffix('/')}/" if folder else ""


def is_folder(door: Door, path: Path, shown: str) -> bool:
    """Whether a folder is there. Raises Halt where something else is in its place."""
    try:
        return door.is_folder(path)
    except RefusedError as refused:
        raise Halt([refused_at(refused, shown)]) from None


def refused_at(refused: RefusedError, shown: str, at: Span | None = None) -> Finding:
    """Why a file of a project is not read, at the file or at the place that names it."""
    rule = rules.OUTSIDE if refused.reason is Reason.OUTSIDE else refusal(refused, shown).rule
    return Finding(rule=rule, message=f"{shown} {refused.what}", at=at or Span(shown), hint=refused.hint)


def open_folder(spec: Path, chosen: Chosen = NOTHING_CHOSEN) -> SpecFolder:
    """The folder of a spec file given as people give it; findings show paths in the same way.

    `chosen` narrows the root, which is the work tree that holds the folder. Raises Halt where there is no such folder.
    """
    parent = spec.parent.as_posix()
    try:
        door = door_of(spec.parent, chosen)
    except RefusedError as refused:
        raise Halt([refusal(refused, spec.as_posix())]) from None
    return SpecFolder(spec.parent, spec.name, "" if parent == "." else parent, door)


def environment_names(folder: SpecFolder) -> list[str]:
    """The names of a spec's environments, in order, without reading any. Raises Halt for a name that is none."""
    return [path.name for path in _overlay_folders(folder)] or [DEFAULT]


def load_environments(folder: SpecFolder, only: str = "", over: Document | None = None) -> list[Environment]:
    """Every environment of a spec, or the only one that is wanted, in order of name.

    `over` lies over an environment's overlay. Raises Halt with every finding of the files.
    """
    base = _read_spec(folder)
    findings = _check_kind(base, "QATPlatform") or check(base.data, base)
    if findings:
        raise Halt(findings)
    overlays = _overlay_folders(folder)
    if not overlays:
        return [_environment(folder, base, DEFAULT, None, (None, over))] if only in ("", DEFAULT) else []
    environments: list[Environment] = []
    told: list[Told] = []
    for path in overlays:
        if only not in ("", path.name):
            continue
        try:
            overlay = _overlay(folder, path)
            environments.append(_environment(folder, base, path.name, path, (overlay, over)))
        except Halt as halt:
            told.extend((path.name, finding) for finding in halt.findings)
    if told:
        raise Halt(once(told))
    return environments


def _overlay_folders(folder: SpecFolder) -> list[Path]:
    overlays = folder.root / "overlays"
    if not folder.is_folder(overlays):
        return []
    paths, refused = [], []
    for name in folder.door.names(overlays):
        try:
            if not name.startswith(".") and folder.door.kind(overlays / name) is Kind.FOLDER:
                paths.append(overlays / name)
        except RefusedError as error:
            refused.append(folder.refusal(error, overlays / name))
    if refused:
        raise Halt(refused)
    bad = [p for p in paths if p.name in RESERVED or not _DNS_LABEL.match(p.name)]
    if bad:
        raise Halt(
            Finding(
                rule=rules.ENVIRONMENT,
                message=f'"{p.name}" is no name for an environment',
                at=Span(folder.show(p)),
                hint=f"lower-case letters, digits and `-`, at most 63; not {', '.join(sorted(RESERVED))}",
            )
            for p in bad
        )
    return paths


def _overlay(folder: SpecFolder, path: Path) -> Document | None:
    file = path / "spec.yaml"
    if not _is_there(folder, file):
        return None
    document = _read(folder, file)
    manifest = _manifest(document)
    findings = [manifest] if manifest else check(document.data, document, overlay=True)
    if findings:
        raise Halt(findings)
    return document


def _environment(
    folder: SpecFolder, base: Document, name: str, path: Path | None, layers: tuple[Document | None, Document | None]
) -> Environment:
    """An environment of its overlay and of what lies over that."""
    overlay, over = layers
    layer = Layer(base.data, Origin(base))
    owner = overlay if overlay is not None and overlay.has(("spec", "include")) else base
    teams = _includes(folder, owner)
    layer = _with_teams(layer, [document for document, _ in teams])
    if findings := check_names(layer.data, layer.origin):
        raise Halt(findings)
    plain = layer
    if overlay is not None:
        if findings := check_names(overlay.data, Origin(overlay)):
            raise Halt(findings)
        layer = merge(layer, Layer(overlay.data, Origin(overlay)))
    if over is not None:
        if findings := check(over.data, over, overlay=True):
            raise Halt(findings)
        layer = merge(layer, Layer(over.data, Origin(over)))
    if findings := check(layer.data, layer.origin):
        raise Halt(findings)
    overlay_files = [path / "spec.yaml"] if overlay is not None and path is not None else []
    files = (folder.root / folder.file, *(file for _, file in teams), *overlay_files)
    return Environment(name, layer, files, path, None if overlay is None else plain)


def _with_teams(base: Layer, teams: Iterable[Document]) -> Layer:
    """Append the machines of team files, each with its file's defaults under it."""
    items: list[Any] = list(base.data["spec"].get("virtualMachines") or ())
    origins: dict[str | int, Origin] = {}
    for document in teams:
        root = Origin(document).child("spec")
        spec = document.data["spec"]
        defaults = Layer(spec.get("defaults") or {}, root.child("defaults"))
        for index, item in enumerate(spec.get("virtualMachines") or ()):
            layer = merge_defaults(defaults, Layer(item, root.child("virtualMachines").child(index)))
            origins[len(items)] = Origin(document, ("spec", "virtualMachines", index), _own(layer, item, defaults))
            items.append(layer.data)
    if not origins:
        return base
    spec_origin = base.origin.child("spec")
    machines = Origin(base.origin.document, ("spec", "virtualMachines"), origins)
    spec_origin = Origin(base.origin.document, ("spec",), {**spec_origin.children, "virtualMachines": machines})
    data = {**base.data, "spec": {**base.data["spec"], "virtualMachines": items}}
    return Layer(data, Origin(base.origin.document, (), {"spec": spec_origin}))


def _own(layer: Layer, item: dict[str, Any], defaults: Layer) -> dict[str | int, Origin]:
    """Origins of a defaulted item's parts, seen from the item: what it does not say comes from the defaults."""
    inherited = {k: defaults.origin.child(k) for k in defaults.data if k not in item and k != PATCH}
    return {**layer.origin.children, **inherited}


def _includes(folder: SpecFolder, owner: Document) -> list[tuple[Document, Path]]:
    patterns = owner.data.get("spec", {}).get("include") or []
    found: dict[Path, Document] = {}
    findings: list[Finding] = []
    for index, pattern in enumerate(patterns):
        at = owner.span(("spec", "include", index))
        try:
            for path in _expand(folder, pattern, at):
                if path not in found:
                    document = _read(folder, path)
                    findings.extend(_check_kind(document, "QATVirtualMachines") or check(document.data, document))
                    found[path] = document
        except Halt as halt:
            findings.extend(halt.findings)
    if findings:
        raise Halt(findings)
    return [(document, path) for path, document in found.items()]


def _expand(folder: SpecFolder, pattern: str, at: Span) -> list[Path]:
    if pattern.startswith("/") or ".." in Path(pattern).parts:
        hint = "name files below the spec's folder, without `..`"
        raise _halt(rules.OUTSIDE, f'include "{pattern}" leads out of the spec\'s folder', at, hint)
    try:
        met = folder.door.glob(folder.root, pattern)
    except ValueError as error:
        raise _halt(rules.INCLUDE, f'include "{pattern}" is no pattern: {error}', at) from None
    except RefusedError as refused:
        raise _halt(rules.INCLUDE, f'include "{pattern}" {refused.what}', at, refused.hint) from None
    paths: list[Path] = []
    for path in met:
        try:
            if folder.door.kind(path) is not Kind.FOLDER:
                paths.append(path)
        except RefusedError as refused:
            raise Halt([folder.refusal(refused, path, at)]) from None
    if not paths:
        files = _team_files(folder)
        if any(character in pattern for character in "*?["):  # patterns are meant, not the files of one moment
            files = [f"{name.rpartition('/')[0]}/*.yaml" for name in files]
        hint = did_you_mean(pattern, files) or _NO_FILE
        raise _halt(rules.INCLUDE, f'include "{pattern}" matches no file', at, hint)
    return paths


def _team_files(folder: SpecFolder) -> list[str]:
    """Files in folders next to the spec that hold machines of a team, for hints."""
    found = []
    for name in near(folder, "*/*.yaml")[:_LOOKED_AT]:
        with suppress(RefusedError):
            if b"QATVirtualMachines" in folder.door.read(folder.root / name):
                found.append(name)
    return found


def near(folder: SpecFolder, pattern: str) -> list[str]:
    """Files below the spec's folder that have names of a pattern, for hints; none where they cannot be listed."""
    try:
        return [path.relative_to(folder.root).as_posix() for path in folder.door.glob(folder.root, pattern)]
    except RefusedError:
        return []


def _is_there(folder: SpecFolder, path: Path) -> bool:
    """Whether something is at a path. Raises Halt where it is not to be read."""
    try:
        return folder.door.kind(path) is not None
    except RefusedError as refused:
        raise Halt([folder.refusal(refused, path)]) from None


def _read(folder: SpecFolder, path: Path) -> Document:
    _is_there(folder, path)
    return read_one(path, folder.show(path), door=folder.door)


def _not_empty(folder: SpecFolder, path: Path) -> Document:
    """The spec that is there; of an empty one a hint says what it begins with."""
    try:
        return _read(folder, path)
    except Halt as halt:
        hint = (
            "write `apiVersion: qatgen.dev/v1alpha1`, `kind: QATPlatform` and the rest, or remove the file and let "
            "`qatgen init` write one"
        )
        raise Halt(replace(one, hint=hint) if one.rule is EMPTY else one for one in halt.findings) from None


def _read_spec(folder: SpecFolder) -> Document:
    """The spec itself. Raises Halt; where there is none, with a hint how to get one."""
    path = folder.root / folder.file
    if _is_there(folder, path):
        return _not_empty(folder, path)
    others = [*near(folder, "*.yml"), *near(folder, "*.yaml")]
    alike = [name for name in others if name.rpartition(".")[0] == path.stem] or nearest(folder.file, others)
    hint = f"`qatgen init {folder.shown or '.'}` writes one, or name yours with `--spec FILE`"
    if alike:
        hint = f"rename {folder.show(folder.root / alike[0])} to {folder.file}, or name it with `--spec`"
    shown = folder.show(path)
    raise _halt(UNREADABLE, f"there is no {shown}", Span(shown), hint)


def _check_kind(document: Document, kind: str) -> list[Finding]:
    actual = document.data.get("kind")
    if actual == kind or actual is None:
        return []
    if manifest := _manifest(document):
        return [manifest]
    message = f'kind is "{actual}", not {kind}'
    return [Finding(rule=rules.NOT_ALLOWED, message=message, at=document.span(("kind",)), hint=f"write `kind: {kind}`")]


def _manifest(document: Document) -> Finding | None:
    """What is wrong with an object of Kubernetes in the place of a spec."""
    version, kind = document.data.get("apiVersion"), document.data.get("kind")
    if not isinstance(version, str) or not isinstance(kind, str):
        return None
    if version.startswith("qatgen.dev/") or kind.startswith("QAT") or not version:
        return None
    message = f"this is a manifest of Kubernetes ({version} {kind}), not a spec"
    hint = "name it under `resources:` of overlays/<environment>/kustomization.yaml, or make a template of it"
    if kind in ("Kustomization", "Component"):
        hint = "name the file kustomization.yaml"
    return Finding(rule=rules.NOT_ALLOWED, message=message, at=document.span(("kind",)), hint=hint)


def _halt(rule: Rule, message: str, at: Span, hint: str = "") -> Halt:
    return Halt([Finding(rule=rule, message=message, at=at, hint=hint)])
