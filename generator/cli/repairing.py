"""Commands that only read rendered trees: an exchange that a dead run left unfinished is reported, or finished."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from generator.cli.exits import Exit
from generator.cli.options import Command, share
from generator.cli.reporting import Reporting
from generator.emit.journal import repair, unfinished
from generator.finding import Finding, Halt

Places = Callable[[Mapping[str, Any]], Iterable[Path]]


def look_for_unfinished(places: Places, *, option: bool = True) -> Callable[[Command], Command]:
    """Before the command runs, look for a journal in, or above, the `places` that its arguments name.

    With one the command ends with exit code 1 and changes nothing; where it has the `option`, `--repair` finishes the
    exchange first, unless the run that began it is still at work.
    """

    def put_on(command: Command) -> Command:
        def looking(*, repair: bool = False, **rest: Any) -> Any:
            findings = _unfinished(list(places(rest)), repair=repair)
            if not findings:
                return command(**rest)
            reporting = rest.get("reporting") or Reporting()
            reporting.report(findings)
            return Exit.FINDINGS

        options = (
            click.option("--repair", is_flag=True, help="Finish an exchange of trees that a run which died left."),
        )
        return share(command, looking, options if option else ())

    return put_on


def _unfinished(places: Sequence[Path], *, repair: bool) -> list[Finding]:
    """What is unfinished in any folder at or above the places, each folder looked at once."""
    folders: dict[Path, Path] = {}
    for place in places:
        for one in (place, *place.parents, *place.absolute().parents):
            folders.setdefault(one.absolute(), one)
    findings = []
    for folder in folders.values():
        found = unfinished(folder)
        if found is None:
            continue
        try:
            if not repair or not _repaired(folder):
                findings.append(found)
        except Halt as halt:
            findings.extend(halt.findings)
    return findings


def _repaired(folder: Path) -> bool:
    done = repair(folder)
    if done:
        click.echo(f"{folder}: the exchange that a run which died left is finished: all trees are new", err=True)
    return done


def rendered_of(arguments: Mapping[str, Any]) -> Iterable[Path]:
    """The folder of rendered trees that a command looks at."""
    spec: Path = arguments["spec"]
    yield arguments["output_dir"] or spec.parent / "rendered"
