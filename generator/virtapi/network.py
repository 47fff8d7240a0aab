"""Networks and interfaces.

Source of every condition and message: K:pkg/network/admitter (1.8 and 1.9), K:pkg/network/link/mac.go.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator.cel.text import go_quote
from generator.virtapi.cluster import VirtAPI
from generator.virtapi.decode import ip_text
from generator.virtapi.parts import Spec, devices, indexed, listed
from generator.virtapi.ports import port_ranges, ports
from generator.virtapi.verdict import DUPLICATE, INVALID, NOT_FOUND, NOT_SUPPORTED, REQUIRED, Cause

_NAME = re.compile(r"[A-Za-z0-9-_]+")
MODELS = frozenset({"e1000", "e1000e", "igb", "ne2k_pci", "pcnet", "rtl8139", "virtio"})
_BINDINGS = ("bridge", "masquerade", "sriov", "passtBinding")
RESERVED_MAC = "02:00:00:00:00:00"
"""The bridge's own address in the pod of a masqueraded machine."""
_MAC = re.compile(
    r"(?:[0-9a-fA-F]{2}(?P<sign>[:-])(?:[0-9a-fA-F]{2}(?P=sign))*[0-9a-fA-F]{2})"
    r"|(?:[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4})+)"
)
_MAC_SIZES = frozenset({6, 8, 20})
PCI_ADDRESS = re.compile(r"[\da-fA-F]{4}:[\da-fA-F]{2}:[\da-fA-F]{2}\.[0-7]", re.ASCII)

Network = Mapping[str, Any]


def removed_bindings(spec: Spec, at: str) -> Iterator[Cause]:
    """Bindings that are gone; checked when a machine is created."""
    for where, interface in indexed(spec, "interfaces", at):
        for key, words in (
            ("slirp", "Slirp interface support"),
            ("passt", "Passt network binding"),
            ("macvtap", "Macvtap network binding"),
        ):
            if key in interface:
                yield Cause(INVALID, f"{where}.{key}", f"{words} has been discontinued since v1.3", "binding")


