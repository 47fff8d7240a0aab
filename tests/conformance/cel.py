"""Compare our CEL with recorded evaluations: `python -m tests.conformance.cel FILE`."""

import sys
from typing import Any

from generator.cel import (
    DYN,
    CompileError,
    CostError,
    Environment,
    EvalError,
    UnknownError,
    compile_expression,
    type_name,
)
from tests.conformance.outcome import run

# The recordings were made in the environment of stored policies: every library of the server.
_VERSION = (1, 36)
_VARIABLES = ("object", "oldObject", "params")
_TYPE_ALIASES = {"google.protobuf.Timestamp": "timestamp", "google.protobuf.Duration": "duration", "null_type": "null"}


def evaluate(document: dict[str, Any], expression: str) -> dict[str, Any]:
    """What we make of an expression, in the words of the recordings."""
    given = document.get("vars") or {}
    names = tuple(dict.fromkeys((*_VARIABLES, *given)))
    environment = Environment(tuple((name, DYN) for name in names), version=_VERSION)
    try:
        compiled = compile_expression(expression, environment)
    except CompileError as error:
        return {"outcome": "compile-error", "error": str(error)}
    try:
        value = compiled.evaluate({name: given.get(name) for name in names})
    except (EvalError, CostError) as error:
        return {"outcome": "error", "error": str(error)}
    except UnknownError as error:
        return {"outcome": "unknown", "error": str(error)}
    return {"outcome": "value", "type": type_name(value), "value": value}


def same(recorded: Any, ours: Any) -> bool:
    """Whether two values are the same one, types of numbers and bools included."""
    if isinstance(recorded, list) and isinstance(ours, list):
        return len(recorded) == len(ours) and all(map(same, recorded, ours))
    if isinstance(recorded, dict) and isinstance(ours, dict):
        return recorded.keys() == ours.keys() and all(same(v, ours[k]) for k, v in recorded.items())
    if isinstance(recorded, bool) or isinstance(ours, bool):
        return recorded is ours
    return bool(recorded == ours)


def judge(document: dict[str, Any], case: dict[str, Any]) -> list[str]:
    """The disagreements of one case; the text of a compile error and the cost are not compared."""
    ours = evaluate(document, case["expr"])
    outcome = case["outcome"]
    if outcome not in ("value", "error", "compile-error"):
        return [f"no such outcome: {outcome}"]
    if ours["outcome"] != outcome:
        return [f"recorded {outcome}, ours {ours}"]
    wrong = []
    if outcome == "error" and ours["error"] != case["error"]:
        wrong.append(f"recorded error {case['error']!r}, ours {ours['error']!r}")
    if outcome == "value":
        recorded_type = case["type"]
        if recorded_type not in (ours["type"], _TYPE_ALIASES.get(ours["type"])):
            wrong.append(f"recorded type {recorded_type}, ours {ours['type']}")
        if not same(case["value"], _plain(ours["value"])):
            wrong.append(f"recorded value {case['value']!r}, ours {ours['value']!r}")
    return wrong


def _plain(value: Any) -> Any:
    """A value as JSON has it: what JSON cannot say becomes text."""
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return value


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], judge, lambda case: str(case["expr"])))
