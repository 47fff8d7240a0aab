"""The names a policy's expressions may use, by place."""

from generator.cel import BOOL, DYN, INT, STRING, Environment, Type, list_of, map_of, struct
from generator.cel.types import TIMESTAMP, Kind, made_of

VARIABLES = "kubernetes.variables"
_GVK = {"group": STRING, "version": STRING, "kind": STRING}
_GVR = {"group": STRING, "version": STRING, "resource": STRING}
_TEXTS = list_of(STRING)
_MAP = map_of(STRING, STRING)

_STRUCTS: dict[str, dict[str, Type]] = {
    "kubernetes.GroupVersionKind": _GVK,
    "kubernetes.GroupVersionResource": _GVR,
    "kubernetes.UserInfo": {
        "username": STRING,
        "uid": STRING,
        "groups": _TEXTS,
        "extra": map_of(STRING, _TEXTS),
    },
    "kubernetes.AdmissionRequest": {
        "kind": struct("kubernetes.GroupVersionKind"),
        "resource": struct("kubernetes.GroupVersionResource"),
        "subResource": STRING,
        "requestKind": struct("kubernetes.GroupVersionKind"),
        "requestResource": struct("kubernetes.GroupVersionResource"),
        "requestSubResource": STRING,
        "name": STRING,
        "namespace": STRING,
        "operation": STRING,
        "userInfo": struct("kubernetes.UserInfo"),
        "dryRun": BOOL,
        "options": DYN,
    },
    "kubernetes.NamespaceSpec": {"finalizers": _TEXTS},
    "kubernetes.NamespaceCondition": {
        "status": STRING,
        "type": STRING,
        "lastTransitionTime": TIMESTAMP,
        "message": STRING,
        "reason": STRING,
    },
    "kubernetes.NamespaceStatus": {
        "conditions": list_of(struct("kubernetes.NamespaceCondition")),
        "phase": STRING,
    },
    "kubernetes.NamespaceMetadata": {
        "name": STRING,
        "generateName": STRING,
        "namespace": STRING,
        "labels": _MAP,
        "annotations": _MAP,
        "UID": STRING,
        "creationTimestamp": TIMESTAMP,
        "deletionGracePeriodSeconds": INT,
        "deletionTimestamp": TIMESTAMP,
        "generation": INT,
        "resourceVersion": STRING,
        "finalizers": _TEXTS,
    },
    "kubernetes.Namespace": {
        "metadata": struct("kubernetes.NamespaceMetadata"),
        "spec": struct("kubernetes.NamespaceSpec"),
        "status": struct("kubernetes.NamespaceStatus"),
    },
}
_AUTHORIZER = (
    ("authorizer", struct("kubernetes.authorization.Authorizer")),
    ("authorizer.requestResource", struct("kubernetes.authorization.ResourceCheck")),
)


def base(version: tuple[int, int], *, params: bool, authorizer: bool) -> Environment:
    """The environment of an expression without variables."""
    names: list[tuple[str, Type]] = [
        ("object", DYN),
        ("oldObject", DYN),
        ("namespaceObject", struct("kubernetes.Namespace")),
        ("request", struct("kubernetes.AdmissionRequest")),
    ]
    if params:
        names.append(("params", DYN))
    if authorizer:
        names += _AUTHORIZER
    structs = tuple((name, tuple(fields.items())) for name, fields in _STRUCTS.items())
    return Environment(tuple(names), structs, version)


def with_variables(environment: Environment, fields: dict[str, Type]) -> Environment:
    """The environment of an expression that may say `variables.x` for each of the fields."""
    return environment.with_variables(variables_type()).with_struct(VARIABLES, fields)


def variables_type() -> dict[str, Type]:
    """The name `variables` with its type, whose fields are declared apart."""
    return {"variables": struct(VARIABLES)}


def variable_type(found: Type) -> Type:
    """The type a variable has for those who use it: lists and maps by their parts, the libraries' types dyn."""
    if found.kind is Kind.PRIMITIVE or found.kind is Kind.NULL:
        return found
    if found.kind in (Kind.LIST, Kind.MAP):
        return made_of(found.kind, found.name, tuple(variable_type(p) for p in found.params))
    return DYN
