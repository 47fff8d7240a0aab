"""Recorded answers of KubeVirt's own code, against ours: `python -m tests.conformance.kubevirt FILE [--only PARTS]`.

PARTS is a comma list of verdict, pod and hostdevs. Every case of the file is counted; a case passes when all it
records of the chosen parts agrees, XML compared as trees. Ends with a line `N passed, M failed`.

A verdict is compared whole: kind, stage, code, reason, message, causes in their order. Where virt-api's own order is
that of a Go map, and so another one each time, the causes must be the same and the message made of them.
"""

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from generator.preview import AddressError, Cluster, RenderError, hostdev_elements, launcher_pod
from generator.virtapi import Cause, Verdict, VirtAPI, admit

PARTS = ("verdict", "pod", "hostdevs")
_TOLD = 10


def pod_of(case: dict[str, Any], kubevirts: dict[str, Any]) -> dict[str, Any]:
    """Our answer in the form of the file."""
    nothing: frozenset[str] = frozenset()
    cluster = Cluster(kubevirts[case["kubevirt"]], case["version"], claims=nothing, networks=nothing)
    try:
        pod = launcher_pod(case["object"], cluster)
    except RenderError as error:
        return {"error": str(error)}
    resources: dict[str, Any] = {"limits": dict(pod.limits), "requests": dict(pod.requests)}
    answer: dict[str, Any] = {
        "resources": resources,
        "privileged": pod.privileged,
        "runAsUser": pod.run_as_user,
        "capabilities": {key: list(names) for key, names in pod.capabilities.items()},
    }
    if pod.claims:
        resources["claims"] = [dict(claim) for claim in pod.claims]
    if pod.resource_claims:
        answer["resourceClaims"] = [dict(claim) for claim in pod.resource_claims]
    if pod.overhead is not None:
        answer["overheadBytes"] = pod.overhead
    return answer


def verdict_of(case: dict[str, Any], kubevirts: dict[str, Any]) -> Verdict:
    """Our verdict."""
    return admit(case["object"], VirtAPI.of(kubevirts[case["kubevirt"]], case["version"]))


def cause_data(cause: Cause) -> dict[str, str]:
    """A cause in the form of the file: what is empty is left out."""
    words = {"reason": cause.reason, "field": cause.field, "message": cause.message}
    return {key: value for key, value in words.items() if value}


def verdict_data(verdict: Verdict) -> dict[str, Any]:
    """A verdict in the form of the file."""
    if verdict.allowed:
        return {"allowed": True}
    answer: dict[str, Any] = {
        "allowed": False,
        "kind": verdict.kind,
        "stage": verdict.stage,
        "code": verdict.code,
        "message": verdict.message,
    }
    if verdict.reason:
        answer["reason"] = verdict.reason
    if verdict.causes:
        answer["causes"] = [cause_data(cause) for cause in verdict.causes]
    return answer


def in_any_order(verdict: Verdict, cause: dict[str, str]) -> bool:
    """Whether a cause's place among others is up to a Go map: schemas, shared claims, port ranges, labels."""
    message = cause["message"]
    return (
        verdict.stage in {"crd", "mutate"}
        or "reason" not in cause
        or ("claimName/requestName pair" in message and " between " in message)
        or message.endswith(" overlap")
        or cause.get("field", "").endswith(".matchLabels")
    )


def same_but_for_order(verdict: Verdict, recorded: dict[str, Any]) -> bool:
    """Whether a recorded refusal is ours with those causes in another order that come in any."""
    ours, theirs = [cause_data(cause) for cause in verdict.all_causes], recorded.get("causes") or []
    told = len(theirs)
    if told != min(len(ours), _TOLD if verdict.stage != "crd" else len(ours)) or not told:
        return False

    def fixed(causes: list[dict[str, str]]) -> list[dict[str, str]]:
        return [cause for cause in causes if not in_any_order(verdict, cause)]

    def loose(causes: list[dict[str, str]]) -> Counter[str]:
        return Counter(json.dumps(cause, sort_keys=True) for cause in causes if in_any_order(verdict, cause))

    if fixed(theirs) != fixed(ours)[: len(fixed(theirs))] or not loose(theirs) <= loose(ours):
        return False
    if verdict.stage == "crd":
        return bool(recorded["message"] == f"{theirs[-1]['field']}: {theirs[-1]['message']}")
    message = ", ".join(cause["message"] for cause in theirs)
    if len(ours) > _TOLD:
        message += f", and {len(ours) - _TOLD} more validation errors"
    return bool(recorded["message"] == message)


