"""`qatgen render`: the spec's files to rendered trees."""

import os
import sys
import time
from datetime import date
from pathlib import Path

import click

from generator.cli.day import parse_day
from generator.cli.exits import Exit
from generator.cli.overlaying import overlay_options
from generator.cli.proving import Proving, proving_options
from generator.cli.removing import remove_option
from generator.cli.reporting import Reporting, halted, reporting_options
from generator.cli.root import chosen_root
from generator.files import kind_of
from generator.finding import Halt, has_errors
from generator.overlay import Settings as OverlaySettings
from generator.pipeline.project import open_project
from generator.pipeline.render import Progress, RenderSettings, Summary, render_project
from generator.pipeline.validate import project_sources

PATH = click.Path(readable=False, path_type=Path)


def _today(ctx: click.Context, parameter: click.Parameter, value: str | None) -> date | None:
    del ctx, parameter
    return parse_day(value)


@click.command()
@click.option("--spec", "spec", default="spec.yaml", type=PATH, help="The spec file.")
@click.option("-e", "--env", "environments", multiple=True, metavar="NAME", help="Only this environment; repeatable.")
@click.option("--output-dir", default=None, type=PATH, help="Where to; default: rendered/.")
@click.option("--today", default=None, callback=_today, metavar="DATE", help="Day waivers are judged at, or now.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), default=None, help="Processes; default: one a core.")
@remove_option
@overlay_options
@proving_options
@reporting_options
def render(  # noqa: PLR0913 - one for each option
    *,
    spec: Path,
    environments: tuple[str, ...],
    output_dir: Path | None,
    today: date | None,
    jobs: int | None,
    remove_unknown: bool,
    overlay: OverlaySettings,
    proving: Proving,
    reporting: Reporting,
) -> int:
    """Render every environment of the spec to rendered/<env>/.

    Nothing is written when there is a finding of severity error; a tree that is already current is left alone. A file
    in a tree that qatgen did not make is such an error; a hand edit that is overwritten is a warning.
    """
    if proving.problems():
        reporting.report(proving.problems())
        return Exit.USAGE
    try:
        project = open_project(spec, root=chosen_root(spec.parent))
        settings = RenderSettings(
            output=output_dir or spec.parent / "rendered",
            environments=environments,
            jobs=jobs or cores(),
            today=today,
            proof=proving.settings([], project_sources(project)),
            overlay=overlay,
            stop=reporting.failed,
            remove_unknown=remove_unknown,
        )
        summaries, findings = render_project(project, settings, _Ticker() if _on_terminal(reporting) else None)
    except Halt as halt:
        reporting.report(halt.findings)
        return Exit.USAGE if kind_of(spec) is None else halted(halt.findings)
    code = reporting.report(findings)
    if not reporting.quiet and not has_errors(findings):
        for summary in summaries:
            click.echo(_line(summary), err=any(form != "text" for form, _ in reporting.outputs))
    return code


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _line(summary: Summary) -> str:
    if summary.removed:
        return f"{summary.folder}: removed, because nothing in the sources makes it any more"
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(summary.kinds.items()))
    state = "written" if summary.changed else "unchanged"
    return f"{summary.folder}: {sum(summary.kinds.values())} objects, {state} ({kinds})"


def _on_terminal(reporting: Reporting) -> bool:
    return sys.stderr.isatty() and not reporting.quiet


class _Ticker(Progress):
    """One line on the terminal, from the second second on."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._shown = False

    def advance(self, environment: str, done: int, total: int) -> None:
        """Show how many machines of an environment are done."""
        if time.monotonic() - self._start > 1:
            self._shown = True
            click.echo(f"\r\033[K{environment}: {done:,} of {total:,} machines", err=True, nl=False)

    def close(self) -> None:
        """Clear the line."""
        if self._shown:
            click.echo("\r\033[K", err=True, nl=False)
