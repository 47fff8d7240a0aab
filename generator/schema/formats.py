"""The formats of strings that the API server checks in custom resources, with Go's readings of them."""

import ipaddress
import re
from collections.abc import Callable
from datetime import date
from typing import Any
from unicodedata import category
from urllib.parse import urlsplit

from generator.digits import whole

Check = Callable[[str], bool]

_UUID = re.compile(r"(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_UUID3 = re.compile(r"(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_UUID4 = re.compile(r"(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}")
_UUID5 = re.compile(r"(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})")
_MAC = re.compile(
    r"(?i)(?:[0-9a-f]{2}(?P<s>[:-])(?:[0-9a-f]{2}(?P=s)){4}(?:[0-9a-f]{2}(?P=s)){0}[0-9a-f]{2}"
    r"|[0-9a-f]{2}(?P<t>[:-])(?:[0-9a-f]{2}(?P=t)){6}[0-9a-f]{2}"
    r"|[0-9a-f]{2}(?P<u>[:-])(?:[0-9a-f]{2}(?P=u)){18}[0-9a-f]{2}"
    r"|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){3}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){9})"
)
_GO_DURATION = re.compile(r"[+-]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)")
_LOOSE_DURATION = re.compile(r"[0-9]+\s*([A-Za-zµ]+)")
_UNITS = (
    *("ns", "us", "µs", "ms", "s", "m", "h", "d", "w", "wk", "hr"),
    *("nano", "micro", "milli", "sec", "min", "hour", "day", "week"),
)
_LONG_UNITS = ("nano", "micro", "milli", "sec", "min", "hour", "day", "week")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})")
_SHORT_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LONG_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_HEX_COLOUR = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_SSN = re.compile(r"[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}")
_EMAIL = re.compile(r"(?:[^<>@\"(),:;\\\[\]]*<)?[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+>?\s*")
_OBJECT_ID = re.compile(r"[0-9a-fA-F]{24}")


def parse_ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An IP address as the server reads one, zeros in front of a part dropped; None where it is none."""
    if "%" in text:
        return None
    # Kubernetes' parser takes leading zeros in IPv4 parts, Python's does not.
    plain = re.sub(r"(?<![0-9a-fA-F:])0+(?=[0-9])|(?<=\.)0+(?=[0-9])", "", text) if "." in text else text
    try:
        return ipaddress.ip_address(plain)
    except ValueError:
        return None


def _cidr(text: str) -> bool:
    address, slash, bits = text.partition("/")
    found = parse_ip(address)
    if not slash or found is None or not bits.isascii() or not bits.isdigit():
        return False
    return whole(bits) <= found.max_prefixlen


def _uri(text: str) -> bool:
    if not text or any(ord(c) < 0x20 or ord(c) == 0x7F for c in text):
        return False
    if text.startswith("/") or text == "*":
        return not re.search(r"%(?![0-9a-fA-F]{2})", text)
    scheme, colon, rest = text.partition(":")
    if not colon or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme) or re.search(r"%(?![0-9a-fA-F]{2})", rest):
        return False
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return not (set(parts.netloc) & set(' <>"\\^`{}|'))


def _sign(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or category(character)[0] == "S"
    return category(character)[0] in "LS"


def _hostname(text: str) -> bool:
    if len(text.encode("utf-8", "surrogatepass")) > 255:
        return False
    parts = text.split(".")
    if len(parts) == 1:  # a name without dots has a hyphen in second place, or none: so the server's pattern reads
        rest = text[2:] if text[1:2] == "-" else text[1:]
        return text != "" and _sign(text[0]) and all(map(_sign, rest)) and len(rest) <= 62
    top = parts.pop()
    if not 2 <= len(top) <= 63 or not all(category(c)[0] == "L" for c in top):
        return False
    return all(_host_part(part) for part in parts)


def _host_part(part: str) -> bool:
    fits = len(part) > 0 and len(part.encode("utf-8", "surrogatepass")) <= 63
    return fits and _sign(part[0]) and _sign(part[-1]) and all(c == "-" or _sign(c) for c in part)


def is_date(text: str) -> bool:
    """RFC 3339 full-date."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    if text.startswith("0000-"):
        text = "2000" + text[4:]  # Go has a year 0, a leap year; Python starts at 1
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_date_time(text: str) -> bool:
    """RFC 3339 date-time, as loosely as the server reads it."""
    day, letter, rest = text.lower().partition("t")
    match = _TIME.fullmatch(rest.split("t")[0])
    return bool(letter and match and is_date(day) and match[1] <= "23" and match[2] <= "59" and match[3] <= "59")


