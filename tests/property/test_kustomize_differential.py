"""Random kustomizations, built by kustomize 5.8 itself beside ours."""

import json
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from generator.finding import Halt
from generator.overlay import build, settings
from tests.conformance.kustomize import objects
from tests.property.kustomize_features import FEATURES, Features
from tests.property.kustomize_random import Maker
from tests.property.record_features import kustomized
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


def ours(folder: Path) -> Counter[str] | None:
    """The objects we build as kustomize does; None where we refuse."""
    try:
        state = build(folder / "over", "over", settings(compat=True))
    except Halt:
        return None
    return Counter(json.dumps(one.body, sort_keys=True) for one in state.objects)


@pytest.mark.property
@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_objects(tmp_path, seed):
    program = kustomize()
    write(tmp_path, Maker(seed).files())
    theirs = kustomized(program, tmp_path)
    assert ours(tmp_path) == (None if theirs is None else objects(theirs))


@pytest.mark.property
@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_objects_of_each_feature(tmp_path, seed):
    """What kustomize writes silently wrong into text is refused: a value that is not of the type it replaces."""
    program = kustomize()
    write(tmp_path, Features(seed).files())
    theirs, made = kustomized(program, tmp_path), ours(tmp_path)
    if made is None and theirs is not None and FEATURES[seed % len(FEATURES)] == "replacements":
        with pytest.raises(Halt, match="it holds a"):
            build(tmp_path / "over", "over", settings(compat=True))
        return
    assert made == (None if theirs is None else objects(theirs))
