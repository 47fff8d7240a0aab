"""One admission request, and what policies see of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from generator.cel import Decide
from generator.policy.model import inside
from generator.policy.resources import Resource, Resources, resources
from generator.policy.view import Prepare

_OPTIONS = {"CREATE": "CreateOptions", "UPDATE": "UpdateOptions", "DELETE": "DeleteOptions"}


@dataclass(frozen=True, slots=True)
class User:
    """Who asks."""

    name: str = "kubernetes-admin"
    groups: Sequence[str] = ("system:masters", "system:authenticated")


@dataclass(frozen=True, slots=True)
class Request:
    """An operation on an object.

    `old` is the stored object of UPDATE and DELETE; `served` are the kind's versions.
    """

    operation: str
    resource: Resource
    name: str
    namespace: str
    object: Mapping[str, Any] | None
    old: Mapping[str, Any] | None = None
    served: tuple[str, ...] = ()
    user: User = field(default_factory=User)


def nobody_knows(check: object) -> bool | None:
    """The authorizer of a build: the cluster alone knows."""
    del check
    return None


@dataclass(frozen=True, slots=True)
class Cluster:
    """What is known of the cluster: namespaces by name, objects that may be parameters, the version.

    `complete`: a namespace or parameter that is not here does not exist; otherwise it may exist in the cluster.
    `prepare` fills in what the schemas of custom resources say. `param_scopes`: scope of parameter kinds that are not
    as usual (`apiVersion/Kind` to Namespaced, Cluster, Missing); `kinds` knows the custom ones.
    """

    minor: int
    namespaces: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    params: Sequence[Mapping[str, Any]] = ()
    complete: bool = False
    authorize: Decide = nobody_knows
    param_scopes: Mapping[str, str] = field(default_factory=dict)
    kinds: Resources = field(default_factory=resources)
    prepare: Prepare | None = None


def placed(request: Request) -> Request:
    """A request in the namespace the server judges it in.

    A request about a Namespace is in that namespace, except the creation of one whose name is generated; one about
    another cluster-scoped object is in none, whatever its manifest says (k8s.io/apiserver
    pkg/endpoints/handlers/create.go, pkg/endpoints/request/requestinfo.go).
    """
    own = request.resource
    if own.is_namespaces:
        generated = request.operation == "CREATE" and not inside(request.object, "metadata", "name")
        namespace = "" if generated else request.name
        return replace(request, namespace=namespace, resource=replace(own, namespaced=False))
    return request if own.namespaced or not request.namespace else replace(request, namespace="")


def seen_request(request: Request, matched: Resource) -> dict[str, Any]:
    """`request`: fields that are empty are absent."""
    own = request.resource

    def kind(resource: Resource) -> dict[str, str]:
        return _present({"group": resource.group, "version": resource.version, "kind": resource.kind})

    def plural(resource: Resource) -> dict[str, str]:
        return _present({"group": resource.group, "version": resource.version, "resource": resource.name})

    options = {"apiVersion": "meta.k8s.io/v1", "kind": _OPTIONS.get(request.operation, "CreateOptions")}
    found: dict[str, Any] = {
        "kind": kind(matched),
        "resource": plural(matched),
        "requestKind": kind(own),
        "requestResource": plural(own),
        "name": request.name,
        "namespace": request.namespace,
        "operation": request.operation,
        "userInfo": {"username": request.user.name, "groups": list(request.user.groups)},
        "dryRun": False,
        "options": options,
    }
    return {key: value for key, value in found.items() if value != ""}


def _present(data: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in data.items() if value}
