"""A step that is done whole or not at all, whatever ends it: an error, Ctrl-C, the end of the process."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def undone_by(back: Callable[[], object]) -> Iterator[None]:
    """Call `back` where the block ends by an exception of any kind, and let that exception go on.

    What `back` itself raises is raised in its place, with the first one as its context.
    """
    with ExitStack() as stack:
        stack.callback(back)
        yield
        stack.pop_all()
