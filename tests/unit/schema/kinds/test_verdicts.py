"""Every built-in kind with checks of its own: our verdict on the recorded objects is a live server's, and so are our words."""

import json

import pytest

from generator.location import format_path
from generator.schema import SchemaStore, Status
from tests.support.kinds import FOLDER, GONE, Case, Change, read_bases
from tests.support.words import same_words

RECORDED = json.loads((FOLDER / "verdicts.json").read_text("utf-8"))["cases"]
STAYS = (
    "LimitRange metadata.name",
    "spec.jobTemplate.metadata.labels",
)
"""Where we are stricter: docs/parity.md has the reasons."""


@pytest.fixture(scope="module")
def judged():
    store, bases, found = SchemaStore(), read_bases(), []
    for one in RECORDED:
        changes = tuple(Change(tuple(path), value[0] if value else GONE) for path, *value in one["changes"])
        outcome = store.validate(Case(one["base"], changes).made(bases), "1.36")
        violations = () if outcome.status is Status.VALID else outcome.violations
        places = ", ".join(format_path(change.path) for change in changes)
        found.append((f"{bases[one['base']]['kind']} {places}", one, violations))
    return found


def test_every_verdict_is_the_servers(judged):
    apart = [
        f"{what}: the server {one['ok']} {one.get('said')}, ours {[str(violation) for violation in violations]}"
        for what, one, violations in judged
        if one["ok"] is bool(violations)
    ]
    assert [line for line in apart if not any(word in line for word in STAYS)] == []
    assert sum(not one["ok"] for _, one, _ in judged) > 900
    assert sum(one["ok"] for _, one, _ in judged) > 150


def test_words_are_the_servers(judged):
    """All that is recorded is something new that the server says, so each difference counts once."""
    worded = [(one, violations) for _, one, violations in judged if violations and isinstance(one.get("said"), list)]
    same = [one for one, found in worded if same_words((text for _, text in one["said"]), (v.message for v in found))]
    assert len(worded) > 800
    assert len(same) / len(worded) > 0.8, f"{len(same)} of {len(worded)}"


def test_the_written_objects_are_valid():
    store = SchemaStore()
    for data in read_bases():
        outcome = store.validate(data, "1.36")
        assert outcome.status is Status.VALID, [str(violation) for violation in outcome.violations]
