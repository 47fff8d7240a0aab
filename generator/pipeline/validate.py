"""Check manifests in files: rendered trees and any others, against schemas and policies.

Each file is read once. What objects are judged by is taken from the objects themselves (CRDs, policies, parameters,
namespaces, KubeVirt), for the files of each cluster; then every object is judged.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from generator.catalog import load_catalog
from generator.finding import Finding, Halt, Severity
from generator.location import Span
from generator.manifest import identify
from generator.pipeline import rules
from generator.pipeline.admission import bundles
from generator.pipeline.clusterfiles import WITH_PLACES, ClusterFiles
from generator.pipeline.foreign import (
    ForeignRules,
    compiled_rules,
    facts_of,
    foreign_breaches,
    foreign_rules,
    left_out_of_part,
)
from generator.pipeline.inputs import Input, inputs
from generator.pipeline.judgement import Judged, judged_row, judgements
from generator.pipeline.kubevirt import KubeVirtTarget, nearest_release, target_of_files, version_of
from generator.pipeline.manifests import Kept, ManifestReader
from generator.pipeline.origins import Origins
from generator.pipeline.policies import applies
from generator.pipeline.policy_types import own_type_findings
from generator.pipeline.project import Project
from generator.pipeline.proof import Objection, ProofSettings, Prover
from generator.pipeline.transitions import transitions
from generator.policy.bundle import KIND as BUNDLE_KIND
from generator.policy.model import BINDING_KIND, POLICY_KIND, inside
from generator.schema import SchemaSources, SchemaStore, Status, find_crds, minor_of
from generator.schema.definitions import CRD
from generator.source import Document
from generator.spec.model import Spec
from generator.virtapi.rules import NEAREST_RELEASE


@dataclass(frozen=True, slots=True)
class Validation:
    """What came of checking files: findings, and how many objects of each outcome for each version.

    `skipped` counts the objects that were not checked, by kind.
    """

    findings: Sequence[Finding]
    counts: Mapping[tuple[str, Status], int]
    files: int
    skipped: Mapping[str, int] = field(default_factory=dict)


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

    def holds(self, file: str) -> bool:
        """Whether a file is one of the rendered trees, those of Argo CD and Flux as well."""
        return file.startswith(f"{self.output}/")

    def named(self, environment: str) -> tuple[str, ...]:
        """An environment as findings name it: not at all where the spec has no overlays."""
        return (environment,) if self.project.named else ()

    def target(self, environment: str) -> str:
        """The version of Kubernetes an environment's cluster runs."""
        models = (model for _, model in self.project.environments)
        return next(model.spec.target.kubernetes for model in models if model.environment == environment)

    def spec(self, environment: str) -> Spec | None:
        """An environment's spec; that of all of them where none is named and they agree on KubeVirt's version."""
        specs = [model.spec for _, model in self.project.environments if environment in {"", model.environment}]
        return specs[0] if len({spec.target.kubevirt for spec in specs}) == 1 else None

    def says_kubevirt(self, environment: str) -> Span:
        """Where the version of KubeVirt of an environment (of the first, without a name) is written."""
        found = next(found for found, model in self.project.environments if environment in {"", model.environment})
        return found.layer.origin.span(("spec", "target", "kubevirt"))

    def row(self, environment: str) -> Judged:
        """An environment with its policies. Raises Halt."""
        found, model = next(row for row in self.project.environments if row[0].name == environment)
        return judged_row(self.project, found, model)


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """Which policies judge: those of the files, of `more` paths, and, of a rendered tree, the rules over a build."""

    more: Sequence[str] = ()


@dataclass(slots=True)
class _Group:
    """The files of one cluster with all that judges them, and what rules over the build read of their objects.

    `judged` are the rules of the environment where its whole tree is there, `foreign` those of objects without a spec.
    """

    files: ClusterFiles
    prover: Prover
    judged: Judged | None
    foreign: ForeignRules
    seen: list[tuple[Kept, Any]] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)
    """The ordinals in `seen` of objects that break their schema."""


