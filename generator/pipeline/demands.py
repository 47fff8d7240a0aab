"""What all objects of an environment ask of its node pools, for who renders nothing else."""

from collections.abc import Iterator

from generator.checks.demand import Demands, demand_of
from generator.manifest import Manifest
from generator.overlay import Settings as OverlaySettings
from generator.pipeline.index import Entry
from generator.pipeline.objects import Objects
from generator.pipeline.overlaid import kustomization_of, overlaid
from generator.pipeline.project import Project
from generator.render import Renderer
from generator.resolve import Model
from generator.spec.load import Environment


def demands_of(project: Project, row: tuple[Environment, Model], overlay: OverlaySettings) -> Demands:
    """The demands of an environment's objects after its overlay, without a tree being made. Raises Halt.

    Without an overlay one machine is rendered for each entry of the spec, whose others differ in names alone.
    """
    environment, model = row
    objects = Objects(Renderer(project.templates), model)
    own = list(objects.all_but_machines(project.entries, ""))
    found = Demands()
    if kustomization_of(project.folder, environment) is not None:
        own += objects.machines(project.entries, 0, model.machine_count)
        own = overlaid(project, row, own, overlay).manifests
    else:
        for manifest, copies in _first_of_each(objects, project.entries):
            count(found, manifest, copies)
    for manifest in own:
        count(found, manifest)
    return found


def count(demands: Demands, manifest: Manifest, copies: int = 1) -> None:
    """Take in what an object asks for, `copies` times."""
    demand = demand_of(manifest)
    if demand is not None:
        demands[demand] += copies


def _first_of_each(objects: Objects, entries: tuple[Entry, ...]) -> Iterator[tuple[Manifest, int]]:
    first = 0
    for machine in objects.model.machines:
        if len(machine):
            for manifest in objects.machines(entries, first, first + 1):
                yield manifest, len(machine)
        first += len(machine)
