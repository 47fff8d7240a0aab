"""Find schemas where the user says they are: folders of CRDs, and kubeconform's templates of file names."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.files import Door, Kind, RefusedError, door_of, kind_of, named
from generator.finding import Finding, Halt, did_you_mean
from generator.location import Span
from generator.schema import rules
from generator.schema.convert import from_json_schema
from generator.schema.definitions import CRD, Definitions, definitions
from generator.schema.sound import is_sound
from generator.source import Dialect, glance_at, members, read_documents, read_file

_PLACEHOLDER = re.compile(r"\{\{-?\s*\.?([^{}]*?)\s*-?\}\}")
_REMOTE = re.compile(r"(?i)[a-z][a-z0-9+.-]*://")
_SUFFIXES = (".yaml", ".yml", ".json")
_LAYOUT = "{{ .NormalizedKubernetesVersion }}-standalone{{ .StrictSuffix }}/{{ .ResourceKind }}{{ .KindSuffix }}.json"
PLACEHOLDERS = (
    "ResourceKind",
    "ResourceAPIVersion",
    "Group",
    "NormalizedKubernetesVersion",
    "StrictSuffix",
    "KindSuffix",
)
DEFAULT = "default"
"""The location that stands for the schemas we carry, as kubeconform has it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A kind at a version, for a Kubernetes version (`1.34`)."""

    group: str
    version: str
    kind: str
    kubernetes: str

    def fields(self) -> dict[str, str]:
        """The values of the placeholders of kubeconform's templates."""
        head = self.group.partition(".")[0]
        release = self.kubernetes.removeprefix("v")
        full = release if release.count(".") != 1 else f"{release}.0"
        return {
            "ResourceKind": self.kind.lower(),
            "ResourceAPIVersion": self.version,
            "Group": self.group or self.version,
            "NormalizedKubernetesVersion": full if full == "master" else f"v{full}",
            "StrictSuffix": "-strict",
            "KindSuffix": f"-{head.lower()}-{self.version.lower()}" if self.group else f"-{self.version.lower()}",
        }


@dataclass(frozen=True, slots=True)
class Found:
    """A CRD, or the structural schema of one kind at one version, and the file it stands in."""

    file: str
    crd: dict[str, Any] | None = None
    schema: dict[str, Any] | None = None


def _finding(rule: Any, message: str, shown: str, hint: str) -> Finding:
    return Finding(rule=rule, message=message, at=Span(shown), hint=hint)


def check_location(location: str, base: Path) -> list[Finding]:
    """What is wrong with a location as it is written: fetched from elsewhere, unknown placeholders, no such folder."""
    if location == DEFAULT:
        return []
    if _REMOTE.match(location):
        hint = "download the schemas and name their folder, or import the CRDs"
        return [_finding(rules.REMOTE_SCHEMA, f"{location} is not a local path: nothing is fetched", location, hint)]
    unknown = [name for name in _PLACEHOLDER.findall(location) if name not in PLACEHOLDERS]
    if unknown:
        hint = did_you_mean(unknown[0], PLACEHOLDERS)
        text = f"unknown placeholder {{{{ .{unknown[0]} }}}} in {location}"
        return [_finding(rules.UNREADABLE_SCHEMA, text, location, hint)]
    fixed = location.partition("{{")[0]
    path = base / (fixed if fixed == location else fixed.rpartition("/")[0] or ".")
    if kind_of(path) is None:
        text = f"there is no {path if fixed == location else fixed or location}"
        return [_finding(rules.UNREADABLE_SCHEMA, text, location, "create it, or correct the path")]
    return []


def door_to(location: str, base: Path) -> Door:
    """The way to a location that a person named and that is there: its folder is its root."""
    fixed = location.partition("{{")[0]
    path = base / (fixed if fixed == location else fixed.rpartition("/")[0] or ".")
    return door_of(path) if kind_of(path) is Kind.FOLDER else named(path)


