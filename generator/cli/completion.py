"""`qatgen completion`: the script that teaches a shell to complete commands and options."""

import click
from click.shell_completion import get_completion_class

from generator.cli.exits import Exit

_SHELLS = ("bash", "zsh", "fish")
_VARIABLE = "_QATGEN_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(ctx: click.Context, *, shell: str) -> int:
    """Print the script that makes SHELL complete commands and options of qatgen.

    For this session: `source <(qatgen completion bash)`; for good, write it where the shell looks for completions.
    """
    group = ctx.find_root().command
    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"there is no completion for {shell}")
    click.echo(made(group, {}, "qatgen", _VARIABLE).source())
    return Exit.OK
