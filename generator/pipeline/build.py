"""One environment as objects in memory: what tests of policies and previews look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.manifest import Manifest
from generator.pipeline.objects import Objects
from generator.pipeline.project import Project
from generator.pipeline.scope import Scope, scope_of
from generator.render import Renderer
from generator.resolve import Model


@dataclass(frozen=True, slots=True)
class Build:
    """An environment's objects, each with where it came from, and what rules over them see beside them."""

    model: Model
    manifests: Sequence[Manifest]
    scope: Scope

    def by_name(self) -> Mapping[str, dict[str, Any]]:
        """The objects by `Kind namespace/name`."""
        return {str(manifest.identity): manifest.data for manifest in self.manifests}


def build(project: Project, model: Model) -> Build:
    """Render everything of an environment. Raises Halt."""
    objects = Objects(Renderer(project.templates), model)
    manifests = [
        *objects.all_but_machines(project.entries, ""),
        *objects.machines(project.entries, 0, model.machine_count),
    ]
    return Build(model, manifests, scope_of(model, project.catalog))
