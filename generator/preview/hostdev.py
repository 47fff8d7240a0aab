"""libvirt's `<hostdev>` elements for PCI addresses: as KubeVirt writes them today, and as the founding note did."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any
from xml.etree import ElementTree as ET

from packaging.version import Version

from generator.catalog import env_name
from generator.preview.machine import instance_spec, is_claimed, items, mapping

_BDF = re.compile(
    r"(?:(?P<domain>[0-9a-fA-F]{4}):)?(?P<bus>[0-9a-fA-F]{2}):(?P<slot>[0-9a-fA-F]{2})\.(?P<function>[0-7])"
)

_VARIABLE = "PCI_RESOURCE"
_DISPLAYS = Version("1.9")
"""From here a GPU that is a PCI device may have a display; before, only mediated ones."""


class AddressError(ValueError):
    """A PCI address that is none, or too few of them."""


class Form(Enum):
    """KUBEVIRT: `managed="no"` and a user alias (domain facts 4.7); SEED: `managed="yes"`, as the note's code."""

    KUBEVIRT = "kubevirt"
    SEED = "seed"


def parse_address(address: str) -> dict[str, str]:
    """The attributes of a PCI address such as `0000:3d:02.2`; the domain may be left out. Raises AddressError."""
    match = _BDF.fullmatch(address.strip())
    if match is None:
        raise AddressError(f'"{address}" is no PCI address; write domain:bus:slot.function, 0000:3d:02.2 say')
    parts = {"domain": match["domain"] or "0000", **{k: match[k] for k in ("bus", "slot", "function")}}
    return {"type": "pci", **{key: f"0x{value.lower()}" for key, value in parts.items()}}


def hostdev_elements(
    machine: Mapping[str, Any], addresses: Mapping[str, Sequence[str]], *, version: str | None = None
) -> list[ET.Element]:
    """The elements of a machine, given the addresses each resource's plugin hands out, at a KubeVirt version.

    The newest version is meant where none is given. Addresses of a resource are taken in order. `devices.qats` gives
    the note's form; claimed devices have no address a plugin hands out, and none here. Raises AddressError.
    """
    devices = mapping(instance_spec(machine), "domain", "devices")
    gpus = list(items(devices, "gpus"))
    if version is not None and Version(version.removeprefix("v")) < _DISPLAYS:
        gpus = [{key: value for key, value in gpu.items() if key != "virtualGPUOptions"} for gpu in gpus]
    return [
        *_elements(items(devices, "hostDevices"), Form.KUBEVIRT, "ua-hostdevice-", addresses),
        *_elements(gpus, Form.KUBEVIRT, "ua-gpu-", addresses),
        *_elements(items(devices, "qats"), Form.SEED, "", addresses),
    ]


def _elements(
    entries: Sequence[Mapping[str, Any]], form: Form, prefix: str, addresses: Mapping[str, Sequence[str]]
) -> Iterator[ET.Element]:
    """The elements of one list of devices; each list takes its addresses anew, as KubeVirt's pools do."""
    plugged = [device for device in entries if device.get("deviceName") and not is_claimed(device)]
    variables = {env_name(_VARIABLE, name): given for name, given in addresses.items()}
    pool = {
        name: list(variables.get(env_name(_VARIABLE, name), ())) for name in (str(d["deviceName"]) for d in plugged)
    }
    for device in plugged:
        alias = f"{prefix}{device.get('name') or ''}" if prefix else ""
        element = _element(_taken(pool, device, addresses), form, alias)
        element.attrib |= _display(device)
        yield element


def _display(device: Mapping[str, Any]) -> dict[str, str]:
    """A GPU shows a display where that is switched on (K:pkg/virt-launcher/virtwrap/device/hostdevice/hostdev.go)."""
    display = mapping(device, "virtualGPUOptions", "display")
    if not display.get("enabled"):
        return {}
    return {"display": "on", **({"ramfb": "on"} if mapping(display, "ramFB").get("enabled") else {})}


def _taken(pool: dict[str, list[str]], device: Mapping[str, Any], addresses: Mapping[str, Sequence[str]]) -> str:
    """The next address of a device's resource, which no other resource hands out then.

    Resources whose names differ in case, or in dots and slashes, are told in one variable and share their addresses.
    """
    resource = str(device["deviceName"])
    if not pool[resource]:
        which = f'device "{device.get("name")}" has no address left of {resource}'
        raise AddressError(f"{which}: {len(addresses.get(resource, ()))} given")
    address = pool[resource][0]
    for name, left in pool.items():
        pool[name] = [one for one in left if one != address]
    return address


def _element(address: str, form: Form, alias: str) -> ET.Element:
    element = ET.Element("hostdev", {"type": "pci", "managed": "no" if form is Form.KUBEVIRT else "yes"})
    source = ET.SubElement(element, "source")
    ET.SubElement(source, "address", parse_address(address))
    if alias:
        ET.SubElement(element, "alias", {"name": alias})
    return element


def to_text(elements: Sequence[ET.Element]) -> str:
    """Elements as indented XML text."""
    texts = []
    for element in elements:
        ET.indent(element)
        texts.append(ET.tostring(element, encoding="unicode") + "\n")
    return "".join(texts)
