"""The work bound: what it stops, what it leaves to the server's cost, and that faster ways give the same answers."""

import functools
import itertools
import math
import random
from typing import Any

import pytest

from generator.bounds.rules import TOO_LONG
from generator.bounds.unit import Unit, Watch, failure_of, install, shared_memory
from generator.cel import CostError, Environment, EvalError, WorkError, compile_expression, new_frame
from generator.cel.attributes import SPENT, WORK, find, has_key
from generator.cel.failure import OVER_COST
from generator.cel.lists import COUNTED, FUNCTIONS
from generator.cel.regex import FUNCTIONS as PATTERNS
from generator.cel.regex import compile_pattern
from generator.cel.types import DYN, MAX_PARTS, list_of, map_of
from generator.cel.values import Some, Uint, compare, digest, equal, show
from generator.cel.work import BOUND, Work, weigh
from generator.location import Span
from generator.manifest import identify
from generator.policy import (
    Cluster,
    Request,
    compile_bundle,
    compile_policy,
    judge,
    judge_items,
    policy_set,
    read_binding,
    resources,
)
from generator.policy.judging import Judge

NOTHING = Environment()
LIMIT = 10**40


def value(source, limit=1_000_000, **variables):
    environment = NOTHING.with_variables(dict.fromkeys(variables, DYN))
    return compile_expression(source, environment).evaluate(variables, limit)


def doubled(start, count):
    for _ in range(count):
        start = [start, start]
    return start


