"""A cluster's state on the bench: CRDs served, namespaces there, policies in force."""

import itertools
import time
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from generator.location import Span
from generator.schema import extend_crd
from generator.source import Dialect, read_file
from tests.support.apiserver import Answer, ApiServer, ServerError
from tests.support.shared import shared_path

Manifest = dict[str, Any]

_SECONDS = 30
_REGISTRATION = "admissionregistration.k8s.io/v1"
_MARKER = "zz-in-force"
_NUMBERS = itertools.count(1)
_KUBEVIRT = ("kubevirt.io", "pool.kubevirt.io", "snapshot.kubevirt.io", "instancetype.kubevirt.io")
POLICY, BINDING = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"


def documents(folder: Path) -> Iterator[tuple[str, Manifest]]:
    """Every manifest below a folder, with its file's name; kustomizations are no objects of a cluster."""
    for path in sorted(folder.rglob("*.yaml")):
        shown = path.relative_to(folder).as_posix()
        for document in read_file(path, shown, Dialect.KUBERNETES):
            if not str(document.data["apiVersion"]).startswith("kustomize.config.k8s.io/"):
                yield shown, document.data


@cache
def upstream_crds(*, extended: bool) -> tuple[Manifest, ...]:
    """The CRDs of every project whose kinds we render; KubeVirt's with the note's `devices.qats` where asked."""
    folder = shared_path("crds")
    found = [data for _, data in documents(folder) if data["kind"] == "CustomResourceDefinition"]
    if not extended:
        return tuple(found)
    return tuple(extend_crd(crd, Span("crd")).crd if crd["spec"]["group"] in _KUBEVIRT else crd for crd in found)


def serve(server: ApiServer, crds: Iterable[Manifest]) -> None:
    """Store CRDs and wait until the server serves their kinds in every version; raises ServerError with its words."""
    taken = list(crds)
    for crd in taken:
        require(server.create(crd), crd)
    for crd in taken:
        names, group = crd["spec"]["names"], crd["spec"]["group"]
        for version in (one["name"] for one in crd["spec"]["versions"] if one["served"]):
            prefix = f"/apis/{group}/{version}/{names['plural']}"
            _until(lambda prefix=prefix: server.request("GET", prefix, query={"limit": "1"}).ok, prefix)
            listed = f"{group}/{version}", names["kind"]
            _until(lambda listed=listed: server.serves(*listed), f"{listed} is listed")


def keep_parameters(server: ApiServer) -> None:
    """Keep one binding with a ConfigMap for a parameter, for good.

    Once none is left a server's view of ConfigMaps freezes, and policies that come later read what was (Kubernetes
    issues 130887 and 133827).
    """
    metadata = {"name": "zz-keeps-parameters"}
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["DELETE"], "resources": ["nodes"]}
    policy = {
        "apiVersion": _REGISTRATION,
        "kind": POLICY,
        "metadata": metadata,
        "spec": {
            "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
            "matchConstraints": {"resourceRules": [rule]},
            "validations": [{"expression": "true"}],
        },
    }
    reference = {"name": "none", "namespace": "default", "parameterNotFoundAction": "Allow"}
    spec = {"policyName": metadata["name"], "paramRef": reference, "validationActions": ["Deny"]}
    for manifest in (policy, {"apiVersion": _REGISTRATION, "kind": BINDING, "metadata": metadata, "spec": spec}):
        require(server.create(manifest), manifest)


def namespace(server: ApiServer, name: str) -> None:
    """A namespace, where it is not there yet."""
    answer = server.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    if answer.status != 409:
        require(answer, {"kind": "Namespace", "metadata": {"name": name}})


