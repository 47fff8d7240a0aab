"""IP addresses and ranges as the API server reads them (K8s: apimachinery pkg/util/validation/ip.go)."""

import ipaddress
from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema.formats import parse_ip
from generator.schema.violation import Violation, invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

STRICT_SINCE = 36
"""The minor version whose servers refuse leading zeros, IPv4 written as IPv6, and bits beyond a prefix."""
_MOST_BITS_DIGITS = 6
_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


def check_ip(value: str, path: FieldPath, minor: int) -> Iterator[Violation]:
    """An IP address of a field that is older than strict checks."""
    address = parse_ip(value)
    if address is None:
        yield invalid(path, value, _IP, hint="write an address such as 10.9.8.7")
    elif minor >= STRICT_SINCE:
        if _plain(value) is None:
            yield invalid(path, value, "must not have leading 0s", hint=f"write {address}")
        if _is_mapped(address):
            detail = "must not be an IPv4-mapped IPv6 address"
            yield invalid(path, value, detail, hint=f"write {_unmapped(address)}")


def check_cidr(value: str, path: FieldPath, minor: int) -> Iterator[Violation]:
    """A range of addresses of a field that is older than strict checks."""
    network = parse_cidr(value)
    if network is None:
        yield invalid(path, value, _CIDR, hint=_nearest(value))
    elif minor >= STRICT_SINCE:
        address, _, bits = value.partition("/")
        if _plain(address) is None or (bits != "0" and bits.startswith("0")):
            yield invalid(path, value, "must not have leading 0s in IP or prefix length", hint=f"write {network}")
        elif _is_mapped(network.network_address):
            yield invalid(path, value, "must not have an IPv4-mapped IPv6 address", hint="write it as IPv4")
        elif ipaddress.ip_address(address) != network.network_address:
            yield invalid(path, value, "must not have bits set beyond the prefix length", hint=f"write {network}")


def parse_cidr(value: str) -> Network | None:
    """The network that a range describes, without bits beyond its prefix; None for a text that is not a range."""
    text, slash, bits = value.partition("/")
    address = parse_ip(text)
    if not slash or address is None or not (bits.isascii() and bits.isdigit()) or len(bits) > _MOST_BITS_DIGITS:
        return None
    if int(bits) > address.max_prefixlen:
        return None
    return ipaddress.ip_network((address, int(bits)), strict=False)


def check_endpoint(value: str, path: FieldPath) -> Iterator[Violation]:
    """An address that traffic is sent to: none that means this host, this link or no host."""
    address: Any = parse_ip(value)
    if address is None:
        return
    if _is_mapped(address):
        address = _unmapped(address)
    if address.is_unspecified:
        yield invalid(path, value, f"may not be unspecified ({value})")
    if address.is_loopback:
        yield invalid(path, value, "may not be in the loopback range (127.0.0.0/8, ::1/128)")
    if address.is_link_local:
        yield invalid(path, value, "may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    if address in _LOCAL_MULTICAST[address.version]:
        yield invalid(path, value, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")


_LOCAL_MULTICAST: dict[int, Network] = {
    4: ipaddress.ip_network("224.0.0.0/24"),
    6: ipaddress.ip_network("ff02::/16"),
}


def _plain(value: str) -> Address | None:
    """An address as a strict reader parses it; None where a part has leading zeros."""
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        return None


def _is_mapped(address: Address) -> bool:
    return isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None


def _unmapped(address: Any) -> Any:
    return address.ipv4_mapped


def _nearest(value: str) -> str:
    text, slash, bits = value.partition("/")
    address = parse_ip(text)
    if address is None:
        return "write a range such as 10.9.8.0/24"
    if not slash:
        return f"write {address}/{address.max_prefixlen} for this one address"
    return f"choose a prefix length from 0 to {address.max_prefixlen}" if bits else "add the prefix length after the /"
