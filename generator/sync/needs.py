"""What an object needs to be there before it: the edges of the graph that waves are derived from.

Each is a fact about Kubernetes, KubeVirt or Argo CD, read from the objects themselves; no kind has a place of its own.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from generator.kube.nodes import may_match
from generator.manifest import Identity
from generator.policy.model import BINDING_KIND, POLICY_KIND, ShapeError, read_binding
from generator.policy.resources import Resources
from generator.preview import instance_spec
from generator.preview.machine import items, mapping
from generator.sync.references import references
from generator.sync.surroundings import Surroundings, node_selector

MACHINES = frozenset(
    {
        ("kubevirt.io", "VirtualMachineInstance"),
        ("kubevirt.io", "VirtualMachine"),
        ("kubevirt.io", "VirtualMachineInstanceReplicaSet"),
        ("pool.kubevirt.io", "VirtualMachinePool"),
    }
)


class Need(NamedTuple):
    """An object that comes first. `guards`: it only judges the other, and gives way where both need each other."""

    target: Identity
    guards: bool = False


def needs(identity: Identity, data: Mapping[str, Any], around: Surroundings, resources: Resources) -> Iterator[Need]:
    """Everything of the build that an object needs; some of it more than once."""
    yield from standing(identity, data, around, resources)
    yield from named(identity, data, around)


def standing(identity: Identity, data: Mapping[str, Any], around: Surroundings, resources: Resources) -> Iterator[Need]:
    """What an object needs for where it stands and what it is, whatever it names."""
    if identity.namespace in around.namespaces:
        yield Need(around.namespaces[identity.namespace])
    if (identity.group, identity.kind) in around.crds:
        yield Need(around.crds[identity.group, identity.kind])
    yield from _nodes(identity, data, around)
    if identity.kind == BINDING_KIND:
        yield from _of_binding(data, around)
    elif identity.kind == POLICY_KIND:
        kind = mapping(data, "spec", "paramKind")
        group = str(kind.get("apiVersion") or "").rpartition("/")[0]
        if crd := around.crds.get((group, str(kind.get("kind") or ""))):
            yield Need(crd)
    resource = resources.of(identity)
    for guard in around.guards:
        if guard.identity != identity and guard.judges(resource):
            yield Need(guard.identity, guards=True)


def named(identity: Identity, data: Mapping[str, Any], around: Surroundings) -> Iterator[Need]:
    """Objects that are named inside an object."""
    if not around.named or (identity.namespace and not around.referable & {"", identity.namespace}):
        return
    for reference in references(data):
        target = around.target(reference.kind, reference.namespace or identity.namespace, reference.name)
        if target is not None:
            yield from (Need(found) for found in (target,) if found != identity)
        elif not identity.namespace:  # its operator looks in a namespace of its own, which is not known
            wanted = (reference.kind, reference.name)
            yield from (Need(found) for (kind, _, name), found in around.named.items() if (kind, name) == wanted)


def _nodes(identity: Identity, data: Mapping[str, Any], around: Surroundings) -> Iterator[Need]:
    """Objects that make the nodes ready which an object runs on, or that label them."""
    kind = (identity.group, identity.kind)
    if kind in MACHINES:
        spec = instance_spec(data)
        yield from (Need(kubevirt) for kubevirt in around.kubevirts)
        chosen = mapping(spec, "nodeSelector")
        for target, selector in around.readied:
            if selector and selector.items() <= chosen.items():
                yield Need(target)
    elif kind == ("kubevirt.io", "KubeVirt"):
        chosen = {}
        for target, selector in around.readied:
            if _admits(data, selector):
                yield Need(target)
    else:
        chosen = dict(node_selector(data))
    for label in chosen:
        yield from (Need(target) for target in around.labellers.get(label, ()) if target != identity)


def _of_binding(data: Mapping[str, Any], around: Surroundings) -> Iterator[Need]:
    """The policy, and the parameters: without them the binding refuses everything, or nothing."""
    try:
        binding = read_binding(data)
    except ShapeError:
        return
    if binding.policy in around.policies:
        yield Need(around.policies[binding.policy])
    if binding.params is not None:
        for target in around.params(binding.policy, binding.params, ""):
            yield Need(target)


def _admits(kubevirt: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether KubeVirt runs machines on nodes with these labels: terms are alternatives, expressions all hold."""
    placement = mapping(kubevirt, "spec", "workloads", "nodePlacement")
    if any(labels.get(key, value) != value for key, value in mapping(placement, "nodeSelector").items()):
        return False
    required = mapping(placement, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    terms = items(required, "nodeSelectorTerms")
    return not terms or any(all(_holds(e, labels) for e in items(term, "matchExpressions")) for term in terms)


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether nodes with these labels may meet an expression; what other labels decide, they may."""
    values = expression.get("values")
    listed = values if isinstance(values, list) else []
    return may_match(str(expression.get("key")), str(expression.get("operator")), listed, labels)