@dataclass(slots=True)
class _Run:
    """One validation: its reader, its project if there is one, and what is found."""

    read: ManifestReader
    rendered: Rendered | None
    settings: ProofSettings
    store: SchemaStore
    counts: Counter[tuple[str, Status]] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    _kubevirts: dict[str, list[Document]] = field(default_factory=dict)

    def group(self, files: ClusterFiles, versions: Sequence[str], policies: PolicySettings | None) -> Iterator[Finding]:
        """Judge the files of one cluster for versions of Kubernetes."""
        settings = replace(self.settings, kubernetes=tuple(versions))
        judged, foreign = None, ForeignRules()
        if policies is not None:
            found = files.deployed(self.read, minor_of(settings.kubernetes[0]) or 0)
            yield from found.findings
            if self.rendered is not None and files.name:
                judged = self.rendered.row(files.name) if files.is_whole else None
                yield from _added(judged, files, self.read)
            else:
                foreign = self._foreign(files, settings)
                yield from foreign.findings
            yield from self._types_of_policies(files, judged, settings)
            reads = foreign.reads if judged is None else _reads(judged)
            settings = replace(settings, admission=replace(found.admission, reads=reads))
        if settings.ask_kubevirt and any(True for _ in files.machines(self.read)):
            codes = {told.rule.code for told in settings.admission.told.values()} if settings.admission else set()
            codes |= foreign.codes if judged is None else {policy.rule.code for policy in judged.policies}
            target = self._target(files, codes)
            settings = replace(settings, target=target)
            yield from nearest_release(target.version, self._says_kubevirt(files))
        prover = Prover(settings, counts=self.counts, shared=self.store)
        group = _Group(files, prover, judged, foreign)
        for kept in files.objects(self.read):
            yield from self._object(kept, group)
        yield from self._of_build(group)

    def _types_of_policies(
        self, files: ClusterFiles, judged: Judged | None, settings: ProofSettings
    ) -> Iterator[Finding]:
        """What in policies does not fit the kinds they name; a project's own are checked where they are rendered."""
        names = {policy.name for policy in judged.policies} if judged else set()
        found = [one for one in files.policies(self.read) if inside(one.data, "metadata", "name") not in names]
        yield from own_type_findings(found, self.store, settings.kubernetes[0])

    def _kubevirts_of(self, files: ClusterFiles) -> list[Document]:
        """The KubeVirt objects of a cluster, looked for once: its tree may have 100,000 files."""
        if files.name not in self._kubevirts:
            self._kubevirts[files.name] = files.kubevirts(self.read)
        return self._kubevirts[files.name]

    def _target(self, files: ClusterFiles, codes: Iterable[str]) -> KubeVirtTarget:
        objects = [document.data for document in self._kubevirts_of(files)]
        spec = self.rendered.spec(files.name) if self.rendered else None
        return target_of_files(spec, objects, codes, self.settings.kubevirt_version)

    def _says_kubevirt(self, files: ClusterFiles) -> Span:
        """Where the version of KubeVirt is written that machines are judged by."""
        if self.settings.kubevirt_version:
            return Span("--kubevirt-version")
        found = self._kubevirts_of(files)
        if len(found) == 1 and version_of(found[0].data):
            tag = ("spec", "imageTag")
            return found[0].span(tag if found[0].has(tag) else ("status", "observedKubeVirtVersion"))
        return self.rendered.says_kubevirt(files.name) if self.rendered else Span(files.own[0].shown)

    def _foreign(self, files: ClusterFiles, settings: ProofSettings) -> ForeignRules:
        """The rules over the build for objects that no spec made."""
        documents = files.build_rules(self.read)
        if not documents or not any(map(self._is_foreign, files.own)):
            return ForeignRules()
        kubevirts = [document.data for document in self._kubevirts_of(files)]
        version = self._target(files, ()).version
        facts = facts_of(load_catalog(), files.machines(self.read), kubevirts, settings.kubernetes[0], version)
        return foreign_rules(documents, facts)

    def _is_foreign(self, file: Input) -> bool:
        """Whether no spec of ours made a file."""
        return self.rendered is None or not self.rendered.holds(file.shown)

    def _object(self, kept: Kept, group: _Group) -> Iterator[Finding]:
        data, version = kept.data(), group.prover.settings.kubernetes[0]
        skipped, invalid = self.counts[version, Status.SKIPPED], self.counts[version, Status.INVALID]
        for objection in group.prover.prove(data):
            yield self._finding(kept, data, objection, group.files.name)
        self.skipped[kept.kind] += self.counts[version, Status.SKIPPED] - skipped
        seen = group.judged is not None or (group.foreign.rules and self._is_foreign(kept.file))
        if seen and isinstance(data, dict) and data.get("metadata"):
            if self.counts[version, Status.INVALID] > invalid:
                group.broken.add(len(group.seen))
            group.seen.append((kept, group.prover.project(data, kept.size)))

    def _finding(self, kept: Kept, data: Any, objection: Objection, environment: str) -> Finding:
        at, path = self.read.place(kept, objection.path, key=objection.about_key)
        finding = objection.finding(at)
        if not (self.rendered and environment):
            return replace(finding, path=path)
        if not isinstance(data, dict) or objection.written is not None:
            return finding
        found = self.rendered.origins.explain(finding, environment, identify(data), key=objection.about_key)
        return replace(found, environments=self.rendered.named(environment))

    def _of_build(self, group: _Group) -> Iterator[Finding]:
        """Rules over all objects, and of a whole tree over the way to it from the last delivery."""
        judged = group.judged
        if judged is not None and self.rendered is not None:
            judged.projections.extend(((), identify(kept.data()), seen) for kept, seen in group.seen)
            tree = Path(self.rendered.output) / group.files.name
            judged.objections.extend(((), objection) for objection in transitions(tree, tree, group.prover))
            named = self.rendered.named(group.files.name)
            yield from (replace(one, environments=named) for one in judgements(judged, self.rendered.origins))
            return
        for one in foreign_breaches(group.foreign, [seen for _, seen in group.seen], group.broken):
            if one.ordinal is None:
                yield one.finding(Span(group.files.own[0].shown), "", one.breach.field_path)
                continue
            kept = group.seen[one.ordinal][0]
            at, path = self.read.place(kept, one.breach.field_path)
            yield one.finding(at, str(identify(kept.data())), path)


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
    read = ManifestReader(WITH_PLACES)
    named = list(_named(files, rendered))
    crds = [*_crds(named, read)]
    sources = replace(settings.sources, crds=(*settings.sources.crds, *crds))
    run = _Run(read, rendered, replace(settings, sources=sources), SchemaStore(sources))
    more = inputs(list(policies.more)) if policies is not None and policies.more else []
    findings = [*_no_policies(more, read)]
    for name, own in named:
        versions = [rendered.target(name)] if rendered and name and by_target else settings.kubernetes
        group = ClusterFiles(name, own, _around(name, own, rendered), more)
        findings.extend(run.group(group, versions, policies))
    findings = [*read.findings, *_nearest_once(findings), *run.store.findings]
    if not run.counts and not findings:
        message = "there is no object in what was named"
        at = Span(files[0].shown if files else ".")
        findings.append(Finding(rule=rules.NOTHING, message=message, at=at, hint="name files that hold manifests"))
    return Validation(list(dict.fromkeys(findings)), run.counts, len(files), +run.skipped)


