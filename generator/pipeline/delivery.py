"""How Argo CD is to deliver one environment: every object with its wave and the options it is applied with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from generator.location import FieldPath
from generator.manifest import Manifest
from generator.pipeline.index import MACHINES, Entry
from generator.pipeline.proof import Objection
from generator.policy.resources import resources
from generator.schema import find_crds, minor_of
from generator.sync import WAVE, Early, Waves, annotated, is_foreign, kept_by_flux, waves_of
from generator.sync import rules as sync_rules

Told = list[tuple[FieldPath, Objection]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """The waves of an environment's objects, and the version of Kubernetes that says which kinds are built in."""

    waves: Waves
    minor: int

    def delivered(self, group: Sequence[Manifest], told: Told) -> Iterator[Manifest]:
        """Objects as Argo CD is to get them: those of one machine, or any that are no machine's.

        Adds to `told` what is wrong with waves that objects bring along.
        """
        waves = self.waves.of if all(m.identity in self.waves.of for m in group) else self.waves.together(group)
        for manifest in group:
            wave = waves[manifest.identity]
            early = self.waves.early(manifest, wave)
            if early is not None:
                told.append((manifest.item, _objection(early)))
            foreign = is_foreign(manifest.identity, self.minor, self.waves.around.crds)
            yield replace(manifest, data=annotated(manifest.data, wave, foreign=foreign))


def _objection(early: Early) -> Objection:
    message = f"wave {early.wave} comes before {early.target} in wave {early.needed}, which the object needs"
    hint = f"write a wave after {early.needed}, or none: it is derived"
    return Objection(early.identity, sync_rules.TOO_EARLY, message, hint, ("metadata", "annotations", WAVE))


def delivery_of(manifests: Sequence[Manifest], entries: Sequence[Entry], kubernetes: str) -> Delivery:
    """The delivery of an environment: waves of all that is no machine's, from which those of machines follow."""
    machines = {entry.template for entry in entries if entry.each == MACHINES}
    own = [manifest for manifest in manifests if manifest.template not in machines]
    crds = tuple(find_crds(manifest.data for manifest in own))
    return Delivery(waves_of(own, resources(crds)), minor_of(kubernetes) or 0)


def deliver(manifests: Sequence[Manifest], delivery: Delivery, told: Told) -> list[Manifest]:
    """All objects of an environment, in their order; those of machines follow from the others."""
    own = [manifest for manifest in manifests if manifest.identity in delivery.waves.of]
    rest = [manifest for manifest in manifests if manifest.identity not in delivery.waves.of]
    made = {m.identity: m for m in (*delivery.delivered(own, told), *delivery.delivered(rest, told))}
    return [made[manifest.identity] for manifest in manifests]


def for_flux(manifests: Sequence[Manifest]) -> list[Manifest]:
    """All objects of an environment that Flux delivers, with what it is told of pruning them."""
    return [replace(manifest, data=kept_by_flux(manifest.data)) for manifest in manifests]
