"""Add QAT devices to the CRDs and the OpenAPI document of a KubeVirt build that carries them."""

from dataclasses import dataclass
from typing import Any

from generator.finding import Finding, Severity, has_errors
from generator.location import FieldPath, Span, format_path
from generator.schema import rules

# The text, the required fields and the property names are those of the founding note; `type: object` is the
# implementation's (a structural schema needs it).
_QATS_TEXT = "Whether to assign a QAT vf device to the vmi.\n+optional"
_NAME_TEXT = "Name of the QAT device as exposed by a device plugin"

EXTENDED = frozenset(
    {
        ("kubevirt.io", "VirtualMachineInstance"),
        ("kubevirt.io", "VirtualMachine"),
        ("kubevirt.io", "VirtualMachineInstanceReplicaSet"),
        ("kubevirt.io", "VirtualMachineInstancePreset"),
        ("pool.kubevirt.io", "VirtualMachinePool"),
        ("snapshot.kubevirt.io", "VirtualMachineSnapshotContent"),
    }
)
"""Group and kind of the CRDs that embed the devices of a machine."""


def qat_definition() -> dict[str, Any]:
    """The definition `v1.QAT`: one QAT device of a machine."""
    return {
        "type": "object",
        "required": ["name", "deviceName"],
        "properties": {
            "deviceName": {"type": "string"},
            "name": {"description": _NAME_TEXT, "type": "string"},
        },
    }


def qats_property() -> dict[str, Any]:
    """The property `qats` as a structural schema has it: its items written out."""
    return {"description": _QATS_TEXT, "type": "array", "items": qat_definition()}


def swagger_fragment() -> dict[str, Any]:
    """What to merge into an OpenAPI v2 document: the definition `v1.QAT` and the property `v1.Devices.qats`."""
    reference = {"$ref": "#/definitions/v1.QAT"}
    qats = {"description": _QATS_TEXT, "type": "array", "items": reference}
    return {
        "definitions": {
            "v1.Devices": {"type": "object", "properties": {"qats": qats}},
            "v1.QAT": qat_definition(),
        }
    }


@dataclass(frozen=True, slots=True)
class Extended:
    """A CRD with `qats`, where it was added (`spec.versions[…]…`), and what was found on the way.

    `added` is empty for a CRD that carried them already, and for one that is none of ours or cannot take them: then
    `crd` is the one that was given.
    """

    crd: dict[str, Any]
    added: tuple[FieldPath, ...]
    findings: tuple[Finding, ...]


def extend_crd(crd: dict[str, Any], at: Span) -> Extended:
    """Add `qats` beside every `hostDevices` of the devices of a machine, in every served version of one CRD.

    What is given is not changed. `at` is the CRD's place for findings.
    """
    spec = _mapping(crd.get("spec"))
    group, kind = spec.get("group"), _mapping(spec.get("names")).get("kind")
    subject = f"CustomResourceDefinition {_mapping(crd.get('metadata')).get('name', '')}"
    if crd.get("kind") != "CustomResourceDefinition" or (str(group), str(kind)) not in EXTENDED:
        text = f"{kind or crd.get('kind')} of {group or 'no group'} does not embed a machine's devices: left as it is"
        return Extended(crd, (), (Finding(rule=rules.NOT_EXTENDED, message=text, at=at, subject=subject),))
    findings: list[Finding] = []
    added: list[FieldPath] = []
    for index, raw in enumerate(spec.get("versions") or []):
        version = _mapping(raw)
        if not version.get("served", True):
            continue
        base: FieldPath = ("spec", "versions", index, "schema", "openAPIV3Schema")
        places = _device_schemas(_mapping(version.get("schema")).get("openAPIV3Schema"), base)
        if not places:
            findings.append(_nowhere(str(version.get("name")), base, at, subject))
        for path, devices in places:
            where = (*path, "properties", "qats")
            present = devices["properties"].get("qats")
            if present is None:
                added.append(where)
            elif _bare(present) != _bare(qats_property()):
                findings.append(_conflict(where, present, at, subject))
    if has_errors(findings):
        return Extended(crd, (), tuple(findings))
    for where in added:
        crd = _with(crd, where, qats_property())
    return Extended(crd, tuple(added), tuple(findings))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _nowhere(version: str, path: FieldPath, at: Span, subject: str) -> Finding:
    return Finding(
        rule=rules.NOT_EXTENDED,
        message=f"version {version} has no devices with hostDevices: nothing to put qats beside",
        at=at,
        hint="start from the CRD of a KubeVirt release with a structural schema (0.35 or newer)",
        subject=subject,
        path=path,
        severity=Severity.WARNING,
    )


def _conflict(path: FieldPath, present: Any, at: Span, subject: str) -> Finding:
    shown = _bare(present)
    return Finding(
        rule=rules.QATS_CONFLICT,
        message=f"{format_path(path)} is already there and is not the array of v1.QAT: {shown}",
        at=at,
        hint="remove it, or start from the CRD as KubeVirt ships it",
        subject=subject,
        path=path,
    )


def _device_schemas(schema: Any, path: FieldPath) -> list[tuple[FieldPath, dict[str, Any]]]:
    """Every schema of a field `devices` that has `hostDevices`, in the order of the document."""
    found: list[tuple[FieldPath, dict[str, Any]]] = []
    if not isinstance(schema, dict):
        return found
    properties = schema.get("properties")
    for name, child in properties.items() if isinstance(properties, dict) else ():
        at = (*path, "properties", name)
        fields = child.get("properties") if isinstance(child, dict) else None
        if name == "devices" and isinstance(fields, dict) and "hostDevices" in fields:
            found.append((at, child))
        found.extend(_device_schemas(child, at))
    for key in ("items", "additionalProperties"):
        found.extend(_device_schemas(schema.get(key), (*path, key)))
    return found


def _bare(schema: Any) -> Any:
    """A schema without its prose, and without orders that mean nothing."""
    if isinstance(schema, dict):
        kept = {key: _bare(value) for key, value in schema.items() if key not in {"description", "title"}}
        if isinstance(kept.get("required"), list):
            kept["required"] = sorted(kept["required"], key=str)
        if kept.get("x-kubernetes-list-type") == "atomic":
            del kept["x-kubernetes-list-type"]  # what a list is anyway
        return kept
    return [_bare(item) for item in schema] if isinstance(schema, list) else schema


def _with(value: Any, path: FieldPath, new: Any) -> Any:
    """A copy of data with one value set; what is not on the way is shared. Mapping keys come in order."""
    if not path:
        return new
    head, rest = path[0], path[1:]
    if isinstance(value, list):
        assert isinstance(head, int)
        return [_with(item, rest, new) if index == head else item for index, item in enumerate(value)]
    if head in value:
        return {key: _with(item, rest, new) if key == head else item for key, item in value.items()}
    pairs = [*value.items(), (head, _with({}, rest, new))]
    ordered = list(value) == sorted(value)
    return dict(sorted(pairs) if ordered else pairs)
