"""The options of commands that prove objects against schemas."""

from dataclasses import dataclass
from typing import Any

import click

from generator.cli.options import Command, share
from generator.pipeline.proof import ProofSettings
from generator.schema import SchemaSources


@dataclass(frozen=True, slots=True)
class Proving:
    """What a person chose: more places for schemas, kinds left out, what is no error."""

    locations: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    ignore_missing: bool = False
    strict: bool = True

    def settings(self, versions: list[str], own: SchemaSources) -> ProofSettings:
        """Against these versions of Kubernetes; `own` are the schemas a project has by itself."""
        sources = SchemaSources(
            locations=(*self.locations, *own.locations), crds=own.crds, skip=frozenset(self.skip), qats=own.qats
        )
        return ProofSettings(versions, sources, strict=self.strict, missing_is_error=not self.ignore_missing)


def proving_options(command: Command) -> Command:
    """The options of every command that proves; the command gets them as `proving`."""

    def with_proving(
        *, locations: tuple[str, ...], skip: tuple[str, ...], ignore_missing: bool, strict: bool, **rest: Any
    ) -> Any:
        return command(proving=Proving(locations, skip, ignore_missing, strict), **rest)

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
        click.option("--strict/--no-strict", default=True, help="Unknown fields are errors, or warnings."),
    )
    return share(command, with_proving, options)
