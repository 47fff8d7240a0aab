"""Drawn machines, ours against KubeVirt's own code: `python -m tests.e2e.kubevirt.differential [--count N] [--seed N]`.

Verdict, launcher pod and hostdevs are compared as the recorded cases are. Ends with a line `N agree, M disagree`.
"""

import argparse
import itertools
import json
import sys
from collections.abc import Iterator
from typing import Any

from tests.conformance.kubevirt import PARTS, differences
from tests.e2e.kubevirt.amounts import drawn_amounts
from tests.e2e.kubevirt.clusters import clusters
from tests.e2e.kubevirt.combinations import VERSIONS, drawn, drawn_sets
from tests.e2e.kubevirt.program import Program, running
from tests.e2e.kubevirt.record import NoAnswerError, case_of

SETS = ("VirtualMachineInstanceReplicaSet", "VirtualMachinePool")


def disagreements(program: Program, seed: int, count: int) -> Iterator[tuple[dict[str, Any] | None, list[str]]]:
    """Each machine's case and what disagrees; no case where there is nothing to compare.

    `count` machines of changes and fields, and a quarter as many of drawn quantities, and of replica sets and pools.
    Of these the CRD's schema comes first, since no webhook mutates them; what it refuses is left to the schema stage.
    """
    known = clusters()
    machines = (drawn(seed, count), drawn_amounts(seed, count // 4), drawn_sets(seed, count // 4))
    for probe in itertools.chain(*machines):
        try:
            case = case_of(program, probe, known)
        except NoAnswerError:
            yield None, []
            continue
        if case["object"]["kind"] in SETS and case["verdict"].get("stage") == "crd":
            yield None, []
            continue
        yield case, list(differences(case, known, PARTS))


def main() -> int:
    """Run, and show what disagrees."""
    parser = argparse.ArgumentParser(prog="tests.e2e.kubevirt.differential")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--version", action="append", choices=VERSIONS, help="repeatable; both unless given")
    parser.add_argument("--show", type=int, default=20, help="how many disagreements are shown whole")
    arguments = parser.parse_args()
    agree = disagree = silent = 0
    for version in arguments.version or VERSIONS:
        with running(version) as program:
            for case, found in disagreements(program, arguments.seed, arguments.count):
                if case is None:
                    silent += 1
                elif not found:
                    agree += 1
                else:
                    disagree += 1
                    if disagree <= arguments.show:
                        print(f"{version} {case['id']}", *(f"  {line}" for line in found), sep="\n")
                        print("  " + json.dumps(case["object"]["spec"]))
    print(f"{silent} have no answer")
    print(f"{agree} agree, {disagree} disagree")
    return 1 if disagree else 0


if __name__ == "__main__":
    sys.exit(main())
