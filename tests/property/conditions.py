"""Commands where the system refuses: little memory, a full disk, streams that are closed or take nothing.

`python -m tests.property.conditions [--full]` runs every command under every condition and prints `N passed, M failed`.
A run passes where it ends with exit code 0, 1 or 2, says nothing of a traceback or an internal error, loses no file of
the user's and leaves every tree as it was or whole.
"""

import argparse
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.workspace import REPOSITORY, SMALL, things, tree, write

MACHINE = "rendered/default/vpn/virtualmachine-gw.yaml"
COMMANDS: Mapping[str, Sequence[str]] = {
    "render": ["render"],
    "check": ["check"],
    "validate": ["validate", "rendered"],
    "build": ["build", "rendered/default"],
    "build to a folder": ["build", "rendered/default", "--output-dir", "built"],
    "report": ["report"],
    "capacity": ["capacity"],
    "preview": ["preview", "gw"],
    "diff": ["diff", "rendered/default", "spec.yaml"],
    "explain": ["explain", "RES007"],
    "migrate": ["migrate", "machine.yaml"],
    "schema import": ["schema", "import", "crd.yaml"],
    "init": ["init", "new"],
    "hydrate": ["argocd", "hydrate"],
    "generate": ["argocd", "generate"],
    "help": ["--help"],
}
OLD = """\
apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: {name: old, namespace: vpn}
spec: {domain: {devices: {qats: [{name: a, deviceName: intel.com/qat}]}}}
"""


@dataclass(frozen=True, slots=True)
class Condition:
    """What the system refuses: set in the process before the command starts, or a shell's redirections around it."""

    name: str
    before: Callable[[], None] | None = None
    shell: str = ""
    part: bool = False


def _limit(which: int, amount: int) -> Callable[[], None]:
    def limit() -> None:
        resource.setrlimit(which, (amount, amount))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # as Python does: a write fails instead

    return limit


def conditions() -> Iterator[Condition]:
    """All of them; those that are `part` run in the suite."""
    for mebibytes in (160, 200, 250, 300, 400, 600):
        yield Condition(f"{mebibytes} MiB", _limit(resource.RLIMIT_AS, mebibytes << 20), part=mebibytes == 250)
    for size in (0, 1, 100, 1_000, 5_000, 20_000):
        yield Condition(f"files of {size} bytes", _limit(resource.RLIMIT_FSIZE, size), part=size in (0, 1_000))
    for files in (8, 10, 12, 16, 24):
        yield Condition(f"{files} open files", _limit(resource.RLIMIT_NOFILE, files), part=files == 12)
    for closed in ("0<&-", "1>&-", "2>&-", "0<&- 1>&-", "1>&- 2>&-", "0<&- 1>&- 2>&-"):
        yield Condition(f"closed {closed}", shell=f'"$@" {closed}', part=closed.count("-") in (1, 3))
    yield Condition("standard output is full", shell='"$@" > /dev/full', part=True)
    yield Condition("both outputs are full", shell='"$@" > /dev/full 2> /dev/full', part=True)
    yield Condition("nobody reads", shell='"$@" | true', part=True)


def laid_out(folder: Path) -> None:
    """A small project, rendered, with a file for every command."""
    write(folder, {"spec.yaml": SMALL, "machine.yaml": OLD, "crd.yaml": things("{a: {type: string}}")})
    subprocess.run([sys.executable, "-m", "generator", "render", "-q"], cwd=folder, env=environment(folder), check=True)


def environment(folder: Path) -> dict[str, str]:
    """Variables of a run: no CI, temporary files and caches of its own."""
    temporary = folder.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    kept = {key: value for key, value in os.environ.items() if key != "CI"}
    places = {"TMPDIR": str(temporary), "XDG_CACHE_HOME": str(temporary), "ARGOCD_ENV_ENVIRONMENT": "default"}
    return kept | {"PYTHONPATH": str(REPOSITORY), **places}


def wrong(base: Path, folder: Path, condition: Condition, command: Sequence[str]) -> str:
    """What is wrong with one run, in a copy of the base; nothing where it passes."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder)
    spec = SMALL.replace("2Gi", "4Gi")  # so that a render has something to write
    write(folder, {"spec.yaml": spec})
    before = tree(folder)
    words = [sys.executable, "-m", "generator", *command]
    if condition.shell:
        words = ["bash", "-c", condition.shell, "bash", *words]
    done = subprocess.run(
        words,
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
        preexec_fn=condition.before,
    )
    said = done.stdout + done.stderr
    if done.returncode not in (0, 1, 2):
        return f"exit code {done.returncode}: {said[-200:]!r}"
    if "Traceback" in said or "internal error" in said:
        return f"said {said[-300:]!r}"
    return lost(before, folder, spec)


def lost(before: Mapping[str, bytes], folder: Path, spec: str) -> str:
    """Which file of the user's, or of a tree that is not whole, is lost or was changed."""
    after = tree(folder)
    ours = ("rendered/", "built/", "hydrated/", "new/", "report.html", "schemas/")
    for name, raw in before.items():
        if not name.startswith(ours) and after.get(name) != raw and name != "machine.yaml":
            return f"{name} was changed or removed"
    if after.get("machine.yaml") not in (OLD.encode(), OLD.replace("qats", "hostDevices").encode()):
        return "machine.yaml is torn"
    trees = [name for name in after if name.startswith("rendered/")]
    if sorted(trees) != sorted(name for name in before if name.startswith("rendered/")):
        return (
            f"rendered/ holds other files than before: {set(trees) ^ {n for n in before if n.startswith('rendered/')}}"
        )
    kept = all(after[name] == before[name] for name in trees)
    new = "4Gi" in after[MACHINE].decode() and "4Gi" in spec
    return "" if kept or new else "rendered/ is neither old nor new"


def run(*, full: bool) -> tuple[int, list[str]]:
    """Every command under every condition, or under a part of them; gives how many passed, and what failed."""
    passed, failures = 0, []
    with tempfile.TemporaryDirectory() as name:
        base, folder = Path(name) / "base", Path(name) / "project"
        base.mkdir()
        laid_out(base)
        for condition in conditions():
            for about, command in COMMANDS.items():
                if not full and not condition.part:
                    continue
                said = wrong(base, folder, condition, command)
                if said:
                    failures.append(f"{about}, {condition.name}: {said}")
                else:
                    passed += 1
    return passed, failures


def main() -> int:
    """Run all, or a part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="every condition, not the part the suite runs")
    passed, failures = run(full=parser.parse_args().full)
    for failure in failures:
        print(failure)
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
