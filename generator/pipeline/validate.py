"""Check manifests that stand in files: rendered trees and any others, against schemas and policies."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from generator.files import RefusedError
from generator.finding import Finding, Halt
from generator.location import Span
from generator.manifest import identify
from generator.pipeline import rules
from generator.pipeline.admission import bundles
from generator.pipeline.deployed import WORDS, deployed, param_kinds
from generator.pipeline.inputs import Input, inputs
from generator.pipeline.judgement import Judged, judged_row, judgements
from generator.pipeline.kubevirt import KUBEVIRT, nearest_release, target_of_files
from generator.pipeline.origins import Origins
from generator.pipeline.policy_types import own_type_findings
from generator.pipeline.project import Project
from generator.pipeline.proof import ProofSettings, Prover
from generator.pipeline.transitions import transitions
from generator.policy.model import inside
from generator.schema import SchemaSources, SchemaStore, Status, find_crds, minor_of
from generator.source import Document
from generator.spec.model import Spec

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

    def spec(self, environment: str) -> Spec | None:
        """An environment's spec; that of all of them where none is named and they agree on KubeVirt's version."""
        specs = [model.spec for _, model in self.project.environments if environment in {"", model.environment}]
        return specs[0] if len({spec.target.kubevirt for spec in specs}) == 1 else None

    def row(self, environment: str) -> Judged:
        """An environment with its policies. Raises Halt."""
        found, model = next(row for row in self.project.environments if row[0].name == environment)
        return judged_row(self.project, found, model)


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """Which policies judge: those of the files, of `more` paths, and, of a rendered tree, the rules over a build."""

    more: Sequence[str] = ()


_MACHINES = ("VirtualMachine",)
"""What a file that holds a machine of any kind has in it."""


@dataclass(slots=True)
class _Group:
    """Files of one cluster: an environment's tree (with a name), or everything else that was named."""

    name: str
    files: list[Input]
    prover: Prover
    judged: Judged | None = None


def validate_inputs(
    files: Sequence[Input],
    settings: ProofSettings,
    rendered: Rendered | None,
    *,
    by_target: bool,
    policies: PolicySettings | None = None,
) -> Validation:
    """Check every object of the files; of those a project rendered, findings are told at the line of the spec.

    `by_target`: the files of an environment are checked for its own version of Kubernetes alone. Without `policies`
    none is asked.
    """
    read = _Reader([])
    crds = tuple(crd for file in files if read.mentions(file, _CRD) for crd in find_crds(_data(read.documents(file))))
    sources = replace(settings.sources, crds=(*settings.sources.crds, *crds))
    store = SchemaStore(sources)
    counts: Counter[tuple[str, Status]] = Counter()
    findings = read.findings
    for name, own in _grouped(files, rendered):
        versions = [rendered.target(name)] if rendered and name and by_target else settings.kubernetes
        chosen = replace(settings, kubernetes=tuple(versions), sources=sources)
        group = _Group(name, own, Prover(chosen, counts=counts, shared=store))
        if policies is not None:
            findings.extend(_policies(group, read, rendered, policies))
        if settings.ask_kubevirt:
            findings.extend(_kubevirt(group, read, rendered))
        for file in own:
            findings.extend(_file(file, read, group, rendered))
        findings.extend(_of_build(group, rendered))
    findings.extend(store.findings)
    if not counts and not findings:
        message = "there is no object in what was named"
        at = Span(files[0].shown if files else ".")
        findings.append(Finding(rule=rules.NOTHING, message=message, at=at, hint="name files that hold manifests"))
    return Validation(list(dict.fromkeys(findings)), counts, len(files))


def _grouped(files: Sequence[Input], rendered: Rendered | None) -> Iterator[tuple[str, list[Input]]]:
    """Files by the cluster they are for, in the order they were named."""
    groups: dict[str, list[Input]] = {}
    for file in files:
        groups.setdefault(rendered.environment(file.shown) if rendered else "", []).append(file)
    yield from groups.items()


