"""The command `qatgen`: its subcommands, and what becomes of every way they can end."""

import gc
import os
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass

import click

from generator import __version__
from generator.bounds.signals import EndedBySignal, exit_code
from generator.bounds.supervise import BugError
from generator.bounds.unit import installed
from generator.cli.exits import Exit
from generator.cli.rootoption import add_root
from generator.finding import did_you_mean
from generator.nearest import nearest


@dataclass(frozen=True, slots=True)
class _Command:
    """Where a subcommand is, and its line of `--help`; a hidden one has no line."""

    place: str
    line: str = ""


_COMMANDS = {
    "init": _Command("generator.cli.init:init", "Write a working GitOps repository to begin with."),
    "render": _Command("generator.cli.render:render", "Render every environment to rendered/<env>/, proven first."),
    "validate": _Command("generator.cli.validate:validate", "Check manifests against schemas and policies, offline."),
    "check": _Command("generator.cli.check:check", "Whether rendered/ is what the sources give."),
    "diff": _Command("generator.cli.diff:diff", "What differs between environments, revisions or folders."),
    "test": _Command("generator.cli.test:run_tests", "Run the cases of policies."),
    "explain": _Command("generator.cli.explain:explain", "What a rule, a field of the spec or a rendered file is."),
    "capacity": _Command("generator.cli.capacity:capacity", "VFs and hugepages of every pool: there, asked for, left."),
    "preview": _Command("generator.cli.preview:preview", "A machine's launcher pod and libvirt devices."),
    "report": _Command("generator.cli.report:report", "Write one page about the whole platform: report.html."),
    "build": _Command("generator.cli.build:build", "Build a kustomization folder, in process."),
    "migrate": _Command("generator.cli.migrate:migrate", "Move machines from `qats` to `hostDevices`."),
    "schema": _Command("generator.cli.schema:schema", "The spec's JSON Schema; import and extend CRDs."),
    "argocd": _Command("generator.cli.argocd:argocd", "What the config management plugin of Argo CD calls."),
    "completion": _Command("generator.cli.completion:completion", "Print completion for bash, zsh or fish."),
    "template": _Command("generator.cli.render:render"),
}
"""In the order of `--help`. The lines stand here, so that `--help` loads no command."""


class _Lazy(click.Group):
    """Loads a subcommand's module when it is asked for: `--help` and one command stay quick to start."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [name for name, command in _COMMANDS.items() if command.line]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        command = _COMMANDS.get(cmd_name)
        if command is None:
            return None
        module, _, name = command.place.partition(":")
        # Modules are never garbage: looking through them while they load, and ever after, takes a tenth of the start.
        if module not in sys.modules:
            gc.disable()
            __import__(module)
            gc.freeze()
            gc.enable()
        found: click.Command = getattr(sys.modules[module], name)
        return add_root(found)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.line) for name, command in _COMMANDS.items() if command.line])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, and with the nearest commands for a name that is none."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            hint = did_you_mean(args[0], self.list_commands(ctx))
            raise click.UsageError(f"{error.message.rstrip('.')}; {hint}" if hint else error.message, ctx) from None


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="qatgen")
def qatgen() -> None:
    """Render and prove KubeVirt + Intel QAT manifests from one spec.

    Exit codes: 0 ok; 1 findings, and text that does not parse is one; 2 usage, or input that cannot be opened or
    decoded; 3 a bug of ours; 129, 130 and 143 ended by a signal.
    """


add_root(qatgen)


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; never raises, never shows a traceback unless asked to."""
    try:
        result = qatgen.main(args=arguments, prog_name="qatgen", standalone_mode=False)
    except click.ClickException as error:
        (_with_options(error) if isinstance(error, click.NoSuchOption) else error).show()
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt) as error:
        return _interrupted(error)
    except SystemExit as ended:  # click, when the reader of our output went away
        return ended.code if isinstance(ended.code, int) else Exit.FINDINGS
    except BrokenPipeError:
        # The reader of our output went away; nothing is left to tell it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except OSError as error:
        return _refused(error)
    except BugError as error:
        click.echo(f"internal error: {error}\nthis is a bug of qatgen, please report it with the spec", err=True)
        return Exit.BUG
    except (MemoryError, RecursionError) as error:
        watch = installed()
        if watch is not None and watch.short is not None:
            raise  # the supervisor does the rest without that unit
        return _too_much(error)
    except Exception as error:  # noqa: BLE001 - the one place where a bug of ours ends
        if os.environ.get("QATGEN_DEBUG"):
            traceback.print_exc()
        click.echo(f"internal error: {type(error).__name__}: {error}", err=True)
        click.echo("this is a bug of qatgen; QATGEN_DEBUG=1 shows where, please report it with the spec", err=True)
        return Exit.BUG
    return int(result) if isinstance(result, int) else Exit.OK


def _with_options(error: click.NoSuchOption) -> click.ClickException:
    """An unknown option with those that were probably meant: ones a word begins with, or that begin with it, first."""
    if error.ctx is None:
        return error
    known = [name for parameter in error.ctx.command.params for name in parameter.opts if name.startswith("--")]
    given = error.option_name
    alike = [name for name in known if name.startswith(given) or given.startswith(name)]
    near = list(dict.fromkeys([*sorted(alike, key=len, reverse=True), *nearest(given, known)]))
    if not near:
        return error
    meant = " or ".join(f"'{name}'" for name in near[:3])
    return click.UsageError(f"{error.message} Did you mean {meant}?", error.ctx)


def _interrupted(error: BaseException) -> int:
    """The exit code for the signal that ended us: click wraps what was raised."""
    cause = error if isinstance(error, EndedBySignal) else error.__cause__
    return exit_code(cause.number) if isinstance(cause, EndedBySignal) else Exit.INTERRUPTED


def _too_much(error: RecursionError | MemoryError) -> int:
    """Report input that takes more stack or memory than there is: nothing of ours nests or grows by itself."""
    if os.environ.get("QATGEN_DEBUG"):
        traceback.print_exc()
    what = "is nested too deeply" if isinstance(error, RecursionError) else "takes more memory than there is"
    with suppress(OSError):
        click.echo(f"error: the input {what}", err=True)
        click.echo("flatten or split what was named; QATGEN_DEBUG=1 shows what was being read", err=True)
    return Exit.FINDINGS


def _refused(error: OSError) -> int:
    """Tell what the system refused: a full disk, a file that may not be read, an output that cannot be written."""
    if os.environ.get("QATGEN_DEBUG"):
        traceback.print_exc()
    what = f"{error.filename}: " if error.filename else ""
    with suppress(OSError):
        click.echo(f"error: {what}{(error.strerror or str(error)).lower()}", err=True)
    if not error.filename:
        # Perhaps our own output: what is left of it must not fail again on the way out.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.USAGE
