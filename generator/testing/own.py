"""Our own test files, kind PolicyTest: an object or a whole build, changed a little, and what a policy says of it."""

import copy
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

from generator.cel import Expression
from generator.emit import dump, scratch
from generator.finding import Finding, Halt, did_you_mean
from generator.location import FieldPath, Span, format_path
from generator.manifest import Identity, identify
from generator.pipeline.build import Build, build
from generator.pipeline.policies import PolicyFile, applies
from generator.pipeline.project import open_project
from generator.policy import BundlePolicy, Cluster, Request, User, read_binding, resources
from generator.policy.model import inside
from generator.policy.projection import reads_of
from generator.source import Document
from generator.spec.example import example_spec
from generator.testing import rules
from generator.testing.trial import Answer, Policy, Trial, UnfitCase, admission_answer, bundle_answer

KIND = "PolicyTest"
_STEP = re.compile(r"""\.?([^.\[\]]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]""")


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    Objects come from a build of the example spec with `spec` laid over it, changed as `remove`, `add` and `set` say.
    `object` is the one that is created, by name or whole; `old` makes it an update, and `old` alone a deletion.
    `params` are objects more; `user` is who asks (name, groups). `view` and `catalog` replace parts of what
    expressions see as `spec` and `catalog`.
    """

    name: str
    expect: str
    message: str = ""
    object: Any = None
    old: Any = None
    params: Sequence[dict[str, Any]] = ()
    user: Mapping[str, Any] = field(default_factory=dict)
    spec: Mapping[str, Any] = field(default_factory=dict)
    view: Mapping[str, Any] = field(default_factory=dict)
    catalog: Mapping[str, Any] = field(default_factory=dict)
    add: Sequence[dict[str, Any]] = ()
    remove: Sequence[str] = ()
    set: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


_NAMES = tuple(one.name for one in fields(Case))
_LISTS = {"params", "add", "remove"}
_MAPS = {"user", "spec", "view", "catalog", "set"}


def parse_path(text: str) -> FieldPath:
    """A path as people type it: `spec.disks[0].name`, `metadata.labels["a.b/c"]`. Raises KeyError for what is none."""
    out: list[str | int] = []
    try:
        for name, index, quoted in _STEP.findall(text):
            out.append(int(index) if index else json.loads(f'"{quoted}"') if quoted else name)
    except ValueError:
        raise KeyError(text) from None
    return tuple(out)


def changed(data: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of an object with fields set; null takes a field away.

    Raises KeyError for a path that does not fit the object.
    """
    result = copy.deepcopy(data)
    for text, value in changes.items():
        *steps, last = parse_path(text)
        node: Any = result
        try:
            for step in steps:
                node = node.setdefault(str(step), {}) if _has_keys(node, step) else node[step]
            _has_keys(node, last)
            if value is not None:
                node[last] = value
            elif isinstance(node, dict):
                node.pop(last, None)
            else:
                del node[last]
        except (IndexError, TypeError, AttributeError):
            raise KeyError(text) from None
    return result


def _has_keys(node: Any, step: str | int) -> bool:
    """Whether a step goes into a mapping. Raises TypeError for an index that does."""
    if isinstance(node, dict) and not isinstance(step, str):
        raise TypeError(step)
    return isinstance(node, dict)


def trials(document: Document, policy: PolicyFile, version: tuple[int, int]) -> list[Trial]:
    """The cases of a file, for the policy it stands beside. Raises Halt."""
    found: list[Trial] = []
    findings: list[Finding] = []
    entries = document.data.get("cases")
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        wrong = list(_wrong(document, entry, index))
        if not wrong and not policy.of_bundle and entry.get("object") is None and entry.get("old") is None:
            hint = "write object, old or both"
            wrong.append(_not_a_test(document, ("cases", index), "the case names no object to judge", hint))
        findings += wrong
        if not wrong:
            case = Case(**entry)
            asked = Asked(policy, case, version)
            named = _places_of_names(document, entry, index)
            found.append(Trial(case.name, document.span(("cases", index)), case.expect, asked, case.message, named))
    if findings:
        raise Halt(findings)
    return found


