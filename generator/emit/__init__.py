"""Writing: plain data to YAML every reader agrees on, and whole trees of files put in place at once."""

from generator.emit.commit import Prepared, TreeChange, commit_trees, prepare
from generator.emit.file import NewFile, current, put_file, put_files
from generator.emit.files import write_file
from generator.emit.journal import repair, unfinished
from generator.emit.ownership import Form
from generator.emit.remove import remove_empty
from generator.emit.rules import RULES
from generator.emit.scratch import scratch
from generator.emit.sources import check_output
from generator.emit.tree import StagedTree
from generator.emit.yaml import Unrepresentable, dump, dump_all

__all__ = [
    "RULES",
    "Form",
    "NewFile",
    "Prepared",
    "StagedTree",
    "TreeChange",
    "Unrepresentable",
    "check_output",
    "commit_trees",
    "current",
    "dump",
    "dump_all",
    "prepare",
    "put_file",
    "put_files",
    "remove_empty",
    "repair",
    "scratch",
    "unfinished",
    "write_file",
]
