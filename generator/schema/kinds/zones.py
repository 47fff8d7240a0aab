"""Time zones by their names in the IANA database, the same on every machine (`generator/schemas/time-zones.json`)."""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from generator.finding import did_you_mean
from generator.location import FieldPath
from generator.schema.violation import Violation, invalid

_PART = re.compile(r"[A-Za-z.\-_0-9+]{1,14}")


def check_time_zone(zone: str, path: FieldPath) -> Iterator[Violation]:
    """A time zone by its name in the IANA database."""
    if not zone:
        yield invalid(path, zone, "timeZone must be nil or non-empty string", hint="remove it, or name a zone")
        return
    for part in zone.split("/"):
        if part in (".", "..") or part.startswith("-") or not _PART.fullmatch(part):
            yield invalid(path, zone, f"unknown time zone {zone}", hint=_near_zone(zone))
            return
    if zone.lower() == "local":
        detail = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        yield invalid(path, zone, detail, hint="name a zone such as Europe/Berlin")
    wrong = wrong_location(zone)
    if wrong:
        yield invalid(path, zone, wrong, hint=_near_zone(zone))


@cache
def _zones() -> frozenset[str]:
    raw = json.loads((files("generator") / "schemas" / "time-zones.json").read_bytes())
    return frozenset(raw["names"])


def _near_zone(zone: str) -> str:
    same = next((known for known in sorted(_zones()) if known.lower() == zone.strip().lower()), "")
    return f"write {same}" if same else did_you_mean(zone, _zones())


def wrong_location(zone: str) -> str:
    """What Go's time.LoadLocation has against a name; empty where it has nothing."""
    if zone in ("", "UTC", "Local"):
        return ""
    if ".." in zone or zone[0] in "/\\":
        return "time: invalid location name"
    return "" if zone in _zones() else f"unknown time zone {zone}"
