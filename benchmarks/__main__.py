"""The aims of the design, measured: `python -m benchmarks` prints the table and writes it into docs/performance.md."""

import argparse
import compileall
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.figures import Figure, limits, one_machine, overlays, peer, short, whole

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- measured -->", "<!-- end of what was measured -->"
PEERS = {
    "helm": ["version", "--short"],
    "kubeconform": ["-v"],
    "kustomize": ["version"],
}


def machine() -> Iterator[str]:
    """What it was measured on, and with which versions."""
    cpu = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace"))
    yield f"- {os.cpu_count()} cores, {cpu[1] if cpu else platform.machine()}"
    libraries = ("jinja2", "jsonschema-rs", "google-re2", "kubernetes-validate", "cel-expr-python")
    yield f"- Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in libraries)
    for name, words in PEERS.items():
        program = peer(name)
        if program is None:
            yield f"- {name} was not there"
        else:
            said = subprocess.run([program, *words], capture_output=True, text=True, check=True).stdout
            yield f"- {name} {said.strip().splitlines()[0]}"


def table(figures: Sequence[Figure]) -> Iterator[str]:
    """The rows in Markdown."""
    yield "| what | qatgen | beside it | aim | met |"
    yield "|---|---|---|---|---|"
    words = {True: "yes", False: "**no**", None: ""}
    for row in figures:
        yield f"| {row.what} | {row.ours} | {row.beside} | {row.aim} | {words[row.met]} |"


def rewritten(page: str, lines: Sequence[str]) -> str:
    """The page with what stands between its marks replaced."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "\n".join([before + BEGIN, "", *lines, "", END]) + after


def main() -> int:
    """Measure all, print, and write the page; with --no-page only print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--times", type=int, default=3, help="Runs of which the median counts.")
    parser.add_argument("--limit", type=float, default=300, help="Seconds a peer gets.")
    parser.add_argument("--no-page", action="store_true")
    given = parser.parse_args()
    # What is installed has its bytecode: pip writes it, whatever the shell says of writing more.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir(PAGE.parents[1] / "generator", quiet=1)
    figures: list[Figure] = []
    parts = (
        short(given.times),
        one_machine(given.times),
        limits(),
        overlays(given.times, given.limit),
        whole(given.machines, given.times),
    )
    for part in parts:
        for figure in part:
            met = {True: "", False: "  NOT MET", None: ""}[figure.met]
            print(f"{figure.what}: {figure.ours}  ({figure.beside or 'nothing beside it'}){met}", flush=True)
            figures.append(figure)
    if not given.no_page:
        lines = [*machine(), "", *table(figures)]
        PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8"), lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
