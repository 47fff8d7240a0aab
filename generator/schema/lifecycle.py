"""API versions that a Kubernetes release no longer serves, or serves with a warning."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from generator.finding import Severity
from generator.schema import rules
from generator.schema.builtin import available_minors, versions_of
from generator.schema.violation import Violation

_AT = ("apiVersion",)


@cache
def _table() -> dict[tuple[str, str], dict[str, Any]]:
    raw = json.loads((files("generator") / "schemas" / "api-lifecycle.json").read_bytes())
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in raw["kubernetes"]:
        found.update({(entry["api"], kind): entry for kind in entry["kinds"]})
    for entry in raw["always"]:
        found.update({(entry["api"], kind): {**entry, "deprecated": "1.0"} for kind in entry["kinds"]})
    return found


def _minor(release: str | None) -> int:
    return int(release.partition(".")[2]) if release else 1 << 30


def _successor(api_version: str, kind: str, minor: int) -> str:
    """The version of the same group in which Kubernetes 1.`minor` has a kind and says nothing; empty without one."""
    group = api_version.rpartition("/")[0]
    if minor not in available_minors():
        return ""
    for version in versions_of(minor, group, kind):
        other = f"{group}/{version}" if group else version
        entry = _table().get((other, kind), {})
        if other != api_version and minor < min(_minor(entry.get(key)) for key in ("deprecated", "removed")):
            return other
    return ""


def check_lifecycle(api_version: str, kind: str, minor: int) -> Violation | None:
    """A violation where Kubernetes 1.`minor` has removed the API version of a kind (error) or warns of it."""
    entry = _table().get((api_version, kind))
    if entry is None:
        return None
    use = entry.get("use") or _successor(api_version, kind, minor)
    hint = f"use {use}" if use else "remove the object, or look for what replaces it in the release notes"
    removed, deprecated = entry.get("removed"), entry.get("deprecated")
    if minor >= _minor(removed):
        message = f"{api_version} {kind} was removed in Kubernetes {removed}; the target is 1.{minor}"
        return Violation(_AT, message, hint, rules.REMOVED_API)
    if minor >= _minor(deprecated):
        told = "" if deprecated == "1.0" else f" since Kubernetes {deprecated}"
        until = f" and goes in {removed}" if removed else ""
        message = f"{api_version} {kind} is deprecated{told}{until}"
        return Violation(_AT, message, hint if use else "plan its replacement", rules.DEPRECATED_API, Severity.WARNING)
    return None
