"""Faults met in the field, tried on the installed command: `python -m tests.property.faults [PROGRAM] [--only TEXT]`.

A case of tests/data/faults.yaml has `files` (path: text, {link: TARGET} or {hex: BYTES}), `init` (start from what `qatgen init`
writes), `run` (argument lists one after the other, or {sh: TEXT} with $QATGEN and $TOP, the folder above; the last is
judged) and `env`. Of the last command must hold: `exit` (allowed codes; 3 never is), `says` and `never` (patterns over
both outputs), `seconds` and `megabytes` (processor time of all its processes, peak of the largest), `kept` (files whose
bytes must not change).
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CASES = Path(__file__).resolve().parents[1] / "data" / "faults.yaml"


@dataclass(frozen=True, slots=True)
class Ended:
    """How one command ended: its exit code (None where it was still running), outputs, seconds and megabytes."""

    code: int | None
    said: str
    seconds: float
    megabytes: float


def cases() -> list[dict[str, Any]]:
    """All of them."""
    found: list[dict[str, Any]] = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    return found


def lay_out(folder: Path, files: Mapping[str, Any]) -> None:
    """Write the files of a case."""
    for name, what in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(what, str):
            path.write_text(what, encoding="utf-8")
        elif "link" in what:
            path.symlink_to(what["link"])
        else:
            path.write_bytes(bytes.fromhex(what["hex"]))


def ended(words: Sequence[str], folder: Path, environment: Mapping[str, str], longest: float) -> Ended:
    """Run a command to its end, or for so many seconds on the clock."""
    with tempfile.TemporaryFile() as said:
        run = subprocess.Popen(
            words, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        end, pid, status, used = time.monotonic() + longest, 0, 0, None
        while not pid and time.monotonic() < end:
            pid, status, used = os.wait4(run.pid, os.WNOHANG)
            time.sleep(0 if pid else 0.02)
        if not pid:
            run.kill()
            _, _, used = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status) if pid else -9
        assert used is not None
        said.seek(0)
        text = said.read().decode(errors="replace")
    return Ended(run.returncode if pid else None, text, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def wrong(case: Mapping[str, Any], program: str, top: Path) -> Iterator[str]:
    """What does not hold of a case."""
    work = top / "work"
    kept = {key: value for key, value in os.environ.items() if key != "CI"}
    environment = {**kept, "QATGEN": program, "TOP": str(top), **{k: str(v) for k, v in case.get("env", {}).items()}}
    if case.get("init"):
        subprocess.run([program, "init", str(work)], check=True, capture_output=True)
    work.mkdir(exist_ok=True)
    lay_out(work, case.get("files", {}))
    before = {name: (work / name).read_bytes() for name in case.get("kept", [])}
    seconds, megabytes = case.get("seconds", 20), case.get("megabytes", 1500)
    last = Ended(None, "", 0, 0)
    for step in case["run"]:
        words = ["bash", "-c", step["sh"]] if isinstance(step, dict) else [program, *map(str, step)]
        last = ended(words, work, environment, 3 * seconds + 10)
        if last.code is None:
            yield f"still running after {3 * seconds + 10} s"
            return
    if last.code == 3 or last.code not in case.get("exit", [0]) or "Traceback" in last.said:
        yield f"exit {last.code}, not {case.get('exit', [0])}: {last.said.strip()[:200]!r}"
    yield from (
        f"says nothing like {text!r}" for text in case.get("says", []) if not re.search(text, last.said, re.DOTALL)
    )
    yield from (f"says {text!r}" for text in case.get("never", []) if re.search(text, last.said, re.DOTALL))
    if last.seconds > seconds:
        yield f"{last.seconds:.0f} s of processor time, at most {seconds}"
    if last.megabytes > megabytes:
        yield f"{last.megabytes:.0f} MB, at most {megabytes}"
    for name, raw in before.items():
        if not (work / name).exists() or (work / name).read_bytes() != raw:
            yield f"{name} was changed or removed"


def tried(case: Mapping[str, Any], program: str) -> list[str]:
    """A case in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="fault-") as name:
        return list(wrong(case, program, Path(name)))


def main() -> int:
    """Try the cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default="qatgen")
    parser.add_argument("--only", default="", metavar="TEXT", help="cases whose name or kind has this text")
    chosen = parser.parse_args()
    program = shutil.which(chosen.program)
    if program is None:
        parser.error(f"{chosen.program} cannot be run")
    passed = failed = 0
    for case in cases():
        if chosen.only not in case["name"] and chosen.only not in case["kind"]:
            continue
        found = tried(case, str(Path(program).absolute()))
        passed, failed = passed + (not found), failed + bool(found)
        for text in found:
            print(f"FAILED {case['name']}: {text}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return int(bool(failed) or not passed)


if __name__ == "__main__":
    sys.exit(main())
