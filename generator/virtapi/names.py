"""Names as KubeVirt's own copy of apimachinery complains of them; see generator/schema/naming.py for the forms."""

import re

from generator.schema import naming

subdomain = naming.subdomain
label = naming.label

_PORT = re.compile(r"[-a-z0-9]+")
_LETTER = re.compile(r"[a-z]")


def qualified(value: str) -> tuple[str, ...]:
    """Complaints about a label key: newer releases count bytes and call it a label key, KubeVirt's 0.34 does not."""
    return tuple(
        complaint.replace("a valid label key", "a qualified name", 1).replace(" bytes", " characters")
        for complaint in naming.label_key(value)
    )


def label_value(value: str) -> tuple[str, ...]:
    """Complaints about a label's value."""
    return tuple(complaint.replace(" bytes", " characters") for complaint in naming.label_value(value))


def port_name(value: str) -> bool:
    """Whether a port may be called so (IANA_SVC_NAME)."""
    return (
        len(value.encode()) <= 15
        and _PORT.fullmatch(value) is not None
        and _LETTER.search(value) is not None
        and "--" not in value
        and not value.startswith("-")
        and not value.endswith("-")
    )
