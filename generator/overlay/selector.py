"""Selectors: anchored regular expressions over ids, and label selectors."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import re2

from generator.digits import whole
from generator.overlay import rules
from generator.overlay.refusal import RefusalError
from generator.overlay.resource import Gvk, Resource

_TOKEN = re.compile(r"\s*(?:(==|!=|[=!<>(),])|([^\s=!<>(),]+))")
Test = Callable[[Mapping[str, str]], bool]


@cache
def compiled(pattern: str) -> Any:
    """A pattern as RE2, the syntax kustomize takes. Raises RefusalError for a bad one."""
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else "bad pattern"
        reason = reason.decode() if isinstance(reason, bytes) else str(reason)
        what = f"`{pattern}` is not a regular expression: {reason}"
        raise RefusalError(rules.SELECTOR, what, "write it in RE2 syntax") from None


_PLAIN = re.compile(r"[A-Za-z0-9_/ -]*\Z")


@cache
def _anchored(pattern: str) -> Callable[[str], bool]:
    if not pattern:
        return lambda _: True
    if _PLAIN.match(pattern):
        return pattern.__eq__
    found = compiled(f"^(?:{pattern})$")
    return lambda text: found.search(text) is not None


@dataclass(frozen=True, slots=True)
class Selector:
    """Which objects a patch or replacement means; an empty part means any."""

    group: str = ""
    version: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    labels: str = ""
    annotations: str = ""

    def selects_kind(self, gvk: Gvk) -> bool:
        """Whether group, version and kind match. Raises RefusalError for a bad pattern."""
        return (
            _anchored(self.group)(gvk.group) and _anchored(self.version)(gvk.version) and _anchored(self.kind)(gvk.kind)
        )

    @property
    def one_name(self) -> str | None:
        """The only name it means; None where it may mean several."""
        return self.name if self.name and _PLAIN.match(self.name) else None

    def check(self) -> None:
        """Raise RefusalError for a part that is malformed."""
        for part in (self.group, self.version, self.kind, self.name, self.namespace):
            _anchored(part)
        label_test(self.labels)
        label_test(self.annotations)

    def selects(self, resource: Resource) -> bool:
        """Whether an object is meant, by its present or its first name."""
        if not self.selects_kind(resource.gvk):
            return False
        return self._selects_id(resource) and self.selects_strings(resource)

    def _selects_id(self, resource: Resource) -> bool:
        if not self.name and not self.namespace:
            return True
        first = resource.original_id
        if self.namespace:
            test = _anchored(self.namespace)
            if not test(first.namespace) and not test(resource.effective_namespace):
                return False
        if self.name:
            test = _anchored(self.name)
            return test(first.name) or test(resource.name)
        return True

    def selects_strings(self, resource: Resource) -> bool:
        """Whether labels and annotations match."""
        if self.labels and not label_test(self.labels)(resource.strings("labels")):
            return False
        return not self.annotations or label_test(self.annotations)(resource.strings("annotations"))

    def selects_written(self, gvk: Gvk, name: str, namespace: str) -> bool:
        """Whether an id matches as it is written, an absent namespace being the empty one."""
        return self.selects_kind(gvk) and _anchored(self.name)(name) and _anchored(self.namespace)(namespace)

    @property
    def names_nothing(self) -> bool:
        """Whether no part of an id is given."""
        return not (self.group or self.version or self.kind or self.name or self.namespace)

    def __str__(self) -> str:
        parts = (
            ("group", self.group),
            ("version", self.version),
            ("kind", self.kind),
            ("namespace", self.namespace),
            ("name", self.name),
            ("labelSelector", self.labels),
            ("annotationSelector", self.annotations),
        )
        return ", ".join(f"{key}: {value}" for key, value in parts if value) or "everything"


@cache
def label_test(text: str) -> Test:
    """A label selector (`a=b, c in (d, e), !f`) as a test. Raises RefusalError for bad syntax."""
    tokens = _tokens(text)
    tests: list[Test] = []
    place = 0
    while place < len(tokens):
        if tests or place:
            if tokens[place] != ",":
                raise _bad(text, f'expected "," before "{tokens[place]}"')
            place += 1
        test, place = _requirement(tokens, place, text)
        tests.append(test)
    return lambda labels: all(test(labels) for test in tests)


def _tokens(text: str) -> list[str]:
    out: list[str] = []
    place = 0
    stripped = text.rstrip()
    while place < len(stripped):
        found = _TOKEN.match(stripped, place)
        if found is None:
            raise _bad(text, f'cannot read "{stripped[place:]}"')
        out.append(found[1] or found[2])
        place = found.end()
    return out


def _requirement(tokens: list[str], place: int, text: str) -> tuple[Test, int]:
    def at(index: int) -> str:
        return tokens[index] if index < len(tokens) else ""

    if at(place) == "!":
        key = _word(at(place + 1), text)
        return (lambda labels: key not in labels), place + 2
    key = _word(at(place), text)
    sign = at(place + 1)
    if sign in {"", ","}:
        return (lambda labels: key in labels), place + 1
    if sign in {"=", "==", "!="}:
        value = at(place + 2)
        value, end = ("", place + 2) if value in {"", ","} else (_word(value, text), place + 3)
        if sign == "!=":
            return (lambda labels: labels.get(key) != value), end
        return (lambda labels: labels.get(key) == value), end
    if sign in {"in", "notin"}:
        values, end = _values(tokens, place + 2, text)
        if sign == "in":
            return (lambda labels: labels.get(key) in values), end
        return (lambda labels: labels.get(key) not in values), end
    if sign in {">", "<"}:
        return _comparison(key, sign, at(place + 2), text), place + 3
    raise _bad(text, f'unknown operator "{sign}"')


def _comparison(key: str, sign: str, bound: str, text: str) -> Test:
    if not re.fullmatch(r"[-+]?[0-9]+", bound):
        raise _bad(text, f'"{bound}" is not a whole number')

    def compare(labels: Mapping[str, str]) -> bool:
        value = labels.get(key, "")
        if not re.fullmatch(r"[-+]?[0-9]+", value):
            return False
        return whole(value) > whole(bound) if sign == ">" else whole(value) < whole(bound)

    return compare


def _values(tokens: list[str], place: int, text: str) -> tuple[frozenset[str], int]:
    if place >= len(tokens) or tokens[place] != "(":
        raise _bad(text, 'expected "(" after in or notin')
    values: set[str] = set()
    place += 1
    empty = True
    while place < len(tokens) and tokens[place] != ")":
        if tokens[place] == ",":
            if empty:
                values.add("")
            empty = True
        else:
            values.add(_word(tokens[place], text))
            empty = False
        place += 1
    if place >= len(tokens):
        raise _bad(text, 'expected ")"')
    if empty:
        values.add("")
    return frozenset(values), place + 1


def _word(token: str, text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?", token):
        raise _bad(text, f'"{token}" is not a label' if token else "a label is missing")
    return token


def _bad(text: str, why: str) -> RefusalError:
    return RefusalError(rules.SELECTOR, f'"{text}" is not a label selector: {why}', "write it as `key=value,key2`")
