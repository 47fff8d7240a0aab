"""Expressions that would work for minutes or take gigabytes, each in a process of its own under limits.

`python -m tests.property.bombs [--full] [--only TEXT]` prints seconds and megabytes of each and `N passed, M failed`.
A bomb passes where the command ends with exit code 0 or 1 within its seconds of processor time and megabytes.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from generator.spec.example import example_spec
from tests.property.bomb import Bomb, attempt
from tests.property.overlay_bombs import overlay_bombs
from tests.property.template_bombs import template_bombs


def quoted(text: str) -> str:
    """A YAML scalar."""
    return "'" + text.replace("'", "''") + "'"


def doubled(start: str, step: str, count: int, name: str = "v") -> list[tuple[str, str]]:
    """Variables v0 … vN, each made of the one before: `X` in the step."""
    more = [(f"{name}{index + 1}", step.replace("X", f"variables.{name}{index}")) for index in range(count)]
    return [(f"{name}0", start), *more]


def rule(expression: str, variables: Sequence[tuple[str, str]], message: str) -> Iterator[str]:
    """The lines of a policy that both kinds share: its variables and its one validation."""
    if variables:
        yield "  variables:"
        yield from (f"    - {{name: {key}, expression: {quoted(text)}}}" for key, text in variables)
    yield f"  validations:\n    - expression: {quoted(expression)}"
    if message:
        yield f"      messageExpression: {quoted(message)}"


def admission(  # noqa: PLR0913 - every part of a policy can hold a bomb
    name: str,
    expression: str,
    variables: Sequence[tuple[str, str]] = (),
    *,
    code: str = "",
    slow: bool = False,
    message: str = "",
    conditions: str = "",
    audit: str = "",
    data: str = "{x: 'y'}",
) -> Bomb:
    """A ValidatingAdmissionPolicy, its binding and a ConfigMap."""
    lines = [
        "apiVersion: admissionregistration.k8s.io/v1",
        "kind: ValidatingAdmissionPolicy",
        "metadata: {name: bomb}",
        "spec:",
        "  matchConstraints:",
        "    resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]",
    ]
    if conditions:
        lines.append(f"  matchConditions: [{{name: c, expression: {quoted(conditions)}}}]")
    lines += rule(expression, variables, message)
    if audit:
        lines.append(f"  auditAnnotations: [{{key: a, valueExpression: {quoted(audit)}}}]")
    lines += [
        "---",
        "apiVersion: admissionregistration.k8s.io/v1",
        "kind: ValidatingAdmissionPolicyBinding",
        "metadata: {name: bomb}",
        "spec: {policyName: bomb, validationActions: [Deny]}",
        "---",
        f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c, namespace: default}}\ndata: {data}",
    ]
    return Bomb(f"admission: {name}", {"p.yaml": "\n".join(lines) + "\n"}, ("validate", "p.yaml"), code, slow)


def bundle(
    name: str,
    expression: str,
    variables: Sequence[tuple[str, str]] = (),
    *,
    code: str = "",
    slow: bool = False,
    message: str = "",
    each: str = "",
    when: str = "",
) -> Bomb:
    """A rule over the build of the example."""
    annotations = f", annotations: {{qatgen.dev/when: {quoted(when)}}}" if when else ""
    lines = [
        "apiVersion: qatgen.dev/v1alpha1",
        "kind: BundlePolicy",
        f"metadata: {{name: bomb{annotations}}}",
        "spec:",
        *([f"  forEach: {quoted(each)}"] if each else []),
    ]
    lines += rule(expression, variables, message)
    files = {"spec.yaml": example_spec(), "policies/bomb/policy.yaml": "\n".join(lines) + "\n"}
    return Bomb(f"bundle: {name}", files, ("render",), code, slow)


def schema(name: str, rule: str, spec: str, properties: str, *, code: str = "", slow: bool = False) -> Bomb:
    """A rule of a CustomResourceDefinition, and an object of it."""
    text = f"""\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: things.example.com}}
