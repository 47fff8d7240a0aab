"""Machines whose memory, CPU and other resources are drawn quantities, in all the ways a quantity is written."""

import random
from collections.abc import Iterator
from typing import Any

from tests.e2e.kubevirt.clusters import clusters
from tests.e2e.kubevirt.machines import Spec, instance, least, machine
from tests.e2e.kubevirt.record import Probe

SUFFIXES = ("", "", "Ki", "Mi", "Mi", "Gi", "Gi", "M", "G", "k", "m", "e3", "E3", "e6", "e9", "T", "Ti", "u", "n")
RESOURCES = ("memory", "memory", "cpu", "cpu", "ephemeral-storage", "example.com/x", "hugepages-2Mi", "intel.com/qat")
PAGES = ("2Mi", "1Gi", "1G", "64Ki", "2048Ki", "1024Mi", "0.5Gi")


def quantity(draw: random.Random) -> Any:
    """A number, or a text of a drawn number and suffix."""
    kind = draw.random()
    if kind < 0.1:
        return draw.randint(0, 5 * 10**9)
    if kind < 0.15:
        return draw.random() * 10
    numbers = (
        str(draw.randint(0, 9)),
        str(draw.randint(1, 4096)),
        f"{draw.random() * 8:.{draw.randint(1, 4)}f}",
        *("1", "2", "0.5", "1.5", "007", "+1"),
        f".{draw.randint(1, 9)}",
        f"{draw.randint(1, 9)}.",
    )
    return draw.choice(numbers) + draw.choice(SUFFIXES)


def _domain(draw: random.Random) -> Spec:
    memory: Spec = {}
    if draw.random() < 0.7:
        memory["guest"] = quantity(draw)
    if draw.random() < 0.25:
        memory["hugepages"] = {"pageSize": draw.choice(PAGES)}
    if draw.random() < 0.1:
        memory["maxGuest"] = quantity(draw)
    if draw.random() < 0.1:
        memory["reservedOverhead"] = {"addedOverhead": quantity(draw)}
    resources: Spec = {
        key: {draw.choice(RESOURCES): quantity(draw) for _ in range(draw.randint(1, 3))}
        for key in ("requests", "limits")
        if draw.random() < 0.6
    }
    if draw.random() < 0.1:
        resources["overcommitGuestOverhead"] = True
    cpu: Spec = {}
    if draw.random() < 0.3:
        chosen = draw.sample(["cores", "sockets", "threads"], draw.randint(0, 3))
        cpu = {key: draw.choice([1, 2, 3, 4, 7, 16]) for key in chosen}
    if draw.random() < 0.2:
        cpu["dedicatedCpuPlacement"] = True
    return {"memory": memory, **({"resources": resources} if resources else {}), **({"cpu": cpu} if cpu else {})}


def drawn_amounts(seed: int, count: int) -> Iterator[Probe]:
    """Machines; the same seed draws the same."""
    draw = random.Random(seed)
    names = list(clusters())
    for number in range(count):
        spec = least()
        spec["domain"] |= _domain(draw)
        whole = instance(spec) if draw.random() < 0.6 else machine(spec)
        cluster = draw.choice(names)
        yield Probe(f"amounts {seed}/{number} ({cluster})", "amounts", cluster, whole)
