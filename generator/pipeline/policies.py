"""Which policies there are: policies/ beside the spec, over those that ship with the tool."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from generator.bounds import Unit, running
from generator.cel import (
    DYN,
    CompileError,
    CostError,
    Environment,
    EvalError,
    Expression,
    UnknownError,
    WorkError,
    compile_expression,
)
from generator.files import Chosen, Door, Kind, RefusedError, door_of
from generator.finding import Finding, Halt, Rule, Severity
from generator.location import FieldPath, Span
from generator.pipeline.refused import in_words, way_out
from generator.policy import BundlePolicy, Problem, binding_problems, compile_bundle, compile_policy
from generator.policy import rules as policy_rules
from generator.policy.bundle import KIND as BUNDLE_KIND
from generator.policy.model import BINDING_KIND, POLICY_KIND, inside
from generator.policy.problem import field_path
from generator.source import Dialect, Document, place_in_scalar, read_file, refusal
from generator.spec.load import is_folder, refused_at

POLICY, BINDING = "policy.yaml", "binding.yaml"
BUNDLE_VERSION = (1, 36)
"""Rules over a build are evaluated by us alone, with the libraries we have, whatever the target."""
_ANNOTATION = "qatgen.dev/"
WHEN: FieldPath = ("metadata", "annotations", f"{_ANNOTATION}when")
_SEVERITIES = {severity.value: severity for severity in Severity}


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """One policy with its binding (a bundle rule has none), and what its annotations say.

    `rule` is what its findings are instances of; `when` a CEL expression over spec, catalog and target that says
    whether the policy applies at all; `hint` and `source` are for people.
    """

    folder: str
    policy: Document
    binding: Document | None
    rule: Rule
    hint: str = ""
    when: str = ""

    @property
    def name(self) -> str:
        """The policy's name."""
        return str(inside(self.policy.data, "metadata", "name") or "")

    @property
    def code(self) -> str:
        """What it is known by: the code of its rule, or its name where it has none of its own."""
        return self.name if self.rule is policy_rules.DENIED else self.rule.code

    @property
    def of_bundle(self) -> bool:
        """Whether it is a rule over the whole build."""
        return bool(self.policy.data.get("kind") == BUNDLE_KIND)


def built_in_policies() -> Path:
    """The policies shipped with the package, or those of a checkout."""
    package = Path(str(files("generator")))
    inside = package / "policies"
    return inside if inside.is_dir() else package.parent / "policies"


def load_policies(root: Path | None, shown: str = "", door: Door | None = None) -> list[PolicyFile]:
    """Every policy, by the name of its folder; a project's own folder replaces the built-in one of its name.

    `root` is the spec's folder, without which there are only those that ship with the tool; `door` is the way to the
    project's files. Raises Halt with what is wrong with the files; the built-in ones are read from a checked copy.
    """
    built_in = built_in_policies()
    shipped = door_of(built_in, Chosen(flag=built_in))
    folders = {name: (built_in / name, f"policies/{name}", shipped) for name in _folders(built_in, shipped)}
    findings: list[Finding] = []
    if root is not None:
        own, top = root / "policies", f"{shown}/policies" if shown else "policies"
        door = door or door_of(root)
        if is_folder(door, own, top) and door.real(own) != built_in:
            for name in door.names(own):
                place = f"{top}/{name}"
                try:
                    if door.kind(own / name) is Kind.FOLDER:
                        place = f"{top}/{name}/{POLICY}"
                        if door.kind(own / name / POLICY) is not None:
                            folders[name] = (own / name, f"{top}/{name}", door)
                except RefusedError as refused:
                    findings.append(refused_at(refused, place))
    found = []
    for _, (path, name, way) in sorted(folders.items()):
        try:
            found.append(_shipped(path, name) if way is shipped else read_policy_folder(path, name, way))
        except Halt as halt:
            findings.extend(halt.findings)
    if findings:
        raise Halt(findings)
    return found


@cache
def _folders(base: Path, door: Door) -> tuple[str, ...]:
    """The folders that hold a policy."""
    return tuple(name for name in door.folders(base) if door.kind(base / name / POLICY) is not None)


@cache
def _shipped(path: Path, shown: str) -> PolicyFile:
    """A policy that ships with the tool: read once a process, as it does not change."""
    return read_policy_folder(path, shown, door_of(path, Chosen(flag=path)))


def read_policy_folder(path: Path, shown: str, door: Door | None = None) -> PolicyFile:
    """The policy of a folder, with its binding; `door` is the way to them, or the folder is its own. Raises Halt."""
    door = door or door_of(path)
    policy = _one(path / POLICY, f"{shown}/{POLICY}", (POLICY_KIND, BUNDLE_KIND), door)
    binding = None
    if policy.data["kind"] == POLICY_KIND:
        try:
            bound = door.kind(path / BINDING) is not None
        except RefusedError as refused:
            raise Halt([refusal(refused, f"{shown}/{BINDING}")]) from None
        if not bound:
            message = f'policy "{_metadata(policy).get("name")}" has no {BINDING}: it would do nothing'
            spec = f"spec: {{policyName: {_metadata(policy).get('name')}, validationActions: [Deny]}}"
            hint = f"add {shown}/{BINDING}: kind {BINDING_KIND} with `{spec}`"
            raise Halt([Finding(rule=policy_rules.NO_BINDING, message=message, at=policy.span(("kind",)), hint=hint)])
        binding = _one(path / BINDING, f"{shown}/{BINDING}", (BINDING_KIND,), door)
        named = inside(binding.data, "spec", "policyName")
        if named != _metadata(policy).get("name"):
            message = f'the binding names policy "{named}", beside it stands "{_metadata(policy).get("name")}"'
            at = binding.span(("spec", "policyName"))
            hint = "write the policy's name"
            raise Halt([Finding(rule=policy_rules.NO_POLICY, message=message, at=at, hint=hint)])
    return described(PolicyFile(shown, policy, binding, policy_rules.DENIED))


