"""The recorded cases on admission policies, asked of a live server again, and of ourselves."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import vap
from tests.e2e.apiserver.cluster import Manifest, in_force, keep_parameters, over, remove, require, serve
from tests.support.apiserver import Answer, ApiServer, api_server
from tests.support.parity import Row, record
from tests.support.shared import shared_path

_USER = {"Impersonate-User": "kubernetes-admin", "Impersonate-Group": "bench"}
_VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "allowed"]
_FIELDS = ("allowed", "reason", "code", "message", "warnings", "audit")
_FOREIGN = ("apiserver.latency.k8s.io/", "pod-security.kubernetes.io/", "authorization.k8s.io/")
"""Beginnings of audit annotations that are not of policies."""


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A server that keeps an audit log, with a user who may do everything and the verb `allowed`, and no other."""
    folder = tmp_path_factory.mktemp("audited")
    policy = folder / "audit.json"
    rules = [{"level": "Metadata", "omitStages": ["RequestReceived"]}]
    policy.write_text(json.dumps({"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": rules}))
    log = folder / "audit.log"
    with api_server(folder / "server", f"--audit-policy-file={policy}", f"--audit-log-path={log}") as server:
        keep_parameters(server)
        serve(server, [_crd("foos", "Foo")])
        for manifest in _rights():
            require(server.create(manifest), manifest)
        yield server


def _crd(plural: str, kind: str) -> Manifest:
    """A custom kind whose fields nobody has described, as the recordings' `untyped` is."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"}
    spec = {"group": "x.io", "names": names, "scope": "Namespaced", "versions": [version]}
    metadata = {"name": f"{plural}.x.io"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": metadata,
        "spec": spec,
    }


def _rights() -> Iterator[Manifest]:
    group = "rbac.authorization.k8s.io"
    head = {"apiVersion": f"{group}/v1", "metadata": {"name": "bench"}}
    yield {**head, "kind": "ClusterRole", "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": _VERBS}]}
    subjects = [{"kind": "Group", "name": "bench", "apiGroup": group}]
    role = {"apiGroup": group, "kind": "ClusterRole", "name": "bench"}
    yield {**head, "kind": "ClusterRoleBinding", "subjects": subjects, "roleRef": role}


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
        misses += [f"{case['id']}: {line}" for line in _apart(vap.answer(case), live, "ours")]
        changed += [f"{case['id']}: {line}" for line in _apart(case["verdict"], live, "recorded")]
    asked = len(cases) - sum(left.values())
    what = "recorded cases on admission policies, asked again: verdict, reason, code, message, warnings, audit"
    record(
        "apiserver-recorded", [Row("API server", what, f"kube-apiserver {audited.version}", asked, misses, dict(left))]
    )
    assert misses == []
    assert changed == []
    assert asked > 60


def _apart(mine: dict[str, Any], live: dict[str, Any], whose: str) -> Iterator[str]:
    """Where two answers differ; of policies that are not stored only that is compared."""
    if not mine.get("stored", True) or not live.get("stored", True):
        if mine.get("stored", True) != live.get("stored", True):
            yield f"{whose} {mine}, live {live}"
        return
    for field in _FIELDS:
        if mine.get(field) != live.get(field):
            yield f"{field}: {whose} {mine.get(field)!r}, live {live.get(field)!r}"


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
        return _said(server, _asked(server, request))
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


def _asked(server: ApiServer, request: dict[str, Any]) -> Answer:
    data, old = request.get("object") or {}, request.get("oldObject") or {}
    match request["operation"]:
        case "CREATE":
            return server.create(data, dry_run=True, headers=_USER)
        case "UPDATE":
            return server.update(over(data, server.get(old)), dry_run=True, headers=_USER)
        case "DELETE":
            return server.delete(old, dry_run=True, headers=_USER)
        case other:
            raise ValueError(other)


def _said(server: ApiServer, answer: Answer) -> dict[str, Any]:
    """An answer in the form of the recordings, with what the audit log has of it."""
    said: dict[str, Any] = {"allowed": answer.ok}
    if not answer.ok:
        said |= {"reason": answer.reason, "code": answer.status, "message": answer.message}
    warnings = [warning for warning in answer.warnings if "in force" not in warning]
    if warnings:
        said["warnings"] = warnings
    audit = {key: value for key, value in _annotations(server, answer).items() if not key.startswith(_FOREIGN)}
    return {**said, "audit": audit} if audit else said


def _annotations(server: ApiServer, answer: Answer) -> dict[str, str]:
    log = Path(server.folder.parent / "audit.log").read_text("utf-8")
    found = [line for line in log.splitlines() if answer.audit_id in line]
    assert answer.audit_id, "the server did not say where the answer stands in its log"
    assert found, f"no {answer.audit_id} in the audit log"
    annotations: dict[str, str] = json.loads(found[-1]).get("annotations") or {}
    return annotations
