"""How much one file may hold: what is more would take too much stack or memory."""

MAX_DEPTH = 100
"""Levels of nesting; the parser recurses in C, where no limit stops it before the stack ends."""

MAX_NODES = 2_000_000
"""Keys and values of one file; each takes about 400 bytes of memory while the file is read."""
