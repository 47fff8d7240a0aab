"""Reading a machine's parts: in what virt-api holds, what is absent is nil or zero."""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.virtapi.cluster import get
from generator.virtapi.numbers import ZERO, Amount, amount

Spec = Mapping[str, Any]
_NOTHING: Mapping[str, Any] = {}


def part(data: Any, *path: str) -> Mapping[str, Any]:
    """The struct at a path; an empty one where it is nil."""
    found = get(data, *path)
    return found if isinstance(found, dict) else _NOTHING


def listed(data: Any, *path: str) -> list[Any]:
    """The list at a path; an empty one where it is nil."""
    found = get(data, *path)
    return found if isinstance(found, list) else []


def devices(spec: Spec, name: str) -> list[Mapping[str, Any]]:
    """One of the lists of `domain.devices`."""
    return listed(spec, "domain", "devices", name)


def indexed(spec: Spec, name: str, at: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The items of one of the lists of `domain.devices`, each with its path."""
    for index, item in enumerate(devices(spec, name)):
        yield f"{at}.domain.devices.{name}[{index}]", item


def asked(spec: Spec, side: str, name: str) -> Amount:
    """What `domain.resources` says of cpu or memory; zero where it says nothing. `side` is requests or limits."""
    text = get(spec, "domain", "resources", side, name)
    return ZERO if text is None else amount(text)


def guest_memory(spec: Spec) -> Amount | None:
    """`domain.memory.guest`; None where it is not given."""
    text = get(spec, "domain", "memory", "guest")
    return None if text is None else amount(text)


def enabled(state: Any) -> bool:
    """Whether a feature state is there and not switched off."""
    return isinstance(state, Mapping) and state.get("enabled") is not False


def vcpus(spec: Spec) -> int:
    """VCPUs of `domain.cpu` as given, in Go's 32 bits (K:pkg/util/hardware, GetNumberOfVCPUs)."""
    count = 0
    for key in ("cores", "sockets", "threads"):
        number = part(spec, "domain", "cpu").get(key, 0)
        if number:
            count = number if count == 0 else count * number & 0xFFFFFFFF
    return count


def architecture(spec: Spec, default: str) -> str:
    """The machine's architecture, else the cluster's."""
    return str(spec.get("architecture") or default)
