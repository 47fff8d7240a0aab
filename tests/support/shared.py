"""The folder of recorded verdicts and upstream CRDs, read in place where it is present."""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[3] / "shared"


def shared_root() -> Path:
    """`QATGEN_SHARED`, or `../shared` beside the repository; may not exist."""
    return Path(os.environ.get("QATGEN_SHARED", _BESIDE))


def shared_path(relative: str) -> Path:
    """A file or folder of the shared data; skips the calling test, saying why, where it is absent."""
    path = shared_root() / relative
    if not path.exists():
        pytest.skip(f"no {relative} in {shared_root()}: set QATGEN_SHARED to the folder of recorded cases")
    return path
