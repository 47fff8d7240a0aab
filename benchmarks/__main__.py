"""Every benchmark in one run: `python -m benchmarks`."""

import subprocess
import sys
from pathlib import Path

NOT_MEASURED = {"__init__", "__main__", "process", "workspace"}


def main() -> int:
    """Run each benchmark in a process of its own, so that none warms another; 1 when one fails."""
    failed = 0
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in NOT_MEASURED:
            print(f"== {path.stem}", flush=True)
            failed |= subprocess.run([sys.executable, "-m", f"benchmarks.{path.stem}"], check=False).returncode
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
