"""What a kernel can do with a family's endpoints: from its version where it is mainline's, from its vendor's table."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from generator.catalog.facts import Family

_MAINLINE = re.compile(r"(?P<mainline>[0-9]{1,6}\.[0-9]{1,6})(\.[0-9]{1,6}|\.y)?(-rc[0-9]{1,6})?")
_BASE = re.compile(r"[0-9]{1,6}\.[0-9]{1,6}")


class Lack(StrEnum):
    """What a kernel lacks of a family."""

    NOTHING = "nothing"
    DRIVER = "driver"
    SERVICES = "services"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class KernelVendor:
    """A vendor's kernels: those that match `pattern` as a whole.

    Where the pattern has a group `mainline`, the vendor ports nothing back and the facts are those of that mainline
    kernel; else `families` lists the families with a driver, and the combinations of services that can be set.
    """

    name: str
    pattern: re.Pattern[str]
    families: tuple[tuple[str, tuple[str, ...]], ...]
    source: str


@dataclass(frozen=True, slots=True)
class KernelSupport:
    """What a kernel lacks; `since` is the first mainline kernel that has it, `accepts` are combinations it can set.

    `mainline` is the version whose facts were used, "" where a vendor's table was; of a kernel that is not known,
    the mainline kernel of its number if that one lacks nothing.
    """

    lack: Lack
    mainline: str = ""
    since: str = ""
    accepts: tuple[str, ...] = ()


def kernel_support(
    kernel: str, family: Family, services: Iterable[str], vendors: Sequence[KernelVendor]
) -> KernelSupport:
    """What a kernel lacks of a family: its PF driver, or a set of services in qat/cfg_services.

    `kernel` is the text of `uname -r`, or a mainline version such as `6.1` or `6.1.55`; no services need no setting.
    Any suffix makes it a vendor's kernel, which may have more than the mainline kernel of its number: it is unknown
    unless one of `vendors` describes it.
    """
    wanted = frozenset(services)
    vendor, match = None, _MAINLINE.fullmatch(kernel)
    for row in vendors if match is None else ():
        match = row.pattern.fullmatch(kernel)
        if match is not None:
            vendor = row
            break
    if match is None:
        return _not_known(kernel, family, wanted)
    mainline = match.groupdict().get("mainline")
    if mainline is not None:
        return _in_mainline(mainline, family, wanted)
    combinations = dict(vendor.families if vendor else ()).get(family.name)
    if combinations is None or (wanted and wanted not in map(_set, combinations)):
        return _not_known(kernel, family, wanted)
    return KernelSupport(Lack.NOTHING, accepts=combinations)


def _not_known(kernel: str, family: Family, wanted: frozenset[str]) -> KernelSupport:
    match = _BASE.match(kernel)
    if match is None or _in_mainline(match[0], family, wanted).lack is not Lack.NOTHING:
        return KernelSupport(Lack.UNKNOWN)
    return KernelSupport(Lack.UNKNOWN, match[0])


def _in_mainline(release: str, family: Family, wanted: frozenset[str]) -> KernelSupport:
    if family.min_kernel is not None and _number(release) < _number(family.min_kernel):
        return KernelSupport(Lack.DRIVER, release, family.min_kernel)
    accepts = tuple(
        text
        for since, combinations in family.services_kernels
        for text in combinations or ()
        if _number(since) <= _number(release)
    )
    needed = _needed(family, wanted)
    if needed is not None and _number(release) < _number(needed):
        return KernelSupport(Lack.SERVICES, release, needed, accepts)
    return KernelSupport(Lack.NOTHING, release, accepts=accepts)


def _needed(family: Family, wanted: frozenset[str]) -> str | None:
    """The first mainline kernel that accepts a set of services; None where none is known to, or none is needed."""
    for since, combinations in family.services_kernels:
        if wanted and (combinations is None or wanted in map(_set, combinations)):
            return since
    return None


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split(";"))


def _number(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))