spec:
  group: example.com
  names: {{kind: Thing, listKind: ThingList, plural: things, singular: thing}}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties: {properties}
            x-kubernetes-validations: [{{rule: {quoted(rule)}}}]
---
apiVersion: example.com/v1
kind: Thing
metadata: {{name: a, namespace: b}}
spec: {spec}
"""
    return Bomb(f"schema: {name}", {"a.yaml": text}, ("validate", "a.yaml"), code, slow)


_TWICE = "[X, X]"
_PAIRS = [*doubled("[1]", _TWICE, 25, "a"), *doubled("[1]", _TWICE, 25, "b")]
_MILLION = "lists.range(900000)"
_TEXT = doubled("'aaaaaaaaaa'", "X + X", 16)  # 655,360 characters
_LONG = "variables.v16"
_LIST = [("l", _MILLION)]


def bombs() -> Iterator[Bomb]:
    """Every bomb."""
    yield from _of_lists()
    yield from _of_texts()
    yield from _of_types()
    yield from _of_places()
    yield from _of_builds()
    yield from _of_schemas()
    yield from template_bombs()
    yield from overlay_bombs()


def _of_lists() -> Iterator[Bomb]:
    yield admission("distinct of a million", "lists.range(1000000).distinct().size() > 0")
    yield admission("distinct of many", "variables.l.distinct().size() > 0", _LIST)
    yield admission("range without end", "lists.range(1000000000000).size() > 0")
    yield admission("range of a large number", "lists.range(9223372036854775807).size() > 0")
    yield admission("equality of doubled lists", "variables.a25 == variables.b25", _PAIRS)
    yield admission("inequality of doubled lists", "variables.a25 != variables.b25", _PAIRS)
    yield admission("equality of doubled maps", "variables.a25 == variables.b25", [
        *doubled("{'k': 1}", "{'k': X, 'l': X}", 25, "a"), *doubled("{'k': 1}", "{'k': X, 'l': X}", 25, "b")])  # fmt: skip
    yield admission("in a list of doubled lists", "variables.a25 in [variables.b25]", _PAIRS)
    yield admission("indexOf of a doubled list", "[variables.b25].indexOf(variables.a25) == 0", _PAIRS)
    yield admission("distinct of doubled lists", "[variables.a25, variables.b25].distinct().size() == 1", _PAIRS)
    yield admission("sets of doubled lists", "sets.contains([variables.a25], [variables.b25])", _PAIRS)
    yield admission("flatten a doubled list", "variables.a25.flatten(30).size() > 0", _PAIRS, code="POL010")
    yield admission("an optional of doubled lists", "optional.of(variables.a25) == optional.of(variables.b25)", _PAIRS)
    yield admission("sets.intersects", "sets.intersects(variables.l, variables.l.map(x, -1 - x))", _LIST)
    yield admission("sets.equivalent", "sets.equivalent(variables.l, variables.l)", _LIST)
    yield admission("sets.contains of equal size", "sets.contains(variables.l, variables.l)", _LIST)
    yield admission("sort", "variables.l.sort().size() > 0", _LIST)
    yield admission("sortBy", "variables.l.sortBy(x, -x).size() > 0", [("l", "lists.range(20000)")])
    yield admission(
        "lists added again and again", "variables.v30.size() > 0", doubled(_MILLION, "X + X", 30), code="POL010"
    )
    yield admission("a list doubled", "variables.v40.size() > 0", doubled("[1]", "X + X", 40), code="POL010")
    yield admission(
        "a list in a loop", "lists.range(70000).map(x, variables.l + variables.l).size() > 0", _LIST, code="POL010"
    )
    yield admission("equality in a loop", "lists.range(100000).all(x, [variables.l] == [variables.m])",
        [*_LIST, ("m", _MILLION)], code="POL010")  # fmt: skip
    yield admission("in, in a loop", "lists.range(100000).all(x, -1 in [variables.l][0])", _LIST)
    yield admission("slices in a loop", "lists.range(60000).all(x, variables.l.slice(0, 800000).size() > x)", _LIST)
    yield admission("reverse in a loop", "lists.range(60000).all(x, variables.l.reverse()[0] > x)", _LIST)
    yield admission("a number as a key, in a loop", "variables.l.all(x, variables.m[1] == 1)", [
        ("l", "lists.range(150000)"), ("m", "variables.l.map(x, 150000 - x).transformMap(i, v, v)")])  # fmt: skip
    yield admission("nested loops", "variables.l.all(x, variables.l.all(y, x + y >= 0))", _LIST)
    yield admission("sum of floats", "variables.l.map(x, double(x)).sum() > 0.0", [("l", "lists.range(50000)")])
    yield admission("NaN is never equal", "variables.l.distinct().size() > 0", [
        ("l", "lists.range(70000).map(x, 0.0 / 0.0)")])  # fmt: skip
    yield admission(
        "optionals in a chain", "variables.v200.hasValue()", doubled("optional.of(1)", "optional.of(X)", 200)
    )
    yield admission("free parts of a body", f"lists.range(300000).all(x, {' || '.join(['1 in [2]'] * 6000)} || true)")


def _of_texts() -> Iterator[Bomb]:
    yield admission("a text doubled", "variables.v30.size() > 0", doubled("'aaaaaaaa'", "X + X", 30))
    yield admission("a text doubled without end", "variables.v60.size() > 0", doubled("'é'", "X + X", 60))
    yield admission("bytes doubled", "variables.v40.size() > 0", doubled("b'aaaaaaaa'", "X + X", 40))
    yield admission("matches", f"{_LONG}.matches('(a?){{500}}b')", _TEXT)
    yield admission("matches a repeated repetition", f"{_LONG}.matches('((a{{0,30}}){{0,30}}x|b)c')", _TEXT)
    yield admission(
        "matches in a loop", "lists.range(5000).all(x, variables.v10.matches('(a|aa){1,400}b') || true)", _TEXT
    )
    yield admission("find", f"{_LONG}.find('(.*a.{{900}})b').size() == 0", _TEXT)
    yield admission("findAll of every character", f"{_LONG}.findAll('a').size() > 0", _TEXT)
    yield admission("findAll of nothing", f"{_LONG}.findAll('x*').size() > 0", _TEXT)
    yield admission("contains", f"{_LONG}.contains({_LONG} + 'b')", _TEXT)
    yield admission("lastIndexOf", f"{_LONG}.lastIndexOf('b' + variables.v15) == -1", _TEXT)
    yield admission("indexOf", f"{_LONG}.indexOf(variables.v10 + 'b') == -1", _TEXT)
    yield admission("replace that grows", f"{_LONG}.replace('a', {_LONG}).size() > 0", _TEXT)
    yield admission("replace nothing", f"{_LONG}.replace('', variables.v12).size() > 0", _TEXT)
    yield admission("split into characters", f"{_LONG}.split('').size() > 0", _TEXT)
    yield admission("join", f"lists.range(100000).map(x, {_LONG}).join(',').size() > 0", _TEXT)
    yield admission("quote", f"lists.range(100000).all(x, strings.quote({_LONG}).size() > x)", _TEXT)
    yield admission("lowerAscii", f"lists.range(100000).all(x, {_LONG}.lowerAscii().size() > x)", _TEXT)
    yield admission("format a doubled list", "'%s'.format([variables.a25]).size() > 0", _PAIRS)
    yield admission("format a width", "lists.range(9000).all(x, '%.999999f'.format([1.5]).size() > x)")
    yield admission("format many widths", f"'{'%.999999f' * 2000}'.format([{','.join(['1.5'] * 2000)}]).size() > 0")
    yield admission("substring in a loop", f"lists.range(90000).all(x, {_LONG}.substring(1).size() > x)", _TEXT)
    yield admission("compare long texts in a loop", f"lists.range(90000).all(x, {_LONG} + 'a' <= {_LONG} + 'b')", _TEXT)
    yield admission("a long text in a list of long texts", f"variables.l.all(x, !(({_LONG} + 'b') in variables.l))", [
        *_TEXT, ("l", f"lists.range(20).map(x, {_LONG} + 'a')")])  # fmt: skip
    yield admission("int of a long text", "int(variables.v16.replace('a', '1')) > 0", _TEXT)
    yield admission("double of a long text", "double(variables.v16.replace('a', '1') + 'x') > 0.0", _TEXT)
    yield admission(
        "duration of a long text", "duration(variables.v16.replace('a', '1') + 's') > duration('1s')", _TEXT
    )
    yield admission(
        "duration of many parts", "duration(variables.v16.replace('a', '1s') + 'x') > duration('1s')", _TEXT
    )
    yield admission(
        "timestamp of a long text",
        "timestamp(variables.v16.replace('a', '1')) > timestamp('2020-01-01T00:00:00Z')",
        _TEXT,
    )
    yield admission("quantity of a long text", "isQuantity(variables.v16.replace('a', '1'))", _TEXT)
    yield admission("quantity of a long fraction", "sign(quantity('0.' + variables.v16.replace('a', '1'))) == 1", _TEXT)
    yield admission("quantity of 5,000 digits", f"quantity('{'9' * 5000}').isGreaterThan(quantity('1'))")
    yield admission("semver of a long text", "isSemver(variables.v16.replace('a', '1.'))", _TEXT)
    yield admission("url of a long text", f"isURL('http://' + {_LONG} + '/' + {_LONG})", _TEXT)
    yield admission("ip of a long text", "isIP(variables.v16.replace('a', '1:'))", _TEXT)
    yield admission("cidr of a long text", "isCIDR(variables.v16.replace('a', '1') + '/24')", _TEXT)
    yield admission(
        "a named format of a long text", f"!format.dns1123Subdomain().validate({_LONG} + '!').hasValue()", _TEXT
    )
    yield admission("a label of a long text", f"!format.qualifiedName().validate({_LONG} + '!').hasValue()", _TEXT)


def _of_types() -> Iterator[Bomb]:
    maps = doubled("{1: 1}", "{X: X}", 40)
    yield admission("types doubled by variables", "variables.v40.size() == 1", maps)
    chain = "[1]" + ".map(x, {x: x})" * 40 + ".size() == 1"
    yield admission("types doubled by loops", chain)
    yield admission("a list of 30,000 entries", f"[{','.join(['1'] * 30_000)}].size() == 30000")
    yield admission("a map of 10,000 entries", "{" + ",".join(f"'{n}': {n}" for n in range(8_000)) + "}.size() == 8000")
    yield admission("an expression nested 10,000 times", "(" * 10_000 + "true" + ")" * 10_000)
    yield admission("a list nested 10,000 times", "[" * 10_000 + "]" * 10_000 + " == []")
    yield admission("a list nested 240 times", "[" * 240 + "]" * 240 + ".size() >= 0")
    yield admission("a chain of 10,000 `||`", " || ".join(["object.data.x == 'z'"] * 4_000) + " || true")
    yield admission("a chain of 10,000 `+`", "+".join(["1"] * 20_000) + " > 0")
    yield admission("a chain of 200 `+`", "+".join(["object.data.x"] * 200) + " != ''")
    yield admission("a chain of 10,000 fields", "has(object" + ".a" * 10_000 + ")")
    yield admission("a chain of 10,000 calls", "'x'" + ".trim()" * 10_000 + " == 'x'")
    yield admission("loops nested 30 times", "".join(f"[1].all(v{n}, " for n in range(30)) + "true" + ")" * 30)
    yield admission(
        "loops nested 30 times over a list", "".join(f"[1,2].all(v{n}, " for n in range(30)) + "true" + ")" * 30
    )
    yield admission("a constant folded again and again", "int(" * 200 + "1" + ")" * 200 + " == 1")
    yield admission("a pattern with a large program", "'a'.matches('((a{1,30}){1,30})b') || true")
    yield admission("a pattern of 90,000 characters", f"'a'.matches('{'(a|b)' * 18_000}') || true")
    yield admission("a pattern nested 5,000 times", f"'a'.matches('{'(' * 5_000}a{')' * 5_000}') || true")
    yield admission("a number of 10,000 digits", f"{'1' * 10_000} > 0")
    yield admission("a double of 10,000 digits", f"{'1' * 10_000}.5 > 0.0")
    yield admission("a text of 90,000 characters", f"'{'x' * 90_000}'.size() > 0")
    yield admission("variables in a chain of 950", "variables.v950 == 1", doubled("1", "X", 950))
    yield admission("variables in a chain of 20,000", "variables.v20000 == 1", doubled("1", "X", 20_000), code="POL010")
    yield admission("lists in a chain of 950 variables", "variables.v450 == variables.w450",
        [*doubled("[1]", "[X]", 450), *doubled("[1]", "[X]", 450, "w")])  # fmt: skip
    yield admission("fields of fields, in two ways", "variables.v40 == 1", doubled("object", "X.a + X.b", 40))
    yield admission("fields in a chain of variables", "variables.v900 == 1", doubled("object", "X.a", 900))
    steps = ".optMap(x, x.a + x.b)" * 40
    yield admission("fields of optionals, in two ways", f"optional.of(object){steps}.hasValue()", code="POL010")
    pairs = [("a0", "1"), ("b0", "1")]
    for n in range(40):
        pairs += [(f"{name}{n + 1}", f"[variables.a{n}, variables.b{n}]") for name in "ab"]
    yield admission("variables that read two others each", "variables.a40 == variables.b40", pairs)
    yield bundle("variables that read two others each", "variables.a40 == variables.b40", pairs, each="[1, 2]")


def _of_places() -> Iterator[Bomb]:
    grow = "lists.range(60000).map(x, variables.l + variables.l).size() > 0"
    yield admission("matchConditions", "true", conditions="lists.range(900000).map(x, lists.range(900000)).size() > 0")
    yield admission(
        "a condition that compares", "true", conditions="lists.range(60000).all(x, [lists.range(900000)] != [])"
    )
    yield admission("messageExpression", "false", _LIST, message=f"string({grow})", code="POL010")
    yield admission("a message of a doubled text", "false", _TEXT, message=f"{_LONG} + {_LONG}")
    yield admission("auditAnnotations", "true", _LIST, audit=f"string({grow})", code="POL010")
    yield admission("an error that shows a doubled list", "variables.a25.join() == ''", _PAIRS)
    yield admission("an error that shows a doubled map", "dyn([variables.a25]).join() == ''", _PAIRS)
    yield admission("a key that is a doubled list", "{'a': 1}[dyn(variables.a25)] == 1", _PAIRS)
    yield admission("an entry that is not optional", "[?dyn(variables.a25)].size() == 0", _PAIRS)
    yield admission("a number of 400 digits", "object.data.x == 1.5", data="{x: " + "1" * 400 + "}")
    deep = "{x: " + "[" * 400 + "]" * 400 + "}"
    yield admission("deep data", "object.data == object.data && object.data != dyn([])", data=deep)
    base = admission("many objects", grow, _LIST)
    more = "".join(
        f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{n}, namespace: default}}\n" for n in range(300)
    )
    yield Bomb("admission: many objects", {"p.yaml": base.files["p.yaml"] + more}, base.run, "POL010")
    yield _case("a case of a test", grow)
    yield _case("a case of a test, with mistakes", grow, "--mutate", "--coverage")


def _case(name: str, expression: str, *more: str) -> Bomb:
    found = admission(name, expression, _LIST).files["p.yaml"].split("---\n")
    cases = """\
