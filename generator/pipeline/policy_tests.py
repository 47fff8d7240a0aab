"""Unit tests of policies: cases of an object, or of a whole build, and what a policy should say of them."""

import copy
import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from generator.emit import dump
from generator.location import FieldPath
from generator.manifest import Identity, identify
from generator.pipeline.build import Build, build
from generator.pipeline.policies import PolicyFile, applies
from generator.pipeline.project import open_project
from generator.policy import (
    BundlePolicy,
    Cluster,
    CompiledPolicy,
    Request,
    compile_bundle,
    compile_policy,
    evaluate_bundle,
    judge,
    policy_set,
    read_binding,
    resources,
)
from generator.policy.projection import reads_of
from generator.spec.example import example_spec

KIND = "PolicyTest"
_STEP = re.compile(r"""\.?([^.\[\]]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]""")
VERSION = (1, 36)


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    Objects come from a build of the example spec with `spec` laid over it, changed as `remove`, `add` and `set` say.
    `object` is the one that is created, by name or whole; `old` makes it an update. `view` replaces parts of what
    rules over a build see as `spec`.
    """

    name: str
    expect: str
    message: str = ""
    object: Any = None
    old: Any = None
    spec: Mapping[str, Any] = field(default_factory=dict)
    view: Mapping[str, Any] = field(default_factory=dict)
    add: Sequence[dict[str, Any]] = ()
    remove: Sequence[str] = ()
    set: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a policy says of a case: allow, deny, warn, skip, unknown or error, and the messages.

    `failed` are the numbers of the validations that did not hold.
    """

    verdict: str
    messages: Sequence[str] = ()
    failed: frozenset[int] = frozenset()


def parse_path(text: str) -> FieldPath:
    """A path as people type it: `spec.disks[0].name`, `metadata.labels["a.b/c"]`."""
    out: list[str | int] = []
    for name, index, quoted in _STEP.findall(text):
        out.append(int(index) if index else json.loads(f'"{quoted}"') if quoted else name)
    return tuple(out)


def changed(data: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of an object with fields set; null takes a field away. Raises KeyError for a list that is too short."""
    result = copy.deepcopy(data)
    for text, value in changes.items():
        *steps, last = parse_path(text)
        node: Any = result
        for step in steps:
            node = node.setdefault(step, {}) if isinstance(node, dict) else node[step]
        if value is None:
            node.pop(last, None)
        else:
            node[last] = value
    return result


@cache
def _built(overlay: str) -> Build:
    """The example with an overlay's spec (JSON) laid over it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "spec.yaml").write_text(example_spec(), encoding="utf-8")
        (folder / "overlays" / "default").mkdir(parents=True)
        (folder / "overlays" / "default" / "spec.yaml").write_text(f'{{"spec": {overlay}}}\n', encoding="utf-8")
        project = open_project(folder / "spec.yaml")
        return build(project, project.environments[0][1])


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs the cases of one policy."""

    policy: PolicyFile

    def run(self, case: Case) -> Answer:
        """What the policy says. Raises Halt, KeyError for names that are not in the build."""
        made = _built(json.dumps(dict(case.spec)))
        spec = {**made.scope.values["spec"], **case.view}
        scope = {**made.scope.values, "spec": spec}
        if not applies(self.policy, scope):
            return Answer("skip")
        objects = self._objects(made, case)
        if self.policy.of_bundle:
            return self._bundle(objects, scope)
        return self._admission(objects, case)

    def _objects(self, made: Build, case: Case) -> dict[str, dict[str, Any]]:
        objects = dict(made.by_name())
        objects |= {str(identify(data)): data for data in case.add}
        for name in case.remove:
            del objects[name]
        for name, changes in case.set.items():
            objects[name] = changed(objects[name], changes)
        return objects

    def _bundle(self, objects: Mapping[str, dict[str, Any]], scope: Mapping[str, Any]) -> Answer:
        compiled = compile_bundle(self.policy.policy.data, VERSION)
        if not isinstance(compiled, BundlePolicy):
            return Answer("error", [str(problem) for problem in compiled])
        reads = reads_of(compiled.reads)
        seen = [reads.project({"bytes": len(dump(data)), **data}) for data in objects.values()]
        breaches = list(evaluate_bundle(compiled, {**scope, "objects": seen}))
        if any(breach.error for breach in breaches):
            return Answer("error", [breach.message for breach in breaches])
        if not breaches:
            return Answer("allow")
        severities = {breach.severity or self.policy.rule.severity.value for breach in breaches}
        verdict = "deny" if "error" in severities else "warn"
        return Answer(verdict, [b.message for b in breaches], frozenset(b.index for b in breaches))

    def _admission(self, objects: Mapping[str, dict[str, Any]], case: Case) -> Answer:
        compiled = compile_policy(self.policy.policy.data, VERSION)
        if not isinstance(compiled, CompiledPolicy):
            return Answer("error", [str(problem) for problem in compiled])
        assert self.policy.binding is not None
        data = objects[case.object] if isinstance(case.object, str) else case.object
        old = objects[case.old] if isinstance(case.old, str) else case.old
        identity = identify(data if isinstance(data, dict) else old)
        operation = "DELETE" if data is None else "UPDATE" if old is not None else "CREATE"
        resource = resources().of(identity)
        request = Request(operation, resource, identity.name, identity.namespace, data, old)
        verdict = judge(
            policy_set([compiled], [read_binding(self.policy.binding.data)]), request, _cluster(objects, identity)
        )
        if verdict.unknown and not verdict.failures:
            return Answer("unknown", list(verdict.unknown.values()))
        if compiled.spec.name not in verdict.evaluated and not verdict.failures:
            return Answer("skip")
        if not verdict.failures:
            return Answer("allow")
        denies = any(failure.denies for failure in verdict.failures)
        messages = [failure.denial.message for failure in verdict.failures]
        return Answer("deny" if denies else "warn", messages, frozenset(f.denial.index for f in verdict.failures))


def _cluster(objects: Mapping[str, dict[str, Any]], identity: Identity) -> Cluster:
    namespaces = {name.removeprefix("Namespace "): d for name, d in objects.items() if d.get("kind") == "Namespace"}
    own = identity.namespace
    namespaces.setdefault(own, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": own}})
    return Cluster(minor=VERSION[1], namespaces=namespaces, params=tuple(objects.values()), complete=True)


def read_cases(data: Mapping[str, Any]) -> Iterator[Case]:
    """The cases of a test file. Raises TypeError for a field that no case has."""
    for entry in data.get("cases") or ():
        yield Case(**entry)


def judged(case: Case, answer: Answer) -> str:
    """Why a case fails; nothing where it passes."""
    if case.expect not in ("allow", "deny", "warn", "skip", "unknown", "error"):
        return f'expect is "{case.expect}", which is no verdict'
    if answer.verdict != case.expect:
        told = f": {'; '.join(answer.messages)}" if answer.messages else ""
        return f"expected {case.expect}, got {answer.verdict}{told}"
    if case.message and not any(case.message in message for message in answer.messages):
        return f'no message has "{case.message}": {"; ".join(answer.messages)}'
    return ""
