"""Findings to the reports that were asked for."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from generator import __version__
from generator.cli.exits import Exit
from generator.cli.options import Command, share
from generator.cli.outputs import check_outputs, write_output
from generator.files import kind_of, quoted, work_tree
from generator.finding import Finding, Severity
from generator.report import FORMATS, ReportContext, RulePage, render_report
from generator.source.rules import NOT_TEXT, UNREADABLE


@dataclass(frozen=True, slots=True)
class Reporting:
    """Which reports go where, whether in colour, and from which severity on a run has failed."""

    outputs: tuple[tuple[str, str], ...] = ()
    colour: str = "auto"
    fail_on: str = "error"
    quiet: bool = False

    def report(self, findings: Sequence[Finding]) -> int:
        """Write every report; returns the exit code the findings call for."""
        outputs = self.outputs or (("text", ""),)
        for form, path in outputs:
            stream = sys.stderr if form == "text" else sys.stdout
            text = render_report(form, findings, _context(coloured=not path and self._coloured(stream)))
            if path:
                write_output(path, text)
            elif text and not (self.quiet and form == "text" and not findings):
                click.echo(text, nl=not text.endswith("\n"), file=stream, color=True)
        return halted(findings) if self.failed(findings) else Exit.OK

    def failed(self, findings: Sequence[Finding]) -> bool:
        """Whether findings are as severe as what fails a run."""
        severe = {Severity.ERROR} if self.fail_on == "error" else {Severity.ERROR, Severity.WARNING}
        return any(finding.level in severe for finding in findings)

    def _coloured(self, stream: Any) -> bool:
        if self.colour != "auto":
            return self.colour == "always"
        if os.environ.get("NO_COLOR"):
            return False
        return bool(os.environ.get("FORCE_COLOR")) or bool(stream.isatty())


def unreadable(findings: Sequence[Finding]) -> bool:
    """Whether input could not be opened, or decoded as text."""
    return any(finding.rule in (UNREADABLE, NOT_TEXT) for finding in findings)


def halted(findings: Sequence[Finding]) -> int:
    """The exit code of findings that ended a command: input that cannot be opened or decoded is 2."""
    return Exit.USAGE if unreadable(findings) else Exit.FINDINGS


def source_text(file: str) -> str | None:
    """The text of a file as findings name it; None where it cannot be shown."""
    return quoted(file)


def _context(*, coloured: bool) -> ReportContext:
    return ReportContext(
        source_text=source_text,
        colour=coloured,
        tool_version=__version__,
        root="",
        page=_page,
        shipped=_shipped,
        folder=_folder(),
    )


def _page(code: str) -> RulePage | None:
    # Imported where it is needed: the pages of all rules are read for it, and one format asks.
    from generator.explain.text import report_page  # noqa: PLC0415

    return report_page(code)


def _shipped(file: str) -> str | None:
    if not file.startswith(("templates/", "policies/")) or kind_of(Path(file)) is not None:
        return None
    # Imported where it is needed: few findings have anything to do with these files.
    from generator.pipeline.shipped import shipped_text  # noqa: PLC0415

    return shipped_text(file)


def _folder() -> str:
    """The current folder below the top of its git work tree; "" at the top, and outside of one."""
    here = Path.cwd()
    top = work_tree(here)
    return "" if top in (None, here) else here.relative_to(top).as_posix()


def _outputs(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    del ctx, parameter
    out = []
    for value in values:
        form, _, path = value.partition("=")
        if form not in FORMATS:
            raise click.BadParameter(f'"{form}" is no report format; known: {", ".join(FORMATS)}')
        out.append((form, path))
    check_outputs(out)
    return tuple(out)


def reporting_options(command: Command) -> Command:
    """The options every command with findings has; the command gets them as `reporting`."""

    def with_reporting(
        *, output: tuple[tuple[str, str], ...], color: str, fail_on: str, quiet: bool, **rest: Any
    ) -> Any:
        return command(reporting=Reporting(output, color, fail_on, quiet), **rest)

    options = (
        click.option(
            "-o",
            "--output",
            multiple=True,
            callback=_outputs,
            metavar="FORMAT[=PATH]",
            help=f"Report format, and a file for it; several at once. {', '.join(FORMATS)}.",
        ),
        click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour."),
        click.option("--fail-on", type=click.Choice(["error", "warning"]), default="error", help="What fails a run."),
        click.option("-q", "--quiet", is_flag=True, help="Say nothing when all is well."),
    )
    return share(command, with_reporting, options)
