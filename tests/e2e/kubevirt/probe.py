"""Asks KubeVirt's own code about every field of a machine: `python -m tests.e2e.kubevirt.probe -o FILE`.

Writes cases in the form of the recorded ones (about, kubevirts, cases), gzipped where the name says so. The same
programs, CRDs and seed give the same file.
"""

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.e2e.kubevirt.clusters import clusters
from tests.e2e.kubevirt.mutations import single_mutations
from tests.e2e.kubevirt.program import ProgramError, running
from tests.e2e.kubevirt.record import Probe, case_of
from tests.e2e.kubevirt.selection import kept
from tests.support.assets import asset_folder

ABOUT = (
    "What KubeVirt's own code (of `version`) says of a VirtualMachineInstance or VirtualMachine CREATE, under one of "
    "the KubeVirt objects in `kubevirts`: verdict, launcher pod, libvirt hostdevs. Written by tests/e2e/kubevirt/probe.py."
)
VERSIONS = ("v1.9.0", "v1.8.0")


def probes() -> Iterator[Probe]:
    """Everything that is asked, in order."""
    for kind in ("VirtualMachineInstance", "VirtualMachine"):
        yield from single_mutations(kind, "plain")


def answered(version: str, folder: Path, failures: Counter[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every probe's case of one version; what the code could not answer is counted, and the program started anew."""
    known = clusters()
    waiting = probes()
    ended = True
    while ended:
        ended = False
        with running(folder, version) as program:
            for probe in waiting:
                try:
                    case = case_of(program, probe, known)
                except ProgramError:
                    print(f"{version} ended at: {probe.title}", file=sys.stderr)
                    failures[version] += 1
                    ended = True
                    break
                if case is None:
                    failures[version] += 1
                else:
                    yield probe.about, case


def main() -> int:
    """Probe, select, write."""
    parser = argparse.ArgumentParser(prog="tests.e2e.kubevirt.probe")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--version", action="append", choices=VERSIONS, help="repeatable; both unless given")
    parser.add_argument("--folder", type=Path, help="folder of kubevirt-VERSION/kvoracle; the cache unless given")
    arguments = parser.parse_args()
    failures: Counter[str] = Counter()
    cases: list[dict[str, Any]] = []
    for version in arguments.version or VERSIONS:
        folder = arguments.folder / f"kubevirt-{version}" if arguments.folder else asset_folder("kubevirt", version)
        cases += kept(answered(version, folder, failures))
    used = {case["kubevirt"] for case in cases}
    known = {name: data for name, data in clusters().items() if name in used}
    text = json.dumps({"about": ABOUT, "kubevirts": known, "cases": cases}, ensure_ascii=False, separators=(",", ":"))
    raw = text.encode()
    arguments.output.write_bytes(gzip.compress(raw, mtime=0) if arguments.output.suffix == ".gz" else raw)
    print(f"{len(cases)} cases kept, {sum(failures.values())} without an answer, {len(raw):,} bytes of JSON")
    return 0


if __name__ == "__main__":
    sys.exit(main())
