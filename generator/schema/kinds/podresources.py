"""What a whole pod asks for and may use, and its containers within it (K8s: core/validation, core/v1/defaults.go)."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from generator.location import FieldPath
from generator.schema.kinds.resources import PAGES, amount, check_pod_resource, check_requirements, may_overcommit
from generator.schema.kinds.words import forbidden, mapping, objects
from generator.schema.violation import Violation, invalid

_OF_PODS = ("cpu", "memory")


def check_pod_resources(spec: dict[str, Any], path: FieldPath, *, alone: bool) -> Iterator[Violation]:
    """`resources` of a pod's spec; `alone`: of a Pod, whose requests the server fills in, not of a template."""
    given, at = mapping(spec.get("resources")), (*path, "resources")
    if given.get("claims") is not None:
        yield forbidden((*at, "claims"), "claims may not be set for Resources at pod-level", "give them to a container")
    data = _filled(spec, given) if alone else given
    yield from check_requirements(data, at, check_pod_resource)
    limits = mapping(data.get("limits"))
    for where, container in objects(spec.get("containers"), (*path, "containers")):
        for name, value in mapping(mapping(container.get("resources")).get("limits")).items():
            whole, own = amount(limits.get(name)), amount(value)
            if whole is not None and own is not None and own > whole:
                detail = f"must be less than or equal to pod limits of {limits[name]}"
                yield invalid((*where, "resources", "limits", name), str(value), detail)
    for key in ("requests", "limits"):
        for name, value in mapping(data.get(key)).items():
            asked, whole = _sum(spec, key, name, alone=alone), amount(value)
            if whole is not None and asked > whole and (key == "requests" or name.startswith(PAGES)):
                detail = f"must be greater than or equal to aggregate container {key} of {_shown(asked)}"
                yield invalid((*at, key, name), str(value), detail, hint=f"raise it to at least {_shown(asked)}")


def _filled(spec: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The resources of a Pod with what the server fills in.

    Limits of huge pages are those of the containers together; requests are those of the containers, else the limits.
    """
    limits, requests = dict(mapping(given.get("limits"))), dict(mapping(given.get("requests")))
    if limits or requests:
        for name in _names(spec, ("limits",)):
            if name.startswith(PAGES) and name not in requests:
                limits.setdefault(name, _shown(_sum(spec, "limits", name, alone=True)))
    if limits:
        for name in _names(spec, ("requests", "limits")):
            if name in _OF_PODS and may_overcommit(name):
                requests.setdefault(name, _shown(_sum(spec, "requests", name, alone=True)))
        for name, value in limits.items():
            if name in _OF_PODS or name.startswith(PAGES):
                requests.setdefault(name, value)
    return {**given, "limits": limits, "requests": requests}


def _names(spec: dict[str, Any], keys: tuple[str, ...]) -> list[str]:
    """Names of the resources that any container asks for, in order."""
    found: dict[str, None] = {}
    for group in ("initContainers", "containers"):
        for _, container in objects(spec.get(group), ()):
            for key in keys:
                found.update(dict.fromkeys(mapping(mapping(container.get("resources")).get(key))))
    return list(found)


def _sum(spec: dict[str, Any], key: str, name: str, *, alone: bool) -> Fraction:
    """The most of a resource that containers ask for at once: those that run first run one after another."""

    def asked(container: dict[str, Any]) -> Fraction:
        found = mapping(container.get("resources"))
        value = mapping(found.get(key)).get(name)
        if value is None and key == "requests" and alone:
            value = mapping(found.get("limits")).get(name)
        return amount(value) or Fraction(0)

    together, first = Fraction(0), Fraction(0)
    for _, container in objects(spec.get("initContainers"), ()):
        if container.get("restartPolicy") == "Always":
            together += asked(container)
            first = max(first, together)
        else:
            first = max(first, together + asked(container))
    return max(first, together + sum((asked(one) for _, one in objects(spec.get("containers"), ())), Fraction(0)))


def _shown(value: Fraction) -> str:
    """An amount as short as it is exact: whole, in binary units where they fit, else in thousandths."""
    if value.denominator != 1:
        return f"{value * 1000 // 1}m"
    for unit, size in (("Gi", 1024**3), ("Mi", 1024**2), ("Ki", 1024)):
        if value and value.numerator % size == 0:
            return f"{value.numerator // size}{unit}"
    return str(value.numerator)
