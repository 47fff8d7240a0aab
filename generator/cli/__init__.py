"""The command line: words to settings, settings to the pipeline, findings to a report and an exit code."""

import os
import signal
import sys
from contextlib import suppress

# Written here again (generator.bounds.signals): an interrupt may come before any module is loaded.
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_INTERRUPTED = 128 + signal.SIGINT


def main() -> None:
    """Run the command line and leave the process with its exit code, interrupted at whatever moment.

    A signal may reach every process of a run at once: only this one says so, and nothing below it does.
    """
    try:
        from generator.cli.supervised import run_supervised  # noqa: PLC0415 - Ctrl-C while modules load ends the same way

        code = run_supervised(sys.argv[1:])
        _go_out()
    except KeyboardInterrupt as interrupt:
        _go_out()
        code = 128 + getattr(interrupt, "number", signal.SIGINT)
    if code - 128 in _ENDING:
        with suppress(OSError, AttributeError):  # nobody reads it, or it is closed
            sys.stderr.write("interrupted\n")
    if code == _INTERRUPTED:
        # Python ends itself by the signal, whatever the exit code, where an interrupt once struck in code of text.
        os._exit(code)
    sys.exit(code)


def _go_out() -> None:
    """Let no signal disturb what is left: to say how it ended, and to leave."""
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)


__all__ = ["main"]
