"""Drawn machines get the same verdict, launcher pod and hostdevs from us and from KubeVirt's own code."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.e2e.kubevirt.combinations import VERSIONS
from tests.e2e.kubevirt.differential import disagreements
from tests.e2e.kubevirt.program import running
from tests.support.parity import Row, record

SEED = 8
COUNT = 2000
NOTHING = "KubeVirt's code fails on it, or its schema refuses a set before"


@pytest.fixture(scope="module")
def rows() -> Iterator[list[Row]]:
    """The rows of the run, kept when all versions are done."""
    found: list[Row] = []
    yield found
    record("kubevirt-differential", found)


@pytest.mark.parametrize("version", VERSIONS)
def test_drawn_machines(version: str, rows: list[Row]) -> None:
    seen: Counter[str] = Counter()
    misses: list[str] = []
    details: list[str] = []
    with running(version) as program:
        for case, found in disagreements(program, SEED, COUNT):
            if case is None:
                seen[NOTHING] += 1
                continue
            seen["allowed" if case["verdict"]["allowed"] else case["verdict"]["stage"]] += 1
            if found:
                misses.append(case["id"])
                details += [case["id"], *found, json.dumps(case["object"])]
    failing = seen.pop(NOTHING, 0)
    rows.append(
        Row(
            area="KubeVirt",
            what="drawn machines: verdict, launcher pod, hostdevs",
            program=f"kubevirt {version.removeprefix('v')}",
            cases=seen.total(),
            misses=misses,
            not_run={NOTHING: failing} if failing else {},
        )
    )
    assert not misses, "\n".join(details[:40])
    # What is drawn must exercise every stage, or agreement says little.
    assert all(seen[stage] > 20 for stage in ("allowed", "decode", "mutate", "validate")), seen
