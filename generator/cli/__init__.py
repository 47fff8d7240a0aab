"""The command line: words to settings, settings to the pipeline, findings to a report and an exit code."""

from generator.cli.main import main

__all__ = ["main"]
