"""What KubeVirt's virt-api would say of a machine that is created: its verdicts, offline."""

from generator.virtapi.admit import KINDS, admit
from generator.virtapi.cluster import KNOWN, VirtAPI, get, nearest
from generator.virtapi.judge import Alike, MachineJudge
from generator.virtapi.place import object_path
from generator.virtapi.verdict import Cause, Verdict

__all__ = [
    "KINDS",
    "KNOWN",
    "Alike",
    "Cause",
    "MachineJudge",
    "Verdict",
    "VirtAPI",
    "admit",
    "get",
    "nearest",
    "object_path",
]
