"""How a CRD shows, scales and converts its objects (K8s: apiextensions-apiserver, apis/apiextensions/validation)."""

from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema import rules
from generator.schema.kinds.hooks import check_client, check_review_versions
from generator.schema.kinds.words import forbidden, listed, mapping, objects, unsupported
from generator.schema.violation import Violation, invalid, required

_TYPES = ("boolean", "date", "integer", "number", "string")
_FORMATS = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")
_STRATEGIES = ("None", "Webhook")
_CONVERSION: FieldPath = ("spec", "conversion")
_SCALED = (
    ("specReplicasPath", (".spec.",), "should be a json path under .spec"),
    ("statusReplicasPath", (".status.",), "should be a json path under .status"),
    ("labelSelectorPath", (".spec.", ".status."), "should be a json path under either .spec or .status"),
)


def check_columns(version: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """The columns that a version's objects are printed with."""
    for at, column in objects(version.get("additionalPrinterColumns"), (*path, "additionalPrinterColumns")):
        if not column.get("name"):
            yield required((*at, "name"))
        for key, known in (("type", _TYPES), ("format", _FORMATS)):
            value, detail = column.get(key) or "", f"must be one of {','.join(known)}"
            if not value and key == "type":
                yield required((*at, key), detail)
            elif value and value not in known:
                yield invalid((*at, key), value, detail, rules.NOT_STRUCTURAL)
        if not column.get("jsonPath"):
            yield required((*at, "jsonPath"))
        else:
            yield from _simple(column["jsonPath"], (*at, "jsonPath"))


def check_warning(version: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """What the server says to who uses a version that is deprecated."""
    warning = version.get("deprecationWarning")
    if warning is not None and not version.get("deprecated"):
        detail = "can only be set for deprecated versions"
        hint = "add deprecated: true, or remove it"
        yield invalid((*path, "deprecationWarning"), warning, detail, rules.NOT_STRUCTURAL, hint)


def check_scale(version: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """Where a version's objects hold what `kubectl scale` and autoscalers read and write."""
    scale = mapping(version.get("subresources")).get("scale")
    at = (*path, "subresources", "scale")
    for key, heads, detail in _SCALED if scale is not None else ():
        where = mapping(scale).get(key) or ""
        if not where and key != "labelSelectorPath":
            yield required((*at, key))
        elif where and not isinstance(where, str):
            continue  # the schema refuses it
        elif where and not where.startswith("."):
            yield from _simple(where, (*at, key))
        elif where and not where.startswith(heads):
            yield invalid((*at, key), where, detail, rules.NOT_STRUCTURAL)


def check_conversion(spec: dict[str, Any]) -> Iterator[Violation]:
    """What converts objects of one version to another."""
    conversion = mapping(spec.get("conversion"))
    if not conversion:
        return
    strategy, hook = conversion.get("strategy") or "", mapping(conversion.get("webhook"))
    if strategy and strategy not in _STRATEGIES:
        yield unsupported((*_CONVERSION, "strategy"), strategy, _STRATEGIES)
    elif not strategy:
        yield required((*_CONVERSION, "strategy"))
    at = (*_CONVERSION, "webhook")
    client, versions = hook.get("clientConfig"), hook.get("conversionReviewVersions")
    if strategy == "Webhook":
        if client is None:
            yield required((*at, "clientConfig"), "required when strategy is set to Webhook")
        else:
            yield from check_client(mapping(client), (*at, "clientConfig"))
        yield from check_review_versions(versions, (*at, "conversionReviewVersions"))
        return
    detail, hint = "should not be set when strategy is not set to Webhook", "write strategy: Webhook, or remove it"
    if client is not None:
        yield forbidden((*at, "clientConfig"), detail, hint)
    if listed(versions):
        yield forbidden((*at, "conversionReviewVersions"), detail, hint)


def _simple(where: Any, path: FieldPath) -> Iterator[Violation]:
    if isinstance(where, str) and not where.startswith("."):
        detail = "must be a simple json path starting with ."
        yield invalid(path, where, detail, rules.NOT_STRUCTURAL, f"write .{where}")
