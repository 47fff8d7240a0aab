"""The option `--root`, which every command has. Loads fast: `--help` needs it too."""

import click

ROOT = "qatgen.root"


def _keep(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    del parameter
    if value is not None:
        ctx.meta[ROOT] = value


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
