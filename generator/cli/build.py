"""`qatgen build`: any kustomization folder, to standard output or a folder."""

import gc
from dataclasses import replace
from pathlib import Path

import click

from generator.cli.exits import Exit
from generator.cli.overlaying import overlay_options
from generator.cli.removing import remove_option
from generator.cli.reporting import Reporting, halted, reporting_options
from generator.cli.root import chosen_root
from generator.files import Kind, RefusedError, door_of, kind_of
from generator.finding import Halt
from generator.overlay import Settings as OverlaySettings
from generator.pipeline.kustomized import Kustomized, build_folder, write_folder

PATH = click.Path(readable=False, path_type=Path)


@click.command()
@click.argument("folder", default=".", type=PATH, metavar="DIR")
@click.option("--output-dir", type=PATH, default=None, help="One file an object in this folder, instead of one text.")
@click.option(
    "--load-restrictor",
    "restrictor",
    type=click.Choice(["LoadRestrictionsRootOnly", "LoadRestrictionsNone"]),
    default="LoadRestrictionsRootOnly",
    help="Whether files may be outside of their kustomization's folder; never outside of the root.",
)
@remove_option
@overlay_options
@reporting_options
def build(
    *,
    folder: Path,
    output_dir: Path | None,
    remove_unknown: bool,
    restrictor: str,
    overlay: OverlaySettings,
    reporting: Reporting,
) -> int:
    """Build the kustomization in DIR (default: the current folder).

    With --output-dir that folder is replaced as a whole: a file in it that qatgen did not make stops the write.

    Files are local only, and nothing is run. Nothing is read outside of the root: the work tree that holds DIR, else
    the current folder where it holds DIR, else DIR. `--engine kustomize` runs `kustomize` or `kubectl kustomize`
    instead, for charts, functions and remote resources; what comes out is written in the same form.
    """
    overlay = replace(overlay, anywhere=restrictor == "LoadRestrictionsNone")
    try:
        door = door_of(folder, chosen_root(folder), within=Path.cwd())
    except RefusedError:
        door = None  # there is no such folder, and building it says so
    gc.disable()  # thousands of objects live until the end: collecting would visit them again and again
    try:
        made: Kustomized = build_folder(folder, folder.as_posix(), overlay, door)
        told = list(made.findings)
        if output_dir is None or reporting.failed(told):
            code = reporting.report(told)
            if code:
                return code
            click.echo(made.text(), nl=False)
        else:
            try:
                changed, more = write_folder(
                    made, output_dir, folder, stop=reporting.failed, remove_unknown=remove_unknown
                )
            except Halt as halt:
                reporting.report([*told, *halt.findings])
                return Exit.FINDINGS
            code = reporting.report([*told, *more])
            if not reporting.quiet and changed is not None:
                state = "written" if changed else "unchanged"
                click.echo(f"{output_dir.as_posix()}: {len(made.objects)} objects, {state}", err=True)
    except Halt as halt:
        reporting.report(halt.findings)
        return halted(halt.findings) if kind_of(folder) is Kind.FOLDER else Exit.USAGE
    finally:
        gc.enable()
    return code
