"""What a container or a volume may know of its own pod (K8s: core/validation, the downward API)."""

import re
from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.paths import check_inside, check_mode
from generator.schema.kinds.resources import amount
from generator.schema.kinds.words import complaints, mapping, unsupported
from generator.schema.violation import Violation, invalid, required

_KNOWN = frozenset(
    {
        *("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"),
        *("spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "spec.schedulerName", "status.phase"),
        *("status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs", "spec.host"),
    }
)
_OF_VARIABLES = (
    *("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName"),
    *("status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"),
)
_OF_FILES = ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid")
_SUBSCRIPT = re.compile(r"([^\[]*)\['(.*)'\]", re.DOTALL)
_RESOURCES = tuple(f"{key}.{name}" for key in ("limits", "requests") for name in ("cpu", "ephemeral-storage", "memory"))
_PAGES = ("limits.hugepages-", "requests.hugepages-")
_SIZES = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei"


def check_field(reference: dict[str, Any], path: FieldPath, *, file: bool = False) -> Iterator[Violation]:
    """A reference to a field of the pod."""
    field, at = reference.get("fieldPath") or "", (*path, "fieldPath")
    version = reference.get("apiVersion") or "v1"
    if not field:
        yield required(at)
        return
    found = _SUBSCRIPT.fullmatch(field)
    base = found[1] if found else field
    if version != "v1":
        yield invalid(at, field, f"error converting fieldPath: unsupported pod version: {version}")
    elif found and base not in ("metadata.annotations", "metadata.labels"):
        words = "error converting fieldPath: field label does not support subscript: "
        yield invalid(at, field, words + field)
    elif not found and base not in _KNOWN:
        yield invalid(at, field, f"error converting fieldPath: field label not supported: {field}")
    elif found:
        key = found[2].lower() if base == "metadata.annotations" else found[2]
        yield from complaints(path, key, naming.label_key(key))
    else:
        allowed = _OF_FILES if file else _OF_VARIABLES
        field = "spec.nodeName" if field == "spec.host" else field
        if field not in allowed:
            yield unsupported(at, field, allowed)


def check_resource_field(reference: dict[str, Any], path: FieldPath, *, file: bool = False) -> Iterator[Violation]:
    """A reference to an amount that a container asks for or may use."""
    resource = reference.get("resource") or ""
    if file and not reference.get("containerName"):
        yield required((*path, "containerName"))
    elif not resource:
        yield required((*path, "resource"))
    elif resource not in _RESOURCES and not resource.startswith(_PAGES):
        yield unsupported((*path, "resource"), resource, _RESOURCES)
    divisor = str(reference.get("divisor") or "0")
    if amount(divisor) == 0:
        return
    kind = "hugepages" if resource.startswith(_PAGES) else resource.partition(".")[2]
    allowed = "1m and 1" if kind == "cpu" else _SIZES
    shown = {"cpu": "cpu", "memory": "memory", "ephemeral-storage": "local ephemeral storage", "hugepages": "hugepages"}
    sizes = ("1m", "1") if kind == "cpu" else _SIZES.split(", ")
    if kind in shown and amount(divisor) not in {amount(size) for size in sizes}:
        detail = f"only divisor's values {allowed} are supported with the {shown[kind]} resource"
        yield invalid((*path, "divisor"), resource, detail)


def check_file(file: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """A file of a volume that shows a field of the pod or an amount of a container."""
    if not file.get("path"):
        yield required((*path, "path"))
    yield from check_inside(file.get("path") or "", (*path, "path"))
    field, resource = file.get("fieldRef"), file.get("resourceFieldRef")
    if field is not None:
        yield from check_field(mapping(field), (*path, "fieldRef"), file=True)
        if resource is not None:
            detail = "fieldRef and resourceFieldRef can not be specified simultaneously"
            yield invalid(path, "resource", detail, hint="remove one of the two")
    elif resource is not None:
        yield from check_resource_field(mapping(resource), (*path, "resourceFieldRef"), file=True)
    else:
        yield required(path, "one of fieldRef and resourceFieldRef is required")
    yield from check_mode(file, "mode", path)
