"""The option `--root`, which every command has, and the root that it and the environment choose."""

import os
from pathlib import Path

import click

from generator.files import VARIABLE, BadRootError, Chosen, check_holds, choose

_META = "qatgen.root"


def _keep(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    del parameter
    if value is not None:
        ctx.meta[_META] = value


def add_root(command: click.Command) -> click.Command:
    """A command, and those below it, with the option."""
    if not any(parameter.name == "root" for parameter in command.params):
        option = click.Option(
            ["--root"],
            metavar="DIR",
            expose_value=False,
            callback=_keep,
            help="Read no file outside of DIR; default: the work tree.",
        )
        command.params.append(option)
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            add_root(inner)
    return command


def chosen_root(*places: Path) -> Chosen:
    """The root that the option and the variable choose; it holds all `places`, or the command is not used as it should.

    Raises click.UsageError.
    """
    context = click.get_current_context(silent=True)
    flag = context.meta.get(_META, "") if context else ""
    try:
        chosen = choose(flag, os.environ.get(VARIABLE, ""))
        for place in places:
            check_holds(chosen, place)
    except BadRootError as error:
        raise click.UsageError(str(error)) from None
    return chosen
