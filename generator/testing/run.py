"""Run suites: which cases fail, what none of them reaches, and which mistakes none of them notices."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from generator.cel.rebuild import Mutation, branches, constant, mutations, watched
from generator.cel.syntax import Node
from generator.finding import Finding, Halt, Note
from generator.location import FieldPath, Span
from generator.pipeline.policies import WHEN
from generator.pipeline.proof import SIMPLIFY, too_much_work
from generator.policy import Excess
from generator.policy.rules import TOO_MUCH_WORK
from generator.source import place_in_scalar
from generator.testing import rules
from generator.testing.suites import Suite
from generator.testing.trial import Answer, Policy, Trial, UnfitCase

_VALIDATIONS = "validations"
_SHOWN = 3


@dataclass(slots=True)
class Tested:
    """What came of the suites: findings, and how much there was."""

    findings: list[Finding] = field(default_factory=list)
    suites: int = 0
    cases: int = 0
    failed: int = 0
    validations: int = 0
    covered: int = 0
    ways: int = 0
    gone: int = 0
    mutants: int = 0
    noticed: int = 0

    def summary(self, *, coverage: bool, mutate: bool) -> str:
        """A few lines for people."""
        lines = [f"{self.suites:,} policies, {self.cases:,} cases: {self.failed:,} failed"]
        if coverage:
            reached = f"{self.covered:,} of {self.validations:,} validations"
            lines.append(f"coverage: {reached}, {self.gone:,} of {self.ways:,} ways through branches")
        if mutate:
            lines.append(f"mistakes: {self.noticed:,} of {self.mutants:,} noticed")
        return "".join(f"{line}\n" for line in lines)


def run_suites(suites: Sequence[Suite], *, coverage: bool = False, mutate: bool = False) -> Tested:
    """Every case of every suite; with `coverage` what they reach, with `mutate` what they notice."""
    tested = Tested(suites=len(suites))
    for suite in suites:
        failed = _run(suite, tested, coverage=coverage)
        if mutate and not failed:
            _mutate(suite, tested)
    return tested


def _run(suite: Suite, tested: Tested, *, coverage: bool) -> bool:
    """The cases of one suite; whether any failed."""
    seen: dict[int, set[bool]] = {}
    asked = suite
    if coverage:

        def see(node: Node, found: bool) -> None:
            seen.setdefault(id(node), set()).add(found)

        asked = suite.with_expressions({path: watched(one, see) for path, one in suite.expressions()})
    answers: list[Answer] = []
    failures = []
    for trial in asked.trials:
        answer, wrong, hint, at = _ask(trial, asked.policy)
        answers.append(answer)
        if answer.excess is not None:
            failures.append(_excess(suite, trial, answer.excess))
        elif wrong:
            message = f'policy "{suite.name}", case "{trial.name}": {wrong}'
            notes = tuple(_decisive(suite, answer))
            failures.append(Finding(rule=rules.FAILED, message=message, at=at, hint=hint, notes=notes))
    if not any(answer.evaluated for answer in answers):
        message = f'policy "{suite.name}" is never evaluated: {len(answers)} cases, none of which it looks at'
        at = suite.document.span(("metadata", "name"))
        failures.append(Finding(rule=rules.UNTESTED, message=message, at=at, hint="add cases that it matches"))
    if coverage:
        tested.findings += _uncovered(suite, answers, seen, tested)
    tested.findings += failures
    tested.cases += len(answers)
    tested.failed += sum(finding.rule in (rules.FAILED, TOO_MUCH_WORK) for finding in failures)
    return bool(failures)


def _excess(suite: Suite, trial: Trial, excess: Excess) -> Finding:
    """A case whose policy takes too many steps, at the line of the expression."""
    message = f'{too_much_work(suite.name, excess)} (case "{trial.name}")'
    at = suite.document.span(excess.place)
    return Finding(rule=TOO_MUCH_WORK, message=message, at=at, hint=SIMPLIFY, notes=(Note("case", trial.at),))


def _ask(trial: Trial, policy: Policy) -> tuple[Answer, str, str, Span]:
    """What a policy says, why that is wrong (nothing where it is right), a hint, and where a person would edit."""
    try:
        answer = trial.ask(policy)
    except UnfitCase as error:
        return Answer("error"), str(error), error.hint, trial.named.get(error.name, trial.at)
    except Halt as halt:
        return Answer("error"), str(halt), next((one.hint for one in halt.findings if one.hint), ""), trial.at
    return answer, trial.wrong(answer), "correct the policy, or what the case expects", trial.at


def _decisive(suite: Suite, answer: Answer) -> Iterator[Note]:
    """The validations that made the answer: those that failed, or all, each of which held."""
    if not answer.evaluated or answer.verdict == "error":
        return
    places = [path for path, _ in suite.expressions() if path[1] == _VALIDATIONS]
    chosen = [path for path in places if path[2] in answer.failed]
    what = "this validation fails: it is false" if chosen else "this validation holds: it is true"
    for path in (chosen or places)[:_SHOWN]:
        yield Note(what, suite.document.span(path))


def _uncovered(
    suite: Suite, answers: Sequence[Answer], seen: dict[int, set[bool]], tested: Tested
) -> Iterator[Finding]:
    looked = [answer for answer in answers if answer.evaluated and answer.verdict != "error"]
    for path, expression in suite.expressions():
        if path[1] == _VALIDATIONS:
            index = path[2]
            tested.validations += 1
            failed = any(index in answer.failed for answer in looked)
            held = any(index not in answer.failed for answer in looked)
            tested.covered += failed and held
            if not (failed and held):
                message = f"no case makes this validation {'hold' if failed else 'fail'}"
                hint = "add a case" if failed else "add a case that it denies"
                yield Finding(rule=rules.NOT_TRIPPED, message=message, at=suite.document.span(path), hint=hint)
        for node in branches(expression.tree):
            ways = seen.get(id(node), set())
            tested.ways += 2
            tested.gone += len(ways)
            if len(ways) < 2:
                missing = "either way" if not ways else str(not next(iter(ways))).lower()
                at = _place(suite, path, node)
                message = f"no case takes this branch {missing}" if not ways else f"this is {missing} in no case"
                hint = "add a case, or make the expression shorter"
                yield Finding(rule=rules.ONE_WAY, message=message, at=at, hint=hint)


def _place(suite: Suite, path: FieldPath, node: Node) -> Span:
    return place_in_scalar(suite.document, path, node.at)


def _mutate(suite: Suite, tested: Tested) -> None:
    for path, expression in suite.expressions():
        whole = "the validation" if path[1] == _VALIDATIONS else "`when`" if path == WHEN else ""
        if whole:
            dropped = suite.with_expressions({path: constant(expression, value=True)})
            _try(dropped, f"{whole} left out", suite.document.span(path), tested)
        for mutation in mutations(expression.tree):
            changed = suite.with_expressions({path: mutation.of(expression)})
            _try(changed, mutation.what, _mutated_place(suite, path, mutation), tested)


def _mutated_place(suite: Suite, path: FieldPath, mutation: Mutation) -> Span:
    return place_in_scalar(suite.document, path, mutation.at)


def _try(suite: Suite, what: str, at: Span, tested: Tested) -> None:
    tested.mutants += 1
    if any(_ask(trial, suite.policy)[1] for trial in suite.trials):
        tested.noticed += 1
        return
    message = f'policy "{suite.name}": no case notices {what}'
    hint = "add a case that tells the two apart, or make the expression simpler"
    tested.findings.append(Finding(rule=rules.SURVIVED, message=message, at=at, hint=hint))
