"""All schemas in one place: built-in kinds, CRDs of the build, the user's, our own; and the verdict on an object."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from generator.files import Door
from generator.finding import Finding, Severity, did_you_mean
from generator.location import Span
from generator.schema import rules
from generator.schema.builtin import (
    available_minors,
    builtin_validator,
    kind_of_resource,
    near_kinds,
    releases_with,
    versions_of,
)
from generator.schema.crd import check_crd
from generator.schema.extend import extend_crd
from generator.schema.lifecycle import check_lifecycle
from generator.schema.lookup import DEFAULT, Location, Wanted, check_location, door_to, find_crds, names_of
from generator.schema.own import own_crd, own_crds
from generator.schema.places import RulePlace, rule_places
from generator.schema.prepare import Schema, copy_json
from generator.schema.structural import Validator, versions
from generator.schema.validations import RuleEvaluator
from generator.schema.violation import Violation
from generator.source import is_broken_list, is_list, members

_VERSION = re.compile(r"v?1\.([0-9]+)(?:\.[0-9]+)?(?:[-+].*)?")
_CRDS = ("apiextensions.k8s.io", "v1", "CustomResourceDefinition")
_NO_OBJECTS = frozenset({"kustomize.config.k8s.io"})
"""Groups of files that tools read and no cluster gets."""


class Status(StrEnum):
    """What became of one object: `missing` is an object without a schema, `skipped` one nobody wants checked."""

    VALID = "valid"
    INVALID = "invalid"
    MISSING = "missing"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on one object.

    `violations` may hold warnings of a valid object too; of a missing one they say what is missing. `schema` names
    where the schema came from.
    """

    status: Status
    violations: tuple[Violation, ...] = ()
    schema: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaSources:
    """Where schemas come from, as plain values that pickle.

    `locations` are folders of CRDs, CRD files or templates in kubeconform's syntax, relative to `base`, tried in
    order. `crds` are CRDs of the build itself, and come first. `skip` names kinds that are not checked, as `Kind` or
    `group/version/Kind`. `qats` adds QAT devices to our own schemas of KubeVirt's kinds.
    """

    locations: tuple[str, ...] = ()
    base: Path = Path()
    crds: tuple[dict[str, Any], ...] = ()
    skip: frozenset[str] = frozenset()
    qats: bool = False
    doors: tuple[tuple[str, Door], ...] = ()
    """The ways to locations that are not a person's own choice; any other is its own root."""


@dataclass(frozen=True, slots=True)
class _Entry:
    validator: Validator | None
    schema: str = ""
    lead: tuple[Violation, ...] = ()
    places: tuple[RulePlace, ...] = ()
    minor: int = 0


def minor_of(kubernetes: str) -> int | None:
    """The minor version of a Kubernetes version as people write it (`1.34`, `v1.34.2`), or None if it is none."""
    match = _VERSION.fullmatch(kubernetes.strip())
    return int(match[1]) if match else None


def check_version(kubernetes: str, at: Span) -> list[Finding]:
    """A finding where there are no schemas of a Kubernetes version; it lists what is there."""
    if minor_of(kubernetes) in available_minors():
        return []
    violation = _no_version(kubernetes)
    return [Finding(rule=rules.NO_VERSION, message=violation.message, at=at, hint=violation.hint)]


def _no_version(kubernetes: str) -> Violation:
    minors = available_minors()
    if not minors:
        hint = "install the package kubernetes-validate"
        return Violation((), f"no schemas of Kubernetes {kubernetes}: there are none at all", hint, rules.NO_VERSION)
    known = f"1.{minors[0]} to 1.{minors[-1]}" if minors[-1] - minors[0] + 1 == len(minors) else ""
    listed = known or ", ".join(f"1.{minor}" for minor in minors)
    return Violation((), f'no schemas of Kubernetes "{kubernetes}"', f"there are schemas of {listed}", rules.NO_VERSION)


