"""Make `generator/virtapi/data/types.json`: `python -m tests.support.kubevirt_types.table VERSION=TYPES=MODULE …`.

VERSION is KubeVirt's (`1.9`), TYPES the output of main.go for it, MODULE the folder of the module kubevirt.io/kubevirt,
whose `api/openapi-spec/swagger.json` and CRD schemas are read; the newest version comes first. A field is one text:
its Go type, then what JSON, KubeVirt's OpenAPI schema and the CRD say of it (generator/virtapi/shapes.py reads it).
"""

import itertools
import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

_CRDS = "pkg/virt-operator/resource/generate/components/validations_generated.go"
_KINDS = {
    "virtualmachineinstance": "VirtualMachineInstance",
    "virtualmachine": "VirtualMachine",
    "virtualmachineinstancereplicaset": "VirtualMachineInstanceReplicaSet",
    "virtualmachinepool": "pool.VirtualMachinePool",
}
_OPENAPI = {
    "string": ("string", None),
    "bool": ("boolean", None),
    "int": ("integer", "int32"),
    "int32": ("integer", "int32"),
    "int64": ("integer", "int64"),
    "uint": ("integer", "int32"),
    "uint32": ("integer", "int64"),
    "uint64": ("integer", "int64"),
    "Time": ("string", "date-time"),
    "IntOrString": ("string", "int-or-string"),
    "Quantity": ("string,integer,number", None),
}

Table = dict[str, dict[str, str]]


def _expected(shape: str) -> tuple[str, str | None]:
    bare = shape.lstrip("*")
    if bare.startswith("[]"):
        return "array", None
    return _OPENAPI.get(bare, ("object", None))


class _Swagger:
    """KubeVirt's OpenAPI definitions by the names of main.go."""

    def __init__(self, module: Path) -> None:
        document = json.loads((module / "api/openapi-spec/swagger.json").read_text(encoding="utf-8"))
        self.definitions: dict[str, Any] = document["definitions"]

    def of(self, name: str) -> dict[str, Any]:
        group, _, short = name.rpartition(".")
        prefixes = {
            "": ("v1.",),
            "pool": ("v1beta1.",),
            "core": ("k8s.io.api.core.v1.", "v1beta1."),
            "meta": ("k8s.io.apimachinery.pkg.apis.meta.v1.",),
            "backup": ("v1alpha1.",),
        }[group]
        found = [self.definitions[p + short] for p in prefixes if p + short in self.definitions]
        return found[0] if found else {}

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        parts = schema.get("allOf") or ([schema] if "$ref" in schema else [])
        return self.definitions[parts[0]["$ref"].rpartition("/")[2]] if parts else schema


def _openapi_words(swagger: _Swagger, definition: dict[str, Any], field: dict[str, Any]) -> list[str]:
    name = field["name"]
    schema = definition.get("properties", {}).get(name)
    if schema is None:
        return []
    words = []
    target = swagger.resolved(schema)
    kinds = target.get("type")
    kind = ",".join(kinds) if isinstance(kinds, list) else kinds
    if (kind, target.get("format")) != _expected(field["type"]):
        words.append(f"as={kind}")
    if target.get("enum"):
        words.append("enum=" + "|".join(target["enum"]))
    if target.get("nullable"):
        words.append("nullable")
    # A reference is expanded without what stands beside it, so a default there does not count.
    if name in definition.get("required", ()) and ("default" not in schema or "$ref" in schema):
        words.append(f"required={definition['required'].index(name)}")
    items = schema.get("items")
    if items and items.get("enum"):
        words.append("items=" + "|".join(items["enum"]))
    return words


def _crd_words(
    module: Path, kind: str, root: str, types: dict[str, Any], found: dict[tuple[str, str], list[str]]
) -> None:
    source = (module / _CRDS).read_text(encoding="utf-8")
    match = re.search(rf'"{kind}": `(.*?)`,\n', source, re.DOTALL)
    assert match, kind
    # The API server's own schema: constraints that KubeVirt's OpenAPI schema does not have.
    schema = yaml.load(match[1].replace('` + "`" + `', "`"), Loader=yaml.CSafeLoader)["openAPIV3Schema"]

    def walk(shape: str, schema: dict[str, Any]) -> None:
        bare = shape.lstrip("*")
        if bare.startswith("[]"):
            walk(bare[2:], schema["items"])
        elif bare.startswith("{}"):
            walk(bare[2:], schema["additionalProperties"])
        elif bare in types and bare != "meta.ObjectMeta":
            for field in types[bare]:
                below = schema["properties"][field["name"]]
                words = []
                if below.get("x-kubernetes-preserve-unknown-fields"):
                    words.append("open")
                if "enum" in below:
                    words.append("crd=" + "|".join(below["enum"]))
                if "maxItems" in below:
                    words.append(f"max={below['maxItems']}")
                if "maxLength" in below:
                    words.append(f"long={below['maxLength']}")
                if "minimum" in below:
                    words.append(f"least={below['minimum']}")
                if below.get("nullable"):
                    words.append("null")
                found[bare, field["name"]] = words
                walk(field["type"], below)

    walk(root, schema)


def table(types_file: Path, module: Path) -> Table:
    """Every type's fields as texts."""
    types = {name: fields or [] for name, fields in json.loads(types_file.read_text(encoding="utf-8")).items()}
    swagger = _Swagger(module)
    crd: dict[tuple[str, str], list[str]] = {}
    for kind, root in _KINDS.items():
        _crd_words(module, kind, root, types, crd)
    made: Table = {}
    for name, fields in types.items():
        definition = swagger.of(name)
        made[name] = {}
        for field in fields:
            words = [field["type"]]
            words += ["omit"] if field.get("omit") else []
            words += ["via=" + ".".join(field["via"])] if field.get("via") else []
            words += _openapi_words(swagger, definition, field)
            words += crd.get((name, field["name"]), [])
            made[name][field["name"]] = " ".join(words)
    return made


def differences(newer: Table, older: Table) -> dict[str, dict[str, str | None]]:
    """What the older version says otherwise; None for a field it does not have."""
    found: dict[str, dict[str, str | None]] = {}
    for name in sorted({*newer, *older}):
        new, old = newer.get(name, {}), older.get(name, {})
        changed = {key: old.get(key) for key in sorted({*new, *old}) if new.get(key) != old.get(key)}
        if changed and name in older:
            found[name] = changed
    return found


def main() -> None:
    """Print the table."""
    rows = [argument.split("=") for argument in sys.argv[1:]]
    tables = [(version, table(Path(types), Path(module))) for version, types, module in rows]
    _, newest = tables[0]
    # One type a line, so that a change reads as a change.
    lines = [f"    {json.dumps(name)}: {json.dumps(fields)}" for name, fields in sorted(newest.items())]
    older = []
    for (_, newer), (version, old) in itertools.pairwise(tables):
        changes = [f"      {json.dumps(k)}: {json.dumps(v)}" for k, v in differences(newer, old).items()]
        older.append(f"    {json.dumps(version)}: " + _block(changes, "    "))
    parts = ['  "types": ' + _block(lines, "  "), '  "older": ' + _block(older, "  ")]
    print(_block(parts, ""))


def _block(lines: list[str], indent: str) -> str:
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


if __name__ == "__main__":
    main()
