"""`qatgen argocd`: what a config management plugin of Argo CD calls, its hydrator's form, and its plan."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from generator.cli.bounds import Bounds, bounded
from generator.cli.exits import Exit
from generator.cli.proving import Proving
from generator.cli.removing import remove_option
from generator.cli.render import PATH, cores
from generator.cli.reporting import source_text
from generator.cli.root import chosen_root
from generator.emit import repair, scratch
from generator.finding import Finding, Halt, has_errors
from generator.location import Span
from generator.manifest import Identity
from generator.overlay import settings as overlay_settings
from generator.pipeline import rules
from generator.pipeline.hydrated import Origin, texts_of, write_hydrated
from generator.pipeline.places import check_place
from generator.pipeline.plan import Step, sync_plan
from generator.pipeline.project import Project, open_project, unknown_environment
from generator.pipeline.render import RenderSettings, render_project
from generator.pipeline.served import not_served
from generator.pipeline.validate import project_sources
from generator.report import ReportContext, render_report
from generator.secrecy import conceal
from generator.spec.load import environment_names, open_folder
from generator.spec.parameters import ENVIRONMENT, VARIABLE, announcements, read_given

SPEC = Path("spec.yaml")
_ASKED = f"ARGOCD_ENV_{ENVIRONMENT.upper()}"


def _bounds(command: Callable[..., int]) -> Callable[..., int]:
    def with_bounds(*, timeout: float, memory: int, **rest: Any) -> int:
        return command(bounds=Bounds(timeout, memory), **rest)

    with_bounds.__doc__, with_bounds.__name__ = command.__doc__, command.__name__
    seconds = click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=50.0,
        envvar="QATGEN_TIMEOUT",
        show_default=True,
        metavar="SECONDS",
        help="End a run that takes longer, before Argo CD ends it without a word.",
    )
    mebibytes = click.option(
        "--memory",
        type=click.IntRange(min=64),
        default=2048,
        envvar="QATGEN_MEMORY",
        show_default=True,
        metavar="MIB",
        help="Memory one process may have.",
    )
    return seconds(mebibytes(with_bounds))


@click.group()
def argocd() -> None:
    """Commands of the config management plugin in integrations/argocd, and the hydrator's form."""


@argocd.command()
@_bounds
def generate(*, bounds: Bounds) -> int:
    """Print the manifests of the environment that Argo CD asks for, and nothing else."""
    name = os.environ.get(_ASKED, "")
    root = chosen_root(SPEC.parent)
    try:
        given = read_given(os.environ.get(VARIABLE, ""))
        name = chosen_environment(given.environment or name)
        with _scratch() as trees:

            def work() -> Sequence[Finding]:
                return _render(open_project(SPEC, name, given.layer, root=root), [name], trees)

            findings = bounded(work, bounds, SPEC.name)
            documents = texts_of(trees / name)
    except Halt as halt:
        return _tell(halt.findings, name)
    if not documents and not has_errors(findings):
        message = f'environment "{name}" has no objects: Argo CD would prune everything'
        findings = [Finding(rule=rules.NOTHING, message=message, at=Span(SPEC.name), hint="fix the spec")]
    if has_errors(findings):
        return _tell(findings, name)
    remarks = list(not_served(documents, os.environ.get("KUBE_API_VERSIONS", ""), SPEC.name))
    if remarks:
        _tell(remarks, name, warnings=True)
    click.echo("---\n".join(documents), nl=False)
    return Exit.OK


@argocd.command()
@_bounds
def parameters(*, bounds: Bounds) -> int:
    """Announce the parameters in Argo CD's form: the environment, and fields of the spec with what holds now."""
    asked = os.environ.get(_ASKED, "")
    root = chosen_root(SPEC.parent)

    def work() -> tuple[list[str], list[Any]]:
        names = environment_names(open_folder(SPEC, root))
        project = open_project(SPEC, asked if asked in names else "", root=root)
        return names, [environment.layer.data for environment, _ in project.environments]

    try:
        names, data = bounded(work, bounds, SPEC.name)
    except Halt as halt:
        return _tell(halt.findings, asked)
    click.echo(json.dumps(announcements(names, asked, data), ensure_ascii=False))
    return Exit.OK


