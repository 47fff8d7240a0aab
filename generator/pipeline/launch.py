"""What becomes of a machine that KubeVirt accepts: why its pod is not made, or its guest cannot boot."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from generator.finding import Remark, Severity
from generator.kube.quantity import QuantityError
from generator.location import FieldPath
from generator.preview import Terms, refusals, rules
from generator.preview.machine import amount, instance_path, instance_spec, instance_type_of, mapping

_PERMITTED = "QATP-015"
"""The rule of the pack that says of every machine what rules.NOT_PERMITTED does, in the cluster too."""
_MI = 1 << 20
_LEAST, _LITTLE = 1, 64
_AS_GIBIBYTES = 1024
"""Up to here a number without a unit was probably meant in Gi."""
_SHOWN = 40
_SOURCES: tuple[tuple[str, ...], ...] = (
    ("memory", "guest"), ("resources", "requests", "memory"), ("resources", "limits", "memory"),
)  # fmt: skip
"""Where the guest's memory is read from, in this order (kubevirt pkg/defaults, setGuestMemory)."""


def launch_remarks(machine: Mapping[str, Any], terms: Terms, spoken_for: Collection[str]) -> Iterator[Remark]:
    """What is wrong with a machine that virt-api accepts; `spoken_for` are rules of the pack that judge it as well."""
    for refusal in refusals(machine, terms):
        if refusal.rule is None or (refusal.rule is rules.NOT_PERMITTED and _PERMITTED in spoken_for):
            continue
        message = f"{refusal.message}; KubeVirt makes no pod for it: {refusal.words}"
        yield Remark(refusal.rule, message, refusal.hint, refusal.path)
    if instance_type_of(machine) is None:
        yield from _little_memory(machine)


def _little_memory(machine: Mapping[str, Any]) -> Iterator[Remark]:
    """Memory in which nothing boots: KubeVirt accepts any amount, so a forgotten unit becomes bytes."""
    domain = mapping(instance_spec(machine), "domain")
    for path in _SOURCES:
        given = mapping(domain, *path[:-1]).get(path[-1])
        if given is None:
            continue
        try:
            size = amount(given).value
        except QuantityError:
            return
        if size < _LITTLE * _MI:
            yield _too_little(given, size, (*instance_path(machine), "domain", *path))
        return


def _too_little(given: Any, size: int, path: FieldPath) -> Remark:
    least = _LEAST if size < _LEAST * _MI else _LITTLE
    text = str(given)[:_SHOWN]
    what = "no guest can boot in it" if least == _LEAST else "few guests boot in it"
    message = f"the guest has {text} of memory ({size:,} byte{'' if size == 1 else 's'}), less than {least}Mi: {what}"
    forgotten = str(given).isdigit() and 0 < size <= _AS_GIBIBYTES
    hint = f"write a unit: {size}Gi" if forgotten else "write an amount with its unit, such as 2Gi"
    severity = None if least == _LEAST else Severity.WARNING
    return Remark(rules.LITTLE_MEMORY, message, hint, path, severity)
