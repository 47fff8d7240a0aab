"""From a field of a rendered object to the place where a person would edit it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from generator.finding import Finding, Halt, Note
from generator.location import FieldPath, Span
from generator.manifest import Identity, Manifest
from generator.overlay import Settings as OverlaySettings
from generator.overlay import settings as overlay_settings
from generator.pipeline.index import MACHINES
from generator.pipeline.objects import Objects
from generator.pipeline.overlaid import Overlaid, kustomization_of, overlaid
from generator.pipeline.pointed import pointed
from generator.pipeline.project import Project
from generator.render import Place, Renderer
from generator.resolve import Item, Model, resolve
from generator.resolve.machines import CALLED
from generator.spec.located import find_value, located, path_of, relocated
from generator.spec.merge import Layer

Step = tuple[Any, Any]
"""A key, as an object has it, and its value."""


@dataclass(frozen=True, slots=True)
class Traced:
    """An object rendered again with values that know their places; `number` is that of its document in the template.

    `within` is its path in the document where it is an item of a List.
    """

    manifest: Manifest
    item: Item
    entry_name: str
    number: int
    within: FieldPath = ()


@dataclass(slots=True)
class Origins:
    """Finds the places behind rendered objects of a project. Slow, so only for findings; what it renders it keeps."""

    project: Project
    overlay: OverlaySettings = field(default_factory=overlay_settings)
    _overlaid: dict[str, Overlaid | None] = field(default_factory=dict)
    _objects: dict[str, Objects] = field(default_factory=dict)
    _layers: dict[str, Layer] = field(default_factory=dict)
    _found: dict[tuple[str, Identity], Traced | None] = field(default_factory=dict)

    def of(self, environment: str, identity: Identity) -> Traced | None:
        """The object of an environment with an identity, traced; None where the project renders no such object."""
        key = (environment, identity)
        if key not in self._found:
            self._found[key] = next(self._search(environment, identity), None)
        return self._found[key]

    def explain(self, finding: Finding, environment: str, identity: Identity, *, key: bool = False) -> Finding:
        """A finding about a rendered object as one about the spec; the place it had so far becomes a note.

        `finding.path` is the field's; with `key` the field's name is what is wrong, not its value. A finding about an
        object that the project does not render stays as it is.
        """
        laid = self._laid(environment)
        rendered = (Note("rendered here", finding.at),) if finding.at.file else ()
        path = pointed(laid.data(identity), finding.path, finding.message) if laid else finding.path
        if laid is not None and (written := laid.place(identity, path, key=key)) is not None:
            return replace(finding, at=written, notes=(*finding.notes, *rendered))
        before = laid.before(identity) if laid else identity
        traced = self.of(environment, before) if before is not None else None
        if traced is None:
            return finding
        path = laid.path_before(identity, path) if laid else path
        path = pointed(traced.manifest.data, path, finding.message)
        at, notes = self._place(environment, traced, path, key=key)
        return replace(finding, at=at, notes=(*finding.notes, *notes, *rendered))

    def _laid(self, environment: str) -> Overlaid | None:
        """What the environment's kustomization did; None where there is none."""
        if environment not in self._overlaid:
            row = next(((e, m) for e, m in self.project.environments if e.name == environment), None)
            made = None
            if row is not None and kustomization_of(self.project.folder, row[0]) is not None:
                objects = Objects(Renderer(self.project.templates), row[1])
                manifests = [*objects.all_but_machines(self.project.entries, "")]
                manifests += objects.machines(self.project.entries, 0, row[1].machine_count)
                made = overlaid(self.project, row, manifests, self.overlay)
            self._overlaid[environment] = made
        return self._overlaid[environment]

    def _place(self, environment: str, traced: Traced, path: FieldPath, *, key: bool) -> tuple[Span, tuple[Note, ...]]:
        layer = self._layers[environment]
        template = self._template(environment, traced, path)
        notes = (Note("template", template.at),) if template else ()
        steps = list(_steps(traced.manifest.data, path))
        written = template is not None and template.exact and not template.printed
        given = _own_place(layer, traced.item.path, steps, path, written=written)
        if template is not None and not template.exact and len(steps) == len(path):
            notes = ()  # the spec's own field was laid over what the template made
        if given is None and template is not None and written and self.project.is_own(template.at):
            return template.at, (Note("rendered for this part of the spec", traced.item.at),)
        given = given or _place_around(traced.item.path, steps)
        if given is not None:
            return layer.origin.span(given, key=key and given[-1:] == path[-1:]), notes
        return traced.item.at, notes

    def _template(self, environment: str, traced: Traced, path: FieldPath) -> Place | None:
        objects = self._objects[environment]
        context = objects.context(traced.entry_name, traced.item)
        try:
            return objects.renderer.place(traced.manifest.template, context, traced.number, (*traced.within, *path))
        except Halt:
            return None

    def _search(self, environment: str, identity: Identity) -> Iterator[Traced]:
        objects = self._traced_objects(environment)
        for entry in self.project.entries:
            machines = entry.each == MACHINES
            for item in _machine(objects.model, identity) if machines else objects.model.lists.get(entry.each, ()):
                for number, within, manifest in objects.placed(entry, item):
                    if manifest.identity == identity:
                        yield Traced(manifest, item, entry.name, number, within)

    def _traced_objects(self, environment: str) -> Objects:
        if environment not in self._objects:
            row = next(e for e, _ in self.project.environments if e.name == environment)
            layer = self._layers[environment] = Layer(located(row.layer.data), row.layer.origin)
            model, _ = resolve(replace(row, layer=layer), self.project.folder, self.project.catalog)
            self._objects[environment] = Objects(Renderer(self.project.templates), model)
        return self._objects[environment]


