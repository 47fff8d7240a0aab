"""The command `qatgen`: its subcommands, and what becomes of every way they can end."""

import os
import sys
import traceback

import click

from generator import __version__
from generator.cli.exits import Exit

_COMMANDS = {
    "render": "generator.cli.render:render",
    "build": "generator.cli.build:build",
    "template": "generator.cli.render:render",
    "capacity": "generator.cli.capacity:capacity",
    "preview": "generator.cli.preview:preview",
    "schema": "generator.cli.schema:schema",
    "explain": "generator.cli.explain:explain",
    "validate": "generator.cli.validate:validate",
    "argocd": "generator.cli.argocd:argocd",
    "migrate": "generator.cli.migrate:migrate",
    "init": "generator.cli.init:init",
    "check": "generator.cli.check:check",
    "diff": "generator.cli.diff:diff",
    "test": "generator.cli.test:run_tests",
}
_SHOWN = (
    "init",
    "render",
    "build",
    "validate",
    "test",
    "check",
    "diff",
    "argocd",
    "capacity",
    "preview",
    "explain",
    "schema",
)


class _Lazy(click.Group):
    """Loads a subcommand's module when it is asked for: `--help` and one command stay quick to start."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_SHOWN)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        place = _COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        loaded = __import__(module, fromlist=[name])
        command: click.Command = getattr(loaded, name)
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="qatgen")
def qatgen() -> None:
    """Render and prove KubeVirt + Intel QAT manifests from one spec.

    Exit codes: 0 ok, 1 findings, 2 usage or unreadable input, 3 a bug of ours, 130 interrupted.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; never raises, never shows a traceback unless asked to."""
    try:
        result = qatgen.main(args=arguments, prog_name="qatgen", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away; nothing is left to tell it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except Exception as error:  # noqa: BLE001 - the one place where a bug of ours ends
        if os.environ.get("QATGEN_DEBUG"):
            traceback.print_exc()
        click.echo(f"internal error: {type(error).__name__}: {error}", err=True)
        click.echo("this is a bug of qatgen; QATGEN_DEBUG=1 shows where, please report it with the spec", err=True)
        return Exit.BUG
    return int(result) if isinstance(result, int) else Exit.OK
