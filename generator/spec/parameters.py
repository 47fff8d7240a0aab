"""Fields of the spec that Argo CD's users may set on an Application: announced from the schema, read into a layer.

What a parameter sets lies over the environment's overlay, and is checked as if it stood there. Lists of things with
names, what is delivered where, and waivers are no parameters: they belong to Git.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from generator.finding import Finding, Halt, did_you_mean
from generator.location import FieldPath, Span
from generator.source import Dialect, Document, parse_json, read_documents
from generator.spec import rules
from generator.spec.schema import spec_schema

VARIABLE = "ARGOCD_APP_PARAMETERS"
ENVIRONMENT = "environment"
_KEPT_IN_GIT = frozenset({"delivery", "include", "mergeKeys", "waivers", "namespaces", "clusterHas"})
_ITEMS = {"string": "string", "integer": "number", "boolean": "boolean"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, its place in the spec, what it means, and its types in Argo CD's words."""

    name: str
    path: FieldPath
    meaning: str
    item: str
    collection: str = "string"
    default: Any = None

    def announcement(self, value: Any) -> dict[str, Any]:
        """In the form Argo CD's user interface reads, with a value, where one holds."""
        about: dict[str, Any] = {
            "name": self.name,
            "title": self.name,
            "tooltip": self.meaning,
            "itemType": self.item,
            "collectionType": self.collection,
        }
        match self.collection:
            case "array" if value:
                about["array"] = [_text(entry) for entry in value]
            case "map" if value:
                about["map"] = {str(key): _text(entry) for key, entry in value.items()}
            case "string" if value is not None:
                about["string"] = _text(value)
        return about


@dataclass(frozen=True, slots=True)
class Given:
    """What an Application gives: the environment, empty where it names none, and the layer its parameters make."""

    environment: str = ""
    layer: Document | None = None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@cache
def parameters() -> Mapping[str, Parameter]:
    """Every parameter but the environment, by name, in the order of the schema."""
    platform = spec_schema()["$defs"]["platform"]["properties"]
    found = [*_below(platform["spec"], ("spec",))]
    found += [entry for entry in _below(platform["metadata"], ("metadata",)) if entry.collection == "map"]
    return {parameter.name: parameter for parameter in found}


def _below(node: Mapping[str, Any], path: FieldPath) -> Iterator[Parameter]:
    for name, given in _resolved(node).get("properties", {}).items():
        if name in _KEPT_IN_GIT:
            continue
        child = {**_resolved(given), **given}
        parameter = _parameter(child, (*path, name))
        if parameter is not None:
            yield parameter
        elif "object" in _types(child):
            yield from _below(child, (*path, name))


def _parameter(node: Mapping[str, Any], path: FieldPath) -> Parameter | None:
    """The parameter of a field that holds one value, a list of plain values, or a map of texts."""
    types = _types(node)
    name = ".".join(str(part) for part in (path[1:] if path[0] == "spec" else path))
    meaning = str(node.get("description", ""))
    if allowed := node.get("enum"):
        meaning += f" One of {', '.join(map(str, allowed))}."
    default = node.get("default")
    if "array" in types:
        item = next((_ITEMS[t] for t in _types(_resolved(node.get("items", {}))) if t in _ITEMS), None)
        return Parameter(name, path, meaning, item, "array", default) if item else None
    more = node.get("additionalProperties")
    if "object" in types and isinstance(more, dict) and not node.get("properties"):
        item = next((_ITEMS[t] for t in _types(_resolved(more)) if t in _ITEMS), None)
        return Parameter(name, path, meaning, item, "map", default) if item else None
    item = next((_ITEMS[t] for t in types if t in _ITEMS), None)
    return Parameter(name, path, meaning, item, default=default) if item else None


def _resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        node = spec_schema()["$defs"][str(node["$ref"]).rpartition("/")[2]]
    return node


def _types(node: Mapping[str, Any]) -> Sequence[str]:
    found = node.get("type", "string" if "enum" in node else ())
    return [found] if isinstance(found, str) else list(found)


def announcements(names: Sequence[str], asked: str, specs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """All parameters in Argo CD's form, the environment first.

    `names` are the environments there are, `asked` the one that is asked for already; `specs` the merged specs a value
    is read from: it is shown where all of them agree.
    """
    chosen = asked if asked in names else names[0] if len(names) == 1 else ""
    environment = {
        "name": ENVIRONMENT,
        "title": "Environment",
        "tooltip": f"Which environment to render: {', '.join(names)}",
        "required": len(names) > 1,
        "itemType": "string",
        "collectionType": "string",
        **({"string": chosen} if chosen else {}),
    }
    return [environment, *(_announcement(parameter, specs) for parameter in parameters().values())]


def _announcement(parameter: Parameter, specs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found = [_value(data, parameter.path) for data in specs]
    found = [parameter.default if value is None else value for value in found]
    return parameter.announcement(found[0] if all(value == found[0] for value in found) else None)


def _value(data: Any, path: FieldPath) -> Any:
    for part in path:
        data = data.get(part) if isinstance(data, Mapping) else None
    return data


def read_given(text: str) -> Given:
    """What the variable holds, Argo CD's JSON list. Raises Halt for what is no parameter, or not of its form.

    A parameter that is given twice counts as it was given last, as Argo CD appends.
    """
    if not text.strip():
        return Given()
    try:
        entries = parse_json(text)
    except ValueError as error:
        raise Halt([_finding(f"{VARIABLE} is no JSON: {error}", "")]) from None
    environment = ""
    layer: dict[str, Any] = {}
    findings: list[Finding] = []
    if entries is None:  # what Argo CD writes for an Application without parameters
        return Given()
    for entry in entries if isinstance(entries, list) else [entries]:
        name = entry.get("name") if isinstance(entry, dict) else None
        if name == ENVIRONMENT:
            environment = str(entry.get("string") or "")
        elif not isinstance(name, str) or name not in parameters():
            known = (ENVIRONMENT, *parameters())
            near = did_you_mean(str(name), known) or "`qatgen argocd parameters` lists them"
            findings.append(_finding(f'there is no parameter "{name}"', near))
        elif (form := parameters()[name].collection) not in entry:
            hint = f"write `{{name: {name}, {form}: …}}`"
            findings.append(_finding(f'parameter "{name}" gives no {form}', hint))
        else:
            _put(layer, parameters()[name].path, _converted(entry[form], parameters()[name]))
    if findings:
        raise Halt(findings)
    return Given(environment, _document(layer) if layer else None)


def _converted(value: Any, parameter: Parameter) -> Any:
    """A value of Argo CD's, which is text, as the schema has it; what is not of its form is left to the schema."""
    if isinstance(value, list):
        return [_converted(entry, parameter) for entry in value]
    if isinstance(value, dict):
        return {key: _converted(entry, parameter) for key, entry in value.items()}
    if parameter.item != "string" and isinstance(value, str):
        try:
            return parse_json(value)
        except ValueError:
            return value
    return value


def _put(layer: dict[str, Any], path: FieldPath, value: Any) -> None:
    *parents, last = path
    for part in parents:
        layer = layer.setdefault(str(part), {})
    layer[str(last)] = value


def _document(layer: Mapping[str, Any]) -> Document:
    text = json.dumps(layer, ensure_ascii=False, indent=1)
    return read_documents(text, VARIABLE, Dialect.STRICT)[0]


def _finding(message: str, hint: str) -> Finding:
    return Finding(rule=rules.PARAMETER, message=message, at=Span(VARIABLE), hint=hint)
