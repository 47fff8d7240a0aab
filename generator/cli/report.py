"""`qatgen report`: one page to look at, and the same data for programs."""

from datetime import date
from pathlib import Path

import click

from generator.cli.day import parse_day
from generator.cli.exits import Exit
from generator.cli.outputs import check_outputs, write_output
from generator.cli.overlaying import overlay_options
from generator.cli.proving import Proving, proving_options
from generator.cli.render import cores
from generator.cli.repairing import look_for_unfinished, rendered_of
from generator.cli.reporting import Reporting, source_text, unreadable
from generator.cli.root import chosen_root
from generator.files import kind_of
from generator.finding import Finding, Halt
from generator.overlay import Settings as OverlaySettings
from generator.overview import FORMATS, Overview, survey, unread
from generator.pipeline.project import read_project
from generator.pipeline.render import RenderSettings
from generator.pipeline.validate import project_sources
from generator.report.counts import in_words

PATH = click.Path(readable=False, path_type=Path)
PAGE = "report.html"


def _outputs(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    del ctx, parameter
    out = []
    for value in values:
        form, equals, path = value.partition("=")
        if form not in FORMATS:
            raise click.BadParameter(f'"{form}" is no form of the report; known: {", ".join(FORMATS)}')
        if equals and not path:
            raise click.BadParameter(f'"{value}" names no file')
        out.append((form, path or (PAGE if form == "html" else "")))
    out = out or [("html", PAGE)]
    check_outputs(out)
    return tuple(out)


def _today(ctx: click.Context, parameter: click.Parameter, value: str | None) -> date | None:
    del ctx, parameter
    return parse_day(value)


@click.command()
@click.option("--spec", default="spec.yaml", type=PATH, help="The spec file.")
@click.option("-e", "--env", "environments", multiple=True, metavar="NAME", help="Only this environment; repeatable.")
@click.option("--output-dir", default=None, type=PATH, help="The rendered trees to compare with; default: rendered/.")
@click.option("--today", default=None, callback=_today, metavar="DATE", help="Day waivers are judged at, or now.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), default=None, help="Processes; default: one a core.")
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    callback=_outputs,
    metavar="FORMAT[=PATH]",
    help=f"html or json, and a file for it; several at once. Default: html={PAGE}; json alone goes to standard output.",
)
@click.option("--fail-on", type=click.Choice(["error", "warning"]), default="error", help="What fails a run.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing when all is well.")
@look_for_unfinished(rendered_of)
@overlay_options
@proving_options
def report(  # noqa: PLR0913 - one for each option
    *,
    spec: Path,
    environments: tuple[str, ...],
    output_dir: Path | None,
    today: date | None,
    jobs: int | None,
    outputs: tuple[tuple[str, str], ...],
    fail_on: str,
    quiet: bool,
    overlay: OverlaySettings,
    proving: Proving,
) -> int:
    """Write a page about the whole platform: environments, capacity, devices, findings, policies, overlays, files.

    Everything is made and judged as `render` does, and nothing is written to rendered/. The page is written with
    findings as well; then the exit code is 1.
    """
    reporting = Reporting(fail_on=fail_on)
    try:
        project = read_project(spec, root=chosen_root(spec.parent))
    except Halt as halt:
        reporting.report(halt.findings)  # a page alone would hide why it is empty
        if kind_of(spec) is None or unreadable(halt.findings):
            return Exit.USAGE
        overview, findings = unread(halt.findings, spec, source_text), list(halt.findings)
    else:
        settings = RenderSettings(
            output=output_dir or spec.parent / "rendered",
            environments=environments,
            jobs=jobs or cores(),
            today=today,
            proof=proving.settings([], project_sources(project)),
            overlay=overlay,
            stop=reporting.failed,
        )
        try:
            overview, findings = survey(project, settings, spec, source_text)
        except Halt as halt:
            return reporting.report(halt.findings)
    for form, path in outputs:
        _put(form, path, overview)
    return _told(reporting, findings, outputs, quiet=quiet)


def _put(form: str, path: str, overview: Overview) -> None:
    """Write one form of the report, whole or not at all; without a path it goes to standard output."""
    text = FORMATS[form](overview)
    if not path or path == "-":
        click.echo(text, nl=False)
        return
    write_output(path, text)


def _told(reporting: Reporting, findings: list[Finding], outputs: tuple[tuple[str, str], ...], *, quiet: bool) -> int:
    failed = reporting.failed(findings)
    if failed or not quiet:
        files = ", ".join(path for _, path in outputs if path and path != "-")
        click.echo(f"{files or 'report'}: {in_words(findings)}", err=True)
    return Exit.FINDINGS if failed else Exit.OK