@dataclass(slots=True)
class Location:
    """One place to look in, relative to `base`, by its door. Files are read when a kind is first looked for.

    `findings` are about files that could not be read; they come once each.
    """

    location: str
    base: Path
    door: Door
    findings: list[Finding] = field(default_factory=list)
    _files: list[tuple[Path, Definitions]] | None = None
    _read: dict[Path, list[Found]] = field(default_factory=dict)

    def find(self, wanted: Wanted) -> Found | None:
        """The first schema here for a kind, or None."""
        if "{{" in self.location:
            return self._from_file(self.base / expand(self.location, wanted), wanted)
        path = self.base / self.location
        if kind_of(path) is Kind.FOLDER:
            found = self._from_file(path / expand(_LAYOUT, wanted), wanted)
            if found:
                return found
        return self._among_crds(path, wanted)

    def kind_of(self, group: str, resource: str) -> str:
        """The kind of a resource, by its plural name, of a CRD here; empty where there is none."""
        if "{{" in self.location:
            return ""
        if self._files is None:
            self._files = list(self._index(self.base / self.location))
        for file, seen in self._files:
            for found in self._load(file) if seen.may_define_in(group) else ():
                spec = found.crd["spec"] if found.crd else {}
                if found.crd and (spec["group"], spec["names"]["plural"]) == (group, resource):
                    return str(spec["names"]["kind"])
        return ""

    def mentions(self, word: str) -> bool:
        """Whether a word may be in any file here; files that cannot be read are reported when a kind is looked for."""
        path = self.base / self.location.partition("{{")[0]
        is_folder = kind_of(path) is Kind.FOLDER
        folder = path if is_folder else path.parent
        files = self._below(folder) if "{{" in self.location or is_folder else [path]
        return any(self._has(file, word) for file in files)

    def _below(self, folder: Path) -> list[Path]:
        """The files of schemas below a folder, sorted; a folder that cannot be listed has none, and is reported."""
        try:
            return sorted(file for file in self.door.walk(folder) if file.suffix in _SUFFIXES)
        except RefusedError as refused:
            self._tell(folder, refused.what, refused.hint)
            return []

    def _has(self, file: Path, word: str) -> bool:
        try:
            return glance_at(self.door.read(file)).may_hold(word)
        except RefusedError:
            return False

    def _tell(self, file: Path, what: str, hint: str) -> None:
        finding = _finding(rules.UNREADABLE_SCHEMA, what, self._shown(file), hint)
        if finding not in self.findings:
            self.findings.append(finding)

    def _from_file(self, path: Path, wanted: Wanted) -> Found | None:
        try:
            if self.door.kind(path) is None:
                return None
        except RefusedError as refused:
            self._tell(path, f"the file {refused.what}", refused.hint)
            return None
        for found in self._load(path):
            if found.schema is not None or (found.crd and names_of(found.crd) == (wanted.group, wanted.kind)):
                return found
        return None

    def _among_crds(self, path: Path, wanted: Wanted) -> Found | None:
        if self._files is None:
            self._files = list(self._index(path))
        for file, seen in self._files:
            if seen.may_define(wanted.group, wanted.kind):
                for found in self._load(file):
                    if found.crd and names_of(found.crd) == (wanted.group, wanted.kind):
                        return found
        return None

    def _index(self, path: Path) -> Iterator[tuple[Path, Definitions]]:
        """Files that may hold CRDs, with what they may define: parsing them all is slow."""
        files = self._below(path) if kind_of(path) is Kind.FOLDER else [path]
        for file in files:
            try:
                content = self.door.text(file)
            except RefusedError as refused:
                hint = "make it readable for yourself (`chmod u+r`), or save it as UTF-8"
                self._tell(file, f"cannot read: the file {refused.what}", refused.hint or hint)
                continue
            seen = definitions(content)
            if seen is not None:
                yield file, seen

    def _shown(self, file: Path) -> str:
        return str(file.relative_to(self.base)) if file.is_relative_to(self.base) else str(file)

    def _load(self, file: Path) -> list[Found]:
        if file not in self._read:
            self._read[file] = list(self._parse(file))
        return self._read[file]

    def _parse(self, file: Path) -> Iterator[Found]:
        shown = self._shown(file)
        try:
            documents = [document.data for document in read_file(file, shown, Dialect.KUBERNETES, door=self.door)]
        except Halt as halt:
            self.findings.extend(halt.findings)
            return
        except (RefusedError, ValueError) as error:
            hint = "correct the file, or take it out of the folder"
            self.findings.append(_finding(rules.UNREADABLE_SCHEMA, f"not a schema: {error}", shown, hint))
            return
        crds = list(find_crds(documents))
        yield from (Found(shown, crd=crd) for crd in crds)
        if not crds and len(documents) == 1 and isinstance(documents[0], dict):
            try:
                schema = from_json_schema(documents[0])
            except ValueError as error:
                schema = {}
                refused = str(error)
            else:
                refused = "" if is_sound(schema) else "a keyword has a value of the wrong type"
            if refused:
                hint = "correct the file, or take it out of the folder"
                self.findings.append(_finding(rules.UNREADABLE_SCHEMA, f"not a schema: {refused}", shown, hint))
                return
            yield Found(shown, schema=schema)


