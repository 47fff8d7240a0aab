"""Machines of several changes at once: under every KubeVirt object, in pairs, and drawn."""

import itertools
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

from tests.e2e.kubevirt.changes import CHANGES, METADATA, OWN, WHOLE, laid
from tests.e2e.kubevirt.clusters import clusters
from tests.e2e.kubevirt.machines import Spec, instance, least, machine
from tests.e2e.kubevirt.mutations import put, shortened
from tests.e2e.kubevirt.record import Probe
from tests.e2e.kubevirt.schemas import Field, fields
from tests.e2e.kubevirt.values import values

VERSIONS = ("v1.9.0", "v1.8.0")
"""The releases that are asked, the newest first."""
KINDS = ("VirtualMachineInstance", "VirtualMachine")
SHORT = {"VirtualMachineInstance": "VMI", "VirtualMachine": "VM"}


def made(kind: str, changes: tuple[Spec, ...], metadata: dict[str, Any] | None = None, own: Spec | None = None) -> Spec:
    """A machine of a kind: changes laid over the least one in turn."""
    spec = least()
    for change in changes:
        spec = laid(spec, change)
    if kind == "VirtualMachine":
        whole = machine(spec)
        whole["spec"] = laid(whole["spec"], own or {})
        target = whole["spec"]["template"]
    else:
        whole = target = instance(spec)
    if metadata:
        target["metadata"] = laid(target["metadata"], metadata)
    return whole


def everywhere() -> Iterator[Probe]:
    """Every change alone, and the machine as it is, under every KubeVirt object, as both kinds."""
    alone = {"as it is": Spec(), **CHANGES}
    for (name, change), cluster, kind in itertools.product(alone.items(), clusters(), KINDS):
        yield Probe(f"{SHORT[kind]}: {name} ({cluster})", name, cluster, made(kind, (change,)))
    for (name, metadata), kind, cluster in itertools.product(METADATA.items(), KINDS, ("plain", "all-gates")):
        yield Probe(f"{SHORT[kind]}: {name} ({cluster})", name, cluster, made(kind, (), metadata))
    for (name, change), kind, cluster in itertools.product(WHOLE.items(), KINDS, ("plain", "all-gates")):
        yield Probe(f"{SHORT[kind]}: {name} ({cluster})", name, cluster, laid(made(kind, ()), change))
    for (name, own), cluster in itertools.product(OWN.items(), clusters()):
        yield Probe(f"VM: {name} ({cluster})", name, cluster, made("VirtualMachine", (), None, own))


def pairs(cluster: str, kind: str, count: int) -> Iterator[Probe]:
    """Two changes, in their order: so many of all there are, always the same ones."""
    everything = list(itertools.combinations(CHANGES, 2))
    for first, second in random.Random(count).sample(everything, min(count, len(everything))):
        title = f"{SHORT[kind]}: {first} + {second} ({cluster})"
        yield Probe(title, f"{first} + {second}", cluster, made(kind, (CHANGES[first], CHANGES[second])))


@cache
def _fields(kind: str) -> tuple[Field, ...]:
    return tuple(fields(kind))


def drawn(seed: int, count: int) -> Iterator[Probe]:
    """Machines of up to four changes, with up to two fields set to a drawn value; the same seed draws the same."""
    draw = random.Random(seed)
    names = list(clusters())
    for number in range(count):
        kind = draw.choice(list(SHORT))
        cluster = draw.choice(names)
        chosen = draw.sample(list(CHANGES), draw.randint(0, 4))
        metadata = METADATA[draw.choice(list(METADATA))] if draw.random() < 0.1 else None
        own = OWN[draw.choice(list(OWN))] if draw.random() < 0.2 else None
        whole = made(kind, tuple(CHANGES[name] for name in chosen), metadata, own)
        about = list(chosen)
        for _ in range(draw.randint(0, 2)):
            field = draw.choice(_fields(kind))
            word, value = draw.choice(list(values(field)))
            changed = put(kind, whole, field.path, value)
            if changed is not None:
                whole = changed
                about.append(f"{field.name} {word} {shortened(value) if word != 'missing' else ''}".strip())
        title = f"{SHORT[kind]} {seed}/{number} ({cluster}): {' + '.join(about) or 'as it is'}"
        yield Probe(title, title, cluster, whole)


def drawn_sets(seed: int, count: int) -> Iterator[Probe]:
    """Drawn machines as the templates of replica sets (of instances) and pools (of VirtualMachines)."""
    draw = random.Random(seed)
    for probe in drawn(seed, count):
        selector: Any = {"matchLabels": {"app": "vm0"}}
        if draw.random() < 0.1:
            selector = draw.choice(
                [{}, {"matchLabels": {"app": "other"}}, {"matchExpressions": [{"key": "a", "operator": "Bad"}]}]
            )
        template = {"metadata": {"labels": {"app": "vm0"}}, "spec": probe.machine.get("spec")}
        pooled = probe.machine["kind"] == "VirtualMachine"
        whole = {
            "apiVersion": "pool.kubevirt.io/v1beta1" if pooled else "kubevirt.io/v1",
            "kind": "VirtualMachinePool" if pooled else "VirtualMachineInstanceReplicaSet",
            "metadata": {"name": "set", "namespace": "default"},
            "spec": {
                "replicas": draw.choice([0, 1, 2]),
                "selector": selector,
                "virtualMachineTemplate" if pooled else "template": template,
            },
        }
        yield Probe(f"set of {probe.title}", probe.about, probe.kubevirt, whole)
