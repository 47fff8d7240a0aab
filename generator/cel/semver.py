"""Semantic versions of CEL, parsed as strictly as the server does."""

import re
from dataclasses import dataclass, field
from typing import Any

from generator.cel.failure import EvalError
from generator.cel.text import go_quote
from generator.cel.values import Opaque

_UINT_MAX = 2**64 - 1
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Semver(Opaque):
    """A version; build metadata does not order."""

    numbers: tuple[int, int, int]
    pre: tuple[int | str, ...] = ()
    build: tuple[str, ...] = field(default=(), compare=False)

    @property
    def type_name(self) -> str:
        """`kubernetes.Semver`."""
        return "kubernetes.Semver"


def _number(text: str, name: str, leading: str) -> int:
    if not text.isascii() or (text and not text.isdigit()):
        raise EvalError(f"Invalid character(s) found in {name} number {go_quote(text)}")
    if len(text) > 1 and text[0] == "0":
        raise EvalError(f"{leading} number must not contain leading zeroes {go_quote(text)}")
    return _uint(text)


def _uint(text: str) -> int:
    if not text:
        raise EvalError('strconv.ParseUint: parsing "": invalid syntax')
    if len(text) > 30 or int(text) > _UINT_MAX:
        raise EvalError(f"strconv.ParseUint: parsing {go_quote(text)}: value out of range")
    return int(text)


def _prerelease(text: str) -> int | str:
    if not text:
        raise EvalError("Prerelease is empty")
    if text.isascii() and text.isdigit():
        if len(text) > 1 and text[0] == "0":
            raise EvalError(f"Numeric PreRelease version must not contain leading zeroes {go_quote(text)}")
        return _uint(text)
    if not _ALPHANUMERIC.fullmatch(text):
        raise EvalError(f"Invalid character(s) found in prerelease {go_quote(text)}")
    return text


def parse_semver(text: str, *flags: bool) -> Semver:
    """A version; with the flag set, `v1.2` and `01.2.3` are made regular first. Raises EvalError."""
    if flags and flags[0]:
        text = _normalize(text)
    if not text:
        raise EvalError("Version string empty")
    parts = text.split(".", 2)
    if len(parts) != 3:
        raise EvalError("No Major.Minor.Patch elements found")
    major = _number(parts[0], "major", "Major")
    minor = _number(parts[1], "minor", "Minor")
    rest, plus, build = parts[2].partition("+")
    patch_text, dash, pre = rest.partition("-")
    patch = _number(patch_text, "patch", "Patch")
    prerelease = tuple(_prerelease(p) for p in pre.split(".")) if dash else ()
    builds = tuple(build.split(".")) if plus else ()
    for part in builds:
        if not part:
            raise EvalError("Build meta data is empty")
        if not _ALPHANUMERIC.fullmatch(part):
            raise EvalError(f"Invalid character(s) found in build meta data {go_quote(part)}")
    return Semver((major, minor, patch), prerelease, builds)


def _normalize(text: str) -> str:
    parts = text.removeprefix("v").split(".", 2)
    for index, part in enumerate(parts):
        if len(part) > 1:
            cut = part.lstrip("0")
            parts[index] = cut if cut and cut[0] in "0123456789" else "0" + cut
    if len(parts) < 3:
        if "+" in parts[-1] or "-" in parts[-1]:
            raise EvalError("short version cannot contain PreRelease/Build meta data")
        parts += ["0"] * (3 - len(parts))
    return ".".join(parts)


def _compare_pre(a: int | str, b: int | str) -> int:
    if isinstance(a, int) and isinstance(b, int):
        return (a > b) - (a < b)
    if isinstance(a, str) and isinstance(b, str):
        return (a > b) - (a < b)
    return -1 if isinstance(a, int) else 1


def compare_semver(a: Semver, b: Semver) -> int:
    """-1, 0 or 1, a prerelease before its release."""
    if a.numbers != b.numbers:
        return 1 if a.numbers > b.numbers else -1
    if not a.pre or not b.pre:
        return (not a.pre) - (not b.pre)
    for x, y in zip(a.pre, b.pre, strict=False):
        order = _compare_pre(x, y)
        if order:
            return order
    return (len(a.pre) > len(b.pre)) - (len(a.pre) < len(b.pre))


def _is_semver(text: str, *flags: bool) -> bool:
    try:
        parse_semver(text, *flags)
    except EvalError:
        return False
    return True


FUNCTIONS: dict[str, Any] = {
    "string_to_semver": parse_semver,
    "string_bool_to_semver": parse_semver,
    "is_semver_string": _is_semver,
    "is_semver_string_bool": _is_semver,
    "semver_is_greater_than": lambda a, b: compare_semver(a, b) > 0,
    "semver_is_less_than": lambda a, b: compare_semver(a, b) < 0,
    "semver_compare_to": compare_semver,
    "semver_major": lambda v: v.numbers[0],
    "semver_minor": lambda v: v.numbers[1],
    "semver_patch": lambda v: v.numbers[2],
}
