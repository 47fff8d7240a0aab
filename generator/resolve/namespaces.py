"""Namespaces: which are rendered, and the pod security level each asks for."""

from collections.abc import Callable, Iterator

from generator.finding import Finding
from generator.location import FieldPath, Span
from generator.resolve import rules
from generator.resolve.model import Item
from generator.spec.model import Namespace, Plain, Spec

PRIVILEGED = "privileged"
_ENFORCE = "pod-security.kubernetes.io/enforce"
_WARN = "pod-security.kubernetes.io/warn"


def namespaces(
    spec: Spec, *, privileged: frozenset[str], span: Callable[[FieldPath], Span]
) -> tuple[tuple[Item, ...], list[Finding]]:
    """The namespaces of an environment; those in `privileged` hold an init container that must be privileged.

    A machine's launcher pod is unprivileged (domain facts 4.6), so its namespace enforces `baseline`, with
    warnings for `restricted`.
    """
    never = {spec.kubevirt.namespace, "default", "kube-system", "kube-public", "kube-node-lease"}
    findings = list(_refused(spec, never, span))
    if spec.namespaces is not None:
        named = {n.name: n for n in spec.namespaces if n.name not in never}
    else:
        used = {machine.namespace for machine in spec.virtual_machines if machine.count != 0} | privileged
        named = {name: Namespace(name=name, path=("spec",)) for name in sorted(used - never)}
    items = []
    for namespace in named.values():
        level = namespace.pod_security or (PRIVILEGED if namespace.name in privileged else "baseline")
        labels = {_ENFORCE: level}
        if level != PRIVILEGED:
            labels[_WARN] = "restricted"
        data: Plain = {
            "name": namespace.name,
            "labels": {**labels, **namespace.labels},
            "annotations": namespace.annotations,
        }
        items.append(Item(data, namespace.path, span(namespace.path)))
    return tuple(items), findings


def _refused(spec: Spec, never: set[str], span: Callable[[FieldPath], Span]) -> Iterator[Finding]:
    for namespace in spec.namespaces or ():
        if namespace.name in never:
            message = (
                f'namespace "{namespace.name}" belongs to the cluster: deleting it with a spec would be a disaster'
            )
            yield Finding(rule=rules.NAMESPACE, message=message, at=span(namespace.path), hint="remove the line")