def defined_kinds(raw: bytes, shown: str) -> frozenset[tuple[str, str]] | None:
    """Group and kind of every CRD in a file's text; None where it holds none that can be read."""
    try:
        found = [names_of(crd) for crd in find_crds(one.data for one in read_documents(raw, shown, Dialect.KUBERNETES))]
    except Halt:
        return None
    return frozenset(found) if found else None


def expand(template: str, wanted: Wanted) -> str:
    """A template of kubeconform with its placeholders filled in; unknown ones become nothing."""
    values = wanted.fields()
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], ""), template)


def names_of(crd: dict[str, Any]) -> tuple[str, str]:
    """Group and kind of a CRD, empty where they are absent."""
    spec = crd.get("spec")
    names = spec.get("names") if isinstance(spec, dict) else None
    kind = names.get("kind") if isinstance(names, dict) else None
    return (str(spec.get("group") or ""), str(kind or "")) if isinstance(spec, dict) else ("", "")


def defines_kind(crd: Mapping[str, Any]) -> bool:
    """Whether a CRD has everything by which a kind is looked up, each of its type."""
    spec, metadata = crd.get("spec"), crd.get("metadata")
    if not isinstance(spec, dict) or not isinstance(metadata, dict):
        return False
    names, versions = spec.get("names"), spec.get("versions")
    if not isinstance(names, dict) or not isinstance(versions, list):
        return False
    texts = (metadata.get("name"), spec.get("group"), names.get("kind"), names.get("plural"), spec.get("scope", ""))
    return all(isinstance(text, str) for text in texts) and all(map(_is_version, versions))


def _is_version(version: Any) -> bool:
    if not isinstance(version, dict) or not isinstance(version.get("name", ""), str):
        return False
    if not isinstance(version.get("deprecationWarning"), str | None):
        return False
    mappings = [version.get(key) for key in ("schema", "subresources")]
    if not all(isinstance(one, dict | None) for one in mappings):
        return False
    schema = (version.get("schema") or {}).get("openAPIV3Schema")
    return schema is None or is_sound(schema)


def find_crds(documents: Iterable[Any], *, whole: bool = True) -> Iterator[dict[str, Any]]:
    """The CRDs among documents, those inside Lists (`kubectl get crd -o yaml`) too.

    With `whole` only those that define a kind, with a group, a plural and versions: the server refuses the others, and
    so does the schema of CustomResourceDefinition where they are objects of a build.
    """
    for document in documents:
        for _, data in members(document):
            if isinstance(data, dict) and data.get("kind") == CRD and (not whole or defines_kind(data)):
                yield data
