"""`qatgen migrate`: machines with `qats` to ones with `hostDevices`."""

import difflib
from dataclasses import replace
from pathlib import Path

import click

from generator.cli.exits import Exit
from generator.cli.reporting import Reporting
from generator.emit import NewFile, current, put_files
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

    Comments, order, quotes and line ends stay; all files are written or none, and links are not followed. What has to
    be decided by a person is reported, and the exit code is 1.
    """
    found: list[tuple[Path, str, Migrated]] = []
    new: list[NewFile] = []
    seen: set[tuple[int, int]] = set()
    for path in files:
        text = ""
        try:
            raw = current(path)
            text = (raw or b"").decode()
            made = _migrated(text, resources, path.as_posix())
        except Halt as halt:
            Reporting().report(halt.findings)
            click.echo("nothing was written", err=True)
            return Exit.USAGE
        except (ValueError, OSError) as error:
            said = hidden(str(error), values_in(text))
            click.echo(f"error: {path.as_posix()}: {said}; nothing was written", err=True)
            return Exit.USAGE
        found.append((path, text, made))
        about = path.stat()
        if made.text != text and (about.st_dev, about.st_ino) not in seen:  # one file may have several names
            seen.add((about.st_dev, about.st_ino))
            new.append(NewFile(path, made.text.encode(), raw))
    if not dry_run:
        try:
            put_files(new)
        except Halt as halt:
            click.echo(f"error: {_line(halt)}; nothing was written", err=True)
            return Exit.FINDINGS
    for path, text, made in found:
        if made.text != text and dry_run:
            lines = difflib.unified_diff(text.splitlines(True), made.text.splitlines(True), f"a/{path}", f"b/{path}")
            click.echo("".join(lines), nl=False)
        for line in made.done:
            click.echo(f"{path.as_posix()}: {line}", err=dry_run)
        for line in made.undecided:
            click.echo(f"undecided: {path.as_posix()}: {line}", err=True)
    return Exit.FINDINGS if any(made.undecided for _, _, made in found) else Exit.OK


def _line(halt: Halt) -> str:
    return "; ".join(f"{one.message}: {one.hint}" if one.hint else one.message for one in halt.findings)


def _migrated(text: str, resources: dict[str, str], shown: str) -> Migrated:
    """A text migrated, its line ends and its last line as they were. Raises Halt, ValueError."""
    made = migrate_text(text.replace("\r\n", "\n"), resources, shown)
    lines = made.text.split("\n")
    if not text.endswith("\n") and lines[-1] == "" and len(lines) > 1:
        lines.pop()
    before = text.split("\n")
    usual = "\r" if 2 * text.count("\r\n") > text.count("\n") else ""
    alike = len(lines) == len(before)
    ends = [("\r" if before[number].endswith("\r") else "") if alike else usual for number in range(len(lines))]
    ends[-1] = ""
    return replace(made, text="\n".join(line + end for line, end in zip(lines, ends, strict=True)))
