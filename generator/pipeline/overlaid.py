"""An environment's own kustomization, laid over everything that was rendered for it."""

import marshal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from generator.finding import Finding
from generator.location import FieldPath, Span
from generator.manifest import Identity, Manifest, identify
from generator.overlay import Settings, State, apply_over
from generator.overlay.kustomization import kustomization_files, read_kustomization
from generator.overlay.report import loss_findings
from generator.overlay.resource import Resource
from generator.overlay.touched import Field, path_before, place_of, value_at
from generator.pipeline.kustomized import laid_by_kustomize
from generator.pipeline.project import Project
from generator.resolve import Model
from generator.source import Dialect, Document, read_documents
from generator.spec.load import Environment, SpecFolder


@dataclass(slots=True)
class Overlaid:
    """The objects of an environment after its overlay, and what the overlay did to each.

    `read` are the files it was made of, and patterns of such; a folder means all that is below it. `top` is the
    kustomization itself, where we laid it over.
    """

    manifests: list[Manifest] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    read: set[Path] = field(default_factory=set)
    top: Document | None = None
    _sources: dict[str, list[Document]] = field(default_factory=dict)
    _done: dict[Identity, tuple[Resource, Manifest | None]] = field(default_factory=dict)

    def before(self, identity: Identity) -> Identity | None:
        """What an object was called before the overlay; None for one that came with the overlay."""
        found = self._done.get(identity)
        if found is None:
            return identity
        return found[1].identity if found[1] else None

    def touched_at(self, identity: Identity) -> tuple[Span, ...]:
        """Where the steps of the overlay stand that changed an object; its own place for one that came with it."""
        found = self._done.get(identity)
        if found is None:
            return ()
        resource, before = found
        if before is None and resource.source is not None:
            return (resource.source.span(),)
        return tuple(dict.fromkeys(touch.at for touch in resource.touches))

    def place(self, identity: Identity, path: FieldPath, *, key: bool = False) -> Span | None:
        """Where the overlay wrote a field, or with `key` its name; None where the field is as it was rendered."""
        found = self._done.get(identity)
        if found is None:
            return None
        resource, before = found
        known = self.path_before(identity, path)
        written = place_of(resource.touches, Field(resource.body, path, len(known), key))
        if written is None and self.top is not None and len(known) == len(path):
            written = _set_by(self.top, path, value_at(self._data_before(resource, before), known), resource.body)
        if written is None and before is None and resource.source is not None:
            inside = _in_list(resource.source.data, resource.body)
            return resource.source.span((*inside, *known), key=key and len(known) == len(path))
        return written

    def data(self, identity: Identity) -> Any:
        """The object as the overlay left it; None for one it does not know."""
        found = self._done.get(identity)
        return found[0].body if found else None

    def path_before(self, identity: Identity, path: FieldPath) -> FieldPath:
        """Where a field of an object was before the overlay, or what it was part of."""
        found = self._done.get(identity)
        if found is None:
            return path
        resource, before = found
        return path_before(self._data_before(resource, before), resource.body, path)

    def _data_before(self, resource: Resource, before: Manifest | None) -> Any:
        """The object as it was rendered, or as its file has it: the overlay changed what was read in place."""
        source = resource.source
        if before is not None or source is None:
            return before.data if before is not None else {}
        if source.file not in self._sources:
            self._sources[source.file] = read_documents(source.text, source.file, Dialect.KUSTOMIZE)
        data: Any = next((one.data for one in self._sources[source.file] if one.index == source.index), {})
        return value_at(data, _in_list(source.data, resource.body))


def _set_by(top: Document, path: FieldPath, before: Any, data: Any) -> Span | None:
    """The field of a kustomization that changed a value which no patch wrote; None where it is as it was."""
    after = value_at(data, path)
    if isinstance(after, dict | list) or after == before:
        return None
    at_end = {"namespace": ("namespace",), "name": ("namePrefix", "nameSuffix"), "replicas": ("replicas",)}
    keys = (*at_end.get(str(path[-1]), ()), "namePrefix", "nameSuffix", "replacements", "vars", "transformers")
    found = next((key for key in keys if top.has((key,))), None)
    return top.span((found,)) if found else None


