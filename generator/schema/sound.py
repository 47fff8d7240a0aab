"""Whether a schema has the form of one: every keyword of the type it must have, at every depth.

Schemas come from files that nobody has checked. One that is not sound is treated as missing, so what compiles and
explains schemas can rely on their form.
"""

from collections.abc import Mapping
from typing import Any

_NUMBER: tuple[type, ...] = (int, float)
_TYPES: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("type", "format", "pattern", "description", "title"), (str,)),
    **dict.fromkeys(("x-kubernetes-list-type", "x-kubernetes-map-type"), (str,)),
    **dict.fromkeys(("minimum", "maximum", "multipleOf"), _NUMBER),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), (bool,)),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), (int,)),
    **dict.fromkeys(("nullable", "uniqueItems"), (bool,)),
    **dict.fromkeys(("x-kubernetes-int-or-string", "x-kubernetes-embedded-resource"), (bool,)),
    "x-kubernetes-preserve-unknown-fields": (bool,),
    "enum": (list,),
}
_OF_TEXTS = ("required", "x-optional", "x-kubernetes-list-map-keys")
_OF_SCHEMAS = ("allOf", "anyOf", "oneOf")
_RULE = ("rule", "message", "messageExpression", "reason", "fieldPath")


def is_sound(schema: Any) -> bool:
    """Whether a value is a schema whose keywords all have their types; null only of one that has no parts."""
    if not isinstance(schema, dict):
        return False
    return all((value is None and key in _TYPES) or _keyword(str(key), value) for key, value in schema.items())


def _keyword(key: str, value: Any) -> bool:
    if key in _TYPES:
        wanted = _TYPES[key]
        return isinstance(value, wanted) and (isinstance(value, bool) == (bool in wanted))
    if key in _OF_TEXTS:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if key in _OF_SCHEMAS:
        return isinstance(value, list) and all(is_sound(one) for one in value)
    if key in ("items", "not"):
        return is_sound(value)
    if key == "additionalProperties":
        return isinstance(value, bool) or is_sound(value)
    if key == "properties":
        return isinstance(value, dict) and all(is_sound(one) for one in value.values())
    return _rules(value) if key == "x-kubernetes-validations" else True


def _rules(rules: Any) -> bool:
    if not isinstance(rules, list) or not all(isinstance(one, dict) for one in rules):
        return False
    texts = all(isinstance(one.get(key, ""), str | None) for one in rules for key in _RULE)
    return texts and all(isinstance(one.get("optionalOldSelf"), bool | None) for one in rules)
