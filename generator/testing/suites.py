"""The tests below some paths: our own files, Kyverno's and kaptest's, as suites of trials of one policy each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from generator.cel import Expression
from generator.files import NOTHING_CHOSEN, Chosen, Door, RefusedError, door_of
from generator.finding import Finding, Halt
from generator.location import FieldPath, Span
from generator.pipeline.inputs import inputs
from generator.pipeline.policies import BUNDLE_VERSION, POLICY, WHEN, check_policies, read_policy_folder, read_when
from generator.pipeline.policy_types import own_type_findings
from generator.policy import BundlePolicy, CompiledPolicy, compile_bundle, compile_policy
from generator.policy.model import ShapeError
from generator.policy.problem import field_path
from generator.schema import SchemaSources, SchemaStore
from generator.source import Dialect, Document, read_file, refusal
from generator.testing import kaptest, kyverno, own, rules
from generator.testing.foreign import Foreign, not_a_test
from generator.testing.trial import Policy, Trial, expressions, with_expressions


@dataclass(frozen=True, slots=True)
class Suite:
    """The trials of one policy; `document` is its text, for places in it; `when` says where it applies."""

    name: str
    document: Document
    policy: Policy
    trials: Sequence[Trial]
    when: Expression | None = None

    def expressions(self) -> Iterator[tuple[FieldPath, Expression]]:
        """The expressions that decide, each with its place in the policy's file."""
        if self.when is not None:
            yield WHEN, self.when
        yield from expressions(self.policy)

    def with_expressions(self, changed: Mapping[FieldPath, Expression]) -> "Suite":
        """The same trials of the policy with expressions replaced, by place."""
        policy = with_expressions(self.policy, changed)
        when = changed.get(WHEN)
        if when is None:
            return replace(self, policy=policy)
        trials = [
            replace(trial, ask=replace(trial.ask, when=when)) if isinstance(trial.ask, own.Asked) else trial
            for trial in self.trials
        ]
        return replace(self, policy=policy, when=when, trials=trials)


@dataclass(frozen=True, slots=True)
class Found:
    """The suites below some paths, and what is wrong with files of tests."""

    suites: Sequence[Suite]
    findings: Sequence[Finding]


def find_suites(paths: Sequence[Path], version: tuple[int, int], root: Chosen = NOTHING_CHOSEN) -> Found:
    """Every suite below the paths, of policies as Kubernetes `version` takes them. Raises Halt for unreadable paths."""
    suites: list[Suite] = []
    findings: list[Finding] = []
    files = inputs([str(path) for path in paths], root, within=Path.cwd())
    for item in files:
        if item.path is None:
            continue
        try:
            door = item.door or door_of(item.path.parent, root, within=Path.cwd())
            if item.path.name == POLICY:
                suites += _own(item.path, item.shown, version, door)
                continue
            for document in item.read():
                foreign = _foreign(document, item.path, door)
                if foreign is not None:
                    suites += _suites(foreign, version)
                    findings += foreign.findings
        except Halt as halt:
            findings += halt.findings
        except RefusedError as refused:
            findings.append(refusal(refused, item.shown))
    store = SchemaStore(SchemaSources(qats=True))
    kubernetes = f"{version[0]}.{version[1]}"
    findings += own_type_findings((suite.document for suite in suites), store, kubernetes)
    if not suites and not findings:
        message = "no tests of policies below " + ", ".join(path.as_posix() for path in paths)
        hint = f"write cases.yaml (kind {own.KIND}) beside a {POLICY}"
        raise Halt([Finding(rule=rules.NOT_A_TEST, message=message, at=Span(paths[0].as_posix()), hint=hint)])
    return Found(suites, list(dict.fromkeys(findings)))  # a file beside a policy is met twice


def _own(path: Path, shown: str, version: tuple[int, int], door: Door) -> Iterator[Suite]:
    """The policy of a folder, with the test files that stand beside it. Raises Halt."""
    folder = shown.rpartition("/")[0] or "."
    policy = read_policy_folder(path.parent, folder, door)
    problems = list(check_policies([policy], version))
    if problems:
        raise Halt(problems)
    data = policy.policy.data
    compiled = compile_bundle(data, BUNDLE_VERSION) if policy.of_bundle else compile_policy(data, version)
    assert isinstance(compiled, BundlePolicy | CompiledPolicy)
    trials: list[Trial] = []
    for file in (path.parent / name for name in door.names(path.parent)):
        if file.suffix in (".yaml", ".yml") and file.name != POLICY:
            for document in read_file(file, f"{folder}/{file.name}", Dialect.KUBERNETES, door=door):
                if isinstance(document.data, dict) and document.data.get("kind") == own.KIND:
                    trials += own.trials(document, policy, version)
    yield Suite(policy.name, policy.policy, compiled, trials, read_when(policy))


def _foreign(document: Document, path: Path, door: Door) -> Foreign | None:
    """The tests of a document, if it holds any. Raises Halt."""
    reader = kyverno if kyverno.is_test(document.data) else kaptest if kaptest.is_test(document.data) else None
    try:
        return None if reader is None else reader.read(document, path.parent, door)
    except ShapeError as error:
        message = f"{field_path(error.path)} {error.message}"
        raise Halt([not_a_test(document, error.path, message, "write it as the tool's format has it")]) from None


def _suites(foreign: Foreign, version: tuple[int, int]) -> Iterator[Suite]:
    """A suite for each policy a foreign file has trials of. Raises Halt for a policy no server would store."""
    for policy in foreign.policies:
        compiled = compile_policy(policy.document.data, version)
        if not isinstance(compiled, CompiledPolicy):
            raise Halt(policy.refused(compiled, version))
        yield Suite(policy.name, policy.document, compiled, policy.trials(version[1]))
