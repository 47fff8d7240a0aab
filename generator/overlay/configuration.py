"""The field specs a build works with: the defaults, and what configurations add."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib import resources
from typing import Any

from generator.finding import did_you_mean
from generator.overlay import rules
from generator.overlay.fieldspec import FieldSpec, merge_all
from generator.overlay.refusal import RefusalError
from generator.overlay.resource import Gvk

Specs = tuple[FieldSpec, ...]

_FIRST = (  # noqa: SIM905 - a line of words reads better
    "Namespace ResourceQuota StorageClass CustomResourceDefinition ServiceAccount PodSecurityPolicy Role ClusterRole "
    "RoleBinding ClusterRoleBinding ConfigMap Secret Endpoints Service LimitRange PriorityClass PersistentVolume "
    "PersistentVolumeClaim Deployment StatefulSet CronJob PodDisruptionBudget"
).split()
_LAST = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]
ORDER_FIRST = tuple(_FIRST)
ORDER_LAST = tuple(_LAST)
_RANK = {kind: place - len(_FIRST) for place, kind in enumerate(_FIRST)} | {kind: 1 + i for i, kind in enumerate(_LAST)}


class Referrers(tuple[Gvk, Specs]):
    """A kind that names refer to, and the fields that hold its name."""

    __slots__ = ()

    @property
    def target(self) -> Gvk:
        """The kind referred to."""
        return self[0]

    @property
    def specs(self) -> Specs:
        """The fields that hold the name."""
        return self[1]


@dataclass(frozen=True, slots=True)
class Configuration:
    """Field specs by transformer, in the order they are applied."""

    name_prefix: Specs = ()
    name_suffix: Specs = ()
    namespace: Specs = ()
    common_labels: Specs = ()
    labels: Specs = ()
    template_labels: Specs = ()
    volume_claim_template_labels: Specs = ()
    common_annotations: Specs = ()
    var_reference: Specs = ()
    images: Specs = ()
    replicas: Specs = ()
    name_reference: tuple[Referrers, ...] = ()
    has_defaults: bool = False

    def merge(self, other: "Configuration") -> "Configuration":
        """Both as one, sorted. Raises RefusalError for specs that disagree."""
        if other is EMPTY or (other.has_defaults and self.has_defaults and other == defaults()):
            return self
        if self is EMPTY:
            return other
        merged = {
            name: tuple(sorted(merge_all(getattr(self, name), getattr(other, name)), key=lambda s: _rank(s.gvk)))
            for name in _SPEC_FIELDS
        }
        return replace(
            self,
            **merged,
            name_reference=_merge_referrers(self.name_reference, other.name_reference),
            has_defaults=self.has_defaults or other.has_defaults,
        )


_SPEC_FIELDS = tuple(f.name for f in fields(Configuration) if f.name not in {"name_reference", "has_defaults"})
_BY_KEY = {
    "namePrefix": "name_prefix",
    "nameSuffix": "name_suffix",
    "namespace": "namespace",
    "commonLabels": "common_labels",
    "labels": "labels",
    "templateLabels": "template_labels",
    "volumeClaimTemplateLabels": "volume_claim_template_labels",
    "commonAnnotations": "common_annotations",
    "varReference": "var_reference",
    "images": "images",
    "replicas": "replicas",
}
EMPTY = Configuration()


def _rank(gvk: Gvk) -> tuple[int, str, str, str]:
    return _RANK.get(gvk.kind, 0), gvk.group or "~G", gvk.version or "~V", gvk.kind or "~K"


def _merge_referrers(one: tuple[Referrers, ...], other: tuple[Referrers, ...]) -> tuple[Referrers, ...]:
    out = {entry.target: list(entry.specs) for entry in one}
    for entry in other:
        out[entry.target] = merge_all(out.get(entry.target, ()), entry.specs)
    return tuple(Referrers((target, tuple(out[target]))) for target in sorted(out, key=_rank))


@cache
def defaults() -> Configuration:
    """Where kustomize looks when nothing else is said."""
    text = resources.files("generator.overlay").joinpath("data/fieldspecs.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    given: dict[str, Any] = {
        name: tuple(sorted((_row(row) for row in table.get(key, ())), key=lambda s: _rank(s.gvk)))
        for key, name in _BY_KEY.items()
    }
    referrers = [
        Referrers((Gvk(group, version, kind), tuple(_row(row) for row in rows)))
        for group, version, kind, rows in table["nameReference"]
    ]
    return Configuration(**given, name_reference=_merge_referrers(tuple(referrers), ()), has_defaults=True)


def _row(row: list[Any]) -> FieldSpec:
    group, version, kind, path, create = row
    return FieldSpec(Gvk(group, version, kind), path, create)


def read_configuration(data: Any) -> Configuration:
    """A configuration file's data. Raises RefusalError naming what is wrong, unknown keys too as kustomize does."""
    if data is None:
        return EMPTY
    if not isinstance(data, dict):
        raise RefusalError(rules.CONFIGURATION, "a configuration is a mapping of field specs", "start it with a key")
    given: dict[str, Any] = {}
    known = {key.lower(): key for key in (*_BY_KEY, "nameReference")}
    for written, value in data.items():
        key = known.get(written.lower())
        if key is None:
            hint = did_you_mean(written, known.values())
            raise RefusalError(rules.CONFIGURATION, f'unknown key "{written}" in a configuration', hint)
        if key == "nameReference":
            given["name_reference"] = tuple(_referrers(item) for item in _items(value, key))
        else:
            given[_BY_KEY[key]] = tuple(read_spec(item, key) for item in _items(value, key))
    return EMPTY.merge(Configuration(**given)) if given else EMPTY


