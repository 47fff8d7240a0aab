"""Blocks of machines, from items to staged files.

A worker takes a block from rendering to files and gives back names and kinds, never objects: memory stays flat
however many machines there are.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.bundle import file_name
from generator.checks.demand import Demands
from generator.emit import Unrepresentable, dump, write_file
from generator.emit.rules import UNREPRESENTABLE
from generator.finding import Finding, Halt
from generator.location import FieldPath, Span, format_path
from generator.manifest import Identity, Manifest
from generator.pipeline.delivery import Delivery
from generator.pipeline.demands import count
from generator.pipeline.index import Entry
from generator.pipeline.neighbours import Neighbours
from generator.pipeline.objects import Objects
from generator.pipeline.outcomes import Outcomes
from generator.pipeline.proof import Objection, ProofSettings, Prover, merged
from generator.pipeline.record import Kind
from generator.pipeline.recording import record_line, verdicts_key
from generator.render import Renderer, TemplateFolder
from generator.resolve import Model
from generator.sync import Stated, stated

BLOCK = 500
"""Machines a block: some 50 ms of work, so that cores stay busy to the end and progress is seen."""


@dataclass(frozen=True, slots=True)
class Job:
    """One environment's machines: the model, the folder their files are staged in, what they are proved against.

    `machines`: how many of them are left to be rendered; `delivery`: how Argo CD is to deliver them, where it does.
    """

    model: Model
    staging: Path
    proof: ProofSettings
    machines: int
    delivery: Delivery | None = None


@dataclass(slots=True)
class Written:
    """What was staged: files with their records, how many objects of each kind, findings, what policies are to be told.

    Objections and what rules over the build read of an object come with the spec's part it was rendered for.
    `verdicts` are the sets that the records name by their keys, `sources` what the tree as a whole depends on. Not
    `whole`: some machines could not be made, the findings say why.
    `stated` are the fields that objects state themselves and others fill in where they are absent. `demands` are what
    objects ask of node pools, `neighbours` the names of what they need beside themselves.
    """

    files: list[str] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    kinds: Counter[Kind] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    objections: list[tuple[FieldPath, Objection]] = field(default_factory=list)
    projections: list[tuple[FieldPath, Identity, Any]] = field(default_factory=list)
    verdicts: dict[str, Outcomes] = field(default_factory=dict)
    sources: set[str] = field(default_factory=set)
    whole: bool = True
    stated: set[Stated] = field(default_factory=set)
    demands: Demands = field(default_factory=Demands)
    neighbours: Neighbours = field(default_factory=Neighbours)

    def add(self, other: "Written") -> None:
        """Take in what another block staged."""
        self.files.extend(other.files)
        self.records.extend(other.records)
        self.kinds.update(other.kinds)
        self.findings.extend(other.findings)
        self.objections.extend(other.objections)
        self.projections.extend(other.projections)
        self.verdicts |= other.verdicts
        self.whole &= other.whole
        self.stated |= other.stated
        self.demands.update(other.demands)
        self.neighbours.add(other.neighbours)


@dataclass(frozen=True, slots=True)
class Worker:
    """What every block is rendered with. One a process: the renderer keeps its caches between blocks."""

    jobs: Sequence[Job]
    entries: tuple[Entry, ...]
    renderer: Renderer
    provers: dict[int, Prover] = field(default_factory=dict)

    def block(self, job: int, start: int, stop: int) -> Written:
        """Render and stage the machines from `start` to before `stop` of a job."""
        chosen = self.jobs[job]
        prover = self.provers.setdefault(job, Prover(chosen.proof))
        written = Written()
        try:
            for group in Objects(self.renderer, chosen.model).by_machine(self.entries, start, stop):
                for manifest in chosen.delivery.delivered(group, written.objections) if chosen.delivery else group:
                    stage(manifest, chosen.staging, written, prover)
        except Halt as halt:
            written.findings.extend(halt.findings)
            written.whole = False
        written.objections = merged(written.objections)
        return written


def stage(manifest: Manifest, staging: Path, written: Written, prover: Prover, *, flat: bool = False) -> None:
    """Prove one object, and write it to its file in the staging folder.

    `flat` leaves out the folder of its namespace. Raises Halt where it has no form in YAML.
    """
    objections, outcomes = prover.examine(manifest.data)
    written.objections.extend((manifest.item, objection) for objection in objections)
    identity = manifest.identity
    relative = file_name(identity).rpartition("/")[2] if flat else file_name(identity)
    try:
        text = dump(manifest.data)
    except Unrepresentable as error:
        message = f"{format_path(error.path)} is {error.reason}"
        at = Span(f"templates/{manifest.template}")
        finding = Finding(rule=UNREPRESENTABLE, message=message, at=at, subject=str(identity), path=error.path)
        raise Halt([finding]) from None
    raw = text.encode()
    write_file(staging, relative, raw)
    written.projections.append((manifest.item, identity, prover.project(manifest.data, len(raw))))
    written.files.append(relative)
    key = verdicts_key(outcomes)
    if key:
        written.verdicts[key] = outcomes
    written.records.append(record_line(relative, raw, manifest, key))
    written.kinds[identity.group, identity.kind, bool(identity.namespace)] += 1
    written.stated.update(stated(identity.group, identity.kind, manifest.data))
    count(written.demands, manifest)
    written.neighbours.take(manifest)


def blocks(jobs: Sequence[Job]) -> Iterator[tuple[int, int, int]]:
    """Every block of every job: job, first machine, the one after the last."""
    for number, job in enumerate(jobs):
        total = job.machines
        for start in range(0, total, BLOCK):
            yield number, start, min(start + BLOCK, total)


def run_blocks(
    jobs: Sequence[Job], entries: tuple[Entry, ...], templates: Sequence[TemplateFolder], processes: int
) -> Iterator[tuple[int, Written]]:
    """Render every block, in any order; gives the job's number and what was staged, block by block."""
    todo = list(blocks(jobs))
    if processes == 1 or len(todo) < 2 * processes:
        worker = Worker(jobs, entries, Renderer(templates))
        for job, start, stop in todo:
            yield job, worker.block(job, start, stop)
        return
    # Imported where it is needed: most builds are small, and the modules of process pools take a while to load.
    from generator.pipeline.pool import run_pool  # noqa: PLC0415

    yield from run_pool(jobs, entries, templates, processes)
