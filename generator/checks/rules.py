"""The findings of checks over whole environments."""

from generator.finding import Rule, Severity

TOO_FEW_VFS = Rule("CAP001", "too-few-vfs", "Machines and pods ask for no more VFs than their pools have.")
TOO_FEW_HUGEPAGES = Rule(
    "CAP002", "too-few-hugepages", "Machines and pods ask for no more hugepages than nodes reserve."
)
DOES_NOT_PACK = Rule("CAP003", "does-not-pack", "Every machine and pod finds a node with all it asks for.")
NO_POOL = Rule(
    "CAP004", "no-pool-for-it", "What asks for QAT devices accepts the nodes of a pool that has them.", Severity.WARNING
)
EXPIRED = Rule("WVR001", "expired-waiver", "A waiver holds until its last day.")
NO_DAY = Rule("WVR002", "malformed-day", "A waiver's last day is a day of the calendar.")

RULES = (TOO_FEW_VFS, TOO_FEW_HUGEPAGES, DOES_NOT_PACK, NO_POOL, EXPIRED, NO_DAY)
