"""Which other templates a template names: what it includes and imports, and what those do in turn."""

import re
from collections.abc import Iterator

from jinja2 import Environment
from jinja2.exceptions import TemplateError
from jinja2.meta import find_referenced_templates

_NAMES_OTHERS = re.compile(r"\{%[-+]?\s*(?:include|import|from|extends)\b")


def references(sandbox: Environment, name: str, known: dict[str, frozenset[str] | None]) -> frozenset[str] | None:
    """A template and all it leads to by name, missing ones too; None where a name is only known as it runs.

    `known` keeps what was found so far.
    """
    found: set[str] = set()
    todo = [name]
    while todo:
        one = todo.pop()
        if one in found:
            continue
        found.add(one)
        if one not in known:
            named = list(_named(sandbox, one))
            known[one] = None if None in named else frozenset(other for other in named if other is not None)
        others = known[one]
        if others is None:
            return None
        todo += others
    return frozenset(found)


def _named(sandbox: Environment, name: str) -> Iterator[str | None]:
    """The templates one names itself; None stands for one that it computes. One that cannot be read names none."""
    assert sandbox.loader is not None
    try:
        text, _, _ = sandbox.loader.get_source(sandbox, name)
        # Most name none; parsing all of them would cost a tenth of a small render.
        if _NAMES_OTHERS.search(text):
            yield from find_referenced_templates(sandbox.parse(text))
    except TemplateError:
        return