def _items(value: Any, key: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise RefusalError(rules.CONFIGURATION, f'"{key}" is not a list', "write a list of field specs")
    return value


def _referrers(item: Any) -> Referrers:
    entry = _folded(item, ("group", "version", "kind", "fieldSpecs"), "nameReference")
    specs = tuple(read_spec(spec, "fieldSpecs") for spec in _items(entry.get("fieldspecs"), "fieldSpecs"))
    return Referrers((_gvk(entry), specs))


def read_spec(item: Any, where: str, *, strict: bool = True) -> FieldSpec:
    """One field spec from data; without `strict` unknown keys count for nothing. Raises RefusalError."""
    entry = _folded(item, ("group", "version", "kind", "path", "create"), where, strict=strict)
    create = entry.get("create", False)
    if not isinstance(create, bool):
        raise RefusalError(rules.CONFIGURATION, f"`create: {create}` is not a boolean", "write true or false")
    return FieldSpec(_gvk(entry), _text(entry, "path"), create)


def _gvk(entry: Mapping[str, Any]) -> Gvk:
    return Gvk(_text(entry, "group"), _text(entry, "version"), _text(entry, "kind"))


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str):
        raise RefusalError(rules.CONFIGURATION, f"`{key}: {value}` is not a string", "write it in quotes")
    return value


def _folded(item: Any, known: tuple[str, ...], where: str, *, strict: bool = True) -> dict[str, Any]:
    """A mapping with keys in lower case: kustomize does not mind their case."""
    if not isinstance(item, dict):
        raise RefusalError(rules.CONFIGURATION, f'an item of "{where}" is not a mapping', "give it a `path`")
    allowed = {key.lower() for key in known}
    out: dict[str, Any] = {}
    for key, value in item.items():
        if key.lower() not in allowed and not strict:
            continue
        if key.lower() not in allowed:
            hint = did_you_mean(key, known)
            raise RefusalError(rules.CONFIGURATION, f'unknown key "{key}" in an item of "{where}"', hint)
        if value is not None:
            out[key.lower()] = value
    return out
