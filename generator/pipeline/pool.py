"""Blocks of machines on all cores: a process pool whose workers each keep a renderer and schemas between blocks."""

import gc
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.synchronize import Event

from generator.finding import Finding, Halt
from generator.location import Span
from generator.pipeline import rules
from generator.pipeline.blocks import Job, Worker, Written, blocks
from generator.pipeline.index import Entry
from generator.render import Renderer, TemplateFolder


def run_pool(
    jobs: Sequence[Job], entries: tuple[Entry, ...], templates: Sequence[TemplateFolder], processes: int
) -> Iterator[tuple[int, Written]]:
    """Render every block, in any order; gives the job's number and what was staged. Raises Halt when a worker dies."""
    context = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn")
    ended = context.Event()
    arguments = (jobs, entries, tuple(templates), ended)
    with ProcessPoolExecutor(processes, context, initializer=_start, initargs=arguments) as pool:
        futures: dict[Future[Written], int] = {pool.submit(_block, *block): block[0] for block in blocks(jobs)}
        try:
            for future in as_completed(futures):
                yield futures.pop(future), future.result()
        except BrokenProcessPool:
            message = "a worker process was killed, for memory perhaps"
            hint = "try again with `--jobs 1`"
            raise Halt([Finding(rule=rules.WORKER_DIED, message=message, at=Span("templates"), hint=hint)]) from None
        finally:
            ended.set()  # blocks that wait in a worker's own queue cannot be cancelled
            pool.shutdown(wait=True, cancel_futures=True)


# A process pool has no place of its own to keep a worker between blocks: this is it, in workers alone.
_worker: tuple[Worker, Event] | None = None


def _start(jobs: Sequence[Job], entries: tuple[Entry, ...], templates: Sequence[TemplateFolder], ended: Event) -> None:
    global _worker  # noqa: PLW0603 - see above
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process; the first of them ends the others
    gc.freeze()
    gc.disable()  # a block makes no cycles; collecting would only visit the caches again and again
    _worker = Worker(jobs, entries, Renderer(templates)), ended


def _block(job: int, start: int, stop: int) -> Written:
    assert _worker is not None
    worker, ended = _worker
    return Written() if ended.is_set() else worker.block(job, start, stop)
