"""A whole `qatgen render` of 1,000 to 100,000 machines: time a machine by stage, memory; helm beside it."""

import argparse
import gc
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.process import Measured, measure
from benchmarks.workspace import write_chart, write_platform
from generator.emit import dump
from generator.pipeline.objects import Objects
from generator.pipeline.project import open_project
from generator.render import Renderer

SIZES = (1_000, 10_000, 100_000)


def stages(spec: Path, machines: int) -> tuple[float, float]:
    """Processor time a machine in microseconds, in one process: render, and emit as YAML text."""
    project = open_project(spec)
    model = project.environments[0][1]
    objects = Objects(Renderer(project.templates), model)
    list(objects.machines(project.entries, 0, 50))
    render = emit = 0.0
    gc.disable()
    for start in range(0, machines, 500):
        begun = time.process_time()
        made = list(objects.machines(project.entries, start, min(start + 500, machines)))
        rendered = time.process_time()
        for manifest in made:
            dump(manifest.data)
        render += rendered - begun
        emit += time.process_time() - rendered
    gc.enable()
    return render / machines * 1e6, emit / machines * 1e6


def row(name: str, machines: int, measured: Measured) -> str:
    """One line of the table."""
    each = measured.wall / machines * 1e6
    processor = measured.processor / machines * 1e6
    return (
        f"{machines:>8,}  {name:<16}{measured.wall:8.2f} s {each:8.1f} us a machine"
        f" {processor:8.1f} us of processor {measured.memory / 1e6:8.0f} MB"
    )


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, nargs="+", default=list(SIZES))
    helm = shutil.which("helm")
    for machines in parser.parse_args().machines:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            spec = write_platform(folder, machines)
            render, emit = stages(spec, machines)
            print(f"{machines:>8,}  one process: render {render:.1f} us, emit {emit:.1f} us a machine")
            print(row("qatgen render", machines, measure([sys.executable, "-m", "generator", "render"], folder)))
            if helm:
                chart = write_chart(folder / "chart", machines)
                print(row("helm template", machines, measure([helm, "template", "bench", str(chart)], folder)))
    if not helm:
        print("helm is not on PATH: nothing beside it")


if __name__ == "__main__":
    main()
