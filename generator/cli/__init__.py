"""The command line: words to settings, settings to the pipeline, findings to a report and an exit code."""

import os
import signal
import sys

_INTERRUPTED = 130


def main() -> None:
    """Run the command line and leave the process with its exit code, interrupted at whatever moment."""
    try:
        from generator.cli.supervised import run_supervised  # noqa: PLC0415 - Ctrl-C while modules load ends the same way

        code = run_supervised(sys.argv[1:])
    except KeyboardInterrupt as interrupt:
        sys.stderr.write("interrupted\n")
        code = 128 + getattr(interrupt, "number", signal.SIGINT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # nothing is left to interrupt but the way out
    if code == _INTERRUPTED:
        # Python ends itself by the signal, whatever the exit code, where an interrupt once struck in code of text.
        os._exit(code)
    sys.exit(code)


__all__ = ["main"]
