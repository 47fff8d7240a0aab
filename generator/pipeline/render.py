"""Render a project's environments into staged trees, and put them in place together."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Protocol

from generator.bundle import KUSTOMIZATION, kustomization_file
from generator.emit import Form, StagedTree, prepare, remove_empty, repair
from generator.files import kind_of
from generator.finding import Finding, Halt, Told
from generator.manifest import Identity, Manifest
from generator.overlay import Settings as OverlaySettings
from generator.pipeline.admission import admission_of, shipped
from generator.pipeline.before import strays, told_before
from generator.pipeline.blocks import Job, Written, run_blocks, stage
from generator.pipeline.delivery import deliver, delivery_of, for_flux
from generator.pipeline.index import ARGOCD, TREES
from generator.pipeline.judgement import Judged, judged_row, judgements
from generator.pipeline.kubevirt import target_of
from generator.pipeline.objects import Objects
from generator.pipeline.origins import Origins
from generator.pipeline.overlaid import kustomization_of, overlaid
from generator.pipeline.places import check_place
from generator.pipeline.policies import PolicyFile, load_policies
from generator.pipeline.policy_types import own_type_findings, rendered_type_findings
from generator.pipeline.project import Project
from generator.pipeline.proof import ProofSettings, Prover
from generator.pipeline.record import RECORD, SHARED_RECORD, Record
from generator.pipeline.recording import record_line, record_text
from generator.pipeline.schema_tree import schema_files
from generator.pipeline.sources import sources_of, templates_of
from generator.pipeline.transitions import transitions
from generator.pipeline.twice import files_twice, refuse_twice
from generator.pipeline.waivers import check_used
from generator.pipeline.whole import of_whole
from generator.policy.model import BINDING_KIND
from generator.render import Renderer
from generator.resolve import Model
from generator.resolve.delivery import argocd_lists, flux_lists
from generator.schema import find_crds
from generator.spec.load import Environment
from generator.sync import ignored_differences


class Progress(Protocol):
    """Who is told how far a render is."""

    def advance(self, environment: str, done: int, total: int) -> None:
        """So many machines of an environment are done."""

    def close(self) -> None:
        """Nothing more will come."""


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """How to render: where to, which environments, how many processes, the day waivers are judged at.

    `proof` is what objects are proved against, each environment's version of Kubernetes and own CRDs beside it;
    `overlay` how kustomizations beside the environments' specs are applied.
    `stop` says of findings whether they keep the trees from being put in place. `argocd`: the objects are for Argo CD
    whether or not the spec names it, and are read once: nobody is told of style, nothing waits for the disk.
    `delivered` is where the trees of the last delivery stand, where that is not `output`. `others` are environments
    whose trees stand and are left as they are, with their records: those beside them are rendered, and what is made of
    all of them. `remove_unknown` takes files away that stand in the trees and that no record names.
    """

    output: Path
    environments: Sequence[str]
    jobs: int
    today: date | None
    proof: ProofSettings
    overlay: OverlaySettings
    stop: Callable[[Sequence[Finding]], bool]
    argocd: bool = False
    delivered: Path | None = None
    others: Mapping[str, Record] = field(default_factory=dict)
    remove_unknown: bool = False

    @property
    def complete(self) -> bool:
        """Whether every environment is rendered."""
        return not self.environments and not self.others

    @property
    def standing(self) -> Path:
        """Where the trees stand that this render is to replace."""
        return self.delivered or self.output


@dataclass(frozen=True, slots=True)
class Summary:
    """One tree: its folder, how many objects of each kind, whether anything in it changed, whether it was removed."""

    folder: str
    kinds: Mapping[str, int]
    changed: bool
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Staged:
    """Trees that are made and not in place yet, with what was told on the way; those of environments come first."""

    names: Sequence[str]
    trees: Sequence[StagedTree]
    written: Sequence[Written]
    judged: Sequence[Judged]
    told: Sequence[Told]


Row = tuple[Environment, Model]


def render_project(
    project: Project, settings: RenderSettings, progress: Progress | None
) -> tuple[list[Summary], list[Finding]]:
    """Render, check and write; returns what was written and every finding. Raises Halt where it cannot go on.

    What an earlier run left half exchanged is finished first. Findings name the hand edits that are overwritten.
    """
    check_place(project, settings.output)
    repair(settings.output)
    rows = [row for row in project.chosen(settings.environments) if row[0].name not in settings.others]
    told = [*project.told, *told_before(project, rows, settings.today, settings.proof, style=not settings.argocd)]
    if not settings.environments:
        told.extend(("", finding) for finding in strays(project, settings.output))
    findings = project.reported(told)
    if settings.stop(findings):
        return [], findings
    with ExitStack() as stack:
        staged = stage_trees(project, rows, settings, progress, stack)
        findings = project.reported((*told, *staged.told))
        if settings.stop(findings):
            return [], findings
        check_place(project, settings.output, {source for part in staged.written for source in part.sources})
        try:
            prepared = prepare(staged.trees, remove_unknown=settings.remove_unknown)
        except Halt as halt:
            raise Halt((*findings, *halt.findings)) from None
        findings += prepared.findings
        if settings.stop(findings):
            return [], findings
        changes = prepared.put(durable=not settings.argocd)
    summaries = []
    for name, part, change in zip(staged.names, staged.written, changes, strict=True):
        folder = settings.output / name
        removed = not part.records and remove_empty(folder)  # of a tree that nothing is made for any more
        summaries.append(Summary(folder.as_posix(), _kind_counts(part), change.changed, removed=removed))
    return summaries, findings


def stage_trees(
    project: Project, rows: Sequence[Row], settings: RenderSettings, progress: Progress | None, stack: ExitStack
) -> Staged:
    """Make and judge the trees of environments, and those that belong to none where all are asked for.

    The trees are the stack's: leaving it takes them away. Raises Halt where one cannot be made.
    """
    form = Form(derived=kustomization_file)
    trees = [stack.enter_context(StagedTree(settings.output / environment.name, form)) for environment, _ in rows]
    judged = [judged_row(project, environment, model) for environment, model in rows]
    written = _environments(project, judged, rows, trees, settings, progress)
    names = [environment.name for environment, _ in rows]
    told = [(name, finding) for name, part in zip(names, written, strict=True) for finding in part.findings]
    if not settings.environments:
        names_of_more, trees_of_more, more = _shared_trees(project, rows, written, settings, stack)
        names, trees, written = [*names, *names_of_more], [*trees, *trees_of_more], [*written, *more]
        told.extend(("", finding) for part in more for finding in part.findings)
    if not rows:
        # The trees of all environments alone: their objects are told as the first environment's, whose rules over the
        # build have nothing to look at here.
        judged = [replace(judged_row(project, *project.environments[0]), policies=())]
    told.extend(_judged(project, rows, judged, written, settings.overlay, complete=settings.complete))
    _record(judged[: len(rows)], trees, written)
    return Staged(names, trees, written, judged, told)


def _kind_counts(written: Written) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    for (_, kind, _), count in written.kinds.items():
        counts[kind] += count
    return counts


@dataclass(frozen=True, slots=True)
class _Made:
    """An environment's objects before blocks of machines: `judging` is what objects are judged by.

    `machines` are still to be rendered in blocks; `laid_of` are the files of the overlay.
    """

    manifests: list[Manifest]
    judging: Sequence[Manifest]
    findings: list[Finding]
    laid_of: Collection[Path]
    machines: int


def _made(project: Project, row: Row, judged: Judged, objects: Objects, overlay: OverlaySettings) -> _Made:
    """The objects of an environment: all with the overlay over them, or, without one, all but the machines."""
    environment, model = row
    own = list(objects.all_but_machines(project.entries, ""))
    manifests = [*own, *shipped(judged.policies, model.spec, waived=True)]
    judging = [*own, *shipped(judged.policies, model.spec, waived=False)]
    if kustomization_of(project.folder, environment) is None:
        return _Made(manifests, judging, [], (), model.machine_count)
    of_machines = list(objects.machines(project.entries, 0, model.machine_count))
    refuse_twice(project, environment.name, objects, [*own, *of_machines])
    laid = overlaid(project, row, [*manifests, *of_machines], overlay)
    judging = [*(m for m in laid.manifests if m.identity.kind != BINDING_KIND), *_bindings(judging, laid.manifests)]
    return _Made(laid.manifests, judging, laid.findings, laid.read, 0)


def _environments(
    project: Project,
    judged: Sequence[Judged],
    rows: Sequence[tuple[Environment, Model]],
    trees: Sequence[StagedTree],
    settings: RenderSettings,
    progress: Progress | None,
) -> list[Written]:
    written = []
    renderer = Renderer(project.templates)
    jobs = []
    for (environment, model), tree, row in zip(rows, trees, judged, strict=True):
        made = _made(project, (environment, model), row, Objects(renderer, model), settings.overlay)
        manifests = made.manifests
        admission = admission_of(made.judging, row.policies, model.spec)
        proof = proof_of(model, manifests, replace(settings.proof, admission=admission), row.policies)
        part, prover = Written(findings=made.findings), Prover(proof)
        part.findings.extend(_types(row, manifests, prover, model.spec.target.kubernetes))
        part.sources.update(sources_of(project.folder, environment, model, row.policies, made.laid_of))
        part.sources.update(templates_of(renderer, project.entries, model, ""))
        delivery = None
        if settings.argocd or model.spec.delivery.argocd is not None:
            delivery = delivery_of(manifests, project.entries, model.spec.target.kubernetes)
            manifests = deliver(manifests, delivery, part.objections)
        manifests = for_flux(manifests) if model.spec.delivery.flux is not None else manifests
        job = Job(model, tree.path, proof, made.machines, delivery)
        for manifest in manifests:
            stage(manifest, tree.path, part, prover)
        written.append(part)
        jobs.append(job)
    done = [0] * len(jobs)
    try:
        for number, block in run_blocks(jobs, project.entries, project.templates, settings.jobs):
            written[number].add(block)
            done[number] += len(block.files)
            if progress is not None:
                progress.advance(rows[number][0].name, done[number], rows[number][1].machine_count)
    finally:
        if progress is not None:
            progress.close()
    for (environment, _), part, tree, job in zip(rows, written, trees, jobs, strict=True):
        part.findings.extend(files_twice(project, environment, Objects(renderer, job.model), part.files))
        tree.write(KUSTOMIZATION, kustomization_file(part.files)[KUSTOMIZATION])
        delivered = settings.standing / environment.name
        part.objections.extend(((), objection) for objection in transitions(delivered, tree.path, Prover(job.proof)))
    return written


def _types(row: Judged, manifests: Sequence[Manifest], prover: Prover, kubernetes: str) -> Iterator[Finding]:
    """What does not fit the types of kinds in an environment's policies, its own and those among its objects."""
    yield from own_type_findings((policy.policy for policy in row.policies), prover.store, kubernetes)
    names = {policy.name for policy in row.policies}
    yield from rendered_type_findings(manifests, names, prover.store, kubernetes)


