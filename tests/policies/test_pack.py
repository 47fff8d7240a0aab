"""The policies that ship: every case of every policy, and no way through one, and no mistake in one, without a case."""

import pytest

from generator.pipeline.policies import built_in_policies, load_policies, pack_rules
from generator.testing import find_suites, run_suites
from tests.support.workspace import REPOSITORY

FOLDERS = sorted(path for path in built_in_policies().iterdir() if path.is_dir())
SECTIONS = ["What it requires", "Why", "Accepted", "Rejected", "How to fix"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_cases(folder):
    found = find_suites([folder], (1, 36))
    tested = run_suites(found.suites, coverage=True, mutate=True)
    assert [f"{f.at}: {f.message}" for f in (*found.findings, *tested.findings)] == []
    assert tested.cases >= 2
    assert tested.covered == tested.validations >= 1
    assert tested.noticed == tested.mutants > tested.validations
    assert tested.gone == tested.ways


@pytest.mark.parametrize("minor", range(30, 38))
def test_every_supported_version_stores_them(minor):
    assert list(find_suites([built_in_policies()], (1, minor)).findings) == []


def test_the_rules_are_all_there():
    assert [rule.code for rule in pack_rules()] == [f"QATP-{number:03}" for number in range(1, 49)]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_pages_have_the_same_form(folder):
    lines = (folder / "README.md").read_text().splitlines()
    assert [line.removeprefix("## ") for line in lines if line.startswith("## ")] == SECTIONS


def test_names_and_messages_are_ones_the_cluster_takes(tmp_path):
    for policy in load_policies(tmp_path, ""):
        assert policy.name.startswith("qatp-")
        assert (REPOSITORY / policy.folder).is_dir()
        for validation in policy.policy.data["spec"]["validations"]:
            assert validation.get("message") or validation.get("messageExpression"), policy.name
            assert "\n" not in validation.get("message", "")
        assert policy.rule.summary
        assert policy.hint
