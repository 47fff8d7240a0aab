"""The root that the option `--root` and the environment choose."""

import os
from pathlib import Path

import click

from generator.cli.rootoption import ROOT
from generator.files import VARIABLE, BadRootError, Chosen, check_holds, choose


def chosen_root(*places: Path) -> Chosen:
    """The root that the option and the variable choose; it holds all `places`, or the command is not used as it should.

    Raises click.UsageError.
    """
    context = click.get_current_context(silent=True)
    flag = context.meta.get(ROOT, "") if context else ""
    try:
        chosen = choose(flag, os.environ.get(VARIABLE, ""))
        for place in places:
            check_holds(chosen, place)
    except BadRootError as error:
        raise click.UsageError(str(error)) from None
    return chosen