def _places_of_names(document: Document, entry: Mapping[str, Any], index: int) -> dict[str, Span]:
    """Where a case names each object that it takes from the build, first."""
    at: FieldPath = ("cases", index)
    found: dict[str, Span] = {}
    for key in ("object", "old"):
        if isinstance(entry.get(key), str):
            found.setdefault(entry[key], document.span((*at, key)))
    for number, name in enumerate(entry.get("remove") or ()):
        found.setdefault(name, document.span((*at, "remove", number)))
    for name in entry.get("set") or ():
        found.setdefault(name, document.span((*at, "set", name), key=True))
    return found


def _wrong(document: Document, entry: Any, index: int) -> list[Finding]:
    at: FieldPath = ("cases", index)
    if not isinstance(entry, dict):
        hint = "write name, expect and what is changed"
        return [_not_a_test(document, at, "a case is a mapping", hint)]
    found = [
        _not_a_test(document, (*at, key), f'a case has no field "{key}"', did_you_mean(str(key), _NAMES))
        for key in entry
        if key not in _NAMES
    ]
    found += [
        _not_a_test(
            document,
            (*at, key),
            f"{key} is {entry[key]!r}, not text" if key in entry else f"no {key}",
            "quote it" if key in entry else f"write {key}",
        )
        for key in ("name", "expect")
        if not isinstance(entry.get(key), str)
    ]
    for keys, kind, word in ((_LISTS, list, "a list"), (_MAPS, dict, "a mapping")):
        found += [
            _not_a_test(document, (*at, key), f"{key} is not {word}", f"write {word}")
            for key in sorted(keys & set(entry))
            if not isinstance(entry[key], kind)
        ]
    return found or list(_wrong_inside(document, entry, at))


def _wrong_inside(document: Document, case: Mapping[str, Any], at: FieldPath) -> Iterator[Finding]:
    """What is wrong inside the fields of a case, each of which is of its own form."""

    def wrong(path: FieldPath, word: str) -> Finding:
        return _not_a_test(document, (*at, *path), f"{format_path(path)} is not {word}", f"write {word}")

    if not isinstance(case.get("message", ""), str):
        yield wrong(("message",), "text")
    for key in ("object", "old"):
        if not isinstance(case.get(key), str | dict | None):
            yield wrong((key,), "an object or the name of one")
    for key, kind, word in (("params", dict, "an object"), ("add", dict, "an object"), ("remove", str, "a name")):
        entries = enumerate(case.get(key, ()))
        yield from (wrong((key, index), word) for index, entry in entries if not isinstance(entry, kind))
    for name, changes in case.get("set", {}).items():
        if not isinstance(changes, dict):
            yield wrong(("set", name), "a mapping of paths")
    user = case.get("user", {})
    known = tuple(one.name for one in fields(User))
    yield from (wrong(("user", key), f"a field of a user ({', '.join(known)})") for key in user if key not in known)
    for key in known:
        value = user.get(key, () if key == "groups" else "")
        groups = key == "groups" and isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
        if not groups and not (key != "groups" and isinstance(value, str | dict)):
            yield wrong(("user", key), "a list of names" if key == "groups" else "text")


def _not_a_test(document: Document, path: FieldPath, message: str, hint: str) -> Finding:
    return Finding(rule=rules.NOT_A_TEST, message=message, at=document.span(path), hint=hint)


@cache
def _built(overlay: str) -> Build:
    """The example with an overlay's spec (JSON) laid over it."""
    with scratch("test") as folder:
        (folder / "spec.yaml").write_text(example_spec(), encoding="utf-8")
        (folder / "overlays" / "default").mkdir(parents=True)
        (folder / "overlays" / "default" / "spec.yaml").write_text(f'{{"spec": {overlay}}}\n', encoding="utf-8")
        project = open_project(folder / "spec.yaml")
        return build(project, project.environments[0][1])


