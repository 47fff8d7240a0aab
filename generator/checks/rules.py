"""The findings of checks over whole environments."""

from generator.finding import Rule

TOO_FEW_VFS = Rule("CAP001", "too-few-vfs", "Machines ask for no more VFs than their pools have.")
TOO_FEW_HUGEPAGES = Rule("CAP002", "too-few-hugepages", "Machines ask for no more hugepages than nodes reserve.")
DOES_NOT_PACK = Rule("CAP003", "does-not-pack", "Every machine finds a node with all it asks for.")
EXPIRED = Rule("WVR001", "expired-waiver", "A waiver holds until its last day.")
NO_DAY = Rule("WVR002", "malformed-day", "A waiver's last day is a day of the calendar.")

RULES = (TOO_FEW_VFS, TOO_FEW_HUGEPAGES, DOES_NOT_PACK, EXPIRED, NO_DAY)
