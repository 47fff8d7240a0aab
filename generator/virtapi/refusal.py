"""One thing KubeVirt refused in a machine: the cause, the field, and what people call the thing it belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.location import FieldPath, format_path
from generator.virtapi.cluster import get
from generator.virtapi.verdict import Cause

Object = Mapping[str, Any]

THINGS: Mapping[str, str] = {
    "accessCredentials": "access credential",
    "dataVolumeTemplates": "DataVolume template",
    "disks": "disk",
    "filesystems": "filesystem",
    "gpus": "GPU",
    "hostDevices": "host device",
    "inputs": "input device",
    "interfaces": "interface",
    "networks": "network",
    "ports": "port",
    "resourceClaims": "resource claim",
    "tolerations": "toleration",
    "topologySpreadConstraints": "spread constraint",
    "volumes": "volume",
}
"""What an item of a list is called, by the list."""
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence about the value; a hint and a path where they are better than those of the topic and the cause.

    `names_alone`: it is not a sentence, but the name of the thing and its value.
    """

    sentence: str
    hint: str = ""
    path: FieldPath | None = None
    names_alone: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """One thing KubeVirt refused in an object: the cause, and the field of the object that it is about.

    `instance` is where the spec of the machine is in the object.
    """

    machine: Object
    instance: FieldPath
    cause: Cause
    path: FieldPath

    @property
    def spec(self) -> Object:
        """The spec of the machine; an empty one where there is none."""
        found = self.at(self.instance)
        return found if isinstance(found, Mapping) else {}

    @property
    def value(self) -> Any:
        """The value of the field."""
        return self.at(self.path)

    def at(self, path: FieldPath) -> Any:
        """The value at a path of the object; None where there is none."""
        found: Any = self.machine
        for part in path:
            try:
                found = found[part]
            except (LookupError, TypeError):
                return None
        return found

    def items(self, *path: str) -> list[Object]:
        """The mappings of a list in the spec of the machine."""
        found = get(self.spec, *path)
        return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []

    def below(self, *parts: str | int) -> FieldPath:
        """A path of the object, of one in the spec of the machine."""
        return (*self.instance, *parts)

    @property
    def thing(self) -> str:
        """The named part of the machine that the field belongs to: `disk "root"`; empty for the machine itself."""
        return self._thing()[0]

    @property
    def field(self) -> str:
        """The field, as a person would write it below the thing."""
        return format_path(self._thing()[1])

    def _thing(self) -> tuple[str, FieldPath]:
        for length in range(len(self.path), 1, -1):
            index, key = self.path[length - 1], self.path[length - 2]
            if isinstance(index, int) and key in THINGS:
                item = self.at(self.path[:length])
                name = get(item, "name") or get(item, "metadata", "name") if isinstance(item, Mapping) else None
                return f"{THINGS[str(key)]} {shown(name) if name else index + 1}", self.path[length:]
        rest = self.path[len(self.instance) :] if self.path[: len(self.instance)] == self.instance else self.path
        while rest[:1] in (("spec",), ("domain",), ("devices",)) and len(rest) > 1:
            rest = rest[1:]
        return "", rest


def shown(value: Any) -> str:
    """A value as a sentence has it: text in quotes, long text cut, mappings and lists by their size."""
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= _LONGEST else f'"{value[:_LONGEST]}…"'
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f"{len(value)} items" if isinstance(value, list) else str(value)