@dataclass(frozen=True, slots=True)
class Asked:
    """Puts a case to a policy; `when` replaces the policy's own. Raises Halt, UnfitCase."""

    policy: PolicyFile
    case: Case
    version: tuple[int, int]
    when: Expression | None = None

    def __call__(self, compiled: Policy) -> Answer:
        """What the policy says of the case; `skip` where it does not apply to the build."""
        made = _built(json.dumps(dict(self.case.spec)))
        if not applies(self.policy, self._scope(made), self.when):
            return Answer("skip")
        if isinstance(compiled, BundlePolicy):
            reads = reads_of(compiled.reads)
            objects = self._objects(made).values()
            seen = [reads.project({"bytes": len(dump(data)), **data}) for data in objects]
            return bundle_answer(compiled, {**self._scope(made), "objects": seen}, self.policy.rule.severity)
        request, cluster = self._admission(made)
        assert self.policy.binding is not None
        return admission_answer(compiled, [read_binding(self.policy.binding.data)], request, cluster)

    def admission(self) -> tuple[Request, Cluster] | None:
        """The request an admission policy is asked about, and its cluster; None where the policy does not apply."""
        made = _built(json.dumps(dict(self.case.spec)))
        return self._admission(made) if applies(self.policy, self._scope(made)) else None

    def _admission(self, made: Build) -> tuple[Request, Cluster]:
        objects = self._objects(made)
        data, old = (_named(objects, it) if isinstance(it, str) else it for it in (self.case.object, self.case.old))
        identity = identify(data if isinstance(data, dict) else old)
        operation = "DELETE" if data is None else "UPDATE" if old is not None else "CREATE"
        user = User(**self.case.user) if self.case.user else User()
        name, namespace = identity.name, identity.namespace
        request = Request(operation, resources().of(identity), name, namespace, data, old, user=user)
        return request, self._cluster(objects, identity)

    def _scope(self, made: Build) -> dict[str, Any]:
        shown = made.scope.values
        return {
            **shown,
            "spec": {**shown["spec"], **self.case.view},
            "catalog": {**shown["catalog"], **self.case.catalog},
        }

    def _objects(self, made: Build) -> dict[str, dict[str, Any]]:
        objects = dict(made.by_name())
        objects |= {str(identify(data)): data for data in (*self.case.add, *self.case.params)}
        for name in self.case.remove:
            _named(objects, name)
            del objects[name]
        for name, changes in self.case.set.items():
            try:
                objects[name] = changed(_named(objects, name), changes)
            except KeyError as error:
                raise UnfitCase(f'the path "{error.args[0]}" does not fit {name}', "correct the path") from None
        return objects

    def _cluster(self, objects: Mapping[str, dict[str, Any]], identity: Identity) -> Cluster:
        return cluster_of(list(objects.values()), [identity.namespace], self.version[1])


def _named(objects: Mapping[str, dict[str, Any]], name: str) -> dict[str, Any]:
    """The object of a name such as `VirtualMachine vpn/gw`. Raises UnfitCase."""
    if name not in objects:
        kind = name.partition(" ")[0]
        known = [one for one in objects if one.partition(" ")[0] == kind] or list(objects)
        raise UnfitCase(f'no object is named "{name}"', did_you_mean(name, known), name)
    return objects[name]


def cluster_of(objects: Sequence[dict[str, Any]], needed: Sequence[str], minor: int) -> Cluster:
    """A cluster that holds the objects and nothing else, but for the namespaces that are needed."""
    namespaces = {str(inside(data, "metadata", "name")): data for data in objects if data.get("kind") == "Namespace"}
    for name in needed:
        namespaces.setdefault(name, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    return Cluster(minor=minor, namespaces=namespaces, params=tuple(objects), complete=True)
