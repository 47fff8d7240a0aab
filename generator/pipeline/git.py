"""Ask git: offline, and without running anything that a repository's settings name."""

import hashlib
import os
import subprocess
from pathlib import Path

_ALONE = (
    "--no-pager",
    "--no-optional-locks",
    "--no-replace-objects",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.untrackedCache=false"),
    *("-c", "diff.external="),
    *("-c", "protocol.allow=never"),
    *("-c", "safe.bareRepository=explicit"),
)
_KEPT = ("PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "USER", "LOGNAME")
"""Variables git runs with. GIT_DIR, GIT_INDEX_FILE and others of that name would lead it to another repository."""
_PATIENCE = 300.0
"""Seconds that git may take."""


def git_says(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    """What a git command prints; nothing where it fails or git is not there."""
    kept = {name: value for name in _KEPT if (value := os.getenv(name)) is not None}
    own = {"LC_ALL": "C", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            ["git", "-C", str(folder), *_ALONE, *arguments],  # noqa: S607 - the user's own git
            input=given,
            capture_output=True,
            check=False,
            env={**kept, **own},
            timeout=_PATIENCE,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return b""
    return done.stdout if done.returncode == 0 else b""


def name_of(content: bytes, length: int) -> str:
    """The name git gives a content: SHA-1 or, in repositories of that format (`length` 64), SHA-256."""
    digest = hashlib.sha1(usedforsecurity=False) if length == 40 else hashlib.sha256()
    digest.update(b"blob %d\0" % len(content))
    digest.update(content)
    return digest.hexdigest()
