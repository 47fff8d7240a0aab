"""What the system refused, as findings."""

import errno
import re

from generator.emit import rules
from generator.finding import Finding, Halt, Rule
from generator.location import Span

_STAGED = re.compile(r"(\A|/)\.([^/]+)\.qatgen\.new(?=/|\Z)")


def failed(error: OSError, path: str) -> Halt:
    """What the system refused, as a finding at the path it was about."""
    shown = _STAGED.sub(r"\1\2", path)
    reason = (error.strerror or str(error)).lower()
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return halt(rules.DISK_FULL, f"{shown} cannot be written: {reason}", shown, "make room on the disk")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        hint = "render to a folder you may write, or change its permissions"
        return halt(rules.DENIED, f"{shown} cannot be written: {reason}", shown, hint)
    return halt(rules.CANNOT_WRITE, f"{shown} cannot be written: {reason}", shown, "look into the disk and its folder")


def halt(rule: Rule, message: str, place: str, hint: str) -> Halt:
    """One finding that ends a write; a staging folder goes by the name of the tree it becomes."""
    return Halt([Finding(rule=rule, message=message, at=Span(_STAGED.sub(r"\1\2", place)), hint=hint)])