def networks(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """Everything that is checked of networks and interfaces together."""
    yield from _one_pod_network(spec, at)
    yield from _one_source(spec, at, api)
    yield from _multus(spec, at)
    yield from _states(spec, at, api)
    yield from _bindings(spec, at, api)
    yield from _unique_networks(spec, at)
    if api.latest:
        yield from _claimed(spec, at, api)
    yield from _matched(spec, at)
    yield from _fields(spec, at, api)


def _all(spec: Spec) -> list[Network]:
    return listed(spec, "networks")


def _by_name(spec: Spec) -> dict[str, Network]:
    return {network.get("name", ""): network for network in _all(spec)}


def _one_pod_network(spec: Spec, at: str) -> Iterator[Cause]:
    pods = sum("pod" in network for network in _all(spec))
    defaults = sum(bool(network.get("multus", {}).get("default")) for network in _all(spec))
    if pods > 1:
        where = f"{at}.interfaces"
        yield Cause(DUPLICATE, where, f"more than one interface is connected to a pod network in {where}", "network")
    if defaults > 1:
        yield Cause(INVALID, f"{at}.networks", "Multus CNI should only have one default network", "network")
    if pods and defaults:
        message = "Pod network cannot be defined when Multus default network is defined"
        yield Cause(INVALID, f"{at}.networks", message, "network")


def _one_source(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    kinds = ("pod", "multus", "resourceClaim") if api.latest else ("pod", "multus")
    for index, network in enumerate(_all(spec)):
        count = sum(kind in network for kind in kinds)
        if count != 1:
            message = "should have only one network type" if count else "should have a network type"
            yield Cause(REQUIRED, f"{at}.networks[{index}]", message, "network")


def _multus(spec: Spec, at: str) -> Iterator[Cause]:
    for index, network in enumerate(_all(spec)):
        if "multus" in network and not network["multus"].get("networkName"):
            message = "CNI delegating plugin must have a networkName"
            yield Cause(REQUIRED, f"{at}.networks[{index}]", message, "network")
            return


def _default_network(spec: Spec, api: VirtAPI) -> str | None:
    for network in _all(spec):
        # Before 1.9 whatever is no secondary Multus network counts, a network without a source too.
        secondary = "multus" in network and not network["multus"].get("default")
        given = "pod" in network or "multus" in network or not api.latest
        if given and not secondary:
            return str(network.get("name", ""))
    return None


def _states(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    for where, interface in indexed(spec, "interfaces", at):
        state, name = interface.get("state", ""), interface.get("name", "")
        field = f"{where}.state"
        if state not in {"", "absent", "down", "up"}:
            yield Cause(INVALID, field, f"logical {name} interface state value is unsupported: {state}", "interface")
        if "sriov" in interface and state in {"down", "up"}:
            message = f"{go_quote(name)} interface's state {go_quote(state)} is not supported for SR-IOV NICs"
            yield Cause(INVALID, field, message, "interface")
        if state == "absent" and "bridge" not in interface:
            message = f'{go_quote(name)} interface\'s state "absent" is supported only for bridge binding'
            yield Cause(INVALID, field, message, "interface")
        if state == "absent" and _default_network(spec, api) == name:
            message = f'{go_quote(name)} interface\'s state "absent" is not supported on default networks'
            yield Cause(INVALID, field, message, "interface")


def _bindings(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    by_name = _by_name(spec)
    for where, interface in indexed(spec, "interfaces", at):
        yield from _one_binding(where, interface, api)
        pod = "pod" in by_name.get(interface.get("name", ""), {})
        if "masquerade" in interface:
            if not pod:
                message = "Masquerade interface only implemented with pod network"
                yield Cause(INVALID, f"{where}.name", message, "binding")
            if interface.get("macAddress") == RESERVED_MAC:
                message = "The requested MAC address is reserved for the in-pod bridge. Please choose another one."
                yield Cause(INVALID, f"{where}.macAddress", message, "interface")
        if "bridge" in interface and pod and not api.bridge_on_pod_network:
            message = "Bridge on pod network configuration is not enabled under kubevirt-config"
            yield Cause(INVALID, f"{where}.name", message, "binding")
        if "passtBinding" in interface:
            if not api.gate("PasstBinding"):
                yield Cause(INVALID, f"{where}.name", "PasstBinding feature gate is not enabled", "gate")
            if not pod:
                message = "PasstBinding interface only implemented with pod network"
                yield Cause(INVALID, f"{where}.name", message, "binding")


def _one_binding(where: str, interface: Network, api: VirtAPI) -> Iterator[Cause]:
    methods, name = sum(method in interface for method in _BINDINGS), interface.get("name", "")
    if api.latest:
        if methods + ("binding" in interface) != 1:
            message = f"logical {name} interface must have exactly one binding method or binding plugin"
            yield Cause(INVALID, where, message, "binding")
    elif "binding" in interface and methods:
        message = f"logical {name} interface cannot have both binding plugin and interface binding method"
        yield Cause(INVALID, f"{where}.binding", message, "binding")


def _unique_networks(spec: Spec, at: str) -> Iterator[Cause]:
    seen: set[str] = set()
    for index, network in enumerate(_all(spec)):
        name = network.get("name", "")
        if name in seen:
            message = f"Network with name {go_quote(name)} already exists, every network must have a unique name"
            yield Cause(DUPLICATE, f"{at}.networks[{index}].name", message, "network")
        seen.add(name)


def claim_pairs(spec: Spec) -> dict[str, int]:
    """Claim and request of claimed networks, each with the first network that uses it."""
    pairs: dict[str, int] = {}
    for index, network in enumerate(_all(spec)):
        claim = network.get("resourceClaim") or {}
        if claim.get("claimName") and claim.get("requestName"):
            pairs.setdefault(f"{claim['claimName']}/{claim['requestName']}", index)
    return pairs


def _claimed(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    where = f"{at}.networks"
    if not any("resourceClaim" in network for network in _all(spec)):
        return
    if not api.gate("NetworkDevicesWithDRA"):
        message = "vmi.spec.networks contains DRA networks but NetworkDevicesWithDRA feature gate is not enabled"
        yield Cause(INVALID, where, message, "gate")
        return
    if any("multus" in network for network in _all(spec)):
        message = "mixing Multus and DRA resourceClaim networks in the same VMI is not supported"
        yield Cause(INVALID, where, message, "network")
        return
    pairs, claims = claim_pairs(spec), {claim.get("name", "") for claim in listed(spec, "resourceClaims")}
    for index, network in enumerate(_all(spec)):
        if "resourceClaim" in network:
            yield from _claim_of_network(spec, at, index, network, pairs, claims)


def _claim_of_network(
    spec: Spec, at: str, index: int, network: Network, pairs: dict[str, int], claims: set[str]
) -> Iterator[Cause]:
    name, claim = network.get("name", ""), network["resourceClaim"]
    interface = next((item for item in devices(spec, "interfaces") if item.get("name", "") == name), None)
    if interface is not None and "sriov" not in interface and "binding" not in interface:
        message = f"DRA network {go_quote(name)} requires an SR-IOV or binding plugin interface"
        yield Cause(INVALID, f"{at}.domain.devices.interfaces", message, "network")
    where = f"{at}.networks[{index}]"
    missing = [key for key in ("claimName", "requestName") if not claim.get(key)]
    for key in missing:
        yield Cause(REQUIRED, f"{where}.resourceClaim.{key}", f"{key} is required for DRA network", "network")
    if missing:
        return
    if claim["claimName"] not in claims:
        quoted = go_quote(claim["claimName"])
        message = f"network references resourceClaim {quoted} which is not defined in spec.resourceClaims"
        yield Cause(NOT_FOUND, f"{where}.resourceClaim.claimName", message, "network")
    pair = f"{claim['claimName']}/{claim['requestName']}"
    if pairs.get(pair, index) != index:
        message = f"duplicate claimName/requestName combination {go_quote(pair)}"
        yield Cause(DUPLICATE, where, message, "network")


def _matched(spec: Spec, at: str) -> Iterator[Cause]:
    """Every network has an interface, every interface a network, one each."""
    interfaces = {item.get("name", "") for item in devices(spec, "interfaces")}
    for index, network in enumerate(_all(spec)):
        name, where = network.get("name", ""), f"{at}.networks[{index}].name"
        if name not in interfaces:
            yield Cause(REQUIRED, where, f"{where} '{name}' not found.", "network")
    seen: set[str] = set()
    for where, interface in indexed(spec, "interfaces", at):
        name = interface.get("name", "")
        if name in seen:
            message = "Only one interface can be connected to one specific network"
            yield Cause(DUPLICATE, f"{where}.name", message, "interface")
        seen.add(name)
    by_name = _by_name(spec)
    for where, interface in indexed(spec, "interfaces", at):
        name = interface.get("name", "")
        if name not in by_name:
            yield Cause(INVALID, f"{where}.name", f"{where}.name '{name}' not found.", "interface")


def _fields(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    by_name = _by_name(spec)
    for where, interface in indexed(spec, "interfaces", at):
        name = interface.get("name", "")
        if not _NAME.fullmatch(name):
            message = (
                "Network interface name can only contain alphabetical characters, numbers, dashes (-) "
                "or underscores (_)"
            )
            yield Cause(INVALID, f"{where}.name", message, "interface")
        model = interface.get("model", "")
        if model and model not in MODELS:
            message = f"interface {where}.name uses model {model} that is not supported."
            yield Cause(NOT_SUPPORTED, f"{where}.model", message, "interface")
        yield from _addresses(where, interface)
        pod = "pod" in by_name.get(name, {})
        yield from ports(where, interface, pod=pod, api=api)
        if api.latest:
            yield from port_ranges(where, interface, pod=pod, api=api)
        yield from _dhcp(at, where, interface)


def _addresses(where: str, interface: Network) -> Iterator[Cause]:
    mac, pci = interface.get("macAddress", ""), interface.get("pciAddress", "")
    if mac:
        size = mac_size(mac)
        if size != 6:
            words = "too long" if size else "malformed"
            message = f"interface {where}.name has {words} MAC address ({mac})."
            yield Cause(INVALID, f"{where}.macAddress", message, "interface")
    if pci and not PCI_ADDRESS.fullmatch(pci):
        message = f"interface {where}.name has malformed PCI address ({pci})."
        yield Cause(INVALID, f"{where}.pciAddress", message, "interface")


def mac_size(text: str) -> int:
    """How many bytes a hardware address has; 0 where it is none (Go's net.ParseMAC)."""
    if not _MAC.fullmatch(text):
        return 0
    size = len(re.sub(r"[^0-9a-fA-F]", "", text)) // 2
    return size if size in _MAC_SIZES else 0


def _dhcp(at: str, where: str, interface: Network) -> Iterator[Cause]:
    options = interface.get("dhcpOptions")
    if options is None:
        return
    private = [option.get("option", 0) for option in options.get("privateOptions") or ()]
    if len(set(private)) < len(private):
        message = "Found Duplicates: you have provided duplicate DHCPPrivateOptions"
        yield Cause(INVALID, at, message, "interface")
    for number in private:
        if not 224 <= number <= 254:
            message = "provided DHCPPrivateOptions are out of range, must be in range 224 to 254"
            yield Cause(INVALID, at, message, "interface")
    for index, server in enumerate(options.get("ntpServers") or ()):
        if "." not in (ip_text(server) or ""):
            message = "NTP servers must be a list of valid IPv4 addresses."
            yield Cause(INVALID, f"{where}.dhcpOptions.ntpServers[{index}]", message, "interface")


def discontinued_gates(spec: Spec, api: VirtAPI) -> Iterator[Cause]:
    """A gate of a binding that is gone, listed still, refuses machines that use the binding."""
    for key, message in api.discontinued:
        if any(key in interface for interface in devices(spec, "interfaces")):
            yield Cause(NOT_SUPPORTED, "", message, "binding")


def has_pod_network(spec: Spec) -> bool:
    """Whether a machine is on the pod network."""
    return any("pod" in network for network in _all(spec))