def _record(judged: Sequence[Judged], trees: Sequence[StagedTree], written: Sequence[Written]) -> None:
    """Stage the record of every tree: those of environments come first."""
    for position, (tree, part) in enumerate(zip(trees, written, strict=True)):
        of_environment = position < len(judged)
        build = judged[position].build if of_environment else {}
        if not part.records:
            continue  # a tree that is to be empty has nothing to tell of
        text = record_text(
            part.records, part.verdicts, sources=part.sources, kinds=part.kinds, stated=part.stated, build=build
        )
        tree.write(RECORD if of_environment else SHARED_RECORD, text.encode())


def _bindings(judging: Sequence[Manifest], overlaid_manifests: Sequence[Manifest]) -> list[Manifest]:
    """Bindings as objects are judged by: those of the pack without waivers, others as the overlay left them."""
    own = [manifest for manifest in judging if manifest.identity.kind == BINDING_KIND]
    names = {manifest.identity.name for manifest in own}
    more = (m for m in overlaid_manifests if m.identity.kind == BINDING_KIND and m.identity.name not in names)
    return [*own, *more]


def _judged(
    project: Project,
    rows: Sequence[Row],
    judged: Sequence[Judged],
    written: Sequence[Written],
    overlay: OverlaySettings,
    *,
    complete: bool,
) -> Iterator[Told]:
    """What proofs and policies object to, what a build as a whole lacks, and waivers of nothing.

    The trees of all environments belong to the first.
    """
    for position, part in enumerate(written):
        row = judged[position if position < len(judged) else 0]
        row.objections.extend(part.objections)
        if position < len(judged):
            row.projections.extend(part.projections)
    origins = Origins(project, overlay)
    for (environment, model), part in zip(rows, written, strict=False):
        yield from ((environment.name, finding) for finding in of_whole(environment, model, part, origins))
    for row in judged:
        yield from ((row.environment.name, finding) for finding in judgements(row, origins))
    waived = [
        (row.waivers, {w.path: row.environment.layer.origin.span(w.path) for w in row.waivers.waivers})
        for row in judged
    ]
    known = (
        policy.rule.code for policy in load_policies(project.folder.root, project.folder.shown, project.folder.door)
    )
    yield from (("", finding) for finding in check_used(waived, known, complete=complete))


