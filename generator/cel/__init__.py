"""CEL as the API server of Kubernetes evaluates it."""

from generator.cel.authorizer import Authorizer, Check, Decide, resource_check
from generator.cel.expression import Environment, Expression, ProgramError, compile_expression, new_frame
from generator.cel.failure import CompileError, CostError, EvalError, Issue, UnknownError
from generator.cel.types import (
    BOOL,
    DYN,
    INT,
    NULL,
    STRING,
    Type,
    list_of,
    map_of,
    optional_of,
    struct,
)
from generator.cel.values import type_name
from generator.cel.work import Work, WorkError

__all__ = [
    "BOOL",
    "DYN",
    "INT",
    "NULL",
    "STRING",
    "Authorizer",
    "Check",
    "CompileError",
    "CostError",
    "Decide",
    "Environment",
    "EvalError",
    "Expression",
    "Issue",
    "ProgramError",
    "Type",
    "UnknownError",
    "Work",
    "WorkError",
    "compile_expression",
    "list_of",
    "map_of",
    "new_frame",
    "optional_of",
    "resource_check",
    "struct",
    "type_name",
]
