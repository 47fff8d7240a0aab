"""Rules of a CRD about changes judge the way from what was delivered last, as the API server will."""

import json
import shutil
import subprocess

import pytest

from tests.support.changes import CHANGES, crd, instance
from tests.support.workspace import SMALL, qatgen, tree, write

NUMBER = next(number for number, change in enumerate(CHANGES) if change.name == "a number that shrinks")
KUSTOMIZATION = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [thing.yaml]\n"


def git(folder, *arguments):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def thing(number):
    return json.dumps(instance(NUMBER, {"n": number}))


@pytest.fixture
def delivered(tmp_path):
    if shutil.which("git") is None:
        pytest.skip("git is not there")
    files = {
        "spec.yaml": SMALL,
        "schemas/crd.json": json.dumps(crd(NUMBER, CHANGES[NUMBER])),
        "overlays/default/kustomization.yaml": KUSTOMIZATION,
        "overlays/default/thing.yaml": thing(2),
    }
    write(tmp_path, files)
    result = qatgen(tmp_path, "render", "-q")
    assert result.code == 0, result.err
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "delivered")
    return tmp_path


def test_a_change_that_the_schema_forbids(delivered):
    before = tree(delivered / "rendered")
    write(delivered, {"overlays/default/thing.yaml": thing(1)})
    result = qatgen(delivered, "render", "--color", "never")
    assert result.code == 1
    told = "spec.n: Invalid value: 1: no (when the object of the last delivery is changed)"
    assert f"error[SCH021 validation-rule]: {told}" in result.err
    assert tree(delivered / "rendered") == before
    write(delivered, {"overlays/default/thing.yaml": thing(3)})
    assert qatgen(delivered, "render", "-q").code == 0


def test_validate_says_the_same_of_an_edited_tree(delivered):
    (path,) = (p for p in (delivered / "rendered").rglob("*.yaml") if "kind: Change" in p.read_text())
    path.write_text(path.read_text().replace(": 2", ": 1"))
    result = qatgen(delivered, "validate", "--color", "never")
    assert (result.code, "of the last delivery is changed" in result.err) == (1, True)
