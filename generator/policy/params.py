"""The parameters a binding gives its policy."""

from collections.abc import Mapping, Sequence
from typing import Any

from generator.manifest import Identity, identify
from generator.policy.matching import labels_of
from generator.policy.model import Binding, ParamRef, PolicySpec
from generator.policy.request import Cluster, Request
from generator.policy.view import seen_object

_NONE_FOUND = "no params found for policy binding with `Deny` parameterNotFoundAction"


class ConfigError(Exception):
    """A policy or binding that cannot work; `of_binding` says whose text it is."""

    def __init__(self, message: str, *, of_binding: bool) -> None:
        super().__init__(f"failed to configure {'binding' if of_binding else 'policy'}: {message}")
        self.of_binding = of_binding


class UnknownParamsError(LookupError):
    """The parameter may stand in the cluster; nobody knows it here."""


def params_of(
    spec: PolicySpec, binding: Binding, request: Request, cluster: Cluster, *, cluster_scoped: bool
) -> Sequence[Any]:
    """Every parameter the policy is evaluated with under a binding; one None where it takes none.

    `cluster_scoped`: what `scope_of` says of the policy's paramKind. An empty answer means that the binding passes
    silently. Raises ConfigError, UnknownParamsError.
    """
    ref = binding.params
    if spec.param_kind is None or ref is None:
        return (None,)
    api_version, kind = spec.param_kind
    namespace = _namespace(ref, request, cluster_scoped=cluster_scoped)
    found = [_seen(data, cluster) for data in cluster.params if _chosen(data, api_version, kind, namespace, ref)]
    if found:
        return found
    if not cluster.complete:
        wanted = f"{kind} {namespace}/{ref.name}" if ref.name else f"{kind} by labels"
        raise UnknownParamsError(f"parameter {wanted} is not among the objects")
    if ref.deny_missing:
        raise ConfigError(_NONE_FOUND, of_binding=True)
    return ()


def scope_of(spec: PolicySpec, cluster: Cluster) -> str:
    """The scope of a policy's parameters: Namespaced or Cluster, empty where it has none.

    Raises ConfigError where the cluster does not serve their kind: no binding of the policy works then.
    """
    if spec.param_kind is None:
        return ""
    api_version, kind = spec.param_kind
    group, _, version = api_version.rpartition("/")
    given = cluster.param_scopes.get(f"{api_version}/{kind}")
    if given == "Missing":
        text = f"failed to find resource referenced by paramKind: '{group}/{version}, Kind={kind}'"
        raise ConfigError(text, of_binding=False)
    return given or ("Namespaced" if cluster.kinds.of(Identity(group, kind, "", "", version)).namespaced else "Cluster")


def _namespace(ref: ParamRef, request: Request, *, cluster_scoped: bool) -> str:
    if cluster_scoped:
        if ref.namespace:
            text = "paramRef.namespace must not be provided for a cluster-scoped `paramKind`"
            raise ConfigError(text, of_binding=True)
        return ""
    if ref.namespace:
        return ref.namespace
    if not request.namespace:
        text = "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
        raise ConfigError(text, of_binding=True)
    return request.namespace


def _chosen(data: Mapping[str, Any], api_version: str, kind: str, namespace: str, ref: ParamRef) -> bool:
    identity = identify(dict(data))
    group = api_version.rpartition("/")[0]
    if (identity.group, identity.kind) != (group, kind) or (namespace and identity.namespace != namespace):
        return False
    if ref.selector is not None:
        return ref.selector.matches(labels_of(data))
    return identity.name == ref.name


def _seen(data: Mapping[str, Any], cluster: Cluster) -> Any:
    resource = cluster.kinds.of(identify(dict(data)))
    return seen_object(data, resource, cluster.minor, identify(dict(data)).name, cluster.prepare)