def _duration(text: str) -> bool:
    if _GO_DURATION.fullmatch(text):
        return True
    units = [unit.lower() for unit in _LOOSE_DURATION.findall(text)]
    return any(unit in _UNITS or unit.startswith(_LONG_UNITS) for unit in units)


def _isbn10(text: str) -> bool:
    digits = re.sub(r"[\s-]+", "", text)
    if not re.fullmatch(r"[0-9]{9}X|[0-9]{10}", digits):
        return False
    return sum((i + 1) * (10 if c == "X" else int(c)) for i, c in enumerate(digits)) % 11 == 0


def _isbn13(text: str) -> bool:
    digits = re.sub(r"[\s-]+", "", text)
    if not re.fullmatch(r"[0-9]{13}", digits):
        return False
    total = sum((1, 3)[i % 2] * int(c) for i, c in enumerate(digits[:12]))
    return int(digits[12]) == (10 - total % 10) % 10


def _card(text: str) -> bool:
    digits = re.sub(r"[^0-9]+", "", text)
    if not 12 < len(digits) < 17 or digits[0] not in "123456":
        return False
    doubled = [int(c) * (1 + i % 2) for i, c in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _rgb(text: str) -> bool:
    match = re.fullmatch(r"rgb\(\s*([0-9]{1,3})\s*,\s*([0-9]{1,3})\s*,\s*([0-9]{1,3})\s*\)", text)
    return (
        bool(match) and all(int(part) <= 255 and str(int(part)) == part for part in match.groups()) if match else False
    )


def _ipv4(text: str) -> bool:
    return "." in text and parse_ip(text) is not None


def _ipv6(text: str) -> bool:
    return ":" in text and parse_ip(text) is not None


_ALWAYS: dict[str, Check] = {
    "bsonobjectid": lambda text: bool(_OBJECT_ID.fullmatch(text)),
    "uri": _uri,
    "email": lambda text: bool(_EMAIL.fullmatch(text)) and ".." not in text,
    "hostname": _hostname,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "cidr": _cidr,
    "mac": lambda text: bool(_MAC.fullmatch(text)),
    "uuid": lambda text: bool(_UUID.fullmatch(text)),
    "uuid3": lambda text: bool(_UUID3.fullmatch(text)),
    "uuid4": lambda text: bool(_UUID4.fullmatch(text)),
    "uuid5": lambda text: bool(_UUID5.fullmatch(text)),
    "isbn": lambda text: _isbn10(text) or _isbn13(text),
    "isbn10": _isbn10,
    "isbn13": _isbn13,
    "creditcard": _card,
    "ssn": lambda text: len(text) == 11 and bool(_SSN.fullmatch(text)),
    "hexcolor": lambda text: bool(_HEX_COLOUR.fullmatch(text)),
    "rgbcolor": _rgb,
    "byte": lambda text: bool(_BASE64.fullmatch(text)),
    "password": lambda _: True,
    "date": is_date,
    "duration": _duration,
    "datetime": is_date_time,
}
_SINCE_34: dict[str, Check] = {
    "k8s-short-name": lambda text: len(text) <= 63 and bool(_SHORT_NAME.fullmatch(text)),
    "k8s-long-name": lambda text: len(text) <= 253 and bool(_LONG_NAME.fullmatch(text)),
}


def format_check(name: str, minor: int) -> Check | None:
    """The check of a string format, or None where a server of Kubernetes 1.`minor` ignores it.

    k8s.io/apiextensions-apiserver pkg/apiserver/validation/formats.go lists what counts since when.
    """
    return _ALWAYS.get(name.replace("-", "")) or (_SINCE_34.get(name) if minor >= 34 else None)


_STRICT_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_STRICT_TIME = re.compile(
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
# What the decoder of a built-in kind asks of a string; our own keyword, since OpenAPI's formats are looser.
_FORMS: dict[str, Check] = {
    "": lambda _: True,
    "base64": lambda text: bool(_STRICT_BASE64.fullmatch(text.replace("\r", "").replace("\n", ""))),
    "time": lambda text: bool(_STRICT_TIME.fullmatch(text)),
}


def builtin_form(schema: dict[str, Any]) -> Check:
    """The check of a string of a built-in kind (`x-form`): base64 bytes, or a time."""
    return _FORMS[schema.get("x-form", "")]
