"""What a run of the tests left out, said in a few lines at its end: counts by reason, and how to have it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

_REASON = re.compile(r"^(?:Skipped: )?(?P<reason>.*)$", re.DOTALL)
_FOLDER = re.compile(r"no \S+ in (?P<folder>.*): set QATGEN_SHARED")
_ASSETS = re.compile(r"run `make e2e-assets`")

_SHARED_HELP = (
    "set QATGEN_SHARED to the folder of recorded answers and upstream CRDs, or put it beside the repository as `shared`"
    " (README.md says what it holds)"
)


def left_out(reasons: Iterable[str]) -> Iterator[str]:
    """Lines about skipped tests, given the reason of each; nothing where none was skipped."""
    shared: Counter[str] = Counter()
    assets = 0
    others: Counter[str] = Counter()
    for text in reasons:
        found = _REASON.match(text.strip())
        reason = found["reason"] if found else text
        folder = _FOLDER.search(reason)
        if folder:
            shared[folder["folder"]] += 1
        elif _ASSETS.search(reason):
            assets += 1
        else:
            others[reason] += 1
    for name, number in sorted(shared.items()):
        yield f"{_tests(number)} not run: they compare with recorded answers and CRDs, and {name} has not all of them"
        yield f"  {_SHARED_HELP}"
    if assets:
        yield f"{_tests(assets)} not run: they compare with programs of a cluster, which are not built here"
        yield "  run `make e2e-assets` (CONTRIBUTING)"
    for reason, number in sorted(others.items(), key=lambda row: (-row[1], row[0])):
        yield f"{_tests(number)} not run: {reason}"


def _tests(number: int) -> str:
    return "1 test" if number == 1 else f"{number:,} tests"
