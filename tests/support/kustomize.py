"""kustomize itself, where it is on PATH, to compare with."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml


def by_kustomize(folder: Path) -> list[dict[str, Any]] | None:
    """The objects that `kustomize build` makes of a folder; None where the program is missing.

    Raises CalledProcessError where it refuses the folder.
    """
    if shutil.which("kustomize") is None:
        return None
    done = subprocess.run(["kustomize", "build", str(folder)], capture_output=True, check=True)
    return [one for one in yaml.safe_load_all(done.stdout) if one]
