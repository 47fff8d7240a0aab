"""Say everything that is wrong with a value under a schema, as the API server's validator does."""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import re2

from generator.finding import Severity, did_you_mean
from generator.kube.reading import is_quantity
from generator.location import FieldPath
from generator.schema import naming, rules
from generator.schema.formats import builtin_form, format_check
from generator.schema.objectmeta import check_metadata
from generator.schema.prepare import Schema, child_schema
from generator.schema.violation import Violation, invalid, required, show, type_name

_INT_OR_STRING = ({"type": "integer"}, {"type": "string"})
_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_NUMBER_FORMATS = {"integer": ("int32", "int64"), "number": ("float", "double")}
_FORM_WORDS = {"base64": "must be base64", "time": "must be an RFC 3339 time"}
_FLOAT32_MAX = 3.4028234663852886e38


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> Any:
    """A pattern compiled with the API server's syntax, or None where it is no regular expression."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 64 << 20  # Go sets no such bound
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None


def wanted_types(schema: Schema) -> tuple[str, ...]:
    """The JSON types a schema allows; none means any."""
    if schema.get("x-kubernetes-int-or-string"):
        return ("integer", "string")
    found = schema.get("type")
    return (found,) if isinstance(found, str) and found else ()


def effective_format(schema: Schema, minor: int) -> str:
    """The format as the server minds it, empty where it ignores it."""
    name, types = schema.get("format") or "", wanted_types(schema)
    kind = types[0] if len(types) == 1 else "string"
    if kind == "string":
        return name if name and format_check(name, minor) else ""
    return name if name in _NUMBER_FORMATS.get(kind, ()) else ""


def explain(value: Any, schema: Schema, path: FieldPath, minor: int) -> Iterator[Violation]:
    """Every violation of the value validations of a schema; unknown fields are no business of it."""
    yield from _type(value, schema, path, minor)
    if value is None:
        yield from _enum(value, schema, path)
        return
    yield from _combinations(value, schema, path, minor)
    if isinstance(value, str):
        yield from _text(value, schema, path, minor)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number(value, schema, path, minor)
    elif isinstance(value, list):
        yield from _list(value, schema, path, minor)
    yield from _enum(value, schema, path)
    if isinstance(value, dict):
        yield from _object(value, schema, path, minor)


def _type(value: Any, schema: Schema, path: FieldPath, minor: int) -> Iterator[Violation]:
    if schema.get("x-quantity"):  # ours: built-in fields that hold quantities
        if not is_quantity(value):
            yield invalid(
                path, value, "quantities must be a number with an optional suffix like Mi or m", rules.QUANTITY
            )
        return
    types = wanted_types(schema)
    if value is None:
        if types and not schema.get("nullable"):
            yield _mistyped(path, value, ",".join(types), "null")
        return
    form = effective_format(schema, minor)
    found = type_name(value)
    whole = _whole(value) and "integer" in types
    fits = found in types or whole or (found == "integer" and "number" in types)
    if form and not isinstance(value, str | list) and not fits:
        yield _mistyped(path, value, form, {"integer": "int64", "number": "float64"}.get(found, ""))
    elif form and isinstance(value, str | list) and not {"number", "integer"}.intersection(types):
        return  # the server looks no further where a string has a format
    elif types and not fits:
        yield _mistyped(path, value, ",".join(types), found)


def _mistyped(path: FieldPath, value: Any, wanted: str, found: str) -> Violation:
    return invalid(path, value, f'must be of type {wanted}: "{found}"', rules.WRONG_TYPE, _type_hint(value, wanted))


def _type_hint(value: Any, wanted: str) -> str:
    if wanted == "string" and isinstance(value, bool | int | float):
        return "quote it"
    if wanted in {"integer", "number", "boolean"} and isinstance(value, str):
        try:
            unquoted = json.loads(value)
        except ValueError:
            return ""
        return "remove the quotes" if type_name(unquoted) == wanted else ""
    if wanted == "array" and value is not None and not isinstance(value, list):
        return "write it as a list: start the line with `- `"
    return ""


def _text(value: str, schema: Schema, path: FieldPath, minor: int) -> Iterator[Violation]:
    size = len(value)
    longest, shortest, pattern = (schema.get(key) for key in ("maxLength", "minLength", "pattern"))
    if longest is not None and size > longest:
        text = f"Too long: may not be more than {longest} byte{'' if longest == 1 else 's'}"
        yield Violation(path, text, f"shorten it: it has {size} characters", rules.INVALID)
    elif shortest is not None and size < shortest:
        yield invalid(path, value, f"should be at least {shortest} chars long")
    elif pattern:
        compiled = compile_pattern(pattern)
        if compiled is None:
            yield invalid(path, value, f"should match '{pattern}', but pattern is invalid")
        elif not compiled.search(value):
            yield invalid(path, value, f"should match '{pattern}'")
    form = effective_format(schema, minor)
    check = format_check(form, minor) if form else None
    if not builtin_form(schema)(value):
        yield invalid(path, value, _FORM_WORDS[schema["x-form"]])
    if check and not check(value):
        yield invalid(path, value, f"must be of type {form}: {show(value)}")


def _number(value: float, schema: Schema, path: FieldPath, minor: int) -> Iterator[Violation]:
    types, form = wanted_types(schema), effective_format(schema, minor)
    if types == ("integer",):
        low, high = _RANGES.get(form, _RANGES["int64"])
        if not (low <= value <= high and float(value).is_integer()):
            suffix = f"with format {form}" if form else "(default format)"
            yield invalid(path, value, f"must be of type integer {suffix}")
    elif types == ("number",) and form == "float" and abs(value) > _FLOAT32_MAX:
        yield invalid(path, value, "must be of type number with format float")
    factor, high_bound, low_bound = (schema.get(key) for key in ("multipleOf", "maximum", "minimum"))
    if factor is not None and not _is_multiple(value, factor):
        yield invalid(path, value, f"should be a multiple of {show(factor)}")
    if isinstance(value, int) and types != ("integer",):  # whole numbers meet whole bounds
        high_bound, low_bound = (bound if bound is None else int(bound) for bound in (high_bound, low_bound))
    if low_bound is not None:
        strict = schema.get("exclusiveMinimum")
        if value < low_bound or (strict and value == low_bound):
            word = "greater than" if strict else "greater than or equal to"
            yield invalid(path, value, f"should be {word} {_plain(low_bound)}")
    if high_bound is not None:
        strict = schema.get("exclusiveMaximum")
        if value > high_bound or (strict and value == high_bound):
            word = "less than" if strict else "less than or equal to"
            yield invalid(path, value, f"should be {word} {_plain(high_bound)}")


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() and abs(number) < 1e21 else repr(number)


def _is_multiple(value: float, factor: float) -> bool:
    if factor <= 0:
        return False
    if isinstance(value, int) and float(factor).is_integer():
        return value % int(factor) == 0
    quotient = value / factor if factor >= 1 else 1 / factor * value
    if abs(quotient) > 2**53:
        return False
    return math.isclose(quotient, round(quotient), rel_tol=1e-9, abs_tol=1e-9)


def _list(value: list[Any], schema: Schema, path: FieldPath, minor: int) -> Iterator[Violation]:
    items = schema.get("items")
    if isinstance(items, dict):
        for index, item in enumerate(value):
            yield from explain(item, items, (*path, index), minor)
    fewest, most = schema.get("minItems"), schema.get("maxItems")
    if fewest is not None and len(value) < fewest:
        yield invalid(path, len(value), f"should have at least {fewest} items")
    if most is not None and len(value) > most:
        yield Violation(path, _too_many(len(value), most))
    if schema.get("uniqueItems") and len({show(item) for item in value}) < len(value):
        yield invalid(path, "", "shouldn't contain duplicates", rules.DUPLICATE)


def _too_many(found: int, most: int) -> str:
    return f"Too many: {found}: must have at most {most} item{'' if most == 1 else 's'}"


def _same(value: Any, option: Any) -> bool:
    """Equality as JSON has it: true is not 1, but 1 is 1.0."""
    if isinstance(value, bool) or isinstance(option, bool) or type_name(value) != type_name(option):
        numbers = isinstance(value, int | float) and isinstance(option, int | float)
        booleans = isinstance(value, bool), isinstance(option, bool)
        return bool(value == option) if (numbers and booleans[0] == booleans[1]) else False
    return bool(value == option)


def _enum(value: Any, schema: Schema, path: FieldPath) -> Iterator[Violation]:
    options = schema.get("enum")
    if not options or (value is not None and any(_same(value, option) for option in options)):
        return
    texts = [option if isinstance(option, str) else show(option) for option in options]
    supported = ", ".join(show(text) for text in texts)
    hint = did_you_mean(value, texts) if isinstance(value, str) else ""
    yield Violation(path, f"Unsupported value: {show(value)}: supported values: {supported}", hint, rules.UNSUPPORTED)


def _object(value: dict[str, Any], schema: Schema, path: FieldPath, minor: int) -> Iterator[Violation]:
    fewest, most = schema.get("minProperties"), schema.get("maxProperties")
    if fewest is not None and len(value) < fewest:
        yield invalid(path, len(value), f"should have at least {fewest} properties")
    if most is not None and len(value) > most:
        yield Violation(path, _too_many(len(value), most))
    for key, item in value.items():
        child = child_schema(schema, key)
        if child is not None:
            yield from explain(item, child, (*path, key), minor)
    optional = schema.get("x-optional") or ()  # ours: required by the document, not by the server
    for key in schema.get("required") or ():
        if key not in value and key not in optional:
            yield required((*path, key))


def is_int_or_string(schema: Schema) -> bool:
    """Whether anyOf only repeats that a value is an integer or a string."""
    return tuple(schema.get("anyOf") or ()) == _INT_OR_STRING


def _combinations(value: Any, schema: Schema, path: FieldPath, minor: int) -> Iterator[Violation]:
    if (options := schema.get("anyOf")) and not is_int_or_string(schema):
        failures = [list(explain(value, option, path, minor)) for option in options]
        if all(failures):
            yield invalid(path, value, "must validate at least one schema (anyOf)", rules.COMBINATION)
            yield from min(failures, key=len)
    elif options and type_name(value) not in {"integer", "string"} and not _whole(value):
        yield invalid(path, value, "must validate at least one schema (anyOf)", rules.COMBINATION)
    if options := schema.get("oneOf"):
        failures = [list(explain(value, option, path, minor)) for option in options]
        passed = failures.count([])
        if passed != 1:
            detail = f"Found {passed} valid alternatives" if passed else "Found none valid"
            text = f"must validate one and only one schema (oneOf). {detail}"
            yield invalid(path, value, text, rules.COMBINATION)
            if not passed:
                yield from min(failures, key=len)
    if options := schema.get("allOf"):
        failures = [list(explain(value, option, path, minor)) for option in options]
        if any(failures):
            none = "" if not all(failures) else ". None validated"
            yield invalid(path, value, f"must validate all the schemas (allOf){none}", rules.COMBINATION)
            for failed in failures:
                yield from failed
    if (unwanted := schema.get("not")) is not None and not any(True for _ in explain(value, unwanted, path, minor)):
        yield invalid(path, value, "must not validate the schema (not)", rules.COMBINATION)


def _whole(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer() and abs(value) < 2**53


def check_lists(value: Any, schema: Schema | None, path: FieldPath) -> Iterator[Violation]:
    """Entries that stand more than once in lists that are sets or maps."""
    if schema is None:
        return
    if isinstance(value, dict):
        for key, item in value.items():
            yield from check_lists(item, child_schema(schema, key), (*path, key))
    elif isinstance(value, list):
        kind = schema.get("x-kubernetes-list-type")
        found: Iterable[Violation] = ()
        if kind == "set":
            found = _duplicates(value, value, path)
        elif kind == "map":
            found = _map_entries(value, schema.get("x-kubernetes-list-map-keys") or [], path)
        if schema.get("x-tolerated"):
            found = [replace(violation, severity=Severity.WARNING) for violation in found]
        yield from found
        items = schema.get("items")
        for index, item in enumerate(value):
            yield from check_lists(item, items if isinstance(items, dict) else None, (*path, index))


def _map_entries(value: list[Any], keys: list[str], path: FieldPath) -> Iterator[Violation]:
    for index, item in enumerate(value):
        if item is not None and not isinstance(item, dict):
            yield invalid((*path, index), item, "must be an object for an array of list-type map", rules.DUPLICATE)
            return
    entries = [{key: item[key] for key in keys if key in item} if item else {} for item in value]
    yield from _duplicates(entries, entries, path)


def _duplicates(identities: list[Any], shown: list[Any], path: FieldPath) -> Iterator[Violation]:
    first: dict[str, int] = {}
    told = set()
    for index, identity in enumerate(identities):
        key = json.dumps(identity, sort_keys=True)
        if key not in first:
            first[key] = index
        elif key not in told:
            told.add(key)
            hint = f"remove one of the two, or rename it: entry {first[key]} is the same"
            yield Violation((*path, index), f"Duplicate value: {show(shown[index])}", hint, rules.DUPLICATE)


def check_embedded(value: Any, schema: Schema | None, path: FieldPath) -> Iterator[Violation]:
    """Embedded resources that lack an apiVersion or a kind, and metadata inside an object that is not sound."""
    if schema is None:
        return
    if isinstance(value, dict):
        if schema.get("x-object-meta"):
            yield from check_metadata(value, path, naming.path_segment, embedded=True)
            return
        if schema.get("x-kubernetes-embedded-resource"):
            yield from _embedded(value, path)
        for key, item in value.items():
            yield from check_embedded(item, child_schema(schema, key), (*path, key))
    elif isinstance(value, list):
        items = schema.get("items")
        for index, item in enumerate(value):
            yield from check_embedded(item, items if isinstance(items, dict) else None, (*path, index))


def _embedded(value: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    for key in ("apiVersion", "kind"):
        at, text = (*path, key), value.get(key)
        if key not in value:
            yield required(at, rule=rules.EMBEDDED)
        elif not isinstance(text, str):
            yield invalid(at, text, "must be a string", rules.EMBEDDED)
        elif not text:
            yield invalid(at, text, "must not be empty", rules.EMBEDDED)
        elif key == "apiVersion" and text.count("/") > 1:
            yield invalid(at, text, f"unexpected GroupVersion string: {text}", rules.EMBEDDED)
        elif key == "kind" and (complaints := naming.dns1035_label(text.lower())):
            detail = f"may have mixed case, but should otherwise match: {','.join(complaints)}"
            yield invalid(at, text, detail, rules.EMBEDDED)
    if value.get("metadata") is not None:
        yield from check_metadata(value["metadata"], (*path, "metadata"), naming.path_segment, embedded=True)
