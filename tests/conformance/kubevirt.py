"""Recorded answers of KubeVirt's own code, against ours: `python -m tests.conformance.kubevirt FILE [--only PARTS]`.

PARTS is a comma list of verdict, pod and hostdevs. Every case of the file is counted; a case passes when all it
records of the chosen parts agrees, XML compared as trees. Ends with a line `N passed, M failed`.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from generator.preview import AddressError, Cluster, RenderError, hostdev_elements, launcher_pod

PARTS = ("pod", "hostdevs")


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


def shape(element: ET.Element) -> Any:
    """An element as data: name, attributes, text, children in order."""
    return (element.tag, dict(element.attrib), (element.text or "").strip(), [shape(child) for child in element])


def differences(case: dict[str, Any], kubevirts: dict[str, Any], parts: tuple[str, ...]) -> Iterator[str]:
    """What disagrees with the record."""
    if "pod" in parts and "pod" in case:
        ours = pod_of(case, kubevirts)
        for key in sorted({*ours, *case["pod"]}):
            if ours.get(key) != case["pod"].get(key):
                yield f"pod.{key}: {json.dumps(ours.get(key))} is ours, recorded is {json.dumps(case['pod'].get(key))}"
    if "hostdevs" in parts and "hostdevs" in case:
        try:
            elements = hostdev_elements(case["object"], case.get("pciAddresses") or {})
            mine: Any = [shape(element) for element in elements]
        except AddressError as error:
            mine = str(error)
        recorded = [shape(ET.fromstring(text)) for text in case["hostdevs"]]
        if mine != recorded:
            yield f"hostdevs: {mine} is ours, recorded is {recorded}"


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
    data = json.loads(arguments.file.read_text(encoding="utf-8"))
    passed = failed = silent = 0
    for number, case in enumerate(data["cases"]):
        try:
            if not any(part in case for part in parts):
                silent += 1
                passed += 1
                continue
            found = list(differences(case, data["kubevirts"], parts))
        except (KeyError, TypeError, ValueError, AttributeError, ET.ParseError) as error:
            found = [f"the case cannot be run: {type(error).__name__}: {error}"]
        if found:
            failed += 1
            print(
                f"FAILED {case.get('id', number) if isinstance(case, dict) else number} ({case.get('version', '?') if isinstance(case, dict) else '?'})"
            )
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
