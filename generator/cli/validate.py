"""`qatgen validate`: manifests against schemas and policies, offline."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from generator.cli.exits import Exit
from generator.cli.proving import Proving, proving_options
from generator.cli.repairing import look_for_unfinished
from generator.cli.reporting import Reporting, reporting_options, unreadable
from generator.cli.root import chosen_root
from generator.files import Chosen, kind_of
from generator.finding import Halt
from generator.location import Span
from generator.pipeline.inputs import inputs
from generator.pipeline.origins import Origins
from generator.pipeline.project import open_project
from generator.pipeline.validate import (
    PolicySettings,
    Rendered,
    Validation,
    default_versions,
    project_sources,
    validate_inputs,
)
from generator.schema import SchemaSources, Status, available_minors, check_version

PATH = click.Path(readable=False, path_type=Path)


def _places(arguments: Mapping[str, Any]) -> Iterable[Path]:
    named = (*arguments["paths"], *arguments["named"])
    return map(Path, named) if named else [arguments["spec"].parent / "rendered"]


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(readable=False, allow_dash=True))
@click.option(
    "-f",
    "--filename",
    "named",
    multiple=True,
    type=click.Path(readable=False, allow_dash=True),
    help="As PATHS; repeatable.",
)
@click.option("--spec", default="spec.yaml", type=PATH, help="The spec whose rendered trees are checked.")
@click.option(
    "-k",
    "--kubernetes-version",
    "--kube-version",
    "versions",
    multiple=True,
    envvar="KUBE_VERSION",
    metavar="X.Y",
    help="Version of Kubernetes, repeatable; default: the spec's targets.",
)
@click.option(
    "--policies",
    "more",
    multiple=True,
    type=click.Path(readable=False),
    help="Folder or file of policies to judge by; repeatable.",
)
@click.option("--no-policies", "without", is_flag=True, help="Schemas alone: leave all policies out.")
@look_for_unfinished(_places)
@proving_options
@reporting_options
def validate(
    *,
    paths: tuple[str, ...],
    named: tuple[str, ...],
    spec: Path,
    versions: tuple[str, ...],
    more: tuple[str, ...],
    without: bool,
    proving: Proving,
    reporting: Reporting,
) -> int:
    """Check the manifests in PATHS (files, folders, `-` for standard input); without PATHS, rendered/.

    Built-in kinds are checked with the schemas of each Kubernetes version, custom resources with the CRDs among the
    files, those in schemas/ and --schema-location, and our own schemas of the kinds that are rendered. Then every
    object is judged by the admission policies among the files and in --policies, a whole rendered tree by the rules
    over a build as well. Other manifests are judged by the rules over a build in --policies, as far as objects alone
    say what these look at. Machines are also judged by KubeVirt's own rules, as its virt-api would. The items of a
    List are judged as documents of their own.
    """
    root = chosen_root(spec.parent) if kind_of(spec) else chosen_root()
    try:
        rendered = _rendered(spec, root) if kind_of(spec) else None
        files = inputs((*paths, *named) or (rendered.output if rendered else "rendered",), root)
    except Halt as halt:
        reporting.report(halt.findings)
        return Exit.USAGE
    chosen = [version for given in versions for version in given.replace(",", " ").split()]
    unknown = [finding for version in chosen for finding in check_version(version, Span("-k"))]
    unknown += proving.problems()
    if unknown:
        reporting.report(unknown)
        return Exit.USAGE
    settings = proving.settings(
        list(dict.fromkeys(chosen)) or default_versions(rendered, available_minors()[-1]),
        project_sources(rendered.project) if rendered else SchemaSources(),
    )
    policies = None if without else PolicySettings(more)
    try:
        validation = validate_inputs(files, settings, rendered, by_target=not chosen, policies=policies)
    except Halt as halt:
        return reporting.report(halt.findings)
    code = reporting.report(validation.findings)
    if validation.counts and not reporting.quiet:
        click.echo(
            _summary(validation, settings.kubernetes),
            err=any(form != "text" for form, _ in reporting.outputs),
            nl=False,
        )
    return Exit.USAGE if unreadable(validation.findings) else code


def _rendered(spec: Path, root: Chosen) -> Rendered:
    project = open_project(spec, root=root)
    return Rendered(project, (spec.parent / "rendered").as_posix(), Origins(project))


def _summary(validation: Validation, versions: Sequence[str]) -> str:
    """One line, or a table where there are several versions."""
    rows = {v: [validation.counts.get((v, status), 0) for status in Status] for v in versions}
    if len(rows) == 1:
        [(version, row)] = rows.items()
        counts = ", ".join(f"{count:,} {status.value}" for status, count in zip(Status, row, strict=True))
        head = f"Kubernetes {version}: {sum(row):,} objects in {validation.files:,} files"
        return f"{head}: {counts}{_skipped(validation)}\n"
    lines = [["KUBERNETES", *(status.value.upper() for status in Status)]]
    lines += [[version, *(f"{count:,}" for count in row)] for version, row in rows.items()]
    lines = [lines[0], *([*line[:-1], line[-1] + _skipped(validation)] for line in lines[1:])]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    shown = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
    return "".join(f"{line}\n" for line in shown)


def _skipped(validation: Validation) -> str:
    """The kinds of the objects that were not checked: files that tools read, and what `--skip` names."""
    kinds = sorted(validation.skipped.items())
    counted = ", ".join(kind if len(kinds) == 1 else f"{count:,} {kind}" for kind, count in kinds)
    return f" ({counted})" if counted else ""
