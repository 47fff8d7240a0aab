"""Who uses which device: class by class the hardware behind it, the pools that have it, the machines that ask."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from generator.catalog import Catalog
from generator.checks.capacity import PoolUse
from generator.location import FieldPath
from generator.overview.bounded import USERS, bounded, place
from generator.overview.model import Device, User
from generator.overview.pools import CAPACITY, SpanOf, WhereOf
from generator.resolve import MachineItem, Model
from generator.resolve.model import ResolvedClass
from generator.spec.check import device_names
from generator.spec.model import Qat


def devices_of(
    model: Model,
    uses: Sequence[PoolUse],
    catalog: Catalog,
    added: Mapping[str, int],
    span: SpanOf,
    where: WhereOf,
) -> tuple[Device, ...]:
    """Every device class in the spec's order, then the resources and claims that machines name without a class.

    `added` is how many more of each resource an overlay asks for.
    """
    found = [
        replace(device, overlay_vfs=added.get(device.resource, 0))
        for device in (_of_class(one, model, uses, catalog, span, where) for one in model.classes.values())
    ]
    others = dict.fromkeys(
        _other_name(device) for item in model.machines for device in item.machine.qat if device.device_class is None
    )
    return (*found, *(_other(name, model, uses, span) for name in others))


def _other_name(device: Qat) -> str:
    return device.device_name or device.claim_name or device.name


def _of_class(
    one: ResolvedClass, model: Model, uses: Sequence[PoolUse], catalog: Catalog, span: SpanOf, where: WhereOf
) -> Device:
    family = catalog.family(one.spec.family)
    pools = [pool for pool in model.pools if pool.device_class.spec.name == one.spec.name]
    asking = ((item, _vfs(item, lambda device: device.device_class == one.spec.name)) for item in model.machines)
    of_spec = _users(asking, uses, span)
    users, more = bounded([*of_spec, *_added(one.spec.name, uses, where)], USERS, CAPACITY)
    return Device(
        name=one.spec.name,
        family=family.name,
        generation=f"Gen{family.generation}",
        services=tuple(one.spec.services),
        resource=one.resource,
        vf_ids=one.selectors,
        pf_ids=family.pf_ids,
        pools=tuple(pool.spec.name for pool in pools),
        users=users,
        more_users=more,
        by_containers=any(pool.spec.serves == "containers" for pool in pools),
        overlay_vfs=0,
        at=place(span(one.spec.path)),
    )


def _other(name: str, model: Model, uses: Sequence[PoolUse], span: SpanOf) -> Device:
    """A resource or claim of somebody else's: of its hardware nothing is known here."""

    def is_meant(device: Qat) -> bool:
        return device.device_class is None and _other_name(device) == name

    asking = ((item, _vfs(item, is_meant)) for item in model.machines)
    users, more = bounded(list(_users(asking, uses, span)), USERS, CAPACITY)
    return Device(
        name=name,
        family="",
        generation="",
        services=(),
        resource=name,
        vf_ids=(),
        pf_ids=(),
        pools=(),
        users=users,
        more_users=more,
        by_containers=False,
        overlay_vfs=0,
        at=None,
    )


def _vfs(item: MachineItem, is_meant: Callable[[Qat], bool]) -> int:
    return sum(len(device_names(device)) for device in item.machine.qat if is_meant(device))


def _users(asking: Iterator[tuple[MachineItem, int]], uses: Sequence[PoolUse], span: SpanOf) -> Iterator[User]:
    runs_in: dict[FieldPath, tuple[str, int]] = {}
    for use in uses:
        for ask in use.asks:
            if ask.identity is None:
                pool, copies = runs_in.get(ask.path, (use.pool.spec.name, 0))
                runs_in[ask.path] = (pool, copies + ask.copies)
    for item, vfs in asking:
        machine = item.machine
        pool, copies = runs_in.get(machine.path, ("", len(item)))
        if vfs and copies:
            yield User(
                machine=machine.name,
                namespace=machine.namespace,
                kind=machine.kind,
                pool=pool,
                copies=copies,
                vfs=vfs,
                at=place(span(machine.path)),
            )


def _added(name: str, uses: Sequence[PoolUse], where: WhereOf) -> Iterator[User]:
    """Users of a class that templates and overlays add."""
    for use in uses:
        for ask in use.asks:
            if ask.identity is not None and ask.vfs and use.pool.device_class.spec.name == name:
                yield User(
                    machine=ask.identity.name,
                    namespace=ask.identity.namespace,
                    kind=ask.identity.kind,
                    pool=use.pool.spec.name,
                    copies=ask.copies,
                    vfs=ask.vfs,
                    at=place(where(ask)),
                )
