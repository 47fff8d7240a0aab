"""The options of commands that prove objects against schemas."""

from dataclasses import dataclass
from typing import Any

import click

from generator.cli.options import Command, share
from generator.finding import Finding
from generator.location import Span
from generator.pipeline.kubevirt import check_kubevirt_version
from generator.pipeline.proof import ProofSettings
from generator.schema import SchemaSources


@dataclass(frozen=True, slots=True)
class Proving:
    """What a person chose: more places for schemas, kinds left out, what is no error."""

    locations: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    ignore_missing: bool = False
    strict: bool = True
    kubevirt: bool = True
    kubevirt_version: str = ""

    def problems(self) -> list[Finding]:
        """What is wrong with what was chosen."""
        return list(check_kubevirt_version(self.kubevirt_version, Span("--kubevirt-version")))

    def settings(self, versions: list[str], own: SchemaSources) -> ProofSettings:
        """Against these versions of Kubernetes; `own` are the schemas a project has by itself."""
        sources = SchemaSources(
            locations=(*self.locations, *own.locations),
            crds=own.crds,
            skip=frozenset(self.skip),
            qats=own.qats,
            doors=own.doors,
        )
        return ProofSettings(
            versions,
            sources,
            strict=self.strict,
            missing_is_error=not self.ignore_missing,
            ask_kubevirt=self.kubevirt,
            kubevirt_version=self.kubevirt_version,
        )


def proving_options(command: Command) -> Command:
    """The options of every command that proves; the command gets them as `proving`."""

    def with_proving(
        *,
        locations: tuple[str, ...],
        skip: tuple[str, ...],
        ignore_missing: bool,
        strict: bool,
        no_kubevirt: bool,
        kubevirt_version: str,
        **rest: Any,
    ) -> Any:
        proving = Proving(locations, skip, ignore_missing, strict, not no_kubevirt, kubevirt_version)
        return command(proving=proving, **rest)

    options = (
        click.option(
            "--schema-location",
            "locations",
            multiple=True,
            metavar="PATH|TEMPLATE",
            help="Folder of CRDs, or file names in kubeconform's syntax; repeatable.",
        ),
        click.option(
            "--skip", multiple=True, metavar="KIND", help="Leave out a Kind or group/version/Kind; repeatable."
        ),
        click.option(
            "--ignore-missing-schemas",
            "--skip-missing-schemas",
            "ignore_missing",
            is_flag=True,
            help="Count objects without a schema instead of refusing them.",
        ),
        click.option(
            "--kubevirt-version",
            default="",
            metavar="X.Y",
            help="KubeVirt that machines are judged by; default: the target's, or what a KubeVirt object says.",
        ),
        click.option("--no-kubevirt", is_flag=True, help="Do not ask what KubeVirt itself would say of machines."),
        click.option("--strict/--no-strict", default=True, help="Unknown fields are errors, or warnings."),
    )
    return share(command, with_proving, options)
