"""`qatgen explain`: what a rule checks and why, what a field of the spec means."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from generator.bundle import KUSTOMIZATION
from generator.cli.exits import Exit
from generator.cli.repairing import look_for_unfinished
from generator.cli.root import chosen_root
from generator.explain import Field, UnknownFieldError, field_at, paths_named
from generator.explain.rules import all_rules
from generator.explain.text import field_text, page_of, policy_text
from generator.files import MAX_OWN, Kind, door_of, enclosed, kind_of, named, quoted
from generator.finding import Halt, did_you_mean
from generator.nearest import nearest
from generator.pipeline.policies import load_policies
from generator.pipeline.record import RECORDS, digest, read_record, record_file
from generator.pipeline.shipped import shipped_names, shipped_text
from generator.spec.load import RESERVED

_AROUND = 5
_MOST_PATHS = 6
"""Paths that a hint lists."""
_PLACE = re.compile(r"(?P<name>.+?):(?P<line>[0-9]{1,9})(?::[0-9]{1,9})?")
_CODE = re.compile(r"[A-Za-z]{3,4}-?[0-9]{3}\Z")


def _of_a_file(arguments: Mapping[str, Any]) -> Iterable[Path]:
    path = Path(arguments["subject"])
    return [path] if kind_of(path) is Kind.FILE else []


@click.command()
@click.argument("subject", metavar="CODE|FIELD|FILE")
@look_for_unfinished(_of_a_file, option=False)
def explain(*, subject: str) -> int:
    """Explain a rule by its CODE (RES007), a FIELD of the spec (spec.nodePools.virtualFunctions), or a FILE.

    A rule's page says what it checks, why, how to fix it, and shows an example that is refused and one that is not. Of
    a rendered file it is said what it was made of. A template or policy that ships with qatgen, which findings name
    as templates/… or policies/…, is printed; with :LINE after its name, the lines around that one.
    """
    name, line = _named(subject)
    if (text := shipped_text(name)) is not None and quoted(name) in (None, text):
        click.echo(text if line is None else "\n".join(around(text, line)), nl=line is not None)
        return Exit.OK
    if kind_of(Path(subject)) is Kind.FILE:
        return _file(Path(subject))
    rules = all_rules()
    by_name = {rule.name: code for code, rule in rules.items()}
    code = by_name.get(subject, subject.upper())
    if code in rules:
        click.echo(page_of(code), nl=False)
        return Exit.OK
    if _CODE.match(subject):
        return _own_rule(subject.upper(), rules)
    if "/" in subject:
        return _unknown(f'there is no file "{subject}"', _near_files(name))
    try:
        click.echo(field_text(_field(subject)), nl=False)
    except UnknownFieldError as error:
        problem = error
    else:
        return Exit.OK
    where = f' in "{problem.place}"' if problem.place else ""
    return _unknown(f'no field is named "{problem.name}"{where}', _near_fields(problem))


def _near_fields(problem: UnknownFieldError) -> str:
    """The fields that were probably meant: those of that name elsewhere in the spec, else near names at the place."""
    elsewhere = paths_named(problem.name)
    if elsewhere:
        near = " or ".join(f'"{name}"' for name in nearest(problem.name, problem.known))
        also = f"it is a field elsewhere: {', '.join(elsewhere[:_MOST_PATHS])}"
        return f"did you mean {near}? Else {also}" if near else also
    return did_you_mean(problem.name, problem.known)


def _near_files(name: str) -> str:
    """What to name instead of a file that is not there: of shipped ones, the files of that folder or near names."""
    inside = sorted(one for one in shipped_names() if one.startswith((f"{name.rstrip('/')}/", f"{name}-")))
    if inside:
        return f"name a file of it: {', '.join(inside[:_MOST_PATHS])}"
    if name.startswith(("templates/", "policies/")):
        return did_you_mean(name, shipped_names()) or "name a file of rendered/<env>/"
    return "name a file of rendered/<env>/"


def _named(subject: str) -> tuple[str, int | None]:
    """The name of a file and the line behind it; `:LINE:COLUMN`, as findings have it, is a line as well."""
    match = _PLACE.fullmatch(subject)
    return (match["name"], int(match["line"])) if match else (subject, None)


def around(text: str, line: int) -> list[str]:
    """A line of a text, or its last, with those around it: numbered, and the line itself marked."""
    lines = text.splitlines()
    line = min(line, len(lines))
    first, last = max(1, line - _AROUND), min(len(lines), line + _AROUND)
    return [f"{'>' if number == line else ' '} {number:>4} | {lines[number - 1]}" for number in range(first, last + 1)]


def _own_rule(code: str, known: Iterable[str]) -> int:
    """The page of a policy in policies/ here, if it is one of those."""
    try:
        found = {policy.rule.code: policy for policy in load_policies(Path(), "", door_of(Path(), chosen_root()))}
    except Halt as halt:
        return _unknown(str(halt), "fix the policy: `qatgen test` reports what is wrong")
    if code not in found:
        return _unknown(f'no rule has the code "{code}"', _near_codes(code, [*known, *found]))
    click.echo(policy_text(found[code]), nl=False)
    return Exit.OK


def _near_codes(code: str, known: Sequence[str]) -> str:
    """The codes that were probably meant: near ones, else those that begin with the same letters."""
    near = did_you_mean(code, known)
    letters = code.rstrip("0123456789")
    alike = sorted(one for one in known if one.rstrip("0123456789") == letters)
    if near or not alike:
        return near
    return f"codes that begin with {letters}: {alike[0]} to {alike[-1]}"


def _file(path: Path) -> int:
    """What a rendered file was made of, by the record of its tree."""
    for folder in path.absolute().parents:
        if enclosed(folder).has_file(record_file(folder)):
            name = path.absolute().relative_to(folder).as_posix()
            record = read_record(folder)
            found = record.files.get(name)
            if found is None and name in (KUSTOMIZATION, *RECORDS):
                what = "lists the files of the tree" if name == KUSTOMIZATION else "is the record of the tree"
                click.echo(f"file:      {name} {what}; qatgen writes it anew with every change")
                return Exit.OK
            if found is None:
                return _unknown(f'"{name}" is not in the record of {folder.name}', "run `qatgen check`")
            current = digest(named(path).read(path, MAX_OWN)) == found.digest
            lines = [
                f"file:      {name} of {'tree' if folder.name in RESERVED else 'environment'} {folder.name}",
                f"template:  {found.template or 'none: an overlay brought it'}",
                f"made for:  {found.item or 'none'}",
                f"overlays:  {', '.join(found.overlays) or 'none changed it'}",
                *_verdict_lines(found.verdicts),
                f"digest:    sha256:{found.digest}",
                f"content:   {'as it was rendered' if current else 'changed by hand since'}",
            ]
            click.echo("\n".join(lines))
            return Exit.OK
    return _unknown(f'"{path}" is not in a rendered tree', "name a file of rendered/<env>/")


def _verdict_lines(verdicts: Mapping[str, Sequence[str]]) -> list[str]:
    """Policies by what they said; what is out of the ordinary comes first."""
    order = sorted(verdicts, key=lambda outcome: outcome == "admitted")
    shown = [f"{outcome}: {', '.join(verdicts[outcome])}" for outcome in order] or ["none applies"]
    return [f"{'' if index else 'policies:':<10} {text}" for index, text in enumerate(shown)]


def _field(path: str) -> Field:
    """A field of the spec, or else of a team's file; what is unknown to both is unknown to the spec."""
    try:
        return field_at(path)
    except UnknownFieldError as error:
        try:
            return field_at(path, "virtualMachines")
        except UnknownFieldError:
            raise error from None


def _unknown(message: str, hint: str) -> int:
    click.echo(f"error: {message}", err=True)
    if hint:
        click.echo(f"  = help: {hint}", err=True)
    return Exit.USAGE
