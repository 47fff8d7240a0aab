"""The named formats of Kubernetes (`format.dns1123Label()` and its kin) and what they find wrong."""

import base64
import binascii
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from generator.cel.declarations import FORMATS
from generator.cel.failure import EvalError
from generator.cel.url import parse_request_uri
from generator.cel.values import NONE, Absent, Opaque, Some

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = _LABEL + "(\\." + _LABEL + ")*"
_LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = f"({_KEY})?"
_ENDS = "and must start and end with an alphanumeric character"
_UUID = re.compile(r"(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_DATETIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[Tt ](?P<time>\d\d:\d\d:\d\d)(?:[.,]\d{1,9})?(?:[Zz]|[+-]\d\d:?\d\d)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class NamedFormat(Opaque):
    """A format by its name; `regex_size` is what its cost counts."""

    name: str
    regex_size: int

    @property
    def type_name(self) -> str:
        """`kubernetes.NamedFormat`."""
        return "kubernetes.NamedFormat"


def _no_match(text: str, pattern: str, *examples: str) -> str:
    shown = "".join(f"'{e}', " if i == 0 else f" or '{e}', " for i, e in enumerate(examples))
    return f"{text} (e.g. {shown}regex used for validation is '{pattern}')"


def _too_long(value: str, limit: int) -> list[str]:
    return [f"must be no more than {limit} characters"] if len(value.encode()) > limit else []


def _full(pattern: str, value: str) -> bool:
    return re.fullmatch(pattern, value) is not None


def label(value: str) -> list[str]:
    """What is wrong with a DNS-1123 label."""
    out = _too_long(value, 63)
    if not _full("[a-z0-9]([-a-z0-9]*[a-z0-9])?", value):
        if _full(_SUBDOMAIN, value):
            return [*out, "must not contain dots"]
        text = f"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', {_ENDS}"
        out.append(_no_match(text, _LABEL, "my-name", "123-abc"))
    return out


def subdomain(value: str) -> list[str]:
    """What is wrong with a DNS-1123 subdomain."""
    out = _too_long(value, 253)
    if not _full(_SUBDOMAIN, value):
        text = f"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', {_ENDS}"
        out.append(_no_match(text, _SUBDOMAIN, "example.com"))
    return out


def _label_1035(value: str) -> list[str]:
    out = _too_long(value, 63)
    if not _full(_LABEL_1035, value):
        text = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic"
        text += " character, and end with an alphanumeric character"
        out.append(_no_match(text, _LABEL_1035, "my-name", "abc-123"))
    return out


def qualified_name(value: str) -> list[str]:
    """What is wrong with a label or annotation key."""
    text = f"must consist of alphanumeric characters, '-', '_' or '.', {_ENDS}"
    expected = _no_match(text, _KEY, "MyName", "my.name", "123-abc")
    parts = value.split("/")
    if len(parts) > 2:
        optional = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return [f"a valid label key {expected} {optional}"]
    out: list[str] = []
    if len(parts) == 2:
        prefix = parts[0]
        out += [f"prefix part {m}" for m in subdomain(prefix)] if prefix else ["prefix part must be non-empty"]
    name = parts[-1]
    if not name:
        out.append("name part must be non-empty")
    out += [f"name part {m}" for m in _too_long(name, 63)]
    if not _full(_KEY, name):
        out.append(f"name part {expected}")
    return out


def label_value(value: str) -> list[str]:
    """What is wrong with a label's value."""
    out = _too_long(value, 63)
    if not _full(_VALUE, value):
        text = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.',"
        out.append(_no_match(f"{text} {_ENDS}", _VALUE, "MyValue", "my_value", "12345"))
    return out


def _prefix(check: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    def masked(value: str) -> list[str]:
        return check(value[:-2] + "a" if len(value) > 1 and value.endswith("-") else value)

    return masked


def _uri(value: str) -> list[str]:
    try:
        parse_request_uri(value)
    except EvalError as error:
        return [error.message]
    return []


def _byte(value: str) -> list[str]:
    try:
        decoded = base64.b64decode(value.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        return ["invalid base64"]
    return [] if value and decoded else ["invalid base64"]


def _date(value: str) -> list[str]:
    try:
        valid = _full(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) and dt.date.fromisoformat(value) is not None
    except ValueError:
        valid = False
    return [] if valid else ["invalid date"]


def _datetime(value: str) -> list[str]:
    found = _DATETIME.fullmatch(value)
    if found is None:
        return ["invalid datetime"]
    try:
        dt.datetime.fromisoformat(f"{found['date']}T{found['time']}")
    except ValueError:
        return ["invalid datetime"]
    return []


def _uuid(value: str) -> list[str]:
    return [] if _UUID.fullmatch(value) else ["does not match the UUID format"]


_CHECKS: dict[str, tuple[Callable[[str], list[str]], int]] = {
    "dns1123Label": (label, 30),
    "dns1123Subdomain": (subdomain, 60),
    "dns1035Label": (_label_1035, 30),
    "qualifiedName": (qualified_name, 60),
    "dns1123LabelPrefix": (_prefix(label), 30),
    "dns1123SubdomainPrefix": (_prefix(subdomain), 60),
    "dns1035LabelPrefix": (_prefix(_label_1035), 30),
    "labelValue": (label_value, 40),
    "uri": (_uri, 1103),
    "uuid": (_uuid, 94),
    "byte": (_byte, 84),
    "date": (_date, 147),
    "datetime": (_datetime, 147),
}


def _named(name: str) -> Some | Absent:
    return Some(NamedFormat(name, _CHECKS[name][1])) if name in _CHECKS else NONE


def _validate(named: NamedFormat, value: str) -> Some | Absent:
    found = _CHECKS[named.name][0](value)
    return Some(found) if found else NONE


def _constant(name: str) -> Callable[[], NamedFormat]:
    named = NamedFormat(name, _CHECKS[name][1])
    return lambda: named


FUNCTIONS: dict[str, Any] = {"format-validate": _validate, "format-named": _named}
FUNCTIONS |= {f"format.{name}": _constant(name) for name in FORMATS}
