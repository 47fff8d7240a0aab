"""`qatgen test`: unit tests of policies."""

from collections.abc import Sequence
from pathlib import Path

import click

from generator.cli.exits import Exit
from generator.cli.reporting import Reporting, reporting_options
from generator.cli.root import chosen_root
from generator.files import kind_of
from generator.finding import Finding, Halt
from generator.location import Span
from generator.pipeline.policies import built_in_policies
from generator.schema import check_version, minor_of
from generator.source.rules import UNREADABLE
from generator.testing import Found, find_suites, rules, run_suites

PATH = click.Path(readable=False, path_type=Path)


@click.command("test")
@click.argument("paths", nargs=-1, type=PATH)
@click.option("--coverage", is_flag=True, help="Fail for validations and branches that no case reaches.")
@click.option("--mutate", is_flag=True, help="Put small mistakes into every policy; fail for those no case notices.")
@click.option("--pack", is_flag=True, help="Test the policies that ship with the tool as well.")
@click.option("-k", "--kubernetes-version", "version", default="1.36", metavar="X.Y", help="Whose CEL; default 1.36.")
@reporting_options
def run_tests(
    *, paths: tuple[Path, ...], coverage: bool, mutate: bool, pack: bool, version: str, reporting: Reporting
) -> int:
    """Run the cases of the policies below PATHS; without PATHS, those in policies/.

    Read are our own files (kind PolicyTest, beside a policy.yaml), Kyverno's (kind Test) and kaptest's.
    """
    chosen = [*(paths or ([Path("policies")] if kind_of(Path("policies")) else []))]
    if pack and built_in_policies().absolute() not in {path.absolute() for path in chosen}:
        chosen.append(built_in_policies())
    try:
        found = _found(chosen, version)
    except Halt as halt:
        reporting.report(halt.findings)
        return Exit.USAGE
    tested = run_suites(found.suites, coverage=coverage, mutate=mutate)
    code = reporting.report([*found.findings, *tested.findings])
    if any(finding.rule == UNREADABLE for finding in found.findings):
        code = Exit.USAGE
    if not reporting.quiet:
        summary = tested.summary(coverage=coverage, mutate=mutate)
        click.echo(summary, err=any(form != "text" for form, _ in reporting.outputs), nl=False)
    return code


def _found(chosen: Sequence[Path], version: str) -> Found:
    """The suites below the paths. Raises Halt."""
    if unknown := list(check_version(version, Span("-k"))):
        raise Halt(unknown)
    if not chosen:
        hint = "name a folder of policies, or use --pack for those that ship with qatgen"
        message = "there is no folder policies/ here"
        raise Halt([Finding(rule=rules.NOT_A_TEST, message=message, at=Span("policies"), hint=hint)])
    return find_suites(list(dict.fromkeys(chosen)), (1, minor_of(version) or 0), chosen_root())
