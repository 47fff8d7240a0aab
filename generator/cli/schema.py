"""`qatgen schema`: the spec's JSON Schema, and CRDs extended by the founding note's field."""

from pathlib import Path

import click

from generator.cli.exits import Exit
from generator.cli.removing import remove_option
from generator.cli.reporting import Reporting, halted, reporting_options
from generator.cli.root import chosen_root
from generator.emit import Unrepresentable, dump_all
from generator.emit.rules import UNREPRESENTABLE
from generator.finding import Finding, Halt, has_errors
from generator.location import Span
from generator.pipeline.import_crds import import_crds, no_crd
from generator.pipeline.inputs import Input, inputs
from generator.schema.extend import extend_crd
from generator.source import Document, parts
from generator.spec.schema import schema_text


@click.group(invoke_without_command=True)
@click.pass_context
def schema(ctx: click.Context) -> int:
    """Print the JSON Schema of the spec's language (draft 2020-12), or work with CRDs.

    Editors use it through the line `# yaml-language-server: $schema=…` at the head of a spec.
    """
    if ctx.invoked_subcommand is None:
        click.echo(schema_text(), nl=False)
    return Exit.OK


@schema.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(readable=False, path_type=Path, allow_dash=True))
@reporting_options
def extend(*, files: tuple[Path, ...], reporting: Reporting) -> int:
    """Print the CRDs in FILES with `devices.qats`, for KubeVirt builds that carry it; `-` is standard input.

    The six that embed a machine's devices are extended, in every served version; all else is printed as it is.
    """
    findings: list[Finding] = []
    out = []
    try:
        for file in files:
            for document in _documents(file):
                for item in parts(document):
                    if not isinstance(item.data, dict):
                        continue
                    extended = extend_crd(item.data, item.span())
                    findings.extend(extended.findings)
                    out.append(extended.crd)
        text = dump_all(out)
    except Halt as halt:
        return reporting.report(halt.findings)
    except Unrepresentable as error:
        return reporting.report([Finding(rule=UNREPRESENTABLE, message=str(error), at=Span(files[0].as_posix()))])
    if not any(crd.get("kind") == "CustomResourceDefinition" for crd in out):
        findings = [no_crd(Span(files[0].as_posix()))]
    code = reporting.report(findings)
    if not has_errors(findings):
        click.echo(text, nl=False)
    return code


@schema.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(readable=False, allow_dash=True))
@click.option(
    "--spec",
    default="spec.yaml",
    type=click.Path(readable=False, path_type=Path),
    help="The spec beside which schemas/ is.",
)
@remove_option
@reporting_options
def import_(*, files: tuple[str, ...], spec: Path, remove_unknown: bool, reporting: Reporting) -> int:
    """Keep the CRDs in FILES in schemas/, where every check finds them; `-` is standard input.

    Lists are taken apart, so the output of `kubectl get crd -o yaml` will do. Prose and status are left out. All are
    written or none: a file in the way that qatgen did not write stops the import, a hand edit is a warning.
    """
    try:
        folder = spec.parent / "schemas"
        imported = import_crds(inputs(files, chosen_root()), folder, reporting.failed, remove_unknown=remove_unknown)
    except Halt as halt:
        reporting.report(halt.findings)
        return halted(halt.findings)
    code = reporting.report(imported.findings) if imported.findings else Exit.OK
    if not reporting.quiet:
        lines = (f"{path}: {'written' if changed else 'unchanged'}\n" for path, changed in imported.files)
        click.echo("".join(lines), nl=False, err=bool(imported.findings) and _machine_readable(reporting))
    return code


def _machine_readable(reporting: Reporting) -> bool:
    return any(form != "text" for form, _ in reporting.outputs)


def _documents(file: Path) -> list[Document]:
    if str(file) == "-":
        return Input(None, "<stdin>").read()
    return Input(file, file.as_posix()).read()