def in_force(server: ApiServer) -> None:
    """Wait until every policy and binding written before this, or deleted, is what the server judges by.

    A policy of our own is written last; it warns of a number no other call has used.
    """
    number = next(_NUMBERS)
    match = {
        "resourceRules": [
            {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
        ]
    }
    policy = {
        "apiVersion": _REGISTRATION,
        "kind": POLICY,
        "metadata": {"name": _MARKER},
        "spec": {
            "failurePolicy": "Ignore",
            "matchConstraints": match,
            "matchConditions": [{"name": "marker", "expression": f"request.name == '{_MARKER}'"}],
            "validations": [{"expression": "false", "message": f"in force {number}"}],
        },
    }
    binding = {
        "apiVersion": _REGISTRATION,
        "kind": BINDING,
        "metadata": {"name": _MARKER},
        "spec": {"policyName": _MARKER, "validationActions": ["Warn"]},
    }
    for manifest in (policy, binding):
        require(server.apply(manifest, "bench", force=True), manifest)
    asked = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": _MARKER, "namespace": "default"}}

    def answers() -> bool:
        said = server.create(asked, dry_run=True).warnings
        return any(warning.endswith(f": in force {number}") for warning in said)

    _until(answers, "the policies are in force")


def over(manifest: Manifest, stored: Answer) -> Manifest:
    """A manifest that asks to replace the stored object it names, whatever was stored last."""
    version = stored.body["metadata"]["resourceVersion"]
    return {**manifest, "metadata": {**manifest["metadata"], "resourceVersion": version}}


def require(answer: Answer, manifest: Manifest) -> None:
    """Raise ServerError with the server's words where it did not take an object."""
    if not answer.ok:
        name = manifest.get("metadata", {}).get("name", "")
        raise ServerError(f"{manifest.get('kind')} {name}: {answer.status} {answer.message or answer.body}")


def _until(done: Any, what: str) -> None:
    end = time.monotonic() + _SECONDS
    while not done():
        if time.monotonic() > end:
            raise ServerError(f"waited {_SECONDS} s in vain: {what}")
        time.sleep(0.05)


def remove(server: ApiServer, manifests: Iterable[Manifest]) -> None:
    """Take stored objects away, policies and their parameters last in first out; what is not there is passed over.

    A namespace goes at once: nobody is here to empty it first.
    """
    for manifest in reversed(list(manifests)):
        answer = server.delete(manifest)
        if answer.status == 404:
            continue
        require(answer, manifest)
        if manifest["kind"] == "Namespace":
            left = {**answer.body, "spec": {"finalizers": []}}
            require(server.request("PUT", server.path(manifest) + "/finalize", left), manifest)


def in_sight(server: ApiServer, param: Manifest) -> None:
    """Wait until policies that take this stored object for a parameter see it as it is now.

    All policies of one parameter kind look through one cache; a policy of our own tells what is in it.
    """
    version = server.get(param).body["metadata"]["resourceVersion"]
    name = f"zz-sees-{param['kind'].lower()}"
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
    policy = {
        "apiVersion": _REGISTRATION,
        "kind": POLICY,
        "metadata": {"name": name},
        "spec": {
            "failurePolicy": "Ignore",
            "paramKind": {"apiVersion": param["apiVersion"], "kind": param["kind"]},
            "matchConstraints": {"resourceRules": [rule]},
            "matchConditions": [{"name": "marker", "expression": f"request.name == '{_MARKER}'"}],
            "validations": [
                {"expression": "false", "messageExpression": "'sees ' + params.metadata.resourceVersion"},
            ],
        },
    }
    reference = {**{key: param["metadata"][key] for key in ("name", "namespace")}, "parameterNotFoundAction": "Allow"}
    binding = {
        "apiVersion": _REGISTRATION,
        "kind": BINDING,
        "metadata": {"name": name},
        "spec": {"policyName": name, "paramRef": reference, "validationActions": ["Warn"]},
    }
    for manifest in (policy, binding):
        require(server.apply(manifest, "bench", force=True), manifest)
    asked = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": _MARKER, "namespace": "default"}}
    _until(
        lambda: any(w.endswith(f": sees {version}") for w in server.create(asked, dry_run=True).warnings),
        f"policies see {param['kind']} {param['metadata']['name']}",
    )
