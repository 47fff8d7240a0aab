"""Many cases on admission policies asked at once: each looks at an object of its own name, so none disturbs another."""

from collections.abc import Iterator, Sequence
from typing import Any

from tests.e2e.apiserver.audited import asked, said
from tests.e2e.apiserver.cluster import Manifest, in_force, remove, require
from tests.e2e.apiserver.combinations import NAMESPACES
from tests.support.apiserver import ApiServer


def answers(server: ApiServer, made: Sequence[Manifest]) -> Iterator[tuple[Manifest, dict[str, Any]]]:
    """Each case with all that the server says of its request, in the form of the recordings."""
    around: list[Manifest] = []
    policies: list[Manifest] = []
    for namespace in NAMESPACES:
        require(server.apply(namespace, "bench", force=True), namespace)
    try:
        for case in made:
            request = case["request"]
            around += [*filter(None, [request.get("oldObject")]), *(request.get("params") or ())]
        for manifest in around:
            require(server.create(manifest), manifest)
        refused = {case["id"]: _stored(server, case["request"], policies) for case in made}
        in_force(server)
        for case in made:
            yield case, refused[case["id"]] or said(server, asked(server, case["request"]))
    finally:
        remove(server, policies)
        in_force(server)
        remove(server, around)


def _stored(server: ApiServer, request: Manifest, policies: list[Manifest]) -> Manifest:
    """Store a case's policy and bindings; what the recordings have of one that is refused, else nothing."""
    for manifest in (*request["policies"], *request["bindings"]):
        answer = server.create(manifest)
        if not answer.ok:
            return {"stored": False, "message": answer.message}
        policies.append(manifest)
    return {}
