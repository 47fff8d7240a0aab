"""Which answers are kept: those that say something new, and enough of the rest to cover every field."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')
_NUMBER = re.compile(r"\d+")


def told(text: str) -> str:
    """A message without the values in it."""
    return _NUMBER.sub("0", _QUOTED.sub("*", text))


class Known:
    """What versions said of machines: a version that says what the one before said has nothing to add."""

    def __init__(self) -> None:
        self._said: dict[bytes, bytes] = {}

    def news(self, cases: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The cases of a version whose answer differs from the last one about the same machine."""
        for about, case in cases:
            machine = _digest([case["kubevirt"], case["object"]])
            pod = {
                key: value for key, value in case.get("pod", {}).items() if key != "overheadBytes"
            }  # told from 1.9 on
            answer = _digest([case["verdict"], pod, case.get("hostdevs")])
            if self._said.get(machine) != answer:
                self._said[machine] = answer
                yield about, case


def _digest(data: Any) -> bytes:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).digest()


def kept(
    cases: Iterable[tuple[str, dict[str, Any]]], *, same: int, pairs: bool, schema: int = 12
) -> Iterator[dict[str, Any]]:
    """Cases by what each is about: at most `same` of one answer, `schema` of one message of the CRD's schema.

    What is allowed is kept for each thing it is about, unless `pairs` says that there are too many things.
    """
    seen: Counter[Any] = Counter()
    objects: set[str] = set()
    for about, case in cases:
        whole = json.dumps([case["version"], case["kubevirt"], case["object"]], sort_keys=True)
        if whole in objects:
            continue
        objects.add(whole)
        signature, most = _signature("" if pairs else about, case, same, schema)
        seen[signature] += 1
        if seen[signature] <= most:
            yield case


def _signature(about: str, case: dict[str, Any], same: int, schema: int) -> tuple[Any, int]:
    verdict = case["verdict"]
    where = (case["version"], case["object"]["kind"])
    if verdict["allowed"]:
        pod = json.dumps([case["pod"], len(case.get("hostdevs") or ())], sort_keys=True)
        return (*where, "allowed", about, told(pod) if "error" in case["pod"] else pod), same
    stage = verdict["stage"]
    if stage in {"decode", "crd"}:
        message = told(verdict.get("message", ""))
        words = re.sub(r"[\w.\[\]]*\.[\w.\[\]]*", "", message)
        return (*where, verdict["kind"], stage, words, len(verdict.get("causes", ()))), schema
    causes = [
        (c.get("reason"), told(c.get("message", "")), told(c.get("field", ""))) for c in verdict.get("causes", ())
    ]
    return (*where, verdict["kind"], stage, verdict.get("reason"), told(verdict.get("message", "")), str(causes)), same
