"""`crds:`: OpenAPI definitions of custom kinds that say which fields are names, labels and annotations."""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.overlay import rules
from generator.overlay.configuration import EMPTY, Configuration, Referrers
from generator.overlay.fieldspec import FieldSpec
from generator.overlay.refusal import RefusalError
from generator.overlay.resource import Gvk

_PREFIX = "x-kubernetes-"
_NEEDED = {"kind", "apiVersion", "metadata"}


def configuration_of_crds(data: Any) -> Configuration:
    """The field specs of a file of definitions. Raises RefusalError for what is none."""
    if not isinstance(data, dict):
        raise RefusalError(rules.CONFIGURATION, "a file of crds is a mapping of definitions", "name such a file")
    labels: list[FieldSpec] = []
    annotations: list[FieldSpec] = []
    prefixes: list[FieldSpec] = []
    references: list[Referrers] = []
    for name, definition in data.items():
        properties = _properties(definition)
        if not set(properties) >= _NEEDED:
            continue
        gvk = Gvk("", "", str(name).rpartition(".")[2])
        for path, about in _fields(data, str(name), (), frozenset()):
            spec = FieldSpec(gvk, "/".join(path))
            if about.get(f"{_PREFIX}annotation") is not None:
                annotations.append(spec)
            if about.get(f"{_PREFIX}label-selector") is not None:
                labels.append(spec)
            if about.get(f"{_PREFIX}identity") is not None:
                prefixes.append(spec)
            version, kind = about.get(f"{_PREFIX}object-ref-api-version"), about.get(f"{_PREFIX}object-ref-kind")
            if version and kind:
                key = str(about.get(f"{_PREFIX}object-ref-name-key") or "name")
                holder = FieldSpec(gvk, "/".join((*path, key)))
                references.append(Referrers((Gvk("", str(version), str(kind)), (holder,))))
    made = Configuration(
        common_labels=tuple(labels), common_annotations=tuple(annotations), name_prefix=tuple(prefixes)
    )
    for reference in references:
        made = made.merge(Configuration(name_reference=(reference,)))
    return EMPTY.merge(made)


def _properties(definition: Any) -> Mapping[str, Any]:
    schema = definition.get("Schema") or definition.get("schema") or definition if isinstance(definition, dict) else {}
    found = schema.get("properties") if isinstance(schema, dict) else None
    return found if isinstance(found, dict) else {}


def _fields(
    data: Mapping[str, Any], name: str, path: tuple[str, ...], seen: frozenset[str]
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    for key, about in _properties(data.get(name)).items():
        if not isinstance(about, dict):
            continue
        yield (*path, key), about
        reference = about.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            yield from _fields(data, reference, (*path, key), seen | {name})
