"""What is wrong with the kernel of a pool's nodes."""

from collections.abc import Iterator

from generator.catalog import Catalog, Family, KernelSupport, Lack
from generator.finding import Finding
from generator.location import Span
from generator.resolve import rules
from generator.spec.model import DeviceClass, NodePool


def kernel_findings(
    pool: NodePool, given: DeviceClass, family: Family, catalog: Catalog, at: Span
) -> Iterator[Finding]:
    """Why the kernel a pool's nodes run makes no VFs of its family, or cannot set its services; `at` is its line.

    A vendor's kernel that the catalog has no table for is noted, never refused: vendors port drivers back.
    """
    if pool.kernel is None:
        return
    support = catalog.kernel_support(pool.kernel, family.name, given.services)
    services = ";".join(given.services)
    if support.lack is Lack.DRIVER:
        message = (
            f'pool "{pool.name}" runs kernel {pool.kernel}, which has no PF driver of {family.name}: '
            f"it came with {support.since}"
        )
        hint = f"write the kernel that runs there; {family.name} needs {support.since} or newer"
        yield Finding(rule=rules.KERNEL, message=message, at=at, hint=hint)
    elif support.lack is Lack.SERVICES:
        message = (
            f'pool "{pool.name}" runs kernel {pool.kernel}, which cannot set the services "{services}" of '
            f"{family.name}: they can be set since {support.since}"
        )
        yield Finding(rule=rules.KERNEL, message=message, at=at, hint=_way_out(support))
    elif support.lack is Lack.UNKNOWN and (family.min_kernel is not None or given.services):
        message = _unknown(pool, family, services, support.mainline)
        yield Finding(rule=rules.KERNEL_UNKNOWN, message=message, at=at, hint=_look(services))


def _way_out(support: KernelSupport) -> str:
    choices = ["[" + ", ".join(text.split(";")) + "]" for text in support.accepts]
    other = f", or choose services that {support.mainline} can set: {' or '.join(choices)}" if choices else ""
    return f"run kernel {support.since} or newer on the nodes{other}"


def _unknown(pool: NodePool, family: Family, services: str, mainline: str) -> str:
    what = f"the PF driver of {family.name}"
    if services:
        what += f' and the services "{services}"'
    known = f"; mainline {mainline} has them" if mainline else ", because vendors port drivers back"
    return (
        f'pool "{pool.name}" runs kernel {pool.kernel}, a vendor\'s build: '
        f"whether it has {what} is not known here{known}"
    )


def _look(services: str) -> str:
    if services:
        return f"try it on a node: with an endpoint down, write {services} to its qat/cfg_services in sysfs"
    return "look for the driver on a node: `lspci -d 8086: -k`"
