"""Render items to manifests: fill the template, pass through what the spec gives as it is, name the object."""

from collections.abc import Iterator
from dataclasses import dataclass

from generator.bundle import lay_beside, lay_over, with_metadata
from generator.finding import Finding, Halt, did_you_mean
from generator.location import FieldPath
from generator.manifest import Manifest, identify
from generator.pipeline import rules
from generator.pipeline.index import MACHINES, Entry
from generator.render import Renderer
from generator.resolve import Item, Model
from generator.resolve.delivery import LISTS
from generator.source import members
from generator.spec.model import Plain


@dataclass(frozen=True, slots=True)
class Objects:
    """Renders the items of one environment with its templates."""

    renderer: Renderer
    model: Model

    def render(self, entry: Entry, item: Item) -> Iterator[Manifest]:
        """The objects a template makes of an item. Raises Halt."""
        return (manifest for _, _, manifest in self.placed(entry, item))

    def placed(self, entry: Entry, item: Item) -> Iterator[tuple[int, FieldPath, Manifest]]:
        """The same, each with the ordinal of its document and its path in that: a List is its items. Raises Halt."""
        context = self.context(entry.name, item)
        subject = str(item.data.get("name", ""))
        metadata = self.model.spec.metadata
        documents = self.renderer.render(entry.template, context, subject=subject, at=item.at)
        for number, path, rendered in (
            (n, path, data) for n, one in enumerate(documents) for path, data in members(one)
        ):
            if not isinstance(rendered, dict):
                raise Halt([_no_object(entry, item)])
            data = _passed_through(rendered, item)
            if metadata.labels or metadata.annotations:
                data = with_metadata(data, metadata.labels, metadata.annotations)
            identity = identify(data)
            if not (identity.version and identity.kind and identity.name):
                raise Halt([_no_object(entry, item)])
            yield number, path, Manifest(identity, data, entry.template, item.path)

    def context(self, name: str, item: Item) -> Plain:
        """What a template sees: the item under the name its index entry gives, the environment and the target."""
        return {name: item.data, "environment": self.model.environment, "target": _target(self.model)}

    def all_but_machines(self, entries: tuple[Entry, ...], tree: str) -> Iterator[Manifest]:
        """The objects of every entry of a tree, in the index' order; machines come in blocks."""
        for entry in entries:
            if entry.tree == tree and entry.each != MACHINES:
                for item in self.model.lists.get(entry.each, ()):
                    yield from self.render(entry, item)

    def machines(self, entries: tuple[Entry, ...], start: int, stop: int) -> Iterator[Manifest]:
        """The objects of the machines from `start` to before `stop`."""
        for group in self.by_machine(entries, start, stop):
            yield from group

    def by_machine(self, entries: tuple[Entry, ...], start: int, stop: int) -> Iterator[list[Manifest]]:
        """The same, machine by machine."""
        chosen = [entry for entry in entries if entry.each == MACHINES]
        for item in self.model.machine_items(start, stop):
            yield [manifest for entry in chosen for manifest in self.render(entry, item)]


def _no_object(entry: Entry, item: Item) -> Finding:
    message = f"{entry.template} rendered an object without apiVersion, kind or metadata.name"
    return Finding(rule=rules.NOT_AN_OBJECT, message=message, at=item.at, hint="complete the template")


def _target(model: Model) -> Plain:
    target = model.spec.target
    return {"kubernetes": target.kubernetes, "kubevirt": target.kubevirt, "devicePlugin": target.device_plugin}


def _passed_through(data: Plain, item: Item) -> Plain:
    if item.beside is None:
        return data
    path, given = item.beside
    return lay_over(data, path, given) if item.over else lay_beside(data, path, given)


def check_lists(entries: tuple[Entry, ...], models: tuple[Model, ...]) -> list[Finding]:
    """Entries whose list no model has: a spelling mistake would render nothing, silently."""
    known = {MACHINES, *LISTS, *(name for model in models for name in model.lists)}
    return [
        Finding(
            rule=rules.UNKNOWN_LIST,
            message=f'{entry.template} is rendered for each of "{entry.each}", a list no model has',
            at=entry.at,
            hint=did_you_mean(entry.each, known),
        )
        for entry in entries
        if entry.each not in known
    ]
