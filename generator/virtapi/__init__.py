"""What KubeVirt's virt-api would say of a machine that is created: its verdicts, offline."""

from generator.virtapi.admit import KINDS, admit
from generator.virtapi.cluster import VirtAPI, nearest
from generator.virtapi.verdict import Cause, Verdict

__all__ = ["KINDS", "Cause", "Verdict", "VirtAPI", "admit", "nearest"]
