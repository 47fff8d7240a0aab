"""What KubeVirt's own code made of machines, recorded: our launcher pods and hostdevs are the same."""

import json

import pytest

from tests.conformance.kubevirt import differences, load
from tests.support.workspace import REPOSITORY

RECORDED = sorted((REPOSITORY / "tests/data/kubevirt").glob("*.json.gz"))


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.name.removesuffix(".json.gz"))
def test_every_recorded_pod_and_hostdev_is_ours(file):
    document = load(file)
    made = [case for case in document["cases"] if "pod" in case]
    wrong = {
        f"{case['id']} ({case['version']}, {case['kubevirt']})": found
        for case in made
        if (found := list(differences(case, document["kubevirts"], ("pod", "hostdevs"))))
    }
    assert not wrong, json.dumps(dict(list(wrong.items())[:10]), indent=1)
    assert len(made) > 100