def _in_list(data: Any, body: Mapping[str, Any]) -> FieldPath:
    """Where an object is among the items of a List that was read as one document; nothing where it is the document."""
    if data is body or not isinstance(data, dict) or not str(data.get("kind")).endswith("List"):
        return ()
    own = identify(dict(body))
    for index, item in enumerate(data.get("items") or ()):
        if item is body or (isinstance(item, dict) and identify(item) == own):
            return ("items", index)
    return ()


def kustomization_of(folder: SpecFolder, environment: Environment) -> Path | None:
    """The kustomization file beside an environment's spec. Raises Halt for one that is not to be read."""
    if environment.folder is None:
        return None
    return next(iter(kustomization_files(environment.folder, folder.show(environment.folder), folder.door)), None)


def overlaid(
    project: Project, row: tuple[Environment, Model], manifests: Sequence[Manifest], settings: Settings
) -> Overlaid:
    """The objects with the environment's kustomization over them. Raises Halt."""
    environment, model = row
    for known in () if settings.compat else model.spec.merge_keys:
        shapes = settings.shapes.with_list(known.api_version, known.kind, known.list.split("."), known.keys)
        settings = replace(settings, shapes=shapes)
    file = kustomization_of(project.folder, environment)
    assert file is not None
    shown = project.folder.show(file.parent)
    if settings.engine != "qatgen":
        return _by_program(project, environment, manifests, project.folder.show(file))
    before = {id(manifest): marshal.dumps(manifest.data) for manifest in manifests}
    # Rendered objects share parts with the spec and with each other; an overlay changes objects in place.
    copies = (marshal.loads(before[id(manifest)]) for manifest in manifests)  # noqa: S302 - made above
    state = apply_over(copies, file.parent, shown, settings, project.folder.door)
    own = read_kustomization(file, project.folder.show(file), project.folder.door, lenient=settings.compat)
    made = Overlaid(findings=list(state.findings), read=state.read, top=own.document)
    top = project.folder.show(file)
    by_resource = dict(zip(map(id, state.given), manifests, strict=True))
    for resource in state.objects:
        manifest = by_resource.get(id(resource))
        identity = identify(resource.body)
        given = manifest.identity if manifest else None
        made._done[identity] = (resource, manifest)  # noqa: SLF001 - its maker
        template, item = (manifest.template, manifest.item) if manifest else ("", ())
        files = {touch.at.file for touch in resource.touches}
        if manifest is None:
            files.add(resource.source.file if resource.source else top)
        elif identity != given and not files:
            files.add(top)
        names = tuple(sorted(project.folder.below(file) for file in files))
        made.manifests.append(Manifest(identity, resource.body, template, item, names))
    made.findings += _report(state, by_resource, before)
    return made


def _by_program(project: Project, environment: Environment, manifests: Sequence[Manifest], shown: str) -> Overlaid:
    """The same by kustomize itself; objects it renamed are told at the overlay."""
    data = [manifest.data for manifest in manifests]
    known = {manifest.identity: manifest for manifest in manifests}
    overlays = project.folder.root / "overlays"
    made = Overlaid(read={overlays})  # what it reads there only the program knows
    for body in laid_by_kustomize(data, project.folder, environment.name, shown.rpartition("/")[0]):
        manifest = known.get(identity := identify(body))
        template, item = (manifest.template, manifest.item) if manifest else ("", ())
        made.manifests.append(Manifest(identity, body, template, item, (project.folder.below(shown),)))
    return made


def _report(state: State, by_resource: Mapping[int, Manifest], before: Mapping[int, bytes]) -> Iterator[Finding]:
    """What the overlay took away."""
    rows: list[tuple[Resource, Any]] = []
    for resource in state.objects:
        manifest = by_resource.get(id(resource))
        raw = before.get(id(manifest)) if manifest else None
        if raw is not None and resource.touches:
            rows.append((resource, marshal.loads(raw)))  # noqa: S302 - made above
    yield from loss_findings(rows, state.settings.shapes)
