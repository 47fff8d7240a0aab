"""Expressions that call every overload of the API server's CEL, made of its own table of signatures; and every operator."""

import itertools
import json
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

VARIABLES: dict[str, Any] = {
    "object": {"a": 1, "d": 1.5, "s": "b", "l": [1, 2], "m": {"k": "v"}, "n": None, "b": True},
}
SAMPLES: dict[str, tuple[str, ...]] = {
    "bool": ("true", "false"),
    "int": ("2", "-1"),
    "uint": ("2u", "0u"),
    "double": ("1.5", "2.0"),
    "string": ("'b'", "'1.2.3'", "''"),
    "bytes": ("b'b'", "b'\\xff'"),
    "null_type": ("null",),
    "google.protobuf.Timestamp": ("timestamp('2024-02-03T04:05:06.789Z')",),
    "google.protobuf.Duration": ("duration('3661.5s')", "duration('-1m')"),
    "list": ("[1, 2]", "[2]"),
    "map": ("{'b': 1}",),
    "type": ("int",),
    "optional_type": ("optional.of(2)", "optional.none()"),
    "kubernetes.Quantity": ("quantity('1500m')", "quantity('2')"),
    "kubernetes.Semver": ("semver('1.2.3')", "semver('2.0.0')"),
    "kubernetes.URL": ("url('https://h.io:80/p%20q?k=v&k=w')", "url('/p')"),
    "net.IP": ("ip('10.0.0.1')", "ip('::1')", "ip('224.0.0.1')"),
    "net.CIDR": ("cidr('10.0.0.0/8')", "cidr('10.0.0.1/24')"),
    "kubernetes.NamedFormat": ("format.dns1123Label()",),
    "kubernetes.authorization.Authorizer": ("authorizer",),
    "kubernetes.authorization.PathCheck": ("authorizer.path('/p')",),
    "kubernetes.authorization.GroupCheck": ("authorizer.group('apps')",),
    "kubernetes.authorization.ResourceCheck": ("authorizer.group('').resource('pods')",),
    "kubernetes.authorization.Decision": (
        "authorizer.path('/p').check('allowed')",
        "authorizer.path('/p').check('no')",
    ),
}
_TEXTS: dict[str, tuple[str, ...]] = {
    "string_to_bool": ("'true'", "'x'"),
    "string_to_double": ("'1.5'", "'x'"),
    "string_to_duration": ("'1h'",),
    "string_to_int64": ("'12'", "'x'"),
    "string_to_uint64": ("'12'", "'-1'"),
    "string_to_timestamp": ("'2024-01-02T03:04:05+01:00'",),
    "string_to_quantity": ("'1Gi'", "'x'"),
    "is_quantity_string": ("'1Gi'", "'x'"),
    "string_to_semver": ("'1.2.3'", "'v1'"),
    "string_bool_to_semver": ("'v1.2'", "'1.2.3'"),
    "is_semver_string_bool": ("'v1.2'", "'1.2.3'"),
    "string_to_url": ("'https://h/p'", "'h'"),
    "is_url_string": ("'https://h/p'", "'h'"),
    "string_to_ip": ("'10.0.0.1'", "'x'"),
    "is_ip": ("'10.0.0.1'", "'x'"),
    "ip_is_canonical": ("'2001:db8::1'", "'2001:DB8::1'"),
    "string_to_cidr": ("'10.0.0.0/8'", "'x'"),
    "is_cidr": ("'10.0.0.0/8'", "'x'"),
    "cidr_contains_ip_string": ("'10.0.0.9'", "'x'"),
    "cidr_contains_cidr_string": ("'10.0.1.0/24'", "'x'"),
    "format-named": ("'dns1123Label'", "'none'"),
    "string_format": ("'%s and %d'", "'%s'"),
    "authorizer_fieldselector": ("'metadata.name=x'",),
    "authorizer_labelselector": ("'a=b'", "'=='"),
}
_ZONES = ("'Europe/Berlin'", "'-02:30'", "'nowhere'")
_INNER: dict[str, tuple[str, ...]] = {
    "list(list(<T>))": ("[[1], [2, 3]]",),
    "list(optional_type(<V>))": ("[optional.of(1), optional.none()]",),
    "optional_type(list(<V>))": ("optional.of([1, 2])",),
    "optional_type(map(<K>, <V>))": ("optional.of({2: 'x'})", "optional.of({'b': 1})"),
    "list(string)": ("['b', 'a']", "['x']"),
    "list(bool)": ("[true, false]", "[false]"),
    "list(uint)": ("[2u, 1u]", "[1u]"),
    "list(double)": ("[2.5, 1.0]", "[1.0]"),
    "list(bytes)": ("[b'b', b'a']", "[b'a']"),
    "list(google.protobuf.Duration)": ("[duration('2s'), duration('1s')]",),
    "list(google.protobuf.Timestamp)": ("[timestamp(2), timestamp(1)]",),
    "list(dyn)": ("['a', 7]", "[]"),
}
OPERATORS = {
    "_+_": "{} + {}",
    "_-_": "{} - {}",
    "_*_": "{} * {}",
    "_/_": "{} / {}",
    "_%_": "{} % {}",
    "_<_": "{} < {}",
    "_<=_": "{} <= {}",
    "_>_": "{} > {}",
    "_>=_": "{} >= {}",
    "_==_": "{} == {}",
    "_!=_": "{} != {}",
    "@in": "{} in {}",
    "_[_]": "{}[{}]",
    "_[?_]": "{}[?{}]",
    "_&&_": "{} && {}",
    "_||_": "{} || {}",
    "-_": "-({})",
    "!_": "!({})",
    "_?_:_": "{} ? {} : {}",
}
HIDDEN = frozenset({"@not_strictly_false", "@sortByAssociatedKeys", "cel.@mapInsert", "_?._"})
"""Functions that only macros and syntax call."""
OLD = frozenset({"in", "_in_", "__not_strictly_false__"})
"""Names that operators had before; no expression can call them, or none that anybody writes."""
MACROS = (
    *("[3, 1].sortBy(i, -i)", "['b', 'a'].sortBy(s, s)", "[1.5, 0.5].sortBy(d, d)", "[2u, 1u].sortBy(u, u)"),
    *("[b'b', b'a'].sortBy(b, b)", "[true, false].sortBy(t, t)", "[duration('2s')].sortBy(d, d)"),
    *("[timestamp(2), timestamp(1)].sortBy(t, t)", "[dyn(2), dyn('a')].sortBy(d, d)", "[[2], [1]].sortBy(l, l[0])"),
    *(
        "{'a': 1}.transformMap(k, v, v + 1)",
        "{'a': 1}.transformMapEntry(k, v, {v: k})",
        "[4].transformList(i, v, v * i)",
    ),
    *("object.?a", "object.?z", "object.?n.?x", "object.?m.?k.orValue('x')", "dyn(1).?x", "object.?a.optMap(x, x + 1)"),
    *("object.?z.optFlatMap(x, optional.of(x))", "object.?m.?k.hasValue()", "[?object.?z]", "{?'a': object.?z}"),
    *(
        "[1, 2].exists_one(i, i > 1)",
        "[1].all(i, v, v == 1)",
        "{'a': 1}.exists(k, v, v == 1)",
        "[1, 2].filter(i, i > 1)",
    ),
    *("[1, 2].map(i, i > 1, i * 2)", "[1, 2].all(i, i / 0 == 1 || i > 0)", "[1].existsOne(i, v, v == 1)"),
    *("true && dyn(1)", "dyn('x') || true", "dyn(1) ? 2 : 3", "dyn(true) ? 2 : 3", "!dyn(1)", "-dyn(b'a')"),
    *("object.a + 0.5", "object.d > 1", "object.a == 1.0", "object.a in [1.0]", "1.0 in {1: 'x'}", "1u in [1]"),
    *("{1: 'x'}[1u]", "{1: 'x'}[1.0]", "[1, 2][1u]", "[1, 2][1.0]", "[1, 2][1.5]", "{'a': 1}['z']", "[1][5]"),
    *("object.l[0]", "object.m['k']", "object.s[0]", "b'abc'[0]", "dyn(b'abc')[0]", "object.n == null", "object.n.x"),
    *("bytes('a') + b'b'", "size(b'abc')", "b'abc'.size()", "size(bytes('é'))", "string(b'a' + bytes('b'))"),
    *(
        "string(b'\\xff')",
        "b'a' < b'b'",
        "b'a' == bytes('a')",
        "b'' + b''",
        "type(b'a' + b'b') == bytes",
        "b'a' in [b'a']",
    ),
    *("dyn(quantity('1')) != true", "quantity('1') == dyn(null)", "dyn(quantity('1')) == 'a'", "'%d%%'.format([1])"),
    *("[dyn(quantity('1'))] == [dyn(1)]", "dyn(quantity('1')) in [1]", "'%d'.format(['a'])", "'%x'.format([object.a])"),
    *("'%s'.format([optional.of(1)])", "'%s'.format([[optional.of(1)]])", "'%z'.format([1])", "'%'.format([1])"),
    *("'%.f'.format([1.0])", "'%e'.format([true])", "duration(object.a)", "timestamp(object.a)", "duration('x')"),
    *("authorizer == authorizer", "authorizer != authorizer", "b'b' in object.m", "dyn(1) == dyn(quantity('1'))"),
)


