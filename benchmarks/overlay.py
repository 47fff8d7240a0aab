"""How long a kustomization takes, as a whole process, by number of objects and by field; kustomize in the same run."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.emit import machine
from generator.emit import dump

PATCH = "{apiVersion: kubevirt.io/v1, kind: VirtualMachine, metadata: {name: x}, spec: {runStrategy: Halted}}"
FIELDS: Mapping[str, Mapping[str, object]] = {
    "resources": {},
    "labels": {"labels": [{"pairs": {"a": "b"}}]},
    "namespace": {"namespace": "prod"},
    "namePrefix": {"namePrefix": "x-"},
    "images": {"images": [{"name": "quay.io/containerdisks/fedora", "newTag": "44"}]},
    "patches": {"patches": [{"target": {"kind": "VirtualMachine"}, "patch": PATCH}]},
    "everything": {},
}


def wall(command: Sequence[str], folder: Path, limit: float) -> float | None:
    """Seconds a command takes; None where it takes longer than the limit."""
    start = time.perf_counter()
    try:
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=limit)
    except subprocess.TimeoutExpired:
        return None
    return time.perf_counter() - start


def write_kustomization(folder: Path, field: str, count: int) -> None:
    """A kustomization of so many machines with one field, or all."""
    everything = {key: value for one in FIELDS.values() for key, value in one.items()}
    (folder / "all.yaml").write_text("---\n".join(dump(machine(n)) for n in range(count)), encoding="utf-8")
    data = {"resources": ["all.yaml"], **(everything if field == "everything" else FIELDS[field])}
    (folder / "kustomization.yaml").write_text(json.dumps(data), encoding="utf-8")


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, nargs="+", default=[250, 1000, 4000, 10000])
    parser.add_argument("--fields", nargs="+", choices=list(FIELDS), default=["everything"])
    parser.add_argument("--limit", type=float, default=300, help="Seconds kustomize gets.")
    given = parser.parse_args()
    theirs = shutil.which("kustomize")
    for field in given.fields:
        for count in given.objects:
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                write_kustomization(folder, field, count)
                ours = wall([sys.executable, "-m", "generator", "build", "."], folder, given.limit)
                other = wall([theirs, "build", "."], folder, given.limit) if theirs else None
            assert ours is not None
            beside = (
                f"kustomize {other:8.2f} s, {other / ours:6.1f} times as long" if other else "no kustomize beside it"
            )
            print(f"{field:12} {count:6} objects: {ours:6.2f} s; {beside}", flush=True)


if __name__ == "__main__":
    main()
