"""Blocks of machines on all cores: workers that each keep a renderer and schemas between blocks."""

import gc
from collections.abc import Callable, Iterator, Sequence

from generator.bounds.crew import WorkerDiedError, run_crew
from generator.finding import Finding, Halt
from generator.location import Span
from generator.pipeline import rules
from generator.pipeline.blocks import Job, Worker, Written, blocks
from generator.pipeline.index import Entry
from generator.render import Renderer, TemplateFolder

Block = tuple[int, int, int]


def run_pool(
    jobs: Sequence[Job], entries: tuple[Entry, ...], templates: Sequence[TemplateFolder], processes: int
) -> Iterator[tuple[int, Written]]:
    """Render every block, in any order; gives the job's number and what was staged. Raises Halt when a worker dies."""
    todo = list(blocks(jobs))

    def make() -> Callable[[Block], Written]:
        gc.freeze()
        gc.disable()  # a block makes no cycles; collecting would only visit the caches again and again
        worker = Worker(jobs, entries, Renderer(templates))
        return lambda block: worker.block(*block)

    try:
        for number, written in run_crew(make, todo, processes):
            yield todo[number][0], written
    except WorkerDiedError as error:
        hint = "try again with `--jobs 1`, or allow more memory with the variable QATGEN_MEMORY (MiB)"
        raise Halt([Finding(rule=rules.WORKER_DIED, message=str(error), at=Span("templates"), hint=hint)]) from None
