"""Record what a live server says of generated objects of built-in kinds: `python -m tests.e2e.apiserver.record`.

Writes `tests/data/builtin_verdicts.json`, which the unit tests of those kinds read: each case is one change of a base.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator.schema.builtin import builtin_validator
from tests.e2e.apiserver.cluster import BINDING, POLICY, Manifest, namespace
from tests.e2e.apiserver.objects import generated
from tests.e2e.apiserver.projects import PROJECTS, render
from tests.support.apiserver import Answer, ApiServer, api_server
from tests.support.workspace import REPOSITORY

FILE = REPOSITORY / "tests" / "data" / "builtin_verdicts.json"
_SEEDS = (11, 12, 13)
_COUNT = 400
_KIN = (
    "Pod",
    "Deployment",
    "StatefulSet",
    "ReplicaSet",
    "Job",
    "Secret",
    "ResourceClaim",
    "MutatingWebhookConfiguration",
)
"""Kinds that are not rendered, but are checked by what is said of those that are."""
_KIN_COUNT = 800


def main() -> int:
    """Render, generate, ask, write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bases, kin = list(_bases(folder)), list(_kin())
        with api_server(folder / "server") as server:
            for own in {data["metadata"].get("namespace") or "default" for data in (*bases, *kin)}:
                namespace(server, own)
            cases = [case for seed in _SEEDS for case in _cases(server, bases, seed, _COUNT)]
            wider = list(_cases(server, kin, _SEEDS[0], _KIN_COUNT))
            about = f"kube-apiserver {server.version}, strict dry-run creations; each case changes one field of a base"
        document = {"about": about, "bases": bases, "cases": cases, "kin": kin, "kinCases": wider}
    FILE.write_text(
        json.dumps(document, indent=None, ensure_ascii=True).replace('{"base"', '\n{"base"') + "\n", "utf-8"
    )
    print(f"{len(cases)} cases, {sum(not case['ok'] for case in cases)} of them refused; {len(wider)} of kin")
    return 0


def _identity(data: Manifest) -> tuple[str, str, str]:
    group, _, version = data["apiVersion"].rpartition("/")
    return group, version, data["kind"]


def _bases(folder: Path) -> Iterator[Manifest]:
    """Two rendered objects of every built-in kind but policies, which are judged elsewhere."""
    found: dict[str, list[Manifest]] = {}
    for number, project in enumerate(PROJECTS):
        for tree in render(project, folder / str(number)).values():
            for data in tree:
                if builtin_validator(36, *_identity(data)) is not None and data["kind"] not in {POLICY, BINDING}:
                    found.setdefault(data["kind"], []).append(data)
    for objects in found.values():
        yield from (objects[0], objects[len(objects) // 2])


def _kin() -> Iterator[Manifest]:
    """The recorded objects that a server stored, of kinds that are kin to those we render."""
    recorded = json.loads((REPOSITORY / "tests" / "data" / "stored_objects.json").read_text("utf-8"))
    yield from (one["given"] for one in recorded["objects"] if one["given"]["kind"] in _KIN)


def _cases(server: ApiServer, bases: list[Manifest], seed: int, count: int) -> Iterator[dict[str, Any]]:
    found = [builtin_validator(36, *_identity(data)) for data in bases]
    pairs = [(data, one.schema) for data, one in zip(bases, found, strict=True) if one is not None]
    for number, made in enumerate(generated(pairs, seed, count)):
        base = number % len(pairs)  # objects are made from them in turn
        place = _one(pairs[base][0], made.data)
        if place is None:
            continue
        path, value = place
        answer = _asked(server, made.data)
        case: dict[str, Any] = {"base": base, "id": f"{seed}-{number} {made.what[:80]}", "path": path}
        if value is not _GONE:
            case["value"] = value
        case["ok"] = answer.ok or answer.status == 409
        if not case["ok"]:
            causes = (answer.body.get("details") or {}).get("causes") or []
            case["said"] = [[cause.get("field", ""), cause["message"]] for cause in causes] or answer.message
        yield case


def _asked(server: ApiServer, data: Manifest) -> Answer:
    served = server.served(data["apiVersion"], data["kind"])
    own = data["metadata"].get("namespace") or "default"
    path = f"{served.prefix}/namespaces/{own}" if served.namespaced else served.prefix
    return server.request("POST", f"{path}/{served.plural}", data, query={"fieldValidation": "Strict", "dryRun": "All"})


_GONE = object()


def _one(base: Any, changed: Any) -> tuple[list[Any], Any] | None:
    """The one place in which two objects differ: its path, and what stands there now; None where there is no one place."""
    if isinstance(base, dict) and isinstance(changed, dict):
        keys = [
            key for key in {**base, **changed} if key not in base or key not in changed or base[key] != changed[key]
        ]
        if len(keys) != 1:
            return ([], changed) if keys else None
        key = keys[0]
        if key not in changed:
            return [key], _GONE
        if key not in base:
            return [key], changed[key]
        below = _one(base[key], changed[key])
        return ([key, *below[0]], below[1]) if below else None
    if isinstance(base, list) and isinstance(changed, list) and len(base) == len(changed):
        places = [index for index, pair in enumerate(zip(base, changed, strict=True)) if pair[0] != pair[1]]
        if len(places) == 1:
            below = _one(base[places[0]], changed[places[0]])
            return ([places[0], *below[0]], below[1]) if below else None
    return ([], changed) if type(base) is not type(changed) or base != changed else None


if __name__ == "__main__":
    sys.exit(main())