LONG = "a" * 3_000_000
LIST = list(range(3_000_000))
TOO_MUCH: dict[str, Any] = {
    "text": ("a.map(x, t + t).size() > 0", {"a": [1] * 100, "t": LONG}),
    "list": ("a.map(x, l + l).size() > 0", {"a": [1] * 100, "l": LIST}),
    "range": ("lists.range(1000000000000).size() > 0", {}),
    "flatten": ("l.flatten(40).size() > 0", {"l": doubled([1], 40)}),
    "format": ("'%s'.format([l]).size() > 0", {"l": doubled([1], 40)}),
    "width": ("a.all(x, '%.999999f'.format([1.5]).size() > 0)", {"a": [1] * 200}),
    "matches": ("t.matches('((a?){30}){30}b')", {"t": LONG}),
    "findAll": ("t.findAll('a').size() > 0", {"t": LONG * 2}),
    "lastIndexOf": ("t.lastIndexOf(u) == 0", {"t": LONG, "u": "b" + LONG[:-9]}),
    "replace": ("t.replace('a', t) == ''", {"t": LONG}),
    "equality": ("a.all(x, [l] == [m])", {"a": [1] * 100, "l": LIST, "m": list(LIST)}),
    "in": ("a.all(x, -1 in l || true)", {"a": [1] * 100, "l": LIST}),
    "contains": ("a.all(x, sets.contains(l, [-1]) || true)", {"a": [1] * 100, "l": LIST}),
    "loops": ("l.all(x, l.all(y, y >= 0))", {"l": LIST}),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_too_much_work_is_neither_a_value_nor_a_cost(name, monkeypatch):
    source, variables = TOO_MUCH[name]
    if name in ("loops", "in", "contains"):  # these work up to the bound, one small step after the other
        monkeypatch.setattr("generator.cel.work.BOUND", BOUND // 20)
    with pytest.raises(WorkError, match="steps, the bound is 100,000,000"):
        value(source, LIMIT, **variables)


def test_nothing_absorbs_too_much_work():
    with pytest.raises(WorkError):
        value(
            "true || lists.range(1000000000000).size() > 0 ? lists.range(1000000000000).size() > 0 || true : true",
            LIMIT,
        )


SERVER_FIRST = ("lists.range(1000000).distinct().size() > 0", "lists.range(1000000000000).size() > 0",
                "lists.range(5000).distinct().size() > 0", "lists.range(900000).sort().size() > 0")  # fmt: skip


@pytest.mark.parametrize("source", SERVER_FIRST)
def test_the_cost_of_the_server_comes_first(source):
    frame = new_frame(NOTHING, {}, 20)
    with pytest.raises(CostError, match=OVER_COST):
        compile_expression(source, NOTHING).evaluate_in(frame)
    assert frame[SPENT] > 1_000_000  # charged: the budget of the policy is used up as on the server


COSTS = {
    "[1,2,2].distinct().size()": 30,
    "sets.contains([1,2,3],[3])": 4,
    "lists.range(100).size()": 112,
    "'aXbX'.replace('X', 'yy')": 1,
    "['a','b'].join('-')": 1,
    "[3,1,2].sort()[0]": 31,
    "'%s %d'.format(['a', 1])": 1,
}


@pytest.mark.parametrize("source", COSTS)
def test_calls_that_are_counted_cost_what_they_cost_on_the_server(source):
    frame = new_frame(NOTHING, {}, 20)
    compile_expression(source, NOTHING).evaluate_in(frame)
    assert frame[SPENT] == COSTS[source]


def test_small_calls_are_not_counted():
    frame = new_frame(NOTHING, {}, 20)
    compile_expression("('a' + 'b').contains('a') && [1].distinct() == [1]", NOTHING).evaluate_in(frame)
    assert frame[WORK].steps < 100


def test_work_is_shared_by_what_belongs_together():
    work = Work()
    work.spend(BOUND)
    frame = new_frame(NOTHING.with_variables({"t": DYN}), {"t": "a" * 1000}, 20, work=work)
    with pytest.raises(WorkError):
        compile_expression("t + t", NOTHING.with_variables({"t": DYN})).evaluate_in(frame)


# --- the same answers, faster


def slow_equal(a, b):
    if isinstance(a, bool) or isinstance(b, bool) or a is None or b is None:
        return a is b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return float(a) == float(b) if isinstance(a, float) or isinstance(b, float) else int(a) == int(b)
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(slow_equal, a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(k in b and slow_equal(a[k], b[k]) for k in a)
    if isinstance(a, Some):
        return slow_equal(a.value, b.value)
    return a == b


def values(seed, count):
    chance = random.Random(seed)
    leaves = [
        None,
        True,
        False,
        0,
        1,
        2,
        Uint(1),
        1.0,
        2.5,
        math.nan,
        2**53,
        2**53 + 1,
        float(2**53),
        "",
        "a",
        "1",
        b"a",
    ]
    made: list[Any] = list(leaves)
    for _ in range(count):
        parts = [chance.choice(made) for _ in range(chance.randrange(4))]
        form = chance.randrange(3)
        made.append(parts if form == 0 else dict(zip("abc", parts, strict=False)) if form == 1 else Some(parts))
    return made


@pytest.mark.parametrize("seed", range(4))
def test_equality_walks_what_is_shared_once_and_says_the_same(seed):
    found = values(seed, 120)
    for a, b in itertools.product(found, found):
        assert equal(a, b) is bool(slow_equal(a, b)), (a, b)
        assert not equal(a, b) or digest(a) == digest(b), (a, b)


def test_equality_of_doubled_lists_takes_no_time():
    a, b = doubled([1], 200), doubled([1], 200)
    assert equal(a, b)
    assert not equal(a, doubled([2], 200))


def test_what_large_equal_lists_compare_is_counted():
    work = Work()
    equal([[n] for n in range(5_000)], [[n] for n in range(5_000)], work)
    assert 20_000 < work.steps < 100_000


@pytest.mark.parametrize("seed", range(4))
def test_distinct_and_sets_say_what_comparing_one_by_one_says(seed):
    found = values(seed, 60)
    work = Work()
    kept: list[Any] = []
    for one in found:
        if not any(equal(other, one) for other in kept):
            kept.append(one)
    assert list(map(id, COUNTED["list_distinct"](work, found))) == list(map(id, kept))
    some = random.Random(seed).sample(found, 30)
    includes = all(any(equal(v, w) for v in found) for w in some)
    assert COUNTED["list_sets_contains_list"](work, found, some) is includes
    assert COUNTED["list_sets_intersects_list"](work, found, some) is any(any(equal(v, w) for v in found) for w in some)


SORTED = [
    [3, 1, 2],
    ["b", "a", ""],
    [b"b", b"a"],
    [True, False],
    [2.5, -1.0, math.inf],
    [Uint(3), Uint(1)],
    [1.0],
    [math.nan],
]


@pytest.mark.parametrize("given", SORTED, ids=str)
def test_sort_orders_as_comparing_does(given):
    wanted = sorted(given, key=functools.cmp_to_key(lambda a, b: compare(a, b, "compare")))
    assert repr(FUNCTIONS["list_int_sort"](given)) == repr(wanted)


def test_sort_of_numbers_that_are_none_is_an_error():
    with pytest.raises(EvalError, match="NaN values cannot be ordered"):
        FUNCTIONS["list_double_sort"]([1.0, math.nan])


def one_by_one(text, pattern, count=-1):
    """Every match, each searched for anew, as Go's FindAllString has them."""
    out: list[Any] = []
    position, previous = 0, -1
    while position <= len(text) and len(out) != count:
        found = compile_pattern(pattern).search(text, position)
        if found is None:
            break
        start, end = found.span(0)
        if end > start or start != previous:
            out.append(found.group(0))
        previous, position = end, end if end > start else end + 1
    return out


@pytest.mark.parametrize("count", [-1, 0, 1, 2, 5])
@pytest.mark.parametrize("pattern", ["a", "a*", "", "x?", "(é|aa)", "[^a]*", "$", "a$", "b+?"])
def test_find_all_finds_the_same(pattern, count):
    for text in ("", "a", "aaba", "éaéé", "bbb", "aéx😀aa"):
        assert PATTERNS["string_find_all_string_int"](text, pattern, count) == one_by_one(text, pattern, count)


def test_keys_that_are_numbers_are_found_at_once_and_true_is_not_one():
    many = {n: n for n in range(200_000)}
    assert [find(many, n) for n in (0, 1, 199_999)] == [0, 1, 199_999]
    assert [has_key(many, True), has_key(many, 1), has_key({True: 0}, 1), has_key({True: 0}, True)] == [
        False,
        True,
        False,
        True,
    ]


NUMBERS = {
    f"quantity('{'9' * 5_000}').isGreaterThan(quantity('1'))": True,
    f"quantity('0.{'0' * 5_000}1').compareTo(quantity('1n')) == 0": True,
    f"quantity('1.{'0' * 5_000}').compareTo(quantity('1')) == 0": True,
    f"isQuantity('{'1' * 5_000}x')": False,
    f"duration('0.{'1' * 5_000}s') > duration('0s')": True,
    "n == 1.5": False,
    "n > 1.5": True,
}


@pytest.mark.parametrize("source", NUMBERS, ids=lambda text: text[:20])
def test_numbers_of_thousands_of_digits(source):
    assert value(source, n=10**400) is NUMBERS[source]


def test_types_that_double_end_as_dyn():
    grown = DYN
    for _ in range(60):
        grown = map_of(grown, grown)
        assert grown.parts <= MAX_PARTS
    assert list_of(grown).parts <= MAX_PARTS + 1
    assert value("[[1]]" + ".map(x, [x, x])" * 18 + ".size() == 1")


def test_messages_do_not_show_what_is_shared_each_time():
    assert show(doubled([1], 60)) == "list of 2 entries"
    assert show([1, 2]) == "[1, 2]"
    assert weigh(doubled([1], 60)) > 2**60


# --- how policies report it

BOMB = "variables.l.map(x, variables.l + variables.l + variables.l).size() > 0"


def policy(name, *validations, **spec):
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "matchConstraints": {
                "resourceRules": [
                    {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
                ]
            },
            "variables": [{"name": "l", "expression": "lists.range(50000)"}],
            "validations": [{"expression": text} for text in validations],
            **spec,
        },
    }


def binding(name):
    return read_binding({"metadata": {"name": name}, "spec": {"policyName": name, "validationActions": ["Deny"]}})


CONFIG = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "c", "namespace": "default"},
    "data": {"a": "b"},
}
NAMESPACE = {"metadata": {"name": "default"}}


