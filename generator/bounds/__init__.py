"""Work under the system's limits: units of work, children that are supervised, and how they end."""

from generator.bounds.unit import Failure, Overrun, Unit, begin, current, mark, resume, running

__all__ = ["Failure", "Overrun", "Unit", "begin", "current", "mark", "resume", "running"]
