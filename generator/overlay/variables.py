"""Variables (`vars`, the old way): `$(NAME)` in known fields, with the value of a field of an object."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.finding import did_you_mean
from generator.overlay import rules
from generator.overlay.configuration import Specs
from generator.overlay.fieldspec import apply, matches
from generator.overlay.paths import PathError, lookup, split_path
from generator.overlay.refusal import RefusalError
from generator.overlay.resmap import ResMap
from generator.overlay.resource import CLUSTER, Gvk, Resource, scalar_text

_REFERENCE = re.compile(r"\$\$|\$\(([^)]*)\)")
_INDEXED = re.compile(r"(.*)\[(\d+)\]\Z")


@dataclass(frozen=True, slots=True)
class Variable:
    """A name, and the field of the object that is its value."""

    name: str
    gvk: Gvk
    object_name: str
    namespace: str
    field_path: str


def read_variable(entry: Mapping[str, Any]) -> Variable:
    """A variable from data. Raises RefusalError."""
    name, reference = entry.get("name"), entry.get("objref") or {}
    required = {"name": name, "objref.kind": reference.get("kind"), "objref.name": reference.get("name")}
    missing = [key for key, value in required.items() if not value]
    if missing:
        which = f'the variable "{name}"' if name else "a variable"
        raise RefusalError(rules.VARIABLE, f"{which} has no {' and no '.join(missing)}", f"write `{missing[0]}`")
    group, slash, version = scalar_text(reference.get("apiVersion")).partition("/")
    gvk = Gvk(group if slash else "", version if slash else group, reference["kind"])
    field = entry.get("fieldref") or {}
    path = field.get("fieldpath") or field.get("fieldPath") or "metadata.name"
    return Variable(str(name), gvk, reference["name"], scalar_text(reference.get("namespace")), str(path))


def bind(variables: Sequence[Variable], objects: ResMap) -> None:
    """Note every variable at the object it names. Raises RefusalError where several match."""
    for variable in variables:
        found = [resource for resource in objects if not resource.gone and _meant(variable, resource)]
        if len(found) > 1:
            known = ", ".join(str(one.id) for one in found)
            what = f'{len(found)} objects match the objref of variable "{variable.name}": {known}'
            raise RefusalError(rules.VARIABLE, what, "write `namespace:` in its objref")
        if found:
            found[0].variables.append(variable.name)


def _meant(variable: Variable, resource: Resource) -> bool:
    cluster = resource.scope(variable.gvk)
    for one in (resource.id, *resource.previous_ids):
        if one.name != variable.object_name or one.gvk != variable.gvk:
            continue
        if not variable.namespace and not cluster:
            return True
        if one.namespace == (CLUSTER if cluster else variable.namespace):
            return True
    return False


def resolve_variables(objects: ResMap, variables: Sequence[Variable], specs: Specs) -> None:
    """Write values for references. Raises RefusalError for a variable without a value."""
    if not variables:
        return
    found = {variable.name: _value(variable, objects) for variable in variables}
    # A mapping or a list does not go into a text: kustomize leaves the reference as it is.
    values = {name: value for name, value in found.items() if not isinstance(value, dict | list)}

    def put(container: Any, key: Any) -> None:
        value = container[key]
        if isinstance(value, str):
            container[key] = expand(value, values)
        elif isinstance(value, dict):
            for name, item in value.items():
                if isinstance(item, str):
                    value[name] = expand(item, values)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, str):
                    value[index] = expand(item, values)

    for resource in objects:
        gvk = resource.gvk
        for spec in specs:
            if matches(spec, gvk):
                apply(resource.body, spec.parts, put, create=False, blank=None)


def _value(variable: Variable, objects: ResMap) -> Any:
    bound = [resource for resource in objects if variable.name in resource.variables]
    for resource in bound:
        found = _at(resource, variable)
        if found is not None:
            return found
    if bound:
        what = f'variable "{variable.name}": {bound[0].id} has no field "{variable.field_path}"'
        raise RefusalError(rules.VARIABLE, what, "correct `fieldref.fieldpath`")
    api_version = f" ({variable.gvk.api_version})" if variable.gvk.api_version else ""
    what = f'variable "{variable.name}": no object is the {variable.gvk.kind} {variable.object_name}{api_version}'
    near = did_you_mean(variable.object_name, [one.name for one in objects if one.kind == variable.gvk.kind])
    raise RefusalError(rules.VARIABLE, what, near or "correct its objref: apiVersion, kind, name and namespace")


def _at(resource: Resource, variable: Variable) -> Any:
    """The value of the variable's field; None where the object has none. `a[0]` is the same as `a.0` here."""
    parts: list[str] = []
    for part in split_path(variable.field_path):
        found = _INDEXED.match(part)
        parts += [one for one in (found[1], found[2]) if one] if found else [part]
    try:
        return lookup(resource.body, parts)
    except PathError:
        return None


def expand(text: str, values: Mapping[str, Any]) -> Any:
    """A text with `$(NAME)` replaced; one that is a reference and nothing else gives the value as it is."""
    whole = _REFERENCE.fullmatch(text)
    if whole is not None and whole[1] in values:
        return values[whole[1]]

    def one(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        return scalar_text(values[found[1]]) if found[1] in values else found[0]

    return _REFERENCE.sub(one, text)


def merge_variables(known: Sequence[Variable], new: Sequence[Variable]) -> list[Variable]:
    """Both lists. Raises RefusalError for a name that is taken."""
    names = {variable.name for variable in known}
    out = list(known)
    for variable in new:
        if variable.name in names:
            what = f'variable "{variable.name}" is defined twice'
            raise RefusalError(rules.VARIABLE, what, "rename one of the two")
        names.add(variable.name)
        out.append(variable)
    return out
