"""A server that keeps an audit log, and all that it says of a request: verdict, warnings, audit annotations."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.apiserver.cluster import Manifest, keep_parameters, over, require, serve
from tests.support.apiserver import Answer, ApiServer, api_server

USER = {"Impersonate-User": "kubernetes-admin", "Impersonate-Group": "bench"}
_VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "allowed"]
_FIELDS = ("allowed", "reason", "code", "message", "warnings", "audit")
_FOREIGN = ("apiserver.latency.k8s.io/", "pod-security.kubernetes.io/", "authorization.k8s.io/")
"""Beginnings of audit annotations that are not of policies."""


@contextmanager
def audited_server(folder: Path) -> Iterator[ApiServer]:
    """A server that keeps an audit log, with a user who may do everything and the verb `allowed`, and no other."""
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


def apart(mine: dict[str, Any], live: dict[str, Any], whose: str) -> Iterator[str]:
    """Where two answers differ; of policies that are not stored only that is compared."""
    if not mine.get("stored", True) or not live.get("stored", True):
        if mine.get("stored", True) != live.get("stored", True):
            yield f"{whose} {mine}, live {live}"
        return
    for field in _FIELDS:
        if mine.get(field) != live.get(field):
            yield f"{field}: {whose} {mine.get(field)!r}, live {live.get(field)!r}"


def asked(server: ApiServer, request: dict[str, Any]) -> Answer:
    """Put the request of a case, as a dry run."""
    data, old = request.get("object") or {}, request.get("oldObject") or {}
    match request["operation"]:
        case "CREATE":
            return server.create(data, dry_run=True, headers=USER)
        case "UPDATE":
            return server.update(over(data, server.get(old)), dry_run=True, headers=USER)
        case "DELETE":
            return server.delete(old, dry_run=True, headers=USER)
        case other:
            raise ValueError(other)


def said(server: ApiServer, answer: Answer) -> dict[str, Any]:
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
