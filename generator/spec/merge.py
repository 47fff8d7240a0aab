"""Merge an overlay over a base: RFC 7386, with lists of named things merged by name.

`$patch: add | delete | replace` on an item of such a list says what else to do with it; a name that meets
nothing and does not say `add` is an error, for it is nearly always a typing mistake.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.finding import Finding, Halt, Note, Rule, did_you_mean
from generator.location import FieldPath
from generator.nearest import Budget
from generator.spec import rules
from generator.spec.origin import Origin

PATCH = "$patch"


@dataclass(frozen=True, slots=True)
class Layer:
    """A value and where it comes from."""

    data: Any
    origin: Origin


@dataclass(slots=True)
class _Merge:
    """`strict`: a name or a null that meets nothing is an error; else it is added or ignored (team defaults)."""

    strict: bool
    findings: list[Finding] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)

    def find(self, rule: Rule, message: str, at: Origin, hint: str = "", *, key: bool = False) -> None:
        span = at.document.span(at.path, key=key)
        self.findings.append(Finding(rule=rule, message=message, at=span, hint=hint))

    def value(self, base: Layer, over: Layer) -> Layer:
        if isinstance(base.data, dict) and isinstance(over.data, dict):
            return self.mapping(base, over)
        if isinstance(base.data, list) and is_named_list(over.data) and (is_named_list(base.data) or not base.data):
            return self.named_list(base, over)
        if self.strict and is_named_list(base.data) and is_list_of_names(over.origin.path):
            self.nameless(base, over)
        return self.fresh(over)

    def nameless(self, base: Layer, over: Layer) -> None:
        """Report items without a name; each would be taken for a new item that lacks nearly everything."""
        for position, item in enumerate(over.data if isinstance(over.data, list) else ()):
            if isinstance(item, dict) and "name" not in item:
                known = ", ".join(dict.fromkeys(str(one["name"]) for one in base.data))
                message = f"an item of {over.origin.path[-1]} has no name, and an overlay finds items by their names"
                hint = f"write the `name:` of the item to change: {known}" if known else "write its `name:`"
                self.find(rules.MISSING_KEY, message, over.origin.child(position), hint)

    def fresh(self, over: Layer) -> Layer:
        """An overlay value with nothing below it: nulls are dropped as RFC 7386 says, additions accepted."""
        if isinstance(over.data, dict):
            data = {
                key: self.fresh(Layer(value, over.origin.child(key))).data
                for key, value in over.data.items()
                if value is not None and key != PATCH
            }
            return Layer(data, over.origin)
        if isinstance(over.data, list):
            return Layer(
                [self.fresh(Layer(v, over.origin.child(i))).data for i, v in enumerate(over.data)], over.origin
            )
        return over

    def mapping(self, base: Layer, over: Layer) -> Layer:
        data = dict(base.data)
        children = dict(base.origin.children)
        for key, value in over.data.items():
            if key == PATCH:
                continue
            origin = over.origin.child(key)
            if value is None:
                self.drop(data, key, origin)
                children.pop(key, None)
                continue
            layer = Layer(value, origin)
            merged = self.value(Layer(data[key], base.origin.child(key)), layer) if key in data else self.fresh(layer)
            data[key] = merged.data
            children[key] = merged.origin
        return Layer(data, Origin(base.origin.document, base.origin.path, children))

    def drop(self, data: dict[str, Any], key: str, origin: Origin) -> None:
        if data.pop(key, None) is None and self.strict:
            message = f'"{key}" is removed here, but the base has none'
            self.find(
                rules.NO_MATCH, message, origin, did_you_mean(key, data, self.budget) or "remove the line", key=True
            )

    def named_list(self, base: Layer, over: Layer) -> Layer:
        items: list[Layer | None] = [Layer(item, base.origin.child(i)) for i, item in enumerate(base.data)]
        named: dict[str, list[int]] = {}
        for position, item in enumerate(base.data):
            named.setdefault(str(item.get("name")), []).append(position)
        for position, item in enumerate(over.data):
            before = len(items)
            self.named_item(items, named.get(str(item.get("name")), ()), Layer(item, over.origin.child(position)))
            if len(items) > before:
                named.setdefault(str(item.get("name")), []).append(before)
        kept = [layer for layer in items if layer is not None]
        children: dict[str | int, Origin] = {index: layer.origin for index, layer in enumerate(kept)}
        return Layer([layer.data for layer in kept], Origin(base.origin.document, base.origin.path, children))

    def several(self, found: Sequence[Layer], over: Layer) -> None:
        """An item of an overlay that is meant for one of several: where nothing tells them apart, they are wrong."""
        first, second = found[0].origin.child("name"), found[1].origin.child("name")
        note = Note("first defined here", first.document.span(first.path))
        name, at = over.data["name"], second.document.span(second.path)
        if _same_label(found) and len({layer.data.get("kind", "VirtualMachine") for layer in found}) == 1:
            what = found[1].origin.path[-2]
            message = f'two items of {what} are named "{name}"'
            self.findings.append(
                Finding(rule=rules.DUPLICATE_NAME, message=message, at=at, hint="rename one", notes=(note,))
            )
            return
        names = ", ".join(_label(layer.data) for layer in found)
        hint = (
            "rename one: overlays tell items apart by name and namespace" if _same_label(found) else "add `namespace:`"
        )
        self.find(rules.AMBIGUOUS, f"{_label(over.data)} matches {len(found)} items: {names}", over.origin, hint)

    def named_item(self, items: list[Layer | None], same: Sequence[int], over: Layer) -> None:
        """Do what one item says; `same` are the places of the items of its name."""
        action = over.data.get(PATCH)
        label = _label(over.data)
        found = [i for i in same if (layer := items[i]) is not None and _meets(layer.data, over.data)]
        if len(found) > 1:
            self.several([layer for i in found if (layer := items[i])], over)
        elif action == "add" and found:
            self.find(rules.ALREADY_THERE, f"{label} is there already", over.origin, "remove `$patch: add` to merge")
        elif action == "add" or (not found and not self.strict):
            items.append(self.fresh(over))
        elif not found:
            names = (str(layer.data.get("name")) for layer in items if layer is not None) if self.budget else ()
            meant = did_you_mean(str(over.data.get("name")), names, self.budget)
            hint = f"{meant}{'' if meant.endswith('?') else ';'} to add it, write `$patch: add` on it".strip("; ")
            self.find(rules.NO_MATCH, f'the base has no item named "{label}"', over.origin.child("name"), hint)
        elif action == "delete":
            items[found[0]] = None
        elif action == "replace":
            items[found[0]] = self.fresh(over)
        else:
            below = items[found[0]]
            assert below is not None
            items[found[0]] = self.mapping(below, over)


def _same_label(found: Sequence[Layer]) -> bool:
    return len({layer.data.get("namespace", "default") for layer in found}) == 1


def is_list_of_names(path: FieldPath) -> bool:
    """Whether the list at a path of a spec holds things that each must have a name."""
    if len(path) == 4 and path[:2] == ("spec", "virtualMachines"):
        return path[-1] in {"qat", "disks", "interfaces"}
    return path in {("spec", key) for key in ("deviceClasses", "nodePools", "virtualMachines")}


def _meets(base: dict[str, Any], over: dict[str, Any]) -> bool:
    if base.get("name") != over.get("name"):
        return False
    return "namespace" not in over or base.get("namespace", "default") == over["namespace"]


def _label(item: dict[str, Any]) -> str:
    name = str(item.get("name"))
    return f"{item['namespace']}/{name}" if "namespace" in item else name


def is_named_list(data: object) -> bool:
    """Whether a value is a list of things that each have a name."""
    return isinstance(data, list) and bool(data) and all(isinstance(i, dict) and "name" in i for i in data)


def merge(base: Layer, over: Layer) -> Layer:
    """Merge `over` over `base`, both kept as they are. Raises Halt with every item that meets nothing."""
    run = _Merge(strict=True)
    merged = run.value(base, over)
    if run.findings:
        raise Halt(run.findings)
    return merged


def merge_defaults(defaults: Layer, item: Layer) -> Layer:
    """Put `defaults` under an item: what the item says stands, named lists are joined by name."""
    return _Merge(strict=False).value(defaults, item)


def merge_plain(base: Any, over: Any) -> Any:
    """The merge of `merge_defaults` on plain data, without places: unknown names are added, nulls remove."""
    if isinstance(base, dict) and isinstance(over, dict):
        out = dict(base)
        for key, value in over.items():
            if value is None:
                out.pop(key, None)
            elif key != PATCH:
                out[key] = merge_plain(out[key], value) if key in out else _fresh(value)
        return out
    if isinstance(base, list) and is_named_list(over) and (is_named_list(base) or not base):
        return _merge_named(base, over)
    return _fresh(over)


def _fresh(value: Any) -> Any:
    """A value with nothing below it, without its nulls, as RFC 7386 has it."""
    if isinstance(value, dict):
        return {key: _fresh(child) for key, child in value.items() if child is not None and key != PATCH}
    return [_fresh(child) for child in value] if isinstance(value, list) else value


def _merge_named(base: Sequence[dict[str, Any]], over: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Items of one name merge; of several that are meant the first does, and none is lost."""
    out = list(base)
    for item in over:
        found = [position for position, known in enumerate(out) if _meets(known, item)]
        if item.get(PATCH) == "delete":
            out = [known for position, known in enumerate(out) if position not in found]
        elif not found:
            out.append(_fresh(item))
        elif item.get(PATCH) == "replace":
            out[found[0]] = _fresh(item)
        else:
            out[found[0]] = merge_plain(out[found[0]], item)
    return out
