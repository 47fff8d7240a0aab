"""Recorded verdicts of the API server on admission policies, against ours: `python -m tests.conformance.vap FILE`.

Every case of the file is counted; a case passes when all that it records agrees: stored or refused, allowed, reason,
code, message, warnings and audit annotations. The exact text of a refusal to store is not compared. Ends with a line
`N passed, M failed`.
"""

import sys
from typing import Any

from generator.cel import Check
from generator.policy import (
    Cluster,
    CompiledPolicy,
    Request,
    Resource,
    binding_problems,
    compile_policy,
    judge,
    policy_set,
    read_binding,
)
from tests.conformance.outcome import run

_TARGET = (1, 36)
_COMPARED = ("allowed", "reason", "code", "message", "warnings", "audit")


def authorize(check: Check) -> bool:
    """The recordings' authorizer: exactly the verb `allowed` is."""
    return check.verb == "allowed"


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """Our verdict, in the form of the file."""
    request = case["request"]
    compiled = [compile_policy(policy, _TARGET) for policy in request["policies"]]
    good = [policy for policy in compiled if isinstance(policy, CompiledPolicy)]
    refused = [str(problem) for policy in compiled if not isinstance(policy, CompiledPolicy) for problem in policy]
    refused += [str(problem) for binding in request["bindings"] for problem in binding_problems(binding)]
    if refused:
        return {"stored": False, "message": refused[0]}
    given = request["resource"]
    resource = Resource(
        given["group"], given["version"], given["resource"], given["kind"], namespaced=bool(request.get("namespace"))
    )
    scope = request.get("paramScope")
    kinds = [policy.spec.param_kind for policy in good if policy.spec.param_kind]
    cluster = Cluster(
        minor=_TARGET[1],
        namespaces={namespace["metadata"]["name"]: namespace for namespace in request["namespaces"]},
        params=request.get("params") or (),
        complete=True,
        authorize=authorize,
        param_scopes={f"{api_version}/{kind}": scope for api_version, kind in kinds} if scope else {},
    )
    asked = Request(
        operation=request["operation"],
        resource=resource,
        name=request["name"],
        namespace=request["namespace"],
        object=request.get("object"),
        old=request.get("oldObject"),
    )
    policies = policy_set(good, [read_binding(binding) for binding in request["bindings"]])
    verdict = judge(policies, asked, cluster)
    found: dict[str, Any] = {"allowed": verdict.allowed}
    if not verdict.allowed:
        found |= {"reason": verdict.reason, "code": verdict.code, "message": verdict.message}
    if verdict.warnings:
        found["warnings"] = verdict.warnings
    if verdict.audit:
        found["audit"] = verdict.audit
    return found


def judge_case(document: dict[str, Any], case: dict[str, Any]) -> list[str]:
    """The disagreements of one case."""
    del document
    ours, recorded = answer(case), case["verdict"]
    if "stored" in recorded or "stored" in ours:
        same = recorded.get("stored", True) == ours.get("stored", True)
        return [] if same else [f"recorded {recorded}, ours {ours}"]
    return [
        f"{key}: recorded {recorded.get(key)!r}, ours {ours.get(key)!r}"
        for key in _COMPARED
        if recorded.get(key) != ours.get(key)
    ]


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], judge_case, lambda case: str(case["id"])))
