"""The one way to input files: opened, listed and looked for below a root, and nothing is read from outside of it."""

from generator.files.door import MAX_BYTES, MAX_OWN, Door, Kind
from generator.files.named import Named, is_pipe, kind_of, named, read_named, read_stdin
from generator.files.quoted import quoted
from generator.files.refused import Reason, RefusedError
from generator.files.root import (
    NOTHING_CHOSEN,
    VARIABLE,
    BadRootError,
    Chosen,
    check_holds,
    choose,
    door_of,
    enclosed,
    work_tree,
)

__all__ = [
    "MAX_BYTES",
    "MAX_OWN",
    "NOTHING_CHOSEN",
    "VARIABLE",
    "BadRootError",
    "Chosen",
    "Door",
    "Kind",
    "Named",
    "Reason",
    "RefusedError",
    "check_holds",
    "choose",
    "door_of",
    "enclosed",
    "is_pipe",
    "kind_of",
    "named",
    "quoted",
    "read_named",
    "read_stdin",
    "work_tree",
]