def verdict(*policies, data=CONFIG):
    compiled: Any = [compile_policy(one) for one in policies]
    request = Request("CREATE", resources().of(identify(data)), "c", "default", data)
    bound = policy_set(compiled, [binding(one["metadata"]["name"]) for one in policies])
    return judge(bound, request, Cluster(minor=36, namespaces={"default": NAMESPACE}))


PLACES = {
    "validation": (policy("p", "true", BOMB), ("spec", "validations", 1, "expression")),
    "variable": (
        policy("p", "variables.m > 0", variables=[
            {"name": "l", "expression": "lists.range(50000)"}, {"name": "m", "expression": BOMB.removesuffix(" > 0")}]),
        ("spec", "variables", 1, "expression"),
    ),
    "condition": (
        policy("p", "true", matchConditions=[{"name": "c", "expression": "'%.999999f'.format([1.5]).size() + " * 60 + "1 > 0"}]),
        ("spec", "matchConditions", 0, "expression"),
    ),
    "message": (
        policy("p", validations=[{"expression": "false", "messageExpression": f"string({BOMB})"}]),
        ("spec", "validations", 0, "messageExpression"),
    ),
    "annotation": (
        policy("p", "true", auditAnnotations=[{"key": "k", "valueExpression": f"string({BOMB})"}]),
        ("spec", "auditAnnotations", 0, "valueExpression"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("failure", ["Fail", "Ignore"])
def test_too_much_work_is_reported_at_its_place_and_denies_nothing(where, failure):
    data, place = PLACES[where]
    data = {**data, "spec": {**data["spec"], "failurePolicy": failure}}
    found = verdict(data, policy("other", "false"))
    assert found.excess["p"].place == place
    assert found.excess["p"].detail.startswith("the work would be at least")
    assert [one.policy for one in found.failures] == ["other"]  # the rest is judged on


def test_objects_that_agree_share_what_is_too_much_work(monkeypatch):
    evaluated = []
    monkeypatch.setattr("generator.policy.verdict.mark", lambda unit: evaluated.append(unit.what))
    compiled: Any = [compile_policy(policy("p", BOMB)), compile_policy(policy("other", "object.data.a == 'b'"))]
    judging = Judge(
        policy_set(compiled, [binding("p"), binding("other")]),
        Cluster(minor=36, namespaces={"default": NAMESPACE}),
        resources(),
    )
    for name in ("b", "c", "b"):
        data = {**CONFIG, "data": {"a": name}}
        found = judging.create(identify(data), data)
        assert set(found.excess) == {"p"}
        assert found.allowed is (name == "b")
    assert evaluated.count('policy "p"') == 1
    assert evaluated.count('policy "other"') >= 2


@pytest.mark.parametrize("alone", [True, False])
def test_a_policy_that_ended_a_process_is_not_evaluated_again(alone):
    """The system's own limits: what a process died of is left out in the next, and the others are judged."""
    compiled: Any = [compile_policy(policy("p", "true")), compile_policy(policy("other", "object.data.a == 'b'"))]
    failed = failure_of(Unit('policy "p"', Span("policies")), TOO_LONG, "needs more than 10 s of processor time")
    memory = shared_memory()
    install(Watch(memory, [failed]))
    try:
        cluster = Cluster(minor=36, namespaces={"default": NAMESPACE})
        judging = Judge(
            policy_set(compiled[:1] if alone else compiled, [binding("p"), binding("other")]), cluster, resources()
        )
        data = {**CONFIG, "data": {"a": "c"}}
        found = judging.create(identify(data), data)
    finally:
        install(None)
    assert found.excess["p"].detail == "it needs more than 10 s of processor time"
    assert [one.policy for one in found.failures] == ([] if alone else ["other"])


def excess_of(breach):
    assert breach.excess is not None
    return breach.excess


def bundle(expression, each="[1, 2, 3]"):
    spec = {"forEach": each, "validations": [{"expression": "object > 0"}, {"expression": expression}]}
    return compile_bundle({"metadata": {"name": "b"}, "spec": spec}, (1, 36))


def test_a_rule_over_a_build_stops_at_the_first_item_that_is_too_much():
    found = list(judge_items(bundle("lists.range(object * 10000000).size() > 0"), {}))
    assert [(item, len(breaches)) for item, breaches in found] == [(1, 1)]
    assert excess_of(found[0][1][0]).place == ("spec", "validations", 1, "expression")


def test_all_items_of_a_rule_over_a_build_are_bounded_together(monkeypatch):
    monkeypatch.setattr("generator.policy.effort._ROUNDS", 2)
    found = list(judge_items(bundle("lists.range(3500000 + object).size() > 0", "lists.range(9)"), {}))
    assert 1 < len(found) < 9
    assert excess_of(found[-1][1][0]).detail.endswith("the bound is 200,000,000")


def test_costly_calls_of_a_rule_over_a_build_are_counted_by_their_work():
    found = list(judge_items(bundle("lists.range(100000).distinct().size() > 0", "lists.range(3).map(x, x + 1)"), {}))
    assert [len(breaches) for _, breaches in found] == [0, 0, 0]  # 2 * 10^10 by the server's cost


def test_what_nests_too_deeply_is_no_verdict():
    variables = [{"name": "v0", "expression": "1"}]
    variables += [{"name": f"v{n}", "expression": f"variables.v{n - 1}"} for n in range(1, 900)]
    found = verdict(policy("p", "variables.v899 == 1", variables=variables))
    assert found.allowed
    assert "p" not in found.excess or found.excess["p"].detail == "it nests too deeply to be evaluated"
