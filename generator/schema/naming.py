"""Names as Kubernetes wants them: DNS labels and subdomains, label keys and values; each check returns complaints."""

import re
from functools import lru_cache

_LABEL_FORM = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN_FORM = rf"{_LABEL_FORM}(\.{_LABEL_FORM})*"
_DNS1035_FORM = "[a-z]([-a-z0-9]*[a-z0-9])?"
_KEY_FORM = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE_FORM = f"({_KEY_FORM})?"

_LABEL = re.compile(_LABEL_FORM)
_SUBDOMAIN = re.compile(_SUBDOMAIN_FORM)
_DNS1035 = re.compile(_DNS1035_FORM)
_KEY = re.compile(_KEY_FORM)
_VALUE = re.compile(_VALUE_FORM)

_SUBDOMAIN_WORDS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character"
)
_LABEL_WORDS = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character"
)
_DNS1035_WORDS = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
    "start with an alphabetic character, and end with an alphanumeric character"
)
_KEY_WORDS = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
)
_VALUE_WORDS = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character"
)


def _form(words: str, form: str, *examples: str) -> str:
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{words} (e.g. {shown}regex used for validation is '{form}')"


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=65536)
def subdomain(value: str, unit: str = "characters") -> tuple[str, ...]:
    """Complaints about a DNS-1123 subdomain, which most names are: at most 253 bytes."""
    complaints = []
    if _size(value) > 253:
        complaints.append(f"must be no more than 253 {unit}")
    if not _SUBDOMAIN.fullmatch(value):
        complaints.append(_form(_SUBDOMAIN_WORDS, _SUBDOMAIN_FORM, "example.com"))
    return tuple(complaints)


@lru_cache(maxsize=4096)
def label(value: str) -> tuple[str, ...]:
    """Complaints about a DNS-1123 label, which namespaces are: at most 63 bytes, no dots."""
    complaints = []
    if _size(value) > 63:
        complaints.append("must be no more than 63 characters")
    if not _LABEL.fullmatch(value):
        dotted = _SUBDOMAIN.fullmatch(value)
        complaints.append("must not contain dots" if dotted else _form(_LABEL_WORDS, _LABEL_FORM, "my-name", "123-abc"))
    return tuple(complaints)


def dns1035_label(value: str) -> tuple[str, ...]:
    """Complaints about a DNS-1035 label, which Service names and lower-cased kinds are."""
    complaints = []
    if _size(value) > 63:
        complaints.append("must be no more than 63 characters")
    if not _DNS1035.fullmatch(value):
        complaints.append(_form(_DNS1035_WORDS, _DNS1035_FORM, "my-name", "abc-123"))
    return tuple(complaints)


@lru_cache(maxsize=16384)
def label_key(value: str) -> tuple[str, ...]:
    """Complaints about a label key (or any qualified name): `name` or `subdomain/name`."""
    form = _form(_KEY_WORDS, _KEY_FORM, "MyName", "my.name", "123-abc")
    prefix, slash, name = value.rpartition("/")
    if "/" in prefix:
        return (f"a valid label key {form} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",)
    complaints: list[str] = []
    if slash and not prefix:
        complaints.append("prefix part must be non-empty")
    elif slash:
        complaints.extend(f"prefix part {complaint}" for complaint in subdomain(prefix, "bytes"))
    if not name:
        complaints.append("name part must be non-empty")
    elif _size(name) > 63:
        complaints.append("name part must be no more than 63 bytes")
    if not _KEY.fullmatch(name):
        complaints.append(f"name part {form}")
    return tuple(complaints)


@lru_cache(maxsize=65536)
def label_value(value: str) -> tuple[str, ...]:
    """Complaints about a label's value: empty, or at most 63 bytes."""
    complaints = []
    if _size(value) > 63:
        complaints.append("must be no more than 63 bytes")
    if not _VALUE.fullmatch(value):
        complaints.append(_form(_VALUE_WORDS, _VALUE_FORM, "MyValue", "my_value", "12345"))
    return tuple(complaints)


def path_segment(value: str) -> tuple[str, ...]:
    """Complaints about a name that only has to fit into a URL path (RBAC roles, say)."""
    if value in {".", ".."}:
        return (f"may not be '{value}'",)
    return tuple(f"may not contain '{sign}'" for sign in "/%" if sign in value)


def name_hint(value: str, complaint: str) -> str:
    """How to write a name that a complaint of `label`, `subdomain` or `dns1035_label` is about; empty where unclear."""
    if "lower case" in complaint:
        near = value.strip().lower().replace("_", "-").replace(" ", "-")
    elif complaint == "must not contain dots":
        near = value.replace(".", "-")
    else:
        return ""
    fits = near != value and _SUBDOMAIN.fullmatch(near) and ("DNS-1035" not in complaint or _DNS1035.fullmatch(near))
    return f"write {near}" if fits and ("label" not in complaint or _LABEL.fullmatch(near)) else ""
