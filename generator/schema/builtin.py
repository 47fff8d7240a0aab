"""Built-in kinds: structural schemas made on demand from the OpenAPI data that kubernetes-validate carries."""

import json
import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from generator.schema import naming
from generator.schema.kinds import check_kind
from generator.schema.objectmeta import FIELDS, NameCheck
from generator.schema.prepare import Schema
from generator.schema.structural import Validator

_REFERENCE = re.compile(r"#/\$defs/(.+)$")
_ANY: Schema = {"x-kubernetes-preserve-unknown-fields": True}
_OPEN: Schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_EXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions."
# What the OpenAPI document says of these is less than what the decoder asks for.
_SPECIAL: dict[str, Schema] = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"x-quantity": True},
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {
        "x-kubernetes-int-or-string": True,
        "minimum": -(2**31),
        "maximum": 2**31 - 1,
    },
    "io.k8s.apimachinery.pkg.runtime.RawExtension": _OPEN,
    f"{_META}Time": {"type": "string", "x-form": "time"},
    f"{_META}MicroTime": {"type": "string", "x-form": "time"},
    f"{_META}FieldsV1": _OPEN,
    f"{_META}ObjectMeta": {
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": True,
        "x-object-meta": True,
        "properties": dict.fromkeys(sorted(FIELDS), _ANY),
    },
}
# Lists whose entries may repeat when an object is created, but not when it is applied by the server.
_TOLERATED = frozenset({"env", "imagePullSecrets", "hostAliases", "secrets", "ports", "variables"})
_TOLERATED_SETS = frozenset({"values"})
_TOLERATED_PORTS = "containerPort"
_DEFAULTED_KEYS = {"protocol": "TCP"}
_EMPTY_IS_VALID = ("CSIDriverSpec", "DeviceClassSpec", "ResourceClaimSpec", "ResourceClaimTemplateSpec")
"""Required structs that the decoder makes where they are absent, and that ask for nothing."""
_CORE = "io.k8s.api.core.v1."
_OPTIONAL: dict[str, tuple[str, ...]] = {
    f"{_CORE}Sysctl": ("value",),
    f"{_CORE}HTTPHeader": ("value",),
    f"{_CORE}SleepAction": ("seconds",),
    f"{_CORE}PreferredSchedulingTerm": ("preference",),
    f"{_CORE}LimitRangeSpec": ("limits",),
    f"{_CORE}ISCSIVolumeSource": ("lun",),
    f"{_CORE}ScaleIOVolumeSource": ("secretRef",),
    "io.k8s.api.batch.v1.PodFailurePolicy": ("rules",),
    f"{_EXTENSIONS}v1.CustomResourceDefinitionVersion": ("served", "storage"),
}
"""Fields that the document requires, though the server accepts objects without them."""
_MERGE_KEYS = frozenset({"name", "mountPath", "devicePath"})
_KEPT = ("required", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")

_PATH_NAMED = frozenset(
    {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "APIService", "IPAddress", "PodDisruptionBudget"}
)
_STATEFUL_LABEL_SINCE = 27
"""The minor version since which the name of a StatefulSet, which its pods' hosts begin with, is a label."""
# The API has no list of them offline: kinds that live in no namespace.
CLUSTER_KINDS = frozenset(
    {
        *("APIService", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding", "ClusterTrustBundle"),
        *("ComponentStatus", "CSIDriver", "CSINode", "CustomResourceDefinition", "DeviceClass", "DeviceTaintRule"),
        *("ClusterCIDR", "FlowSchema", "IPAddress", "IngressClass", "MutatingAdmissionPolicy"),
        *("MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration", "Namespace", "Node", "PersistentVolume"),
        *("PriorityClass", "PriorityLevelConfiguration", "ResourceClass", "ResourceSlice", "RuntimeClass"),
        *("SelfSubjectAccessReview", "SelfSubjectReview", "SelfSubjectRulesReview", "ServiceCIDR", "StorageClass"),
        *("StorageVersion", "StorageVersionMigration", "SubjectAccessReview", "TokenReview"),
        *("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration"),
        *("VolumeAttachment", "VolumeAttributesClass", "ResourcePoolStatusRequest"),
    }
)


class _Ref(NamedTuple):
    """A definition that nobody has looked at yet."""

    name: str


class _Lazy(dict[str, Any]):
    """A part of a schema that fetches the definitions it refers to when they are looked at."""

    __slots__ = ("_definitions",)

    def __init__(self, definitions: "_Definitions", pairs: dict[str, Any]) -> None:
        super().__init__(pairs)
        self._definitions = definitions

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        if type(value) is _Ref:
            value = self[key] = self._definitions.schema(value.name)
        return value

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if key in self else default  # noqa: SIM401 - get() of a dict does not fetch

    def items(self) -> Any:
        for key in self:
            self[key]
        return super().items()

    def values(self) -> Any:
        self.items()
        return super().values()


@dataclass(slots=True)
class _Definitions:
    """All definitions of one Kubernetes version, found in the text of the file and parsed one by one."""

    folder: Path
    _raw: bytes = b""
    _schemas: dict[str, Schema] = field(default_factory=dict)

    def schema(self, name: str) -> Schema:
        found = self._schemas.get(name)
        if found is None:
            special = _SPECIAL.get(name)
            if special is None and name.startswith(_EXTENSIONS) and ".JSON" in name and not name.endswith("Props"):
                special = _ANY
            found = special or self._with_optional(name, self.convert(self._definition(name)))
            self._schemas[name] = found
        return found

    def _with_optional(self, name: str, schema: Schema) -> Schema:
        """A schema with the fields that may be absent although the document requires them (`x-optional`, ours).

        They stay among the required ones: the server writes them even where they are empty.
        """
        if name in _OPTIONAL:
            schema["x-optional"] = list(_OPTIONAL[name])
        return schema

    def _definition(self, name: str) -> dict[str, Any]:
        if not self._raw:
            self._raw = (self.folder / "_definitions.json").read_bytes()
        head = f'\n    "{name}": '.encode()
        start = self._raw.find(head)
        end = self._raw.find(b"\n    }", start)
        if start < 0 or end < 0:  # laid out otherwise than this was written for
            whole = json.loads(self._raw)["$defs"].get(name)
            return whole if isinstance(whole, dict) else {}
        parsed: dict[str, Any] = json.loads(self._raw[start + len(head) : end + len(b"\n    }")])
        return parsed

    def convert(self, raw: dict[str, Any], name: str = "") -> Any:
        """One JSON Schema as a structural schema; a bare reference becomes a `_Ref`."""
        if match := _REFERENCE.search(raw.get("$ref", "")):
            return _Ref(match[1])
        kind = raw.get("type")
        if isinstance(kind, list):
            kind = next((one for one in kind if one != "null"), None)
        if kind is None and "properties" not in raw:
            return _ANY
        pairs: dict[str, Any] = {"type": kind or "object"}
        pairs.update({key: raw[key] for key in _KEPT if key in raw})
        if name in ("apiVersion", "kind") and len(pairs.get("enum", ())) == 1:
            del pairs["enum"]  # of an object in an object, whose own kind the decoder does not look at
        form = raw.get("format")
        if form in {"byte", "date-time"}:
            pairs["x-form"] = "base64" if form == "byte" else "time"
        elif form:
            pairs["format"] = form
        if "properties" in raw:
            fields = {key: self.convert(child, key) for key, child in raw["properties"].items()}
            pairs["properties"] = _Lazy(self, fields)
            made = [
                key for key, child in fields.items() if type(child) is _Ref and child.name.endswith(_EMPTY_IS_VALID)
            ]
            if made and "required" in pairs:
                pairs["required"] = [key for key in pairs["required"] if key not in made]
            for key, default in _DEFAULTED_KEYS.items():
                if isinstance(fields.get(key), dict) and {"port", "containerPort"} & fields.keys():
                    pairs["properties"][key] = {**fields[key], "default": default}
        additional = raw.get("additionalProperties")
        if isinstance(additional, dict):
            pairs["additionalProperties"] = self.convert(additional)
        elif "properties" not in raw and pairs["type"] == "object":
            pairs["x-kubernetes-preserve-unknown-fields"] = True
        if isinstance(raw.get("items"), dict):
            items = self.convert(raw["items"])
            if isinstance(items, dict) and items.get("type") in {"string", "integer", "boolean"}:
                items = {**items, "nullable": True}  # the decoder makes an empty text, 0 or false of a null
            pairs["items"] = items
            pairs.update(_list_kind(raw, name))
        return _Lazy(self, pairs)


def _list_kind(raw: dict[str, Any], name: str) -> dict[str, Any]:
    keys = raw.get("x-kubernetes-list-map-keys")
    kind = raw.get("x-kubernetes-list-type")
    merge = raw.get("x-kubernetes-patch-merge-key")
    if kind == "set":
        tolerated_set = {"x-tolerated": True} if name in _TOLERATED_SETS else {}
        return {"x-kubernetes-list-type": "set", **tolerated_set}
    if kind != "map" and merge in _MERGE_KEYS and "merge" in raw.get("x-kubernetes-patch-strategy", ""):
        kind, keys = "map", [merge]  # documents of older releases name the merge key only
    if kind != "map" or not keys:
        return {}
    tolerated = name in _TOLERATED and (name != "ports" or _TOLERATED_PORTS in keys)
    found = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": keys}
    return {**found, "x-tolerated": True} if tolerated else found


@cache
def data_folder() -> Path | None:
    """Where kubernetes-validate keeps its OpenAPI data; the package itself is never imported."""
    spec = find_spec("kubernetes_validate")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(location) / "kubernetes-json-schema"
        if folder.is_dir():
            return folder
    return None


@cache
def available_minors() -> tuple[int, ...]:
    """The minor versions of Kubernetes whose schemas are there, ascending."""
    folder = data_folder()
    names = (entry.name for entry in folder.iterdir()) if folder else ()
    found = (re.fullmatch(r"v1\.([0-9]+)\.[0-9]+-local", name) for name in names)
    return tuple(sorted(int(match[1]) for match in found if match))


@lru_cache(maxsize=16)
def _definitions(minor: int) -> _Definitions:
    folder = data_folder()
    assert folder is not None, "asked for a version that is not available"
    return _Definitions(next(iter(sorted(folder.glob(f"v1.{minor}.*-local")))))


def _file(minor: int, group: str, version: str, kind: str) -> Path:
    head = group.partition(".")[0]
    name = "-".join(part for part in (kind.lower(), head, version) if part)
    return _definitions(minor).folder / f"{name}.json"


def _load(minor: int, group: str, version: str, kind: str) -> dict[str, Any] | None:
    if not re.fullmatch(r"[A-Za-z0-9]+", kind) or not re.fullmatch(r"[a-z0-9]+", version):
        return None
    path = _file(minor, group, version, kind)
    if not path.is_file():
        return None
    raw: dict[str, Any] = json.loads(path.read_bytes())
    named = {"group": group, "kind": kind, "version": version}
    return raw if named in (raw.get("x-kubernetes-group-version-kind") or ()) else None


@lru_cache(maxsize=1024)
def builtin_validator(minor: int, group: str, version: str, kind: str) -> Validator | None:
    """The validator of a built-in kind for Kubernetes 1.`minor`, or None where that release has no such kind."""
    raw = _load(minor, group, version, kind)
    if raw is None:
        return None
    schema = _definitions(minor).convert(raw)
    fields: dict[str, Any] = schema.get("properties", {})
    name, status = _name_check(kind, minor), "status" in fields
    return Validator(schema, kind not in CLUSTER_KINDS, status, minor, name, check_kind(group, kind, minor))


def _name_check(kind: str, minor: int) -> NameCheck:
    if kind in _PATH_NAMED:
        return naming.path_segment
    if kind == "StatefulSet" and minor >= _STATEFUL_LABEL_SINCE:
        return naming.label
    if kind == "Namespace" or (kind == "Service" and minor >= 36):  # RelaxedServiceNameValidation is on from 1.36
        return naming.label
    return naming.dns1035_label if kind == "Service" else naming.subdomain


def releases_with(group: str, version: str, kind: str) -> tuple[int, ...]:
    """The minor versions that have a kind at this API version."""
    return tuple(minor for minor in available_minors() if _load(minor, group, version, kind) is not None)


def versions_of(minor: int, group: str, kind: str) -> tuple[str, ...]:
    """The versions of a group in which Kubernetes 1.`minor` has a kind, stable ones first."""
    if not re.fullmatch(r"[A-Za-z0-9]+", kind):
        return ()
    head = group.partition(".")[0]
    stem = f"{kind.lower()}-{head}-" if head else f"{kind.lower()}-"
    found = [path.stem.removeprefix(stem) for path in _definitions(minor).folder.glob(f"{stem}v*.json")]
    kept = [version for version in found if _load(minor, group, version, kind) is not None]
    return tuple(sorted(kept, key=lambda version: ("alpha" in version, "beta" in version, version)))


@lru_cache(maxsize=256)
def kind_of_resource(minor: int, group: str, version: str, resource: str) -> str:
    """The built-in kind of a resource of Kubernetes 1.`minor`, by its plural name; empty where there is none."""
    if minor not in available_minors() or not re.fullmatch(r"[a-z0-9]+", resource):
        return ""
    stems = (resource, resource.removesuffix("s"), resource.removesuffix("es"), re.sub("ies$", "y", resource))
    for lower in dict.fromkeys(stems):
        if not re.fullmatch(r"[a-z0-9]+", version) or not re.fullmatch(r"[a-z0-9.-]*", group):
            return ""
        path = _file(minor, group, version, lower)
        kinds = json.loads(path.read_bytes()).get("x-kubernetes-group-version-kind") if path.is_file() else None
        for one in kinds or ():
            if (one["group"], one["version"], one["kind"].lower()) == (group, version, lower):
                return str(one["kind"])
    return ""


@lru_cache(maxsize=64)
def near_kinds(minor: int, group: str, version: str) -> tuple[str, ...]:
    """The kinds of one group and version of Kubernetes 1.`minor`; none where that is no built-in group."""
    head = group.partition(".")[0]
    tail = f"-{head}-{version}" if head else f"-{version}"
    if not re.fullmatch(r"[a-z0-9-]+", tail):
        return ()
    found: list[str] = []
    for path in sorted(_definitions(minor).folder.glob(f"*{tail}.json")):
        kinds = json.loads(path.read_bytes()).get("x-kubernetes-group-version-kind") or ()
        found.extend(one["kind"] for one in kinds if one["group"] == group and one["version"] == version)
    return tuple(found)