def _one(path: Path, shown: str, kinds: tuple[str, ...], door: Door) -> Document:
    documents = read_file(path, shown, Dialect.KUBERNETES, door=door)
    if len(documents) != 1 or not isinstance(documents[0].data, dict) or documents[0].data.get("kind") not in kinds:
        message = f"the file holds no one object of kind {' or '.join(kinds)}"
        at = documents[0].span() if documents else Span(shown)
        hint = "keep one policy a folder"
        raise Halt([Finding(rule=policy_rules.REFUSED, message=message, at=at, hint=hint)])
    return documents[0]


def _metadata(document: Document) -> Mapping[str, Any]:
    found = document.data.get("metadata")
    return found if isinstance(found, dict) else {}


def described(policy: PolicyFile) -> PolicyFile:
    """The policy with what its annotations say of it."""
    annotations = _metadata(policy.policy).get("annotations")
    said = annotations if isinstance(annotations, dict) else {}
    code = said.get(f"{_ANNOTATION}rule")
    rule = policy.rule
    if code:
        severity = _SEVERITIES.get(str(said.get(f"{_ANNOTATION}severity") or "error"), Severity.ERROR)
        name = policy.name.removeprefix(f"{str(code).lower()}-")
        rule = Rule(str(code), name, str(said.get(f"{_ANNOTATION}summary") or ""), severity)
    return replace(
        policy,
        rule=rule,
        hint=str(said.get(f"{_ANNOTATION}hint") or ""),
        when=str(said.get(f"{_ANNOTATION}when") or ""),
    )


def read_when(policy: PolicyFile) -> Expression | None:
    """A policy's `when`, compiled; None where it has none. Raises Halt where it is no expression."""
    if not policy.when:
        return None
    try:
        return compile_expression(
            policy.when, Environment(tuple((name, DYN) for name in ("spec", "catalog", "target")))
        )
    except CompileError as error:
        raise _no_condition(policy, error) from None


def applies(policy: PolicyFile, scope: Mapping[str, Any], when: Expression | None = None) -> bool:
    """Whether a policy applies to an environment; `when` stands for the policy's own. Raises Halt where it fails."""
    condition = when or read_when(policy)
    try:
        with running(Unit(f'`when` of policy "{policy.name}"', policy.policy.span(WHEN))):
            return condition is None or condition.evaluate(scope) is True
    except WorkError as error:
        message = f'policy "{policy.name}" was not evaluated: when: {error}'
        at, hint = policy.policy.span(WHEN), "simplify the expression"
        raise Halt([Finding(rule=policy_rules.TOO_MUCH_WORK, message=message, at=at, hint=hint)]) from None
    except (EvalError, CostError, UnknownError) as error:
        raise _no_condition(policy, error) from None


def _no_condition(policy: PolicyFile, error: Exception) -> Halt:
    at = policy.policy.span(WHEN)
    return Halt([Finding(rule=policy_rules.REFUSED, message=f"when: {error}", at=at, hint="fix the expression")])


def check_policies(policies: Sequence[PolicyFile], target: tuple[int, int]) -> Iterator[Finding]:
    """Why the API server of a version would refuse to store a policy or binding, at the place in the file."""
    for policy in policies:
        yield from refusals(policy.policy, _problems(policy.policy.data, target, of_bundle=policy.of_bundle), target)
        if policy.binding is not None:
            yield from refusals(policy.binding, binding_problems(policy.binding.data), target)


def _problems(data: Mapping[str, Any], target: tuple[int, int], *, of_bundle: bool) -> Sequence[Problem]:
    if of_bundle:
        compiled = compile_bundle(data, BUNDLE_VERSION)
        return () if isinstance(compiled, BundlePolicy) else compiled
    found = compile_policy(data, target)
    return found if isinstance(found, tuple) else ()


def refusals(document: Document, problems: Sequence[Problem], target: tuple[int, int]) -> Iterator[Finding]:
    """Problems of a policy as findings at their places in its file."""
    return (_finding(document, problem, target) for problem in problems)


def _finding(document: Document, problem: Problem, target: tuple[int, int]) -> Finding:
    at = place_in_scalar(document, problem.path, problem.offset)
    message = in_words(field_path(problem.path), problem.detail)
    written = _value(document.data, problem.path)
    checked = f"it is checked as Kubernetes {target[0]}.{target[1]} would store it"
    hint = way_out(problem.detail, written) or f"correct it; {checked}"
    rule = policy_rules.TOO_MUCH_WORK if problem.excess else policy_rules.REFUSED
    hint = "write fewer" if problem.excess else hint
    return Finding(rule=rule, message=message, at=at, hint=hint, path=problem.path)


def _value(data: Any, path: FieldPath) -> Any:
    """What is written at a path; None where nothing is."""
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


@cache
def _pack() -> Mapping[str, PolicyFile]:
    return {policy.rule.code: policy for policy in load_policies(None)}


def is_shipped(data: Mapping[str, Any]) -> bool:
    """Whether a policy is one that ships with the tool, unchanged."""
    name = inside(data, "metadata", "name")
    return any(name == own.name and data.get("spec") == own.policy.data.get("spec") for own in _pack().values())


def pack_rules() -> tuple[Rule, ...]:
    """The rules of the policies that ship with the tool."""
    return tuple(policy.rule for policy in _pack().values())


def pack_page(code: str) -> str:
    """What a rule of the pack requires and why, with examples: its README."""
    folder = _pack()[code].folder.rpartition("/")[2]
    return (built_in_policies() / folder / "README.md").read_text(encoding="utf-8")
