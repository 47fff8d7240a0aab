"""What the patterns of the spec's schema ask for, in words; every pattern of the schema stands here once."""

import re
from collections.abc import Mapping

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_STAMPED = r"[a-z0-9{]([-a-z0-9.{}A-Za-z_]*[a-z0-9}])?"
_IMAGE = (
    r"^([A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?/)?([a-z0-9]|\{[A-Za-z0-9]+\})([a-z0-9._/-]|\{[A-Za-z0-9]+\})*"
    r"(:([A-Za-z0-9_.-]|\{[A-Za-z0-9]+\})+)?(@[A-Za-z0-9_+.-]+:[0-9a-fA-F]{32,})?$"
)

_NAME = rf"^{_LABEL}$"
_SUBDOMAIN = rf"^{_LABEL}(\.{_LABEL})*$"
_QUANTITY = r"^[+]?([0-9]+|[0-9]+\.[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]+)?$"
_PAGE_SIZE = r"^[0-9]+[KMG]i$"
_PCI_ID = r"^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$"
_REPAIRED = (_NAME, _SUBDOMAIN, _QUANTITY, _PAGE_SIZE)
"""The patterns for which a hint can say what a value was meant to be."""

FORMS: Mapping[str, str] = {
    _NAME: 'a name: small letters, digits and "-", with a letter or digit at both ends',
    _SUBDOMAIN: 'a name: small letters, digits, "-" and ".", with a letter or digit at both ends',
    rf"^({_STAMPED}/)?{_STAMPED}$": "`pod`, or a NetworkAttachmentDefinition as NAME or NAMESPACE/NAME",
    rf"^{_STAMPED}$": 'a name: small letters, digits, "-" and ".", or {index}',
    _QUANTITY: (
        "a quantity: a number, and after it nothing, Ki Mi Gi Ti Pi Ei (powers of 1024) or k M G T P E (of 1000)"
    ),
    _PAGE_SIZE: "a page size: a whole number and Ki, Mi or Gi",
    _PCI_ID: "vendor:device, four hexadecimal digits each",
    r"^([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$": "a MAC address: six pairs of hexadecimal digits",
    r"^[a-z][a-zA-Z0-9]*$": "a name of letters and digits that begins with a small letter",
    r"^[0-9]+\.[0-9]+": "a version: major.minor",
    r"^v?1\.[0-9]+(\.[0-9]+)?$": "a version of Kubernetes: 1.MINOR",
    r"^v?[0-9]+\.[0-9]+(\.[0-9]+)?$": "a version: vMAJOR.MINOR.PATCH",
    r"^/": "a path that begins with /",
    r"^https?://[^/\s]\S*$": "the URL of an API server: https://HOST or https://HOST:PORT",
    r"^https://": "a URL that begins with https://",
    r"^((https?|ssh|git|file)://[^/\s]\S*|file:///\S+|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:\S+)$": (
        "the URL of a Git repository: https://HOST/PATH, ssh://USER@HOST/PATH or USER@HOST:PATH"
    ),
    r"^(https?|ssh)://[^/\s]\S*$": "the URL of a Git repository, as Flux takes it: https://HOST/PATH or ssh://USER@HOST/PATH",
    r"^([0-9]+(ms|s|m|h))+$": "a duration: numbers with ms, s, m or h",
    r"^[A-Za-z0-9_-]+([.][A-Za-z0-9_-]+)*$": "a path of fields joined by dots",
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "a day: YYYY-MM-DD",
    _IMAGE: "an image: [registry[:port]/]repository[:tag][@digest], the repository in small letters",
}
"""Words by pattern."""

_AMOUNT = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kmgtpe])(i?)b?\s*\Z", re.IGNORECASE)
_LONGEST = 253


def fitting(pattern: str, value: str) -> str:
    """What a value of another form was probably meant to be, as a hint writes it; nothing where nobody knows.

    Names become lower case with `-` for what they cannot hold; amounts such as `8GB` get a unit that there is.
    """
    amount = _AMOUNT.match(value)
    candidates: list[str] = []
    if amount:
        number, unit, binary = amount[1], amount[2].upper(), amount[3]
        binary_form, decimal_form = f"{number}{unit}i", f"{number}{'k' if unit == 'K' else unit}"
        candidates = [binary_form] if binary else [binary_form, decimal_form]
    elif pattern == _PCI_ID and re.fullmatch(r"(0x)?[0-9a-fA-F]{4}[:. ](0x)?[0-9a-fA-F]{4}", value, re.IGNORECASE):
        return re.sub("(?i)0x", "", value).replace(".", ":").replace(" ", ":")
    elif len(value) <= _LONGEST and value.isascii():
        candidates = [re.sub(r"[^a-z0-9.]+", "-", value.lower()).strip("-.")]
        candidates += [candidates[0].replace(".", "-")]
    return " or ".join(list(dict.fromkeys(c for c in candidates if pattern in _REPAIRED and re.search(pattern, c)))[:2])
