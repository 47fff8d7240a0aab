"""Record what a live server says of objects of built-in kinds: `python -m tests.e2e.apiserver.record_kinds`.

Writes `tests/data/kinds/verdicts.json`, which the unit tests read: of all single changes one for each thing the server
says of a kind, some that it accepts, and changes of several places that it refuses although it accepts each of them alone.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from tests.e2e.apiserver.asking import Said, ask
from tests.e2e.apiserver.kinds import all_cases, combined
from tests.support.apiserver import ApiServer, api_server
from tests.support.kinds import FOLDER, GONE, Case, read_bases
from tests.support.words import without_value

FILE = FOLDER / "verdicts.json"
_SEED, _TAKEN_OF_A_BASE, _COMBINED = 7, 4, 6000


def main() -> int:
    """Ask of every change, choose, write."""
    with tempfile.TemporaryDirectory() as name, api_server(Path(name) / "server") as server:
        chosen = list(_chosen(server))
        about = f"kube-apiserver {server.version}, strict dry-run creations of changed objects of the other files of this folder"
    lines = ",\n".join(json.dumps(one, ensure_ascii=True, separators=(",", ":")) for one in chosen)
    FILE.write_text(f'{{"about":{json.dumps(about)},"cases":[\n{lines}\n]}}\n', "utf-8")
    print(f"{len(chosen)} cases, {sum(not one['ok'] for one in chosen)} of them refused")
    return 0


def _chosen(server: ApiServer) -> Iterator[dict[str, Any]]:
    bases, rng = read_bases(), Random(_SEED)
    seen: set[tuple[str, str]] = set()
    taken: dict[int, list[Case]] = {}
    for case in all_cases(bases):
        said = ask(server, case.made(bases))
        if said.accepted:
            taken.setdefault(case.base, []).append(case)
        elif said.accepted is False and _is_news(bases[case.base]["kind"], said, seen):
            yield _recorded(case, said)
    for cases in taken.values():
        for case in rng.sample(cases, min(len(cases), _TAKEN_OF_A_BASE)):
            yield _recorded(case, Said(accepted=True))
    mild = {base: [change for case in cases for change in case.changes] for base, cases in taken.items()}
    for case in combined(bases, mild, _SEED, _COMBINED):
        said = ask(server, case.made(bases))
        if said.accepted is False and _is_news(f"{bases[case.base]['kind']}, combined", said, seen):
            yield _recorded(case, said)


def _is_news(kind: str, said: Said, seen: set[tuple[str, str]]) -> bool:
    """Whether a server says something of a kind that it has not said of it."""
    new = {(kind, without_value(text)) for _, text in said.causes} - seen
    seen |= new
    return bool(new)


def _recorded(case: Case, said: Said) -> dict[str, Any]:
    changes = [[list(one.path)] if one.value is GONE else [list(one.path), one.value] for one in case.changes]
    found: dict[str, Any] = {"base": case.base, "changes": changes, "ok": bool(said.accepted)}
    return found if said.accepted else {**found, "said": [list(cause) for cause in said.causes] or said.message}


if __name__ == "__main__":
    sys.exit(main())
