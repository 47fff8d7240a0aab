"""What the server finds wrong with a policy or binding when it is written, in the server's words."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from generator.cel.text import go_quote
from generator.location import FieldPath


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal: the field, the server's text about it, and where inside an expression it points.

    `offset` counts code points from the start of the scalar; None means the field as a whole. `excess`: it is too much
    for us to check, and the server may take it.
    """

    path: FieldPath
    detail: str
    offset: int | None = None
    excess: bool = False

    def __str__(self) -> str:
        return f"{field_path(self.path)}: {self.detail}"


def field_path(path: FieldPath) -> str:
    """A path as the server writes it: `spec.validations[0].expression`."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else (f".{part}" if out else part)
    return out


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return go_quote(value)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def invalid(path: FieldPath, value: Any, detail: str, offset: int | None = None) -> Problem:
    """A value the field cannot have."""
    return Problem(path, f"Invalid value: {_shown(value)}: {detail}", offset)


def required(path: FieldPath, detail: str = "") -> Problem:
    """A field that must be there."""
    return Problem(path, f"Required value: {detail}" if detail else "Required value")


def unsupported(path: FieldPath, value: Any, supported: Iterable[str]) -> Problem:
    """A value outside an enumeration."""
    listed = ", ".join(go_quote(s) for s in sorted(supported))
    return Problem(path, f"Unsupported value: {_shown(value)}: supported values: {listed}")


def duplicate(path: FieldPath, value: Any) -> Problem:
    """A value that is already in the list."""
    return Problem(path, f"Duplicate value: {_shown(value)}")


def forbidden(path: FieldPath, detail: str) -> Problem:
    """A field that must not be there."""
    return Problem(path, f"Forbidden: {detail}")


MAX_VARIABLES = 1_000
"""Each variable is checked in an environment that holds all before it: twice as many take four times as long."""


def too_many_variables(count: int) -> Problem:
    """More variables than are checked in a few seconds."""
    detail = f"{count:,} variables take too long to check, the bound is {MAX_VARIABLES:,}"
    return Problem(("spec", "variables"), detail, excess=True)


def internal(path: FieldPath, detail: str, offset: int | None = None) -> Problem:
    """What the server reports as its own error (a constant that cannot be converted, say)."""
    return Problem(path, f"Internal error: {detail}", offset)


def refusal(kind: str, name: str, problems: Iterable[Problem]) -> str:
    """The server's message for an object with these problems."""
    lines = list(dict.fromkeys(str(p) for p in problems))
    text = lines[0] if len(lines) == 1 else f"[{', '.join(lines)}]"
    return f"{kind}.admissionregistration.k8s.io {go_quote(name)} is invalid: {text}"
