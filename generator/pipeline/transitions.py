"""What policies and schemas say of the way from what was delivered last to what is rendered now."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator.finding import Halt
from generator.manifest import identify
from generator.pipeline.admission import compiled_policies, readable_bindings
from generator.pipeline.head import head_of
from generator.pipeline.inputs import one_object
from generator.pipeline.proof import Objection, Prover
from generator.policy import policy_set
from generator.policy.judging import looks_back


def transitions(delivered: Path, now: Path, prover: Prover) -> Iterator[Objection]:
    """Objections to changes and deletions: `delivered` is the folder at git HEAD, `now` where the new tree stands.

    Git is asked only where a policy looks at the stored object or at the operation, or a schema has a rule about
    changes; without git nothing is told.
    """
    admission = prover.settings.admission
    bindings = readable_bindings(admission) if admission is not None else ()
    policies = policy_set(compiled_policies(admission) if admission is not None else (), bindings)
    if not looks_back(policies) and not prover.store.looks_back():
        return
    head = head_of(delivered)
    if head is None:
        return
    for path, before, after in head.changes(now):
        if not path.endswith(".yaml"):
            continue
        old, new = _object(before, path), None if after is None else _object(after, path)
        if old is None:
            continue
        same = new is not None and identify(old) == identify(new)
        yield from prover.changes(old, new if same else None)


def _object(raw: bytes, shown: str) -> dict[str, Any] | None:
    """The one object of a file; None for a kustomization, and for files that cannot be read or hold none or several."""
    try:
        data = one_object(raw, shown)
    except Halt:
        return None
    return data if data is not None and data.get("kind") not in (None, "Kustomization") else None
