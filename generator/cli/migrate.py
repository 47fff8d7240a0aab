"""`qatgen migrate`: machines with `qats` to ones with `hostDevices`."""

import difflib
from pathlib import Path

import click

from generator.cli.exits import Exit
from generator.emit import put_file
from generator.files import read_named
from generator.finding import Halt
from generator.pipeline.migrate import Migrated, migrate_text
from generator.secrecy import hidden, values_in


def _mapping(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    del ctx, parameter
    pairs = [value.partition("=") for value in values]
    wrong = next((value for value, pair in zip(values, pairs, strict=True) if not (pair[0] and pair[2])), None)
    if wrong is not None:
        raise click.BadParameter(f'"{wrong}" is not OLD=NEW')
    return {old: new for old, _, new in pairs}


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--resource", "resources", multiple=True, callback=_mapping, metavar="OLD=NEW", help="A device's new name."
)
@click.option("-n", "--dry-run", is_flag=True, help="Print what would change as a patch; write nothing.")
def migrate(*, files: tuple[Path, ...], resources: dict[str, str], dry_run: bool) -> int:
    """Move the founding note's `devices.qats` of machines in FILES to `devices.hostDevices`.

    Comments, order and quotes stay. What has to be decided by a person is told, and the exit code is 1.
    """
    found: list[tuple[Path, str, Migrated]] = []
    for path in files:
        text = ""
        try:
            text = read_named(path).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
            found.append((path, text, migrate_text(text, resources)))
        except (ValueError, OSError) as error:
            said = hidden(str(error), values_in(text))
            click.echo(f"error: {path.as_posix()}: {said}; nothing was written", err=True)
            return Exit.USAGE
    for path, text, made in found:
        if made.text != text and dry_run:
            lines = difflib.unified_diff(text.splitlines(True), made.text.splitlines(True), f"a/{path}", f"b/{path}")
            click.echo("".join(lines), nl=False)
        elif made.text != text:
            try:
                put_file(path, made.text.encode())
            except Halt as halt:
                click.echo(f"error: {halt}", err=True)
                return Exit.FINDINGS
        for line in made.done:
            click.echo(f"{path.as_posix()}: {line}", err=dry_run)
        for line in made.undecided:
            click.echo(f"undecided: {path.as_posix()}: {line}", err=True)
    return Exit.FINDINGS if any(made.undecided for _, _, made in found) else Exit.OK