def _own_place(
    layer: Layer, item: FieldPath, steps: Sequence[Step], path: FieldPath, *, written: bool
) -> FieldPath | None:
    """Where the spec has the value of a field, or the same value under the same key of the `item`.

    `written`: a template wrote the value itself.
    """
    if not steps:
        return None
    key, value = steps[-1]
    if isinstance(value, dict | list):
        return path_of(key) if not value else None
    if (found := path_of(value)) is not None:
        return found
    inside = None if written else find_value(_value(layer.data, item), path[: len(steps)], value, CALLED)
    return (*item, *inside) if inside else None


def _place_around(item: FieldPath, steps: Sequence[Step]) -> FieldPath | None:
    """Where the spec has what the nearest part of the object was made of; None where that is the whole `item`."""
    for _, part in reversed(steps):
        found = path_of(part, item) if isinstance(part, dict | list) else None
        if found is not None:
            return found if item[: len(found)] != found else None
    return None


def _steps(data: Any, path: FieldPath) -> Iterator[Step]:
    """Every key and value along a path, as far as it leads somewhere; keys as the object has them."""
    for part in path:
        if isinstance(data, dict) and part in data:
            key = next(key for key in data if key == part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            key = part
        else:
            return
        data = data[part]
        yield key, data


def _machine(model: Model, identity: Identity) -> Iterator[Item]:
    """The machine of a name, the places of its placeholders' texts kept."""
    for machine in model.machines:
        if machine.item.data.get("namespace", "") != identity.namespace:
            continue
        for position in range(len(machine)):
            item = machine.stamped(position)
            if item.data["name"] == identity.name:
                beside = item.beside
                if beside and machine.item.beside:
                    beside = (beside[0], relocated(beside[1], machine.item.beside[1]))
                yield replace(item, data=relocated(item.data, machine.item.data), beside=beside)


def _value(data: Any, path: FieldPath) -> Any:
    """The value at a path, or the nearest above it."""
    for part in path:
        try:
            data = data[part]
        except (LookupError, TypeError):
            break
    return data
