"""The templates and policies that ship with the program, by the names findings give them."""

import re
from functools import cache

from generator.files import Chosen, RefusedError, door_of
from generator.pipeline.index import built_in_templates
from generator.pipeline.policies import built_in_policies

_NAME = re.compile(r"(?P<folder>templates|policies)/(?P<rest>[\w.-]+(?:/[\w.-]+)*)\Z", re.ASCII)


@cache
def shipped_names() -> frozenset[str]:
    """The names of all templates and policies that ship: `templates/…` and `policies/…`."""
    found = set()
    for name, top in (("templates", built_in_templates()), ("policies", built_in_policies())):
        door = door_of(top, Chosen(flag=top))
        found |= {f"{name}/{path.relative_to(top).as_posix()}" for path in door.walk(top)}
    return frozenset(found)


@cache
def shipped_text(name: str) -> str | None:
    """The text of `templates/…` or `policies/…` as it ships; None for a name that the program has no file of."""
    match = _NAME.match(name)
    if match is None or ".." in match["rest"].split("/"):
        return None
    top = built_in_templates() if match["folder"] == "templates" else built_in_policies()
    try:
        return door_of(top, Chosen(flag=top)).text(top / match["rest"])
    except RefusedError:
        return None
