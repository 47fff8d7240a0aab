"""The end of a run says what was left out and how to have it."""

import pytest

from tests.support.shared import shared_path
from tests.support.skipped import left_out

pytest_plugins = ["pytester"]


def reason_of(path: str) -> str:
    with pytest.raises(pytest.skip.Exception) as skipped:
        shared_path(path)
    return f"Skipped: {skipped.value}"


def test_reasons_are_counted(monkeypatch, tmp_path):
    monkeypatch.setenv("QATGEN_SHARED", str(tmp_path))
    reasons = [reason_of("cases/a.json"), reason_of("crds/b.yaml"), "Skipped: git is not there"]
    reasons += ["Skipped: no etcd on PATH nor in /x: run `make e2e-assets`"] * 1200
    lines = list(left_out(reasons))
    assert lines[0] == (
        f"2 tests not run: they compare with recorded answers and CRDs, and {tmp_path} has not all of them"
    )
    assert "QATGEN_SHARED" in lines[1]
    assert lines[2].startswith("1,200 tests not run: they compare with programs of a cluster")
    assert "make e2e-assets" in lines[3]
    assert lines[4:] == ["1 test not run: git is not there"]


def test_nothing_is_said_where_nothing_was_skipped():
    assert list(left_out([])) == []


def test_a_run_ends_with_it(pytester, monkeypatch):
    monkeypatch.setenv("QATGEN_SHARED", "/nowhere")
    pytester.makeconftest("from tests.conftest import pytest_terminal_summary  # noqa: F401")
    pytester.makepyfile("from tests.support.shared import shared_path\ndef test_x(): shared_path('cases/x.json')\n")
    result = pytester.runpytest_inprocess("-q", "-p", "no:cacheprovider", "-p", "no:randomly")
    result.stdout.fnmatch_lines(["*not run*", "1 test not run: *recorded answers*/nowhere*", "*set QATGEN_SHARED*"])
