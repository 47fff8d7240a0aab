"""CustomResourceDefinitions checked as the API server checks them, beyond the schema of their own kind."""

from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema import naming, rules
from generator.schema.serving import check_columns, check_conversion, check_scale, check_warning
from generator.schema.structure import check_structure
from generator.schema.violation import Violation, invalid, required, show

_NAMES: FieldPath = ("spec", "names")


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def check_crd(data: dict[str, Any]) -> Iterator[Violation]:
    """Every violation of one CRD (`apiextensions.k8s.io/v1`): names, versions, and the schema of each version."""
    spec, metadata = _mapping(data.get("spec")), _mapping(data.get("metadata"))
    names = _mapping(spec.get("names"))
    wanted = f"{names.get('plural')}.{spec.get('group')}"
    if isinstance(metadata.get("name"), str) and metadata["name"] != wanted:
        detail = f'must be spec.names.plural+"."+spec.group: {show(wanted)}'
        yield invalid(("metadata", "name"), metadata["name"], detail, rules.NOT_STRUCTURAL, f"name it {wanted}")
    group = spec.get("group")
    if group == "":
        yield required(("spec", "group"))
    if isinstance(group, str) and group:
        for complaint in naming.subdomain(group):
            yield invalid(("spec", "group"), group, complaint, rules.NOT_STRUCTURAL)
        if "." not in group:
            detail = "should be a domain with at least one dot"
            yield invalid(("spec", "group"), group, detail, rules.NOT_STRUCTURAL)
    yield from _names(names)
    if spec.get("scope") not in ("Namespaced", "Cluster", None):  # a list has no place in a set
        text = f'Unsupported value: {show(spec["scope"])}: supported values: "Cluster", "Namespaced"'
        yield Violation(("spec", "scope"), text, "", rules.UNSUPPORTED)
    if spec.get("preserveUnknownFields"):
        detail = "must be false"
        yield invalid(("spec", "preserveUnknownFields"), True, detail, rules.NOT_STRUCTURAL)
    yield from _versions(spec.get("versions"))
    yield from check_conversion(spec)


def _names(names: dict[str, Any]) -> Iterator[Violation]:
    for key in ("plural", "singular", "kind", "listKind"):
        name = names.get(key)
        if name == "" and key in {"plural", "kind"}:  # the other two follow from the kind
            yield required((*_NAMES, key))
        if not isinstance(name, str) or not name:
            continue
        mixed = key in {"kind", "listKind"}
        complaints = naming.dns1035_label(name.lower() if mixed else name)
        if complaints:
            lead = "may have mixed case, but should otherwise match: " if mixed else ""
            yield invalid((*_NAMES, key), name, lead + ",".join(complaints), rules.NOT_STRUCTURAL)
    for key in ("shortNames", "categories"):
        listed = names.get(key)
        for index, name in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(name, str) and (complaints := naming.dns1035_label(name)):
                yield invalid((*_NAMES, key, index), name, ",".join(complaints), rules.NOT_STRUCTURAL)
    if names.get("kind") and names.get("kind") == names.get("listKind"):
        detail = "kind and listKind may not be the same"
        yield invalid((*_NAMES, "listKind"), names["listKind"], detail, rules.NOT_STRUCTURAL)


def _versions(versions: Any) -> Iterator[Violation]:
    at: FieldPath = ("spec", "versions")
    listed = [_mapping(version) for version in versions] if isinstance(versions, list) else []
    found = [str(version.get("name")) for version in listed]
    if len(set(found)) < len(found):
        yield invalid(at, found, "must contain unique version names", rules.NOT_STRUCTURAL)
    stored = [name for name, version in zip(found, listed, strict=True) if version.get("storage") is True]
    if len(stored) != 1:
        detail = "must have exactly one version marked as storage version"
        yield invalid(at, stored, detail, rules.NOT_STRUCTURAL)
    for index, version in enumerate(listed):
        name = version.get("name")
        if isinstance(name, str):
            for complaint in naming.dns1035_label(name):
                yield invalid((*at, index, "name"), name, complaint, rules.NOT_STRUCTURAL)
        schema = _mapping(version.get("schema")).get("openAPIV3Schema")
        where = (*at, index, "schema", "openAPIV3Schema")
        if schema is None:
            yield required(where, "schemas are required", rules.NOT_STRUCTURAL)
        else:
            yield from check_structure(schema, where)
        yield from check_warning(version, (*at, index))
        yield from check_scale(version, (*at, index))
        yield from check_columns(version, (*at, index))
