"""`qatgen diff`: environments, revisions or folders, object by object."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from generator.cli.exits import Exit
from generator.cli.repairing import look_for_unfinished
from generator.cli.reporting import Reporting
from generator.cli.root import chosen_root
from generator.compare import differences
from generator.compare.show import FORMATS, show
from generator.finding import Halt
from generator.overlay import settings
from generator.pipeline.sides import side


def _sides(arguments: Mapping[str, Any]) -> Iterable[Path]:
    """The folders that sides may lie in: as they are named, and as environments of rendered/."""
    for name in (arguments["before"], arguments["after"]):
        yield from (Path(name), Path("rendered", name))


@click.command()
@click.argument("before")
@click.argument("after", default="rendered")
@click.option("-o", "--output", "form", type=click.Choice(FORMATS), default="text", help="Form of what is printed.")
@click.option("--exit-code", "strict", is_flag=True, help="Exit with 1 where anything differs.")
@look_for_unfinished(_sides)
def diff(*, before: str, after: str, form: str, strict: bool) -> int:
    """What differs between BEFORE and AFTER (default: rendered/).

    A side is a file, a folder, an environment, or a git revision: `main`, `HEAD~1:rendered/prod`, `v2:prod`. Objects
    are compared by identity, lists by their keys; values of Secrets are masked.
    """
    root = chosen_root()
    try:
        found = list(differences(side(before, Path(), root), side(after, Path(), root), settings().shapes))
    except Halt as halt:
        Reporting().report(halt.findings)
        return Exit.USAGE
    click.echo(show(found, form), nl=False)
    return Exit.FINDINGS if strict and found else Exit.OK