def proof_of(
    model: Model, manifests: Sequence[Manifest], proof: ProofSettings, policies: Sequence[PolicyFile]
) -> ProofSettings:
    """What an environment's objects are proved against: its target, versions asked for beside, its CRDs and KubeVirt.

    `policies` are the rules that judge its machines beside KubeVirt.
    """
    crds = tuple(find_crds(manifest.data for manifest in manifests))
    sources = replace(
        proof.sources,
        crds=(*crds, *proof.sources.crds),
        qats=model.spec.kubevirt.assignment == "qats",
    )
    versions = dict.fromkeys((model.spec.target.kubernetes, *proof.kubernetes))
    target = None
    if proof.ask_kubevirt:
        codes = (policy.rule.code for policy in policies)
        objects = [manifest.data for manifest in manifests]
        target = target_of(model.spec, objects, codes, proof.kubevirt_version)
    return replace(proof, kubernetes=tuple(versions), sources=sources, target=target)


def _shared_trees(
    project: Project,
    rows: Sequence[tuple[Environment, Model]],
    written: Sequence[Written],
    settings: RenderSettings,
    stack: ExitStack,
) -> tuple[list[str], list[StagedTree], list[Written]]:
    """The trees that belong to no environment: Argo CD's and Flux' objects, the founding note's schema."""
    known: dict[str, Written | Record] = {**settings.others}
    known |= {environment.name: part for (environment, _), part in zip(rows, written, strict=True)}
    rows = [row for row in project.environments if row[0].name in known]
    first = rows[0][1]
    delivered = [known[environment.name] for environment, model in rows if model.spec.delivery.argocd is not None]
    ignored = ignored_differences(
        ((group, kind) for part in delivered for group, kind, _ in part.kinds),
        (field for part in delivered for field in part.stated),
    )
    kinds = {name: list(part.kinds) for name, part in known.items()}
    model = replace(first, lists={**argocd_lists(rows, kinds, ignored), **flux_lists(rows)}, environment="")
    renderer = Renderer(project.templates)
    names: list[str] = []
    trees: list[StagedTree] = []
    parts: list[Written] = []
    for name in TREES:
        manifests = list(Objects(renderer, model).all_but_machines(project.entries, name))
        part, prover = Written(), Prover(proof_of(first, manifests, settings.proof, ()))
        if name == ARGOCD:
            delivery = delivery_of(manifests, (), first.spec.target.kubernetes)
            manifests = deliver(manifests, delivery, part.objections)
        if manifests or kind_of(settings.standing / name):
            tree = stack.enter_context(StagedTree(settings.output / name))
            part.sources.update(templates_of(renderer, project.entries, model, name))
            for manifest in manifests:
                stage(manifest, tree.path, part, prover, flat=True)
            names.append(name)
            trees.append(tree)
            parts.append(part)
    files = schema_files() if any(m.spec.kubevirt.assignment == "qats" for _, m in rows) else {}
    if files or kind_of(settings.standing / "schema"):
        tree, part = stack.enter_context(StagedTree(settings.output / "schema")), Written(files=list(files))
        of_spec = Manifest(Identity("", "", "", ""), {}, item=("spec", "kubevirt", "assignment"))
        for file, text in files.items():
            tree.write(file, text.encode())
            part.records.append(record_line(file, text.encode(), of_spec))
        names.append("schema")
        trees.append(tree)
        parts.append(part)
    return names, trees, parts
