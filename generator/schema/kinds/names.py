"""Names that fields of built-in kinds hold: of ports, hosts, classes, other objects; each check returns complaints."""

import re
from collections.abc import Iterator

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.words import complaints
from generator.schema.violation import Violation, invalid, required

BETWEEN_PORTS = "must be between 1 and 65535, inclusive"
_PORT_SIGNS = re.compile(r"[-a-z0-9]+")
_PORT_WORDS = "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
_MOST_OF_A_PORT = 15
_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_UNDERSCORED = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_UNDERSCORED_FORM = rf"{_UNDERSCORED}(\.{_UNDERSCORED})*"
_WILDCARD_FORM = rf"\*\.{_LABEL}(\.{_LABEL})*"
_HTTP_PATH_FORM = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
_WILDCARD_WORDS = (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character "
    f"(e.g. '*.example.com', regex used for validation is '{_WILDCARD_FORM}')"
)
_UNDERSCORED_WORDS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must "
    "start and end with an alphanumeric character "
    f"(e.g. 'example.com', regex used for validation is '{_UNDERSCORED_FORM}')"
)
_WILDCARD = re.compile(_WILDCARD_FORM)
_UNDERSCORED_NAME = re.compile(_UNDERSCORED_FORM)
_HTTP_PATH = re.compile(_HTTP_PATH_FORM)
_PORT_HINT = "choose a number from 1 to 65535"


def port_number(number: int) -> tuple[str, ...]:
    """Complaints about the number of a port."""
    return () if 1 <= number <= 65535 else (BETWEEN_PORTS,)


def port_name(name: str) -> tuple[str, ...]:
    """Complaints about the name of a container's port (an IANA service name)."""
    found = []
    if len(name.encode()) > _MOST_OF_A_PORT:
        found.append(f"must be no more than {_MOST_OF_A_PORT} characters")
    if not _PORT_SIGNS.fullmatch(name):
        found.append(_PORT_WORDS)
    if not re.search("[a-z]", name):
        found.append("must contain at least one letter (a-z)")
    if "--" in name:
        found.append("must not contain consecutive hyphens")
    if name.startswith("-") or name.endswith("-"):
        found.append("must not begin or end with a hyphen")
    return tuple(found)


def check_port(port: int | str, path: FieldPath) -> Iterator[Violation]:
    """A port by its number, or by the name that a container gives it."""
    if isinstance(port, str):
        hint = "a port that is a number is written without quotes" if port.isdigit() else ""
        for complaint in port_name(port):
            yield invalid(path, port, complaint, hint=hint)
    else:
        yield from check_port_number(port, path)


def check_port_number(number: int, path: FieldPath) -> Iterator[Violation]:
    """The number of a port."""
    for complaint in port_number(number):
        yield invalid(path, number, complaint, hint=_PORT_HINT)


def host(value: str) -> tuple[str, ...]:
    """Complaints about a host, whose first part may be a `*`."""
    if "*" not in value:
        return naming.subdomain(value)
    found = ("must be no more than 253 characters",) if len(value.encode()) > 253 else ()
    return found if _WILDCARD.fullmatch(value) else (*found, _WILDCARD_WORDS)


def search_domain(value: str) -> tuple[str, ...]:
    """Complaints about a domain of a search list, which may have underscores."""
    found = ("must be no more than 253 characters",) if len(value.encode()) > 253 else ()
    return found if _UNDERSCORED_NAME.fullmatch(value) else (*found, _UNDERSCORED_WORDS)


def check_prefixed_path(value: str, path: FieldPath) -> Iterator[Violation]:
    """A domain and a path, such as `example.com/controller`."""
    if not value:
        yield required(path)
        return
    domain, _, rest = value.partition("/")
    if not domain or not rest:
        yield invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')
        return
    yield from complaints(path, domain, naming.subdomain(domain))
    if not _HTTP_PATH.fullmatch(rest):
        yield invalid(path, rest, f"Invalid path (regex used for validation is '{_HTTP_PATH_FORM}')")


def check_segment(value: str, path: FieldPath, detail: str = "") -> Iterator[Violation]:
    """A kind or a name that must be there and fit into a URL."""
    if not value:
        yield required(path, detail)
    else:
        yield from complaints(path, value, naming.path_segment(value))
