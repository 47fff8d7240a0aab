"""Unit tests of policies: cases, what they cover, and whether they would notice a mistake."""

from generator.testing.run import Tested, run_suites
from generator.testing.suites import Found, Suite, find_suites

__all__ = ["Found", "Suite", "Tested", "find_suites", "run_suites"]