def signatures(program: Path) -> dict[str, list[dict[str, Any]]]:
    """Every function of the server's environment with its overloads, from `policycheck functions`."""
    found: dict[str, list[dict[str, Any]]] = json.loads(
        subprocess.run([program, "functions"], check=True, capture_output=True).stdout
    )
    return found


def versions(program: Path) -> dict[str, list[list[str]]]:
    """Function and overload of all that a new policy may use, by compatibility version, from `policycheck versions`."""
    done = subprocess.run([program, "versions"], check=True, capture_output=True)
    found: dict[str, list[list[str]]] = {version: sorted(names) for version, names in json.loads(done.stdout).items()}
    return found


def answers(program: Path, expressions: Sequence[str]) -> list[dict[str, Any]]:
    """What the server's code makes of expressions, from `policycheck eval`."""
    asked = json.dumps({"vars": VARIABLES, "exprs": list(expressions)})
    done = subprocess.run(
        [program, "eval"], input=asked.encode(), check=True, capture_output=True, env=dict(os.environ)
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def expressions(table: dict[str, list[dict[str, Any]]]) -> list[str]:
    """One expression and more for each overload, its arguments of known types and of none, and the operators' pairs."""
    found: dict[str, None] = {}
    for name, overloads in sorted(table.items()):
        if name in HIDDEN | OLD or (not re.fullmatch(r"[\w.]+", name) and name not in OPERATORS):
            continue
        for overload in overloads:
            for args in itertools.islice(_arguments(overload), 8):
                found[_call(name, overload, args)] = None
                if args:
                    found[_call(name, overload, [f"dyn({args[0]})", *args[1:]])] = None
    scalars = [kind for kind in SAMPLES if "authorization" not in kind]
    for operator in ("_+_", "_-_", "_*_", "_/_", "_%_", "_<_", "_>=_", "_==_", "@in", "_[_]"):
        for left, right in itertools.product(scalars, repeat=2):
            pair = SAMPLES[left][0], SAMPLES[right][0]
            found[OPERATORS[operator].format(*pair)] = None
            found[OPERATORS[operator].format(*(f"dyn({one})" for one in pair))] = None
    found |= dict.fromkeys(MACROS)
    return list(found)


def _arguments(overload: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Arguments an overload takes, texts it understands first."""
    kinds = [_samples(overload["id"], kind, place) for place, kind in enumerate(overload["args"])]
    return itertools.product(*kinds)


def _samples(overload: str, kind: str, place: int) -> tuple[str, ...]:
    if kind == "string" and overload in _TEXTS and place == (1 if overload.startswith(("cidr_", "authorizer_")) else 0):
        return _TEXTS[overload]
    if kind == "string" and overload.endswith(("_tz", "_with_tz")):
        return _ZONES
    if kind in _INNER:
        return _INNER[kind]
    if kind.startswith("<") or kind == "dyn":
        return SAMPLES["int"] if overload != "type" else tuple(one[0] for one in SAMPLES.values())
    head = kind.partition("(")[0]
    return SAMPLES["optional_type" if head.startswith("optional") else head]


def _call(name: str, overload: dict[str, Any], args: Sequence[str]) -> str:
    if name in OPERATORS:
        return OPERATORS[name].format(*args)
    if overload["member"]:
        return f"{args[0]}.{name}({', '.join(args[1:])})"
    return f"{name}({', '.join(args)})"
