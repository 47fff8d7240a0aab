"""Delivery: what Argo CD and Flux need to deliver every environment, made from all of them together."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from generator.finding import Finding, Note
from generator.location import Span
from generator.resolve import rules
from generator.resolve.model import Item, Model
from generator.spec.load import Environment
from generator.spec.model import ArgoCD, Destination

LISTS = ("argocdProjects", "fluxRepositories", "fluxKustomizations")
"""The lists made from all environments together."""

Lists = Mapping[str, Sequence[Item]]
KindsOf = Mapping[str, Iterable[tuple[str, str, bool]]]


def check_destinations(models: Sequence[tuple[Environment, Model]]) -> list[Finding]:
    """Environments that are delivered nowhere, two delivered to one cluster, projects that differ."""
    findings: list[Finding] = []
    seen: dict[tuple[str | None, str | None], Environment] = {}
    for environment, model in models:
        argocd = model.spec.delivery.argocd
        if argocd is None:
            continue
        origin = environment.layer.origin
        at = origin.span(("spec", "delivery", "argocd", "destination"))
        destination = argocd.destination
        if destination is None or (destination.name is None) == (destination.server is None):
            findings.append(_no_destination(environment, destination, at))
            continue
        other = seen.setdefault((destination.name, destination.server), environment)
        if other is not environment:
            cluster = destination.name or destination.server
            message = f'environments "{other.name}" and "{environment.name}" are both delivered to "{cluster}"'
            note = Note("the other", other.layer.origin.span(("spec", "delivery", "argocd", "destination")))
            hint = "give each a cluster of its own"
            findings.append(Finding(rule=rules.DELIVERY, message=message, at=at, hint=hint, notes=(note,)))
    return findings


def _no_destination(environment: Environment, destination: Destination | None, at: Span) -> Finding:
    """An environment that is delivered nowhere, or to two clusters, at the file of its own that should say where."""
    if destination is not None and destination.name is not None:
        message = f'environment "{environment.name}" is delivered to a name and to a server'
        return Finding(rule=rules.DELIVERY, message=message, at=at, hint="remove `name` or `server`")
    message = f'environment "{environment.name}" does not say which cluster it is delivered to'
    setting = "spec: {delivery: {argocd: {destination: {name: CLUSTER}}}}"
    own = environment.folder / "spec.yaml" if environment.folder else None
    if own is not None and own not in environment.files:
        hint = f"create {own.as_posix()} with `{setting}`, or remove the folder if it is not an environment"
        return Finding(rule=rules.DELIVERY, message=message, at=Span(own.as_posix()), hint=hint)
    if own is not None and at.file != own.as_posix():
        at = Span(own.as_posix(), 1, 1)
    hint = f"write `{setting}`, with the cluster's name in Argo CD"
    return Finding(rule=rules.DELIVERY, message=message, at=at, hint=hint)


def argocd_lists(
    models: Sequence[tuple[Environment, Model]], kinds: KindsOf, ignored: Sequence[Mapping[str, Any]]
) -> Lists:
    """The AppProject and ApplicationSet over all environments; `kinds` are group, kind and whether namespaced.

    `ignored` are the differences that Argo CD leaves alone.
    """
    rows = [(e, m, a) for e, m in models if (a := m.spec.delivery.argocd) is not None]
    if not rows:
        return {}
    environment, first, argocd = rows[0]
    project = argocd.project or first.spec.metadata.name
    elements = [_element(e.name, a) for e, _, a in rows]
    every = sorted({row for e, _, _ in rows for row in kinds.get(e.name, ())})
    data: dict[str, Any] = {
        "name": project,
        "namespace": argocd.namespace,
        "description": f"QAT machines of {first.spec.metadata.name}",
        "repositories": sorted({a.repository for _, _, a in rows}),
        "destinations": _destinations(rows),
        "destinationKeys": [key for key in ("name", "server") if any(element.get(key) for element in elements)],
        "elements": elements,
        "ignoreDifferences": list(ignored),
        "clusterKinds": [{"group": g, "kind": k} for g, k, namespaced in every if not namespaced],
        "namespacedKinds": [{"group": g, "kind": k} for g, k, namespaced in every if namespaced],
    }
    path = ("spec", "delivery", "argocd")
    return {"argocdProjects": (Item(data, path, environment.layer.origin.span(path)),)}


def _element(environment: str, argocd: ArgoCD) -> dict[str, str]:
    destination = argocd.destination
    assert destination is not None  # checked by check_destinations
    return {
        "environment": environment,
        "name": destination.name or "",
        "server": destination.server or "",
        "repository": argocd.repository,
        "revision": argocd.revision,
        "path": f"{argocd.path}/{environment}",
    }


def _destinations(rows: Sequence[tuple[Environment, Model, ArgoCD]]) -> list[dict[str, str]]:
    out = []
    for _, _, argocd in rows:
        destination = argocd.destination
        assert destination is not None  # checked by check_destinations
        cluster = {"name": destination.name} if destination.name else {"server": destination.server or ""}
        out.append({**cluster, "namespace": "*"})
    return out


def flux_lists(models: Sequence[tuple[Environment, Model]]) -> Lists:
    """A GitRepository for every repository and revision, a Kustomization for every environment."""
    repositories: dict[tuple[str, str, str], Item] = {}
    kustomizations: list[Item] = []
    path = ("spec", "delivery", "flux")
    for environment, model in models:
        flux = model.spec.delivery.flux
        if flux is None:
            continue
        at = environment.layer.origin.span(path)
        name = model.spec.metadata.name
        key = (flux.namespace, flux.repository, flux.revision)
        if key not in repositories:
            repository = {
                "name": name if not repositories else f"{name}-{environment.name}",
                "namespace": flux.namespace,
                "interval": flux.interval,
                "url": flux.repository,
                "branch": flux.revision,
            }
            repositories[key] = Item(repository, path, at)
        kustomization = {
            "name": f"{name}-{environment.name}",
            "namespace": flux.namespace,
            "interval": flux.interval,
            "path": f"./{flux.path}/{environment.name}",
            "repository": repositories[key].data["name"],
            "kubeConfigSecret": flux.kube_config_secret,
        }
        kustomizations.append(Item(kustomization, path, at))
    return {"fluxRepositories": tuple(repositories.values()), "fluxKustomizations": tuple(kustomizations)}
