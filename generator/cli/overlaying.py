"""The options of commands that apply overlays."""

from typing import Any

import click

from generator.cli.options import Command, share
from generator.overlay import settings
from generator.pipeline.kustomized import ENGINES


def overlay_options(command: Command) -> Command:
    """How kustomizations are applied; the command gets it as `overlay`."""

    def with_overlay(*, compat: bool, engine: str, **rest: Any) -> Any:
        return command(overlay=settings(compat=compat, engine=engine), **rest)

    options = (
        click.option(
            "--kustomize-compat", "compat", is_flag=True, help="Overlays as kustomize 5.8.2 has them, losses and all."
        ),
        click.option(
            "--engine", type=click.Choice(ENGINES), default=ENGINES[0], help="Who applies overlays; default: qatgen."
        ),
    )
    return share(command, with_overlay, options)
