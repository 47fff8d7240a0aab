"""Runners that compare us with recorded verdicts of real servers."""
