"""Differences as text for a terminal, Markdown for a pull request, or JSON for programs."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from generator.compare.changes import ABSENT, Change, vanished
from generator.compare.trees import Difference

FORMATS = ("text", "markdown", "json")
_SIGNS = {"new": "+", "gone": "-", "changed": "~"}
_LONG = 200
_MANY = 4
"""From so many objects on, a change that they share is shown once."""


def show(found: Sequence[Difference], form: str) -> str:
    """The differences in a form of FORMATS."""
    if form == "json":
        return json.dumps([_data(one) for one in found], indent=2, ensure_ascii=False) + "\n"
    return _markdown(found) if form == "markdown" else _text(found)


def _summary(found: Sequence[Difference]) -> str:
    counts = Counter(one.kind for one in found)
    parts = [f"{counts[kind]:,} {kind}" for kind in ("new", "changed", "gone") if counts[kind]]
    lost = sum(1 for one in found for _ in vanished(one.changes))
    parts += [f"{lost:,} field{'s' * (lost > 1)} vanished"] if lost else []
    return ", ".join(parts) or "no difference"


def _named(one: Difference) -> str:
    return f"{one.place.identity} in {one.place.tree}" if one.place.tree else str(one.place.identity)


def _text(found: Sequence[Difference]) -> str:
    lines = []
    common = _common(found)
    for one in found:
        own = [text for text in map(one_line, one.changes) if text not in common]
        if own or one.kind != "changed":
            lines.append(f"{_SIGNS[one.kind]} {_named(one)}")
            lines += [f"    {text}" for text in own]
    for text, objects in common.items():
        kinds = Counter(one.place.identity.kind for one in objects)
        listed = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
        lines += [f"~ in {len(objects):,} objects ({listed})", f"    {text}"]
    return "".join(f"{line}\n" for line in (*lines, _summary(found)))


def _common(found: Sequence[Difference]) -> dict[str, list[Difference]]:
    """Changes that many objects have alike, such as a label that an overlay puts on all, and the objects of each."""
    alike: dict[str, list[Difference]] = {}
    for one in found:
        for text in dict.fromkeys(map(one_line, one.changes)):
            alike.setdefault(text, []).append(one)
    return {text: objects for text, objects in alike.items() if len(objects) >= _MANY}


def one_line(change: Change) -> str:
    """A change in one line."""
    if change.before is ABSENT:
        return f"{change.path}: + {_value(change.after)}"
    if change.after is ABSENT:
        return f"{change.path}: - {_value(change.before)}"
    return f"{change.path}: {_value(change.before)} -> {_value(change.after)}"


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


def _markdown(found: Sequence[Difference]) -> str:
    lines = [f"**{_summary(found)}**", ""]
    for one in found:
        if not one.changes:
            lines.append(f"- `{_SIGNS[one.kind]}` {_named(one)}")
            continue
        lines += [f"<details><summary><code>~</code> {_named(one)} ({len(one.changes)})</summary>", "", "```diff"]
        for change in one.changes:
            lines += [f"- {change.path}: {_value(change.before)}"] if change.before is not ABSENT else []
            lines += [f"+ {change.path}: {_value(change.after)}"] if change.after is not ABSENT else []
        lines += ["```", "", "</details>"]
    return "".join(f"{line}\n" for line in lines)


def _data(one: Difference) -> dict[str, Any]:
    identity = one.place.identity
    shown = {"apiVersion": identity.api_version, "kind": identity.kind, "name": identity.name}
    if identity.namespace:
        shown["namespace"] = identity.namespace
    found = []
    for change in one.changes:
        entry: dict[str, Any] = {"path": change.path}
        entry |= {"before": change.before} if change.before is not ABSENT else {}
        entry |= {"after": change.after} if change.after is not ABSENT else {}
        found.append(entry)
    tree = {"tree": one.place.tree} if one.place.tree else {}
    return {"object": shown, **tree, "difference": one.kind, **({"changes": found} if found else {})}
