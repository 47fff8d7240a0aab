"""Built-in kinds beyond their schema: generated objects of each, valid and broken, asked of a live server and of us."""

from collections import Counter
from collections.abc import Sequence

import pytest

from generator.schema import SchemaStore
from tests.e2e.apiserver.asking import STAYS, agree, ask, described, ours
from tests.e2e.apiserver.kinds import combined, drawn
from tests.support.apiserver import ApiServer
from tests.support.kinds import Case, Change, Manifest, read_bases
from tests.support.parity import Row, record

_SEED, _SINGLE, _COMBINED = 3, 3000, 1500


@pytest.fixture(scope="module")
def bases() -> list[Manifest]:
    return read_bases()


def shown(case: Case, bases: Sequence[Manifest]) -> str:
    changes = "; ".join(f"{'.'.join(map(str, one.path))} = {one.value!r}" for one in case.changes)
    return f"{bases[case.base]['kind']}: {changes}"


def mild(bases: Sequence[Manifest], cases: Sequence[Case], store: SchemaStore) -> dict[int, list[Change]]:
    """Changes that break nothing alone, by base."""
    found: dict[int, list[Change]] = {}
    for case in cases:
        if case.changes and not ours(store, case.made(bases)):
            found.setdefault(case.base, []).append(case.changes[0])
    return found


def test_the_server_accepts_what_we_accept_and_says_what_we_say(stock: ApiServer, bases: list[Manifest]) -> None:
    store = SchemaStore()
    single = drawn(bases, _SEED, _SINGLE)
    misses: list[str] = []
    apart: list[str] = []
    counted, left = Counter[str](), Counter[str]()
    for case in [*single, *combined(bases, mild(bases, single, store), _SEED, _COMBINED)]:
        data = case.made(bases)
        said, found = ask(stock, data), ours(store, data)
        if said.accepted is None:
            left["admission comes first, a cluster alone knows, or the server panics"] += 1
            continue
        counted["valid" if said.accepted else "broken"] += 1
        if said.accepted == bool(found):
            misses.append(described(shown(case, bases), said, found))
        elif said.causes:
            counted["worded"] += 1
            if not agree(said.causes, found):
                apart.append(described(shown(case, bases), said, found))
    program = f"kube-apiserver {stock.version}"
    what = ("objects of 28 built-in kinds, generated: accepted or refused", "refused ones of them: the same words")
    verdicts = Row("API server", what[0], program, counted["valid"] + counted["broken"], misses, dict(left))
    record("apiserver-kinds", [verdicts, Row("API server", what[1], program, counted["worded"], apart)])
    assert [miss for miss in misses if not any(word in miss for word in STAYS)] == []
    assert min(counted["valid"], counted["broken"]) > _SINGLE // 4, counted
    assert len(apart) < counted["worded"] // 8, apart[:20]


def test_every_kind_with_a_check_of_its_own_is_asked(bases: list[Manifest]) -> None:
    assert len({data["kind"] for data in bases}) >= 28