@dataclass(slots=True)
class SchemaStore:
    """Validates objects; keeps what it has compiled. One a process: what it keeps does not pickle, its sources do.

    `findings` are about the sources (a folder that is not there, a file that is no schema); they grow as files are
    read.
    """

    sources: SchemaSources = field(default_factory=SchemaSources)
    _evaluators: dict[int, RuleEvaluator] = field(default_factory=dict)
    _entries: dict[tuple[str, str, int], _Entry] = field(default_factory=dict)
    _crds: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    _locations: list[Location] = field(default_factory=list)
    _refused: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        for location in self.sources.locations:
            refused = check_location(location, self.sources.base)
            self._refused.extend(refused)
            if not refused and location != DEFAULT:
                door = dict(self.sources.doors).get(location)
                self._locations.append(
                    Location(location, self.sources.base, door or door_to(location, self.sources.base))
                )
        self.add_crds(self.sources.crds)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was wrong with the sources, so far."""
        return (*self._refused, *(found for location in self._locations for found in location.findings))

    def add_crds(self, documents: Iterable[Any]) -> None:
        """Take the CRDs among documents (Lists of them too); the first of a kind counts."""
        for crd in find_crds(documents):
            self._crds.setdefault(names_of(crd), crd)
        self._entries.clear()

    def validate(self, data: Any, kubernetes: str) -> Outcome:
        """The verdict on one document for a Kubernetes version; of a list, on all its items together."""
        if not isinstance(data, dict):
            text = f"this is {'a list' if isinstance(data, list) else 'a single value'}, not an object"
            return Outcome(Status.INVALID, (Violation((), text, "start it with `apiVersion:`", rules.NO_KIND),))
        if is_list(data):
            return self._list(data, kubernetes)
        if is_broken_list(data):
            return Outcome(Status.INVALID, (_no_items(data),))
        api_version, kind = data.get("apiVersion"), data.get("kind")
        unnamed = _unnamed(api_version, kind)
        if unnamed:
            return Outcome(Status.INVALID, unnamed)
        assert isinstance(api_version, str)
        assert isinstance(kind, str)
        minor = minor_of(kubernetes)
        if minor is None or minor not in available_minors():
            return Outcome(Status.MISSING, (_no_version(kubernetes),))
        if {kind, f"{api_version}/{kind}"} & self.sources.skip or api_version.partition("/")[0] in _NO_OBJECTS:
            return Outcome(Status.SKIPPED)
        entry = self._entries.get((api_version, kind, minor))
        if entry is None:
            entry = self._entries[api_version, kind, minor] = self._find(api_version, kind, minor)
        if entry.validator is None:
            removed = any(violation.rule is rules.REMOVED_API for violation in entry.lead)
            return Outcome(Status.INVALID if removed else Status.MISSING, entry.lead)
        return self._judge(data, entry, is_crd=kind == _CRDS[2] and api_version == "/".join(_CRDS[:2]))

    def changed(self, old: dict[str, Any], new: dict[str, Any], kubernetes: str) -> tuple[Violation, ...]:
        """What the rules of a schema about changes say of replacing one object by another that keeps the schema."""
        entry = self._entry(new, kubernetes)
        if entry is None or entry.validator is None or old.get("apiVersion") != new.get("apiVersion"):
            return ()
        places = [place for place in entry.places if place.about_changes]
        if not places or entry.validator.validate(new):
            return ()
        evaluate = self._evaluators.setdefault(entry.minor, RuleEvaluator(entry.minor))
        before, after = entry.validator.prepared(old), entry.validator.prepared(new)
        found: list[Violation] = []
        for place in places:
            for path, value, was in place.values(after, before):
                told = evaluate(place.schema, value, path, was, of_change=True)
                found.extend(told or ())
                if _too_much(told):
                    break
        return tuple(found)

    def looks_back(self) -> bool:
        """Whether any CRD at hand has a rule about changes."""
        word = "oldSelf"
        known = any(word in json.dumps(crd, default=str) for crd in self._crds.values())
        return known or any(location.mentions(word) for location in self._locations)

    def stored(self, data: dict[str, Any], kubernetes: str) -> dict[str, Any]:
        """A custom resource as the server keeps it: defaults filled in, unknown fields and nulls gone.

        One without a schema is copied as it is.
        """
        entry = self._entry(data, kubernetes)
        return entry.validator.prepared(data) if entry and entry.validator else copy_json(data)

    def schema_of(self, api_version: str, kind: str, kubernetes: str) -> Schema | None:
        """The structural schema of a kind at a version, or None where there is none."""
        entry = self._entry({"apiVersion": api_version, "kind": kind}, kubernetes)
        return entry.validator.schema if entry is not None and entry.validator is not None else None

    def kind_of(self, group: str, version: str, resource: str, kubernetes: str) -> str:
        """The kind of a resource, by its plural name; empty where no schema here is of it."""
        for crd in (*self._crds.values(), *own_crds(group)):
            spec = crd["spec"]
            if (spec["group"], spec["names"]["plural"]) == (group, resource):
                return str(spec["names"]["kind"])
        found = kind_of_resource(minor_of(kubernetes) or 0, group, version, resource)
        return found or next(filter(None, (location.kind_of(group, resource) for location in self._locations)), "")

    def _entry(self, data: dict[str, Any], kubernetes: str) -> _Entry | None:
        api_version, kind, minor = str(data.get("apiVersion")), str(data.get("kind")), minor_of(kubernetes)
        entry = self._entries.get((api_version, kind, minor or 0))
        if entry is None and minor is not None:
            entry = self._entries[api_version, kind, minor] = self._find(api_version, kind, minor)
        return entry

    def _judge(self, data: dict[str, Any], entry: _Entry, *, is_crd: bool) -> Outcome:
        assert entry.validator is not None
        found = entry.validator.validate(data)
        if not (found or entry.lead or entry.places or is_crd):
            return Outcome(Status.VALID, (), entry.schema)
        if is_crd:
            found = list(dict.fromkeys([*found, *check_crd(data)]))
        # The server evaluates no rule of an object that breaks its schema.
        if entry.places and not found:
            found = self._rules(data, entry)
        found = [*entry.lead, *found]
        bad = any(violation.level is Severity.ERROR for violation in found)
        return Outcome(Status.INVALID if bad else Status.VALID, tuple(found), entry.schema)

    def _rules(self, data: dict[str, Any], entry: _Entry) -> list[Violation]:
        """What the validation rules of a schema say of an object that keeps the schema itself."""
        assert entry.validator is not None
        evaluate = self._evaluators.setdefault(entry.minor, RuleEvaluator(entry.minor))
        view = entry.validator.prepared(data)
        found: list[Violation] = []
        skipped = 0
        for place in entry.places:
            for path, value, _ in place.values(view):
                told = evaluate(place.schema, value, path)
                skipped += place.count if told is None else 0
                found.extend(told or ())
                if _too_much(told):
                    break  # its other values would take as long again
        if skipped:
            text = f"{skipped} validation rules of the schema do not compile for Kubernetes 1.{entry.minor}"
            found.append(Violation((), text, "let a server check the object", rules.RULE_NOT_EVALUATED))
        return found

    def _list(self, data: dict[str, Any], kubernetes: str) -> Outcome:
        outcomes = [(path, self.validate(item, kubernetes)) for path, item in members(data)]
        found = tuple(
            replace(violation, path=(*path, *violation.path))
            for path, outcome in outcomes
            for violation in outcome.violations
        )
        order = (Status.INVALID, Status.MISSING, Status.VALID)
        status = next((one for one in order if any(outcome.status is one for _, outcome in outcomes)), Status.VALID)
        return Outcome(status, found)

    def _find(self, api_version: str, kind: str, minor: int) -> _Entry:
        group, _, version = api_version.rpartition("/")
        life = check_lifecycle(api_version, kind, minor)
        lead = (life,) if life else ()
        crd, source = self._crds.get((group, kind)), "CRD of the build"
        if crd is None:
            validator = builtin_validator(minor, group, version, kind)
            if validator is not None:
                return _Entry(validator, f"Kubernetes 1.{minor}", lead)
            if life and life.rule is rules.REMOVED_API:
                return _Entry(None, "", (_with_successor(life, minor, group, kind),))
            found = self._located(Wanted(group, version, kind, f"1.{minor}"))
            if isinstance(found, Validator):
                found = replace(found, minor=minor)
                return _Entry(found, "schema location", lead, tuple(rule_places(found.schema)), minor)
            crd, source = (found, "schema location") if found else (own_crd(group, kind), "our own schema")
            if crd is not None and source == "our own schema" and self.sources.qats:
                crd = extend_crd(crd, Span("")).crd
        if crd is None:
            return _Entry(None, "", (*lead, _missing(api_version, kind, minor)))
        return _from_crd(crd, source, api_version, minor, lead)

    def _located(self, wanted: Wanted) -> dict[str, Any] | Validator | None:
        for location in self._locations:
            found = location.find(wanted)
            if found and found.crd:
                return found.crd
            if found and found.schema:
                return Validator(found.schema)
        return None


def _unnamed(api_version: Any, kind: Any) -> tuple[Violation, ...]:
    found = []
    for key, value in (("apiVersion", api_version), ("kind", kind)):
        if not isinstance(value, str) or not value:
            text = f"{key} is missing" if value is None or value == "" else f"{key} is {value!r}, not a text"
            hint = "add it, or take the document out: some tools drop it without a word"
            found.append(Violation((key,), text, hint, rules.NO_KIND))
    if not found and str(api_version).count("/") > 1:
        text = f'apiVersion "{api_version}" is not of the form group/version'
        found.append(Violation(("apiVersion",), text, "", rules.NO_KIND))
    return tuple(found)


def _no_items(data: dict[str, Any]) -> Violation:
    """What is wrong with a list whose items cannot be taken out of it."""
    if "items" not in data:
        return Violation(("items",), "Required value", "add the objects of the list", rules.REQUIRED)
    kind = "a mapping" if isinstance(data["items"], dict) else "a single value"
    hint = "begin each object with `-`, or write `[]` for a list without objects"
    return Violation(("items",), f"the items of a {data['kind']} are {kind}, not a list", hint, rules.WRONG_TYPE)


def _with_successor(violation: Violation, minor: int, group: str, kind: str) -> Violation:
    if violation.hint.startswith("use "):
        return violation
    served = versions_of(minor, group, kind)
    return replace(violation, hint=f"use {group}/{served[0]}") if served and group else violation


def _missing(api_version: str, kind: str, minor: int) -> Violation:
    group, _, version = api_version.rpartition("/")
    text = f"no schema for {api_version} {kind}"
    served, releases = versions_of(minor, group, kind), releases_with(group, version, kind)
    if served:
        listed = ", ".join(f"{group}/{name}" if group else name for name in served)
        hint = f"Kubernetes 1.{minor} has it as {listed}"
    elif releases:
        hint = f"it is there in Kubernetes 1.{releases[0]} to 1.{releases[-1]}: choose another -k, or remove it"
    else:
        hint = did_you_mean(kind, near_kinds(minor, group, version))
        hint = hint if hint.startswith("did you mean") else "import its CRD, or name a folder with --schema-location"
    return Violation(("apiVersion" if served else "kind",), text, hint, rules.MISSING_SCHEMA)


def _from_crd(crd: dict[str, Any], source: str, api_version: str, minor: int, lead: tuple[Violation, ...]) -> _Entry:
    version = api_version.rpartition("/")[2]
    by_version = versions(crd, minor)
    validator = by_version.get(version)
    if validator is None:
        group, kind = names_of(crd)
        listed = ", ".join(f"{group}/{name}" for name in by_version) or "no version with a schema"
        text = f"no schema for {api_version} {kind}: its CRD has {listed}"
        violation = Violation(("apiVersion",), text, did_you_mean(version, by_version), rules.MISSING_SCHEMA)
        return _Entry(None, "", (*lead, violation))
    for one in crd["spec"]["versions"]:
        if one.get("name") == version and one.get("deprecated") and not lead:
            warning = one.get("deprecationWarning") or f"{api_version} {names_of(crd)[1]} is deprecated"
            lead = (Violation(("apiVersion",), warning, "", rules.DEPRECATED_API, Severity.WARNING),)
    return _Entry(validator, source, lead, tuple(rule_places(validator.schema)), minor)


def _too_much(found: list[Violation] | None) -> bool:
    return any(violation.rule is rules.TOO_MUCH_WORK for violation in found or ())
