"""Random kustomizations, built by kustomize 5.8 itself beside ours."""

import json
import os
import shutil
import subprocess
from collections import Counter

import pytest

from generator.finding import Halt
from generator.overlay import build, settings
from tests.conformance.kustomize import objects
from tests.property.kustomize_random import Maker
from tests.support.workspace import write

SEEDS = range(int(os.environ.get("QATGEN_KUSTOMIZE_CASES", "40")))


def kustomize() -> str:
    """The program, of the release whose behaviour this is; skips where it is not there."""
    found = shutil.which("kustomize")
    if found is None:
        pytest.skip("no kustomize on PATH: nothing to compare with")
    said = subprocess.run([found, "version"], capture_output=True, text=True, check=True).stdout
    if "v5.8" not in said:
        pytest.skip(f"kustomize is {said.strip()}, not 5.8")
    return found


@pytest.mark.property
@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_objects(tmp_path, seed):
    program = kustomize()
    write(tmp_path, Maker(seed).files())
    theirs = subprocess.run([program, "build", "over"], cwd=tmp_path, capture_output=True, text=True, check=False)
    try:
        state = build(tmp_path / "over", "over", settings(compat=True))
    except Halt:
        assert theirs.returncode != 0
        return
    assert theirs.returncode == 0, theirs.stderr
    assert Counter(json.dumps(one.body, sort_keys=True) for one in state.objects) == objects(theirs.stdout)
