"""What a report needs besides its findings."""

import posixpath
from collections.abc import Callable
from dataclasses import dataclass

HOME = "https://qatgen.dev/"
"""Where the project's pages are; a fork that has its own changes this line."""

RULES = f"{HOME}rules#"
"""The page of the rules (docs/rules.md); a rule's heading follows, as Markdown renderers make anchors of it."""


@dataclass(frozen=True, slots=True)
class RulePage:
    """What the page of a rule says: why the rule exists, the way out, and the whole page as plain text and Markdown."""

    why: str
    text: str
    markdown: str


def no_page(_code: str) -> RulePage | None:
    """No rule has a page: where reports are made without the pages of the program."""
    return None


def nothing_shipped(_file: str) -> str | None:
    """Every file is the project's."""
    return None


@dataclass(frozen=True, slots=True)
class ReportContext:
    """How to reach sources, and what the report says of its maker.

    `source_text` gives the text of a file as it is reported (relative to `root`, forward slashes; absolute only
    outside it), None where there is none to show. `root` never appears in a report; `colour` is for text alone.
    `shipped` gives the text of a template or policy that is the program's and not the project's: `qatgen explain` opens
    it by the same name.
    `page` gives the page of a rule by its code, None for a rule without one. `folder` is the current folder below the
    top of its git work tree, "" at the top and outside of one: code scanning and annotations count paths from the top.
    """

    source_text: Callable[[str], str | None]
    colour: bool
    tool_version: str
    root: str
    page: Callable[[str], RulePage | None] = no_page
    shipped: Callable[[str], str | None] = nothing_shipped
    folder: str = ""

    def from_top(self, file: str) -> str:
        """A file as it is reported, relative to the top of the work tree; one outside of it as it is."""
        if not self.folder or not file or file.startswith("/"):
            return file
        found = posixpath.normpath(posixpath.join(self.folder, file))
        return file if found.startswith("../") else found
