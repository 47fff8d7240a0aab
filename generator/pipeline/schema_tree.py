"""What rendered/schema/ holds under assignment `qats`: the founding note's API, for builds that carry it."""

import json
from collections.abc import Mapping
from typing import Any

from generator.schema.extend import EXTENDED, qats_property, swagger_fragment

# Where each CRD embeds a machine's devices (domain facts 5.1).
_INSTANCE = "spec.domain.devices"
_TEMPLATE = f"spec.template.{_INSTANCE}"
_PATHS = {
    "VirtualMachineInstance": _INSTANCE,
    "VirtualMachineInstancePreset": _INSTANCE,
    "VirtualMachine": _TEMPLATE,
    "VirtualMachineInstanceReplicaSet": _TEMPLATE,
    "VirtualMachinePool": f"spec.virtualMachineTemplate.{_TEMPLATE}",
    "VirtualMachineSnapshotContent": f"spec.source.virtualMachine.{_TEMPLATE}",
}


def schema_files() -> Mapping[str, str]:
    """File name to text: the swagger fragment, and the property with the place it takes in each CRD."""
    extension = {
        "property": "qats",
        "schema": qats_property(),
        "places": [{"group": group, "kind": kind, "path": f"{_PATHS[kind]}.qats"} for group, kind in sorted(EXTENDED)],
    }
    return {"swagger.json": _json(swagger_fragment()), "crd-extension.json": _json(extension)}


def _json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