def _policies(group: _Group, read: "_Reader", rendered: Rendered | None, policies: PolicySettings) -> Iterator[Finding]:
    """Make a group's prover judge as well; what is wrong with the policies themselves."""
    minor = minor_of(group.prover.settings.kubernetes[0]) or 0
    around = list(group.files)
    if rendered and group.name:
        tree = f"{rendered.output}/{group.name}"
        whole = inputs([tree])
        if {file.shown for file in whole} <= {file.shown for file in group.files}:
            group.judged = rendered.row(group.name)
        around = whole
    around += inputs(list(policies.more)) if policies.more else []
    about = [d for file in around if read.mentions(file, *WORDS) for d in read.documents(file)]
    kinds = param_kinds(about)
    about += [
        document
        for file in around
        if kinds and not read.mentions(file, *WORDS) and read.mentions(file, *kinds)
        for document in read.documents(file)
    ]
    found = deployed(about, minor)
    rules_of_build = bundles(group.judged.policies) if group.judged else ()
    reads = frozenset(path for rule in rules_of_build for path in rule.reads)
    group.prover.settings = replace(group.prover.settings, admission=replace(found.admission, reads=reads))
    yield from found.findings
    # A project's own are checked where they are rendered.
    names = {policy.name for policy in group.judged.policies} if group.judged else set()
    more = [one for one in about if isinstance(one.data, dict) and inside(one.data, "metadata", "name") not in names]
    yield from own_type_findings(more, group.prover.store, group.prover.settings.kubernetes[0])


def _kubevirt(group: _Group, read: "_Reader", rendered: Rendered | None) -> Iterator[Finding]:
    """Make a group's prover ask what KubeVirt says of machines: that of an environment, or of the files."""
    if not any(read.mentions(file, *_MACHINES) for file in group.files):
        return
    around = inputs([f"{rendered.output}/{group.name}"]) if rendered and group.name else group.files
    objects = [
        document.data
        for file in around
        if read.mentions(file, KUBEVIRT)
        for document in read.documents(file)
        if isinstance(document.data, dict) and document.data.get("kind") == KUBEVIRT
    ]
    spec = rendered.spec(group.name) if rendered else None
    admission, judged = group.prover.settings.admission, group.judged
    codes = {told.rule.code for told in admission.told.values()} if admission else set()
    codes |= {policy.rule.code for policy in judged.policies} if judged else set()
    target = target_of_files(spec, objects, codes, group.prover.settings.kubevirt_version)
    group.prover.settings = replace(group.prover.settings, target=target)
    at = Span(group.files[0].shown, 1, 1) if group.files else Span(".")
    yield from nearest_release(target.version, at)


def _file(file: Input, read: "_Reader", group: _Group, rendered: Rendered | None) -> Iterator[Finding]:
    documents = read.documents(file)
    if documents and not group.name:
        # Imported where it is needed: who renders needs this module too, and it takes a while to load.
        from generator.lint import lint_text  # noqa: PLC0415

        yield from lint_text(documents[0].text, file.shown)
    for document in documents:
        for objection in group.prover.prove(document.data):
            finding = objection.finding(document.span(objection.path, key=objection.about_key))
            if rendered and group.name and isinstance(document.data, dict) and objection.written is None:
                identity = identify(document.data)
                finding = rendered.origins.explain(finding, group.name, identity, key=objection.about_key)
            yield finding
        if group.judged is not None and isinstance(document.data, dict) and document.data.get("metadata"):
            seen = group.prover.project(document.data, len(document.text.encode()))
            group.judged.projections.append(((), identify(document.data), seen))


def _of_build(group: _Group, rendered: Rendered | None) -> Iterator[Finding]:
    """Rules over a whole tree, and over the way to it from the last delivery."""
    if rendered is None or group.judged is None:
        return
    tree = Path(rendered.output) / group.name
    group.judged.objections.extend(((), objection) for objection in transitions(tree, tree, group.prover))
    yield from judgements(group.judged, rendered.origins)


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
            known = set(self.findings)
            self.findings.extend(finding for finding in dict.fromkeys(halt.findings) if finding not in known)
            found = []
        if file.path is None:
            self.kept = found
        return found

    @staticmethod
    def mentions(file: Input, *words: str) -> bool:
        """Whether a file may hold one of the words, told by a glance at its bytes."""
        try:
            raw = b"" if file.path is None else file.raw()
        except RefusedError:
            return False  # told when it is read for good
        return file.path is None or any(word.encode() in raw for word in words)


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
    if not project.folder.is_folder(folder):
        return SchemaSources(qats=qats)
    location = folder.as_posix()
    return SchemaSources(locations=(location,), qats=qats, doors=((location, project.folder.door),))