apiVersion: qatgen.dev/v1alpha1
kind: PolicyTest
metadata: {name: bomb}
cases:
- {name: one, expect: allow, object: {apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: default}}}
"""
    files = {"p/policy.yaml": found[0], "p/binding.yaml": found[1], "p/cases.yaml": cases}
    return Bomb(f"test: {name}", files, ("test", "p", *more), "POL010")


def _of_builds() -> Iterator[Bomb]:
    loops = "".join(f"lists.range(100).map(v{n}, " for n in range(9)) + "1" + ")" * 9 + ".size() > 0"
    yield bundle("nested loops", loops, code="POL010")
    yield bundle("range without end", "lists.range(1000000000000).size() > 0", code="POL010")
    yield bundle("distinct of 5 million", "lists.range(4000000).distinct().size() > 0", code="POL010")
    yield bundle("doubled lists", "variables.a25 == variables.b25", _PAIRS)
    yield bundle("a list doubled", "variables.v40.size() > 0", doubled("[1]", "X + X", 40), code="POL010")
    yield bundle("a text doubled", "variables.v40.size() > 0", doubled("'a'", "X + X", 40), code="POL010")
    yield bundle("a text in a loop", f"lists.range(1000000).map(x, {_LONG} + 'a').size() > 0", _TEXT, code="POL010")
    yield bundle("forEach without end", "true", each="lists.range(1000000000)", code="POL010")
    yield bundle("forEach times a loop", "lists.range(100000).all(x, x >= 0 || object > 0)",
        each="lists.range(100000)", code="POL010", slow=True)  # fmt: skip
    yield bundle("a message", "false", message=f"{_LONG} + {_LONG} + {_LONG}", variables=_TEXT)
    yield bundle("when", "true", when=loops)
    yield bundle(
        "every object with every object", "objects.all(o, objects.all(p, o.kind != p.kind || o.kind == p.kind))"
    )
    yield bundle("format", "'%s'.format([variables.a25]).size() > 0", _PAIRS, code="POL010")
    yield bundle(
        "matches", "variables.v22.matches('(a?){500}b') || true", doubled("'aaaaaaaaaa'", "X + X", 22), code="POL010"
    )


def _of_schemas() -> Iterator[Bomb]:
    numbers = "{l: {type: array, maxItems: 100000, items: {type: integer}}}"
    texts = "{t: {type: string, maxLength: 1000000}}"
    long = "{t: " + "a" * 500_000 + "}"
    values = "{l: [" + ", ".join(str(n) for n in range(5_000)) + "]}"
    yield schema("distinct", "self.l.distinct().size() == self.l.size()", values, numbers)
    yield schema("nested loops", "self.l.all(x, self.l.exists_one(y, x == y))", values, numbers)
    yield schema("sets", "sets.equivalent(self.l, self.l)", values, numbers)
    yield schema("lists in a loop", "self.l.all(x, [self.l + self.l + self.l + self.l].size() > 0)", values, numbers)
    yield schema("matches", "self.t.matches('((a?){300}x|b)c') || true", long, texts)
    yield schema("findAll", "self.t.findAll('a').size() > 0", long, texts)
    yield schema("a text doubled", "(self.t + self.t + self.t).replace('a', self.t).size() > 0", long, texts)
    yield schema("format", "lists.range(100000).map(x, '%s'.format([self.l])).size() > 0", values, numbers)


def main() -> int:
    """Try them; 1 where any fails."""
    parser = argparse.ArgumentParser(prog="bombs")
    parser.add_argument("--full", action="store_true", help="the slow ones, too")
    parser.add_argument("--only", default="", help="those whose name has this text")
    chosen = parser.parse_args()
    passed = failed = 0
    begun = time.monotonic()
    for bomb in bombs():
        if chosen.only not in bomb.name or (bomb.slow and not chosen.full):
            continue
        with tempfile.TemporaryDirectory() as name:
            result = attempt(bomb, Path(name))
        passed += not result.wrong
        failed += bool(result.wrong)
        print(f"{result.seconds:6.1f} s {result.megabytes:6.0f} MB  {bomb.name}")
        if result.wrong:
            print(f"FAILED {bomb.name}: {result.wrong}")
    print(f"{time.monotonic() - begun:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
