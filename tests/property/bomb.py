"""One bomb: files, a command, and what may become of it in a process of its own under limits."""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS, MEGABYTES = 15, 1500
_ADDRESSES = 6 << 30
_LONGEST = 60  # seconds a process may have in any case


@dataclass(frozen=True, slots=True)
class Bomb:
    """Files and a command; `code` is what its output must name, nothing where any verdict is right. `slow`: --full."""

    name: str
    files: Mapping[str, str]
    run: Sequence[str]
    code: str = ""
    slow: bool = False
    seconds: float = SECONDS
    megabytes: float = MEGABYTES


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a bomb: what is wrong, nothing where it passed."""

    wrong: str
    seconds: float
    megabytes: float


def attempt(bomb: Bomb, folder: Path) -> Result:
    """Run a bomb in a process of its own."""
    for name, text in bomb.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    words = [sys.executable, "-m", "generator", *bomb.run]
    with tempfile.TemporaryFile() as said:
        run = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said, preexec_fn=_bound)  # noqa: PLW1509
        _, status, used = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode(errors="replace")
    seconds, megabytes = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    wrong = ""
    if run.returncode not in (0, 1):
        wrong = f"exit {run.returncode}: {text[-300:]}"
    elif "Traceback" in text or "internal error" in text:
        wrong = text[-300:]
    elif megabytes > bomb.megabytes:
        wrong = f"{megabytes:.0f} MB"
    elif seconds > bomb.seconds:
        wrong = f"{seconds:.1f} s"
    elif bomb.code and bomb.code not in text:
        wrong = f"no {bomb.code}: {text[-300:]}"
    return Result(wrong, seconds, megabytes)


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_LONGEST, _LONGEST + 1))
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
