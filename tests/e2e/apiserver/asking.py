"""Ask a server to create an object of a built-in kind, and hold its answer against ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from generator.location import format_path
from generator.schema import SchemaStore, Status, Violation
from tests.support.apiserver import ApiServer
from tests.support.words import same_words

Manifest = dict[str, Any]
KUBERNETES = "1.36"
STAYS = {
    "LimitRange: metadata.name": "the server draws a name, a delivery needs one",
    "spec.jobTemplate.metadata.labels": "labels of a Job that the server looks at when the Job is made",
}
"""Words by which a disagreement on a verdict that stays is known; docs/parity.md has the reasons."""
_OF_A_CLUSTER = ("not configured on this cluster", "failed to allocate IP")
_DRAWN = "spec.healthCheckNodePort"
"""A port that a dry run draws, beyond the range of ports where a node port is."""
_NOT_ASKED = (403, 500)
"""Admission plugins of the bench answer before validation does; some objects make a server panic."""


@dataclass(frozen=True)
class Said:
    """What a server said: whether it accepts an object, else each field with its words; None where it cannot be asked."""

    accepted: bool | None
    causes: tuple[tuple[str, str], ...] = ()
    message: str = ""


def ask(server: ApiServer, data: Manifest) -> Said:
    """POST an object, strictly and without storing it, where a client would."""
    served = server.served(data["apiVersion"], data["kind"])
    own = (data.get("metadata") or {}).get("namespace") or "default"
    path = f"{served.prefix}/namespaces/{own}" if served.namespaced else served.prefix
    query = {"fieldValidation": "Strict", "dryRun": "All"}
    try:
        answer = server.request("POST", f"{path}/{served.plural}", data, query=query)
    except (HTTPException, OSError) as error:  # it closes the connection on which it panics
        server.close()
        return Said(None, message=repr(error))
    if answer.status in _NOT_ASKED:
        return Said(None, message=answer.message)
    if answer.ok or answer.status == 409:
        return Said(accepted=True)
    causes = (answer.body.get("details") or {}).get("causes") or []
    if any(word in cause["message"] for cause in causes for word in _OF_A_CLUSTER):
        return Said(None, message="what only a cluster knows")
    if [cause.get("field") for cause in causes] == [_DRAWN] and "healthCheckNodePort" not in data["spec"]:
        return Said(None, message="what a dry run draws")
    return Said(False, tuple((cause.get("field", ""), cause["message"]) for cause in causes), answer.message)


def ours(store: SchemaStore, data: Manifest) -> tuple[Violation, ...]:
    """What we have against an object."""
    outcome = store.validate(data, KUBERNETES)
    return () if outcome.status is Status.VALID else outcome.violations


def agree(causes: Sequence[tuple[str, str]], found: Sequence[Violation]) -> bool:
    """Whether both say the same, places aside: ours are deeper."""
    return same_words((text for _, text in causes), (one.message for one in found))


def described(what: str, said: Said, found: Sequence[Violation]) -> str:
    """A disagreement in one line."""
    shown = [f"{format_path(one.path)}: {one.message}" for one in found[:3]]
    return f"{what}: the server {'accepts it' if said.accepted else said.causes or said.message[:300]}, ours {shown}"
