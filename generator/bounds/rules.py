"""Rules about work that needs more than it may: time, memory, depth."""

from generator.finding import Rule

TOO_LONG = Rule("RUN001", "too-long", "One template, expression or file needs at most 10 s of processor time.")
TOO_MUCH = Rule("RUN002", "too-much-memory", "A process that evaluates your files stays within its memory.")
DIED = Rule("RUN003", "ended", "A process that evaluates your files lives until it is done.")
TOO_NESTED = Rule("RUN004", "too-nested", "What one template, expression or file nests fits the stack.")

RULES = (TOO_LONG, TOO_MUCH, DIED, TOO_NESTED)