def verdict_differences(case: dict[str, Any], kubevirts: dict[str, Any]) -> Iterator[str]:
    """What disagrees with a recorded verdict."""
    verdict, recorded = verdict_of(case, kubevirts), case["verdict"]
    if not isinstance(recorded["allowed"], bool):
        raise TypeError("verdict.allowed is no boolean")
    ours = verdict_data(verdict)
    if ours == recorded:
        return
    wrong = [key for key in sorted({*ours, *recorded} - {"message", "causes"}) if ours.get(key) != recorded.get(key)]
    if not wrong and same_but_for_order(verdict, recorded):
        return
    for key in sorted({*ours, *recorded}):
        if ours.get(key) != recorded.get(key):
            yield f"verdict.{key}: {json.dumps(ours.get(key))} is ours, recorded is {json.dumps(recorded.get(key))}"


def shape(element: ET.Element) -> Any:
    """An element as data: name, attributes, text, children in order."""
    return (element.tag, dict(element.attrib), (element.text or "").strip(), [shape(child) for child in element])


def differences(case: dict[str, Any], kubevirts: dict[str, Any], parts: tuple[str, ...]) -> Iterator[str]:
    """What disagrees with the record."""
    if "verdict" in parts:
        yield from verdict_differences(case, kubevirts)
    if "pod" in parts and "pod" in case:
        ours = pod_of(case, kubevirts)
        for key in sorted({*ours, *case["pod"]}):
            if ours.get(key) != case["pod"].get(key):
                yield f"pod.{key}: {json.dumps(ours.get(key))} is ours, recorded is {json.dumps(case['pod'].get(key))}"
    if "hostdevs" in parts and "hostdevs" in case:
        try:
            elements = hostdev_elements(case["object"], case.get("pciAddresses") or {}, version=case["version"])
            mine: Any = [shape(element) for element in elements]
        except AddressError as error:
            mine = str(error)
        recorded = [shape(ET.fromstring(text)) for text in case["hostdevs"]]
        if mine != recorded:
            yield f"hostdevs: {mine} is ours, recorded is {recorded}"


def load(file: Path) -> dict[str, Any]:
    """A file of cases, compressed or not."""
    raw = file.read_bytes()
    document: dict[str, Any] = json.loads(gzip.decompress(raw) if file.suffix == ".gz" else raw)
    return document


def named(number: int, case: Any) -> str:
    """How a case is called in the report, malformed or not."""
    if not isinstance(case, dict):
        return f"{number} (?)"
    return f"{case.get('id', number)} ({case.get('version', '?')}, {case.get('kubevirt', '?')})"


def main() -> int:
    """Run every case of a file."""
    parser = argparse.ArgumentParser(prog="tests.conformance.kubevirt")
    parser.add_argument("file", type=Path)
    parser.add_argument("--only", default=",".join(PARTS))
    arguments = parser.parse_args()
    parts = tuple(arguments.only.split(","))
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        parser.error(f"no part {', '.join(unknown)}; known: {', '.join(PARTS)}")
    data = load(arguments.file)
    passed = failed = silent = 0
    for number, case in enumerate(data["cases"]):
        try:
            silent += not any(part in case for part in parts)
            found = list(differences(case, data["kubevirts"], parts))
        except Exception as error:  # noqa: BLE001 - a case that breaks the judge has not passed
            found = [f"the case cannot be run: {type(error).__name__}: {error}"]
        if found:
            failed += 1
            print(f"FAILED {named(number, case)}")
            for line in found:
                print(f"  {line}")
        else:
            passed += 1
    if silent:
        print(f"{silent} of them record nothing of {', '.join(parts)}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
