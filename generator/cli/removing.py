"""The way out of a write that unknown files stop."""

import click

remove_option = click.option(
    "--remove-unknown",
    is_flag=True,
    help="Remove files that stand where output goes and that qatgen did not make; without it they stop the write.",
)
"""The option `--remove-unknown`; the command gets it as `remove_unknown`."""
