"""Plain data to one canonical YAML text that readers of YAML 1.1 and 1.2 understand alike."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from generator.location import FieldPath, format_path

MAX_DEPTH = 200
"""Deepest nesting written: far beyond any manifest, and short of Python's own limit."""

_HEAD = ("apiVersion", "kind", "metadata")
_METADATA = ("name", "namespace", "labels", "annotations")

# go-yaml reads a plain key of 1024 characters and more as an error.
_LONGEST_KEY = 1000
_INT64 = 1 << 63

# Words some reader takes for a boolean or a null (YAML 1.1 and go-yaml), in any case.
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_LONGEST_WORD = max(map(len, _WORDS))

# Characters YAML does not allow, or that some reader folds into a line break.
_SPECIAL = "\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff"
# Characters that show as a space, or not at all, and are letters to YAML: in quotes they are seen to be meant.
_ODD_SPACES = "\u00a0\u1680\u2000-\u200d\u202f\u205f\u2060\u3000"
# A plain scalar: it starts as no indicator, sign, dot, "=", "<" or "~" does; where it starts with a digit it holds
# something no number, time or address in base 60 has; it has no ": ", no " #" and ends in neither colon nor space.
_PLAIN = re.compile(
    r"(?![0-9][0-9a-fA-FxXoO_.:+\- tTzZ]*\Z)"
    rf"(?![{_ODD_SPACES}])"
    r"[A-Za-z0-9_/$(;^\\\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
    rf"(?:[^{_SPECIAL}{_ODD_SPACES}:# ]|:(?![ ]|\Z)|(?<! )\#|[ ]+(?![ #]|\Z))*\Z"
)
_ESCAPED = re.compile(rf'[\\"{_SPECIAL}]')
_UNESCAPED = str.maketrans("", "", '\\"')
"""Characters that single quotes leave as they are."""
_SHORT = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
# What a literal block would change, or yamllint would frown at: characters to escape, a first line that starts with
# a blank, blanks at a line's end, more than two empty lines in a row or one at the end.
_NOT_LITERAL = re.compile(
    r"\A[ \t\n]|[ \t](?:\n|\Z)|\n\n\n\n|\n\n\Z|[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]"
)

_PADS = tuple("\n" + "  " * depth for depth in range(MAX_DEPTH + 2))
_WORDS_OF = {None: " null", True: " true", False: " false"}

# Bounded: emptied when full, so that a run over any number of objects stays flat in memory.
_CACHED = 1 << 15
_LONGEST_CACHED = 128
_texts: dict[str, str] = {}
_names: dict[str, str] = {}


