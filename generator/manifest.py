"""Manifests: Kubernetes objects as plain data, and what identifies them."""

from dataclasses import dataclass, field
from typing import Any

from generator.location import FieldPath


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """What makes an object one object to the API server; `version` is not part of that, but is kept."""

    group: str
    kind: str
    namespace: str
    name: str
    version: str = field(default="", compare=False)

    @property
    def api_version(self) -> str:
        """`group/version`, or the bare version of the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        name = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {name}".strip()


def identify(data: dict[str, Any]) -> Identity:
    """Read an object's identity; absent or odd fields become empty strings (a schema's business, not ours)."""
    api_version = data.get("apiVersion")
    group, _, version = api_version.rpartition("/") if isinstance(api_version, str) else ("", "", "")
    raw = data.get("metadata")
    metadata = raw if isinstance(raw, dict) else {}

    def text(value: object) -> str:
        return value if isinstance(value, str) else ""

    return Identity(
        group=group,
        version=version,
        kind=text(data.get("kind")),
        namespace=text(metadata.get("namespace")),
        name=text(metadata.get("name")),
    )


@dataclass(frozen=True, slots=True)
class Manifest:
    """One rendered object: its data and where it comes from.

    `template` is the template's name; `item` is the place in the merged spec that the object was rendered for;
    `overlays` are the files of a kustomization that changed or brought it, relative to the spec's folder.
    """

    identity: Identity
    data: dict[str, Any]
    template: str = ""
    item: FieldPath = ()
    overlays: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The file that a person edits to change the object: the last overlay of it, else its template."""
        return self.overlays[-1] if self.overlays else f"templates/{self.template}"
