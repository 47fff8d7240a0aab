"""The command line itself: its help, completion, names that are none, and `python -m generator`."""

import os
import subprocess
import sys

import click
import pytest

from generator.cli.program import qatgen as group
from tests.support.workspace import REPOSITORY, qatgen


def process(*arguments, **variables):
    """The command line as a process of its own."""
    command = [sys.executable, "-m", "generator", *arguments]
    environment = {**os.environ, **variables}
    return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)


def test_help_has_a_whole_line_for_every_command():
    context = click.Context(group)
    shown = qatgen(REPOSITORY, "--help").out
    for name in group.list_commands(context):
        line = next(line for line in shown.splitlines() if line.startswith(f"  {name} "))
        assert line.endswith("."), line
        command = group.get_command(context, name)
        assert command is not None
        assert command.help, name


def test_help_loads_no_command():
    code = "import sys; from generator.cli.program import run; run(['--help']); print('yaml' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "False"


@pytest.mark.parametrize("name", ["rendr", "valdate", "explian"])
def test_a_name_that_is_none_gets_the_nearest(tmp_path, name):
    run = qatgen(tmp_path, name)
    assert run.code == 2
    assert "did you mean" in run.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(tmp_path, shell):
    run = qatgen(tmp_path, "completion", shell)
    assert run.code == 0
    assert f"_QATGEN_COMPLETE={shell}_complete" in run.out


def test_a_shell_that_asks_for_completion_gets_commands_and_options():
    run = process(_QATGEN_COMPLETE="bash_complete", COMP_WORDS="qatgen re", COMP_CWORD="1")
    assert "plain,render" in run.stdout.split()
    run = process(_QATGEN_COMPLETE="bash_complete", COMP_WORDS="qatgen render --out", COMP_CWORD="2")
    assert "plain,--output-dir" in run.stdout.split()


def test_the_package_runs_as_a_module():
    run = process("--version")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("qatgen, version ")
