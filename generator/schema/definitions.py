"""Which kinds a file of CRDs may define, without parsing it: files of CRDs are large, and most are not needed.

The answer may be yes for a kind that the file does not define, never no for one that it does; a file that is written in
an unusual way may define every kind, so that it is parsed.
"""

import re
from dataclasses import dataclass

from generator.source import glance

CRD = "CustomResourceDefinition"

_END = r"\n\r\x85\u2028\u2029"
_COMMENTS = rf"\s*(?:\#[^{_END}]*[{_END}]\s*)*"
_KEY = re.compile(
    rf"""\b(group|kind)\b["']?{_COMMENTS}:\s*(?:["']?([A-Za-z0-9.-]+)|([&*!|>#]))?""",
)
"""A key with its value, or with the sign of a value that is written elsewhere or in another way."""

_ANCHOR = re.compile(r"&([A-Za-z0-9_-]+)")
_KEY_BY_ALIAS = re.compile(rf"\*([A-Za-z0-9_-]+){_COMMENTS}:")
_WORD = re.compile(r"[A-Za-z0-9.-]*")


@dataclass(frozen=True, slots=True)
class Definitions:
    """The values that a text has of the keys `group` and `kind`; `unsure` where it may have any others."""

    groups: frozenset[str]
    kinds: frozenset[str]
    unsure: bool = False

    def may_define(self, group: str, kind: str) -> bool:
        """Whether the text may hold the CRD of a kind."""
        if self.unsure or not (_WORD.fullmatch(group) and _WORD.fullmatch(kind)):
            return True
        return group in self.groups and kind in self.kinds

    def may_define_in(self, group: str) -> bool:
        """Whether the text may hold the CRD of any kind of a group."""
        return self.unsure or not _WORD.fullmatch(group) or group in self.groups


def definitions(text: str) -> Definitions | None:
    """What a file may define; None where it cannot hold a CRD."""
    seen = glance(text)
    if not seen.may_hold(CRD):
        return None
    values: dict[str, set[str]] = {"group": set(), "kind": set()}
    unsure = seen.is_spelt or not set(_ANCHOR.findall(seen.text)).isdisjoint(_KEY_BY_ALIAS.findall(seen.text))
    for key, value, sign in _KEY.findall(seen.text):
        values[key].add(value)
        unsure = unsure or bool(sign)
    return Definitions(frozenset(values["group"]), frozenset(values["kind"]), unsure)