class Unrepresentable(ValueError):  # noqa: N818 - named for what the value is
    """A value YAML has no form for that all readers agree on.

    `path` says where in the data it stands, `reason` what it is: "no plain data (set)".
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.path: FieldPath = ()
        super().__init__(reason)

    def __str__(self) -> str:
        return f"{format_path(self.path)} is {self.reason}" if self.path else self.reason


def dump(data: Mapping[str, Any]) -> str:
    """One document as YAML text, ending in one line break; raises Unrepresentable.

    Keys keep the order they have, but for `apiVersion`, `kind`, `metadata` and, inside it, `name`, `namespace`,
    `labels`, `annotations`, which come first.
    """
    if not data:
        return "{}\n"
    ordered = {key: data[key] for key in _HEAD if key in data}
    metadata = ordered.get("metadata")
    if metadata.__class__ is dict:
        ordered["metadata"] = {**{key: metadata[key] for key in _METADATA if key in metadata}, **metadata}
        ordered = {**ordered, **{key: value for key, value in data.items() if key != "metadata"}}
    else:
        ordered = {**ordered, **data}
    out: list[str] = []
    _mapping(out, ordered, 0, "")
    out.append("\n")
    return "".join(out)


def dump_all(documents: Iterable[Mapping[str, Any]]) -> str:
    """Documents as one YAML stream, `---` between them; raises Unrepresentable."""
    return "---\n".join(dump(document) for document in documents)


def _mapping(out: list[str], data: Mapping[str, Any], depth: int, lead: str) -> None:
    """Write a mapping that is not empty; `lead` stands before its first key, a new line before every other."""
    pad = _PADS[depth]
    append = out.append
    texts = _texts
    names = _names
    key: Any = None
    try:
        for key, value in data.items():
            name = names.get(key) or _name(key, data)
            kind = value.__class__
            if kind is str:
                append(f"{lead}{name}{texts.get(value) or _text(value, depth)}")
            elif kind is dict and value:
                append(f"{lead}{name}")
                _mapping(out, value, depth + 1, _PADS[depth + 1])
            elif kind is list and value:
                append(f"{lead}{name}")
                _sequence(out, value, depth + 1, _PADS[depth + 1])
            elif kind is bool or value is None:
                append(f"{lead}{name}{_WORDS_OF[value]}")
            elif kind is int and -_INT64 <= value < _INT64:
                append(f"{lead}{name} {value}")
            else:
                append(f"{lead}{name}")
                _other(out, value, depth, in_sequence=False)
            lead = pad
    except Unrepresentable as refused:
        refused.path = (key if isinstance(key, str) else repr(key), *refused.path)
        raise
    except IndexError:
        raise Unrepresentable(f"nested deeper than {MAX_DEPTH} levels") from None


def _sequence(out: list[str], data: Iterable[Any], depth: int, lead: str) -> None:
    """Write a sequence that is not empty; as `_mapping` does."""
    pad = _PADS[depth]
    append = out.append
    texts = _texts
    index = 0
    try:
        for value in data:
            kind = value.__class__
            if kind is dict and value:
                _mapping(out, value, depth + 1, f"{lead}- ")
            elif kind is str:
                append(f"{lead}-{texts.get(value) or _text(value, depth)}")
            elif kind is list and value:
                _sequence(out, value, depth + 1, f"{lead}- ")
            else:
                append(f"{lead}-")
                _other(out, value, depth, in_sequence=True)
            lead = pad
            index += 1
    except Unrepresentable as refused:
        refused.path = (index, *refused.path)
        raise
    except IndexError:
        raise Unrepresentable(f"nested deeper than {MAX_DEPTH} levels") from None


def _other(out: list[str], value: Any, depth: int, *, in_sequence: bool) -> None:
    """Write whatever is no plain string, nor a mapping or list of the usual type that holds something."""
    if value is None or value is True or value is False:
        out.append(_WORDS_OF[value])
    elif isinstance(value, int):
        out.append(f" {_integer(int(value))}")
    elif isinstance(value, float):
        out.append(f" {_float(float(value))}")
    elif isinstance(value, str):
        plain = str.__str__(value)
        out.append(_texts.get(plain) or _text(plain, depth))
    elif isinstance(value, Mapping):
        lead = " " if in_sequence else _PADS[depth + 1]
        _mapping(out, dict(value), depth + 1, lead) if value else out.append(" {}")
    elif isinstance(value, list | tuple):
        lead = " " if in_sequence else _PADS[depth + 1]
        _sequence(out, value, depth + 1, lead) if value else out.append(" []")
    else:
        raise Unrepresentable(f"no plain data ({type(value).__name__})")


def _integer(value: int) -> str:
    if not -_INT64 <= value < _INT64:
        raise Unrepresentable(f"{value}, beyond 64 bits" if abs(value) < 10**40 else "far beyond 64 bits")
    return int.__repr__(value)


def _float(value: float) -> str:
    """A number's text: whole ones as integers, others with a dot and a signed exponent, as YAML 1.1 asks."""
    if not math.isfinite(value):
        raise Unrepresentable(f"{value}, no number JSON has")
    if value.is_integer() and abs(value) < _INT64:
        return str(int(value))
    mantissa, e, exponent = repr(value).partition("e")
    if not e:
        return mantissa
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent}"


def _name(key: Any, data: Mapping[Any, Any]) -> str:
    """A key's text with its colon."""
    if not isinstance(key, str):
        raise Unrepresentable(f"a key that is no string ({key!r})")
    plain = str.__str__(key)
    # Only a subclass with an equality of its own can stand beside its twin; counting for every key would be quadratic.
    if key.__class__ is not str and sum(isinstance(one, str) and str.__str__(one) == plain for one in data) > 1:
        raise Unrepresentable(f"a key there twice ({plain!r})")
    text = _scalar(plain) + ":"
    if len(text.encode()) > _LONGEST_KEY:
        raise Unrepresentable(f"a key of {len(plain)} characters, which readers refuse")
    if len(_names) >= _CACHED:
        _names.clear()
    _names[plain] = text
    return text


def _text(value: str, depth: int) -> str:
    """A string's text as a value, with the space before it."""
    if "\n" in value and not _NOT_LITERAL.search(value):
        pad = _PADS[depth + 1]
        header = " |" if value[-1] == "\n" else " |-"
        lines = value.removesuffix("\n").split("\n")
        return header + "".join(f"{pad}{line}" if line else "\n" for line in lines)
    text = " " + _scalar(value)
    if len(value) <= _LONGEST_CACHED:
        if len(_texts) >= _CACHED:
            _texts.clear()
        _texts[value] = text
    return text


def _scalar(value: str) -> str:
    """A string on one line: plain where no reader sees anything but a string, in quotes elsewhere.

    The quotes are double ones, except around text that holds double quotes and nothing else that single ones escape.
    """
    if _PLAIN.match(value) and not (len(value) <= _LONGEST_WORD and value.lower() in _WORDS):
        return value
    if '"' in value and "'" not in value and not _ESCAPED.search(value.translate(_UNESCAPED)):
        return f"'{value}'"
    return '"' + _ESCAPED.sub(_escape, value) + '"'


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        raise Unrepresentable(f"text with a lone surrogate, U+{code:04X}")
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
