"""How the API server says what is wrong with a field of a built-in kind, and how its fields are read."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from generator.finding import did_you_mean
from generator.location import FieldPath
from generator.schema import naming, rules
from generator.schema.violation import Violation, invalid, show


def mapping(value: Any) -> dict[str, Any]:
    """A field that holds fields; one that is absent or null holds none."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    """A field that holds a list; one that is absent or null holds an empty one."""
    return value if isinstance(value, list) else []


def objects(value: Any, path: FieldPath) -> Iterator[tuple[FieldPath, dict[str, Any]]]:
    """The entries of a list of objects with their places; a null entry is an empty object, as the decoder has it."""
    for index, item in enumerate(listed(value)):
        yield (*path, index), mapping(item)


def texts(value: Any, path: FieldPath) -> Iterator[tuple[FieldPath, str]]:
    """The entries of a list of texts with their places; a null entry is an empty text, as the decoder has it."""
    for index, item in enumerate(listed(value)):
        yield (*path, index), item or ""


def unsupported(path: FieldPath, value: Any, supported: Sequence[str]) -> Violation:
    """`Unsupported value: VALUE: supported values: ...`."""
    options = ", ".join(show(option) for option in supported)
    hint = did_you_mean(value, supported) if isinstance(value, str) else ""
    return Violation(path, f"Unsupported value: {show(value)}: supported values: {options}", hint, rules.UNSUPPORTED)


def forbidden(path: FieldPath, detail: str, hint: str = "") -> Violation:
    """`Forbidden: DETAIL`."""
    return Violation(path, f"Forbidden: {detail}", hint, rules.INVALID)


def duplicate(path: FieldPath, value: Any) -> Violation:
    """`Duplicate value: VALUE`."""
    return Violation(path, f"Duplicate value: {show(value)}", "", rules.DUPLICATE)


def not_found(path: FieldPath, value: Any, detail: str = "", hint: str = "") -> Violation:
    """`Not found: VALUE`, of a name that something else in the object should have."""
    return Violation(path, f"Not found: {show(value)}{f': {detail}' if detail else ''}", hint, rules.INVALID)


def too_many(path: FieldPath, found: int, most: int) -> Violation:
    """`Too many: FOUND: must have at most MOST items`."""
    return Violation(path, f"Too many: {found}: must have at most {most} items", "", rules.INVALID)


def too_long(path: FieldPath, most: int) -> Violation:
    """`Too long: may not be more than MOST bytes`."""
    return Violation(path, f"Too long: may not be more than {most} bytes", "shorten it", rules.INVALID)


def one_of(data: dict[str, Any], key: str, supported: Sequence[str], path: FieldPath) -> Iterator[Violation]:
    """An enumerated field that has a default, so it may be left out but not be empty."""
    value = data.get(key)
    if value is not None and value not in supported:
        yield unsupported((*path, key), value, supported)


def complaints(path: FieldPath, value: str, found: Iterable[str]) -> Iterator[Violation]:
    """Complaints about a name as violations."""
    for complaint in found:
        yield invalid(path, value, complaint, hint=naming.name_hint(value, complaint))


def not_negative(data: dict[str, Any], key: str, path: FieldPath) -> Iterator[Violation]:
    """A number that may be left out and not be below 0."""
    value = data.get(key)
    if isinstance(value, int) and value < 0:
        yield invalid((*path, key), value, "must be greater than or equal to 0", hint="write 0 or more")


def duplicates(names: Iterable[tuple[FieldPath, Any]]) -> Iterator[Violation]:
    """A violation for each name that appears more than once; empty names are not compared."""
    seen: set[Any] = set()
    for path, name in names:
        if name in seen:
            yield duplicate(path, name)
        if name:
            seen.add(name)


def check_labels(labels: Any, path: FieldPath) -> Iterator[Violation]:
    """A map of labels: keys and values."""
    for key, value in mapping(labels).items():
        yield from complaints(path, key, naming.label_key(key))
        yield from complaints(path, value or "", naming.label_value(value or ""))


def check_selector(selector: Any, path: FieldPath) -> Iterator[Violation]:
    """A label selector: keys, operators and the values they go with."""
    selector = mapping(selector)
    yield from check_labels(selector.get("matchLabels"), (*path, "matchLabels"))
    for at, requirement in objects(selector.get("matchExpressions"), (*path, "matchExpressions")):
        operator, values = requirement.get("operator") or "", listed(requirement.get("values"))
        if operator in ("In", "NotIn"):
            if not values:
                detail = "must be specified when `operator` is 'In' or 'NotIn'"
                yield Violation((*at, "values"), f"Required value: {detail}", "", rules.REQUIRED)
        elif operator in ("Exists", "DoesNotExist"):
            if values:
                yield forbidden((*at, "values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
        else:
            yield invalid((*at, "operator"), operator, "not a valid selector operator")
        name = requirement.get("key") or ""
        yield from complaints((*at, "key"), name, naming.label_key(name))
        for index, value in enumerate(values):
            yield from complaints((*at, "values", index), value or "", naming.label_value(value or ""))


def selects(selector: Any, labels: dict[str, Any]) -> bool:
    """Whether a label selector matches labels; one with an unknown operator is taken to."""
    selector = mapping(selector)
    if any(labels.get(key) != value for key, value in mapping(selector.get("matchLabels")).items()):
        return False
    for _, requirement in objects(selector.get("matchExpressions"), ()):
        key, values = str(requirement.get("key") or ""), listed(requirement.get("values"))
        match requirement.get("operator"):
            case "In" if labels.get(key) not in values:
                return False
            case "NotIn" if key in labels and labels[key] in values:
                return False
            case "Exists" if key not in labels:
                return False
            case "DoesNotExist" if key in labels:
                return False
    return True


def is_selector(selector: Any) -> bool:
    """Whether a label selector can be evaluated: its keys, operators and values have the form of such."""
    return not any(check_selector(selector, ()))