def _named(files: Sequence[Input], rendered: Rendered | None) -> Iterator[tuple[str, list[Input]]]:
    """Files by the cluster they are for, in the order they were named."""
    groups: dict[str, list[Input]] = {}
    for file in files:
        groups.setdefault(rendered.environment(file.shown) if rendered else "", []).append(file)
    yield from groups.items()


def _crds(named: Sequence[tuple[str, Sequence[Input]]], read: ManifestReader) -> Iterator[dict[str, Any]]:
    """Read every file that was named; the CRDs among its objects. The style of files that nobody renders is checked."""
    # Imported where it is needed: who renders needs this module too, and it takes a while to load.
    from generator.lint import lint_text  # noqa: PLC0415

    for name, files in named:
        for file in files:
            has_style = not name and not file.shown.endswith(".json")  # JSON has no style of YAML
            for kept in read.objects(file, lint_text if has_style else None):
                if kept.kind == CRD:
                    yield from find_crds([kept.data()])


def _no_policies(more: Sequence[Input], read: ManifestReader) -> Iterator[Finding]:
    """Read the files that were named for their policies; warn where they hold none."""
    kinds = (POLICY_KIND, BINDING_KIND, BUNDLE_KIND)
    found = [kept for file in more for kept in read.objects(file)]
    if found and not any(kept.kind in kinds for kept in found):
        message = "there is no policy in what `--policies` names"
        hint = f"name files that hold objects of kind {POLICY_KIND} or {BUNDLE_KIND}"
        yield Finding(rule=rules.NOTHING, message=message, at=Span(more[0].shown), hint=hint, severity=Severity.WARNING)


def _around(name: str, own: Sequence[Input], rendered: Rendered | None) -> Sequence[Input]:
    """The files of a cluster of which some were named: those of the environment's tree."""
    if rendered is None or not name:
        return own
    whole = inputs([f"{rendered.output}/{name}"])
    return own if {file.shown for file in whole} <= {file.shown for file in own} else whole


def _added(judged: Judged | None, files: ClusterFiles, read: ManifestReader) -> Iterator[Finding]:
    """Let the rules over the build that a person named judge an environment as well; what is wrong with them."""
    findings: list[Finding] = []
    added = [policy for policy, _ in compiled_rules(files.build_rules(read), findings)]
    yield from findings
    if judged is None:
        if added:
            yield left_out_of_part(added, files.name)
        return
    known = {policy.name for policy in judged.policies}
    try:
        new = [policy for policy in added if policy.name not in known and applies(policy, judged.scope.values)]
    except Halt as halt:
        yield from halt.findings
        return
    judged.policies = [*judged.policies, *new]


def _reads(judged: Judged) -> frozenset[Any]:
    return frozenset(path for rule in bundles(judged.policies) for path in rule.reads)


def _nearest_once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings without the repetitions of those about the release of KubeVirt, which environments share."""
    told: set[str] = set()
    for finding in findings:
        if finding.rule is not NEAREST_RELEASE or finding.message not in told:
            told.add(finding.message if finding.rule is NEAREST_RELEASE else "")
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
    if not project.folder.is_folder(folder):
        return SchemaSources(qats=qats)
    location = folder.as_posix()
    return SchemaSources(locations=(location,), qats=qats, doors=((location, project.folder.door),))
