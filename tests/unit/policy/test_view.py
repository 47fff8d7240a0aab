"""Objects as policies see them, against what a real API server stored."""

import json

import pytest

from generator.manifest import identify
from generator.policy import resources
from generator.policy.view import seen_object
from tests.support.workspace import REPOSITORY

RECORDED = json.loads((REPOSITORY / "tests/data/stored_objects.json").read_text())["objects"]
DRAWN = ("uid", "creationTimestamp", "generation")


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: str(identify(case["given"])))
def test_seen_as_stored(case):
    identity = identify(case["given"])
    before = json.dumps(case["given"])
    seen = seen_object(case["given"], resources().of(identity), 36, identity.name)
    assert seen is not None
    for name in DRAWN:
        seen["metadata"].pop(name)
    assert seen == case["stored"]
    assert json.dumps(case["given"]) == before
