"""The same data written as YAML in many ways: every form of scalar and key, block and flow, anchors, tags, comments."""

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9./-]*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


FORMS = ("json", "flow", "explicit", "literal", "below", "broken", "single", "escaped", "tag", "anchor")
"""The unusual forms there are."""


@dataclass(slots=True)
class Writer:
    """Writes documents; `choose` decides where one of the unusual `forms` is taken, as often as `odd` says."""

    choose: random.Random
    forms: Sequence[str] = FORMS
    odd: float = 0.3
    anchors: dict[str, str] = field(default_factory=dict)

    def document(self, data: Any) -> str:
        """A document of mappings, lists, texts and truth values."""
        self.anchors.clear()
        if self._takes("json"):
            return json.dumps(data, indent=self.choose.choice([None, 2])) + "\n"
        if self._takes("flow"):
            return self._flow(data) + "\n"
        return self._block(data, 0).removeprefix("\n") + "\n"

    def _block(self, value: Any, indent: int) -> str:
        """A value after `key:` or `-`, with what separates it from that; nested values are indented by `indent`."""
        if isinstance(value, bool) or value == "":
            return f" {json.dumps(value)}"
        if isinstance(value, str):
            return self._text(value, indent)
        if not value or self._takes("flow"):
            return f" {self._flow(value)}"
        pad = " " * indent
        if isinstance(value, list):
            return "".join(f"\n{pad}-{self._block(item, indent + 2)}" for item in value)
        return "".join(f"\n{pad}{self._entry(key, item, indent)}" for key, item in value.items())

    def _entry(self, key: str, value: Any, indent: int) -> str:
        if self._takes("explicit"):
            comment = self.choose.choice(["", " # kind: of a key"])
            return f"? {self._scalar(key, plain=True)}{comment}\n{' ' * indent}:{self._block(value, indent + 2)}"
        written = self._scalar(key, plain=True)
        colon = " :" if written.startswith("*") else ":"
        return f"{written}{colon}{self._block(value, indent + 2)}"

    def _text(self, text: str, indent: int) -> str:
        pad = " " * (indent + 2)
        if self._takes("literal"):
            return f" {self.choose.choice('|>')}-\n{pad}{text}"
        if self._takes("below"):
            return f"{self.choose.choice([' # a comment', ''])}\n{pad}{self._scalar(text)}"
        if self._takes("broken"):
            cut = self.choose.choice([at for at, letter in enumerate(text) if letter != " "])
            return f' "{text[:cut]}\\\n{pad}{text[cut:]}"'
        return f" {self._scalar(text)}"

    def _scalar(self, text: str, *, plain: bool = False) -> str:
        if self._takes("single"):
            return _single(text)
        if self._takes("escaped"):
            return '"' + "".join(self._escaped(letter) for letter in text) + '"'
        if self._takes("tag"):
            return f"!!str {_single(text)}" if not self._is_plain(text) else f"!!str {text}"
        if self._takes("anchor"):
            if text in self.anchors:
                return f"*{self.anchors[text]}"
            self.anchors[text] = f"a{len(self.anchors)}"
            return f"&{self.anchors[text]} {_single(text)}"
        return text if plain or self._is_plain(text) else json.dumps(text)

    def _takes(self, form: str) -> bool:
        return form in self.forms and self.choose.random() < self.odd

    def _escaped(self, letter: str) -> str:
        forms = [letter, letter, f"\\x{ord(letter):02x}", f"\\u{ord(letter):04X}", f"\\U{ord(letter):08x}"]
        return self.choose.choice(forms)

    def _flow(self, value: Any) -> str:
        if isinstance(value, bool) or value == "":
            return json.dumps(value)
        if isinstance(value, str):
            return self._scalar(value)
        if isinstance(value, list):
            return f"[{', '.join(map(self._flow, value))}]"
        entries = ((self._scalar(key, plain=True), item) for key, item in value.items())
        return (
            "{" + ", ".join(f"{key}{' :' if key[0] == '*' else ':'} {self._flow(item)}" for key, item in entries) + "}"
        )

    @staticmethod
    def _is_plain(text: str) -> bool:
        return _PLAIN.fullmatch(text) is not None and text.lower() not in _WORDS


def _single(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
