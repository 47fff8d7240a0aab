"""Ask git: offline, and without running anything that a repository's settings name."""

import hashlib
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
_TAKEN = (
    *("DIR", "WORK_TREE", "IMPLICIT_WORK_TREE", "INDEX_FILE", "INDEX_VERSION", "COMMON_DIR", "PREFIX", "NAMESPACE"),
    *("OBJECT_DIRECTORY", "ALTERNATE_OBJECT_DIRECTORIES", "QUARANTINE_PATH", "SHALLOW_FILE", "GRAFT_FILE"),
    *("REPLACE_REF_BASE", "NO_REPLACE_OBJECTS", "DEFAULT_HASH", "DEFAULT_REF_FORMAT", "REF_PARANOIA", "ATTR_SOURCE"),
    *("CONFIG", "CONFIG_PARAMETERS", "CONFIG_COUNT", "CONFIG_GLOBAL", "CONFIG_SYSTEM", "CONFIG_NOSYSTEM"),
    *("CEILING_DIRECTORIES", "DISCOVERY_ACROSS_FILESYSTEM", "ATTR_NOSYSTEM", "EXEC_PATH", "TEMPLATE_DIR"),
    *("EXTERNAL_DIFF", "DIFF_OPTS", "PAGER", "EDITOR", "SEQUENCE_EDITOR", "ASKPASS", "SSH", "SSH_COMMAND"),
    *("LITERAL_PATHSPECS", "GLOB_PATHSPECS", "NOGLOB_PATHSPECS", "ICASE_PATHSPECS", "INTERNAL_SUPER_PREFIX"),
    *("TRACE", "TRACE_PACKET", "TRACE_PACKFILE", "TRACE_PACK_ACCESS", "TRACE_PERFORMANCE", "TRACE_SETUP"),
    *("TRACE_FSMONITOR", "TRACE_REFS", "TRACE_SHALLOW", "TRACE_CURL", "TRACE2", "TRACE2_EVENT", "TRACE2_PERF"),
    *("TEST_FSMONITOR", "TEST_UNTRACKED_CACHE", "TEST_ASSUME_DIFFERENT_OWNER", "FLUSH", "REDIRECT_STDOUT"),
)
"""Variables of git (GIT_…) that would lead it to another repository, make it run something, or write files."""
_SET = ("LC_ALL=C", "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0")
_WITHOUT = (*(word for name in _TAKEN for word in ("-u", f"GIT_{name}")), *_SET)
_PATIENCE = 300.0
"""Seconds that git may take."""


def git_says(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    """What a git command prints; nothing where it fails or git is not there."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            ["env", *_WITHOUT, "git", "-C", str(folder), *_ALONE, *arguments],  # noqa: S607 - the user's own git
            input=given,
            capture_output=True,
            check=False,
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
