"""Policies of every part in many combinations: what we say of a request is all that a real API server says."""

from tests.conformance import vap
from tests.e2e.apiserver.audited import apart, asked, said
from tests.e2e.apiserver.cluster import Manifest, in_force, remove, require
from tests.e2e.apiserver.combinations import NAMESPACES, cases
from tests.support.apiserver import ApiServer
from tests.support.parity import Row, record

_SEED = 7
COUNT = 800


def test_what_we_say_is_what_the_server_says(audited: ApiServer) -> None:
    made = list(cases(_SEED, COUNT))
    around: list[Manifest] = []
    policies: list[Manifest] = []
    for namespace in NAMESPACES:
        require(audited.apply(namespace, "bench", force=True), namespace)
    try:
        for case in made:
            request = case["request"]
            around += [*(request.get("params") or ()), *filter(None, [request.get("oldObject")])]
        for manifest in around:
            require(audited.create(manifest), manifest)
        stored = {case["id"]: _stored(audited, case["request"], policies) for case in made}
        in_force(audited)
        misses: list[str] = []
        denied = 0
        for case in made:
            refusal = stored[case["id"]]
            live = refusal or said(audited, asked(audited, case["request"]))
            denied += live.get("allowed") is False
            misses += [f"{case['id']}: {line}" for line in apart(vap.answer(case), live, "ours")]
    finally:
        remove(audited, policies)
        in_force(audited)
        remove(audited, around)
    what = "policies of every part in many combinations: verdict, reason, code, message, warnings, audit"
    record("apiserver-combinations", [Row("API server", what, f"kube-apiserver {audited.version}", COUNT, misses)])
    assert misses == []
    assert COUNT // 8 < denied < COUNT // 2


def _stored(server: ApiServer, request: Manifest, policies: list[Manifest]) -> Manifest:
    """Store a case's policy and bindings; what the recordings have of one that is refused, else nothing."""
    for manifest in (*request["policies"], *request["bindings"]):
        answer = server.create(manifest)
        if not answer.ok:
            return {"stored": False, "message": answer.message}
        policies.append(manifest)
    return {}
