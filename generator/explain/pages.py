"""The pages of the rules: why a rule is there, the way out, an example it refuses and one it lets pass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from generator.spec.example import EXAMPLE

RENDER = ("render",)


@dataclass(frozen=True, slots=True)
class Example:
    """Input for a trial: files beside the example spec, text after its end, an overlay's spec, and the command.

    `links` are symbolic links, from where to where.
    """

    overlay: str = ""
    append: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    command: Sequence[str] = RENDER

    def shown(self) -> str:
        """The part of the input that matters, as a person would read it."""
        parts = [text for text in (self.overlay, self.append) if text]
        parts += [f"# {name}\n{text}" for name, text in self.files.items() if text]
        parts += [f"# {name} -> {target}\n" for name, target in self.links.items()]
        if tuple(self.command) != RENDER:
            parts.append(f"$ qatgen {' '.join(self.command)}\n")
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Page:
    """What a rule's page says beside the rule itself; `situation` stands where no file could show it."""

    why: str
    fix: str
    rejected: Example | None
    accepted: Example | None
    situation: str = ""


@lru_cache(maxsize=1)
def load_pages() -> Mapping[str, Page]:
    """Every page, by the code of its rule."""
    pages: dict[str, Page] = {}
    for entry in sorted(files("generator").joinpath("pages").iterdir(), key=lambda entry: entry.name):
        if entry.name != EXAMPLE and entry.name.endswith(".yaml"):
            text = entry.read_text(encoding="utf-8")
            for code, data in yaml.load(text, Loader=yaml.CSafeLoader).items():  # noqa: TID251 - our own data
                pages[code] = _page(data)
    return pages


def _page(data: Mapping[str, Any]) -> Page:
    rejected, accepted = (Example(**data[key]) if key in data else None for key in ("rejected", "accepted"))
    return Page(data["why"], data["fix"], rejected, accepted, data.get("situation", ""))
