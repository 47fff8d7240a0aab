"""Which answers are kept: those that say something new, and enough of the rest to cover every field."""

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
