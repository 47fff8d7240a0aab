"""What an environment's own files change: the spec, and the objects that are rendered from it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.checks.demand import demand_of
from generator.compare import Change, changes
from generator.compare.changes import ABSENT
from generator.finding import Finding, Told
from generator.location import FieldPath, format_path
from generator.manifest import Identity, Manifest
from generator.overlay import Settings
from generator.overlay import rules as overlay_rules
from generator.overview.bounded import ALTERATIONS, FIELDS, TEXT, bounded, place
from generator.overview.model import Alteration, FieldChange, Lost, Overlay
from generator.pipeline.admission import shipped
from generator.pipeline.judgement import Judged
from generator.pipeline.objects import Objects
from generator.pipeline.overlaid import Overlaid, kustomization_of, overlaid
from generator.pipeline.project import Project
from generator.render import Renderer
from generator.resolve import Model
from generator.spec.load import Environment
from generator.spec.merge import is_named_list

_RECORD = "qatgen diff"


@dataclass(frozen=True, slots=True)
class Laid:
    """The objects of an environment before and after its kustomization; None before for one that it brought."""

    made: Overlaid
    pairs: Sequence[tuple[Manifest | None, Manifest]]
    removed: Sequence[Manifest]


def laid_over(project: Project, row: tuple[Environment, Model], judged: Judged, settings: Settings) -> Laid | None:
    """What the kustomization of an environment does, done once more; None where there is none. Raises Halt."""
    environment, model = row
    if kustomization_of(project.folder, environment) is None:
        return None
    objects = Objects(Renderer(project.templates), model)
    base = [
        *objects.all_but_machines(project.entries, ""),
        *shipped(judged.policies, model.spec, waived=True),
        *objects.machines(project.entries, 0, model.machine_count),
    ]
    known = {manifest.identity: manifest for manifest in base}
    made = overlaid(project, row, base, settings)
    before = [(made.before(manifest.identity), manifest) for manifest in made.manifests]
    pairs = [(known.get(identity) if identity else None, manifest) for identity, manifest in before]
    kept = {identity for identity, _ in before}
    return Laid(made, pairs, [manifest for manifest in base if manifest.identity not in kept])


def added_devices(laid: Laid | None) -> Counter[str]:
    """How many more devices of each resource an overlay asks for, over machines and pods; a DaemonSet counts once."""
    found: Counter[str] = Counter()
    if laid is not None:
        for before, after in laid.pairs:
            found.update(_devices(after))
            found.subtract(_devices(before))
        for manifest in laid.removed:
            found.subtract(_devices(manifest))
    return found


def _devices(manifest: Manifest | None) -> Counter[str]:
    demand = demand_of(manifest) if manifest is not None else None
    if demand is None:
        return Counter()
    return Counter({name: amount * demand.copies for name, amount in demand.amounts if "/" in name})


def overlay_of(
    project: Project, environment: Environment, laid: Laid | None, told: Sequence[Told], settings: Settings
) -> Overlay | None:
    """All that the environment's own files change; None where it has none."""
    if environment.base is None and laid is None:
        return None
    folder, file = environment.folder, kustomization_of(project.folder, environment)
    spec, more_spec = bounded(list(_spec_changes(environment)), FIELDS * 2, "the overlay's file")
    altered, more = bounded(list(_alterations(laid, settings)) if laid else [], ALTERATIONS, _RECORD)
    return Overlay(
        spec_file=project.folder.show(folder / "spec.yaml") if folder is not None and environment.base else "",
        spec=spec,
        more_spec=more_spec,
        kustomization=project.folder.show(file) if file is not None else "",
        alterations=altered,
        more_alterations=more,
        losses=tuple(_losses(finding for name, finding in told if name == environment.name)),
    )


def _losses(findings: Iterator[Finding]) -> Iterator[Lost]:
    for finding in findings:
        if finding.rule in (overlay_rules.LOST, overlay_rules.DANGLING):
            dangling = finding.rule is overlay_rules.DANGLING
            message = finding.said.removeprefix("after the overlay ")
            yield Lost(finding.subject, message, dangling, place(finding.at))


def _spec_changes(environment: Environment) -> Iterator[FieldChange]:
    if environment.base is None:
        return
    origin = environment.layer.origin
    for shown, path, before, after in _differ(environment.base.data, environment.layer.data, (), ()):
        at = place(origin.span(path)) if path else None
        yield FieldChange(path=format_path(shown), before=_text(before), after=_text(after), at=at)


Differing = tuple[FieldPath, FieldPath, Any, Any]


def _differ(before: Any, after: Any, shown: FieldPath, path: FieldPath) -> Iterator[Differing]:
    """Fields that differ; of a list of named things the name is shown and the place counted in what came out."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            yield from _differ(before.get(key, ABSENT), after.get(key, ABSENT), (*shown, key), (*path, key))
    elif is_named_list(before) and is_named_list(after):
        old = {_name(item): item for item in before}
        new = {_name(item): (index, item) for index, item in enumerate(after)}
        for name in dict.fromkeys((*old, *new)):
            index, item = new.get(name, (None, ABSENT))
            here = path if index is None else (*path, index)
            yield from _differ(old.get(name, ABSENT), item, (*shown, name), here)
    elif before != after or before.__class__ is not after.__class__:
        yield shown, path, before, after


def _name(item: Mapping[str, Any]) -> str:
    return f"{item['namespace']}/{item['name']}" if "namespace" in item else str(item["name"])


def _alterations(laid: Laid, settings: Settings) -> Iterator[Alteration]:
    """What happened to objects, the same told once of all it happened to."""
    groups: dict[tuple[str, tuple[Any, ...]], list[Identity]] = {}
    for before, after in laid.pairs:
        what = "added" if before is None else "changed" if before.identity == after.identity else "renamed"
        fields = () if before is None else tuple(map(_field, changes(before.data, after.data, settings.shapes)))
        if what != "changed" or fields:
            groups.setdefault((what, fields), []).append(after.identity)
    for manifest in laid.removed:
        groups.setdefault(("removed", ()), []).append(manifest.identity)
    for (what, found), identities in groups.items():
        chosen, more = bounded(found, FIELDS, _RECORD)
        first = min(identities)
        yield Alteration(
            what=what,
            subject=str(first),
            count=len(identities),
            at=tuple(map(place, laid.made.touched_at(first))),
            fields=chosen,
            more_fields=more,
        )


def _field(change: Change) -> FieldChange:
    return FieldChange(path=change.path, before=_text(change.before), after=_text(change.after), at=None)


def _text(value: Any) -> str | None:
    """A value as people read it; long ones are cut, one that is not there is None."""
    if value is ABSENT:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= TEXT else f"{text[:TEXT]}…"
