"""List merge keys by type: a compact form of schemas, and how to walk it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

Place = tuple[str | None, tuple[str, ...] | None]
"""What a schema says of a field: the type below it (None: unknown) and, for a list, its merge keys.

Keys None: the list is replaced; keys empty: a list of plain values, merged as a set.
"""

NOWHERE: Place = (None, None)


@dataclass(frozen=True)
class Shapes:
    """Types with the fields that lead to a keyed list; everything else is left out.

    `kinds` maps `group/version/Kind` to a type; `types` maps a type to its fields, `*` standing for any field;
    `scopes` says of `group/version/Kind` whether it lives in a namespace.
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, Mapping[str, Place]] = field(default_factory=dict)
    scopes: Mapping[str, bool] = field(default_factory=dict)

    def root(self, api_version: object, kind: object) -> str | None:
        """The type of a kind's objects, where known."""
        return self.kinds.get(f"{api_version}/{kind}")

    def below(self, type_name: str | None, key: str) -> Place:
        """What stands at a field of a type."""
        if type_name is None:
            return NOWHERE
        fields = self.types.get(type_name)
        if fields is None:
            return NOWHERE
        return fields.get(key) or fields.get("*") or NOWHERE

    def with_more(self, more: "Shapes") -> "Shapes":
        """Both; where both know a kind or a type, what `more` says."""
        return Shapes({**self.kinds, **more.kinds}, {**self.types, **more.types}, {**self.scopes, **more.scopes})

    def with_list(self, api_version: str, kind: str, parts: Sequence[str], keys: tuple[str, ...]) -> "Shapes":
        """The same, with one list of a kind merged by keys; `parts` are the fields that lead to it."""
        here = self.root(api_version, kind) or f"{api_version}/{kind}"
        kinds = {**self.kinds, f"{api_version}/{kind}": here}
        types = dict(self.types)
        for number, part in enumerate(parts, 1):
            child, known = self.below(here, part)
            last = number == len(parts)
            below = child if last else child or f"{here}.{part}"
            types[here] = {**types.get(here, {}), part: (below, keys if last else known)}
            here = below or ""
        return Shapes(kinds, types, self.scopes)


@cache
def bundled(name: str) -> Shapes:
    """A table shipped with the package: `kustomize` (what its release 5.8.2 carries) or `native`."""
    text = resources.files("generator.overlay").joinpath(f"data/{name}.json").read_text(encoding="utf-8")
    table = json.loads(text)
    types = {
        type_name: {key: (child, None if keys is None else tuple(keys)) for key, (child, keys) in fields.items()}
        for type_name, fields in table["types"].items()
    }
    return Shapes(table["kinds"], types, table["scopes"])
