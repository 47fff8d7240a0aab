"""Judging many machines: one that differs from a good one only in what no rule looks into is good as well.

Machines stamped from one template differ in names, addresses and data. Of each such value only what rules read is
kept: whether it is well formed, which others it equals. What is left is compared as a whole.
"""

import marshal
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.virtapi import names
from generator.virtapi.admit import KINDS, VM, VMI, admit
from generator.virtapi.cluster import VirtAPI
from generator.virtapi.guest import READ_ANNOTATIONS, RESERVED_LABELS
from generator.virtapi.network import RESERVED_MAC, mac_size
from generator.virtapi.verdict import ALLOWED, Verdict

_KEPT = 2048
READ_AT_LAUNCH = frozenset({"logVerbosity", "hooks.kubevirt.io/hookSidecars"})
"""Labels and annotations that are read when the pod is made, after admission."""
_FINE = ()
"""Stands for a well-formed value: no value that a file can hold."""
_PLAIN = frozenset({"name", "namespace", "labels", "annotations"})
_LONGEST_DATA = 2048
_CLOUD_INIT = frozenset({"userData", "networkData"})
_NAMED = {"persistentVolumeClaim": "claimName", "dataVolume": "name"}


@dataclass(slots=True)
class Alike:
    """Machines that were found good, by what verdicts depend on; it forgets all of them when it is full."""

    _keys: set[bytes] = field(default_factory=set)

    def __contains__(self, key: bytes | None) -> bool:
        return key is not None and key in self._keys

    def add(self, key: bytes | None) -> None:
        """Keep a machine; of one without a key nothing is kept."""
        if key is not None:
            if len(self._keys) >= _KEPT:
                self._keys.clear()
            self._keys.add(key)


@dataclass(slots=True)
class MachineJudge:
    """One cluster's verdicts; keeps what good machines look like, so one a process."""

    api: VirtAPI
    _good: Alike = field(default_factory=Alike)

    def verdict(self, machine: Mapping[str, Any]) -> Verdict | None:
        """The verdict on the creation of an object; None of what is no machine."""
        return self.judged(machine)[0]

    def judged(self, machine: Mapping[str, Any]) -> tuple[Verdict | None, bytes | None]:
        """The verdict, and what it depends on: of machines for which that is equal all that looks at them is."""
        kind = machine.get("kind")
        if kind not in KINDS or not str(machine.get("apiVersion", "")).split("/")[0].endswith("kubevirt.io"):
            return None, None
        key = essence(machine)
        if key in self._good:
            return ALLOWED, key
        verdict = admit(machine, self.api)
        if verdict.allowed:
            self._good.add(key)
        return verdict, key


def essence(machine: Mapping[str, Any]) -> bytes | None:
    """What verdicts on a VirtualMachine or an instance depend on; None where it cannot be told."""
    kind = machine["kind"]
    spec = machine.get("spec")
    if kind not in {VM, VMI} or not isinstance(spec, dict):
        return None
    known: dict[str, int] = {}
    try:
        if kind == VMI:
            return marshal.dumps((kind, _metadata(machine.get("metadata")), _instance(spec, known), _rest(machine)), 2)
        template = spec["template"]
        made = {key: value for key, value in spec.items() if key != "template"}
        if type(spec.get("dataVolumeTemplates")) is list:
            made["dataVolumeTemplates"] = [_data_volume(item, known) for item in spec["dataVolumeTemplates"]]
            made[""] = machine["metadata"].get("namespace")
        inner = _instance(template["spec"], known)
        of_template = _metadata(template["metadata"]) if "metadata" in template else _FINE
        others = {key: value for key, value in template.items() if key not in {"spec", "metadata"}}
        own = _metadata(machine.get("metadata"))
        return marshal.dumps((kind, own, made, of_template, inner, others, _rest(machine)), 2)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None  # odd enough to be looked at in full


def _rest(machine: Mapping[str, Any]) -> list[Any]:
    return [(k, v) for k, v in machine.items() if k not in {"apiVersion", "kind", "metadata", "spec"}]


def _metadata(found: Any) -> Any:
    if type(found) is not dict:
        return found
    if not found.keys() <= _PLAIN or not all(type(v) in {str, dict} for v in found.values()):
        return found
    labels, annotations = found.get("labels") or {}, found.get("annotations") or {}
    if not READ_AT_LAUNCH.isdisjoint((*labels, *annotations)):
        return found
    for value in (*labels.values(), *annotations.values()):
        if type(value) is not str:
            return found
    kinds = [(key, type(found[key]) is str) for key in found]
    reserved = [key for key in labels if key in RESERVED_LABELS]
    return kinds, reserved, [(key, annotations[key]) for key in annotations if key in READ_ANNOTATIONS]


def _instance(spec: Mapping[str, Any], known: dict[str, int]) -> dict[str, Any]:
    made = dict(spec)
    if "hostname" in made and type(made["hostname"]) is str and made["hostname"] and not names.label(made["hostname"]):
        made["hostname"] = _FINE
    if type(made.get("volumes")) is list:
        made["volumes"] = [_volume(volume, known) for volume in made["volumes"]]
    domain = made["domain"]
    devices = domain.get("devices") or {}
    interfaces = devices.get("interfaces") or ()
    addressed = type(interfaces) is list and any("macAddress" in interface for interface in interfaces)
    firmware = domain.get("firmware") or {}
    if addressed or "uuid" in firmware or "serial" in firmware:
        made["domain"] = domain = dict(domain)
        if addressed:
            domain["devices"] = {**devices, "interfaces": [_interface(interface) for interface in interfaces]}
        if firmware:
            domain["firmware"] = {
                key: _FINE if key in {"uuid", "serial"} and type(value) is str else value
                for key, value in firmware.items()
            }
    return made


def _interface(interface: Mapping[str, Any]) -> Any:
    address = interface.get("macAddress")
    if type(address) is str and address != RESERVED_MAC and mac_size(address) == 6:
        return {**interface, "macAddress": _FINE}
    return interface


def _volume(volume: Mapping[str, Any], known: dict[str, int]) -> Any:
    if len(volume) != 2:
        return volume
    for source, value in volume.items():
        key = _NAMED.get(source)
        if key is not None:
            return {**volume, source: {**value, key: _number(value[key], known)}}
        if source.startswith("cloudInit") and _CLOUD_INIT & value.keys():
            return {**volume, source: {k: _size(v) if k in _CLOUD_INIT else v for k, v in value.items()}}
    return volume


def _number(name: str, known: dict[str, int]) -> Any:
    """A name as the how many-th it is among those met; an empty one, or no text, as it is."""
    return (known.setdefault(name, len(known)),) if type(name) is str and name else name


def _size(text: str) -> Any:
    if type(text) is not str or not text:
        return text
    return (len(text) > _LONGEST_DATA if text.isascii() else len(text.encode()) > _LONGEST_DATA,)


def _data_volume(template: Mapping[str, Any], known: dict[str, int]) -> Any:
    found = template["metadata"]
    return {**template, "metadata": {**found, "name": _number(found["name"], known)}}
