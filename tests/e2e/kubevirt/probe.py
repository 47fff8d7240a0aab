"""Asks KubeVirt's own code about machines: `python -m tests.e2e.kubevirt.probe [SET…] [-o FOLDER]`.

A set is `fields` (every field, one at a time), `clusters` (every change under every KubeVirt object), `pairs`
(two changes, drawn), `drawn` (several changes and fields at once) or `amounts` (quantities). Each is written to
FOLDER/SET.json.gz in the form of the recorded cases. The same programs, CRDs and seed give the same bytes.
"""

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.e2e.kubevirt.amounts import drawn_amounts
from tests.e2e.kubevirt.clusters import clusters
from tests.e2e.kubevirt.combinations import KINDS, VERSIONS, drawn, everywhere, pairs
from tests.e2e.kubevirt.mutations import single_mutations
from tests.e2e.kubevirt.program import ProgramError, running
from tests.e2e.kubevirt.record import NoAnswerError, Probe, case_of
from tests.e2e.kubevirt.selection import Known, kept
from tests.support.workspace import REPOSITORY

DATA = REPOSITORY / "tests" / "data" / "kubevirt"
ABOUT = (
    "What KubeVirt's own code (of `version`) says of a VirtualMachineInstance or VirtualMachine CREATE, under one of "
    "the KubeVirt objects in `kubevirts`: verdict, launcher pod, libvirt hostdevs. Written by "
    "`python -m tests.e2e.kubevirt.probe`."
)


def field_probes() -> Iterator[Probe]:
    """Every field of both kinds."""
    for kind in KINDS:
        yield from single_mutations(kind, "plain")


def pair_probes() -> Iterator[Probe]:
    """Two changes: of an instance with all gates on, and of a machine with few."""
    yield from pairs("all-gates", "VirtualMachineInstance", count=5000)
    yield from pairs("plain", "VirtualMachine", count=5000)


SETS: dict[str, Callable[[], Iterator[Probe]]] = {
    "fields": field_probes,
    "clusters": everywhere,
    "pairs": pair_probes,
    "drawn": lambda: drawn(seed=7, count=12000),
    "amounts": lambda: drawn_amounts(seed=7, count=1000),
}
SAME = {"fields": 2, "clusters": 2, "pairs": 1, "drawn": 1, "amounts": 1}
"""How many cases of one answer are kept."""


def answered(version: str, waiting: Iterator[Probe], failures: Counter[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every probe's case of one version; what the code could not answer is counted, and the program started anew."""
    known = clusters()
    ended = True
    while ended:
        ended = False
        with running(version) as program:
            for probe in waiting:
                try:
                    yield probe.about, case_of(program, probe, known)
                except NoAnswerError as error:
                    failures[f"{version}: {str(error)[:100]}"] += 1
                except ProgramError:
                    failures[f"{version}: the program ended at {probe.title}"] += 1
                    ended = True
                    break


def write(path: Path, cases: list[dict[str, Any]]) -> int:
    """Write cases with the KubeVirt objects they name; the size in bytes."""
    used = {case["kubevirt"] for case in cases}
    known = {name: data for name, data in clusters().items() if name in used}
    text = json.dumps({"about": ABOUT, "kubevirts": known, "cases": cases}, ensure_ascii=False, separators=(",", ":"))
    packed = gzip.compress(text.encode(), mtime=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed)
    return len(packed)


def main() -> int:
    """Probe, select, write."""
    parser = argparse.ArgumentParser(prog="tests.e2e.kubevirt.probe")
    parser.add_argument("sets", nargs="*", choices=[*SETS, []], help="all unless given")
    parser.add_argument("-o", "--output", type=Path, default=DATA, help="folder of the files")
    parser.add_argument("--version", action="append", choices=VERSIONS, help="repeatable; both unless given")
    parser.add_argument("--all", action="store_true", help="keep every case, not only those that say something new")
    arguments = parser.parse_args()
    for name in arguments.sets or SETS:
        failures: Counter[str] = Counter()
        cases: list[dict[str, Any]] = []
        known = Known()
        for version in arguments.version or VERSIONS:
            told = answered(version, SETS[name](), failures)
            if arguments.all:
                cases += (case for _, case in told)
            else:
                cases += kept(known.news(told), same=SAME[name], pairs=name != "fields")
        size = write(arguments.output / f"{name}.json.gz", cases)
        print(f"{name}: {len(cases)} cases in {size:,} bytes, {sum(failures.values())} without an answer")
        for reason, count in failures.most_common(10):
            print(f"  {count} × {reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
