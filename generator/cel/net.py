"""IP addresses and networks of CEL, with the texts of Go's netip."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Any

from generator.cel.failure import EvalError
from generator.cel.text import go_quote
from generator.cel.values import Opaque

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Ip(Opaque):
    """An address."""

    address: Address

    @property
    def type_name(self) -> str:
        """`net.IP`."""
        return "net.IP"

    def size(self) -> int:
        """What its cost counts: the bits rounded up to bytes."""
        return self.address.max_prefixlen // 8

    def __str__(self) -> str:
        return str(self.address)


@dataclass(frozen=True, slots=True)
class Cidr(Opaque):
    """A network: an address, host bits and all, and a prefix length."""

    address: Address
    bits: int

    @property
    def type_name(self) -> str:
        """`net.CIDR`."""
        return "net.CIDR"

    def size(self) -> int:
        """What its cost counts: the bits of the prefix rounded up to bytes."""
        return -(-self.bits // 8)

    def masked(self) -> "Cidr":
        """The same network without host bits."""
        network = ipaddress.ip_network((int(self.address), self.bits), strict=False)
        base = network.network_address
        if base.version != self.address.version:  # a small IPv6 number reads as IPv4
            base = ipaddress.IPv6Network((int(self.address), self.bits), strict=False).network_address
        return Cidr(base, self.bits)

    def contains(self, address: Address) -> bool:
        """Whether an address of the same family lies inside."""
        if address.version != self.address.version:
            return False
        shift = self.address.max_prefixlen - self.bits
        return int(address) >> shift == int(self.address) >> shift

    def __str__(self) -> str:
        return f"{self.address}/{self.bits}"


def _parse_error(text: str, message: str, at: str = "") -> EvalError:
    suffix = f" (at {go_quote(at)})" if at else ""
    return EvalError(f"ParseAddr({go_quote(text)}): {message}{suffix}")


def _parse_v4(text: str) -> ipaddress.IPv4Address:
    value, position, digits, octets = 0, 0, 0, 0
    for index, char in enumerate(text):
        if "0" <= char <= "9":
            if digits == 1 and value == 0:
                raise _parse_error(text, "IPv4 field has octet with leading zero")
            value = value * 10 + int(char)
            digits += 1
            if value > 255:
                raise _parse_error(text, "IPv4 field has value >255")
        elif char == ".":
            if index in (0, len(text) - 1) or text[index - 1] == ".":
                raise _parse_error(text, "IPv4 field must have at least one digit", text[index:])
            if position == 3:
                raise _parse_error(text, "IPv4 address too long")
            octets = octets * 256 + value
            position, value, digits = position + 1, 0, 0
        else:
            raise _parse_error(text, "unexpected character", text[index:])
    if position < 3:
        raise _parse_error(text, "IPv4 address too short")
    return ipaddress.IPv4Address(octets * 256 + value)


def _parse_v6(text: str) -> ipaddress.IPv6Address:
    bare, percent, zone = text.partition("%")
    if percent and not zone:
        raise _parse_error(text, "zone must be a non-empty string")
    found = re.search(r"[^0-9a-fA-F:.]", bare)
    if found:
        raise _parse_error(text, "each colon-separated field must have at least one digit", bare[found.start() :])
    try:
        return ipaddress.IPv6Address(bare)
    except ValueError:
        message = "unexpected character" if "::" in bare or bare.count(":") > 7 else "address string too short"
        raise _parse_error(text, message) from None


def _parse_address(text: str) -> Address:
    for char in text:
        if char == ".":
            return _parse_v4(text)
        if char == ":":
            return _parse_v6(text)
        if char == "%":
            raise _parse_error(text, "missing IPv6 address")
    raise _parse_error(text, "unable to parse IP")


def parse_ip(text: str) -> Ip:
    """An address; zones and IPv4 inside IPv6 are refused. Raises EvalError."""
    try:
        address = _parse_address(text)
    except EvalError as error:
        message = f"IP Address {go_quote(text)} parse error during conversion from string: {error.message}"
        raise EvalError(message) from None
    if "%" in text:
        raise EvalError(f"IP address {go_quote(text)} with zone value is not allowed")
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        raise EvalError(f"IPv4-mapped IPv6 address {go_quote(text)} is not allowed")
    return Ip(address)


def _prefix_error(text: str, message: str) -> EvalError:
    head = "network address parse error during conversion from string: "
    return EvalError(f"{head}{head}netip.ParsePrefix({go_quote(text)}): {message}")


def parse_cidr(text: str) -> Cidr:
    """A network; raises EvalError."""
    slash = text.rfind("/")
    if slash < 0:
        raise _prefix_error(text, "no '/'")
    try:
        address = _parse_address(text[:slash])
    except EvalError as error:
        raise _prefix_error(text, error.message) from None
    if "%" in text:
        raise _prefix_error(text, "IPv6 zones cannot be present in a prefix")
    bits = text[slash + 1 :]
    if not bits.isascii() or not bits.isdigit() or (len(bits) > 1 and bits[0] == "0"):
        raise _prefix_error(text, f"bad bits after slash: {go_quote(bits)}")
    if len(bits) > 3 or int(bits) > address.max_prefixlen:
        raise _prefix_error(text, "prefix length out of range")
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        head = "network address parse error during conversion from string: "
        raise EvalError(f"{head}IPv4-mapped IPv6 address {go_quote(text)} is not allowed")
    return Cidr(address, int(bits))


def _succeeds(parse: Any, text: str) -> bool:
    try:
        parse(text)
    except EvalError:
        return False
    return True


def _global_unicast(ip: Ip) -> bool:
    address = ip.address
    if address.version == 4 and int(address) in (0, 2**32 - 1):
        return False
    return not (address.is_unspecified or address.is_loopback or address.is_multicast or address.is_link_local)


def _link_local_multicast(ip: Ip) -> bool:
    number = int(ip.address)
    return number >> 8 == 0xE00000 if ip.address.version == 4 else number >> 112 & 0xFF0F == 0xFF02


def _contains_cidr(outer: Cidr, inner: Cidr) -> bool:
    return outer.bits <= inner.bits and outer.contains(inner.address)


def _contains_text(cidr: Cidr, text: str) -> bool:
    try:
        address = parse_ip(text).address
    except EvalError:
        raise EvalError("no such overload") from None  # the server's words for an address that is none
    return cidr.contains(address)


FUNCTIONS: dict[str, Any] = {
    "string_to_ip": parse_ip,
    "ip_family": lambda ip: ip.address.version,
    "ip_is_canonical": lambda text: str(parse_ip(text)) == text,
    "ip_is_unspecified": lambda ip: ip.address.is_unspecified,
    "ip_is_loopback": lambda ip: ip.address.is_loopback,
    "ip_is_link_local_multicast": _link_local_multicast,
    "ip_is_link_local_unicast": lambda ip: ip.address.is_link_local,
    "ip_is_global_unicast": _global_unicast,
    "is_ip": lambda text: _succeeds(parse_ip, text),
    "ip_to_string": str,
    "cidr_to_string": str,
    "string_to_cidr": parse_cidr,
    "cidr_contains_ip_string": _contains_text,
    "cidr_contains_ip_ip": lambda cidr, ip: cidr.contains(ip.address),
    "cidr_contains_cidr_string": lambda cidr, text: _contains_cidr(cidr, parse_cidr(text)),
    "cidr_contains_cidr": _contains_cidr,
    "cidr_ip": lambda cidr: Ip(cidr.address),
    "cidr_prefix_length": lambda cidr: cidr.bits,
    "cidr_masked": lambda cidr: cidr.masked(),
    "is_cidr": lambda text: _succeeds(parse_cidr, text),
}
