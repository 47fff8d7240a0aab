"""Options of Windows containers (K8s: core/validation, validateWindowsSecurityContextOptions)."""

import re
from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.words import complaints
from generator.schema.violation import Violation, invalid

_MOST_CREDENTIAL_KIB = 64
_LONGEST_DOMAIN, _LONGEST_USER = 256, 104
_CONTROL = re.compile("[\x00-\x1f\x7f]")
_NETBIOS = re.compile(r'[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}')
_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_DNS = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_BAD_SIGNS = re.compile(r'["/\\:;|=,+*?<>@\[\]]')


def check_windows_options(options: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """`windowsOptions` of a security context."""
    name, credential, user = (options.get(key) for key in ("gmsaCredentialSpecName", "gmsaCredentialSpec", _USER))
    if name is not None:
        yield from complaints((*path, "gmsaCredentialSpecName"), name, naming.subdomain(name))
    if credential == "":
        yield invalid((*path, "gmsaCredentialSpec"), "", "gmsaCredentialSpec cannot be an empty string")
    elif credential is not None and len(credential.encode()) > _MOST_CREDENTIAL_KIB * 1024:
        detail = f"gmsaCredentialSpec size must be under {_MOST_CREDENTIAL_KIB} KiB"
        yield invalid((*path, "gmsaCredentialSpec"), credential, detail)
    if user is not None:
        for wrong in _wrong_user(user):
            yield invalid((*path, _USER), user, f"runAsUserName{wrong}")


_USER = "runAsUserName"


def _wrong_user(name: str) -> Iterator[str]:
    """What is wrong with a user's name, which a domain and a backslash may precede."""
    parts = name.split("\\")
    if not name:
        yield " cannot be an empty string"
    elif _CONTROL.search(name):
        yield " cannot contain control characters"
    elif len(parts) > 2:
        yield " cannot contain more than one backslash"
    else:
        domain, user = parts[0] if len(parts) == 2 else "", parts[-1]
        if len(domain.encode()) >= _LONGEST_DOMAIN:
            yield f"'s Domain length must be under {_LONGEST_DOMAIN} characters"
        if len(parts) == 2 and not (_NETBIOS.fullmatch(domain) or _DNS.fullmatch(domain)):
            yield "'s Domain doesn't match the NetBios nor the DNS format"
        if not user:
            yield "'s User cannot be empty"
        elif len(user.encode()) > _LONGEST_USER:
            yield f"'s User length must not be longer than {_LONGEST_USER} characters"
        if user and not user.strip(". "):
            yield "'s User cannot contain only periods or spaces"
        if _BAD_SIGNS.search(user):
            yield "'s User cannot contain the following characters: \"/\\:;|=,+*?<>@[]"
