"""What can go wrong with an expression: refusals at compile time, errors and unknowns at run time."""

import bisect
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Issue:
    """One complaint of the parser or the checker; `offset` counts code points from 0, -1 is nowhere.

    `name` is what was not found, where that is it, and `known` are the names there are instead.
    """

    offset: int
    message: str
    name: str = field(default="", compare=False)
    known: tuple[str, ...] = field(default=(), compare=False)


class CompileError(Exception):
    """An expression the server would refuse; the text is the server's."""

    def __init__(self, source: str, issues: list[Issue], prefix: str = "compilation failed: ") -> None:
        self.issues = tuple(sorted(issues, key=lambda i: i.offset))
        self.source = source
        self.prefix = prefix
        super().__init__(prefix + "\n".join(render(source, issue) for issue in self.issues[:100]))

    @property
    def offset(self) -> int:
        """Where the first complaint points, in code points from the start."""
        return max(0, self.issues[0].offset) if self.issues else 0


class ExcessError(CompileError):
    """An expression that is too large for us to check; the server may take it."""


def render(source: str, issue: Issue) -> str:
    """One complaint with the line it is about and a caret under the place."""
    if issue.offset < 0:
        return f"ERROR: <input>:-1:0: {issue.message}"
    starts = [0] + [i + 1 for i, c in enumerate(source) if c == "\n"]
    line = bisect.bisect_right(starts, issue.offset) - 1
    column = issue.offset - starts[line]
    text = source[starts[line] :].split("\n", 1)[0].replace("\t", " ")
    wide = "".join("．" if ord(c) > 0x7F else "." for c in text[:column])
    caret = "＾" if column < len(text) and ord(text[column]) > 0x7F else "^"
    return f"ERROR: <input>:{line + 1}:{column + 1}: {issue.message}\n | {text}\n | {wide}{caret}"


class EvalError(Exception):
    """An error value of CEL: `||`, `&&` and the quantifiers can absorb it."""

    @property
    def message(self) -> str:
        """The server's text."""
        return str(self.args[0])


OVER_COST = "operation cancelled: actual cost limit exceeded"


class CostError(Exception):
    """The expression went over its cost limit, as on the server; nothing absorbs that."""


class UnknownError(Exception):
    """The expression read what the cluster alone knows; the text says what."""

    @property
    def reason(self) -> str:
        """What was read."""
        return str(self.args[0])
