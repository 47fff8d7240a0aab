"""Policies of every part in many combinations: what we say of a request is all that a real API server says."""

from tests.conformance import vap
from tests.e2e.apiserver.audited import apart
from tests.e2e.apiserver.combinations import cases
from tests.e2e.apiserver.combined import answers
from tests.e2e.apiserver.namespaces import CASES
from tests.e2e.apiserver.namespaces import cases as of_namespaces
from tests.support.apiserver import ApiServer
from tests.support.parity import Row, record

_SEED = 7
COUNT = 800


def test_what_we_say_is_what_the_server_says(audited: ApiServer) -> None:
    misses: list[str] = []
    denied = 0
    for case, live in answers(audited, list(cases(_SEED, COUNT))):
        denied += live.get("allowed") is False
        misses += [f"{case['id']}: {line}" for line in apart(vap.answer(case), live, "ours")]
    what = "policies of every part in many combinations: verdict, reason, code, message, warnings, audit"
    record("apiserver-combinations", [Row("API server", what, f"kube-apiserver {audited.version}", COUNT, misses)])
    assert misses == []
    assert COUNT // 8 < denied < COUNT // 2


def test_requests_about_namespaces_are_judged_as_the_server_judges_them(audited: ApiServer) -> None:
    misses: list[str] = []
    for case, live in answers(audited, list(of_namespaces())):
        misses += [f"{case['id']}: {line}" for line in apart(vap.answer(case), live, "ours")]
    what = "policies on namespaces and objects in none: verdict, reason, code, message"
    record("apiserver-namespaces", [Row("API server", what, f"kube-apiserver {audited.version}", len(CASES), misses)])
    assert misses == []
