"""What objects of a build may need, found once: namespaces, CRDs, policies in force, readied nodes, objects by name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.manifest import Identity, Manifest
from generator.policy.matching import concerns, labels_of
from generator.policy.model import BINDING_KIND, POLICY_KIND, Match, ParamRef, ShapeError, read_binding, read_match
from generator.policy.resources import Resource
from generator.sync.references import FROM_ANYWHERE, KINDS

_WEBHOOKS = frozenset({"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"})
_PLUGIN_SOCKETS = "/var/lib/kubelet/device-plugins"

Kind = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Guard:
    """A binding or a webhook configuration: what it is asked about once it is in force."""

    identity: Identity
    matches: tuple[Match, ...]

    def judges(self, resource: Resource) -> bool:
        """Whether it may be asked about objects of a resource, whatever its selectors say."""
        return all(concerns(match, resource) for match in self.matches if match.rules)


@dataclass(slots=True)
class Surroundings:
    """The objects of a build by what others need of them; plain values, so that worker processes get a copy."""

    namespaces: dict[str, Identity] = field(default_factory=dict)
    crds: dict[Kind, Identity] = field(default_factory=dict)
    policies: dict[str, Identity] = field(default_factory=dict)
    kubevirts: list[Identity] = field(default_factory=list)
    guards: list[Guard] = field(default_factory=list)
    readied: list[tuple[Identity, Mapping[str, str]]] = field(default_factory=list)
    labellers: dict[str, list[Identity]] = field(default_factory=dict)
    named: dict[tuple[str, str, str], Identity] = field(default_factory=dict)
    referable: set[str] = field(default_factory=set)
    parameters: dict[Kind, list[tuple[Identity, Mapping[str, str]]]] = field(default_factory=dict)
    param_kinds: dict[str, Kind] = field(default_factory=dict)

    def target(self, kind: str, namespace: str, name: str) -> Identity | None:
        """The object of a kind and name in a namespace, or in none."""
        return self.named.get((kind, namespace, name)) or self.named.get((kind, "", name))

    def params(self, policy: str, ref: ParamRef, namespace: str) -> Iterator[Identity]:
        """The objects of the build that a binding's reference chooses."""
        kind = self.param_kinds.get(policy)
        for identity, labels in self.parameters.get(kind, ()) if kind else ():
            if identity.namespace not in ("", ref.namespace or namespace or identity.namespace):
                continue
            if identity.name == ref.name if ref.name else (ref.selector is None or ref.selector.matches(labels)):
                yield identity


def surroundings_of(manifests: Sequence[Manifest]) -> Surroundings:
    """What a build holds that its objects may need."""
    found = Surroundings()
    policies: dict[str, Match] = {}
    for manifest in manifests:
        if manifest.identity.kind == POLICY_KIND:
            policies[manifest.identity.name] = _policy_match(manifest.data)
            found.policies[manifest.identity.name] = manifest.identity
            kind = _mapping(manifest.data, "spec", "paramKind")
            if kind:
                group = str(kind.get("apiVersion") or "").rpartition("/")[0]
                found.param_kinds[manifest.identity.name] = (group, str(kind.get("kind") or ""))
    wanted = set(found.param_kinds.values())
    for manifest in manifests:
        identity, data = manifest.identity, manifest.data
        if (identity.group, identity.kind) in wanted:
            found.parameters.setdefault((identity.group, identity.kind), []).append((identity, labels_of(data)))
        _enter(found, identity, data)
        found.guards.extend(_guards(identity, data, policies))
    return found


def _enter(found: Surroundings, identity: Identity, data: Mapping[str, Any]) -> None:
    if identity.kind in KINDS:
        found.named[identity.kind, identity.namespace, identity.name] = identity
        found.referable.add("" if identity.kind in FROM_ANYWHERE else identity.namespace)
    match identity.group, identity.kind:
        case "", "Namespace":
            found.namespaces[identity.name] = identity
        case "apiextensions.k8s.io", "CustomResourceDefinition":
            spec = _mapping(data, "spec")
            kind = _mapping(spec, "names").get("kind")
            found.crds[str(spec.get("group") or ""), str(kind or "")] = identity
        case "kubevirt.io", "KubeVirt":
            found.kubevirts.append(identity)
        case "nfd.k8s-sigs.io", _:
            for label in _labels_given(data):
                found.labellers.setdefault(label, []).append(identity)
        case _:
            if readies_nodes(identity, data):
                found.readied.append((identity, node_selector(data)))


def _guards(identity: Identity, data: Mapping[str, Any], policies: Mapping[str, Match]) -> Iterator[Guard]:
    """The binding or the webhooks of a configuration, each with all that narrows what it is asked about."""
    try:
        if identity.kind == BINDING_KIND:
            binding = read_binding(data)
            own = policies.get(binding.policy)
            if own is not None:
                yield Guard(identity, (own, *([binding.match] if binding.match else [])))
        elif identity.kind in _WEBHOOKS:
            for webhook in data.get("webhooks") or ():
                yield Guard(identity, (read_match({"resourceRules": webhook.get("rules")}, ()),))
    except (ShapeError, AttributeError, TypeError):
        return  # the schema says what is wrong with it


def _policy_match(data: Mapping[str, Any]) -> Match:
    try:
        return read_match(_mapping(data, "spec").get("matchConstraints"), ())
    except ShapeError:
        return Match()


def readies_nodes(identity: Identity, data: Mapping[str, Any]) -> bool:
    """Whether an object makes nodes ready for others: privileged, or a device plugin that talks to the kubelet."""
    if identity.group == "deviceplugin.intel.com":
        return True
    if (identity.group, identity.kind) != ("apps", "DaemonSet"):
        return False
    pod = _mapping(data, "spec", "template", "spec")
    containers = [*_items(pod, "initContainers"), *_items(pod, "containers")]
    if any(_mapping(container, "securityContext").get("privileged") is True for container in containers):
        return True
    return any(_mapping(volume, "hostPath").get("path") == _PLUGIN_SOCKETS for volume in _items(pod, "volumes"))


def node_selector(data: Mapping[str, Any]) -> Mapping[str, str]:
    """The labels of the nodes an object is for: of its pods, or of the pods its operator makes of it."""
    pod = _mapping(data, "spec", "template", "spec")
    found = pod.get("nodeSelector") or _mapping(data, "spec").get("nodeSelector")
    return found if isinstance(found, Mapping) else {}


def _labels_given(data: Mapping[str, Any]) -> Iterator[str]:
    for rule in _items(_mapping(data, "spec"), "rules"):
        yield from (str(label) for label in _mapping(rule, "labels"))


def _mapping(data: Any, *path: str) -> Mapping[str, Any]:
    for part in path:
        data = data.get(part) if isinstance(data, Mapping) else None
    return data if isinstance(data, Mapping) else {}


def _items(data: Mapping[str, Any], key: str) -> Iterable[Any]:
    found = data.get(key)
    return found if isinstance(found, list) else ()
