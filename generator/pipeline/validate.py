"""Check manifests that stand in files: rendered trees and any others."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from generator.finding import Finding, Halt
from generator.lint import lint_text
from generator.location import Span
from generator.manifest import identify
from generator.pipeline import rules
from generator.pipeline.inputs import Input
from generator.pipeline.origins import Origins
from generator.pipeline.project import Project
from generator.pipeline.proof import ProofSettings, Prover
from generator.schema import SchemaSources, Status, find_crds, minor_of
from generator.source import Document

_CRD = "CustomResourceDefinition"


@dataclass(frozen=True, slots=True)
class Validation:
    """What came of checking files: findings, and how many objects of each outcome for each version."""

    findings: Sequence[Finding]
    counts: Mapping[tuple[str, Status], int]
    files: int


@dataclass(frozen=True, slots=True)
class Rendered:
    """The project whose rendered trees stand below `output`, as findings show that folder."""

    project: Project
    output: str
    origins: Origins

    def environment(self, file: str) -> str:
        """The environment whose tree a file stands in, or nothing."""
        names = (environment.name for environment, _ in self.project.environments)
        return next((name for name in names if file.startswith(f"{self.output}/{name}/")), "")

    def target(self, environment: str) -> str:
        """The version of Kubernetes an environment's cluster runs."""
        models = (model for _, model in self.project.environments)
        return next(model.spec.target.kubernetes for model in models if model.environment == environment)


def validate_inputs(
    files: Sequence[Input], settings: ProofSettings, rendered: Rendered | None, *, by_target: bool
) -> Validation:
    """Check every object of the files; of those a project rendered, findings are told at the line of the spec.

    `by_target`: the files of an environment are checked for its own version of Kubernetes alone.
    """
    findings: list[Finding] = []
    read = _Reader(findings)
    crds = tuple(crd for file in files if read.mentions(file, _CRD) for crd in find_crds(_data(read.documents(file))))
    sources = replace(settings.sources, crds=(*settings.sources.crds, *crds))
    prover = Prover(replace(settings, sources=sources))
    for file in files:
        documents = read.documents(file)
        if documents and not (rendered and rendered.environment(file.shown)):
            findings.extend(lint_text(documents[0].text, file.shown))
        for document in documents:
            findings.extend(_check(document, prover, rendered, by_target=by_target))
    findings.extend(prover.store.findings)
    if not prover.counts and not findings:
        message = "there is no object in what was named"
        at = Span(files[0].shown if files else ".")
        findings.append(Finding(rule=rules.NOTHING, message=message, at=at, hint="name files that hold manifests"))
    return Validation(findings, prover.counts, len(files))


def _data(documents: Sequence[Document]) -> list[Any]:
    return [document.data for document in documents]


@dataclass(slots=True)
class _Reader:
    """Reads files; standard input once. What cannot be read is told once and gives no documents."""

    findings: list[Finding]
    kept: list[Document] | None = None

    def documents(self, file: Input) -> list[Document]:
        if file.path is None and self.kept is not None:
            return self.kept
        try:
            found = file.read()
        except Halt as halt:
            self.findings.extend(finding for finding in halt.findings if finding not in self.findings)
            found = []
        if file.path is None:
            self.kept = found
        return found

    @staticmethod
    def mentions(file: Input, word: str) -> bool:
        """Whether a file may hold something, told by a glance at its bytes."""
        try:
            return file.path is None or word.encode() in file.path.read_bytes()
        except OSError:
            return False  # told when it is read for good


def _check(document: Document, prover: Prover, rendered: Rendered | None, *, by_target: bool) -> Iterator[Finding]:
    environment = rendered.environment(document.file) if rendered else ""
    versions = [rendered.target(environment)] if rendered and environment and by_target else None
    for objection in prover.prove(document.data, versions):
        finding = objection.finding(document.span(objection.path, key=objection.about_key))
        if rendered and environment and isinstance(document.data, dict):
            identity = identify(document.data)
            finding = rendered.origins.explain(finding, environment, identity, key=objection.about_key)
        yield finding


def default_versions(rendered: Rendered | None, newest: int) -> list[str]:
    """The versions of Kubernetes to check for when none is named: the spec's targets, else the newest known."""
    if rendered is None:
        return [f"1.{newest}"]
    targets = Counter(model.spec.target.kubernetes for _, model in rendered.project.environments)
    return sorted(targets, key=lambda version: (minor_of(version) or 0, version))


def project_sources(project: Project) -> SchemaSources:
    """Where the schemas of a project come from: `schemas/` beside its spec, and the founding note's field."""
    folder = project.folder.root / "schemas"
    qats = any(model.spec.kubevirt.assignment == "qats" for _, model in project.environments)
    return SchemaSources(locations=(folder.as_posix(),) if folder.is_dir() else (), qats=qats)
