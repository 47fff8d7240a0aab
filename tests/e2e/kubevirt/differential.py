"""Drawn machines, ours against KubeVirt's own code: `python -m tests.e2e.kubevirt.differential [--count N] [--seed N]`.

A machine is a handful of changes laid over the least one, with up to two of its fields set to a drawn value. Verdict,
launcher pod and hostdevs are compared as the recorded cases are. Ends with a line `N agree, M disagree`.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

from tests.conformance.kubevirt import PARTS, differences
from tests.e2e.kubevirt.changes import CHANGES, METADATA, OWN
from tests.e2e.kubevirt.clusters import clusters
from tests.e2e.kubevirt.combinations import SHORT, made
from tests.e2e.kubevirt.mutations import put, shortened
from tests.e2e.kubevirt.program import Program, running
from tests.e2e.kubevirt.record import NoAnswerError, Probe, case_of
from tests.e2e.kubevirt.schemas import Field, fields
from tests.e2e.kubevirt.values import values
from tests.support.assets import asset_folder

VERSIONS = ("v1.9.0", "v1.8.0")


@cache
def _fields(kind: str) -> tuple[Field, ...]:
    return tuple(fields(kind))


def drawn(seed: int, count: int) -> Iterator[Probe]:
    """Machines; the same seed draws the same."""
    draw = random.Random(seed)
    names = list(clusters())
    for number in range(count):
        kind = draw.choice(list(SHORT))
        cluster = draw.choice(names)
        chosen = draw.sample(list(CHANGES), draw.randint(0, 4))
        metadata = METADATA[draw.choice(list(METADATA))] if draw.random() < 0.1 else None
        own = OWN[draw.choice(list(OWN))] if draw.random() < 0.2 else None
        whole = made(kind, tuple(CHANGES[name] for name in chosen), metadata, own)
        about = list(chosen)
        for _ in range(draw.randint(0, 2)):
            field = draw.choice(_fields(kind))
            word, value = draw.choice(list(values(field)))
            changed = put(kind, whole, field.path, value)
            if changed is not None:
                whole = changed
                about.append(f"{field.name} {word} {shortened(value) if word != 'missing' else ''}".strip())
        title = f"{SHORT[kind]} {seed}/{number} ({cluster}): {' + '.join(about) or 'as it is'}"
        yield Probe(title, title, cluster, whole)


def disagreements(program: Program, seed: int, count: int) -> Iterator[tuple[dict[str, Any] | None, list[str]]]:
    """Each machine's case and what disagrees; no case where the code has no answer."""
    known = clusters()
    for probe in drawn(seed, count):
        try:
            case = case_of(program, probe, known)
        except NoAnswerError:
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
        with running(asset_folder("kubevirt", version), version) as program:
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
