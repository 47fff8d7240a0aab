"""Processes of a run: when it is ready to be interrupted, and those that are left of it."""

import signal
import time
from pathlib import Path


def of_session(session: int) -> list[int]:
    """Processes of a session that are alive: whoever a run that leads one has started, in whatever group."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of = path.read_text().rpartition(")")[2].split()[:4]
        except (OSError, ValueError):
            continue
        if int(of) == session and state not in "ZX":
            found.append(int(path.parent.name))
    return sorted(found)


def catches(pid: int, number: signal.Signals, seconds: float = 60.0) -> bool:
    """Wait until a process handles a signal: whether it does before the time is up, or it ends."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return False
        caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
        if int(caught, 16) >> (number - 1) & 1:
            return True
        time.sleep(0.001)
    return False
