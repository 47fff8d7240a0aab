"""The order in which Argo CD will apply an environment, and what each object waits for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generator.manifest import Identity, Manifest
from generator.overlay import Settings as OverlaySettings
from generator.pipeline.admission import shipped
from generator.pipeline.delivery import Told, deliver, delivery_of
from generator.pipeline.judgement import judged_row
from generator.pipeline.objects import Objects
from generator.pipeline.overlaid import kustomization_of, overlaid
from generator.pipeline.project import Project
from generator.render import Renderer
from generator.resolve import Model
from generator.spec.load import Environment
from generator.sync import Waves, given_wave


@dataclass(frozen=True, slots=True)
class Step:
    """Objects of one kind in one wave that wait for the same: for what of the wave before, none in the first."""

    wave: int
    kind: str
    objects: tuple[Identity, ...]
    after: tuple[Identity, ...]


def sync_plan(project: Project, row: tuple[Environment, Model], overlay: OverlaySettings) -> list[Step]:
    """The steps of an environment in their order. Raises Halt."""
    environment, model = row
    objects = Objects(Renderer(project.templates), model)
    judged = judged_row(project, environment, model)
    manifests = [
        *objects.all_but_machines(project.entries, ""),
        *shipped(judged.policies, model.spec, waived=True),
        *objects.machines(project.entries, 0, model.machine_count),
    ]
    if kustomization_of(project.folder, environment) is not None:
        manifests = overlaid(project, row, manifests, overlay).manifests
    delivery = delivery_of(manifests, project.entries, model.spec.target.kubernetes)
    told: Told = []
    return list(_steps(deliver(manifests, delivery, told), delivery.waves))


def _steps(manifests: Sequence[Manifest], waves: Waves) -> Iterator[Step]:
    of = {manifest.identity: given_wave(manifest.data) or 0 for manifest in manifests}
    grouped: dict[tuple[int, str, tuple[Identity, ...]], list[Identity]] = {}
    for manifest in manifests:
        wave = of[manifest.identity]
        needed = {need.target for need in waves.needed(manifest.identity, manifest.data)} - {manifest.identity}
        latest = max((of[target] for target in needed if of.get(target, wave) < wave), default=None)
        after = tuple(sorted(target for target in needed if latest is not None and of.get(target) == latest))
        grouped.setdefault((wave, manifest.identity.kind, after), []).append(manifest.identity)
    for (wave, kind, after), found in sorted(grouped.items()):
        yield Step(wave, kind, tuple(sorted(found)), after)
