"""Look at a whole project: all is made and judged as a render would, nothing is put in place, all of it is told."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from generator import __version__
from generator.checks.capacity import Ask, capacity_of
from generator.checks.demand import Demands
from generator.emit import scratch
from generator.finding import Finding, Halt, Told, has_errors, once
from generator.location import Span
from generator.manifest import Identity
from generator.overlay import Settings
from generator.overview.devices import devices_of
from generator.overview.model import Environment, KindCount, Matrix, Overlay, Overview, Tree
from generator.overview.overlays import Laid, added_devices, laid_over, overlay_of
from generator.overview.pools import container_vfs, machine_vfs, pools_of
from generator.overview.problems import counts_of, problems_of
from generator.overview.provenance import tree_of
from generator.overview.verdicts import NOT_JUDGED, matrix_of
from generator.pipeline.before import strays, told_before
from generator.pipeline.blocks import Written
from generator.pipeline.demands import demands_of
from generator.pipeline.policies import load_policies
from generator.pipeline.project import Project
from generator.pipeline.record import read_record
from generator.pipeline.render import RenderSettings, Row, stage_trees
from generator.report.excerpt import Sources
from generator.resolve import MachineItem
from generator.resolve.resolve import target_plugin

_UNREAD = "The sources could not be read; the findings say where, and the other parts are empty."
_UNMADE = "The objects could not be made; the findings say where, and what depends on them is missing."
_IN_PART = "Not every machine could be made; the findings say why, and what is told of objects is not complete."
_LEFT_OUT = "Left out, for errors in the spec: "

SourceText = Callable[[str], str | None]
"""The text of a file as findings name it; None where there is none to show."""


@dataclass(frozen=True, slots=True)
class _Made:
    """What was made of one environment."""

    part: Written
    matrix: Matrix
    overlay: Overlay | None
    added: Mapping[str, int]
    places: Mapping[Identity, Span]


def survey(
    project: Project, settings: RenderSettings, spec: Path, source: SourceText
) -> tuple[Overview, list[Finding]]:
    """The overview of a project, and every finding. `settings.output` is looked at, and nothing is written there.

    Raises Halt for an environment that is asked for and is none.
    """
    asked = settings.environments
    resolved = {environment.name for environment, _ in project.environments}
    told_of_spec = [(name, finding) for name, finding in project.told if name in ("", *asked) or not asked]
    left_out = sorted({name for name, _ in told_of_spec} - resolved - {""})
    wanted = [name for name in asked if name not in left_out]
    rows = project.chosen(wanted) if wanted or not asked else []
    told = [*told_of_spec, *told_before(project, rows, settings.today, settings.proof)]
    told += [("", finding) for finding in strays(project, settings.output)]
    stopped = _LEFT_OUT + ", ".join(left_out) if left_out else ""
    made: dict[str, _Made] = {}
    trees: list[Tree] = []
    if rows:
        # What environments make together is not made of some of them, nor of a delivery that is refused.
        refused = has_errors(finding for _, finding in told_of_spec)
        names = [environment.name for environment, _ in rows] if refused else asked
        try:
            told += _stage(project, rows, replace(settings, environments=names), made, trees)
            stopped = stopped if all(one.part.whole for one in made.values()) else _IN_PART
        except Halt as halt:
            told += [("", finding) for finding in halt.findings]
            stopped = _UNMADE
    elif not left_out:
        stopped = _UNREAD
    environments = tuple(_environment(project, row, made.get(row[0].name), told, settings.overlay) for row in rows)
    problems, more = problems_of(told, Sources(source))
    findings = project.reported(told)
    platform = rows[0][1].spec.metadata.name if rows else ""
    overview = Overview(
        platform=platform,
        tool_version=__version__,
        spec=spec.as_posix(),
        stopped=stopped,
        findings=counts_of(findings),
        environments=environments,
        problems=problems,
        more_problems=more,
        trees=tuple(trees),
    )
    return overview, findings


def unread(findings: Sequence[Finding], spec: Path, source: SourceText) -> Overview:
    """The overview of a project that could not be read: its findings."""
    problems, more = problems_of((("", finding) for finding in findings), Sources(source))
    return Overview(
        platform="",
        tool_version=__version__,
        spec=spec.as_posix(),
        stopped=_UNREAD,
        findings=counts_of(findings),
        environments=(),
        problems=problems,
        more_problems=more,
        trees=(),
    )


def _stage(
    project: Project, rows: Sequence[Row], settings: RenderSettings, made: dict[str, _Made], trees: list[Tree]
) -> list[Told]:
    """Make the trees in a folder of their own, and keep what is told of them. Raises Halt."""
    policies = load_policies(project.folder.root, project.folder.shown, project.folder.door)
    with scratch("report") as folder, ExitStack() as stack:
        apart = replace(settings, output=folder / "rendered", delivered=settings.output)
        staged = stage_trees(project, rows, apart, None, stack)
        for name, tree, part in zip(staged.names, staged.trees, staged.written, strict=True):
            trees.append(tree_of(tree.path, settings.output / name, part))
        for row, judged, part, tree in zip(rows, staged.judged, staged.written, staged.trees, strict=False):
            laid = laid_over(project, row, judged, settings.overlay)
            matrix = matrix_of(judged, part, read_record(tree.path), policies)
            overlay = overlay_of(project, row[0], laid, staged.told, settings.overlay)
            made[row[0].name] = _Made(part, matrix, overlay, added_devices(laid), _places(part, laid))
    return list(staged.told)


def _places(part: Written, laid: Laid | None) -> dict[Identity, Span]:
    """Where the objects are written that an overlay adds and that ask for something."""
    if laid is None:
        return {}
    named = (demand.name for demand in part.demands if demand.name is not None)
    places = ((identity, laid.made.touched_at(identity)) for identity in named)
    return {identity: found[0] for identity, found in places if found}


def _demands(project: Project, row: Row, settings: Settings) -> Demands:
    """What the objects of an environment ask for whose tree was not made; nothing where not even they can be made."""
    try:
        return demands_of(project, row, settings)
    except Halt:
        return Demands()


def _instances(item: MachineItem) -> int:
    machine = item.machine
    replicated = machine.kind in {"VirtualMachineInstanceReplicaSet", "VirtualMachinePool"}
    return len(item) * ((1 if machine.replicas is None else machine.replicas) if replicated else 1)


def _environment(
    project: Project, row: Row, made: _Made | None, told: Sequence[Told], settings: Settings
) -> Environment:
    environment, model = row
    spec, span = model.spec, environment.layer.origin.span
    uses = capacity_of(model, made.part.demands if made else _demands(project, row, settings)).uses
    argocd = spec.delivery.argocd
    destination = argocd.destination if argocd else None
    added = made.added if made else {}
    places = made.places if made else {}

    def where(ask: Ask) -> Span:
        found = places.get(ask.identity) if ask.identity is not None else None
        return span(ask.path or ("spec",)) if found is None else found

    return Environment(
        name=environment.name,
        kubernetes=spec.target.kubernetes,
        kubevirt=spec.target.kubevirt,
        device_plugin=f"v{target_plugin(spec, project.catalog)}",
        assignment=spec.kubevirt.assignment,
        destination=(destination.name or destination.server or "") if destination else "",
        rendered=made is not None,
        objects=_objects(made.part) if made else (),
        machines=model.machine_count,
        instances=sum(_instances(item) for item in model.machines),
        nodes=sum(pool.spec.nodes for pool in model.pools),
        vfs=machine_vfs(uses),
        container_vfs=container_vfs(uses),
        findings=counts_of(once((name, finding) for name, finding in told if name == environment.name)),
        pools=pools_of(uses, added, span, where),
        devices=devices_of(model, uses, project.catalog, added, span, where),
        matrix=made.matrix if made else NOT_JUDGED,
        overlay=made.overlay if made else overlay_of(project, environment, None, told, settings),
    )


def _objects(part: Written) -> tuple[KindCount, ...]:
    counts: dict[tuple[str, str], int] = {}
    for (group, kind, _), count in part.kinds.items():
        counts[kind, group] = counts.get((kind, group), 0) + count
    return tuple(KindCount(kind, group, count) for (kind, group), count in sorted(counts.items()))
