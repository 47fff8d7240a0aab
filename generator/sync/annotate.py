"""Objects with the annotations that Argo CD delivers them by: their wave, and how each is applied."""

import json
import marshal
from collections.abc import Container
from typing import Any

from generator.manifest import Identity
from generator.schema.builtin import builtin_validator
from generator.sync.annotations import HOOK, OPTIONS, WAVE, parts

FLUX_PRUNE = "kustomize.toolkit.fluxcd.io/prune"
APPLY_LIMIT = 262_144
"""Bytes of all annotations of an object together (K8s: apimachinery pkg/api/validation, TotalAnnotationSizeLimitB)."""
_BIG = APPLY_LIMIT // 2
"""Applied by the client, an object is repeated in one annotation; half the limit leaves room for growth."""

_ASKED_FIRST = frozenset({("v1", "Namespace"), ("kubevirt.io/v1", "KubeVirt")})
"""What takes far more with it than itself when it is pruned: all that stands in it, or every machine of the cluster."""


def annotated(data: dict[str, Any], wave: int, *, foreign: bool) -> dict[str, Any]:
    """A copy of an object with its wave and its sync options; what it says itself stands.

    `foreign`: its kind comes with no CRD of the build, so that there may be none yet when Argo CD tries it out.
    """
    metadata = data["metadata"]
    given = metadata.get("annotations") or {}
    made = dict(given)
    if wave and WAVE not in given and HOOK not in given:
        made[WAVE] = str(wave)
    options = parts(str(given.get(OPTIONS) or ""))
    names = {option.partition("=")[0] for option in options}
    more = []
    if foreign and "SkipDryRunOnMissingResource" not in names:
        more.append("SkipDryRunOnMissingResource=true")
    if not {"ServerSideApply", "Replace"} & names and is_big(data):
        more.append("ServerSideApply=true")
    if "Prune" not in names and (data.get("apiVersion"), data.get("kind")) in _ASKED_FIRST:
        more.append("Prune=confirm")
    if more:
        made[OPTIONS] = ",".join((*options, *more))
    return {**data, "metadata": {**metadata, "annotations": made}} if made != given else dict(data)


def kept_by_flux(data: dict[str, Any]) -> dict[str, Any]:
    """An object as Flux is to get it: what takes much with it stays where nothing renders it any more.

    What an object says itself of pruning stands. Flux has no way to ask first, as Argo CD has.
    """
    given = data["metadata"].get("annotations") or {}
    if (data.get("apiVersion"), data.get("kind")) not in _ASKED_FIRST or FLUX_PRUNE in given:
        return data
    return {**data, "metadata": {**data["metadata"], "annotations": {**given, FLUX_PRUNE: "disabled"}}}


def is_big(data: dict[str, Any]) -> bool:
    """Whether an object is too big to be repeated in an annotation of its own."""
    if len(marshal.dumps(data, 0)) <= _BIG // 6:  # JSON is never more than six times as long, and slow to make
        return False
    return len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()) > _BIG


def is_foreign(identity: Identity, minor: int, crds: Container[tuple[str, str]]) -> bool:
    """Whether a kind is neither one of Kubernetes 1.`minor`, nor of a CRD of the build, nor Argo CD's own."""
    group, kind = identity.group, identity.kind
    if group == "argoproj.io" or (group, kind) in crds:
        return False
    return builtin_validator(minor, group, identity.version, kind) is None
