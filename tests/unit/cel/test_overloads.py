"""Every function and operator of the API server's CEL: declared as it declares it, and evaluated as it evaluates it.

`tests.e2e.apiserver.record_cel` recorded what the server's own code says.
"""

import gzip
import json
import math
import re
from typing import Any

import pytest

from generator.cel import (
    DYN,
    Authorizer,
    CompileError,
    CostError,
    Environment,
    EvalError,
    compile_expression,
    struct,
    type_name,
)
from generator.cel.declarations import library
from generator.cel.syntax import Call, Node, children
from generator.cel.times import format_timestamp
from generator.cel.types import describe, runtime_name
from generator.cel.values import Absent, Duration, Some, Timestamp, TypeValue
from tests.support.cel_overloads import HIDDEN, OLD
from tests.support.workspace import REPOSITORY

RECORDED = json.loads(gzip.decompress((REPOSITORY / "tests/data/cel_verdicts.json.gz").read_bytes()))
CASES = RECORDED["cases"]
ENVIRONMENT = Environment((("object", DYN), ("authorizer", struct("kubernetes.authorization.Authorizer"))), (), (1, 36))
APART = {
    # The server panics and recovers: "hash of unhashable type".
    *("dyn(b'b') in dyn({'b': 1})", "dyn(semver('1.2.3')) in dyn({'b': 1})"),
    "dyn(format.dns1123Label()) in dyn({'b': 1})",
}
_PROGRAM = "program instantiation failed: "


def overloads():
    return {(name, one["id"]): one for name, found in RECORDED["functions"].items() for one in found}


def test_every_overload_of_the_server_is_declared_and_no_other():
    ours = {(name, one.id) for name, found in library((1, 36)).functions.items() for one in found}
    assert ours == {(name, one) for name, one in overloads() if name not in OLD}


@pytest.mark.parametrize("version", ["1.31", "1.32", "1.33", "1.34", "1.35"])
def test_a_version_of_kubernetes_has_the_overloads_it_has_on_the_server(version):
    major, minor = version.split(".")
    ours = {(name, one.id) for name, found in library((int(major), int(minor))).functions.items() for one in found}
    assert ours == {(name, one) for name, one in RECORDED["versions"][version] if name not in OLD}


def test_every_signature_is_the_servers():
    def plain(text):
        text = re.sub(r"[<>\s]", "", text)
        return text.replace("google.protobuf.Duration", "duration").replace("google.protobuf.Timestamp", "timestamp")

    wrong = {}
    for name, found in library((1, 36)).functions.items():
        for one in found:
            theirs = overloads()[name, one.id]
            ours = [[plain(describe(kind)) for kind in one.args], plain(describe(one.result)), one.member]
            if ours != [[plain(kind) for kind in theirs["args"]], plain(theirs["result"]), theirs["member"]]:
                wrong[one.id] = ours
    assert wrong == {}


def shown(value: Any) -> Any:
    """A value in the form of the recordings."""
    match value:
        case None | bool():
            return value
        case bytes():
            return value.hex()
        case float() if math.isnan(value) or math.isinf(value):
            return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
        case Timestamp():
            return format_timestamp(Timestamp(value.nanos))
        case Duration():
            return str(value.nanos)
        case TypeValue():
            return value.name
        case Absent():
            return "none"
        case Some():
            return [shown(value.value)]
        case list():
            return [shown(item) for item in value]
        case dict():
            return {
                str(shown(key)).lower() if isinstance(key, bool) else str(shown(key)): shown(value[key])
                for key in value
            }
        case int() | float() | str():
            return value
        case _:
            return None


def ours(source: str) -> dict[str, Any]:
    try:
        compiled = compile_expression(source, ENVIRONMENT)
    except CompileError as error:
        text = str(error).removeprefix("compilation failed: ").removeprefix(_PROGRAM)
        return {"outcome": "compile-error", "error": text}
    values = {**RECORDED["vars"], "authorizer": Authorizer("kubernetes-admin", lambda check: check.verb == "allowed")}
    try:
        value = compiled.evaluate(values)
    except (EvalError, CostError) as error:
        return {"outcome": "error", "error": str(error)}
    return {"outcome": "value", "type": type_name(value), "value": shown(value)}


@pytest.mark.slow
def test_every_expression_gives_what_it_gives_on_the_server():
    apart = {}
    for case in CASES:
        found = ours(case["expr"])
        if case["expr"] not in APART and any(
            found.get(key) != case.get(key) for key in ("outcome", "type", "value", "error")
        ):
            apart[case["expr"]] = (found, case)
    assert apart == {}


def calls(node: Node):
    if isinstance(node, Call):
        yield from ((node.function, one) for one in node.overloads)
    for child in children(node):
        yield from calls(child)


def test_every_overload_is_evaluated_by_an_expression_that_gives_a_value():
    evaluated = set()
    for case in CASES:
        if case["outcome"] == "value":
            evaluated |= set(calls(compile_expression(case["expr"], ENVIRONMENT).tree))
    declared = {(name, one.id) for name, found in library((1, 36)).functions.items() for one in found}
    never = {("duration", "int64_to_duration")}  # declared, and refused whenever it is evaluated
    assert {one for one in declared - evaluated if one[0] not in HIDDEN} - never == set()


def test_names_of_types_are_the_servers():
    assert {runtime_name(kind.params[0]) for kind in library((1, 36)).idents.values() if kind.params} >= {
        "google.protobuf.Timestamp",
        "null_type",
        "optional_type",
    }
