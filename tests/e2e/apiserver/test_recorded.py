"""The recorded cases on admission policies, asked of a live server again, and of ourselves."""

import json
from collections import Counter
from typing import Any

from tests.conformance import vap
from tests.e2e.apiserver.audited import apart, asked, said
from tests.e2e.apiserver.cluster import Manifest, in_force, remove, require
from tests.support.apiserver import ApiServer
from tests.support.parity import Row, record
from tests.support.shared import shared_path


def not_expressible(case: dict[str, Any]) -> str:
    """Why no server can be brought into the state of a case; nothing where one can."""
    request = case["request"]
    if request.get("paramScope") in {"Missing", "Cluster"}:
        return "its parameter kind, ConfigMap, has a scope that no server gives it"
    return ""


def test_the_live_server_says_what_was_recorded_and_what_we_say(audited: ApiServer) -> None:
    cases = json.loads(shared_path("cases/vap.json").read_text("utf-8"))["cases"]
    misses: list[str] = []
    changed: list[str] = []
    left: Counter[str] = Counter()
    for case in cases:
        reason = not_expressible(case)
        if reason:
            left[reason] += 1
            continue
        live = _live(audited, case["request"])
        misses += [f"{case['id']}: {line}" for line in apart(vap.answer(case), live, "ours")]
        changed += [f"{case['id']}: {line}" for line in apart(case["verdict"], live, "recorded")]
    put = len(cases) - sum(left.values())
    what = "recorded cases on admission policies, asked again: verdict, reason, code, message, warnings, audit"
    record(
        "apiserver-recorded", [Row("API server", what, f"kube-apiserver {audited.version}", put, misses, dict(left))]
    )
    assert misses == []
    assert changed == []
    assert put > 60


def _live(server: ApiServer, request: dict[str, Any]) -> dict[str, Any]:
    """Bring the server into the state of a case, ask, and take everything away again."""
    around = [_storable(manifest) for manifest in request["namespaces"] if not _stands(server, manifest)]
    around += [*(request.get("params") or ()), *filter(None, [request.get("oldObject")])]
    if around:  # what the case before was judged by judges these too, until it is out of force
        in_force(server)
    for manifest in around:
        require(server.apply(manifest, "bench", force=True), manifest)
    policies: list[Manifest] = []
    try:
        for manifest in (*request["policies"], *request["bindings"]):
            answer = server.create(manifest)
            if not answer.ok:
                return {"stored": False, "message": answer.message}
            policies.append(manifest)
        in_force(server)
        return said(server, asked(server, request))
    finally:
        remove(server, policies)
        left = [one for one in around if one["kind"] != "Namespace"]
        if policies and left:
            in_force(server)
        remove(server, left)


def _stands(server: ApiServer, manifest: Manifest) -> bool:
    """Whether a namespace of these labels and annotations is there."""
    stored = server.get(manifest)
    wanted = manifest["metadata"]
    return stored.ok and all(
        (wanted.get(key) or {}).items() <= stored.body["metadata"].get(key, {}).items()
        for key in ("labels", "annotations")
    )


def _storable(manifest: Manifest) -> Manifest:
    """A manifest without what only a server gives."""
    metadata = {key: value for key, value in manifest["metadata"].items() if key != "uid"}
    return {**manifest, "metadata": metadata}