@argocd.command()
@click.option("--spec", default=SPEC, type=PATH, show_default=True, help="The spec file.")
@click.option("-e", "--env", "environments", multiple=True, metavar="NAME", help="Only this environment; repeatable.")
@click.option("--output-dir", default=Path("hydrated"), type=PATH, show_default=True, help="Where to.")
@click.option("--dry-sha", default="", metavar="SHA", help="The commit that was rendered, for hydrator.metadata.")
@click.option("--repo-url", default="", metavar="URL", help="Its repository, for hydrator.metadata.")
@remove_option
def hydrate(
    *,
    spec: Path,
    environments: tuple[str, ...],
    output_dir: Path,
    dry_sha: str,
    repo_url: str,
    remove_unknown: bool,
) -> int:
    """Write environments as Argo CD's source hydrator does: one manifest.yaml each, with hydrator.metadata.

    Nothing is written when there is a finding of severity error; a file in an environment's folder that qatgen did not
    make is one. Files of ours that nothing makes any more are removed, which the hydrator itself leaves.
    """
    try:
        project = open_project(spec, root=chosen_root(spec.parent))
        check_place(project, output_dir)
        repair(output_dir)
        names = [environment.name for environment, _ in project.chosen(environments)]
        with _scratch() as trees:
            findings = _render(project, names, trees)
            if has_errors(findings):
                return _tell(findings, "")
            origin = Origin(repo_url, dry_sha)
            written, told = write_hydrated(trees, names, output_dir, origin, remove_unknown=remove_unknown)
    except Halt as halt:
        return _tell(halt.findings, "")
    if told:
        _tell(told, "", warnings=True)
    for name, changed in written.items():
        click.echo(f"{(output_dir / name).as_posix()}: {'written' if changed else 'unchanged'}")
    return Exit.OK


@argocd.command()
@click.option("--spec", default=SPEC, type=PATH, show_default=True, help="The spec file.")
@click.option("-e", "--env", "environments", multiple=True, metavar="NAME", help="Only this environment; repeatable.")
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def plan(*, spec: Path, environments: tuple[str, ...], form: str) -> int:
    """Print the order in which Argo CD will apply an environment, and what each object waits for."""
    try:
        project = open_project(spec, root=chosen_root(spec.parent))
        plans = {row[0].name: sync_plan(project, row, overlay_settings()) for row in project.chosen(environments)}
    except Halt as halt:
        return _tell(halt.findings, "")
    if form == "json":
        click.echo(json.dumps({name: [_step_data(step) for step in steps] for name, steps in plans.items()}, indent=2))
        return Exit.OK
    for name, steps in plans.items():
        click.echo(f"{name}:")
        wave = None
        for step in steps:
            if step.wave != wave:
                wave = step.wave
                click.echo(f"  wave {wave}")
            after = f", after {_some(step.after)}" if step.after else ""
            click.echo(f"    {_some(step.objects)}{after}")
    return Exit.OK


def _step_data(step: Step) -> dict[str, Any]:
    found = {"objects": [str(identity) for identity in step.objects], "after": [str(target) for target in step.after]}
    return {"wave": step.wave, "kind": step.kind, **found}


def _some(identities: Sequence[Identity]) -> str:
    """The first of some objects, and how many more there are."""
    more = f" and {len(identities) - 1:,} more" if len(identities) > 1 else ""
    return f"{identities[0]}{more}"


def chosen_environment(name: str) -> str:
    """The environment that is asked for, or the only one there is. Raises Halt for none, or an unknown one."""
    folder = open_folder(SPEC, chosen_root(SPEC.parent))
    names = environment_names(folder)
    if not name and len(names) == 1:
        return names[0]
    if not name:
        message = f"no environment is chosen; there are {', '.join(names)}"
        hint = f"give the application's plugin the parameter `{ENVIRONMENT}`"
        raise Halt([Finding(rule=rules.NO_ENVIRONMENT, message=message, at=Span(SPEC.name), hint=hint)])
    if name not in names:
        raise Halt([unknown_environment(name, names, folder.shown)])
    return name


@contextmanager
def _scratch() -> Iterator[Path]:
    """A place for trees that is gone afterwards."""
    with scratch("argocd") as top:
        yield top / "rendered"


def _render(project: Project, names: Sequence[str], output: Path) -> Sequence[Finding]:
    """Render environments for Argo CD; gives what is to be told."""
    version = os.environ.get("KUBE_VERSION", "")
    versions = [".".join(version.removeprefix("v").split(".")[:2])] if version else []
    proof = Proving().settings(versions, project_sources(project))
    settings = RenderSettings(output, tuple(names), cores(), None, proof, overlay_settings(), has_errors, argocd=True)
    return render_project(project, settings, None)[1]


def _tell(findings: Sequence[Finding], environment: str, *, warnings: bool = False) -> int:
    """Findings to standard error, after the names Argo CD's users know; nothing to standard output."""
    application = os.environ.get("ARGOCD_APP_NAME", "")
    about = [f"application {application}"] if application else []
    about += [f"environment {environment}"] if environment else []
    if about:
        click.echo(f"qatgen, {', '.join(about)}:", err=True)
    told = [finding for finding in conceal(findings, source_text) if warnings or has_errors([finding])]
    context = ReportContext(source_text=lambda _: None, colour=False, tool_version="", root="")
    click.echo(render_report("text", told, context), nl=False, err=True)
    return Exit.FINDINGS
