"""Writing: plain data to YAML every reader agrees on, and whole trees of files put in place at once."""

from generator.emit.file import put_file
from generator.emit.rules import RULES
from generator.emit.tree import StagedTree, TreeChange, commit_trees, write_file
from generator.emit.yaml import Unrepresentable, dump, dump_all

__all__ = [
    "RULES",
    "StagedTree",
    "TreeChange",
    "Unrepresentable",
    "commit_trees",
    "dump",
    "dump_all",
    "put_file",
    "write_file",
]
