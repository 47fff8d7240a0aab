"""What a value of the wrong form was probably meant to be: `8GB` as `8Gi` or `8G`, `GW_1` as `gw-1`."""

import re
from collections.abc import Callable, Iterator, Mapping

from generator.spec.forms import DAY, DURATION, FLUX_URL, GIT_URL, NAME, PAGE_SIZE, PCI_ID, QUANTITY, SUBDOMAIN

_LONGEST = 253
_AMOUNT = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kmgtpe])(i?)b?\s*\Z", re.IGNORECASE)
_PCI = re.compile(r"(?:0x)?([0-9a-f]{4})[:. ](?:0x)?([0-9a-f]{4})\Z", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?::[0-9]+)?/\S+\Z", re.IGNORECASE)
_TIME = re.compile(r"([0-9]+)\s*(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)\s*\Z", re.IGNORECASE)
_GERMAN_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})\Z")
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]?([0-9]{1,2})[-/.]?([0-9]{1,2})\Z")


def meant(pattern: str, value: str) -> str:
    """A value of a form, in words of a hint (`8Gi or 8G`), for one that is not; nothing where nobody knows.

    `pattern` is one of the spec's schema. What is suggested fits it.
    """
    repair = _REPAIRS.get(pattern)
    if repair is None or len(value) > _LONGEST or not value.isascii():
        return ""
    return " or ".join(dict.fromkeys(one for one in repair(value) if re.search(pattern, one)))


def _names(value: str) -> Iterator[str]:
    """In small letters, with `-` for what a name cannot hold."""
    label = re.sub(r"[^a-z0-9.]+", "-", value.lower()).strip("-.")
    yield label.replace(".", "-")


def _subdomains(value: str) -> Iterator[str]:
    yield re.sub(r"[^a-z0-9.]+", "-", value.lower()).strip("-.")


def _amounts(value: str) -> Iterator[str]:
    """With a unit that there is: the binary one, and the decimal one where that could be meant."""
    if found := _AMOUNT.match(value):
        number, unit, binary = found[1], found[2].upper(), found[3]
        yield f"{number}{unit}i"
        if not binary:
            yield f"{number}{'k' if unit == 'K' else unit}"


def _pci_ids(value: str) -> Iterator[str]:
    if found := _PCI.match(value):
        yield f"{found[1]}:{found[2]}"


def _urls(value: str) -> Iterator[str]:
    if _HOST.match(value):
        yield f"https://{value}"


def _durations(value: str) -> Iterator[str]:
    if found := _TIME.match(value):
        unit = found[2].lower()
        yield f"{found[1]}{'ms' if unit.startswith(('ms', 'mil')) else unit[0]}"


def _days(value: str) -> Iterator[str]:
    """In the order of ISO 8601. Of two numbers and a year with slashes nobody knows which is the month."""
    if found := _YEAR_FIRST.match(value):
        yield f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}"
    elif found := _GERMAN_DAY.match(value):
        yield f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}"


_REPAIRS: Mapping[str, Callable[[str], Iterator[str]]] = {
    NAME: _names,
    SUBDOMAIN: _subdomains,
    QUANTITY: _amounts,
    PAGE_SIZE: _amounts,
    PCI_ID: _pci_ids,
    GIT_URL: _urls,
    FLUX_URL: _urls,
    DURATION: _durations,
    DAY: _days,
}
