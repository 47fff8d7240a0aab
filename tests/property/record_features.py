"""Record what kustomize makes of random kustomizations of each feature: `python -m tests.property.record_features`.

Writes tests/data/kustomization_features.json with `kustomize` of PATH, which has to be 5.8.2: for each feature the first
cases that are built, and the first that are refused (`expected` is null).
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

from tests.property.kustomize_features import FEATURES, Features
from tests.support.workspace import REPOSITORY, write

_DATA = REPOSITORY / "tests/data/kustomization_features.json"
_BUILT, _REFUSED = 8, 3
_SECONDS = 3
_ABOUT = (
    "Random kustomizations of tests/property/kustomize_features.py by seed, with what kustomize v5.8.2 makes of them."
)


def kustomized(program: str, folder: Path) -> str | None:
    """What kustomize makes of `over`; None of what it refuses, or walks without end (a pattern that is not itself)."""
    command = [program, "build", "over"]
    try:
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return None
    return ran.stdout if ran.returncode == 0 else None


def record() -> list[dict[str, Any]]:
    """The cases, in order of their seeds. Raises RuntimeError without the program."""
    program = shutil.which("kustomize")
    said = program and subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout
    if program is None or not said or "v5.8.2" not in said:
        raise RuntimeError("kustomize v5.8.2 is not on PATH")
    wanted = {(name, built): _BUILT if built else _REFUSED for name in FEATURES for built in (True, False)}
    # Nothing is wrong with the order or the notes of a build often enough.
    wanted[("ports", False)] = 0
    kept: Counter[tuple[str, bool]] = Counter()
    cases: list[dict[str, Any]] = []
    for seed in count():
        if all(kept[key] >= number for key, number in wanted.items()):
            return cases
        feature = FEATURES[seed % len(FEATURES)]
        with tempfile.TemporaryDirectory() as name:
            files = Features(seed).files()
            write(Path(name), files)
            made = kustomized(program, Path(name))
        key = (feature, made is not None)
        if kept[key] < wanted[key]:
            kept[key] += 1
            cases.append({"seed": seed, "feature": feature, "expected": made})
    return cases


if __name__ == "__main__":
    found = record()
    _DATA.write_text(json.dumps({"about": _ABOUT, "cases": found}, indent=1) + "\n", encoding="utf-8")
    sys.stderr.write(f"{len(found)} cases\n")
