"""Objects of one environment that would be one file: which templates make them, and where."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generator.bundle import file_name
from generator.finding import Finding, Halt, Note, once
from generator.location import Span
from generator.manifest import Manifest
from generator.pipeline import rules
from generator.pipeline.index import MACHINES, Entry
from generator.pipeline.objects import Objects
from generator.pipeline.project import Project
from generator.resolve import Item
from generator.spec.load import Environment


@dataclass(frozen=True, slots=True)
class _Made:
    """An object, and what it was made of: `number` is its place among the objects of its template."""

    manifest: Manifest
    entry: Entry
    item: Item
    number: int


def refuse_twice(project: Project, environment: str, objects: Objects, manifests: Sequence[Manifest]) -> None:
    """Raises Halt where templates make one object twice: an overlay could not tell which is meant."""
    if len({manifest.identity for manifest in manifests}) < len(manifests):
        raise Halt(once((environment, finding) for finding in _objects_twice(project, objects)))


def files_twice(project: Project, environment: Environment, objects: Objects, files: Sequence[str]) -> list[Finding]:
    """Files that several objects were written to, at the templates that make them, or else at the spec."""
    if len(set(files)) == len(files):
        return []
    found = list(_objects_twice(project, objects))
    at, hint = environment.layer.origin.span(("spec",)), "give them different names"
    return found or [
        Finding(rule=rules.TWICE, message=f"{count:,} objects would be written to {file}", at=at, hint=hint)
        for file, count in sorted(Counter(files).items())
        if count > 1
    ]


def _objects_twice(project: Project, objects: Objects) -> Iterator[Finding]:
    """A finding for every file that several objects would be written to; renders the environment once more.

    It is at the line of the template that names the second object, or for a template that is shipped at the part of the
    spec; a note has the first.
    """
    found: dict[str, list[_Made]] = {}
    for made in _all(project.entries, objects):
        found.setdefault(file_name(made.manifest.identity), []).append(made)
    for file, several in sorted(found.items()):
        if len(several) > 1:
            first, second = several[:2]
            templates = " and ".join(dict.fromkeys(made.entry.template for made in several[:3]))
            yield Finding(
                rule=rules.TWICE,
                message=f"{len(several):,} objects of {templates} would be written to {file}",
                at=_place(project, objects, second),
                hint="give them different names",
                notes=(Note("the first of them", _place(project, objects, first)),),
                subject=str(second.manifest.identity),
                path=("metadata", "name"),
            )


def _all(entries: tuple[Entry, ...], objects: Objects) -> Iterator[_Made]:
    model = objects.model
    for entry in entries:
        if entry.tree:
            continue
        of_list = model.lists.get(entry.each, ())
        items = model.machine_items(0, model.machine_count) if entry.each == MACHINES else of_list
        for item in items:
            for number, manifest in enumerate(objects.render(entry, item)):
                yield _Made(manifest, entry, item, number)


def _place(project: Project, objects: Objects, made: _Made) -> Span:
    """The line of a template of the project that names an object; the part of the spec it was made for otherwise."""
    context = objects.context(made.entry.name, made.item)
    try:
        found = objects.renderer.place(made.entry.template, context, made.number, ("metadata", "name"))
    except Halt:
        found = None
    return found.at if found is not None and project.is_own(found.at) else made.item.at
