"""`qatgen check`: whether rendered/ is what the sources give."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import click

from generator.cli.exits import Exit
from generator.cli.reporting import Reporting, reporting_options
from generator.pipeline.trusted import is_trusted, record_file, trust

PATH = click.Path(path_type=Path)


@click.command()
@click.option("--spec", "spec", default="spec.yaml", type=PATH, help="The spec file.")
@click.option("-e", "--env", "environments", multiple=True, metavar="NAME", help="Only this environment; repeatable.")
@click.option("--output-dir", default=None, type=PATH, help="What is checked; default: rendered/.")
@click.option("--today", default=None, metavar="DATE", help="Day waivers are judged at, or now.")
@reporting_options
def check(
    *, spec: Path, environments: tuple[str, ...], output_dir: Path | None, today: str | None, reporting: Reporting
) -> int:
    """Render anew, and compare: missing, stale, hand-edited and extra files, with what differs in each.

    Nothing is written. What was found current is remembered in the git folder, so that a check with nothing changed
    only looks at file times; with CI set everything is rendered anew.
    """
    output = output_dir or spec.parent / "rendered"
    key = [str(spec.absolute()), str(output.absolute()), today or "", *sorted(environments)]
    if not os.environ.get("CI") and today != "now" and is_trusted(_record(spec), key):
        _say(reporting, f"{output.as_posix()} is current")
        return Exit.OK
    return _check(spec, environments, output, today, reporting, key)


def _record(spec: Path) -> Path:
    cache = os.environ.get("XDG_CACHE_HOME")
    return record_file(spec.parent, Path(cache) if cache else Path.home() / ".cache")


def _say(reporting: Reporting, text: str) -> None:
    if not reporting.quiet:
        click.echo(text, err=any(form != "text" for form, _ in reporting.outputs))


def _check(
    spec: Path, environments: tuple[str, ...], output: Path, today: str | None, reporting: Reporting, key: list[str]
) -> int:
    """Render and compare; what is found current is remembered."""
    # Imported late: a check with nothing changed has no use for them.
    from generator.cli.proving import Proving  # noqa: PLC0415
    from generator.cli.render import cores, parse_day  # noqa: PLC0415
    from generator.finding import Halt  # noqa: PLC0415
    from generator.overlay import settings as overlay_settings  # noqa: PLC0415
    from generator.pipeline.check import check_project, is_current  # noqa: PLC0415
    from generator.pipeline.project import open_project  # noqa: PLC0415
    from generator.pipeline.render import RenderSettings  # noqa: PLC0415
    from generator.pipeline.validate import project_sources  # noqa: PLC0415

    day: date | None = parse_day(today)
    try:
        project = open_project(spec)
        proof = Proving().settings([], project_sources(project))
        arguments: dict[str, Any] = {"environments": environments, "jobs": cores(), "today": day, "proof": proof}
        settings = RenderSettings(output, overlay=overlay_settings(), stop=reporting.failed, **arguments)
        findings = check_project(project, settings, _mend(spec, environments, output, today))
    except Halt as halt:
        reporting.report(halt.findings)
        return Exit.USAGE if not spec.exists() else Exit.FINDINGS
    code = reporting.report(findings)
    if is_current(findings):
        sources = [path for environment, _ in project.environments for path in environment.files]
        trust(_record(spec), spec.parent, key, [spec, *sources], output)
        _say(reporting, f"{output.as_posix()} is current")
    return code


def _mend(spec: Path, environments: tuple[str, ...], output: Path, today: str | None) -> str:
    words = ["qatgen render"]
    words += [f"--spec {spec.as_posix()}"] if spec.as_posix() != "spec.yaml" else []
    words += [f"--env {name}" for name in environments]
    words += [f"--output-dir {output.as_posix()}"] if output != spec.parent / "rendered" else []
    return " ".join([*words, *([f"--today {today}"] if today else [])])
